"""A photo taken where there is no signal, in Chromium: seen at once, kept, and shown to others."""

import random
from pathlib import Path

from playwright.sync_api import Playwright, expect

from poc.demo import SLUG
from poc.places import blobs_of
from tests.browser.conftest import Lend
from tests.browser.device import Device
from tests.browser.office import ROOT, Office
from tests.browser.phone_in_hand import PhoneInHand

DRAWN = "image => image.complete && image.naturalWidth > 0"


def taken(folder: Path, name: str) -> Path:
    """Take a photo: a picture that every browser can draw, as large as a small photo is."""
    picture = (ROOT / "poc" / "static" / "icons" / "icon-512.png").read_bytes()
    file = folder / name
    file.write_bytes(picture + random.Random(name).randbytes(400_000))
    return file


def place(office: Office) -> str:
    found = office.rows("select id from location where name = 'Pier 9 Warehouse'")
    return f"/locations/{found[0]['id']}"


def choose(phone: Device, file: Path) -> None:
    phone.page.locator("input[type=file]").set_input_files(file)
    phone.page.get_by_role("button", name="Add", exact=True).click()


def chosen(phone: Device) -> int:
    """Count the files that are chosen and not added."""
    return int(phone.page.locator("input[type=file]").evaluate("box => box.files.length"))


def sees(phone: Device, name: str) -> None:
    picture = phone.page.get_by_role("img", name=name)
    expect(picture).to_be_visible()
    picture.scroll_into_view_if_needed()
    phone.page.wait_for_function(f"({DRAWN})(document.querySelector('.picture__image'))")


def test_f50_a_photo_added_without_signal_survives_a_dead_phone_and_others_see_it(
    chromium_itself: Playwright, office: Office, tmp_path: Path, lend: Lend
) -> None:
    photo, page, profile = taken(tmp_path, "parking.png"), place(office), tmp_path / "profile"
    with PhoneInHand(chromium_itself, office, profile) as phone:
        phone.come_in("Dana Farouk")
    with PhoneInHand(chromium_itself, office, profile) as phone:
        office.kill()
        phone.lose_signal()
        phone.open(page)
        choose(phone, photo)
        sees(phone, "parking.png")
        assert chosen(phone) == 0, "a second tap would add it once more"
        phone.says("No signal · 1 edit waiting")
        phone.die()
    with PhoneInHand(chromium_itself, office, profile) as phone:
        phone.lose_signal()
        phone.open(page)
        sees(phone, "parking.png")
        phone.shows("waiting on this device")
        phone.open("/waiting")
        phone.shows("Photo parking.png")
        office.open()
        phone.find_signal()
        phone.says("Up to date")
        phone.shows("Nothing is waiting")
        assert phone.complaints == []
    said = office.rows("select sha256, arrived_at from attachment")
    file = blobs_of(office.folder / "productions", SLUG).find(said[0]["sha256"])
    assert file is not None and said[0]["arrived_at"]
    assert file.read_bytes() == photo.read_bytes()
    other = lend("Pia Lindholm")
    other.open(page)
    sees(other, "parking.png")
    office.kill()
    other.lose_signal()
    other.open(page)
    sees(other, "parking.png")


def test_f52_a_photo_that_finds_no_room_stays_chosen_and_the_page_says_why(
    chromium_itself: Playwright, office: Office, tmp_path: Path
) -> None:
    photo, page, profile = taken(tmp_path, "quay.png"), place(office), tmp_path / "profile"
    with PhoneInHand(chromium_itself, office, profile) as phone:
        phone.come_in("Dana Farouk")
    with PhoneInHand(chromium_itself, office, profile) as phone:
        full = phone.fill_up()
        phone.open(page)
        choose(phone, photo)
        phone.shows("Not saved: this device could not write it down.")
        assert chosen(phone) == 1
        full.detach()
        phone.page.get_by_role("button", name="Add", exact=True).click()
        sees(phone, "quay.png")
        phone.says("Up to date")
        assert phone.complaints_without(" 507 ") == []
