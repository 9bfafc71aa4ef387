"""The merge: one transaction in which changes are compared, set, kept or refused, one after another."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.schema import Table

from sync import scope as scopes
from sync.change import Change, Refused, Result
from sync.ids import new_id
from sync.kinds import Kind
from sync.ledger import change as changes_table
from sync.ledger import head, ledger
from sync.scope import Scope
from sync.standing import LAST, Standing, encode
from sync.fit import fit

CLASH = "clash"
BATCH = 400

Arrival = Callable[["Desk", Change, dict[str, Any]], None]
Label = Callable[[Connection, str, str, str], str]
Taken = tuple[str, Result]


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
        self._begin()

    def take(self, scope: Scope, device: str, changes: Iterable[Change]) -> list[Taken]:
        """Apply a batch in its order and return one result for each change, old or new."""
        batch = list(changes)
        self.author = scope.person
        known = self._known([change.id for change in batch])
        fresh = list({c.id: c for c in batch if c.id not in known}.values())
        self._fetch(member.record for change in fresh for member in (change, *change.members))
        known |= self._together(scope, device, fresh) or self._apart(scope, device, fresh)
        self._count()
        return [(change.id, known[change.id]) for change in batch]

    def refuse(
        self, scope: Scope, device: str, change_id: str, refused: Refused, wire: Any
    ) -> Taken:
        """Store the answer to something that could not even be read, and the thing itself."""
        known = self._known([change_id])
        if change_id not in known:
            result = Result("rejected", why=refused.why, say=refused.say)
            self._say(scope, device, Change(change_id, "set", value=wire), result)
            self._flush()
            known[change_id] = result
        return change_id, known[change_id]

    def create(self, kind: str, fields: Mapping[str, Any], record: str = "") -> str:
        """Make a record as the office; return its id."""
        record = record or new_id()
        self._write(Change(self._own_id(), "create", kind, record, value=dict(fields)))
        return record

    def set(self, kind: str, record: str, **fields: Any) -> None:
        """Set fields of a record as the office; what already has the value stays untouched."""
        for name, value in fields.items():
            self._write(Change(self._own_id(), "set", kind, record, name, value))

    def remove(self, kind: str, record: str) -> None:
        """Remove a record as the office."""
        self._write(Change(self._own_id(), "delete", kind, record))

    def standing(self, kind: str, record: str) -> Standing:
        """Return where a record stands, or an empty standing for one that was never made."""
        return self._standing(Change("", "set", kind, record))

    def close(self) -> None:
        """Write out what is still only in memory."""
        self._flush()
        self._count()

    # How a batch is taken: together when all goes well, else one by one, each in its own savepoint.

    def _together(self, scope: Scope, device: str, fresh: list[Change]) -> dict[str, Result] | None:
        start = self.seq
        try:
            with self.connection.begin_nested():
                return self._each(scope, device, fresh)
        except (IntegrityError, DataError, Refused):
            self._rewind(start)
            return None

    def _apart(self, scope: Scope, device: str, fresh: list[Change]) -> dict[str, Result]:
        results: dict[str, Result] = {}
        for change in fresh:
            start = self.seq
            try:
                with self.connection.begin_nested():
                    results |= self._each(scope, device, [change])
            except (IntegrityError, DataError, Refused) as error:
                self._rewind(start)
                results[change.id] = _rejection(error)
                self._say(scope, device, change, results[change.id])
                self._flush()
        return results

    def _each(self, scope: Scope, device: str, changes: list[Change]) -> dict[str, Result]:
        results = {}
        for change in changes:
            results[change.id] = self._one(scope, device, change)
            self._say(scope, device, change, results[change.id])
            self._react(change, results[change.id])
        self._flush()
        return results

    def _one(self, scope: Scope, device: str, change: Change) -> Result:
        try:
            if change.do == "group":
                return self._group(scope, device, change)
            return self._apply(scope, device, change)
        except Refused as refused:
            return Result("rejected", why=refused.why, say=refused.say)

    def _react(self, change: Change, result: Result) -> None:
        for one in change.members or (change,):
            if result.st == "applied" and one.kind in self._arrivals:
                self._flush()
                row = {"id": one.record, **self._standings[one.record].fields}
                self._arrivals[one.kind](self, one, row)
                self._flush()

    def _group(self, scope: Scope, device: str, group: Change) -> Result:
        """Apply every member or none; the members that collide become clashes all the same."""
        for member in group.members:
            reason = self._hindrance(scope, member)
            if reason == "clash":
                clashes = [
                    self._clash(scope, m, self._standing(m))
                    for m in group.members
                    if self._hindrance(scope, m) == "clash"
                ]
                return Result("conflict", clash=clashes[0], why="changed")
        seqs = [self._apply(scope, device, member).seq for member in group.members]
        return Result("applied", seq=max(seqs, default=0))

    def _hindrance(self, scope: Scope, change: Change) -> str:
        """Say what stands in a change's way; raise Refused where it may not be made at all."""
        stand = self._standing(change)
        self._permit(scope, change, stand)
        for name, value in self._wanted(change).items():
            self._fit(change, name, value)
        if change.do == "create":
            return "clash" if stand.exists else ""
        if not stand.seq:
            raise Refused("This is not in the office any more.", "unknown")
        fresh = self._unseen(scope, change, stand) == ""
        return "" if fresh or self._equal(change, stand) else "clash"

    # What one change does.

    def _apply(self, scope: Scope, device: str, change: Change) -> Result:
        stand = self._standing(change)
        self._permit(scope, change, stand)
        if change.do == "create":
            return self._create(scope, change, stand)
        if not stand.seq:
            raise Refused("This is not in the office any more.", "unknown")
        if change.do == "delete":
            return self._delete(scope, change, stand)
        return self._set(scope, change, stand)

    def _create(self, scope: Scope, change: Change, stand: Standing) -> Result:
        fields = {name: self._fit(change, name, value) for name, value in change.value.items()}
        if stand.gone and stand.seq > change.base and not scope.office:
            return Result("conflict", clash=self._clash(scope, change, stand), why="deleted")
        if not stand.exists:
            stand.make(fields, self._next(), change.id)
            return self._applied(stand)
        return self._meet(scope, change, stand, fields)

    def _meet(
        self, scope: Scope, change: Change, stand: Standing, fields: dict[str, Any]
    ) -> Result:
        """Two people made the same record apart: field by field, as if each had been set."""
        sets = (
            Change(change.id, "set", change.kind, change.record, name, value, change.base)
            for name, value in fields.items()
            if value is not None or stand.fields.get(name) is not None
        )
        results = [self._set(scope, one, stand) for one in sets]
        order = ("conflict", "applied", "same")
        return min(results, key=lambda r: order.index(r.st), default=Result("same"))

    def _set(self, scope: Scope, change: Change, stand: Standing) -> Result:
        value = self._fit(change, change.field, change.value)
        if not stand.gone and stand.fields.get(change.field) == value:
            return Result("same")
        why = self._unseen(scope, change, stand)
        if why:
            return Result("conflict", clash=self._clash(scope, change, stand), why=why)
        stand.put(change.field, value, self._next(), change.id)
        return self._applied(stand)

    def _delete(self, scope: Scope, change: Change, stand: Standing) -> Result:
        if stand.gone:
            return Result("same")
        why = self._unseen(scope, change, stand)
        if why:
            return Result("conflict", clash=self._clash(scope, change, stand), why=why)
        stand.remove(self._next(), change.id)
        return self._applied(stand)

    def _unseen(self, scope: Scope, change: Change, stand: Standing) -> str:
        """Say whether somebody wrote what the author of this change had not seen."""
        if scope.office:
            return ""
        if stand.gone:
            return "deleted"
        if change.do == "delete":
            seen = stand.seq <= change.base or stand.writers.get(LAST) == change.after
        else:
            version, writer = stand.version(change.field), stand.writer(change.field)
            seen = version <= change.base or writer == change.after
        later_wins = change.field in self.kinds[change.kind].arrival
        return "" if seen or later_wins else "changed"

    def _equal(self, change: Change, stand: Standing) -> bool:
        if change.do == "delete":
            return bool(stand.gone)
        return stand.exists and stand.fields.get(change.field) == change.value

    def _clash(self, scope: Scope, change: Change, stand: Standing) -> str:
        """Keep both values and both names until a person settles it."""
        if CLASH not in self.kinds or change.kind == CLASH:
            return ""
        kept = self._author(stand.writer(change.field) if change.field else stand.writers[LAST])
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
        names = set(change.value) if change.do == "create" else {change.field} - {""}
        if not names <= set(kind.fields):
            raise Refused("The office does not know this field.", "unknown")
        if scope.office:
            return
        before = {"id": change.record, **stand.fields}
        after = {**before, **self._wanted(change)}
        rows = [after] if not stand.seq else [before, after]
        if names & kind.office or not all(scope.may_write(change.kind, row) for row in rows):
            raise Refused(self._refusal(change.kind), "permission")

    def _wanted(self, change: Change) -> dict[str, Any]:
        if change.do == "create":
            return dict(change.value)
        return {change.field: change.value} if change.do == "set" else {}

    def _fit(self, change: Change, name: str, value: Any) -> Any:
        return fit(self.kinds[change.kind], name, value)

    def _applied(self, stand: Standing) -> Result:
        self._dirty[stand.id] = stand
        return Result("applied", seq=stand.seq)

    def _next(self) -> int:
        self.seq += 1
        return self.seq

    # Reading and writing, few and large.

    def _begin(self) -> None:
        self._standings: dict[str, Standing] = {}
        self._dirty: dict[str, Standing] = {}
        self._said: list[dict[str, Any]] = []

    def _rewind(self, seq: int) -> None:
        """Forget what a rolled-back savepoint had done."""
        self.seq = seq
        self._begin()

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
                self._standings[row.id] = Standing.of(row._mapping)
            for one in some:
                self._standings.setdefault(one, Standing(one, ""))

    def _standing(self, change: Change) -> Standing:
        self._fetch([change.record])
        stand = self._standings[change.record]
        stand.kind = stand.kind or change.kind
        return stand

    def _author(self, change_id: str) -> tuple[str, str]:
        for said in reversed(self._said):
            if said["id"] == change_id:
                return said["person"], said["at"]
        query = select(changes_table.c.person, changes_table.c.at)
        row = self.connection.execute(query.where(changes_table.c.id == change_id)).first()
        return (row.person, row.at) if row else ("office", self.now)

    def _own_id(self) -> str:
        return f"office.{new_id()}"

    def _write(self, change: Change) -> None:
        result = self._apply(self._office, "office", change)
        self._say(self._office, "office", change, result)

    def _say(self, scope: Scope, device: str, change: Change, result: Result) -> None:
        one = change.members[0] if change.members else change
        self._said.append(
            {
                "id": change.id,
                "device": device,
                "person": scope.person,
                "kind": one.kind,
                "record": one.record,
                "field": one.field,
                "seq": result.seq,
                "st": result.st,
                "at": change.at or self.now,
                "received_at": self.now,
                "wire": encode(_asked(change)),
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
            self.connection.execute(changes_table.insert(), said)

    def _record(self, stand: Standing) -> dict[str, Any]:
        fields = {name: stand.fields.get(name) for name in self.kinds[stand.kind].fields}
        return {"id": stand.id, "seq": stand.seq, "gone": stand.gone, **fields}

    def _upsert(self, table: Table, rows: list[dict[str, Any]]) -> None:
        insert = (
            postgres_insert if self.connection.dialect.name == "postgresql" else sqlite_insert
        )
        values = insert(table).values({name: bindparam(name) for name in rows[0]})
        update_ = {name: values.excluded[name] for name in rows[0] if name != "id"}
        self.connection.execute(values.on_conflict_do_update(["id"], set_=update_), rows)

    def _count(self) -> None:
        self.connection.execute(update(head).values(seq=self.seq))


def _rejection(error: Exception) -> Result:
    if isinstance(error, Refused):
        return Result("rejected", why=error.why, say=error.say)
    diag = getattr(getattr(error, "orig", None), "diag", None)
    # The name of a CHECK is the sentence a person reads.
    say = getattr(diag, "constraint_name", None) or str(getattr(error, "orig", error))
    return Result("rejected", why="invalid", say=say.rpartition("constraint failed: ")[2])


def _asked(change: Change) -> dict[str, Any]:
    asked = {key: value for key, value in vars(change).items() if value and key != "members"}
    if change.members:
        asked["changes"] = [_asked(member) for member in change.members]
    return asked


def _decode(text: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(text)
    return result


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else encode(value)


def _slices(ids: list[str]) -> Iterable[list[str]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
