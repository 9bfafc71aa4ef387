"""What the office does about those who do not know yet: it asks again, and notes who was told."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from poc.answer import find
from poc.bell.hours import hours
from poc.book import Book
from poc.office.notices import Told
from sync import Change, Desk, Refused
from sync.clock import parse, stamp
from sync.merge import Arrival

Rows = dict[str, Any]
PAUSE = timedelta(minutes=10)  # nobody's phone rings twice within it about one day

SHEET = text(
    "select publication.*, shoot_day.number, shoot_day.cancelled from publication"
    " join shoot_day on shoot_day.id = publication.shoot_day"
    " where publication.id = :id and publication.superseded = 0 and publication.gone = 0"
)
RUNG = text(
    "select notice.person from notice join publication on publication.id = notice.publication"
    " where publication.shoot_day = :day and notice.made_at > :since and notice.gone = 0"
)
UNTOLD = text(
    "select publication, person, department from called"
    " where publication = :publication and department = :department and gone = 0"
    " and (call is not null or changed = 1) and not exists (select 1 from receipt"
    " where receipt.publication = called.publication and receipt.person = called.person"
    " and receipt.state in ('confirmed', 'told') and receipt.gone = 0) order by id"
)
FACTS = text(
    "select called.*, person.language from called join person on person.id = called.person"
    " where called.publication = :since and called.person = :person and called.gone = 0"
)


def arrivals(book: Book) -> Mapping[str, Arrival]:
    """Give the reactions to reminders and briefings."""

    def reminded(desk: Desk, change: Change, row: Rows) -> None:
        if change.do != "create":
            raise Refused("A reminder that went out cannot be called back.", "permission")
        _remind(book, desk, row)

    def briefed(desk: Desk, change: Change, row: Rows) -> None:
        if change.do != "create":
            say = "That a department was told is a fact; it cannot be taken back."
            raise Refused(say, "permission")
        _note(desk, row)

    return {"reminder": reminded, "briefing": briefed}


def _remind(book: Book, desk: Desk, row: Rows) -> None:
    sheet = _sheet(desk, row.get("publication"))
    if sheet is None:
        raise Refused("A newer call sheet is out. Remind from its own page.")
    since = stamp(parse(desk.now) - PAUSE)
    about = {"day": sheet["shoot_day"], "since": since}
    rung = set(desk.connection.execute(RUNG, about).scalars())
    asked = [
        one
        for one in _knowing(book, desk, sheet)
        if not one["knows"] and one["person"] not in rung and _within(row, one)
    ]
    # What was asked for with a tap is not taken back: it leaves at once, if nobody sleeps.
    told = Told(book, desk, sheet, replace(hours(desk.connection), undo=timedelta(0)))
    for one in asked:
        about = {"since": one["since"], "person": one["person"]}
        facts = desk.connection.execute(FACTS, about).mappings().first()
        if facts:
            told.remind(sheet, {**facts, "cancelled": sheet["cancelled"]}, row["id"])
    told.leave()
    desk.set("reminder", row["id"], made_at=desk.now, people=len(asked))


def _note(desk: Desk, row: Rows) -> None:
    """Write a receipt for each of the department, so that it holds as long as their facts do."""
    about = {name: row.get(name) for name in ("publication", "department")}
    told = {"state": "told", "how": "head", "at": row.get("at"), "by": row.get("by")}
    for fact in desk.connection.execute(UNTOLD, about).mappings().all():
        desk.create("receipt", {**fact, **told})


def _within(row: Rows, one: Rows) -> bool:
    return row.get("department") in (None, one["department"])


def _sheet(desk: Desk, publication: str | None) -> Rows | None:
    found = desk.connection.execute(SHEET, {"id": publication}).mappings().first()
    return {**found} if found else None


def _knowing(book: Book, desk: Desk, sheet: Rows) -> list[Rows]:
    def ask(sql: str, about: Mapping[str, Any]) -> list[Rows]:
        return [{**row} for row in desk.connection.execute(text(sql), about).mappings()]

    found: list[Rows] = find(ask, book.queries["office.knowing"], {"day": sheet["shoot_day"]})
    return found
