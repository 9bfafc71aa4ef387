"""An office that two hundred devices return to: ten thousand records, and a key for each device."""

import argparse
import json
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask

from bench.measures import Phone
from poc import create_app
from poc.owner import first_records
from poc.productions import Production
from poc.registry import Seat, db, new_device
from sync.clock import stamp
from sync.database import reading

SLUG = "crowd"
KIND = "person"
ADDRESS = f"/p/{SLUG}/sync"
# The eleven texts of a record in the workload, as a kind of ours with as many texts holds them.
TEXTS = (
    "name",
    "position",
    "department",
    "category",
    "phone",
    "other_phone",
    "email",
    "company",
    "credit",
    "language",
    "notes",
)


@dataclass(frozen=True)
class Crowd:
    """A data folder with such an office, and each device's key and name in the production."""

    folder: Path
    devices: list[dict[str, str]]
    cursor: int
    generation: str
    epochs: list[int]

    def stands(self, number: int) -> dict[str, Any]:
        """Say where a device stands that holds everything."""
        stand = {"cursor": self.cursor, "generation": self.generation}
        return {"proto": 1, **stand, "epoch": self.epochs[number]}

    async def exchange(
        self, phone: Phone, n: int, edits: list[tuple[str, str, str]], cursor: int
    ) -> dict[str, Any]:
        """Send a device's edits of records, fields and texts; give what the office answers."""
        now = datetime.now(UTC).isoformat()
        changes = [
            {
                "id": f"{self.devices[n]['name']}.{time.monotonic_ns()}.{place}",
                "do": "set",
                "kind": KIND,
                "record": record,
                "field": name,
                "value": value,
                "base": cursor,
                "at": now,
            }
            for place, (record, name, value) in enumerate(edits)
        ]
        stand = {**self.stands(n), "cursor": cursor, "columns": True, "sent_at": now}
        told = await phone.ask(ADDRESS, {**stand, "changes": changes})
        answer: dict[str, Any] = json.loads(told)
        if answer["reset"] or len(answer["results"]) != len(edits):
            raise ValueError("The office did not answer every edit.")
        return answer


def gather(folder: Path, records: Iterable[Mapping[str, str]], number: int) -> Crowd:
    """Make the office in a fresh data folder."""
    app = create_app(folder)
    with app.app_context():
        production = app.extensions["poc"].productions.begin(SLUG)
        first_records(production, "Crowd", "UTC", "Production Coordinator")
        with production.journal.desk() as desk:
            for record in records:
                fields = dict(zip(TEXTS, list(record.values())[2:], strict=True))
                desk.create(KIND, fields, record["id"])
        crowd = _let_in(app, folder, production, number)
        app.extensions["poc"].productions.close()
        db.engine.dispose()
    return crowd


def _let_in(app: Flask, folder: Path, production: Production, number: int) -> Crowd:
    now = datetime.now(UTC)
    devices, epochs = [], []
    with production.journal.desk() as desk:
        for n in range(number):
            person = desk.create("person", {"name": f"Producer {n}"})
            membership = desk.create("membership", {"person": person, "role": "upm"})
            epochs.append(desk.standing("membership", membership).seq)
            seen = {"made_at": stamp(now), "seen_at": stamp(now)}
            record = desk.create("device", {"person": person, "name": "Bench", **seen})
            device, key = new_device("Bench", False, now)
            seat = {"production": SLUG, "person": person, "record": record}
            db.session.add(Seat(device=device.id, **seat))
            devices.append({"key": key, "name": record})
    db.session.commit()
    return Crowd(folder, devices, *_head(production), epochs)


def _head(production: Production) -> tuple[int, str]:
    with reading(production.engine) as connection:
        seq, generation = connection.exec_driver_sql("select seq, generation from head").one()
    return seq, generation


def main() -> None:
    """Gather a crowd around records from a file, and print what their driver needs to know."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("records", type=Path)
    parser.add_argument("number", type=int)
    asked = parser.parse_args()
    crowd = gather(asked.folder, json.loads(asked.records.read_text()), asked.number)
    stands = [crowd.stands(n) for n in range(asked.number)]
    json.dump({"devices": crowd.devices, "stands": stands, "slug": SLUG}, sys.stdout)


if __name__ == "__main__":
    main()
