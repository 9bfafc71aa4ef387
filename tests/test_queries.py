"""Every query finds the same rows in SQLite, in SQLite compiled for phones, and in PostgreSQL."""

import json
from collections.abc import Iterator
from itertools import product
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, text

from poc import AREAS
from poc.area import Query
from poc.book import WAITING, Book
from poc.demo import COORDINATOR, NightFerry
from poc.productions import Production
from poc.records import Record
from sync import Change
from sync.database import reading, writing
from tests import stage
from tests.test_parity import SAMPLES
from tests.worker import Worker

BOOK = Book(AREAS)
SUPPOSED = {f"supposed.{query.name}": query for page in BOOK.pages for query in page.supposed}
QUERIES = {f"shell.{query.name}": query for query in BOOK.shell} | BOOK.queries | SUPPOSED
PEOPLE = "select id from person where name in ('Marta Teixeira', 'Ines Okafor', 'Astrid Lindqvist')"
MOMENTS = {"today": ["2026-04-13", "2026-04-14"], "tomorrow": ["2026-04-15"], "now": ["05:10"]}
CHANGES: dict[str, list[Any]] = {  # what a change may be asked about
    "what": ["general", "person", "department", "scenes"],
    "who": ["Make-up", None],
    "minutes": ["-45"],
    "time": ["25:10"],
    "typed": ["too"],
    "onto": ["boneyard"],
}
NOBODY = "no such record"

Rows = list[dict[str, Any]]


@pytest.fixture(scope="session")
def server() -> Iterator[Engine]:
    """A PostgreSQL with the tables and the film rules of a production, and nothing in them."""
    with stage.postgres() as address:
        engine = create_engine(address)
        with engine.begin() as connection:
            Record.metadata.create_all(connection)
            for statement in (WAITING, *BOOK.views):
                connection.execute(text(statement))
        yield engine
        engine.dispose()


def copied(production: Production, server: Engine) -> None:
    """Bring every row of a production to PostgreSQL."""
    with reading(production.engine) as here, server.begin() as there:
        for table in Record.metadata.sorted_tables:
            there.execute(table.delete())
            if rows := [dict(row._mapping) for row in here.execute(table.select())]:
                there.execute(table.insert(), rows)


def samples(production: Production) -> dict[str, list[Any]]:
    """Give values for every parameter a query may have: some find something, one does not."""
    with reading(production.engine) as connection:
        known = {
            name: [*connection.execute(text(sql)).scalars(), NOBODY]
            for name, sql in {**SAMPLES, "me": PEOPLE}.items()
        }
    strips = {"strips": [" ".join(known["strip"])], "fetch": [" ".join(known["strip"])]}
    return {**known, **MOMENTS, **CHANGES, **strips}


def asked(query: Query, values: dict[str, list[Any]]) -> Iterator[dict[str, str]]:
    for chosen in product(*(values[name] for name in query.parameters)):
        yield dict(zip(query.parameters, chosen, strict=True))


def rows(engine: Engine, query: Query, parameters: dict[str, str]) -> Rows:
    with reading(engine) as connection:
        found = connection.execute(text(query.sql), parameters).mappings()
        return [dict(row) for row in found]


def roughened(ferry: NightFerry) -> None:
    """Add what a calm production has none of: a clash, gaps, a late wrap, a strip without day."""
    ines = ferry.people["Ines Okafor"]
    day, strip = ferry.days[13], _first(ferry, "select min(id) from strip where scene is not null")
    ferry.write(COORDINATOR, "particulars", person=ines, address="Rua das Flores 5")
    ferry.write(COORDINATOR, "invite", person=ines)
    ferry.write(COORDINATOR, "strip", strip, place="boneyard 000100")
    ferry.write(COORDINATOR, "shoot_day", ferry.days[12], wrap="03:30", location=None)
    ferry.write(COORDINATOR, "shoot_day", ferry.days[14], date=None, general_call=None)
    ferry.write(COORDINATOR, "shoot_day", day, wrap="26:00")
    sheet = _first(ferry, "select max(id) from publication where shoot_day is not null")
    ferry.write(COORDINATOR, "briefing", publication=sheet, department="Grip", at="2026-04-13")
    ferry.write(COORDINATOR, "reminder", publication=sheet)
    place = _first(ferry, "select id from location order by name")
    for subject, about in (("location", place), ("shoot_day", ferry.days[12])):
        ferry.write(COORDINATOR, "attachment", subject=subject, about=about, name="quay.jpg")
    late = Change("late.1", "set", "shoot_day", day, "wrap", "21:00", base=1)
    ferry.production.journal.write(ferry.people["Dana Farouk"], "late", [late])
    called = f"person = '{ines}' and shoot_day = '{ferry.days[12]}'"
    since = _first(ferry, f"select since from current_called where {called}")
    with ferry.production.journal.desk() as desk:
        desk.create("withdrawal", {"shoot_day": day, "colour": "White", "made_at": desk.now})
        desk.create("calendar", {"person": ines, "made_at": "2026-04-13T20:00:00Z"})
        desk.create("device", {"person": ines, "name": "iPhone", "seen_at": "2026-04-13T20:00:00Z"})
        for channel in ("mail", "phone"):
            desk.create("letter", {"person": ines, "publication": since, "channel": channel})


def _first(ferry: NightFerry, sql: str) -> str:
    with reading(ferry.production.engine) as connection:
        return str(connection.execute(text(sql)).scalar())


def test_every_query_finds_the_same_on_all_three(
    ferry: NightFerry, server: Engine, worker: Worker
) -> None:
    production = ferry.production
    roughened(ferry)
    copied(production, server)
    image = production.journal.snapshot(ferry.people[COORDINATOR], {})
    values = samples(production)
    found_nothing = set(QUERIES)
    for name, query in QUERIES.items():
        for parameters in asked(query, values):
            here = json.loads(json.dumps(rows(production.engine, query, parameters)))
            there = worker.ask(image, sql=query.sql, parameters=parameters)["rows"]
            assert unnumbered(there) == unnumbered(here), f"{name} on the device, {parameters}"
            assert rows(server, query, parameters) == here, f"{name} on PostgreSQL, {parameters}"
            if here:
                found_nothing.discard(name)
    assert found_nothing == {"office.changes", "office.waiting", "change.waiting_out"}


def unnumbered(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give rows as a copy has them, which does not say when a record was written."""
    return [{**row, "seq": 0} if "seq" in row else row for row in found]


@pytest.mark.parametrize("seed", range(3))
def test_what_nobody_filled_in_is_sorted_alike(
    seed: int, ferry: NightFerry, server: Engine
) -> None:
    production, dice = ferry.production, Random(seed)
    values = samples(production)
    with writing(production.engine) as connection:
        for kind in BOOK.kinds.values():
            for record in connection.execute(kind.table.select()).mappings().all():
                empty = {name: None for name in kind.fields if dice.random() < 0.2}
                where = kind.table.c.id == record["id"]
                if empty:
                    connection.execute(kind.table.update().where(where).values(empty))
    copied(production, server)
    for name, query in QUERIES.items():
        for parameters in asked(query, values):
            here = rows(production.engine, query, parameters)
            assert rows(server, query, parameters) == here, f"{name}, {parameters}"


def test_the_film_rules_stand_on_an_empty_production(server: Engine, office: Flask) -> None:
    production = office.extensions["poc"].productions.begin("nothing-yet")
    copied(production, server)
    nothing: dict[str, list[Any]] = {name: [NOBODY] for name in [*SAMPLES, "me", "strips", "fetch"]}
    nothing |= {**MOMENTS, **CHANGES}
    for name, query in QUERIES.items():
        for parameters in asked(query, nothing):
            assert rows(server, query, parameters) == rows(production.engine, query, parameters), (
                name
            )


def test_a_query_may_be_asked_about_nothing(ferry: NightFerry, server: Engine) -> None:
    copied(ferry.production, server)
    for name, query in QUERIES.items():
        nothing = dict.fromkeys(query.parameters)
        assert rows(server, query, nothing) == rows(ferry.production.engine, query, nothing), name  # type: ignore[arg-type]
