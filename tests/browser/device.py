"""A phone or a tablet in Chromium: what its person does with it, and what it complained about."""

from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import (
    BrowserContext,
    CDPSession,
    ConsoleMessage,
    Locator,
    Page,
    Response,
    expect,
)

from tests.browser.office import BASE, Office

PATIENCE = 12_000
PHONE = {"width": 390, "height": 844}
TABLET = {"width": 1180, "height": 820}


@dataclass
class Device:
    """One browser of one person."""

    office: Office
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    die: Callable[[], None] = lambda: None

    def come_in(self, name: str) -> "Device":
        """Open the link from the office, and wait until the device stands on its own feet."""
        self.page.goto(self.office.link(name))
        self.page.get_by_role("button", name="Open the production").first.click()
        self.says("Up to date")
        return self

    def open(self, path: str) -> Response:
        response = self.page.goto(f"{self.office.address}{BASE}{path}")
        assert response is not None
        return response

    def says(self, words: str) -> None:
        """Wait until the line that every page has says this."""
        expect(self.page.locator("#state")).to_contain_text(words, timeout=PATIENCE)

    def gone_out(self) -> None:
        """Wait until the office has answered everything that waited."""
        expect(self.page.locator("#state")).not_to_contain_text("waiting", timeout=PATIENCE)

    def shows(self, words: str) -> None:
        shown = self.page.get_by_text(words).and_(self.page.locator(":visible"))
        expect(shown.first).to_be_visible(timeout=PATIENCE)

    def fill(self, **fields: str) -> Locator:
        """Type into the boxes of a form by their names; give the form's button."""
        for name, value in fields.items():
            box = self.box(name)
            if box.evaluate("box => box.matches('select')"):
                box.select_option(value)
            else:
                box.fill(value)
        return self.page.locator(f"form:has([name='{name}'])").get_by_role("button").first

    def box(self, name: str) -> Locator:
        return self.page.locator(f"[name='{name}']").first

    def save(self, **fields: str) -> None:
        """Fill in a form and wait until the device has taken it."""
        button = self.fill(**fields)
        with self.page.expect_response(lambda response: response.request.method == "POST"):
            button.click()

    def lose_signal(self) -> None:
        self.context.set_offline(True)

    def find_signal(self) -> None:
        self.context.set_offline(False)

    def wake(self) -> None:
        """Take the device in the hand again, as after a pause."""
        self.page.evaluate("window.dispatchEvent(new Event('focus'))")

    def fill_up(self) -> CDPSession:
        """Leave the app no space on disk until the session that is returned ends."""
        wire = self.context.new_cdp_session(self.page)
        wire.send("Storage.overrideQuotaForOrigin", {"origin": self.office.address, "quotaSize": 1})
        return wire

    def complaints_without(self, *expected: str) -> list[str]:
        """Give what the browser said that a test did not provoke, and forget the rest."""
        said = [one for one in self.complaints if not any(word in one for word in expected)]
        self.complaints.clear()
        return said

    def stop_worker(self) -> None:
        """Stop the worker as the system does when memory is short."""
        wire = self.context.new_cdp_session(self.page)
        wire.send("ServiceWorker.enable")
        wire.send("ServiceWorker.stopAllWorkers")
        wire.detach()

    def listen(self, page: Page) -> Page:
        page.set_default_timeout(PATIENCE)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        # That a line broke is said by the browser itself: no page can keep it from saying so.
        line = message.location["url"].endswith("/sync/live")
        if message.type in ("error", "warning") and not line:
            self.complaints.append(f"{message.text} {message.location}")


def device_in(office: Office, context: BrowserContext) -> Device:
    """Give the device that a browser context is."""
    page = context.pages[0] if context.pages else context.new_page()
    device = Device(office, context, page)
    device.listen(page)
    return device
