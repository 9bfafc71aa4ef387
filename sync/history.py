"""The history of a record: each change with the value it replaced, and what was kept aside."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Row, select

from sync.change import Refused
from sync.fit import Value, fit
from sync.kinds import Kind
from sync.ledger import change as changes_table
from sync.merge import CLASH
from sync.standing import encode


@dataclass(frozen=True)
class Aside:
    """What became of a value that collided: how it was settled, by whom and when, if it was."""

    clash: str
    do: str  # what its author wanted: set, create or delete
    settled: str = ""
    settled_by: str = ""
    settled_at: str = ""


@dataclass(frozen=True)
class Entry:
    """One line of a history.

    `do` is `create`, `set`, `delete`, or `aside` for a value that collided: then `before` is what
    stood and `after` what was kept aside. `at` is the moment its author did it, as far as their
    clock can be trusted; `seq` is the order in which the office let things take effect.
    """

    seq: int
    do: str
    kind: str
    record: str
    field: str
    before: Value
    after: Value
    person: str
    device: str
    at: str
    received_at: str
    aside: Aside | None = None


def history(connection: Connection, kinds: Mapping[str, Kind], record: str) -> list[Entry]:
    """Tell the history of a record, oldest first."""
    said = _said(connection, [record])
    devices = {json.loads(row.result).get("clash"): row.device for row in said}
    asides = _asides(connection, kinds, record, devices)
    story = _Story(kinds)
    for seq, row, values in sorted(_in_force(said, asides), key=lambda one: one[0]):
        story.take(seq, row, values)
    return sorted((*story.entries, *asides), key=lambda entry: entry.seq)


@dataclass
class _Story:
    """The record as it stood after each change, so that the next can say what it replaced."""

    kinds: Mapping[str, Kind]
    stands: bool = False
    fields: dict[str, Value] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)

    def take(self, seq: int, row: Row[Any], values: Mapping[str, Any]) -> None:
        fitted = {name: _fitted(self.kinds, row.kind, name, one) for name, one in values.items()}
        do = json.loads(row.wire)["do"]
        if do == "delete":
            self.stands = False
            self.entries.append(_entry(seq, do, row))
        elif do == "create" and not self.stands:
            self.stands, self.fields = True, fitted
            self.entries.append(_entry(seq, do, row))
        else:
            self._set(seq, row, fitted)

    def _set(self, seq: int, row: Row[Any], fitted: Mapping[str, Value]) -> None:
        for name, value in fitted.items():
            before = self.fields.get(name)
            if value != before:
                entry = _entry(seq, "set", row)
                entry = replace(entry, field=name, before=before, after=value)
                self.entries.append(entry)
            self.fields[name] = value


def _in_force(
    said: Iterable[Row[Any]], asides: Iterable[Entry]
) -> Iterable[tuple[int, Row[Any], dict[str, Any]]]:
    """Give the values each change set, and where in the order it did."""
    for row in said:
        wire = json.loads(row.wire)
        value = wire.get("value")
        values = value if wire["do"] == "create" else {row.field: value}
        if row.st == "applied":
            yield row.seq, row, values if wire["do"] != "delete" else {}
        elif wire["do"] == "create":
            # Two people made the record apart: what did not collide was taken all the same.
            lost = {a.field: a.seq for a in asides if (a.person, a.at) == (row.person, row.at)}
            rest = {name: one for name, one in values.items() if name not in lost}
            if lost and "" not in lost:
                yield min(lost.values()), row, rest


def _asides(
    connection: Connection, kinds: Mapping[str, Kind], record: str, devices: Mapping[str, str]
) -> list[Entry]:
    if CLASH not in kinds:
        return []
    table = kinds[CLASH].table
    clashes = connection.execute(select(table).where(table.c.about == record)).all()
    said = _said(connection, [clash.id for clash in clashes])
    done = [row for row in said if row.st == "applied"]
    made = {row.record: row for row in reversed(done) if not row.field}
    settled = {row.record: row for row in done if row.field == "settled"}
    return [
        _set_aside(kinds, clash, made[clash.id], settled.get(clash.id), devices.get(clash.id, ""))
        for clash in clashes
    ]


def _set_aside(
    kinds: Mapping[str, Kind], clash: Row[Any], made: Row[Any], last: Row[Any] | None, device: str
) -> Entry:
    kept = (clash.kept_value, clash.late_value)
    before, after = (_fitted(kinds, clash.subject, clash.field or "", one) for one in kept)
    by, at = (last.person, last.at) if last else ("", "")
    return Entry(
        seq=made.seq,
        do="aside",
        kind=clash.subject,
        record=clash.about,
        field=clash.field or "",
        before=before,
        after=after,
        person=clash.late_by,
        device=device,
        at=clash.late_at,
        received_at=made.received_at,
        aside=Aside(clash.id, clash.late_do, clash.settled or "", by, at),
    )


def _entry(seq: int, do: str, row: Row[Any]) -> Entry:
    who = (row.person, row.device, row.at, row.received_at)
    return Entry(seq, do, row.kind, row.record, "", None, None, *who)


def _said(connection: Connection, records: list[str]) -> list[Row[Any]]:
    """Read every change of these records that took effect or collided, in order."""
    query = select(changes_table).where(
        changes_table.c.record.in_(records), changes_table.c.st.in_(["applied", "conflict"])
    )
    return list(connection.execute(query.order_by(changes_table.c.seq, changes_table.c.id)))


def _fitted(kinds: Mapping[str, Kind], kind: str, name: str, value: Any) -> Value:
    """Give a value as it was stored, also one that would not fit any more."""
    try:
        return fit(kinds[kind], name, value)
    except Refused:
        return value if isinstance(value, str) else encode(value)
