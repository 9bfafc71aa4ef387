"""What the office does when a calendar's record is changed: it ends for good, or stays as it is."""

from collections.abc import Mapping
from typing import Any

from sync import Change, Desk, Refused
from sync.merge import Arrival


def arrivals() -> Mapping[str, Arrival]:
    """Give the reactions of this area, by the kind that arrives."""
    return {"calendar": _calendar}


def _calendar(desk: Desk, change: Change, row: dict[str, Any]) -> None:
    if change.do == "create":
        say = "Not accepted: the address of a calendar is made by the office itself."
        raise Refused(say, "permission")
    if change.do == "set" and row.get("revoked") != 1:
        raise Refused("An address that has ended stays ended. Make a new one.", "permission")
