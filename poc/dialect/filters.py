"""The filters and tests both sides know; static/sw/filters.js is their twin, word for word."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from itertools import groupby
from typing import Any

from jinja2 import Environment, Undefined, pass_environment
from jinja2.filters import do_int, ignore_case, make_attrgetter, make_multi_attrgetter
from jinja2.utils import url_quote
from markupsafe import Markup, escape, soft_str

from poc.dialect import film

LARGEST = 2**53 - 1

# What a template holds is text, whole numbers, None, lists and rows: JSON's edge.
Value = Any


def text(value: Value) -> str:
    """The text of a value; lists and rows have none."""
    if value is None or isinstance(value, str | int | Undefined):
        return soft_str(value)
    raise TypeError(f"A {type(value).__name__} has no text of its own: show one of its fields.")


def whole(value: Value) -> int:
    if isinstance(value, int):
        return value
    raise TypeError(f"{text(value)!r} is not a whole number.")


def countable(value: int) -> int:
    """A number that a device can hold without rounding it."""
    if abs(value) <= LARGEST:
        return value
    raise OverflowError(f"{value} is too large: a device counts to {LARGEST}.")


def upper(value: Value) -> str:
    return text(value).upper()


def lower(value: Value) -> str:
    return text(value).lower()


def trim(value: Value, chars: str | None = None) -> str:
    return text(value).strip(chars)


def replace(value: Value, old: Value, new: Value, count: int | None = None) -> str:
    value, old, new = text(value), text(old), text(new)
    if isinstance(old, Markup) or (isinstance(new, Markup) and not isinstance(value, Markup)):
        value = escape(value)
    replaced: str = value.replace(old, new, -1 if count is None else count)
    return replaced


def string(value: Value) -> str:
    return text(value)


def integer(value: Value, default: Value = 0) -> Value:
    """Jinja2's int, but only for the digits 0 to 9."""
    if isinstance(value, str) and not value.isascii():
        return default
    read = do_int(value, default)
    return countable(read) if isinstance(read, int) else read


def urlencode(value: Value) -> str:
    return url_quote(text(value))


def default(value: Value, default_value: Value = "", boolean: bool = False) -> Value:
    return default_value if isinstance(value, Undefined) or (boolean and not value) else value


def length(value: Collection[Value]) -> int:
    return len(value)


@pass_environment
def first(environment: Environment, value: Collection[Value]) -> Value:
    for one in value:
        return one
    return environment.undefined("An empty list has no first.")


@pass_environment
def last(environment: Environment, value: Collection[Value]) -> Value:
    for one in reversed(listed(value)):
        return one
    return environment.undefined("An empty list has no last.")


def listed(value: Iterable[Value]) -> list[Value]:
    return list(value)


@pass_environment
def total(
    environment: Environment, value: Iterable[Value], attribute: Value = None, start: int = 0
) -> int:
    return countable(sum(map(whole, mapped(environment, value, attribute)), whole(start)))


@pass_environment
def join(
    environment: Environment, value: Iterable[Value], d: Value = "", attribute: Value = None
) -> str:
    parts = [text(part) for part in mapped(environment, value, attribute)]
    if any(isinstance(part, Markup) for part in parts):
        d = escape(text(d))
    return text(d).join(parts)


@pass_environment
def fields(environment: Environment, value: Iterable[Value], *, attribute: Value) -> list[Value]:
    return mapped(environment, value, attribute)


@pass_environment
def selectattr(
    environment: Environment,
    value: Iterable[Value],
    attribute: Value,
    test: str | None = None,
    *than: Value,
) -> list[Value]:
    get = make_attrgetter(environment, attribute)
    return [row for row in value if passes(get(row), test, than)]


@pass_environment
def rejectattr(
    environment: Environment,
    value: Iterable[Value],
    attribute: Value,
    test: str | None = None,
    *than: Value,
) -> list[Value]:
    get = make_attrgetter(environment, attribute)
    return [row for row in value if not passes(get(row), test, than)]


@pass_environment
def grouped(
    environment: Environment,
    value: Iterable[Value],
    attribute: Value,
    case_sensitive: bool = False,
) -> list[Value]:
    get = make_attrgetter(environment, attribute)
    key = make_attrgetter(environment, attribute, None if case_sensitive else ignore_case)
    groups = [list(rows) for _, rows in groupby(sorted(value, key=key), key)]
    return [{"grouper": get(rows[0]), "list": rows} for rows in groups]


@pass_environment
def ordered(
    environment: Environment,
    value: Iterable[Value],
    reverse: bool = False,
    case_sensitive: bool = False,
    attribute: Value = None,
) -> list[Value]:
    fold = None if case_sensitive else ignore_case
    key = make_multi_attrgetter(environment, attribute, postprocess=fold)
    return sorted(value, key=key, reverse=bool(reverse))


def mapped(environment: Environment, value: Iterable[Value], attribute: Value) -> list[Value]:
    return list(value if attribute is None else map(make_attrgetter(environment, attribute), value))


def passes(value: Value, test: str | None, than: tuple[Value, ...]) -> bool:
    return bool(value) if test is None else bool(TESTS[test](value, *than))


def is_none(value: Value) -> bool:
    return value is None


def is_defined(value: Value) -> bool:
    return not isinstance(value, Undefined)


def is_odd(value: Value) -> bool:
    return whole(value) % 2 == 1


def is_even(value: Value) -> bool:
    return whole(value) % 2 == 0


def is_in(value: Value, seq: Collection[Value]) -> bool:
    return value in seq


def is_equal(value: Value, other: Value) -> bool:
    return bool(value == other)


FILTERS: dict[str, Callable[..., Value]] = {
    "upper": upper,
    "lower": lower,
    "trim": trim,
    "replace": replace,
    "string": string,
    "int": integer,
    "urlencode": urlencode,
    "default": default,
    "d": default,
    "length": length,
    "first": first,
    "last": last,
    "list": listed,
    "sum": total,
    "join": join,
    "map": fields,
    "selectattr": selectattr,
    "rejectattr": rejectattr,
    "groupby": grouped,
    "sort": ordered,
    **film.FILTERS,
}
TESTS: dict[str, Callable[..., bool]] = {
    "none": is_none,
    "defined": is_defined,
    "odd": is_odd,
    "even": is_even,
    "in": is_in,
    "eq": is_equal,
    "equalto": is_equal,
}
