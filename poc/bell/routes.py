"""The bell's door: browsers fetch the office's key, bring their subscription, and send receipts."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, jsonify, request
from flask.blueprints import BlueprintSetupState
from sqlalchemy import text

from poc.bell.bell import hang, the_bell
from poc.bell.outward import leads_inside
from poc.bell.phones import BLOCKED, OFF, knows_no_more, subscribe, unsubscribe
from poc.bell.push import NoTarget, Target, check, known
from poc.door import Guest, guest
from poc.house import house
from sync import Change
from sync.clock import corrected
from sync.database import reading

bell = Blueprint("bell", __name__, url_prefix="/p/<slug>/bell")
INSIDE = "This push service's name leads into the office's own network, so nothing is sent there."
NOTICE = text(
    "select notice.id, notice.publication, notice.person, notice.shown_at, person.department"
    " from notice left join person on person.id = notice.person"
    " where notice.id = :id and notice.person = :person and notice.gone = 0"
)
SEEN = text(
    "select id from receipt where publication = :publication and person = :person"
    " and state = 'seen' and gone = 0"
)


@bell.record_once
def begin(state: BlueprintSetupState) -> None:
    """Hang the bell on the app it is registered on."""
    assert isinstance(state.app, Flask)
    hang(state.app)


@bell.get("/key")
def key(slug: str) -> Response:
    """Hand out the key that browsers subscribe with."""
    _member(slug)
    return jsonify(key=the_bell().key.text)


@bell.post("")
def on(slug: str) -> Response:
    """Take a browser's subscription for the device that asks."""
    who = _member(slug)
    try:
        target = _target(request.get_json(silent=True))
        check(target, the_bell().hosts)
    except NoTarget as wrong:
        return _say(str(wrong), 422)
    host = urlsplit(target.endpoint).hostname or ""
    if not known(host) and leads_inside(host):
        return _say(INSIDE, 422)
    if knows_no_more(target.endpoint):
        return jsonify(again=True)
    subscribe(who.seat.device, slug, target, _key_id(request.get_json()), _origin())
    return jsonify(again=False)


@bell.delete("")
@bell.post("/off")
def off(slug: str) -> Response:
    """Forget a device's subscription, and note why it gets none."""
    who = _member(slug)
    asked = request.get_json(silent=True)
    blocked = isinstance(asked, dict) and asked.get("state") == BLOCKED
    unsubscribe(who.seat.device, BLOCKED if blocked else OFF)
    return Response(status=204)


@bell.post("/receipt")
def receipt(slug: str) -> Response:
    """Note that a notice was shown or opened; only by the person it was for."""
    who = _member(slug)
    asked = request.get_json(silent=True)
    if not isinstance(asked, dict) or asked.get("ev") not in ("shown", "seen"):
        abort(400)
    about = {"id": str(asked.get("id")), "person": who.seat.person}
    with reading(who.production.engine) as connection:
        notice = connection.execute(NOTICE, about).mappings().first()
    if notice is None:
        abort(404)
    at = corrected(asked.get("at"), asked.get("sent_at"), house().clock())
    if notice["shown_at"] is None:
        with who.production.journal.desk() as desk:
            desk.set("notice", notice["id"], shown_at=at)
    if asked["ev"] == "seen":
        _seen(who, {**notice}, at)
    return Response(status=204)


def _seen(who: Guest, notice: Mapping[str, object], at: str) -> None:
    """Write the receipt as the person, unless opening the page has written one already."""
    about = {"publication": notice["publication"], "person": who.seat.person}
    with reading(who.production.engine) as connection:
        if connection.execute(SEEN, about).first() is not None:
            return
    # Named after the notice, so that one sent twice is one.
    record = f"{notice['id']}.seen"
    value = {**about, "department": notice["department"], "state": "seen", "at": at, "how": "app"}
    change = Change(f"bell.{record}", "create", "receipt", record, value=value, at=at)
    who.production.journal.write(who.seat.person, who.seat.record, [change])


def _origin() -> str:
    """Say under which address the browser has us open; behind a proxy only the browser knows."""
    told = request.headers.get("Origin", "")
    return told if urlsplit(told).netloc == request.host else request.host_url.rstrip("/")


def _member(slug: str) -> Guest:
    who = guest(slug)
    if who.scope is None:
        abort(403)
    return who


def _target(asked: object) -> Target:
    match asked:
        case {"endpoint": str(endpoint), "keys": {"p256dh": str(point), "auth": str(secret)}}:
            return Target(endpoint, point, secret)
    raise NoTarget("The browser sent no subscription. Turn notices off and on again.")


def _key_id(asked: dict[str, object]) -> str:
    """Give the key a browser subscribed with; it may be one that was turned this very moment."""
    keys = the_bell().keys.all().values()
    return next((key.id for key in keys if key.text == asked.get("key")), the_bell().key_id)


def _say(sentence: str, status: int) -> Response:
    response = jsonify(say=sentence)
    response.status_code = status
    return response
