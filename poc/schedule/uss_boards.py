"""Stripboards in a USS file: which of them is the schedule, and its groups of strips by day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from poc.reading import rows, words

SCRIPT_ORDER = "script order"
ID_KEYS = ("breakdownIds", "breakdownArrays", "breakdowns")


@dataclass(frozen=True)
class Board:
    """One stripboard of the file: its days in order, and the strips that lie beside them."""

    name: str
    calendar: str
    groups: tuple[tuple[str, ...], ...]
    beside: tuple[str, ...]
    broken_into_days: bool

    @property
    def is_schedule(self) -> bool:
        """A breakdown is often saved with a board that only repeats the order of the script."""
        in_script_order = self.name.strip().casefold() == SCRIPT_ORDER
        return len(self.groups) > 1 or (len(self.groups) == 1 and not in_script_order)

    @property
    def weight(self) -> tuple[bool, int, int]:
        return self.is_schedule, len(self.groups), sum(map(len, self.groups))


def chosen(stripboards: object, day_breaks: frozenset[str]) -> Board | None:
    """The board with the most shooting days, then the most strips."""
    boards = [_board(row, day_breaks) for row in rows(stripboards)]
    return max(boards, key=lambda board: board.weight, default=None)


def _board(row: dict[str, object], day_breaks: frozenset[str]) -> Board:
    parts = rows(row.get("boards"))
    main = next((part for part in parts if not _is_boneyard(part)), {})
    groups, broken = _groups(_ids(main), day_breaks)
    beside = [ref for part in parts if part is not main for ref in _flat(_ids(part))]
    return Board(
        words(row.get("name")),
        words(row.get("calendar")),
        tuple(tuple(group) for group in groups),
        tuple(ref for ref in beside if ref not in day_breaks),
        broken,
    )


def _is_boneyard(part: dict[str, object]) -> bool:
    return "bone" in words(part.get("name")).casefold()


def _ids(part: dict[str, object]) -> list[object]:
    found = next((part[key] for key in ID_KEYS if part.get(key)), [])
    return found if isinstance(found, list) else []


def _flat(ids: Sequence[object]) -> Iterator[str]:
    for ref in ids:
        if isinstance(ref, list):
            yield from map(words, ref)
        else:
            yield words(ref)


def _groups(ids: list[object], day_breaks: frozenset[str]) -> tuple[list[list[str]], bool]:
    """Strips by day, and whether the file itself says where a day ends."""
    if any(isinstance(ref, list) for ref in ids):
        groups = [list(_flat(ref if isinstance(ref, list) else [ref])) for ref in ids]
        return _kept([[ref for ref in group if ref not in day_breaks] for group in groups]), True
    refs = list(_flat(ids))
    return _kept(_split(refs, day_breaks)), any(ref in day_breaks for ref in refs)


def _split(refs: list[str], day_breaks: frozenset[str]) -> list[list[str]]:
    """Early files end each day with a strip of type `day`."""
    groups: list[list[str]] = [[]]
    for ref in refs:
        if ref in day_breaks:
            groups.append([])
        else:
            groups[-1].append(ref)
    return groups[1:] if refs and refs[0] in day_breaks else groups


def _kept(groups: list[list[str]]) -> list[list[str]]:
    """An empty day holds its date between others, but not after the last."""
    while groups and not groups[-1]:
        groups.pop()
    return groups
