"""What one person may hold and write: rules over a record's own fields, nothing else."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

Row = Mapping[str, object]


@dataclass(frozen=True)
class Rule:
    """Rows of a kind: all of them, or those where any named field has one of the values."""

    where: Mapping[str, frozenset[object]] | None = None

    def covers(self, row: Row) -> bool:
        """Say whether the rule covers this row."""
        if self.where is None:
            return True
        return any(row.get(name) in values for name, values in self.where.items())


ALL = Rule()


@dataclass(frozen=True)
class Scope:
    """One person's rights in one production. A changed `epoch` makes devices start afresh."""

    person: str
    epoch: int
    reads: Mapping[str, Rule]
    writes: Mapping[str, Rule]
    office: bool = field(default=False)

    @cached_property
    def rights(self) -> Hashable:
        """What may be held, in a form that is equal for people who may hold the same."""
        return frozenset(
            (kind, None if rule.where is None else frozenset(rule.where.items()))
            for kind, rule in self.reads.items()
        )

    def sees(self, kind: str, row: Row) -> bool:
        """Say whether the person may hold this row."""
        rule = self.reads.get(kind)
        return rule is not None and rule.covers(row)

    def may_write(self, kind: str, row: Row) -> bool:
        """Say whether the person may write this row."""
        rule = self.writes.get(kind)
        return rule is not None and rule.covers(row)

    def whole(self, kind: str) -> bool:
        """Say whether the person holds every row of the kind."""
        rule = self.reads.get(kind)
        return rule is not None and rule.where is None


def office(kinds: Mapping[str, object]) -> Scope:
    """Return the scope of the office itself, which writes what people only cause."""
    every = dict.fromkeys(kinds, ALL)
    return Scope("office", 0, every, every, office=True)
