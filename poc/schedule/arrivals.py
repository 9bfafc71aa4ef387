"""What the office does when a day or a place arrives: it works out the clocks and the sun."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from astral import Observer
from astral.sun import sunrise, sunset
from sqlalchemy import text

from sync import Change, Desk, Refused
from sync.merge import Arrival

COORDINATES = re.compile(r"(-?\d{1,2}(?:\.\d+)?)[,; ]\s*(-?\d{1,3}(?:\.\d+)?)")
NEVER = "—"  # the sun does not rise, or does not set


def arrivals() -> Mapping[str, Arrival]:
    """Give the reactions of this area, by the kind that arrives."""
    return {"production": _production, "shoot_day": _day, "location": _location}


def _production(desk: Desk, change: Change, row: dict[str, Any]) -> None:
    if row.get("zone") and row["zone"] not in available_timezones():
        raise Refused("The time zone is written like Europe/Lisbon.")
    if change.do == "create" or change.field == "zone":
        query = text("select id from shoot_day where gone = 0 order by id")
        for day in desk.connection.execute(query).scalars().all():
            _set_clocks(desk, day)
            _set_sun(desk, day)


def _day(desk: Desk, change: Change, row: dict[str, Any]) -> None:
    if change.do == "create" or change.field in ("date", "location"):
        _set_clocks(desk, row["id"])
        _set_sun(desk, row["id"])


def _location(desk: Desk, change: Change, row: dict[str, Any]) -> None:
    if change.do == "create" or change.field == "coordinates":
        _place(row.get("coordinates"))
        query = text("select id from shoot_day where location = :id and gone = 0 order by id")
        for day in desk.connection.execute(query, {"id": row["id"]}).scalars().all():
            _set_sun(desk, day)


def _set_clocks(desk: Desk, day: str) -> None:
    """Note how far the clocks go forward in the night before a day, for whoever counts its rest."""
    query = text(
        "select shoot_day.date, production.zone from shoot_day"
        " join production on production.id = 'production' where shoot_day.id = :day"
    )
    row = desk.connection.execute(query, {"day": day}).first()
    forward = _forward(row.date, ZoneInfo(row.zone or "UTC")) if row and row.date else 0
    desk.set("shoot_day", day, clocks=forward or None)


def _forward(day: str, where: ZoneInfo) -> int:
    noon = datetime.combine(_date(day), time(12), where)
    before = noon - timedelta(days=1)
    return round((_offset(noon) - _offset(before)).total_seconds() / 60)


def _offset(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta()


def _date(day: str) -> date:
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise Refused(f"There is no date {day}.") from None


def _set_sun(desk: Desk, day: str) -> None:
    query = text(
        "select shoot_day.date, location.coordinates, production.zone"
        " from shoot_day join location on location.id = shoot_day.location"
        " join production on production.id = 'production' where shoot_day.id = :day"
    )
    row = desk.connection.execute(query, {"day": day}).first()
    place = _place(row.coordinates) if row and row.date else None
    times = _sun(row.date, place, row.zone) if row and place else (None, None)
    desk.set("shoot_day", day, sunrise=times[0], sunset=times[1])


def _place(coordinates: str | None) -> Observer | None:
    """Read coordinates as maps write them; refuse what is none with a sentence."""
    if not coordinates:
        return None
    match = COORDINATES.fullmatch(coordinates.strip())
    north, east = (float(part) for part in match.groups()) if match else (91.0, 0.0)
    if abs(north) > 90 or abs(east) > 180:
        raise Refused("Coordinates are written as a map shows them, like 38.7030, -9.1750.")
    return Observer(north, east)


def _sun(day: str, place: Observer, zone: str | None) -> tuple[str, str]:
    where, on = ZoneInfo(zone or "UTC"), _date(day)
    return _at(sunrise, place, on, where), _at(sunset, place, on, where)


def _at(event: Any, place: Observer, day: date, zone: ZoneInfo) -> str:
    try:
        moment = event(place, date=day, tzinfo=zone)
    except ValueError:  # polar day or polar night
        return NEVER
    return str(moment.strftime("%H:%M"))
