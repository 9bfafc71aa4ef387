"""The same first visit and the same lost signal in the other two engines: Firefox and WebKit."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.firefox import Firefox
from tests.browser.office import BASE, Office
from tests.browser.steps import STATE, Browser, press, until
from tests.browser.webkit import WebKit

STANDS_ALONE = "navigator.serviceWorker?.controller?.state"


@pytest.mark.parametrize("engine", [Firefox, WebKit])
def test_it_works_without_signal_and_sends_what_was_typed_when_the_office_is_back(
    engine: Callable[[Path], Browser], office: Office, tmp_path: Path
) -> None:
    browser = engine(tmp_path / "browser")
    try:
        journey(browser, office)
        assert browser.complaints == []
    finally:
        browser.close()


def journey(browser: Browser, office: Office) -> None:
    day, ines = office.day(13), office.person("Ines Okafor")
    here = f"{office.address}{BASE}"
    browser.go(office.link("Marta Teixeira"))
    until(browser, "document.querySelector('form[data-join=link]')?.hidden === false")
    press(browser, "form[data-join=link]")
    until(browser, f"{STATE}.startsWith('Up to date') && {STANDS_ALONE} === 'activated'")
    office.kill()
    browser.go(f"{here}/today")
    assert "Today" in browser.js("document.title")
    browser.go(f"{here}/people")
    assert "Ines Okafor" in browser.js("document.querySelector('main').textContent")
    browser.go(f"{here}/days/{day}")
    save(browser, f"shoot_day/{day}", "weather", "Fog on the Tagus")
    until(browser, f"{STATE} === 'No signal · 1 edit waiting'")
    browser.go(f"{here}/people/{ines}/edit")
    save(browser, f"person/{ines}", "phone", "+351 900 333 444")
    until(browser, f"{STATE} === 'No signal · 2 edits waiting'")
    browser.go(f"{here}/days/{day}/sheet")
    assert "Fog on the Tagus" in browser.js("document.querySelector('main').textContent")
    office.open()
    browser.js("window.dispatchEvent(new Event('online'))")
    until(browser, f"{STATE}.startsWith('Up to date')")
    weather = office.rows("select weather from shoot_day where id = :day", day=day)
    phone = office.rows("select phone from person where id = :ines", ines=ines)
    assert (weather[0]["weather"], phone[0]["phone"]) == ("Fog on the Tagus", "+351 900 333 444")


def save(browser: Browser, record: str, name: str, text: str) -> None:
    """Fill in one box of a record's form, save it, and wait until the page has come back."""
    form = f"form[action$='/{record}']:has([name={name}])"
    box = f'document.querySelector("{form} [name={name}]")'
    browser.js(f"void ({box}.value = {json.dumps(text)})")
    press(browser, form)
    saved = f"[{json.dumps(text)}, null, undefined].includes({box}?.getAttribute('value'))"
    until(browser, f"{saved} && !document.querySelector('.htmx-request')")
