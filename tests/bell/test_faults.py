"""What push services do to us: nothing is lost, nobody is bothered twice, somebody is told."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from poc.bell import post
from poc.bell.peace import ENOUGH, PAUSE
from poc.bell.sender import Sender
from poc.demo import COORDINATOR, SLUG, NightFerry
from poc.registry import Subscription, db
from tests.bell.conftest import BELL, Ring
from tests.bell.phone import Phone
from tests.bell.push_service import APPLE, FIREFOX, NAMES, PushService, lead_here
from tests.bell.test_sender import INES, SEAN, change, everybody, notice, rows, send_later, waiting
from tests.conftest import NOW

SILENT, RESETTING, TALKATIVE = "silent", "resetting", "talkative"


def at(office: Flask, **span: float) -> None:
    """Let the office's clock show a later moment; a sender goes on with what it knows."""
    moment = NOW + timedelta(**span)
    productions = office.extensions["poc"].productions
    productions.clock = office.config["CLOCK"] = lambda: moment
    production = productions.get(SLUG)
    production.clock = production.journal.clock = productions.clock


@contextmanager
def broken(how: str) -> Iterator[int]:
    """A push service that takes connections and then does not do what one expects."""
    listener = socket.create_server(("127.0.0.1", 0))
    kept: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            if how == RESETTING:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                line.close()
            elif how == TALKATIVE:
                line.sendall(b"220 this is a mail server\r\n")
                line.close()
            else:
                kept.append(line)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        for line in kept:
            line.close()


@pytest.mark.parametrize("how", [SILENT, RESETTING, TALKATIVE])
def test_a_service_that_breaks_off_is_tried_again_and_loses_nothing(
    office: Flask,
    sender: Sender,
    ferry: NightFerry,
    subscribe: Ring,
    push_service: PushService,
    monkeypatch: pytest.MonkeyPatch,
    how: str,
) -> None:
    ines = subscribe(INES)
    change(ferry, "06:15")
    monkeypatch.setattr(post, "TIMEOUT", 0.3)
    with broken(how) as port, pytest.MonkeyPatch.context() as patch:
        lead_here(patch, port, push_service.certificate)
        sender.send_due()
    assert waiting(ferry)[0]["tries"] == 1
    assert notice(ferry)["failed"] is None
    send_later(office, minutes=1)
    assert len(push_service.of(ines)) == 1
    assert notice(ferry)["sent_at"] is not None


def test_a_service_that_is_dead_for_an_hour_is_asked_seldom_and_loses_nothing(
    office: Flask,
    sender: Sender,
    ferry: NightFerry,
    enter: Callable[[str], FlaskClient],
    push_service: PushService,
) -> None:
    phones = everybody(ferry, enter, push_service, 20)
    ferry.write(COORDINATOR, "shoot_day", ferry.days[12], general_call="06:30")
    ferry.publish(12)
    push_service.faults = [(503, {}, "")] * 9999
    for minute in range(60):
        at(office, minutes=minute)
        sender.send_due()
    asked = len(push_service.posts)
    assert asked < 20 + 12 * 32, "once at first, then now and then, by no more than our threads"
    assert len(waiting(ferry)) >= len(phones)
    push_service.faults = []
    for minute in range(60, 100):
        at(office, minutes=minute)
        sender.send_due()
    assert waiting(ferry) == []
    assert [len(push_service.of(phone)) for phone in phones] == [1] * len(phones)


def test_a_service_that_is_busy_again_and_again_is_left_in_peace_and_others_are_not(
    office: Flask,
    sender: Sender,
    ferry: NightFerry,
    enter: Callable[[str], FlaskClient],
    subscribe: Ring,
    push_service: PushService,
) -> None:
    everybody(ferry, enter, push_service, 40)
    apple = subscribe(INES, APPLE)
    ferry.write(COORDINATOR, "shoot_day", ferry.days[12], general_call="06:30")
    ferry.publish(12)
    push_service.busy = FIREFOX
    sender.send_due()
    asked = len([post for post in push_service.posts if post.status == 429])
    assert ENOUGH <= asked < 40, "the first eight in a row, and those under way, were enough"
    change(ferry, "06:15")
    sender.send_due()
    assert len(push_service.of(apple)) == 2, "another service is asked as ever"
    assert len([post for post in push_service.posts if post.status == 429]) == asked
    untried = [row for row in waiting(ferry) if row["tries"] == 0]
    assert untried, "whoever was not asked has not used up a try"
    at(office, seconds=PAUSE + ENOUGH)
    push_service.busy = ""
    for _ in range(3):
        sender.send_due()
    assert len(push_service.taken) > 1


@pytest.mark.parametrize("status", [400, 401, 403])
def test_the_coordinator_reads_that_a_service_refuses_the_office_until_it_does_no_more(
    sender: Sender,
    ferry: NightFerry,
    subscribe: Ring,
    push_service: PushService,
    enter: Callable[[str], FlaskClient],
    status: int,
) -> None:
    subscribe(INES)
    push_service.faults = [(status, {}, '{"reason": "BadJwtToken"}')]
    change(ferry, "06:15")
    sender.send_due()
    page = enter(COORDINATOR).get("/p/night-ferry/phones").text
    assert f"Its push service refuses the office: {status} {{&#34;reason&#34;" in page
    assert "Show this to whoever runs POC." in page
    change(ferry, "06:45")
    sender.send_due()
    assert "refuses the office" not in enter(COORDINATOR).get("/p/night-ferry/phones").text


def test_a_phone_that_has_another_key_than_we_think_is_asked_to_subscribe_anew(
    sender: Sender, ferry: NightFerry, subscribe: Ring, push_service: PushService, enter: object
) -> None:
    ines = subscribe(INES)
    push_service.faults = [(400, {}, '{"reason": "VapidPkHashMismatch"}')]
    change(ferry, "06:15")
    sender.send_due()
    kept = db.session.get(Subscription, ines.endpoint)
    assert kept is not None
    assert kept.gone_at is not None
    told = rows(ferry, "select notices from device where notices is not null")
    assert told == [{"notices": "off"}]


def test_a_service_in_the_offices_own_network_is_never_posted_to(
    office: Flask, tmp_path: object, ferry: NightFerry, enter: Callable[[str], FlaskClient]
) -> None:
    bell = office.extensions["bell"]
    object.__setattr__(bell, "hosts", (*bell.hosts, "localhost"))
    inside = Phone("https://localhost/push/x")
    browser = enter(SEAN)
    answer = browser.post(BELL, json=inside.subscription)
    assert answer.status_code == 422
    assert "own network" in answer.get_json()["say"]


def test_a_name_that_leads_inside_later_gets_not_a_word(
    office: Flask,
    sender: Sender,
    ferry: NightFerry,
    subscribe: Ring,
    push_service: PushService,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = "push.aurora-film.com"
    ines = subscribe(INES)
    kept = db.session.get(Subscription, ines.endpoint)
    assert kept is not None
    kept.endpoint = ines.endpoint.replace(FIREFOX, own)
    db.session.commit()
    bell = office.extensions["bell"]
    object.__setattr__(bell, "hosts", (*bell.hosts, own))
    find = socket.getaddrinfo

    def inside(host: str, *rest: object, **more: object) -> object:
        return find("127.0.0.1" if host == own else host, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", inside)
    assert own not in NAMES
    with socket.create_server(("127.0.0.1", 443)) as listener:
        change(ferry, "06:15")
        sender.send_due()
        listener.settimeout(2)
        line, _ = listener.accept()
        assert line.recv(1) == b"", "the line was put down before anything was said"
        line.close()
    assert waiting(ferry) != []
