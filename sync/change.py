"""A change: new values for one record, by one person on one device; and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

VERSION = 1
VERBS = ("set", "create", "delete", "group")
LONGEST_ID = 120
LONGEST_TEXT = 500_000


class Refused(Exception):
    """A change that cannot be taken. `why` is a word, `say` the sentence a person reads."""

    def __init__(self, say: str, why: str = "invalid") -> None:
        super().__init__(say)
        self.say = say
        self.why = why


def is_name(text: object) -> bool:
    """Say whether this can be a name in a change: a text every database takes, and not too long."""
    return isinstance(text, str) and len(text) <= LONGEST_ID and text.isprintable()


@dataclass(frozen=True)
class Change:
    """What a device asks for.

    `base` is the cursor up to which its author had seen everything; `after` is the author's own
    earlier change of the same field that the office had not answered yet; `at` is the device's
    clock, shown to people and never used to decide anything.
    """

    id: str
    do: str
    kind: str = ""
    record: str = ""
    field: str = ""
    value: Any = None
    base: int = 0
    after: str | None = None
    at: str | None = None
    members: tuple["Change", ...] = ()
    refused: Refused | None = None  # why it could not even be read; then `value` is what came

    @classmethod
    def read(cls, wire: Mapping[str, Any], at: str | None = None) -> "Change":
        """Read a change as it comes over the wire; raise Refused with a sentence if it is none."""
        if wire.get("v", VERSION) > VERSION:
            raise Refused("This phone's app is newer than the office. Try again later.", "version")
        if wire.get("do") not in VERBS:
            raise Refused("The office does not know this kind of change.", "unknown")
        members = tuple(cls.read(member, at) for member in wire.get("changes", ()))
        change = cls(
            id=wire["id"],
            do=wire["do"],
            kind=wire.get("kind", ""),
            record=wire.get("record", ""),
            field=wire.get("field", ""),
            value=wire.get("value"),
            base=wire.get("base", 0),
            after=wire.get("after"),
            at=at or wire.get("at"),
            members=members,
        )
        change._check()
        return change

    def _check(self) -> None:
        texts = (self.id, self.do, self.kind, self.record, self.field)
        if not all(is_name(text) for text in texts):
            raise Refused("The change is damaged: a name in it is no text, or far too long.")
        if not self.id or (self.do != "group" and not (self.kind and self.record)):
            raise Refused("The change is damaged: it does not say what it is about.")
        if not isinstance(self.base, int) or isinstance(self.base, bool):
            raise Refused("The change is damaged: it does not say what its author had seen.")
        if self.do == "create" and not isinstance(self.value, dict):
            raise Refused("The change is damaged: a new record needs its fields.")
        if self.do == "group" and any(member.do == "group" for member in self.members):
            raise Refused("The change is damaged: a group cannot hold a group.")
        if len({self.id, *(member.id for member in self.members)}) <= len(self.members):
            raise Refused("The change is damaged: two parts of it have one name.")


@dataclass(frozen=True)
class Result:
    """What became of it: `applied`, `same`, `conflict` or `rejected`. Stored once, for good."""

    st: str
    seq: int = 0
    clash: str = ""
    why: str = ""
    say: str = ""

    def wire(self) -> dict[str, Any]:
        """Return the result without its empty parts."""
        return {key: value for key, value in vars(self).items() if value}
