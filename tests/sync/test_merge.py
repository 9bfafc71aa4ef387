"""What becomes of a change: every rule of the merge, one sentence each, on both databases."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from sync import ALL, Change, Journal, Refused, Request, Rule, Scope
from sync.clock import corrected, parse
from sync.fit import fit
from sync.snapshot import image
from tests.sync import film
from tests.sync.device import digest_of, unpack
from tests.sync.film import drop, make, put, results, row, rows, send, together

BROKEN = json.loads('"\\ud83d"')


@pytest.fixture
def seen(office: Journal) -> int:
    """Two scenes everybody has seen: the number up to which they have."""
    send(office, "ann", make("a.1", "s1", number="1", heading="INT. KITCHEN", eighths=8))
    send(office, "ann", make("a.2", "s2", number="2", heading="EXT. PIER", eighths=4))
    return office.stand()


def clashes(office: Journal) -> list[dict[str, Any]]:
    return rows(office, "clash")


# Delivery


def test_a_batch_sent_again_answers_what_it_answered_and_changes_nothing(
    office: Journal, seen: int
) -> None:
    batch = [put("a.3", "s1", "heading", "INT. BAR", seen), make("a.4", "s3", number="3")]
    first = send(office, "ann", *batch)
    stand = office.stand()
    again = send(office, "ann", *batch)
    assert again["results"] == first["results"]
    assert office.stand() == stand
    assert len(rows(office, "echo")) == 3


def test_a_batch_half_of_which_the_office_has_is_completed(office: Journal, seen: int) -> None:
    had, new = put("a.3", "s1", "heading", "INT. BAR", seen), make("a.4", "s3", number="3")
    first = send(office, "ann", had)
    answer = send(office, "ann", had, new)
    assert answer["results"][0] == first["results"][0]
    assert results(answer) == ["applied", "applied"]


def test_two_tabs_sending_one_batch_at_once_apply_it_once(office: Journal, seen: int) -> None:
    batch = [make(f"a.{n}", f"t{n}", number=str(n)) for n in range(20, 30)]
    with ThreadPoolExecutor(4) as tabs:
        answers = list(tabs.map(lambda _: send(office, "ann", *batch), range(4)))
    assert all(answer["results"] == answers[0]["results"] for answer in answers)
    assert len(rows(office, "echo")) == 12


def test_the_rest_of_an_overlong_batch_keeps_waiting(office: Journal) -> None:
    batch = [make(f"a.{n}", f"t{n}", number="1") for n in range(205)]
    assert len(send(office, "ann", *batch)["results"]) == 200
    assert len(send(office, "ann", *batch[200:])["results"]) == 5


def test_a_change_may_rest_on_one_before_it_in_the_same_batch(office: Journal) -> None:
    answer = send(
        office,
        "ann",
        make("a.1", "s1", number="1"),
        put("a.2", "s1", "heading", "INT. BAR", after="a.1"),
    )
    assert results(answer) == ["applied", "applied"]


def test_what_rests_on_a_refused_change_is_answered_too(office: Journal) -> None:
    answer = send(
        office,
        "ann",
        make("a.1", "s1", eighths=-1),
        put("a.2", "s1", "heading", "INT. BAR", after="a.1"),
        make("a.3", "s3", number="3"),
    )
    assert results(answer) == ["rejected", "rejected", "applied"]
    assert [one["id"] for one in rows(office, "scene")] == ["s3"]


POISON: dict[str, object] = {
    "a check": make("p.1", "p", eighths=0),
    "a kind nobody knows": make("p.1", "p", "spaceship", name="x"),
    "a field nobody knows": put("p.1", "s1", "colour", "x", 99),
    "the engine's own field": put("p.1", "s1", "seq", 1, 99),
    "no field": put("p.1", "s1", "", "x", 99),
    "a record nobody made": put("p.1", "nowhere", "heading", "x", 99),
    "a number that is none": put("p.1", "s1", "eighths", "many", 99),
    "a list for a text": put("p.1", "s1", "heading", ["INT."], 99),
    "a broken character": put("p.1", "s1", "heading", f"INT. {BROKEN}", 99),
    "a broken record": put("p.1", f"s{BROKEN}", "heading", "x", 99),
    "an empty character in a name": put("p.1", "s\0", "heading", "x", 99),
    "a field with an empty character": put("p.1", "s1", "head\0ing", "x", 99),
    "far too much text": put("p.1", "s1", "heading", "x" * 500_001, 99),
    "an unknown verb": {"id": "p.1", "do": "explode", "kind": "scene", "record": "s1"},
    "an app from the future": {**make("p.1", "p", number="1"), "v": 99},
    "a version that is none": {**make("p.1", "p", number="1"), "v": "new"},
    "no record": {"id": "p.1", "do": "set", "kind": "scene", "field": "heading"},
    "a base that is none": {**put("p.1", "s1", "heading", "x"), "base": "all"},
    "a group that is none": {"id": "p.1", "do": "group", "changes": 7},
    "a group of nothing readable": {"id": "p.1", "do": "group", "changes": [None]},
    "a group in a group": together("p.1", together("p.2", make("p.3", "p", number="1"))),
    "a new record without fields": {**make("p.1", "p"), "value": None},
    "an after that is none": {**put("p.1", "s1", "heading", "x", -1), "after": {"a": []}},
    "a depth without end": put("p.1", "s1", "heading", json.loads("[" * 900 + "]" * 900), 99),
    "what was refused last time": make("p.1", "p", number="wrapped"),
}


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON)
def test_a_poisoned_change_does_not_block_what_comes_behind_it(
    office: Journal, seen: int, poison: object
) -> None:
    answer = send(office, "ann", poison, make("a.9", "s9", number="9"))
    assert [name for name, _ in answer["results"]] == ["p.1", "a.9"]
    assert results(answer)[0] in ("rejected", "conflict")
    assert results(answer)[1] == "applied"
    assert answer["results"][0][1].get("say", "kept") != ""
    assert row(office, "s1")["heading"] == "INT. KITCHEN"
    assert [one["id"] for one in film.asked(office) if one["id"] == "p.1"] == ["p.1"]


@pytest.mark.parametrize(
    "nameless", [None, 7, [], {}, {"id": 7}, {"id": ""}, {"id": "x" * 121}, {"id": f"a{BROKEN}"}]
)
def test_what_has_no_name_of_its_own_is_left_out(office: Journal, nameless: object) -> None:
    answer = send(office, "ann", nameless, make("a.9", "s9", number="9"))
    assert [name for name, _ in answer["results"]] == ["a.9"]


def test_a_poisoned_rule_field_does_not_block_what_comes_behind_it(office: Journal) -> None:
    send(office, "ann", make("a.1", "c1", "contact", name="Cy", department="art"))
    poison = put("c.1", "c1", "department", ["art"], office.stand(), kind="contact")
    fine = put("c.2", "c1", "name", "Cyd", office.stand(), kind="contact")
    assert results(send(office, "cyd", poison, fine)) == ["rejected", "applied"]


# Merging


def test_of_two_unseen_values_the_first_stays_and_both_are_kept(office: Journal, seen: int) -> None:
    send(office, "ann", put("a.3", "s1", "heading", "INT. BAR", seen))
    answer = send(office, "ben", put("b.1", "s1", "heading", "INT. PUB", seen))
    (clash,) = clashes(office)
    told = {"st": "conflict", "clash": clash["id"], "why": "changed"}
    assert answer["results"] == [["b.1", told]]
    assert row(office, "s1")["heading"] == "INT. BAR"
    assert (clash["kept_value"], clash["kept_by"]) == ("INT. BAR", "ann")
    assert (clash["late_value"], clash["late_by"]) == ("INT. PUB", "ben")
    assert (clash["subject"], clash["about"], clash["field"]) == ("scene", "s1", "heading")


def test_different_fields_of_one_record_are_both_taken(office: Journal, seen: int) -> None:
    send(office, "ann", put("a.3", "s1", "heading", "INT. BAR", seen))
    assert results(send(office, "ben", put("b.1", "s1", "place", "Bar", seen))) == ["applied"]
    assert clashes(office) == []


def test_the_same_value_twice_is_no_clash(office: Journal, seen: int) -> None:
    send(office, "ann", put("a.3", "s1", "eighths", 3, seen))
    assert results(send(office, "ben", put("b.1", "s1", "eighths", " 3 ", seen))) == ["same"]


def test_edits_in_a_row_on_one_device_do_not_clash_with_themselves(
    office: Journal, seen: int
) -> None:
    row_of_edits = [
        put("a.3", "s1", "heading", "INT. BAR", seen),
        put("a.4", "s1", "heading", "INT. PUB", seen, "a.3"),
        put("a.5", "s1", "heading", "INT. INN", seen, "a.4"),
    ]
    assert results(send(office, "ann", *row_of_edits)) == ["applied"] * 3
    assert row(office, "s1")["heading"] == "INT. INN"


def test_an_edit_after_ones_own_clashes_when_somebody_came_between(
    office: Journal, seen: int
) -> None:
    send(office, "ann", put("a.3", "s1", "heading", "INT. BAR", seen))
    send(office, "ben", put("b.1", "s1", "heading", "INT. PUB", office.stand()))
    answer = send(office, "ann", put("a.4", "s1", "heading", "INT. INN", seen, "a.3"))
    assert results(answer) == ["conflict"]


def test_an_edit_of_what_was_removed_is_kept_with_who_removed_it(
    office: Journal, seen: int
) -> None:
    send(office, "ben", drop("b.1", "s1", seen))
    answer = send(office, "ann", put("a.3", "s1", "heading", "INT. BAR", seen))
    (clash,) = clashes(office)
    assert results(answer) == ["conflict"]
    assert [one["id"] for one in rows(office, "scene")] == ["s2"]
    assert (clash["late_value"], clash["late_by"]) == ("INT. BAR", "ann")
    assert (clash["kept_gone"], clash["kept_by"]) == (1, "ben")


def test_removing_what_changed_unseen_leaves_it_and_is_kept(office: Journal, seen: int) -> None:
    send(office, "ann", put("a.3", "s1", "heading", "INT. BAR", seen))
    assert results(send(office, "ben", drop("b.1", "s1", seen))) == ["conflict"]
    (clash,) = clashes(office)
    assert (clash["late_do"], clash["late_by"], clash["kept_by"]) == ("delete", "ben", "ann")
    assert row(office, "s1")["heading"] == "INT. BAR"


def test_removing_after_ones_own_edits_is_taken(office: Journal, seen: int) -> None:
    batch = [
        put("a.3", "s1", "heading", "INT. BAR", seen),
        put("a.4", "s1", "place", "Bar", seen),
        drop("a.5", "s1", seen, "a.4"),
    ]
    assert results(send(office, "ann", *batch)) == ["applied"] * 3


def test_removing_after_ones_own_edit_does_not_take_an_unseen_one_along(
    office: Journal, seen: int
) -> None:
    send(office, "ben", put("b.1", "s1", "place", "Pier", seen))
    batch = [put("a.3", "s1", "heading", "INT. BAR", seen), drop("a.4", "s1", seen, "a.3")]
    assert results(send(office, "ann", *batch)) == ["applied", "conflict"]
    assert row(office, "s1")["place"] == "Pier"


def test_removing_twice_is_no_clash(office: Journal, seen: int) -> None:
    send(office, "ann", drop("a.3", "s1", seen))
    assert results(send(office, "ben", drop("b.1", "s1", seen))) == ["same"]


def test_what_was_removed_may_be_made_again_in_one_batch(office: Journal, seen: int) -> None:
    batch = [drop("a.3", "s1", seen), make("a.4", "s1", base=seen, number="1A") | {"after": "a.3"}]
    assert results(send(office, "ann", *batch)) == ["applied", "applied"]
    assert (row(office, "s1")["number"], row(office, "s1")["heading"]) == ("1A", None)
    delta = send(office, "ben", cursor=seen)["records"]
    assert [one[3] for one in delta if one[1] == "s1"] == [{"number": "1A"}]


def test_what_somebody_else_removed_unseen_is_not_made_again(office: Journal, seen: int) -> None:
    send(office, "ben", drop("b.1", "s1", seen))
    assert results(send(office, "ann", make("a.3", "s1", base=seen, number="1A"))) == ["conflict"]
    assert [clash["kept_by"] for clash in clashes(office)] == ["ben"]


def test_two_people_moving_strips_apart_neither_double_nor_lose_one(
    office: Journal, seen: int
) -> None:
    send(office, "ann", put("a.3", "s1", "place", "3", seen), put("a.4", "s2", "place", "1", seen))
    send(office, "ben", put("b.1", "s2", "place", "2", seen), put("b.2", "s1", "place", "3", seen))
    assert [one["place"] for one in rows(office, "scene")] == ["3", "1"]
    assert len(clashes(office)) == 1


def test_a_field_the_office_froze_is_not_changed_by_a_late_edit(office: Journal, seen: int) -> None:
    with office.desk() as desk:
        desk.set("scene", "s1", fingerprint="v1")
    answer = send(office, "ann", put("a.3", "s1", "fingerprint", "mine", office.stand()))
    assert results(answer) == ["rejected"]
    assert row(office, "s1")["fingerprint"] == "v1"


def test_one_number_for_two_scenes_is_kept_twice(office: Journal, seen: int) -> None:
    send(office, "ann", make("a.3", "s3", number="12"))
    assert results(send(office, "ben", make("b.1", "s4", number="12"))) == ["applied"]
    assert [one["number"] for one in rows(office, "scene")].count("12") == 2


def test_a_record_two_people_made_apart_is_one_with_a_clash_where_they_differ(
    office: Journal,
) -> None:
    send(office, "ann", make("a.1", "call.ann", number="1", heading="06:00"))
    answer = send(office, "ben", make("b.1", "call.ann", number="1", heading="07:00", place="Pier"))
    assert results(answer) == ["conflict"]
    one = row(office, "call.ann")
    assert (one["number"], one["heading"], one["place"]) == ("1", "06:00", "Pier")
    (clash,) = clashes(office)
    assert (clash["field"], clash["kept_by"], clash["late_by"]) == ("heading", "ann", "ben")


def test_a_clash_settled_on_two_devices_is_settled_once(office: Journal, seen: int) -> None:
    send(office, "ann", put("a.3", "s1", "heading", "INT. BAR", seen))
    send(office, "ben", put("b.1", "s1", "heading", "INT. PUB", seen))
    clash, stand = clashes(office)[0]["id"], office.stand()
    first = send(office, "ann", put("a.4", clash, "settled", "late", stand, kind="clash"))
    second = send(office, "ben", put("b.2", clash, "settled", "kept", stand, kind="clash"))
    assert (results(first), results(second)) == (["applied"], ["conflict"])
    assert [one["settled"] for one in clashes(office)] == ["late"]


def test_where_the_later_arrival_wins_the_older_value_stays_in_history(
    office: Journal, seen: int
) -> None:
    send(office, "ann", put("a.3", "s1", "remark", "bring tea", seen))
    later = put("b.1", "s1", "remark", "bring rum", seen)
    assert results(send(office, "ben", later)) == ["applied"]
    said = [one.after for one in office.history("s1") if one.field == "remark"]
    assert said == ["bring tea", "bring rum"]


def test_a_base_the_office_never_gave_out_has_seen_nothing(office: Journal, seen: int) -> None:
    send(office, "ann", put("a.3", "s1", "heading", "INT. BAR", seen))
    answer = send(office, "ben", put("b.1", "s1", "heading", "INT. PUB", office.stand() + 1000))
    assert results(answer) == ["conflict"]


# Groups


def test_a_group_is_taken_whole(office: Journal, seen: int) -> None:
    group = together(
        "a.3", put("a.4", "s1", "place", "2", seen), put("a.5", "s2", "place", "1", seen)
    )
    assert results(send(office, "ann", group)) == ["applied"]
    assert [one["place"] for one in rows(office, "scene")] == ["2", "1"]


@pytest.mark.parametrize("bad", ["stale", "refused", "unfit"])
def test_of_a_group_with_one_bad_member_nothing_is_taken(
    office: Journal, seen: int, bad: str
) -> None:
    send(office, "ben", put("b.1", "s2", "place", "9", seen))
    last = {
        "stale": put("a.5", "s2", "place", "1", seen),
        "refused": put("a.5", "s2", "fingerprint", "1", seen),
        "unfit": put("a.5", "s2", "eighths", -1, seen),
    }[bad]
    group = together("a.3", put("a.4", "s1", "place", "2", seen), last)
    answer = send(office, "ann", group, put("a.6", "s2", "heading", "EXT. QUAY", seen))
    assert results(answer) == ["conflict" if bad == "stale" else "rejected", "applied"]
    assert [one["place"] for one in rows(office, "scene")] == [None, "9"]
    assert len(clashes(office)) == (bad == "stale")


def test_a_group_may_build_on_itself(office: Journal, seen: int) -> None:
    group = together(
        "a.3",
        make("a.4", "s3", number="3"),
        put("a.5", "s3", "heading", "INT. BAR", after="a.4"),
        put("a.6", "s3", "heading", "INT. PUB", after="a.5"),
    )
    assert results(send(office, "ann", group)) == ["applied"]
    assert row(office, "s3")["heading"] == "INT. PUB"


@pytest.mark.parametrize("second", ["set", "delete"])
def test_a_group_that_contradicts_itself_is_not_taken_by_half(
    office: Journal, seen: int, second: str
) -> None:
    first = drop("a.4", "s1", seen) if second == "delete" else put("a.4", "s1", "place", "2", seen)
    group = together("a.3", first, put("a.5", "s1", "place", "3", seen))
    assert results(send(office, "ann", group)) == ["conflict"]
    assert row(office, "s1")["place"] is None


def test_every_record_of_a_group_remembers_who_changed_it(office: Journal, seen: int) -> None:
    group = together(
        "a.3", put("a.4", "s1", "place", "2", seen), put("a.5", "s2", "place", "1", seen)
    )
    send(office, "ann", group)
    send(office, "ben", put("b.1", "s2", "place", "9", seen))
    told = [(one.person, one.do) for one in office.history("s2") if one.field == "place"]
    assert told == [("ann", "set"), ("ben", "aside")]
    assert [clash["kept_by"] for clash in clashes(office)] == ["ann"]


def test_an_arrival_that_refuses_takes_back_its_own_change_and_no_other(
    office: Journal, seen: int
) -> None:
    answer = send(
        office,
        "ann",
        put("a.3", "s2", "heading", "EXT. QUAY", seen),
        put("a.4", "s1", "number", "wrapped", seen),
        make("a.5", "s3", number="3"),
    )
    assert results(answer) == ["applied", "rejected", "applied"]
    assert answer["results"][1][1]["say"] == film.WRAPPED
    assert (row(office, "s1")["number"], row(office, "s1")["fingerprint"]) == ("1", None)
    assert rows(office, "contact") == []


def test_a_fault_of_the_office_refuses_one_change_and_blocks_no_other(
    office: Journal, seen: int
) -> None:
    answer = send(
        office,
        "ann",
        put("a.3", "s1", "number", "unlucky", seen),
        make("a.4", "s3", number="3"),
    )
    assert results(answer) == ["rejected", "applied"]
    assert row(office, "s1")["number"] == "1"


# Values


def test_a_check_answers_with_its_own_sentence(office: Journal) -> None:
    answer = send(office, "ann", make("a.1", "s1", eighths=0))
    assert answer["results"] == [["a.1", {"st": "rejected", "why": "invalid", "say": film.EIGHTHS}]]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("12", 12), (" 12 ", 12), (7, 7), (2**53 - 1, 2**53 - 1), ("", None), (None, None)],
)
def test_a_whole_number_is_kept_as_one(office: Journal, typed: object, kept: int | None) -> None:
    assert results(send(office, "ann", make("a.1", "s1", eighths=typed, number="1"))) == ["applied"]
    assert row(office, "s1")["eighths"] == kept


@pytest.mark.parametrize("typed", [1.0, "1.5", "one", True, 2**53, "9" * 30, "٣", "--5", "1e3", {}])
def test_what_is_no_whole_number_is_refused_with_a_sentence(office: Journal, typed: object) -> None:
    answer = send(office, "ann", make("a.1", "s1", eighths=typed))
    assert answer["results"][0][1]["say"] == "The eighths must be a whole number."


def test_empty_characters_go_and_line_ends_are_one_character(office: Journal) -> None:
    send(office, "ann", make("a.1", "s1", heading="INT.\0 BAR\r\nNIGHT 🎬"))
    assert row(office, "s1")["heading"] == "INT. BAR\nNIGHT 🎬"


def test_a_broken_character_is_refused_with_a_sentence(office: Journal) -> None:
    answer = send(office, "ann", make("a.1", "s1", heading=BROKEN))
    assert answer["results"][0][1]["say"] == "The heading holds a broken character."


def test_a_zero_somebody_typed_is_kept_as_typed(office: Journal, seen: int) -> None:
    send(office, "ann", put("a.3", "s1", "eighths", 0, seen))
    (stored,) = [one for one in film.asked(office) if one["id"] == "a.3"]
    assert stored["wire"]["value"] == 0


def test_nothing_but_empty_characters_is_nothing() -> None:
    assert fit(film.KINDS["scene"], "heading", "\0") is None


# Clocks


@pytest.mark.parametrize(
    "clock",
    [None, "yesterday", 7, "", "1970-01-01T00:00:00Z", "2036-11-23T12:00:00Z", "9999-12-31"],
)
def test_no_clock_decides_anything(office: Journal, seen: int, clock: object) -> None:
    late = put("b.1", "s1", "heading", "INT. PUB", seen) | {"at": clock}
    send(office, "ann", put("a.3", "s1", "heading", "INT. BAR", seen))
    assert results(send(office, "ben", late, sent_at=clock)) == ["conflict"]
    assert row(office, "s1")["heading"] == "INT. BAR"


def test_the_time_shown_is_as_long_ago_as_the_device_says() -> None:
    wrong = ("2036-01-01T10:00:00Z", "2036-01-01T10:40:00Z")
    assert corrected(*wrong, film.NOON) == "2026-11-23T11:20:00Z"


@pytest.mark.parametrize("made", ["0001-01-01T00:00:00Z", "1970-01-01", "0001-01-01T00:00+23:59"])
def test_the_time_shown_can_always_be_read(made: str) -> None:
    shown = corrected(made, "2026-11-23T12:00:00Z", film.NOON)
    assert parse(shown) <= film.NOON + timedelta(0)


# Scope


def test_rights_are_those_of_now_and_a_new_role_starts_the_copy_afresh(
    office: Journal, seen: int
) -> None:
    epoch = send(office, "ben")["epoch"]
    with office.desk() as desk:
        desk.set("membership", "ben", role="crew")
    answer = send(office, "ben", put("b.1", "s1", "heading", "INT. PUB", seen), epoch=epoch)
    assert (results(answer), answer["reset"], answer["records"]) == (["rejected"], True, [])
    assert answer["epoch"] > epoch
    assert answer["results"][0][1]["why"] == "permission"


def test_a_revoked_person_gets_nothing_and_what_they_typed_is_kept(
    office: Journal, seen: int
) -> None:
    with office.desk() as desk:
        desk.remove("membership", "ben")
    answer = send(office, "ben", put("b.1", "s1", "heading", "INT. PUB", seen), cursor=1, epoch=3)
    assert (answer["revoked"], answer["records"], results(answer)) == (True, [], ["rejected"])
    (kept,) = [one for one in film.asked(office) if one["id"] == "b.1"]
    assert (kept["person"], kept["wire"]["value"]) == ("ben", "INT. PUB")
    assert "INT." not in str(office.snapshot("ben", {}))


def test_a_person_put_out_while_their_edit_waits_for_the_lock_is_refused(
    office: Journal, seen: int
) -> None:
    edit = put("b.1", "s1", "heading", "INT. PUB", seen)
    with ThreadPoolExecutor(1) as phone:
        with office.desk() as desk:
            desk.remove("membership", "ben")
            request = Request("ben-phone", film.generation(office), 1, seen, changes=[edit])
            waiting = phone.submit(office.exchange, "ben", request)
            assert not _done_soon(waiting)
        answer = json.loads(waiting.result(10))
    assert (results(answer), answer["revoked"]) == (["rejected"], True)


def test_what_leaves_a_persons_scope_is_gone_from_their_copy(office: Journal) -> None:
    send(office, "ann", make("a.1", "c1", "contact", name="Cy", department="art"))
    stand = office.stand()
    send(office, "ann", put("a.2", "c1", "department", "camera", stand, kind="contact"))
    assert send(office, "dan", cursor=stand)["records"] == [["contact", "c1", stand + 1, None]]
    assert send(office, "ben", cursor=stand)["records"][0][3]["department"] == "camera"


def test_what_enters_a_persons_scope_reaches_their_copy(office: Journal) -> None:
    send(office, "ann", make("a.1", "c1", "contact", name="Cy", department="camera"))
    stand = office.stand()
    send(office, "ann", put("a.2", "c1", "department", "art", stand, kind="contact"))
    assert send(office, "dan", cursor=stand)["records"][0][3]["name"] == "Cy"


@pytest.mark.parametrize("move", ["in", "out"])
def test_nobody_moves_a_record_across_the_edge_of_their_scope(office: Journal, move: str) -> None:
    mine, theirs = ("camera", "art") if move == "in" else ("art", "camera")
    send(office, "ann", make("a.1", "c1", "contact", name="Cy", department=mine))
    edit = put("c.1", "c1", "department", theirs, office.stand(), kind="contact")
    assert results(send(office, "cyd", edit)) == ["rejected"]


def test_a_secret_is_in_no_answer_and_no_copy_of_those_who_may_not_see_it(
    office: Journal, seen: int
) -> None:
    with office.desk() as desk:
        desk.create("deal", {"person": "Garbo", "rate": 4_242_424}, "d1")
    edits = [
        put("c.1", "d1", "rate", 1, office.stand(), kind="deal"),
        make("c.2", "d1", "deal", person="x"),
        drop("c.3", "d1", kind="deal"),
        put("c.4", "d1", "heading", "x"),
    ]
    answer = send(office, "cyd", *edits, cursor=1)
    assert results(answer) == ["rejected"] * 4
    for said in (json.dumps(answer), office.snapshot("cyd", {}).decode("latin-1")):
        assert "Garbo" not in said
        assert "4242424" not in said


def test_a_kind_one_may_not_write_cannot_be_made_under_the_name_of_another(
    office: Journal,
) -> None:
    batch = [put("c.1", "x1", "rate", 1, kind="deal"), make("c.2", "x1", "scene", number="1")]
    assert results(send(office, "cyd", *batch)) == ["rejected", "applied"]
    assert (len(rows(office, "deal")), len(rows(office, "scene"))) == (0, 1)


def test_a_rule_that_names_no_field_covers_nothing() -> None:
    assert not Rule({}).covers({"department": "art"})


def test_a_copy_holds_exactly_what_its_person_may_hold(office: Journal, seen: int) -> None:
    send(office, "ann", make("a.3", "c1", "contact", name="Visible", department="art"))
    send(office, "ann", make("a.4", "c2", "contact", name="Hidden", department="camera"))
    send(office, "ann", make("a.5", "c3", "contact", name="Removed", department="art"))
    send(office, "ann", drop("a.6", "c3", office.stand(), kind="contact"))
    send(office, "ann", put("a.7", "s1", "heading", "INT. BAR", office.stand()))
    copy = office.snapshot("dan", {"person": "dan"})
    assert b"Visible" in copy
    assert b"INT. BAR" in copy
    for secret in (b"Hidden", b"Removed", b"KITCHEN", b"coordinator"):
        assert secret not in copy


def test_a_rule_that_names_no_field_copies_nothing(office: Journal, seen: int) -> None:
    nothing = Scope("dan", 1, {"scene": Rule({}), "contact": ALL}, {})
    with office.engine.connect() as connection:
        copy = image(connection, film.KINDS, nothing, film.DDL)
    assert b"KITCHEN" not in copy


def test_a_copy_opens_as_it_is_and_says_where_it_stands(office: Journal, seen: int) -> None:
    copy = sqlite3.connect(":memory:")
    copy.deserialize(office.snapshot("ben", {"person": "ben"}))
    about = dict(copy.execute("select key, value from replica"))
    assert about["person"] == "ben"
    assert about["cursor"] == str(office.stand())
    assert about["generation"] == film.generation(office)
    assert copy.execute("select id, heading from scene order by id").fetchall() == [
        ("s1", "INT. KITCHEN"),
        ("s2", "EXT. PIER"),
    ]
    copy.close()


# Cursors


def test_a_copy_from_another_life_of_the_office_starts_afresh_and_its_edits_overwrite_nothing(
    office: Journal, seen: int
) -> None:
    backup, before = film.back_up(office), film.generation(office)
    send(office, "ben", put("b.1", "s1", "heading", "INT. PUB", seen))
    lost = office.stand()
    film.restore(office, backup)
    send(office, "ann", put("a.9", "s1", "heading", "INT. BAR", seen))
    assert office.stand() == lost, "one number, and two meanings"
    late = put("b.2", "s1", "heading", "INT. INN", lost) | {"generation": before}
    answer = send(office, "ben", late, generation=before, cursor=lost)
    assert (answer["reset"], results(answer)) == (True, [])
    assert results(send(office, "ben", late)) == ["conflict"]
    assert send(office, "ben", cursor=seen + 500)["reset"] is True


def test_f45_an_edit_that_waited_since_a_field_had_another_name_is_taken_under_the_new_one(
    office: Journal, seen: int
) -> None:
    edits = [
        put("p.1", "s1", "site", "Quay 7", seen),
        together("p.2", put("p.3", "s2", "set", "Quay 8", seen)),
        make("p.4", "s4", site="Quay 9", number="4"),
    ]
    assert results(send(office, "ann", *edits)) == ["applied"] * 3
    assert [one["place"] for one in rows(office, "scene")] == ["Quay 7", "Quay 8", "Quay 9"]
    again = send(office, "ben", put("q.1", "s1", "site", "Studio", seen))
    assert results(again) == ["conflict"]
    assert clashes(office)[0]["field"] == "place"


def test_f16_what_was_seen_before_the_backup_is_still_seen_after_it_was_played_back(
    office: Journal, seen: int
) -> None:
    backup, first = film.back_up(office), film.generation(office)
    send(office, "ann", put("a.9", "s1", "place", "Studio B", seen))
    unseen = office.stand()
    film.restore(office, backup)
    second, stands = film.generation(office), film.back_up(office)
    film.restore(office, stands)
    edits = [
        put("b.1", "s1", "heading", "INT. PUB", seen) | {"generation": first},
        put("b.2", "s1", "place", "Studio C", unseen) | {"generation": first},
        together("b.3", put("b.4", "s1", "number", "7", unseen)) | {"generation": second},
        put("b.5", "s1", "eighths", 5, seen) | {"generation": "of another office"},
        put("b.6", "s1", "eighths", 5, seen) | {"generation": ["of nobody"]},
    ]
    answer = send(office, "ben", *edits)
    assert results(answer) == ["applied", "applied", "applied", "conflict", "conflict"]


def test_f16_an_edit_that_was_answered_and_lost_by_a_restore_is_taken_again_and_only_once(
    office: Journal, seen: int
) -> None:
    kept = put("b.1", "s1", "heading", "INT. PUB", seen)
    send(office, "ben", kept)
    backup, first = film.back_up(office), film.generation(office)
    lost = make("b.2", "s9", number="9")
    assert results(send(office, "ben", lost)) == ["applied"]
    film.restore(office, backup)
    again = [one | {"generation": first} for one in (kept, lost)]
    stand = office.stand()
    assert results(send(office, "ben", *again)) == ["applied", "applied"]
    assert results(send(office, "ben", *again)) == ["applied", "applied"]
    assert office.stand() == stand + 2, "the new scene, and the echo of it"
    assert [one["of"] for one in film.rows(office, "echo") if one["of"] == "b.2"] == ["b.2"]


def test_f18_a_digest_says_that_a_copy_is_whole_whatever_its_person_may_hold(
    office: Journal, seen: int
) -> None:
    with office.desk() as desk:
        for n, department in enumerate(("art", "camera", None)):
            desk.create("contact", {"name": str(n), "department": department}, f"c{n}")
        desk.remove("scene", desk.create("scene", {"number": "99"}))
    for person in film.EVERYBODY:
        replica, _ = unpack(office.snapshot(person, {}))
        answer = send(office, person, digest=True)
        assert digest_of(replica) == {k: v for k, v in answer["digest"].items() if v != [0, 0]}
        assert "digest" not in send(office, person)
    assert send(office, "cyd", digest=True)["digest"]["contact"][0] == 1
    assert "deal" not in send(office, "dan", digest=True)["digest"]
    assert "digest" not in send(office, "dan", digest=True, cursor=0), "a copy comes instead"


def test_a_copy_too_far_behind_starts_afresh(office: Journal, seen: int) -> None:
    with office.desk() as desk:
        for n in range(3001):
            desk.create("contact", {"name": str(n), "department": "art"}, f"c{n}")
    assert send(office, "ben", cursor=seen)["reset"] is True
    assert len(send(office, "ben", cursor=seen + 1)["records"]) == 3000


def test_what_commits_late_is_not_missed_by_who_asked_meanwhile(office: Journal, seen: int) -> None:
    with ThreadPoolExecutor(1) as other:
        with office.desk() as desk:
            desk.create("scene", {"number": "3"}, "s3")
            desk.set("scene", "s1", heading="INT. BAR")
            waiting = other.submit(send, office, "ben", make("b.1", "s4", number="4"))
            assert not _done_soon(waiting)
            between = send(office, "ann", cursor=seen)
        waiting.result(10)
    assert (between["records"], between["cursor"]) == ([], seen)
    after = send(office, "ann", cursor=between["cursor"])["records"]
    assert {one[1] for one in after} >= {"s1", "s3", "s4"}


def test_the_office_writes_all_or_nothing(office: Journal, seen: int) -> None:
    def fail() -> None:
        with office.desk() as desk:
            desk.create("scene", {"number": "3"}, "s3")
            raise Refused("The file ends in the middle.")

    with pytest.raises(Refused):
        fail()
    assert office.stand() == seen
    assert len(rows(office, "scene")) == 2


def test_what_the_office_wrote_before_a_batch_stays_when_the_batch_does_not(
    office: Journal,
) -> None:
    with office.desk() as desk:
        desk.create("scene", {"number": "1"}, "s1")
        bad = Change.read(make("a.1", "s2", eighths=0))
        desk.take(Scope("ann", 1, {}, {"scene": ALL}), "web", [bad])
    assert [one["id"] for one in rows(office, "scene")] == ["s1"]


def test_a_depth_that_only_just_arrived_is_answered(office: Journal) -> None:
    for depth in range(900, 0, -1):
        with suppress(RecursionError):
            deep = json.loads("[" * depth + "]" * depth)
            break
    answer = send(office, "ann", put("a.1", "s1", "heading", deep), make("a.2", "s2", number="2"))
    assert results(answer) == ["rejected", "applied"]


def test_a_form_without_a_copy_is_merged_like_everything_else(office: Journal, seen: int) -> None:
    send(office, "ann", put("a.3", "s1", "heading", "INT. BAR", seen))
    late = Change("web.1", "set", "scene", "s1", "heading", "INT. PUB", base=seen)
    ((_, result),) = office.write("ben", "web", [late])
    assert (result.st, row(office, "s1")["heading"]) == ("conflict", "INT. BAR")


def test_opening_an_office_again_leaves_it_as_it_is(office: Journal, seen: int) -> None:
    before = film.generation(office)
    office.begin()
    assert (film.generation(office), office.stand()) == (before, seen)


def test_the_engine_knows_nothing_of_the_office_around_it() -> None:
    code = "import sys, sync; print(*(n for n in ('poc', 'flask', 'jinja2') if n in sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""


def _done_soon(waiting: Future[Any]) -> bool:
    try:
        waiting.result(0.2)
    except TimeoutError:
        return False
    return True
