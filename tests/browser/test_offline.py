"""A shooting day without signal, in Chromium: all opens, all is kept, and all of it goes out."""

import re
from itertools import product
from pathlib import Path

from playwright.sync_api import Playwright, expect

from tests.browser.conftest import Lend
from tests.browser.device import Device
from tests.browser.office import BASE, Office
from tests.browser.phone_in_hand import PhoneInHand

RECEIPTS = (
    "select receipt.state, publication.revision from receipt join publication"
    " on publication.id = receipt.publication where receipt.person = :person and receipt.gone = 0"
    " and publication.shoot_day = :day order by publication.revision, receipt.state"
)


def test_every_page_opens_with_the_office_closed_and_the_worker_restarted(
    lend: Lend, office: Office
) -> None:
    phone = lend("Marta Teixeira")
    addresses = addresses_of(office)
    office.kill()
    phone.lose_signal()
    phone.stop_worker()
    for address in addresses:
        response = phone.open(address)
        assert (response.status, response.from_service_worker) == (200, True), address
        expect(phone.page.locator("h1")).not_to_be_empty()
    phone.open("/people")
    phone.page.get_by_role("searchbox").fill("okafor")
    shown = phone.page.locator("main [data-search]:visible")
    expect(shown).to_have_count(1)
    expect(shown).to_contain_text("Ines Okafor")
    phone.says("No signal · saved")


def test_an_evening_of_edits_without_signal_survives_a_dead_phone_and_goes_out_by_itself(
    chromium_itself: Playwright, office: Office, tmp_path: Path
) -> None:
    day, ines = office.day(13), office.person("Ines Okafor")
    office.write("Marta Teixeira", "shoot_day", day, notes="")
    with PhoneInHand(chromium_itself, office, tmp_path / "profile") as phone:
        phone.come_in("Marta Teixeira")
    with PhoneInHand(chromium_itself, office, tmp_path / "profile") as phone:
        office.kill()
        phone.lose_signal()
        phone.stop_worker()
        phone.open(f"/days/{day}")
        phone.save(general_call="05:50", notes="Bring boots & “waders” <b>")
        phone.says("No signal · 2 edits waiting")
        phone.open(f"/people/{ines}/edit")
        phone.save(phone="+351 900 111 222")
        phone.open("/people/new")
        phone.save(name="Zoë Brandt", category="crew", department="Grip")
        sees_the_evening(phone, day, ines)
        phone.die()
    with PhoneInHand(chromium_itself, office, tmp_path / "profile") as phone:
        phone.lose_signal()
        sees_the_evening(phone, day, ines)
        phone.says("No signal · 4 edits waiting")
        office.open()
        phone.find_signal()
        phone.says("Up to date")
        assert phone.complaints == []
    said = office.rows("select general_call, notes from shoot_day where id = :day", day=day)
    assert said == [{"general_call": "05:50", "notes": "Bring boots & “waders” <b>"}]
    numbers = office.rows("select phone from person where id = :ines", ines=ines)
    assert numbers == [{"phone": "+351 900 111 222"}]
    assert len(office.rows("select id from person where name = 'Zoë Brandt'")) == 1


def test_two_taps_on_got_it_confirm_one_call_and_a_new_time_is_asked_again(
    lend: Lend, office: Office
) -> None:
    day, ines = office.day(12), office.person("Ines Okafor")
    phone = lend("Ines Okafor")
    phone.open("/today")
    expect(phone.page.locator("form[data-seen]")).to_have_count(0)  # what she saw has been noted
    phone.says("Up to date")
    office.kill()
    phone.lose_signal()
    phone.page.get_by_role("button", name="Got it").dblclick()
    tomorrow = phone.page.get_by_role("button", name="Got it — confirm tomorrow 07:30")
    expect(tomorrow).to_be_visible()
    phone.open("/today")
    tomorrow.click()
    phone.shows("Confirmed")
    phone.says("No signal · 2 edits waiting")
    office.write("Marta Teixeira", "shoot_day", day, general_call="09:10")
    office.write("Marta Teixeira", "publication", subject="call_sheet", shoot_day=day)
    office.open()
    phone.find_signal()
    expect(phone.page.get_by_role("button", name="Got it — confirm tomorrow 09:10")).to_be_visible()
    phone.says("Up to date")
    said = [row["state"] for row in office.rows(RECEIPTS, person=ines, day=day)]
    assert said.count("confirmed") == 1


def test_an_edit_that_a_role_no_longer_allows_comes_back_with_the_reason_and_the_text(
    lend: Lend, office: Office
) -> None:
    day, dana = office.day(13), office.person("Dana Farouk")
    tablet = lend("Dana Farouk")
    tablet.open(f"/days/{day}")
    office.kill()
    tablet.lose_signal()
    tablet.save(safety="Nobody on the mole after dark.")
    tablet.says("1 edit waiting")
    role = office.rows("select id from membership where person = :dana and gone = 0", dana=dana)
    office.write("Marta Teixeira", "membership", role[0]["id"], role="crew")
    office.open()
    tablet.find_signal()
    tablet.says("1 edit came back")
    tablet.shows("This page is for the production office.")
    tablet.open("/waiting")
    tablet.shows("Not accepted: only the coordinator, the line producer and the ADs may change")
    tablet.shows("Nobody on the mole after dark.")
    tablet.page.get_by_role("button", name="Discard").click()
    tablet.says("Up to date")
    unchanged = office.rows("select safety from shoot_day where id = :day", day=day)
    assert unchanged == [{"safety": None}]
    assert tablet.complaints_without(" 403 ") == []


def test_a_phone_that_is_locked_out_gives_up_its_copy_at_the_next_contact(
    lend: Lend, office: Office
) -> None:
    tablet, phone = lend("Marta Teixeira"), lend("Ines Okafor")
    phone.lose_signal()
    phone.open("/people")
    phone.shows("Dana Farouk")
    tablet.open("/phones")
    tablet.page.get_by_role("button", name=re.compile("Lock out .* of Ines Okafor")).click()
    tablet.shows("locked out")
    tablet.says("Up to date")
    phone.find_signal()
    phone.shows("not part of the production any more")
    phone.lose_signal()
    phone.open("/people")
    expect(phone.page.locator("body")).not_to_contain_text("Dana Farouk")
    assert phone.complaints_without(" 403 ", " 503 ") == []


def test_news_are_shown_at_once_but_never_under_somebodys_typing(
    lend: Lend, office: Office
) -> None:
    day = office.day(13)
    typing, looking = lend("Marta Teixeira"), lend("Dana Farouk")
    typing.open(f"/days/{day}")
    looking.open(f"/days/{day}")
    typing.fill(weather="Rain from n")
    office.write("Hana Novak", "shoot_day", day, general_call="05:35")
    for device in (typing, looking):
        device.wake()
        device.says("Up to date")
    expect(looking.box("general_call")).to_have_value("05:35")
    expect(typing.box("weather")).to_have_value("Rain from n")
    typing.save(weather="Rain from noon")
    expect(typing.box("general_call")).to_have_value("05:35")
    typing.says("Up to date")
    said = office.rows("select general_call, weather from shoot_day where id = :day", day=day)
    assert said == [{"general_call": "05:35", "weather": "Rain from noon"}]


def test_what_one_tab_saves_without_signal_the_other_tab_shows(lend: Lend, office: Office) -> None:
    day = office.day(13)
    phone = lend("Marta Teixeira")
    other = Device(phone.office, phone.context, phone.listen(phone.context.new_page()))
    other.open("/days")
    office.kill()
    phone.lose_signal()
    phone.open(f"/days/{day}")
    phone.save(general_call="04:55")
    other.shows("04:55")
    other.says("1 edit waiting")


def test_an_edit_that_cannot_be_written_down_is_never_called_saved(
    chromium_itself: Playwright, office: Office, tmp_path: Path
) -> None:
    day = office.day(13)
    with PhoneInHand(chromium_itself, office, tmp_path / "profile") as phone:
        phone.come_in("Marta Teixeira")
    with PhoneInHand(chromium_itself, office, tmp_path / "profile") as phone:
        full = phone.fill_up()
        phone.open(f"/days/{day}")
        phone.save(notes="All of this " + "must not be lost. " * 20)
        phone.shows("Not saved: this device could not write it down.")
        phone.shows("must not be lost.")
        full.detach()
        phone.open(f"/days/{day}")
        expect(phone.box("notes")).to_have_value("")
        phone.save(notes="Room again.")
        phone.says("Up to date")
        assert phone.complaints_without(" 507 ") == []


def addresses_of(office: Office) -> list[str]:
    """List one or two addresses of every page of the book."""
    day, person = (office.day(12), office.day(13)), (office.person("Ines Okafor"),)
    ids = {"day": day, "person": person, "location": one(office, "location")}
    kinds = ("strip", "publication", "draft", "script_scene")
    ids |= {kind: one(office, kind) for kind in kinds}
    with office.inside() as (app, _):
        pages = [asked.page for asked in app.extensions["poc"].book.pages]
    found = []
    for page in pages:
        names = re.findall(r"<(\w+)>", page.path)
        for values in product(*(ids[name] for name in names)):
            address = page.path
            for name, value in zip(names, values, strict=True):
                address = address.replace(f"<{name}>", value)
            found.append(address)
    return [address for address in found if not address.endswith(".vcf")]


def one(office: Office, kind: str) -> tuple[str]:
    some = " and superseded = 0 and shoot_day is not null" if kind == "publication" else ""
    return (office.rows(f"select id from {kind} where gone = 0{some} limit 1")[0]["id"],)


def sees_the_evening(phone: Device, day: str, ines: str) -> None:
    """See what was typed on every page that shows it."""
    phone.open("/days")
    phone.shows("05:50")
    phone.open(f"/days/{day}/sheet")
    phone.shows("05:50")
    phone.shows("Bring boots & “waders” <b>")
    phone.open("/people")
    phone.page.get_by_role("searchbox").fill("zoe")
    expect(phone.page.locator("main [data-search]:visible")).to_contain_text("Zoë Brandt")
    phone.open(f"/people/{ines}")
    phone.shows("+351 900 111 222")
    phone.open("/waiting")
    phone.shows("05:50")
    assert phone.page.url.endswith(f"{BASE}/waiting")
