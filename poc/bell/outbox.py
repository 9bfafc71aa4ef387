"""The outbox: one row a notice, written in the transaction that made the notice."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    MetaData,
    Row,
    Select,
    Table,
    Text,
    bindparam,
    or_,
    select,
    text,
    update,
)

from sync.clock import stamp


@dataclass(frozen=True)
class Letter:
    """A notice that is to leave at a moment, for the phones of one person."""

    notice: str
    person: str
    urgency: str
    due_at: str


metadata = MetaData()
Count = BigInteger().with_variant(Integer, "sqlite")
LEASE = timedelta(seconds=60)
BATCH = 64

delivery = Table(
    "delivery",
    metadata,
    Column("notice", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("urgency", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("due_at", Text, nullable=False),
    Column("lease_until", Text, nullable=True),
    Column("tries", Count, nullable=False),
    Column("settled", Text, nullable=False),  # digests of the phones that need no other try
    Column("done_at", Text, nullable=True),
    Index("delivery_due", "done_at", "due_at"),
    sqlite_strict=True,
)

FIRST = (delivery.c.urgency, delivery.c.made_at)  # high before normal
# Unsent notices that a later publication of the same thing has made old news for the same person.
OVERTAKEN = text(
    "select delivery.notice from delivery"
    " join notice on notice.id = delivery.notice"
    " join publication on publication.id = notice.publication"
    " where delivery.done_at is null and coalesce(delivery.lease_until, '') < :now"
    " and exists (select 1 from delivery newer"
    " join notice told on told.id = newer.notice and told.gone = 0"
    " join publication later on later.id = told.publication"
    " where newer.person = delivery.person and later.subject = publication.subject"
    " and coalesce(later.shoot_day, '') = coalesce(publication.shoot_day, '')"
    " and later.revision > publication.revision)"
)
OF_IT = "notice in (select id from notice where publication = :publication)"
LEFT = text(f"select count(*) from delivery where tries > 0 and {OF_IT}")
DROPPED = text(f"delete from delivery where {OF_IT}")


def queue(connection: Connection, letters: Iterable[Letter], now: str) -> None:
    """Put notices on their way; they leave when due, if this transaction commits."""
    kept = {"made_at": now, "tries": 0, "settled": ""}
    if rows := [{**vars(letter), **kept} for letter in letters]:
        connection.execute(delivery.insert(), rows)


def left(connection: Connection, publication: str) -> bool:
    """Say whether any notice of a publication has been taken in hand."""
    return bool(connection.execute(LEFT, {"publication": publication}).scalar())


def drop(connection: Connection, publication: str) -> None:
    """Take a publication's notices out: they never leave."""
    connection.execute(DROPPED, {"publication": publication})


def reopen(connection: Connection, notices: Iterable[str], now: str) -> None:
    """Put notices on their way after all: what took their place was taken back."""
    opening = update(delivery).where(delivery.c.notice.in_(list(notices)))
    connection.execute(opening.values(done_at=None, due_at=now))


def waits(connection: Connection, now: datetime) -> bool:
    """Say whether anything is due, without taking a lock."""
    return connection.execute(_due(now).limit(1)).first() is not None


def overtaken(connection: Connection, now: datetime) -> list[str]:
    """List the notices that a newer one takes the place of."""
    return list(connection.execute(OVERTAKEN, {"now": stamp(now)}).scalars())


def claim(connection: Connection, now: datetime) -> list[Row[Any]]:
    """Take some due notices for a minute. Who dies with them loses none: the lease runs out."""
    some = _due(now).order_by(*FIRST).limit(BATCH).with_for_update(skip_locked=True)
    taking = (
        update(delivery)
        .where(delivery.c.notice.in_(some.scalar_subquery()))
        .values(lease_until=stamp(now + LEASE), tries=delivery.c.tries + 1)
        .returning(delivery)
    )
    return list(connection.execute(taking))


def done(connection: Connection, notices: Iterable[str], now: str) -> None:
    """Close notices: they were sent, or never will be."""
    rows = [{"id": notice} for notice in notices]
    if rows:
        closing = update(delivery).where(delivery.c.notice == bindparam("id"))
        connection.execute(closing.values(done_at=now, lease_until=None), rows)


def again(
    connection: Connection, notice: str, due: datetime, settled: Iterable[str], tries: int
) -> None:
    """Leave a notice for later, for the phones that do not have it yet."""
    row: dict[str, Any] = {"due_at": stamp(due), "lease_until": None, "tries": tries}
    row["settled"] = " ".join(sorted(settled))
    connection.execute(update(delivery).where(delivery.c.notice == notice).values(row))


def _due(now: datetime) -> Select[Any]:
    free = or_(delivery.c.lease_until.is_(None), delivery.c.lease_until < stamp(now))
    due = delivery.c.due_at <= stamp(now)
    return select(delivery.c.notice).where(delivery.c.done_at.is_(None), due, free)
