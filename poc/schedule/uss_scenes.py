"""Breakdowns of a USS file: scenes, banners and the strips that end a day."""

from dataclasses import dataclass

from poc.eighths import eighths_of
from poc.reading import number, rows, words
from poc.schedule.reading import Banner, Element, Scene
from poc.schedule.uss_elements import elements_of, heading, refs

LONGEST_MINUTES = 7 * 24 * 60
LONGEST_EIGHTHS = 8000
OMITTED = ("omitted", "omit")


@dataclass(frozen=True)
class Book:
    """Everything a file says about its scenes before any of it is scheduled."""

    scenes: dict[str, Scene]
    banners: dict[str, Banner]
    elements: dict[str, Element]
    day_breaks: frozenset[str]


def book_of(root: dict[str, object], warnings: list[str]) -> Book:
    """Read the breakdowns, telling in `warnings` what had to be mended."""
    elements = elements_of(root, warnings)
    sheets = _sheets(root, warnings)
    return Book(
        {id_: _scene(id_, row, elements, warnings) for id_, kind, row in sheets if kind == "scene"},
        {id_: _banner(id_, row) for id_, kind, row in sheets if kind == "banner"},
        elements,
        frozenset(id_ for id_, kind, _ in sheets if kind == "day"),
    )


def _sheets(
    root: dict[str, object], warnings: list[str]
) -> list[tuple[str, str, dict[str, object]]]:
    found: dict[str, tuple[str, str, dict[str, object]]] = {}
    for place, row in enumerate(rows(root.get("breakdowns")), 1):
        source = words(row.get("id")) or f"breakdown-{place}"
        if source in found:
            warnings.append(f"Breakdown {place} has the id of an earlier one; POC kept the first.")
        found.setdefault(source, (source, _kind(row), row))
    return list(found.values())


def _kind(row: dict[str, object]) -> str:
    """Real files say `strip` for scenes and banners alike, or leave the type out."""
    written = words(row.get("type")).strip().casefold()
    if written in ("day", "daybreak"):
        return "day"
    if written in ("scene", "banner"):
        return written
    is_scene = words(row.get("scene")) or number(row.get("pages"))
    return "scene" if is_scene or not words(row.get("bannerText")) else "banner"


def _banner(source: str, row: dict[str, object]) -> Banner:
    return Banner(source, words(row.get("bannerText")) or words(row.get("description")))


def _scene(
    source: str, row: dict[str, object], elements: dict[str, Element], warnings: list[str]
) -> Scene:
    needs = refs(row.get("elements"))
    known = [elements[ref] for ref in needs if ref in elements]
    slug = heading(known)
    missing = len(needs) - len(known)
    if missing:
        warnings.append(f"{_called(source, row)} names {missing} elements the file does not have.")
    return Scene(
        source=source,
        number=words(row.get("scene")).strip(),
        int_ext=slug["int/ext"],
        set_name=slug["set"],
        day_night=slug["day/night"],
        script_day=slug["script day"],
        unit=slug["unit"],
        location=slug["location"],
        synopsis=words(row.get("description")),
        comments=words(row.get("comments")),
        eighths=_eighths(source, row, slug["set"], warnings),
        minutes=_minutes(source, row, warnings),
        page=words(row.get("scriptPage")).strip(),
        elements=tuple(element.source for element in known if not element.of_heading),
        sequence=slug["sequence"],
    )


def _called(source: str, row: dict[str, object]) -> str:
    written = words(row.get("scene")).strip()
    return f"Scene {written}" if written else f"A scene without a number (id {source})"


def _eighths(source: str, row: dict[str, object], set_name: str, warnings: list[str]) -> int:
    """A scene counts at least 1/8 of a page, unless the script omits it."""
    found = eighths_of(row.get("pages"))
    if not found and {words(row.get("description")).casefold(), set_name.casefold()} & set(OMITTED):
        return 0
    if found and found <= LONGEST_EIGHTHS:
        if number(row.get("pages")) not in (None, found / 8):
            warnings.append(f"{_called(source, row)} is not in whole eighths; POC rounded it.")
        return found
    warnings.append(f"{_called(source, row)} has no usable page count; POC counts 1/8.")
    return 1


def _minutes(source: str, row: dict[str, object], warnings: list[str]) -> int:
    found = number(row.get("duration", row.get("time"))) or 0
    minutes = round(found / 60000)
    if 0 <= minutes <= LONGEST_MINUTES:
        return minutes
    warnings.append(f"{_called(source, row)} has an impossible duration; POC left it out.")
    return 0
