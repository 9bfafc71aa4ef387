"""From a publication to the phones it concerns, whatever the push services answer."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from poc.bell.bell import the_bell
from poc.bell.outbox import Letter, queue
from poc.bell.sender import Sender
from poc.demo import COORDINATOR, SLUG, NightFerry
from poc.registry import Subscription, db
from sync.database import reading, writing
from tests.bell.conftest import BELL, Ring
from tests.bell.phone import Phone, raw
from tests.bell.push_service import APPLE, CHROME, PushService
from tests.conftest import ENGINES, NOW

INES, SEAN = "Ines Okafor", "Seán O'Dowd"
HERE = Path(__file__).parent


def change(ferry: NightFerry, call: str, name: str = INES, day: int = 12) -> None:
    """Change one person's call and publish the day again."""
    person, one = ferry.people[name], ferry.days[day]
    about = {"shoot_day": one, "person": person, "time": call}
    assert ferry.write(COORDINATOR, "call", f"{one}.{person}", **about).st == "applied"
    assert ferry.publish(day).st == "applied"


def notice(ferry: NightFerry, name: str = INES) -> dict[str, Any]:
    """Return the newest notice to somebody."""
    query = "select * from notice where person = :person order by id desc limit 1"
    return rows(ferry, query, person=ferry.people[name])[0]


def rows(ferry: NightFerry, query: str, **about: object) -> list[dict[str, Any]]:
    with reading(ferry.production.engine) as connection:
        return [dict(row) for row in connection.execute(text(query), about).mappings()]


def waiting(ferry: NightFerry) -> list[dict[str, Any]]:
    return rows(ferry, "select * from delivery where done_at is null")


def send_later(office: Flask, **span: float) -> None:
    """Send what is due after some time has passed."""
    moment = NOW + timedelta(**span)
    productions = office.extensions["poc"].productions
    productions.clock = office.config["CLOCK"] = lambda: moment
    production = productions.get(SLUG)
    production.clock = production.journal.clock = productions.clock
    sender = Sender(office)
    sender.send_due()
    sender.stop()


def test_only_whom_a_publication_changes_something_for_gets_a_notice(
    sender: Sender, ferry: NightFerry, subscribe: Ring, push_service: PushService
) -> None:
    ines, sean = subscribe(INES), subscribe(SEAN)
    change(ferry, "08:15")
    assert sender.send_due() == 1
    (post,) = push_service.of(ines)
    assert push_service.of(sean) == []
    shown = ines.notification(post.body)
    assert shown["title"] == "Call 07:30 → 08:15, Tue 14 Apr"
    assert "Day 12" in shown["body"]
    assert shown["data"]["called"]["call"] == "08:15"
    assert shown["data"]["called"]["date"] == "2026-04-14"
    assert shown["navigate"] == f"http://localhost/p/night-ferry/today?n={shown['data']['id']}"
    assert notice(ferry)["sent_at"] == "2026-04-13T21:14:00Z"
    assert waiting(ferry) == []


def test_a_notice_lives_until_two_hours_after_the_call(
    sender: Sender, ferry: NightFerry, subscribe: Ring, push_service: PushService
) -> None:
    subscribe(INES)
    change(ferry, "05:30")
    sender.send_due()
    headers = push_service.taken[0].headers
    # 22:14 in Lisbon; the call is 05:30 tomorrow.
    assert headers["TTL"] == str(int(timedelta(hours=9, minutes=16).total_seconds()))
    assert headers["Urgency"] == "high"


def test_a_later_call_wakes_nobody(
    sender: Sender, ferry: NightFerry, subscribe: Ring, push_service: PushService
) -> None:
    subscribe(INES)
    change(ferry, "09:00")
    sender.send_due()
    assert push_service.taken[0].headers["Urgency"] == "normal"


def test_of_two_notices_about_a_day_only_the_newest_is_sent(
    sender: Sender, ferry: NightFerry, subscribe: Ring, push_service: PushService
) -> None:
    ines = subscribe(INES)
    change(ferry, "08:15")
    older = notice(ferry)["id"]
    change(ferry, "09:00")
    assert sender.send_due() == 1
    (post,) = push_service.of(ines)
    assert ines.notification(post.body)["data"]["called"]["call"] == "09:00"
    failed = rows(ferry, "select failed from notice where id = :id", id=older)
    assert failed == [{"failed": "a newer notice took its place"}]


def test_notices_about_two_days_are_both_sent_under_topics_of_their_own(
    sender: Sender, ferry: NightFerry, subscribe: Ring, push_service: PushService
) -> None:
    ferry.publish(13)
    sender.send_due()
    subscribe(INES)
    change(ferry, "08:15", day=12)
    change(ferry, "10:00", day=13)
    sender.send_due()
    assert len({post.headers["Topic"] for post in push_service.taken}) == 2


def test_every_phone_of_a_person_rings(
    sender: Sender, ferry: NightFerry, subscribe: Ring, push_service: PushService
) -> None:
    phones = [subscribe(INES), subscribe(INES, CHROME), subscribe(INES, APPLE)]
    change(ferry, "08:15")
    sender.send_due()
    assert [len(push_service.of(phone)) for phone in phones] == [1, 1, 1]


def test_who_has_no_phone_with_notices_is_named_at_once(sender: Sender, ferry: NightFerry) -> None:
    change(ferry, "08:15")
    sender.send_due()
    assert notice(ferry)["failed"] == "no phone with notices"
    assert notice(ferry)["sent_at"] is None
    assert waiting(ferry) == []


@pytest.mark.parametrize(
    ("email", "whom"),
    [("office@aurora-film.com", "mailto:office@aurora-film.com"), ("", "https://localhost")],
)
def test_push_services_are_told_whom_to_write_to(
    sender: Sender,
    ferry: NightFerry,
    subscribe: Ring,
    push_service: PushService,
    email: str,
    whom: str,
) -> None:
    subscribe(INES)
    ferry.write(COORDINATOR, "production", "production", office_email=email)
    change(ferry, "08:15")
    sender.send_due()
    (post,) = push_service.posts
    claims = post.headers["Authorization"].removeprefix("vapid t=").split(".")[1]
    assert json.loads(raw(claims))["sub"] == whom


def test_who_left_the_production_is_told_nothing_more(
    sender: Sender, ferry: NightFerry, subscribe: Ring, push_service: PushService
) -> None:
    subscribe(INES)
    change(ferry, "08:15")
    about = {"person": ferry.people[INES]}
    (member,) = rows(ferry, "select id from membership where person = :person", **about)
    with ferry.production.journal.desk() as desk:
        desk.remove("membership", member["id"])
    sender.send_due()
    assert push_service.posts == []
    assert notice(ferry)["failed"] == "no phone with notices"


def test_a_revoked_phone_stays_silent(
    sender: Sender, ferry: NightFerry, subscribe: Ring, push_service: PushService
) -> None:
    subscribe(INES)
    for device in rows(ferry, "select id from device"):
        ferry.write(COORDINATOR, "device", device["id"], revoked=1)
    change(ferry, "08:15")
    sender.send_due()
    assert push_service.posts == []


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_gone_is_never_posted_to_again(
    sender: Sender, ferry: NightFerry, subscribe: Ring, push_service: PushService, status: int
) -> None:
    subscribe(INES)
    push_service.faults = [(status, {}, "gone")]
    change(ferry, "08:15")
    sender.send_due()
    change(ferry, "09:00")
    sender.send_due()
    assert len(push_service.posts) == 1
    assert notice(ferry)["failed"] == "no phone with notices"
    told = rows(ferry, "select notices from device where notices is not null")
    assert told == [{"notices": "off"}]


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refusal_is_kept_in_its_own_words_and_ends_no_subscription(
    office: Flask,
    sender: Sender,
    ferry: NightFerry,
    subscribe: Ring,
    push_service: PushService,
    status: int,
) -> None:
    phone = subscribe(INES)
    push_service.faults = [(status, {"X-WNS-Status": "dropped"}, '{"reason": "BadJwtToken"}')]
    change(ferry, "08:15")
    sender.send_due()
    assert notice(ferry)["failed"] == "the push service refused it"
    kept = db.session.get(Subscription, phone.endpoint)
    assert kept is not None
    assert kept.gone_at is None
    assert kept.trouble == f'{status} {{"reason": "BadJwtToken"}} X-WNS-Status: dropped'
    change(ferry, "09:00")
    sender.send_due()
    assert len(push_service.of(phone)) == 1


def test_a_notice_too_long_for_a_service_is_not_tried_again(
    sender: Sender, ferry: NightFerry, subscribe: Ring, push_service: PushService
) -> None:
    subscribe(INES)
    push_service.faults = [(413, {}, "")]
    change(ferry, "08:15")
    sender.send_due()
    assert notice(ferry)["failed"] == "too long for the push service"
    assert waiting(ferry) == []


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_service_is_asked_again_later(
    office: Flask,
    sender: Sender,
    ferry: NightFerry,
    subscribe: Ring,
    push_service: PushService,
    status: int,
) -> None:
    phone = subscribe(INES)
    push_service.faults = [(status, {"Retry-After": "90"}, "")]
    change(ferry, "08:15")
    sender.send_due()
    assert waiting(ferry)[0]["due_at"] == "2026-04-13T21:15:30Z"
    assert notice(ferry)["failed"] is None
    send_later(office, seconds=89)
    assert push_service.of(phone) == []
    send_later(office, seconds=90)
    assert len(push_service.of(phone)) == 1
    assert notice(ferry)["sent_at"] == "2026-04-13T21:15:30Z"


def test_a_date_to_retry_after_is_understood_too(
    sender: Sender, ferry: NightFerry, subscribe: Ring, push_service: PushService
) -> None:
    subscribe(INES)
    push_service.faults = [(429, {"Retry-After": "Mon, 13 Apr 2026 21:20:00 GMT"}, "")]
    change(ferry, "08:15")
    sender.send_due()
    assert waiting(ferry)[0]["due_at"] == "2026-04-13T21:20:00Z"


def test_a_second_try_leaves_alone_the_phone_that_has_the_notice(
    office: Flask, sender: Sender, ferry: NightFerry, subscribe: Ring, push_service: PushService
) -> None:
    phones = [subscribe(INES), subscribe(INES)]
    push_service.faults = [(503, {}, "")]
    change(ferry, "08:15")
    sender.send_due()
    assert notice(ferry)["sent_at"] is not None
    send_later(office, minutes=1)
    assert [len(push_service.of(phone)) for phone in phones] == [1, 1]
    assert len(push_service.posts) == 3


def test_a_service_that_never_answers_is_given_up_before_the_call_is_over(
    office: Flask, sender: Sender, ferry: NightFerry, subscribe: Ring, push_service: PushService
) -> None:
    subscribe(INES)
    push_service.faults = [(503, {}, "")] * 99
    change(ferry, "08:15")
    for hour in range(13):
        send_later(office, hours=hour)
    assert waiting(ferry) == []
    assert notice(ferry)["failed"] == "the push service could not be reached"
    assert len(push_service.posts) <= 13  # one an hour, as often as this test asks


def test_no_redirect_is_followed(
    sender: Sender, ferry: NightFerry, subscribe: Ring, push_service: PushService
) -> None:
    subscribe(INES)
    push_service.faults = [(307, {"Location": "https://web.push.apple.com/wpush/v2/x"}, "")]
    change(ferry, "08:15")
    sender.send_due()
    assert len(push_service.posts) == 1
    assert notice(ferry)["failed"] == "the push service refused it"


def test_a_publication_that_is_rolled_back_rings_nobody(
    sender: Sender, ferry: NightFerry, subscribe: Ring, push_service: PushService
) -> None:
    subscribe(INES)
    with writing(ferry.production.engine) as connection:
        now = "2026-04-13T21:14:00Z"
        queue(connection, [Letter("never", ferry.people[INES], "high", now)], now)
        connection.rollback()
    assert sender.send_due() == 0
    assert push_service.posts == []


def test_an_address_outside_the_list_is_not_posted_to_even_if_it_is_stored(
    sender: Sender, ferry: NightFerry, subscribe: Ring, push_service: PushService
) -> None:
    phone = subscribe(INES)
    kept = db.session.get(Subscription, phone.endpoint)
    assert kept is not None
    kept.endpoint = "https://169.254.169.254/latest"
    db.session.commit()
    change(ferry, "08:15")
    sender.send_due()
    assert push_service.posts == []
    assert notice(ferry)["failed"] == "the push service refused it"


def test_a_phone_that_subscribed_with_another_key_is_no_phone(
    office: Flask, sender: Sender, ferry: NightFerry, subscribe: Ring, push_service: PushService
) -> None:
    phone = subscribe(INES)
    kept = db.session.get(Subscription, phone.endpoint)
    assert kept is not None
    assert kept.key_id == the_bell().key_id
    kept.key_id = "another"
    db.session.commit()
    change(ferry, "08:15")
    sender.send_due()
    assert push_service.posts == []


def test_a_connection_that_fell_asleep_is_opened_again(
    sender: Sender, ferry: NightFerry, subscribe: Ring, push_service: PushService
) -> None:
    phone = subscribe(INES)
    for n in range(20):  # every thread has a connection by now
        change(ferry, f"08:{n:02}")
        sender.send_due()
    for connection in sender._post._all:
        assert connection.sock is not None
        connection.sock.close()
    change(ferry, "09:00")
    sender.send_due()
    assert len(push_service.of(phone)) == 21


def test_the_loop_sends_by_itself_and_two_of_them_send_nothing_twice(
    office: Flask, sender: Sender, ferry: NightFerry, subscribe: Ring, push_service: PushService
) -> None:
    phone = subscribe(INES)
    loops = [Sender(office), Sender(office)]
    for loop in loops:
        loop.start()
    change(ferry, "08:15")
    until = time.monotonic() + 20
    while not notice(ferry)["sent_at"] and time.monotonic() < until:
        time.sleep(0.1)
    for loop in loops:
        loop.stop()
    assert notice(ferry)["sent_at"] is not None
    assert len(push_service.of(phone)) == 1


def test_killing_the_sender_loses_no_notice(
    office: Flask,
    sender: Sender,
    ferry: NightFerry,
    enter: Callable[[str], FlaskClient],
    push_service: PushService,
) -> None:
    phones = everybody(ferry, enter, push_service, 40)
    ferry.write(COORDINATOR, "shoot_day", ferry.days[12], general_call="09:00")
    ferry.publish(12)
    push_service.pause = 0.2
    folder = office.extensions["poc"].folder
    words = [sys.executable, "-m", "tests.bell.sending", str(folder), str(push_service.port)]
    other = subprocess.Popen([*words, str(push_service.certificate), NOW.isoformat()])
    until = time.monotonic() + 120
    while len(push_service.taken) < 8 and time.monotonic() < until:
        time.sleep(0.01)
    other.kill()
    other.wait()
    got = {post.token for post in push_service.taken}
    assert len(got) > 0
    push_service.pause = 0
    send_later(office, seconds=30)
    assert waiting(ferry) != [], "another process may still be at work: its lease is respected"
    send_later(office, seconds=90)
    assert waiting(ferry) == []
    assert all(push_service.of(phone) for phone in phones)


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_two_processes_that_send_at_once_send_every_notice_once(
    office: Flask,
    sender: Sender,
    ferry: NightFerry,
    enter: Callable[[str], FlaskClient],
    push_service: PushService,
    url: str,
) -> None:
    phones = everybody(ferry, enter, push_service, 40)
    ferry.write(COORDINATOR, "shoot_day", ferry.days[12], general_call="09:00")
    ferry.publish(12)
    push_service.pause = 0.05
    folder = office.extensions["poc"].folder
    words = [sys.executable, "-m", "tests.bell.sending", str(folder), str(push_service.port)]
    words += [str(push_service.certificate), NOW.isoformat()]
    world = {**os.environ, "DATABASE_URL": url}
    both = [subprocess.Popen(words, env=world) for _ in range(2)]
    assert [one.wait(60) for one in both] == [0, 0]
    assert waiting(ferry) == []
    assert [len(push_service.of(phone)) for phone in phones] == [1] * len(phones)


def everybody(
    ferry: NightFerry, enter: Callable[[str], FlaskClient], service: PushService, count: int
) -> list[Phone]:
    """Give phones to people whom tomorrow's general call concerns."""
    query = (
        "select person.name from due join person on person.id = due.person"
        " where due.shoot_day = :day and due.source = 'general' and due.excused = 0"
        " order by person.name limit :count"
    )
    found = rows(ferry, query, day=ferry.days[12], count=count)
    members = rows(ferry, "select person from membership")
    phones = []
    with ferry.production.journal.desk() as desk:
        for row in found:
            person = ferry.people[row["name"]]
            if {"person": person} not in members:
                desk.create("membership", {"person": person, "role": "crew"})
    for row in found:
        browser = enter(row["name"])
        phone = service.phone(browser.get(f"{BELL}/key").get_json()["key"])
        browser.post(BELL, json=phone.subscription)
        phones.append(phone)
    return phones
