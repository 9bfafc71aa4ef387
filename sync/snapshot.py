"""A new device's first copy: a ready SQLite image that holds what its person may hold."""

import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from sqlalchemy import ColumnElement, Connection, false, literal, or_, select, true
from sqlite_utils import Database

from sync.kinds import Kind
from sync.scope import Rule, Scope

REPLICA = "create table replica (key text primary key, value text) strict, without rowid"
KEPT = 4


@dataclass
class Images:
    """The last few images, by what they hold. Whoever comes second waits for the first."""

    _kept: OrderedDict[Hashable, bytes] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """Give the image that was made for the same before, or make it."""
        with self._lock:
            image = self._kept.pop(key, None) or make()
            self._kept[key] = image
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return image


def image(
    connection: Connection, kinds: Mapping[str, Kind], scope: Scope, ddl: Iterable[str]
) -> bytes:
    """Build the image: every table and view, and the rows in scope."""
    memory = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    with closing(Database(memory, execute_plugins=False)) as database:
        memory.execute("begin")
        for statement in ddl:
            memory.execute(statement)
        for name, rule in scope.reads.items():
            _copy(connection, kinds[name], rule, database)
        memory.execute("commit")
        memory.execute("vacuum")  # leaves no room between rows: a tenth less to send
        return memory.serialize()


def signed(image: bytes, replica: Mapping[str, str]) -> bytes:
    """Write into an image whose it is and where it stands: on its last page, all else is alike."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as memory:
        memory.deserialize(image)
        memory.execute(REPLICA)
        memory.execute("begin")
        memory.executemany("insert into replica values (?, ?)", replica.items())
        memory.execute("commit")
        return memory.serialize()


def leaves(image: bytes) -> tuple[bytes, bytes]:
    """Cut an image into what those with the same rights are sent alike, and its last page."""
    page = int.from_bytes(image[16:18])
    return image[:-page], image[-page:]


def _copy(connection: Connection, kind: Kind, rule: Rule, database: Database) -> None:
    columns = kind.table.columns
    # When a record was last written is for the office to know; without it a copy is smaller.
    blank = () if kind.numbered else ("seq",)
    read = (literal(0) if column.name in blank else column for column in columns)
    query = select(*read).where(columns["gone"] == 0, within(kind, rule))
    rows = [tuple(row) for row in connection.execute(query.order_by(columns["id"]))]
    names = ",".join(f'"{column.name}"' for column in columns)
    marks = ",".join("?" * len(columns))
    database.conn.executemany(f'insert into "{kind.name}" ({names}) values ({marks})', rows)


def within(kind: Kind, rule: Rule) -> ColumnElement[Any]:
    """Say in SQL which rows of a kind a rule covers."""
    if rule.where is None:
        return true()
    return or_(false(), *(kind.table.c[name].in_(values) for name, values in rule.where.items()))
