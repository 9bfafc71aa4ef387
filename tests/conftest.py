"""The shared world of the tests: one office, and Night Ferry in it, with people who have roles."""

import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from poc import create_app
from poc.demo import SLUG, NightFerry, build, days_of, people_of, tell
from poc.door import COOKIE, sit
from poc.registry import db, new_device
from tests import stage
from tests.worker import Worker

NOW = datetime(2026, 4, 13, 21, 14, tzinfo=UTC)  # a Monday evening; tomorrow is day 12


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with Night Ferry in the middle of its shoot. Copy it, do not write in it."""
    folder = tmp_path_factory.mktemp("told")
    app = create_app(folder, CLOCK=lambda: NOW)
    with app.app_context():
        productions = app.extensions["poc"].productions
        tell(build(productions, date(2026, 4, 13)))
        productions.close()
        db.engine.dispose()
    return folder


@pytest.fixture
def office(told: Path, tmp_path: Path) -> Iterator[Flask]:
    """An office of one's own, with Night Ferry in it."""
    folder = tmp_path / "data"
    subprocess.run(["cp", "-r", str(told), str(folder)], check=True)
    app = create_app(folder, CLOCK=lambda: NOW, TESTING=True)
    with app.app_context():
        yield app
        app.extensions["poc"].productions.close()
        db.engine.dispose()


@pytest.fixture
def ferry(office: Flask) -> NightFerry:
    """Night Ferry itself."""
    production = office.extensions["poc"].productions.get(SLUG)
    return NightFerry(production, people_of(production), days_of(production))


@pytest.fixture
def enter(office: Flask, ferry: NightFerry) -> Any:
    """Let somebody in by name; give a browser of theirs."""

    def browser(name: str) -> FlaskClient:
        device, key = new_device("iPhone", False, NOW)
        db.session.flush()
        sit(device, ferry.production, ferry.people[name])
        db.session.commit()
        client = office.test_client()
        client.set_cookie(COOKIE, key)
        client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
        return client

    return browser


@pytest.fixture
def stranger(office: Flask) -> FlaskClient:
    """A browser that was never let in."""
    client = office.test_client()
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    return client


@pytest.fixture(scope="session")
def worker(tmp_path_factory: pytest.TempPathFactory, told: Path) -> Iterator[Worker]:
    """The worker's own modules, running in Node."""
    app = create_app(told, CLOCK=lambda: NOW)
    folder = tmp_path_factory.mktemp("worker")
    with app.app_context():
        (folder / "book.mjs").write_text(app.extensions["poc"].book.js, "utf-8")
        app.extensions["poc"].productions.close()
        db.engine.dispose()
    with Worker(stage.node(), folder) as running:
        yield running
