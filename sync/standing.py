"""Where one record stands: its fields, and for each the number and the change that set it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

REST, LAST = "", "*"  # the version of every field not named; the writer of the latest change


@dataclass
class Standing:
    """A record as the merge sees it. A field not in `versions` stands since the record was made."""

    id: str
    kind: str
    seq: int = 0
    gone: int = 0
    fields: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    writers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Standing":
        """Read a record's row of the ledger."""
        body, versions, writers = (json.loads(row[c]) for c in ("body", "versions", "writers"))
        return cls(row["id"], row["kind"], row["seq"], row["gone"], body, versions, writers)

    @property
    def exists(self) -> bool:
        return self.seq > 0 and not self.gone

    def version(self, name: str) -> int:
        """Return the number the field was last set at."""
        return self.versions.get(name, self.versions.get(REST, 0))

    def writer(self, name: str) -> str:
        """Return the id of the change that last set the field."""
        return self.writers.get(name, self.writers.get(REST, ""))

    def touched(self, name: str) -> bool:
        """Say whether the field has a value, or ever had one."""
        return self.fields.get(name) is not None or name in self.versions

    def put(self, name: str, value: object, seq: int, writer: str) -> None:
        """Set one field."""
        self.fields[name] = value
        self.versions[name] = seq
        self.writers[name] = writer
        self._touch(seq, writer)

    def make(self, fields: Mapping[str, Any], seq: int, writer: str) -> None:
        """Begin the record, or begin it anew after it was removed."""
        # Whoever held the removed one may not hold the new one: then every field counts as moved.
        moved = dict.fromkeys((*self.fields, *fields), seq) if self.seq else {}
        self.fields = dict(fields)
        self.versions, self.writers = {REST: seq, **moved}, {REST: writer}
        self.gone = 0
        self._touch(seq, writer)

    def remove(self, seq: int, writer: str) -> None:
        """Mark the record as gone; it stays in the ledger."""
        self.gone = 1
        self._touch(seq, writer)

    def _touch(self, seq: int, writer: str) -> None:
        self.seq = seq
        self.writers[LAST] = writer

    def row(self) -> dict[str, Any]:
        """Return the record's row of the ledger, encoded once for every device."""
        body = {name: value for name, value in self.fields.items() if value is not None}
        return {
            "id": self.id,
            "kind": self.kind,
            "seq": self.seq,
            "gone": self.gone,
            "body": encode(body),
            "versions": encode(self.versions),
            "writers": encode(self.writers),
        }


_shortest = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def encode(value: object) -> str:
    """Write JSON as short as it gets."""
    return _shortest.encode(value)
