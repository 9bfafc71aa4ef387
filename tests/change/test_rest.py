"""Rest between wrap and call: per person, over midnight, and in the night of the clocks."""

from typing import Any

import pytest

from poc.demo import COORDINATOR, NightFerry
from tests.test_doors import BASE, INES, SEAN, Enter
from tests.test_publish import rows

ON_BOTH = True

SPRING, AUTUMN = ("2026-03-28", "2026-03-29"), ("2026-10-24", "2026-10-25")


def two_days(ferry: NightFerry, dates: tuple[str, str], wrap: str, call: str) -> None:
    """Wrap one day and call the next, on these dates."""
    first, second = ferry.days[11], ferry.days[12]
    worked = {"date": dates[0], "general_call": "10:00", "wrap": wrap}
    ferry.write(COORDINATOR, "shoot_day", first, **worked)
    ferry.publish(11)
    ferry.write(COORDINATOR, "shoot_day", second, date=dates[1], general_call=call)


def rest(ferry: NightFerry, name: str) -> Any:
    query = "select minutes from turnaround where shoot_day = :day and person = :person"
    about = {"day": ferry.days[12], "person": ferry.people[name]}
    (row,) = rows(ferry, query, **about)
    return row["minutes"]


def pickup(ferry: NightFerry, name: str, **fields: Any) -> None:
    about = {"shoot_day": ferry.days[12], "person": ferry.people[name], **fields}
    ferry.write(COORDINATOR, "call", f"{ferry.days[12]}.{ferry.people[name]}", **about)


@pytest.mark.parametrize(
    ("dates", "wrap", "call", "hours"),
    [
        (("2026-04-13", "2026-04-14"), "20:00", "07:00", 11),
        (("2026-04-13", "2026-04-14"), "01:30", "12:00", 10.5),
        (("2026-04-13", "2026-04-14"), "25:30", "12:00", 10.5),
        (("2026-04-11", "2026-04-13"), "20:00", "07:00", 35),
        (("2026-04-13", "2026-04-14"), "20:00", "25:00", 29),
        (SPRING, "22:00", "07:00", 8),  # an hour less than the clocks on the wall say
        (SPRING, "00:30", "11:00", 9.5),
        (SPRING, "24:30", "11:00", 9.5),
        (SPRING, "03:30", "14:00", 10.5),  # they had gone forward before the wrap
        (AUTUMN, "22:00", "07:00", 10),
        (AUTUMN, "27:00", "14:00", 11),
    ],
)
def test_rest_is_counted_in_hours_that_pass(
    dates: tuple[str, str], wrap: str, call: str, hours: float, ferry: NightFerry
) -> None:
    two_days(ferry, dates, wrap, call)
    assert rest(ferry, SEAN) == hours * 60
    query = "select since_wrap + call_minutes as minutes from rest where shoot_day = :day"
    assert rows(ferry, query, day=ferry.days[12]) == [{"minutes": hours * 60}]


def test_rest_ends_with_the_pickup(ferry: NightFerry) -> None:
    two_days(ferry, ("2026-04-13", "2026-04-14"), "20:00", "07:00")
    pickup(ferry, INES, pickup="06:10")
    assert (rest(ferry, INES), rest(ferry, SEAN)) == (610, 660)


def test_who_did_not_work_the_day_before_rested_since_their_own_last_wrap(
    ferry: NightFerry,
) -> None:
    for number in (10, 11):
        ferry.write(COORDINATOR, "shoot_day", ferry.days[number], wrap="23:00")
    ferry.publish(10)
    free = {"shoot_day": ferry.days[11], "person": ferry.people[SEAN], "excused": 1}
    ferry.write(COORDINATOR, "call", f"{ferry.days[11]}.{ferry.people[SEAN]}", **free)
    ferry.publish(11)
    query = "select min(date) as ten, max(date) as twelve from shoot_day where number in (10, 12)"
    assert rows(ferry, query) == [{"ten": "2026-04-10", "twelve": "2026-04-14"}]
    assert rest(ferry, INES) == 8 * 60 + 5
    assert rest(ferry, SEAN) == 8 * 60 + 30 + 3 * 24 * 60


def test_a_cancelled_day_is_no_work_to_rest_from(ferry: NightFerry) -> None:
    two_days(ferry, ("2026-04-13", "2026-04-14"), "23:30", "07:00")
    short = "select about from day_finding where shoot_day = :day and about = 'rest'"
    assert rows(ferry, short, day=ferry.days[12]) == [{"about": "rest"}]
    ferry.write(COORDINATOR, "shoot_day", ferry.days[11], cancelled=1)
    assert rows(ferry, short, day=ferry.days[12]) == []
    assert rest(ferry, SEAN) == 450  # nobody was told yet
    ferry.publish(11)
    query = "select worked from turnaround where shoot_day = :day and person = :person"
    about = {"day": ferry.days[12], "person": ferry.people[SEAN]}
    assert rows(ferry, query, **about) == []


def test_the_office_notes_the_night_of_the_clocks_by_the_zone_of_the_production(
    ferry: NightFerry,
) -> None:
    query = "select clocks from shoot_day where id = :day"
    day = ferry.days[12]
    for date, clocks in (("2026-03-29", 60), ("2026-10-25", -60), ("2026-10-26", None)):
        ferry.write(COORDINATOR, "shoot_day", day, date=date)
        assert rows(ferry, query, day=day) == [{"clocks": clocks}], date
    ferry.write(COORDINATOR, "shoot_day", day, date="2026-03-08")
    assert rows(ferry, query, day=day) == [{"clocks": None}]
    ferry.write(COORDINATOR, "production", "production", zone="America/New_York")
    assert rows(ferry, query, day=day) == [{"clocks": 60}]


def test_the_change_names_whom_it_leaves_too_little_rest_and_what_would_mend_it(
    ferry: NightFerry, enter: Enter
) -> None:
    two_days(ferry, ("2026-04-13", "2026-04-14"), "20:00", "07:00")
    ferry.publish(12)
    browser = enter(COORDINATOR)
    address = f"{BASE}/days/{ferry.days[12]}/change"
    page = browser.get(f"{address}?minutes=-90").text
    section = page[page.index('id="rests"') :]
    assert "people have less than 10 h of rest" in section
    assert "9 h 30" in section
    assert f"{ferry.days[12]}/change?what=general&amp;minutes=" in section
    mended = section.partition("what=general&amp;minutes=")[2].partition('"')[0]
    assert 'id="rests"' not in browser.get(f"{address}?minutes={mended}").text


def test_a_later_wrap_shortens_the_rest_before_the_day_after(
    ferry: NightFerry, enter: Enter
) -> None:
    address = f"{BASE}/days/{ferry.days[12]}/change"
    browser = enter(COORDINATOR)
    assert "Rest before Day 13" not in browser.get(f"{address}?minutes=60").text
    assert "Rest before Day 13" in browser.get(f"{address}?minutes=120").text
