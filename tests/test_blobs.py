"""Photos and PDFs: who may add them, who sees them, and that they come as they were sent."""

import hashlib
import json
import random
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from poc.attaching import GRACE, ROOM, type_of
from poc.demo import COORDINATOR, SLUG, NightFerry
from poc.door import COOKIE
from poc.keeping import check, sweep
from poc.places import place_at
from poc.schedule.models import LARGEST, TYPES
from sync.blobs import PIECE
from tests.line import Server, serving
from tests.sync.test_blobs import small_disk
from tests.test_doors import BASE, CREW, OFFICE, WHO, Enter, later, one
from tests.test_parity import from_the_office, scope_for
from tests.worker import Worker

ON_BOTH = True

DICE = random.Random(7)
PHOTO = b"\xff\xd8\xff\xe0" + DICE.randbytes(200_000)
PLAN = b"%PDF-1.7\n" + DICE.randbytes(50_000)
PAGE = b"<!doctype html><script>alert(1)</script>"
DAY_WRITERS = ("coordinator", "upm", "ad")
ADD = 'name="file"'


def name_of(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def place(ferry: NightFerry) -> str:
    return str(one(ferry, "select id from location where name = 'Pier 9 Warehouse'"))


def hung(ferry: NightFerry, raw: bytes, name: str = "quay.jpg", **about: Any) -> dict[str, Any]:
    """Give the fields of a record that hangs a file on a place."""
    said = {"name": name, "type": type_of(raw), "size": len(raw), "sha256": name_of(raw)}
    return {"subject": "location", "about": place(ferry), **said, **about}


def add(browser: FlaskClient, ferry: NightFerry, raw: bytes, name: str, **about: str) -> Any:
    """Add a file as a browser without a worker does."""
    form = {"subject": "location", "about": place(ferry), **about}
    # The client's own way to write a form leaves a file open behind it.
    mark, body = encode_multipart({**form, "file": FileStorage(BytesIO(raw), name)})
    kind = f'multipart/form-data; boundary="{mark}"'
    return browser.post(f"{BASE}/attachment", data=body, content_type=kind)


def put(browser: FlaskClient, raw: bytes, at: int = 0, end: int | None = None) -> Any:
    return browser.put(f"{BASE}/blobs/{name_of(raw)}?at={at}", data=raw[at:end])


def get(browser: FlaskClient, raw: bytes, **headers: str) -> Any:
    return browser.get(f"{BASE}/blobs/{name_of(raw)}", headers=headers, buffered=True)


def files(office: Flask) -> list[str]:
    folder = office.extensions["poc"].productions.folder / f"{SLUG}.blobs"
    return sorted(file.name for file in folder.rglob("*") if file.is_file())


def test_a_photo_that_was_added_is_on_the_page_and_is_the_very_photo(
    ferry: NightFerry, enter: Enter, office: Flask
) -> None:
    browser = enter(COORDINATOR)
    assert add(browser, ferry, PHOTO, "parking.jpg").status_code == 303
    page = browser.get(f"{BASE}/locations/{place(ferry)}").text
    assert f'<img class="picture__image" src="{BASE}/blobs/{name_of(PHOTO)}"' in page
    assert 'alt="parking.jpg"' in page
    told = get(enter("Pia Lindholm"), PHOTO)
    assert (told.status_code, told.data) == (200, PHOTO)
    assert files(office) == [name_of(PHOTO)]


def test_what_is_handed_out_is_kept_for_ever_and_never_run(ferry: NightFerry, enter: Enter) -> None:
    browser = enter(COORDINATOR)
    add(browser, ferry, PHOTO, 'quay "north"\r\n.jpg')
    add(browser, ferry, PLAN, "plan.pdf")
    photo, plan = get(browser, PHOTO), get(browser, PLAN)
    for told, kind in ((photo, "image/jpeg"), (plan, "application/pdf")):
        assert told.headers["Content-Type"] == kind
        assert told.headers["X-Content-Type-Options"] == "nosniff"
        assert told.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert told.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert photo.headers["Content-Disposition"].startswith("inline")
    assert plan.headers["Content-Disposition"] == "attachment; filename=plan.pdf"
    again = get(browser, PLAN, If_None_Match=plan.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")


def test_a_pdf_is_also_given_in_parts(ferry: NightFerry, enter: Enter) -> None:
    browser = enter(COORDINATOR)
    add(browser, ferry, PLAN, "plan.pdf")
    part = get(browser, PLAN, Range="bytes=1000-1999")
    assert (part.status_code, part.data) == (206, PLAN[1000:2000])
    assert part.headers["Content-Range"] == f"bytes 1000-1999/{len(PLAN)}"
    assert get(browser, PLAN, Range="bytes=-9").data == PLAN[-9:]


def test_f51_a_record_before_its_bytes_says_whose_device_they_are_on(
    ferry: NightFerry, enter: Enter
) -> None:
    dana, pia, page = (
        enter("Dana Farouk"),
        enter("Pia Lindholm"),
        f"{BASE}/locations/{place(ferry)}",
    )
    assert ferry.write("Dana Farouk", "attachment", **hung(ferry, PHOTO)).st == "applied"
    assert "On its way from Dana Farouk since" in pia.get(page).text
    assert "<img" not in pia.get(page).text
    assert get(pia, PHOTO).status_code == 404
    told = dana.get(f"{BASE}/blobs/{name_of(PHOTO)}/arrived").get_json()
    assert told == {"proto": 1, "arrived": 0, "whole": False}
    assert put(dana, PHOTO, 0, 70_000).get_json()["arrived"] == 70_000
    assert put(dana, PHOTO, 100_000, 110_000).get_json()["arrived"] == 70_000
    assert "On its way from Dana Farouk since" in pia.get(page).text
    assert put(dana, PHOTO, 70_000).get_json() == {
        "proto": 1,
        "arrived": len(PHOTO),
        "whole": True,
    }
    assert "On its way" not in pia.get(page).text
    assert get(pia, PHOTO).data == PHOTO


def test_a_request_that_breaks_off_leaves_what_came_also_when_the_office_is_killed(
    ferry: NightFerry, enter: Enter, office: Flask, url: str
) -> None:
    cookie = enter("Dana Farouk").get_cookie(COOKIE)
    assert cookie is not None
    ferry.write("Dana Farouk", "attachment", **hung(ferry, PHOTO))
    blobs, name = ferry.production.blobs, name_of(PHOTO)

    def until(size: int) -> None:
        end = time.monotonic() + 20
        while blobs.arrived(name) < size and time.monotonic() < end:
            time.sleep(0.01)

    with serving(office.extensions["poc"].folder, url) as server:
        with sending(server, cookie.value, 0, PHOTO[:100_000]):
            pass
        until(100_000)
        assert blobs.arrived(name) == 100_000
        with sending(server, cookie.value, 100_000, PHOTO[100_000:190_000]):
            until(100_000 + PIECE)
            server.kill()
        came = blobs.arrived(name)
        assert 100_000 + PIECE <= came <= 190_000
        server.start()
        with sending(server, cookie.value, came, PHOTO[came:]) as wire:
            assert b" 200 " in wire.recv(4096)
    assert get(enter("Pia Lindholm"), PHOTO).data == PHOTO


@contextmanager
def sending(server: Server, key: str, at: int, part: bytes) -> Iterator[socket.socket]:
    """Send a part of the photo, saying that all that is left of it follows."""
    head = f"PUT {BASE}/blobs/{name_of(PHOTO)}?at={at} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    head += f"Cookie: {COOKIE}={key}\r\nSec-Fetch-Site: same-origin\r\n"
    head += f"Content-Length: {len(PHOTO) - at}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as wire:
        wire.sendall(head.encode() + part)
        yield wire


@pytest.mark.parametrize("role", WHO)
def test_photos_are_for_those_who_hold_what_they_hang_on(
    role: str, ferry: NightFerry, enter: Enter
) -> None:
    add(enter(COORDINATOR), ferry, PHOTO, "quay.jpg")
    add(enter(COORDINATOR), ferry, PLAN, "p.pdf", subject="shoot_day", about=ferry.days[12])
    browser, scope = enter(WHO[role]), scope_for(ferry.production, ferry.people[WHO[role]])
    for raw, subject in ((PHOTO, "location"), (PLAN, "shoot_day")):
        expected = 200 if scope.whole(subject) else 404
        assert get(browser, raw).status_code == expected, f"{role} sees what hangs on {subject}"
        assert (role in OFFICE) == (expected == 200)
    mine = PHOTO + role.encode()
    for subject, about, writers in (
        ("location", place(ferry), (*DAY_WRITERS, "assistant")),
        ("shoot_day", ferry.days[12], DAY_WRITERS),
    ):
        told = add(browser, ferry, mine, "mine.jpg", subject=subject, about=about)
        assert told.status_code == (303 if role in writers else 422), f"{role} adds to {subject}"
        page = {"location": "locations", "shoot_day": "days"}[subject]
        shown = browser.get(f"{BASE}/{page}/{about}")
        assert (shown.status_code == 200) == (role in OFFICE)
        assert (ADD in shown.text) == (role in writers)
    assert role in OFFICE or role in (*CREW, "vendor")


def test_whoever_may_add_a_photo_may_see_all_of_them(ferry: NightFerry) -> None:
    # Naming a digest must never be a way to bytes that one may not see.
    for name in WHO.values():
        scope = scope_for(ferry.production, ferry.people[name])
        assert "attachment" not in scope.writes or scope.whole("attachment"), name


def test_pieces_are_taken_only_from_who_may_write_the_record_that_names_them(
    ferry: NightFerry, enter: Enter, office: Flask
) -> None:
    day = {"subject": "shoot_day", "about": ferry.days[12]}
    marta = enter(COORDINATOR)
    assert put(marta, PHOTO).status_code == 404, "no record names it"
    ferry.write(COORDINATOR, "attachment", **hung(ferry, PHOTO, **day))
    for name, status in (("Pia Lindholm", 403), ("Owen Price", 403), ("Ines Okafor", 404)):
        assert put(enter(name), PHOTO).status_code == status, name
    assert files(office) == []
    assert put(marta, PHOTO).status_code == 200


@pytest.mark.parametrize(
    ("raw", "name", "say"),
    [
        (PAGE, "quay.jpg", "Photos are JPEG, PNG, WebP or GIF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "quay.svg", "Photos are JPEG, PNG"),
        (b"", "quay.jpg", "Photos a"),
        (PHOTO, "q" * 197 + ".jpg", "The name of a photo or a PDF has up to 200 letters"),
        (b"\xff\xd8\xff" + bytes(LARGEST), "quay.jpg", "Photos and PDFs have up to 20 MB each"),
    ],
    ids=["a page", "a drawing", "nothing", "a long name", "too much"],
)
def test_what_is_no_photo_and_no_pdf_or_too_large_is_refused_with_a_sentence(
    raw: bytes, name: str, say: str, ferry: NightFerry, enter: Enter, office: Flask
) -> None:
    told = add(enter(COORDINATOR), ferry, raw, name)
    assert told.status_code == 422
    assert say in told.text
    assert one(ferry, "select count(*) from attachment") == 0
    assert files(office) == []


def test_bytes_that_are_not_what_their_record_says_are_not_kept(
    ferry: NightFerry, enter: Enter, office: Flask
) -> None:
    browser = enter(COORDINATOR)
    ferry.write(COORDINATOR, "attachment", **hung(ferry, PAGE, type="image/jpeg"))
    told = put(browser, PAGE)
    assert told.status_code == 422
    assert "not what it was said to be" in told.get_json()["say"]
    ferry.write(COORDINATOR, "attachment", **hung(ferry, PHOTO))
    spoiled = PHOTO[:-1] + bytes([PHOTO[-1] ^ 1])
    told = browser.put(f"{BASE}/blobs/{name_of(PHOTO)}", data=spoiled)
    assert told.status_code == 422
    assert told.get_json() == {
        "proto": 1,
        "arrived": 0,
        "say": "The file did not arrive as it was sent; it is sent once more from its beginning.",
    }
    assert files(office) == []
    assert put(browser, PHOTO).get_json()["whole"]


def test_the_same_photo_in_two_places_is_kept_once_and_sent_once(
    ferry: NightFerry, enter: Enter, office: Flask
) -> None:
    browser = enter(COORDINATOR)
    add(browser, ferry, PHOTO, "quay.jpg")
    about = {"subject": "shoot_day", "about": ferry.days[12]}
    ferry.write("Dana Farouk", "attachment", **hung(ferry, PHOTO, "again.jpg", **about))
    arrived = one(ferry, "select arrived_at from attachment where name = 'again.jpg'")
    assert arrived is not None, "nothing more has to be sent"
    assert files(office) == [name_of(PHOTO)]
    browser.post(f"{BASE}/attachment/{_record(ferry, 'quay.jpg')}", data={"away": "1"})
    assert get(browser, PHOTO).status_code == 200, "it still hangs on the day"


def test_what_is_removed_is_gone_for_everybody_and_can_be_brought_back_for_a_while(
    ferry: NightFerry, enter: Enter, office: Flask
) -> None:
    browser = enter(COORDINATOR)
    add(browser, ferry, PHOTO, "quay.jpg")
    record = _record(ferry, "quay.jpg")
    away = {"away": "1", "seen": str(ferry.production.journal.stand())}
    assert browser.post(f"{BASE}/attachment/{record}", data=away).status_code == 303
    assert get(browser, PHOTO).status_code == 404
    assert _swept(ferry, office) == 0, "it may be brought back"
    back = {**hung(ferry, PHOTO), "seen": str(ferry.production.journal.stand())}
    assert browser.post(f"{BASE}/attachment/{record}", data=back).status_code == 303
    assert get(browser, PHOTO).data == PHOTO
    away = {"away": "1", "seen": str(ferry.production.journal.stand())}
    browser.post(f"{BASE}/attachment/{record}", data=away)
    add(browser, ferry, PLAN, "plan.pdf")
    later(office, days=GRACE.days + 1)
    assert _swept(ferry, office) == 1
    assert files(office) == [name_of(PLAN)]


def test_a_production_keeps_only_so_much_and_says_so(ferry: NightFerry, enter: Enter) -> None:
    for n in range(ROOM // LARGEST):
        about = {"size": LARGEST, "sha256": f"{n:064x}"}
        assert ferry.write(COORDINATOR, "attachment", **hung(ferry, PHOTO, **about)).st == "applied"
    twice = {"size": LARGEST, "sha256": f"{0:064x}"}
    assert ferry.write(COORDINATOR, "attachment", **hung(ferry, PHOTO, **twice)).st == "applied"
    told = add(enter(COORDINATOR), ferry, PHOTO, "one-too-many.jpg")
    assert told.status_code == 422
    assert "take up to 500 MB. Remove some first." in told.text


def test_a_full_disk_is_said_and_the_rest_follows_when_there_is_room(
    ferry: NightFerry, enter: Enter
) -> None:
    browser, raw = enter(COORDINATOR), PHOTO + DICE.randbytes(12_000_000)
    ferry.write(COORDINATOR, "attachment", **hung(ferry, raw))
    with small_disk(8_000_000):
        told = put(browser, raw)
    assert told.status_code == 507
    assert told.get_json()["say"].startswith("The office's disk is full.")
    at = told.get_json()["arrived"]
    assert 0 < at <= 8_000_000
    assert put(browser, raw, at).get_json()["whole"]
    assert get(browser, raw).data == raw


@pytest.mark.parametrize("field", ["sha256", "type", "size", "about", "subject", "arrived_at"])
def test_a_photo_stays_what_it_is_and_only_its_name_may_change(
    field: str, ferry: NightFerry, enter: Enter
) -> None:
    add(enter(COORDINATOR), ferry, PHOTO, "quay.jpg")
    record = _record(ferry, "quay.jpg")
    value: Any = {"size": 5, "type": "image/png", "sha256": name_of(PLAN), "subject": "shoot_day"}
    told = ferry.write(COORDINATOR, "attachment", record, **{field: value.get(field, "other")})
    assert (told.st, told.why) == ("rejected", "permission")
    assert ferry.write(COORDINATOR, "attachment", record, name="Quay, north").st == "applied"


def test_a_device_that_was_put_out_gets_no_photo(ferry: NightFerry, enter: Enter) -> None:
    browser = enter("Dana Farouk")
    add(browser, ferry, PHOTO, "quay.jpg")
    membership = one(
        ferry,
        "select id from membership where person = :who and gone = 0",
        who=ferry.people["Dana Farouk"],
    )
    with ferry.production.journal.desk() as desk:
        desk.remove("membership", membership)
    for told in (get(browser, PHOTO), put(browser, PHOTO), add(browser, ferry, PLAN, "p.pdf")):
        assert (told.status_code, told.headers["Poc-Revoked"]) == (403, "1")


def test_pages_with_photos_are_the_same_from_the_office_and_from_the_phone(
    ferry: NightFerry, enter: Enter, office: Flask, worker: Worker
) -> None:
    add(enter(COORDINATOR), ferry, PHOTO, "quay.jpg")
    add(enter(COORDINATOR), ferry, PLAN, "plan.pdf", subject="shoot_day", about=ferry.days[12])
    ferry.write("Dana Farouk", "attachment", **hung(ferry, PLAN + b"x", "<b>&.pdf"))
    ferry.write("Hana Novak", "attachment", **hung(ferry, PLAN + b"y", "from somebody who left"))
    with ferry.production.journal.desk() as desk:
        desk.remove("person", ferry.people["Hana Novak"])
    moment = ferry.production.now()
    where = {"base": ferry.production.base, "today": "2026-04-13", "tomorrow": "2026-04-14"}
    where["now"] = moment.strftime("%H:%M")
    for name in (COORDINATOR, "Dana Farouk", "Owen Price"):
        scope = scope_for(ferry.production, ferry.people[name])
        about = {"person": scope.person, "kinds": json.dumps(sorted(scope.reads))}
        image = ferry.production.journal.snapshot(scope.person, about)
        for path in (f"/locations/{place(ferry)}", f"/days/{ferry.days[12]}"):
            there = worker.ask(image, path=path, **where)
            here = from_the_office(office.extensions["poc"], ferry.production, scope, path)
            assert there == here, f"{name} at {path}"
            assert "picture" in there["body"]


def test_the_check_says_which_file_is_missing_and_which_is_of_nobody(
    ferry: NightFerry, enter: Enter, office: Flask, url: str
) -> None:
    add(enter(COORDINATOR), ferry, PHOTO, "quay.jpg")
    folder = office.extensions["poc"].folder

    def told() -> tuple[tuple[str, ...], tuple[str, ...]]:
        [(_, report)] = check(place_at(url or str(folder)), folder)
        return report.faults, report.notes

    calm = told()
    assert calm[0] == ()
    file = ferry.production.blobs.find(name_of(PHOTO))
    assert file is not None
    file.rename(file.with_name(name_of(PLAN)))
    faults, notes = told()
    assert faults == ("The file quay.jpg is missing: a record names it.",)
    assert notes == (*calm[1], "1 file is named by nothing any more.")


def test_every_kind_of_file_is_known_by_its_first_bytes() -> None:
    openings = {
        "image/jpeg": b"\xff\xd8\xff\xe1",
        "image/png": b"\x89PNG\r\n\x1a\n\0",
        "image/webp": b"RIFF\x10\0\0\0WEBPVP8 ",
        "image/gif": b"GIF89a\1",
        "application/pdf": b"%PDF-1.4",
    }
    assert {kind: type_of(head) for kind, head in openings.items()} == {
        kind: kind for kind in TYPES
    }
    assert type_of(b"") == type_of(PAGE) == type_of(b"\0\0\0\x18ftypheic") == "unknown"


def _record(ferry: NightFerry, name: str) -> str:
    return str(one(ferry, "select id from attachment where name = :name and gone = 0", name=name))


def _swept(ferry: NightFerry, office: Flask) -> int:
    house = office.extensions["poc"]
    url = office.config["DATABASE_URL"]
    return sweep(place_at(url or str(house.folder)), SLUG, house.folder, house.clock())
