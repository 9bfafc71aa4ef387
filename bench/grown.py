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
from sync.ids import new_id

CREW = ("Camera", "Sound", "Electric", "Grip", "Art", "Costume", "Make-up", "Transport", "Locations")
FIRST = ("Ana", "Bruno", "Chloé", "Dmitri", "Eve", "Farid", "Gaël", "Hiro", "Inês", "Jun")
LAST = ("Abreu", "Brandt", "Costa", "Dubois", "Evans", "Farah", "García", "Haas", "Ito", "Jansen")
SETS = ("PIER 9", "ENGINE ROOM", "HOTEL LOBBY", "BRIDGE", "CAR DECK", "HARBOUR OFFICE")
OPEN_DAY = 12


@dataclass(frozen=True)
class Size:
    """How big a production is grown."""

    people: int = 400
    strips: int = 400
    days: int = 60
    records: int = 10_000


@dataclass(frozen=True)
class Grown:
    """A data folder with a grown production in it, and the key of its coordinator's device."""

    folder: Path
    key: str
    day: str
    records: int


def grow(folder: Path, size: Size) -> Grown:
    """Make the production in a fresh data folder and let its coordinator in."""
    app = create_app(folder)
    with app.app_context():
        ferry = _ferry(app)
        with ferry.production.journal.desk() as desk:
            _people(desk, size.people - len(ferry.people))
            _days(desk, ferry, size.days)
        ferry = NightFerry(ferry.production, people_of(ferry.production), days_of(ferry.production))
        with ferry.production.journal.desk() as desk:
            _strips(desk, ferry, size)
        tell(ferry)
        _history(ferry, size.records)
        key = _device(ferry)
        held = count(ferry)
        ferry.production.engine.dispose()
        db.engine.dispose()
    return Grown(folder, key, ferry.days[OPEN_DAY], held)


def count(ferry: NightFerry) -> int:
    """Count the records that are not gone."""
    kinds = ferry.production.journal.kinds
    with sqlite3.connect(str(ferry.production.engine.url.database)) as file:
        sums = " + ".join(f'(select count(*) from "{kind}" where gone = 0)' for kind in kinds)
        found: int = file.execute(f"select {sums}").fetchone()[0]
    return found


def _ferry(app: Flask) -> NightFerry:
    return build(app.extensions["poc"].productions, datetime.now(UTC).date())


def _people(desk: Desk, number: int) -> None:
    for n in range(number):
        department = CREW[n % len(CREW)]
        name = f"{FIRST[n % 10]} {LAST[n // 10 % 10]} {n}"
        position = {"position": f"{department} {n % 7 + 1}", "department": department}
        reach = {"phone": f"+35191{n:07d}", "email": f"crew{n}@example.com"}
        person = desk.create("person", {"name": name, "category": "crew", **position, **reach})
        desk.create("membership", {"person": person, "role": "crew", "department": department})
        phone = {"name": "iPhone", "seen_at": desk.now, "made_at": desk.now}
        desk.create("device", {"person": person, **phone})


def _days(desk: Desk, ferry: NightFerry, number: int) -> None:
    last = max(ferry.days)
    first = desk.standing("shoot_day", ferry.days[last]).fields
    for n in range(last + 1, number + 1):
        when = date.fromisoformat(str(first["date"])) + timedelta(days=n - last)
        times = {"general_call": "07:00", "shooting_call": "08:00", "wrap": "19:00"}
        plan = {"number": n, "date": when.isoformat(), "unit": first.get("unit"), **times}
        desk.create("shoot_day", plan)


def _strips(desk: Desk, ferry: NightFerry, size: Size) -> None:
    cast = [
        desk.create("element", {"category": "Cast Members", "number": str(n), "name": f"ROLE {n}"})
        for n in range(40, 60)
    ]
    for n in range(size.strips):
        where = {"int_ext": "INT" if n % 3 else "EXT", "day_night": "NIGHT" if n % 4 else "DAY"}
        story = {"set_name": SETS[n % len(SETS)], "synopsis": "They wait for the ferry to come in."}
        number = {"number": f"{n + 100}", "eighths": n % 16 + 1, "minutes": 20 + n % 50}
        scene = desk.create("scene", {**number, **where, **story, "script_order": n + 1000})
        place = f"{ferry.days[n % size.days + 1]} {n:05d}"
        desk.create("strip", {"scene": scene, "place": place})
        for one in range(4):
            desk.create("appearance", {"scene": scene, "element": cast[(n + one * 3) % len(cast)]})


def _history(ferry: NightFerry, records: int) -> None:
    """Move calls and publish again, day after day, until there is that much to carry."""
    rounds = 0
    while (held := count(ferry)) < records:
        day = OPEN_DAY + rounds % 4
        call = f"{5 + rounds % 5:02d}:{rounds % 6}0"
        ferry.write(COORDINATOR, "shoot_day", ferry.days[day], general_call=call)
        ferry.publish(day, f"Round {rounds}")
        _receipts(ferry, day, records - held)
        rounds += 1


def _receipts(ferry: NightFerry, day: int, room: int) -> None:
    with sqlite3.connect(str(ferry.production.engine.url.database)) as file:
        query = (
            "select called.publication, called.person, called.department from called"
            " join publication on publication.id = called.publication"
            " where publication.superseded = 0 and called.shoot_day = ? limit ?"
        )
        called = file.execute(query, (ferry.days[day], max(0, room // 3))).fetchall()
    with ferry.production.journal.desk() as desk:
        at = stamp(datetime.now(UTC))
        for publication, person, department in called[::2]:
            about = {"publication": publication, "person": person, "department": department}
            desk.create("receipt", {**about, "state": "confirmed", "at": at, "how": "app"})


def _device(ferry: NightFerry) -> str:
    device, key = new_device("Bench", False, datetime.now(UTC))
    db.session.flush()
    sit(device, ferry.production, ferry.people[COORDINATOR])
    db.session.commit()
    return key


__all__ = ["SLUG", "Grown", "Size", "count", "grow", "new_id"]
