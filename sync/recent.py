"""What was written lately, as some may hold it: read once, told to each from where they stand."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from itertools import chain, takewhile
from operator import sub
from threading import Lock
from typing import NamedTuple

from sync.standing import encode

KEPT = 8
LONGEST = 12_000  # parts; beyond that a fresh image is smaller and sooner there


class Part(NamedTuple):
    """One field that was set, or a record as a whole; both as JSON. `name` is kind and field."""

    seq: int
    record: str
    name: str
    text: str


@dataclass
class Recent:
    """What was written above one number, up to another that grows, in the order of its numbers."""

    since: int
    upto: int
    _parts: dict[tuple[str, str], Part] = field(default_factory=dict)
    _names: dict[str, set[str]] = field(default_factory=dict)
    _texts: dict[int, str | None] = field(default_factory=dict)

    def follow(self, news: Iterable[Part], upto: int) -> None:
        """Go on to a higher number: what was written since comes last, in place of what it was."""
        for part in sorted(news):
            self._forget(part.record, None if not part.name else part.name)
            self._parts[part.record, part.name] = part
            self._names.setdefault(part.record, set()).add(part.name)
        self.upto = upto
        self._texts.clear()

    def above(self, cursor: int) -> str | None:
        """Join what was written above a number; None where that is too much."""
        if cursor not in self._texts:
            late = takewhile(lambda one: one.seq > cursor, reversed(self._parts.values()))
            told = list(late)[::-1]
            self._texts[cursor] = joined(told) if len(told) <= LONGEST else None
        return self._texts[cursor]

    @property
    def long(self) -> bool:
        return len(self._parts) > 2 * LONGEST

    def _forget(self, record: str, name: str | None) -> None:
        """Leave out what is older: of one field, or all there is of the record."""
        held = self._names.get(record, set())
        for one in list(held) if name is None else held & {name}:
            held.remove(one)
            del self._parts[record, one]


def joined(told: list[Part]) -> str:
    """Write records as a list, and after it fields in columns: that packs best."""
    records = ",".join(one.text for one in told if not one.name)
    sets = [one for one in told if one.name]
    if not sets:
        return records
    names = {name: str(n) for n, name in enumerate(dict.fromkeys(one.name for one in sets))}
    seqs = [one.seq for one in sets]
    columns = (
        (names[one.name] for one in sets),
        (one.record for one in sets),
        map(str, map(sub, seqs, chain([0], seqs))),
        (one.text for one in sets),
    )
    lists = "],[".join(map(",".join, columns))
    return f'{records}],"sets":[{encode(list(names))},[{lists}]'


@dataclass
class Shared:
    """What is recent, for each set of rights. Whoever comes second waits for the first.

    A reader who sees an older state than what is kept reads on their own.
    """

    _kept: OrderedDict[Hashable, Recent] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def above(
        self, key: Hashable, cursor: int, upto: int, read: Callable[[int], list[Part] | None]
    ) -> str | None:
        """Join what was written from `cursor` to `upto`; `read` gives what is above a number."""
        with self._lock:
            recent = self._kept.get(key)
            if recent is None or cursor < recent.since or upto < recent.upto:
                recent = Recent(cursor, cursor)
            if recent.upto < upto:
                news = read(recent.upto)
                if news is None:
                    return None
                recent.follow(news, upto)
            self._keep(key, recent)
            return recent.above(cursor)

    def _keep(self, key: Hashable, recent: Recent) -> None:
        before = self._kept.pop(key, recent)
        self._kept[key] = before if before.upto > recent.upto else recent
        if recent.long:
            del self._kept[key]
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
