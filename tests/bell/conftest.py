"""The office of the bell's tests, with a push service on loopback behind the real addresses."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from poc import create_app
from poc.bell.sender import Sender
from poc.demo import COORDINATOR, NightFerry, build
from poc.registry import db
from sync.database import writing
from tests.bell.phone import Phone
from tests.bell.push_service import FIREFOX, PushService, lead_here
from tests.bell.served import Office

BELL = "/p/night-ferry/bell"
Ring = Callable[..., Phone]
AT_ONCE: dict[str, Any] = {
    "undo_seconds": 0,
    "quiet_from": "00:00",
    "quiet_until": "00:00",
    "office_email": "office@aurora-film.com",
}


class Alone(FlaskClient):
    """A browser whose requests forget each other, as in an office that really serves."""

    def open(self, *args: Any, **more: Any) -> TestResponse:
        g.pop("device", None)
        return super().open(*args, **more)


@pytest.fixture
def office(office: Flask) -> Flask:
    office.test_client_class = Alone
    return office


@pytest.fixture
def push_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    with PushService(tmp_path).running() as service:
        lead_here(monkeypatch, service.port, service.certificate)
        yield service


@pytest.fixture
def sender(office: Flask, ferry: NightFerry, push_service: PushService) -> Iterator[Sender]:
    """The office's sender, with nothing left to send from earlier days."""
    ferry.write(COORDINATOR, "production", "production", **AT_ONCE)
    with writing(ferry.production.engine) as connection:
        connection.execute(text("update delivery set done_at = made_at"))
    one = Sender(office)
    yield one
    one.stop()


@pytest.fixture
def served(tmp_path: Path, push_service: PushService) -> Iterator[Office]:
    """An office for real browsers, which have no clock but their own."""
    app = create_app(tmp_path / "data")
    with app.app_context():
        ferry = build(app.extensions["poc"].productions, date.today())
    ferry.write(COORDINATOR, "production", "production", **AT_ONCE)
    ferry.publish(14)
    sender = Sender(app)
    sender.send_due()
    sender.start()
    yield Office(app, ferry)
    sender.stop()
    with app.app_context():
        app.extensions["poc"].productions.close()
        db.engine.dispose()


@pytest.fixture
def subscribe(enter: Callable[[str], FlaskClient], push_service: PushService) -> Ring:
    """Let somebody turn notices on, on a new phone."""

    def phone(name: str, host: str = FIREFOX) -> Phone:
        browser = enter(name)
        key = browser.get(f"{BELL}/key").get_json()["key"]
        one = push_service.phone(key, host)
        assert browser.post(BELL, json=one.subscription).get_json() == {"again": False}
        return one

    return phone
