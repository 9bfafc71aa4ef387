"""A new device's first copy: a ready SQLite image that holds what its person may hold."""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, false, or_, select, true
from sqlite_utils import Database

from sync.kinds import Kind
from sync.scope import Rule, Scope

REPLICA = "create table replica (key text primary key, value text) strict"


def image(
    connection: Connection,
    kinds: Mapping[str, Kind],
    scope: Scope,
    ddl: Iterable[str],
    replica: Mapping[str, str],
) -> bytes:
    """Build the image: every table and view, the rows in scope, and where the copy stands."""
    memory = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    database = Database(memory, execute_plugins=False)
    memory.execute("begin")
    for statement in (*ddl, REPLICA):
        memory.execute(statement)
    for name, rule in scope.reads.items():
        _copy(connection, kinds[name], rule, database)
    database.table("replica").insert_all({"key": k, "value": v} for k, v in replica.items())
    memory.execute("commit")
    copy = memory.serialize()
    memory.close()
    return copy


def _copy(connection: Connection, kind: Kind, rule: Rule, database: Database) -> None:
    columns = kind.table.columns
    query = select(kind.table).where(columns["gone"] == 0, within(kind, rule))
    rows = [tuple(row) for row in connection.execute(query.order_by(columns["id"]))]
    names = ",".join(f'"{column.name}"' for column in columns)
    marks = ",".join("?" * len(columns))
    database.conn.executemany(f'insert into "{kind.name}" ({names}) values ({marks})', rows)


def within(kind: Kind, rule: Rule) -> ColumnElement[Any]:
    """Say in SQL which rows of a kind a rule covers."""
    if rule.where is None:
        return true()
    return or_(false(), *(kind.table.c[name].in_(values) for name, values in rule.where.items()))
