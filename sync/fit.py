"""Fitting a value into a field: whole numbers, clean text, or nothing. Its twin is sw/fit.js."""

from sync.change import LONGEST_TEXT, Refused
from sync.kinds import Kind

Value = str | int | None
LARGEST = 2**53 - 1  # what JavaScript still counts exactly


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
    if isinstance(value, str) and value.strip().lstrip("-").isascii():
        digits = value.strip()
        value = int(digits) if digits.removeprefix("-").isdigit() and len(digits) < 20 else value
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > LARGEST:
        raise Refused(f"The {label} must be a whole number.")
    return value


def _text(label: str, value: str) -> str | None:
    if len(value) > LONGEST_TEXT:
        raise Refused(f"The {label} is too long.")
    if any(0xD800 <= ord(char) <= 0xDFFF for char in value):
        raise Refused(f"The {label} holds a broken character.")
    return value.replace("\0", "").replace("\r\n", "\n") or None
