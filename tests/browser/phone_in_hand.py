"""A phone whose browser can be killed and started again over what it had on disk."""

import os
import signal
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import BrowserContext, Error, Playwright

from tests import stage
from tests.browser.device import PHONE, Device, device_in
from tests.browser.office import Office


class PhoneInHand:
    """A Chromium over a profile of its own, for as long as it is held."""

    def __init__(self, playwright: Playwright, office: Office, profile: Path) -> None:
        self.context: BrowserContext = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=stage.chromium(),
            args=["--no-sandbox"],
            viewport=PHONE,  # type: ignore[arg-type]
        )
        self.profile = profile
        self.device = device_in(office, self.context)
        self.device.die = self.die

    def __enter__(self) -> Device:
        return self.device

    def __exit__(self, *_: object) -> None:
        with suppress(Error):
            self.context.close()

    def die(self) -> None:
        """The battery is empty: nothing is closed, nothing is flushed."""
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
                if f"--user-data-dir={self.profile}" in words:
                    os.kill(int(process.name), signal.SIGKILL)
