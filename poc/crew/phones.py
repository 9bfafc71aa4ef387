"""Phone numbers as phones dial them, and names as people look for them."""

import re
import unicodedata
from collections.abc import Iterable

import phonenumbers

UNDECOMPOSED = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ð": "d",
        "þ": "th",
        "\u0131": "i",
    }
)
LONGEST = 60
BETWEEN = re.compile(r":::|[;,/|\n]|\b(?:or|ou|oder)\b")


def canon(raw: str, region: str | None) -> str:
    """The number in E.164 when it is valid there and has no extension; else as it was written."""
    if len(raw) > LONGEST:
        return raw
    plain = raw.removeprefix("tel:")
    try:
        found = phonenumbers.parse(plain, region)
    except phonenumbers.NumberParseException:
        return plain
    if found.extension or not phonenumbers.is_valid_number(found):
        return plain
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


def numbers_in(cell: str, region: str | None) -> tuple[str, ...]:
    """The numbers of one cell, which may hold several."""
    parts = [part for text in BETWEEN.split(cell) if (part := text.strip())]
    if any(sum(map(str.isdigit, part)) < 6 for part in parts):
        parts = [cell]
    return once(canon(part, region) for part in parts)


def once(found: Iterable[str]) -> tuple[str, ...]:
    """Each text once, in the order met, leaving out the empty ones."""
    return tuple(dict.fromkeys(text for text in found if text))


def fold(text: str) -> str:
    """Letters without marks or case: Łukasz and LUKASZ are the same man."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(UNDECOMPOSED))
    return "".join(sign for sign in plain if not unicodedata.combining(sign)).casefold()
