"""Categories and elements of a USS file, in its final spelling and in its early ones."""

from poc.reading import number, rows, words
from poc.schedule.reading import CAST, SCENE_CATEGORIES, Element

CAST_NAMES = ("cast", "cast member", "cast members")
CAST_UCID = 100
HOMELESS = "Other"


def elements_of(root: dict[str, object], warnings: list[str]) -> dict[str, Element]:
    """Every element of the file by its source id."""
    categories = {words(row.get("id")): row for row in rows(root.get("categories"))}
    listed = _listed(categories)
    found: dict[str, Element] = {}
    for place, row in enumerate(rows(root.get("elements")), 1):
        source = words(row.get("id")) or f"element-{place}"
        category = words(row.get("category")) or listed.get(source, "")
        found.setdefault(source, _element(source, row, categories.get(category, {})))
    homeless = sum(not element.written for element in found.values())
    if homeless:
        warnings.append(
            f"{homeless} elements belong to no category of the file; POC put them under {HOMELESS}."
        )
    return found


def _listed(categories: dict[str, dict[str, object]]) -> dict[str, str]:
    """Early files list elements inside their category; the first to name one has it."""
    found: dict[str, str] = {}
    for category, row in categories.items():
        for ref in refs(row.get("elements")):
            found.setdefault(ref, category)
    return found


def refs(value: object) -> list[str]:
    """The ids in a list, each once, in order."""
    return list(dict.fromkeys(map(words, value))) if isinstance(value, list) else []


def _element(source: str, row: dict[str, object], category: dict[str, object]) -> Element:
    written = words(category.get("name")).strip()
    ucid = _whole(category, "ucid", "catId")
    is_cast = ucid == CAST_UCID or written.casefold() in CAST_NAMES
    return Element(
        source,
        CAST if is_cast else written or HOMELESS,
        ucid,
        words(row.get("elementId")).strip(),
        words(row.get("name")),
        written,
        _whole(row, "dropDayCount", "doodDayCount", "doodDropDays"),
    )


def _whole(row: dict[str, object], *keys: str) -> int | None:
    found = next((number(row[key]) for key in keys if key in row), None)
    return None if found is None else round(found)


def heading(elements: list[Element]) -> dict[str, str]:
    """The words of a scene's heading: INT and EXT together read INT/EXT."""
    found: dict[str, list[str]] = {name: [] for name in SCENE_CATEGORIES}
    for element in elements:
        if element.written.casefold() in found:
            found[element.written.casefold()].append(element.name)
    return {name: "/".join(parts) for name, parts in found.items()}
