"""Steps of a journey that every engine can take."""

import time
from typing import Any, Protocol

STATE = "(document.querySelector('#state')?.textContent ?? '')"


class Browser(Protocol):
    """What a journey needs of a browser."""

    @property
    def complaints(self) -> list[str]: ...
    def go(self, address: str) -> None: ...
    def js(self, expression: str) -> Any: ...
    def close(self) -> None: ...


def press(browser: Browser, form: str) -> None:
    """Press a form's button; what happens then may take the page away."""
    button = f'document.querySelector("{form} button")'
    browser.js(f"void setTimeout(() => {button}.click())")


def until(browser: Browser, truth: str) -> None:
    """Wait until something is true in the page."""
    last = ""
    end = time.monotonic() + 45
    while time.monotonic() < end:
        try:
            if browser.js(truth):
                return
            last = browser.js(STATE)
        except (AssertionError, OSError) as error:
            last = str(error)  # between two pages there is none to ask
        time.sleep(0.1)
    raise AssertionError(f"{truth}: it says “{last}”")
