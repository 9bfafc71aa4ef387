"""The corner of the owner: the first link, starting productions, their names in addresses."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient

from poc.demo import COORDINATOR
from poc.owner import begun, first_records, free_slug, qr, slug_of
from poc.registry import new_way
from tests.conftest import NOW
from tests.test_doors import BASE, SAME_SITE, Enter

ON_BOTH = True


def test_the_owners_link_opens_the_office_once(office: Flask, stranger: FlaskClient) -> None:
    token, _ = new_way("owner", None, None, office.extensions["poc"].salt, NOW)
    told = stranger.post("/join", data={"token": token})
    assert (told.status_code, told.location) == (303, "/")
    assert stranger.get("/").location == "/start"
    other = office.test_client().post("/join", data={"token": token}, headers=SAME_SITE)
    assert other.status_code == 404
    form = {"title": "Salt & Ash", "name": "Noor Haddad", "zone": "Europe/Madrid"}
    begun = stranger.post("/start", data=form)
    assert (begun.status_code, begun.location) == (303, "/p/salt-ash/board")
    assert stranger.get("/p/salt-ash/board").status_code == 200
    assert stranger.get(f"{BASE}/today").status_code == 404


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"title": "", "name": "Noor", "zone": "Europe/Madrid"}, "needs a title"),
        ({"title": "Salt", "name": " ", "zone": "Europe/Madrid"}, "you need a name"),
        ({"title": "Salt", "name": "Noor", "zone": "Mars/Base"}, "Choose the time zone"),
    ],
)
def test_a_production_is_not_started_by_half(
    form: dict[str, str], sentence: str, office: Flask, stranger: FlaskClient
) -> None:
    token, _ = new_way("owner", None, None, office.extensions["poc"].salt, NOW)
    stranger.post("/join", data={"token": token})
    told = stranger.post("/start", data=form)
    assert told.status_code == 422
    assert sentence in told.text


def test_only_the_owner_starts_productions(enter: Enter) -> None:
    browser = enter(COORDINATOR)
    form = {"title": "Salt", "name": "Noor", "zone": "Europe/Madrid"}
    assert browser.post("/start", data=form).status_code == 403
    assert browser.get("/start").location == "/join"


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Night Ferry", "night-ferry"),
        ("  Salt & Ash!  ", "salt-ash"),
        ("Coração", "coracao"),
        ("Der Fluß", "der-fluss"),
        ("2046", "2046"),
        ("花样年华", "production"),
        ("", "production"),
        ("../../etc", "etc"),
        ("a" * 39 + " b", "a" * 39),
    ],
)
def test_a_title_becomes_an_address(title: str, slug: str) -> None:
    assert slug_of(title) == slug


def test_two_films_of_one_title_have_two_addresses(office: Flask) -> None:
    productions = office.extensions["poc"].productions
    assert free_slug("Night Ferry") == "night-ferry-2"
    productions.begin("night-ferry-2")
    assert free_slug("Night Ferry") == "night-ferry-3"
    assert free_slug("New") == "new-2"


def test_a_production_begins_with_its_coordinator(office: Flask) -> None:
    production = office.extensions["poc"].productions.begin("salt-ash")
    person = first_records(production, "Salt & Ash", "Europe/Madrid", "Noor Haddad")
    assert (production.title, str(production.zone)) == ("Salt & Ash", "Europe/Madrid")
    found = production.journal.scope_of  # what she may do is worked out like for everybody
    with production.engine.connect() as connection:
        scope = found(connection, person)
    assert scope is not None
    made = {"called", "notice", "script_scene", "script_text"}  # by the office itself
    assert set(scope.writes) == set(production.journal.kinds) - made


def test_who_sits_in_several_productions_chooses(office: Flask, enter: Enter) -> None:
    browser = enter(COORDINATOR)
    assert browser.get("/").location == f"{BASE}/"
    productions = office.extensions["poc"].productions
    other = productions.begin("salt-ash")
    person = first_records(other, "Salt & Ash", "Europe/Madrid", "Noor Haddad")
    token, _ = new_way("owner", "salt-ash", person, office.extensions["poc"].salt, NOW)
    assert browser.post("/join", data={"token": token}).status_code == 303
    home = browser.get("/").text
    assert "/p/night-ferry/" in home
    assert "/p/salt-ash/" in home


def test_a_link_is_drawn_without_anybody_elses_help() -> None:
    assert qr("https://film.example/join#abc").startswith("data:image/svg+xml")


def test_productions_of_one_title_begun_at_once_get_a_name_each(office: Flask) -> None:
    def begin(_: int) -> str:
        with office.app_context():
            return begun("Salt").slug

    with ThreadPoolExecutor(4) as pool:
        slugs = set(pool.map(begin, range(4)))
    assert slugs == {"salt", "salt-2", "salt-3", "salt-4"}
