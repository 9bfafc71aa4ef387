"""The board of who knows, on a tablet: finding, telling, reminding and printing, also offline."""

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Lend
from tests.browser.device import PATIENCE, TABLET, Device
from tests.browser.office import Office

INES, OWEN, SEAN = "Ines Okafor", "Owen Price", "Seán O'Dowd"
TOLD = (
    "select receipt.how, receipt.department, receipt.by, receipt.at from receipt"
    " join person on person.id = receipt.person"
    " where person.name = :name and receipt.state = 'told' order by receipt.id desc"
)


def row(device: Device, name: str) -> Locator:
    return device.page.locator("#without .known-row", has_text=name)


def test_a_coordinator_chases_those_who_do_not_know(lend: Lend, office: Office) -> None:
    marta = lend("Marta Teixeira", TABLET)
    marta.open(f"/days/{office.day(12)}/known")
    expect(row(marta, INES)).to_be_visible()
    _finds(marta)
    _reminds(marta, office)
    _tells_without_signal(marta, office)
    _hears_of_a_phone(marta, lend)
    _prints(marta)


def _finds(marta: Device) -> None:
    listed = marta.page.locator("#without .known-rows > li")
    everybody = listed.count()
    choice = marta.page.get_by_label("Show only")
    choice.select_option("Camera")
    expect(listed.locator("visible=true")).not_to_have_count(everybody)
    expect(row(marta, INES)).to_be_visible()
    marta.page.get_by_placeholder("Name").fill("nobody of that name")
    expect(marta.page.get_by_text("Nobody here is like that.")).to_be_visible()
    marta.page.get_by_placeholder("Name").fill("")
    choice.select_option("")
    expect(listed.locator("visible=true")).to_have_count(everybody)


def _reminds(marta: Device, office: Office) -> None:
    """Everybody had the first notice a moment ago, so nobody is rung again."""
    marta.page.get_by_role("button", name="Remind these").click()
    marta.shows("Nobody was reminded")
    assert office.rows("select people from reminder") == [{"people": 0}]


def _tells_without_signal(marta: Device, office: Office) -> None:
    marta.lose_signal()
    row(marta, INES).get_by_text("Told…").click()
    marta.page.get_by_role("button", name=f"Told by phone: {INES}").click()
    expect(row(marta, INES)).to_have_count(0)
    head = marta.page.get_by_role("button", name=f"Told by {SEAN}")
    head.click()
    expect(head).to_have_count(0)
    marta.says("waiting")
    marta.find_signal()
    marta.wake()
    marta.gone_out()
    (told,) = office.rows(TOLD, name=INES)
    assert (told["how"], told["department"]) == ("phone", "Camera")
    assert told["by"] == office.person("Marta Teixeira")
    grips = office.rows("select receipt.by from receipt where how = 'head'")
    assert {row["by"] for row in grips} == {office.person(SEAN)}


def _hears_of_a_phone(marta: Device, lend: Lend) -> None:
    """Owen had no phone here: as soon as he opens his call, the board says so by itself."""
    expect(row(marta, OWEN)).to_contain_text("not on any phone")
    lend(OWEN).open("/today")
    expect(row(marta, OWEN)).to_contain_text("opened", timeout=PATIENCE)


def _prints(marta: Device) -> None:
    marta.page.emulate_media(media="print")
    one = marta.page.locator("#without .known-row:not(.known-row--head)").first
    expect(one.locator(".known-row__who")).to_be_visible()
    expect(one.locator(".known-row__call")).to_be_visible()
    expect(marta.page.locator("#without .known-row__what", has_text="→").first).to_be_visible()
    assert marta.page.locator("#without .button:visible").count() == 0
    assert marta.page.locator("#without .known-row__number:visible").count() > 0
