"""The door: who is asking, and whether the request may be from them at all."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, redirect, request
from sqlalchemy import Row, and_, bindparam, select, text
from werkzeug.exceptions import HTTPException

from poc.headers import BARE, FILES, HEADERS
from poc.house import house
from poc.productions import Production
from poc.registry import Attempt, Device, Seat, Way, db, hashed, new_device
from poc.roles import scope_of
from sync import Scope
from sync.clock import stamp
from sync.database import reading

COOKIE = "poc"
SAFE = ("GET", "HEAD", "OPTIONS")
# Whoever posts there must have been sent a link: no browser adds anything another site could use.
UNGUARDED = ("mail",)
TRIES, TRY_SPAN = 10, timedelta(minutes=15)
NAMES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)

SEATED = (
    select(Device.id.label("device"), Seat.person, Seat.record)
    .outerjoin(Seat, and_(Seat.device == Device.id, Seat.production == bindparam("slug")))
    .where(Device.key_hash == bindparam("key"), Device.revoked_at.is_(None))
)
DEVICE = text(
    "select coalesce(revoked, 0) as away, seen_at, installed, notices, held from device"
    " where id = :id and gone = 0"
)

door = Blueprint("door", __name__)


@dataclass(frozen=True)
class Guest:
    """Somebody who sits in a production: on which device, as which person, with which rights."""

    seat: Row[str, str, str]
    device: Row[Any] | None  # as the production knows it
    production: Production
    scope: Scope | None


def this_device() -> Device | None:
    """Return the device that is asking, if it was let in and not put out again."""
    key = request.cookies.get(COOKIE, "")
    if not key:
        return None
    device = db.session.scalar(select(Device).where(Device.key_hash == hashed(key)))
    return device if device and not device.revoked_at else None


def guest(slug: str) -> Guest:
    """Return who is asking about a production; 401 or 404 when it is nobody we know."""
    seat, production = _seat(slug), house().productions.get(slug)
    if seat is None:
        abort(401)
    if production is None or seat.person is None:
        abort(404)
    with reading(production.engine) as connection:
        scope = scope_of(connection, seat.person)
        device = connection.execute(DEVICE, {"id": seat.record}).first()
    here = device is not None and device.away == 0
    return Guest(seat, device, production, scope if here else None)


def _seat(slug: str) -> Row[str, str, str] | None:
    """Find the seat of the device that is asking; it is empty where it has none in a production."""
    key = request.cookies.get(COOKIE, "")
    if not key:
        return None
    # No session: it would keep its connection as long as the answer takes, and hundreds may ask.
    with db.engine.connect() as connection:
        return connection.execute(SEATED, {"key": hashed(key), "slug": slug}).first()


def guard() -> Response | None:
    """Refuse writes that another site made this browser send. No token in any page is needed."""
    if request.method in SAFE or request.blueprint in UNGUARDED:
        return None
    site = request.headers.get("Sec-Fetch-Site")
    if site in ("same-origin", "none"):
        return None
    origin = request.headers.get("Origin")
    own = urlsplit(request.host_url)
    if site is None and origin is not None and urlsplit(origin)[:2] == own[:2]:
        return None
    return Response("This came from another site, so the office did not take it.\n", 403)


def dress(response: Response) -> Response:
    """Give every response the headers that keep a page to its own scripts."""
    for name, value in BARE.items() if response.mimetype in FILES else HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


SENTENCES = {
    401: "This browser was not let in yet, or was signed out.",
    403: "This is not yours to open or to change.",
    404: "There is no such page in any production of yours.",
    413: "That is more than the office takes at once: 32 MB.",
}


def sorry(error: HTTPException) -> Response:
    """Say in a sentence why there is no page, with the way in beside it."""
    status = error.code or 500
    say = SENTENCES.get(status, "The office could not do that. Go back and try once more.")
    return Response(house().fill("door/none.html", say=say), status)


@door.get("/join")
def join() -> str:
    """Show where a link lands: its secret is in the fragment, so that previews do not use it up."""
    return house().fill("door/join.html", say="")


@door.post("/join")
def joined() -> Response:
    """Let somebody in who has the link or the code."""
    now, address = house().clock(), request.remote_addr or ""
    token, code = request.form.get("token", ""), request.form.get("code", "")
    if not token and not may_try(address, now):
        say = "Too many tries from here. Wait a quarter of an hour, or ask for a new link."
        return Response(house().fill("door/join.html", say=say), 429)
    way = _way(token, code, stamp(now))
    if way is None:
        failed(address, now)
        say = "This link or code does not work any more. Ask the production office for a new one."
        return Response(house().fill("door/join.html", say=say), 404)
    return _enter(way, now)


@door.post("/sign-out")
def sign_out() -> Response:
    """Forget this device; its copy is removed by the page that asked."""
    if device := this_device():
        device.revoked_at = stamp(house().clock())
        db.session.commit()
    response = redirect("/join", 303)
    response.delete_cookie(COOKIE)
    return response  # type: ignore[return-value]


def sit(device: Device, production: Production, person: str) -> None:
    """Give a device its seat in a production, and the production a record of the device."""
    old = db.session.get(Seat, (device.id, production.slug))
    if old is not None:
        db.session.delete(old)
        db.session.flush()
    now = stamp(house().clock())
    with production.journal.desk() as desk:
        fields = {"person": person, "name": device.name, "made_at": now, "seen_at": now}
        record = desk.create("device", fields)
    seat = Seat(device=device.id, production=production.slug, person=person, record=record)
    db.session.add(seat)


def may_try(address: str, now: datetime) -> bool:
    """Say whether somebody may still guess: tries are forgotten after a while."""
    attempt = db.session.get(Attempt, address)
    return attempt is None or attempt.since < stamp(now - TRY_SPAN) or attempt.count < TRIES


def failed(address: str, now: datetime) -> None:
    """Count a wrong guess; right ones are not, since a whole crew comes in from one address."""
    attempt = db.session.get(Attempt, address)
    if attempt is None or attempt.since < stamp(now - TRY_SPAN):
        attempt = db.session.merge(Attempt(door=address, since=stamp(now), count=0))
    attempt.count += 1
    db.session.commit()


def _enter(way: Way, now: datetime) -> Response:
    device = this_device()
    owner = way.production is None
    key = ""
    if device is None or (owner and not device.owner):
        device, key = new_device(_name(request.user_agent.string), owner, now)
        db.session.flush()
    target = "/"
    production = house().productions.get(way.production) if way.production else None
    if production and way.person:
        sit(device, production, way.person)
        if way.id != "owner":
            with production.journal.desk() as desk:
                desk.set("invite", way.id, used_at=stamp(now))
        target = f"{production.base}/"
    way.used_at = stamp(now)
    db.session.commit()
    response = redirect(target, 303)
    if key:
        secure = request.is_secure
        life = timedelta(days=400)
        response.set_cookie(COOKIE, key, max_age=life, httponly=True, samesite="Lax", secure=secure)
    return response  # type: ignore[return-value]


def _way(token: str, code: str, now: str) -> Way | None:
    digits = re.sub(r"\D", "", code)
    query = select(Way).where(Way.used_at.is_(None))
    if token:
        query = query.where(Way.token_hash == hashed(token), Way.expires_at > now)
    elif len(digits) == 6:
        code_hash = hashed(house().salt + digits)
        query = query.where(Way.code_hash == code_hash, Way.code_expires_at > now)
    else:
        return None
    way: Way | None = db.session.scalar(query)
    return way if way is None or _still_open(way) else None


def _still_open(way: Way) -> bool:
    """Say whether the office has not cancelled the invite meanwhile."""
    production = house().productions.get(way.production) if way.production else None
    if production is None or way.id == "owner":
        return True
    with reading(production.engine) as connection:
        query = text("select coalesce(cancelled, 0) + gone from invite where id = :id")
        return connection.execute(query, {"id": way.id}).scalar() == 0


def _name(agent: str) -> str:
    return next((name for sign, name in NAMES if sign in agent), "Browser")
