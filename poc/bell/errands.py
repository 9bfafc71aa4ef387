"""Errands: due notices taken in hand together, and what is written down when they come back."""

import hashlib
import random
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, bindparam, text

from poc.bell import outbox
from poc.bell.hours import on_the_clock
from poc.bell.phones import Phone
from poc.bell.post import GONE, LATER, REFUSED, TAKEN, TOO_LONG, Answer
from poc.productions import Production
from sync import Desk
from sync.clock import parse
from sync.database import reading

TRIES = 60  # as many as ten minutes apart fit into a night
LONGEST_PAUSE = 600  # seconds
WITHOUT_CALL, AFTER_CALL = timedelta(hours=12), timedelta(hours=2)
AT_LEAST = timedelta(minutes=15)
PARTING = 10  # seconds over which those set out that waited for the same push service

NO_PHONE = "no phone with notices"
NEWER = "a newer notice took its place"
# The gravest first: what a coordinator reads when no phone took it.
WHY = {
    REFUSED: "the push service refused it",
    TOO_LONG: "too long for the push service",
    LATER: "the push service could not be reached",
    GONE: NO_PHONE,
}

LETTERS = text(
    "select notice.id, notice.title, notice.body, notice.person, notice.publication,"
    " notice.language, notice.sent_at, notice.shoot_day, publication.date as day, called.date,"
    " called.call, called.pickup, called.place, production.title as film,"
    " (select count(*) from unseen_notice where unseen_notice.person = notice.person) as unseen,"
    " case when production.discreet = 1 or exists (select 1 from preference where"
    " preference.person = notice.person and preference.discreet = 1 and preference.gone = 0)"
    " then 1 else 0 end as discreet"
    " from notice join publication on publication.id = notice.publication"
    " join production on production.id = 'production'"
    " join person on person.id = notice.person and person.gone = 0"
    " left join called on called.publication = notice.publication"
    " and called.person = notice.person and called.gone = 0"
    " where notice.id in :ids and notice.gone = 0 and exists (select 1 from membership"
    " where membership.person = notice.person and membership.gone = 0)"
).bindparams(bindparam("ids", expanding=True))


@dataclass
class Errand:
    """One notice on its way to one person's phones."""

    id: str
    person: str
    urgency: str
    tries: int
    settled: set[str]
    notice: Mapping[str, Any]
    until: datetime
    failed: str = ""
    answers: list[tuple[Phone, Answer]] = field(default_factory=list)

    def open(self, phones: Iterable[Phone]) -> list[Phone]:
        """Return the phones that still wait for this notice."""
        return [phone for phone in phones if digest(phone) not in self.settled]


def take(production: Production, now: datetime) -> list[Errand]:
    """Take due notices in hand; those overtaken by a newer one are closed instead."""
    with reading(production.engine) as connection:
        if not outbox.waits(connection, now):
            return []
    with production.journal.desk() as desk:
        older = outbox.overtaken(desk.connection, now)
        for notice in older:
            desk.set("notice", notice, failed=NEWER)
        outbox.done(desk.connection, older, desk.now)
        claimed = outbox.claim(desk.connection, now)
    if not claimed:
        return []  # another sender was quicker
    with reading(production.engine) as connection:
        ids = [row.notice for row in claimed]
        rows = connection.execute(LETTERS, {"ids": ids}).mappings()
        found = {row["id"]: dict(row) for row in rows}
    zone = production.zone
    return [_errand(row, found.get(row.notice), zone, now) for row in claimed]


def settle(production: Production, errands: Collection[Errand], now: datetime) -> None:
    """Write down, in one transaction, how far every notice got."""
    closed: list[str] = []
    with production.journal.desk() as desk:
        desk.gather(errand.id for errand in errands)
        for errand in errands:
            taken = any(answer.outcome == TAKEN for _, answer in errand.answers)
            if taken and not errand.notice.get("sent_at"):
                desk.set("notice", errand.id, sent_at=desk.now, failed=None)
            if not _left_for_later(desk, errand, now):
                closed.append(errand.id)
                if not taken and not errand.notice.get("sent_at"):
                    desk.set("notice", errand.id, failed=_why(errand))
        outbox.done(desk.connection, closed, desk.now)


def digest(phone: Phone) -> str:
    """Name a phone in an outbox without giving its address away."""
    return hashlib.sha256(phone.target.endpoint.encode()).hexdigest()[:16]


def until(notice: Mapping[str, Any], zone: ZoneInfo, made: datetime) -> datetime:
    """Say how long a notice is worth reading: until two hours after the call it is about."""
    if not notice.get("call") or not notice.get("date"):
        return made + WITHOUT_CALL
    call = on_the_clock(notice["date"], notice["call"], zone)
    return max(call + AFTER_CALL, made + AT_LEAST)


def _errand(
    row: Row[Any], notice: Mapping[str, Any] | None, zone: ZoneInfo, now: datetime
) -> Errand:
    made = parse(row.made_at)
    about = (row.notice, row.person, row.urgency, row.tries, set(row.settled.split()))
    if notice is None:
        return Errand(*about, {}, now, NO_PHONE)
    return Errand(*about, notice, until(notice, zone, made))


def _left_for_later(desk: Desk, errand: Errand, now: datetime) -> bool:
    later = [answer for _, answer in errand.answers if answer.outcome == LATER]
    if not later or errand.tries >= TRIES:
        return False
    asked = any(answer.asked for _, answer in errand.answers)
    pause = random.uniform(1, min(LONGEST_PAUSE, 2 ** min(errand.tries, LONGEST_PAUSE)))
    wait = max(pause, *(answer.wait for answer in later))
    due = now + timedelta(seconds=wait if asked else wait + random.uniform(0, PARTING))
    if due >= errand.until:
        return False
    finished = {digest(phone) for phone, answer in errand.answers if answer.outcome != LATER}
    tries = errand.tries if asked else errand.tries - 1
    outbox.again(desk.connection, errand.id, due, errand.settled | finished, tries)
    return True


def _why(errand: Errand) -> str:
    outcomes = {answer.outcome for _, answer in errand.answers}
    return errand.failed or next((WHY[one] for one in WHY if one in outcomes), NO_PHONE)
