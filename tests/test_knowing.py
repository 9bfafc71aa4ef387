"""Who knows of a call sheet: how far it got with each person, who told them, and asking again."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient

from poc.demo import COORDINATOR, NightFerry
from sync.clock import stamp
from tests.conftest import NOW
from tests.test_doors import BASE, INES, SEAN, WEN, Enter, one, seen
from tests.test_publish import DAY, KNOWING, calls, confirms, current, rows, told

ON_BOTH = True

HELD = "select max(held) from device where person = :p"


def known(ferry: NightFerry, name: str) -> dict[str, Any]:
    found = rows(ferry, KNOWING, day=ferry.days[DAY])
    return next(row for row in found if row["name"] == name)


def board(enter: Enter, ferry: NightFerry) -> str:
    return enter(COORDINATOR).get(f"{BASE}/days/{ferry.days[DAY]}/known").text


def exchange(phone: FlaskClient, stand: dict[str, Any] | None = None, **about: Any) -> Any:
    return phone.post(f"{BASE}/sync", json={**(stand or {}), **about}).get_json()


def fetched(phone: FlaskClient) -> dict[str, Any]:
    """Have a phone fetch everything; give where it stands, which it has not told anybody yet."""
    told = exchange(phone)
    return {name: told[name] for name in ("generation", "epoch", "cursor")}


def remind(ferry: NightFerry, **about: Any) -> dict[str, Any]:
    """Ask again, as the coordinator; give what became of it."""
    about = {"publication": current(ferry)["id"], **about}
    result = ferry.write(COORDINATOR, "reminder", **about)
    assert result.st == "applied", result.say
    return rows(ferry, "select * from reminder order by id desc limit 1")[0]


# What the phones hold.


def test_a_phone_that_has_only_the_older_revision_is_known_with_what_it_will_show(
    enter: Enter, ferry: NightFerry
) -> None:
    ferry.publish(DAY)
    phone = enter(INES)
    stand = fetched(phone)
    exchange(phone, stand)
    calls(ferry, INES, time="06:00")
    ferry.publish(DAY)
    mine = known(ferry, INES)
    assert (mine["held_colour"], mine["held_call"], mine["call"]) == ("White", "07:00", "06:00")
    assert "has only <span" in board(enter, ferry)
    assert "will see 7:00" in board(enter, ferry).replace("07:00", "7:00")
    exchange(phone, fetched(phone))
    mine = known(ferry, INES)
    assert (mine["held_colour"], mine["state"]) == (None, "shown")


def test_a_copy_of_the_office_says_the_same_of_who_holds_what(
    enter: Enter, ferry: NightFerry
) -> None:
    ferry.publish(DAY)
    phone = enter(INES)
    exchange(phone, fetched(phone))
    calls(ferry, INES, time="06:00")
    ferry.publish(DAY)
    image = ferry.production.journal.snapshot(ferry.people[COORDINATOR], {})
    with closing(sqlite3.connect(":memory:")) as copy:
        copy.deserialize(image)
        copy.row_factory = sqlite3.Row
        found = [dict(row) for row in copy.execute(KNOWING, {"day": ferry.days[DAY]})]
    assert found == rows(ferry, KNOWING, day=ferry.days[DAY])
    assert [one["name"] for one in found if one["held_colour"] == "White"] == [INES]


def test_what_was_sent_to_a_phone_is_not_yet_on_it(enter: Enter, ferry: NightFerry) -> None:
    phone = enter(INES)
    ferry.publish(DAY)
    stand = fetched(phone)
    assert known(ferry, INES)["state"] != "shown"
    exchange(phone, stand)
    assert known(ferry, INES)["state"] == "shown"


def test_a_revision_that_changed_nothing_of_theirs_leaves_a_phone_as_good_as_it_was(
    enter: Enter, ferry: NightFerry
) -> None:
    ferry.publish(DAY)
    phone = enter(INES)
    exchange(phone, fetched(phone))
    calls(ferry, SEAN, time="05:00")
    ferry.publish(DAY)
    mine = known(ferry, INES)
    assert (mine["held_colour"], mine["state"]) == (None, "shown")


def test_one_of_two_phones_is_enough_and_a_lost_one_counts_for_nothing(
    enter: Enter, ferry: NightFerry
) -> None:
    ferry.publish(DAY)
    old, new = enter(INES), enter(INES)
    exchange(old, fetched(old))
    calls(ferry, INES, time="06:00")
    ferry.publish(DAY)
    exchange(new, fetched(new))
    assert known(ferry, INES)["state"] == "shown"
    query = "select id from device where person = :p order by held desc limit 1"
    newer = one(ferry, query, p=ferry.people[INES])
    with ferry.production.journal.desk() as desk:
        desk.set("device", newer, revoked=1)
    assert known(ferry, INES)["held_colour"] == "White"


def test_a_number_from_another_life_of_the_office_says_nothing(
    enter: Enter, ferry: NightFerry
) -> None:
    ferry.publish(DAY)
    phone = enter(INES)
    stand = fetched(phone)
    for wrong in ({"generation": "another"}, {"cursor": "9"}, {"cursor": -1}, {"cursor": 2**70}):
        exchange(phone, {**stand, **wrong})
        assert one(ferry, HELD, p=ferry.people[INES]) is None, wrong
    exchange(phone, stand)
    assert one(ferry, HELD, p=ferry.people[INES])


def test_a_phone_that_stays_where_it_is_writes_nothing(enter: Enter, ferry: NightFerry) -> None:
    ferry.publish(DAY)
    phone = enter(INES)
    exchange(phone, fetched(phone), installed=1)
    before = ferry.production.journal.stand()
    for _ in range(3):
        exchange(phone, fetched(phone), installed=1)
    assert ferry.production.journal.stand() == before


def test_a_phone_says_whether_it_can_show_notices_and_nothing_else_of_them(
    enter: Enter, ferry: NightFerry
) -> None:
    phone = enter(INES)
    query = "select notices from device where person = :p"
    for said, noted in (("missing", "missing"), ("off", "off"), ("on", "off"), ([], "off")):
        exchange(phone, notices=said, installed={})
        assert one(ferry, query, p=ferry.people[INES]) == noted


# Confirmed, and told by whom.


def test_a_confirmation_that_still_holds_says_on_which_revision_it_was_made(
    enter: Enter, ferry: NightFerry
) -> None:
    ferry.publish(DAY)
    confirms(ferry, INES)
    assert known(ferry, INES)["known_colour"] is None
    calls(ferry, SEAN, time="05:00")
    ferry.publish(DAY)
    assert known(ferry, INES)["known_colour"] == "White"
    assert "on WHITE; nothing changed for them since" in board(enter, ferry)


def test_who_told_somebody_and_how_is_on_the_board(enter: Enter, ferry: NightFerry) -> None:
    ferry.publish(DAY)
    fact = {"publication": current(ferry)["id"], "person": ferry.people[WEN], "state": "told"}
    by = ferry.people["Dana Farouk"]
    ferry.write("Dana Farouk", "receipt", **fact, how="phone", at=stamp(NOW), by=by)
    mine = known(ferry, WEN)
    assert (mine["state"], mine["told_how"], mine["told_by"]) == ("told", "phone", "Dana Farouk")
    assert 'by <span dir="auto">Dana Farouk</span>' in board(enter, ferry)


def test_a_head_who_told_the_department_makes_one_receipt_a_person(
    enter: Enter, ferry: NightFerry
) -> None:
    ferry.publish(DAY)
    confirms(ferry, SEAN)
    browser = enter(COORDINATOR)
    sheet = current(ferry)["id"]
    form = {"publication": sheet, "department": "Grip", "at": "@now", "by": ferry.people[SEAN]}
    browser.post(f"{BASE}/briefing", data={**form, **seen(browser)})
    query = (
        "select person.name, person.department, receipt.how, receipt.by from receipt"
        " join person on person.id = receipt.person"
        " where receipt.publication = :id and receipt.state = 'told'"
    )
    found = rows(ferry, query, id=sheet)
    grips = "select count(*) from called where publication = :id and department = 'Grip'"
    assert len(found) == one(ferry, grips, id=sheet) - 1  # the head had confirmed it himself
    assert {row["department"] for row in found} == {"Grip"}
    assert {(row["how"], row["by"]) for row in found} == {("head", ferry.people[SEAN])}
    assert len({row["name"] for row in found}) == len(found)
    told_by = {row["told_by"] for row in rows(ferry, KNOWING, day=ferry.days[DAY]) if row["knows"]}
    assert told_by == {SEAN}


def test_a_briefing_shows_before_the_office_has_heard_of_it(ferry: NightFerry) -> None:
    ferry.publish(DAY)
    table = ferry.production.journal.kinds["briefing"].table
    fact = {"publication": current(ferry)["id"], "department": "Grip", "by": ferry.people[SEAN]}
    with ferry.production.engine.begin() as connection:  # as on a device: no arrival
        connection.execute(table.insert(), {"id": "b", "gone": 0, "at": stamp(NOW), **fact})
    mine = known(ferry, SEAN)
    assert (mine["state"], mine["told_how"], mine["told_by"]) == ("told", "head", SEAN)
    assert known(ferry, INES)["knows"] == 0


def test_a_briefing_does_not_cover_what_changed_after_it(ferry: NightFerry) -> None:
    ferry.publish(DAY)
    about = {"publication": current(ferry)["id"], "department": "Grip", "at": stamp(NOW)}
    ferry.write(COORDINATOR, "briefing", **about)
    calls(ferry, SEAN, time="05:00")
    ferry.publish(DAY)
    assert known(ferry, SEAN)["knows"] == 0
    others = [r for r in rows(ferry, KNOWING, day=ferry.days[DAY]) if r["department"] == "Grip"]
    assert {row["knows"] for row in others if row["name"] != SEAN} == {1}


# Asking again.


def test_a_reminder_rings_exactly_those_who_do_not_know(ferry: NightFerry) -> None:
    ferry.publish(DAY)
    first = told(ferry)[WEN]["title"]
    confirms(ferry, INES)
    ferry.production.journal.clock = lambda: NOW + timedelta(minutes=11)
    made = remind(ferry)
    without = {r["person"] for r in rows(ferry, KNOWING, day=ferry.days[DAY]) if not r["knows"]}
    rung = rows(ferry, "select person, title from notice where reminder = :r", r=made["id"])
    assert {row["person"] for row in rung} == without
    assert made["people"] == len(rung) == len(without) > 100
    assert ferry.people[INES] not in without
    mine = next(row for row in rung if row["person"] == ferry.people[WEN])
    assert mine["title"] == f"Please confirm: {first}"
    query = (
        "select count(*) from delivery join notice on notice.id = delivery.notice"
        " where notice.reminder = :r and delivery.done_at is null"
    )
    assert one(ferry, query, r=made["id"]) == len(rung)
    assert known(ferry, WEN)["reminded_at"] == stamp(NOW + timedelta(minutes=11))


def test_nobody_is_rung_twice_within_ten_minutes(ferry: NightFerry) -> None:
    ferry.publish(DAY)
    rung = []
    for minutes in (0, 9, 11, 20, 22):
        now = NOW + timedelta(minutes=minutes)
        ferry.production.journal.clock = now.astimezone  # gives that very moment
        rung.append(remind(ferry)["people"] > 0)
    assert rung == [False, False, True, False, True]


def test_a_reminder_may_be_for_one_department(ferry: NightFerry) -> None:
    ferry.publish(DAY)
    ferry.production.journal.clock = lambda: NOW + timedelta(minutes=30)
    made = remind(ferry, department="Grip")
    query = (
        "select distinct person.department from notice join person on person.id = notice.person"
        " where notice.reminder = :id"
    )
    assert rows(ferry, query, id=made["id"]) == [{"department": "Grip"}]


def test_a_reminder_says_the_facts_of_the_revision_that_changed_them(ferry: NightFerry) -> None:
    ferry.publish(DAY)
    calls(ferry, INES, time="06:30")
    ferry.publish(DAY)
    calls(ferry, SEAN, time="05:00")
    ferry.publish(DAY)
    ferry.production.journal.clock = lambda: NOW + timedelta(minutes=30)
    made = remind(ferry)
    query = "select title, body, publication from notice where reminder = :id and person = :p"
    (letter,) = rows(ferry, query, id=made["id"], p=ferry.people[INES])
    assert letter["title"].startswith("Please confirm: Call 07:00 → 06:30")
    assert "PINK" in letter["body"]
    assert letter["publication"] == current(ferry)["id"]


def test_a_reminder_of_an_older_call_sheet_is_not_sent(ferry: NightFerry) -> None:
    ferry.publish(DAY)
    older = current(ferry)["id"]
    ferry.publish(DAY)
    result = ferry.write(COORDINATOR, "reminder", publication=older)
    assert result.say == "A newer call sheet is out. Remind from its own page."
    assert rows(ferry, "select id from notice where reminder is not null") == []


def test_crew_neither_remind_nor_brief(ferry: NightFerry) -> None:
    ferry.publish(DAY)
    for kind in ("reminder", "briefing"):
        result = ferry.write(INES, kind, publication=current(ferry)["id"], department="Camera")
        assert result.why == "permission", kind
