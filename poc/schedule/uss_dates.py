"""Dates in a USS calendar: when shooting starts, and which days it steps over."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from poc.reading import number, rows, words
from poc.schedule.reading import Event

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    """A USS calendar; weekly days off count from Sunday as 0."""

    start: date | None
    weekly_off: frozenset[int]
    off_days: frozenset[date]
    events: tuple[Event, ...]

    def shooting_dates(self) -> Iterator[date]:
        """Every date the unit may shoot, from the start on."""
        day = self.start
        while day is not None:
            if not self.is_off(day):
                yield day
            day = day + ONE_DAY if day < date.max else None

    def is_off(self, day: date) -> bool:
        return day in self.off_days or day.isoweekday() % 7 in self.weekly_off


def calendar(found: dict[str, object]) -> Calendar:
    """Read one calendar of the file."""
    dated = [(day_of(row.get("date")), *_kind(row)) for row in rows(found.get("events"))]
    events = [(day, kind, name) for day, kind, name in dated if day]
    return Calendar(
        min((day for day, kind, _ in events if kind == "start"), default=None),
        _weekly(found.get("daysOff")),
        frozenset(day for day, kind, name in events if _stops_shooting(kind, name)),
        tuple(
            Event(day.isoformat(), name)
            for day, kind, name in events
            if kind != "start" and not _stops_shooting(kind, name)
        ),
    )


def day_of(value: object) -> date | None:
    """The calendar day of a USS date, written with Z, +0000 or no time at all."""
    found = re.match(r"\s*(\d{4}-\d{2}-\d{2})(?!\d)", words(value))
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def _kind(row: dict[str, object]) -> tuple[str, str]:
    """Early files say `effect` and `type` where later ones say `type` and `name`."""
    if "effect" in row:
        return _folded(row["effect"]), words(row.get("name") or row.get("type"))
    return _folded(row.get("type")), words(row.get("name"))


def _stops_shooting(kind: str, name: str) -> bool:
    bare = _folded(name).removeprefix("dood")
    named = bare in ("holiday", "dayoff") or ("company" in bare and "travel" in bare)
    return kind == "dayoff" or (kind != "start" and named)


def _folded(value: object) -> str:
    return re.sub(r"[^a-z]", "", words(value).casefold())


def _weekly(value: object) -> frozenset[int]:
    """A calendar that never shoots is a slip of the pen, not a rule."""
    found = [number(day) for day in value] if isinstance(value, list) else []
    off = frozenset(int(day) for day in found if day is not None and 0 <= day <= 6)
    return frozenset() if len(off) == 7 else off
