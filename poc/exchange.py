"""HTTP around sync/: pages, forms, the exchange and the first copy of a production."""

import json
import logging
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from flask import Blueprint, Response, abort, redirect, request

from poc import answer, edit, versions
from poc.contact import contact
from poc.door import Guest, guest
from poc.house import house
from poc.packing import COPIED, COPY, pack_halves
from sync import Change, Request, Result
from sync.clock import stamp
from sync.database import reading
from sync.ids import new_id
from sync.journal import LEASE, halves
from sync.snapshot import leaves

log = logging.getLogger(__name__)
exchange = Blueprint("exchange", __name__, url_prefix="/p/<slug>")
CARD = "text/vcard; charset=utf-8"


@exchange.get("/")
def begin(slug: str) -> Response:
    """Send people to the first page that is theirs."""
    who = guest(slug)
    if who.scope is None:
        return revoked()
    pages = house().book.nav(who.scope.reads, who.production.base, "")
    return redirect(pages[0]["path"], 303)  # type: ignore[return-value]


@exchange.get("/<path:path>")
def page(slug: str, path: str) -> Response:
    """Answer any page of the book."""
    who = guest(slug)
    if who.scope is None:
        return revoked()
    words = request.query_string.decode("ascii", "replace")
    address = f"/{path.replace('?', '%3F')}" + (f"?{words}" if words else "")
    try:
        with answer.look(house().book, who.production, who.scope, address) as sight:
            return _page(sight, address)
    except answer.NotFound:
        return apologise(who, "There is no such page, or what it was about is gone.", 404)
    except answer.NotYours:
        return apologise(who, "This page is for the production office.", 403)


@exchange.post("/sync")
def sync(slug: str) -> Response:
    """Take a device's waiting changes; answer with their results and what others changed."""
    # Hundreds may come back at once: more at work than that only get into each other's way.
    with _expected(slug), house().hands:
        who = guest(slug)
    if request.mimetype != "application/json":
        abort(415)
    request.get_data()  # a phone may be slow to send: nobody waits for that
    with _expected(slug), house().hands:
        asked = request.get_json()
        if not isinstance(asked, dict) or not isinstance(asked.get("changes", []), list):
            abort(400)
        person, told = who.seat.person if who.scope else "", _request(who, asked)
    journal = who.production.journal
    taken = journal.receive(person, told)
    with house().hands:
        shared, own = halves(journal.answer(person, told, taken))
        if _number(asked, "client") < versions.OLDEST:
            return _outdated(own)
        return pack_halves(shared.encode(), own.encode(), "application/json")


@exchange.get("/sync/snapshot")
def snapshot(slug: str) -> Response:
    """Hand out a ready image of what the person may hold."""
    who = guest(slug)
    if who.scope is None:
        return revoked()
    _note_strayed(who, request.args.get("strayed", "").split(","))
    about = {
        "person": who.seat.person,
        "device": who.seat.record,
        "production": slug,
        "kinds": json.dumps(sorted(who.scope.reads)),
        "zone": str(who.production.zone),
        "saved_at": stamp(house().clock()),
        "lease_until": stamp(house().clock() + LEASE),
    }
    copy = who.production.journal.snapshot(who.seat.person, about)
    return pack_halves(*leaves(copy), COPY, COPIED)


@exchange.post("/<kind>")
@exchange.post("/<kind>/<record>")
def write(slug: str, kind: str, record: str = "") -> Response:
    """Take a form from a browser without a worker: the same changes, written at once."""
    who = guest(slug)
    if who.scope is None:
        return revoked()
    if kind not in house().book.kinds:
        return apologise(who, "There is nothing of that name to change here.", 404)
    results = write_form(who, kind, record, form())
    refused = [result for result in results if result.st == "rejected"]
    if refused:
        return apologise(who, refused[0].say, 422)
    return redirect(back(who), 303)  # type: ignore[return-value]


def _outdated(own: str) -> Response:
    """Answer an app that is too old: what it sent is in the journal, the news wait."""
    words = f'{{"records":[{own[:-1]},"oldest":{versions.OLDEST}}}'
    return Response(words, 426, mimetype="application/json")


def revoked() -> Response:
    """Tell a device that it was put out."""
    say = "This device is not part of the production any more. Ask the office for a new link."
    # A wall of somebody's Wi-Fi says 403 as well; only the office puts a device out.
    return Response(house().fill("door/join.html", say=say), 403, {"Poc-Revoked": "1"})


def apologise(who: Guest, say: str, status: int) -> Response:
    """Say in a sentence what is wrong, inside the frame of every page."""
    if who.scope is None:
        return revoked()
    template = "refused.html" if status == 422 else "missing.html"
    found: dict[str, Any] = {"say": say}
    if status == 422:
        found["typed"] = _typed()
    with answer.look(house().book, who.production, who.scope) as sight:
        return Response(answer.fill(house().book, sight, template, "", found), status)


def _page(sight: answer.Reading, address: str) -> Response:
    body = answer.answer(house().book, sight, address)
    if address.endswith(".vcf"):
        return Response(body.replace("\n", "\r\n"), mimetype=CARD)
    return Response(body)


def _expected(slug: str) -> AbstractContextManager[None]:
    production = house().productions.get(slug)
    return production.journal.coming() if production else nullcontext()


def _request(who: Guest, asked: dict[str, Any]) -> Request:
    return Request(
        device=who.seat.record,
        generation=str(asked.get("generation", "")),
        epoch=_number(asked, "epoch"),
        cursor=_number(asked, "cursor"),
        sent_at=str(asked.get("sent_at", "")),
        changes=asked.get("changes", []),
        columns=asked.get("columns") is True,
        digest=asked.get("digest") == house().book.schema,
        beside=contact(who, asked),
    )


def _note_strayed(who: Guest, kinds: list[str]) -> None:
    known = [kind for kind in kinds if kind in house().book.kinds]
    if known:
        words = "The copy of device %s in %s was not as the office has it: %s"
        log.warning(words, who.seat.record, who.production.slug, ", ".join(known))


def _number(asked: dict[str, Any], name: str) -> int:
    value = asked.get(name)
    return value if isinstance(value, int) else 0


def write_form(who: Guest, kind: str, record: str, filled: Mapping[str, str]) -> list[Result]:
    """Write what a filled-in form says."""
    assert who.scope is not None
    scope, kinds = who.scope, house().book.kinds
    with reading(who.production.engine) as connection:

        def row_of(name: str, one: str) -> Any:
            table = kinds[name].table
            query = table.select().where(table.c.id == one, table.c.gone == 0)
            row = connection.execute(query).mappings().first()
            return row if row is None or scope.sees(name, dict(row)) else None

        wires = edit.changes(filled, kind, record, kinds, row_of, scope.person)
    device = f"web-{who.seat.record}"
    changes = [Change.read(_named(wire, device)) for wire in wires]
    taken = who.production.journal.write(scope.person, device, changes)
    return [result for _, result in taken]


def _named(wire: dict[str, Any], device: str) -> dict[str, Any]:
    members = [_named(member, device) for member in wire.get("changes", ())]
    return {**wire, "id": f"{device}.{new_id()}", "changes": members}


def form() -> dict[str, str]:
    """Give what was sent; of a name that came twice the later value, as on the device."""
    return {name: values[-1] for name, values in request.form.lists()}


def _typed() -> list[dict[str, str]]:
    hidden = ("seen", "back", "label", "together")
    return [
        {"label": name.rpartition(".")[2].replace("_", " "), "value": value}
        for name, value in form().items()
        if name not in hidden and value and not value.startswith("@")
    ]


def back(who: Guest) -> str:
    """Say where a form leads back to, which is always within its production."""
    asked = form().get("back", "")
    return asked if asked.startswith(f"{who.production.base}/") else f"{who.production.base}/today"
