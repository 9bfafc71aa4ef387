"""The ladder: by which way somebody is told next, and when: mail, SMS, then the phone list."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sync.clock import parse

MAIL, SMS, PHONE = WAYS = ("mail", "sms", "phone")
URGENT = "high"


def next_way(
    case: Mapping[str, Any], open_ways: Collection[str], patience: timedelta, now: datetime
) -> str | None:
    """Give the way to take now, if it is time; None while there is hope, or nothing left to do."""
    if case["phone_at"]:
        return None
    left = [way for way in (MAIL, SMS) if way in open_ways and not case[f"{way}_at"]]
    since = _since(case, patience)
    return (left or [PHONE])[0] if since is not None and since <= now else None


def _since(case: Mapping[str, Any], patience: timedelta) -> datetime | None:
    """Say when hope in the last way taken ends: at once when it failed, else after some minutes."""
    for way in (SMS, MAIL):
        if case[f"{way}_at"]:
            return parse(case[f"{way}_at"]) + _wait(case[f"{way}_failed"], patience)
    made = parse(case["made_at"])
    if case["urgency"] == URGENT:
        return made + _wait(case["failed"], patience)
    # What is not urgent may be held back for the night: it has begun only when it has left.
    if case["sent_at"]:
        return parse(case["sent_at"]) + patience
    return made + patience if case["failed"] else None


def _wait(failed: str | None, patience: timedelta) -> timedelta:
    return timedelta(0) if failed else patience
