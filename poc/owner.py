"""The owner's corner: starting productions, bringing files in, and the links of invites."""

import contextlib
import re
from typing import Any
from zoneinfo import available_timezones

import segno
from flask import Blueprint, Response, abort, redirect, request
from sqlalchemy import select, text

from poc import files
from poc.bring import Bring
from poc.crew import files as people
from poc.crew.duplicates import duplicates
from poc.crew.phones import fold
from poc.crew.reading import Contacts
from poc.door import Guest, guest, sit, this_device
from poc.exchange import apologise
from poc.house import house
from poc.places import AlreadyThere
from poc.productions import Production
from poc.reading import Refused
from poc.registry import Seat, db, new_way
from poc.schedule import files as schedule
from poc.script import files as script
from poc.script.reading import Script
from sync.database import reading
from sync.ids import new_id

owner = Blueprint("owner", __name__)
MAY_IMPORT = ("scene", "strip", "person")
RESERVED = ("new",)
PREVIEW = 20
NO_PREVIEW: dict[str, Any] = {"people": [], "columns": [], "met": [], "written": []}


@owner.get("/")
def home() -> Response:
    """Send a device to its production; one that sits in several gets the list."""
    device = this_device()
    if device is None:
        return redirect("/join", 303)  # type: ignore[return-value]
    seats = db.session.scalars(select(Seat).where(Seat.device == device.id)).all()
    if len(seats) == 1:
        return redirect(f"/p/{seats[0].production}/", 303)  # type: ignore[return-value]
    if not seats and device.owner:
        return redirect("/start", 303)  # type: ignore[return-value]
    slugs = sorted(seat.production for seat in seats)
    return Response(house().fill("door/home.html", productions=slugs, owner=device.owner))


@owner.get("/start")
def start() -> Response:
    """Ask for what a new production needs."""
    return _start("")


@owner.post("/start")
def started() -> Response:
    """Start a production with the person who asks as its coordinator."""
    device = this_device()
    if device is None or not device.owner:
        abort(403)
    title, name, zone = (request.form.get(k, "").strip() for k in ("title", "name", "zone"))
    if not title or not name:
        return _start("A production needs a title, and you need a name.")
    if zone not in available_timezones():
        return _start("Choose the time zone where you shoot from the list.")
    production = begun(title)
    person = first_records(production, title, zone, name, request.form.get("company", ""))
    sit(device, production, person)
    db.session.commit()
    return redirect(f"{production.base}/board", 303)  # type: ignore[return-value]


@owner.get("/p/<slug>/import")
def choose(slug: str) -> Response:
    """Ask for a file to bring in."""
    return _bring_page(_importer(slug))


@owner.post("/p/<slug>/import")
def bring(slug: str) -> Response:
    """Show what a file holds, or, when it was looked at, bring it in."""
    who = _importer(slug)
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return _bring_page(who, say="Choose a file first.", status=422)
    with contextlib.closing(upload):
        raw = upload.read()
    try:
        checked = files.check(raw, upload.filename)
        previewed = preview(who.production, raw, upload.filename)
        if request.form.get("sure"):
            counts = bring_file(who.production, who.seat.person, raw, upload.filename)
            return _bring_page(who, brought=counts, checked=checked, name=upload.filename)
    except Refused as refused:
        return _bring_page(who, say=str(refused), name=upload.filename, status=422)
    return _bring_page(who, checked=checked, name=upload.filename, **previewed)


@owner.post("/p/<slug>/invites/<invite>/open")
def open_invite(slug: str, invite: str) -> Response:
    """Make a fresh link and code for an invite, and show them once."""
    who = guest(slug)
    if who.scope is None or "invite" not in who.scope.writes:
        return apologise(who, "Not accepted: only the production office may invite people.", 403)
    stand = _invite(who.production, invite)
    if stand is None:
        return apologise(who, "This invite was used or cancelled. Make a new one.", 404)
    production, now = who.production, house().clock()
    token, code = new_way(invite, slug, stand["person"], house().salt, now)
    link = f"{request.host_url}join#{token}"
    shown = {"link": link, "code": code, "qr": qr(link), "person_name": stand["name"]}
    return Response(house().fill("door/invite.html", back=f"{production.base}/phones", **shown))


def preview(production: Production, raw: bytes, name: str) -> dict[str, Any]:
    """Show the scenes of a script, or whom a contact list would bring and who is here already."""
    with reading(production.engine) as connection:
        region = connection.execute(text("select region from production")).scalar()
        known = people.known(connection)
    found = files.read(raw, name, region)
    if isinstance(found, Script):
        return {"written": [vars(scene) | {"cast": scene.cast} for scene in found.scenes[:PREVIEW]]}
    if not isinstance(found, Contacts):
        return {}
    pairs = duplicates(found.people, list(known))
    met = [{"name": p.new.name, "known": p.known.name, "because": p.because} for p in pairs]
    shown = [
        {"name": one.name, "position": one.position, "department": one.department}
        | {"reach": " · ".join((*one.phones[:1], *one.emails[:1]))}
        for one in found.people[:PREVIEW]
    ]
    columns = [{"header": h, "field": f} for h, f in found.columns.items()]
    return {"people": shown, "columns": columns, "met": met}


def bring_file(
    production: Production, person: str, raw: bytes, name: str, start: str = ""
) -> dict[str, int]:
    """Bring a file into a production; say how many records are new or changed."""
    with production.journal.desk() as desk:
        stand = desk.standing("production", "production")
        found = files.read(raw, name, stand.fields.get("region"))
        work = Bring(desk, person)
        if isinstance(found, Contacts):
            people.bring(work, found)
        elif isinstance(found, Script):
            script.bring(work, found)
        else:
            schedule.bring(work, found, start)
        work.done()
    return work.counts


def first_records(
    production: Production, title: str, zone: str, name: str, company: str = ""
) -> str:
    """Write the records a new production begins with; return the coordinator's person."""
    with production.journal.desk() as desk:
        fields = {"title": title, "zone": zone, "company": company or None, "rest_minutes": 600}
        desk.create("production", fields, "production")
        position = {"position": "Production Coordinator", "department": "Production"}
        person = desk.create("person", {"name": name, "category": "crew", **position}, new_id())
        desk.create("membership", {"person": person, "role": "coordinator"})
    return person


def slug_of(title: str) -> str:
    """Make a production's name in addresses out of its title."""
    plain = fold(title).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "production"


def free_slug(title: str) -> str:
    """Find a name for a new production that no other has."""
    stem = slug_of(title)
    slug, count = stem, 1
    while slug in RESERVED or house().productions.get(slug) is not None:
        count += 1
        slug = f"{stem}-{count}"
    return slug


def begun(title: str) -> Production:
    """Make a new production under a free name; who loses the race for a name takes the next."""
    while True:
        with contextlib.suppress(AlreadyThere):
            return house().productions.begin(free_slug(title))


def qr(link: str) -> str:
    """Draw a link as an SVG picture, for an image's address."""
    return str(segno.make(link, error="m", micro=False).svg_data_uri(scale=6, border=3))


def _start(say: str) -> Response:
    device = this_device()
    if device is None or not device.owner:
        return redirect("/join", 303)  # type: ignore[return-value]
    zones = sorted(zone for zone in available_timezones() if "/" in zone)
    page = house().fill("door/start.html", say=say, zones=zones)
    return Response(page, 422 if say else 200)


def _importer(slug: str) -> Guest:
    who = guest(slug)
    if who.scope is None or not all(kind in who.scope.writes for kind in MAY_IMPORT):
        abort(403)
    return who


def _bring_page(who: Guest, status: int = 200, **found: Any) -> Response:
    shown = {"say": "", "checked": None, "brought": None, "name": "", **NO_PREVIEW, **found}
    page = house().fill("door/import.html", base=who.production.base, **shown)
    return Response(page, status)


def _invite(production: Production, invite: str) -> dict[str, Any] | None:
    query = text(
        "select invite.person, person.name from invite join person on person.id = invite.person"
        " where invite.id = :id and invite.gone = 0 and coalesce(invite.cancelled, 0) = 0"
        " and invite.used_at is null"
    )
    with reading(production.engine) as connection:
        row = connection.execute(query, {"id": invite}).mappings().first()
    return dict(row) if row else None
