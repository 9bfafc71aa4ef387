"""The whole way, in a real browser: a tap, a publication, a notice on the screen, a receipt."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from poc.demo import COORDINATOR
from poc.door import COOKIE, sit
from poc.house import utc_now
from poc.registry import db, new_device
from tests import stage
from tests.bell.gcm import Gcm
from tests.bell.push_service import PushService
from tests.bell.served import INES, Office, soon, until

PATIENCE = 6
UNWANTED = ["--disable-background-networking", "--disable-component-update"]
SHOWN = """async () => {
  const registration = await navigator.serviceWorker.ready;
  const shown = await registration.getNotifications();
  return shown.map(({ title, body, tag, data }) => ({ title, body, tag, data }));
}"""
ACTIVE = """() => navigator.serviceWorker.ready.then((one) => one.active.state === "activated")"""
NEWEST = """async () => (await import("/static/sw/bell.js")).newestCall("night-ferry")"""


@contextmanager
def chromium(folder: Path, flags: list[str]) -> Iterator[BrowserContext]:
    """A browser with a profile: one without keeps no subscription."""
    with sync_playwright() as player:
        context = player.chromium.launch_persistent_context(
            folder,
            executable_path=stage.chromium(),
            args=["--no-sandbox", *flags],
            ignore_default_args=UNWANTED,
        )
        try:
            yield context
        finally:
            context.close()


def come_in(office: Office, context: BrowserContext, name: str = INES) -> Page:
    with office.app.app_context():
        device, key = new_device("Android", False, utc_now())
        db.session.flush()
        sit(device, office.ferry.production, office.ferry.people[name])
        db.session.commit()
    context.add_cookies([{"name": COOKIE, "value": key, "url": office.origin}])
    context.grant_permissions(["notifications"], origin=office.origin)
    return context.pages[0]


def test_a_changed_call_reaches_a_phone_and_the_office_sees_that_it_did(
    served: Office, push_service: PushService, tmp_path: Path
) -> None:
    with (
        Gcm(push_service).running() as gcm,
        served.open(),
        chromium(tmp_path / "profile", gcm.flags) as context,
    ):
        page = come_in(served, context)
        page.goto(f"{served.origin}/p/night-ferry/more")
        page.get_by_role("button", name="Turn on notifications").click()
        expect(page.locator("[data-bell-state]")).to_contain_text("Notices are on", timeout=30_000)
        assert served.rows("select notices from device where person = :person") == [
            {"notices": "on"}
        ]

        served.call("06:10")
        notice = until(lambda: [n for n in served.notices() if n["shown_at"]])[-1]
        (shown,) = page.evaluate(SHOWN)
        assert shown["title"].startswith("Call 08:00 → 06:10")
        assert "Day 14" in shown["body"]
        assert shown["data"]["id"] == notice["id"]
        assert page.evaluate(NEWEST)["call"] == "06:10"

        page.goto(shown["data"]["navigate"])
        query = "select publication, how from receipt where person = :person and state = 'seen'"
        receipts = until(lambda: served.rows(query))
        assert {one["publication"] for one in receipts} == {notice["publication"]}


def test_a_notice_is_shown_while_the_office_is_out_of_reach_and_reported_later(
    served: Office, push_service: PushService, tmp_path: Path
) -> None:
    with (
        Gcm(push_service).running() as gcm,
        chromium(tmp_path / "profile", gcm.flags) as context,
    ):
        with served.open():
            page = come_in(served, context)
            page.goto(f"{served.origin}/p/night-ferry/more")
            page.get_by_role("button", name="Turn on notifications").click()
            said = page.locator("[data-bell-state]")
            expect(said).to_contain_text("Notices are on", timeout=30_000)
        served.call("06:10")
        served.call("06:40")
        until(lambda: [one for one in page.evaluate(SHOWN) if "06:40" in one["title"]])
        assert len(page.evaluate(SHOWN)) == 1
        assert [notice["shown_at"] for notice in served.notices()][-1] is None
        newer = page.locator("[data-newer]")
        page.goto(f"{served.origin}/p/night-ferry/today")
        expect(newer).to_contain_text("06:40")
        with served.open():
            page.goto(f"{served.origin}/p/night-ferry/today")
            expect(page.locator(".call__time").nth(1)).to_contain_text("06:40")
            expect(newer).to_be_hidden()
            until(lambda: served.notices()[-1]["shown_at"])


def test_a_notice_that_cannot_be_read_is_shown_all_the_same_and_one_sent_twice_only_once(
    served: Office, tmp_path: Path
) -> None:
    with served.open(), chromium(tmp_path / "profile", []) as context:
        page = come_in(served, context)
        page.goto(f"{served.origin}/p/night-ferry/today")
        send = sending(context, page, served.origin)
        for _ in range(PATIENCE):  # the browser's own tools lose a message now and then
            send("{")
            if unread := soon(lambda: page.evaluate(SHOWN)):
                break
        assert {one["title"] for one in unread} == {"Something changed for you"}
        told = {"id": served.notices()[-1]["id"], "base": "/p/night-ferry"}
        notice = {"title": "Call 06:10", "tag": "t", "navigate": served.origin, "data": told}
        for title in ("Call 06:10", "Call 06:40"):
            send(json.dumps({"web_push": 8030, "notification": {**notice, "title": title}}))
            until(lambda: title in [one["title"] for one in page.evaluate(SHOWN)])  # noqa: B023
        assert len(page.evaluate(SHOWN)) == len(unread) + 1
        until(lambda: served.notices()[-1]["shown_at"])


def test_a_publication_is_taken_back_with_a_tap_before_anything_of_it_left(
    served: Office, push_service: PushService, tmp_path: Path
) -> None:
    served.ferry.write(COORDINATOR, "production", "production", undo_seconds=120)
    with served.open(), chromium(tmp_path / "profile", []) as context:
        page, day = come_in(served, context, COORDINATOR), served.ferry.days[14]
        served.call("06:10")
        page.goto(f"{served.origin}/p/night-ferry/days/{day}/known")
        expect(page.locator("[data-until]")).to_contain_text("leave in 1")
        page.get_by_role("button", name="Take BLUE back").click()
        expect(page.get_by_text("nobody was told of it")).to_be_visible(timeout=20_000)
        expect(page.locator(".page__subtitle")).to_contain_text("WHITE revision", timeout=20_000)
        gone = until(lambda: [one for one in served.notices() if one["gone"]])
        assert "06:10" in gone[-1]["title"]
    assert push_service.posts == []


def sending(context: BrowserContext, page: Page, origin: str) -> Callable[[str], None]:
    """Give a way to hand a message to the worker without any push service."""
    found: list[str] = []

    def note(event: dict[str, Any]) -> None:
        found.extend(one["registrationId"] for one in event["registrations"])

    devtools = context.new_cdp_session(page)
    devtools.on("ServiceWorker.workerRegistrationUpdated", note)
    devtools.send("ServiceWorker.enable")
    until(lambda: page.evaluate(ACTIVE) and found)

    def send(words: str) -> None:
        about = {"origin": origin, "registrationId": found[-1], "data": words}
        devtools.send("ServiceWorker.deliverPushMessage", about)

    return send
