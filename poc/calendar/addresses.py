"""The addresses of calendars: a secret each, kept here as a hash, and how often it is asked."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Mapped, mapped_column

from poc.house import house
from poc.productions import Production
from poc.registry import Attempt, Row, db, hashed
from poc.roles import scope_of
from sync.clock import stamp
from sync.database import reading

MOST, SPAN = 30, timedelta(minutes=15)
NOTED_EVERY = timedelta(days=1)


class Address(Row):
    """The address of one person's calendar."""

    __tablename__ = "calendar_address"

    id: Mapped[str] = mapped_column(primary_key=True)  # of the calendar's record
    token_hash: Mapped[str] = mapped_column(index=True)
    production: Mapped[str]
    person: Mapped[str]


@dataclass(frozen=True)
class Owner:
    """Whose calendar an address leads to."""

    record: str
    production: Production
    person: str


def new_address(production: Production, person: str) -> str:
    """Make the one address of a person's calendar; older ones end. Return its secret."""
    token = secrets.token_urlsafe(24)
    with production.journal.desk() as desk:
        query = text("select id from calendar where person = :p and coalesce(revoked, 0) = 0")
        for old in desk.connection.execute(query, {"p": person}).scalars().all():
            desk.set("calendar", old, revoked=1)
        record = desk.create("calendar", {"person": person, "made_at": desk.now})
    where = {"production": production.slug, "person": person}
    for address in db.session.scalars(select(Address).filter_by(**where)).all():
        db.session.delete(address)
    db.session.add(Address(id=record, token_hash=hashed(token), **where))
    db.session.commit()
    return token


def owner(token: str) -> Owner | None:
    """Find whose calendar it is, while the address is open and the person in the production."""
    address = db.session.scalar(select(Address).where(Address.token_hash == hashed(token)))
    production = house().productions.get(address.production) if address else None
    if address is None or production is None:
        return None
    query = text("select coalesce(revoked, 0) + gone from calendar where id = :id")
    with reading(production.engine) as connection:
        ended = connection.execute(query, {"id": address.id}).scalar()
        stays = scope_of(connection, address.person) is not None
    return Owner(address.id, production, address.person) if ended == 0 and stays else None


def too_often(record: str, now: datetime) -> bool:
    """Count a fetch; say whether there were too many lately."""
    door = f"calendar {record}"
    attempt = db.session.get(Attempt, door)
    if attempt is None or attempt.since < stamp(now - SPAN):
        attempt = db.session.merge(Attempt(door=door, since=stamp(now), count=0))
    if attempt.count >= MOST:
        return True
    attempt.count += 1
    db.session.commit()
    return False


def note_fetched(whose: Owner, now: datetime) -> None:
    """Let the person see that some calendar reads it, without a line for every time."""
    query = text("select fetched_at from calendar where id = :id")
    with reading(whose.production.engine) as connection:
        before = connection.execute(query, {"id": whose.record}).scalar()
    if (before or "") < stamp(now - NOTED_EVERY):
        with whose.production.journal.desk() as desk:
            desk.set("calendar", whose.record, fetched_at=stamp(now))
