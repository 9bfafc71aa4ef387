"""Letters go to the mail server, whatever it answers, and the office says in words how far."""

import re
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from poc.demo import COORDINATOR
from poc.mail.postman import Postman, wait
from tests.bell.push_service import write_certificate
from tests.browser.office import free_port
from tests.conftest import NOW
from tests.line import serving
from tests.mail.conftest import BOUNCES, INES, OFFICE, WEN, Post
from tests.mail.mail_server import MailServer, mute, secured

HERE = Path(__file__).parent
# Mail goes only over loopback here, where a password in the clear is nobody's.
PLAIN = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


def test_a_mail_that_is_taken_is_sent(post: Post, mail_server: MailServer) -> None:
    post.change("05:30")
    post.go()
    (arrived,) = mail_server.taken
    assert (arrived.sender, arrived.to) == (BOUNCES, post.address())
    assert post.letter()["sent_at"] == "2026-04-13T21:14:00Z"
    assert post.letter()["failed"] is None
    assert post.ask("select * from posting where done_at is null") == []


def test_a_recipient_who_must_wait_is_tried_again_as_the_same_mail(
    post: Post, mail_server: MailServer
) -> None:
    mail_server.refuses[post.address()] = ["451 4.7.1 greylisted"] * 2
    post.change("05:30")
    post.go()
    assert post.letter()["delay"] == "their mail server asks to wait"
    assert post.letter()["sent_at"] is None
    for minutes in (3, 6, 9):
        post.later(minutes=minutes)
        post.go()
    (arrived,) = mail_server.of(post.address())
    assert post.letter()["id"] in arrived.message["Message-ID"]
    assert (post.letter()["delay"], post.letter()["failed"]) == (None, None)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("550 5.1.1 user unknown", "mail refused: no such mailbox"),
        ("550 no such user here", "mail refused: no such mailbox"),
        ("552 5.2.2 over quota", "mail refused: the mailbox is full"),
        ("554 5.7.1 blocked", "mail refused: their mail server does not take it"),
    ],
)
def test_a_recipient_who_is_refused_is_named_with_the_reason(
    post: Post, mail_server: MailServer, words: str, said: str
) -> None:
    mail_server.refuses[post.address()] = [words]
    post.change("05:30")
    post.go()
    assert post.letters()[0]["failed"] == said
    post.later(hours=3)
    post.go()
    assert mail_server.taken == []


def test_who_is_refused_does_not_hold_up_the_others(post: Post, mail_server: MailServer) -> None:
    mail_server.refuses[post.address()] = ["550 5.1.1 user unknown"]
    post.change("05:30")
    post.change("05:30", WEN)
    assert post.go() == 2
    assert [one.to for one in mail_server.taken] == [post.address(WEN)]


def test_a_mail_server_that_cannot_be_reached_is_tried_until_it_can(post: Post) -> None:
    post.serve(free_port())
    post.change("05:30")
    post.go()
    assert post.letter()["delay"] == "the mail server cannot be reached"
    with MailServer().running() as back:
        post.serve(back.port)
        post.later(minutes=5)
        post.go()
        assert len(back.taken) == 1
    assert post.letter()["delay"] is None


def test_a_mail_server_that_never_answers_is_given_up_in_the_end(post: Post) -> None:
    post.serve(free_port())
    post.change("05:30")
    for hour in range(12):
        post.later(minutes=20 * hour)
        post.go()
    assert post.letters()[0]["failed"] == "mail not sent: the mail server cannot be reached"


def test_a_mail_server_that_says_nothing_holds_up_one_round_only(post: Post) -> None:
    with mute() as port:
        post.serve(port)
        post.change("05:30")
        post.change("05:30", WEN)
        assert post.go(timeout=0.3) == 2
    said = {post.letter(name)["delay"] for name in (INES, WEN)}
    assert said == {"the mail server does not answer"}


def test_a_mail_server_that_dies_in_the_middle_gets_the_same_mail_again(
    post: Post, mail_server: MailServer
) -> None:
    mail_server.dies = 1
    post.change("05:30")
    post.go()
    assert post.letter()["delay"] == "the mail server hung up"
    assert mail_server.taken == []
    post.later(minutes=5)
    post.go()
    assert len(mail_server.taken) == 1


def test_a_server_whose_certificate_nobody_vouches_for_is_told_no_password(
    post: Post, tmp_path: Path
) -> None:
    write_certificate(tmp_path / "mail.pem")
    server = MailServer(password="correct horse")
    with server.running(tls_context=secured(tmp_path / "mail.pem")):
        post.serve(server.port, login="office:correct%20horse@")
        post.change("05:30")
        post.go()
    assert post.letter()["delay"] == "no secure connection to the mail server"
    assert server.taken == []


def test_a_server_that_does_not_begin_tls_gets_no_mail(post: Post) -> None:
    greeting = [b"220 here\r\n", b"250-here\r\n250 STARTTLS\r\n", b"454 not now\r\n"]
    with mute(*greeting) as port:
        post.serve(port)
        post.change("05:30")
        post.go(timeout=2)
    assert post.letter()["delay"] == "their mail server asks to wait"
    assert post.letter()["sent_at"] is None


@PLAIN
@pytest.mark.parametrize("way", ["smtp", "smtps"])
def test_mail_goes_over_tls_under_the_offices_name(
    post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    certificate = tmp_path / "mail.pem"
    write_certificate(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    lead_to_loopback(monkeypatch)
    server = MailServer(password="correct horse")
    secure = secured(certificate)
    settings = {"ssl_context": secure} if way == "smtps" else {"tls_context": secure}
    with server.running(**settings, auth_require_tls=way == "smtp"):
        login = "office:correct%20horse@"
        post.serve(server.port, way, SMTP_URL=f"{way}://{login}{NAME}:{server.port}")
        post.change("05:30")
        post.go()
    assert post.letter()["delay"] is None
    (arrived,) = server.taken
    assert (arrived.secure, arrived.user) == (True, "office")


NAME = "updates.push.services.mozilla.com"  # a name on the certificate of the tests


def lead_to_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    known = socket.getaddrinfo

    def resolved(host: str, *more: object, **options: object) -> object:
        return known("127.0.0.1" if host == NAME else host, *more, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)


@PLAIN
def test_a_wrong_password_is_said_in_words(post: Post) -> None:
    server = MailServer(password="correct horse")
    with server.running(auth_require_tls=False):
        post.serve(server.port, login="office:wrong@")
        post.change("05:30")
        post.go()
    assert post.letter()["delay"] == "the mail server does not accept the office's password"


def test_a_letter_that_is_overtaken_while_it_waits_is_never_sent(
    post: Post, mail_server: MailServer
) -> None:
    mail_server.refuses[post.address()] = ["451 4.7.1 greylisted"]
    post.change("05:30")
    post.go()
    post.change("05:15")
    post.later(minutes=5)
    post.go()
    (arrived,) = mail_server.taken
    assert "05:15" in arrived.message["Subject"]
    assert len(post.letters()) == 1


def test_who_says_that_they_know_while_it_waits_gets_no_mail(
    post: Post, mail_server: MailServer
) -> None:
    mail_server.refuses[post.address()] = ["451 4.7.1 greylisted"]
    post.change("05:30")
    post.go()
    about = {"publication": post.letter()["publication"], "person": post.ferry.people[INES]}
    post.ferry.write("Dana Farouk", "receipt", **about, state="told", how="phone")
    post.later(minutes=5)
    post.go()
    assert mail_server.taken == []
    assert post.letters() == []


def test_killing_the_postman_loses_no_letter_and_names_each_mail_once(
    office: Flask, post: Post, mail_server: MailServer
) -> None:
    names = [name for name in sorted(post.ferry.people) if name.isascii()][:30]
    for name in names:
        call = {
            "shoot_day": post.ferry.days[12],
            "person": post.ferry.people[name],
            "time": "04:00",
        }
        record = f"{post.ferry.days[12]}.{post.ferry.people[name]}"
        post.ferry.write("Dana Farouk", "call", record, **call)
    post.change("04:30")
    folder = office.extensions["poc"].folder
    words = [sys.executable, "-m", "tests.mail.carrying", str(folder), str(mail_server.port)]
    other = subprocess.Popen([*words, NOW.isoformat()], cwd=HERE.parent.parent)
    until = time.monotonic() + 60
    while len(mail_server.taken) < 5 and time.monotonic() < until:
        time.sleep(0.01)
    other.kill()
    other.wait()
    before = len(mail_server.taken)
    assert before >= 5
    post.later(minutes=11)
    post.go()
    due = post.ask("select letter.id from letter where channel = 'mail' and gone = 0")
    sent = [
        re.search(r"<(.+?)\.night-ferry@", one.message["Message-ID"]) for one in mail_server.taken
    ]
    assert {found[1] for found in sent if found} == {row["id"] for row in due}
    assert len(due) > before
    assert len(mail_server.taken) <= len(due) + 1


def test_the_loop_goes_round_by_itself_and_two_of_them_send_nothing_twice(
    office: Flask, post: Post, mail_server: MailServer
) -> None:
    loops = [Postman(office, every=0.1), Postman(office, every=0.1)]
    for loop in loops:
        loop.start()
    post.change("05:30")
    until = time.monotonic() + 20
    while not mail_server.taken and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(0.5)
    for loop in loops:
        loop.stop()
    assert len(mail_server.taken) == 1


def test_pauses_grow_and_end() -> None:
    for tries in range(1, 40):
        assert timedelta(seconds=30) <= wait(tries) <= timedelta(minutes=15)


def test_a_running_office_sends_mail_by_itself(
    office: Flask, post: Post, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its clock is the real one, so that the day is to be ahead of it.
    ahead = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    post.ferry.write(COORDINATOR, "shoot_day", post.ferry.days[12], date=ahead)
    post.turn(lambda: datetime.now(UTC))
    post.change("05:30")
    monkeypatch.setenv("SMTP_URL", f"smtp://127.0.0.1:{mail_server.port}")
    monkeypatch.setenv("MAIL_FROM", OFFICE)
    with serving(office.extensions["poc"].folder):
        until = time.monotonic() + 60
        while not mail_server.of(post.address()) and time.monotonic() < until:
            time.sleep(0.1)
    assert len(mail_server.of(post.address())) == 1
