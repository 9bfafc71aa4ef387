"""The productions of this office: one database each, opened when first asked for."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, text

from poc.bell import outbox
from poc.book import Book
from poc.records import Record
from poc.roles import refusal, scope_of
from sync import Journal
from sync.database import open_database, reading, writing
from sync.merge import Arrival

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?")


@dataclass
class Production:
    """One production: its name in addresses, its journal, and its clock."""

    slug: str
    journal: Journal
    clock: Callable[[], datetime]

    @property
    def base(self) -> str:
        return f"/p/{self.slug}"

    @property
    def engine(self) -> Engine:
        return self.journal.engine

    @property
    def title(self) -> str:
        return self._said("title") or self.slug

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self._said("zone") or "UTC")

    def now(self) -> datetime:
        """Say what the production's own clock shows."""
        return self.clock().astimezone(self.zone)

    def _said(self, field: str) -> str | None:
        query = text(f"select {field} from production where id = 'production'")
        with reading(self.engine) as connection:
            said: str | None = connection.execute(query).scalar()
        return said


class Productions:
    """Every production under one data folder. The file is what is backed up, moved and deleted."""

    def __init__(
        self,
        folder: Path,
        book: Book,
        arrivals: Mapping[str, Arrival],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.folder = folder / "productions"
        self.book = book
        self.arrivals = arrivals
        self.clock = clock
        self._open: dict[str, Production] = {}
        self._lock = Lock()

    def get(self, slug: str) -> Production | None:
        """Open a production, if there is one of that name."""
        with self._lock:
            if slug not in self._open and SLUG.fullmatch(slug) and self._file(slug).exists():
                self._open[slug] = self._opened(slug)
            return self._open.get(slug)

    def begin(self, slug: str) -> Production:
        """Make a new, empty production."""
        self.folder.mkdir(parents=True, exist_ok=True)
        production = self._opened(slug)
        with writing(production.engine) as connection:
            Record.metadata.create_all(connection)
            outbox.metadata.create_all(connection)
            connection.execute(text(self.book.waiting))
            for view in self.book.views:
                connection.execute(text(view))
        production.journal.begin()
        with self._lock:
            self._open[slug] = production
        return production

    def close(self) -> None:
        """Close every database."""
        for production in self._open.values():
            production.engine.dispose()
        self._open.clear()

    def _file(self, slug: str) -> Path:
        return self.folder / f"{slug}.db"

    def _opened(self, slug: str) -> Production:
        engine = open_database(f"sqlite:///{self._file(slug)}", pool_size=20, max_overflow=20)
        journal = Journal(
            engine,
            self.book.kinds,
            scope_of,
            ddl=self.book.ddl,
            arrivals=self.arrivals,
            refusal=refusal,
            label=self.book.label,
            clock=self.clock,
        )
        return Production(slug, journal, self.clock)
