"""A kind: what sync knows of one sort of record, read off its table."""

from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Integer, Table

OWN_COLUMNS = ("id", "seq", "gone")


@dataclass(frozen=True)
class Kind:
    """One sort of record. Its table has `id`, `seq`, `gone` and one column a field.

    A column's `info` may say `{"policy": "arrival"}` (the later arrival wins; the older value stays
    in the journal) or `{"by": "office"}` (no device may write it). A table's own may say
    `{"numbered": True}`: devices are told when its records were written, because pages ask for it.
    """

    name: str
    table: Table

    @cached_property
    def fields(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.table.columns if c.name not in OWN_COLUMNS)

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(self.fields)

    @cached_property
    def numbers(self) -> frozenset[str]:
        return frozenset(f for f in self.fields if isinstance(self.table.c[f].type, Integer))

    @cached_property
    def numbered(self) -> bool:
        return bool(self.table.info.get("numbered"))

    @cached_property
    def arrival(self) -> frozenset[str]:
        return self._marked("policy", "arrival")

    @cached_property
    def office(self) -> frozenset[str]:
        return self._marked("by", "office")

    def _marked(self, key: str, value: str) -> frozenset[str]:
        return frozenset(f for f in self.fields if self.table.c[f].info.get(key) == value)


def kind_of(table: Table) -> Kind:
    """Name a kind after its table."""
    return Kind(table.name, table)
