"""Hypothesis against the device's own modules: whatever the signal does, the guarantees hold."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.sync.phones import OWNERS, Crowd, Office, Phone, Row, fresh, running
from tests.sync.world import check_chain, hold

LIVES = int(os.environ.get("DEVICE_LIVES", "4"))  # how many histories; many more for a long night
STEPS = int(os.environ.get("DEVICE_STEPS", "40"))
WEATHER = (
    *("", "", "", "", "lost", "unheard", "unheard", "twice", "held", "held", "held", "cut"),
    *("html", "json", "disguised", "silence", "html after", "500 after", "503 after", "403"),
    *("401", "413", "426", "429", "500", "503"),
)
DISASTERS = ("die before", "die after", "QuotaExceededError", "InvalidStateError", "UnknownError")
ROLES = ("coordinator", "ad", "assistant", "crew", None)
WORDS = ("one", "two", "")
LIFE = "select value from replica where key = 'generation'"
FIELDS = {
    "shoot_day": ("weather", "breakfast", "safety"),
    "location": ("base_camp", "parking"),
    "person": ("credit", "company"),
    "strip": ("place", "minutes"),
}


@dataclass
class World:
    """Five devices of four people, and everything they were ever told."""

    crowd: Crowd
    phones: list[Phone] = field(default_factory=list)
    shown: dict[str, Phone] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)
    furthest: dict[tuple[str, str], int] = field(default_factory=dict)
    put_out: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.back_up()
        self.phones = [self.crowd.phone(name) for name in OWNERS]
        for phone in self.phones:
            phone.copy()

    @property
    def office(self) -> Office:
        return self.crowd.office

    @property
    def backup(self) -> Path:
        return self.office.folder.parent / "backup"

    @property
    def lives(self) -> list[Row]:
        return self.office.rows("select generation as value from head")

    # What people do.

    def edit(self, who: int, which: int, what: int, value: int, together: bool) -> None:
        phone = self.phones[who]
        kind, record = self._pick(which)
        if phone.value(kind, record, "id") is None:
            return  # no form shows what is not there
        names = FIELDS[kind] if together else FIELDS[kind][what % len(FIELDS[kind]) :][:1]
        form = {name: self._value(name, value) for name in names}
        self._take(phone, kind, record, **form, **({"together": "1"} if together else {}))

    def create(self, who: int, value: int) -> None:
        self._take(self.phones[who], "location", "", name=WORDS[value] or "three")

    def remove(self, who: int, which: int) -> None:
        kind, record = self._pick(which)
        self._take(self.phones[who], kind, record, away="1")

    def reconsider(self, who: int, which: int, again: bool) -> None:
        """Send something that came back once more, or let it go."""
        phone = self.phones[who]
        returned = phone.returned()
        if returned and self._is_up(phone):
            edit = returned[which % len(returned)]["id"]
            self.dropped.add(edit)
            phone.order("reconsider", edit=edit, form={"again": "1"} if again else {})
            self._look(phone)

    # What becomes of it on the way.

    def exchange(self, who: int, first: int, second: int) -> None:
        phone = self.phones[who]
        if self._is_up(phone):
            told = phone.exchange(WEATHER[first], WEATHER[second])
            self._look(phone, met=told == {"gives": True})

    def copy(self, who: int, fault: int) -> None:
        """Fetch a whole new copy, as a page does when there is none."""
        self.phones[who].copy(WEATHER[fault])
        self._look(self.phones[who])

    def land(self, who: int, which: int) -> None:
        self.phones[who].land(which)
        self._look(self.phones[who])

    def strike(self, who: int, how: int, n: int, then: int) -> None:
        """Let the device die or its disk fail in the middle of something."""
        phone = self.phones[who]
        if self._is_up(phone):
            phone.plan(DISASTERS[how], n)
            if then == 0:
                self.edit(who, 0, 0, n, together=False)
            else:
                self.exchange(who, 0, 0)
            phone.plan("")
            self._look(phone)

    def lose(self, who: int) -> None:
        self.phones[who].lose("replica")

    # What the office does meanwhile.

    def cast(self, which: int, role: int) -> None:
        """Give somebody but Marta another role, or put them out."""
        self.office.cast(sorted(set(OWNERS.values()))[which], ROLES[role])

    def restart(self) -> None:
        self.office.restart()

    def back_up(self) -> None:
        self.office.back_up(self.backup)

    def restore(self) -> None:
        """Play the latest backup back: what was answered since is on the devices only."""
        self.office.restore(self.backup)

    # What must hold.

    def check(self) -> None:
        """Let everything arrive, let everybody exchange, and compare."""
        for phone in self.phones:
            for _ in range(20):
                phone.land()
        for _ in range(3):
            for phone in self.phones:
                if self._is_up(phone):
                    phone.exchange()
        for phone in self.phones:
            self._look(phone, met=True)
            self._converged(phone)
            phone.open()
            self._converged(phone)
            self.put_out |= set() if self._is_up(phone) else {phone.box}
            phone.order("kill")
        self._answered()

    def _converged(self, phone: Phone) -> None:
        # Who was put out and then lost the copy has no way to send; what was typed stays there.
        if self._is_up(phone):
            hold(not phone.waiting(), "G2: every edit is answered", phone.box, phone.waiting())
            held, new = phone.tables(), fresh(self.office, phone.person)
            for kind, rows in new.items():
                odd = differing(held[kind], rows)
                hold(not odd, "G1: the copy is a fresh copy", phone.box, kind, odd)

    def _answered(self) -> None:
        stored = self.office.results()
        for name, phone in self.shown.items():
            # A device that is put out keeps nothing that was answered; a person may drop an edit.
            known = name in stored or phone.box in self.put_out or name in self.dropped
            hold(known, "G2: each edit is stored, whatever was restored", name)
            hold(name not in stored or stored[name]["wire"], "G2: each edit can be read", name)
        check_chain(list(stored.values()))
        taken = [one for one in stored.values() if one["st"] == "applied" and one["record"]]
        seqs = Counter(one["seq"] for one in taken)
        hold(max(seqs.values()) == 1, "G4: what happens happens once", seqs.most_common(1))

    def _look(self, phone: Phone, met: bool = False) -> None:
        """Look at a screen: nothing went back, and nothing of one's own is missing."""
        outbox = phone.outbox()
        self.shown |= {edit["id"]: phone for edit in outbox}
        state = phone.state
        self.put_out |= {phone.box} if state["told"] == "revoked" else set()
        if state["copy"]:
            self._never_back(phone, state["cursor"])
            self._shows(phone, outbox)
            if met:
                self._in_scope(phone)
        self._asked_no_copy(phone)
        kept = {edit["id"] for edit in outbox} | self.dropped
        gone = [name for name, by in self.shown.items() if by is phone and name not in kept]
        if gone:
            stored = self.office.results()
            answered = {edit["id"] for edit in phone.answered()}
            for name in gone:
                self._was_answered(phone, stored.get(name), name in answered)

    def _asked_no_copy(self, phone: Phone) -> None:
        strayed = [one for one in phone.requests() if "strayed" in one["url"]]
        hold(not strayed, "G1: the office never says that a copy is not whole", strayed)

    def _was_answered(self, phone: Phone, stored: Row | None, is_kept: bool) -> None:
        known = stored or is_kept or phone.box in self.put_out
        hold(known, "G7: an edit shows until it is answered", phone.box)
        if not stored:
            return  # the office was restored since, and will be told again
        hold(stored["st"] != "rejected", "G7: what is refused comes back", phone.box, stored)
        news = phone.state
        known = news["copy"] and stored["st"] == "applied" and self.lives == phone.rows(LIFE)
        hold(not known or stored["seq"] <= news["cursor"], "G7: what was taken shows", phone.box)

    def _never_back(self, phone: Phone, cursor: int) -> None:
        generation = phone.rows(LIFE)[0]["value"]
        before = self.furthest.get((phone.box, generation), 0)
        hold(cursor >= before, "G6: a copy never goes back", phone.box, before, cursor)
        self.furthest[phone.box, generation] = cursor

    def _shows(self, phone: Phone, outbox: list[dict[str, Any]]) -> None:
        listed = {row["id"] for row in phone.rows("select id from waiting")}
        kept = {edit["id"] for edit in outbox}
        hold(listed == kept, "G7: what waits is listed", phone.box, listed, outbox)
        waiting = [edit for edit in outbox if edit["state"] != "returned"]
        flat = [one for edit in waiting for one in edit.get("changes", [edit])]
        last = {(one["kind"], one["record"], one.get("field")): one for one in flat}
        removed = {one["record"] for one in flat if one["do"] == "delete"}
        for (kind, record, name), one in last.items():
            query = f"select * from \"{kind}\" where id = '{record}' and gone = 0"
            rows = phone.rows(query)
            if one["do"] == "set" and rows and record not in removed:
                hold(rows[0][name] == one["value"], "G7: one's own value shows", phone.box, one)

    def _in_scope(self, phone: Phone) -> None:
        may = fresh(self.office, phone.person)
        for kind, rows in phone.tables().items():
            known = {row["id"] for row in may[kind]} | self._own(phone)
            hold({row["id"] for row in rows} <= known, "G5: no row out of scope", phone.box, kind)

    def _own(self, phone: Phone) -> set[str]:
        waiting = (one for edit in phone.waiting() for one in edit.get("changes", [edit]))
        return {one["record"] for one in waiting}

    def _take(self, phone: Phone, kind: str, record: str, **form: str) -> None:
        if self._is_up(phone):
            phone.take(kind, record, None, **form)
            self._look(phone)

    def _is_up(self, phone: Phone) -> bool:
        """Have a copy, as the app sees to when a page is asked for."""
        return phone.ready() or phone.copy() == {"gives": True}

    def _pick(self, which: int) -> tuple[str, str]:
        kinds = [(kind, n) for n in (0, 1) for kind in FIELDS]
        kind, n = kinds[which % len(kinds)]
        return kind, str(self.office.rows(f'select id from "{kind}" order by id')[n]["id"])

    def _value(self, name: str, value: int) -> str:
        if name in ("minutes", "breakfast"):
            return {"minutes": ("30", "45", ""), "breakfast": ("05:30", "06:00", "")}[name][value]
        if name != "place":
            return WORDS[value]
        days = self.office.rows("select id from shoot_day order by id")
        return f"{days[value]['id']} a{value}"


def differing(one: list[Row], other: list[Row]) -> set[tuple[Any, ...]]:
    return {tuple(row.items()) for row in one} ^ {tuple(row.items()) for row in other}


def upto(most: int) -> st.SearchStrategy[int]:
    return st.integers(0, most - 1)


WHO, WHICH, VALUE, FAULT = upto(len(OWNERS)), upto(8), upto(3), upto(len(WEATHER))


class Machine(RuleBasedStateMachine):
    """Hypothesis draws the numbers; the world does the rest."""

    crowd: ClassVar[Crowd]
    begun: ClassVar[Path]

    @initialize()
    def begin(self) -> None:
        self.crowd.office.play_back(self.begun)
        self.world = World(self.crowd)

    @rule(who=WHO, which=WHICH, what=VALUE, value=VALUE, together=upto(4).map(lambda n: n == 3))
    def edit(self, who: int, which: int, what: int, value: int, together: bool) -> None:
        self.world.edit(who, which, what, value, together)

    @rule(which=WHICH, what=VALUE, value=VALUE)
    def edit_on_two_devices(self, which: int, what: int, value: int) -> None:
        self.world.edit(0, which, what, value, together=False)
        self.world.edit(1, which, what, (value + 1) % 3, together=False)

    @rule(who=WHO, value=VALUE)
    def create(self, who: int, value: int) -> None:
        self.world.create(who, value)

    @rule(who=WHO, which=WHICH)
    def remove(self, who: int, which: int) -> None:
        self.world.remove(who, which)

    @rule(who=WHO, which=WHICH, again=st.booleans())
    def reconsider(self, who: int, which: int, again: bool) -> None:
        self.world.reconsider(who, which, again)

    @rule(who=WHO, first=FAULT, second=FAULT)
    def exchange(self, who: int, first: int, second: int) -> None:
        self.world.exchange(who, first, second)

    @rule(who=WHO, first=FAULT, second=FAULT)
    def exchange_once_more(self, who: int, first: int, second: int) -> None:
        self.world.exchange(who, first, second)

    @rule(who=WHO, fault=FAULT)
    def copy(self, who: int, fault: int) -> None:
        self.world.copy(who, fault)

    @rule(who=WHO, which=WHICH)
    def land(self, who: int, which: int) -> None:
        self.world.land(who, which)

    @rule(who=WHO, how=upto(len(DISASTERS)), n=VALUE, then=VALUE)
    def strike(self, who: int, how: int, n: int, then: int) -> None:
        self.world.strike(who, how, n, then)

    @rule(who=WHO)
    def lose(self, who: int) -> None:
        self.world.lose(who)

    @rule(which=upto(3), role=upto(len(ROLES)))
    def cast(self, which: int, role: int) -> None:
        self.world.cast(which, role)

    @rule()
    def restart(self) -> None:
        self.world.restart()

    @rule()
    def back_up(self) -> None:
        self.world.back_up()

    @rule()
    def restore(self) -> None:
        self.world.restore()

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.check()


@pytest.fixture(scope="module")
def crowd(told: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Crowd, Path]]:
    folder = tmp_path_factory.mktemp("devices")
    with running(told, folder / "data") as office:
        office.back_up(folder / "begun")
        crowd = Crowd(office, folder)
        yield crowd, folder / "begun"
        crowd.close()


@pytest.fixture
def machine(crowd: tuple[Crowd, Path]) -> type[Machine]:
    class Here(Machine):
        pass

    Here.crowd, Here.begun = crowd
    return Here


def test_the_guarantees_hold_on_real_devices_whatever_the_signal_does(
    machine: type[Machine],
) -> None:
    how = settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=LIVES,
        stateful_step_count=STEPS,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=how)
