"""The engine's stage: one PostgreSQL for all its tests, and an empty office on either database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from sync import Journal
from tests import stage
from tests.sync import film


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A PostgreSQL of our own."""
    with stage.postgres() as address:
        yield address


@pytest.fixture(scope="session")
def schema(server: str) -> Iterator[Engine]:
    """A schema on it with every table made, as making them takes longer than a test."""
    with film.fresh_schema(server) as engine:
        yield film.build(engine)


@pytest.fixture(scope="session")
def file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An SQLite file with every table made."""
    engine = film.hasty(f"sqlite:///{tmp_path_factory.mktemp('film')}/film.db")
    yield film.build(engine)
    engine.dispose()


@pytest.fixture(params=["file", "schema"], ids=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Engine:
    """Either of the two."""
    engine: Engine = request.getfixturevalue(request.param)
    return engine


@pytest.fixture
def office(database: Engine) -> Journal:
    """The office of a small film with nobody but its four people, on SQLite and on PostgreSQL."""
    return film.begin(database)
