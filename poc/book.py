"""The book: every page, query, record and film rule of the house, as both engines read it."""

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable, DDLElement

from poc import dialect
from poc.area import Area, Page, Query, Supposing, read_queries
from poc.headers import HEADERS
from poc.records import Record
from poc.supposing import supposed
from poc.versions import CLIENT
from sync import Kind, kind_of
from sync.former import former

HERE = Path(__file__).parent
STATIC = HERE / "static"
# Only on the device: what waits there to be sent. The office has the table too, and it is empty.
WAITING = """create table waiting (
    id text primary key, n integer, kind text, record text, field text, value text, was text,
    at text, state text, say text, label text
)"""
VIEW = re.compile(r"^create view (\w+)")
FIELD_WORDS = {("strip", "place"): "day and place", ("call", "time"): ""}
SHELL = (
    *("base", "me", "nav", "path", "production", "seen", "today", "tomorrow", "unseen", "version"),
)


@dataclass(frozen=True)
class Asked:
    """A page with its queries found, those over what would be, and the tables they read."""

    page: Page
    queries: tuple[Query, ...]
    supposed: tuple[Query, ...]
    tables: frozenset[str]


class Book:
    """Made once at start from the areas; served to devices as one JavaScript module."""

    def __init__(self, areas: Iterable[Area]) -> None:
        self.areas = tuple(areas)
        self.shell = read_queries((HERE / "shell.sql").read_text("utf-8"))
        self.queries = {f"{a.name}.{q.name}": q for a in self.areas for q in a.queries}
        self.pages = tuple(self._asked(area, page) for area in self.areas for page in area.pages)
        self.by_path = {asked.page.path: asked for asked in self.pages}

    @property
    def waiting(self) -> str:
        """The statement for the office's own, always empty, table of waiting changes."""
        return WAITING

    def label(self, connection: Connection, kind: str, record: str, field: str) -> str:
        """Say in words what a change is about: `general call, Day 12`."""
        query = text("select label from record_label where kind = :kind and id = :record")
        label = connection.execute(query, {"kind": kind, "record": record}).scalar()
        about = label or kind.replace("_", " ").capitalize()
        plain = FIELD_WORDS.get((kind, field), field.replace("_", " "))
        return f"{about}: {plain}" if plain else about

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        return every_kind()

    @cached_property
    def views(self) -> tuple[str, ...]:
        """The film rules of all areas, each after those it builds on, as PostgreSQL insists."""
        rules = {VIEW.findall(sql)[0]: sql for area in self.areas for sql in area.views}
        below = {name: _named(sql, rules) for name, sql in rules.items()}
        return tuple(rules[name] for name in TopologicalSorter(below).static_order())

    @cached_property
    def shell_tables(self) -> frozenset[str]:
        """The kinds every page reads, for the frame around it."""
        return frozenset(self._tables(self.shell))

    @cached_property
    def ddl(self) -> tuple[str, ...]:
        """Statements that make a device's tables and views, in SQLite's words."""
        return (f"pragma user_version = {self.schema}", *self._tables_and_views)

    @cached_property
    def indexes(self) -> tuple[str, ...]:
        """Statements that make a device's indexes: it makes them itself, a copy travels lighter."""
        found = [index for kind in self.kinds.values() for index in kind.table.indexes]
        found.sort(key=lambda index: str(index.name))
        return tuple(_sqlite(CreateIndex(index, if_not_exists=True)) for index in found)

    def find(self, address: str) -> tuple[Asked, dict[str, str]] | None:
        """Find the page an address belongs to, and the parts of the address."""
        path, _, words = address.partition("?")
        for asked in self.pages:
            if match := asked.page.pattern.match(path):
                return asked, {**match.groupdict(), **asked.page.asked_for(words)}
        return None

    def nav(self, kinds: Iterable[str], base: str, path: str) -> list[dict[str, Any]]:
        """List the pages a person finds in the navigation, marking the one they are on."""
        held = set(kinds)
        entries = [a.page for a in self.pages if a.page.label and a.tables <= held]
        here = max((p.path for p in entries if _within(p.path, path)), key=len, default="")
        return [
            {
                "label": page.label,
                "path": base + page.path,
                "icon": page.icon,
                "group": page.group,
                "tab": int(page.tab),
                "here": int(page.path == here),
            }
            for page in entries
        ]

    @cached_property
    def environment(self) -> Any:
        from jinja2 import FileSystemLoader

        return dialect.environment(FileSystemLoader(HERE / "templates"))

    @cached_property
    def templates(self) -> dict[str, str]:
        names = sorted(self.environment.list_templates(extensions=["html", "vcf"]))
        pages = [name for name in names if not name.startswith("door/")]
        return {name: dialect.compile_template(self.environment, name) for name in pages}

    @cached_property
    def version(self) -> str:
        """One hash over everything a device runs: pages, rules, templates, styles and scripts."""
        digest = hashlib.sha256(self._content.encode())
        for content in self.files.values():
            digest.update(content)
        return digest.hexdigest()[:12]

    @cached_property
    def files(self) -> dict[str, bytes]:
        """Scripts, styles and pictures as this version has them, whatever lands on the disk."""
        found = sorted(file for file in STATIC.rglob("*") if file.is_file())
        return {file.relative_to(STATIC).as_posix(): file.read_bytes() for file in found}

    @cached_property
    def schema(self) -> int:
        """One number for the tables and views: a copy with another one is not for this book."""
        digest = hashlib.sha256("\n".join(self._tables_and_views).encode()).digest()
        return int.from_bytes(digest[:4], "big") >> 1

    @property
    def js(self) -> str:
        """The book as a JavaScript module."""
        return (
            "// The book: pages, queries, tables, film rules and templates of the office.\n"
            f"export const book = {{\n  version: {_json(self.version)},\n{self._content}}};\n"
        )

    @cached_property
    def _content(self) -> str:
        kinds = {name: _kind(kind) for name, kind in self.kinds.items()}
        templates = ",\n".join(f"    {_json(n)}: {code}" for n, code in self.templates.items())
        pages = ",\n    ".join(_json(_page(asked)) for asked in self.pages)
        return (
            f"  headers: {_json(HEADERS)},\n"
            f"  kinds: {_json(kinds)},\n"
            f"  schema: {self.schema},\n"
            f"  client: {CLIENT},\n"
            f"  former: {_json(asdict(former(self.kinds)))},\n"
            f"  indexes: {_json(self.indexes)},\n"
            f"  shell: {_json([_query(q) for q in self.shell])},\n"
            f"  pages: [\n    {pages}\n  ],\n"
            f"  templates: {{\n{templates}\n  }},\n"
        )

    @cached_property
    def _tables_and_views(self) -> tuple[str, ...]:
        tables = [_sqlite(CreateTable(kind.table)) for kind in self.kinds.values()]
        return (*tables, f"{WAITING} strict", *self.views)

    def _asked(self, area: Area, page: Page) -> Asked:
        queries = tuple(self._query(area, name) for name in page.queries)
        supposed = tuple(self._supposed(area, page.supposing))
        tables = self._tables((*queries, *supposed, *self.shell)) | set(page.kinds)
        return Asked(page, queries, supposed, frozenset(tables) - {"waiting"})

    def _query(self, area: Area, name: str) -> Query:
        return self.queries[name if "." in name else f"{area.name}.{name}"]

    def _supposed(self, area: Area, supposing: Supposing | None) -> Iterator[Query]:
        if supposing:
            kinds = [self.kinds[kind] for kind in supposing.kinds]
            for name in supposing.queries:
                yield supposed(self._query(area, name), kinds, self.views)

    def _tables(self, queries: Iterable[Query]) -> set[str]:
        """Ask SQLite which tables the queries read, through views too."""
        read: set[str] = set()

        def note(action: int, one: str | None, *_: Any) -> int:
            if action == sqlite3.SQLITE_READ and one in self.kinds:
                read.add(one)
            return sqlite3.SQLITE_OK

        self._empty.set_authorizer(note)
        for query in queries:
            self._empty.execute(f"explain {query.sql}", dict.fromkeys(query.parameters, ""))
        self._empty.set_authorizer(None)
        return read

    @cached_property
    def _empty(self) -> sqlite3.Connection:
        # No cache: a statement prepared before would not ask the authorizer again.
        empty = sqlite3.connect(":memory:", cached_statements=0, check_same_thread=False)
        for statement in self.ddl:
            empty.execute(statement)
        return empty


def every_kind() -> dict[str, Kind]:
    """Return every kind of record there is."""
    return {table.name: kind_of(table) for table in Record.metadata.sorted_tables}


def _named(sql: str, rules: Iterable[str]) -> list[str]:
    return [name for name in rules if re.search(rf"\b(?:from|join) {name}\b", sql)]


def _sqlite(statement: DDLElement) -> str:
    return str(statement.compile(dialect=sqlite.dialect())).strip()


def _within(page: str, path: str) -> bool:
    return path == page or path.startswith(f"{page}/")


def _kind(kind: Kind) -> Mapping[str, Any]:
    return {f: "number" if f in kind.numbers else "text" for f in kind.fields}


def _query(query: Query) -> Mapping[str, Any]:
    parts = {"name": query.name, "shape": query.shape, "sql": query.sql}
    return {**parts, "parameters": query.parameters}


def _page(asked: Asked) -> Mapping[str, Any]:
    page = asked.page
    nav = {"label": page.label, "icon": page.icon, "group": page.group, "tab": int(page.tab)}
    return {
        "path": page.path,
        "template": page.template,
        "queries": [_query(query) for query in asked.queries],
        "tables": sorted(asked.tables),
        "thaws": page.thaws,
        "given": page.given,
        "edits": page.supposing.edits if page.supposing else "",
        "supposed": [_query(query) for query in asked.supposed],
        **nav,
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
