"""Whose working days a new schedule changes, compared with the schedule before it."""

from collections.abc import Iterator
from typing import Any

Rows = dict[str, Any]
Days = dict[str, set[str]]


def changed_days(
    old: Rows | None, new: Rows, today: str
) -> Iterator[tuple[str, list[str], list[str]]]:
    """Give each of the cast whose days to come changed, with the dates gained and those lost."""
    before, after = _working(old or {}, today), _working(new, today)
    for person in sorted(before.keys() | after.keys()):
        had, has = before.get(person, set()), after.get(person, set())
        if had != has:
            yield person, sorted(has - had), sorted(had - has)


def _working(rows: Rows, today: str) -> Days:
    found: Days = {}
    cast = rows.get("cast", {})
    for day in rows.get("days", ()):
        if not day["date"] or day["date"] < today:
            continue
        for strip in rows["strips"].get(day["id"], ()):
            for one in cast.get(strip["scene"], ()):
                if one.get("person"):
                    found.setdefault(one["person"], set()).add(day["date"])
    return found
