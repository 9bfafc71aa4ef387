"""Contact: what the office notes of a device that said hello, and how far its copy goes."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from poc.door import Guest
from poc.house import house
from sync import Desk
from sync.clock import stamp
from sync.database import reading

# A device's number says what it holds only while it counts as the office does.
REACHED = text(
    "select max(called.seq) from called where called.person = :person"
    " and called.seq <= :cursor and called.gone = 0"
    " and :generation = (select generation from head)"
)
MISSING, ABLE = "missing", "off"  # whether this browser can show notices at all


def contact(who: Guest, asked: dict[str, Any]) -> Callable[[Desk], None] | None:
    """Say how to note what is new of a phone; nothing where it only says hello again."""
    now, device, stand = stamp(house().clock()), who.seat.record, _stand(asked)
    hello = (now[:13], asked.get("installed"), asked.get("notices"), *stand.values())
    if who.device is None or house().greeted.get(device) == hello:
        return None
    known = {**who.device._mapping}
    with reading(who.production.engine) as connection:
        reached = connection.execute(REACHED, {"person": who.seat.person, **stand}).scalar()
    news = _news(asked, known, reached or 0)
    house().greeted[device] = hello
    if not news and (known["seen_at"] or "") >= now[:13]:
        return None
    return lambda desk: desk.set("device", device, seen_at=now, **news)


def _stand(asked: dict[str, Any]) -> dict[str, Any]:
    cursor, generation = asked.get("cursor"), asked.get("generation")
    counted = isinstance(cursor, int) and 0 <= cursor < 2**63
    return {"cursor": cursor if counted else 0, "generation": str(generation)}


def _news(asked: dict[str, Any], known: dict[str, Any], reached: int) -> dict[str, Any]:
    news: dict[str, Any] = {}
    if reached > (known["held"] or 0):
        news["held"] = reached
    if asked.get("installed") in (0, 1) and asked["installed"] != known["installed"]:
        news["installed"] = int(asked["installed"])
    # Whether notices are on is the bell's to say; here only whether they ever can be.
    if asked.get("notices") == MISSING != known["notices"]:
        news["notices"] = MISSING
    if asked.get("notices") == ABLE and known["notices"] == MISSING:
        news["notices"] = ABLE
    return news
