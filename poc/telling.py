"""Telling a history in words: values as people read them, names of people, phones and records."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from poc.book import FIELD_WORDS
from poc.bring import DEVICE as IMPORT
from poc.dialect import film
from sync import Kind
from sync.clock import parse
from sync.history import Entry

Line = dict[str, Any]
NAME = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z")
BONEYARD = "boneyard"
OFFICE = "office"
SAID_LATE = timedelta(seconds=90)  # typed so long before it came in
LONGEST, LONGEST_BUTTON = 300, 16
LENGTHS = ("minutes", "lunch_minutes", "rest_minutes")
YES_OR_NO = ("excused", "superseded", "revoked", "cancelled", "installed", "changed")
SETTLED = {"late": "and took it", "kept": "and kept what stood"}


@dataclass(frozen=True)
class Teller:
    """Tells the history of one record to somebody who may read all of it."""

    kind: Kind
    row: Mapping[str, Any]
    label: str
    zone: ZoneInfo
    people: Mapping[str, str]
    devices: Mapping[str, str]
    writes: bool
    named: Callable[[str], str]  # what another record is called; nothing when it is not theirs

    def line(self, entry: Entry, first: bool) -> Line:
        """Tell one line: what happened, to which field, by whom, when, and how to undo it."""
        was, now = self._values(entry)
        return {
            "do": entry.do,
            "say": self._say(entry, first),
            "field": self._field(entry.field),
            "was": was,
            "now": now,
            "who": self._who(entry.person),
            "device": self._device(entry.device),
            "at": entry.received_at,
            "time": self._moment(entry.received_at, "%H:%M"),
            "made": self._made(entry),
            "settled": self._settled(entry),
            "open": bool(entry.aside and not entry.aside.settled),
            "put": self._put(entry),
        }

    def lost(self) -> list[Line]:
        """Give the fields to send so that a removed record is there again, if that may be done."""
        if not self.row["gone"] or not self.writes:
            return []
        own = (name for name in self.kind.fields if name not in self.kind.office)
        return [{"name": n, "value": self.row[n]} for n in own if self.row[n] is not None]

    def _values(self, entry: Entry) -> tuple[str, str]:
        was, now = (self.shown(entry.field, one) for one in (entry.before, entry.after))
        if was == now and entry.do == "set":
            return "", f"elsewhere in {now}" if entry.field == "place" else f"{now}, written anew"
        return ("", now) if entry.before is None and entry.do == "set" else (was, now)

    def shown(self, field: str, value: str | int | None) -> str:
        """Write a value as the pages of its kind do."""
        if value is None:
            return "empty"
        if isinstance(value, int):
            return _number(field, value)
        if field == "place" and self.kind.name == "strip":
            return self._place(value)
        if NAME.fullmatch(value):
            return self.named(value) or "another record"
        if INSTANT.fullmatch(value):
            return self._moment(value, None)
        text = film.clock(value) if film.since_midnight(value) is not None else film.date(value)
        return text if len(text) <= LONGEST else f"{text[:LONGEST].rstrip()}…"

    def _place(self, place: str) -> str:
        day = place.partition(" ")[0]
        return "the boneyard" if day == BONEYARD else self.named(day) or "another day"

    def _say(self, entry: Entry, first: bool) -> str:
        if entry.do == "create" and not first:
            return "Brought back"
        if entry.do == "create":
            return "Imported from a file" if entry.device == IMPORT else "Added"
        if entry.do == "delete":
            return "Removed"
        return self._collided(entry) if entry.aside else ""

    def _collided(self, entry: Entry) -> str:
        assert entry.aside is not None
        if entry.aside.do == "delete":
            return "wanted to remove it while somebody changed it."
        return "" if entry.field else "typed it after it was removed."

    def _field(self, name: str) -> str:
        plain = FIELD_WORDS.get((self.kind.name, name)) or name.replace("_", " ")
        return plain[:1].upper() + plain[1:]

    def _who(self, person: str) -> str:
        return (
            "The office, by itself" if person == OFFICE else self.people.get(person) or "Somebody"
        )

    def _device(self, device: str) -> str:
        if device == IMPORT:
            return "imported"
        return self.devices.get(device.removeprefix("web-")) or ""

    def _made(self, entry: Entry) -> str:
        """Say when it was done, where that was long before the office heard of it."""
        made, taken = parse(entry.at), parse(entry.received_at)
        if taken - made < SAID_LATE:
            return ""
        same = made.astimezone(self.zone).date() == taken.astimezone(self.zone).date()
        typed = self._moment(entry.at, "%H:%M" if same else None)
        return f"typed {typed}, arrived {self._moment(entry.received_at, '%H:%M')}"

    def _settled(self, entry: Entry) -> str:
        if not entry.aside or not entry.aside.settled:
            return ""
        how = SETTLED.get(entry.aside.settled, "with another value")
        return f"{self._who(entry.aside.settled_by)} settled it {how}."

    def _put(self, entry: Entry) -> Line | None:
        """Give what a form sends to put the older value back: an edit like any other."""
        older = entry.after if entry.aside else entry.before
        undone = entry.do == "set" or bool(entry.aside and entry.aside.settled and entry.field)
        may = self.writes and not self.row["gone"] and entry.field not in self.kind.office
        if not (undone and may) or older in (None, self.row[entry.field]):
            return None
        words = self.shown(entry.field, older)
        return {
            "name": entry.field,
            "value": older,
            "words": words if len(words) <= LONGEST_BUTTON else "this",
            "label": f"{self.label}: {self._field(entry.field).lower()}",
        }

    def _moment(self, at: str, form: str | None) -> str:
        moment = parse(at).astimezone(self.zone)
        day = film.date(moment.date().isoformat())
        return moment.strftime(form) if form else f"{day}, {moment:%H:%M}"


def _number(field: str, value: int) -> str:
    if field == "eighths":
        return film.eighths(value)
    if field in LENGTHS:
        return film.minutes(value)
    return ("no", "yes")[value] if field in YES_OR_NO and value in (0, 1) else str(value)
