"""Phones in words: what each is, whether a notice can reach it, and when it was heard."""

import re
from typing import Any

import pytest

from poc.demo import COORDINATOR, NightFerry
from tests.test_doors import BASE, INES, Enter, one

ON_BOTH = True


@pytest.mark.parametrize(
    ("phone", "words", "pill"),
    [
        ({"name": "iPhone"}, "iPhone, not on the Home Screen: cannot get notices", "no notices"),
        (
            {"name": "iPad", "installed": 0, "notices": "missing"},
            "iPad, not on the Home Screen: cannot get notices",
            "no notices",
        ),
        (
            {"name": "iPhone", "installed": 1, "notices": "on"},
            "iPhone, on the home screen, gets notices",
            "notices on",
        ),
        (
            {"name": "iPhone", "installed": 1, "notices": "blocked"},
            "iPhone, notices blocked in the phone’s settings",
            "notices blocked",
        ),
        (
            {"name": "Android", "notices": "blocked"},
            "Android, notices blocked in the browser’s settings",
            "notices blocked",
        ),
        ({"name": "Android", "notices": "on"}, "Android, gets notices", "notices on"),
        (
            {"name": "Android", "installed": 1},
            "Android, on the home screen, notices not turned on",
            "no notices",
        ),
        (
            {"name": "Windows", "notices": "missing"},
            "Windows, a browser that cannot show notices",
            "no notices",
        ),
        ({"name": None, "notices": "off"}, "A browser, notices not turned on", "no notices"),
    ],
)
def test_a_phone_is_told_in_words(
    phone: dict[str, Any], words: str, pill: str, ferry: NightFerry, enter: Enter
) -> None:
    about = {"installed": None, "notices": None, "seen_at": "2026-04-10T21:14:00Z", **phone}
    browser = enter(INES)
    device = one(ferry, "select id from device where person = :p", p=ferry.people[INES])
    with ferry.production.journal.desk() as desk:
        desk.set("device", device, **about)
    for page in (enter(COORDINATOR).get(f"{BASE}/phones"), browser.get(f"{BASE}/more")):
        rows = re.findall(r"<li.*?</li>", page.text, re.S)
        line = next(row for row in rows if 'datetime="2026-04-10T21:14:00Z"' in row)
        assert f">{words}<" in line
        assert f">{pill}<" in line
        assert 'last heard <time datetime="2026-04-10T21:14:00Z" data-moment="ago">' in line


def test_the_office_reads_how_many_no_notice_reaches(ferry: NightFerry, enter: Enter) -> None:
    office = enter(COORDINATOR)
    assert "1 whom no notice reaches" in office.get(f"{BASE}/phones").text
    enter(INES)
    enter(INES)
    assert "2 whom no notice reaches" in office.get(f"{BASE}/phones").text
    device = one(ferry, "select max(id) from device where person = :p", p=ferry.people[INES])
    with ferry.production.journal.desk() as desk:
        desk.set("device", device, notices="on")
    assert "1 whom no notice reaches" in office.get(f"{BASE}/phones").text
