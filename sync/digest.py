"""A cheap digest of what somebody holds: how many records of each kind, and their numbers' sum."""

from collections.abc import Mapping

from sqlalchemy import Connection, func, literal, select, union_all

from sync.kinds import Kind
from sync.scope import Scope
from sync.snapshot import within

Digest = dict[str, list[int]]


def digest(connection: Connection, kinds: Mapping[str, Kind], scope: Scope) -> Digest:
    """Count what a person may hold. A copy that lost a record, or kept one, counts otherwise."""
    counts = []
    for name, rule in scope.reads.items():
        table = kinds[name].table
        total = func.coalesce(func.sum(table.c.seq), 0)
        held = (table.c.gone == 0, within(kinds[name], rule))
        counts.append(select(literal(name), func.count(), total).where(*held))
    if not counts:
        return {}
    return {
        name: [count, int(total)] for name, count, total in connection.execute(union_all(*counts))
    }
