"""The outbox of letters: one row a letter, written in the transaction that made the letter."""

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
    or_,
    select,
    update,
)

from sync.clock import stamp

metadata = MetaData()
Count = BigInteger().with_variant(Integer, "sqlite")
# Longer than a batch may take with a mail server that is slow at every word.
LEASE = timedelta(minutes=10)
BATCH = 16

posting = Table(
    "posting",
    metadata,
    Column("letter", Text, primary_key=True),
    Column("made_at", Text, nullable=False),
    Column("due_at", Text, nullable=False),
    Column("lease_until", Text, nullable=True),
    Column("tries", Count, nullable=False),
    Column("done_at", Text, nullable=True),
    Index("posting_due", "done_at", "due_at"),
    sqlite_strict=True,
)


def queue(connection: Connection, letter: str, now: str) -> None:
    """Put a letter on its way; it leaves when this transaction has committed, or never."""
    row = {"letter": letter, "made_at": now, "due_at": now, "tries": 0}
    connection.execute(posting.insert(), row)


def waits(connection: Connection, now: datetime) -> bool:
    """Say whether anything is due, without taking a lock."""
    return connection.execute(_due(now).limit(1)).first() is not None


def claim(connection: Connection, now: datetime) -> list[Row[Any]]:
    """Take some due letters for a while. Who dies with them loses none: the lease runs out."""
    some = _due(now).order_by(posting.c.made_at).limit(BATCH).with_for_update(skip_locked=True)
    taking = (
        update(posting)
        .where(posting.c.letter.in_(some.scalar_subquery()))
        .values(lease_until=stamp(now + LEASE), tries=posting.c.tries + 1)
        .returning(posting)
    )
    return list(connection.execute(taking))


def done(connection: Connection, letter: str, now: str) -> None:
    """Close a letter: it was sent, or never will be."""
    closing = update(posting).where(posting.c.letter == letter)
    connection.execute(closing.values(done_at=now, lease_until=None))


def again(connection: Connection, letter: str, due: datetime) -> None:
    """Leave a letter for later."""
    waiting = update(posting).where(posting.c.letter == letter)
    connection.execute(waiting.values(due_at=stamp(due), lease_until=None))


def _due(now: datetime) -> Select[Any]:
    free = or_(posting.c.lease_until.is_(None), posting.c.lease_until < stamp(now))
    due = posting.c.due_at <= stamp(now)
    return select(posting.c.letter).where(posting.c.done_at.is_(None), due, free)
