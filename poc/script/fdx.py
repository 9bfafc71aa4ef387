"""Reads a Final Draft script (.fdx): its scenes, who speaks in them, and its revisions."""

import re
from collections import Counter
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from poc.eighths import eighths_of
from poc.reading import MOST_PARTS, Refused, decoded, first_of
from poc.script.headings import heading, is_omitted
from poc.script.lengths import estimated
from poc.script.papers import colour_in, written_date
from poc.script.reading import MOST_SCENES, Paragraph, Revision, Scene, Script, bounded, findings

DECLARED = re.compile(r"\A\s*<\?xml[^>]*\?>")
SCENE = "Scene Heading"
SORTS = {
    "Action": "action",
    "Character": "cue",
    "Dialogue": "dialogue",
    "Singing": "dialogue",
    "Parenthetical": "parenthetical",
    "Transition": "transition",
}
LONGEST_EIGHTHS = 8000
UNREVISED = ("", "0")


def read(raw: bytes) -> Script:
    """Read a Final Draft file, or refuse it in a sentence."""
    warnings: list[str] = []
    root = _root(raw, warnings)
    body = root.find("Content")
    if body is None:
        raise Refused("This Final Draft file holds no script. Save it again in Final Draft.")
    return _script(root, body, warnings)


def _root(raw: bytes, warnings: list[str]) -> Element:
    if raw.count(b"<") > MOST_PARTS or raw.count(b"=") > MOST_PARTS:
        raise Refused("This Final Draft file has more parts than any script. Save it again.")
    try:
        root = _parsed(raw, warnings)
    except DefusedXmlException:
        raise Refused(
            "This file declares a document type or entities of its own, which no Final Draft file "
            "does and which can be harmful. Save it again in Final Draft."
        ) from None
    except (ParseError, ValueError, LookupError) as wrong:
        raise Refused(
            f"This script starts like Final Draft but breaks off{_place(wrong)}. "
            "Save it again in Final Draft."
        ) from None
    if root.tag != "FinalDraft":
        raise Refused("This XML file is not a Final Draft script. Save the script as .fdx.")
    return root


def _parsed(raw: bytes, warnings: list[str]) -> Element:
    """A file may be in another encoding than it says: then it is read by what it looks like."""
    try:
        whole: Element = fromstring(raw, forbid_dtd=True)
        return whole
    except (ParseError, ValueError, LookupError):
        text = DECLARED.sub("", decoded(raw).lstrip("\ufeff"))
        root: Element = fromstring(text.encode("utf-8", "replace"), forbid_dtd=True)
    warnings.append(
        "This file is not in the encoding it names; look whether its accents are right."
    )
    return root


def _place(wrong: Exception) -> str:
    return f" at line {wrong.position[0]}" if isinstance(wrong, ParseError) else ""


def _script(root: Element, body: Element, warnings: list[str]) -> Script:
    scenes: list[Scene] = []
    opening: list[Paragraph] = []
    dual = 0
    for element in body.iterfind("Paragraph"):
        if len(scenes) > MOST_SCENES:
            break
        if element.get("Type") == SCENE:
            scenes.append(_scene(element))
        if scenes:
            scenes[-1].notes += _notes(element)
        beside = element.find("DualDialogue")
        dual += beside is not None
        found = _paragraphs(element, beside)
        (scenes[-1].paragraphs if scenes else opening).extend(found)
        for paragraph in found if scenes else ():
            scenes[-1].revisions |= paragraph.revisions
    bounded(scenes, opening)
    for scene in scenes:
        _measure(scene)
    title = _title_lines(root)
    revisions = _revisions(root, body, scenes)
    return Script(
        title=next((line for line in title if any(map(str.isalnum, line))), ""),
        colour=_colour(root, revisions),
        date=next(filter(None, map(written_date, title)), ""),
        scenes=tuple(scenes),
        opening=tuple(opening),
        revisions=revisions,
        dual_dialogue=dual,
        notes=sum(1 for _ in body.iter("ScriptNote")),
        warnings=first_of([*warnings, *findings(scenes)]),
    )


def _scene(element: Element) -> Scene:
    text = _text(element)
    about = element.find("SceneProperties")
    properties = about.attrib if about is not None else {}
    parts = heading(text)
    omitted = element.find("OmittedScene") is not None or is_omitted(text)
    return Scene(
        number=(element.get("Number") or properties.get("Number", "")).strip()[:40],
        heading=text or ("OMITTED" if omitted else ""),
        int_ext=parts.int_ext,
        set_name=parts.set_name or ("OMITTED" if omitted else ""),
        day_night=parts.day_night,
        eighths=0 if omitted else _written_length(properties.get("Length", "")),
        omitted=omitted,
        page=properties.get("Page", "").strip()[:40],
        synopsis=_synopsis(about),
        revisions=set(_touched(element)),
    )


def _written_length(written: str) -> int:
    found = eighths_of(written)
    return found if found and found <= LONGEST_EIGHTHS else 0


def _measure(scene: Scene) -> None:
    if not scene.eighths and not scene.omitted:
        scene.eighths, scene.estimated = estimated(scene.paragraphs), True


def _paragraphs(element: Element, beside: Element | None) -> list[Paragraph]:
    if element.get("Type") == SCENE:
        return []
    if beside is None:
        return [_paragraph(element)] if _text(element) else []
    found: list[Paragraph] = []
    cues = 0
    for inner in beside.iterfind("Paragraph"):
        cues += inner.get("Type") == "Character"
        if _text(inner):
            found.append(_paragraph(inner, beside=cues > 1))
    return found


def _paragraph(element: Element, beside: bool = False) -> Paragraph:
    sort = SORTS.get(element.get("Type", ""), "other")
    return Paragraph(sort, _text(element), _touched(element), beside)


def _text(element: Element) -> str:
    """Only what stands in the script itself: notes and summaries have paragraphs of their own."""
    return "".join("".join(run.itertext()) for run in element.iterfind("Text")).strip()


def _touched(element: Element) -> frozenset[str]:
    found = (run.get("RevisionID", "") for run in element.iterfind("Text"))
    return frozenset(one for one in found if one not in UNREVISED)


def _notes(element: Element) -> list[str]:
    return [note for one in element.iter("ScriptNote") if (note := _inner(one))]


def _synopsis(about: Element | None) -> str:
    summary = about.find("Summary") if about is not None else None
    return _inner(summary) if summary is not None else ""


def _inner(element: Element) -> str:
    return "\n".join(text for one in element.iterfind("Paragraph") if (text := _text(one)))


def _title_lines(root: Element) -> list[str]:
    return [text for one in root.iterfind("TitlePage/Content/Paragraph") if (text := _text(one))]


def _revisions(root: Element, body: Element, scenes: list[Scene]) -> tuple[Revision, ...]:
    """Count paragraphs and scenes by the sets that touched them, in the order of the sets."""
    paragraphs = Counter(one for p in body.iter("Paragraph") for one in _touched(p))
    touched = Counter(one for scene in scenes for one in scene.revisions)
    sets = {
        one.get("ID", ""): one.get("Name", "").strip()[:80]
        for one in root.iterfind("Revisions/Revision")
    }
    return tuple(
        Revision(one, name, paragraphs[one], touched[one]) for one, name in sets.items() if one
    )


def _colour(root: Element, revisions: tuple[Revision, ...]) -> str:
    """The paper of this draft: the set being written when it touched anything, else the last."""
    about = root.find("Revisions")
    active = about.get("ActiveSet", "") if about is not None else ""
    used = [one for one in revisions if one.paragraphs]
    now = [one for one in used if one.id == active] or used[-1:]
    return colour_in(now[0].name) if now else ""
