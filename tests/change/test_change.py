"""The change late in the evening: what it moves, whom it concerns, and what each of them reads."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest

from poc.demo import COORDINATOR, NightFerry
from tests.test_doors import BASE, INES, SEAN, WEN, Enter
from tests.test_publish import current, rows, told

ON_BOTH = True

ASSISTANT = "Pia Lindholm"
DAY = 12  # tomorrow: published White and Blue, with a general call at 07:30
WORDS = re.compile(r'class="told-row__what" dir="auto"><b[^>]*>(.*?)</b><br>(.*?)</span>')
FOLLOWING = "select person, call from due where shoot_day = :day and source = 'general'"

Form = dict[str, str]


class Sending(HTMLParser):
    """Reads what the form that sends would send."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.form: Form = {}
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        if tag == "form":
            self._inside = has.get("id") == "send"
        if tag == "input" and self._inside:
            self.form[str(has["name"])] = has.get("value") or ""


@pytest.fixture
def screen(ferry: NightFerry, enter: Enter) -> Any:
    """Marta at the screen of tomorrow's change."""
    browser = enter(COORDINATOR)

    class Screen:
        @staticmethod
        def show(day: int = DAY, **chosen: str) -> str:
            address = f"{BASE}/days/{ferry.days[day]}/change"
            answer = browser.get(address, query_string=chosen)
            assert answer.status_code == 200
            return str(answer.text)

        @staticmethod
        def form(**chosen: str) -> Form:
            return Sending(Screen.show(**chosen)).form

        @staticmethod
        def send(form: Form, note: str = "") -> Any:
            return browser.post(f"{BASE}/publication", data={**form, "note": note})

    return Screen


def words_of(page: str) -> set[tuple[str, str]]:
    """Give title and body of every notice that the screen promises."""
    return {(unescape(title), unescape(body)) for title, body in WORDS.findall(page)}


def sent(ferry: NightFerry) -> set[tuple[str, str]]:
    return {(row["title"], row["body"]) for row in told(ferry, DAY).values()}


def day_of(ferry: NightFerry) -> dict[str, Any]:
    (row,) = rows(ferry, "select * from shoot_day where id = :day", day=ferry.days[DAY])
    return row


def called(ferry: NightFerry, name: str) -> dict[str, Any]:
    about = {"id": current(ferry, DAY)["id"], "person": ferry.people[name]}
    query = "select * from called where publication = :id and person = :person"
    (row,) = rows(ferry, query, **about)
    return row


CHOICES = {
    "everybody later": {"what": "general", "minutes": "30"},
    "everybody, typed calls too": {"what": "general", "minutes": "-60", "typed": "too"},
    "at a time": {"what": "general", "time": "06:45"},
    "one person": {"what": "person", "who": INES, "minutes": "-45"},
    "a department": {"what": "department", "who": "Grip", "minutes": "15"},
    "a department that has a typed call": {"what": "department", "who": "Make-up", "time": "04:30"},
    "another place": {"what": "place", "who": "Studio B"},
    "cancelled": {"what": "cancel"},
}


def ids(ferry: NightFerry, choice: Form) -> Form:
    """Choose by id what a choice names; a department has only its name."""
    places = rows(ferry, "select id, name from location")
    known = {**ferry.people, **{place["name"]: place["id"] for place in places}}
    return {name: known.get(value, value) for name, value in choice.items()}


# Shown, then sent.


@pytest.mark.parametrize("name", CHOICES)
def test_everybody_reads_the_very_words_that_were_shown(
    name: str, ferry: NightFerry, screen: Any
) -> None:
    choice = ids(ferry, CHOICES[name])
    page = screen.show(**choice)
    assert screen.send(screen.form(**choice)).status_code == 303
    assert current(ferry, DAY)["colour"] == "Pink"
    assert words_of(page) == sent(ferry) != set()
    count = len(told(ferry, DAY))
    assert f"{count} {'person gets' if count == 1 else 'people get'} a notice" in page


def test_looking_changes_nothing(ferry: NightFerry, screen: Any) -> None:
    before = ferry.production.journal.stand()
    for choice in CHOICES.values():
        screen.show(**ids(ferry, choice))
    assert ferry.production.journal.stand() == before


def test_meals_wrap_and_pickups_move_with_the_general_call(ferry: NightFerry, screen: Any) -> None:
    screen.send(screen.form(minutes="30"), "Late wrap")
    day = day_of(ferry)
    times = ("breakfast", "general_call", "shooting_call", "lunch", "wrap")
    assert [day[name] for name in times] == ["06:00", "08:00", "09:00", "13:30", "20:00"]
    assert (called(ferry, INES)["call"], called(ferry, INES)["pickup"]) == ("08:00", "07:35")
    assert called(ferry, INES)["was_pickup"] == "07:05"
    assert current(ferry, DAY)["note"] == "Late wrap"


def test_typed_calls_stay_unless_they_are_asked_to_come_along(
    ferry: NightFerry, screen: Any
) -> None:
    page = screen.show(minutes="30")
    assert "3 typed calls stay" in page
    assert "Also move 3 typed calls" in page
    screen.send(screen.form(minutes="30"))
    typed = "select department, time from call where shoot_day = :day and time is not null"
    before = {row["department"]: row["time"] for row in rows(ferry, typed, day=ferry.days[DAY])}
    assert before == {"Catering": "04:45", "Make-up": "05:00", "Transport": "05:15"}
    screen.send(screen.form(minutes="-30", typed="too"))
    after = {row["department"]: row["time"] for row in rows(ferry, typed, day=ferry.days[DAY])}
    assert after == {"Catering": "04:15", "Make-up": "04:30", "Transport": "04:45"}


def test_a_pickup_under_a_typed_call_stays_with_that_call(ferry: NightFerry, screen: Any) -> None:
    (row,) = rows(ferry, "select id from person where department = 'Make-up' order by id limit 1")
    call = {"shoot_day": ferry.days[DAY], "person": row["id"], "pickup": "04:20"}
    ferry.write(COORDINATOR, "call", f"{ferry.days[DAY]}.{row['id']}", **call)
    screen.send(screen.form(minutes="30"))
    query = "select pickup from call where person = :p"
    assert rows(ferry, query, p=row["id"]) == [{"pickup": "04:20"}]
    screen.send(screen.form(minutes="30", typed="too"))
    assert rows(ferry, query, p=row["id"]) == [{"pickup": "04:50"}]


def test_a_department_moves_as_one_and_its_people_with_calls_of_their_own_are_asked(
    ferry: NightFerry, screen: Any
) -> None:
    own = {"shoot_day": ferry.days[DAY], "person": ferry.people[SEAN], "time": "06:10"}
    ferry.write(COORDINATOR, "call", f"{ferry.days[DAY]}.{ferry.people[SEAN]}", **own)
    grips = {"what": "department", "who": "Grip", "minutes": "-30"}
    assert "1 typed call stays" in screen.show(**grips)
    screen.send(screen.form(**grips))
    assert called(ferry, SEAN)["call"] == "06:10"
    query = (
        "select distinct called.call from called where publication = :id and department = 'Grip'"
        " and person <> :sean"
    )
    about = {"id": current(ferry, DAY)["id"], "sean": ferry.people[SEAN]}
    assert rows(ferry, query, **about) == [{"call": "07:00"}]
    screen.send(screen.form(**grips, typed="too"))
    assert called(ferry, SEAN)["call"] == "05:40"


def test_one_persons_pickup_goes_with_their_call_and_nobody_else_is_told(
    ferry: NightFerry, screen: Any
) -> None:
    screen.send(screen.form(what="person", who=ferry.people[INES], time="06:00"))
    assert list(told(ferry, DAY)) == [INES]
    assert (called(ferry, INES)["call"], called(ferry, INES)["pickup"]) == ("06:00", "05:35")
    assert day_of(ferry)["general_call"] == "07:30"


def test_a_call_after_midnight_is_a_call_of_the_night(ferry: NightFerry, screen: Any) -> None:
    screen.send(screen.form(what="department", who="Grip", time="25:10"))
    assert told(ferry, DAY)[SEAN]["title"].startswith("Call 07:30 → 01:10 +1")


@pytest.mark.parametrize("minutes", ["-300", "1440"])
def test_times_that_would_leave_the_day_are_named_and_nothing_can_be_sent(
    minutes: str, ferry: NightFerry, screen: Any
) -> None:
    page = screen.show(minutes=minutes, typed="too")
    assert "That is another day" in page
    assert Sending(page).form == {}


def test_another_place_brings_its_own_sunset_onto_the_sheet(ferry: NightFerry, screen: Any) -> None:
    (north,) = rows(ferry, "select id from location where name = 'Studio B'")
    ferry.write(COORDINATOR, "location", north["id"], coordinates="60.1700, 24.9400")
    before = day_of(ferry)["sunset"]
    screen.send(screen.form(what="place", who=north["id"]))
    after = day_of(ferry)["sunset"]
    assert after != before
    assert f'"sunset": "{after}"' in current(ferry, DAY)["rows"].replace('":"', '": "')


def test_scenes_that_are_dropped_free_whoever_was_only_in_them(
    ferry: NightFerry, screen: Any
) -> None:
    day = ferry.days[DAY]
    strips = rows(
        ferry, "select id from strip where place like :day and scene is not null", day=f"{day}%"
    )
    cast = rows(ferry, "select person from due where shoot_day = :d and category = 'cast'", d=day)
    assert cast
    form = screen.form(
        what="scenes", strips=" ".join(one["id"] for one in strips), onto=ferry.days[14]
    )
    screen.send(form)
    query = "select substr(place, 1, 36) as day, place from strip where id = :id"
    places = [rows(ferry, query, id=one["id"])[0] for one in strips]
    assert {one["day"] for one in places} == {ferry.days[14]}
    assert len({one["place"] for one in places}) == len(strips)
    freed = [name for name, one in told(ferry, DAY).items() if "not called" in one["title"]]
    assert {ferry.people[name] for name in freed} == {one["person"] for one in cast}


def test_a_scene_from_elsewhere_calls_whoever_is_in_it(ferry: NightFerry, screen: Any) -> None:
    query = (
        "select strip.id, element.person from strip"
        " join appearance on appearance.scene = strip.scene and appearance.gone = 0"
        " join element on element.id = appearance.element and element.person is not null"
        " where strip.gone = 0 and strip.place like :later and element.person not in"
        " (select person from due where shoot_day = :day) order by strip.id limit 1"
    )
    found: list[dict[str, Any]] = []
    for number in range(13, 19):
        about = {"later": f"{ferry.days[number]}%", "day": ferry.days[DAY]}
        found = found or rows(ferry, query, **about)
    screen.send(screen.form(what="scenes", fetch=found[0]["id"]))
    (name,) = [name for name, one in ferry.people.items() if one == found[0]["person"]]
    assert told(ferry, DAY)[name]["title"].startswith("Call 07:30")


def test_a_cancelled_day_calls_nobody_and_can_be_shot_after_all(
    ferry: NightFerry, screen: Any
) -> None:
    before = {one["person"] for one in rows(ferry, FOLLOWING, day=ferry.days[DAY])}
    screen.send(screen.form(what="cancel"))
    assert {one["title"] for one in told(ferry, DAY).values()} == {
        "Day 12 is cancelled, Tue 14 Apr"
    }
    assert {one["urgency"] for one in told(ferry, DAY).values()} == {"high"}
    assert called(ferry, WEN)["call"] is None
    assert "what=restore" in screen.show()
    screen.send(screen.form(what="restore"))
    assert called(ferry, WEN)["call"] == "07:30"
    assert {ferry.people[name] for name in told(ferry, DAY)} >= before
    assert told(ferry, DAY)[WEN]["title"] == "Call 07:30, Tue 14 Apr"


def test_a_cancelled_day_says_so_wherever_it_is_shown(
    ferry: NightFerry, screen: Any, enter: Enter
) -> None:
    screen.send(screen.form(what="cancel"))
    ferry.write(COORDINATOR, "publication", subject="schedule")
    office, crew = enter(COORDINATOR), enter(INES)
    for page in ("/days", f"/days/{ferry.days[DAY]}", "/board"):
        assert "ancelled" in office.get(BASE + page).text
    sheet = f"{BASE}/sheets/{current(ferry, DAY)['id']}"
    assert "DAY 12 IS CANCELLED" in crew.get(sheet).text
    assert "Cancelled" in crew.get(f"{BASE}/schedule").text


# All or nothing.


def test_a_change_that_collides_is_not_sent_at_all(ferry: NightFerry, screen: Any) -> None:
    form = screen.form(minutes="30")
    ferry.write("Dana Farouk", "shoot_day", ferry.days[DAY], lunch="12:45")
    screen.send(form)
    assert current(ferry, DAY)["colour"] == "Blue"
    assert [day_of(ferry)[name] for name in ("general_call", "lunch")] == ["07:30", "12:45"]
    query = "select field, late_value, kept_value from clash where settled is null"
    assert rows(ferry, query) == [{"field": "lunch", "late_value": "13:30", "kept_value": "12:45"}]


def test_who_may_not_publish_changes_nothing_either(
    ferry: NightFerry, screen: Any, enter: Enter
) -> None:
    form = screen.form(minutes="30")
    refused = enter(ASSISTANT).post(f"{BASE}/publication", data=form)
    assert refused.status_code == 422
    assert "only the coordinator, the line producer and the ADs may" in refused.text
    assert current(ferry, DAY)["colour"] == "Blue"
    assert day_of(ferry)["general_call"] == "07:30"


def test_the_history_says_who_moved_the_day(ferry: NightFerry, screen: Any, enter: Enter) -> None:
    screen.send(screen.form(minutes="30"))
    text = enter(COORDINATOR).get(f"{BASE}/history/shoot_day/{ferry.days[DAY]}").text
    assert re.search(r"general call.*?07:30.*?08:00.*?Marta Teixeira", text, re.DOTALL | re.I)
    assert current(ferry, DAY)["made_by"] == ferry.people[COORDINATOR]


def test_what_the_draft_already_holds_goes_out_too_and_is_said(
    ferry: NightFerry, screen: Any
) -> None:
    ferry.write(COORDINATOR, "shoot_day", ferry.days[DAY], general_call="07:45")
    choice = {"what": "person", "who": ferry.people[SEAN], "minutes": "15"}
    assert "The draft already holds changes for 106 people." in screen.show(**choice)
    screen.send(screen.form(**choice))
    assert told(ferry, DAY)[WEN]["title"].startswith("Call 07:30 → 07:45")


def test_the_days_of_others_are_not_for_the_crew(ferry: NightFerry, enter: Enter) -> None:
    assert enter(INES).get(f"{BASE}/days/{ferry.days[DAY]}/change").status_code == 403
    assert "/change" not in enter(INES).get(f"{BASE}/today").text
    page = enter(COORDINATOR).get(f"{BASE}/today").text
    assert f"/days/{ferry.days[DAY]}/change" in page
    assert "Change tomorrow" in page
