"""What a letter is about, as it stands now: its person, their call in force, what changed of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from poc.mail.look import BELONGS, KNOWS
from poc.mail.words import sentences, spoken

Row = Mapping[str, Any]

LETTER = text(
    "select letter.*, person.name, person.language, person.department, publication.shoot_day,"
    " notice.failed as unrung, notice.sent_at as rung_at,"
    f" case when {KNOWS} then 1 else 0 end as known,"
    " case when exists (select 1 from membership where membership.person = person.id"
    " and membership.role = 'vendor' and membership.gone = 0) then 1 else 0 end as vendor"
    " from letter"
    " join notice on notice.id = letter.notice and notice.gone = 0"
    " join publication on publication.id = letter.publication and publication.gone = 0"
    " join person on person.id = letter.person and person.gone = 0"
    f" where letter.id = :id and letter.gone = 0 and {BELONGS}"
)
# The newest sheet that names the person; `since` is the one that first said these facts.
CALL = text(
    "select called.publication as sheet, called.since, called.date, called.call, called.pickup,"
    " called.pickup_place, called.place, called.address, called.note, told.was_call,"
    " told.was_pickup, told.was_pickup_place, told.was_place, publication.colour,"
    " publication.local_time"
    " from called"
    " join publication on publication.id = called.publication and publication.gone = 0"
    " left join called told on told.publication = called.since and told.person = called.person"
    " and told.gone = 0"
    " where called.person = :person and called.shoot_day = :day and called.gone = 0"
    " order by publication.revision desc, called.id limit 1"
)
NOTICE = text(
    "select * from notice where publication = :publication and person = :person and gone = 0"
    " order by id desc limit 1"
)
CONFIRMED = text(
    "select min(receipt.at) from receipt where receipt.person = :person and receipt.gone = 0"
    " and receipt.state in ('confirmed', 'told') and (receipt.publication = :since"
    " or receipt.publication in (select same.publication from called same"
    " where same.person = :person and same.since = :since))"
)
FILM = text("select * from production where id = 'production'")


@dataclass(frozen=True)
class Facts:
    """All that a letter, or the page behind its link, says."""

    letter: Row
    notice: Row
    call: Row | None
    film: Row
    confirmed_at: str | None

    @property
    def since(self) -> str:
        """The publication that first said what is in force for the person."""
        return str(self.call["since"] if self.call else self.letter["publication"])

    @property
    def sheet(self) -> str:
        """The publication in force, which is what a person confirms."""
        return str(self.call["sheet"] if self.call else self.letter["publication"])

    @property
    def language(self) -> str:
        return spoken(self.notice.get("language") or self.letter["language"])

    @property
    def say(self) -> Mapping[str, str]:
        return sentences(self.language)

    @property
    def overtaken(self) -> bool:
        """Whether something newer was said to the person since the letter was written."""
        return self.since != str(self.letter["publication"])

    @property
    def lines(self) -> list[dict[str, str | None]]:
        """The person's own facts, each with what it was before."""
        if self.call is None:
            return []
        found = [
            self._line("call", "call", self.say["not_called"]),
            self._line("pickup", "pickup", self.say["none"]),
            self._line("pickup_place", "", ""),
            self._line("place", "place", ""),
        ]
        shown = [line for line in found if line["now"]]
        if self.call["note"]:
            shown.append({"name": "note", "what": self.say["note"], "now": self.call["note"]})
        return [{"was": None, **line} for line in shown]

    def _line(self, name: str, word: str, gone: str) -> dict[str, str | None]:
        assert self.call is not None
        now, was = self.call[name], self.call[f"was_{name}"]
        changed = was is not None and was != now
        what = self.say[word] if word else ""
        named = {"name": name, "what": what, "was": was if changed else None}
        off = gone if name == "call" or (changed and self.call["call"]) else None
        return {**named, "now": now or off}


def facts(connection: Connection, letter: str) -> Facts | None:
    """Find what a letter is about; None when it is gone, or its person has left."""
    row = connection.execute(LETTER, {"id": letter}).mappings().first()
    if row is None:
        return None
    whose = {"person": row["person"], "day": row["shoot_day"]}
    call = connection.execute(CALL, whose).mappings().first() if row["shoot_day"] else None
    since = call["since"] if call else row["publication"]
    about = {"person": row["person"], "publication": since}
    notice = connection.execute(NOTICE, about).mappings().first()
    confirmed = connection.execute(CONFIRMED, {"person": row["person"], "since": since}).scalar()
    film = connection.execute(FILM).mappings().one()
    shown = dict(call) if call else None
    return Facts(dict(row), dict(notice or {}), shown, dict(film), confirmed)
