"""GET: run a page's queries, fill its template. Its twin on the device is sw/pages.js."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import text

from poc.area import Query
from poc.book import Asked, Book
from poc.productions import Production
from poc.supposing import MARK
from sync import Scope
from sync.database import reading

Row = dict[str, Any]
Ask = Callable[[str, Mapping[str, Any]], list[Row]]


class NotFound(Exception):
    """There is no such page, or what it was about is gone."""


class NotYours(Exception):
    """The page needs records that this person's role does not hold."""


@dataclass(frozen=True)
class Reading:
    """One state of a production, as one person may see it."""

    ask: Ask
    seen: int
    person: str
    kinds: frozenset[str]
    base: str
    today: str
    tomorrow: str
    now: str  # what the production's clock shows, like 22:14; for queries, never on a page
    shared: dict[str, Any] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, Any]:
        days = {"today": self.today, "tomorrow": self.tomorrow, "now": self.now}
        return {"me": self.person, **days}


def answer(book: Book, sight: Reading, address: str) -> str:
    """Fill the page at an address (below the production's own) for the person who is looking."""
    asked, args = _page(book, sight, address)
    path = address.partition("?")[0]
    parameters = {**sight.parameters, **args}
    found = {query.name: find(sight.ask, query, parameters) for query in asked.queries}
    if asked.page.supposing:
        edits = found[asked.page.supposing.edits]
        found |= suppose(asked.supposed, sight, parameters, edits)
    if asked.page.thaws:
        found = {**_thaw(book, asked, found, bool(args)), **found}
    return fill(book, sight, asked.page.template, path, found)


def fill(book: Book, sight: Reading, template: str, path: str, found: Mapping[str, Any]) -> str:
    """Fill any template, with the shell every page has around it."""
    shell: Row = {q.name: find(sight.ask, q, sight.parameters) for q in book.shell}
    shell |= {
        "base": sight.base,
        "nav": book.nav(sight.kinds, sight.base, path),
        "path": path,
        "seen": sight.seen,
        "today": sight.today,
        "tomorrow": sight.tomorrow,
        "version": book.version,
    }
    filled: str = book.environment.get_template(template).render(**shell, **found)
    return filled


def find(ask: Ask, query: Query, parameters: Mapping[str, Any]) -> Any:
    """Ask one query and give its rows the shape it promises."""
    rows = ask(query.sql, {name: parameters.get(name) for name in query.parameters})
    if query.shape == "*":
        return rows
    if query.shape.startswith("/"):
        column = query.shape[1:]
        return {key: list(some) for key, some in groupby(rows, key=lambda row: row[column])}
    if not rows and query.shape == "":
        raise NotFound(query.about)
    return rows[0] if rows else None


def suppose(queries: Iterable[Query], sight: Reading, parameters: Row, edits: Sequence[Row]) -> Row:
    """Ask what would be found if these edits had been written."""
    names = ("kind", "record", "field", "value")
    places = [", (" + ", ".join(f":{name}_{n}" for name in names) + ")" for n in range(len(edits))]
    written = {f"{name}_{n}": one[name] for n, one in enumerate(edits) for name in names}

    def ask(sql: str, given: Mapping[str, Any]) -> list[Row]:
        return sight.ask(sql.replace(MARK, "".join(places)), {**given, **written})

    return {query.name: find(ask, query, parameters) for query in queries}


@contextmanager
def look(book: Book, production: Production, scope: Scope, path: str = "") -> Iterator[Reading]:
    """Open what the person may see: the office reads the production, everybody else their own copy.

    The copy is the very image their device would hold, so a page from here can show nothing that
    a page from there could not.
    """
    moment = production.now()
    days = (moment.date().isoformat(), (moment.date() + timedelta(days=1)).isoformat())
    clock = moment.strftime("%H:%M")
    parts = (scope.person, frozenset(scope.reads), production.base, *days, clock)
    match = book.find(path)
    if all(scope.whole(kind) for kind in (match[0].tables if match else book.shell_tables)):
        with reading(production.engine) as connection:
            yield Reading(_asker(connection), _stand(connection), *parts)
    else:
        copy = _copy(production, scope)
        copy.row_factory = sqlite3.Row
        seen = copy.execute("select value from replica where key = 'cursor'").fetchone()[0]
        yield Reading(lambda s, p: [dict(r) for r in copy.execute(s, p)], int(seen), *parts)
        copy.close()


def _page(book: Book, sight: Reading, path: str) -> tuple[Asked, dict[str, str]]:
    match = book.find(path)
    if match is None:
        raise NotFound(path)
    if not match[0].tables <= sight.kinds:
        raise NotYours(path)
    return match


def _thaw(book: Book, asked: Asked, found: Row, needed: bool) -> Row:
    """Give the rows of another page as a publication froze them, or nothing in their shapes."""
    publication = found[asked.queries[0].name]
    if publication is None and needed:
        raise NotFound(asked.page.path)
    other = book.by_path[asked.page.thaws]
    empty: Row = {q.name: _nothing(q) for q in other.queries}
    frozen: Row = json.loads(publication["rows"] or "{}") if publication else {}
    return {**empty, **frozen}


def _nothing(query: Query) -> Any:
    return {"*": [], "?": None, "": None}.get(query.shape, {})


def _asker(connection: Any) -> Ask:
    return lambda sql, p: [dict(row) for row in connection.execute(text(sql), p).mappings()]


def _stand(connection: Any) -> int:
    seen: int = connection.execute(text("select seq from head")).scalar()
    return seen


def _copy(production: Production, scope: Scope) -> sqlite3.Connection:
    key = (production.slug, scope.person, scope.epoch, production.journal.stand())
    copy = sqlite3.connect(":memory:")
    copy.deserialize(_image(production, *key[1:]))
    return copy


@lru_cache(maxsize=64)
def _images(key: tuple[Any, ...]) -> dict[str, bytes]:
    return {}


def _image(production: Production, person: str, epoch: int, stand: int) -> bytes:
    kept = _images((str(production.engine.url), production.slug, person, epoch, stand))
    if "image" not in kept:
        kept["image"] = production.journal.snapshot(person, {})
    return kept["image"]
