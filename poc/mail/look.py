"""The look around: whom a notice has not reached in time, and the letter each is written."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from poc.mail import outbox, sms
from poc.mail.ladder import MAIL, PHONE, SMS, URGENT, next_way
from poc.mail.means import Means, plausible
from poc.mail.reasons import NO_MAILBOX
from poc.productions import Production
from sync.clock import stamp
from sync.database import reading

PATIENCE = 15  # minutes, where the production says nothing else
OLDEST = timedelta(hours=24)  # an office that was asleep for longer does not begin with old news
# Whoever left has grants that are gone; whoever never had a phone has none, and gets mail.
BELONGS = (
    " (exists (select 1 from membership grant_ where grant_.person = person.id and grant_.gone = 0)"
    " or not exists (select 1 from membership grant_ where grant_.person = person.id))"
)
KNOWS = (
    " exists (select 1 from receipt where receipt.person = notice.person and receipt.gone = 0"
    " and (receipt.publication = notice.publication or receipt.publication in"
    " (select same.publication from called same where same.person = notice.person"
    " and same.since = notice.publication)))"
)
# Who never read that they are called earlier needs it at once, even if it is a little later now.
UNREAD = (
    " exists (select 1 from notice older join publication past on past.id = older.publication"
    " where older.person = notice.person and past.shoot_day = publication.shoot_day"
    " and past.revision < publication.revision and older.urgency = 'high' and older.gone = 0"
    " and not exists (select 1 from receipt where receipt.person = older.person"
    " and receipt.publication = older.publication and receipt.gone = 0))"
)
SETTINGS = text("select mail_after, region from production where id = 'production'")
UNOPENED = text(
    "select notice.id, notice.publication, notice.person, notice.made_at,"
    f" case when {UNREAD} then 'high' else notice.urgency end as urgency,"
    " notice.sent_at, notice.failed, person.email, person.phone,"
    " mail.made_at as mail_at, mail.failed as mail_failed, sms.made_at as sms_at,"
    " sms.failed as sms_failed, phone.made_at as phone_at,"
    " case when exists (select 1 from letter old where old.person = person.id"
    " and old.stopped_at is not null and old.gone = 0) then 1 else 0 end as stopped,"
    " case when exists (select 1 from letter old where old.address = person.email"
    " and old.failed like :dead and old.gone = 0) then 1 else 0 end as dead"
    " from notice"
    " join publication on publication.id = notice.publication and publication.gone = 0"
    " join person on person.id = notice.person and person.gone = 0"
    " left join current_called on current_called.shoot_day = publication.shoot_day"
    " and current_called.person = notice.person"
    " left join letter mail on mail.notice = notice.id and mail.channel = 'mail'"
    " left join letter sms on sms.notice = notice.id and sms.channel = 'sms'"
    " left join letter phone on phone.notice = notice.id and phone.channel = 'phone'"
    " where notice.gone = 0 and notice.made_at >= :oldest and notice.urgency in ('high', 'normal')"
    " and coalesce(publication.leaves_at, '') <= :now"
    " and phone.id is null"
    " and (publication.shoot_day is null and publication.superseded = 0"
    " or current_called.since = notice.publication and current_called.date >= :today)"
    f" and {BELONGS} and not {KNOWS} order by notice.made_at, notice.id"
)

Case = Mapping[str, Any]


def look(production: Production, means: Means, now: datetime) -> int:
    """Write the letters that are due, each in the transaction that queues it; say how many."""
    today = production.now().date().isoformat()
    with reading(production.engine) as connection:
        if next(_due(connection, means, now, today), None) is None:
            return 0
    with production.journal.desk() as desk:
        # Asked again under the lock: of several offices, and after a kill, only one writes each.
        due = list(_due(desk.connection, means, now, today))
        for case, way, address in due:
            about = {name: case[name] for name in ("person", "publication")}
            about |= {"notice": case["id"], "channel": way, "address": address}
            letter = desk.create("letter", {**about, "made_at": stamp(now)})
            if way != PHONE:
                outbox.queue(desk.connection, letter, stamp(now))
    return len(due)


def _due(
    connection: Connection, means: Means, now: datetime, today: str
) -> Iterator[tuple[Case, str, str | None]]:
    settings: Case = dict(connection.execute(SETTINGS).mappings().one())
    patience = timedelta(minutes=settings.get("mail_after") or PATIENCE)
    about = {
        "oldest": stamp(now - OLDEST),
        "today": today,
        "now": stamp(now),
        "dead": f"%{NO_MAILBOX}",
    }
    for row in connection.execute(UNOPENED, about).mappings().all():
        case = dict(row)
        addresses = _addresses(case, means, settings.get("region"))
        if way := next_way(case, addresses, patience, now):
            yield case, way, addresses.get(way) or case["phone"]


def _addresses(case: Case, means: Means, region: str | None) -> dict[str, str]:
    """Give the ways to reach somebody beside the app, with the address of each."""
    found: dict[str, str] = {}
    email = (case["email"] or "").strip()
    if means.mail and plausible(email) and not case["stopped"] and not case["dead"]:
        found[MAIL] = email
    # An SMS costs money and rings at night: only for what cannot wait.
    number = sms.mobile(case["phone"], region) if means.sms else ""
    if number and case["urgency"] == URGENT and not case["stopped"]:
        found[SMS] = number
    return found
