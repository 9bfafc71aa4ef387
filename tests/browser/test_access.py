"""Pages for everybody: what axe-core says of them by day and by night, on phones and on tablets."""

from pathlib import Path
from typing import Any, Literal

import pytest

from tests.browser.conftest import Lend
from tests.browser.device import PHONE, TABLET, Device
from tests.browser.office import Office

AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
RUN = """(rules) => axe.run(document, { resultTypes: ["violations"], ...rules }).then(
  ({ violations }) => violations.flatMap(({ help, nodes }) => nodes.map((n) => help + n.target)),
)"""
EVERYTHING: dict[str, Any] = {}
COLOURS = {"runOnly": ["color-contrast"]}  # nothing else changes at night


@pytest.mark.parametrize("size", [PHONE, TABLET], ids=["phone", "tablet"])
def test_axe_finds_nothing_wrong_for_the_coordinator(
    lend: Lend, office: Office, size: dict[str, int]
) -> None:
    day = office.day(12)
    pages = ["/today", "/people", f"/days/{day}", f"/days/{day}/known", "/board"]
    pages += [f"/days/{day}/sheet", "/waiting", "/phones", f"/days/{day}/change?minutes=-60"]
    look(lend("Marta Teixeira", size), pages)


def test_axe_finds_nothing_wrong_for_a_member_of_the_crew(lend: Lend) -> None:
    look(lend("Ines Okafor"), ["/today", "/schedule", "/more"])


def look(device: Device, pages: list[str]) -> None:
    """Look at pages by day and by night; all that is wrong is said at once."""
    wrong: list[str] = []
    for path in pages:
        device.open(path)
        device.says("Up to date")
        device.page.evaluate(f"{AXE.read_text('utf-8')};0")
        wrong += [f"{path} by day: {one}" for one in findings(device, "light", EVERYTHING)]
        wrong += [f"{path} by night: {one}" for one in findings(device, "dark", COLOURS)]
    assert wrong == []


def findings(device: Device, colours: Literal["light", "dark"], rules: dict[str, Any]) -> list[str]:
    """Ask axe-core about the page in front of us."""
    # A colour on its way from day to night is neither's, so nothing may be on its way.
    device.page.emulate_media(color_scheme=colours, reduced_motion="reduce")
    found: list[str] = device.page.evaluate(RUN, rules)
    return found
