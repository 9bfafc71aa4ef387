"""Bringing a file in: what it says is written, and what was typed in the office stays."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from sync import ALL, Change, Desk, Scope
from sync.ids import new_id
from sync.ledger import change as changes_table
from sync.standing import Standing

DEVICE = "import"
NAMES = uuid.UUID("6b1d1c9e-5a4e-5f0c-9d57-2f7b3c1f0a11")


def name_of(*parts: str) -> str:
    """Name a record after what it is in the trade, so that the same file meets its own records."""
    return str(uuid.uuid5(NAMES, "\n".join(parts)))


@dataclass
class Bring:
    """One import. It writes as a device that saw the office last when it last imported.

    A field that the office typed since is left alone, or, if the file changed it too, is a clash.
    """

    desk: Desk
    person: str
    changes: list[Change] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: {"new": 0, "changed": 0})

    def record(self, kind: str, record: str, fields: Mapping[str, Any]) -> str:
        """Want a record to be as the file says."""
        stand = self.desk.standing(kind, record)
        wanted = {name: value for name, value in fields.items() if value not in (None, "")}
        if not stand.seq:
            self._add("create", kind, record, value=wanted)
            self.counts["new"] += 1
        elif not stand.gone:
            self._update(stand, wanted)
        return record

    def done(self) -> None:
        """Write everything, in one go."""
        every = dict.fromkeys(self.desk.kinds, ALL)
        scope = Scope(self.person, 0, every, every)
        self.desk.take(scope, DEVICE, self.changes)

    def _update(self, stand: Standing, wanted: Mapping[str, Any]) -> None:
        for name, value in wanted.items():
            if stand.fields.get(name) == value:
                continue
            ours = stand.writer(name).startswith(f"{DEVICE}.")
            empty = stand.fields.get(name) is None and name not in stand.versions
            if ours or empty:
                self._add("set", stand.kind, stand.id, name, value, stand.seq)
                self.counts["changed"] += 1
            elif value != self._said(stand.id, name):
                self._add("set", stand.kind, stand.id, name, value)

    def _said(self, record: str, name: str) -> Any:
        """Return what the last import said of a field the office has typed since."""
        query = select(changes_table.c.wire).where(
            changes_table.c.record == record,
            changes_table.c.device == DEVICE,
            changes_table.c.field.in_([name, ""]),
        )
        said = None
        for row in self.desk.connection.execute(query.order_by(changes_table.c.id)):
            wire = json.loads(row.wire)
            found = wire.get("value")
            said = found.get(name, said) if isinstance(found, dict) else found
        return said

    def _add(
        self, do: str, kind: str, record: str, name: str = "", value: Any = None, base: int = 0
    ) -> None:
        change_id = f"{DEVICE}.{new_id()}"
        self.changes.append(Change(change_id, do, kind, record, name, value, base))
