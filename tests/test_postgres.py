"""One office, several processes, one PostgreSQL: nothing is lost, skipped, or seen by half."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.request import Request as Ask
from urllib.request import urlopen

import pytest
from flask import Flask
from sqlalchemy import select, text

from poc import create_app
from poc.demo import COORDINATOR, SLUG, NightFerry
from poc.door import COOKIE
from poc.places import AlreadyThere, Unusable, address
from sync import Change, Journal, Request
from sync.database import reading
from sync.ledger import change as changes_table
from tests.cluster import Cluster
from tests.conftest import NOW, close
from tests.test_doors import BASE, Enter

PATIENCE = 20
on_postgresql = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)


def pull(journal: Journal, ferry: NightFerry, cursor: int) -> dict[str, Any]:
    """Ask what is new as the coordinator's device, which is up to date until `cursor`."""
    with reading(journal.engine) as connection:
        scope = journal.scope_of(connection, ferry.people[COORDINATOR])
        generation = str(connection.execute(text("select generation from head")).scalar())
    assert scope is not None
    stand = {"generation": generation, "epoch": scope.epoch, "cursor": cursor}
    asked = Request(device="tablet", **stand)  # type: ignore[arg-type]
    told: dict[str, Any] = json.loads(journal.exchange(ferry.people[COORDINATOR], asked))
    assert not told["reset"]
    return told


def records(told: dict[str, Any]) -> set[str]:
    return {one[1] for one in told["records"]}


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def somebody_waits_for_a_lock(ferry: NightFerry) -> bool:
    query = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
    with reading(ferry.production.engine) as connection:
        return bool(connection.execute(text(query)).scalar())


# One lock a production.


@on_postgresql
def test_f13_a_reader_between_two_writers_still_gets_what_both_wrote(ferry: NightFerry) -> None:
    journal, cursor = ferry.production.journal, ferry.production.journal.stand()

    def second() -> None:
        with journal.desk() as desk:
            desk.create("location", {"name": "Second"}, "second")

    with journal.desk() as desk:
        desk.create("location", {"name": "First"}, "first")
        desk.close()  # written, and not committed
        other = Thread(target=second)
        other.start()
        until(lambda: somebody_waits_for_a_lock(ferry))
        between = pull(journal, ferry, cursor)
        assert (records(between), between["cursor"]) == (set(), cursor)
    other.join(PATIENCE)
    told = pull(journal, ferry, between["cursor"])
    assert [one[1:3] for one in told["records"]] == [["first", cursor + 1], ["second", cursor + 2]]


@on_postgresql
def test_f14_a_reader_sees_a_change_of_several_records_whole_or_not_at_all(
    ferry: NightFerry,
) -> None:
    journal, cursor = ferry.production.journal, ferry.production.journal.stand()
    begun, committed = Event(), Event()

    def slowly(connection: Any, person: str) -> Any:
        scope = journal.scope_of(connection, person)
        begun.set()  # the reader has looked once; now the writer comes in between
        assert committed.wait(PATIENCE)
        return scope

    stand = {"generation": "", "epoch": 0, "cursor": cursor}
    with reading(journal.engine) as connection:
        scope = journal.scope_of(connection, ferry.people[COORDINATOR])
        stand["generation"] = str(connection.execute(text("select generation from head")).scalar())
    assert scope is not None
    stand["epoch"] = scope.epoch
    asked = Request(device="tablet", **stand)  # type: ignore[arg-type]
    with ThreadPoolExecutor(1) as reader:
        slow = replace(journal, scope_of=slowly)
        answer = reader.submit(slow.exchange, ferry.people[COORDINATOR], asked)
        assert begun.wait(PATIENCE)
        with journal.desk() as desk:
            for n in range(5):
                desk.create("location", {"name": f"Place {n}"}, f"place {n}")
        committed.set()
        told = json.loads(answer.result(PATIENCE))
    assert (told["records"], told["cursor"]) == ([], cursor)
    assert records(pull(journal, ferry, cursor)) == {f"place {n}" for n in range(5)}


# Two processes on two ports.


@contextmanager
def offices(folder: Path, url: str, count: int = 2) -> Iterator[list[str]]:
    """Start real offices over one database, each a process on a port of its own."""
    ports = [_free_port() for _ in range(count)]
    words = [sys.executable, "-m", "poc", "run", "--data", str(folder), "--port"]
    world = {**os.environ, "DATABASE_URL": url}
    running = [
        subprocess.Popen([*words, str(port)], env=world, stdout=subprocess.DEVNULL)
        for port in ports
    ]
    try:
        addresses = [f"http://127.0.0.1:{port}" for port in ports]
        for one in addresses:
            until(lambda one=one: _answers(one))  # type: ignore[misc]
        yield addresses
    finally:
        for one in running:
            one.terminate()
        for one in running:
            one.wait(PATIENCE)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(office: str) -> bool:
    try:
        with urlopen(f"{office}/join", timeout=PATIENCE):
            return True
    except OSError:
        return False


def sync(office: str, key: str, **asked: Any) -> dict[str, Any]:
    """Exchange with one of the offices over HTTP."""
    head = {"Content-Type": "application/json", "Cookie": f"{COOKIE}={key}"}
    head["Sec-Fetch-Site"] = "same-origin"
    with urlopen(Ask(f"{office}{BASE}/sync", json.dumps(asked).encode(), head)) as answer:
        told: dict[str, Any] = json.load(answer)
    return told


@on_postgresql
def test_two_processes_that_write_at_once_lose_nothing_and_number_without_gap_or_repeat(
    office: Flask, ferry: NightFerry, enter: Enter, url: str
) -> None:
    cookie = enter(COORDINATOR).get_cookie(COOKIE)
    assert cookie is not None
    key, start = cookie.value, ferry.production.journal.stand()
    writers, rounds = 4, 15
    with offices(office.extensions["poc"].folder, url) as both:
        first = sync(both[0], key)
        same = {name: first[name] for name in ("generation", "epoch")}

        def write(writer: int) -> list[Any]:
            """Make a place and name it again and again, now through one process, now the other."""
            results = []
            for n in range(rounds):
                change = _named(f"w{writer}", n)
                told = sync(both[(writer + n) % 2], key, **same, cursor=start, changes=[change])
                results += told["results"]
            return results

        with ThreadPoolExecutor(writers + 1) as people:
            reading_on = Event()
            reader = people.submit(_follow, both, key, {**same, "cursor": start}, reading_on)
            written = [people.submit(write, writer) for writer in range(writers)]
            results = [result for one in written for result in one.result(60)]
            reading_on.set()
            held, cursor = reader.result(60)
    assert {result["st"] for _, result in results} == {"applied"}
    numbers = _numbers(ferry, start)
    assert numbers == list(range(start + 1, ferry.production.journal.stand() + 1))
    assert cursor == numbers[-1]
    assert {held[f"w{writer}"]["name"] for writer in range(writers)} == {f"Name {rounds - 1}"}


def _named(writer: str, n: int) -> dict[str, Any]:
    about = {"kind": "location", "record": writer}
    if n == 0:
        return {"id": f"{writer}.0", "do": "create", **about, "value": {"name": "Name 0"}}
    after = f"{writer}.{n - 1}"
    change = {"id": f"{writer}.{n}", "do": "set", **about, "field": "name", "value": f"Name {n}"}
    return {**change, "base": 0, "after": after}


def _follow(
    offices: list[str], key: str, stand: dict[str, Any], last: Event
) -> tuple[dict[str, Any], int]:
    """Follow the deltas from whichever process, as a device does; return what it then holds."""
    held: dict[str, Any] = {}
    end, n = False, 0
    while not end:
        end = last.is_set()
        told = sync(offices[n % 2], key, **stand)
        assert not told["reset"] and told["cursor"] >= stand["cursor"]
        held |= {record: fields for _, record, _, fields, *_ in told["records"]}
        stand["cursor"] = told["cursor"]
        n += 1
    return held, stand["cursor"]


def _numbers(ferry: NightFerry, start: int) -> list[int]:
    query = select(changes_table.c.seq).where(
        changes_table.c.seq > start, changes_table.c.st == "applied"
    )
    with reading(ferry.production.engine) as connection:
        return list(connection.execute(query.order_by(changes_table.c.seq)).scalars())


# The set of productions.


@on_postgresql
def test_a_production_begun_in_one_process_is_open_in_the_other(office: Flask, url: str) -> None:
    here = office.extensions["poc"]
    other = create_app(here.folder, CLOCK=lambda: NOW, DATABASE_URL=url)
    there = other.extensions["poc"].productions
    assert there.get("salt-ash") is None
    begun = here.productions.begin("salt-ash")
    with begun.journal.desk() as desk:
        desk.create("location", {"name": "Only here"}, "only")
    found = there.get("salt-ash")
    assert found is not None
    assert there.slugs() == [SLUG, "salt-ash"]
    assert found.journal.stand() == 1
    assert there.get(SLUG).journal.stand() > 1
    with reading(there.get(SLUG).engine) as connection:
        query = text("select count(*) from location where id = 'only'")
        assert connection.execute(query).scalar() == 0
    with other.app_context():
        close(other)


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_a_production_is_never_begun_over_another(office: Flask, ferry: NightFerry) -> None:
    productions, before = office.extensions["poc"].productions, ferry.production.journal.stand()
    with pytest.raises(AlreadyThere, match="There is a production named night-ferry already"):
        productions.begin(SLUG)
    assert productions.slugs() == [SLUG]
    assert productions.get(SLUG).journal.stand() == before


@on_postgresql
def test_a_form_and_an_exchange_meet_at_one_lock(ferry: NightFerry) -> None:
    journal, person = ferry.production.journal, ferry.people[COORDINATOR]
    about = ("set", "shoot_day", ferry.days[13], "weather")
    seen = journal.stand()
    with ThreadPoolExecutor(8) as people:
        written = [
            people.submit(
                journal.write, person, f"d{n}", [Change(f"d{n}.1", *about, f"Fog {n}", base=seen)]
            )
            for n in range(8)
        ]
        results = [result.st for one in written for _, result in one.result(PATIENCE)]
    assert sorted(results) == ["applied"] + 7 * ["conflict"]


# What is said when it cannot be.


def test_a_database_that_cannot_be_used_is_told_in_a_sentence_without_its_password(
    tmp_path: Path,
) -> None:
    url = "postgresql://poc:secret@127.0.0.1:9/poc"
    with pytest.raises(Unusable, match="Is PostgreSQL running") as told:
        create_app(tmp_path, DATABASE_URL=url)
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("url", ["mysql://x/y", "night ferry", "://"])
def test_an_address_of_something_else_is_refused(url: str) -> None:
    with pytest.raises(Unusable, match="It is written like postgresql://"):
        address(url)


def test_an_empty_database_becomes_an_office(cluster: Cluster, tmp_path: Path) -> None:
    with cluster.clone("template1") as url:
        app = create_app(tmp_path, DATABASE_URL=url)
        with app.app_context():
            assert app.extensions["poc"].productions.slugs() == []
            assert app.test_client().get("/join").status_code == 200
            close(app)


def test_the_package_that_is_missing_is_named(tmp_path: Path) -> None:
    without = "import sys; sys.modules['psycopg'] = None; from poc.__main__ import main; "
    words = f"sys.exit(main(['import', '{__file__}', '--production', 'x', '--data', '{tmp_path}']))"
    world = {**os.environ, "DATABASE_URL": "postgresql://x/y"}
    told = subprocess.run(
        [sys.executable, "-c", without + words], env=world, capture_output=True, text=True
    )
    assert told.returncode == 1
    assert told.stderr.startswith("PostgreSQL needs one more package.")
    assert told.stderr.count("\n") == 1
