"""Publishing freezes: what was published stays, and only whom it changes something for is told."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from poc.demo import COORDINATOR, NightFerry
from poc.office.pages import area
from sync import Change
from sync.clock import stamp
from sync.database import reading
from tests.conftest import NOW
from tests.test_doors import BASE, INES, SEAN, WEN, Enter

ON_BOTH = True

COLOURS = ["White", "Blue", "Pink", "Yellow", "Green", "Goldenrod", "Buff", "Salmon", "Cherry"]
KNOWING = next(query.sql for query in area.queries if query.name == "knowing")
DAY = 13  # planned, and not published yet


def rows(ferry: NightFerry, sql: str, **about: Any) -> list[dict[str, Any]]:
    with reading(ferry.production.engine) as connection:
        return [dict(row) for row in connection.execute(text(sql), about).mappings()]


def current(ferry: NightFerry, day: int = DAY) -> dict[str, Any]:
    query = "select * from publication where shoot_day = :day and superseded = 0 and gone = 0"
    (found,) = rows(ferry, query, day=ferry.days[day])
    return found


def called(ferry: NightFerry, name: str, day: int = DAY) -> dict[str, Any] | None:
    query = "select * from called where publication = :id and person = :person"
    about = {"id": current(ferry, day)["id"], "person": ferry.people[name]}
    found = rows(ferry, query, **about)
    return found[0] if found else None


def told(ferry: NightFerry, day: int = DAY) -> dict[str, dict[str, Any]]:
    """Give the notices of the publication in force, by name."""
    query = (
        "select person.name, notice.* from notice join person on person.id = notice.person"
        " where notice.publication = :id"
    )
    return {row["name"]: row for row in rows(ferry, query, id=current(ferry, day)["id"])}


def calls(ferry: NightFerry, who: str, **fields: Any) -> None:
    """Type a call for a person, or for a department when nobody has that name."""
    day, person = ferry.days[DAY], ferry.people.get(who)
    whose = {"person": person} if person else {"department": who}
    ferry.write(COORDINATOR, "call", f"{day}.{person or who}", shoot_day=day, **whose, **fields)


def knows(ferry: NightFerry, name: str, day: int = DAY) -> Any:
    found = rows(ferry, KNOWING, day=ferry.days[day])
    return next(one["confirmed_at"] for one in found if one["name"] == name)


def confirms(ferry: NightFerry, name: str) -> None:
    about = {"publication": current(ferry)["id"], "person": ferry.people[name], "how": "app"}
    result = ferry.write(name, "receipt", **about, state="confirmed", at=stamp(NOW))
    assert result.st == "applied"


# Revisions.


def test_every_publication_of_a_day_has_the_next_number_and_colour(ferry: NightFerry) -> None:
    for colour in COLOURS:
        assert ferry.publish(DAY).st == "applied"
        assert current(ferry)["colour"] == colour
        assert current(ferry)["revision"] == COLOURS.index(colour)
    assert current(ferry, 11)["colour"] == "White"


def test_the_office_never_runs_out_of_colours(ferry: NightFerry, enter: Enter) -> None:
    last = {"subject": "call_sheet", "shoot_day": ferry.days[18], "revision": 23}
    nothing = json.dumps({"day": {}, "day_strips": [], "callings": []})
    with ferry.production.journal.desk() as desk:
        desk.create("publication", {**last, "superseded": 0, "rows": nothing})
    ferry.publish(18)
    assert (current(ferry, 18)["revision"], current(ferry, 18)["colour"]) == (24, "Revision 24")
    page = enter(COORDINATOR).get(f"{BASE}/days/{ferry.days[18]}/publish")
    assert page.status_code == 200
    assert "REVISION 25" in page.text.upper()


def test_one_publication_of_a_day_is_in_force(ferry: NightFerry) -> None:
    for _ in range(3):
        ferry.publish(DAY)
    query = "select superseded from publication where shoot_day = :day order by revision"
    assert [row["superseded"] for row in rows(ferry, query, day=ferry.days[DAY])] == [1, 1, 0]


def test_a_publication_says_who_published_and_when_by_the_clock_of_the_production(
    ferry: NightFerry,
) -> None:
    ferry.publish(DAY, "Bring boots")
    found = current(ferry)
    assert found["made_by"] == ferry.people[COORDINATOR]
    assert (found["made_at"], found["local_time"]) == ("2026-04-13T21:14:00Z", "22:14")
    assert (found["date"], found["note"]) == ("2026-04-15", "Bring boots")


def test_two_who_publish_apart_make_two_revisions(ferry: NightFerry) -> None:
    about = {"subject": "call_sheet", "shoot_day": ferry.days[DAY]}
    for name in (COORDINATOR, "Dana Farouk"):
        change = Change(f"{name}.1", "create", "publication", f"by {name}", value=about, base=1)
        ((_, result),) = ferry.production.journal.write(ferry.people[name], name, [change])
        assert result.st == "applied"
    assert (current(ferry)["id"], current(ferry)["revision"]) == ("by Dana Farouk", 1)
    assert current(ferry)["made_by"] == ferry.people["Dana Farouk"]


def test_the_schedule_has_revisions_of_its_own(ferry: NightFerry) -> None:
    for colour in ("Blue", "Pink"):
        ferry.write(COORDINATOR, "publication", subject="schedule")
        query = "select colour from publication where subject = 'schedule' and superseded = 0"
        assert rows(ferry, query) == [{"colour": colour}]


# Frozen.


def test_what_was_published_stays_when_the_draft_moves_on(ferry: NightFerry, enter: Enter) -> None:
    ferry.publish(DAY)
    frozen, browser = current(ferry), enter(INES)
    sheet = f"{BASE}/sheets/{frozen['id']}"
    own = rows(ferry, "select * from called where publication = :id order by id", id=frozen["id"])
    before = browser.get(sheet).text
    day = ferry.days[DAY]
    changed = {"general_call": "09:45", "weather": "Fog", "location": None, "wrap": "23:00"}
    ferry.write(COORDINATOR, "shoot_day", day, **changed)
    ferry.write(COORDINATOR, "person", ferry.people[WEN], name="Wen Li-Brandt")
    query = "select scene from strip where place like :day and scene is not null limit 1"
    scene = rows(ferry, query, day=f"{day}%")[0]["scene"]
    ferry.write(COORDINATOR, "scene", scene, set_name="SOMEWHERE ELSE", eighths=80)
    ferry.write(COORDINATOR, "production", "production", title="Day Ferry")
    assert current(ferry)["rows"] == frozen["rows"]
    assert current(ferry)["fingerprint"] == frozen["fingerprint"]
    again = rows(ferry, "select * from called where publication = :id order by id", id=frozen["id"])
    assert again == own
    assert between(browser.get(sheet).text) == between(before)
    draft = enter(COORDINATOR).get(f"{BASE}/days/{day}/sheet").text
    assert "SOMEWHERE ELSE" in draft
    assert "9:45" in draft


def between(page: str) -> str:
    """Give the sheet without the frame around it."""
    return page[page.index('<main id="main"') : page.index("</main>")]


def test_a_late_edit_never_alters_a_publication(ferry: NightFerry) -> None:
    seen = ferry.production.journal.stand()
    ferry.publish(DAY)
    frozen = current(ferry)["rows"]
    late = Change("late.1", "set", "shoot_day", ferry.days[DAY], "general_call", "05:00", seen)
    ((_, result),) = ferry.production.journal.write(ferry.people["Dana Farouk"], "late", [late])
    assert result.st == "applied"
    assert current(ferry)["rows"] == frozen
    (draft,) = rows(
        ferry,
        "select call from due where person = :p and shoot_day = :d",
        p=ferry.people[INES],
        d=ferry.days[DAY],
    )
    assert draft["call"] == "05:00"


@pytest.mark.parametrize("kind", ["publication", "receipt", "called"])
@pytest.mark.parametrize("do", ["set", "delete"])
def test_what_was_said_cannot_be_changed_or_taken_back(
    kind: str, do: str, ferry: NightFerry
) -> None:
    (record,) = rows(ferry, f"select id from {kind} where gone = 0 limit 1")
    before = rows(ferry, f"select * from {kind} order by id")
    field, value = ("note", "x") if kind != "receipt" else ("how", "phone")
    seen = ferry.production.journal.stand()
    change = Change("a.1", do, kind, record["id"], *((field, value) if do == "set" else ("", None)))
    change = Change(**{**vars(change), "base": seen})
    ((_, result),) = ferry.production.journal.write(ferry.people[COORDINATOR], "a", [change])
    assert (result.st, result.why) == ("rejected", "permission")
    assert result.say.endswith(".")
    assert rows(ferry, f"select * from {kind} order by id") == before


def test_no_device_writes_what_only_publishing_makes(ferry: NightFerry) -> None:
    forged = {"subject": "call_sheet", "shoot_day": ferry.days[DAY], "colour": "White"}
    assert ferry.write(COORDINATOR, "publication", **forged).why == "permission"
    forged = {"publication": "p", "person": ferry.people[INES], "call": "04:00"}
    assert ferry.write(COORDINATOR, "called", **forged).why == "permission"


def test_a_day_that_is_gone_is_not_published(ferry: NightFerry) -> None:
    with ferry.production.journal.desk() as desk:
        desk.remove("shoot_day", ferry.days[DAY])
    result = ferry.publish(DAY)
    assert result.say == "This day is not on the schedule any more, so it cannot be published."
    query = "select * from publication where shoot_day = :day"
    assert rows(ferry, query, day=ferry.days[DAY]) == []


# Who is told, and what.


def test_the_first_call_sheet_calls_everybody_who_is_due(ferry: NightFerry) -> None:
    ferry.publish(DAY)
    due = rows(ferry, "select person, call from due where shoot_day = :d", d=ferry.days[DAY])
    found = rows(ferry, "select * from called where publication = :p", p=current(ferry)["id"])
    assert {row["person"]: row["call"] for row in found} == {r["person"]: r["call"] for r in due}
    assert {row["changed"] for row in found} == {1}
    assert len(told(ferry)) == len(found)
    assert told(ferry)[INES]["title"].startswith("Call 07:00")


def test_publishing_again_without_a_change_tells_nobody(ferry: NightFerry) -> None:
    ferry.publish(DAY)
    ferry.publish(DAY)
    assert told(ferry) == {}
    mine = called(ferry, INES)
    assert mine is not None
    assert (mine["changed"], mine["call"]) == (0, "07:00")


def test_only_whose_own_facts_changed_is_told_with_the_old_and_the_new(ferry: NightFerry) -> None:
    calls(ferry, INES, pickup="06:10", pickup_place="Hotel Miramar")
    ferry.publish(DAY)
    calls(ferry, INES, time="06:30", pickup="05:40", pickup_place="Hotel Tejo")
    ferry.publish(DAY)
    assert list(told(ferry)) == [INES]
    letter = told(ferry)[INES]
    assert "07:00 → 06:30" in letter["title"]
    assert "06:10 → 05:40" in letter["body"]
    assert "Hotel Miramar → Hotel Tejo" in letter["body"]
    assert letter["urgency"] == "high"
    mine = called(ferry, INES)
    assert mine is not None
    old = ("was_call", "was_pickup", "was_pickup_place", "was_place", "was_colour")
    expected = ["07:00", "06:10", "Hotel Miramar", "MV Aurora", "White"]
    assert [mine[name] for name in old] == expected


def test_a_pickup_that_is_taken_away_is_said(ferry: NightFerry) -> None:
    calls(ferry, INES, pickup="06:10")
    ferry.publish(DAY)
    calls(ferry, INES, pickup=None)
    ferry.publish(DAY)
    assert "no pick-up any more" in told(ferry)[INES]["body"]


def test_a_day_that_moves_tells_everybody_both_places(ferry: NightFerry) -> None:
    ferry.publish(DAY)
    (place,) = rows(ferry, "select id from location where name = 'Studio B'")
    ferry.write(COORDINATOR, "shoot_day", ferry.days[DAY], location=place["id"])
    ferry.publish(DAY)
    assert "MV Aurora → Studio B" in told(ferry)[INES]["body"]
    assert len(told(ferry)) > 100


def test_what_changes_for_nobody_in_person_is_marked_on_the_sheet_and_rings_nobody(
    ferry: NightFerry,
) -> None:
    ferry.publish(DAY)
    ferry.write(COORDINATOR, "shoot_day", ferry.days[DAY], weather="Fog", lunch="13:30")
    ferry.publish(DAY)
    assert told(ferry) == {}
    changes = json.loads(current(ferry)["rows"])["changes"]
    cells = {change["cell"]: (change["was"], change["now"]) for change in changes}
    assert cells == {"day.weather": (None, "Fog"), "day.lunch": ("13:00", "13:30")}


def test_a_day_without_a_call_tells_nobody_that_they_are_not_called(ferry: NightFerry) -> None:
    ferry.write(COORDINATOR, "shoot_day", ferry.days[DAY], general_call=None)
    calls(ferry, INES, time="06:00")
    ferry.publish(DAY)
    assert list(told(ferry)) == [INES]
    ferry.write(COORDINATOR, "shoot_day", ferry.days[DAY], general_call="07:00")
    ferry.publish(DAY)
    assert told(ferry)[WEN]["title"].startswith("Call 07:00")


# Derived calls and typed ones.


def test_derived_calls_move_with_the_general_call_and_typed_ones_stay(ferry: NightFerry) -> None:
    calls(ferry, INES, time="06:15")
    calls(ferry, "Grip", time="05:45")
    ferry.publish(DAY)
    ferry.write(COORDINATOR, "shoot_day", ferry.days[DAY], general_call="08:00")
    ferry.publish(DAY)
    found = {name: called(ferry, name) for name in (INES, SEAN, WEN)}
    assert {name: row and row["call"] for name, row in found.items()} == {
        INES: "06:15",
        SEAN: "05:45",
        WEN: "08:00",
    }
    assert {INES, SEAN} & set(told(ferry)) == set()
    assert WEN in told(ferry)
    assert told(ferry)[WEN]["urgency"] == "normal"  # later: nobody needs to wake up


def test_a_persons_own_call_goes_before_that_of_the_department(ferry: NightFerry) -> None:
    calls(ferry, "Grip", time="05:45", pickup="05:00")
    calls(ferry, SEAN, time="05:15")
    ferry.publish(DAY)
    mine = called(ferry, SEAN)
    assert mine is not None
    assert (mine["call"], mine["pickup"]) == ("05:15", "05:00")


def test_an_excused_person_is_not_called_and_is_told_when_they_were(ferry: NightFerry) -> None:
    calls(ferry, WEN, excused=1)
    ferry.publish(DAY)
    assert called(ferry, WEN) is None
    assert WEN not in told(ferry)
    calls(ferry, INES, excused=1)
    ferry.publish(DAY)
    assert list(told(ferry)) == [INES]
    assert "not called" in told(ferry)[INES]["title"]
    mine = called(ferry, INES)
    assert mine is not None
    assert (mine["call"], mine["was_call"]) == (None, "07:00")
    ferry.publish(DAY)
    assert called(ferry, INES) is None
    calls(ferry, INES, excused=0)
    ferry.publish(DAY)
    assert told(ferry)[INES]["title"].startswith("Call 07:00")


def test_who_left_the_production_is_not_called(ferry: NightFerry) -> None:
    ferry.publish(DAY)
    with ferry.production.journal.desk() as desk:
        desk.remove("person", ferry.people[WEN])
    ferry.write(COORDINATOR, "person", ferry.people[INES], finish="2026-04-14")
    ferry.publish(DAY)
    assert "not called" in told(ferry)[INES]["title"]
    query = "select call from called where person = :p and publication = :id"
    about = {"p": ferry.people[WEN], "id": current(ferry)["id"]}
    assert {row["call"] for row in rows(ferry, query, **about)} <= {None}


def test_cast_are_called_on_the_days_of_their_scenes(ferry: NightFerry) -> None:
    ferry.publish(DAY)
    query = (
        "select distinct person from playing where shoot_day = :day union"
        " select id from person where category = 'crew' and gone = 0"
    )
    due = {row["person"] for row in rows(ferry, query, day=ferry.days[DAY])}
    query = "select person from called where publication = :id"
    assert {r["person"] for r in rows(ferry, query, id=current(ferry)["id"])} == due


# Who knows.


def test_a_confirmation_holds_while_ones_own_facts_stay(ferry: NightFerry) -> None:
    ferry.publish(DAY)
    confirms(ferry, INES)
    calls(ferry, SEAN, time="05:00")
    for _ in range(2):
        ferry.publish(DAY)
        assert knows(ferry, INES) == stamp(NOW)
        assert knows(ferry, SEAN) is None


def test_a_confirmation_does_not_cover_what_changed_after_it(ferry: NightFerry) -> None:
    ferry.publish(DAY)
    confirms(ferry, INES)
    calls(ferry, INES, time="05:00")
    assert knows(ferry, INES) == stamp(NOW)
    ferry.publish(DAY)
    assert knows(ferry, INES) is None
    confirms(ferry, INES)
    assert knows(ferry, INES) == stamp(NOW)


def test_a_confirmation_from_the_mountain_counts_for_what_was_read_there(
    ferry: NightFerry,
) -> None:
    ferry.publish(DAY)
    read = current(ferry)["id"]
    calls(ferry, INES, time="05:00")
    ferry.publish(DAY)
    about = {"publication": read, "person": ferry.people[INES], "state": "confirmed"}
    ferry.write(INES, "receipt", **about, at=stamp(NOW), how="app")
    assert knows(ferry, INES) is None


def test_facts_that_go_back_to_what_they_were_must_be_read_again(ferry: NightFerry) -> None:
    ferry.publish(DAY)
    confirms(ferry, INES)
    calls(ferry, INES, time="05:00")
    ferry.publish(DAY)
    calls(ferry, INES, time=None)
    ferry.publish(DAY)
    assert knows(ferry, INES) is None


# The sun.


def sun(ferry: NightFerry, day: int = DAY) -> tuple[Any, Any]:
    query = "select sunrise, sunset from shoot_day where id = :day"
    (row,) = rows(ferry, query, day=ferry.days[day])
    return row["sunrise"], row["sunset"]


def test_the_office_works_out_when_the_sun_rises_where_they_shoot(ferry: NightFerry) -> None:
    rises, sets = sun(ferry, 12)  # an almanac has 7:03 and 20:13 for Lisbon
    assert "07:01" <= rises <= "07:05"
    assert "20:11" <= sets <= "20:15"
    assert sun(ferry, 14) == (None, None)  # nobody said where Studio B is


def test_the_sun_follows_the_day_and_the_place(ferry: NightFerry) -> None:
    before = sun(ferry)
    ferry.write(COORDINATOR, "shoot_day", ferry.days[DAY], date="2026-06-21")
    assert sun(ferry)[0] < before[0]
    (row,) = rows(ferry, "select location from shoot_day where id = :d", d=ferry.days[DAY])
    ferry.write(COORDINATOR, "location", row["location"], coordinates="69.6500, 18.9600")
    assert sun(ferry) == ("—", "—")  # polar day
    ferry.write(COORDINATOR, "shoot_day", ferry.days[DAY], date="2026-12-21")
    assert sun(ferry) == ("—", "—")  # polar night
    ferry.write(COORDINATOR, "shoot_day", ferry.days[DAY], location=None)
    assert sun(ferry) == (None, None)


def test_no_device_says_when_the_sun_rises(ferry: NightFerry) -> None:
    result = ferry.write(COORDINATOR, "shoot_day", ferry.days[DAY], sunrise="04:00")
    assert result.why == "permission"


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("location", "coordinates", "the quay"),
        ("location", "coordinates", "91.0, 0.0"),
        ("location", "coordinates", "0.0, 181.0"),
        ("shoot_day", "date", "2026-02-30"),
    ],
)
def test_a_place_or_a_date_that_is_none_is_refused_in_a_sentence(
    kind: str, field: str, value: str, ferry: NightFerry
) -> None:
    query = "select location as location, id as shoot_day from shoot_day where id = :d"
    (row,) = rows(ferry, query, d=ferry.days[DAY])
    before = sun(ferry)
    result = ferry.write(COORDINATOR, kind, row[kind], **{field: value})
    assert result.st == "rejected"
    assert result.say.endswith(".")
    assert sun(ferry) == before
