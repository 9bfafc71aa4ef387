"""Whose phones are to ring: subscriptions, the addresses they know the office by, their end."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select, text
from sqlalchemy.orm import Mapped, mapped_column

from poc.bell.push import Target
from poc.house import house
from poc.registry import Device, Row, Seat, Subscription, db
from sync.clock import stamp
from sync.database import reading

MOST = 10  # phones a person
ON, OFF, BLOCKED = "on", "off", "blocked"
ALARM = "Its push service refuses the office: {say}. Show this to whoever runs POC."


class Address(Row):
    """Under which address a device opens this office; a notice must lead back there."""

    __tablename__ = "address"

    device: Mapped[str] = mapped_column(primary_key=True)
    origin: Mapped[str]


@dataclass(frozen=True)
class Phone:
    """One browser that can be reached."""

    target: Target
    origin: str
    key_id: str


def phones(slug: str, people: Iterable[str], keys: Collection[str]) -> dict[str, list[Phone]]:
    """Find the phones of some people in a production that can be reached with one of our keys."""
    found: dict[str, list[Phone]] = {person: [] for person in people}
    revoked = _revoked(slug)
    query = (
        select(Subscription, Seat, Address.origin)
        .join(Seat, Seat.device == Subscription.device)
        .join(Device, Device.id == Subscription.device)
        .join(Address, Address.device == Subscription.device)
        .where(Seat.production == slug, Seat.person.in_(found), Device.revoked_at.is_(None))
        .where(Subscription.gone_at.is_(None), Subscription.key_id.in_(keys))
    )
    for sub, seat, origin in db.session.execute(query):
        if seat.record not in revoked:
            target = Target(sub.endpoint, sub.p256dh, sub.auth)
            found[seat.person].append(Phone(target, origin, sub.key_id))
    return found


def subscribe(device: str, slug: str, target: Target, key_id: str, origin: str) -> None:
    """Bind a subscription to the device that made it; it may have been another's before."""
    now = stamp(house().clock())
    old = db.session.get(Subscription, target.endpoint)
    mine = select(Subscription).where(Subscription.device == device)
    others = [sub for sub in db.session.scalars(mine) if sub.endpoint != target.endpoint]
    known = {"p256dh": target.p256dh, "auth": target.auth, "key_id": key_id}
    if old is not None and old.device != device:
        mark(old.device, OFF)
    for sub in others:
        db.session.delete(sub)
    fresh = {"made_at": old.made_at if old else now, "gone_at": None, "trouble": None}
    db.session.merge(Subscription(endpoint=target.endpoint, device=device, **known, **fresh))
    db.session.merge(Address(device=device, origin=origin))
    db.session.flush()
    _oldest_go(device, slug)
    db.session.commit()
    mark(device, ON)


def unsubscribe(device: str, state: str = OFF) -> None:
    """Forget where a device's notices go."""
    for sub in db.session.scalars(select(Subscription).where(Subscription.device == device)):
        db.session.delete(sub)
    db.session.commit()
    mark(device, state)


def knows_no_more(endpoint: str) -> bool:
    """Say whether its push service has told us that this subscription is over."""
    sub = db.session.get(Subscription, endpoint)
    return sub is not None and sub.gone_at is not None


def gone(endpoints: Iterable[str]) -> None:
    """Note which subscriptions their push services know no more; nothing is sent there again."""
    for endpoint in endpoints:
        if sub := db.session.get(Subscription, endpoint):
            sub.gone_at = stamp(house().clock())
            db.session.commit()
            mark(sub.device, OFF)


def trouble(words: Iterable[tuple[str, str]]) -> None:
    """Keep what a push service had against us: whoever runs POC must look, the phone is fine."""
    for endpoint, say in words:
        current_app.logger.error("A push service refused a notice: %s", say)
        if sub := db.session.get(Subscription, endpoint):
            sub.trouble = say
            db.session.commit()
            _note(sub.device, trouble=ALARM.format(say=say[:200]))


def well(endpoints: Iterable[str]) -> None:
    """Note whose push service takes notices again."""
    query = select(Subscription).where(Subscription.trouble.is_not(None))
    for sub in db.session.scalars(query.where(Subscription.endpoint.in_(list(endpoints)))).all():
        sub.trouble = None
        db.session.commit()
        _note(sub.device, trouble=None)


def keys_in_use() -> list[str]:
    """List the keys that phones which can be reached subscribed with."""
    live = select(Subscription.key_id).where(Subscription.gone_at.is_(None))
    return list(db.session.scalars(live.distinct()))


def mark(device: str, state: str) -> None:
    """Tell every production the device sits in whether notices reach it."""
    _note(device, notices=state, **({"trouble": None} if state == ON else {}))


def _note(device: str, **fields: str | None) -> None:
    names = ", ".join(fields)
    query = text(f"select {names} from device where id = :id and gone = 0")
    for seat in db.session.scalars(select(Seat).where(Seat.device == device)).all():
        production = house().productions.get(seat.production)
        if production is None:
            continue
        with reading(production.engine) as connection:
            row = connection.execute(query, {"id": seat.record}).mappings().first()
        if row is not None and dict(row) != fields:
            with production.journal.desk() as desk:
                desk.set("device", seat.record, **fields)


def _oldest_go(device: str, slug: str) -> None:
    seat = db.session.get(Seat, (device, slug))
    if seat is None:
        return
    query = (
        select(Subscription)
        .join(Seat, Seat.device == Subscription.device)
        .where(Seat.production == slug, Seat.person == seat.person)
        .where(Subscription.gone_at.is_(None), Subscription.device != device)
        .order_by(Subscription.made_at.desc())
    )
    for sub in db.session.scalars(query).all()[MOST - 1 :]:
        db.session.delete(sub)
        mark(sub.device, OFF)


def _revoked(slug: str) -> frozenset[str]:
    production = house().productions.get(slug)
    if production is None:
        return frozenset()
    query = text("select id from device where coalesce(revoked, 0) <> 0 or gone <> 0")
    with reading(production.engine) as connection:
        return frozenset(connection.execute(query).scalars())
