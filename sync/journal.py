"""The journal of one production: the only door through which anything is written or handed out."""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, insert, select

from sync.change import Change, Refused, is_name
from sync.clock import corrected, stamp
from sync.database import reading, writing
from sync.digest import digest
from sync.former import former
from sync.history import Entry, history
from sync.kinds import Kind
from sync.ledger import head, ledger, metadata
from sync.lives import ALL, Past
from sync.merge import Arrival, Batch, Desk, Label, Taken
from sync.recent import LONGEST, Part, Shared
from sync.scope import Scope
from sync.snapshot import Images, image, signed
from sync.standing import REST, encode
from sync.together import Together

PROTOCOL = 1
LEASE = timedelta(days=14)
LONGEST_DELTA = 3000  # records; beyond that a fresh image is smaller and sooner there
LARGEST_BATCH = 200
SEAM = '],"proto":'
DAMAGED = "The change is damaged."

WRITTEN = (
    select(*(ledger.c[name] for name in ("id", "kind", "seq", "gone", "body", "versions")))
    .where(ledger.c.seq > bindparam("after"))
    .order_by(ledger.c.seq)
)
HEAD = select(head.c.seq, head.c.generation)

Wire = Any  # a change as it came in, which may be anything at all
ScopeOf = Callable[[Connection, str], Scope | None]


@dataclass(frozen=True)
class Request:
    """What a device sends: who it is, what it has, and its waiting changes as they came in."""

    device: str
    generation: str = ""
    epoch: int = 0
    cursor: int = 0
    sent_at: str = ""
    changes: Sequence[Any] = ()
    columns: bool = False  # whether it understands fields that were set in columns
    digest: bool = False  # whether it wants to know that it has everything, and nothing else
    beside: Callable[[Desk], None] | None = None  # what the office notes of it at this occasion


@dataclass(frozen=True)
class News:
    """What was written lately, before it was asked who may hold it."""

    cursor: int
    generation: str
    rows: Sequence[Any]

    def of(self, scope: Scope, since: int) -> Iterator[str]:
        """Give what one person may hold, for a device that has everything up to a number."""
        held = (row for row in self.rows if row.kind in scope.reads)
        return (wire for row in held if (wire := _wire(scope, *row, since=since)))

    def touches(self, kinds: Set[str]) -> bool:
        """Say whether a record of these kinds is among them."""
        return any(row.kind in kinds for row in self.rows)


@dataclass
class Journal:
    """One production's journal.

    `scope_of` says, inside the transaction, what a person may hold and write now (None: nothing any
    more); `arrivals` are what the office does when a record of a kind arrives; `refusal` words the
    answer to somebody who may not write a kind; `label` words what a clash is about; `ddl` are the
    statements that make a device's tables.
    """

    engine: Engine
    kinds: Mapping[str, Kind]
    scope_of: ScopeOf
    ddl: Sequence[str] = ()
    arrivals: Mapping[str, Arrival] = field(default_factory=dict)
    refusal: Callable[[str], str] = lambda kind: f"You may not change a {kind.replace('_', ' ')}."
    label: Label = lambda connection, kind, record, field: f"{kind} {field}".strip()
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    _shared: Shared = field(default_factory=Shared, init=False, repr=False)
    _images: Images = field(default_factory=Images, init=False, repr=False)

    def __post_init__(self) -> None:
        self._written = Together(self._write_all)
        self._former = former(self.kinds)

    def begin(self) -> None:
        """Make the engine's own tables in a new database; leave an old one as it is."""
        with writing(self.engine) as connection:
            metadata.create_all(connection)
            if connection.execute(select(head.c.id)).first() is None:
                new = {"id": 1, "seq": 0, "generation": secrets.token_hex(8)}
                connection.execute(insert(head), new)

    def exchange(self, person: str, request: Request) -> str:
        """Take a device's changes; answer with their results and what others changed, as JSON."""
        return self.answer(person, request, self.receive(person, request))

    def coming(self) -> AbstractContextManager[None]:
        """Say that somebody's changes are being read: they can be written with the others'."""
        return self._written.coming()

    def receive(self, person: str, request: Request) -> list[Taken]:
        """Take a device's changes. When this returns they are on disk, by whoever's hand."""
        return self._written((person, request)) if request.changes or request.beside else []

    def answer(self, person: str, request: Request, taken: list[Taken]) -> str:
        """Tell a device what became of its changes, and what others changed, as JSON."""
        with reading(self.engine) as connection:
            return self._answer(connection, person, request, taken)

    def write(self, person: str, device: str, changes: Sequence[Change]) -> list[Taken]:
        """Write for somebody who has no replica: a form sent straight to the office."""
        with writing(self.engine) as connection:
            desk = self._desk(connection)
            return desk.take(self._scope(connection, person), device, changes)

    @contextmanager
    def desk(self) -> Iterator[Desk]:
        """Write as the office: imports, jobs, first records. All of it, or none."""
        with writing(self.engine) as connection:
            desk = self._desk(connection)
            yield desk
            desk.close()

    def snapshot(self, person: str, about: Mapping[str, str]) -> bytes:
        """Return a ready SQLite image of what the person may hold; `about` is kept in it."""
        with reading(self.engine) as connection:
            scope = self._scope(connection, person)
            seq, generation = self._head(connection)
            make = partial(image, connection, self.kinds, scope, self.ddl)
            copy = self._images.get((generation, seq, scope.rights), make)
        stands = {"cursor": str(seq), "generation": generation, "epoch": str(scope.epoch)}
        return signed(copy, {**stands, **about})

    def stand(self) -> int:
        """Return the last number given out."""
        with reading(self.engine) as connection:
            return self._head(connection)[0]

    def news(self, after: int) -> News:
        """Return what was written after a number, for whoever may hold it."""
        with reading(self.engine) as connection:
            rows = connection.execute(WRITTEN, {"after": after}).all()
            return News(*self._head(connection), rows)

    def history(self, record: str) -> list[Entry]:
        """Tell a record's history, oldest first: who changed what, when, from what, and where."""
        with reading(self.engine) as connection:
            return history(connection, self.kinds, record)

    def _write_all(self, asked: Sequence[tuple[str, Request]]) -> list[list[Taken]]:
        with writing(self.engine) as connection:
            desk = self._desk(connection)
            # 1. Under the lock: who is this now? Rights are those of now, not of the edit's moment.
            # 2. A base from another life of this database counts as far as both are the same.
            past = Past(connection, self._head(connection)[1])
            batches = [
                Batch(self._scope(connection, person), one.device, list(self._read(one, past)))
                for person, one in asked
            ]
            taken = desk.take_all(batches)
            for _, request in asked:
                if request.beside:
                    request.beside(desk)
            desk.close()
            return taken

    def _read(self, request: Request, past: Past) -> Iterator[Change]:
        # What this device still has of what a restore lost must come first: it is told to look.
        wires = () if past.knows(request.generation) else request.changes[:LARGEST_BATCH]
        now = self.clock()
        for wire in wires:
            try:
                at = corrected(wire.get("at"), request.sent_at, now)
                yield self._change(wire, at, past.upto(wire.get("generation", request.generation)))
            except (Refused, KeyError, TypeError, AttributeError, RecursionError) as error:
                # 3. What cannot be read is answered too, and never blocks what comes behind it.
                name = wire.get("id") if isinstance(wire, dict) else None
                if name and is_name(name):
                    refused = error if isinstance(error, Refused) else Refused(DAMAGED)
                    yield Change(name, "set", value=wire, refused=refused)

    def _change(self, wire: Wire, at: str, upto: int) -> Change:
        if upto < ALL:
            members = [_since(member, upto) for member in wire.get("changes", ())]
            wire = {**_since(wire, upto), "changes": members}
        return self._former.today(Change.read(wire, at))

    def _answer(
        self, connection: Connection, person: str, request: Request, taken: list[Taken]
    ) -> str:
        scope = self.scope_of(connection, person)
        seq, generation = self._head(connection)
        now = self.clock()
        answer: dict[str, Any] = {
            "generation": generation,
            "epoch": scope.epoch if scope else 0,
            "from": request.cursor,
            "cursor": seq,
            "reset": False,
            "revoked": scope is None,
            "results": [[name, result.wire()] for name, result in taken],
            "lease_until": stamp(now + LEASE),
            "now": stamp(now),
        }
        same = request.generation == generation and scope and request.epoch == scope.epoch
        delta: str | None = ""
        if scope:
            whole = same and 0 < request.cursor <= seq
            delta = self._joined(connection, scope, request, (seq, generation)) if whole else None
        answer["reset"] = delta is None
        if scope and request.digest and delta is not None:
            answer["digest"] = digest(connection, self.kinds, scope)
        return f'{{"records":[{delta or ""}{SEAM}{PROTOCOL},{encode(answer)[1:]}'

    def _joined(
        self, connection: Connection, scope: Scope, request: Request, stand: tuple[int, str]
    ) -> str | None:
        """Tell all who may hold the same, and stand at the same number, the same text."""
        if request.columns:
            read = partial(self._parts, connection, scope)
            return self._shared.above((stand[1], scope.rights), request.cursor, stand[0], read)
        rows = self._rows(connection, scope, request.cursor, LONGEST_DELTA)
        return None if rows is None else ",".join(filter(None, (_wire(scope, *r) for r in rows)))

    def _parts(self, connection: Connection, scope: Scope, cursor: int) -> list[Part] | None:
        rows = self._rows(connection, scope, cursor, LONGEST)
        return None if rows is None else [one for row in rows for one in _told(scope, row, cursor)]

    def _rows(
        self, connection: Connection, scope: Scope, cursor: int, longest: int
    ) -> list[Any] | None:
        """Read where records stand that were written above a number, if they are not too many."""
        query = WRITTEN.limit(longest + 1)
        rows = connection.execute(query, {"after": cursor}).all()
        held = [row for row in rows if row.kind in scope.reads]
        return held if len(rows) <= longest else None

    def _scope(self, connection: Connection, person: str) -> Scope:
        # Somebody who left the production still gets an answer to every change: refused, and kept.
        return self.scope_of(connection, person) or Scope(person, 0, {}, {})

    def _head(self, connection: Connection) -> tuple[int, str]:
        row = connection.execute(HEAD).one()
        return row.seq, row.generation

    def _desk(self, connection: Connection) -> Desk:
        words = (self.refusal, self.label)
        return Desk(connection, self.kinds, stamp(self.clock()), self.arrivals, *words)


def _since(wire: Wire, upto: int) -> Wire:
    base = wire.get("base", 0)
    return {**wire, "base": min(base, upto)} if isinstance(base, int) else wire


def _told(scope: Scope, row: Any, since: int) -> Iterator[Part]:
    """Give what was written of a record since: its fields one by one, where devices surely have it.

    A record made since is told as a whole before the fields set after that.
    """
    record = encode(row.id)
    if row.gone or not scope.whole(row.kind):
        if text := _wire(scope, *row):
            yield Part(row.seq, record, "", text)
        return
    versions: dict[str, int] = json.loads(row.versions)
    made = versions.get(REST, 0)
    if made > since:
        yield Part(made, record, "", _wire(scope, *row))
    fields = json.loads(row.body)
    for name, version in versions.items():
        if version > max(since, made):
            yield Part(version, record, f"{row.kind}.{name}", encode(fields.get(name)))


def _wire(
    scope: Scope,
    record: str,
    kind: str,
    seq: int,
    gone: int,
    body: str,
    versions: str,
    *,
    since: int | None = None,
) -> str:
    """Write one record as devices read it, or nothing where they never held it.

    A device that surely has the record as it stood at `since` is sent what changed, marked as such.

    What a person may not hold (any more) is only `gone`, and not even that when the record's scope
    never changed: a device is not told that other people's records exist.
    """
    about = f"[{encode(kind)},{encode(record)},{seq}"
    rule = scope.reads[kind]
    if since is not None and rule.where is None and not gone:
        news = _moved(json.loads(versions), since)
        if news:
            fields = json.loads(body)
            return f"{about},{encode({name: fields.get(name) for name in news})},1]"
    if rule.where is None or rule.covers({"id": record, **json.loads(body)}):
        return f"{about},null]" if gone else f"{about},{body}]"
    moved = not rule.where.keys().isdisjoint(json.loads(versions))
    return f"{about},null]" if moved else ""


def _moved(versions: dict[str, int], since: int) -> list[str]:
    """Name the fields set since; none for a record that was made since, which is sent whole."""
    if versions.get(REST, 0) > since:
        return []
    return [name for name, version in versions.items() if version > since]


def halves(answer: str) -> tuple[str, str]:
    """Cut an answer into what other devices are told too, and what is only this one's."""
    # Inside a text every quote is escaped, and no field holds a list: the seam is found only once.
    shared, seam, own = answer.partition(SEAM)
    return shared, seam + own
