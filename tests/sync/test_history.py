"""The history of a record: who changed what, when, from what; and what was kept aside."""

from __future__ import annotations

import pytest

from sync import Journal
from sync.history import Aside, Entry
from tests.sync import film
from tests.sync.film import drop, make, put, results, send, together


@pytest.fixture
def seen(office: Journal) -> int:
    """A scene everybody has seen: the number up to which they have."""
    send(office, "ann", make("a.1", "s1", number="1", heading="INT. KITCHEN", eighths=8))
    return office.stand()


def lines(office: Journal, record: str = "s1") -> list[tuple[str, str, str, object, object]]:
    """Say who did what with which field, from what to what."""
    told = office.history(record)
    return [(one.person, one.do, one.field, one.before, one.after) for one in told]


def test_a_history_begins_with_who_made_the_record(office: Journal, seen: int) -> None:
    (made,) = office.history("s1")
    assert (made.do, made.kind, made.person, made.device) == ("create", "scene", "ann", "ann-phone")
    assert (made.field, made.before, made.after) == ("", None, None)


def test_every_change_says_what_it_replaced(office: Journal, seen: int) -> None:
    send(office, "ann", put("a.2", "s1", "heading", "INT. BAR", seen))
    send(office, "ben", put("b.1", "s1", "heading", "INT. PUB", office.stand()))
    send(office, "ben", put("b.2", "s1", "place", "1", office.stand()))
    assert lines(office)[1:] == [
        ("ann", "set", "heading", "INT. KITCHEN", "INT. BAR"),
        ("ben", "set", "heading", "INT. BAR", "INT. PUB"),
        ("ben", "set", "place", None, "1"),
    ]


def test_values_are_told_as_they_were_stored(office: Journal, seen: int) -> None:
    send(office, "ann", put("a.2", "s1", "eighths", " 12 ", seen))
    send(office, "ann", put("a.3", "s1", "heading", "", office.stand()))
    assert lines(office)[1:] == [
        ("ann", "set", "eighths", 8, 12),
        ("ann", "set", "heading", "INT. KITCHEN", None),
    ]


def test_it_says_when_a_change_was_made_and_when_it_reached_the_office(
    office: Journal, seen: int
) -> None:
    late = {**put("a.2", "s1", "heading", "INT. BAR", seen), "at": "2026-11-23T09:30:00Z"}
    send(office, "ann", late, sent_at="2026-11-23T11:00:00Z")
    told = office.history("s1")[-1]
    assert told.at == "2026-11-23T10:30:00Z"
    assert told.received_at == "2026-11-23T12:00:00Z"


def test_what_changed_nothing_is_no_line(office: Journal, seen: int) -> None:
    send(office, "ben", put("b.1", "s1", "heading", "INT. KITCHEN", seen))
    refused = send(office, "ben", put("b.2", "s1", "eighths", 0, seen))
    assert results(refused) == ["rejected"]
    assert len(lines(office)) == 1


def test_what_the_office_wrote_by_itself_says_so(office: Journal, seen: int) -> None:
    with office.desk() as desk:
        desk.set("scene", "s1", fingerprint="f1")
    told = office.history("s1")[-1]
    assert (told.person, told.device, told.after) == ("office", "office", "f1")


def test_a_record_removed_and_made_anew_tells_both_lives(office: Journal, seen: int) -> None:
    send(office, "ann", drop("a.2", "s1", seen))
    send(office, "ben", make("b.1", "s1", base=office.stand(), number="1"))
    send(office, "ben", put("b.2", "s1", "heading", "INT. BAR", office.stand()))
    assert lines(office)[1:] == [
        ("ann", "delete", "", None, None),
        ("ben", "create", "", None, None),
        ("ben", "set", "heading", None, "INT. BAR"),
    ]


def test_the_members_of_a_group_are_lines_of_their_own_records(office: Journal, seen: int) -> None:
    group = together("a.2", put("a.3", "s1", "place", "2", seen), make("a.4", "s2", number="2"))
    send(office, "ann", group)
    assert lines(office)[1:] == [("ann", "set", "place", None, "2")]
    assert lines(office, "s2") == [("ann", "create", "", None, None)]


def test_a_value_that_collided_is_told_beside_the_one_that_stood(
    office: Journal, seen: int
) -> None:
    send(office, "ann", put("a.2", "s1", "eighths", 9, seen))
    send(office, "ben", put("b.1", "s1", "eighths", 10, seen))
    told = office.history("s1")[-1]
    assert (told.do, told.field, told.before, told.after) == ("aside", "eighths", 9, 10)
    assert (told.person, told.device) == ("ben", "ben-phone")
    assert told.aside == Aside(clash_of(told), "set")


def test_a_settled_clash_says_how_and_by_whom(office: Journal, seen: int) -> None:
    send(office, "ann", put("a.2", "s1", "heading", "INT. BAR", seen))
    send(office, "ben", put("b.1", "s1", "heading", "INT. PUB", seen))
    clash = clash_of(office.history("s1")[-1])
    use = put("a.3", "s1", "heading", "INT. PUB", office.stand())
    settle = put("a.4", clash, "settled", "late", office.stand(), kind="clash")
    assert results(send(office, "ann", together("a.5", use, settle)))[0] == "applied"
    aside, after = office.history("s1")[-2:]
    assert aside.aside == Aside(clash, "set", "late", "ann", "2026-11-23T12:00:00Z")
    assert (after.before, after.after) == ("INT. BAR", "INT. PUB")


def test_a_removal_that_collided_is_kept_aside_too(office: Journal, seen: int) -> None:
    send(office, "ann", put("a.2", "s1", "heading", "INT. BAR", seen))
    send(office, "ben", drop("b.1", "s1", seen))
    told = office.history("s1")[-1]
    assert told.aside is not None
    assert (told.do, told.aside.do, told.field, told.after) == ("aside", "delete", "", None)


def test_a_group_that_collided_is_told_where_it_did(office: Journal, seen: int) -> None:
    send(office, "ann", put("a.2", "s1", "place", "1", seen))
    send(office, "ben", together("b.1", put("b.2", "s1", "place", "2", seen), make("b.3", "s3")))
    assert lines(office)[-1] == ("ben", "aside", "place", "1", "2")
    assert lines(office, "s3") == []


def test_a_record_made_twice_tells_what_of_the_second_was_taken(office: Journal, seen: int) -> None:
    send(office, "ben", make("b.1", "s1", number="1", heading="INT. PUB", place="4"))
    assert lines(office)[1:] == [
        ("ben", "set", "place", None, "4"),
        ("ben", "aside", "heading", "INT. KITCHEN", "INT. PUB"),
    ]
    send(office, "ann", put("a.2", "s1", "place", "5", office.stand()))
    assert lines(office)[-1] == ("ann", "set", "place", "4", "5")


def test_two_people_who_fill_in_different_fields_of_one_new_record_both_stand(
    office: Journal, seen: int
) -> None:
    send(office, "ben", make("b.1", "s1", number="1", place="4"))
    assert lines(office)[1:] == [("ben", "set", "place", None, "4")]


def test_a_record_nobody_ever_made_has_no_history(office: Journal) -> None:
    assert office.history("nothing") == []


def test_the_last_line_of_every_field_is_what_stands(office: Journal, seen: int) -> None:
    for number, (who, place) in enumerate([("ann", "1"), ("ben", "2"), ("ann", None), ("ben", "")]):
        send(office, who, put(f"{who}.{number + 5}", "s1", "place", place, office.stand()))
        send(office, who, put(f"{who}.{number + 50}", "s1", "eighths", number + 1, office.stand()))
    said = {one.field: one.after for one in office.history("s1")}
    stands = film.row(office, "s1")
    assert {name: stands[name] for name in ("place", "eighths")} == {
        name: said[name] for name in ("place", "eighths")
    }


def clash_of(entry: Entry) -> str:
    assert entry.aside is not None
    return entry.aside.clash
