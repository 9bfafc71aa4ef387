"""What several devices lack alike: joined by the first who asks, kept for the others."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock

KEPT = 8

News = list[tuple[str, str]]  # records by their ids, as devices read them; "" for none


@dataclass
class Delta:
    """The records above one number, up to another that grows as more is written."""

    upto: int
    records: dict[str, str] = field(default_factory=dict)
    text: str | None = None

    def follow(self, news: News, upto: int) -> None:
        """Go on to a higher number: what was written since comes last."""
        for record, wire in news:
            self.records.pop(record, None)
            if wire:
                self.records[record] = wire
        self.upto, self.text = upto, None

    def joined(self) -> str:
        """Return all of them, joined once."""
        if self.text is None:
            self.text = ",".join(self.records.values())
        return self.text


@dataclass
class Shared:
    """The last few deltas by what they start from. Whoever comes second waits for the first.

    A reader who sees an older state than what is kept makes a delta of its own.
    """

    _kept: OrderedDict[Hashable, Delta] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def text(
        self, key: Hashable, start: int, upto: int, read: Callable[[int], News | None]
    ) -> str | None:
        """Join the records from `start` to `upto`; `read` gives those above a number, if it can."""
        with self._lock:
            delta = self._kept.pop(key, None) or Delta(start)
            if delta.upto > upto:
                self._kept[key] = delta
                delta = Delta(start)
            if delta.upto < upto:
                news = read(delta.upto)
                if news is None:
                    return None
                delta.follow(news, upto)
            self._kept.setdefault(key, delta)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return delta.joined()
