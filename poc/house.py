"""The house: the book, the productions and the keys of one running office."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Semaphore
from typing import Any, BinaryIO

from flask import current_app

from poc.book import Book
from poc.productions import Productions

HANDS = 4  # exchanges that are worked on at once; who waits for the disk needs none

Clock = Callable[[], datetime]


@dataclass
class House:
    """What every part of the office shares. It hangs on the app; nothing lives in modules."""

    folder: Path
    book: Book
    productions: Productions
    clock: Clock
    salt: str
    hands: Semaphore = field(default_factory=lambda: Semaphore(HANDS))
    greeted: dict[str, Any] = field(default_factory=dict)  # how a device last said hello

    def fill(self, template: str, **variables: Any) -> str:
        """Fill a template of the door, which has no production around it."""
        page = self.book.environment.get_template(template)
        filled: str = page.render(version=self.book.version, **variables)
        return filled


def house() -> House:
    """Return the house of the app that answers this request."""
    found: House = current_app.extensions["poc"]
    return found


def utc_now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


def kept_secret(folder: Path, name: str) -> str:
    """Return a secret of this office, made on first need, readable by nobody else."""
    file = folder / name
    if not file.exists():
        draft = folder / f"{name}.{secrets.token_hex(8)}"
        write_private(draft, secrets.token_hex(32).encode())
        # Two processes may start at once: the first to link its secret wins, both use that one.
        with suppress(FileExistsError):
            os.link(draft, file)
        draft.unlink()
    return file.read_text("ascii").strip()


def write_private(file: Path, content: bytes) -> None:
    """Write a file that only this user may read, whole or not at all."""
    half = file.with_suffix(f"{file.suffix}.half")
    half.unlink(missing_ok=True)
    with private(half) as out:
        out.write(content)
    half.replace(file)


@contextmanager
def private(file: Path) -> Iterator[BinaryIO]:
    """Write a new file that only this user may read, down to the disk."""
    made = os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(made, "w+b") as out:
        yield out
        out.flush()
        os.fsync(out.fileno())
