"""When a notice leaves: not before it can still be taken back, not in anybody's quiet hours."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from poc.bell.hours import NORMAL, URGENT, Hours, call_before, on_the_clock
from poc.office.notices import urgency

LISBON = ZoneInfo("Europe/Lisbon")
QUIET = ("21:00", "06:00")
DAY, TOMORROW = "2026-04-14", "2026-04-14"
STAYS = {
    "call": "07:00",
    "was_call": "07:00",
    "pickup": "06:10",
    "was_pickup": "06:10",
    "pickup_place": "Hotel Miramar",
    "was_pickup_place": "Hotel Miramar",
    "place": "Pier 9",
    "was_place": "Pier 9",
    "was_date": DAY,
}


def hours(
    undo: int = 0, quiet: tuple[str, str] = QUIET, own: tuple[Any, Any] = (None, None)
) -> Hours:
    return Hours(LISBON, timedelta(seconds=undo), quiet, {"ines": own})


@pytest.mark.parametrize(
    ("made", "due"),
    [
        ("2026-04-13T19:59:59Z", "2026-04-13T19:59:59Z"),  # 20:59 in Lisbon
        ("2026-04-13T20:00:00Z", "2026-04-14T05:00:00Z"),  # 21:00
        ("2026-04-14T01:30:00Z", "2026-04-14T05:00:00Z"),
        ("2026-04-14T05:00:00Z", "2026-04-14T05:00:00Z"),  # 06:00
        ("2026-03-28T23:00:00Z", "2026-03-29T05:00:00Z"),  # the clocks go forward that night
        ("2026-10-24T23:00:00Z", "2026-10-25T06:00:00Z"),  # and back
    ],
)
def test_what_is_not_urgent_waits_for_the_morning(made: str, due: str) -> None:
    assert hours().due(made, "sean", NORMAL, None) == due
    assert hours().due(made, "sean", URGENT, None) == made


def test_a_person_may_have_quiet_hours_of_their_own() -> None:
    own = hours(own=("23:00", "09:30"))
    assert own.due("2026-04-13T21:14:00Z", "ines", NORMAL, None) == "2026-04-13T21:14:00Z"
    assert own.due("2026-04-13T22:14:00Z", "ines", NORMAL, None) == "2026-04-14T08:30:00Z"
    assert own.due("2026-04-13T21:14:00Z", "sean", NORMAL, None) == "2026-04-14T05:00:00Z"


def test_quiet_hours_by_day_are_for_those_who_shoot_at_night() -> None:
    night = hours(quiet=("07:00", "15:00"))
    assert night.due("2026-04-13T09:00:00Z", "sean", NORMAL, None) == "2026-04-13T14:00:00Z"
    assert night.due("2026-04-13T15:00:00Z", "sean", NORMAL, None) == "2026-04-13T15:00:00Z"


def test_hours_that_begin_when_they_end_are_never_quiet() -> None:
    loud = hours(quiet=("06:00", "06:00"))
    assert loud.due("2026-04-14T01:00:00Z", "sean", NORMAL, None) == "2026-04-14T01:00:00Z"


def test_whoever_would_get_up_for_the_old_call_hears_of_it_before_that() -> None:
    call = datetime(2026, 4, 14, 4, 30, tzinfo=UTC)  # 05:30 in Lisbon, was
    made = "2026-04-13T21:14:00Z"
    assert hours().due(made, "sean", NORMAL, call) == "2026-04-14T02:30:00Z"
    assert hours(undo=30).due(made, "sean", NORMAL, datetime(2026, 4, 13, 22, tzinfo=UTC)) == (
        "2026-04-13T21:14:30Z"
    )


def test_nothing_leaves_before_it_can_no_longer_be_taken_back() -> None:
    assert hours(undo=120).due("2026-04-13T21:14:00Z", "sean", URGENT, None) == (
        "2026-04-13T21:16:00Z"
    )


def test_a_call_after_midnight_belongs_to_the_day_before() -> None:
    assert on_the_clock(DAY, "25:30", LISBON) == datetime(2026, 4, 15, 0, 30, tzinfo=UTC)
    found = call_before({"was_call": "07:00", "was_pickup": "06:10"}, DAY, LISBON)
    assert found == datetime(2026, 4, 14, 5, 10, tzinfo=UTC)
    assert call_before({"was_call": None, "was_pickup": None}, DAY, LISBON) is None


@pytest.mark.parametrize(
    ("changed", "urgent"),
    [
        ({"call": "06:45"}, URGENT),
        ({"call": "07:15"}, NORMAL),
        ({"call": "07:15", "pickup": "06:25"}, NORMAL),
        ({"call": "07:15", "pickup": "06:00"}, URGENT),
        ({"pickup": None}, URGENT),
        ({"pickup_place": "Hotel Tejo"}, URGENT),
        ({"place": "Studio B"}, URGENT),
        ({"call": "07:15", "was_date": "2026-04-15"}, URGENT),
        ({"call": None, "place": None, "pickup": None, "pickup_place": None}, URGENT),
        ({"was_call": None, "was_date": None, "was_place": None}, URGENT),
    ],
)
def test_what_cannot_wait_for_the_morning(changed: dict[str, Any], urgent: str) -> None:
    assert urgency({**STAYS, **changed}, DAY, TOMORROW) == urgent


def test_a_first_call_to_a_day_that_is_far_off_wakes_nobody() -> None:
    first = {**STAYS, "was_call": None, "was_date": None}
    assert urgency(first, "2026-04-20", TOMORROW) == NORMAL
