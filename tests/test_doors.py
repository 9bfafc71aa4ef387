"""The doors: who may open, write and hold what, and what never reaches somebody's phone at all."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from poc.demo import COORDINATOR, ROLES, SLUG, NightFerry
from poc.door import COOKIE, TRIES, TRY_SPAN
from poc.headers import BARE, FILES, HEADERS
from poc.registry import CODE_LIFE, INVITE_LIFE
from poc.worker import WORKER_POLICY
from sync.database import reading
from sync.ledger import change
from tests.test_parity import paths, scope_for

ON_BOTH = True

Enter = Callable[[str], FlaskClient]

BASE = f"/p/{SLUG}"
WHO = {"coordinator": COORDINATOR} | {role: name for name, role in ROLES.items()}
INES, WEN, SEAN, VIC = "Ines Okafor", "Wen Li", "Seán O'Dowd", "Vic Mallory"
OFFICE = ("coordinator", "upm", "ad", "accountant", "assistant")
CREW = ("head", "crew", "cast")
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


def one(ferry: NightFerry, sql: str, **about: Any) -> Any:
    with reading(ferry.production.engine) as connection:
        return connection.execute(text(sql), about).scalar()


def seen(browser: FlaskClient) -> dict[str, str]:
    """Say what a browser had seen when it filled in a form: everything."""
    return {"seen": str(browser.post(f"{BASE}/sync", json={}).get_json()["cursor"])}


def later(office: Flask, **span: float) -> None:
    """Let time pass in the office."""
    house = office.extensions["poc"]
    now = house.clock() + timedelta(**span)
    house.clock = lambda: now


# Pages: who may open which.

OPEN = {
    "/today": (*OFFICE, *CREW),
    "/schedule": (*OFFICE, *CREW),
    "/sheets/<publication>": (*OFFICE, *CREW),
    "/people": (*OFFICE, *CREW, "vendor"),
    "/people/<person>": (*OFFICE, *CREW, "vendor"),
    "/more": (*OFFICE, *CREW, "vendor"),
    "/waiting": (*OFFICE, *CREW, "vendor"),
    "/board": OFFICE,
    "/board/<strip>": OFFICE,
    "/days": OFFICE,
    "/days/<day>": OFFICE,
    "/days/<day>/sheet": OFFICE,
    "/days/<day>/publish": OFFICE,
    "/days/<day>/known": OFFICE,
    "/days/<day>/calls/<person>": OFFICE,
    "/locations": OFFICE,
    "/phones": OFFICE,
    "/people/new": OFFICE,
    "/people/<person>/edit": OFFICE,
    "/production": OFFICE,
    "/script": ("coordinator", "upm", "ad", "assistant"),
    "/script/copies": ("coordinator", "upm", "ad", "assistant"),
    "/script/<draft>": ("coordinator", "upm", "ad", "assistant"),
    "/script/scenes/<script_scene>": ("coordinator", "upm", "ad"),
    "/sides": ("coordinator", "upm", "ad"),
    "/days/<day>/sides": ("coordinator", "upm", "ad"),
}


def address(ferry: NightFerry, page: str, person: str) -> str:
    known = {
        "<day>": ferry.days[12],
        "<person>": person,
        "<strip>": one(ferry, "select min(id) from strip where scene is not null"),
        "<location>": one(ferry, "select min(id) from location"),
        "<draft>": one(ferry, "select id from draft_in_force"),
        "<script_scene>": one(ferry, "select min(id) from script_scene"),
        "<publication>": one(ferry, "select min(id) from publication where superseded = 0"),
    }
    for part, record in known.items():
        page = page.replace(part, record)
    return BASE + page


@pytest.mark.parametrize("role", WHO)
def test_a_page_opens_for_those_who_hold_all_it_reads(
    role: str, office: Flask, ferry: NightFerry, enter: Enter
) -> None:
    browser, mine = enter(WHO[role]), ferry.people[WHO[role]]
    held = set(scope_for(ferry.production, mine).reads)
    for asked in office.extensions["poc"].book.pages:
        path = asked.page.path
        told = browser.get(address(ferry, path, mine))
        opens = role in OPEN[path] if path in OPEN else asked.tables <= held
        assert told.status_code == (200 if opens else 403), f"{role} at {path}"
        if not opens:
            assert "This page is for the production office." in told.text


def test_the_first_page_is_one_the_person_may_open(enter: Enter) -> None:
    for name in WHO.values():
        browser = enter(name)
        first = browser.get(f"{BASE}/")
        assert first.status_code == 303
        assert browser.get(first.location).status_code == 200, name
        start = browser.get(f"{BASE}/manifest.webmanifest").get_json()["start_url"]
        assert start == first.location


def test_a_page_names_nothing_its_reader_could_not_open(enter: Enter) -> None:
    browser = enter(INES)
    for link in re.findall(rf'href="({BASE}/[^"#?]*)"', browser.get(f"{BASE}/today").text):
        assert browser.get(link).status_code == 200, link


# Writing: who may write which kind. Everybody may also confirm for themselves, and say what the
# office should know of them.

PLAN = {"production", "unit", "location", "scene", "element", "appearance", "shoot_day", "strip"}
PLAN |= {"attachment"}
TOLD = {"receipt", "briefing", "reminder"}
WRITES: dict[str, set[str]] = {
    "coordinator": PLAN
    | {"call", "publication", "clash", "person", "particulars", "membership"}
    | {"device", "invite", "preference", "withdrawal", "draft", "handout", *TOLD},
    "ad": PLAN | {"call", "publication", "clash", "withdrawal", "draft", "handout", *TOLD},
    "accountant": {"person", "particulars"},
    "assistant": {"location", "person", "attachment", "handout", *TOLD},
    "head": set(),
    "crew": set(),
    "cast": set(),
    "vendor": set(),
}
WRITES["upm"] = WRITES["coordinator"]


def fields(ferry: NightFerry) -> dict[str, dict[str, str]]:
    """Give one thing to write for every kind; about somebody else, where it is about somebody."""
    day, wen = ferry.days[13], ferry.people[WEN]
    query = "select id from publication where shoot_day = :day and superseded = 0"
    sheet = one(ferry, query, day=ferry.days[12])
    return {
        "production": {"notes": "Quiet, please"},
        "unit": {"name": "2nd Unit"},
        "location": {"name": "Quay"},
        "scene": {"number": "99"},
        "draft": {"colour": "Pink"},
        "handout": {"person": wen, "channel": "paper"},
        "script_scene": {"number": "99"},
        "script_text": {"text": "INT. PIER"},
        "element": {"name": "A lamp"},
        "appearance": {"scene": "some", "element": "some"},
        "shoot_day": {"notes": "Rain cover"},
        "strip": {"banner": "Company move"},
        "attachment": {"subject": "location", "about": "some", "name": "quay.jpg"},
        "call": {"shoot_day": day, "person": wen, "time": "05:00"},
        "publication": {"subject": "call_sheet", "shoot_day": day},
        "called": {"call": "04:00"},
        "receipt": {"person": wen, "department": "Camera", "state": "told"},
        "notice": {"title": "Stay at home"},
        "letter": {"revoked": "0"},
        "briefing": {"publication": sheet, "department": "Camera"},
        "reminder": {"publication": sheet},
        "calendar": {"revoked": "0"},
        "clash": {"settled": "kept"},
        "person": {"name": "Nova Reis"},
        "membership": {"person": wen, "role": "coordinator"},
        "device": {"name": "Radio"},
        "invite": {"person": wen},
        "particulars": {"person": wen, "notes": "Allergic to nuts"},
        "preference": {"person": wen, "language": "fr"},
        "withdrawal": {"publication": in_force(ferry)},
    }


def in_force(ferry: NightFerry) -> str:
    """Give the call sheet of tomorrow, which was published a moment ago."""
    query = "select id from publication where shoot_day = :day and superseded = 0"
    return str(one(ferry, query, day=ferry.days[12]))


@pytest.mark.parametrize("role", WHO)
def test_a_form_writes_only_what_the_role_may(role: str, ferry: NightFerry, enter: Enter) -> None:
    browser, kinds = enter(WHO[role]), fields(ferry)
    assert set(kinds) == set(ferry.production.journal.kinds)
    for kind, form in kinds.items():
        before = one(ferry, f'select count(*) from "{kind}"')
        told = browser.post(f"{BASE}/{kind}", data=form)
        made = one(ferry, f'select count(*) from "{kind}"') - before
        if kind in WRITES[role]:
            assert (told.status_code, made) == (303, 1), f"{role} writes {kind}: {told.text[:500]}"
        else:
            assert (told.status_code, made) == (422, 0), f"{role} writes {kind}"
            assert "Not accepted: " in told.text


@pytest.mark.parametrize("role", WHO)
def test_a_device_writes_only_what_its_role_may(role: str, ferry: NightFerry, enter: Enter) -> None:
    browser, kinds = enter(WHO[role]), fields(ferry)
    changes = [
        {"id": f"d.{kind}", "do": "create", "kind": kind, "record": f"r-{kind}", "value": value}
        for kind, value in kinds.items()
    ]
    results = dict(browser.post(f"{BASE}/sync", json={"changes": changes}).get_json()["results"])
    for kind in kinds:
        told = results[f"d.{kind}"]
        expected = "applied" if kind in WRITES[role] else "rejected"
        assert told["st"] == expected, f"{role} writes {kind}: {told}"
        if expected == "rejected":
            assert told["why"] == "permission"
            assert told["say"].startswith("Not accepted: ")
            assert one(ferry, f"select count(*) from \"{kind}\" where id = 'r-{kind}'") == 0


@pytest.mark.parametrize("role", [*CREW, "vendor"])
def test_everybody_confirms_for_themselves_and_for_nobody_else(
    role: str, ferry: NightFerry, enter: Enter
) -> None:
    browser, mine = enter(WHO[role]), ferry.people[WHO[role]]
    form = {"publication": "some", "state": "confirmed", "at": "@now", "how": "app"}
    assert browser.post(f"{BASE}/receipt", data={**form, "person": mine}).status_code == 303
    others = {**form, "person": ferry.people[WEN], "department": "Camera"}
    assert browser.post(f"{BASE}/receipt", data=others).status_code == 422
    own = {"person": mine, "notes": "No nuts"}
    assert browser.post(f"{BASE}/particulars", data=own).status_code == 303
    record = one(ferry, "select id from particulars where person = :mine", mine=mine)
    stolen = {"person": ferry.people[WEN]}
    assert browser.post(f"{BASE}/particulars/{record}", data=stolen).status_code == 422
    assert one(ferry, "select person from particulars where id = :id", id=record) == mine


def test_nobody_raises_themselves(ferry: NightFerry, enter: Enter) -> None:
    mine = ferry.people[INES]
    record = one(ferry, "select id from membership where person = :mine", mine=mine)
    told = enter(INES).post(f"{BASE}/membership/{record}", data={"role": "coordinator"})
    assert told.status_code == 422
    assert one(ferry, "select role from membership where id = :id", id=record) == "crew"


def test_a_refused_form_gives_back_what_was_typed_and_nothing_else(
    ferry: NightFerry, enter: Enter
) -> None:
    ferry.write(COORDINATOR, "shoot_day", ferry.days[13], notes="XYZZY")
    told = enter(INES).post(f"{BASE}/shoot_day/{ferry.days[13]}", data={"notes": "Bring tea"})
    assert told.status_code == 422
    assert "Bring tea" in told.text
    assert "XYZZY" not in told.text


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example", "/join", "", "/p/other/today"]
)
def test_a_form_leads_back_into_the_production_only(back: str, enter: Enter) -> None:
    form = {"name": "2nd Unit", "back": back}
    told = enter(COORDINATOR).post(f"{BASE}/unit", data=form)
    assert (told.status_code, told.location) == (303, f"{BASE}/today")


# Who is asking at all.

ROUTES = {
    f"{BASE}/": 401,
    f"{BASE}/today": 401,
    f"{BASE}/nothing/like/this": 401,
    f"{BASE}/sync/snapshot": 401,
    f"{BASE}/sync/live": 401,
    f"{BASE}/history/production/production": 401,
    f"{BASE}/history/removed": 401,
    f"{BASE}/import": 401,
    f"{BASE}/bell/key": 401,
    f"{BASE}/blobs/some": 401,
    f"{BASE}/blobs/some/arrived": 401,
    f"{BASE}/manifest.webmanifest": 401,
    "/": 303,
    "/start": 303,
    "/join": 200,
    "/sw.js": 200,
    "/static/000000000000/book.js": 404,
    "/static/000000000000/shell.json": 404,
    "/static/000000000000/app.js": 404,
    "/favicon.ico": 200,
    "/static/app.css": 200,
    "/static/../book.py": 404,
    "/static/%2e%2e/book.py": 404,
    "/static/nothing.js": 404,
    "/nothing": 404,
    "/m/some": 404,
    "/m/some/stop": 404,
    "/cal/nothing.ics": 404,
}
POSTS = {
    f"{BASE}/sync": 401,
    f"{BASE}/attachment": 401,
    f"{BASE}/person": 401,
    f"{BASE}/person/some": 401,
    f"{BASE}/import": 401,
    f"{BASE}/invites/some/open": 401,
    f"{BASE}/calendars/some/open": 401,
    f"{BASE}/bell": 401,
    f"{BASE}/bell/off": 401,
    f"{BASE}/bell/receipt": 401,
    "/start": 403,
    "/join": 404,
    "/sign-out": 303,
}


# Personal links, which stand for themselves: mail programs post to them, from wherever they are.
LINKS = {"/m/some": 404, "/m/some/stop": 404}


def test_every_address_of_the_office_is_asked_about_here(office: Flask) -> None:
    known = {"GET": ROUTES, "POST": POSTS | LINKS, "PUT": {f"{BASE}/blobs/some": 401}}
    known |= {"DELETE": {f"{BASE}/bell": 401}}
    adapter = office.url_map.bind("localhost")
    for method, routes in known.items():
        tested = {
            adapter.match(path.replace("%2e", "."), method)[0]
            for path in routes
            if path not in ("/nothing",)
        }
        every = {
            rule.endpoint for rule in office.url_map.iter_rules() if method in (rule.methods or ())
        }
        assert every == tested


def test_a_stranger_finds_the_way_in_and_nothing_else(stranger: FlaskClient) -> None:
    for path, status in ROUTES.items():
        told = stranger.get(path)
        assert told.status_code == status, path
        assert told.location == ("/join" if status == 303 else None), path
        assert b"Night Ferry" not in told.data, path


def test_a_stranger_writes_nothing(stranger: FlaskClient, ferry: NightFerry) -> None:
    before = ferry.production.journal.stand()
    for path, status in (POSTS | LINKS).items():
        assert stranger.post(path).status_code == status, path
    assert ferry.production.journal.stand() == before


@pytest.mark.parametrize(
    "sent",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {},
    ],
    ids=str,
)
def test_what_another_site_sends_is_not_taken(
    sent: dict[str, str], enter: Enter, ferry: NightFerry
) -> None:
    browser = enter(COORDINATOR)
    del browser.environ_base["HTTP_SEC_FETCH_SITE"]
    before = ferry.production.journal.stand()
    for path in POSTS:
        told = browser.post(path, headers=sent, data={"name": "Nova Reis"})
        assert told.status_code == 403, path
        assert "another site" in told.text, path
    assert ferry.production.journal.stand() == before


def test_a_browser_that_names_no_fetch_site_is_known_by_its_origin(enter: Enter) -> None:
    browser = enter(COORDINATOR)
    del browser.environ_base["HTTP_SEC_FETCH_SITE"]
    sent = {"Origin": "http://localhost"}
    assert browser.post(f"{BASE}/unit", headers=sent, data={"name": "B"}).status_code == 303


def test_a_seat_in_one_production_opens_no_other(office: Flask, enter: Enter) -> None:
    office.extensions["poc"].productions.begin("other-film")
    browser = enter(COORDINATOR)
    for slug in ("other-film", "no-such-film", "..", "%2e%2e"):
        for path in ("", "today", "sync/snapshot", "import", "manifest.webmanifest"):
            assert browser.get(f"/p/{slug}/{path}").status_code == 404, f"{slug}/{path}"
        assert browser.post(f"/p/{slug}/person", data={"name": "Nova"}).status_code == 404
        assert browser.post(f"/p/{slug}/sync", json={}).status_code == 404


def test_only_those_who_may_write_a_schedule_may_bring_one_in(enter: Enter) -> None:
    for role, name in WHO.items():
        browser = enter(name)
        expected = 200 if role in ("coordinator", "upm") else 403
        assert browser.get(f"{BASE}/import").status_code == expected, role
        upload = {"file": (BytesIO(b"Name,Phone\nAnn,1\n"), "a.csv")}
        assert browser.post(f"{BASE}/import", data=upload).status_code == expected, role


@pytest.mark.parametrize("sent", ["[]", '{"changes": 1}', '"x"', "{", "null"])
def test_a_damaged_exchange_is_refused(sent: str, enter: Enter) -> None:
    browser = enter(INES)
    told = browser.post(f"{BASE}/sync", data=sent, content_type="application/json")
    assert told.status_code == 400
    assert browser.post(f"{BASE}/sync", data=sent, content_type="text/plain").status_code == 415


# Coming in, and being put out.


@dataclass(frozen=True)
class Invitation:
    """What the coordinator reads off the screen, once."""

    record: str
    token: str
    code: str


@pytest.fixture
def invite(enter: Enter, ferry: NightFerry) -> Callable[[], Invitation]:
    """Ask Wen Li in, as the coordinator does."""
    browser = enter(COORDINATOR)

    def asked() -> Invitation:
        browser.post(f"{BASE}/invite", data={"person": ferry.people[WEN]})
        record = one(ferry, "select max(id) from invite")
        return opened(browser, record)

    return asked


def opened(browser: FlaskClient, record: str) -> Invitation:
    page = browser.post(f"{BASE}/invites/{record}/open")
    assert page.status_code == 200
    token = re.findall(r"/join#([\w-]{20,})", page.text)[0]
    digits = re.sub(r"\D", "", re.findall(r"\b(\d{3} ?\d{3})\b", page.text)[-1])
    return Invitation(record, token, digits)


def test_an_invite_link_lets_one_browser_in_once(
    invite: Callable[[], Invitation], stranger: FlaskClient, office: Flask, ferry: NightFerry
) -> None:
    way = invite()
    told = stranger.post("/join", data={"token": way.token})
    assert (told.status_code, told.location) == (303, f"{BASE}/")
    assert stranger.get(f"{BASE}/today").status_code == 200
    assert WEN in stranger.get(f"{BASE}/today").text
    assert one(ferry, "select used_at from invite where id = :id", id=way.record)
    for secret in ({"token": way.token}, {"code": way.code}):
        again = office.test_client().post("/join", data=secret, headers=SAME_SITE)
        assert again.status_code == 404
        assert "does not work any more" in again.text
        assert "Set-Cookie" not in again.headers


def test_the_six_digits_let_somebody_in_with_or_without_a_gap(
    invite: Callable[[], Invitation], stranger: FlaskClient
) -> None:
    code = invite().code
    told = stranger.post("/join", data={"code": f"{code[:3]} {code[3:]}"})
    assert (told.status_code, told.location) == (303, f"{BASE}/")


def test_a_code_ends_before_its_link_and_the_link_ends_too(
    invite: Callable[[], Invitation], office: Flask, stranger: FlaskClient
) -> None:
    way = invite()
    later(office, hours=CODE_LIFE.total_seconds() / 3600 + 0.1)
    assert stranger.post("/join", data={"code": way.code}).status_code == 404
    later(office, days=(INVITE_LIFE - CODE_LIFE).days)
    assert stranger.post("/join", data={"token": way.token}).status_code == 404


def test_a_cancelled_invite_lets_nobody_in(
    invite: Callable[[], Invitation], enter: Enter, stranger: FlaskClient
) -> None:
    way, browser = invite(), enter(COORDINATOR)
    browser.post(f"{BASE}/invite/{way.record}", data={"cancelled": "1", **seen(browser)})
    for secret in ({"token": way.token}, {"code": way.code}):
        assert stranger.post("/join", data=secret).status_code == 404
    assert browser.post(f"{BASE}/invites/{way.record}/open").status_code == 404


def test_a_fresh_link_ends_the_one_before(
    invite: Callable[[], Invitation], enter: Enter, stranger: FlaskClient
) -> None:
    old = invite()
    new = opened(enter(COORDINATOR), old.record)
    assert stranger.post("/join", data={"token": old.token}).status_code == 404
    assert stranger.post("/join", data={"token": new.token}).status_code == 303


def test_only_the_office_hands_out_ways_in(invite: Callable[[], Invitation], enter: Enter) -> None:
    record = invite().record
    for role, name in WHO.items():
        told = enter(name).post(f"{BASE}/invites/{record}/open")
        assert told.status_code == (200 if role in ("coordinator", "upm") else 403), role


def test_guessing_codes_is_stopped_and_forgotten_after_a_while(
    invite: Callable[[], Invitation], office: Flask, stranger: FlaskClient
) -> None:
    way = invite()
    wrong = f"{(int(way.code) + 1) % 1_000_000:06d}"
    for _ in range(TRIES):
        assert stranger.post("/join", data={"code": wrong}).status_code == 404
    told = stranger.post("/join", data={"code": way.code})
    assert told.status_code == 429
    assert "Too many tries" in told.text
    later(office, minutes=TRY_SPAN.total_seconds() / 60 + 1)
    assert stranger.post("/join", data={"code": way.code}).status_code == 303


def test_a_whole_crew_comes_in_from_one_address(
    invite: Callable[[], Invitation], office: Flask
) -> None:
    for n in range(TRIES + 4):
        way = invite()
        secret = {"code": way.code} if n % 2 else {"token": way.token}
        told = office.test_client().post("/join", data=secret, headers=SAME_SITE)
        assert told.status_code == 303


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    invite: Callable[[], Invitation], office: Flask
) -> None:
    for site, secure in (("http://localhost", False), ("https://localhost", True)):
        token = invite().token
        told = office.test_client().post(
            "/join", data={"token": token}, headers=SAME_SITE, base_url=site
        )
        cookie = told.headers["Set-Cookie"]
        assert cookie.startswith(f"{COOKIE}=")
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/" in cookie
        assert ("Secure" in cookie) == secure


def test_a_device_that_is_put_out_gets_nothing_and_what_it_sends_is_kept(
    enter: Enter, ferry: NightFerry
) -> None:
    browser = enter(INES)
    device = one(ferry, "select id from device where person = :p", p=ferry.people[INES])
    office = enter(COORDINATOR)
    office.post(f"{BASE}/device/{device}", data={"revoked": "1", **seen(office)})
    for path in ("/", "/today", "/sync/snapshot", "/people"):
        told = browser.get(BASE + path)
        assert told.status_code == 403
        assert "not part of the production any more" in told.text
        assert COORDINATOR not in told.text
    note = {"person": ferry.people[INES], "notes": "Typed on the mountain"}
    waiting = {"id": "d.1", "do": "create", "kind": "particulars", "record": "r1", "value": note}
    answer = browser.post(f"{BASE}/sync", json={"changes": [waiting]}).get_json()
    assert answer["revoked"] is True
    assert answer["records"] == []
    assert answer["results"][0][1]["st"] == "rejected"
    with reading(ferry.production.engine) as connection:
        kept = connection.execute(select(change).where(change.c.id == "d.1")).one()
    assert (kept.device, kept.st) == (device, "rejected")
    assert "Typed on the mountain" in kept.wire


def test_a_person_who_left_gets_nothing(enter: Enter, ferry: NightFerry) -> None:
    browser = enter(INES)
    office = enter(COORDINATOR)
    office.post(f"{BASE}/person/{ferry.people[INES]}", data={"away": "1", **seen(office)})
    assert browser.get(f"{BASE}/today").status_code == 403
    assert browser.post(f"{BASE}/sync", json={}).get_json()["revoked"] is True


def test_signing_out_ends_this_browser_and_no_other(enter: Enter) -> None:
    here, there = enter(INES), enter(INES)
    assert here.post("/sign-out").location == "/join"
    assert here.get(f"{BASE}/today").status_code == 401
    assert there.get(f"{BASE}/today").status_code == 200


# What every answer carries.


def answers(enter: Enter, ferry: NightFerry, stranger: FlaskClient) -> Iterator[TestResponse]:
    browser = enter(COORDINATOR)
    for asking in (browser, stranger):
        yield from (asking.get(path) for path in ROUTES if path != "/sw.js")
        yield from (asking.post(path) for path in POSTS if path != "/sign-out")
    yield browser.get(f"{BASE}/nothing")
    yield browser.get(f"{BASE}/people/{ferry.people[INES]}/card.vcf")
    yield browser.post(f"{BASE}/call", data={"time": "half past"})
    yield browser.delete(f"{BASE}/today")
    yield enter(VIC).get(f"{BASE}/today")
    yield browser.post(f"{BASE}/sync", json={})
    yield browser.post(f"{BASE}/unit", headers={"Sec-Fetch-Site": "cross-site"})


def test_every_answer_keeps_the_page_to_its_own_scripts(
    enter: Enter, ferry: NightFerry, stranger: FlaskClient
) -> None:
    for told in answers(enter, ferry, stranger):
        needed = BARE if told.mimetype in FILES else HEADERS
        if told.request.path in LINKS:  # the address is the key: no other site may read it
            needed = {**needed, "Referrer-Policy": "no-referrer"}
        for name, value in needed.items():
            assert told.headers[name] == value, told.request.path
        assert told.headers["Cache-Control"], told.request.path
        assert told.status_code != 500, told.request.path
    assert stranger.get("/sw.js").headers["Content-Security-Policy"] == WORKER_POLICY
    assert stranger.get("/sw.js").headers["Service-Worker-Allowed"] == "/"


def test_what_goes_without_the_policy_can_never_be_shown_as_a_page() -> None:
    assert not {"text/html", "image/svg+xml", "application/xhtml+xml", "text/xml"} & set(FILES)
    assert BARE["X-Content-Type-Options"] == "nosniff"


def test_the_policy_lets_no_page_run_a_script_from_elsewhere_or_within() -> None:
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_no_page_holds_a_script_or_a_style_of_its_own(ferry: NightFerry, enter: Enter) -> None:
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\son[a-z]+=|\sstyle=|javascript:")
    browser = enter(COORDINATOR)
    book = browser.application.extensions["poc"].book
    for path in paths(book, ferry.production):
        told = browser.get(BASE + path)
        assert not inline.search(told.text), path
        assert told.headers["Cache-Control"] == "no-store", path


def test_a_time_zone_that_does_not_exist_is_refused(ferry: NightFerry, enter: Enter) -> None:
    browser = enter(COORDINATOR)
    form = {"zone": "Mars/Base", **seen(browser)}
    told = browser.post(f"{BASE}/production/production", data=form)
    assert told.status_code == 422
    assert "The time zone is written like Europe/Lisbon." in told.text
    assert browser.get(f"{BASE}/today").status_code == 200
