"""The phone list: whom nothing reached, soonest call first, until somebody told them."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from poc.demo import COORDINATOR, SLUG
from tests.mail.conftest import INES, WEN, Post
from tests.mail.mail_server import MailServer

BASE = f"/p/{SLUG}"
Enter = Callable[[str], FlaskClient]


def page(post: Post, browser: FlaskClient, name: str) -> str:
    told = browser.get(f"{BASE}/days/{post.ferry.days[12]}/{name}")
    assert told.status_code == 200
    return told.text


def listed(text: str) -> list[str]:
    """Name those on the phone list, in their order."""
    part = text.partition('id="ringing"')[2].partition("</section>")[0]
    return re.findall(r'aria-label="Told by phone: ([^"]+)"', part)


def test_people_are_listed_by_their_call_and_leave_the_list_when_told(
    post: Post, enter: Enter
) -> None:
    post.set_up()
    browser = enter(COORDINATOR)
    assert "Nobody to ring" in page(post, browser, "ring")
    post.change("05:30", WEN)
    post.change("04:30")
    post.go()
    text = page(post, browser, "ring")
    assert listed(text) == [INES, WEN]
    assert "Call 07:30 → 04:30" in text
    assert 'href="tel:' in text
    (form,) = re.findall(rf'<form (?:(?!</form>).)*phone: {INES}".*?</form>', text, re.DOTALL)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    assert browser.post(f"{BASE}/receipt", data=fields).status_code == 303
    assert listed(page(post, browser, "ring")) == [WEN]
    (receipt,) = post.ask("select * from receipt where how = 'phone' and gone = 0")
    assert receipt["state"] == "told"
    assert receipt["by"] == post.ferry.people[COORDINATOR]
    assert receipt["person"] == post.ferry.people[INES]


def test_a_change_after_the_call_lists_them_again(post: Post, enter: Enter) -> None:
    post.set_up()
    post.change("05:30")
    post.go()
    (sheet,) = post.ask("select id from publication where superseded = 0 and date = '2026-04-14'")
    about = {"publication": sheet["id"], "person": post.ferry.people[INES], "state": "told"}
    post.ferry.write(COORDINATOR, "receipt", **about, how="phone")
    browser = enter(COORDINATOR)
    assert listed(page(post, browser, "ring")) == []
    post.change("05:00")
    post.go()
    assert listed(page(post, browser, "ring")) == [INES]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "mail sent"),
        ("451 4.7.1 greylisted", "mail waits: their mail server asks to wait"),
        ("550 5.1.1 unknown", "mail refused: no such mailbox"),
    ],
)
def test_the_board_says_how_far_the_mail_got(
    post: Post, mail_server: MailServer, enter: Enter, words: str, said: str
) -> None:
    browser = enter(COORDINATOR)
    assert "Beside the app" not in page(post, browser, "known")
    mail_server.refuses[post.address()] = [words] if words else []
    post.change("05:30")
    post.go()
    assert said in page(post, browser, "known")


def test_the_board_says_that_a_link_was_opened_and_closes_it(
    post: Post, mail_server: MailServer, enter: Enter
) -> None:
    post.change("05:30")
    post.go()
    letter = post.letter()["id"]
    with post.ferry.production.journal.desk() as desk:
        desk.set("letter", letter, opened_at=desk.now)
    browser = enter(COORDINATOR)
    text = page(post, browser, "known")
    assert "mail link opened" in text
    assert f'action="{BASE}/letter/{letter}"' in text
    seen = re.search(r'name="seen" value="(\d+)"', text)
    assert seen is not None
    closing = {"revoked": "1", "seen": seen[1]}
    assert browser.post(f"{BASE}/letter/{letter}", data=closing).status_code == 303
    assert "link closed" in page(post, browser, "known")
