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
from tests import cluster as clusters
from tests import stage
from tests.worker import Worker

ENGINES = ("sqlite", "postgresql")
NOW = datetime(2026, 4, 13, 21, 14, tzinfo=UTC)  # a Monday evening; tomorrow is day 12


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests of a file that says ON_BOTH on either engine, where they touch an office."""
    if getattr(metafunc.module, "ON_BOTH", False) and "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", ENGINES, indirect=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """The engine under an office: SQLite, unless the test is run on both."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with Night Ferry in the middle of its shoot. Copy it, do not write in it."""
    folder = tmp_path_factory.mktemp("told")
    tell_in(folder)
    return folder


@pytest.fixture(scope="session")
def cluster(told: Path) -> Iterator[clusters.Cluster]:
    """A PostgreSQL with Night Ferry told in it, made there and not copied; to be cloned."""
    with clusters.started() as found:
        tell_in(told, found.make("told"))
        yield found


def tell_in(folder: Path, url: str = "") -> None:
    app = create_app(folder, CLOCK=lambda: NOW, DATABASE_URL=url)
    with app.app_context():
        tell(build(app.extensions["poc"].productions, date(2026, 4, 13)))
        close(app)


def close(app: Flask) -> None:
    app.extensions["poc"].productions.close()
    db.session.remove()
    db.engine.dispose()


@pytest.fixture
def url(engine: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database of one's own with Night Ferry in it; empty for SQLite."""
    if engine == "sqlite":
        yield ""
        return
    with request.getfixturevalue("cluster").clone("told") as address:
        yield address


@pytest.fixture
def office(told: Path, tmp_path: Path, url: str) -> Iterator[Flask]:
    """An office of one's own, with Night Ferry in it."""
    folder = tmp_path / "data"
    subprocess.run(["cp", "-r", str(told), str(folder)], check=True)
    app = create_app(folder, CLOCK=lambda: NOW, TESTING=True, DATABASE_URL=url)
    with app.app_context():
        yield app
        close(app)


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
        close(app)
    with Worker(stage.node(), folder) as running:
        yield running
