"""Keeping an office: backups that were read back, bringing one back, and checking what there is."""

import argparse
import fcntl
import hashlib
import json
import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from logging import Logger
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile
from zlib import error as ZlibError  # noqa: N812

from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.exc import DatabaseError

from poc import attaching
from poc.book import Book, every_kind
from poc.house import private
from poc.moving import carry
from poc.places import Folder, Place, Schemas, Unusable, blobs_of, place_at
from sync.blobs import Blobs
from sync.check import Report, file_faults
from sync.check import check as check_database
from sync.database import open_database, reading, writing
from sync.disk import to_disk
from sync.ledger import head
from sync.lives import begin_again

BACKUP = re.compile(r"poc-(\d{4}-\d\d-\d\d)(?:-\d{6})?\.zip")
CONTENTS = "poc.json"  # in a backup: the name and the digest of every file
HALF = ".poc-half-"
BESIDE = ("-wal", "-shm", "-journal", ".half")
LOOK_EVERY = 3600.0  # seconds
FIRST_LOOK = 600.0  # seconds: an office that has just started has phones to answer
MOST_TOLD = 20
NO_BACKUP = (BadZipFile, ZlibError, KeyError, ValueError, AttributeError, EOFError, RuntimeError)
NO_REFERENCE = {("called", "call")}  # a time, not the record of that name


Work = Callable[[argparse.Namespace], int]


class Unkept(Unusable):
    """The office could not be kept, or not brought back; the message is the sentence to print."""


# Backing up: one file, as one file is easiest to carry; what is in it was checked and read back.


def backup(folder: Path, target: Path, now: datetime, url: str = "") -> Path:
    """Copy a whole office, while it works, into one dated file in the target folder."""
    return _kept(folder, target, f"poc-{now:%Y-%m-%d-%H%M%S}.zip", url)


def _kept(folder: Path, target: Path, name: str, url: str) -> Path:
    if not url and not (folder / "registry.db").exists():
        raise Unkept(f"There is no office in {folder}. Say where it is: --data FOLDER.")
    with _or_said(f"The backup could not be written to {target}"):
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _alone(target), _half(target) as half:
            files, whole = _gathered(folder, Path(half, "office"), url), Path(half, name)
            with private(whole) as out:
                contents = _pack(files, Path(half, "copy"), out)
            _read_back(whole, contents)
            whole.replace(target / name)
            to_disk(target)
    return target / name


def _gathered(folder: Path, office: Path, url: str) -> Iterator[tuple[str, Path]]:
    """Name all files of the office; what is in PostgreSQL is copied into files first.

    A photo is looked for only when the records that name it are packed: none of theirs is missing.
    """
    if not url:
        yield from _named(folder)
        return
    from poc import AREAS

    source, copies = Schemas(url), Folder(office / "productions")
    with closing(source):
        for slug in source.slugs():
            carry(slug, source, copies, Book(AREAS))
    yield from _named(office)
    yield from ((name, file) for name, file in _named(folder) if file.suffix != ".db")


def _named(folder: Path) -> Iterator[tuple[str, Path]]:
    return ((file.relative_to(folder).as_posix(), file) for file in _files(folder))


def _pack(files: Iterable[tuple[str, Path]], half: Path, out: BinaryIO) -> dict[str, str]:
    contents: dict[str, str] = {}
    with ZipFile(out, "w", ZIP_DEFLATED) as pack:
        for name, file in files:
            try:
                copy = _copied(file, half)
            except FileNotFoundError:
                continue  # a photo that nothing named any more was removed just now
            contents[name] = _digest(copy)
            # Photos and PDFs are packed already.
            pack.write(copy, name, None if file.suffix else ZIP_STORED)
            copy.unlink()
        pack.writestr(CONTENTS, json.dumps(contents, indent=1))
    return contents


def _files(folder: Path) -> Iterator[Path]:
    """List what makes the office: first the registry, whose seats are in the productions."""
    for file in sorted(folder.iterdir(), key=lambda file: (file.is_dir(), file.name)):
        if file.name.startswith(".") or file.name.endswith(BESIDE) or BACKUP.fullmatch(file.name):
            continue
        if file.is_file():
            yield file
        elif not (file / "registry.db").exists():  # the demo's office is one of its own
            yield from _files(file)


def _copied(file: Path, copy: Path) -> Path:
    """Copy a file; of a database what was committed at one moment, while others write in it."""
    if file.suffix != ".db":
        return Path(shutil.copyfile(file, copy))
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    if faults := _faults(copy, file.parent.name == "productions"):
        raise Unkept(f"{file} was not backed up, as something is wrong with it. {faults[0]}")
    return copy


def _faults(file: Path, production: bool) -> tuple[str, ...]:
    """Say what is wrong with a database; of a production's with all that the journal knows."""
    engine = open_database(f"sqlite:///{file}")
    try:
        return check_database(engine, every_kind()).faults if production else file_faults(engine)
    finally:
        engine.dispose()


def _read_back(whole: Path, contents: dict[str, str]) -> None:
    """Compare what the disk gives back with what was checked."""
    with ZipFile(whole) as pack:
        for name, digest in contents.items():
            with pack.open(name) as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != digest:  # type: ignore[arg-type]
                    raise Unkept(f"The disk gave {name} back otherwise than it was written.")


# Bringing back: into a folder of its own first, which then takes the place of the old one.


def restore(folder: Path, copy: Path, now: datetime, over: bool = False) -> Path | None:
    """Bring an office back from a backup; say where what was there before is kept."""
    folder = folder.resolve()
    if any((folder / "productions").glob("*.db")) and not over:
        raise Unkept(
            f"There are productions in {folder}. To bring the backup back in their place, add "
            "--over; what is there now is then kept beside it."
        )
    _refuse_in_use(folder)
    with _or_said(f"The backup could not be brought back to {folder}"):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _alone(folder.parent), _half(folder.parent) as half:
            office = Path(half, "office")
            _unpack(copy, office)
            for file in sorted(office.glob("productions/*.db")):
                _renew(file)
            return _swap(office, folder, now)


def _unpack(copy: Path, office: Path) -> None:
    with _opened(copy) as pack:
        contents = json.loads(pack.read(CONTENTS))
        for name, digest in contents.items():
            if ".." in Path(name).parts or Path(name).is_absolute():
                raise Unkept(f"{copy} is no backup of POC: it would write to {name}.")
            file = office / name
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with pack.open(name) as source, private(file) as target:
                shutil.copyfileobj(source, target)
            if _digest(file) != digest:
                raise Unkept(f"{copy} is damaged: {name} in it is not what it was. Try another.")


@contextmanager
def _opened(copy: Path) -> Iterator[ZipFile]:
    try:
        with ZipFile(copy) as pack:
            yield pack
    except FileNotFoundError:
        raise Unkept(f"There is no file {copy}.") from None
    except NO_BACKUP:
        raise Unkept(f"{copy} is no backup of POC, or it is damaged. Try another.") from None


def _renew(file: Path) -> None:
    """Give a production a new life, and check it once more."""
    engine = open_database(f"sqlite:///{file}")
    begin_again(engine)
    engine.dispose()
    if faults := _faults(file, True):
        raise Unkept(f"The backup was not brought back, as {file.name} is wrong. {faults[0]}")


def _swap(office: Path, folder: Path, now: datetime) -> Path | None:
    aside = folder.with_name(f"{folder.name}-{now:%Y-%m-%d-%H%M%S}")
    before = folder.exists() and any(folder.iterdir())
    if before:
        folder.rename(aside)
    try:
        office.rename(folder)
    except OSError:
        if before:
            aside.rename(folder)
        raise
    to_disk(folder.parent)
    return aside if before else None


def _refuse_in_use(folder: Path) -> None:
    """Refuse while an office works here: SQLite changes this mode for nobody but the only user."""
    for file in (folder / "registry.db", *folder.glob("productions/*.db")):
        if file.exists():
            with (
                closing(sqlite3.connect(file, timeout=1)) as alone,
                suppress(sqlite3.DatabaseError),
            ):
                try:
                    alone.execute("pragma journal_mode=delete")
                except sqlite3.OperationalError as error:
                    if "locked" in str(error):
                        raise Unkept(
                            f"The office in {folder} is running. Stop it, then try again."
                        ) from None
                alone.execute("pragma journal_mode=wal")


# Checking.


def check(place: Place, folder: Path) -> Iterator[tuple[str, Report]]:
    """Check every production, and its files in the data folder; give what was found by title."""
    for slug in place.slugs():
        engine = place.open(slug)
        try:
            title = slug
            with suppress(DatabaseError), reading(engine) as connection:
                title = connection.execute(text("select title from production")).scalar() or slug
            report = check_database(engine, every_kind(), references())
            yield title, _with_files(report, engine, blobs_of(folder / "productions", slug))
        finally:
            engine.dispose()


def _with_files(report: Report, engine: Engine, blobs: Blobs) -> Report:
    """Add what is wrong with photos and PDFs, or only worth knowing."""
    try:
        with reading(engine) as connection:
            due, spared = attaching.due(connection), attaching.spared(connection, datetime.now(UTC))
    except DatabaseError:
        return report  # which says so already, or is of a production from before there were any
    faults, notes = tuple(blobs.faults(due)), report.notes
    if strays := blobs.strays(spared):
        notes += (f"{_counted(strays, 'file is', 'files are')} named by nothing any more.",)
    return replace(report, faults=report.faults + faults, notes=notes)


def words(title: str, report: Report) -> str:
    """Say in words what the check of a production found."""
    size = f"{_counted(report.records, 'record')}, {_counted(report.changes, 'change')}"
    notes = "".join(f"\n  Note: {note}" for note in report.notes)
    if not report.faults:
        return f"{title}: {size}, everything is as the journal says.{notes}"
    told = "".join(f"\n  {fault}" for fault in report.faults[:MOST_TOLD])
    rest = len(report.faults) - MOST_TOLD
    more = f"\n  And {_counted(rest, 'other thing')}." if rest > 0 else ""
    wrong = _counted(len(report.faults), "thing is", "things are")
    return f"{title}: {wrong} wrong.{told}{more}{notes}"


def references() -> dict[tuple[str, str], str]:
    """Return the fields that name a record: those called like its kind."""
    every = every_kind()
    fields = ((kind.name, field) for kind in every.values() for field in kind.fields)
    return {one: one[1] for one in fields if one[1] in every and one not in NO_REFERENCE}


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} ".replace(",", " ") + (one if count == 1 else many or f"{one}s")


# What all of it needs of the disk.


@contextmanager
def _or_said(what: str) -> Iterator[None]:
    """Turn what the disk refuses into one sentence."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
    except (sqlite3.Error, DatabaseError) as error:
        reason = str(getattr(error, "orig", error))
    else:
        return
    raise Unkept(f"{what}: {reason}. Nothing was changed.")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Wait until nobody else works in this folder; clear away what somebody killed left there."""
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in folder.glob(f"{HALF}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        os.close(lock)


def _half(folder: Path) -> TemporaryDirectory[str]:
    return TemporaryDirectory(prefix=HALF, dir=folder)


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


# Copying by itself.


def kept(days: Iterable[date]) -> set[date]:
    """Say which copies stay: the newest of the last 7 days, 4 weeks and 12 months that have any."""
    latest = sorted(days, reverse=True)
    stay: set[date] = set()
    periods: tuple[tuple[int, Callable[[date], Any]], ...] = (
        (7, lambda day: day),
        (4, lambda day: day.isocalendar()[:2]),
        (12, lambda day: (day.year, day.month)),
    )
    for count, period in periods:
        newest: dict[Any, date] = {}
        for day in latest:
            newest.setdefault(period(day), day)
        stay |= set(list(newest.values())[:count])
    return stay


class Keeper:
    """Copies the office into its own folder once a day. Several may run: one makes each copy."""

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], datetime],
        log: Logger,
        url: str = "",
        first: float = FIRST_LOOK,
    ) -> None:
        self._first = first
        self._folder = folder
        self._url = url
        self._clock = clock
        self._log = log
        self._stopped = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin to look after the copies, beside whatever else this process does."""
        self._thread = Thread(target=self._run, name="keeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what is in hand, and end."""
        self._stopped.set()
        if self._thread:
            self._thread.join()

    def keep(self) -> None:
        """Make the copy of today, if there is none, then drop those that are too old."""
        copies = self._folder / "copies"
        name = f"poc-{self._clock().astimezone(UTC):%Y-%m-%d}.zip"
        if (copies / name).exists():
            return
        _kept(self._folder, copies, name, self._url)
        dated = {file: day for file in copies.iterdir() if (day := _day(file))}
        stay = kept(dated.values())
        for file, day in dated.items():
            if day not in stay:
                file.unlink()
        with closing(place_at(self._url or str(self._folder))) as place:
            for slug in place.slugs():
                sweep(place, slug, self._folder, self._clock())

    def _run(self) -> None:
        pause = self._first
        while not self._stopped.wait(pause):
            pause = LOOK_EVERY
            try:
                self.keep()
            except Exception:
                # Nobody looks at this thread: it writes down what happened and tries again.
                self._log.exception("The copy of today was not made; the next try is in an hour.")


def sweep(place: Place, slug: str, folder: Path, now: datetime) -> int:
    """Remove a production's photos and PDFs that no record has named for days; say how many."""
    engine = place.open(slug)
    try:
        with writing(engine) as connection:
            if not inspect(connection).has_table(attaching.KIND):
                return 0  # it was not opened since there are any
            # Whoever adds one of them just now waits until this is done, and then sends it again.
            connection.execute(select(head.c.id).with_for_update())
            spared = attaching.spared(connection, now)
            return blobs_of(folder / "productions", slug).sweep(spared)
    finally:
        engine.dispose()


def _day(file: Path) -> date | None:
    named = BACKUP.fullmatch(file.name)
    return date.fromisoformat(named[1]) if named else None


# The commands.


def add_to(commands: Any) -> None:
    """Add `backup`, `restore` and `check` to the commands of ./go."""
    command = _command(commands, "backup", _backup)
    command.add_argument("target", type=Path, nargs="?", default=Path("backups"))
    command = _command(commands, "restore", _restore)
    command.add_argument("backup", type=Path)
    command.add_argument("--over", action="store_true", help="in place of what is there now")
    _command(commands, "check", _check)


def _command(commands: Any, name: str, work: Work) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=work.__doc__)
    command.add_argument("--data", type=Path, default=Path("data"), help="where everything is kept")
    command.set_defaults(work=work)
    return command


def _backup(options: argparse.Namespace) -> int:
    """Copy the whole office into one file, while it works."""
    made = backup(options.data, options.target, datetime.now(UTC), _url())
    print(f"The office is backed up, and was read back without a fault: {made}")
    return 0


def _restore(options: argparse.Namespace) -> int:
    """Bring the office back from a backup."""
    if _url():
        raise Unkept(
            "A backup is brought back into a folder. Do that without DATABASE_URL, then bring each "
            "production into PostgreSQL: ./go move."
        )
    aside = restore(options.data, options.backup, datetime.now(UTC), options.over)
    print(
        f"The office is back as {options.backup.name} had it. Every phone asks for a new copy and"
    )
    print("sends what waits on it; who was let in or put out since then must be again.")
    if aside:
        print(f"What was there before is kept in {aside}.")
    return 0


def _check(options: argparse.Namespace) -> int:
    """Say whether everything in the productions is as their journals say."""
    if not _url() and not options.data.is_dir():
        raise Unkept(f"There is no office in {options.data}. Say where it is: --data FOLDER.")
    wrong = 0
    with closing(place_at(_url() or str(options.data))) as place:
        for title, report in check(place, options.data):
            print(words(title, report), flush=True)
            wrong += len(report.faults)
    return 1 if wrong else 0


def _url() -> str:
    return os.environ.get("DATABASE_URL", "")
