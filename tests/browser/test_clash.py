"""Two people out of reach of each other who change the same production, in Chromium."""

from playwright.sync_api import expect

from tests.browser.conftest import Lend
from tests.browser.device import TABLET, Device
from tests.browser.office import Office

CALLS = "select general_call, wrap, weather from shoot_day where id = :day"


def test_two_who_change_one_call_apart_find_both_values_and_both_names_and_one_settles_it(
    lend: Lend, office: Office
) -> None:
    day = office.day(13)
    marta, dana = lend("Marta Teixeira", TABLET), lend("Dana Farouk")
    apart(office, marta, dana)
    change(marta, day, general_call="05:15")
    change(dana, day, general_call="06:45")
    meet(office, marta, dana)
    dana.open("/waiting")
    for words in ("06:45", "05:15", "Marta Teixeira", "not in force", "in force now"):
        dana.shows(words)
    marta.wake()
    marta.open("/waiting")
    for words in ("06:45", "05:15", "Dana Farouk"):
        marta.shows(words)
    assert office.rows(CALLS, day=day)[0]["general_call"] == "05:15"
    marta.page.get_by_role("button", name="06:45").click()
    marta.says("Up to date")
    expect(marta.page.get_by_text("in force now")).to_have_count(0)
    dana.wake()
    dana.open(f"/days/{day}")
    expect(dana.box("general_call")).to_have_value("06:45")
    assert office.rows(CALLS, day=day)[0]["general_call"] == "06:45"


def test_different_fields_of_one_day_merge_without_a_word(lend: Lend, office: Office) -> None:
    day = office.day(13)
    marta, dana = lend("Marta Teixeira", TABLET), lend("Dana Farouk")
    apart(office, marta, dana)
    change(marta, day, wrap="20:15")
    change(dana, day, weather="Fog on the river")
    meet(office, marta, dana)
    marta.wake()
    for device in (marta, dana):
        device.open(f"/days/{day}")
        expect(device.box("wrap")).to_have_value("20:15")
        expect(device.box("weather")).to_have_value("Fog on the river")
        device.open("/waiting")
        device.shows("Nothing")
    merged = office.rows(CALLS, day=day)[0]
    assert (merged["wrap"], merged["weather"]) == ("20:15", "Fog on the river")


def apart(office: Office, *devices: Device) -> None:
    """Take everybody out of reach, the office too."""
    office.kill()
    for device in devices:
        device.lose_signal()


def change(device: Device, day: str, **fields: str) -> None:
    device.open(f"/days/{day}")
    device.save(**fields)
    device.says("No signal · 1 edit waiting")


def meet(office: Office, *devices: Device) -> None:
    """Bring them back into reach, one after the other."""
    office.open()
    for device in devices:
        device.find_signal()
        device.gone_out()
