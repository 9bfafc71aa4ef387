"""Real browsers and a real office for them, in the middle of Night Ferry's shoot."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from poc import create_app
from poc.demo import COORDINATOR, SLUG, ZONE, build, tell
from poc.registry import db
from tests import stage
from tests.browser.device import PHONE, Device, device_in
from tests.browser.office import Office, office_over

Lend = Callable[..., Device]


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with Night Ferry as of now, because browsers have no other clock."""
    folder = tmp_path_factory.mktemp("told-now")
    app = create_app(folder)
    with app.app_context():
        productions = app.extensions["poc"].productions
        today = datetime.now(ZoneInfo(ZONE)).date()
        ferry = build(productions, today)
        for number, day in ferry.days.items():
            date = today + timedelta(days=number - 11)
            ferry.write(COORDINATOR, "shoot_day", day, date=date.isoformat())
        tell(ferry)
        productions.close()
        db.engine.dispose()
    assert (folder / "productions" / f"{SLUG}.db").exists()
    return folder


@pytest.fixture
def office(told: Path, tmp_path: Path) -> Iterator[Office]:
    """An office with a running server."""
    with office_over(told, tmp_path / "data") as office:
        yield office


@pytest.fixture(scope="module")
def chromium_itself() -> Iterator[Playwright]:
    """What starts browsers, for one module: its loop must not run beside other tests' loops."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def chromium(chromium_itself: Playwright) -> Iterator[Browser]:
    """One browser, in which every device is a context of its own."""
    browser = chromium_itself.chromium.launch(
        executable_path=stage.chromium(), args=["--no-sandbox"]
    )
    yield browser
    browser.close()


@pytest.fixture
def lend(chromium: Browser, office: Office) -> Iterator[Lend]:
    """Lend devices to people; at the end none of them may have complained."""
    lent: list[Device] = []

    def device(name: str, size: dict[str, int] = PHONE, dark: bool = False) -> Device:
        look = "dark" if dark else "light"
        context = chromium.new_context(viewport=size, color_scheme=look)  # type: ignore[arg-type]
        lent.append(device_in(office, context))
        return lent[-1].come_in(name)

    yield device
    for one in lent:
        one.context.close()
    assert [one.complaints for one in lent if one.complaints] == []
