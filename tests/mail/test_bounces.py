"""Mail that comes back is noted with its reason, from what mail servers really write."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from poc.mail.bounces import note
from tests.mail.conftest import Post
from tests.mail.mail_server import MailServer

ROOT = Path(__file__).resolve().parent.parent.parent
NOBODYS = b"00000000-0000-0000-0000-000000000000"
REPORT = """\
From: MAILER-DAEMON@mail.crew.example (Mail Delivery System)
To: bounces@aurora-film.com
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=bound"
Auto-Submitted: auto-replied

--=bound
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--=bound
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.crew.example
Arrival-Date: Mon, 13 Apr 2026 22:14:05 +0100

Final-Recipient: rfc822; crew004@night-ferry.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {words}

--=bound
Content-Type: {kind}

{original}
--=bound--
"""


def report(
    raw: bytes,
    action: str = "failed",
    status: str = "5.1.1",
    words: str = "550 5.1.1 user unknown",
    kind: str = "text/rfc822-headers",
) -> bytes:
    """Write what a mail server answers to a mail."""
    whole = raw.decode()
    original = whole.partition("\r\n\r\n")[0] if kind == "text/rfc822-headers" else whole
    about = {"action": action, "status": status, "words": words, "kind": kind}
    return REPORT.format(original=original, **about).replace("\r\n", "\n").encode()


@pytest.fixture
def raw(post: Post, mail_server: MailServer) -> bytes:
    """A mail that was taken, and that comes back."""
    post.change("05:30")
    post.go()
    return mail_server.taken[0].raw


def bounced(office: Flask, raw: bytes) -> str:
    return note(office.extensions["poc"].productions, raw)


@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/rfc822"])
def test_a_bounce_is_noted_and_the_next_way_is_taken_at_once(
    office: Flask, post: Post, raw: bytes, kind: str
) -> None:
    assert bounced(office, report(raw, kind=kind)) == "no such mailbox"
    letter = post.letter()
    assert letter["failed"] == "mail bounced: no such mailbox"
    assert letter["bounced_at"] == "2026-04-13T21:14:00Z"
    post.go()
    assert post.letter()["channel"] == "phone"


@pytest.mark.parametrize(
    ("status", "words", "why"),
    [
        ("5.2.2", "552 5.2.2 mailbox full", "the mailbox is full"),
        ("5.7.1", "554 5.7.1 blocked", "their mail server does not take it"),
        ("4.4.7", "delivery time expired", "it was tried for too long"),
        ("5.0.0", "550 mailbox unavailable", "their mail server does not take it"),
    ],
)
def test_a_bounce_says_why(office: Flask, raw: bytes, status: str, words: str, why: str) -> None:
    assert bounced(office, report(raw, status=status, words=words)) == why


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed"])
def test_what_is_only_late_is_no_bounce(office: Flask, post: Post, raw: bytes, action: str) -> None:
    assert bounced(office, report(raw, action=action)) == ""
    assert post.letter()["bounced_at"] is None


def test_what_is_no_mail_of_ours_marks_nothing(office: Flask, post: Post, raw: bytes) -> None:
    other = report(raw).replace(b".night-ferry@", b".other-film@")
    unknown = report(raw).replace(post.letter()["id"].encode(), NOBODYS)
    for message in (b"", b"\xff\xfe\x00", b"Subject: Hello\n\nThere", raw, other, unknown):
        assert bounced(office, message) == ""
    assert post.letter()["bounced_at"] is None


def test_the_command_reads_a_bounce_as_a_mail_server_pipes_it(
    office: Flask, post: Post, raw: bytes
) -> None:
    folder = office.extensions["poc"].folder
    command = [sys.executable, "-P", "-m", "poc", "bounce", "--data", str(folder)]
    world = {**os.environ, "PYTHONPATH": str(ROOT)}
    said = [
        subprocess.run(command, input=one, env=world, capture_output=True, check=True).stdout
        for one in (report(raw), b"Subject: Hello\n\nThere")
    ]
    assert said[0] == b"It is noted: no such mailbox.\n"
    assert said[1] == b"This message says of no mail of ours that it failed.\n"
    assert post.letter()["failed"] == "mail bounced: no such mailbox"
