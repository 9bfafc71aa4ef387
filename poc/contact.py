"""Contact: what the office notes of a device that said hello, and how far its copy goes."""

from typing import Any

from sqlalchemy import text

from poc.door import Guest
from poc.house import house
from sync.clock import stamp
from sync.database import reading

# A device's number says what it holds only while it counts as the office does.
KNOWN = text(
    "select device.seen_at, device.installed, device.notices, device.held,"
    " (select max(called.seq) from called where called.person = device.person"
    " and called.seq <= :cursor and called.gone = 0"
    " and :generation = (select generation from head)) as reached"
    " from device where device.id = :id and device.gone = 0"
)
MISSING, ABLE = "missing", "off"  # whether this browser can show notices at all


def note_contact(who: Guest, asked: dict[str, Any]) -> None:
    """Keep what the office wants to know of a phone, but not every time it says hello."""
    now, device, stand = stamp(house().clock()), who.seat.record, _stand(asked)
    hello = (now[:13], asked.get("installed"), asked.get("notices"), *stand.values())
    if house().greeted.get(device) == hello:
        return
    house().greeted[device] = hello
    with reading(who.production.engine) as connection:
        known = connection.execute(KNOWN, {"id": device, **stand}).mappings().first()
    if known is None:
        return
    news = _news(asked, {**known})
    if news or (known["seen_at"] or "") < now[:13]:
        with who.production.journal.desk() as desk:
            desk.set("device", device, seen_at=now, **news)


def _stand(asked: dict[str, Any]) -> dict[str, Any]:
    cursor, generation = asked.get("cursor"), asked.get("generation")
    counted = isinstance(cursor, int) and 0 <= cursor < 2**63
    return {"cursor": cursor if counted else 0, "generation": str(generation)}


def _news(asked: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    news: dict[str, Any] = {}
    if (known["reached"] or 0) > (known["held"] or 0):
        news["held"] = known["reached"]
    if asked.get("installed") in (0, 1) and asked["installed"] != known["installed"]:
        news["installed"] = int(asked["installed"])
    # Whether notices are on is the bell's to say; here only whether they ever can be.
    if asked.get("notices") == MISSING != known["notices"]:
        news["notices"] = MISSING
    if asked.get("notices") == ABLE and known["notices"] == MISSING:
        news["notices"] = ABLE
    return news
