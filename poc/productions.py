"""The productions of this office: one database each, opened when first asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, text

from poc.attaching import KIND, attached
from poc.book import Book
from poc.fitting import fitted, furnish
from poc.places import SLUG, Folder, Schemas, blobs_of
from poc.roles import refusal, scope_of
from sync import Journal
from sync.blobs import Blobs
from sync.database import reading
from sync.merge import Arrival


@dataclass
class Production:
    """One production: its name in addresses, its journal, its clock, and its photos and PDFs."""

    slug: str
    journal: Journal
    clock: Callable[[], datetime]
    blobs: Blobs

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
    """Every production of the office: in files under its data folder, or in its PostgreSQL."""

    def __init__(
        self,
        folder: Path,
        book: Book,
        arrivals: Mapping[str, Arrival],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        url: str = "",
    ) -> None:
        self.folder = folder / "productions"
        self.place = Schemas(url) if url else Folder(self.folder)
        self.book = book
        self.arrivals = arrivals
        self.clock = clock
        self._open: dict[str, Production] = {}
        self._lock = Lock()

    def slugs(self) -> list[str]:
        """List the productions by their names in addresses, whichever process made them."""
        return self.place.slugs()

    def get(self, slug: str) -> Production | None:
        """Open a production, if there is one of that name."""
        with self._lock:
            if slug not in self._open and SLUG.fullmatch(slug) and slug in self.place.slugs():
                self._open[slug] = self._opened(slug)
            return self._open.get(slug)

    def begin(self, slug: str) -> Production:
        """Make a new, empty production."""
        with self.place.making(slug) as engine:
            furnish(engine, self.book)
            self._journal(engine, slug).begin()
        production = self._opened(slug)
        with self._lock:
            self._open[slug] = production
        return production

    def close(self) -> None:
        """Close every database."""
        for production in self._open.values():
            production.engine.dispose()
        self._open.clear()
        self.place.close()

    def _opened(self, slug: str) -> Production:
        engine = fitted(self.place.open(slug), self.book)
        blobs = blobs_of(self.folder, slug)
        return Production(slug, self._journal(engine, slug), self.clock, blobs)

    def _journal(self, engine: Engine, slug: str) -> Journal:
        return Journal(
            engine,
            self.book.kinds,
            scope_of,
            ddl=self.book.ddl,
            arrivals={**self.arrivals, KIND: attached(blobs_of(self.folder, slug))},
            refusal=refusal,
            label=self.book.label,
            clock=self.clock,
        )
