"""Where productions are kept: each in a file of a folder, or each in a schema of PostgreSQL."""

import os
import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL, Connection, Engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError
from sqlalchemy.schema import CreateSchema, DropSchema

from sync.blobs import Blobs
from sync.database import open_database
from sync.disk import to_disk

# At most 60 characters: with its prefix the name of a schema must fit in 63.
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
PREFIX = "p_"
REGISTRY = "registry"
# Several processes share one server, which takes a hundred connections unless it is told more.
POOL = {"pool_size": 8, "max_overflow": 16, "pool_pre_ping": True}


class Unusable(Exception):
    """The database cannot be used; the message is the sentence to print."""


class AlreadyThere(Exception):
    """There is a production of that name; the message is the sentence to print."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"There is a production named {slug} already. Choose another name.")


class Place(Protocol):
    """Where productions are kept."""

    def slugs(self) -> list[str]:
        """List the productions by their names in addresses."""

    def open(self, slug: str) -> Engine:
        """Open the database of a production."""

    def making(self, slug: str) -> AbstractContextManager[Engine]:
        """Give an empty database that becomes the production when all went well."""

    def registry(self) -> Engine:
        """Open the registry beside the productions; it may be empty yet."""

    def close(self) -> None:
        """Let go of what all productions share."""


class Folder:
    """Files of SQLite. The file is what is backed up, moved and deleted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def slugs(self) -> list[str]:
        return sorted(file.stem for file in self.folder.glob("*.db"))

    def open(self, slug: str) -> Engine:
        return open_database(f"sqlite:///{self._file(slug)}", pool_size=20, max_overflow=20)

    @contextmanager
    def making(self, slug: str) -> Iterator[Engine]:
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / f"{slug}.{secrets.token_hex(4)}.half"
        engine = open_database(f"sqlite:///{draft}")
        try:
            yield engine
            engine.dispose()  # the last connection brings everything into the one file
            self._keep(draft, slug)
        finally:
            engine.dispose()
            draft.unlink(missing_ok=True)

    def registry(self) -> Engine:
        return open_database(f"sqlite:///{self.folder.parent / 'registry.db'}")

    def close(self) -> None:
        """Every file is closed by whoever opened it."""

    def _keep(self, draft: Path, slug: str) -> None:
        try:
            os.link(draft, self._file(slug))
        except FileExistsError:
            raise AlreadyThere(slug) from None
        to_disk(self.folder)

    def _file(self, slug: str) -> Path:
        return self.folder / f"{slug}.db"


class Schemas:
    """Schemas of one PostgreSQL, over one pool of connections; its catalogue is the list."""

    def __init__(self, url: str) -> None:
        self._engine = open_database(address(url).render_as_string(False), **POOL)
        turned(self._engine)

    def slugs(self) -> list[str]:
        with self._engine.connect() as connection:
            names = connection.execute(text("select nspname from pg_namespace")).scalars()
            ours = (name.removeprefix(PREFIX) for name in names if name.startswith(PREFIX))
            return sorted(slug for slug in ours if SLUG.fullmatch(slug))

    def open(self, slug: str) -> Engine:
        return self._within(PREFIX + slug)

    @contextmanager
    def making(self, slug: str) -> Iterator[Engine]:
        draft = f"half_{secrets.token_hex(8)}"
        with self._engine.begin() as connection:
            connection.execute(CreateSchema(draft))
        try:
            yield self._within(draft)
            self._keep(draft, slug)
        finally:
            with self._engine.begin() as connection:
                connection.execute(DropSchema(draft, cascade=True, if_exists=True))

    def registry(self) -> Engine:
        with alone(self._engine) as connection:
            connection.execute(CreateSchema(REGISTRY, if_not_exists=True))
        return self._within(REGISTRY)

    def close(self) -> None:
        self._engine.dispose()

    def _within(self, schema: str) -> Engine:
        return self._engine.execution_options(poc_schema=schema)

    def _keep(self, draft: str, slug: str) -> None:
        try:
            with self._engine.begin() as connection:
                connection.execute(text(f'alter schema {draft} rename to "{PREFIX}{slug}"'))
        except ProgrammingError:
            if slug in self.slugs():
                raise AlreadyThere(slug) from None
            raise


def blobs_of(folder: Path, slug: str) -> Blobs:
    """Find a production's photos and PDFs: beside its file, also when its records are elsewhere."""
    return Blobs(folder / f"{slug}.blobs")


def place_at(where: str) -> Place:
    """Find productions by an address of PostgreSQL, or by a data folder."""
    return Schemas(where) if "://" in where else Folder(Path(where) / "productions")


def address(url: str) -> URL:
    """Read the address of a PostgreSQL; say in a sentence why it cannot be used."""
    if find_spec("psycopg") is None:
        raise Unusable(
            "PostgreSQL needs one more package. Install it, then try again: "
            f"{sys.executable} -m pip install 'psycopg[binary]'"
        )
    try:
        found = make_url(url)
    except (ArgumentError, ValueError):
        found = URL.create("none")
    if found.get_backend_name() not in ("postgresql", "postgres"):
        raise Unusable(
            "DATABASE_URL is no address of a PostgreSQL. "
            "It is written like postgresql://name:password@host/database."
        )
    return found.set(drivername="postgresql+psycopg")


def turned(engine: Engine) -> None:
    """Turn every transaction to the schema that its engine is for."""
    event.listen(engine, "begin", _turn)


@contextmanager
def alone(engine: Engine) -> Iterator[Connection]:
    """One transaction that no other process of the office has at the same time."""
    try:
        with engine.begin() as connection:
            connection.execute(text("select pg_advisory_xact_lock(hashtext('poc'))"))
            yield connection
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[-1]
        where = engine.url.render_as_string(hide_password=True)
        raise Unusable(
            f"The database at {where} cannot be used: {reason}. "
            "Is PostgreSQL running, and is DATABASE_URL right?"
        ) from None


def _turn(connection: Connection) -> None:
    if schema := connection.get_execution_options().get("poc_schema"):
        # Only for this transaction: the next one on this connection may be for another production.
        connection.exec_driver_sql(f'set local search_path to "{schema}"')
