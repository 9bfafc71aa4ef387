"""The engine's stage: one PostgreSQL for all its tests, and an empty office on either database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

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
        film.begin(engine)
        yield engine


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    """The office of a small film with nobody but its four people, on SQLite and on PostgreSQL."""
    if request.param == "postgresql":
        engine = request.getfixturevalue("schema")
        film.clear(engine)
        yield film.begin(engine)
    else:
        engine = film.hasty(f"sqlite:///{tmp_path}/film.db")
        yield film.begin(engine)
        engine.dispose()
