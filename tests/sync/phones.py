"""Real phones without a screen: the app's own modules in Node, and a running office to speak to."""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

from flask import Flask
from sqlalchemy import text
from werkzeug.serving import make_server

from poc import create_app
from poc.demo import SLUG, NightFerry, days_of, people_of
from poc.door import COOKIE, sit
from poc.registry import db, new_device
from sync import Journal
from sync.database import reading
from sync.lives import begin_again
from tests import stage

HERE = Path(__file__).parents[1]
WASM = HERE.parent / "poc" / "static" / "vendor" / "sql-wasm.wasm"
OWNERS = {
    "tablet": "Marta Teixeira",
    "laptop": "Marta Teixeira",
    "truck": "Dana Farouk",
    "desk": "Pia Lindholm",
    "phone": "Ines Okafor",
}
Row = dict[str, Any]
Answer = dict[str, Any]


@dataclass
class Office:
    """Night Ferry's office, open on one port; it can be started again, and played back."""

    app: Flask
    folder: Path
    keys: dict[str, str] = field(default_factory=dict)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    address: str = ""

    @property
    def ferry(self) -> NightFerry:
        production = self.app.extensions["poc"].productions.get(SLUG)
        return NightFerry(production, people_of(production), days_of(production))

    @property
    def journal(self) -> Journal:
        journal: Journal = self.app.extensions["poc"].productions.get(SLUG).journal
        return journal

    @property
    def schema(self) -> int:
        schema: int = self.app.extensions["poc"].book.schema
        return schema

    def restart(self) -> None:
        """Let go of every database, as a process does that ends; the next request opens them."""
        self.app.extensions["poc"].productions.close()
        db.session.remove()
        db.engine.dispose()

    def back_up(self, folder: Path) -> None:
        """Copy every database to another folder."""
        self.restart()
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder)

    def play_back(self, folder: Path) -> None:
        """Put a copy back in the place of what there is."""
        self.restart()
        for file in self.folder.rglob("*.db*"):
            file.unlink()
        for file in folder.rglob("*.db"):
            shutil.copy(file, self.folder / file.relative_to(folder))

    def restore(self, folder: Path) -> None:
        """Bring back what a backup had: everything since is lost, and another life begins."""
        self.play_back(folder)
        begin_again(self.journal.engine)

    def rows(self, sql: str, **about: Any) -> list[Row]:
        with reading(self.journal.engine) as connection:
            return [dict(row) for row in connection.execute(text(sql), about).mappings()]

    def results(self) -> dict[str, Row]:
        """Give every change ever stored, by its name."""
        rows = self.rows("select * from change order by seq")
        return {one["id"]: {**one, "wire": json.loads(one["wire"])} for one in rows}

    def cast(self, name: str, role: str | None) -> None:
        """Give somebody another role, or put them out of the production."""
        person = self.ferry.people[name]
        query = "select id from membership where person = :person"
        record = self.rows(query, person=person)[0]["id"]
        with self.journal.desk() as desk:
            if role is None:
                desk.remove("membership", record)
            elif desk.standing("membership", record).gone:
                desk.create("membership", {"person": person, "role": role}, record)
            else:
                desk.set("membership", record, role=role)


class Crowd:
    """One Node process with any number of devices in it."""

    def __init__(self, office: Office, folder: Path) -> None:
        self.office = office
        book = folder / "book.mjs"
        book.write_text(office.app.extensions["poc"].book.js, "utf-8")
        script = str(HERE / "node" / "device.mjs")
        command = [stage.node(), "--no-warnings", script, str(book), str(WASM)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self._made = 0

    def ask(self, **order: Any) -> Answer:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer: Answer = json.loads(self._process.stdout.readline())
        assert "broken" not in answer, answer["broken"]
        return answer

    def phone(self, name: str) -> Phone:
        """Take a device of this name out of its box, and open the app."""
        self._made += 1
        phone = Phone(self, f"{name} {self._made}", name, OWNERS[name])
        phone.open()
        return phone

    def close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(10)


@dataclass
class Phone:
    """One device with the app on it, and what was seen on its screen."""

    crowd: Crowd
    box: str
    name: str
    owner: str

    @property
    def office(self) -> Office:
        return self.crowd.office

    @property
    def person(self) -> str:
        return self.office.ferry.people[self.owner]

    @property
    def cursor(self) -> int:
        return int(self.state["cursor"])

    @property
    def state(self) -> Row:
        state: Row = self.order("state")["gives"]
        return state

    def order(self, do: str, *faults: str, **about: Any) -> Answer:
        """Do something on it; whoever saw it die opens the app again."""
        answer = self.crowd.ask(device=self.box, do=do, faults=faults, **about)
        if answer.get("died"):
            self.open()
            self.ready()
        return answer

    def open(self, **book: Any) -> None:
        """Open the app, or one whose book says otherwise; it ends first where it was open."""
        cookie = f"{COOKIE}={self.office.keys[self.name]}"
        self.order("open", address=self.office.address, cookie=cookie, book=book)

    def ready(self) -> bool:
        return bool(self.order("ready").get("gives"))

    def copy(self, *faults: str) -> Answer:
        return self.order("copy", *faults)

    def exchange(self, *faults: str) -> Answer:
        return self.order("exchange", *faults)

    def compare(self, *faults: str) -> Answer:
        """Exchange, and ask what its copy should hold."""
        return self.order("exchange", *faults, about={"digest": self.office.schema})

    def take(self, kind: str, record: str, seen: int | None = None, **form: str) -> Answer:
        """Fill in a form as it stood when the office's number was `seen`, by default now."""
        form = {"seen": str(self.cursor if seen is None else seen), **form}
        return self.order("take", kind=kind, record=record, form=form)

    def remove(self, kind: str, record: str) -> Answer:
        return self.take(kind, record, away="1")

    def land(self, which: int = 0) -> Answer:
        return self.order("land", which=which)

    def plan(self, how: str, n: int = 0) -> None:
        """Let the n-th transaction of its disk from now go wrong."""
        self.order("plan", n=n, how=how)

    def lose(self, what: str) -> None:
        """Lose the replica or the outbox while the app is closed, then open it."""
        self.order("kill")
        self.order("lose", what=what)
        self.open()

    def rows(self, sql: str) -> list[Row]:
        rows: list[Row] = self.order("rows", sql=sql)["gives"]
        return rows

    def value(self, kind: str, record: str, field: str) -> Any:
        rows = self.rows(
            f'select "{field}" as it from "{kind}" where id = \'{record}\' and gone = 0'
        )
        return rows[0]["it"] if rows else None

    def later(self, seconds: float) -> None:
        """Let time pass on its clock; a negative number puts the clock back."""
        self.order("later", ms=seconds * 1000)

    def requests(self) -> list[Row]:
        """Give what it asked the office since the app was opened."""
        asked: list[Row] = self.order("told")["gives"]["asked"]
        return asked

    def outbox(self) -> list[Row]:
        """Give what lies in the outbox and was not answered, in the order it was made."""
        return [edit for edit in self._edits() if edit["state"] != "answered"]

    def answered(self) -> list[Row]:
        return [edit for edit in self._edits() if edit["state"] == "answered"]

    def _edits(self) -> list[Row]:
        edits: list[Row] = self.order("outbox")["gives"]
        return sorted(edits, key=lambda edit: abs(edit["n"]))

    def waiting(self) -> list[Row]:
        return [edit for edit in self.outbox() if edit["state"] != "returned"]

    def returned(self) -> list[Row]:
        return [edit for edit in self.outbox() if edit["state"] == "returned"]

    def tables(self) -> dict[str, list[Row]]:
        """Give everything it holds of the production, table by table."""
        kinds = self.office.journal.kinds
        return {one: values(self.rows(f'select * from "{one}" order by id')) for one in kinds}


def with_copy(phone: Phone) -> Phone:
    """Let it fetch its first copy."""
    assert phone.copy() == {"gives": True}
    return phone


def fresh(office: Office, person: str) -> dict[str, list[Row]]:
    """Give everything a copy made just now would hold, table by table."""
    with closing(sqlite3.connect(":memory:")) as copy:
        copy.deserialize(office.journal.snapshot(person, {}))
        copy.row_factory = sqlite3.Row
        return {
            one: values(copy.execute(f'select * from "{one}" order by id').fetchall())
            for one in office.journal.kinds
        }


def values(rows: Iterable[Any]) -> list[Row]:
    """Leave out when each was last written: a copy does not say."""
    return [{**dict(row), "seq": 0} for row in rows]


@contextmanager
def running(told: Path, folder: Path) -> Iterator[Office]:
    """Open an office over a copy of Night Ferry, with a seat for every device."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    shutil.copytree(told, folder)
    office: Office = Office(create_app(folder, CLOCK=lambda: office.now()), folder)
    with office.app.app_context():
        for name, owner in OWNERS.items():
            device, office.keys[name] = new_device(name, False, office.now())
            db.session.flush()
            sit(device, office.ferry.production, office.ferry.people[owner])
            db.session.commit()
        server = make_server("127.0.0.1", 0, office.app, threaded=True)
        office.address = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield office
        server.shutdown()
        server.server_close()
        office.restart()
