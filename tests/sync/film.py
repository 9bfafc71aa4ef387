"""A small film for the engine: its tables, its four people, what each may hold, and its office."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    delete,
    event,
    select,
    text,
)
from sqlalchemy.dialects.sqlite import dialect
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateTable

from sync import ALL, Change, Desk, Journal, Refused, Request, Rule, Scope, kind_of
from sync.database import open_database, reading
from sync.ledger import change as changes_table
from sync.ledger import ledger
from sync.ledger import metadata as engine_tables
from sync.lives import begin_again

metadata = MetaData()
Count = BigInteger().with_variant(Integer, "sqlite")
Answer = dict[str, Any]
Wire = dict[str, Any]
Backup = dict[Table, list[dict[str, Any]]]
NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
EIGHTHS = "A scene has at least one eighth of a page"
WRAPPED = "That scene is wrapped. Ask the first AD to open it again."


def table(name: str, *columns: Column[Any] | CheckConstraint) -> Table:
    own = (Column("id", Text, primary_key=True), Column("seq", Count), Column("gone", Count))
    return Table(name, metadata, *own, *columns, sqlite_strict=True)


def words(*names: str, **marks: str) -> tuple[Column[Any], ...]:
    return tuple(Column(name, Text, info=marks) for name in names)


SCENE = table(
    "scene",
    *words("number", "heading"),
    Column("place", Text, info={"was": ("site", "set")}),
    Column("eighths", Count),
    *words("remark", policy="arrival"),
    *words("fingerprint", by="office"),
    CheckConstraint("eighths > 0", name=EIGHTHS),
)
CONTACT = table("contact", *words("name", "phone", "department"))
DEAL = table("deal", *words("person"), Column("rate", Count))
MEMBERSHIP = table("membership", *words("role", "department"))
ECHO = table("echo", *words("of"))
CLASH = table(
    "clash",
    *words("subject", "about", "field", "label", "late_do", "late_value", "late_by", "late_at"),
    *words("kept_value", "kept_by", "kept_at"),
    Column("kept_gone", Count),
    *words("settled"),
)
KINDS = {one.name: kind_of(one) for one in metadata.sorted_tables}
DDL = [str(CreateTable(one).compile(dialect=dialect())) for one in metadata.sorted_tables]

EVERYBODY = ("ann", "ben", "cyd", "dan")
ROLES = {"ann": "coordinator", "ben": "coordinator", "cyd": "head", "dan": "crew"}


def scope_of(connection: Connection, person: str) -> Scope | None:
    """Ann and Ben run the office, Cyd heads the art department, Dan is on the crew."""
    row = connection.execute(
        select(MEMBERSHIP).where(MEMBERSHIP.c.id == person, MEMBERSHIP.c.gone == 0)
    ).first()
    if row is None:
        return None
    every = dict.fromkeys(KINDS, ALL)
    art = Rule({"department": frozenset({"art"})})
    late = Rule({"late_by": frozenset({person})})
    rights: Mapping[str, tuple[Mapping[str, Rule], Mapping[str, Rule]]] = {
        "coordinator": (every, every),
        "head": ({"scene": ALL, "contact": art, "clash": late}, {"scene": ALL, "contact": art}),
        "crew": ({"scene": ALL, "contact": art}, {"contact": art}),
    }
    return Scope(person, row.seq, *rights[row.role])


def echo(desk: Desk, change: Change, row: Mapping[str, Any]) -> None:
    """Leave one trace for every scene made: what happens twice shows twice."""
    if row.get("number") == "wrapped":
        desk.create("contact", {"name": "half done"})
        desk.set("scene", row["id"], fingerprint="half done")
        raise Refused(WRAPPED, "wrapped")
    if row.get("number") == "unlucky":
        raise LookupError("a fault of the office")
    if change.do == "create":
        desk.create("echo", {"of": change.id})


def build(engine: Engine) -> Engine:
    """Make every table of an empty office."""
    with engine.begin() as connection:
        metadata.create_all(connection)
        engine_tables.create_all(connection)
    return engine


def begin(engine: Engine, journal: type[Journal] = Journal) -> Journal:
    """Open an office that was built, on its first day, with nobody but its four people."""
    with engine.begin() as connection:
        for one in (*metadata.sorted_tables, *engine_tables.sorted_tables):
            connection.execute(delete(one))
    office = open_office(engine, journal)
    office.begin()
    with office.desk() as desk:
        for person, role in ROLES.items():
            desk.create("membership", {"role": role}, person)
    return office


def open_office(engine: Engine, journal: type[Journal] = Journal) -> Journal:
    """Open an office that was begun before."""
    arrivals = {"scene": echo}
    return journal(engine, KINDS, scope_of, ddl=DDL, arrivals=arrivals, clock=lambda: NOON)


def hasty(address: str) -> Engine:
    """Open a database whose power never fails, so that many histories fit in a minute."""
    engine = open_database(address)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _hurry)
    return engine


def _hurry(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


@contextmanager
def fresh_schema(server: str) -> Iterator[Engine]:
    """Open an empty schema on this PostgreSQL, as a production is one."""
    name = f"film_{uuid4().hex}"
    with _on(server) as connection:
        connection.execute(text(f"create schema {name}"))
    engine = open_database(f"{server}&options=-csearch_path%3D{name}")
    try:
        yield engine
    finally:
        engine.dispose()
        with _on(server) as connection:
            connection.execute(text(f"drop schema {name} cascade"))


@contextmanager
def _on(server: str) -> Iterator[Connection]:
    engine = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


def send(office: Journal, person: str, *changes: Any, **stand: Any) -> Answer:
    """Exchange once, as a device that is up to date but for what `stand` says."""
    with office.engine.connect() as connection:
        scope = scope_of(connection, person)
    known = {
        "device": f"{person}-phone",
        "generation": generation(office),
        "epoch": scope.epoch if scope else 0,
        "cursor": office.stand(),
        "sent_at": "2026-11-23T12:00:00Z",
    }
    request = Request(**{**known, **stand}, changes=list(changes))
    answer: Answer = json.loads(office.exchange(person, request))
    return answer


def results(answer: Answer) -> list[str]:
    return [result["st"] for _, result in answer["results"]]


def generation(office: Journal) -> str:
    with office.engine.connect() as connection:
        return str(connection.execute(text("select generation from head")).scalar_one())


def make(name: str, record: str, kind: str = "scene", /, base: int = 0, **fields: object) -> Wire:
    about = {"kind": kind, "record": record}
    return {"id": name, "do": "create", **about, "value": fields, "base": base}


def put(
    name: str,
    record: str,
    field: str,
    value: object,
    base: int = 0,
    after: str | None = None,
    kind: str = "scene",
) -> Wire:
    about = {"kind": kind, "record": record, "field": field}
    return {"id": name, "do": "set", **about, "value": value, "base": base, "after": after}


def drop(
    name: str, record: str, base: int = 0, after: str | None = None, kind: str = "scene"
) -> Wire:
    about = {"kind": kind, "record": record}
    return {"id": name, "do": "delete", **about, "base": base, "after": after}


def together(name: str, *members: Wire) -> Wire:
    return {"id": name, "do": "group", "changes": list(members)}


def back_up(office: Journal) -> Backup:
    """Read every table, as one moment left it."""
    with reading(office.engine) as connection:
        tables = (*metadata.sorted_tables, *engine_tables.sorted_tables)
        return {one: [dict(r._mapping) for r in connection.execute(select(one))] for one in tables}


def restore(office: Journal, backup: Backup) -> None:
    """Play a backup back: everything since is lost, and another life begins."""
    with office.engine.begin() as connection:
        for one, rows in backup.items():
            connection.execute(delete(one))
            if rows:
                connection.execute(one.insert(), rows)
    begin_again(office.engine)


def rows(office: Journal, kind: str) -> list[dict[str, Any]]:
    """Give every row of a kind that is not gone, by its id."""
    one = KINDS[kind].table
    with office.engine.connect() as connection:
        found = connection.execute(select(one).where(one.c.gone == 0).order_by(one.c.id))
        return [dict(row._mapping) for row in found]


def row(office: Journal, record: str, kind: str = "scene") -> dict[str, Any]:
    return next(one for one in rows(office, kind) if one["id"] == record)


def asked(office: Journal) -> list[dict[str, Any]]:
    """Give every change ever stored, in the order it took effect."""
    query = select(changes_table).order_by(changes_table.c.seq)
    with office.engine.connect() as connection:
        found = [dict(row._mapping) for row in connection.execute(query)]
    return [{**one, "wire": json.loads(one["wire"])} for one in found]


def standings(office: Journal) -> list[dict[str, Any]]:
    with office.engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(select(ledger))]
