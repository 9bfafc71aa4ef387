"""A production's clock as calendars read it: when it is set forward or back, and by how much."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from icalendar import Component, Timezone

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@lru_cache(maxsize=32)
def clock(name: str, first: int, last: int) -> "Timezone":
    """Describe a zone from the first year to the end of the last."""
    from icalendar import Timezone

    zone, found = ZoneInfo(name), Timezone()
    found.add("tzid", name)
    begin = datetime(first, 1, 1, tzinfo=UTC)
    found.add_component(_stretch(begin, zone, begin))
    for at in changes(zone, begin, datetime(last + 1, 1, 1, tzinfo=UTC)):
        found.add_component(_stretch(at, zone, at - MINUTE))
    return found


def changes(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    """Find the minutes in which a clock is set."""
    at = begin
    while at < end:
        if _offset(zone, at) != _offset(zone, at + DAY):
            yield _minute(zone, at)
        at += DAY


def _minute(zone: ZoneInfo, day: datetime) -> datetime:
    early, late = 0, DAY // MINUTE
    while late - early > 1:
        middle = (early + late) // 2
        same = _offset(zone, day + middle * MINUTE) == _offset(zone, day)
        early, late = (middle, late) if same else (early, middle)
    return day + late * MINUTE


def _stretch(at: datetime, zone: ZoneInfo, before: datetime) -> "Component":
    """One stretch with the same offset. It begins by the clock that was in force until then."""
    from icalendar import TimezoneDaylight, TimezoneStandard

    was, now = _offset(zone, before), _offset(zone, at)
    stretch = TimezoneDaylight() if now > was else TimezoneStandard()
    stretch.add("dtstart", (at + was).replace(tzinfo=None))
    stretch.add("tzoffsetfrom", was)
    stretch.add("tzoffsetto", now)
    stretch.add("tzname", at.astimezone(zone).tzname())
    return stretch


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None
    return offset
