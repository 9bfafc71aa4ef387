"""The history of what is on screen: told to the office in words, and put back as an edit."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from poc.demo import COORDINATOR, NightFerry
from poc.history import AT_ONCE
from poc.house import House
from poc.roles import READS
from sync import Change, Result
from sync.database import reading
from sync.ids import new_id
from tests.conftest import NOW
from tests.test_doors import BASE, CREW, INES, OFFICE, WHO, Enter, one

DANA, OWEN, HANA = "Dana Farouk", "Owen Price", "Hana Novak"
FORM = re.compile(r'<form class="history-row__back".*?</form>', re.S)
INPUT = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def words(html: str) -> str:
    """Give the words of a page's main part, as a person reads them."""
    main = html.partition('<main id="main"')[2].partition("</main>")[0].partition(">")[2]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main))).strip()


def lines(html: str) -> list[str]:
    """Give the rows of a history, newest first."""
    rows = html.partition("</main>")[0].split('<li class="history-row')[1:]
    return [words(f'<main id="main" {row.partition("</li>")[0]}') for row in rows]


@pytest.fixture
def history(enter: Enter, ferry: NightFerry) -> Callable[..., str]:
    """Read a history as somebody."""

    def read(kind: str, record: str, who: str = COORDINATOR, query: str = "") -> str:
        told = enter(who).get(f"{BASE}/history/{kind}/{quote(record)}{query}")
        assert told.status_code == 200
        return told.text

    return read


def change(ferry: NightFerry, who: str, field: str, value: Any, base: int, **about: Any) -> Result:
    """Send one change of day 12 from a phone that saw everything up to `base`."""
    known = {"do": "set", "kind": "shoot_day", "record": ferry.days[12], "at": None, **about}
    one = Change(f"phone.{new_id()}", field=field, value=value, base=base, **known)
    return ferry.production.journal.write(ferry.people[who], "phone", [one])[0][1]


def put_back(browser: FlaskClient, page: str, words: str) -> str:
    """Press the first button of this name; give where it leads."""
    form = next(form for form in FORM.findall(page) if words in form)
    action = re.search(r'action="([^"]+)"', form)
    assert action is not None
    told = browser.post(unescape(action[1]), data={n: unescape(v) for n, v in INPUT.findall(form)})
    assert told.status_code == 303
    return str(told.location)


# What it tells


def test_a_day_tells_who_changed_a_time_from_what(history: Any, ferry: NightFerry) -> None:
    told = lines(history("shoot_day", ferry.days[12]))
    assert told[0] == "22:14 Wrap was 18:00 19:30 Marta Teixeira Put back 18:00"
    assert "22:14 Location Pier 9 Warehouse Marta Teixeira" in told
    assert "22:14 Sunrise 07:02 The office, by itself" in told
    assert "22:14 Lunch minutes 1 h Marta Teixeira" in told
    assert told[-1] == "22:14 Imported from a file Marta Teixeira"


def test_what_was_imported_and_never_touched_says_when_and_by_whom(
    history: Any, ferry: NightFerry
) -> None:
    scene = one(ferry, "select id from scene order by id limit 1")
    told = words(history("scene", scene))
    assert told.startswith(
        "Monday 13 April 2026 22:14 Imported from a file Marta Teixeira Nothing was changed since."
    )


def test_days_are_those_of_the_production_and_the_newest_comes_first(
    history: Any, office: Flask, ferry: NightFerry
) -> None:
    house: House = office.extensions["poc"]
    ferry.production.clock = ferry.production.journal.clock = lambda: NOW + timedelta(hours=2)
    house.clock = ferry.production.clock  # a quarter past midnight in Lisbon, not in Greenwich
    ferry.write(DANA, "shoot_day", ferry.days[12], wrap="20:00")
    told = words(history("shoot_day", ferry.days[12]))
    first, second = told.index("Tuesday 14 April 2026 00:14 Wrap"), told.index("Monday 13 April")
    assert first < second


def test_a_phone_is_named(history: Any, enter: Enter, ferry: NightFerry) -> None:
    browser = enter(DANA)
    day = ferry.days[12]
    browser.post(f"{BASE}/shoot_day/{day}", data={"wrap": "20:00", **seen(ferry)})
    assert "Wrap was 19:30 20:00 Dana Farouk · iPhone" in lines(history("shoot_day", day))[0]


def test_an_edit_without_signal_says_when_it_was_typed(history: Any, ferry: NightFerry) -> None:
    typed = "2026-04-13T16:02:00Z"
    change(ferry, DANA, "wrap", "20:00", ferry.production.journal.stand(), at=typed)
    assert "typed 17:02, arrived 22:14" in lines(history("shoot_day", ferry.days[12]))[0]
    change(
        ferry, DANA, "wrap", "21:00", ferry.production.journal.stand(), at="2026-04-12T09:00:00Z"
    )
    assert "typed Sun 12 Apr, 10:00" in lines(history("shoot_day", ferry.days[12]))[0]


def test_a_moved_strip_is_told_by_its_days(history: Any, ferry: NightFerry) -> None:
    query = "select id from strip where substr(place, 1, 36) = :day order by place limit 1"
    strip = one(ferry, query, day=ferry.days[12])
    ferry.write(DANA, "strip", strip, place=f"{ferry.days[13]} m")
    ferry.write(DANA, "strip", strip, place=f"{ferry.days[13]} z")
    ferry.write(DANA, "strip", strip, place="boneyard a")
    told = lines(history("strip", strip))
    assert told[0].startswith("22:14 Day and place was Day 13 the boneyard Dana Farouk")
    assert told[1].startswith("22:14 Day and place elsewhere in Day 13 Dana Farouk")
    assert told[2].startswith("22:14 Day and place was Day 12 Day 13 Dana Farouk")


def test_a_value_kept_aside_is_told_and_how_it_was_settled(history: Any, ferry: NightFerry) -> None:
    base, day = ferry.production.journal.stand(), ferry.days[12]
    change(ferry, DANA, "general_call", "07:00", base)
    assert change(ferry, HANA, "general_call", "06:30", base).st == "conflict"
    told = lines(history("shoot_day", day))[0]
    said = "General call kept aside Hana Novak typed 06:30 while 07:00 stood."
    assert f"{said} Not settled yet. Settle it" in told
    ferry.write(COORDINATOR, "clash", one(ferry, "select id from clash"), settled="kept")
    told = lines(history("shoot_day", day))[0]
    assert f"{said} Marta Teixeira settled it and kept what stood. Use 06:30" in told


def test_long_words_are_cut_on_the_page_and_whole_in_the_form(
    history: Any, ferry: NightFerry
) -> None:
    long, day = "All bring boots. " * 40, ferry.days[12]
    ferry.write(DANA, "shoot_day", day, notes=long.strip())
    ferry.write(DANA, "shoot_day", day, notes="Bring boots")
    page = history("shoot_day", day)
    assert len(lines(page)[0]) < 400
    assert "Put back this" in lines(page)[0]
    assert f'value="{long.strip()}"' in page


def test_what_was_typed_is_only_text(history: Any, ferry: NightFerry) -> None:
    nasty = "<script>alert(1)</script>"
    ferry.write(DANA, "location", place := one(ferry, "select id from location"), parking=nasty)
    ferry.write(DANA, "location", place, parking="Quay 5")
    page = history("location", place)
    assert "<script>alert" not in page
    assert nasty in lines(page)[0]


def test_a_long_history_shows_its_newest_and_leads_to_the_rest(
    history: Any, ferry: NightFerry
) -> None:
    place = one(ferry, "select id from location")
    for number in range(AT_ONCE + 5):
        ferry.write(DANA, "location", place, notes=f"note {number}")
    page = history("location", place)
    assert len(lines(page)) == AT_ONCE
    older = re.search(r'href="[^"]+(\?before=\d+)">Show older', page)
    assert older is not None
    rest = history("location", place, query=older[1])
    assert len(lines(rest)) == 6
    assert "note 4" in lines(rest)[0]
    assert "Added" in lines(rest)[-1]
    assert "Show older" not in rest


def test_it_leads_to_what_belongs_to_the_record(history: Any, ferry: NightFerry) -> None:
    day = ferry.days[12]
    assert "Call of Make-up, day 12" in words(history("shoot_day", day))
    assert "Time 05:00" not in words(history("shoot_day", day))
    assert "Added Marta Teixeira" in lines(history("call", f"{day}.Make-up"))[0]


# Putting back


def test_an_older_value_is_put_back_as_an_edit_like_any_other(
    history: Any, enter: Enter, ferry: NightFerry
) -> None:
    day = ferry.days[12]
    page = history("shoot_day", day, DANA)
    assert put_back(enter(DANA), page, "Put back 06:00") == f"{BASE}/days/{day}"
    assert one(ferry, "select general_call from shoot_day where id = :day", day=day) == "06:00"
    told = lines(history("shoot_day", day))[0]
    assert "General call was 07:30 06:00 Dana Farouk · iPhone Put back 07:30" in told


def test_putting_back_what_somebody_changed_meanwhile_is_a_clash(
    history: Any, enter: Enter, ferry: NightFerry
) -> None:
    day = ferry.days[12]
    page = history("shoot_day", day)
    ferry.write(DANA, "shoot_day", day, general_call="09:00")
    put_back(enter(COORDINATOR), page, "Put back 06:00")
    assert one(ferry, "select general_call from shoot_day where id = :day", day=day) == "09:00"
    assert one(ferry, "select late_value from clash") == "06:00"


def test_a_removed_record_is_brought_back_as_it_was(
    history: Any, enter: Enter, ferry: NightFerry
) -> None:
    day = ferry.days[13]
    before = row(ferry, "shoot_day", day)
    browser = enter(COORDINATOR)
    browser.post(f"{BASE}/shoot_day/{day}", data={"away": "1", **seen(ferry)})
    assert row(ferry, "shoot_day", day)["gone"] == 1
    page = history("shoot_day", day)
    assert "Removed Marta Teixeira" in lines(page)[0]
    assert "Put back" not in page
    form = page.partition('aria-labelledby="lost"')[2].partition("</form>")[0]
    sent = {name: unescape(value) for name, value in INPUT.findall(form)}
    assert browser.post(f"{BASE}/shoot_day/{day}", data=sent).status_code == 303
    after = row(ferry, "shoot_day", day)
    assert {**after, "seq": 0} == {**before, "seq": 0}
    assert any("Brought back Marta Teixeira" in line for line in lines(history("shoot_day", day)))


def test_what_was_removed_is_listed_for_those_who_held_it(enter: Enter, ferry: NightFerry) -> None:
    place = one(ferry, "select id from location where name = 'Studio B'")
    with ferry.production.journal.desk() as desk:
        about = {"person": ferry.people[INES], "address": "3 Quay Row"}
        desk.create("particulars", about, "hers")
        desk.remove("particulars", "hers")
        desk.remove("location", place)
    path = f"{BASE}/history/removed"
    told = enter(DANA).get(path).text
    assert words(told) == "Studio B location"
    assert f'href="{BASE}/history/location/{place}"' in told
    assert (
        words(enter(OWEN).get(path).text)
        == f"Studio B location Private details of {INES} particulars"
    )
    assert enter(INES).get(path).status_code == 403


def test_who_may_not_write_a_kind_reads_its_history_without_buttons(
    history: Any, ferry: NightFerry
) -> None:
    page = history("shoot_day", ferry.days[12], OWEN)
    assert "General call was 06:00 07:30" in words(page)
    assert "Put back" not in page


def test_what_only_the_office_writes_cannot_be_put_back(history: Any, ferry: NightFerry) -> None:
    with ferry.production.journal.desk() as desk:
        desk.set("shoot_day", ferry.days[12], sunset="20:30")
    told = lines(history("shoot_day", ferry.days[12]))[0]
    assert told == "22:14 Sunset was 20:12 20:30 The office, by itself"


# Who may read it


@pytest.mark.parametrize("role", OFFICE)
def test_the_office_reads_the_history_of_a_day(role: str, history: Any, ferry: NightFerry) -> None:
    assert "General call" in words(history("shoot_day", ferry.days[12], WHO[role]))


@pytest.mark.parametrize("role", [*CREW, "vendor"])
def test_nobody_else_reads_any_history_not_even_their_own(
    role: str, enter: Enter, ferry: NightFerry
) -> None:
    browser = enter(WHO[role])
    for kind in ("shoot_day", "person", "membership", "particulars"):
        record = ferry.days[12] if kind == "shoot_day" else ferry.people[WHO[role]]
        told = browser.get(f"{BASE}/history/{kind}/{record}")
        assert told.status_code == 403
        assert "is for the production office" in words(told.text)


@pytest.mark.parametrize("role", OFFICE)
def test_private_details_have_a_history_only_for_those_who_hold_them(
    role: str, enter: Enter, ferry: NightFerry
) -> None:
    record = f"{ferry.people[INES]}.particulars"
    address = {"person": ferry.people[INES], "address": "3 Quay Row"}
    ferry.write(COORDINATOR, "particulars", record, **address)
    ferry.write(COORDINATOR, "particulars", record, address="4 Quay Row")
    browser, holds = enter(WHO[role]), "particulars" in READS[role]
    told = browser.get(f"{BASE}/history/particulars/{record}")
    assert told.status_code == (200 if holds else 403)
    assert ("3 Quay Row" in told.text) == holds
    beside = words(browser.get(f"{BASE}/history/person/{ferry.people[INES]}").text)
    assert ("Private details" in beside) == holds
    assert "Quay Row" not in beside


def test_there_is_no_history_of_what_never_was(enter: Enter, ferry: NightFerry) -> None:
    browser, day = enter(COORDINATOR), ferry.days[12]
    for path in ("shoot_day/nothing", "nothing/no", f"strip/{day}", f"change/{day}", "clash/no"):
        told = browser.get(f"{BASE}/history/{path}")
        assert told.status_code == 404
        assert "General call" not in told.text


@pytest.mark.parametrize("role", [*OFFICE, *CREW])
def test_a_page_leads_to_its_history_only_for_those_who_may_read_it(
    role: str, enter: Enter, ferry: NightFerry
) -> None:
    page = enter(WHO[role]).get(f"{BASE}/people/{ferry.people[INES]}")
    assert page.status_code == 200
    link = f'href="{BASE}/history/person/{ferry.people[INES]}"'
    assert (link in page.text) == (role in READS)


def test_the_pages_of_the_plan_lead_to_their_histories(enter: Enter, ferry: NightFerry) -> None:
    browser = enter(DANA)
    strip = one(ferry, "select id from strip where scene is not null order by id limit 1")
    place = one(ferry, "select id from location order by id limit 1")
    pages = {f"days/{ferry.days[12]}": f"shoot_day/{ferry.days[12]}"}
    pages |= {f"board/{strip}": f"strip/{strip}", f"locations/{place}": f"location/{place}"}
    for page, story in pages.items():
        assert f'href="{BASE}/history/{story}"' in browser.get(f"{BASE}/{page}").text
        assert browser.get(f"{BASE}/history/{story}").status_code == 200


def seen(ferry: NightFerry) -> dict[str, str]:
    """Say that a form's author had seen everything."""
    return {"seen": str(ferry.production.journal.stand())}


def row(ferry: NightFerry, kind: str, record: str) -> dict[str, Any]:
    """Read a record, removed or not."""
    with reading(ferry.production.engine) as connection:
        query = text(f"select * from {kind} where id = :id")
        return dict(connection.execute(query, {"id": record}).mappings().one())
