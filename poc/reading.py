"""What every reader of files shares: refusing in a sentence, and bytes made into text or JSON."""

import codecs
import json
import math

LARGEST = 32 * 1024 * 1024
MOST_PARTS = 500_000
MOST_WARNINGS = 50
FARTHEST = 10**15
UNSTORABLE = {0: None} | dict.fromkeys(range(0xD800, 0xE000))
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Refused(Exception):
    """A file POC cannot read; the message is the sentence the coordinator sees."""


def within_size(raw: bytes) -> None:
    """Refuse a file larger than any schedule or contact list."""
    if len(raw) > LARGEST:
        raise Refused(
            f"This file is {len(raw) // 1024 // 1024} MB; POC reads files up to 32 MB. "
            "Export the schedule or the contacts alone."
        )


def decoded(raw: bytes) -> str:
    """The text of a file whose encoding nobody told us."""
    for mark, encoding in (*MARKS, (b"", _unmarked(raw)), (b"", "cp1252")):
        if raw.startswith(mark):
            try:
                return raw.decode(encoding).replace("\0", "")
            except UnicodeDecodeError:
                continue
    return raw.decode("latin-1").replace("\0", "")


def _unmarked(raw: bytes) -> str:
    """UTF-16 without a mark has a zero in nearly every second byte of Latin text."""
    head = raw[:400]
    if head[1::2].count(0) > len(head) // 3:
        return "utf-16-le"
    return "utf-16-be" if head[0::2].count(0) > len(head) // 3 else "utf-8"


def parsed(raw: bytes) -> object:
    """The JSON in a file, however deep, long or broken it is."""
    within_size(raw)
    if raw.count(b"[") + raw.count(b"{") > MOST_PARTS or raw.count(b",") > 4 * MOST_PARTS:
        raise Refused("This JSON file has more parts than any schedule. Export it again.")
    try:
        found: object = json.loads(decoded(raw))
    except RecursionError:
        raise Refused("This JSON file is nested too deep to be a schedule or a contact.") from None
    except ValueError as wrong:
        raise Refused(
            f"This file starts like JSON but breaks off: {_place(wrong)}. Export it again."
        ) from None
    return found


def _place(wrong: ValueError) -> str:
    if isinstance(wrong, json.JSONDecodeError):
        return f"{wrong.msg} at line {wrong.lineno}"
    return "a number in it is too long"


def words(value: object) -> str:
    """A JSON scalar as text that every database can hold; anything else is empty."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if isinstance(value, str):
        return value.translate(UNSTORABLE)
    exact = number(value)
    if exact is None:
        return ""
    return str(int(exact)) if exact.is_integer() else str(exact)


def number(value: object) -> float | None:
    """A JSON number, or a number written as text, unless it is absurd."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) and abs(found) < FARTHEST else None


def first_of(warnings: list[str]) -> tuple[str, ...]:
    """As many warnings as anyone reads, and how many more there are."""
    more = len(warnings) - MOST_WARNINGS
    last = [f"{more} more warnings are not shown."] if more > 0 else []
    return (*warnings[:MOST_WARNINGS], *last)


def rows(value: object) -> list[dict[str, object]]:
    """The objects of a JSON list, leaving out whatever is not an object."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
