"""A USS file becomes the schedule its facts say, in its final spelling and in early ones."""

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from poc.eighths import eighths_of
from poc.reading import Refused
from poc.schedule import uss
from poc.schedule.reading import Schedule

DATA = Path(__file__).parents[1] / "data"
FACTS = json.loads((DATA / "facts.json").read_text("utf-8"))
REAL = "schedules/uss/schedule-days-01-18.uss"
SMALL = "schedules/uss/small_sample_schedule.uss"


def the(path: str) -> Schedule:
    return uss.read((DATA / path).read_bytes())


def root(path: str = SMALL) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / path).read_bytes())["universalScheduleStandard"]
    return found


def read(changed: dict[str, Any]) -> Schedule:
    return uss.read(json.dumps({"universalScheduleStandard": changed}).encode())


@pytest.mark.parametrize("path", [REAL, SMALL])
def test_it_finds_the_scenes_the_facts_count(path: str) -> None:
    schedule, facts = the(path), FACTS[path]
    assert [scene.number for scene in schedule.scenes] == facts["scene_numbers"]
    assert [banner.text for banner in schedule.banners] == facts["banner_texts"]
    assert sum(scene.eighths for scene in schedule.scenes) == facts["pages_eighths"]
    assert Counter(one.written for one in schedule.elements) == facts["elements_by_category"]
    assert (schedule.title, schedule.name) == (facts["project"], facts["name"])
    assert schedule.warnings == ()


@pytest.mark.parametrize("path", [REAL, SMALL])
def test_it_reads_headings_as_words(path: str) -> None:
    schedule, facts = the(path), FACTS[path]
    slugs = Counter(scene.int_ext for scene in schedule.scenes if scene.int_ext)
    assert slugs == facts["scenes_by_int_ext"]
    assert Counter(scene.day_night for scene in schedule.scenes) == facts["scenes_by_day_night"]


@pytest.mark.parametrize("path", [REAL, SMALL])
def test_it_reads_the_calendar(path: str) -> None:
    schedule, calendar = the(path), FACTS[path]["calendar"]
    assert schedule.days[0].date == calendar["start"]
    assert list(schedule.weekly_off) == calendar["weekly_days_off"]
    assert list(schedule.off_days) == calendar["extra_days_off"]
    assert [(one.name, one.date) for one in schedule.events] == [
        (name, date) for _, name, date in calendar["other_events"]
    ]


def test_every_shooting_day_has_its_date_scenes_and_eighths() -> None:
    schedule = the(REAL)
    scenes = {scene.source: scene for scene in schedule.scenes}
    assert FACTS[REAL]["days"] == [
        {
            "day": day.number,
            "date": day.date,
            "scenes": [scenes[strip.scene].number for strip in day.strips if strip.scene],
            "eighths": sum(scenes[strip.scene].eighths for strip in day.strips if strip.scene),
        }
        for day in schedule.days
    ]
    assert schedule.boneyard == ()


def test_every_cast_member_works_on_the_days_the_facts_say() -> None:
    schedule = the(REAL)
    cast = {one.source: f"{one.number} {one.name}" for one in schedule.elements if one.is_cast}
    needs = {scene.source: scene.elements for scene in schedule.scenes}
    worked: dict[str, set[int]] = {name: set() for name in cast.values()}
    for day in schedule.days:
        for strip in day.strips:
            for one in needs.get(strip.scene or "", ()):
                if one in cast:
                    worked[cast[one]].add(day.number)
    assert len(cast) == 31
    assert {name: sorted(days) for name, days in worked.items()} == {
        name: fact["days"] for name, fact in FACTS[REAL]["cast_work_days"].items()
    }


def test_the_small_sample_has_one_day_with_its_banner_first() -> None:
    schedule = the(SMALL)
    (day,) = schedule.days
    scene = schedule.scenes[0]
    assert [(strip.banner, strip.scene, strip.minutes) for strip in day.strips] == [
        ("It's A Wonderful Life Production Schedule", None, 0),
        (None, scene.source, 95),
    ]
    assert (scene.set_name, scene.page, scene.minutes) == ("BEDFORD FALLS BRIDGE", "112", 95)
    assert (schedule.script_colour, schedule.script_date) == ("Pink", "2022-03-06")
    assert (schedule.schedule_colour, schedule.company) == ("Blue", "RKO Pictures")


def test_a_scene_holds_only_the_elements_outside_its_heading() -> None:
    schedule = the(SMALL)
    names = {one.source: (one.category, one.number, one.name) for one in schedule.elements}
    assert [names[source] for source in schedule.scenes[0].elements] == [
        ("Cast Members", "1", "GEORGE"),
        ("Props", "", "Zuzu's Petals"),
        ("Cast Members", "2", "CLARENCE"),
    ]


def test_cast_is_called_cast_members_whatever_the_file_calls_it() -> None:
    assert {one.category for one in the(REAL).elements if one.written == "Cast"} == {"Cast Members"}


def test_it_reads_the_spelling_of_other_writers() -> None:
    changed = root()
    for row in changed["breakdowns"]:
        row["type"] = "strip"
    for board in changed["stripboards"]:
        for part in board["boards"]:
            part["breakdownArrays"] = part.pop("breakdownIds")
    for element in changed["elements"]:
        element["doodDayCount"] = element.pop("dropDayCount")
    changed["calendars"][0]["events"][0]["date"] = "2022-06-20T07:00:00.000+0000"
    found = read(changed)
    assert found.days == the(SMALL).days
    assert found.elements == the(SMALL).elements


def test_it_reads_the_first_draft_of_the_format() -> None:
    changed = root()
    for category in changed["categories"]:
        category["catId"] = category.pop("ucid")
        category["elements"] = [
            one["id"] for one in changed["elements"] if one["category"] == category["id"]
        ]
    for element in changed["elements"]:
        del element["category"]
        element["doodDropDays"] = element.pop("dropDayCount")
    for row in changed["breakdowns"]:
        row["time"] = row.pop("duration")
        row["description"] = row["description"] or row.pop("bannerText")
    changed["breakdowns"].append({"id": "break", "type": "day"})
    changed["stripboards"][1]["boards"][0]["breakdownIds"] = [
        *changed["stripboards"][1]["boards"][0]["breakdownIds"][0],
        "break",
    ]
    for event in changed["calendars"][0]["events"]:
        event["effect"], event["type"] = event["type"], event.pop("name")
    found = read(changed)
    assert (found.days, found.scenes) == (the(SMALL).days, the(SMALL).scenes)
    assert found.elements == the(SMALL).elements


def test_day_strips_cut_a_flat_board_into_days() -> None:
    changed = root(REAL)
    groups = changed["stripboards"][1]["boards"][0]["breakdownIds"]
    flat = [ref for place, group in enumerate(groups) for ref in (*group, f"day-{place}")]
    changed["stripboards"][1]["boards"][0]["breakdownIds"] = flat
    changed["breakdowns"] += [{"id": f"day-{place}", "type": "day"} for place in range(18)]
    assert read(changed).days == the(REAL).days


def test_a_flat_board_without_day_strips_is_one_day_and_says_so() -> None:
    changed = root()
    part = changed["stripboards"][1]["boards"][0]
    part["breakdownIds"] = part["breakdownIds"][0]
    found = read(changed)
    assert found.days == the(SMALL).days
    assert "does not say where a day ends" in found.warnings[0]


def test_script_order_alone_is_no_schedule() -> None:
    changed = root(REAL)
    del changed["stripboards"][1]
    found = read(changed)
    assert (len(found.days), len(found.boneyard)) == (0, 80)
    assert "no board with shooting days" in found.warnings[0]


def test_a_holiday_is_stepped_over_whatever_its_type() -> None:
    changed = root(REAL)
    changed["calendars"][0]["events"] += [
        {"type": "event", "name": "holiday", "date": "2025-04-08"},
        {"type": "dayOff", "name": "turnaround", "date": "2025-04-09"},
        {"type": "event", "name": "doodTravel", "date": "2025-04-10"},
        {"type": "event", "name": "Company travel", "date": "2025-04-11"},
    ]
    dates = [day.date for day in read(changed).days]
    assert dates[:3] == ["2025-04-07", "2025-04-10", "2025-04-14"]


def test_without_a_start_the_days_have_no_dates() -> None:
    changed = root()
    changed["calendars"] = []
    found = read(changed)
    assert [day.date for day in found.days] == [""]
    assert "no start date" in found.warnings[0]


def test_a_calendar_that_never_shoots_is_not_believed() -> None:
    changed = root()
    changed["calendars"][0]["daysOff"] = [0, 1, 2, 3, 4, 5, 6]
    assert read(changed).days[0].date == "2022-06-20"


def test_dates_end_with_the_calendar() -> None:
    changed = root()
    changed["calendars"][0]["events"][0]["date"] = "9999-12-31T00:00:00Z"
    assert [day.date for day in read(changed).days] == ["9999-12-31"]
    part = changed["stripboards"][1]["boards"][0]
    part["breakdownIds"] = [[ref] for ref in part["breakdownIds"][0]]
    assert [day.date for day in read(changed).days] == ["9999-12-31", ""]


def test_what_no_board_names_lies_in_the_boneyard() -> None:
    changed = root()
    lost = changed["stripboards"][1]["boards"][0]["breakdownIds"][0].pop()
    found = read(changed)
    assert found.boneyard == (lost,)
    assert found.warnings == ("1 strips were on no board; POC put them in the boneyard.",)


def test_dangling_and_repeated_strips_are_told() -> None:
    changed = root()
    group = changed["stripboards"][1]["boards"][0]["breakdownIds"][0]
    group += [group[0], "nowhere"]
    found = read(changed)
    assert len(found.days[0].strips) == 2
    assert found.warnings == (
        "The board names 1 strips the file does not have.",
        "The board has 1 strips twice; POC kept the first place of each.",
    )


def test_a_second_unit_board_is_kept_beside_the_days() -> None:
    changed = root()
    moved = changed["stripboards"][1]["boards"][0]["breakdownIds"][0].pop()
    changed["stripboards"][1]["boards"].append({"name": "second unit", "breakdownIds": [[moved]]})
    found = read(changed)
    assert (found.boneyard, found.warnings) == ((moved,), ())


@pytest.mark.parametrize(
    ("pages", "eighths", "warned"),
    [
        (1.625, 13, False),
        ("1 5/8", 13, False),
        (0, 1, True),
        (None, 1, True),
        (-3, 1, True),
        (0.3, 2, True),
        ("many", 1, True),
        (1e300, 1, True),
        ([1], 1, True),
    ],
)
def test_pages_become_whole_eighths(pages: object, eighths: int, warned: bool) -> None:
    changed = root()
    changed["breakdowns"][1]["pages"] = pages
    found = read(changed)
    assert found.scenes[0].eighths == eighths
    assert bool(found.warnings) == warned


def test_an_omitted_scene_counts_nothing_and_stays() -> None:
    changed = root()
    changed["breakdowns"][1] |= {"pages": 0, "description": "OMITTED"}
    found = read(changed)
    assert (found.scenes[0].eighths, found.warnings) == (0, ())


@pytest.mark.parametrize(
    ("written", "eighths"),
    [("2 4/8", 20), ("2-4/8", 20), ("4/8", 4), ("2", 16), ("2.5", 20), ("2 ½", 20), ("⅛", 1)],
)
def test_page_counts_are_read_as_people_write_them(written: str, eighths: int) -> None:
    assert eighths_of(written) == eighths


@pytest.mark.parametrize("written", ["", "x", "1/0", "-1", "1 2 3/8", None, True, float("nan")])
def test_what_is_no_page_count_is_none(written: object) -> None:
    assert eighths_of(written) is None


@pytest.mark.parametrize(
    "broken",
    [b"", b"{", b"[]", b"{}", b"null", b'{"universalScheduleStandard": 3}', b"[" * 100_000],
)
def test_what_is_no_schedule_is_refused(broken: bytes) -> None:
    with pytest.raises(Refused):
        uss.read(broken)


def test_names_come_through_as_they_are() -> None:
    naughty = json.loads((DATA / "text/naughty-strings.json").read_text("utf-8"))
    changed = root()
    prop = changed["elements"][0]
    changed["elements"] += [
        prop | {"id": f"n{place}", "name": name} for place, name in enumerate(naughty)
    ]
    assert [one.name for one in read(changed).elements[-len(naughty) :]] == naughty


def test_no_name_holds_what_a_database_cannot() -> None:
    changed = root()
    changed["project"] = "Night\0 Train \ud800"
    assert read(changed).title == "Night Train "


def test_more_warnings_than_anyone_reads_are_counted() -> None:
    changed = root()
    changed["breakdowns"] += [{"id": f"s{place}", "scene": str(place)} for place in range(60)]
    found = read(changed)
    assert len(found.warnings) == 51
    assert found.warnings[-1] == "11 more warnings are not shown."


def test_thirty_thousand_scenes_take_seconds() -> None:
    changed = root()
    changed["breakdowns"] += [{"id": f"s{place}", "pages": 1} for place in range(30_000)]
    begun = time.monotonic()
    assert len(read(changed).boneyard) == 30_000
    assert time.monotonic() - begun < 10
