"""Turning the office's push key: nobody misses a notice, and the old one goes in the end."""

import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from poc.bell.bell import the_bell
from poc.bell.keys import Keyring
from poc.bell.phones import keys_in_use
from poc.bell.sender import Sender
from poc.bell.shifts import LASTS
from poc.demo import NightFerry
from tests.bell.conftest import BELL, Ring
from tests.bell.push_service import PushService
from tests.bell.test_faults import at
from tests.bell.test_sender import INES, SEAN, change, notice, waiting
from tests.conftest import ENGINES


def test_phones_from_before_are_signed_for_with_the_key_they_know(
    sender: Sender, ferry: NightFerry, subscribe: Ring, push_service: PushService
) -> None:
    before = subscribe(INES)
    Keyring(the_bell().keys._folder).rotate()  # by another process
    after = subscribe(INES)
    change(ferry, "06:15")
    sender.send_due()
    assert [len(push_service.of(phone)) for phone in (before, after)] == [1, 1]
    assert len({post.headers["Authorization"] for post in push_service.taken}) == 2


def test_a_key_goes_when_no_phone_has_it_any_more(
    ferry: NightFerry, enter: Callable[[str], FlaskClient], push_service: PushService
) -> None:
    browser, ring = enter(INES), the_bell().keys
    old = ring.present
    phone = push_service.phone(old.text)
    browser.post(BELL, json={**phone.subscription, "key": old.text})
    fresh = ring.rotate()
    assert ring.drop(keys_in_use()) == 0
    assert set(ring.all()) == {old.id, fresh.id}
    phone = push_service.phone(fresh.text)
    browser.post(BELL, json={**phone.subscription, "key": fresh.text})
    assert ring.drop(keys_in_use()) == 1
    assert set(ring.all()) == {fresh.id}
    assert browser.get(f"{BELL}/key").get_json()["key"] == fresh.text


def test_a_browser_that_subscribed_while_the_key_was_turned_is_kept_with_its_own(
    sender: Sender,
    ferry: NightFerry,
    enter: Callable[[str], FlaskClient],
    push_service: PushService,
) -> None:
    browser = enter(INES)
    key = browser.get(f"{BELL}/key").get_json()["key"]
    the_bell().keys.rotate()
    phone = push_service.phone(key)
    browser.post(BELL, json={**phone.subscription, "key": key})
    change(ferry, "06:15")
    sender.send_due()
    assert len(push_service.of(phone)) == 1


def test_keys_are_turned_by_a_command_and_readable_by_nobody_else(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "poc", "keys", "rotate", "--data", str(tmp_path)]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert "The new push key is" in told
    files = list(tmp_path.glob("vapid*.pem"))
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600] * len(files)


def test_an_office_leaves_its_notices_to_a_sender_apart_while_there_is_one(
    office: Flask, ferry: NightFerry
) -> None:
    own, apart = Sender(office), Sender(office, apart=True)
    assert own._works()
    assert apart._works()
    assert not own._works()
    at(office, seconds=LASTS.total_seconds() + 1)
    assert own._works(), "one that was killed is not waited for"
    assert apart._works()
    apart._stopped.set()
    apart.run()
    assert own._works(), "one that was stopped says so"
    for one in (own, apart):
        one.stop()


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_a_sender_apart_sends_what_is_due(
    office: Flask,
    sender: Sender,
    ferry: NightFerry,
    subscribe: Ring,
    push_service: PushService,
    url: str,
) -> None:
    ines = subscribe(SEAN)
    change(ferry, "06:15", SEAN)
    folder = str(office.extensions["poc"].folder)
    words = [sys.executable, "-m", "tests.bell.apart", folder, str(push_service.port)]
    world = {**os.environ, "DATABASE_URL": url}
    process = subprocess.Popen([*words, str(push_service.certificate)], env=world)
    end = time.monotonic() + 60
    while waiting(ferry) and time.monotonic() < end:
        time.sleep(0.1)
    assert not Sender(office)._works() or time.monotonic() >= end
    process.terminate()
    assert process.wait(30) == 0
    assert len(push_service.of(ines)) == 1
    assert notice(ferry, SEAN)["sent_at"] is not None
    assert Sender(office)._works()
