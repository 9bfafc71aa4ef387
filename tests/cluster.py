"""A PostgreSQL for the tests of the office, where every test has a database of its own."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests import stage


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL in which tests make, clone and drop databases."""

    address: str

    def make(self, name: str, *options: str) -> str:
        """Make a database; return its address."""
        self._say(f"create database {name}", *options)
        return self.address.replace("/postgres?", f"/{name}?")

    @contextmanager
    def clone(self, model: str) -> Iterator[str]:
        """Copy a database that nobody is connected to, for one test."""
        name = f"clone_{secrets.token_hex(8)}"
        try:
            yield self.make(name, f"template {model} strategy file_copy")
        finally:
            self._say(f"drop database if exists {name} with (force)")

    def _say(self, *words: str) -> None:
        engine = create_engine(self.address, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            connection.execute(text(" ".join(words)))


@contextmanager
def started() -> Iterator[Cluster]:
    """Start it, and let nothing of it stay."""
    with stage.postgres() as address:
        yield Cluster(address)
