"""When a notice may leave: after the time to take it back, and in nobody's quiet hours."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from sync.clock import parse, stamp

UNDO, QUIET = 30, ("21:00", "06:00")
GETTING_UP = timedelta(hours=2)  # before a call; whoever has one is awake by then
URGENT, NORMAL, SILENT = "high", "normal", "silent"

PRODUCTION = text(
    "select zone, undo_seconds, quiet_from, quiet_until from production where id = 'production'"
)
OWN = text("select person, quiet_from, quiet_until from preference where gone = 0 order by id")


@dataclass(frozen=True)
class Hours:
    """What a production and its people have set."""

    zone: ZoneInfo
    undo: timedelta
    quiet: tuple[str, str]
    own: Mapping[str, tuple[str | None, str | None]]

    def leaves_at(self, made_at: str) -> str:
        """Say until when what was made can be taken back."""
        return stamp(parse(made_at) + self.undo)

    def due(self, made_at: str, person: str, urgency: str, call: datetime | None) -> str:
        """Say when a notice leaves. `call` is what the person still believes: nobody is left
        asleep who would get up for it, and nobody gets up for nothing.
        """
        leaves = parse(made_at) + self.undo
        if urgency == URGENT:
            return stamp(leaves)
        rings = self._after_quiet(leaves, *self._quiet_of(person))
        latest = call - GETTING_UP if call else rings
        return stamp(max(leaves, min(rings, latest)))

    def _quiet_of(self, person: str) -> tuple[str, str]:
        start, end = self.own.get(person, (None, None))
        return start or self.quiet[0], end or self.quiet[1]

    def _after_quiet(self, moment: datetime, start: str, end: str) -> datetime:
        local = moment.astimezone(self.zone)
        now = local.strftime("%H:%M")
        asleep = start <= now < end if start <= end else now >= start or now < end
        if not asleep:
            return moment
        day = local.date() + timedelta(days=int(now >= end))
        return on_the_clock(day.isoformat(), end, self.zone)


def hours(connection: Connection) -> Hours:
    """Read what is set."""
    row = connection.execute(PRODUCTION).one()
    undo = UNDO if row.undo_seconds is None else row.undo_seconds
    return Hours(
        ZoneInfo(row.zone or "UTC"),
        timedelta(seconds=undo),
        (row.quiet_from or QUIET[0], row.quiet_until or QUIET[1]),
        {own.person: (own.quiet_from, own.quiet_until) for own in connection.execute(OWN)},
    )


def on_the_clock(day: str, clock: str, zone: ZoneInfo) -> datetime:
    """Give the moment of a time of day; 25:30 is half past one in the night after."""
    hour, minute = (int(part) for part in clock.split(":"))
    midnight = datetime.combine(date.fromisoformat(day), datetime.min.time(), zone)
    return midnight + timedelta(hours=hour, minutes=minute)


def call_before(person: Mapping[str, Any], day: str | None, zone: ZoneInfo) -> datetime | None:
    """Give the moment a person was called to so far, or is fetched at; None without any."""
    times = [time for time in (person["was_call"], person["was_pickup"]) if time]
    return on_the_clock(day, min(times), zone) if day and times else None
