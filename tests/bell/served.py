"""An office that really serves, beside the tests that ring real browsers."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import Any

from flask import Flask
from sqlalchemy import text
from werkzeug.serving import make_server

from poc.demo import COORDINATOR, SLUG, NightFerry
from poc.registry import new_way
from sync.database import reading

INES = "Ines Okafor"


@dataclass
class Office:
    """One office on a port of this machine."""

    app: Flask
    ferry: NightFerry
    port: int = 0

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def open(self) -> Iterator["Office"]:
        server = make_server("127.0.0.1", self.port, self.app, threaded=True)
        self.port = server.server_port
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def rows(self, query: str) -> list[dict[str, Any]]:
        with reading(self.ferry.production.engine) as connection:
            about = {"person": self.ferry.people[INES]}
            return [dict(row) for row in connection.execute(text(query), about).mappings()]

    def link(self) -> str:
        """Make the link that lets the next device of Ines in."""
        with self.app.app_context():
            house = self.app.extensions["poc"]
            ines = self.ferry.people[INES]
            token, _ = new_way("owner", SLUG, ines, house.salt, house.clock())
        return f"{self.origin}/join#{token}"

    def notices(self) -> list[dict[str, Any]]:
        return self.rows("select * from notice where person = :person order by id")

    def call(self, time: str) -> None:
        """Change the call of Ines for day 14, and publish it."""
        person, day = self.ferry.people[INES], self.ferry.days[14]
        about = {"shoot_day": day, "person": person, "time": time}
        self.ferry.write(COORDINATOR, "call", f"{day}.{person}", **about)
        self.ferry.publish(14)


def until(happens: Callable[[], Any]) -> Any:
    """Wait until something is there, and return it."""
    found = soon(happens, 30)
    assert found
    return found


def soon(happens: Callable[[], Any], seconds: int = 5) -> Any:
    """Wait a while for something, and return what is there then."""
    end = time.monotonic() + seconds
    while not (found := happens()) and time.monotonic() < end:
        time.sleep(0.05)
    return found
