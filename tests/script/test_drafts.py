"""A draft comes in once, meets the scenes that are here, and says what it changed."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from poc import AREAS
from poc.book import Book
from poc.demo import COORDINATOR, NightFerry
from poc.owner import bring_file, first_records
from poc.productions import Production
from poc.reading import Refused
from poc.script.drafts import Former, changed, moved
from sync import Change
from sync.database import reading

ON_BOTH = True

BOOK = Book(AREAS)
DATA = Path(__file__).parent.parent / "data"
FEATURE = "scripts/feature-skeleton.finaldraft-export.fdx"
USS = "schedules/uss/small_sample_schedule.uss"
WHITE = """Title: Salt & Ash
Draft date: 2026-02-02

INT. PIER - DAY #1#

ANN
We sail at nine.

BOB (V.O.)
Or never.

EXT. QUAY - NIGHT #2#

Rain on the water.

INT. CABIN - NIGHT #3#

Ann sleeps with the light on.

INT. BRIDGE - DAY #4#

BOB
Half ahead.
"""
# 1 has other words and nobody else, 2 is omitted, 4 stands before 3, 5 is new.
BLUE = """Title: Salt & Ash
Draft date: 2026-03-16

INT. PIER - DAY #1#

ANN
We sail at ten.

OMITTED #2#

INT. BRIDGE - DAY #4#

BOB
Half ahead.

INT. CABIN - NIGHT #3#

Ann sleeps with the light on.

EXT. LIGHTHOUSE - DAWN #5#

CARA
Too late.
"""


@pytest.fixture
def film(office: Flask) -> Production:
    """A production with nothing in it but its coordinator."""
    production: Production = office.extensions["poc"].productions.begin("salt-ash")
    first_records(production, "Salt & Ash", "Europe/Lisbon", "Noor Haddad")
    return production


def bring(film: Production, content: str | bytes, name: str = "a.fountain") -> dict[str, int]:
    raw = content.encode() if isinstance(content, str) else content
    return bring_file(film, "noor", raw, name)


def rows(film: Production, sql: str, **about: Any) -> list[Any]:
    with reading(film.engine) as connection:
        return [tuple(row) for row in connection.execute(text(sql), about)]


def typed(film: Production, kind: str, record: str, name: str, value: Any) -> None:
    person = rows(film, "select person from membership")[0][0]
    stand = film.journal.stand()
    change = Change(f"desk.{stand}", "set", kind, record, name, value, stand)
    ((_, result),) = film.journal.write(person, "desk", [change])
    assert result.st == "applied", result


def changes(film: Production) -> dict[str, str]:
    """Say what the draft in force changed, by scene number."""
    query = "select script_change.number, change from script_change join draft_in_force" + (
        " on draft_in_force.id = script_change.draft order by script_order"
    )
    return dict(rows(film, query))


# What a draft brings.


def test_a_feature_comes_in_as_its_facts_say(film: Production) -> None:
    facts = json.loads((DATA / "facts.json").read_text("utf-8"))[FEATURE]
    bring(film, (DATA / FEATURE).read_bytes(), "a.fdx")
    numbers = rows(film, "select number from scene order by script_order")
    assert [number for (number,) in numbers] == facts["scene_numbers"]
    assert rows(film, "select sum(eighths) from scene") == [(facts["length_eighths_sum"],)]
    cast = "select count(*) from element where category = 'Cast Members'"
    assert rows(film, cast) == [(facts["characters"],)]
    assert rows(film, "select colour, number, date from draft") == [("Salmon", 7, "2026-02-22")]
    assert rows(film, "select script_colour from production") == [("Salmon",)]


def test_every_scene_is_on_the_board_or_in_its_boneyard(film: Production) -> None:
    bring(film, WHITE)
    bring(film, BLUE)
    query = "select scene.number from strip join scene on scene.id = strip.scene order by place"
    assert rows(film, query) == [("1",), ("2",), ("3",), ("4",), ("5",)]
    # Board and boneyard together are the script, in which what is omitted has no pages.
    both = (
        "select (select sum(eighths) from day_strip),"
        " (select sum(eighths) from script_scene join draft_in_force on draft_in_force.id = draft)"
    )
    ((board, script),) = rows(film, both)
    assert board == script


def test_a_second_import_adds_nothing(film: Production) -> None:
    for content in (WHITE, BLUE):
        assert bring(film, content)["new"] > 0
        stand = film.journal.stand()
        assert bring(film, content.replace("\n", "\r\n")) == {"new": 0, "changed": 0}
        assert film.journal.stand() == stand


def test_an_older_draft_does_not_come_back_unseen(film: Production) -> None:
    bring(film, WHITE)
    bring(film, BLUE)
    stand = film.journal.stand()
    with pytest.raises(Refused, match="another came after it"):
        bring(film, WHITE)
    assert film.journal.stand() == stand


def test_a_script_without_scenes_is_refused(film: Production) -> None:
    with pytest.raises(Refused, match="no scenes"):
        bring(film, "Once upon a time.\n")


def test_drafts_are_counted_as_their_colours_are(film: Production) -> None:
    for n, named in enumerate(("", "", "Revision: Yellow\n", "", "Revision: Puce\n")):
        bring(film, f"{named}Title: A\n\nINT. PIER - DAY #1#\n\nTake {n}.\n")
    assert rows(film, "select number, colour from draft order by number") == [
        (0, "White"),
        (1, "Blue"),
        (3, "Yellow"),
        (4, "Green"),
        (5, "Puce"),
    ]


def test_a_production_may_have_colours_of_its_own(film: Production) -> None:
    typed(film, "production", "production", "script_colours", "White, Lilac , Mint")
    for n in range(5):
        bring(film, f"INT. PIER - DAY #1#\n\nTake {n}.\n")
    colours = [colour for (colour,) in rows(film, "select colour from draft order by number")]
    assert colours == ["White", "Lilac", "Mint", "Double White", "Double Lilac"]


# Meeting what is here.


def test_scenes_that_a_schedule_brought_are_met_by_their_number(film: Production) -> None:
    bring(film, (DATA / USS).read_bytes(), "a.uss")
    scenes = rows(film, "select id, number, eighths, set_name from scene order by number, id")
    number = next(row[1] for row in scenes if row[1] and [r[1] for r in scenes].count(row[1]) == 1)
    strips = rows(film, "select count(*) from strip")
    bring(film, f"INT. ELSEWHERE - DAY #{number.lower()}#\n\n{'Rain. ' * 900}\n")
    assert (
        rows(film, "select id, number, eighths, set_name from scene order by number, id") == scenes
    )
    assert rows(film, "select count(*) from strip") == strips


def test_a_character_meets_the_cast_member_of_the_schedule(film: Production) -> None:
    with film.journal.desk() as desk:
        cast = {"category": "Cast Members", "number": "7", "name": "Ann (20s)"}
        ann = desk.create("element", cast)
    bring(film, WHITE)
    found = rows(film, "select element.id, element.name from element order by element.name")
    assert found == [(ann, "Ann (20s)"), (found[1][0], "BOB")]
    assert rows(film, "select count(*) from appearance where element = :ann", ann=ann) == [(1,)]


def test_what_a_person_typed_stays_until_a_draft_says_something_new(film: Production) -> None:
    bring(film, WHITE)
    ((pier,),) = rows(film, "select id from scene where number = '1'")
    typed(film, "scene", pier, "set_name", "PIER 9")
    typed(film, "scene", pier, "eighths", 12)
    bring(film, BLUE)
    assert rows(film, "select set_name, eighths from scene where id = :id", id=pier) == [
        ("PIER 9", 12)
    ]
    assert rows(film, "select count(*) from clash") == [(0,)]
    bring(film, BLUE.replace("INT. PIER - DAY", "INT. FERRY - NIGHT"))
    told = rows(film, "select set_name, day_night from scene where id = :id", id=pier)
    assert told == [("PIER 9", "NIGHT")]
    clash = "select field, kept_value, late_value from clash"
    assert rows(film, clash) == [("set_name", "PIER 9", "FERRY")]


def test_nobody_is_taken_out_of_a_scene_for_saying_nothing(film: Production) -> None:
    bring(film, WHITE)
    bring(film, BLUE)
    query = (
        "select element.name from appearance join element on element.id = appearance.element"
        " join scene on scene.id = appearance.scene where scene.number = '1' order by element.name"
    )
    assert rows(film, query) == [("ANN",), ("BOB",)]


def test_an_estimate_takes_the_place_of_an_estimate_and_of_nothing_that_was_counted(
    film: Production,
) -> None:
    with film.journal.desk() as desk:
        desk.create("scene", {"number": "2", "eighths": 9})
    bring(film, WHITE)
    longer = "Rain on the water.\n\n" * 20
    bring(film, WHITE.replace("Rain on the water.\n", longer).replace("Ann sleeps", longer))
    told = rows(
        film, "select number, eighths from scene where number in ('2', '3') order by number"
    )
    assert told == [("2", 9), ("3", 6)]
    assert rows(film, "select count(*) from clash") == [(0,)]


@pytest.mark.parametrize("before", ["", "#3#", "#12#"])
def test_a_renumbered_scene_meets_itself(before: str, film: Production) -> None:
    bring(film, WHITE.replace("#3#", before))
    cabin = rows(film, "select id from scene where set_name = 'CABIN'")
    bring(film, WHITE.replace("#3#", "#3A#"))
    assert rows(film, "select id from scene where number = '3A'") == cabin
    assert changes(film) == {"1": "", "2": "", "3A": "changed", "4": ""}


def test_two_scenes_of_one_number_stay_two(film: Production) -> None:
    twice = "INT. PIER - DAY #1#\n\nOne.\n\nINT. PIER - DAY #1#\n\nTwo.\n"
    bring(film, twice)
    assert rows(film, "select count(distinct scene) from script_scene") == [(2,)]
    bring(film, twice.replace("Two", "Three"))
    assert rows(film, "select count(*) from scene") == [(2,)]


# What a draft changed.


def test_a_draft_says_what_it_changed_of_the_one_before(film: Production) -> None:
    bring(film, WHITE)
    assert set(changes(film).values()) == {""}
    bring(film, BLUE)
    assert changes(film) == {"1": "changed", "2": "omitted", "4": "moved", "3": "", "5": "new"}
    told = "select script_text.changed from script_text join script_scene on words = script_text.id"
    told += " where number = '1' and script_text.superseded = 0"
    assert rows(film, told) == [
        ("- We sail at nine.\n- BOB (V.O.)\n- Or never.\n+ We sail at ten.",)
    ]
    cast = rows(film, "select cast_names, was_cast from script_change where change = 'changed'")
    assert cast == [("ANN", "ANN, BOB")]
    omitted = "select set_name, eighths from scene where number = '2'"
    assert rows(film, omitted) == [("OMITTED", 0)]


def test_a_scene_that_comes_back_has_its_pages_again(film: Production) -> None:
    bring(film, WHITE)
    bring(film, BLUE)
    bring(film, BLUE.replace("OMITTED #2#", "EXT. QUAY - NIGHT #2#\n\nRain on the water."))
    assert changes(film)["2"] == "reinstated"
    assert rows(film, "select set_name, eighths from scene where number = '2'") == [("QUAY", 1)]


def test_what_a_draft_leaves_out_is_named_and_stays_in_the_schedule(film: Production) -> None:
    bring(film, WHITE)
    cut = WHITE.partition("INT. BRIDGE")[0]
    bring(film, cut)
    query = BOOK.queries["script.dropped"].sql
    ((draft,),) = rows(film, "select id from draft_in_force")
    assert [row[1] for row in rows(film, query, draft=draft)] == ["4"]
    assert rows(film, "select gone, eighths from scene where number = '4'") == [(0, 1)]


def test_words_are_kept_once_for_all_drafts_that_have_them(film: Production) -> None:
    bring(film, WHITE)
    assert rows(film, "select count(*), sum(superseded) from script_text") == [(4, 0)]
    bring(film, BLUE)
    # 1 and 2 have other words, 5 has its first; 3 and 4 point at those they had.
    assert rows(film, "select count(*), sum(superseded) from script_text") == [(7, 2)]


@given(st.lists(st.integers(0, 30), unique=True, max_size=20), st.randoms())
def test_scenes_that_did_not_move_keep_their_order(old: list[int], dice: Any) -> None:
    former = [Former(str(n), "", "", 1, False, "", "") for n in old]
    new = [str(n) for n in [*old, 31, 32]]
    dice.shuffle(new)
    gone = moved(new, former)
    stayed = [one for one in new if one not in gone and int(one) < 31]
    assert stayed == [str(n) for n in old if str(n) in stayed]
    assert not moved([str(n) for n in old], former)
    # Taking one scene out and putting it elsewhere moves one scene.
    if len(old) > 1:
        order = [str(n) for n in old]
        order.insert(dice.randrange(len(order)), order.pop(dice.randrange(len(order))))
        assert len(moved(order, former)) <= 1


LINES = st.lists(st.sampled_from(["rain", "wind", "sea", "salt"]), max_size=12).map("\n\n".join)


@given(LINES, LINES)
def test_what_was_taken_out_and_put_in_makes_the_new_words_of_the_old(old: str, new: str) -> None:
    told = changed(old, new).split("\n")
    out = sum(line.startswith("- ") for line in told)
    put = sum(line.startswith("+ ") for line in told)
    assert len(old.split()) - out + put == len(new.split())
    assert (changed(old, new) == "") == (old == new)


# Who holds what.


def test_whoever_has_only_an_older_draft_is_named_first(ferry: NightFerry) -> None:
    query = BOOK.queries["script.holders"].sql

    def held() -> list[tuple[str, str, int]]:
        with reading(ferry.production.engine) as connection:
            found = connection.execute(text(query)).mappings()
            return [(row["name"], row["colour"], row["older"]) for row in found]

    assert held() == [("Seán O'Dowd", "White", 1), ("Astrid Lindqvist", "Blue", 0)]
    with reading(ferry.production.engine) as connection:
        blue = "select handout.id from handout join draft on draft.id = handout.draft"
        copy = connection.execute(text(f"{blue} where colour = 'Blue'")).scalar_one()
    ferry.write(COORDINATOR, "handout", copy, returned="2026-04-13")
    assert [row[:2] for row in held()] == [("Astrid Lindqvist", "White"), ("Seán O'Dowd", "White")]


def test_nobody_but_those_who_plan_holds_a_word_of_the_script(ferry: NightFerry) -> None:
    def held(name: str) -> tuple[bool, bool]:
        image = ferry.production.journal.snapshot(ferry.people[name], {})
        return b"call me. Any hour" in image, b"SARA, INVESTIGATOR RITTON" in image or (
            b"INVESTIGATOR RITTON, SARA" in image
        )

    for name in (COORDINATOR, "Hana Novak", "Dana Farouk"):
        assert held(name) == (True, True), name
    assert held("Pia Lindholm") == (False, True)  # copies pages, from the list of what changed
    for name in ("Owen Price", "Seán O'Dowd", "Ines Okafor", "Astrid Lindqvist", "Vic Mallory"):
        assert held(name) == (False, False), name


def test_a_device_carries_the_words_of_the_draft_in_force_only(ferry: NightFerry) -> None:
    image = ferry.production.journal.snapshot(ferry.people["Dana Farouk"], {})
    assert b"I did not see a face" in image
    assert b"- I don't know." in image  # what Blue took out, as Blue says it
    assert b"  I don't know." not in image
