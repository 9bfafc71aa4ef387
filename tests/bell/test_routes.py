"""The bell's door: what a browser may bring, for whom, and what the office notes of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from poc import create_app
from poc.bell.keys import BadContact
from poc.bell.phones import MOST, Address
from poc.demo import COORDINATOR, NightFerry
from poc.registry import Subscription, db
from sync.database import reading
from tests.bell.conftest import BELL
from tests.bell.phone import Phone

INES, SEAN, REX = "Ines Okafor", "Seán O'Dowd", "Rex Voss"
Enter = Callable[[str], FlaskClient]


def phone(name: str = "x") -> Phone:
    return Phone(f"https://fcm.googleapis.com/fcm/send/{name}")


def rows(ferry: NightFerry, query: str, **about: object) -> list[dict[str, Any]]:
    with reading(ferry.production.engine) as connection:
        return [dict(row) for row in connection.execute(text(query), about).mappings()]


def notices(ferry: NightFerry, name: str) -> list[str | None]:
    query = "select notices from device where person = :person order by id"
    return [row["notices"] for row in rows(ferry, query, person=ferry.people[name])]


def newest(ferry: NightFerry, name: str) -> dict[str, Any]:
    query = "select * from notice where person = :person order by id desc limit 1"
    return rows(ferry, query, person=ferry.people[name])[0]


def subscriptions() -> list[str]:
    db.session.expire_all()
    return sorted(db.session.scalars(select(Subscription.endpoint)))


def test_the_key_is_one_a_browser_can_subscribe_with(enter: Enter) -> None:
    key = enter(INES).get(f"{BELL}/key").get_json()["key"]
    assert len(key) == 87
    assert enter(SEAN).get(f"{BELL}/key").get_json()["key"] == key


def test_an_offices_own_contact_must_be_a_real_address(tmp_path: Path) -> None:
    with pytest.raises(BadContact, match="no address that push services can write to"):
        create_app(tmp_path, VAPID_CONTACT="mailto:me@localhost")


@pytest.mark.parametrize("path", ["/key", "", "/off", "/receipt"])
def test_a_stranger_gets_nothing(office: Flask, path: str) -> None:
    stranger = office.test_client()
    stranger.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    call = stranger.get if path == "/key" else stranger.post
    assert call(f"{BELL}{path}").status_code == 401


def test_another_site_cannot_subscribe_somebody(enter: Enter) -> None:
    browser = enter(INES)
    browser.environ_base["HTTP_SEC_FETCH_SITE"] = "cross-site"
    assert browser.post(BELL, json=phone().subscription).status_code == 403
    assert subscriptions() == []


def test_the_office_sees_whose_notices_are_on(enter: Enter, ferry: NightFerry) -> None:
    browser, one = enter(INES), phone()
    assert notices(ferry, INES) == [None]
    assert browser.post(BELL, json=one.subscription).get_json() == {"again": False}
    assert notices(ferry, INES) == ["on"]
    assert browser.post(f"{BELL}/off", json={"state": "blocked"}).status_code == 204
    assert notices(ferry, INES) == ["blocked"]
    assert subscriptions() == []
    browser.post(BELL, json=one.subscription)
    assert browser.delete(BELL).status_code == 204
    assert notices(ferry, INES) == ["off"]


@pytest.mark.parametrize(
    ("header", "kept"),
    [
        ("https://localhost", "https://localhost"),
        ("https://evil.com", "http://localhost"),
        ("null", "http://localhost"),
    ],
)
def test_notices_lead_back_to_the_address_the_browser_has_open(
    enter: Enter, header: str, kept: str
) -> None:
    enter(INES).post(BELL, json=phone().subscription, headers={"Origin": header})
    assert list(db.session.scalars(select(Address.origin))) == [kept]


def test_saying_the_same_again_writes_nothing(enter: Enter, ferry: NightFerry) -> None:
    browser, one = enter(INES), phone()
    browser.post(BELL, json=one.subscription)
    stand = ferry.production.journal.stand()
    browser.post(BELL, json=one.subscription)
    assert ferry.production.journal.stand() == stand


def test_a_shared_tablet_rings_for_whom_it_belongs_to_now(enter: Enter, ferry: NightFerry) -> None:
    one = phone()
    enter(INES).post(BELL, json=one.subscription)
    enter(SEAN).post(BELL, json=one.subscription)
    assert subscriptions() == [one.endpoint]
    assert notices(ferry, INES) == ["off"]
    assert notices(ferry, SEAN) == ["on"]


def test_a_browsers_new_subscription_takes_the_old_ones_place(enter: Enter) -> None:
    browser = enter(INES)
    for name in ("old", "new"):
        browser.post(BELL, json=phone(name).subscription)
    assert subscriptions() == [phone("new").endpoint]


def test_the_oldest_phone_goes_when_a_person_has_too_many(enter: Enter) -> None:
    for n in range(MOST + 2):
        enter(INES).post(BELL, json=phone(f"{n:02}").subscription)
    enter(SEAN).post(BELL, json=phone("sean").subscription)
    assert len(subscriptions()) == MOST + 1
    assert phone("sean").endpoint in subscriptions()
    assert phone(f"{MOST + 1:02}").endpoint in subscriptions()


def test_a_subscription_its_service_ended_must_be_made_anew(enter: Enter) -> None:
    browser, one = enter(INES), phone()
    browser.post(BELL, json=one.subscription)
    kept = db.session.get(Subscription, one.endpoint)
    assert kept is not None
    kept.gone_at = "2026-04-13T21:00:00Z"
    db.session.commit()
    assert browser.post(BELL, json=one.subscription).get_json() == {"again": True}


@pytest.mark.parametrize(
    "sent",
    [
        None,
        [],
        {},
        {"endpoint": 7},
        {"endpoint": "https://fcm.googleapis.com/x", "keys": []},
        {"endpoint": "https://fcm.googleapis.com/x", "keys": {"p256dh": 1, "auth": None}},
        {**phone().subscription, "endpoint": "https://169.254.169.254/latest"},
        {**phone().subscription, "keys": {"p256dh": "AAAA", "auth": "AAAA"}},
    ],
)
def test_what_is_no_subscription_is_refused_in_a_sentence(enter: Enter, sent: object) -> None:
    answer = enter(INES).post(BELL, json=sent)
    assert answer.status_code == 422
    assert answer.get_json()["say"].endswith(".")
    assert subscriptions() == []


def test_a_notice_that_was_shown_is_noted_once(enter: Enter, ferry: NightFerry) -> None:
    notice = newest(ferry, INES)
    told = {"id": notice["id"], "ev": "shown"}
    assert enter(INES).post(f"{BELL}/receipt", json=told).status_code == 204
    assert newest(ferry, INES)["shown_at"] == "2026-04-13T21:14:00Z"
    stand = ferry.production.journal.stand()
    assert enter(INES).post(f"{BELL}/receipt", json=told).status_code == 204
    assert ferry.production.journal.stand() == stand + 1, "only the second phone's own record"


def test_a_receipt_that_waited_for_signal_keeps_its_own_time(
    enter: Enter, ferry: NightFerry
) -> None:
    told = {"id": newest(ferry, INES)["id"], "ev": "shown"}
    # The phone's clock is an hour ahead; 20 minutes went by between the notice and the signal.
    times = {"at": "2026-04-13T21:54:00.123Z", "sent_at": "2026-04-13T22:14:00.456Z"}
    enter(INES).post(f"{BELL}/receipt", json={**told, **times})
    assert newest(ferry, INES)["shown_at"] == "2026-04-13T20:53:59Z"


def test_opening_a_notice_is_a_receipt_of_the_person_and_only_one(
    enter: Enter, ferry: NightFerry
) -> None:
    notice, browser = newest(ferry, INES), enter(INES)
    for _ in range(2):
        told = {"id": notice["id"], "ev": "seen"}
        assert browser.post(f"{BELL}/receipt", json=told).status_code == 204
    query = "select publication, state, how, at from receipt where person = :person"
    (receipt,) = rows(ferry, query, person=ferry.people[INES])
    assert receipt["publication"] == notice["publication"]
    assert (receipt["state"], receipt["how"]) == ("seen", "app")
    assert newest(ferry, INES)["shown_at"] is not None


def test_nobody_sends_receipts_for_somebody_else(enter: Enter, ferry: NightFerry) -> None:
    told = {"id": newest(ferry, INES)["id"], "ev": "seen"}
    assert enter(SEAN).post(f"{BELL}/receipt", json=told).status_code == 404
    assert newest(ferry, INES)["shown_at"] is None


@pytest.mark.parametrize("sent", [None, [], {}, {"id": "x", "ev": "confirmed"}])
def test_a_damaged_receipt_is_refused(enter: Enter, sent: object) -> None:
    assert enter(INES).post(f"{BELL}/receipt", json=sent).status_code == 400


def test_a_phone_that_was_put_out_is_refused(enter: Enter, ferry: NightFerry) -> None:
    browser = enter(INES)
    for device in rows(ferry, "select id from device"):
        ferry.write(COORDINATOR, "device", device["id"], revoked=1)
    assert browser.post(BELL, json=phone().subscription).status_code == 403
    assert browser.get(f"{BELL}/key").status_code == 403
