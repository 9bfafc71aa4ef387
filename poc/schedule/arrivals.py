"""What the office does when a day or a place arrives: it works out when the sun rises and sets."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from astral import Observer
from astral.sun import sunrise, sunset
from sqlalchemy import text

from sync import Change, Desk
from sync.merge import Arrival

MILLION = 1_000_000
NEVER = "—"  # the sun does not rise, or does not set


def arrivals() -> Mapping[str, Arrival]:
    """Give the reactions of this area, by the kind that arrives."""
    return {"shoot_day": _day, "location": _location}


def _day(desk: Desk, change: Change, row: dict[str, Any]) -> None:
    if change.do == "create" or change.field in ("date", "location"):
        _set_sun(desk, row["id"])


def _location(desk: Desk, change: Change, row: dict[str, Any]) -> None:
    if change.do == "create" or change.field in ("latitude", "longitude"):
        query = text("select id from shoot_day where location = :id and gone = 0 order by id")
        for day in desk.connection.execute(query, {"id": row["id"]}).scalars().all():
            _set_sun(desk, day)


def _set_sun(desk: Desk, day: str) -> None:
    query = text(
        "select shoot_day.date, location.latitude, location.longitude, production.zone"
        " from shoot_day join location on location.id = shoot_day.location"
        " join production on production.id = 'production' where shoot_day.id = :day"
    )
    row = desk.connection.execute(query, {"day": day}).first()
    known = row is not None and None not in (row.date, row.latitude, row.longitude)
    times = _sun(row.date, row.latitude, row.longitude, row.zone) if row and known else (None, None)
    desk.set("shoot_day", day, sunrise=times[0], sunset=times[1])


def _sun(day: str, latitude: int, longitude: int, zone: str | None) -> tuple[str, str]:
    place = Observer(latitude / MILLION, longitude / MILLION)
    return (
        _at(sunrise, place, date.fromisoformat(day), ZoneInfo(zone or "UTC")),
        _at(sunset, place, date.fromisoformat(day), ZoneInfo(zone or "UTC")),
    )


def _at(event: Any, place: Observer, day: date, zone: ZoneInfo) -> str:
    try:
        moment = event(place, date=day, tzinfo=zone)
    except ValueError:  # polar day or polar night
        return NEVER
    return str(moment.strftime("%H:%M"))
