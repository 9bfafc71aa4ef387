"""Photos on real phones wait there until the office has them, whatever the signal does."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from poc.demo import SLUG
from poc.places import blobs_of
from sync.blobs import Blobs
from tests.sync.phones import Crowd, Office, Phone, Row, running, with_copy

JPEG, PDF, PAGE = b"\xff\xd8\xff\xe0", b"%PDF-1.7", b"<!doctype html>"
SIZE = 163_840  # the first piece is 40 % of it
SEEDS = count(3)
BAD = ("lost", "unheard", "torn", "twice", "html", "json", "disguised", "silence", "500", "cut 50")


@dataclass
class Photo:
    """A file on a phone: made there and here by the same rule, so that it need not travel."""

    name: str = "parking.jpg"
    head: bytes = JPEG
    size: int = SIZE

    def __post_init__(self) -> None:
        self.seed = next(SEEDS)

    @property
    def bytes(self) -> bytes:
        body = bytearray((n * self.seed + (n >> 8)) & 0xFF for n in range(self.size))
        body[: len(self.head)] = self.head[: self.size]
        return bytes(body)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.bytes).hexdigest()

    @property
    def wire(self) -> Row:
        return {"name": self.name, "head": list(self.head), "size": self.size, "seed": self.seed}


@pytest.fixture(scope="module")
def opened(told: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, Path]]:
    folder = tmp_path_factory.mktemp("photos")
    with running(told, folder / "data") as office:
        office.back_up(folder / "begun")
        yield office, folder / "begun"


@pytest.fixture
def office(opened: tuple[Office, Path]) -> Office:
    """A running office, as on the first day of every test."""
    office, begun = opened
    office.play_back(begun)
    return office


@pytest.fixture(scope="module")
def crowd(opened: tuple[Office, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    crowd = Crowd(opened[0], tmp_path_factory.mktemp("crowd"))
    yield crowd
    crowd.close()


@pytest.fixture
def truck(office: Office, crowd: Crowd) -> Phone:
    """Dana's phone in the truck, with a copy."""
    return with_copy(crowd.phone("truck"))


@pytest.fixture
def tablet(office: Office, crowd: Crowd) -> Phone:
    """Marta's tablet, with a copy."""
    return with_copy(crowd.phone("tablet"))


def place(office: Office) -> str:
    found = office.rows("select id from location where name = 'Pier 9 Warehouse'")
    return str(found[0]["id"])


def add(phone: Phone, *photos: Photo) -> Row:
    form = {"subject": "location", "about": place(phone.office), "seen": str(phone.cursor)}
    return phone.order("attach", form=form, photos=[photo.wire for photo in photos])


def kept(office: Office) -> Blobs:
    return blobs_of(office.folder / "productions", SLUG)


def has(office: Office, photo: Photo) -> bool:
    """Say whether the office has the very bytes, and says so."""
    file = kept(office).find(photo.sha256)
    query = "select arrived_at from attachment where sha256 = :name and gone = 0"
    said = office.rows(query, name=photo.sha256)
    known = bool(said) and all(row["arrived_at"] for row in said)
    assert known == (file is not None)
    return file is not None and file.read_bytes() == photo.bytes


def waits(phone: Phone) -> list[str]:
    """Name the files that this device still owes to the office."""
    return [row["name"] for row in phone.order("files")["gives"] if row["waits"]]


def shows(phone: Phone, photo: Photo, *faults: str) -> bool:
    """Say whether the phone shows the very photo."""
    found = phone.order("blob", *faults, sha256=photo.sha256).get("gives")
    return bool(found) and found["sha256"] == photo.sha256 and found["name"] == photo.name


def page(phone: Phone) -> str:
    return str(phone.order("answer", path=f"/locations/{place(phone.office)}")["gives"])


def waiting_page(phone: Phone) -> str:
    return str(phone.order("answer", path="/waiting")["gives"])


def pieces(phone: Phone) -> list[int]:
    """Say from where on this device sent pieces, in their order."""
    asked = phone.order("told")["gives"]["asked"]
    return [int(one["url"].partition("?at=")[2]) for one in asked if "?at=" in one["url"]]


def test_a_photo_added_without_signal_is_seen_at_once_and_goes_out_later(
    office: Office, truck: Phone
) -> None:
    photo, plan = Photo(), Photo("plan.pdf", PDF)
    assert add(truck, photo, plan) == {"gives": None}
    assert shows(truck, photo, "lost") and shows(truck, plan, "lost")
    assert page(truck).count("waiting on this device") == 2
    assert f'alt="{photo.name}"' in page(truck)
    assert "Photo parking.jpg" in waiting_page(truck)
    truck.open()  # the browser was killed
    assert truck.ready()
    assert shows(truck, photo, "lost") and shows(truck, plan, "lost")
    assert truck.exchange() == {"gives": True}
    assert has(office, photo) and has(office, plan)
    assert waits(truck) == []
    assert "waiting on this device" not in page(truck)
    assert "On its way" not in page(truck)
    assert truck.state["files"] == 0


def test_another_phone_sees_it_and_keeps_it_for_when_the_signal_goes(
    office: Office, truck: Phone, tablet: Phone
) -> None:
    photo = Photo()
    add(truck, photo)
    truck.exchange()
    assert tablet.exchange() == {"gives": True}
    assert not shows(tablet, photo, "lost"), "nobody can show what never came"
    assert shows(tablet, photo)
    assert shows(tablet, photo, "lost")


def test_f50_a_photo_cut_off_twice_by_a_dying_phone_goes_on_where_it_was(
    office: Office, truck: Phone
) -> None:
    photo = Photo(size=2_000_000)
    add(truck, photo)
    truck.exchange("", "", "", "", "", "torn")
    first = pieces(truck)
    assert 0 < kept(office).arrived(photo.sha256) < photo.size
    truck.open()
    truck.ready()
    truck.exchange("", "", "lost")
    truck.open()
    truck.ready()
    assert truck.exchange() == {"gives": True}
    assert has(office, photo)
    again = pieces(truck)
    assert again[0] > first[-1], "what had come is not sent again"
    assert len(list(kept(office).folder.glob(f"??/{photo.sha256}*"))) == 1


@pytest.mark.parametrize("weather", BAD)
@pytest.mark.parametrize("n", [1, 2, 3])
def test_f50_whatever_happens_to_a_piece_the_photo_waits_until_the_office_has_it(
    office: Office, truck: Phone, weather: str, n: int
) -> None:
    photo = Photo()
    add(truck, photo)
    truck.exchange(*[""] * n, weather)
    assert (waits(truck) == []) <= has(office, photo), "called sent, and is not there"
    assert 0 <= truck.order("files")["gives"][0]["sent"] <= photo.size
    assert shows(truck, photo, "lost")
    for _ in range(2):
        truck.exchange()
    assert has(office, photo)
    assert waits(truck) == []


def test_the_waiting_page_says_how_much_of_a_photo_is_sent(office: Office, truck: Phone) -> None:
    photo = Photo()
    add(truck, photo)
    truck.exchange("", "", "", "lost")
    shown = waiting_page(truck)
    assert "Photo parking.jpg" in shown
    assert "40 % sent" in shown
    assert truck.state["files"] == 1
    truck.exchange()
    assert "Nothing is waiting" in waiting_page(truck)


def test_edits_do_not_wait_for_a_photo_on_its_way(office: Office, truck: Phone) -> None:
    photo = Photo()
    add(truck, photo)
    assert truck.exchange("", "", "held") == {"held": True}
    truck.take("location", place(office), parking="Lot D")
    assert truck.exchange("", "lost") == {"gives": True}
    assert office.rows("select parking from location where id = :id", id=place(office)) == [
        {"parking": "Lot D"}
    ]
    truck.land()
    truck.exchange()
    assert has(office, photo)


def test_no_bytes_are_offered_before_the_office_has_the_record(
    office: Office, truck: Phone
) -> None:
    photo = Photo()
    for n in range(200):  # as many edits as go out at once
        truck.take("location", "", name=f"Quay {n}")
    add(truck, photo)
    truck.exchange("", "lost")
    assert waits(truck) == ["parking.jpg"]
    assert not has(office, photo)
    assert truck.exchange() == {"gives": True}
    assert has(office, photo)


def test_f52_a_full_disk_is_said_and_nothing_is_half_kept(office: Office, truck: Phone) -> None:
    photo = Photo()
    for n in (0, 2):  # the bytes find no room, or the edit beside them
        truck.plan("QuotaExceededError", n)
        assert add(truck, photo)["name"] == "QuotaExceededError"
        truck.plan("")
        assert truck.outbox() == []
        assert photo.name not in page(truck)
        truck.exchange()
        assert truck.order("files")["gives"] == []
    add(truck, photo)
    assert shows(truck, photo, "lost")


def test_f52_copies_of_what_the_office_has_make_room_for_what_it_has_not(
    office: Office, truck: Phone
) -> None:
    old, new = Photo("old.jpg"), Photo("new.jpg")
    add(truck, old)
    truck.exchange()
    truck.plan("QuotaExceededError")
    assert add(truck, new) == {"gives": None}
    assert waits(truck) == ["new.jpg"]
    assert shows(truck, new, "lost")
    assert not shows(truck, old, "lost")
    assert shows(truck, old)


@pytest.mark.parametrize("how", ["die before", "die after"])
@pytest.mark.parametrize("n", [0, 1, 2])
def test_a_phone_that_dies_while_it_keeps_a_photo_has_all_of_it_or_nothing(
    office: Office, truck: Phone, how: str, n: int
) -> None:
    photo = Photo()
    truck.plan(how, n)
    add(truck, photo)
    truck.plan("")
    there = photo.name in page(truck)
    assert there == bool(truck.outbox()) == shows(truck, photo, "lost")
    truck.exchange()
    assert has(office, photo) == there
    assert bool(truck.order("files")["gives"]) == there


def test_a_photo_taken_back_before_it_was_sent_leaves_nothing(office: Office, truck: Phone) -> None:
    photo = Photo()
    add(truck, photo)
    edit = truck.outbox()[0]["id"]
    truck.order("reconsider", edit=edit, form={"discard": "1"})
    assert truck.order("files")["gives"] == []
    truck.exchange()
    assert not has(office, photo)


def test_what_is_removed_is_gone_from_every_phone_at_the_next_contact(
    office: Office, truck: Phone, tablet: Phone
) -> None:
    photo = Photo()
    add(truck, photo)
    truck.exchange()
    tablet.exchange()
    assert shows(tablet, photo)
    record = office.rows("select id from attachment where gone = 0")[0]["id"]
    tablet.remove("attachment", record)
    assert tablet.order("blob", sha256=photo.sha256)["failed"] == "NotFound"
    for phone in (tablet, truck):
        phone.exchange()
        assert phone.order("files")["gives"] == []
        assert phone.order("blob", sha256=photo.sha256)["failed"] == "NotFound"


def test_a_photo_whose_record_was_removed_meanwhile_waits_no_more(
    office: Office, truck: Phone, tablet: Phone
) -> None:
    photo = Photo()
    add(truck, photo)
    truck.exchange("", "lost")
    assert waits(truck) == ["parking.jpg"]
    record = office.rows("select id from attachment where gone = 0")[0]["id"]
    tablet.exchange()
    tablet.remove("attachment", record)
    tablet.exchange()
    truck.exchange()
    assert truck.order("files")["gives"] == []
    assert not has(office, photo)


def test_a_refused_photo_stays_on_the_device_until_it_is_let_go(
    office: Office, crowd: Crowd
) -> None:
    desk, photo = with_copy(crowd.phone("desk")), Photo()
    form = {"subject": "shoot_day", "about": office.ferry.days[13], "seen": str(desk.cursor)}
    desk.order("attach", form=form, photos=[photo.wire])
    desk.exchange()
    assert "Not accepted: only the coordinator" in waiting_page(desk)
    assert waits(desk) == ["parking.jpg"]
    edit = desk.returned()[0]["id"]
    desk.order("reconsider", edit=edit, form={"discard": "1"})
    assert desk.order("files")["gives"] == []


def test_whoever_signs_out_leaves_no_copies_and_loses_nothing_that_waits(
    office: Office, truck: Phone
) -> None:
    sent, waiting = Photo("sent.jpg"), Photo("waiting.jpg")
    add(truck, sent)
    truck.exchange()
    add(truck, waiting)
    truck.order("forget")
    assert [row["name"] for row in truck.order("files")["gives"]] == ["waiting.jpg"]
    with_copy(truck)
    truck.exchange()
    assert has(office, waiting)


def test_the_same_photo_twice_travels_once(office: Office, truck: Phone, tablet: Phone) -> None:
    photo = Photo()
    add(truck, photo)
    truck.exchange()
    add(tablet, photo)
    tablet.exchange()
    assert pieces(tablet) == []
    assert waits(tablet) == []
    assert has(office, photo)


@pytest.mark.parametrize(
    ("photo", "say"),
    [
        (Photo("quay.jpg", PAGE), "Photos are JPEG, PNG, WebP or GIF; all else is a PDF file"),
        (Photo("quay.jpg", JPEG, 20 * 1024 * 1024 + 1), "Photos and PDFs have up to 20 MB each"),
        (Photo("quay.jpg", JPEG, 0), "Photos are JPEG, PNG, WebP or GIF; all else is a PDF file"),
    ],
    ids=["a page", "too large", "empty"],
)
def test_what_the_office_would_refuse_is_refused_at_once_without_signal(
    office: Office, truck: Phone, photo: Photo, say: str
) -> None:
    told = add(truck, photo)
    assert (told["failed"], told["say"]) == ("Refused", say)
    assert truck.outbox() == truck.order("files")["gives"] == []


def test_a_photo_the_disk_spoiled_is_said_to_be_and_never_sent(
    office: Office, truck: Phone
) -> None:
    photo = Photo()
    add(truck, photo)
    truck.exchange("", "lost")
    truck.order("spoil")
    truck.exchange()
    assert "This device cannot read the file any more." in waiting_page(truck)
    assert not has(office, photo)


def test_of_copies_only_so_much_is_kept_the_newest_and_all_that_waits(
    office: Office, truck: Phone
) -> None:
    mine = Photo("mine.jpg")
    add(truck, mine)
    names = [_hang(office, n) for n in range(12)]
    truck.exchange("", "lost")
    for name in names:
        assert truck.order("blob", sha256=name)["gives"]["sha256"] == name
    rows: list[dict[str, Any]] = truck.order("files")["gives"]
    assert sum(row["size"] for row in rows if not row["waits"]) <= 50 * 1024 * 1024
    copies = [row["sha256"] for row in rows if not row["waits"]]
    assert sorted(copies) == sorted(names[-len(copies) :])
    assert len(copies) == 10
    assert waits(truck) == ["mine.jpg"]


def _hang(office: Office, n: int) -> str:
    """Hang a file of 5 MB on the place, as another device did."""
    raw = JPEG + n.to_bytes(2, "big") + bytes(5 * 1024 * 1024 - 6)
    name = hashlib.sha256(raw).hexdigest()
    kept(office).take(name, len(raw), 0, BytesIO(raw).read)
    fields = {"name": f"{n}.jpg", "type": "image/jpeg", "size": len(raw), "sha256": name}
    about = {"subject": "location", "about": place(office)}
    assert office.ferry.write("Marta Teixeira", "attachment", **about, **fields).st == "applied"
    return name
