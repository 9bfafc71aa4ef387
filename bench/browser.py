"""Chromium as a person uses it: pages of a warm worker, of a stopped one, and the first visit."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from poc.door import COOKIE
from tests.stage import chromium

LOADS = 15
PATIENCE = 60_000
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
AXE = Path(__file__).parent.parent / "tests" / "vendor" / "axe.min.js"
PAINTED = """() => new Promise((resolve) => {
  const told = (entries) => {
    const first = entries.find((entry) => entry.name === "first-contentful-paint");
    if (first) resolve(first.startTime);
  };
  const observer = new PerformanceObserver((list) => told(list.getEntries()));
  observer.observe({ type: "paint", buffered: true });
})"""
ANSWERED = "() => performance.getEntriesByType('navigation')[0].responseEnd"
COPIED = """async (base) => {
  for (;;) {
    const answer = fetch(`${base}/state`).then((response) => response.json());
    const state = await answer.catch(() => null);
    if (state?.copy) return performance.now();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}"""


@dataclass(frozen=True)
class Load:
    """One page load in milliseconds: when the whole page had come, and when it could be read."""

    answered: float
    painted: float


@contextmanager
def browser() -> Iterator[Browser]:
    """Start Chromium without a window."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield running
        running.close()


@contextmanager
def device(
    running: Browser, address: str, key: str, size: dict[str, int] | None = None, **look: Any
) -> Iterator[Page]:
    """Give a page on a new device that was let in."""
    context = running.new_context(viewport=size or DESKTOP, **look)  # type: ignore[arg-type]
    context.add_cookies([{"name": COOKIE, "value": key, "url": address}])
    context.set_default_timeout(PATIENCE)
    try:
        yield context.new_page()
    finally:
        context.close()


def copied(page: Page, base: str) -> float:
    """Wait until the worker has its copy; say when that was, from the start of this page."""
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    at: float = page.evaluate(COPIED, base)
    return at


def load(page: Page, url: str, by_worker: bool = True) -> Load:
    """Open an address and say how long it took."""
    response = page.goto(url, wait_until="load")
    assert response is not None and response.ok, f"{url} did not open"
    assert response.from_service_worker == by_worker, f"{url} was answered by the wrong side"
    return Load(page.evaluate(ANSWERED), page.evaluate(PAINTED))


def warm(page: Page, url: str) -> Load:
    """Give the median load of a page while the worker runs."""
    load(page, url)
    return _middle([load(page, url) for _ in range(LOADS)])


def cold(page: Page, url: str) -> Load:
    """Give the median load of a page that has to wake the worker first."""
    return _middle([_woken(page, url) for _ in range(LOADS)])


def violations(page: Page) -> list[str]:
    """Name what axe finds wrong with the page that is open."""
    page.evaluate(f"{AXE.read_text('utf-8')};0")
    found: list[str] = page.evaluate(
        "async () => (await axe.run()).violations.map((one) => one.id)"
    )
    return found


def _woken(page: Page, url: str) -> Load:
    page.wait_for_load_state("networkidle")
    _stop_workers(page.context, page)
    return load(page, url)


def _stop_workers(context: BrowserContext, page: Page) -> None:
    """Stop every worker, and wait until the browser says that none runs any more."""
    running: dict[str, str] = {}
    wire = context.new_cdp_session(page)

    def told(event: dict[str, Any]) -> None:
        running.update({one["versionId"]: one["runningStatus"] for one in event["versions"]})

    wire.on("ServiceWorker.workerVersionUpdated", told)
    wire.send("ServiceWorker.enable")
    wire.send("ServiceWorker.stopAllWorkers")
    while not running or set(running.values()) - {"stopped"}:
        page.wait_for_timeout(20)
    wire.detach()


def _middle(loads: list[Load]) -> Load:
    return Load(median(one.answered for one in loads), median(one.painted for one in loads))
