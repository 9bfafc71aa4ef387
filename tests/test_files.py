"""Every real file is read as its facts say or refused in a sentence, and so is every broken one."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from poc.files import Contacts, Refused, Schedule, check, read, sniff
from tests.crew.test_tables import FULL, book

DATA = Path(__file__).parent / "data"
FACTS = json.loads((DATA / "facts.json").read_text("utf-8"))
FILES = sorted(FACTS)
KEYS = [
    "format",
    "scenes",
    "scene_numbers",
    "strips",
    "banners",
    "days",
    "eighths",
    "cast",
    "elements",
    "estimated",
    "int_ext",
    "characters",
    "revisions",
    "colour",
    "dual_dialogue",
    "omitted",
    "notes",
    "people",
    "warnings",
]
# A Fountain file may be two words that only its name tells from any others.
SEEDS = {
    path: (DATA / path).read_bytes()
    for path in FILES
    if len(path) < 60 and FACTS[path]["kind"] != "fountain"
} | {
    "a.fountain": b"INT. PIER - DAY #1#\n\nANN\nNow.\n\nEXT. QUAY - NIGHT #2#\n\nRain.\n",
    "crew.csv": FULL.encode(),
    "crew.xlsx": book([["Name", "Phone"], ["Ann", 123], ["Bob", 456]]),
}


def the(path: str) -> bytes:
    return (DATA / path).read_bytes()


def outcome(raw: bytes, name: str) -> str:
    """What the door says of a file: its kind, or the sentence that refuses it."""
    try:
        told = check(raw, name)
    except Refused as refusal:
        return str(refusal)
    json.dumps(told)
    assert list(told) == KEYS
    return str(told["format"])


@pytest.mark.parametrize("path", FILES)
def test_every_real_file_is_read_or_refused_in_a_sentence(path: str) -> None:
    told = outcome(the(path), Path(path).name)
    kind = FACTS[path]["kind"]
    if kind in ("uss", "vcard", "fdx", "fountain"):
        assert told == kind
    elif path.endswith("jcard-example.json"):
        assert told == "jcard"
    elif path.startswith("scripts/scripttool/") and path.endswith(".txt"):
        assert told == "fountain"  # typed as scripts are, only under another name
    else:
        assert told.endswith(".")
        assert len(told) < 800


@pytest.mark.parametrize("path", [path for path in FILES if FACTS[path]["kind"] == "uss"])
def test_the_check_of_a_schedule_is_its_facts(path: str) -> None:
    told, facts = check(the(path), path), FACTS[path]
    assert told["format"] == "uss"
    assert told["scenes"] == facts["breakdowns"]["scene"]
    assert told["banners"] == facts["breakdowns"]["banner"]
    assert told["strips"] == sum(facts["breakdowns"].values())
    assert told["scene_numbers"] == facts["scene_numbers"]
    assert told["eighths"] == facts["pages_eighths"]
    assert told["elements"] == facts["elements_by_category"]
    assert (told["people"], told["warnings"]) == (0, [])


def test_the_check_of_the_real_schedule_has_its_days_and_cast() -> None:
    path = "schedules/uss/schedule-days-01-18.uss"
    told, facts = check(the(path), path), FACTS[path]
    assert told["days"] == [
        {"date": day["date"], "eighths": day["eighths"]} for day in facts["days"]
    ]
    assert told["cast"] == [
        {"name": name.partition(" ")[2], "work_days": fact["worked"]}
        for name, fact in facts["cast_work_days"].items()
    ]


@pytest.mark.parametrize("path", [path for path in FILES if FACTS[path]["kind"] == "vcard"])
def test_the_check_of_cards_counts_people(path: str) -> None:
    told = check(the(path), path)
    assert told["people"] == FACTS[path]["cards"]
    assert (told["scenes"], told["days"], told["cast"], told["elements"]) == (0, [], [], {})


@pytest.mark.parametrize("path", [path for path in FILES if FACTS[path]["kind"] == "omc-json"])
def test_omc_is_refused_by_its_name(path: str) -> None:
    with pytest.raises(Refused, match="This is MovieLabs OMC data"):
        read(the(path), path)


def test_a_file_is_known_by_its_content_whatever_its_name() -> None:
    for path, raw in SEEDS.items():
        assert sniff(raw, "") == sniff(raw, Path(path).name)
    assert isinstance(read(the("schedules/uss/small_sample_schedule.uss"), "a.csv"), Schedule)
    assert isinstance(read(SEEDS["crew.xlsx"], "crew"), Contacts)


@pytest.mark.parametrize(
    ("raw", "name", "sentence"),
    [
        (b"", "crew.csv", "This file is empty"),
        (b" \r\n\t", "crew.csv", "This file is empty"),
        (b"\0\0\0\0", "crew.csv", "not text"),
        (b"\x01\x02\x03\x04 \x05\x06", "x", "not text"),
        (b"%PDF-1.7", "crew.pdf", "This is a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1", "crew.xls", "old Excel"),
        (b"PK\x03\x04 mimetype", "a.ods", "packed file"),
        (b'<?xml version="1.0"?><FinalDraft>', "a.fdx", "breaks off at line 1"),
        (b"<FinalDraft/>", "a.fdx", "holds no script"),
        (b"<html>", "a.html", "XML or web page"),
        (b"BEGIN:VCALENDAR\n", "a.ics", "calendar"),
        (b"BEGIN:VEVENT\n", "a.ics", "calendar"),
        (b'{"a": 1}', "a.json", "neither a USS schedule nor a jCard"),
        (b'{"a": ', "a.json", "breaks off"),
        (b'{"universalScheduleStandard": []}', "a.uss", "no USS breakdowns"),
        (b"[Crew],Phone\nAnn,1", "crew.csv", "no column"),
        (b"9" * 5000, "a.uss", "no column"),
        (b"[" + b"9" * 5000 + b"]", "a.uss", "a number in it is too long"),
        (b"[" * 400_000, "a.json", "nested too deep"),
        (b"[" * 600_000, "a.json", "more parts than any schedule"),
        (b"x" * (32 * 1024 * 1024 + 1), "a.csv", "32 MB"),
    ],
)  # fmt: skip
def test_what_poc_cannot_read_is_refused_by_name(raw: bytes, name: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        check(raw, name)


@pytest.mark.parametrize(
    "raw",
    [
        b",\n" * 16_000_000,
        b"\n" * 32_000_000,
        b'"' * 32_000_000,
        b"Name,Phone\n" + b"1234567;" * 4_000_000,
        b"BEGIN:VCARD\n" * 2_600_000,
        b"BEGIN:VCARD\nFN:" + b"=" * 30_000_000,
        b'["vcard",[' + b'["fn",{},"text","A"],' * 100_000 + b'["fn",{},"text","A"]]]',
    ],
    ids=["commas", "lines", "quotes", "cells", "cards", "equals", "jcard"],
)
def test_a_file_full_of_nothing_takes_bounded_time(raw: bytes) -> None:
    begun = time.monotonic()
    outcome(raw, "x")
    assert time.monotonic() - begun < 20


@st.composite
def broken_files(draw: st.DrawFn) -> tuple[bytes, str]:
    """A real file with pieces cut, doubled, swapped for others' pieces or for any bytes at all."""
    name = draw(st.sampled_from(sorted(SEEDS)))
    raw = bytearray(SEEDS[name])
    for _ in range(draw(st.integers(1, 6))):
        begin = draw(st.integers(0, len(raw)))
        end = min(len(raw), begin + draw(st.integers(0, 400)))
        other = SEEDS[draw(st.sampled_from(sorted(SEEDS)))]
        where = draw(st.integers(0, len(other)))
        raw[begin:end] = draw(
            st.one_of(
                st.just(b""),
                st.binary(max_size=40),
                st.just(bytes(raw[begin:end]) * 2),
                st.just(other[where : where + 200]),
                st.sampled_from(
                    [b"null", b"[]", b"{}", b"-1", b"1e999", b'"\\ud800"', b"NaN", b"9" * 5000]
                ),
            )
        )
    return bytes(raw), draw(st.sampled_from([Path(name).name, "", "x.csv", "x.uss", "x.xlsx"]))


@given(broken_files())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_broken_file_is_read_or_refused_but_never_fails(broken: tuple[bytes, str]) -> None:
    assert outcome(*broken)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=6,
)


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_schedule_with_any_value_anywhere_is_read_or_refused(draws: st.DataObject) -> None:
    found = json.loads(the("schedules/uss/small_sample_schedule.uss"))
    for _ in range(draws.draw(st.integers(1, 4))):
        place: dict[str, object] | list[object] = found
        while place:
            key = draws.draw(
                st.sampled_from(list(place) if isinstance(place, dict) else range(len(place)))
            )
            inner = place[key]  # type: ignore[index,call-overload]
            if not isinstance(inner, dict | list) or not inner or draws.draw(st.booleans()):
                place[key] = draws.draw(JSON)  # type: ignore[index,call-overload]
                break
            place = inner
    assert outcome(json.dumps(found).encode(), "x.uss")


@given(st.text(), st.sampled_from(["BEGIN:VCARD\nFN:A\n", "Name,Phone,Email\n", "[", "{", ""]))
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_text_is_read_or_refused(text: str, head: str) -> None:
    assert outcome((head + text).encode("utf-8", "surrogatepass"), "x.csv")
