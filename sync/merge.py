"""The merge: one transaction in which changes are compared, set, kept or refused, in order."""

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Insert, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError
from sqlalchemy.schema import Table

from sync import scope as scopes
from sync.change import Change, Refused, Result
from sync.fit import Value, fit
from sync.ids import new_id
from sync.kinds import Kind
from sync.ledger import change as changes_table
from sync.ledger import head, ledger
from sync.scope import Scope
from sync.standing import LAST, Standing, encode

log = logging.getLogger(__name__)
CLASH = "clash"
BATCH = 400
INNER = ("members", "refused")
PUZZLED = "The office could not keep this change. Show it to whoever runs the office."

Arrival = Callable[["Desk", Change, dict[str, Any]], None]
Label = Callable[[Connection, str, str, str], str]
Taken = tuple[str, Result]
Worded = tuple[str, tuple[str, ...] | None]  # SQL of a driver; its names in order, if it has none
DIALECTS = {"sqlite": SQLiteDialect_pysqlite, "postgresql": PGDialect_psycopg}


@dataclass(frozen=True)
class Batch:
    """What one device asks for at once, and as whom."""

    scope: Scope
    device: str
    changes: Sequence[Change]


class Desk:
    """Every write of a production goes over this desk, inside one transaction under one lock.

    It reads what a batch touches in one query and writes it in a few. `arrivals` are called when a
    change of their kind was applied; what they write goes over the same desk, as the office.
    """

    def __init__(
        self,
        connection: Connection,
        kinds: Mapping[str, Kind],
        now: str,
        arrivals: Mapping[str, Arrival],
        refusal: Callable[[str], str],
        label: Label,
    ) -> None:
        self.connection = connection
        self.kinds = kinds
        self._office = scopes.office(kinds)
        self.now = now
        self._arrivals = arrivals
        self._refusal = refusal
        self._label = label
        self.author = self._office.person
        # The lock comes first: whoever holds this row is the only writer until it commits.
        self.seq: int = connection.execute(select(head.c.seq).with_for_update()).scalar_one()
        self._given_out = self.seq
        self._standings: dict[str, Standing] = {}
        self._dirty: dict[str, Standing] = {}
        self._said: list[dict[str, Any]] = []

    def take(self, scope: Scope, device: str, changes: Iterable[Change]) -> list[Taken]:
        """Apply one batch in its order and return one result for each change, old or new."""
        return self.take_all([Batch(scope, device, list(changes))])[0]

    def take_all(self, batches: Sequence[Batch]) -> list[list[Taken]]:
        """Apply what several devices ask for, one after the other."""
        self._flush()
        known = self._known([change.id for batch in batches for change in batch.changes])
        fresh = _fresh(batches, known)
        known |= self._together(fresh) or self._in_turn(fresh)
        self._count()
        return [[(change.id, known[change.id]) for change in one.changes] for one in batches]

    def create(self, kind: str, fields: Mapping[str, Any], record: str = "") -> str:
        """Make a record as the office; return its id."""
        if not record:
            record = new_id()
            self._standings[record] = Standing(record, kind)  # nobody else can know of it yet
        self._write(Change(self._own_id(), "create", kind, record, value=dict(fields)))
        return record

    def set(self, kind: str, record: str, **fields: Value) -> None:
        """Set fields of a record as the office; what already has the value stays untouched."""
        for name, value in fields.items():
            self._write(Change(self._own_id(), "set", kind, record, name, value))

    def remove(self, kind: str, record: str) -> None:
        """Remove a record as the office."""
        self._write(Change(self._own_id(), "delete", kind, record))

    def gather(self, records: Iterable[str]) -> None:
        """Read at once what is to be written one by one."""
        self._fetch(records)

    def standing(self, kind: str, record: str) -> Standing:
        """Return where a record stands, or an empty standing for one that was never made."""
        return self._standing(Change("", "set", kind, record))

    def close(self) -> None:
        """Write out what is still only in memory."""
        self._flush()
        self._count()

    # How batches are taken: together when all goes well, else one by one; and so within each.

    def _together(self, batches: Sequence[Batch]) -> dict[str, Result] | None:
        start = self.seq
        try:
            with self.connection.begin_nested():
                return self._each(batches)
        except (IntegrityError, DataError, Refused):
            self._rewind(start)
            return None

    def _in_turn(self, batches: Sequence[Batch]) -> dict[str, Result]:
        results: dict[str, Result] = {}
        for batch in batches:
            alone = len(batches) == 1
            results |= (None if alone else self._together([batch])) or self._apart(batch)
        return results

    def _apart(self, batch: Batch) -> dict[str, Result]:
        results: dict[str, Result] = {}
        for change in batch.changes:
            start = self.seq
            try:
                with self.connection.begin_nested():
                    results |= self._each([replace(batch, changes=[change])])
            except (IntegrityError, DataError, Refused) as error:
                self._rewind(start)
                results[change.id] = _rejection(error)
                self._say(batch.scope, batch.device, change, results[change.id])
                self._flush()
        return results

    def _each(self, batches: Sequence[Batch]) -> dict[str, Result]:
        results: dict[str, Result] = {}
        changes = [change for batch in batches for change in batch.changes]
        self._fetch(one.record for change in changes for one in (change, *change.members))
        for scope, device, mine in (vars(batch).values() for batch in batches):
            self.author, self._given_out = scope.person, self.seq
            for change in mine:
                told = self._one(scope, device, change)
                for one, result in told:
                    self._say(scope, device, one, result)
                    self._react(one, result)
                results |= {one.id: result for one, result in told}
        self._flush()
        return results

    def _one(self, scope: Scope, device: str, change: Change) -> list[tuple[Change, Result]]:
        """Take a change; a group that was taken answers for itself and for every member."""
        try:
            if change.refused:
                raise change.refused
            if change.do == "group":
                return self._group(scope, device, change)
            return [(change, self._apply(scope, device, change))]
        except Refused as refused:
            return [(change, Result("rejected", why=refused.why, say=refused.say))]

    def _react(self, change: Change, result: Result) -> None:
        if result.st == "applied" and change.kind in self._arrivals:
            self._flush()
            row = {"id": change.record, **self._standings[change.record].fields}
            try:
                self._arrivals[change.kind](self, change, row)
            except (Refused, SQLAlchemyError):
                raise
            except Exception:  # a fault of the office must not block what comes behind it
                log.exception("The office could not react to %s %s", change.kind, change.record)
                raise Refused(PUZZLED) from None
            self._flush()

    def _group(self, scope: Scope, device: str, group: Change) -> list[tuple[Change, Result]]:
        """Apply every member or none; the members that collide become clashes all the same."""
        before = {m.record: deepcopy(self._standing(m)) for m in group.members}
        dirty, said = set(self._dirty), len(self._said)
        try:
            results = [self._apply(scope, device, member) for member in group.members]
        except Refused:
            self._take_back(before, dirty)
            del self._said[said:]
            raise
        clashes = [result.clash for result in results if result.st == "conflict"]
        if clashes:
            made = {told["record"] for told in self._said[said:]}
            self._take_back(before, dirty | made)
            return [(group, Result("conflict", clash=clashes[0], why="changed"))]
        whole = Result("applied", seq=max((result.seq for result in results), default=0))
        return [(group, whole), *zip(group.members, results, strict=True)]

    def _take_back(self, before: dict[str, Standing], dirty: Iterable[str]) -> None:
        """Let records stand as before, and write only those that are still to be written."""
        self._standings |= before
        self._dirty = {one: self._standings[one] for one in self._dirty if one in dirty}

    # What one change does.

    def _apply(self, scope: Scope, device: str, change: Change) -> Result:
        stand = self._standing(change)
        self._permit(scope, change, stand)
        if change.do == "create":
            return self._create(scope, device, change, stand)
        if not stand.seq:
            raise Refused("This is not in the office any more.", "unknown")
        if change.do == "delete":
            return self._delete(scope, device, change, stand)
        return self._set(scope, change, stand)

    def _create(self, scope: Scope, device: str, change: Change, stand: Standing) -> Result:
        fields = self._wanted(change)
        unseen = stand.gone and stand.seq > self._base(change) and not scope.office
        if unseen and not self._own(scope, device, change, stand.writers.get(LAST, "")):
            return Result("conflict", clash=self._clash(scope, change, stand), why="deleted")
        if not stand.exists:
            stand.make(fields, self._next(), change.id)
            return self._applied(stand)
        return self._meet(scope, change, stand, fields)

    def _meet(
        self, scope: Scope, change: Change, stand: Standing, fields: dict[str, Any]
    ) -> Result:
        """Two people made the same record apart: field by field, as if each had been set."""
        results = [
            self._set(scope, self._part(change, stand, name, value), stand)
            for name, value in fields.items()
            if value is not None or stand.fields.get(name) is not None
        ]
        order = ("conflict", "applied", "same")
        return min(results, key=lambda r: order.index(r.st), default=Result("same"))

    def _part(self, change: Change, stand: Standing, name: str, value: Value) -> Change:
        # What the other one left empty was never anybody's value, so nobody's is lost.
        base = change.base if stand.touched(name) else self._given_out
        return replace(change, do="set", field=name, value=value, base=base)

    def _set(self, scope: Scope, change: Change, stand: Standing) -> Result:
        value = fit(self.kinds[change.kind], change.field, change.value)
        if not stand.gone and stand.fields.get(change.field) == value:
            return Result("same")
        why = self._unseen(scope, change, stand)
        if why:
            return Result("conflict", clash=self._clash(scope, change, stand), why=why)
        stand.put(change.field, value, self._next(), change.id)
        return self._applied(stand)

    def _delete(self, scope: Scope, device: str, change: Change, stand: Standing) -> Result:
        if stand.gone:
            return Result("same")
        unseen = {stand.writer(n) for n, v in stand.versions.items() if v > self._base(change)}
        if not scope.office and not all(self._own(scope, device, change, w) for w in unseen):
            return Result("conflict", clash=self._clash(scope, change, stand), why="changed")
        stand.remove(self._next(), change.id)
        return self._applied(stand)

    def _unseen(self, scope: Scope, change: Change, stand: Standing) -> str:
        """Say whether somebody wrote what the author of this change had not seen."""
        if scope.office:
            return ""
        if stand.gone:
            return "deleted"
        version, writer = stand.version(change.field), stand.writer(change.field)
        seen = version <= self._base(change) or writer == change.after
        later_wins = change.field in self.kinds[change.kind].arrival
        return "" if seen or later_wins else "changed"

    def _base(self, change: Change) -> int:
        # A number that was not given out yet is from another life of the journal.
        return change.base if change.base <= self._given_out else 0

    def _own(self, scope: Scope, device: str, change: Change, writer: str) -> bool:
        """Say whether a change was made before this one by the same person on the same device."""
        if writer == change.after:
            return True
        person, _, made_on = self._author(writer)
        return (person, made_on) == (scope.person, device)

    def _clash(self, scope: Scope, change: Change, stand: Standing) -> str:
        """Keep both values and both names until a person settles it."""
        if CLASH not in self.kinds or change.kind == CLASH:
            return ""
        whole = stand.gone or not change.field
        kept = self._author(stand.writers[LAST] if whole else stand.writer(change.field))
        return self.create(
            CLASH,
            {
                "subject": change.kind,
                "about": change.record,
                "field": change.field or None,
                "label": self._label(self.connection, change.kind, change.record, change.field),
                "late_value": None if change.do == "delete" else _text(change.value),
                "late_do": change.do,
                "late_by": scope.person,
                "late_at": change.at or self.now,
                "kept_value": None if stand.gone else _text(stand.fields.get(change.field)),
                "kept_gone": stand.gone,
                "kept_by": kept[0],
                "kept_at": kept[1],
            },
        )

    def _permit(self, scope: Scope, change: Change, stand: Standing) -> None:
        kind = self.kinds.get(change.kind)
        if kind is None or (stand.seq and stand.kind != change.kind):
            raise Refused("The office does not know this kind of record.", "unknown")
        names = self._asked(change).keys()
        if not names <= kind.names:
            raise Refused("The office does not know this field.", "unknown")
        if scope.office:
            return
        if names & kind.office or not self._may(scope, change, stand):
            raise Refused(self._refusal(change.kind), "permission")

    def _may(self, scope: Scope, change: Change, stand: Standing) -> bool:
        """Say whether the person may write the record as it is, and as it would be."""
        rule = scope.writes.get(change.kind)
        if rule is None or rule.where is None:
            return rule is not None
        before = {"id": change.record, **stand.fields}
        after = {**before, **self._wanted(change)}
        return rule.covers(after) and (not stand.seq or rule.covers(before))

    def _wanted(self, change: Change) -> dict[str, Value]:
        """Return the fields a change would set, as they would be stored."""
        kind = self.kinds[change.kind]
        return {name: fit(kind, name, value) for name, value in self._asked(change).items()}

    def _asked(self, change: Change) -> dict[str, Any]:
        if change.do == "create":
            return dict(change.value)
        return {change.field: change.value} if change.do == "set" else {}

    def _applied(self, stand: Standing) -> Result:
        self._dirty[stand.id] = stand
        return Result("applied", seq=stand.seq)

    def _next(self) -> int:
        self.seq += 1
        return self.seq

    # Reading and writing, few and large.

    def _rewind(self, seq: int) -> None:
        """Forget what a rolled-back savepoint had done."""
        self.seq = seq
        self._standings, self._dirty, self._said = {}, {}, []

    def _known(self, ids: list[str]) -> dict[str, Result]:
        known: dict[str, Result] = {}
        query = select(changes_table.c.id, changes_table.c.result)
        for some in _slices(ids):
            for row in self.connection.execute(query.where(changes_table.c.id.in_(some))):
                known[row.id] = Result(**_decode(row.result))
        return known

    def _fetch(self, ids: Iterable[str]) -> None:
        wanted = [one for one in dict.fromkeys(ids) if one and one not in self._standings]
        for some in _slices(wanted):
            for row in self.connection.execute(select(ledger).where(ledger.c.id.in_(some))):
                self._standings[row.id] = Standing.of(dict(row._mapping))
            for one in some:
                self._standings.setdefault(one, Standing(one, ""))

    def _standing(self, change: Change) -> Standing:
        self._fetch([change.record])
        stand = self._standings[change.record]
        if not stand.seq:
            stand.kind = change.kind
        return stand

    def _author(self, change_id: str) -> tuple[str, str, str]:
        """Say who made a change, when, and on which device."""
        for said in reversed(self._said):
            if said["id"] == change_id:
                return said["person"], said["at"], said["device"]
        columns = (changes_table.c.person, changes_table.c.at, changes_table.c.device)
        query = select(*columns).where(changes_table.c.id == change_id)
        row = self.connection.execute(query).first()
        return (row.person, row.at, row.device) if row else ("office", self.now, "office")

    def _own_id(self) -> str:
        return f"office.{new_id()}"

    def _write(self, change: Change) -> None:
        result = self._apply(self._office, "office", change)
        self._say(self._office, "office", change, result)

    def _say(self, scope: Scope, device: str, change: Change, result: Result) -> None:
        self._said.append(
            {
                "id": change.id,
                "device": device,
                "person": scope.person,
                "kind": change.kind,
                "record": change.record,
                "field": change.field,
                "seq": result.seq,
                "st": result.st,
                "at": change.at or self.now,
                "received_at": self.now,
                "wire": _wire(change),
                "result": encode(result.wire()),
            }
        )

    def _flush(self) -> None:
        dirty, self._dirty = list(self._dirty.values()), {}
        said, self._said = self._said, []
        if dirty:
            self._upsert(ledger, [stand.row() for stand in dirty])
        for name in dict.fromkeys(stand.kind for stand in dirty):
            table = self.kinds[name].table
            rows = [self._record(stand) for stand in dirty if stand.kind == name]
            self._upsert(table, rows)
        if said:
            self._run(_adding(changes_table, self.connection.dialect.name), said)

    def _record(self, stand: Standing) -> dict[str, Any]:
        fields = {name: stand.fields.get(name) for name in self.kinds[stand.kind].fields}
        return {"id": stand.id, "seq": stand.seq, "gone": stand.gone, **fields}

    def _upsert(self, table: Table, rows: list[dict[str, Any]]) -> None:
        self._run(_upserting(table, self.connection.dialect.name), rows)

    def _run(self, statement: Worded, rows: list[dict[str, Any]]) -> None:
        """Run a statement that was worded before for many rows: they are what the driver takes."""
        sql, names = statement
        given = rows if names is None else list(map(itemgetter(*names), rows))
        self.connection.exec_driver_sql(sql, given)

    def _count(self) -> None:
        self.connection.execute(update(head).values(seq=self.seq))


def _fresh(batches: Sequence[Batch], known: Mapping[str, Result]) -> list[Batch]:
    """Leave out what was answered before, and what comes a second time."""
    fresh: list[list[Change]] = [[] for _ in batches]
    seen = set(known)
    for batch, mine in zip(batches, fresh, strict=True):
        for change in batch.changes:
            if change.id not in seen:
                seen.add(change.id)
                mine.append(change)
    return [replace(one, changes=mine) for one, mine in zip(batches, fresh, strict=True) if mine]


@cache
def _upserting(table: Table, dialect: str) -> Worded:
    """Word the statement once: that takes longer than to run it."""
    values = _insert(table, dialect)
    news = {column.name: column for column in values.excluded if column.name != "id"}
    return _worded(values.on_conflict_do_update(index_elements=["id"], set_=news), dialect)


@cache
def _adding(table: Table, dialect: str) -> Worded:
    return _worded(_insert(table, dialect), dialect)


def _insert(table: Table, dialect: str) -> Any:
    insert = postgres_insert if dialect == "postgresql" else sqlite_insert
    return insert(table).values({column.name: bindparam(column.name) for column in table.columns})


def _worded(statement: Insert, dialect: str) -> Worded:
    worded = statement.compile(dialect=DIALECTS[dialect]())
    return str(worded), tuple(worded.positiontup) if worded.positiontup else None


def _rejection(error: Exception) -> Result:
    if isinstance(error, Refused):
        return Result("rejected", why=error.why, say=error.say)
    # The name of a CHECK is the sentence a person reads.
    problem = str(getattr(error, "orig", error)).partition("\n")[0]
    _, sqlite, say = problem.partition("CHECK constraint failed: ")
    if not sqlite:
        say = problem.partition(' violates check constraint "')[2].removesuffix('"')
    return Result("rejected", why="invalid", say=say or PUZZLED)


def _wire(change: Change) -> str:
    """Write a change as it was asked for; what no text can hold is written with its number."""
    try:
        return encode(_plain(change)).encode(errors="backslashreplace").decode()
    except RecursionError:
        return encode({"id": change.id, "do": change.do})


def _plain(change: Change) -> dict[str, Any]:
    plain = {key: value for key, value in vars(change).items() if value and key not in INNER}
    if change.members:
        plain["changes"] = [_plain(member) for member in change.members]
    return plain if change.value is None else {**plain, "value": change.value}


def _decode(text: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(text)
    return result


def _text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else encode(value)


def _slices(ids: list[str]) -> Iterable[list[str]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
