"""A production that an older version made gets what it lacks, and keeps what it has."""

import pytest
from sqlalchemy import Connection, inspect, text

from poc.book import Book
from poc.demo import COORDINATOR, NightFerry
from poc.fitting import fitted
from sync.database import reading, writing

ON_BOTH = True


@pytest.fixture
def book(ferry: NightFerry, request: pytest.FixtureRequest) -> Book:
    found: Book = request.getfixturevalue("office").extensions["poc"].book
    return found


def make_older(connection: Connection) -> None:
    """Take away a column, an index and the film rules, as if they had not been thought of yet."""
    further = " cascade" if connection.dialect.name == "postgresql" else ""
    for view in inspect(connection).get_view_names():
        connection.execute(text(f'drop view if exists "{view}"{further}'))
    for statement in (
        "alter table location drop column hospital",
        "drop index call_day",
        "update fit set schema = 1",
    ):
        connection.execute(text(statement))


def test_a_column_an_index_and_the_rules_come_with_the_new_version(
    ferry: NightFerry, book: Book
) -> None:
    engine = ferry.production.engine
    names = "select name from location order by id"
    with writing(engine) as connection:
        before = connection.execute(text(names)).scalars().all()
        make_older(connection)
    fitted(engine, book)
    with reading(engine) as connection:
        assert connection.execute(text(names)).scalars().all() == before
        assert connection.execute(text("select count(*) from day_finding")).scalar() is not None
        assert "call_day" in {one["name"] for one in inspect(connection).get_indexes("call")}
        place = connection.execute(text("select min(id) from location")).scalar_one()
    assert ferry.write(COORDINATOR, "location", place, hospital="São José, +351 1").st != "rejected"
    with reading(engine) as connection:
        query = text("select hospital from location where id = :id")
        assert connection.execute(query, {"id": place}).scalar() == "São José, +351 1"


def test_one_that_fits_is_left_alone(ferry: NightFerry, book: Book) -> None:
    engine = ferry.production.engine
    fitted(engine, book)
    with writing(engine) as connection:
        connection.execute(text("create view mine as select 1 as one"))
    fitted(engine, book)
    with reading(engine) as connection:
        assert connection.execute(text("select one from mine")).scalar() == 1
