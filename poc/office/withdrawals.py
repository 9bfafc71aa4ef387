"""Taking a publication back before anything of it left: as if it had not been published."""

from typing import Any

from sqlalchemy import text

from poc.bell import outbox
from poc.bell.errands import NEWER
from sync import Change, Desk, Refused

TOO_LATE = "The notices are on their way already. Correct it and publish again instead."
NOT_LAST = "Something newer was published since: take that back first, or publish again."
GONE = "This publication was taken back already."

LATEST = text(
    "select id from publication where subject = :subject and gone = 0"
    " and id <> :id and coalesce(shoot_day, '') = :day order by revision desc, id desc limit 1"
)
CLOSED = text(
    "select id from notice where publication = :publication and failed = :newer and gone = 0"
)
MADE = ("called", "notice")  # by publishing


def withdrawn(desk: Desk, change: Change, row: dict[str, Any]) -> None:
    """Take a publication back: the one before it is in force again, and nobody is told."""
    if change.do != "create":
        raise Refused("That it was taken back is a fact. Publish again instead.", "permission")
    found = desk.standing("publication", row.get("publication") or "")
    if not found.exists or found.kind != "publication":
        raise Refused(GONE)
    _refuse_late(desk, found.id, found.fields)
    for kind in MADE:
        query = text(f'select id from "{kind}" where publication = :id and gone = 0')
        for one in list(desk.connection.execute(query, {"id": found.id}).scalars()):
            desk.remove(kind, one)
    outbox.drop(desk.connection, found.id)
    shown = {name: found.fields.get(name) for name in ("shoot_day", "colour")}
    desk.set("withdrawal", row["id"], **shown, made_by=desk.author, made_at=desk.now)
    desk.remove("publication", found.id)
    _back_in_force(desk, found.id, found.fields)


def _refuse_late(desk: Desk, publication: str, fields: dict[str, Any]) -> None:
    if fields.get("superseded"):
        raise Refused(NOT_LAST)
    late = str(fields.get("leaves_at") or "") <= desk.now
    if late or outbox.left(desk.connection, publication):
        raise Refused(TOO_LATE)


def _back_in_force(desk: Desk, publication: str, fields: dict[str, Any]) -> None:
    about = {
        "id": publication,
        "subject": fields.get("subject"),
        "day": fields.get("shoot_day") or "",
    }
    before = desk.connection.execute(LATEST, about).scalar()
    if before is None:
        return
    desk.set("publication", before, superseded=0)
    query = {"publication": before, "newer": NEWER}
    closed = list(desk.connection.execute(CLOSED, query).scalars())
    for notice in closed:
        desk.set("notice", notice, failed=None)
    outbox.reopen(desk.connection, closed, desk.now)
