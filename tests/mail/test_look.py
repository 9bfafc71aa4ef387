"""Whom a notice did not reach is written to in time, once, and ends on the phone list."""

from datetime import timedelta
from typing import Any

import pytest

from poc.demo import COORDINATOR
from poc.mail.ladder import next_way
from tests.conftest import NOW
from tests.mail.conftest import INES, WEN, Post
from tests.mail.mail_server import MailServer

ON_BOTH = True
MINUTES = timedelta(minutes=15)


def ways(post: Post, name: str = INES) -> list[str]:
    return [letter["channel"] for letter in post.letters(name)]


def test_who_has_no_phone_gets_an_urgent_notice_by_mail_at_once(
    post: Post, mail_server: MailServer
) -> None:
    post.change("05:30")
    assert post.go() == 1
    assert ways(post) == ["mail"]
    assert post.letter()["sent_at"] == "2026-04-13T21:14:00Z"
    assert len(mail_server.of(post.address())) == 1
    assert len(mail_server.taken) == 1


def test_nothing_is_mailed_while_the_publication_can_still_be_taken_back(
    post: Post, mail_server: MailServer
) -> None:
    post.ferry.write(COORDINATOR, "production", "production", undo_seconds=60)
    post.change("05:30")
    post.later(seconds=59)
    assert post.go() == 0
    post.later(seconds=60)
    assert post.go() == 1
    assert len(mail_server.taken) == 1


def test_a_notice_that_nobody_opens_goes_out_after_the_minutes_of_the_production(
    post: Post, mail_server: MailServer
) -> None:
    post.ferry.write(COORDINATOR, "production", "production", mail_after=5)
    post.change("05:30")
    post.sent_by_bell()
    post.later(minutes=4)
    assert post.go() == 0
    post.later(minutes=5)
    assert post.go() == 1
    assert len(mail_server.taken) == 1


@pytest.mark.parametrize("state", ["seen", "confirmed", "told"])
def test_who_opened_it_or_was_told_gets_no_mail(
    post: Post, mail_server: MailServer, state: str
) -> None:
    post.change("05:30")
    (row,) = post.ask("select id from publication where superseded = 0 and date = '2026-04-14'")
    about = {"publication": row["id"], "person": post.ferry.people[INES], "state": state}
    post.ferry.write(COORDINATOR, "receipt", **about)
    post.later(hours=1)
    assert post.go() == 0
    assert ways(post) == []


def test_opening_a_later_revision_that_says_the_same_counts_too(
    post: Post, mail_server: MailServer
) -> None:
    post.change("05:30")
    post.sent_by_bell()
    post.change("05:45", WEN)
    (row,) = post.ask("select id from publication where superseded = 0 and date = '2026-04-14'")
    about = {"publication": row["id"], "person": post.ferry.people[INES], "state": "seen"}
    post.ferry.write(COORDINATOR, "receipt", **about)
    post.later(hours=1)
    post.go()
    assert ways(post) == []


def test_a_later_revision_for_others_leaves_the_notice_unopened(
    post: Post, mail_server: MailServer
) -> None:
    post.change("05:30")
    post.sent_by_bell()
    post.change("05:45", WEN)
    post.later(minutes=20)
    post.go()
    assert ways(post)[0] == "mail"


def test_old_news_is_not_written(post: Post, mail_server: MailServer) -> None:
    post.change("05:30")
    post.change("05:15")
    assert post.go() == 1
    (arrived,) = mail_server.taken
    assert "05:15" in arrived.message["Subject"]


def test_what_was_urgent_and_never_read_stays_urgent(post: Post, mail_server: MailServer) -> None:
    post.change("05:30")
    post.change("05:45")
    (notice,) = post.ask("select urgency from notice where gone = 0 and title like '%05:45%'")
    assert notice["urgency"] == "normal"
    assert post.go() == 1
    (arrived,) = mail_server.taken
    assert "05:45" in arrived.message["Subject"]


def test_who_has_neither_phone_nor_mail_is_on_the_phone_list_at_once(
    post: Post, mail_server: MailServer
) -> None:
    post.ferry.write(COORDINATOR, "person", post.ferry.people[INES], email="ask Sam")
    post.change("05:30")
    assert post.go() == 0
    assert ways(post) == ["phone"]
    assert mail_server.taken == []


def test_who_does_not_open_the_mail_comes_on_the_phone_list_once(
    post: Post, mail_server: MailServer
) -> None:
    post.change("05:30")
    post.go()
    post.later(minutes=14)
    post.go()
    assert ways(post) == ["mail"]
    for minutes in (15, 16, 60):
        post.later(minutes=minutes)
        post.go()
    assert ways(post) == ["mail", "phone"]


def test_without_a_mail_server_the_phone_list_is_all_there_is(post: Post) -> None:
    post.set_up()
    post.change("05:30")
    assert post.go() == 0
    assert ways(post) == ["phone"]


def test_a_later_call_waits_for_the_bell_and_then_for_the_minutes(
    post: Post, mail_server: MailServer
) -> None:
    post.change("09:00")
    (notice,) = post.ask("select id, urgency from notice where gone = 0")
    assert notice["urgency"] == "normal"
    with post.ferry.production.journal.desk() as desk:
        desk.set("notice", notice["id"], failed=None)
    post.later(hours=2)
    assert post.go() == 0  # held back for the night: it has not left yet
    with post.ferry.production.journal.desk() as desk:
        desk.set("notice", notice["id"], sent_at=desk.now)
    post.later(hours=2, minutes=15)
    assert post.go() == 1


def test_who_left_the_production_is_written_nothing(post: Post, mail_server: MailServer) -> None:
    post.change("05:30")
    (row,) = post.ask(
        "select id from membership where person = :person", person=post.ferry.people[INES]
    )
    with post.ferry.production.journal.desk() as desk:
        desk.remove("membership", row["id"])
    assert post.go() == 0
    assert post.letters() == []


def test_a_call_that_is_over_is_nobodys_news(post: Post, mail_server: MailServer) -> None:
    post.later(hours=20)
    post.change("05:30")
    post.later(hours=26)  # not long ago, and yet the day after
    assert post.go() == 0
    assert post.letters() == []


def test_an_address_that_is_dead_is_not_written_to_again(
    post: Post, mail_server: MailServer
) -> None:
    mail_server.refuses[post.address()] = ["550 5.1.1 unknown user"]
    post.change("05:30")
    post.go()
    post.change("05:15")
    post.go()
    assert ways(post) == ["mail", "phone"]
    post.ferry.write(COORDINATOR, "person", post.ferry.people[INES], email="ines@okafor.example")
    post.change("05:00")
    post.go()
    assert len(mail_server.of("ines@okafor.example")) == 1


CASE: dict[str, Any] = {
    "urgency": "high",
    "made_at": "2026-04-13T21:14:00Z",
    "sent_at": None,
    "failed": None,
    "mail_at": None,
    "mail_failed": None,
    "sms_at": None,
    "sms_failed": None,
    "phone_at": None,
}
AT = "2026-04-13T21:14:00Z"


@pytest.mark.parametrize(
    ("known", "open_ways", "after", "way"),
    [
        ({}, ["mail"], 14, None),
        ({}, ["mail"], 15, "mail"),
        ({"failed": "x"}, ["mail"], 0, "mail"),
        ({"failed": "x"}, ["sms"], 0, "sms"),
        ({"failed": "x"}, [], 0, "phone"),
        ({"mail_at": AT}, ["mail", "sms"], 14, None),
        ({"mail_at": AT}, ["mail", "sms"], 15, "sms"),
        ({"mail_at": AT, "mail_failed": "x"}, ["mail", "sms"], 0, "sms"),
        ({"mail_at": AT, "mail_failed": "x"}, ["mail"], 0, "phone"),
        ({"mail_at": AT, "sms_at": AT}, ["mail", "sms"], 15, "phone"),
        ({"mail_at": AT, "sms_at": AT, "phone_at": AT}, ["mail", "sms"], 999, None),
        ({"urgency": "normal"}, ["mail"], 999, None),
        ({"urgency": "normal", "failed": "x"}, ["mail"], 14, None),
        ({"urgency": "normal", "failed": "x"}, ["mail"], 15, "mail"),
        ({"urgency": "normal", "sent_at": AT}, ["mail"], 15, "mail"),
    ],
    ids=str,
)
def test_the_ladder_is_climbed_rung_by_rung(
    known: dict[str, str], open_ways: list[str], after: int, way: str | None
) -> None:
    now = NOW + timedelta(minutes=after)
    assert next_way({**CASE, **known}, open_ways, MINUTES, now) == way
