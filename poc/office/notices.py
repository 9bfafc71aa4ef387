"""What a publication tells whom: the words, the same as in the preview, how urgent, and when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup
from sqlalchemy import text

from poc.bell.hours import NORMAL, SILENT, URGENT, Hours, call_before
from poc.bell.outbox import Letter, queue
from poc.book import Book
from poc.languages import spoken
from sync import Desk
from sync.clock import parse

WORDS = "office/_notice.html"
WAS = ("was_date", "was_call", "was_pickup", "was_pickup_place", "was_place")
# What those believe who were not told yet of an earlier publication of the same day.
UNTOLD = text(
    "select notice.person, called.was_date, called.was_call, called.was_pickup,"
    " called.was_pickup_place, called.was_place"
    " from delivery join notice on notice.id = delivery.notice and notice.gone = 0"
    " join called on called.publication = notice.publication and called.person = notice.person"
    " where delivery.done_at is null and delivery.tries = 0 and notice.shoot_day = :day"
    " and notice.publication <> :publication and called.gone = 0 order by notice.id desc"
)
Rows = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """The notices of one publication on their way."""

    book: Book
    desk: Desk
    publication: Rows
    hours: Hours
    _letters: list[Letter] = field(default_factory=list)

    def calls(self, day: Rows, people: Iterable[Rows]) -> None:
        """Tell everybody whose own day is another one now; a new note alone rings nobody."""
        believed = self._believed()
        for person in people:
            if person["changed"]:
                self._call(day, person, believed.get(person["person"], {}))
            elif person["noted"] and person["call"]:
                self._note(day, person)
        self.leave()

    def leave(self) -> None:
        """Put what was written in the outbox, in one go."""
        queue(self.desk.connection, self._letters, self.desk.now)
        self._letters.clear()

    def days(self, person: Rows, gained: list[str], lost: list[str], first: bool) -> None:
        """Tell one of the cast whose working days changed."""
        speech = spoken(person["language"])
        title = self._say("days_title", first, speech)
        body = self._say("days_body", gained, lost, self._colour, first, speech)
        self._send(person, title, body, NORMAL)

    def remind(self, sheet: Rows, called: Rows, reminder: str) -> None:
        """Tell somebody who did not say yet that they know: the same facts once more."""
        speech = spoken(called["language"])
        told = self._say("notice_title", called, sheet["date"], sheet["number"], speech)
        title = self._say("reminder_title", told, speech)
        body = self._say("notice_body", called, sheet["number"], self._colour, speech)
        urgent = urgency(called, sheet["date"], self._tomorrow)
        self._send(called, title, body, urgent, reminder=reminder)

    def _call(self, day: Rows, person: Rows, believed: Rows) -> None:
        now = {**person, **believed}
        asked = (urgency(one, day["date"], self._tomorrow) for one in (person, now))
        urgent = URGENT if URGENT in asked else NORMAL
        # Who was never told of a call may have seen it in the app: that one is named.
        person = now if now["was_call"] else person
        speech = spoken(person["language"])
        title = self._say("notice_title", person, day["date"], day["number"], speech)
        body = self._say("notice_body", person, day["number"], self._colour, speech)
        before = call_before(person, person["was_date"] or day["date"], self.hours.zone)
        self._send(person, title, body, urgent, before)

    def _note(self, day: Rows, person: Rows) -> None:
        speech = spoken(person["language"])
        title = self._say("note_title", day["date"], speech)
        body = self._say("note_body", day["number"], self._colour, person["note"], speech)
        self._send(person, title, body, SILENT)

    def _send(
        self,
        person: Rows,
        title: str,
        body: str,
        urgent: str,
        before: datetime | None = None,
        reminder: str | None = None,
    ) -> None:
        desk, whom = self.desk, person["person"]
        about = {"publication": self.publication["id"], "shoot_day": self._day, "person": whom}
        about |= {"reminder": reminder} if reminder else {}
        said = {"title": title, "body": body, "language": spoken(person["language"])}
        notice = desk.create("notice", {**about, **said, "urgency": urgent, "made_at": desk.now})
        if urgent != SILENT:
            due = self.hours.due(desk.now, whom, urgent, before)
            self._letters.append(Letter(notice, whom, urgent, due))

    def _believed(self) -> Mapping[str, Rows]:
        about = {"day": self._day, "publication": self.publication["id"]}
        rows = self.desk.connection.execute(UNTOLD, about).mappings()
        return {row["person"]: {name: row[name] for name in WAS} for row in rows}

    @property
    def _day(self) -> str | None:
        found: str | None = self.publication.get("shoot_day")
        return found

    @property
    def _colour(self) -> str:
        return str(self.publication["colour"]).upper()

    @property
    def _tomorrow(self) -> str:
        today = parse(self.desk.now).astimezone(self.hours.zone).date()
        return (today + timedelta(days=1)).isoformat()

    def _say(self, macro: str, *about: Any) -> str:
        macros: Any = self.book.environment.get_template(WORDS).module
        return Markup(getattr(macros, macro)(*about)).unescape().strip()


def urgency(person: Rows, day: str | None, tomorrow: str) -> str:
    """A day that only begins later wakes nobody; nor does a first call to a day that is far off."""
    if person["call"] and not person["was_call"]:
        return NORMAL if day and day > tomorrow else URGENT
    same = (person["was_date"] or day, person["was_place"], person["was_pickup_place"])
    stays = same == (day, person["place"], person["pickup_place"])
    later = _later(person["call"], person["was_call"]) and _later(
        person["pickup"], person["was_pickup"]
    )
    return NORMAL if stays and later else URGENT


def _later(now: str | None, was: str | None) -> bool:
    return now == was or bool(now and was and now > was)
