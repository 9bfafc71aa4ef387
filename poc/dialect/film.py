"""How a film writes its numbers, times and names; static/sw/film.js is the twin, word for word."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date as calendar_date

from markupsafe import Markup

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
SHORT = "|".join(name[:3] for name in (*DAYS, *MONTHS))
WALL_CLOCK = re.compile(r"([0-9]{1,2}):([0-5][0-9])")
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LINE_END = re.compile(r"\r\n?|\n")
DIALLED = re.compile(r"\+?[0-9(][^A-Za-z]*")


def eighths(value: int | None) -> str:
    """Pages in eighths, which are never reduced: 14 is 1 6/8."""
    if value is None:
        return ""
    count = number(value)
    pages, rest = divmod(abs(count), 8)
    parts = [str(pages)] if pages or not rest else []
    parts += [f"{rest}/8"] if rest else []
    return ("-" if count < 0 else "") + " ".join(parts)


def minutes(value: int | None) -> str:
    if value is None:
        return ""
    count = number(value)
    return ("-" if count < 0 else "") + hours_and_minutes(abs(count))


def hours_and_minutes(count: int) -> str:
    hours, rest = divmod(count, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02}" if rest else f"{hours} h"


def clock(value: str | None) -> str:
    """A time of day; 25:30 is half past one in the night after."""
    if value is None:
        return ""
    passed = since_midnight(value)
    if passed is None:
        return written(value)
    days, rest = divmod(passed, 24 * 60)
    return f"{rest // 60:02}:{rest % 60:02}" + (f" +{days}" if days else "")


def moved(value: str | None, before: str | None, words: str = "later|earlier") -> str:
    """How much later or earlier than before a time of day has become, in two words given."""
    if value is None or before is None:
        return ""
    now, then = since_midnight(value), since_midnight(before)
    if now is None or then is None or now == then:
        return ""
    later, earlier = written(words).split("|")
    return f"{hours_and_minutes(abs(now - then))} {later if now > then else earlier}"


def since_midnight(value: str) -> int | None:
    found = WALL_CLOCK.fullmatch(written(value))
    return int(found[1]) * 60 + int(found[2]) if found else None


def date(value: str | None, words: str = SHORT) -> str:
    """A day of the calendar: in the names given, Monday first, then January, then what follows
    the number of the day.
    """
    day = on_calendar(value)
    if day is None:
        return written(value)
    names = [*written(words).split("|"), ""]
    return f"{names[day.weekday()]} {day.day}{names[19]} {names[day.month + 6]}"


def long_date(value: str | None) -> str:
    day = on_calendar(value)
    if day is None:
        return written(value)
    return f"{DAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]} {day.year}"


def on_calendar(value: str | None) -> calendar_date | None:
    if not ISO_DATE.fullmatch(written(value)):
        return None
    try:
        return calendar_date.fromisoformat(written(value))
    except ValueError:
        return None


def initials(value: str | None) -> str:
    """The first letters of a name's first and last word."""
    words = written(value).split()
    return "".join(initial(word).upper() for word in (words[:1] + words[1:][-1:]))


def initial(word: str) -> str:
    return next(filter(str.isalpha, word), word[0])


def phone_link(value: str | None) -> str:
    """A number as a telephone dials it, without the (0) that only domestic callers dial."""
    found = DIALLED.search(written(value))
    if not found:
        return ""
    dialled = found[0]
    if dialled.startswith("+"):
        dialled = dialled.replace("(0)", "", 1)
    digits = re.sub(r"[^0-9]", "", dialled)
    return f"tel:{'+' if dialled.startswith('+') else ''}{digits}" if digits else ""


def slug(value: str | None) -> str:
    """Words of any script, in lower case, with hyphens between them."""
    spelled = written(value).lower()
    kept = (c if unicodedata.category(c)[0] in "LMN" else " " for c in spelled)
    return "-".join("".join(kept).split())


def vcard(value: str | None) -> Markup:
    """Text as a vCard spells it, where no browser reads it as HTML."""
    spelled = re.sub(r"[\\,;]", r"\\\g<0>", written(value))
    return Markup(LINE_END.sub(r"\\n", spelled))


def written(value: str | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return str(value)
    raise TypeError(f"{value!r} is not text.")


def number(value: int) -> int:
    if isinstance(value, int):
        return value
    raise TypeError(f"{value!r} is not a whole number.")


FILTERS: dict[str, Callable[..., str]] = {
    "eighths": eighths,
    "minutes": minutes,
    "clock": clock,
    "moved": moved,
    "date": date,
    "long_date": long_date,
    "initials": initials,
    "phone_link": phone_link,
    "slug": slug,
    "vcard": vcard,
}
