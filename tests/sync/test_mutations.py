"""Six faults put into the engine or a device, each of which the guarantees must catch."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zlib import crc32

import pytest
from sqlalchemy import Connection, Engine, select

from sync import Change, Desk, Journal, Request, Result, Scope
from sync.ids import new_id
from sync.ledger import ledger
from sync.merge import Taken
from sync.standing import Standing
from tests.sync import film
from tests.sync.device import Device
from tests.sync.film import Answer
from tests.sync.world import Broken, World, live

HISTORIES = 200
STEPS = 140


class ForgetfulDesk(Desk):
    """Does not remember what it answered."""

    def _known(self, ids: list[str]) -> dict[str, Result]:
        return {}

    def _say(self, scope: Scope, device: str, change: Change, result: Result) -> None:
        super()._say(scope, device, change, result)
        if super()._known([change.id]):
            self._said[-1]["id"] += f"#{new_id()}"


class LastWinsDesk(Desk):
    """Lets the last to arrive win."""

    def _unseen(self, scope: Scope, change: Change, stand: Standing) -> str:
        return ""


class Forgetful(Journal):
    def _desk(self, connection: Connection) -> Desk:
        return as_desk(ForgetfulDesk, super()._desk(connection))


class LastWins(Journal):
    def _desk(self, connection: Connection) -> Desk:
        return as_desk(LastWinsDesk, super()._desk(connection))


class Silent(Journal):
    """Does not say that something is gone."""

    def _rows(
        self, connection: Connection, scope: Scope, cursor: int, longest: int
    ) -> list[Any] | None:
        rows = super()._rows(connection, scope, cursor, longest)
        return rows and [row for row in rows if not row.gone and scope.sees(row.kind, of(row))]


class Ageless(Journal):
    """Does not begin a new epoch when a person's rights change."""

    def _answer(
        self, connection: Connection, person: str, request: Request, taken: list[Taken]
    ) -> str:
        now = self.scope_of(connection, person)
        known = request.epoch if request.epoch > 0 else now.epoch if now else 0
        same = replace(request, epoch=now.epoch) if now and request.cursor else request
        answer: Answer = json.loads(super()._answer(connection, person, same, taken))
        return json.dumps(answer | {"epoch": known})


@dataclass
class Hasty(Journal):
    """Gives out a number before what it numbers can be read."""

    hidden: set[str] = field(default_factory=set)

    def _rows(
        self, connection: Connection, scope: Scope, cursor: int, longest: int
    ) -> list[Any] | None:
        rows = super()._rows(connection, scope, cursor, longest)
        found = connection.execute(select(ledger.c.id).where(ledger.c.seq > cursor)).scalars()
        late = {one for one in found if one not in self.hidden and crc32(one.encode()) % 7 == 0}
        self.hidden |= late
        return rows and [row for row in rows if row.id not in late]


class Trusting(Device):
    """Does not ask from where an answer counts."""

    def is_stale(self, answer: Answer) -> bool:
        return super().is_stale(answer | {"from": 0})


def of(row: Any) -> dict[str, Any]:
    return {"id": row.id, **json.loads(row.body)}


def as_desk(fault: type[Desk], desk: Desk) -> Desk:
    desk.__class__ = fault
    return desk


Fault = tuple[type[Journal], type[Device]]
FAULTS: Mapping[str, Fault] = {
    "no memory of what was answered": (Forgetful, Device),
    "the last to arrive wins": (LastWins, Device),
    "nothing is ever gone": (Silent, Device),
    "no new epoch": (Ageless, Device),
    "numbers out of the order of commits": (Hasty, Device),
    "answers from a later cursor taken": (Journal, Trusting),
}


@pytest.fixture
def history(file: Engine) -> Callable[[int, Fault], None]:
    """Live one history and check it, always in the same file."""

    def happen(seed: int, fault: Fault) -> None:
        journal, device = fault
        live(World(film.begin(file, journal), device), seed, STEPS).check()

    return happen


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_is_caught_by_the_guarantees(
    history: Callable[[int, Fault], None], fault: Fault
) -> None:
    caught: list[Any] = []
    for seed in range(HISTORIES):
        try:
            history(seed, fault)
        except Broken as broken:
            caught.append(broken)
            break
    assert caught


def test_the_guarantees_hold_without_a_fault(history: Callable[[int, Fault], None]) -> None:
    for seed in range(12):
        history(seed, (Journal, Device))
