"""What the office does when somebody changes a letter: its link may be closed, no more."""

from collections.abc import Mapping
from typing import Any

from sync import Change, Desk, Refused
from sync.merge import Arrival


def arrivals() -> Mapping[str, Arrival]:
    """Give the reactions of this area, by the kind that arrives."""
    return {"letter": _letter}


def _letter(desk: Desk, change: Change, row: dict[str, Any]) -> None:
    if change.do != "set":
        say = "Not accepted: letters are written by the office itself, and kept. Close the link."
        raise Refused(say, "permission")
