"""An SMS goes to whom mail cannot reach, over the Messages API as a provider answers it."""

import json
import ssl
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs

import pytest

from poc.demo import COORDINATOR
from poc.mail.sms import LONGEST, fitting, mobile
from tests.bell.push_service import write_certificate
from tests.mail.conftest import INES, OFFICE, PLACE, Post
from tests.mail.test_postman import NAME, lead_to_loopback

PHONE, FROM = "+351912345678", "+15005550006"


@dataclass
class Provider:
    """Answers as Twilio does; `faults` are answered first, one for each SMS."""

    taken: list[dict[str, str]] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    faults: list[tuple[int, int]] = field(default_factory=list)


@pytest.fixture
def provider(post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    found, certificate = Provider(), tmp_path / "sms.pem"

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            key = b64decode(self.headers["Authorization"].removeprefix("Basic ")).decode()
            found.asked.append((self.path, key))
            status, code = found.faults.pop(0) if found.faults else (201, 0)
            if status == 201:
                found.taken.append({name: value[0] for name, value in parse_qs(body).items()})
            told = json.dumps({"sid": "SM1", "status": "queued"} if not code else {"code": code})
            self.send_response(status)
            self.end_headers()
            self.wfile.write(told.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    write_certificate(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    lead_to_loopback(monkeypatch)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, daemon=True).start()
    url = f"https://AC1:key@{NAME}:{server.server_port}"
    post.set_up(SMS_URL=url, SMS_FROM=FROM, OFFICE_URL=PLACE, MAIL_FROM=OFFICE)
    post.ferry.write(COORDINATOR, "person", post.ferry.people[INES], phone=PHONE)
    yield found
    server.shutdown()
    server.server_close()


def test_an_sms_says_what_changed_and_carries_the_link(post: Post, provider: Provider) -> None:
    post.change("05:30")
    post.go()
    (sms,) = provider.taken
    assert (sms["To"], sms["From"]) == (PHONE, FROM)
    assert sms["Body"].startswith("Night Ferry: Call 07:30 -> 05:30, Tue 14 Apr. Day 12 - PINK")
    assert f" {PLACE}/m/" in sms["Body"]
    assert len(sms["Body"]) <= LONGEST
    assert provider.asked == [("/2010-04-01/Accounts/AC1/Messages.json", "AC1:key")]
    assert post.letter()["sent_at"] is not None


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (400, 21211, "SMS refused: no such phone number"),
        (400, 21610, "SMS refused: they answered STOP to an earlier SMS"),
        (400, 99999, "SMS refused: the SMS account did not take it"),
    ],
)
def test_a_refused_sms_is_said_in_words_and_the_person_is_rung(
    post: Post, provider: Provider, status: int, code: int, said: str
) -> None:
    provider.faults = [(status, code)]
    post.change("05:30")
    post.go()
    assert post.letters()[0]["failed"] == said
    post.go()
    assert post.letter()["channel"] == "phone"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (429, "the SMS account cannot be reached"),
        (503, "the SMS account cannot be reached"),
        (401, "the SMS account does not accept the office's key"),
    ],
)
def test_an_sms_that_must_wait_is_tried_again(
    post: Post, provider: Provider, status: int, said: str
) -> None:
    provider.faults = [(status, 20003)]
    post.change("05:30")
    post.go()
    assert post.letter()["delay"] == said
    post.later(minutes=5)
    post.go()
    assert len(provider.taken) == 1


def test_a_later_call_costs_no_sms(post: Post, provider: Provider) -> None:
    post.change("09:00")
    post.later(minutes=20)
    post.go()
    assert provider.asked == []
    assert post.letter()["channel"] == "phone"


def test_without_an_account_nothing_is_sent(post: Post, provider: Provider) -> None:
    post.set_up()
    post.change("05:30")
    post.go()
    assert provider.asked == []


@pytest.mark.parametrize(
    ("typed", "region", "dialled"),
    [
        ("912 345 678", "PT", "+351912345678"),
        ("+44 7911 123456", None, "+447911123456"),
        ("+1 415 555 2671", None, "+14155552671"),
        ("+351 21 884 1000", "PT", ""),
        ("912 345 678", None, ""),
        ("+351 912 345 678 ext. 5", None, ""),
        ("ask Sam", "PT", ""),
        (None, "PT", ""),
    ],
)
def test_only_a_mobile_number_gets_an_sms(
    typed: str | None, region: str | None, dialled: str
) -> None:
    assert mobile(typed, region) == dialled


def test_the_link_is_never_what_is_cut() -> None:
    link = f"{PLACE}/m/{'x' * 60}"
    told = fitting("Call 07:30 → 05:30 · " * 40, link)
    assert len(told) == LONGEST
    assert told.endswith(f"... {link}")
    assert "→" not in told
