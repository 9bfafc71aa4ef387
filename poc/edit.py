"""POST: a form becomes changes, then 303. Its twin on the device is sw/edits.js."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sync import Kind
from sync.clock import stamp
from sync.fit import BLANK
from sync.ids import new_id

SEEN = re.compile(r"[0-9]{1,15}")
Wire = dict[str, Any]
RowOf = Callable[[str, str], Mapping[str, Any] | None]
Target = tuple[str, str]


def changes(
    form: Mapping[str, str],
    kind: str,
    record: str,
    kinds: Mapping[str, Kind],
    row_of: RowOf,
    me: str,
) -> list[Wire]:
    """Turn a posted form into changes, without ids.

    Plain names are fields of the address's record; `kind.id.field` are fields of others. Only what
    differs from the record is a change. A new record comes last: it may build on the others.
    `away` takes the record away; `together` makes the changes all or nothing; `seen` is what the
    author had seen; `@now` and `@me` fill themselves in.
    """
    seen = int(form["seen"]) if SEEN.fullmatch(form.get("seen", "")) else 0
    wires: list[Wire] = []
    for (name, one), fields in _targets(form, kind, record, kinds).items():
        row = row_of(name, one)
        filled = {field: _filled(value, me) for field, value in fields.items()}
        wires += _differences(name, one, row, filled)
    if form.get("away"):
        others = [wire for wire in wires if wire["record"] != record]
        wires = [{"do": "delete", "kind": kind, "record": record}, *others]
    for wire in wires:
        wire |= {"base": seen, "at": stamp(datetime.now(UTC))}
    if form.get("together") and len(wires) > 1:
        return [{"do": "group", "changes": wires, "at": wires[0]["at"]}]
    return wires


def _targets(
    form: Mapping[str, str], kind: str, record: str, kinds: Mapping[str, Kind]
) -> dict[Target, dict[str, str]]:
    own = (kind, record or new_id())
    targets: dict[Target, dict[str, str]] = {own: {}}
    for name, value in form.items():
        parts = name.split(".")
        other = (parts[0], ".".join(parts[1:-1])) if len(parts) > 2 else own
        if other[0] in kinds and parts[-1] in kinds[other[0]].fields:
            targets.setdefault(other, {})[parts[-1]] = value
    if not record:
        targets[own] = targets.pop(own)
    return targets


def _differences(
    kind: str, record: str, row: Mapping[str, Any] | None, fields: Mapping[str, str]
) -> list[Wire]:
    about = {"kind": kind, "record": record}
    if row is None:
        value = {field: value for field, value in fields.items() if value != ""}
        return [{"do": "create", **about, "value": value}] if value else []
    return [
        {"do": "set", **about, "field": field, "value": None if value == "" else value}
        for field, value in fields.items()
        if value != _shown(row.get(field))
    ]


def _filled(value: str, me: str) -> str:
    if value == "@now":
        return stamp(datetime.now(UTC))
    return me if value == "@me" else value.strip(BLANK).replace("\r\n", "\n")


def _shown(value: Any) -> str:
    return "" if value is None else str(value)
