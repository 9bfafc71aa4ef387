"""An office in a process of its own, which a test may kill as a power cut would."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import text

from poc import create_app
from poc.demo import SLUG, NightFerry, days_of, people_of
from poc.registry import db, new_way
from sync.database import reading

ROOT = Path(__file__).resolve().parents[2]
BASE = f"/p/{SLUG}"


@dataclass
class Office:
    """One data folder, one port, and now and then a server."""

    folder: Path
    port: int = field(default_factory=lambda: free_port())
    code: Path = ROOT
    server: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> None:
        """Start the server and wait until it answers."""
        command = [sys.executable, "-P", "-m", "poc", "run"]
        command += ["--data", str(self.folder), "--port", str(self.port)]
        with (self.folder / "server.log").open("ab") as log:
            self.server = subprocess.Popen(
                command,
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": str(self.code)},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        await_port(self.port, self.folder / "server.log")

    def kill(self) -> None:
        """Cut the power: nothing is closed, nobody is told."""
        if self.server is not None:
            os.killpg(self.server.pid, signal.SIGKILL)
            self.server.wait()
            self.server = None
            await_silence(self.port)

    @contextmanager
    def inside(self) -> Iterator[tuple[Flask, NightFerry]]:
        """Sit down at the office's own desk, whether the server runs or not."""
        app = create_app(self.folder)
        with app.app_context():
            productions = app.extensions["poc"].productions
            production = productions.get(SLUG)
            yield app, NightFerry(production, people_of(production), days_of(production))
            productions.close()
            db.session.remove()
            db.engine.dispose()

    def link(self, name: str) -> str:
        """Make a link that lets this person's next device in."""
        with self.inside() as (app, ferry):
            house = app.extensions["poc"]
            token, _ = new_way("owner", SLUG, ferry.people[name], house.salt, house.clock())
        return f"{self.address}/join#{token}"

    def write(self, who: str, kind: str, record: str = "", **fields: Any) -> None:
        """Write as somebody on yet another device."""
        with self.inside() as (_, ferry):
            assert ferry.write(who, kind, record, **fields).st in ("applied", "same")

    def day(self, number: int) -> str:
        with self.inside() as (_, ferry):
            return ferry.days[number]

    def person(self, name: str) -> str:
        with self.inside() as (_, ferry):
            return ferry.people[name]

    def rows(self, sql: str, **about: Any) -> list[dict[str, Any]]:
        """Ask the production's own database."""
        with self.inside() as (_, ferry), reading(ferry.production.engine) as connection:
            return [dict(row) for row in connection.execute(text(sql), about).mappings()]


@contextmanager
def office_over(told: Path, folder: Path) -> Iterator[Office]:
    """Open an office over a copy of a data folder, and close it whatever happens."""
    shutil.copytree(told, folder)
    office = Office(folder)
    office.open()
    try:
        yield office
    finally:
        office.kill()


def await_port(port: int, log: Path) -> None:
    """Wait until somebody listens; if nobody comes, show what was logged."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(log.read_text())


def await_silence(port: int) -> None:
    """Wait until nobody listens any more: a child dies a moment after its parent."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return
        time.sleep(0.01)
    raise TimeoutError(f"Somebody still listens on port {port}.")


def free_port() -> int:
    """Choose a port below those the system lends out, so that it is still free after a restart."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
