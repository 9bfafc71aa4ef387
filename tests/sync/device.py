"""A device as the office knows it: a replica, an outbox, and the rules by which it receives."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from sync import Request
from tests.sync.film import KINDS, Answer, Wire

Key = tuple[str, str]
Record = dict[str, Any]
Fetch = Callable[[], bytes | None]


@dataclass
class Device:
    """One person's phone or tablet. `life` counts how often it lost everything it held."""

    place: str
    person: str
    life: int = 0
    made: int = 0
    generation: str = ""
    epoch: int = -1
    cursor: int = 0
    replica: dict[Key, Record] = field(default_factory=dict)
    outbox: list[Wire] = field(default_factory=list)
    done: dict[str, dict[str, Any]] = field(default_factory=dict)
    kept: list[Wire] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"{self.place}{self.life}"

    @property
    def takes_columns(self) -> bool:
        """Some devices have an older app, which takes only whole records."""
        return crc32(self.name.encode()) % 3 > 0

    def next_id(self) -> str:
        self.made += 1
        return f"{self.name}.{self.made}"

    def keep(self, wire: Wire) -> None:
        """Put an edit into the outbox, as seen up to here and after the author's own."""
        for one in wire.get("changes", [wire]):
            one |= {"base": self.cursor, "after": self._before(one)}
        wire["generation"] = self.generation
        self.outbox.append(wire)
        self.asked.append(wire["id"])

    def view(self) -> dict[Key, Record]:
        """What the screen shows: the replica with the waiting edits laid on top."""
        view = {key: dict(record) for key, record in self.replica.items()}
        for one in self._flat():
            key = (one["kind"], one["record"])
            if one["do"] == "create":
                view[key] = {**view.get(key, {}), **one["value"]}
            elif one["do"] == "delete":
                view.pop(key, None)
            elif key in view:
                view[key][one["field"]] = one["value"]
        return view

    def request(self, count: int, sent_at: Any) -> Request:
        stand = (self.name, self.generation, self.epoch, self.cursor, sent_at)
        changes = json.loads(json.dumps(self.outbox[:count]))
        return Request(*stand, changes=changes, columns=self.takes_columns, digest=True)

    def receive(self, answer: Answer, fetch: Fetch) -> None:
        """Take an answer whole or not at all; results go with the records they are about."""
        if answer["revoked"]:
            self.forget()
            self._live_in(answer["generation"])
        elif answer["reset"]:
            image = fetch()
            if image is None or not self._open(image):
                return
        elif self.is_stale(answer):
            return
        else:
            self._take(answer)
        # What another life answered may be lost: it is asked again.
        if answer["generation"] == self.generation:
            self._settle(answer["results"])

    def is_stale(self, answer: Answer) -> bool:
        stand = (answer["generation"], answer["epoch"])
        other = stand != (self.generation, self.epoch)
        return other or answer["from"] > self.cursor or answer["cursor"] < self.cursor

    def forget(self) -> None:
        """Lose the replica; what the person typed stays."""
        self.replica, self.cursor, self.epoch = {}, 0, -1

    def lose_everything(self) -> None:
        """Lose the outbox too, and with it the name."""
        self.forget()
        self.life += 1
        self.made, self.generation = 0, ""
        self.outbox, self.done, self.kept, self.asked = [], {}, [], []

    def _take(self, answer: Answer) -> None:
        for kind, record, _, fields in answer["records"]:
            if fields is None:
                self.replica.pop((kind, record), None)
            else:
                self.replica[kind, record] = dict(fields)
        for kind, record, name, value in unfolded(answer.get("sets")):
            held = self.replica.setdefault((kind, record), {})
            held[name] = value
            if value is None:
                held.pop(name)
        self.cursor = answer["cursor"]

    def _open(self, image: bytes) -> bool:
        replica, about = unpack(image)
        stand = (about["generation"], int(about["epoch"]))
        if stand == (self.generation, self.epoch) and int(about["cursor"]) < self.cursor:
            return False
        self.replica = replica
        self._live_in(about["generation"])
        (self.generation, self.epoch), self.cursor = stand, int(about["cursor"])
        return True

    def _live_in(self, generation: str) -> None:
        """A restored office may not know what it had answered: all of it is sent once more."""
        if generation != self.generation:
            self.generation = generation
            self.outbox, self.kept, self.done = [*self.kept, *self.outbox], [], {}

    def _settle(self, results: list[Any]) -> None:
        self.done |= dict(results)
        self.kept += [wire for wire in self.outbox if wire["id"] in self.done]
        self.outbox = [wire for wire in self.outbox if wire["id"] not in self.done]

    def _flat(self) -> list[Wire]:
        return [one for wire in self.outbox for one in wire.get("changes", [wire])]

    def _before(self, wire: Wire) -> str | None:
        same = [
            one["id"]
            for one in self._flat()
            if one["record"] == wire["record"]
            and (wire["do"] != "set" or one.get("field", wire["field"]) == wire["field"])
        ]
        return same[-1] if same else None


def digest_of(replica: dict[Key, Record]) -> dict[str, list[int]]:
    """Count the records of each kind, and add up what is in them."""
    found: dict[str, list[int]] = {}
    for (kind, record), fields in replica.items():
        values = [fields.get(name) for name in sorted(KINDS[kind].fields)]
        told = "\x1f".join("\0" if one is None else str(one) for one in (record, *values))
        count, total = found.get(kind, [0, 0])
        found[kind] = [count + 1, total + crc32(told.encode())]
    return found


def unfolded(sets: Any) -> Iterator[tuple[str, str, str, Any]]:
    """Read fields that were set out of their columns, in the order of their numbers."""
    names, codes, records, _, values = sets or ([], [], [], [], [])
    for code, record, value in zip(codes, records, values, strict=True):
        kind, name = names[code].split(".")
        yield kind, record, name, value


def unpack(image: bytes) -> tuple[dict[Key, Record], dict[str, str]]:
    """Read the records of an image, and where it stands."""
    replica: dict[Key, Record] = {}
    with closing(sqlite3.connect(":memory:")) as copy:
        copy.deserialize(image)
        copy.row_factory = sqlite3.Row
        for kind in KINDS:
            for row in copy.execute(f"select * from {kind}"):
                held = {k: row[k] for k in row.keys() if row[k] is not None}  # noqa: SIM118
                del held["gone"], held["seq"]
                replica[kind, held.pop("id")] = held
        about = dict(tuple(row) for row in copy.execute("select key, value from replica"))
    return replica, about
