"""Taking a publication back while nothing of it has left: as if it had not been published."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from poc.demo import COORDINATOR, SLUG, NightFerry
from sync import Change
from tests.conftest import NOW
from tests.test_doors import BASE, INES, Enter
from tests.test_publish import DAY, called, calls, current, rows, told

ON_BOTH = True
EVERY = "select * from delivery where done_at is null"


def later(office: Flask, **span: float) -> None:
    """Let some time go by in the office."""
    moment = NOW + timedelta(**span)
    productions = office.extensions["poc"].productions
    productions.clock = office.config["CLOCK"] = lambda: moment
    production = productions.get(SLUG)
    production.clock = production.journal.clock = productions.clock


def take_back(ferry: NightFerry, publication: str) -> Any:
    return ferry.write(COORDINATOR, "withdrawal", publication=publication)


def test_what_is_taken_back_tells_nobody_and_the_one_before_is_in_force(
    ferry: NightFerry,
) -> None:
    ferry.publish(DAY)
    white = current(ferry)
    waiting = len(rows(ferry, EVERY))
    calls(ferry, INES, time="05:00")
    ferry.publish(DAY)
    blue = current(ferry)
    assert blue["leaves_at"] == "2026-04-13T21:14:30Z"
    assert take_back(ferry, blue["id"]).st == "applied"
    assert current(ferry)["id"] == white["id"]
    mine = called(ferry, INES)
    assert mine is not None
    assert mine["call"] == "07:00"
    assert len(rows(ferry, EVERY)) == waiting
    about = {"id": blue["id"]}
    for kind in ("notice", "called"):
        query = f"select id from {kind} where publication = :id and gone = 0"
        assert rows(ferry, query, **about) == []
    (fact,) = rows(ferry, "select * from withdrawal where gone = 0")
    shown = (fact["shoot_day"], fact["colour"], fact["made_by"], fact["made_at"])
    assert shown == (ferry.days[DAY], "Blue", ferry.people[COORDINATOR], "2026-04-13T21:14:00Z")


def test_its_colour_is_given_to_the_next(ferry: NightFerry) -> None:
    ferry.publish(DAY)
    ferry.publish(DAY)
    take_back(ferry, current(ferry)["id"])
    calls(ferry, INES, time="05:00")
    ferry.publish(DAY)
    assert current(ferry)["colour"] == "Blue"
    assert "07:00 → 05:00" in told(ferry)[INES]["title"]


def test_the_first_of_a_day_leaves_nothing_behind(ferry: NightFerry) -> None:
    before = len(rows(ferry, EVERY))
    ferry.publish(DAY)
    take_back(ferry, current(ferry)["id"])
    query = "select id from publication where shoot_day = :day and gone = 0"
    assert rows(ferry, query, day=ferry.days[DAY]) == []
    assert len(rows(ferry, EVERY)) == before


def test_once_its_time_is_over_it_cannot_be_taken_back(office: Flask, ferry: NightFerry) -> None:
    ferry.publish(DAY)
    later(office, seconds=30)
    result = take_back(ferry, current(ferry)["id"])
    assert (result.st, result.say) == (
        "rejected",
        "The notices are on their way already. Correct it and publish again instead.",
    )
    assert told(ferry) != {}


def test_nothing_can_be_taken_back_where_notices_leave_at_once(ferry: NightFerry) -> None:
    ferry.write(COORDINATOR, "production", "production", undo_seconds=0)
    ferry.publish(DAY)
    assert take_back(ferry, current(ferry)["id"]).st == "rejected"


def test_only_the_last_one_can_be_taken_back_and_only_once(ferry: NightFerry) -> None:
    ferry.publish(DAY)
    white = current(ferry)["id"]
    ferry.publish(DAY)
    blue = current(ferry)["id"]
    assert "Something newer was published since" in take_back(ferry, white).say
    assert take_back(ferry, blue).st == "applied"
    assert take_back(ferry, blue).say == "This publication was taken back already."
    assert take_back(ferry, ferry.people[INES]).st == "rejected"
    assert take_back(ferry, white).st == "applied"


@pytest.mark.parametrize("do", ["set", "delete"])
def test_that_it_was_taken_back_stays_a_fact(do: str, ferry: NightFerry) -> None:
    ferry.publish(DAY)
    ferry.write(COORDINATOR, "withdrawal", "w1", publication=current(ferry)["id"])
    seen = ferry.production.journal.stand()
    field = ("publication", "x") if do == "set" else ("", None)
    change = Change("a.1", do, "withdrawal", "w1", *field, base=seen)
    ((_, result),) = ferry.production.journal.write(ferry.people[COORDINATOR], "a", [change])
    assert (result.st, result.why) == ("rejected", "permission")


def test_the_board_offers_it_and_says_it_was_done(ferry: NightFerry, enter: Enter) -> None:
    ferry.publish(DAY)
    browser, path = enter(COORDINATOR), f"{BASE}/days/{ferry.days[DAY]}/known"
    assert 'data-until="2026-04-13T21:14:30Z"' in browser.get(path).text
    form = {"publication": current(ferry)["id"], "back": path}
    assert browser.post(f"{BASE}/withdrawal", data=form).status_code == 303
    page = browser.get(path).text
    assert "data-until" not in page
    assert f"WHITE was taken back by {COORDINATOR}" in page


def test_without_signal_both_wait_and_nobody_hears_of_either(ferry: NightFerry) -> None:
    before = len(rows(ferry, EVERY))
    day = {"subject": "call_sheet", "shoot_day": ferry.days[DAY]}
    both = [
        Change("d.1", "create", "publication", "pub", value=day),
        Change("d.2", "create", "withdrawal", "back", value={"publication": "pub"}),
    ]
    taken = ferry.production.journal.write(ferry.people[COORDINATOR], "d", both)
    assert [result.st for _, result in taken] == ["applied", "applied"]
    assert len(rows(ferry, EVERY)) == before
