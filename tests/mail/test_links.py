"""A personal link shows one person their call; only a tap on it tells the office they know."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from poc.demo import COORDINATOR, SLUG
from poc.door import TRIES
from poc.mail import links
from poc.mail.routes import PRIVATE
from tests.conftest import NOW
from tests.mail.conftest import INES, PLACE, WEN, Post
from tests.mail.mail_server import MailServer

ON_BOTH = True
LETTER = "01890a5d-ac96-774b-bcce-b302099a8057"


@pytest.fixture
def browser(stranger: FlaskClient) -> FlaskClient:
    """A browser that was never let in, and knows nothing of fetch sites either."""
    del stranger.environ_base["HTTP_SEC_FETCH_SITE"]
    return stranger


def link(post: Post, server: MailServer, name: str = INES) -> str:
    """Give the path of the newest link mailed to somebody."""
    post.go()
    part = server.of(post.address(name))[-1].message.get_body(("plain",))
    assert part is not None
    found = re.search(rf"{PLACE}(/m/[\w.-]+)\r?$", str(part.get_content()), re.MULTILINE)
    assert found is not None
    return found[1]


def confirm(browser: FlaskClient, path: str) -> None:
    """Tap the button of the page as it is now."""
    found = re.search(r'name="publication" value="([^"]+)"', browser.get(path).text)
    assert found is not None
    assert browser.post(path, data={"publication": found[1]}).status_code == 303


def receipts(post: Post, name: str = INES) -> list[dict[str, object]]:
    query = "select * from receipt where person = :person and how = 'link' and gone = 0"
    return post.ask(query, person=post.ferry.people[name])


def test_a_link_shows_the_persons_own_call_and_needs_no_password(
    post: Post, mail_server: MailServer, browser: FlaskClient
) -> None:
    post.change("05:30")
    told = browser.get(link(post, mail_server))
    assert told.status_code == 200
    assert "Call 07:30 → 05:30, Tue 14 Apr" in told.text
    assert "Pier 9 Warehouse" in told.text
    assert "Got it" in told.text
    assert "<script" not in told.text
    assert not {name for name in post.ferry.people if name in told.text}
    for name, value in PRIVATE.items():
        assert told.headers[name] == value


def test_opening_a_link_confirms_nothing_and_stops_nothing(
    post: Post, mail_server: MailServer, browser: FlaskClient
) -> None:
    post.change("05:30")
    path = link(post, mail_server)
    browser.head(path)
    assert post.letter()["opened_at"] is None
    browser.get(path)
    browser.get(f"{path}/stop")
    assert post.letter()["opened_at"] == "2026-04-13T21:14:00Z"
    assert post.letter()["stopped_at"] is None
    assert receipts(post) == []
    post.later(minutes=15)
    post.go()
    assert post.letter()["channel"] == "phone"


def test_a_tap_writes_one_receipt_of_that_person_for_that_sheet(
    post: Post, mail_server: MailServer, browser: FlaskClient
) -> None:
    post.change("05:30")
    path = link(post, mail_server)
    confirm(browser, path)
    (sheet,) = post.ask("select id from publication where superseded = 0 and date = '2026-04-14'")
    browser.post(path, data={"publication": sheet["id"]})
    (one,) = receipts(post)
    assert (one["state"], one["publication"]) == ("confirmed", sheet["id"])
    assert (one["at"], one["department"]) == ("2026-04-13T21:14:00Z", "Camera")
    assert "Thank you. The office knows that you know." in browser.get(path).text
    post.later(hours=1)
    post.go()
    assert len(post.letters()) == 1


def test_a_tap_confirms_only_what_names_the_person(
    post: Post, mail_server: MailServer, browser: FlaskClient
) -> None:
    post.change("05:30")
    path = link(post, mail_server)
    (schedule,) = post.ask("select id from publication where subject = 'schedule'")
    for publication in ("", "no such sheet", schedule["id"]):
        assert browser.post(path, data={"publication": publication}).status_code == 303
    assert receipts(post) == []


def test_a_newer_call_replaces_the_one_in_the_mail_and_is_what_is_confirmed(
    post: Post, mail_server: MailServer, browser: FlaskClient
) -> None:
    post.change("05:30")
    path = link(post, mail_server)
    post.change("05:15")
    told = browser.get(path).text
    assert "This replaces the mail you got" in told
    assert "Call 05:30 → 05:15" in told
    confirm(browser, path)
    (sheet,) = post.ask("select id from publication where superseded = 0 and date = '2026-04-14'")
    assert [one["publication"] for one in receipts(post)] == [sheet["id"]]


def test_a_newer_sheet_that_changes_nothing_of_theirs_says_so(
    post: Post, mail_server: MailServer, browser: FlaskClient
) -> None:
    post.change("05:30")
    path = link(post, mail_server)
    post.change("05:15", WEN)
    assert "Nothing of yours changed." in browser.get(path).text


def test_a_confirmation_of_the_old_call_is_none_of_the_new_one(
    post: Post, mail_server: MailServer, browser: FlaskClient
) -> None:
    post.change("05:30")
    path = link(post, mail_server)
    confirm(browser, path)
    post.change("05:15")
    assert "Thank you" not in browser.get(path).text
    assert "Got it" in browser.get(path).text


def test_a_link_is_closed_with_the_letter_the_membership_and_the_time(
    post: Post, mail_server: MailServer, browser: FlaskClient
) -> None:
    post.change("05:30")
    path, letter = link(post, mail_server), post.letter()["id"]
    assert browser.get(path).status_code == 200
    assert post.ferry.write(COORDINATOR, "letter", letter, revoked=1).st == "applied"
    assert browser.get(path).status_code == 404
    assert browser.post(path, data={"publication": "x"}).status_code == 404
    post.ferry.write(COORDINATOR, "letter", letter, revoked=0)
    assert browser.get(path).status_code == 200
    post.later(days=2)
    assert browser.get(path).status_code == 200
    post.later(days=4)
    assert "This link is closed" in browser.get(path).text
    post.later(minutes=1)
    (row,) = post.ask(
        "select id from membership where person = :person", person=post.ferry.people[INES]
    )
    post.ferry.write(COORDINATOR, "membership", row["id"], role="crew")
    with post.ferry.production.journal.desk() as desk:
        desk.remove("membership", row["id"])
    assert browser.get(path).status_code == 404


def test_nobody_but_the_office_closes_a_link_and_nobody_writes_a_letter(
    post: Post, mail_server: MailServer
) -> None:
    post.change("05:30")
    post.go()
    letter = post.letter()["id"]
    for name in ("Wen Li", "Dana Farouk", "Owen Price"):
        if name in post.ferry.people:
            assert post.ferry.write(name, "letter", letter, revoked=1).st == "rejected"
    told = post.ferry.write(COORDINATOR, "letter", letter, address="me@elsewhere.example")
    assert told.st == "rejected"
    assert post.ferry.write(COORDINATOR, "letter", revoked=0).st == "rejected"


def test_who_wants_no_more_mail_is_rung_instead_and_may_change_their_mind(
    post: Post, mail_server: MailServer, browser: FlaskClient
) -> None:
    post.change("05:30")
    path = link(post, mail_server)
    # As mail programs post it by themselves, from nowhere.
    assert browser.post(f"{path}/stop", data={"List-Unsubscribe": "One-Click"}).status_code == 303
    assert "The office knows, and will ring you instead." in browser.get(f"{path}/stop").text
    post.change("05:15")
    post.go()
    assert len(mail_server.taken) == 1
    assert post.letter()["channel"] == "phone"
    browser.post(f"{path}/stop", data={"again": "1"})
    post.change("05:00")
    post.go()
    assert len(mail_server.taken) == 2


def test_a_link_that_was_altered_leads_nowhere(
    post: Post, mail_server: MailServer, browser: FlaskClient
) -> None:
    post.change("05:30")
    path = link(post, mail_server)
    other = path.replace(f".{SLUG}", ".other-film")
    end = path.index(f".{SLUG}")
    letter = "B" if path[end - 3] == "A" else "A"
    changed = f"{path[: end - 3]}{letter}{path[end - 2 :]}"
    for wrong in (changed, other, path[:-1], f"{path}x", "/m/.night-ferry", "/m/%00"):
        assert browser.get(wrong).status_code == 404, wrong
    assert browser.get(path).status_code == 200


def test_whoever_guesses_must_wait_and_a_right_link_opens_all_the_same(
    post: Post, mail_server: MailServer, browser: FlaskClient
) -> None:
    post.change("05:30")
    path = link(post, mail_server)
    told = [browser.get(f"/m/{n:043}.{SLUG}").status_code for n in range(TRIES + 2)]
    assert told == [404] * TRIES + [429] * 2
    assert browser.get(path).status_code == 200  # a whole crew comes from one address


def test_every_letter_has_a_link_of_its_own() -> None:
    token = links.token("salt", SLUG, LETTER)
    assert links.read("salt", token) == (SLUG, LETTER)
    assert links.read("pepper", token) is None
    assert links.token("salt", "other-film", LETTER) != token
    assert re.fullmatch(r"[\w-]{43}\.night-ferry", token)


def test_a_link_without_a_day_runs_out_after_two_weeks() -> None:
    letter = {"made_at": "2026-04-13T21:14:00Z"}
    assert not links.expired(letter, None, NOW + timedelta(days=13))
    assert links.expired(letter, None, NOW + timedelta(days=15))
