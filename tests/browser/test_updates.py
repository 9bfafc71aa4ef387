"""A new version of POC beside the one that runs, in Chromium: nothing is mixed, nothing lost."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Lend
from tests.browser.device import PATIENCE, Device
from tests.browser.office import ROOT, Office

LONG = 45_000  # milliseconds: two releases and a browser share the machine
UPDATE = "Update ready"
# What a page is made of says its release: the template, the scripts and the styles.
PARTS = """() => [
  document.body.dataset.release ?? "old", document.documentElement.dataset.release ?? "old",
  getComputedStyle(document.body).getPropertyValue("--release").trim() || "old"]"""
RELEASE = {
    "poc/templates/base.html": ("<body ", '<body data-release="new" '),
    "poc/static/page/moments.js": (
        "export function",
        'document.documentElement.dataset.release = "new";\nexport function',
    ),
    "poc/static/app.css": ("", ":root { --release: new; }\n"),
}
DAYS_AGO = """() => {
  const [version] = localStorage.getItem("poc-update-since").split(" ");
  localStorage.setItem("poc-update-since", `${version} ${Date.now() - 2 * 86400000}`);
}"""
MUTE = (
    "    await ready(production);\n    return Response.json(",
    "    await new Promise(() => undefined);\n    return Response.json(",
)
WIDER = {
    "poc/schedule/models.py": (
        "    base_camp: Mapped[str | None]\n",
        "    base_camp: Mapped[str | None]\n    moorings: Mapped[str | None]\n",
    ),
    "poc/schedule/queries.sql": (
        "select location.id, location.name",
        "select location.id, location.moorings, location.name",
    ),
    "poc/templates/schedule/locations.html": (
        "<li data-search=",
        '<li data-moorings="{{ place.moorings }}" data-search=',
    ),
}
COPIES = """async () => (await indexedDB.databases()).map((one) => one.name)
  .filter((name) => name.startsWith("poc-replica-"))"""
SPOIL = """async () => {
  const { name } = (await indexedDB.databases()).find((one) => one.name.startsWith("poc-replica-"));
  const database = await new Promise((resolve) => {
    const opening = indexedDB.open(name);
    opening.onsuccess = () => resolve(opening.result);
  });
  const work = database.transaction("image", "readwrite");
  work.objectStore("image").put(new Uint8Array(8192).fill(7), "image");
  await new Promise((resolve) => { work.oncomplete = resolve; });
  database.close();
}"""
Patch = dict[str, tuple[str, str]]
Release = Callable[[str, Patch], Path]


@pytest.fixture
def lend(lend: Lend) -> Iterator[Lend]:
    """Lend devices whose live line may be cut: the office is closed in the middle of it."""
    lent: list[Device] = []

    def device(name: str) -> Device:
        lent.append(lend(name))
        return lent[-1]

    yield device
    for one in lent:
        one.complaints = one.complaints_without("/sync/live")


@pytest.fixture
def release(tmp_path: Path) -> Release:
    """Make another checkout, with some of its files changed."""

    def made(name: str, patch: Patch) -> Path:
        folder = tmp_path / name
        for part in ("poc", "sync"):
            shutil.copytree(ROOT / part, folder / part)
        for file, (old, new) in patch.items():
            code = (folder / file).read_text("utf-8")
            assert old in code, file
            changed = code.replace(old, new, 1) if old else code + new
            (folder / file).write_text(changed, "utf-8")
        return folder

    return made


def move(office: Office, code: Path) -> None:
    """Close the office, and open it again with other code."""
    office.kill()
    office.code = code
    opened(office)


def opened(office: Office) -> None:
    """Open the office, and wait until its worker can be had."""
    office.open()
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with suppress(OSError), urlopen(f"{office.address}/sw.js", timeout=60):
            return
        time.sleep(0.1)
    raise TimeoutError((office.folder / "server.log").read_text())


def is_new(device: Device) -> None:
    """Wait until the page is one of the new version, in all its parts."""
    new = f"() => ({PARTS})().join() === 'new,new,new'"
    device.page.wait_for_function(new, timeout=LONG)


def offered(device: Device) -> Any:
    return device.page.get_by_role("button", name=UPDATE)


def look_for_updates(device: Device) -> None:
    device.page.evaluate("() => navigator.serviceWorker.ready.then((one) => one.update())")


def parts(device: Device) -> list[str]:
    found: list[str] = device.page.evaluate(PARTS)
    return found


def test_an_old_page_stays_old_until_the_update_is_tapped_and_then_reloads_once(
    lend: Lend, office: Office, release: Release
) -> None:
    day = office.day(13)
    phone = lend("Marta Teixeira")
    phone.open(f"/days/{day}")
    move(office, release("new", RELEASE))
    phone.open("/days")
    expect(offered(phone)).to_be_visible(timeout=PATIENCE)
    office.kill()
    phone.lose_signal()
    for path in ("/days", "/people", f"/days/{day}"):
        phone.open(path)
        assert parts(phone) == ["old", "old", "old"]
    phone.save(notes="Typed into the old version.")
    loads: list[str] = []
    phone.page.on("load", lambda page: loads.append(page.url))
    offered(phone).click()
    is_new(phone)
    phone.says("1 edit waiting")
    assert parts(phone) == ["new", "new", "new"]
    assert len(loads) == 1
    phone.open("/people")
    assert parts(phone) == ["new", "new", "new"]
    office.open()
    phone.find_signal()
    phone.gone_out()
    said = office.rows("select notes from shoot_day where id = :day", day=day)
    assert said == [{"notes": "Typed into the old version."}]


def test_one_tab_is_updated_and_what_is_typed_in_another_stays(
    lend: Lend, office: Office, release: Release
) -> None:
    day = office.day(13)
    phone = lend("Marta Teixeira")
    other = Device(phone.office, phone.context, phone.listen(phone.context.new_page()))
    idle = Device(phone.office, phone.context, phone.listen(phone.context.new_page()))
    idle.open("/people")
    other.open(f"/days/{day}")
    other.fill(notes="Half a sent")
    move(office, release("new", RELEASE))
    phone.open("/days")
    offered(phone).click()
    is_new(idle)
    is_new(phone)
    assert parts(other) == ["old", "old", "old"]
    expect(other.box("notes")).to_have_value("Half a sent")
    offered(other).click()
    expect(other.page.get_by_role("button", name="Save first, then update")).to_be_visible(
        timeout=PATIENCE
    )
    other.save(notes="Half a sentence, and the rest.")
    is_new(other)
    other.gone_out()
    said = office.rows("select notes from shoot_day where id = :day", day=day)
    assert said == [{"notes": "Half a sentence, and the rest."}]


def test_the_switch_puts_the_worker_away_and_what_waited_is_sent_when_it_is_back(
    lend: Lend, office: Office
) -> None:
    day = office.day(13)
    phone = lend("Marta Teixeira")
    phone.open(f"/days/{day}")
    office.kill()
    phone.lose_signal()
    phone.save(notes="Typed before the switch.")
    phone.says("1 edit waiting")
    cookies = phone.context.cookies()
    phone.context.clear_cookies()  # so that the edit cannot go out before the switch is seen
    switch = office.folder / "worker-off"
    switch.touch()
    opened(office)
    phone.find_signal()
    look_for_updates(phone)
    away = "() => !navigator.serviceWorker.controller"
    phone.page.wait_for_function(away, timeout=LONG)
    phone.context.add_cookies(cookies)  # type: ignore[arg-type]
    assert not phone.open("/days").from_service_worker
    assert phone.page.evaluate("async () => (await caches.keys()).length") == 0
    notes = "select notes from shoot_day where id = :day"
    assert office.rows(notes, day=day) != [{"notes": "Typed before the switch."}]
    switch.unlink()
    phone.open("/days")
    phone.says("Up to date")
    assert office.rows(notes, day=day) == [{"notes": "Typed before the switch."}]
    assert phone.open("/days").from_service_worker
    phone.complaints_without(" 401 ")


def test_a_copy_that_cannot_be_read_is_answered_by_the_office_and_made_anew(
    lend: Lend, office: Office
) -> None:
    phone = lend("Marta Teixeira")
    phone.page.evaluate(SPOIL)
    phone.stop_worker()
    assert phone.open("/days").status == 200
    phone.says("Up to date")
    office.kill()
    phone.lose_signal()
    phone.stop_worker()
    assert phone.open("/people").from_service_worker
    phone.shows("Ines Okafor")


def test_an_update_nobody_tapped_takes_over_on_the_first_page_after_a_day(
    lend: Lend, office: Office, release: Release
) -> None:
    phone = lend("Marta Teixeira")
    move(office, release("new", RELEASE))
    phone.open("/days")
    expect(offered(phone)).to_be_visible(timeout=PATIENCE)
    phone.open("/people")
    assert parts(phone) == ["old", "old", "old"]
    phone.page.evaluate(DAYS_AGO)
    phone.open("/days")
    is_new(phone)
    expect(offered(phone)).to_have_count(0)


def test_a_worker_that_stays_silent_is_repaired_and_keeps_what_waits(
    lend: Lend, office: Office, release: Release
) -> None:
    day = office.day(13)
    good = office.code
    phone = lend("Marta Teixeira")
    move(office, release("mute", {**RELEASE, "poc/static/sw/desk.js": MUTE}))
    phone.open(f"/days/{day}")
    offered(phone).click()
    is_new(phone)
    office.kill()
    phone.lose_signal()
    phone.save(notes="Typed on a sick phone.")
    repair = phone.page.get_by_role("button", name="Repair")
    expect(repair).to_be_visible(timeout=60_000)
    repair.click()
    expect(phone.page.get_by_role("button", name="Repair needs a signal")).to_be_visible()
    phone.find_signal()
    move(office, good)
    phone.page.locator("[data-repair]").click()
    expect(phone.page.locator("body:not([data-release])")).to_be_visible(timeout=PATIENCE)
    phone.says("Up to date")
    said = office.rows("select notes from shoot_day where id = :day", day=day)
    assert said == [{"notes": "Typed on a sick phone."}]
    phone.complaints_without("ERR_INTERNET_DISCONNECTED")


def test_a_copy_of_older_tables_is_renewed_before_the_newer_version_takes_over(
    lend: Lend, office: Office, release: Release
) -> None:
    phone = lend("Marta Teixeira")
    move(office, release("wider", {**RELEASE, **WIDER}))
    phone.open("/days")
    expect(offered(phone)).to_be_visible(timeout=PATIENCE)
    office.kill()
    phone.lose_signal()
    phone.open("/locations")
    assert parts(phone) == ["old", "old", "old"]
    offered(phone).click()
    is_new(phone)
    phone.stop_worker()
    assert phone.open("/locations").from_service_worker
    expect(phone.page.locator("[data-moorings]").first).to_be_attached()
    names = phone.page.evaluate(COPIES)
    assert len(names) == 1


def test_f46_an_app_that_is_too_old_says_so_and_what_was_typed_goes_on_after_the_update(
    lend: Lend, office: Office, release: Release
) -> None:
    day = office.day(13)
    notes = "select notes from shoot_day where id = :day"
    phone = lend("Marta Teixeira")
    phone.open(f"/days/{day}")
    office.kill()
    phone.lose_signal()
    phone.save(notes="Typed into the old version.")
    patch = {"poc/versions.py": ("CLIENT = 1", "CLIENT = OLDEST = 2"), **RELEASE}
    move(office, release("new", patch))
    phone.find_signal()
    phone.says("Update needed: what you typed is kept")
    assert office.rows(notes, day=day) == [{"notes": "Typed into the old version."}]
    expect(offered(phone)).to_be_visible(timeout=LONG)
    expect(phone.box("notes")).to_have_value("Typed into the old version.")
    offered(phone).click()
    is_new(phone)
    phone.gone_out()
    phone.says("Up to date")
    assert office.rows(notes, day=day) == [{"notes": "Typed into the old version."}]
