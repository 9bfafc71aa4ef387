"""Files arrive in pieces over bad lines, and are there whole, or not at all."""

from __future__ import annotations

import hashlib
import random
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from threading import Thread

import pytest

from sync import Refused
from sync.blobs import PIECE, Blobs
from tests.sync.test_kill import PROCESSES

PHOTO = random.Random(5).randbytes(10 * PIECE + 1234)
NAME = hashlib.sha256(PHOTO).hexdigest()
SIZE = len(PHOTO)


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "night-ferry.blobs")


def send(blobs: Blobs, at: int = 0, end: int = SIZE, name: str = NAME) -> int:
    """Send a part of the photo."""
    return blobs.take(name, SIZE, at, BytesIO(PHOTO[at:end]).read)


def files(blobs: Blobs) -> list[str]:
    return sorted(file.name for file in blobs.folder.rglob("*") if file.is_file())


def content(blobs: Blobs) -> bytes | None:
    place = blobs.find(NAME)
    return place.read_bytes() if place else None


@contextmanager
def small_disk(size: int) -> Iterator[None]:
    """Let no file grow beyond a size, as on a disk that is nearly full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_f50_a_file_that_breaks_off_twice_goes_on_where_it_was_and_is_there_once(
    blobs: Blobs,
) -> None:
    assert blobs.arrived(NAME) == 0
    assert send(blobs, 0, SIZE * 9 // 10) == SIZE * 9 // 10
    assert send(blobs, SIZE * 9 // 10, SIZE - 10) == SIZE - 10
    assert content(blobs) is None
    assert send(blobs, blobs.arrived(NAME)) == SIZE
    assert content(blobs) == PHOTO
    assert files(blobs) == [NAME]


def test_what_came_before_the_line_broke_stays(blobs: Blobs) -> None:
    pieces = iter([PHOTO[:PIECE], PHOTO[PIECE : PIECE + 5]])

    def read(_: int) -> bytes:
        try:
            return next(pieces)
        except StopIteration:
            raise ConnectionResetError from None

    with pytest.raises(ConnectionResetError):
        blobs.take(NAME, SIZE, 0, read)
    assert blobs.arrived(NAME) == PIECE + 5
    assert send(blobs, PIECE + 5) == SIZE
    assert content(blobs) == PHOTO


def test_a_piece_that_does_not_follow_on_what_is_here_is_left_out(blobs: Blobs) -> None:
    send(blobs, 0, 1000)
    assert send(blobs, 2000, 3000) == 1000
    assert send(blobs, 0, 500) == 1000
    assert send(blobs, 1000) == SIZE
    assert content(blobs) == PHOTO


def test_a_file_sent_again_is_only_said_to_be_here(blobs: Blobs) -> None:
    send(blobs)
    place = blobs.find(NAME)
    assert place is not None
    before = place.stat()
    assert send(blobs) == SIZE
    assert send(blobs, SIZE) == SIZE
    assert (place.stat().st_ino, place.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert files(blobs) == [NAME]


def test_a_file_that_is_not_what_its_name_says_never_gets_its_place(blobs: Blobs) -> None:
    other = PHOTO[:-1] + bytes([PHOTO[-1] ^ 1])
    with pytest.raises(Refused, match="did not arrive as it was sent"):
        blobs.take(NAME, SIZE, 0, BytesIO(other).read)
    assert files(blobs) == []
    assert send(blobs) == SIZE
    assert content(blobs) == PHOTO


def test_a_file_longer_than_it_was_said_to_be_is_not_kept(blobs: Blobs) -> None:
    with pytest.raises(Refused, match="longer than it was said to be"):
        blobs.take(NAME, SIZE - 1, 0, BytesIO(PHOTO).read)
    assert files(blobs) == []


@pytest.mark.parametrize("name", ["", "..", "../../registry", NAME.upper(), NAME[:-1], NAME + "0"])
def test_only_a_digest_names_a_file(blobs: Blobs, name: str) -> None:
    send(blobs)
    assert blobs.find(name) is None


def test_a_file_is_only_for_the_office_to_read(blobs: Blobs) -> None:
    send(blobs)
    place = blobs.find(NAME)
    assert place is not None
    assert place.stat().st_mode & 0o077 == 0
    assert place.parent.stat().st_mode & 0o077 == 0


def test_devices_that_send_the_same_file_at_once_make_one(blobs: Blobs) -> None:
    def phone() -> None:
        while (at := blobs.arrived(NAME)) < SIZE or blobs.find(NAME) is None:
            send(blobs, at, at + PIECE + 7)

    phones = [Thread(target=phone) for _ in range(6)]
    for one in phones:
        one.start()
    for one in phones:
        one.join()
    assert content(blobs) == PHOTO
    assert files(blobs) == [NAME]


def test_on_a_full_disk_what_fitted_stays_and_the_rest_follows_when_there_is_room(
    blobs: Blobs,
) -> None:
    with small_disk(3 * PIECE), pytest.raises(OSError, match="File too large"):
        send(blobs)
    at = blobs.arrived(NAME)
    assert 0 < at <= 3 * PIECE
    assert send(blobs, at) == SIZE
    assert content(blobs) == PHOTO


def serve(folder: str) -> None:
    """Take the photo from where it broke off, slowly, in a process that can be killed."""
    blobs = Blobs(Path(folder))
    stream = BytesIO(PHOTO)
    at = stream.seek(blobs.arrived(NAME))
    blobs.take(NAME, SIZE, at, lambda _: stream.read(random.randrange(1, 2000)))


def kill_at(blobs: Blobs, size: int) -> None:
    """Let a process of its own take the photo, and kill it when so much of it has come."""
    running = PROCESSES.Process(target=serve, args=(str(blobs.folder),), daemon=True)
    running.start()
    while blobs.arrived(NAME) < size and running.is_alive():
        time.sleep(0.0005)
    running.kill()
    running.join()


def test_an_office_killed_in_the_middle_of_pieces_goes_on_where_it_was(blobs: Blobs) -> None:
    before, cut = 0, 0
    for size in range(SIZE // 7, SIZE, SIZE // 7):
        kill_at(blobs, size)
        assert blobs.arrived(NAME) >= max(before, size), "what has come goes back"
        before = blobs.arrived(NAME)
        cut += before < SIZE
        assert content(blobs) in (None, PHOTO)
    assert cut > 2
    assert send(blobs, blobs.arrived(NAME)) == SIZE
    assert content(blobs) == PHOTO
    assert files(blobs) == [NAME]


def test_an_office_killed_before_a_whole_file_got_its_place_gives_it_one_at_the_next_contact(
    blobs: Blobs,
) -> None:
    send(blobs, 0, SIZE - 1)
    half = next(blobs.folder.glob("??/*.half"))
    half.write_bytes(PHOTO)  # the last piece was written, and then the power failed
    assert content(blobs) is None
    assert blobs.take(NAME, SIZE, SIZE, BytesIO(b"").read) == SIZE
    assert content(blobs) == PHOTO


def test_a_sweep_leaves_what_is_named_and_takes_the_rest_in_whole_and_in_part(
    blobs: Blobs,
) -> None:
    send(blobs)
    other = hashlib.sha256(b"other").hexdigest()
    blobs.take(other, 5, 0, BytesIO(b"oth").read)
    assert blobs.sweep({NAME, other}) == 0
    assert blobs.sweep({NAME}) == 1
    assert files(blobs) == [NAME]
    assert blobs.sweep(set()) == 1
    assert files(blobs) == []


def test_the_check_names_what_is_missing_damaged_or_of_nobody(blobs: Blobs) -> None:
    send(blobs)
    lost = hashlib.sha256(b"lost").hexdigest()
    assert list(blobs.faults({NAME: "quay.jpg"})) == []
    assert list(blobs.faults({lost: "plan.pdf"})) == [
        "The file plan.pdf is missing: a record names it."
    ]
    place = blobs.find(NAME)
    assert place is not None
    place.write_bytes(PHOTO[:-1])
    assert list(blobs.faults({NAME: "quay.jpg"})) == [
        "The file quay.jpg is damaged: it is not what it was when it came in."
    ]
    assert (blobs.strays({NAME}), blobs.strays({lost})) == (0, 1)
