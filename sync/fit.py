"""Fitting a value into a field: whole numbers, clean text, or nothing. Its twin is sw/fit.js."""

import re

from sync.change import LONGEST_TEXT, Refused
from sync.kinds import Kind

Value = str | int | None
LARGEST = 2**53 - 1  # what JavaScript still counts exactly
BROKEN = re.compile("[\ud800-\udfff]")
WHOLE = re.compile(r"-?[0-9]{1,19}")
# What JavaScript trims, no more and no less.
BLANK = "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009"
BLANK += "\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"


def fit(kind: Kind, field: str, value: object) -> Value:
    """Return the value as it is stored; raise Refused with a sentence if it does not fit."""
    label = field.replace("_", " ")
    if value is None or value == "":
        return None
    if field in kind.numbers:
        return _number(label, value)
    if not isinstance(value, str):
        raise Refused(f"The {label} must be text.")
    return _text(label, value)


def _number(label: str, value: object) -> int:
    if isinstance(value, str) and WHOLE.fullmatch(value.strip(BLANK)):
        value = int(value.strip(BLANK))
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > LARGEST:
        raise Refused(f"The {label} must be a whole number.")
    return value


def _text(label: str, value: str) -> str | None:
    if len(value) > LONGEST_TEXT:
        raise Refused(f"The {label} is too long.")
    if BROKEN.search(value):
        raise Refused(f"The {label} holds a broken character.")
    return value.replace("\0", "").replace("\r\n", "\n") or None
