"""The whole way in a real Firefox, which subscribes, decrypts and shows by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bell.autopush import Autopush
from tests.bell.push_service import PushService
from tests.bell.served import Office, until
from tests.browser import steps
from tests.browser.firefox import Firefox

MORE = "/p/night-ferry/more"
SAID = "document.querySelector('[data-bell-state]')?.textContent"
SHOWN = """navigator.serviceWorker.ready
  .then((registration) => registration.getNotifications())
  .then((all) => all.map(({ title, body, data }) => ({ title, body, data })))"""
UNSUBSCRIBED = """navigator.serviceWorker.ready
  .then((registration) => registration.pushManager.getSubscription())
  .then((subscription) => subscription.unsubscribe())"""


def test_a_changed_call_reaches_firefox_open_or_closed_until_it_unsubscribes(
    served: Office, push_service: PushService, tmp_path: Path
) -> None:
    profile = tmp_path / "profile"
    with Autopush(push_service).running() as autopush, served.open():
        with firefox(profile, autopush) as browser:
            browser.go(served.link())
            steps.until(browser, "document.querySelector('form[data-join=link]')?.hidden === false")
            steps.press(browser, "form[data-join=link]")
            steps.until(browser, "navigator.serviceWorker.controller?.state === 'activated'")
            browser.go(f"{served.origin}{MORE}")
            steps.until(browser, "document.querySelector('[data-bell-on]')?.hidden === false")
            steps.press(browser, "[data-bell]")
            steps.until(browser, f"{SAID}.startsWith('Notices are on')")

            served.call("06:10")
            told = reported(served, "06:10")
            (shown,) = browser.js(SHOWN)
            assert shown["title"].startswith("Call 08:00 → 06:10")
            assert "Day 14" in shown["body"]
            assert shown["data"]["id"] == told["id"]
            browser.quit()

        served.call("06:40")
        until(lambda: len(push_service.taken) == 2)
        assert served.notices()[-1]["shown_at"] is None
        with firefox(profile, autopush) as browser:
            told = reported(served, "06:40")  # no page is open yet
            browser.go(f"{served.origin}{MORE}")
            steps.until(browser, f"{SAID}.startsWith('Notices are on')")
            assert told["id"] in [one["data"]["id"] for one in browser.js(SHOWN)]

            assert browser.js(UNSUBSCRIBED)
            served.call("06:50")
            until(lambda: push_service.posts[-1].status == 410)
            device = "select notices from device where person = :person"
            until(lambda: served.rows(device) == [{"notices": "off"}])


def reported(office: Office, time: str) -> dict[str, Any]:
    """Wait until the office knows that the notice of a call was shown, and return the notice."""
    words = f"→ {time}"
    (told,) = until(lambda: [n for n in office.notices() if words in n["title"] and n["shown_at"]])
    return dict(told)


@contextmanager
def firefox(profile: Path, autopush: Autopush) -> Iterator[Firefox]:
    browser = Firefox(profile, autopush.preferences)
    try:
        yield browser
    finally:
        browser.close()
