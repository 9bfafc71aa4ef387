"""Where a personal link leads: the person's own call as published, and a button to confirm it."""

from dataclasses import dataclass

from flask import Blueprint, Flask, Response, redirect, request
from flask.blueprints import BlueprintSetupState
from sqlalchemy import text

from poc.door import failed, may_try
from poc.house import house
from poc.mail import links
from poc.mail.facts import Facts, facts
from poc.mail.letters import lines
from poc.mail.means import equip
from poc.mail.words import sentences
from poc.productions import Production
from sync.database import reading

mail = Blueprint("mail", __name__, url_prefix="/m/<token>")
PRIVATE = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
# What somebody may confirm: a sheet that names them, or what the letter itself was about.
THEIRS = text(
    "select id from called where publication = :publication and person = :person and gone = 0"
)


class Closed(Exception):
    """There is no such link, or none any more."""


@dataclass(frozen=True)
class Opened:
    """A link that leads somewhere."""

    production: Production
    facts: Facts

    @property
    def letter(self) -> str:
        return str(self.facts.letter["id"])


@mail.record_once
def begin(state: BlueprintSetupState) -> None:
    """Hang the means of the mail on the app it is registered on."""
    assert isinstance(state.app, Flask)
    equip(state.app)


@mail.after_request
def hide(response: Response) -> Response:
    """Keep the page out of caches, search engines and the logs of other sites."""
    response.headers.update(PRIVATE)
    return response


@mail.errorhandler(Closed)
def closed(_: Closed) -> Response:
    """Say that a link is closed; whoever tries many is told to wait."""
    say, status = sentences(request.accept_languages.best), 404
    address, now = f"mail {request.remote_addr}", house().clock()
    if not may_try(address, now):
        status = 429
    else:
        failed(address, now)
    return Response(house().fill("door/closed.html", say=say, often=status == 429), status)


@mail.get("")
def show(token: str) -> Response:
    """Show the call. Mail scanners open links too: this confirms nothing and stops nothing."""
    link = _opened(token)
    if request.method == "GET" and not link.facts.letter["opened_at"]:
        with link.production.journal.desk() as desk:
            desk.set("letter", link.letter, opened_at=desk.now)
    return _page(link, "door/called.html")


@mail.post("")
def got_it(token: str) -> Response:
    """Write the receipt of the one person the link was made for."""
    link = _opened(token)
    publication, person = request.form.get("publication", ""), link.facts.letter["person"]
    about = {"publication": publication, "person": person}
    with reading(link.production.engine) as connection:
        named = connection.execute(THEIRS, about).first() is not None
    if named or publication == link.facts.letter["publication"]:
        facts = {"department": link.facts.letter["department"], "state": "confirmed"}
        # Named after the letter and what was confirmed, so that two taps are one receipt.
        record = f"{link.letter}.{publication}"
        with link.production.journal.desk() as desk:
            if not desk.standing("receipt", record).exists:
                receipt = {**about, **facts, "at": desk.now, "how": "link"}
                desk.create("receipt", receipt, record)
    return redirect(f"/m/{token}", 303)  # type: ignore[return-value]


@mail.get("/stop")
def stopping(token: str) -> Response:
    """Ask whether somebody wants no more mail; that, too, takes a tap."""
    return _page(_opened(token), "door/stop.html")


@mail.post("/stop")
def stop(token: str) -> Response:
    """Send a person no more mail, or send it again. Mail programs may post this by themselves."""
    link = _opened(token)
    with link.production.journal.desk() as desk:
        again = "again" in request.form
        desk.set("letter", link.letter, stopped_at=None if again else desk.now)
    return redirect(f"/m/{token}/stop", 303)  # type: ignore[return-value]


def _opened(token: str) -> Opened:
    named = links.read(house().salt, token)
    production = house().productions.get(named[0]) if named else None
    if named is None or production is None:
        raise Closed
    with reading(production.engine) as connection:
        found = facts(connection, named[1])
    if found is None or found.letter["revoked"]:
        raise Closed
    day = found.call["date"] if found.call else None
    if links.expired(found.letter, day, production.now()):
        raise Closed
    return Opened(production, found)


def _page(link: Opened, template: str) -> Response:
    found = link.facts
    newer = found.sheet != found.letter["publication"] and not found.overtaken
    shown = {"say": found.say, "language": found.language, "film": found.film, "newer": newer}
    shown |= {"notice": found.notice, "call": found.call, "lines": lines(found)}
    shown |= {"overtaken": found.overtaken, "confirmed": found.confirmed_at is not None}
    shown |= {"sheet": found.sheet, "stopped": found.letter["stopped_at"]}
    page = house().fill(template, here=request.path.removesuffix("/stop"), **shown)
    return Response(page)
