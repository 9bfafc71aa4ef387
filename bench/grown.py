"""Night Ferry grown to the size of a big shoot, with a history of publications behind it."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from flask import Flask

from poc import create_app
from poc.demo import COORDINATOR, SLUG, NightFerry, build, days_of, people_of, tell
from poc.door import sit
from poc.registry import db, new_device
from sync import Desk
from sync.clock import stamp

CREW = "Ines Okafor"
OPEN_DAY = 12
DEPARTMENTS = ("Camera", "Sound", "Electric", "Grip", "Art", "Costume", "Make-up", "Transport")
FIRST = ("Ana", "Bruno", "Chloé", "Dmitri", "Eve", "Farid", "Gaël", "Hiro", "Inês", "Jun")
LAST = ("Abreu", "Brandt", "Costa", "Dubois", "Evans", "Farah", "García", "Haas", "Ito", "Jansen")
SETS = ("PIER 9", "ENGINE ROOM", "HOTEL LOBBY", "BRIDGE", "CAR DECK", "HARBOUR OFFICE")
CALLED = (
    "select called.publication, called.person, called.department from called"
    " join publication on publication.id = called.publication"
    " where publication.superseded = 0 and called.shoot_day = ? order by called.id"
)


@dataclass(frozen=True)
class Size:
    """How big a production is grown."""

    people: int = 400
    strips: int = 400
    days: int = 60
    records: int = 10_000


@dataclass(frozen=True)
class Grown:
    """A data folder with a grown production in it, and the keys of devices by their person."""

    folder: Path
    keys: dict[str, str]
    day: str
    records: int

    @property
    def pages(self) -> dict[str, str]:
        """Give the addresses that are measured, by what people call them."""
        base, day = f"/p/{SLUG}", f"/p/{SLUG}/days/{self.day}"
        return {
            "Today": f"{base}/today",
            "People": f"{base}/people",
            "board": f"{base}/board",
            "day": day,
            "who knows": f"{day}/known",
        }


def grow(folder: Path, size: Size) -> Grown:
    """Make the production in a fresh data folder and let two of its people in."""
    app = create_app(folder)
    with app.app_context():
        ferry = _peopled(app, size)
        with ferry.production.journal.desk() as desk:
            _strips(desk, ferry, size)
        tell(ferry)
        _history(ferry, size.records)
        keys = {name: _key(ferry, name) for name in (COORDINATOR, CREW)}
        grown = Grown(folder, keys, ferry.days[OPEN_DAY], count(ferry))
        app.extensions["poc"].productions.close()
        db.engine.dispose()
    return grown


def count(ferry: NightFerry) -> int:
    """Count the records that are not gone."""
    kinds = ferry.production.journal.kinds
    sums = " + ".join(f'(select count(*) from "{kind}" where gone = 0)' for kind in kinds)
    return int(_ask(ferry, f"select {sums}")[0][0])


def _peopled(app: Flask, size: Size) -> NightFerry:
    ferry = build(app.extensions["poc"].productions, datetime.now(UTC).date())
    with ferry.production.journal.desk() as desk:
        for n in range(size.people - len(ferry.people)):
            _person(desk, n)
        _days(desk, ferry, size.days)
    return NightFerry(ferry.production, people_of(ferry.production), days_of(ferry.production))


def _person(desk: Desk, n: int) -> None:
    department = DEPARTMENTS[n % len(DEPARTMENTS)]
    name = f"{FIRST[n % 10]} {LAST[n // 10 % 10]} {n}"
    work = {"position": f"{department} {n % 7 + 1}", "department": department}
    reach = {"phone": f"+35191{n:07d}", "email": f"crew{n}@example.com"}
    person = desk.create("person", {"name": name, "category": "crew", **work, **reach})
    desk.create("membership", {"person": person, "role": "crew", "department": department})
    seen = {"seen_at": desk.now, "made_at": desk.now}
    desk.create("device", {"person": person, "name": "iPhone", **seen})


def _days(desk: Desk, ferry: NightFerry, number: int) -> None:
    last = max(ferry.days)
    model = desk.standing("shoot_day", ferry.days[last]).fields
    times = {"general_call": "07:00", "shooting_call": "08:00", "wrap": "19:00"}
    for n in range(last + 1, number + 1):
        when = date.fromisoformat(str(model["date"])) + timedelta(days=n - last)
        plan = {"number": n, "date": when.isoformat(), "unit": model.get("unit")}
        desk.create("shoot_day", {**plan, **times})


def _strips(desk: Desk, ferry: NightFerry, size: Size) -> None:
    cast = [_role(desk, n) for n in range(40, 60)]
    days = sorted(ferry.days)
    for n in range(size.strips):
        where = {"int_ext": "INT" if n % 3 else "EXT", "day_night": "NIGHT" if n % 4 else "DAY"}
        story = {"set_name": SETS[n % len(SETS)], "synopsis": "They wait for the ferry to come in."}
        length = {"eighths": n % 16 + 1, "minutes": 20 + n % 50, "script_order": n + 1000}
        scene = desk.create("scene", {"number": f"{n + 100}", **where, **story, **length})
        place = f"{ferry.days[days[n % len(days)]]} {n:05d}"
        desk.create("strip", {"scene": scene, "place": place})
        for one in range(4):
            desk.create("appearance", {"scene": scene, "element": cast[(n + one * 3) % len(cast)]})


def _role(desk: Desk, n: int) -> str:
    named = {"number": str(n), "name": f"ROLE {n}"}
    return desk.create("element", {"category": "Cast Members", **named})


def _history(ferry: NightFerry, records: int) -> None:
    """Move calls and publish again, day after day, until there is that much to carry."""
    rounds = 0
    while (held := count(ferry)) < records:
        day = OPEN_DAY + rounds % 3
        call = f"{5 + rounds % 5:02d}:{rounds % 6}0"
        ferry.write(COORDINATOR, "shoot_day", ferry.days[day], general_call=call)
        ferry.publish(day, f"Round {rounds}")
        _receipts(ferry, day, records - held)
        rounds += 1


def _receipts(ferry: NightFerry, day: int, room: int) -> None:
    called = _ask(ferry, CALLED, ferry.days[day])[: max(0, room // 3)]
    with ferry.production.journal.desk() as desk:
        for publication, person, department in called[::2]:
            whose = {"publication": publication, "person": person, "department": department}
            tap = {"state": "confirmed", "at": stamp(datetime.now(UTC)), "how": "app"}
            desk.create("receipt", {**whose, **tap})


def _key(ferry: NightFerry, name: str) -> str:
    device, key = new_device("Bench", False, datetime.now(UTC))
    db.session.flush()
    sit(device, ferry.production, ferry.people[name])
    db.session.commit()
    return key


def _ask(ferry: NightFerry, sql: str, *values: str) -> list[tuple[int | str, ...]]:
    with sqlite3.connect(str(ferry.production.engine.url.database)) as file:
        return file.execute(sql, values).fetchall()
