"""History in the hand: read with signal, put back by the device, and missing without signal."""

import re

import pytest
from playwright.sync_api import expect

from poc.demo import COORDINATOR
from tests.browser.conftest import Lend
from tests.browser.device import PHONE, TABLET, Device
from tests.browser.office import Office
from tests.browser.test_access import look

DANA = "Dana Farouk"


def newest(device: Device) -> str:
    return device.page.locator(".history-row").first.inner_text()


@pytest.mark.parametrize("size", [PHONE, TABLET], ids=["phone", "tablet"])
def test_axe_finds_nothing_wrong_with_histories(
    lend: Lend, office: Office, size: dict[str, int]
) -> None:
    day, place = office.day(12), office.rows("select id from location order by id")[0]["id"]
    office.write(DANA, "location", place, parking="Quay 5")
    with office.inside() as (_, ferry), ferry.production.journal.desk() as desk:
        desk.remove("location", place)
        fields = {"subject": "shoot_day", "about": day, "field": "wrap", "late_value": "21:00"}
        fields |= {"kept_value": "19:30", "late_do": "set", "late_at": "2026-04-13T16:02:00Z"}
        desk.create("clash", {**fields, "late_by": ferry.people[DANA]})
    pages = [f"/history/shoot_day/{day}", f"/history/location/{place}", "/history/removed"]
    device = lend(COORDINATOR, size)
    look(device, pages)
    assert device.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_older_call_is_put_back_from_the_history(lend: Lend, office: Office) -> None:
    day = office.day(12)
    device = lend(COORDINATOR)
    device.open(f"/days/{day}")
    device.page.get_by_role("link", name="History").click()
    device.shows("Who changed it, when, and from what")
    device.page.get_by_role("button", name="Put back 06:00").first.click()
    expect(device.box("general_call")).to_have_value("06:00")
    device.gone_out()
    device.says("Up to date")
    (stood,) = office.rows("select general_call from shoot_day where id = :day", day=day)
    assert stood["general_call"] == "06:00"
    device.open(f"/history/shoot_day/{day}")
    told = re.sub(r"\s+", " ", newest(device))
    assert "General call was 07:30 06:00" in told
    assert COORDINATOR in told


def test_a_history_in_front_of_somebody_shows_news_by_itself(lend: Lend, office: Office) -> None:
    day = office.day(12)
    device = lend(COORDINATOR)
    device.open(f"/history/shoot_day/{day}")
    device.says("Up to date")
    office.write(DANA, "shoot_day", day, wrap="21:15")
    device.wake()
    device.shows("21:15")
    assert DANA in newest(device)


def test_without_signal_a_history_says_where_it_is_kept(lend: Lend, office: Office) -> None:
    day = office.day(12)
    device = lend(COORDINATOR)
    device.open(f"/days/{day}")
    device.says("Up to date")
    device.lose_signal()
    device.page.get_by_role("link", name="History").click()
    device.shows("History is kept in the office. It opens when there is signal.")
    expect(device.page.get_by_role("navigation", name="Main pages")).to_be_visible()
    device.find_signal()
    device.open(f"/history/shoot_day/{day}")
    device.shows("Who changed it, when, and from what")
    assert device.complaints_without("503", "ERR_INTERNET_DISCONNECTED") == []
