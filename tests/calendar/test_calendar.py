"""A person's calls in their own calendar: what real calendars read there, and who may read it."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar, Event

from poc.calendar.addresses import MOST, SPAN
from poc.calendar.zones import clock
from poc.demo import COORDINATOR, NightFerry
from poc.registry import hashed
from tests.test_doors import BASE, INES, WEN, WHO, Enter, later, one, seen
from tests.test_publish import DAY, calls

ON_BOTH = True

CLOCKS = Path(__file__).parent.parent / "data" / "calendars" / "clocks.json"
LINK = re.compile(r"http://localhost(/cal/[\w-]{20,}\.ics)")

Read = Callable[[], dict[str, Event]]


def opened(browser: FlaskClient, person: str) -> str:
    """Make an address for somebody's calls; give its path."""
    page = browser.post(f"{BASE}/calendars/{person}/open")
    assert page.status_code == 200
    return LINK.findall(page.text)[0]


@pytest.fixture
def path(enter: Enter, ferry: NightFerry) -> str:
    """The address that Ines Okafor made for herself."""
    return opened(enter(INES), ferry.people[INES])


@pytest.fixture
def read(path: str, stranger: FlaskClient) -> Read:
    """Read her calendar as any calendar does; give the events by date."""

    def events() -> dict[str, Event]:
        told = stranger.get(path)
        assert (told.status_code, told.mimetype) == (200, "text/calendar")
        assert max(len(line) for line in told.data.split(b"\r\n")) <= 75
        calendar = Calendar.from_ical(told.data)
        assert not calendar.errors
        return {str(e["dtstart"].dt.date()): e for e in calendar.walk("VEVENT")}

    return events


def plan(ferry: NightFerry, **fields: Any) -> None:
    ferry.write(COORDINATOR, "shoot_day", ferry.days[DAY], **fields)


# What a calendar shows.


def test_a_published_call_is_an_event_with_all_that_is_the_persons_own(
    ferry: NightFerry, read: Read
) -> None:
    pickup = {
        "pickup": "06:10",
        "pickup_place": "Hotel Miramar",
        "note": "Long lens; 3,5",
    }
    calls(ferry, INES, time="06:45", **pickup)
    ferry.publish(DAY)
    event = read()["2026-04-15"]
    lisbon = ZoneInfo("Europe/Lisbon")
    assert event["summary"] == "Call 06:45 · Night Ferry"
    assert event["dtstart"].dt == datetime(2026, 4, 15, 6, 45, tzinfo=lisbon)
    assert event["dtend"].dt == datetime(2026, 4, 15, 19, 0, tzinfo=lisbon)
    assert event["dtstart"].params["TZID"] == "Europe/Lisbon"
    assert event["location"] == "MV Aurora, Doca de Alcântara, berth 4"
    assert event["description"].split("\n") == [
        "Pick-up 06:10, Hotel Miramar",
        "Long lens; 3,5",
        "WHITE revision, published 22:14",
    ]
    assert (event["status"], event["sequence"], event["class"]) == ("CONFIRMED", 0, "PRIVATE")
    assert event["dtstamp"].dt == datetime(2026, 4, 13, 21, 14, tzinfo=UTC)


def test_a_draft_changes_nothing_until_it_is_published(ferry: NightFerry, read: Read) -> None:
    before = read()
    assert "2026-04-15" not in before
    ferry.publish(DAY)
    told = read()["2026-04-15"].to_ical()
    calls(ferry, INES, time="05:00")
    plan(ferry, weather="Fog", number=77)
    assert read()["2026-04-15"].to_ical() == told
    ferry.publish(DAY)
    assert read()["2026-04-15"]["summary"] == "Call 05:00 · Night Ferry"


def test_a_new_revision_is_the_same_event_with_a_higher_sequence(
    ferry: NightFerry, read: Read
) -> None:
    ferry.publish(DAY)
    first = read()["2026-04-15"]
    plan(ferry, date="2026-04-17", general_call="09:00")
    ferry.publish(DAY)
    events = read()
    assert "2026-04-15" not in events
    assert events["2026-04-17"]["uid"] == first["uid"]
    assert (first["sequence"], events["2026-04-17"]["sequence"]) == (0, 1)


def test_who_is_not_called_any_more_reads_so(ferry: NightFerry, read: Read) -> None:
    ferry.publish(DAY)
    uid = read()["2026-04-15"]["uid"]
    calls(ferry, INES, excused=1)
    for revision in (1, 2, 3):  # in the later ones there is no word of her at all
        ferry.publish(DAY)
        event = read()["2026-04-15"]
        assert (event["status"], event["sequence"], event["uid"]) == ("CANCELLED", revision, uid)
        assert event["summary"] == "Not called · Night Ferry"
        assert "location" not in event and "description" not in event
    calls(ferry, INES, excused=0)
    ferry.publish(DAY)
    assert (read()["2026-04-15"]["status"], read()["2026-04-15"]["sequence"]) == ("CONFIRMED", 4)


def test_a_published_day_that_is_gone_is_cancelled(ferry: NightFerry, read: Read) -> None:
    ferry.publish(DAY)
    with ferry.production.journal.desk() as desk:
        desk.remove("shoot_day", ferry.days[DAY])
    event = read()["2026-04-15"]
    assert (event["status"], event["sequence"]) == ("CANCELLED", 1)


@pytest.mark.parametrize(
    ("call", "wrap", "start", "end"),
    [
        ("25:30", "34:00", "2026-04-16 01:30", "2026-04-16 10:00"),
        ("18:00", "03:30", "2026-04-15 18:00", "2026-04-16 03:30"),
        ("00:30", None, "2026-04-15 00:30", None),
    ],
)
def test_a_call_after_midnight_is_on_the_night_it_means(
    call: str, wrap: str | None, start: str, end: str | None, ferry: NightFerry, read: Read
) -> None:
    plan(ferry, wrap=wrap)
    calls(ferry, INES, time=call)
    ferry.publish(DAY)
    event = read()[start[:10]]
    assert f"{event['dtstart'].dt:%Y-%m-%d %H:%M}" == start
    assert (f"{event['dtend'].dt:%Y-%m-%d %H:%M}" if end else event.get("dtend")) == end


def test_names_in_any_script_come_through_in_lines_of_75_octets(
    ferry: NightFerry, read: Read
) -> None:
    title = "סירת הלילה — 夜のフェリー 🎬" * 4
    place = {"name": "מחסן 9; רציף, \\ צפון", "address": "Łódź\nul. Żwirki 5" + "ż" * 90}
    ferry.write(COORDINATOR, "production", "production", title=title)
    location = one(ferry, "select location from shoot_day where id = :d", d=ferry.days[DAY])
    ferry.write(COORDINATOR, "location", location, **place)
    calls(ferry, INES, time="06:45", note="Bell\x07 and\ttab\r\nsecond line\r\nBEGIN:VEVENT")
    ferry.publish(DAY)
    event = read()["2026-04-15"]
    assert event["summary"] == f"Call 06:45 · {title}"
    assert event["location"] == f"{place['name']}, {place['address']}"
    assert event["description"].split("\n")[1:3] == ["second line", "BEGIN:VEVENT"]
    assert "\x07" not in event["description"]
    assert len(read()) == len({e["uid"] for e in read().values()})


def test_nothing_of_anybody_else_is_in_it(
    ferry: NightFerry, path: str, stranger: FlaskClient
) -> None:
    calls(ferry, WEN, time="04:44", pickup="04:04", note="Only for Wen")
    ferry.write(COORDINATOR, "particulars", person=ferry.people[INES], address="Rua das Flores 5")
    ferry.publish(DAY)
    told = stranger.get(path).get_data(as_text=True).replace("\r\n ", "")
    for secret in (WEN, "04:44", "04:04", "Only for Wen", "Rua das Flores", "Life jackets", INES):
        assert secret not in told
    assert ferry.people[WEN] not in told


# The clock.


def test_a_zone_is_told_as_the_world_keeps_it() -> None:
    for name, known in json.loads(CLOCKS.read_text("utf-8"))["zones"].items():
        told = stretches(clock(name, 2024, 2027).to_ical().decode())
        assert told[0][1] == known["offset_2024_01_01"], name
        found = [(at - timedelta(minutes=was), now) for at, now, was in told[1:]]
        expected = [
            (datetime.fromisoformat(one["utc"]).replace(tzinfo=None), one["to"])
            for one in known["transitions"]
        ]
        assert found == expected, name


def stretches(told: str) -> list[tuple[datetime, int, int]]:
    """Give each stretch: when it begins on the clock before it, its offset, and the one before."""
    begins = [datetime.fromisoformat(at) for at in re.findall(r"DTSTART:(\w+)", told)]
    was, now = (
        [int(f"{sign}{int(h) * 60 + int(m)}") for sign, h, m in re.findall(pattern, told)]
        for pattern in (r"FROM:([+-])(\d\d)(\d\d)", r"TO:([+-])(\d\d)(\d\d)")
    )
    return list(zip(begins, now, was, strict=True))


@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24"])
def test_a_call_around_the_hour_clocks_are_set_is_the_same_moment_for_another_reader(
    day: str, ferry: NightFerry, path: str, stranger: FlaskClient
) -> None:
    plan(ferry, date=day, wrap=None)
    midnight = datetime.fromisoformat(day)
    for revision, hours in enumerate((23, 24, 25, 26, 27, 31)):
        calls(ferry, INES, time=f"{hours}:45")
        ferry.publish(DAY)
        told = stranger.get(path).get_data(as_text=True)
        events = Calendar.from_ical(told).walk("VEVENT")
        event = next(e for e in events if str(e["uid"]).startswith(ferry.days[DAY]))
        assert event["sequence"] == revision
        # Another reader, which knows only what the file says of the zone.
        zone = tzical(StringIO(told[: told.index("BEGIN:VEVENT")] + "END:VCALENDAR\r\n")).get()
        wall = event["dtstart"].dt.replace(tzinfo=None)
        assert wall.replace(tzinfo=zone).utcoffset() == event["dtstart"].dt.utcoffset()
        # Where that hour is left out, it is the one that takes its place.
        left_out = (day, hours) == ("2026-03-28", 25)
        assert wall == midnight + timedelta(hours=hours + left_out, minutes=45)
        assert event["summary"].startswith(f"Call {hours % 24:02}:45 ")


# The address.


def test_an_address_is_known_only_to_whom_it_was_shown(
    ferry: NightFerry, enter: Enter, office: Flask
) -> None:
    path = opened(enter(INES), ferry.people[INES])
    token = path.removeprefix("/cal/").removesuffix(".ics")
    folder = office.extensions["poc"].folder
    kept = b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())
    assert token.encode() not in kept
    copy = enter(COORDINATOR).get(f"{BASE}/sync/snapshot").data
    assert token.encode() not in copy and hashed(token).encode() not in copy


def test_a_calendar_is_asked_for_without_a_cookie_and_kept_by_nobody_between(
    path: str, stranger: FlaskClient
) -> None:
    told = stranger.get(path)
    assert "Set-Cookie" not in told.headers
    assert told.headers["Cache-Control"] == "private, no-cache"
    assert stranger.head(path).status_code == 200
    for wrong in ("/cal/x.ics", path.replace(".ics", "A.ics"), "/cal/.ics", "/cal/%00.ics"):
        assert stranger.get(wrong).status_code == 404


def test_what_did_not_change_is_not_sent_again(
    ferry: NightFerry, path: str, stranger: FlaskClient
) -> None:
    first = stranger.get(path)
    known = {"If-None-Match": first.headers["ETag"]}
    again = stranger.get(path, headers=known)
    assert (again.status_code, again.data) == (304, b"")
    plan(ferry, weather="Fog")
    assert stranger.get(path, headers=known).status_code == 304
    ferry.publish(DAY)
    assert stranger.get(path, headers=known).status_code == 200


def test_a_new_address_ends_the_one_before(
    ferry: NightFerry, path: str, enter: Enter, stranger: FlaskClient
) -> None:
    newer = opened(enter(COORDINATOR), ferry.people[INES])
    assert stranger.get(path).status_code == 404
    assert stranger.get(newer).status_code == 200
    query = "select count(*) from calendar where person = :p and coalesce(revoked, 0) = 0"
    assert one(ferry, query, p=ferry.people[INES]) == 1


@pytest.mark.parametrize("name", [INES, COORDINATOR])
def test_an_address_is_ended_by_its_person_or_the_office_and_for_good(
    name: str, ferry: NightFerry, path: str, enter: Enter, stranger: FlaskClient
) -> None:
    record = one(ferry, "select max(id) from calendar")
    browser = enter(name)
    browser.post(f"{BASE}/calendar/{record}", data={"revoked": "1", **seen(browser)})
    assert stranger.get(path).status_code == 404
    told = browser.post(f"{BASE}/calendar/{record}", data={"revoked": "0", **seen(browser)})
    assert told.status_code == 422
    assert "stays ended" in told.text
    assert stranger.get(path).status_code == 404


def test_nobody_else_makes_or_ends_an_address(
    ferry: NightFerry, path: str, enter: Enter, stranger: FlaskClient
) -> None:
    record = one(ferry, "select max(id) from calendar")
    for role, name in WHO.items():
        if role in ("coordinator", "upm") or name == INES:
            continue
        browser = enter(name)
        told = browser.post(f"{BASE}/calendars/{ferry.people[INES]}/open")
        assert told.status_code == 403, role
        browser.post(f"{BASE}/calendar/{record}", data={"revoked": "1", **seen(browser)})
        assert stranger.get(path).status_code == 200, role
    made = ferry.write(INES, "calendar", person=ferry.people[INES])
    assert made.st == "rejected"


def test_it_ends_with_the_person(ferry: NightFerry, path: str, stranger: FlaskClient) -> None:
    with ferry.production.journal.desk() as desk:
        desk.remove("person", ferry.people[INES])
    assert stranger.get(path).status_code == 404


def test_a_calendar_that_asks_all_the_time_is_told_to_wait(
    office: Flask, path: str, stranger: FlaskClient
) -> None:
    for _ in range(MOST):
        assert stranger.get(path).status_code == 200
    told = stranger.get(path)
    assert (told.status_code, told.headers["Retry-After"]) == (429, "900")
    later(office, minutes=SPAN.total_seconds() / 60 + 1)
    assert stranger.get(path).status_code == 200


def test_a_person_sees_that_a_calendar_reads_it_and_the_journal_keeps_one_line_a_day(
    ferry: NightFerry, path: str, enter: Enter, stranger: FlaskClient
) -> None:
    browser = enter(INES)
    assert "No calendar has read it yet" in browser.get(f"{BASE}/more").text
    stranger.get(path)
    stand = ferry.production.journal.stand()
    stranger.get(path)
    assert ferry.production.journal.stand() == stand
    assert "A calendar read it" in browser.get(f"{BASE}/more").text
