"""The history of a record: who changed it, when, from what; with a way to put it back."""

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, request

from poc import answer
from poc.area import read_queries
from poc.dialect import film
from poc.door import Guest, guest
from poc.exchange import apologise, revoked
from poc.house import house
from poc.telling import Teller
from sync import Scope
from sync.clock import parse
from sync.history import Entry
from sync.merge import CLASH

history = Blueprint("history", __name__, url_prefix="/p/<slug>/history")
QUERIES = {q.name: q for q in read_queries(Path(__file__).with_suffix(".sql").read_text("utf-8"))}
# A clash has no history of its own: it is told in that of what collided, to those who hold that.
READ = ("person", "device")  # kinds that every history reads beside its own
AT_ONCE = 200
# Where each kind of record is shown, and where its section of the app begins.
PAGES = {
    "shoot_day": "/days/{id}",
    "strip": "/board/{id}",
    "location": "/locations/{id}",
    "person": "/people/{id}",
    "call": "/days/{shoot_day}",
    "membership": "/people/{person}",
    "particulars": "/people/{person}",
    "preference": "/people/{person}",
    "production": "/production",
}
NOT_HERE = "There is no such page, or what it was about is gone."
OFFICE_ONLY = "Who changed what is for the production office."


@history.get("/removed")
def removed(slug: str) -> Response:
    """List what was removed, so that it can be found and brought back."""
    who = guest(slug)
    if who.scope is None:
        return revoked()
    if not _office(who.scope):
        return apologise(who, OFFICE_ONLY, 403)
    with answer.look(house().book, who.production, who.scope) as sight:
        every = answer.find(sight.ask, QUERIES["removed"], {})
        found = [one for one in every if one["kind"] != CLASH and who.scope.whole(one["kind"])]
        told = {"removed": [{**one, "what": one["kind"].replace("_", " ")} for one in found]}
        return Response(answer.fill(house().book, sight, "removed.html", "", told))


@history.get("/<kind>/<record>")
def tell(slug: str, kind: str, record: str) -> Response:
    """Tell what became of one record, newest first."""
    who = guest(slug)
    if who.scope is None:
        return revoked()
    if kind not in house().book.kinds or kind == CLASH:
        return apologise(who, NOT_HERE, 404)
    if not (_office(who.scope) and who.scope.whole(kind)):
        return apologise(who, OFFICE_ONLY, 403)
    with answer.look(house().book, who.production, who.scope) as sight:
        # What the page saw is read first: whatever comes in between counts as unseen.
        entries = who.production.journal.history(record)
        if not entries or entries[0].kind != kind:
            return apologise(who, NOT_HERE, 404)
        return Response(_page(_Asked(who, sight, kind, record), entries))


def _office(scope: Scope) -> bool:
    return all(scope.whole(one) for one in READ)


@dataclass(frozen=True)
class _Asked:
    who: Guest
    sight: answer.Reading
    kind: str
    record: str

    def ask(self, name: str) -> Any:
        about = {"kind": self.kind, "record": self.record}
        return answer.find(self.sight.ask, QUERIES[name], about)

    def row(self) -> dict[str, Any]:
        """Read the record as it is, or as it was when it was removed."""
        query = f'select * from "{self.kind}" where id = :id'
        return self.sight.ask(query, {"id": self.record})[0]

    def label(self) -> str:
        named = self.ask("about")
        return str(named["label"] if named else self.kind.replace("_", " ").capitalize())

    def beside(self) -> list[dict[str, Any]]:
        """List other histories that this person may read, of what stands on the same page."""
        scope = self.who.scope
        return [one for one in self.ask("beside") if scope is not None and scope.whole(one["kind"])]


def _page(asked: _Asked, entries: list[Entry]) -> str:
    row, label = asked.row(), asked.label()
    some, older = _some(entries)
    own = f"/history/{asked.kind}/{quote(asked.record)}"
    place = PAGES[asked.kind].format(**row) if asked.kind in PAGES and not row["gone"] else ""
    teller = _teller(asked, row, label)
    found = {
        "about": {"kind": asked.kind, "id": asked.record, "label": label, "place": place},
        "back": asked.sight.base + (place or own),
        "days": _days(teller, entries, some),
        "alone": len(entries) == 1,
        "changes": len(entries),
        "older": f"{asked.sight.base}{own}?before={older}" if older else "",
        "beside": asked.beside(),
        "lost": teller.lost(),
    }
    return answer.fill(house().book, asked.sight, "history.html", place or own, found)


def _teller(asked: _Asked, row: dict[str, Any], label: str) -> Teller:
    scope = asked.who.scope
    assert scope is not None
    return Teller(
        kind=house().book.kinds[asked.kind],
        row=row,
        label=label,
        zone=asked.who.production.zone,
        people={one["id"]: one["name"] for one in asked.ask("people")},
        devices={one["id"]: one["name"] for one in asked.ask("devices")},
        writes=scope.may_write(asked.kind, row),
        named=lambda record: _named(asked, record),
    )


def _named(asked: _Asked, record: str) -> str:
    """Say what another record is called, to somebody who may read its kind."""
    found = answer.find(asked.sight.ask, QUERIES["named"], {"record": record})
    scope = asked.who.scope
    return found["label"] if found and scope and scope.whole(found["kind"]) else ""


def _some(entries: list[Entry]) -> tuple[list[Entry], int]:
    """Give the newest that were asked for, newest first, and where the older ones end, if any."""
    before = request.args.get("before", type=int)
    left = [one for one in entries if before is None or one.seq < before]
    some = left[-AT_ONCE:]
    return some[::-1], some[0].seq if len(left) > AT_ONCE else 0


def _days(teller: Teller, entries: list[Entry], some: list[Entry]) -> list[dict[str, Any]]:
    """Group what is told by the days of the production on which the office took it."""
    first = entries[0].seq
    lines = [(_day(teller, one), teller.line(one, one.seq == first)) for one in some]
    return [
        {"date": film.long_date(day), "lines": [line for _, line in group]}
        for day, group in groupby(lines, key=lambda line: line[0])
    ]


def _day(teller: Teller, entry: Entry) -> str:
    return parse(entry.received_at).astimezone(teller.zone).date().isoformat()
