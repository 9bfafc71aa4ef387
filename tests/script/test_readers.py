"""Scripts are read as their facts say, and what could harm the office is refused in a sentence."""

import json
import time
import zipfile
from collections import Counter
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poc.eighths import eighths_of
from poc.files import Refused, check, read
from poc.script import fdx, fountain
from poc.script.headings import Heading, heading, name_in_cue
from poc.script.lengths import estimated, joined, laid_out
from poc.script.papers import written_date
from poc.script.reading import Paragraph, Scene, Script

DATA = Path(__file__).parent.parent / "data"
FACTS: dict[str, dict[str, Any]] = json.loads((DATA / "facts.json").read_text("utf-8"))
FDX = sorted(path for path, facts in FACTS.items() if facts["kind"] == "fdx")
FOUNTAIN = sorted(path for path, facts in FACTS.items() if facts["kind"] == "fountain")
FEATURE = "scripts/feature-skeleton.finaldraft-export.fdx"
# Where the tiny cases were counted more simply than the Fountain syntax says: a note does not reach
# over a blank line, and a mark of dual dialogue stands last.
BY_SYNTAX = {
    "scripts/afterwriting/client.fountain": {"notes": 1},
    "scripts/screenplain/notes.fountain": {"notes": 7},
    "scripts/screenplay-tools/Notes.fountain": {"notes": 3},
    "scripts/screenplay-tools/Character.fountain": {"characters": 11},
}


def the(path: str) -> bytes:
    return (DATA / path).read_bytes()


def script(path: str) -> Script:
    found = read(the(path), path)
    assert isinstance(found, Script)
    return found


def film(body: str, more: str = "") -> bytes:
    return f"<FinalDraft><Content>{body}</Content>{more}</FinalDraft>".encode()


def scene(text: str = "INT. PIER - DAY", inside: str = "", about: str = "") -> str:
    return f'<Paragraph Type="Scene Heading"{about}>{inside}<Text>{text}</Text></Paragraph>'


def speech(number: int) -> str:
    cue = f'<Paragraph Type="Character"><Text>EXTRA {number}</Text></Paragraph>'
    return (scene() if number % 100 == 0 else "") + cue


# What is in a file.


@pytest.mark.parametrize("path", [*FDX, *FOUNTAIN])
def test_a_script_has_the_scenes_of_its_facts(path: str) -> None:
    told, facts = check(the(path), path), FACTS[path] | BY_SYNTAX.get(path, {})
    assert told["format"] == facts["kind"]
    assert told["scenes"] == facts["scenes"]
    assert told["scene_numbers"] == facts["scene_numbers"]
    assert told["int_ext"] == facts["int_ext"]
    assert told["characters"] == facts["characters"]
    assert [one.heading for one in script(path).scenes[:5]] == facts["headings_first5"]


@pytest.mark.parametrize("path", [path for path in [*FDX, *FOUNTAIN] if path not in BY_SYNTAX])
def test_a_script_has_the_cast_of_its_facts(path: str) -> None:
    told = {one["name"]: one["cues"] for one in check(the(path), path)["cast"]}  # type: ignore[attr-defined]
    for name, cues in FACTS[path]["characters_top"]:
        assert told[" ".join(name.split())] == cues


@pytest.mark.parametrize("path", FDX)
def test_final_draft_has_the_lengths_notes_and_revisions_of_its_facts(path: str) -> None:
    told, facts = check(the(path), path), FACTS[path]
    marked = [one.eighths for one in script(path).scenes if not one.estimated]
    assert sum(marked) == facts.get("length_eighths_sum", 0)
    assert len(marked) == facts.get("scenes_with_length", 0)
    assert told["estimated"] == facts["scenes"] - len(marked)
    assert told["dual_dialogue"] == facts["dual_dialogue_blocks"]
    assert told["notes"] == facts["script_notes"]
    assert sum(bool(one.synopsis) for one in script(path).scenes) == facts["scene_summaries"]
    sets = told["revisions"]
    assert [[one["id"], one["name"]] for one in sets] == facts.get("revision_sets", [])  # type: ignore[attr-defined]
    for name in ("paragraphs", "scenes"):
        touched = {one["id"]: one[name] for one in sets if one[name]}  # type: ignore[attr-defined]
        assert touched == facts.get(f"{name}_touched_by_revision", {})


@pytest.mark.parametrize("path", FOUNTAIN)
def test_fountain_has_the_notes_and_two_speakers_of_its_facts(path: str) -> None:
    told, facts = check(the(path), path), FACTS[path] | BY_SYNTAX.get(path, {})
    assert (told["notes"], told["dual_dialogue"]) == (facts["notes"], facts["dual_dialogue_cues"])
    assert told["estimated"] == facts["scenes"]  # Fountain says nothing of lengths


def test_the_feature_is_salmon_because_salmon_is_written_last() -> None:
    found = script(FEATURE)
    assert (found.title, found.colour, found.date) == ("BUSINOBE", "Salmon", "2026-02-22")
    assert found.scenes[0].revisions == {"2", "5"}


def test_lengths_that_are_estimated_come_near_those_that_were_measured() -> None:
    measured = [one.eighths for one in script(FEATURE).scenes]
    guessed = [one.eighths for one in script("scripts/feature-skeleton.fountain").scenes]
    assert abs(sum(guessed) - sum(measured)) <= sum(measured) * 0.06
    assert sum(abs(a - b) <= 1 for a, b in zip(guessed, measured, strict=True)) > 0.9 * len(guessed)


def test_an_omitted_scene_keeps_its_number_and_has_no_pages() -> None:
    inside = (
        '<OmittedScene><Paragraph Type="Scene Heading"><Text>INT. OLD - DAY</Text></Paragraph>'
        '<Paragraph Type="Character"><Text>GHOST</Text></Paragraph></OmittedScene>'
    )
    found = check(film(scene("OMITTED", inside, ' Number="72"') + scene()), "a.fdx")
    assert (found["scenes"], found["omitted"], found["characters"]) == (2, 1, 0)
    assert (found["eighths"], found["estimated"]) == (1, 1)
    assert found["scene_numbers"] == ["72", None]
    written = fountain.read(
        b"INT. PIER - DAY #71#\n\n.OMITTED #72#\n\nOMITTED #72A#\n\nINT. PIER #73#\n"
    )
    assert [(one.number, one.omitted, one.eighths) for one in written.scenes] == [
        ("71", False, 1),
        ("72", True, 0),
        ("72A", True, 0),
        ("73", False, 1),
    ]


def test_a_number_may_stand_with_the_properties_of_the_scene() -> None:
    found = fdx.read(film(scene(inside='<SceneProperties Number="A3" Length="2-4/8"/>')))
    assert [(one.number, one.eighths, one.estimated) for one in found.scenes] == [("A3", 20, False)]


def test_a_length_that_is_none_is_estimated_and_said_so() -> None:
    for length in ("", "0", "?", "1/0", "999999"):
        found = fdx.read(film(scene(inside=f'<SceneProperties Length="{length}"/>')))
        assert (found.scenes[0].eighths, found.scenes[0].estimated) == (1, True), length
        assert "POC estimated the eighths" in " ".join(found.warnings)


def test_a_colour_is_found_in_what_people_call_a_revision() -> None:
    for name, colour in (("Blue Rev.", "Blue"), ("Pink Revision", "Pink"), ("GREEN", "Green")):
        body = scene() + '<Paragraph Type="Action"><Text RevisionID="1">Rain.</Text></Paragraph>'
        sets = f'<Revisions ActiveSet="2"><Revision ID="1" Name="{name}"/></Revisions>'
        assert fdx.read(film(body, sets)).colour == colour


def test_a_script_in_which_no_set_touched_anything_has_no_colour_of_its_own() -> None:
    sets = '<Revisions ActiveSet="1"><Revision ID="1" Name="Blue"/></Revisions>'
    assert fdx.read(film(scene(), sets)).colour == ""


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("INT. PIER 9 - DAY", ("INT", "PIER 9", "DAY")),
        ("EXT. PARK--DAY", ("EXT", "PARK", "DAY")),
        ("int./ext. car — night", ("INT/EXT", "car", "night")),
        ("I/E HOUSE DAY", ("INT/EXT", "HOUSE", "DAY")),
        ("EXT/INT. VAN - MOVING - DUSK", ("INT/EXT", "VAN - MOVING", "DUSK")),
        ("INT. HOTEL - ROOM 4", ("INT", "HOTEL - ROOM 4", "")),
        ("INT. ROOM - NIGHT (FLASHBACK)", ("INT", "ROOM", "NIGHT (FLASHBACK)")),
        ("INT. CASA - MOMENTS LATER", ("INT", "CASA", "MOMENTS LATER")),
        ("BUSINOBE", ("", "BUSINOBE", "")),
        ("INTERVAL AT THE OPERA", ("", "INTERVAL AT THE OPERA", "")),
        ("", ("", "", "")),
    ],
)
def test_a_heading_is_taken_apart(written: str, parts: tuple[str, str, str]) -> None:
    assert heading(written) == Heading(*parts)


@pytest.mark.parametrize(
    "cue",
    ["ANN", "ANN (V.O.)", "Ann (O.S.) (CONT'D)", "ANN (CONT’D) ^", "@Ann", " ANN(V.O.", "ANN ^"],
)
def test_a_cue_names_only_who_speaks(cue: str) -> None:
    assert name_in_cue(cue) == "ANN"


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("2-22-2026", "2026-02-22"),
        ("Draft of 2026-03-16", "2026-03-16"),
        ("22/2/2026", "2026-02-22"),
        ("3 March 2026", "2026-03-03"),
        ("Mar. 3, 2026", "2026-03-03"),
        ("1/2/2026", ""),
        ("40/40/2026", ""),
        ("30 Feb 2026", ""),
        ("Pink", ""),
    ],
)
def test_a_date_is_read_when_it_can_mean_only_one_day(line: str, day: str) -> None:
    assert written_date(line) == day


# Lengths.

WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=80
)
PARAGRAPHS = st.lists(
    st.builds(Paragraph, st.sampled_from(["action", "cue", "dialogue", "transition"]), WORDS),
    max_size=30,
)


@given(PARAGRAPHS, PARAGRAPHS)
@settings(deadline=None)
def test_more_on_the_page_is_never_shorter_and_nothing_is_less_than_an_eighth(
    some: list[Paragraph], more: list[Paragraph]
) -> None:
    assert 1 <= estimated(some) <= estimated([*some, *more])
    # Cut in two, it loses or gains only what each half is rounded by.
    assert abs(estimated(some) + estimated(more) - estimated([*some, *more])) <= 2


@given(st.integers(0, 400), st.integers(0, 7))
def test_a_length_that_final_draft_writes_is_read_as_it_is(pages: int, rest: int) -> None:
    written = f"{pages} {rest}/8" if rest and pages else f"{rest}/8" if rest else str(pages)
    assert eighths_of(written) == pages * 8 + rest


# Fountain that was written is read as it was meant.

NAMES = st.from_regex(r"[A-Z][A-Z]{1,8}( [A-Z]{2,8})?", fullmatch=True).filter(
    lambda name: not fountain.is_heading(name) and name not in ("OMIT", "OMITTED")
)
SPEECHES = st.from_regex(r"[a-z][a-z ,']{0,60}[.!?]", fullmatch=True)
NUMBERS = st.from_regex(r"[A-Z]?[1-9][0-9]{0,2}[A-Z]{0,2}", fullmatch=True)


@st.composite
def scripts(draw: st.DrawFn) -> list[tuple[str, str, list[tuple[str, str]]]]:
    count = draw(st.integers(1, 6))
    return [
        (
            draw(NUMBERS),
            f"INT. {draw(NAMES)} - {draw(st.sampled_from(['DAY', 'NIGHT']))}",
            draw(st.lists(st.tuples(NAMES, SPEECHES), max_size=4)),
        )
        for _ in range(count)
    ]


@given(
    scripts(),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
@settings(max_examples=50, deadline=None)
def test_a_script_written_as_fountain_is_read_as_it_was_written(
    scenes: list[tuple[str, str, list[tuple[str, str]]]], end: str, encoding: str
) -> None:
    lines = ["Title: Night Ferry", ""]
    for number, place, speeches in scenes:
        lines += [f"{place} #{number}#", "", "They wait.", ""]
        for name, speech in speeches:
            lines += [f"{name} (CONT'D)", speech, ""]
    found = fountain.read(end.join(lines).encode(encoding))
    assert [(one.number, one.heading) for one in found.scenes] == [s[:2] for s in scenes]
    told = [
        [(a.text.removesuffix(" (CONT'D)"), b.text) for a, b in _pairs(one)] for one in found.scenes
    ]
    assert told == [speeches for _, _, speeches in scenes]
    assert found.cues == Counter(name for _, _, said in scenes for name, _ in said)


def _pairs(one: Scene) -> list[tuple[Paragraph, Paragraph]]:
    said = [p for p in one.paragraphs if p.sort != "action"]
    return list(zip(said[::2], said[1::2], strict=True))


@given(st.lists(st.builds(Paragraph, st.just("action"), SPEECHES), max_size=8))
@settings(max_examples=50)
def test_paragraphs_that_lie_on_the_page_can_be_put_together_again(some: list[Paragraph]) -> None:
    assert joined(laid_out(some)) == [" ".join(p.text.split()) for p in some]


@given(st.text() | st.text(alphabet="#[]/*()^@.=>~! \nINTEXABC\t"))
@settings(max_examples=300, deadline=None)
def test_any_text_is_some_script(text: str) -> None:
    found = fountain.read(text.encode("utf-8", "surrogatepass"))
    assert all(one.eighths >= 0 for one in found.scenes)


# What could harm the office.

XXE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><FinalDraft><Content>&x;</Content></FinalDraft>'
OUTSIDE = '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><FinalDraft><Content/></FinalDraft>'
LAUGHS = (
    "<!DOCTYPE a [<!ENTITY a0 'ha'>"
    + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
    + "]><FinalDraft><Content>&a9;</Content></FinalDraft>"
)


def bomb() -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("document.xml", b"\0" * 200_000_000)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (XXE.encode(), "entities of its own"),
        (OUTSIDE.encode(), "entities of its own"),
        (LAUGHS.encode(), "entities of its own"),
        (LAUGHS.encode("utf-16"), "entities of its own"),
        (b"<FinalDraft><Content><Paragraph", "breaks off at line 1"),
        (b"<FinalDraft>\n<Content>\n</Paragraph>", "breaks off at line 3"),
        (b'<?xml version="1.0" encoding="no-such"?><FinalDraft>', "breaks off"),
        (b"<FinalDraft><Content/>", "breaks off"),
        (b"<FinalDraft></FinalDraft>", "holds no script"),
        (b"<OpenScreenplay/>", "not a Final Draft script"),
        (b"<FinalDraft>" + b"<a/>" * 1_100_000 + b"</FinalDraft>", "more parts than any script"),
        (film(scene() * 5_000), "more scenes than any script"),
        (film("", "<a " + " ".join(f'a{n}=""' for n in range(600_000)) + "/>"), "more parts"),
        (film("".join(map(speech, range(2_500)))), "More than 2000 people speak"),
        (film("".join(map(speech, range(100))) * 300), "more scenes than any script"),
        (film(f'<Paragraph Type="Action"><Text>{"a b " * 1_100_000}</Text></Paragraph>'), "4 mill"),
        (b"x" * (100 * 1024 * 1024), "100 MB"),
    ],
    ids=range(17),
)  # fmt: skip
def test_what_could_harm_is_refused_in_a_sentence(raw: bytes, sentence: str) -> None:
    begun = time.monotonic()
    with pytest.raises(Refused, match=sentence):
        check(raw, "a.fdx")
    assert time.monotonic() - begun < 20


def test_a_packed_file_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(Refused, match="packed file"):
        check(bomb(), "a.fdx")


def test_a_file_nested_very_deep_does_no_harm() -> None:
    deep = film("<Paragraph>" * 100_000 + "</Paragraph>" * 100_000)
    assert check(deep, "a.fdx")["scenes"] == 0


@pytest.mark.parametrize(
    "text",
    [
        "INT. A - DAY\n\n" + "🌧" * 3_900_000,
        "INT. A - DAY\n\n" + "-" * 3_900_000,
        "[[" * 1_900_000,
        "/*" * 1_900_000,
        "#" * 3_900_000,
        "(" * 3_900_000,
        "INT. " + " " * 3_900_000 + "DAY",
        "A\nB\n\n" * 90_000,
        "\n" * 3_000_000,
        "INT. A\n\n" * 480_000,
    ],
    ids=range(10),
)
def test_a_script_full_of_nothing_takes_bounded_time(text: str) -> None:
    begun = time.monotonic()
    with suppress(Refused):
        assert fountain.read(text.encode())
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_script_that_names_another_encoding_than_it_has_is_read_as_it_is(encoding: str) -> None:
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    raw = (head + film(scene("INT. CAFÉ - DAY")).decode()).encode(encoding)
    assert fdx.read(raw).scenes[0].set_name == "CAFÉ"
