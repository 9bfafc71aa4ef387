"""Every query finds the same rows in SQLite, in SQLite compiled for phones, and in PostgreSQL."""

import json
from collections.abc import Iterator
from itertools import product
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
from sync.database import reading
from tests import stage
from tests.test_parity import SAMPLES
from tests.worker import Worker

BOOK = Book(AREAS)
QUERIES = {f"shell.{query.name}": query for query in BOOK.shell} | BOOK.queries
PEOPLE = "select id from person where name in ('Marta Teixeira', 'Ines Okafor', 'Astrid Lindqvist')"
MOMENTS = {"today": ["2026-04-13", "2026-04-14"], "tomorrow": ["2026-04-15"], "now": ["05:10"]}
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


def samples(production: Production) -> dict[str, list[str]]:
    """Give values for every parameter a query may have: some that find something, one that does not."""
    with reading(production.engine) as connection:
        known = {
            name: [*connection.execute(text(sql)).scalars(), NOBODY]
            for name, sql in {**SAMPLES, "me": PEOPLE}.items()
        }
    return {**known, **MOMENTS}


def asked(query: Query, values: dict[str, list[str]]) -> Iterator[dict[str, str]]:
    for chosen in product(*(values[name] for name in query.parameters)):
        yield dict(zip(query.parameters, chosen, strict=True))


def rows(engine: Engine, query: Query, parameters: dict[str, str]) -> Rows:
    with reading(engine) as connection:
        found = connection.execute(text(query.sql), parameters).mappings()
        return [dict(row) for row in found]


def test_every_query_finds_the_same_on_all_three(
    office: Flask, ferry: NightFerry, server: Engine, worker: Worker
) -> None:
    production = ferry.production
    copied(production, server)
    image = production.journal.snapshot(ferry.people[COORDINATOR], {})
    values = samples(production)
    found_nothing = set(QUERIES)
    for name, query in QUERIES.items():
        for parameters in asked(query, values):
            here = json.loads(json.dumps(rows(production.engine, query, parameters)))
            assert worker.ask(image, sql=query.sql, parameters=parameters)["rows"] == here, (
                f"{name} on the device, {parameters}"
            )
            assert rows(server, query, parameters) == here, f"{name} on PostgreSQL, {parameters}"
            if here:
                found_nothing.discard(name)
    # What Night Ferry has none of; everything else must have been compared with rows in it.
    assert found_nothing <= {
        "office.changes",
        "office.clashes",
        "office.open_clashes",
        "office.waiting",
        "crew.devices",
        "crew.invites",
        "crew.my_devices",
        "crew.particulars",
    }


def test_the_film_rules_stand_on_an_empty_production(server: Engine, office: Flask) -> None:
    production = office.extensions["poc"].productions.begin("nothing-yet")
    copied(production, server)
    nothing = dict.fromkeys([*SAMPLES, "me"], [NOBODY]) | MOMENTS
    for name, query in QUERIES.items():
        for parameters in asked(query, nothing):
            assert rows(server, query, parameters) == rows(production.engine, query, parameters), (
                name
            )


def test_a_query_may_be_asked_about_nothing(ferry: NightFerry, server: Engine) -> None:
    for name, query in QUERIES.items():
        nothing = dict.fromkeys(query.parameters)
        assert rows(server, query, nothing) == rows(ferry.production.engine, query, nothing), name  # type: ignore[arg-type]
