"""An edit that waited long is read under today's names. Its twin is sw/former.js.

A column says what it was called before: `info={"was": ("old_name",)}`; so does a table. A name that
was given up is never given to anything else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Column, Table

from sync.change import Change
from sync.kinds import Kind

Names = Mapping[str, str]


@dataclass(frozen=True)
class Former:
    """What kinds, and the fields of each kind, were called before, and are called now."""

    kinds: Names
    fields: Mapping[str, Names]

    def today(self, change: Change) -> Change:
        """Give a change as it would be made now, its members too."""
        if not self.kinds and not self.fields:
            return change
        if change.members:
            return replace(change, members=tuple(self.today(one) for one in change.members))
        kind = self.kinds.get(change.kind, change.kind)
        names = self.fields.get(kind, {})
        field = names.get(change.field, change.field)
        value = _renamed(change.value, names) if change.do == "create" else change.value
        return replace(change, kind=kind, field=field, value=value)


def former(kinds: Mapping[str, Kind]) -> Former:
    """Read the former names of all kinds off their tables."""
    fields = {kind.name: _names(*kind.table.columns) for kind in kinds.values()}
    tables = _names(*(kind.table for kind in kinds.values()))
    return Former(tables, {kind: names for kind, names in fields.items() if names})


def _names(*those: Column[Any] | Table) -> dict[str, str]:
    return {old: one.name for one in those for old in one.info.get("was", ())}


def _renamed(value: Mapping[str, Any], names: Names) -> dict[str, Any]:
    # Where a record says both, what it says under today's name counts.
    said = {field: one for field, one in value.items() if field not in names}
    return {names.get(field, field): one for field, one in value.items()} | said
