"""Moving a production between engines: every row is copied, compared, and only then it counts."""

import argparse
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Select, Table, func, inspect, select

from poc import registry
from poc.bell import outbox
from poc.book import Book
from poc.fitting import fit, fitted, furnish
from poc.mail import outbox as letters
from poc.places import AlreadyThere, Place, Unusable, blobs_of, place_at
from poc.records import Record
from sync import Refused, ledger
from sync.blobs import Blobs
from sync.database import reading, writing

BATCH = 500
KEPT = (Record.metadata, ledger.metadata, outbox.metadata, letters.metadata)
REMADE = {"waiting", fit.name}  # what only devices fill, and what says which version was here
Rows = dict[Any, dict[str, Any]]


def add_to(commands: Any) -> None:
    """Add `move` to the commands behind ./go."""
    command = commands.add_parser("move", help=move.__doc__)
    command.add_argument("production", help="its name in addresses, like night-ferry")
    for flag, name in (("--from", "source"), ("--to", "target")):
        words = "postgresql://... or a data folder"
        command.add_argument(flag, dest=name, required=True, metavar="URL_OR_FOLDER", help=words)
    words = "where the photos and PDFs of a production in PostgreSQL are kept"
    command.add_argument("--data", type=Path, default=Path("data"), help=words)
    command.set_defaults(work=move)


def move(options: argparse.Namespace) -> int:
    """Copy a production to another engine or folder, with everything, and compare every row."""
    from poc import AREAS

    source, target = place_at(options.source), place_at(options.target)
    try:
        _refuse(options.production, source, target)
        files = carry_files(options)
        count = carry(options.production, source, target, Book(AREAS))
    except AlreadyThere:
        raise Unusable(
            f"There is a production named {options.production} at the other end already, and it "
            "was left as it is."
        ) from None
    finally:
        source.close()
        target.close()
    told = f"{count} rows and {_files(files)}" if files else f"{count} rows"
    print(
        f"{options.production}: {told} copied and compared, none differs. The old one is "
        "still there: stop the office that opens it, so that nobody writes to both."
    )
    return 0


def carry_files(options: argparse.Namespace) -> int:
    """Copy a production's photos and PDFs, each to its place once it is whole; say how many."""
    old, new = (_files_at(options, where) for where in (options.source, options.target))
    if old.folder == new.folder:
        return 0
    for name, file in old.whole():
        # What is damaged is refused there, and missing in the end.
        with file.open("rb") as content, suppress(Refused):
            content.seek(new.arrived(name))
            new.take(name, file.stat().st_size, new.arrived(name), content.read)
    missing = {name for name, _ in old.whole()} - {name for name, _ in new.whole()}
    if missing:
        raise Unusable(
            f"{_files(len(missing))} did not arrive undamaged. Nothing was moved: ./go check says "
            "which of them is damaged at the old place."
        )
    return sum(1 for _ in old.whole())


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


def _files_at(options: argparse.Namespace, where: str) -> Blobs:
    folder = options.data if "://" in where else Path(where)
    return blobs_of((folder / "productions").resolve(), options.production)


def carry(slug: str, source: Place, target: Place, book: Book) -> int:
    """Copy a production and who sits in it; return how many rows it has."""
    _refuse(slug, source, target)
    old = fitted(source.open(slug), book)
    with target.making(slug) as new:
        furnish(new, book)
        with reading(old) as here, writing(new) as there:
            count = copy(here, there)
    old.dispose()
    seat(slug, source.registry(), target.registry())
    return count


def _refuse(slug: str, source: Place, target: Place) -> None:
    if slug not in source.slugs():
        raise Unusable(f"There is no production named {slug} to move.")
    if slug in target.slugs():
        raise AlreadyThere(slug)


def copy(here: Connection, there: Connection) -> int:
    """Copy every row of every table, then read both again and compare; return how many."""
    tables = [table for metadata in KEPT for table in metadata.sorted_tables]
    unknown = set(inspect(here).get_table_names()) - {table.name for table in tables} - REMADE
    if unknown:
        raise Unusable(
            f"The production holds {', '.join(sorted(unknown))}, which this POC does not know. "
            "Move it with the version that it was last used with."
        )
    ledger.metadata.create_all(there)
    for table in tables:
        for rows in _batches(here, table):
            there.execute(table.insert(), list(rows.values()))
    return sum(_compared(here, there, table) for table in tables)


def seat(slug: str, old: Engine, new: Engine) -> None:
    """Let those who were let in be let in here too; who is known here already stays as they are."""
    with reading(old) as here, writing(new) as there:
        registry.Row.metadata.create_all(there)
        for query in _belonging(slug):
            table = query.get_final_froms()[0]
            assert isinstance(table, Table)
            keys = tuple(table.primary_key)
            known = {tuple(row) for row in there.execute(select(*keys))}
            rows = [dict(row) for row in here.execute(query).mappings()]
            fresh = [row for row in rows if tuple(row[key.name] for key in keys) not in known]
            if fresh:
                there.execute(table.insert(), fresh)
    old.dispose()
    new.dispose()


def _compared(here: Connection, there: Connection, table: Table) -> int:
    count = 0
    key = _key(table)
    for rows in _batches(here, table):
        found = _rows(key.name, there.execute(select(table).where(key.in_(rows))).mappings())
        wrong = [one for one, row in rows.items() if found.get(one) != row]
        if wrong:
            _differs(table, f"the row {wrong[0]} did not arrive as it was")
        count += len(rows)
    if there.execute(select(func.count()).select_from(table)).scalar() != count:
        _differs(table, "there are other rows than in the old one")
    return count


def _differs(table: Table, how: str) -> None:
    raise Unusable(f"The copy was given up, nothing was kept of it. In {table.name} {how}.")


def _batches(connection: Connection, table: Table) -> Iterator[Rows]:
    """Read a table in pieces, so that a long production fits in a small machine."""
    key = _key(table)
    found = connection.execute(
        select(table).order_by(key), execution_options={"yield_per": BATCH}
    ).mappings()
    for some in found.partitions():
        yield _rows(key.name, some)


def _rows(key: str, found: Iterable[Any]) -> Rows:
    return {row[key]: dict(row) for row in found}


def _key(table: Table) -> Any:
    (key,) = table.primary_key
    return key


def _belonging(slug: str) -> Iterator[Select[Any]]:
    """Ask for what the registry knows of a production: its devices, seats, ways in, and phones."""
    tables = registry.Row.metadata.tables
    seats, ways = tables["seat"], tables["way"]
    sitting = select(seats.c.device).where(seats.c.production == slug)
    yield select(tables["device"]).where(tables["device"].c.id.in_(sitting))
    yield select(seats).where(seats.c.production == slug)
    yield select(ways).where(ways.c.production == slug)
    yield select(tables["subscription"]).where(tables["subscription"].c.device.in_(sitting))
