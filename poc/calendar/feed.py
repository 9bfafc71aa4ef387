"""A person's calls as a calendar: only what was published, one event a day for good."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from poc.calendar.zones import clock
from poc.dialect import film
from sync.clock import parse

if TYPE_CHECKING:
    from icalendar import Event

Row = Mapping[str, Any]
FRESH = timedelta(hours=1)  # how soon a calendar may look again
UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
# Of every day the newest row about the person, and the newest revision, which may have none.
CALLS = text(
    "select * from (select called.shoot_day, called.person, called.date, called.call,"
    " called.was_call, called.pickup, called.pickup_place, called.place, called.address,"
    " called.note, called.wrap, publication.revision, publication.colour,"
    " publication.local_time, newest.revision as newest, newest.made_at,"
    " coalesce(day.gone, 1) as gone, row_number() over (partition by called.shoot_day"
    " order by publication.revision desc, called.id desc) as place_in_line"
    " from called join publication on publication.id = called.publication"
    " and publication.gone = 0 join publication newest on newest.shoot_day = called.shoot_day"
    " and newest.subject = 'call_sheet' and newest.superseded = 0 and newest.gone = 0"
    " left join shoot_day day on day.id = called.shoot_day"
    " where called.person = :person and called.gone = 0) found"
    " where place_in_line = 1 order by date, shoot_day"
)


@dataclass(frozen=True)
class Feed:
    """What a calendar is made of. Its mark changes when, and only when, the calendar does."""

    slug: str
    title: str
    zone: str
    calls: tuple[Row, ...]

    @property
    def mark(self) -> str:
        told = repr((self.slug, self.title, self.zone, [sorted(row.items()) for row in self.calls]))
        return hashlib.sha256(told.encode()).hexdigest()[:32]

    def calendar(self) -> bytes:
        """Write the calendar."""
        from icalendar import Calendar

        calendar = Calendar()
        name = f"Calls · {_plain(self.title)}"
        about = {"prodid": "-//POC//Calls//EN", "version": "2.0", "method": "PUBLISH"}
        about |= {"name": name, "x-wr-calname": name, "x-wr-timezone": self.zone}
        for field, value in about.items():
            calendar.add(field, value)
        calendar.add("refresh-interval", FRESH, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", "PT1H")
        starts = [(call, start) for call in self.calls if (start := self._start(call))]
        years = [start.year for _, start in starts]
        if years and self.zone != "UTC":
            calendar.add_component(clock(self.zone, min(years) - 1, max(years) + 1))
        for call, start in starts:
            calendar.add_component(self._event(call, start))
        return bytes(calendar.to_ical())

    def _start(self, call: Row) -> datetime | None:
        return _moment(call, call["call"] or call["was_call"], ZoneInfo(self.zone))

    def _event(self, call: Row, start: datetime) -> "Event":
        from icalendar import Event

        off = is_off(call)
        event = Event()
        event.add("uid", f"{call['shoot_day']}.{call['person']}@{self.slug}")
        event.add("sequence", call["newest"] + (1 if call["gone"] else 0))
        event.add("dtstamp", parse(call["made_at"]))
        event.add("last-modified", parse(call["made_at"]))
        event.add("dtstart", start)
        if end := _end(call, start):
            event.add("dtend", end)
        what = "Not called" if off else f"Call {film.clock(call['call']).split()[0]}"
        event.add("summary", _plain(f"{what} · {self.title}"))
        event.add("status", "CANCELLED" if off else "CONFIRMED")
        event.add("class", "PRIVATE")
        if not off:
            event.add("location", _plain(", ".join(filter(None, (call["place"], call["address"])))))
            event.add("description", _plain("\n".join(_lines(call))))
        return event


def feed(connection: Connection, slug: str, person: str) -> Feed:
    """Read what one person's calendar is made of."""
    query = "select title, zone from production where id = 'production'"
    title, zone = connection.execute(text(query)).one()
    rows = connection.execute(CALLS, {"person": person}).mappings()
    return Feed(slug, title or slug, zone or "UTC", tuple({**row} for row in rows))


def is_off(call: Row) -> bool:
    """Say whether the person is not called (any more), or the day itself is gone."""
    return bool(call["call"] is None or call["revision"] < call["newest"] or call["gone"])


def _moment(call: Row, time: str | None, zone: ZoneInfo) -> datetime | None:
    """When something of a day is, on the wall: hours after midnight belong to the night before."""
    minutes = film.since_midnight(time) if time else None
    if minutes is None or not call["date"]:
        return None
    midnight = datetime.combine(date.fromisoformat(call["date"]), datetime.min.time())
    wall = (midnight + timedelta(minutes=minutes)).replace(tzinfo=zone)
    # In the night clocks go forward an hour is left out, and readers differ on what it means.
    return wall.astimezone(UTC).astimezone(zone)


def _end(call: Row, start: datetime) -> datetime | None:
    zone = start.tzinfo
    assert isinstance(zone, ZoneInfo)
    end = _moment(call, call["wrap"], zone) if call["call"] else None
    if end is None or end > start:
        return end
    return end + timedelta(days=1)  # a wrap at 03:00 is of the morning after


def _lines(call: Row) -> Iterator[str]:
    if call["pickup"] or call["pickup_place"]:
        when = film.clock(call["pickup"])
        yield "Pick-up " + ", ".join(filter(None, (when, call["pickup_place"])))
    if call["note"]:
        yield call["note"]
    yield f"{str(call['colour']).upper()} revision, published {call['local_time']}"


def _plain(words: str) -> str:
    return UNPRINTABLE.sub(" ", words.replace("\r\n", "\n"))
