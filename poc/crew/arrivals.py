"""What the office does about people: a role to come in with, and one language for all."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from poc.registry import INVITE_LIFE
from sync import Change, Desk, Refused
from sync.clock import parse, stamp
from sync.merge import Arrival


def arrivals() -> Mapping[str, Arrival]:
    """Give the reactions of this area, by the kind that arrives."""
    return {"invite": _invite, "preference": _preference, "person": _person}


def _preference(desk: Desk, change: Change, row: dict[str, Any]) -> None:
    """Who chooses a language is spoken to in it by everybody, not only by notices."""
    person, language = row.get("person"), row.get("language")
    if person and language and desk.standing("person", person).exists:
        desk.set("person", person, language=language)


def _person(desk: Desk, change: Change, row: dict[str, Any]) -> None:
    """What the office hears of somebody's language later holds for their own wish as well."""
    wish = f"{change.record}.preference"
    if change.field == "language" and desk.standing("preference", wish).exists:
        desk.set("preference", wish, language=row.get("language"))


def _invite(desk: Desk, change: Change, row: dict[str, Any]) -> None:
    if change.do != "create":
        return
    query = text("select category, department from person where id = :id and gone = 0")
    person = desk.connection.execute(query, {"id": row.get("person")}).first()
    if person is None:
        raise Refused("This person is not on the contact list any more.")
    expires = stamp(parse(desk.now) + INVITE_LIFE)
    desk.set("invite", row["id"], made_at=desk.now, expires_at=expires)
    query = text("select id from membership where person = :id and gone = 0")
    if desk.connection.execute(query, {"id": row["person"]}).first() is None:
        role = person.category if person.category in ("cast", "vendor") else "crew"
        fields = {"person": row["person"], "role": role, "department": person.department}
        desk.create("membership", fields)
