"""Checking a database: what stands must follow from the journal, and the journal from its count."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from sqlalchemy import Column, Connection, Engine, Row, Select, Table, exists, func, select
from sqlalchemy.exc import DatabaseError

from sync.change import VERBS, Refused
from sync.database import reading
from sync.fit import fit
from sync.kinds import Kind
from sync.ledger import change, head, ledger
from sync.standing import LAST, REST, Standing

BATCH = 400
OUTCOMES = ("applied", "same", "conflict", "rejected")
TOLD = ("id", "kind", "record", "field", "seq", "st", "wire")

Kinds = Mapping[str, Kind]
References = Mapping[tuple[str, str], str]
Sentences = Iterator[str]


@dataclass(frozen=True)
class Report:
    """How much there is, and a sentence for each thing that is wrong, or only worth knowing."""

    records: int = 0
    changes: int = 0
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def check(engine: Engine, kinds: Kinds, references: References | None = None) -> Report:
    """Read everything once, as one moment left it, and say what does not follow.

    `references` are the fields that name a record, and of which kind. Records may arrive before
    those they name, so a name nobody knows is a note and no fault.
    """
    try:
        with reading(engine) as connection:
            return _report(connection, kinds, references or {})
    except DatabaseError as error:
        return Report(faults=(_unreadable(error),))


def file_faults(engine: Engine) -> tuple[str, ...]:
    """Say what is wrong with a database as a file, whatever is in it."""
    try:
        with reading(engine) as connection:
            return tuple(_file(connection))
    except DatabaseError as error:
        return (_unreadable(error),)


def _report(connection: Connection, kinds: Kinds, references: References) -> Report:
    broken = tuple(_file(connection))
    if broken:
        return Report(faults=broken)
    faults = [*_count(connection), *_results(connection), *_strangers(connection)]
    for kind in kinds.values():
        faults += _strays(connection, kind)
    faults += _records(connection, kinds)
    notes = tuple(_orphans(connection, kinds, references))
    return Report(_size(connection, ledger), _size(connection, change), tuple(faults), notes)


def _file(connection: Connection) -> Sentences:
    if connection.dialect.name == "sqlite":
        for (told,) in connection.exec_driver_sql("pragma integrity_check"):
            if told != "ok":
                yield f"The file is damaged: {told}."


def _unreadable(error: DatabaseError) -> str:
    told = str(error.orig).partition("\n")[0]
    return f"The database cannot be read to its end: {told}."


def _size(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


# The count, and what was ever asked.


def _count(connection: Connection) -> Sentences:
    stands = connection.execute(select(head.c.seq, head.c.generation)).all()
    if len(stands) != 1 or not stands[0].generation:
        yield "The count is missing: nobody can say which number was given out last."
        return
    for table in (ledger, change):
        highest = connection.execute(select(func.max(table.c.seq))).scalar() or 0
        if highest > stands[0].seq:
            yield f"The count stands at {stands[0].seq}, yet number {highest} was given out."
    # A group carries the number of its last member.
    given = (select(ledger.c.seq), select(change.c.seq).where(change.c.seq > 0, change.c.kind > ""))
    for query in given:
        number = query.selected_columns[0]
        for twice in connection.execute(query.group_by(number).having(func.count() > 1)):
            yield f"Number {twice.seq} was given out twice."


def _results(connection: Connection) -> Sentences:
    """Every change has one result, and all that a result speaks of is there."""
    columns = (change.c[name] for name in ("id", "kind", "seq", "st", "result", "wire"))
    for some in _partitions(connection, select(*columns)):
        clashes: dict[str, str] = {}
        members: dict[str, str] = {}
        for row in some:
            result = _decoded(row.result)
            if row.st not in OUTCOMES or (result.get("st"), result.get("seq", 0)) != (
                row.st,
                row.seq,
            ):
                yield f"The change {row.id} has no readable result, or another than it says."
            if result.get("clash"):
                clashes[result["clash"]] = row.id
            if row.st == "applied" and not row.kind:
                members |= {one["id"]: row.id for one in _decoded(row.wire).get("changes", ())}
        for lost in _unknown(connection, ledger.c.id, clashes):
            yield f"The change {clashes[lost]} became a clash, and that clash is not there."
        for lost in _unknown(connection, change.c.id, members):
            yield f"The change {lost} is missing: it was applied with others as {members[lost]}."


def _strangers(connection: Connection) -> Sentences:
    known = exists().where(ledger.c.id == change.c.record)
    query = select(change).where(change.c.st == "applied", change.c.kind > "", ~known)
    for row in connection.execute(query):
        yield f"The {_plain(row.kind)} {row.record} is missing: the journal has changes of it."


def _unknown(connection: Connection, column: Column[Any], names: Iterable[str]) -> list[str]:
    wanted = list(names)
    found = set(connection.scalars(select(column).where(column.in_(wanted)))) if wanted else set()
    return [name for name in wanted if name not in found]


# Where each record stands, what its table says, and what its changes say.


def _records(connection: Connection, kinds: Kinds) -> Sentences:
    columns = (change.c[name] for name in TOLD)
    history = select(*columns).order_by(change.c.record, change.c.seq)
    for some in _partitions(connection, select(ledger)):
        ids = [row.id for row in some]
        rows = connection.execute(history.where(change.c.record.in_(ids)))
        told = {record: list(those) for record, those in groupby(rows, lambda row: row.record)}
        states = _states(connection, kinds, some)
        for row in some:
            if row.kind in kinds:
                yield from _record(kinds[row.kind], row, states.get(row.id), told.get(row.id, []))
            else:
                yield f"The record {row.id} is of no known kind: {_plain(row.kind)}."


def _states(
    connection: Connection, kinds: Kinds, rows: Sequence[Row[Any]]
) -> dict[str, Mapping[str, Any]]:
    states: dict[str, Mapping[str, Any]] = {}
    for name in {row.kind for row in rows} & kinds.keys():
        table = kinds[name].table
        ids = [row.id for row in rows if row.kind == name]
        found = connection.execute(select(table).where(table.c.id.in_(ids))).mappings()
        states |= {state["id"]: state for state in found}
    return states


def _record(
    kind: Kind, row: Row[Any], state: Mapping[str, Any] | None, rows: Iterable[Row[Any]]
) -> Sentences:
    name = f"The {_plain(kind.name)} {row.id}"
    stand = _standing(row)
    if stand is None:
        yield f"{name} cannot be read."
        return
    if state is None:
        yield f"{name} is in the journal and not in its table."
    else:
        own = {"seq": stand.seq, "gone": stand.gone}
        wanted = own | {field: stand.fields.get(field) for field in kind.fields}
        wrong = [_plain(field) for field, value in wanted.items() if state[field] != value]
        if wrong:
            yield f"{name} is not in its table as in the journal: {', '.join(wrong)}."
    for sentence in Trace(kind, stand, rows).faults():
        yield f"{name} {sentence}"


def _standing(row: Row[Any]) -> Standing | None:
    try:
        stand = Standing.of(dict(row._mapping))
        known = all(isinstance(part, dict) for part in (stand.fields, stand.writers))
        known = known and all(isinstance(seq, int) for seq in stand.versions.values())
    except (ValueError, AttributeError):
        return None
    return stand if known else None


def _strays(connection: Connection, kind: Kind) -> Sentences:
    table = kind.table
    known = exists().where(ledger.c.id == table.c.id, ledger.c.kind == kind.name)
    for row in connection.execute(select(table.c.id).where(~known)):
        yield f"The {_plain(kind.name)} {row.id} is in its table and not in the journal."


def _orphans(connection: Connection, kinds: Kinds, references: References) -> Sentences:
    for (name, field), target in references.items():
        table = kinds[name].table
        known = exists().where(ledger.c.id == table.c[field], ledger.c.kind == target)
        query = select(func.count()).select_from(table)
        query = query.where(table.c.gone == 0, table.c[field].is_not(None), ~known)
        if count := connection.execute(query).scalar():
            yield f"{count} × {_plain(name)} names a {_plain(target)} that has not arrived."


class Trace:
    """One record held against its own changes."""

    def __init__(self, kind: Kind, stand: Standing, rows: Iterable[Row[Any]]) -> None:
        self.kind = kind
        self.stand = stand
        self.told = {row.id: Told(row) for row in rows}
        self.applied = [one for one in self.told.values() if one.row.st == "applied"]

    def faults(self) -> Sentences:
        """Say what of the record does not follow from its changes, and what of them is lost."""
        last = self.told.get(self.stand.writers.get(LAST, ""))
        if last is None or not last.could_set(self.stand.seq):
            yield "was last changed by a change that is not in the journal."
            return
        if any(one.row.kind != self.kind.name for one in self.applied):
            yield "was changed as a record of another kind."
        if any(one.row.seq > self.stand.seq for one in self.applied):
            yield "does not have its latest change."
        if bool(self.stand.gone) != (self._latest("delete") > self._latest("create")):
            yield "is removed, or still there, against its changes."
        for field in sorted(self._fields()):
            yield from self._field(field)

    def _field(self, field: str) -> Sentences:
        version, label = self.stand.version(field), _plain(field)
        writer = self.told.get(self.stand.writer(field))
        if writer is None or not writer.could_set(version):
            yield f"has a {label} set by a change that is not in the journal."
        elif not writer.says(self.kind, field, self.stand.fields.get(field)):
            yield f"has another {label} than its last change set."
        elif any(one.row.seq > version for one in self.applied if one.row.field == field):
            yield f"does not have the {label} that was set last."

    def _fields(self) -> set[str]:
        """Every field that has a value, had one, or should have."""
        made = self.told.get(self.stand.writers.get(REST, ""))
        changed = {one.row.field for one in self.applied if one.row.field}
        named = {*self.stand.fields, *self.stand.versions, *changed, *(made.asked if made else ())}
        return named & set(self.kind.fields)

    def _latest(self, verb: str) -> int:
        return max((one.row.seq for one in self.applied if one.verb == verb), default=0)


class Told:
    """One change of a record; what was asked is read only where it matters."""

    def __init__(self, row: Row[Any]) -> None:
        self.row = row

    @property
    def verb(self) -> str:
        return "set" if self.row.field else str(self._wire.get("do"))

    @property
    def asked(self) -> dict[str, Any]:
        value = self._wire.get("value")
        if self.row.field:
            return {self.row.field: value}
        return value if isinstance(value, dict) else {}

    def could_set(self, seq: int) -> bool:
        """Say whether this change may have been given this number.

        Who makes what another had made sets field by field, with a number each: the result names
        the first of them, or none when another field became a clash.
        """
        if self.verb == "create":
            return self.row.st in ("applied", "conflict") and self.row.seq <= seq
        return self.row.st == "applied" and self.row.seq == seq and self.verb in VERBS

    def says(self, kind: Kind, field: str, value: object) -> bool:
        """Say whether the field has this value when the change is applied."""
        try:
            return fit(kind, field, self.asked.get(field)) == value
        except Refused:
            return False

    @cached_property
    def _wire(self) -> dict[str, Any]:
        return _decoded(self.row.wire)


def _partitions(connection: Connection, query: Select[Any]) -> Iterator[Sequence[Row[Any]]]:
    return connection.execute(query.execution_options(yield_per=BATCH)).partitions()


def _decoded(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _plain(name: str) -> str:
    return name.replace("_", " ")
