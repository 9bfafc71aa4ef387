"""Fitting a production to the book: a new one from nothing, an older one with what it lacks."""

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    MetaData,
    Table,
    inspect,
    select,
    text,
)
from sqlalchemy.schema import CreateColumn

from poc.bell import outbox
from poc.book import Book
from poc.mail import outbox as letters
from poc.records import Record
from sync.database import reading, writing
from sync.ledger import head
from sync.ledger import metadata as engine_tables

metadata = MetaData()
# One row: the number of the book this database was fitted for last.
fit = Table("fit", metadata, Column("schema", BigInteger))


def furnish(engine: Engine, book: Book) -> None:
    """Make the tables and the film rules of a production in an empty database."""
    with writing(engine) as connection:
        _make(connection)
        connection.execute(text(book.waiting))
        _rule(connection, book)


def fitted(engine: Engine, book: Book) -> Engine:
    """Add missing tables, columns and indexes, and make the film rules anew. Nothing is removed."""
    with reading(engine) as connection:
        fits = _schema(connection) == book.schema
    if not fits:
        with writing(engine) as connection:
            connection.execute(select(head.c.id).with_for_update())  # one process at a time
            _make(connection)
            _grow(connection)
            _rule(connection, book)
    return engine


def _schema(connection: Connection) -> int | None:
    if not inspect(connection).has_table(fit.name):
        return None
    found: int | None = connection.execute(fit.select()).scalar()
    return found


def _make(connection: Connection) -> None:
    for every in (Record.metadata, engine_tables, outbox.metadata, letters.metadata, metadata):
        every.create_all(connection)


def _grow(connection: Connection) -> None:
    for table in Record.metadata.sorted_tables:
        there = {column["name"] for column in inspect(connection).get_columns(table.name)}
        for column in table.columns:
            if column.name not in there:
                words = CreateColumn(column).compile(dialect=connection.dialect)
                connection.execute(text(f'alter table "{table.name}" add column {words}'))
        for index in table.indexes:
            index.create(connection, checkfirst=True)


def _rule(connection: Connection, book: Book) -> None:
    # PostgreSQL drops no view that another one reads, unless it may drop both.
    further = " cascade" if connection.dialect.name == "postgresql" else ""
    for view in inspect(connection).get_view_names():
        connection.execute(text(f'drop view if exists "{view}"{further}'))
    for statement in book.views:
        connection.execute(text(statement))
    connection.execute(fit.delete())
    connection.execute(fit.insert().values(schema=book.schema))
