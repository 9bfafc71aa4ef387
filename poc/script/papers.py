"""The date and the colour of a draft, as people write them on its title page."""

import re
from datetime import date, datetime

ISO = re.compile(r"(?<!\d)(\d{4})[-./](\d{1,2})[-./](\d{1,2})(?!\d)")
SHORT = re.compile(r"(?<!\d)(\d{1,2})[-./](\d{1,2})[-./](\d{4})(?!\d)")
DAY_FIRST = re.compile(r"(?<!\d)(\d{1,2})[. ]+([A-Za-z]{3,9})\.?,? +(\d{4})")
MONTH_FIRST = re.compile(r"([A-Za-z]{3,9})\.? +(\d{1,2}),? +(\d{4})")


def written_date(text: str) -> str:
    """The date in a line of a title page, like 2026-02-22; empty when there is none or two."""
    line = text[:200]
    if found := ISO.search(line):
        return _date(*map(int, found.groups()))
    if found := SHORT.search(line):
        return _short(*map(int, found.groups()))
    if found := DAY_FIRST.search(line):
        return _worded(found[1], found[2], found[3])
    if found := MONTH_FIRST.search(line):
        return _worded(found[2], found[1], found[3])
    return ""


def _short(first: int, second: int, year: int) -> str:
    """2-22-2026 has only one meaning, 1/2/2026 has two: nobody's guess is better than asking."""
    if first > 12 or first == second:
        return _date(year, second, first)
    return _date(year, first, second) if second > 12 else ""


def _worded(day: str, month: str, year: str) -> str:
    try:
        return datetime.strptime(f"{day} {month[:3]} {year}", "%d %b %Y").date().isoformat()
    except ValueError:
        return ""


def _date(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


def colour_in(name: str) -> str:
    """The colour in a name that people gave a revision set: "Blue Rev." is Blue."""
    plain = re.sub(r"\b(?:rev(?:ision|ised|s)?|pages|draft)\b\.?", "", name, flags=re.IGNORECASE)
    return " ".join(plain.split()).strip(" -.").title()
