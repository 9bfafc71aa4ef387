"""What the office does when a publication arrives: it freezes it, and tells whom it concerns."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from poc.answer import find
from poc.bell.hours import hours
from poc.book import Book
from poc.office.notices import Told
from poc.office.reminders import arrivals as reminders
from poc.office.withdrawals import withdrawn
from poc.office.working_days import changed_days
from sync import Change, Desk, Refused
from sync.clock import parse
from sync.merge import Arrival
from sync.standing import encode

Rows = dict[str, Any]
SHEET, BOARD = "/days/<day>/sheet", "/board"
# What of a day is marked on the next revision when it changed, and its name on the sheet.
MARKED = {
    "general_call": "Unit call",
    "shooting_call": "Shooting call",
    "breakfast": "Breakfast",
    "lunch": "Lunch",
    "wrap": "Est. wrap",
    "place": "Location",
    "date": "Date",
    "weather": "Weather",
    "safety": "Safety",
    "notes": "Notes",
}
FACTS = ("call", "pickup", "pickup_place", "place", "address", "note")


def arrivals(book: Book) -> Mapping[str, Arrival]:
    """Give the reactions of this area, by the kind that arrives."""

    def published(desk: Desk, change: Change, row: Rows) -> None:
        _keep(change, "What was published never changes. Publish again instead.")
        _publish(book, desk, row)

    reactions = {"publication": published, "withdrawal": withdrawn, "receipt": _receipt}
    return {**reactions, "clash": _clash, **reminders(book)}


def _receipt(desk: Desk, change: Change, row: Rows) -> None:
    _keep(change, "That somebody saw or was told is a fact; it cannot be taken back.")
    if row.get("department") is None:
        query = "select department from person where id = :person"
        found = _asker(desk.connection)(query, {"person": row.get("person")})
        desk.set("receipt", row["id"], department=found[0]["department"] if found else None)


def _clash(desk: Desk, change: Change, row: Rows) -> None:
    if change.do == "delete":
        raise Refused("A clash is settled, not removed.", "permission")


def _keep(change: Change, sentence: str) -> None:
    if change.do != "create":
        raise Refused(sentence, "permission")


def _publish(book: Book, desk: Desk, row: Rows) -> None:
    ask = _asker(desk.connection)
    before = _before(ask, row)
    day = row.get("shoot_day")
    if row.get("subject") == "call_sheet" and not _planned(ask, day):
        raise Refused("This day is not on the schedule any more, so it cannot be published.")
    rows = _freeze(book, ask, row)
    rows["changes"] = list(_changes(json.loads(before["rows"]), rows)) if before else []
    revision = before["revision"] + 1 if before else 0
    when = hours(desk.connection)
    stamps = {**_stamped(ask, desk, row, rows, revision), "leaves_at": when.leaves_at(desk.now)}
    desk.set("publication", row["id"], **stamps)
    if before:
        desk.set("publication", before["id"], superseded=1)
    told = Told(book, desk, {**row, **stamps}, when)
    if row.get("subject") == "call_sheet":
        _call_everybody(told, ask, rows, before)
    else:
        _tell_the_cast(told, ask, rows, before)


def _stamped(ask: "Ask", desk: Desk, row: Rows, rows: Rows, revision: int) -> Rows:
    query = "select colour from revision_colour where revision = :n"
    colours = ask(query, {"n": revision})
    zone = ask("select zone from production where id = 'production'", {})[0]["zone"] or "UTC"
    local = parse(desk.now).astimezone(ZoneInfo(zone))
    content = encode(rows)
    return {
        "made_by": desk.author,
        "made_at": desk.now,
        "local_time": local.strftime("%H:%M"),
        "date": rows["day"]["date"] if "day" in rows else local.date().isoformat(),
        "revision": revision,
        "colour": colours[0]["colour"] if colours else f"Revision {revision}",
        "fingerprint": hashlib.sha256(content.encode()).hexdigest(),
        "superseded": 0,
        "rows": content,
    }


def _call_everybody(told: Told, ask: "Ask", rows: Rows, before: Rows | None) -> None:
    query = "select * from affected where shoot_day = :day order by person"
    publication = told.publication
    people = ask(query, {"day": publication["shoot_day"]})
    for person in people:
        if person["call"] is not None or person["changed"]:
            called = _called(publication, person, before)
            told.desk.create("called", {**called, "wrap": rows["day"]["wrap"]})
    told.calls(rows["day"], people)


def _tell_the_cast(told: Told, ask: "Ask", rows: Rows, before: Rows | None) -> None:
    """A new schedule concerns those whose own shooting days are others than before."""
    old = json.loads(before["rows"]) if before else None
    speech = {row["person"]: row for row in ask("select id as person, language from person", {})}
    for person, gained, lost in changed_days(old, rows, told.publication["date"]):
        whom = speech.get(person, {"person": person, "language": None})
        told.days(whom, gained, lost, before is None)
    told.leave()


def _called(publication: Rows, person: Rows, before: Rows | None) -> Rows:
    was = {f"was_{name}": person[f"was_{name}"] for name in ("date", *FACTS[:4])}
    return {
        "publication": publication["id"],
        "shoot_day": publication["shoot_day"],
        "date": publication["date"],
        "person": person["person"],
        "department": person["department"],
        **{name: person[name] for name in FACTS},
        **(was if person["changed"] else {}),
        "was_colour": before["colour"] if before and person["before"] else None,
        "changed": person["changed"],
        "since": publication["id"] if person["changed"] else person["since"],
    }


def _freeze(book: Book, ask: "Ask", row: Rows) -> Rows:
    page = book.by_path[SHEET if row.get("subject") == "call_sheet" else BOARD]
    parameters = {"day": row.get("shoot_day")}
    asked = (query for query in page.queries if query.name != "publication")
    return {query.name: find(ask, query, parameters) for query in asked}


def _changes(old: Rows, new: Rows) -> Iterator[dict[str, str | None]]:
    """Say what a revision changed, each with the cell of the sheet to mark."""
    if "day" in new:
        for name, what in MARKED.items():
            yield from _differs(f"day.{name}", what, old["day"].get(name), new["day"].get(name))
        yield from _strips(old["day_strips"], new["day_strips"])
        yield from _people(old["callings"], new["callings"])
    else:
        yield from _days(old["days"], new["days"])


def _differs(cell: str, what: str, was: Any, now: Any) -> Iterator[dict[str, str | None]]:
    if was != now:
        yield {"cell": cell, "what": what, "was": was, "now": now}


def _strips(old: list[Rows], new: list[Rows]) -> Iterator[dict[str, str | None]]:
    before, after = _scenes(old), _scenes(new)
    for scene, number in after.items():
        if scene not in before:
            yield {"cell": f"strip.{scene}", "what": f"Sc {number}", "was": None, "now": "added"}
    for scene, number in before.items():
        if scene not in after:
            yield {"cell": f"strip.{scene}", "what": f"Sc {number}", "was": None, "now": "removed"}


def _scenes(strips: list[Rows]) -> dict[str, str]:
    return {strip["scene"]: strip["number"] or "?" for strip in strips if strip["scene"]}


def _people(old: list[Rows], new: list[Rows]) -> Iterator[dict[str, str | None]]:
    before = {row["person"]: row for row in old}
    for row in new:
        was = before.get(row["person"], {})
        cell = f"call.{row['person']}"
        if (was and was.get("source") != "general") or row["source"] != "general":
            yield from _differs(cell, row["name"], was.get("call"), row["call"])
        yield from _differs(
            f"pickup.{row['person']}", row["name"], was.get("pickup"), row["pickup"]
        )


def _days(old: list[Rows], new: list[Rows]) -> Iterator[dict[str, str | None]]:
    before = {row["id"]: row for row in old}
    for row in new:
        was = before.get(row["id"], {})
        what = f"Day {row['number']}"
        for name in ("date", "place", "general_call"):
            yield from _differs(f"{name}.{row['id']}", what, was.get(name), row[name])


def _before(ask: "Ask", row: Rows) -> Rows | None:
    query = (
        "select * from publication where subject = :subject and superseded = 0 and gone = 0"
        " and coalesce(shoot_day, '') = coalesce(:day, '') and id <> :id order by revision desc"
    )
    about = {"subject": row.get("subject"), "day": row.get("shoot_day"), "id": row["id"]}
    found = ask(query, about)
    return found[0] if found else None


def _planned(ask: "Ask", day: Any) -> bool:
    return bool(ask("select id from shoot_day where id = :day and gone = 0", {"day": day}))


Ask = Callable[[str, Mapping[str, Any]], list[Rows]]


def _asker(connection: Connection) -> Ask:
    return lambda sql, p: [dict(row) for row in connection.execute(text(sql), p).mappings()]
