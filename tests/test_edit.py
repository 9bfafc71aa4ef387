"""A form means the same in the office and on the phone, and so does every value in it."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Table, Text

from poc import AREAS, edit
from poc.book import Book
from poc.demo import COORDINATOR, NightFerry
from sync import Change, Kind, Refused, kind_of
from sync.fit import fit
from sync.former import former
from tests import stage
from tests.test_doors import BASE, Enter, one

ON_BOTH = True

RUNNER = Path(__file__).parent / "node" / "edits.mjs"
KINDS = Book(AREAS).kinds
TYPES = {
    name: {f: "number" if f in kind.numbers else "text" for f in kind.fields}
    for name, kind in KINDS.items()
}
NOW = "2026-04-13T21:14:00Z"
ME = "marta"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
MADE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")

ROWS: dict[str, dict[str, Any]] = {
    "shoot_day d12": {"id": "d12", "general_call": "06:00", "notes": None, "lunch_minutes": 60},
    "strip s1": {"id": "s1", "place": "d12 000100", "minutes": 0},
    "strip s2": {"id": "s2", "place": "d12 000200", "minutes": None},
    "call d12.Make-up": {"id": "d12.Make-up", "time": "05:00", "department": "Make-up"},
}

Job = dict[str, Any]
Ask = Callable[[Job], Any]


@pytest.fixture(scope="session")
def phone() -> Iterator[Ask]:
    """Start the modules of the worker that take edits, in Node."""
    command = [stage.node(), "--no-warnings", str(RUNNER)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:

        def ask(job: Job) -> Any:
            assert running.stdin and running.stdout
            running.stdin.write(json.dumps(job).encode() + b"\n")
            running.stdin.flush()
            return json.loads(running.stdout.readline())

        yield ask


def in_the_office(form: dict[str, str], kind: str, record: str) -> Any:
    wires = edit.changes(form, kind, record, KINDS, lambda k, r: ROWS.get(f"{k} {r}"), ME)
    return plain(wires)


def on_the_phone(phone: Ask, form: dict[str, str], kind: str, record: str) -> Any:
    about = {"kinds": TYPES, "rows": ROWS, "me": ME, "now": NOW}
    return plain(phone({"form": form, "kind": kind, "record": record, **about}))


def plain(wires: Any) -> Any:
    """Let the moment and the names that are made on the way be the same everywhere."""
    return json.loads(MADE.sub("made", MOMENT.sub(NOW, json.dumps(wires))))


def change(do: str, kind: str, record: str, **rest: Any) -> dict[str, Any]:
    return {"do": do, "kind": kind, "record": record, "base": 0, "at": NOW, **rest}


DAY = ("shoot_day", "d12")
FORMS: list[tuple[str, dict[str, str], tuple[str, str], list[dict[str, Any]]]] = [
    ("nothing typed", {}, DAY, []),
    ("nothing changed", {"general_call": "06:00", "notes": "", "lunch_minutes": "60"}, DAY, []),
    (
        "one field",
        {"general_call": "07:00", "notes": ""},
        DAY,
        [change("set", *DAY, field="general_call", value="07:00")],
    ),
    (
        "a field emptied",
        {"general_call": " ", "seen": "41"},
        DAY,
        [change("set", *DAY, field="general_call", value=None, base=41)],
    ),
    (
        "a zero is a value",
        {"lunch_minutes": "0"},
        DAY,
        [change("set", *DAY, field="lunch_minutes", value="0")],
    ),
    ("a zero as it was", {"minutes": "0"}, ("strip", "s1"), []),
    (
        "lines and blanks",
        {"notes": "  a\r\nb \n"},
        DAY,
        [change("set", *DAY, field="notes", value="a\nb")],
    ),
    (
        "a new record",
        {"name": "Quay", "address": "", "back": "/p/x/", "label": "Quay"},
        ("location", ""),
        [change("create", "location", "made", value={"name": "Quay"})],
    ),
    ("a new record of nothing", {"name": " ", "address": ""}, ("location", ""), []),
    (
        "a record under a name of its own",
        {"time": "04:45", "shoot_day": "d12"},
        ("call", "d12.Catering"),
        [change("create", "call", "d12.Catering", value={"time": "04:45", "shoot_day": "d12"})],
    ),
    (
        "fields nobody knows",
        {"seq": "9", "gone": "1", "id": "x", "budget": "1", "__proto__": "x", "constructor": "y"},
        DAY,
        [],
    ),
    (
        "other records",
        {"strip.s1.place": "d12 000150", "strip.s2.place": "d12 000200", "notes": "x"},
        DAY,
        [
            change("set", *DAY, field="notes", value="x"),
            change("set", "strip", "s1", field="place", value="d12 000150"),
        ],
    ),
    (
        "a record with dots in its name",
        {"call.d12.Make-up.time": "04:30", "call.d12.Hair.time": "04:40"},
        DAY,
        [
            change("set", "call", "d12.Make-up", field="time", value="04:30"),
            change("create", "call", "d12.Hair", value={"time": "04:40"}),
        ],
    ),
    (
        "a kind nobody knows",
        {"budget.b1.total": "1", "toString.b1.name": "1", "strip.s1.budget": "1", "x.place": "y"},
        DAY,
        [],
    ),
    (
        "all or nothing",
        {"strip.s1.place": "boneyard 1", "strip.s2.place": "boneyard 2", "together": "1"},
        DAY,
        [
            {
                "do": "group",
                "at": NOW,
                "changes": [
                    change("set", "strip", "s1", field="place", value="boneyard 1"),
                    change("set", "strip", "s2", field="place", value="boneyard 2"),
                ],
            }
        ],
    ),
    (
        "what is new comes after what it builds on",
        {"subject": "call_sheet", "shoot_day.d12.notes": "Rain", "together": "1"},
        ("publication", ""),
        [
            {
                "do": "group",
                "at": NOW,
                "changes": [
                    change("set", *DAY, field="notes", value="Rain"),
                    change("create", "publication", "made", value={"subject": "call_sheet"}),
                ],
            }
        ],
    ),
    (
        "one alone is no group",
        {"strip.s1.place": "boneyard 1", "together": "1"},
        DAY,
        [change("set", "strip", "s1", field="place", value="boneyard 1")],
    ),
    ("taken away", {"away": "1", "general_call": "07:00"}, DAY, [change("delete", *DAY)]),
    (
        "taken away with its strips",
        {"away": "1", "strip.s1.place": "boneyard 1", "together": "1", "seen": "7"},
        DAY,
        [
            {
                "do": "group",
                "at": NOW,
                "changes": [
                    change("delete", *DAY, base=7),
                    change("set", "strip", "s1", field="place", value="boneyard 1", base=7),
                ],
            }
        ],
    ),
    (
        "now and me",
        {"at": "@now", "by": "@me", "how": "@you", "publication": "me@now"},
        ("receipt", "r1"),
        [
            change(
                "create",
                "receipt",
                "r1",
                value={"at": NOW, "by": ME, "how": "@you", "publication": "me@now"},
            )
        ],
    ),
    ("seen is no number", {"seen": "x1", "notes": ""}, DAY, []),
]


@pytest.mark.parametrize(
    ("form", "about", "expected"), [one[1:] for one in FORMS], ids=[one[0] for one in FORMS]
)
def test_a_form_is_the_same_changes_on_both_sides(
    form: dict[str, str], about: tuple[str, str], expected: list[Job], phone: Ask
) -> None:
    assert in_the_office(form, *about) == expected
    assert on_the_phone(phone, form, *about) == expected


@pytest.mark.parametrize("seen", ["²", "٣", "-1", "1.0", "", "99999999999999999999", "0x1", " 1"])
def test_what_was_seen_is_plain_digits_or_nothing(seen: str, phone: Ask) -> None:
    form = {"seen": seen, "notes": "x"}
    (here,) = in_the_office(form, *DAY)
    assert here == on_the_phone(phone, form, *DAY)[0]
    assert isinstance(here["base"], int)


NAMES = st.one_of(
    st.sampled_from(
        ["general_call", "notes", "lunch_minutes", "seen", "away", "together", "back", "strip"]
    ),
    st.sampled_from(["strip.s1.place", "strip.s2.minutes", "call.d12.Make-up.time", "call..time"]),
    st.text("ab.@_", max_size=6),
)
VALUES = st.one_of(
    st.sampled_from(["", "06:00", "60", "0", "@now", "@me", "1"]), st.text(max_size=8)
)
ABOUT = [DAY, ("strip", "s1"), ("strip", "")]


@given(st.dictionaries(NAMES, VALUES, max_size=7), st.sampled_from(ABOUT))
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_form_is_the_same_changes_on_both_sides(
    phone: Ask, form: dict[str, str], about: tuple[str, str]
) -> None:
    assert on_the_phone(phone, form, *about) == in_the_office(form, *about)


def fitted(field: str, value: object) -> dict[str, Any]:
    try:
        return {"value": fit(KINDS["shoot_day"], field, value)}
    except Refused as refused:
        return {"say": refused.say}


VALUES_TO_FIT: list[object] = [
    *[None, "", " ", "7", " 7 ", "-7", "+7", "007", "-0", "--7", "7.0", "1e3", "0x7", "seven"],
    *[
        "9007199254740991",
        "9007199254740992",
        "-9007199254740992",
        "9" * 19,
        "9" * 40,
        "\u0667",
        "\uff17",
    ],
    *[0, 7, -7, 2**53 - 1, 2**53, True, False, [], {}, ["7"], "\ufeff7", "\x857", "\x1c7", "7\n"],
    *["a", "a\0b", "\0", "a\r\nb", "a\rb", "é", "e\u0301", "👩‍🚀", "\ud800", "a\udfffb", "\u2028"],
    *["x" * 500_000, "x" * 500_001, "👩" * 250_001, "דנה", "\x7f\x1b[0m"],
]


@pytest.mark.parametrize("field", ["notes", "lunch_minutes"])
@pytest.mark.parametrize("value", VALUES_TO_FIT, ids=lambda value: repr(value)[:20])
def test_a_value_fits_alike_on_both_sides(field: str, value: object, phone: Ask) -> None:
    job = {"type": TYPES["shoot_day"][field], "field": field, "value": value}
    assert phone(job) == fitted(field, value)


@given(st.sampled_from(["notes", "lunch_minutes"]), st.text(max_size=6) | st.integers(-99, 10**20))
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_value_fits_alike_on_both_sides(phone: Ask, field: str, value: object) -> None:
    job = {"type": TYPES["shoot_day"][field], "field": field, "value": value}
    assert phone(job) == fitted(field, value)


OLD = Table("boat", MetaData(), Column("id", Text), Column("name", Text, info={"was": ("called",)}))
OLD.info["was"] = ("ship", "vessel")
WAITED: list[Job] = [
    {"do": "set", "kind": "boat", "record": "b1", "field": "called", "value": "Ida"},
    {"do": "set", "kind": "ship", "record": "b1", "field": "name", "value": "called"},
    {"do": "set", "kind": "other", "record": "b1", "field": "called", "value": "Ida"},
    {
        "do": "create",
        "kind": "vessel",
        "record": "b1",
        "value": {"called": "Ida", "__proto__": "x"},
    },
    {"do": "create", "kind": "boat", "record": "b1", "value": {"called": "Ida", "name": "Eva"}},
    {"do": "create", "kind": "boat", "record": "b1", "value": {"name": "Eva", "called": "Ida"}},
    {"do": "delete", "kind": "vessel", "record": "b1"},
    {"do": "set", "kind": "constructor", "record": "b1", "field": "toString", "value": ""},
]


def test_f45_an_edit_that_waited_is_read_under_todays_names_on_both_sides(phone: Ask) -> None:
    names = former({"boat": kind_of(OLD)})
    group = {"do": "group", "changes": [{**one, "id": f"p.{n}"} for n, one in enumerate(WAITED)]}
    for edit_of in [*WAITED, group]:
        wire = {"id": "p", **edit_of}
        there = Change.read(phone({"edit": wire, "former": asdict(names)}))
        assert names.today(Change.read(wire)) == there
    read = [names.today(Change.read({"id": "p", **one})) for one in WAITED]
    assert [(one.kind, one.field) for one in read[:3]] == [
        ("boat", "name"),
        ("boat", "name"),
        ("other", "called"),
    ]
    assert [one.value for one in read[4:6]] == [{"name": "Eva"}] * 2


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_f45_a_name_that_was_given_up_is_given_to_nothing_else(kind: Kind) -> None:
    names = former(KINDS)
    assert kind.name not in names.kinds
    assert not names.fields.get(kind.name, {}).keys() & set(kind.fields)


def test_of_a_name_sent_twice_the_later_value_counts_as_on_a_phone(
    ferry: NightFerry, enter: Enter
) -> None:
    form = {"name": ["2nd Unit", "Splinter Unit"]}
    assert enter(COORDINATOR).post(f"{BASE}/unit", data=form).status_code == 303
    assert one(ferry, "select name from unit order by seq desc limit 1") == "Splinter Unit"


def test_a_form_that_repeats_what_stands_writes_nothing(ferry: NightFerry, enter: Enter) -> None:
    browser, day = enter(COORDINATOR), ferry.days[12]
    before = ferry.production.journal.stand()
    call = one(ferry, "select general_call from shoot_day where id = :day", day=day)
    told = browser.post(f"{BASE}/shoot_day/{day}", data={"general_call": call, "weather": ""})
    assert told.status_code == 303
    assert ferry.production.journal.stand() == before


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("general_call", "7:30", "The general call is written like 07:30"),
        ("general_call", "25h", "The general call is written like 07:30"),
        ("date", "14/04/2026", "The date is written like 2026-04-14"),
        ("lunch_minutes", "an hour", "The lunch minutes must be a whole number."),
        ("lunch_minutes", "999", "Lunch takes between 0 and 180 minutes"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence_and_given_back(
    field: str, value: str, sentence: str, ferry: NightFerry, enter: Enter
) -> None:
    form = {field: value, "seen": str(ferry.production.journal.stand())}
    told = enter(COORDINATOR).post(f"{BASE}/shoot_day/{ferry.days[12]}", data=form)
    assert told.status_code == 422
    assert sentence in told.text
    assert value in told.text
