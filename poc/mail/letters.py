"""Writing a letter: the mail with its two bodies and the call sheet, or the words of an SMS."""

import re
from email.headerregistry import Address, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from typing import Any

from markupsafe import Markup

from poc import answer, roles
from poc.dialect.film import clock
from poc.house import House
from poc.mail.facts import Facts
from poc.mail.links import token
from poc.mail.means import Means
from poc.mail.sms import fitting
from poc.productions import Production
from sync.clock import parse

SHEET_STYLES = ("app.css", "board.css", "sheet.css")
TIMES = ("call", "pickup")
BREAKS = re.compile(r"[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")


def mail(house: House, production: Production, facts: Facts, means: Means) -> EmailMessage:
    """Write a mail. Its Message-ID is the letter's own, so that sent twice it is still one."""
    letter, film = facts.letter, _plain(facts.film["title"] or production.slug)
    link = link_of(house, production, facts, means)
    message = EmailMessage(_policy())
    message["Message-ID"] = message_id(production, letter["id"], means)
    message["Date"] = format_datetime(parse(letter["made_at"]))
    message["From"] = Address(film, addr_spec=means.sender)
    message["To"] = Address(_plain(letter["name"] or ""), addr_spec=letter["address"])
    message["Subject"] = f"{film}: {_plain(facts.notice.get('title') or '')}"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    message["List-Unsubscribe"] = _unsubscribe(link, means)
    if link:
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    shown = _shown(facts, link)
    message.set_content(Markup(house.fill("door/letter.txt", **shown)).unescape(), cte="base64")
    message.add_alternative(house.fill("door/letter.html", **shown), subtype="html", cte="base64")
    if facts.call and not letter["vendor"]:
        name = f"{film} {facts.call['date']} {facts.call['colour']}.html".replace("/", "-")
        sheet = _sheet(house, production, facts)
        message.add_attachment(sheet, subtype="html", cte="base64", filename=name)
    message["Content-Language"] = facts.language  # last: making parts would move it into one
    return message


def sms(house: House, production: Production, facts: Facts, means: Means) -> str:
    """Write an SMS: what the notice said, and the link, never shortened by anybody else."""
    words = (facts.film["title"] or production.slug, facts.notice.get("title") or "")
    body = facts.notice.get("body") or ""
    said = f"{words[0]}: {words[1]}. {body}"
    return fitting(_plain(said), link_of(house, production, facts, means))


def message_id(production: Production, letter: str, means: Means) -> str:
    """Name a mail after its letter, so that what comes back can be told apart."""
    return f"<{letter}.{production.slug}@{means.sender.rpartition('@')[2]}>"


def link_of(house: House, production: Production, facts: Facts, means: Means) -> str:
    """Give the letter's personal link; none when the office was not told its own address."""
    if not means.origin:
        return ""
    return f"{means.origin}/m/{token(house.salt, production.slug, facts.letter['id'])}"


def lines(facts: Facts) -> list[dict[str, Any]]:
    """Give the person's facts as they are read: times of day as clocks show them."""
    found = facts.lines
    for line in found:
        if line["name"] in TIMES:
            line |= {key: _clock(line[key]) for key in ("was", "now")}
    return found


def _clock(value: str | None) -> str | None:
    return clock(value) if value else value


def _shown(facts: Facts, link: str) -> dict[str, Any]:
    return {
        "say": facts.say,
        "language": facts.language,
        "film": facts.film,
        "notice": facts.notice,
        "lines": lines(facts),
        "call": facts.call,
        "link": link,
        "why": facts.say["unopened" if facts.letter["rung_at"] else "no_phone"],
        "attached": bool(facts.call and not facts.letter["vendor"]),
    }


class Whole(UnstructuredHeader):
    """A header of links, which must not be cut: Python would write a long one in code words."""

    def fold(self, *, policy: EmailPolicy) -> str:
        """Write it on one line, however long."""
        return f"List-Unsubscribe: {self}{policy.linesep}"


def _policy() -> Any:
    headers = HeaderRegistry()
    headers.map_to_type("list-unsubscribe", Whole)  # type: ignore[arg-type]
    return SMTP.clone(header_factory=headers)


def _unsubscribe(link: str, means: Means) -> str:
    by_mail = f"<mailto:{means.sender}?subject=unsubscribe>"
    return f"<{link}/stop>, {by_mail}" if link else by_mail


def _sheet(house: House, production: Production, facts: Facts) -> str:
    """Take the call sheet out of its published page: a file that opens by itself, anywhere."""
    path = f"/sheets/{facts.sheet}"
    scope = roles.scope(facts.letter["person"], "coordinator", None, 0)
    with answer.look(house.book, production, scope, path) as sight:
        page = answer.answer(house.book, sight, path)
    inside = page.partition('<article class="sheet">')[2].partition("</article>")[0]
    styles = "\n".join(house.book.files[name].decode() for name in SHEET_STYLES)
    shown = {"sheet": Markup(inside), "styles": Markup(styles)}
    return house.fill("door/sheet.html", film=facts.film, call=facts.call, **shown)


def _plain(words: str) -> str:
    """Keep a text to one line, so that it can stand in a header."""
    return BREAKS.sub(" ", words).strip()
