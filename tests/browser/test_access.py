"""Pages for everybody: what axe-core says of them by day and by night, on phones and on tablets."""

from itertools import product
from pathlib import Path
from typing import Any

from tests.browser.conftest import Lend
from tests.browser.device import PHONE, TABLET, Device
from tests.browser.office import Office

AXE = Path(__file__).parents[1] / "vendor" / "axe.min.js"
RUN = """axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
  violations.flatMap(({ id, help, nodes }) => nodes.map((node) => `${id}: ${help}: ${node.target}`)))"""


def test_axe_finds_nothing_wrong_for_the_coordinator(lend: Lend, office: Office) -> None:
    day = office.day(12)
    pages = ["/today", "/people", f"/days/{day}", f"/days/{day}/known", "/board"]
    pages += [f"/days/{day}/sheet", "/waiting", "/phones"]
    device = lend("Marta Teixeira")
    found: dict[str, Any] = {}
    for path in pages:
        device.open(path)
        device.says("Up to date")
        device.page.evaluate(f"{AXE.read_text('utf-8')};0")
        for (name, size), colours in product(
            {"phone": PHONE, "tablet": TABLET}.items(), ("light", "dark")
        ):
            found[f"{path} {name} {colours}"] = findings(device, size, colours)
    assert {where: what for where, what in found.items() if what} == {}


def test_axe_finds_nothing_wrong_for_a_member_of_the_crew(lend: Lend) -> None:
    device = lend("Ines Okafor")
    for path in ("/today", "/schedule", "/more"):
        device.open(path)
        device.page.evaluate(f"{AXE.read_text('utf-8')};0")
        for colours in ("light", "dark"):
            assert findings(device, PHONE, colours) == [], path


def findings(device: Device, size: dict[str, int], colours: Any) -> list[str]:
    """Look at a page as wide and as bright as said."""
    device.page.set_viewport_size(size)  # type: ignore[arg-type]
    device.page.emulate_media(color_scheme=colours)
    found: list[str] = device.page.evaluate(RUN)
    return found
