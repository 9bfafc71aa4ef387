"""Photos and PDFs hung on a record: what the office takes, how much of it, and when it is there."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from sync import Change, Desk, Refused
from sync.blobs import Blobs
from sync.clock import stamp
from sync.merge import Arrival

KIND = "attachment"
ROOM = 500 * 1024 * 1024  # bytes in one production
GRACE = timedelta(days=7)  # so long what was removed can be brought back
HEAD = 16
UNKNOWN = "unknown"
# How files begin: their names say nothing that counts. The twin is in sw/blobs.js.
OPENINGS = (
    ("image/jpeg", 0, b"\xff\xd8\xff"),
    ("image/png", 0, b"\x89PNG\r\n\x1a\n"),
    ("image/gif", 0, b"GIF8"),
    ("image/webp", 8, b"WEBP"),
    ("application/pdf", 0, b"%PDF-"),
)
FIXED = "A photo or a PDF stays what it is. Remove it, and add the other one."
FULL = "There is no room for this: the photos and PDFs of a production take up to 500 MB. "
FULL += "Remove some first."


def type_of(head: bytes) -> str:
    """Say what a file is by its first bytes."""
    found = (kind for kind, at, mark in OPENINGS if head[at : at + len(mark)] == mark)
    return next(found, UNKNOWN)


def attached(blobs: Blobs) -> Arrival:
    """Give the reaction of a production that keeps its files there."""

    def arrives(desk: Desk, change: Change, row: dict[str, Any]) -> None:
        if change.do == "create":
            _check_room(desk.connection)
            here = desk.now if _is_here(blobs, row) else None
            about = {"made_by": desk.author, "made_at": desk.now, "arrived_at": here}
            desk.set(KIND, row["id"], **about)
        elif change.do == "set" and change.field != "name":
            raise Refused(FIXED, "permission")

    return arrives


def arrived(desk: Desk, blobs: Blobs, name: str) -> bool:
    """Note that a file is there in whole, in every record that names it and says what it is."""
    query = text("select * from attachment where sha256 = :name and gone = 0 order by id")
    rows = map(dict, desk.connection.execute(query, {"name": name}).mappings())
    good = [row for row in rows if _is_here(blobs, row)]
    for row in good:
        if row["arrived_at"] is None:
            desk.set(KIND, row["id"], arrived_at=desk.now)
    return bool(good)


def due(connection: Connection) -> dict[str, str]:
    """Name the files that must be here, each with what a record calls it."""
    query = text("select sha256, name from attachment where arrived_at is not null and gone = 0")
    return {row.sha256: row.name or "without a name" for row in connection.execute(query)}


def spared(connection: Connection, now: datetime) -> set[str]:
    """Name the files that stay: a record names them, or did so until a few days ago."""
    query = text(
        "select sha256 from attachment where sha256 is not null and (gone = 0 or exists (select 1"
        " from change where change.record = attachment.id and received_at > :since))"
    )
    return set(connection.execute(query, {"since": stamp(now - GRACE)}).scalars())


def _is_here(blobs: Blobs, row: Mapping[str, Any]) -> bool:
    place = blobs.find(row.get("sha256") or "")
    if place is None or place.stat().st_size != row.get("size"):
        return False
    with place.open("rb") as file:
        return type_of(file.read(HEAD)) == str(row.get("type"))


def _check_room(connection: Connection) -> None:
    """Refuse what is more than a production may keep; the same file twice counts once."""
    query = text(
        "select coalesce(sum(size), 0) from (select max(size) as size from attachment"
        " where gone = 0 group by sha256) kept"
    )
    if connection.execute(query).scalar_one() > ROOM:
        raise Refused(FULL, "full")
