"""Night Ferry: one production with named people, brought in through the front door.

It feeds the demo, the tests and the screenshots. Marta Teixeira coordinates, Hana Novak produces,
Dana Farouk is 1st AD, Owen Price keeps the accounts, Pia Lindholm assists, Seán O'Dowd heads the
grips and Ines Okafor is crew like a hundred others. Vic Mallory is a vendor who may see next to
nothing, and Rex Voss is on the list but was never let in.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from poc.owner import bring_file, first_records
from poc.productions import Production, Productions
from sync import Change, Result
from sync.clock import stamp
from sync.database import reading
from sync.ids import new_id

HERE = Path(__file__).parent
SLUG, TITLE, ZONE = "night-ferry", "Night Ferry", "Europe/Lisbon"
COORDINATOR = "Marta Teixeira"
ROLES = {
    "Hana Novak": "upm",
    "Dana Farouk": "ad",
    "Owen Price": "accountant",
    "Pia Lindholm": "assistant",
    "Seán O'Dowd": "head",
    "Ines Okafor": "crew",
    "Astrid Lindqvist": "cast",
    "Vic Mallory": "vendor",
}
PLACES: dict[str, dict[str, Any]] = {
    "Pier 9 Warehouse": {
        "address": "9 Harbour Rd, Lisbon",
        "coordinates": "38.7030, -9.1750",
        "base_camp": "Lot C, shuttle every 10 min from 06:40",
        "parking": "Crew Lot D, trucks on the quay",
        "hospital": "Hospital São José",
        "hospital_address": "R. José António Serrano",
        "hospital_phone": "+351 21 884 1000",
    },
    "MV Aurora": {
        "address": "Doca de Alcântara, berth 4",
        "coordinates": "38.7015, -9.1670",
        "base_camp": "Quay 4",
        "parking": "Multi-storey Alcântara",
        "hospital": "Hospital Egas Moniz",
        "hospital_address": "R. da Junqueira 126",
        "hospital_phone": "+351 21 043 1000",
    },
    "Studio B": {"address": "Rua dos Estúdios 12, Loures", "parking": "Behind stage 3"},
}
# Day number: location, general call, shooting call, lunch, est. wrap.
PLAN = {
    10: ("Studio B", "08:00", "09:00", "14:00", "19:00"),
    11: ("Pier 9 Warehouse", "06:30", "07:30", "12:30", "19:00"),
    12: ("Pier 9 Warehouse", "06:00", "07:00", "12:00", "18:00"),
    13: ("MV Aurora", "07:00", "08:00", "13:00", "19:00"),
    14: ("Studio B", "08:00", "09:00", "14:00", "19:30"),
}


@dataclass(frozen=True)
class NightFerry:
    """The production and the ids of those in it, by name."""

    production: Production
    people: dict[str, str]
    days: dict[int, str]

    def write(self, who: str, kind: str, record: str = "", **fields: Any) -> Result:
        """Write as somebody, through the same door as every device."""
        stand = self.production.journal.stand()
        record = record or new_id()
        with reading(self.production.engine) as connection:
            query = text(f'select id from "{kind}" where id = :id and gone = 0')
            known = connection.execute(query, {"id": record}).first() is not None
        changes = [_change("create", kind, record, value=fields)]
        if known:
            changes = [
                _change("set", kind, record, name, value, stand) for name, value in fields.items()
            ]
        taken = self.production.journal.write(self.people[who], "night-ferry", changes)
        refused = [result for _, result in taken if result.st not in ("applied", "same")]
        return refused[0] if refused else taken[-1][1]

    def publish(self, day: int, note: str = "") -> Result:
        """Publish a day's call sheet as the coordinator."""
        about = {"subject": "call_sheet", "shoot_day": self.days[day], "note": note}
        return self.write(COORDINATOR, "publication", **about)


def build(productions: Productions, today: date) -> NightFerry:
    """Make Night Ferry in the middle of its third week of shooting."""
    production = productions.begin(SLUG)
    first_records(production, TITLE, ZONE, COORDINATOR, "Aurora Film Co.")
    start = today - timedelta(days=today.weekday() + 14)
    coordinator = people_of(production)[COORDINATOR]
    for name in ("schedule.uss", "crew.csv", "script-white.fountain", "script-blue.fountain"):
        bring_file(production, coordinator, (HERE / name).read_bytes(), name, start.isoformat())
    ferry = NightFerry(production, people_of(production), days_of(production))
    _villains(ferry)
    ferry = NightFerry(production, people_of(production), ferry.days)
    _roles(ferry)
    _plan(ferry)
    _handouts(ferry)
    return ferry


def tell(ferry: NightFerry) -> None:
    """Publish two days, change one of them, and let most people know."""
    ferry.publish(11)
    ferry.publish(12)
    ferry.write(COORDINATOR, "publication", subject="schedule")
    day = ferry.days[12]
    called = _called(ferry, day)
    for person, department in called[::3]:
        _receipt(ferry, day, person, department, "confirmed")
    changes = {"general_call": "07:30", "shooting_call": "08:30", "lunch": "13:00", "wrap": "19:30"}
    ferry.write(COORDINATOR, "shoot_day", day, **changes)
    ferry.write(
        COORDINATOR,
        "call",
        f"{day}.{ferry.people['Ines Okafor']}",
        shoot_day=day,
        person=ferry.people["Ines Okafor"],
        pickup="07:05",
        pickup_place="Hotel Miramar, Van 3 (Tomás)",
    )
    ferry.publish(12, "Night work runs late tonight, so tomorrow starts later.")
    for n, (person, department) in enumerate(called):
        if n % 10 < 7:
            _receipt(ferry, day, person, department, "confirmed")
        elif n % 10 < 9:
            _receipt(ferry, day, person, department, "seen")


def _receipt(ferry: NightFerry, day: str, person: str, department: str, state: str) -> None:
    """Let somebody know: by their own phone if they have one, else told by the 1st AD."""
    name = next(name for name, one in ferry.people.items() if one == person)
    if name == "Ines Okafor":
        return
    with reading(ferry.production.engine) as connection:
        query = "select id from publication where shoot_day = :day and superseded = 0"
        publication = connection.execute(text(query), {"day": day}).scalar()
    facts: dict[str, Any] = {"publication": publication, "person": person, "state": state}
    facts |= {"department": department, "at": stamp(ferry.production.clock())}
    if name in (COORDINATOR, *ROLES):
        ferry.write(name, "receipt", **facts, how="app")
    else:
        ferry.write(
            "Dana Farouk", "receipt", **facts, how="in person", by=ferry.people["Dana Farouk"]
        )


def _villains(ferry: NightFerry) -> None:
    for name, category, department in (
        ("Vic Mallory", "vendor", "Vendors"),
        ("Rex Voss", "crew", "Grip"),
    ):
        fields = {"name": name, "category": category, "department": department}
        position = "Crane Rental" if category == "vendor" else "Grip"
        ferry.write(COORDINATOR, "person", **fields, position=position)


def _roles(ferry: NightFerry) -> None:
    with reading(ferry.production.engine) as connection:
        rows = connection.execute(text("select id, department from person")).all()
    departments = {row.id: row.department for row in rows}
    for name, role in ROLES.items():
        person = ferry.people[name]
        fields = {"person": person, "role": role, "department": departments[person]}
        ferry.write(COORDINATOR, "membership", **fields)


def _plan(ferry: NightFerry) -> None:
    office = {"office_address": "12 Quay St, 2nd floor, Lisbon", "office_phone": "+351 21 000 0000"}
    office |= {"night_phone": "+351 91 000 0000", "region": "PT"}
    ferry.write(COORDINATOR, "production", "production", **office)
    places = {}
    for name, fields in PLACES.items():
        places[name] = new_id()
        ferry.write(COORDINATOR, "location", places[name], name=name, **fields)
    for number, (place, general, shoot, lunch, wrap) in PLAN.items():
        times = {"general_call": general, "shooting_call": shoot, "lunch": lunch, "wrap": wrap}
        day = ferry.days[number]
        ferry.write(
            COORDINATOR, "shoot_day", day, location=places[place], **times, lunch_minutes=60
        )
    for department, time in (("Make-up", "05:00"), ("Transport", "05:15"), ("Catering", "04:45")):
        call = {"shoot_day": ferry.days[12], "department": department, "time": time}
        ferry.write(COORDINATOR, "call", f"{ferry.days[12]}.{department}", **call)
    safety = (
        "Work over water. Life jackets on the pier edge. Crane under load: no one inside the tape."
    )
    ferry.write(COORDINATOR, "shoot_day", ferry.days[12], safety=safety, breakfast="05:30")


def _handouts(ferry: NightFerry) -> None:
    """Give both drafts out; one head of department still has White only."""
    with reading(ferry.production.engine) as connection:
        rows = connection.execute(text("select colour, id from draft"))
        drafts = {row.colour: row.id for row in rows}
    for colour, name in (
        ("White", "Seán O'Dowd"),
        ("White", "Astrid Lindqvist"),
        ("Blue", "Astrid Lindqvist"),
    ):
        fields = {"draft": drafts[colour], "person": ferry.people[name], "channel": "paper"}
        ferry.write("Pia Lindholm", "handout", **fields, copy_number=str(len(name)))


def _called(ferry: NightFerry, day: str) -> list[tuple[str, str]]:
    query = (
        "select person, department from due where shoot_day = :day and excused = 0 order by name"
    )
    with reading(ferry.production.engine) as connection:
        rows = connection.execute(text(query), {"day": day})
        return [(row.person, row.department or "") for row in rows]


def people_of(production: Production) -> dict[str, str]:
    """Return the ids of everybody in a production, by name."""
    with reading(production.engine) as connection:
        rows = connection.execute(text("select id, name from person where gone = 0"))
        return {row.name: row.id for row in rows}


def days_of(production: Production) -> dict[int, str]:
    """Return the ids of the shooting days, by number."""
    with reading(production.engine) as connection:
        rows = connection.execute(text("select id, number from shoot_day where gone = 0"))
        return {row.number: row.id for row in rows}


def _change(
    do: str, kind: str, record: str, field: str = "", value: Any = None, base: int = 0
) -> Change:
    return Change(f"night-ferry.{new_id()}", do, kind, record, field, value, base)
