"""Two phones with the app open: what one changes is on the other's page at once, in Chromium."""

import time

from playwright.sync_api import expect

from poc.demo import SLUG
from tests.browser.conftest import Lend
from tests.browser.device import TABLET, Device
from tests.browser.office import Office

SAY = "news => navigator.serviceWorker.controller.postMessage(news)"
TRIES = 6  # seconds; a device that hears nothing asks only every thirty


def test_a_change_on_one_phone_is_on_the_others_page_without_asking(
    lend: Lend, office: Office
) -> None:
    day = office.day(13)
    marta, dana = lend("Marta Teixeira", TABLET), lend("Dana Farouk")
    for device in (marta, dana):
        device.open(f"/days/{day}")
    on_the_line(office, dana, day)
    marta.save(general_call="05:35")
    expect(dana.box("general_call")).to_have_value("05:35", timeout=10_000)
    dana.says("Up to date")


def test_a_stopped_office_is_dialled_again_once_it_is_back(lend: Lend, office: Office) -> None:
    day = office.day(13)
    dana = lend("Dana Farouk")
    dana.open(f"/days/{day}")
    on_the_line(office, dana, day)
    office.kill()
    dana.says("No signal")
    office.open()
    office.write("Marta Teixeira", "shoot_day", day, weather="Fog on the river")
    dana.wake()
    expect(dana.box("weather")).to_have_value("Fog on the river")
    on_the_line(office, dana, day)


def test_news_that_does_not_follow_on_a_devices_copy_is_not_taken(
    lend: Lend, office: Office
) -> None:
    day, one = office.day(13), office.person("Dana Farouk")
    dana = lend("Dana Farouk")
    dana.open(f"/days/{day}")
    head = office.rows("select seq, generation from head")[0]
    rights = office.rows("select seq from membership where person = :one", one=one)[0]["seq"]
    far = head["seq"] + 100
    news = {"generation": head["generation"], "epoch": rights, "from": head["seq"], "cursor": far}
    news["records"] = [["shoot_day", day, far, {"weather": "Never said"}, 1]]
    for wrong in ({"generation": "another"}, {"epoch": rights + 1}, {"from": far - 1}):
        dana.page.evaluate(SAY, {"type": "news", "production": SLUG, "news": {**news, **wrong}})
    office.write("Marta Teixeira", "shoot_day", day, weather="Fog on the river")
    expect(dana.box("weather")).to_have_value("Fog on the river", timeout=10_000)


def on_the_line(office: Office, device: Device, day: str) -> None:
    """Wait until the device hears of a change that it did not ask for."""
    for number in range(TRIES):
        office.write("Marta Teixeira", "shoot_day", day, weather=f"Rain, {number}")
        time.sleep(1)
        if device.box("weather").input_value() == f"Rain, {number}":
            return
    raise AssertionError("The device hears nothing.")
