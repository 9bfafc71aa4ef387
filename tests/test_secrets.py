"""What a person may not hold is in no byte that ever reaches their phone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from poc.demo import COORDINATOR, NightFerry
from poc.roles import READS
from sync.database import reading
from tests.test_doors import BASE, INES, ROUTES, SEAN, VIC, WEN, WHO, Enter, fields, one
from tests.test_parity import paths

SECRET = re.compile(rb"XYZZY-[\w-]+")


@dataclass
class Vault:
    """Texts that must not reach others, each under a name that says where it was hidden."""

    ferry: NightFerry
    names: list[str] = field(default_factory=list)

    def hide(self, name: str) -> str:
        self.names.append(f"XYZZY-{name}")
        return self.names[-1]

    def write(self, kind: str, record: str = "", *names: str, **fields: Any) -> None:
        """Write secrets as the coordinator, one in each of the named fields."""
        secrets = {name: self.hide(f"{kind}-{name}") for name in names}
        told = self.ferry.write(COORDINATOR, kind, record, **fields, **secrets)
        assert told.st == "applied", told


def hide_private(vault: Vault) -> None:
    """Hide what concerns only the office and Wen Li, who works in Camera."""
    ferry, wen = vault.ferry, vault.ferry.people[WEN]
    private = ("address", "born", "emergency_contact", "notes")
    vault.write("particulars", "", *private, person=wen)
    vault.write("invite", "", "made_by", person=wen)
    vault.write("receipt", "", "how", person=wen, department="Camera", state="told")
    vault.write("membership", "", "department", person=wen, role="head")
    scene = one(ferry, "select scene from strip where place like :day || '%'", day=ferry.days[12])
    vault.write("scene", scene, "notes")
    vault.write(
        "call",
        f"{ferry.days[18]}.{wen}",
        "note",
        "pickup_place",
        person=wen,
        shoot_day=ferry.days[18],
    )
    vault.write("location", "", "name", "address", "notes", "parking")
    vault.write("attachment", "", "name", subject="shoot_day", about=ferry.days[12])
    with ferry.production.journal.desk() as desk:
        about = {"person": wen, "urgency": "high"}
        letter = {"title": vault.hide("notice-title"), "body": vault.hide("notice-body")}
        desk.create("notice", {**about, **letter})
        desk.create("letter", {"person": wen, "address": vault.hide("letter-address")})
        desk.create("device", {"person": wen, "name": vault.hide("device-name")})
        kept = {"late_value": vault.hide("late"), "kept_value": vault.hide("kept")}
        label = {"label": vault.hide("clash-label"), "late_by": ferry.people["Dana Farouk"]}
        desk.create("clash", {"subject": "shoot_day", **kept, **label})


def hide_draft(vault: Vault) -> None:
    """Hide what is planned and not published, and what was published and is not in force."""
    ferry, day = vault.ferry, vault.ferry.days[12]
    vault.write("shoot_day", day, "weather", "safety", "notes")
    scene = one(ferry, "select scene from strip where place like :day || '%'", day=day)
    vault.write("scene", scene, "set_name", "synopsis", "script_day", "number")
    vault.write("strip", "", "banner", place=f"{day} 000050")
    vault.write(
        "call",
        f"{day}.{ferry.people[WEN]}",
        "note",
        "pickup_place",
        shoot_day=day,
        person=ferry.people[WEN],
    )
    place = one(ferry, "select location from shoot_day where id = :day", day=day)
    vault.write("location", place, "name", "address", "base_camp", "hospital", "notes")
    vault.write("element", one(ferry, "select min(id) from element"), "name")
    vault.write("unit", one(ferry, "select min(id) from unit"), "name")
    other = one(
        ferry,
        "select called.id from called join publication on publication.id = called.publication"
        " where publication.superseded = 0 and called.person = :wen",
        wen=ferry.people[WEN],
    )
    with ferry.production.journal.desk() as desk:
        desk.set("called", other, note=vault.hide("called-note"))


@pytest.fixture
def vault(ferry: NightFerry) -> Vault:
    """Night Ferry with secrets in every corner; day 12 and the schedule published among them."""
    vault = Vault(ferry)
    ferry.publish(13, vault.hide("superseded-note"))
    hide_private(vault)
    ferry.write(COORDINATOR, "shoot_day", ferry.days[12], weather="PLUGH, then sun")
    ferry.publish(12)
    ferry.publish(13)
    ferry.write(COORDINATOR, "publication", subject="schedule")
    hide_draft(vault)
    ferry.write(COORDINATOR, "production", "production", notes="Quiet on the quay")
    return vault


def everything(browser: FlaskClient, ferry: NightFerry, stand: dict[str, Any]) -> Iterator[bytes]:
    """Give every byte a browser can get: pages, refusals, the copy, the exchange, the app."""
    house = browser.application.extensions["poc"]
    for path in paths(house.book, ferry.production):
        yield browser.get(BASE + path).data
    for kind, value in fields(ferry).items():
        yield browser.post(f"{BASE}/{kind}", data=value).data
        for record in records(ferry, kind):
            yield browser.post(f"{BASE}/{kind}/{record}", data={**value, "seen": "1"}).data
    yield browser.get(f"{BASE}/sync/snapshot").data
    told = browser.post(f"{BASE}/sync", json=stand)
    assert not told.get_json()["reset"]
    assert told.get_json()["records"]
    yield told.data
    for path in ROUTES.keys() - {f"{BASE}/sync/live"}:  # which goes on for ever; see test_live
        yield browser.get(path).data


def records(ferry: NightFerry, kind: str) -> list[str]:
    """Name the records of a kind that hold secrets, and the newest ones."""
    with reading(ferry.production.engine) as connection:
        query = text(f'select id from "{kind}" order by seq desc limit 3')
        return list(connection.execute(query).scalars())


def stands(browser: FlaskClient) -> dict[str, Any]:
    first = browser.post(f"{BASE}/sync", json={}).get_json()
    return {"generation": first["generation"], "epoch": first["epoch"], "cursor": first["cursor"]}


@pytest.mark.parametrize("name", [INES, "Astrid Lindqvist", SEAN, VIC])
def test_no_byte_of_what_others_may_hold_reaches_a_phone(
    name: str, enter: Enter, ferry: NightFerry, request: pytest.FixtureRequest
) -> None:
    browser = enter(name)
    stand = stands(browser)
    vault: Vault = request.getfixturevalue("vault")
    told = b"\0".join(everything(browser, ferry, stand))
    assert sorted(set(SECRET.findall(told))) == []
    assert (b"PLUGH" in told) == (name != VIC)  # what was published did arrive
    assert len(vault.names) > 30


def test_the_secrets_are_where_the_coordinator_finds_them(enter: Enter, vault: Vault) -> None:
    copy = enter(COORDINATOR).get(f"{BASE}/sync/snapshot").data
    assert [name for name in vault.names if name.encode() not in copy] == []


@pytest.mark.parametrize("role", ["ad", "assistant"])
def test_particulars_reach_only_those_who_may_hold_them(
    role: str, enter: Enter, vault: Vault, ferry: NightFerry
) -> None:
    assert "particulars" not in READS[role]
    browser = enter(WHO[role])
    told = browser.get(f"{BASE}/sync/snapshot").data
    told += browser.get(f"{BASE}/people/{ferry.people[WEN]}").data
    assert b"XYZZY-particulars" not in told
    assert b"XYZZY-scene-notes" in told


def test_a_notice_says_only_what_concerns_its_person(vault: Vault, ferry: NightFerry) -> None:
    query = text("select title || coalesce(body, '') from notice where person <> :wen")
    with reading(ferry.production.engine) as connection:
        letters = connection.execute(query, {"wen": ferry.people[WEN]}).scalars().all()
    assert letters
    assert not [letter for letter in letters if "XYZZY" in letter]


def test_nothing_private_is_printed_while_the_office_works(
    enter: Enter, vault: Vault, ferry: NightFerry, capfd: pytest.CaptureFixture[str]
) -> None:
    browser = enter(INES)
    list(everything(browser, ferry, {**stands(browser), "cursor": 1}))
    printed = capfd.readouterr()
    assert "XYZZY" not in printed.out + printed.err


def test_no_key_of_a_device_is_in_any_copy(ferry: NightFerry, enter: Enter) -> None:
    enter(INES)
    copy = ferry.production.journal.snapshot(ferry.people[COORDINATOR], {})
    assert b"hash" not in copy
