"""The doors of calendars: a page that shows a new address once, and the address itself."""

from flask import Blueprint, Response, abort, request
from sqlalchemy import text

from poc.calendar.addresses import SPAN, new_address, note_fetched, owner, too_often
from poc.calendar.feed import feed
from poc.door import Guest, guest
from poc.exchange import apologise
from poc.house import house
from sync.database import reading

calendars = Blueprint("calendars", __name__)
KIND = "text/calendar; charset=utf-8"
NAME = text("select name from person where id = :id and gone = 0")


@calendars.post("/p/<slug>/calendars/<person>/open")
def open_calendar(slug: str, person: str) -> Response:
    """Make a new address for a person's calls, and show it once."""
    who = guest(slug)
    if who.scope is None or not _may(who, person):
        return apologise(who, "Not accepted: this calendar belongs to somebody else.", 403)
    with reading(who.production.engine) as connection:
        name = connection.execute(NAME, {"id": person}).scalar()
    if name is None:
        return apologise(who, "This person is not on the contact list any more.", 404)
    link = f"{request.host_url}cal/{new_address(who.production, person)}.ics"
    mine = person == who.seat.person
    back = f"{who.production.base}/{'more' if mine else f'people/{person}'}"
    shown = {"link": link, "there": link.partition(":")[2], "name": name, "mine": mine}
    return Response(house().fill("door/calendar.html", back=back, **shown))


@calendars.get("/cal/<token>.ics")
def calendar(token: str) -> Response:
    """Give a calendar to whoever holds its address: nobody is asked who they are."""
    whose, now = owner(token), house().clock()
    if whose is None:
        abort(404)
    if too_often(whose.record, now):
        pause = {"Retry-After": str(int(SPAN.total_seconds()))}
        return Response("Asked too often. Try again later.\n", 429, pause, "text/plain")
    with reading(whose.production.engine) as connection:
        found = feed(connection, whose.production.slug, whose.person)
    note_fetched(whose, now)
    response = Response(mimetype="text/calendar")
    response.headers["Content-Type"] = KIND
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Content-Disposition"] = 'inline; filename="calls.ics"'
    response.set_etag(found.mark)
    if not request.if_none_match.contains_weak(found.mark):
        response.data = found.calendar()
    response.make_conditional(request)
    return response


def _may(who: Guest, person: str) -> bool:
    return person == who.seat.person or (who.scope is not None and "invite" in who.scope.writes)
