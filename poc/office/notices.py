"""The words of a notice, the same in the preview before publishing and on the phone after it."""

from typing import Any

from markupsafe import Markup

from poc.book import Book

WORDS = "office/_notice.html"


def words(
    book: Book, publication: dict[str, Any], day: dict[str, Any], person: dict[str, Any]
) -> tuple[str, str, str]:
    """Return a notice's title, body and urgency for one person whose own facts changed."""
    macros: Any = book.environment.get_template(WORDS).module
    colour = str(publication["colour"]).upper()
    title = Markup(macros.notice_title(person, day["date"])).unescape()
    body = Markup(macros.notice_body(person, day["number"], colour)).unescape()
    return title.strip(), body.strip(), _urgency(person)


def reminder_words(
    book: Book, sheet: dict[str, Any], called: dict[str, Any]
) -> tuple[str, str, str]:
    """Return what somebody reads who did not say yet that they know: the same facts once more."""
    title, body, urgency = words(book, sheet, sheet, called)
    macros: Any = book.environment.get_template(WORDS).module
    return Markup(macros.reminder_title(title)).unescape().strip(), body, urgency


def day_words(
    book: Book, publication: dict[str, Any], gained: list[str], lost: list[str], first: bool
) -> tuple[str, str]:
    """Return title and body for one of the cast whose working days changed."""
    macros: Any = book.environment.get_template(WORDS).module
    colour = str(publication["colour"]).upper()
    title = Markup(macros.days_title(first)).unescape()
    body = Markup(macros.days_body(gained, lost, colour, first)).unescape()
    return title.strip(), body.strip()


def _urgency(person: dict[str, Any]) -> str:
    """A call that moved later wakes nobody; everything else should not wait."""
    call, was = person["call"], person["was_call"]
    later_only = call and was and call > was and person["place"] == person["was_place"]
    return "normal" if later_only else "high"
