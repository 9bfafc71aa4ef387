"""What a notice says, in which language, how much of it on a lock screen, and what it replaces."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from poc.bell.sender import Sender
from poc.demo import COORDINATOR, NightFerry
from poc.languages import language
from tests.bell.conftest import Ring
from tests.bell.phone import Phone
from tests.bell.push_service import PushService
from tests.bell.test_sender import INES, SEAN, change, notice, rows, send_later, waiting

BASE = "/p/night-ferry"


def prefer(ferry: NightFerry, name: str, **wishes: Any) -> None:
    record = f"{ferry.people[name]}.preference"
    assert ferry.write(name, "preference", record, person=ferry.people[name], **wishes).st in (
        "applied",
        "same",
    )


def shown(phone: Phone, service: PushService) -> dict[str, Any]:
    return phone.notification(service.of(phone)[-1].body)


@pytest.mark.parametrize(
    ("speech", "title", "body"),
    [
        ("fr", "Convocation 07:30 → 06:15, mar. 14 avr.", "Jour 12 · PINK · 1 h 15 plus tôt"),
        ("es", "Citación 07:30 → 06:15, mar 14 abr", "Día 12 · PINK · 1 h 15 antes"),
        ("de", "Arbeitsbeginn 07:30 → 06:15, Di 14. Apr.", "Drehtag 12 · PINK · 1 h 15 früher"),
        ("pt", "Call 07:30 → 06:15, Tue 14 Apr", "Day 12 · PINK · 1 h 15 earlier"),
    ],
)
def test_everybody_is_told_in_their_own_language(
    sender: Sender,
    ferry: NightFerry,
    subscribe: Ring,
    push_service: PushService,
    speech: str,
    title: str,
    body: str,
) -> None:
    ines = subscribe(INES)
    prefer(ferry, INES, language=speech)
    change(ferry, "06:15")
    sender.send_due()
    said = shown(ines, push_service)
    assert said["title"] == title
    assert said["body"].startswith(body)
    assert said["lang"] == (speech if speech != "pt" else "en")
    assert notice(ferry)["language"] == said["lang"]


def test_who_chooses_a_language_has_it_on_the_contact_list_and_the_office_may_correct_it(
    ferry: NightFerry,
) -> None:
    prefer(ferry, INES, language="fr")
    query = "select language from person where id = :id"
    assert rows(ferry, query, id=ferry.people[INES]) == [{"language": "fr"}]
    ferry.write(COORDINATOR, "person", ferry.people[INES], language="de")
    query = "select language from preference where person = :id"
    assert rows(ferry, query, id=ferry.people[INES]) == [{"language": "de"}]


@pytest.mark.parametrize(
    ("written", "code"),
    [("Français", "fr"), ("fr-CA", "fr"), ("Deutsch / English", "de"), ("castellano", "es"),
     ("Português", "Português"), ("", "")],
)  # fmt: skip
def test_lists_name_languages_in_their_own_ways(written: str, code: str) -> None:
    assert language(written) == code


@pytest.mark.parametrize("who", ["production", "person"])
def test_a_lock_screen_may_say_only_that_something_changed(
    sender: Sender, ferry: NightFerry, subscribe: Ring, push_service: PushService, who: str
) -> None:
    ines = subscribe(INES)
    if who == "production":
        ferry.write(COORDINATOR, "production", "production", discreet=1)
    else:
        prefer(ferry, INES, discreet=1)
    change(ferry, "06:15")
    sender.send_due()
    said = shown(ines, push_service)
    assert (said["title"], said["body"]) == ("Night Ferry: your call changed", "")
    assert notice(ferry)["title"].startswith("Call 07:30 → 06:15"), "the app itself says it all"


def test_a_day_that_moves_to_another_date_is_told_with_both(
    sender: Sender, ferry: NightFerry, subscribe: Ring, push_service: PushService
) -> None:
    ines = subscribe(INES)
    ferry.write(COORDINATOR, "shoot_day", ferry.days[12], date="2026-04-16")
    ferry.publish(12)
    sender.send_due()
    assert shown(ines, push_service)["title"] == "Tue 14 Apr → Thu 16 Apr, Call 07:30"
    assert push_service.of(ines)[-1].headers["Urgency"] == "high"


def test_a_new_note_rings_nobody_and_stands_among_the_notices(
    sender: Sender,
    ferry: NightFerry,
    subscribe: Ring,
    push_service: PushService,
    enter: Callable[[str], FlaskClient],
) -> None:
    subscribe(INES)
    day, person = ferry.days[12], ferry.people[INES]
    about = {"shoot_day": day, "person": person, "note": "Bring the long lens"}
    ferry.write(COORDINATOR, "call", f"{day}.{person}", **about)
    ferry.publish(12)
    assert sender.send_due() == 0
    assert push_service.posts == []
    assert notice(ferry)["urgency"] == "silent"
    browser = enter(INES)
    page = browser.get(f"{BASE}/notices").text
    assert "Tue 14 Apr: a new note for you" in page
    assert "Bring the long lens" in page
    assert 'data-unseen="2"' in browser.get(f"{BASE}/people").text


def test_the_number_on_the_icon_is_of_what_was_not_looked_at(
    sender: Sender, ferry: NightFerry, subscribe: Ring, push_service: PushService
) -> None:
    ines = subscribe(INES)
    ferry.publish(13)
    change(ferry, "06:15")
    sender.send_due()
    change(ferry, "06:45")
    sender.send_due()
    counts = [ines.wire(post.body).get("app_badge") for post in push_service.of(ines)]
    assert counts == [3, 3, 3], "days 11, 12 and 13, however often each changed"


def test_looking_at_the_notices_is_seeing_them(
    ferry: NightFerry, enter: Callable[[str], FlaskClient]
) -> None:
    browser = enter(INES)
    page = browser.get(f"{BASE}/notices").text
    assert "data-seen" in page
    form = {"person": "@me", "state": "seen", "at": "@now", "how": "app"}
    for publication in re.findall(r'name="publication" value="([^"]+)"', page):
        browser.post(f"{BASE}/receipt", data={**form, "publication": publication})
    page = browser.get(f"{BASE}/notices").text
    assert "data-seen" not in page
    assert 'data-unseen="0"' in page


def test_who_was_not_told_of_the_last_change_yet_hears_of_both_in_one(
    sender: Sender, ferry: NightFerry, subscribe: Ring, push_service: PushService
) -> None:
    ines = subscribe(INES)
    change(ferry, "06:15")
    change(ferry, "06:45")
    assert sender.send_due() == 1
    assert shown(ines, push_service)["title"].startswith("Call 07:30 → 06:45")
    assert push_service.of(ines)[-1].headers["Urgency"] == "high", "45 min earlier than they know"


def test_a_later_call_waits_for_the_morning_and_an_earlier_one_does_not(
    office: Flask, sender: Sender, ferry: NightFerry, subscribe: Ring, push_service: PushService
) -> None:
    ferry.write(COORDINATOR, "production", "production", quiet_from="21:00", quiet_until="06:00")
    ines, sean = subscribe(INES), subscribe(SEAN)
    change(ferry, "09:00")
    assert sender.send_due() == 0
    assert waiting(ferry)[0]["due_at"] == "2026-04-14T04:05:00Z", "two hours before the old pick-up"
    change(ferry, "05:00", SEAN)
    sender.send_due()
    assert [len(push_service.of(phone)) for phone in (ines, sean)] == [0, 1]
    send_later(office, hours=8)
    assert len(push_service.of(ines)) == 1


def test_nothing_leaves_while_it_can_be_taken_back(
    office: Flask, sender: Sender, ferry: NightFerry, subscribe: Ring, push_service: PushService
) -> None:
    ferry.write(COORDINATOR, "production", "production", undo_seconds=60)
    ines = subscribe(INES)
    change(ferry, "06:15")
    send_later(office, seconds=59)
    assert push_service.posts == []
    send_later(office, seconds=60)
    assert len(push_service.of(ines)) == 1


def test_what_was_overtaken_by_a_publication_that_is_taken_back_is_sent_after_all(
    office: Flask, sender: Sender, ferry: NightFerry, subscribe: Ring, push_service: PushService
) -> None:
    ines = subscribe(INES)
    change(ferry, "06:15")
    ferry.write(COORDINATOR, "production", "production", undo_seconds=60)
    change(ferry, "06:45")
    assert sender.send_due() == 0, "the first one is old news already, the second may be taken back"
    query = "select id from publication where shoot_day = :day and superseded = 0 and gone = 0"
    (newest,) = rows(ferry, query, day=ferry.days[12])
    assert ferry.write(COORDINATOR, "withdrawal", publication=newest["id"]).st == "applied"
    send_later(office, seconds=61)
    (post,) = push_service.of(ines)
    assert ines.notification(post.body)["title"].startswith("Call 07:30 → 06:15")
