"""The change at eleven at night, in Chromium: without signal, in five taps, read by everybody."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import Lend
from tests.browser.device import Device
from tests.browser.office import Office

NOTICES = (
    "select person.name, notice.title, notice.body from notice"
    " join person on person.id = notice.person"
    " join publication on publication.id = notice.publication"
    " where publication.shoot_day = :day and publication.revision = 2 order by person.name"
)


class Thumb:
    """One thumb, which counts its taps."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.taps = 0

    def tap(self, role: str, words: str) -> None:
        target = self.device.page.get_by_role(role, name=re.compile(words))  # type: ignore[arg-type]
        target.first.click()
        self.taps += 1


def shown(device: Device, count: int) -> set[tuple[str, str]]:
    """Give the notices that the screen promises to so many, also those behind the fold."""
    rows = device.page.locator(".concerned .told-row__what")
    expect(rows).to_have_count(count)
    said = rows.evaluate_all(
        "rows => rows.map((row) => [row.querySelector('b').textContent, row.lastChild.textContent])"
    )
    return {(title, body) for title, body in said}


def test_the_call_of_tomorrow_is_moved_without_signal_and_read_when_it_is_back(
    lend: Lend, office: Office
) -> None:
    day = office.day(12)
    tablet, phone = lend("Marta Teixeira"), lend("Ines Okafor")
    tablet.open("/today")
    phone.open("/today")
    office.kill()
    tablet.lose_signal()
    phone.lose_signal()
    tablet.stop_worker()
    thumb = Thumb(tablet)
    thumb.tap("link", "Change tomorrow")
    thumb.tap("link", "1 h later")
    thumb.tap("link", "Also move 3 typed calls")
    expect(tablet.page.locator("#apart")).to_contain_text("3 typed calls move too")
    promised = shown(tablet, 120)
    thumb.tap("button", "Send PINK to 120 people")
    assert thumb.taps <= 5
    tablet.shows("Will be sent when there is signal")
    tablet.says("No signal · 1 edit waiting")
    office.open()
    tablet.find_signal()
    tablet.says("Up to date")
    expect(tablet.page.locator("main")).not_to_contain_text("Will be sent")
    tablet.shows("PINK revision")
    told = office.rows(NOTICES, day=day)
    assert len(told) == 120
    assert {(row["title"], row["body"]) for row in told} == promised
    phone.find_signal()
    phone.wake()
    expect(phone.page.locator(".next__time")).to_have_text("08:30")
    phone.shows("1 h later")


def test_one_person_is_called_earlier_in_five_taps(lend: Lend, office: Office) -> None:
    tablet = lend("Marta Teixeira")
    tablet.open("/today")
    office.kill()
    tablet.lose_signal()
    thumb = Thumb(tablet)
    thumb.tap("link", "Change tomorrow")
    thumb.tap("link", "One person")
    thumb.tap("link", "Ines Okafor")
    thumb.tap("link", "30 min earlier")
    promised = shown(tablet, 1)
    thumb.tap("button", "Send PINK to 1 person")
    assert thumb.taps == 5
    tablet.shows("Will be sent when there is signal")
    office.open()
    tablet.find_signal()
    tablet.says("Up to date")
    told = office.rows(NOTICES, day=office.day(12))
    assert [row["name"] for row in told] == ["Ines Okafor"]
    assert {(row["title"], row["body"]) for row in told} == promised


def test_a_change_that_was_sent_may_be_taken_back_while_it_waits(
    lend: Lend, office: Office
) -> None:
    tablet = lend("Marta Teixeira")
    tablet.open(f"/days/{office.day(12)}/change?what=cancel")
    office.kill()
    tablet.lose_signal()
    tablet.page.get_by_role("button", name="Send PINK").click()
    tablet.shows("Will be sent when there is signal")
    tablet.open("/waiting")
    tablet.shows("Change of Day 12: Day 12 is cancelled.")
    tablet.page.get_by_role("button", name="Undo").click()
    tablet.shows("Nothing is waiting")
    office.open()
    tablet.find_signal()
    tablet.says("Up to date")
    said = office.rows("select cancelled from shoot_day where id = :day", day=office.day(12))
    assert said == [{"cancelled": None}]
    assert office.rows(NOTICES, day=office.day(12)) == []
