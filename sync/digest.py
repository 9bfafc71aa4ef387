"""A digest of what somebody holds: of each kind how many records, and what is in them.

Its twin is sw/digest.js. Numbers of the journal are left out: a copy does not carry them.
"""

from collections.abc import Iterable, Mapping
from zlib import crc32

from sqlalchemy import Connection, select

from sync.kinds import Kind
from sync.scope import Scope
from sync.snapshot import within

Digest = dict[str, list[int]]
NOTHING, BETWEEN = "\0", "\x1f"  # no text of ours holds a zero


def digest(connection: Connection, kinds: Mapping[str, Kind], scope: Scope) -> Digest:
    """Sum up what a person may hold. A copy that lost a record, or a change, sums up otherwise."""
    found: Digest = {}
    for name, rule in scope.reads.items():
        columns = kinds[name].table.columns
        names = ("id", *sorted(kinds[name].fields))
        held = (columns["gone"] == 0, within(kinds[name], rule))
        rows = connection.execute(select(*(columns[one] for one in names)).where(*held)).all()
        found[name] = [len(rows), sum(map(_sum, rows))]
    return found


def _sum(row: Iterable[str | int | None]) -> int:
    return crc32(BETWEEN.join(NOTHING if one is None else str(one) for one in row).encode())
