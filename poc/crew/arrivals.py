"""What the office does when an invite arrives: it gives the person a role to come in with."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from poc.registry import INVITE_LIFE
from sync import Change, Desk, Refused
from sync.clock import parse, stamp
from sync.merge import Arrival


def arrivals() -> Mapping[str, Arrival]:
    """Give the reactions of this area, by the kind that arrives."""
    return {"invite": _invite}


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
