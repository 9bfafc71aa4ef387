"""Files of a production, each named by the digest of what is in it: there whole, or not at all."""

import fcntl
import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from sync.change import Refused
from sync.disk import to_disk

NAME = re.compile(r"[0-9a-f]{64}")
HALF = ".half"
PIECE = 64 * 1024

LONGER = "The file is longer than it was said to be. Remove it and add it again."
OTHER = "The file did not arrive as it was sent; it is sent once more from its beginning."

Read = Callable[[int], bytes]


class Blobs:
    """A folder beside the production's database. Devices send in pieces, and go on where one broke.

    What has arrived of a file lies beside its place under a name of its own. Only when all of it is
    there, and is what its name says, and is on disk, it gets its place, in one step.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, name: str) -> Path | None:
        """Return where a file lies, if all of it is here."""
        if not NAME.fullmatch(name):
            return None
        place = self._place(name)
        return place if place.exists() else None

    def arrived(self, name: str) -> int:
        """Say how many bytes of a file are here."""
        for file in (self._place(name), self._half(name)):
            with suppress(FileNotFoundError):
                return file.stat().st_size
        return 0

    def take(self, name: str, size: int, at: int, read: Read) -> int:
        """Append what comes to what is here; return how many bytes of the file are here now.

        Whatever came before the line broke stays. Who sends what is here already is only told so.
        """
        half = self._half(name)
        half.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        while self.find(name) is None and (piece := read(PIECE)):
            if at + len(piece) > size:
                half.unlink(missing_ok=True)
                raise Refused(LONGER)
            # Nobody is kept waiting while a piece is on its way, only while it is written.
            with _appending(half) as end:
                if end.tell() != at:
                    break
                end.write(piece)
            at += len(piece)
        if self.find(name) is None and self.arrived(name) >= size:
            self._finish(name, half)
        if self.find(name):
            half.unlink(missing_ok=True)
        return self.arrived(name)

    def whole(self) -> Iterator[tuple[str, Path]]:
        """List the files that are here in whole."""
        return ((file.name, file) for file in sorted(self._files()) if NAME.fullmatch(file.name))

    def remove(self, name: str) -> None:
        """Remove a file."""
        self._place(name).unlink(missing_ok=True)

    def sweep(self, named: Set[str]) -> int:
        """Remove whatever is not named, arrived in whole or in part; return how much that was."""
        strays = [file for file in self._files() if file.stem not in named]
        for file in strays:
            file.unlink(missing_ok=True)
        return len(strays)

    def faults(self, named: Mapping[str, str]) -> Iterator[str]:
        """Say which of the files that must be here are not, or are not what they were."""
        for name, label in sorted(named.items(), key=lambda one: one[1]):
            place = self.find(name)
            if place is None:
                yield f"The file {label} is missing: a record names it."
            elif _digest(place) != name:
                yield f"The file {label} is damaged: it is not what it was when it came in."

    def strays(self, named: Set[str]) -> int:
        """Count the files that nothing names."""
        return sum(file.stem not in named for file in self._files())

    def _finish(self, name: str, half: Path) -> None:
        # Somebody else who sent the last piece of the same file may be done with it by now.
        with suppress(FileNotFoundError), half.open("rb") as whole:
            fcntl.flock(whole, fcntl.LOCK_EX)
            if hashlib.file_digest(whole, "sha256").hexdigest() != name:
                half.unlink()
                raise Refused(OTHER)
            os.fsync(whole.fileno())
            half.replace(self._place(name))
            for folder in (half.parent, self.folder, self.folder.parent):
                to_disk(folder)

    def _files(self) -> list[Path]:
        return [file for file in self.folder.glob("??/*") if NAME.fullmatch(file.stem)]

    def _place(self, name: str) -> Path:
        return self.folder / name[:2] / name

    def _half(self, name: str) -> Path:
        return self._place(name).with_name(name + HALF)


@contextmanager
def _appending(file: Path) -> Iterator[BinaryIO]:
    """Hold the end of a file, which only this user may read, for as long as something is added."""
    made = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(made, "ab") as end:
        fcntl.flock(end, fcntl.LOCK_EX)
        end.seek(0, os.SEEK_END)  # it may have grown while we waited
        yield end


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
