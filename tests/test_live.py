"""The live stream: who hears of a change, who does not, and what it costs to keep lines open."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import quantiles
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.serving import make_server

from poc.demo import SLUG, NightFerry
from poc.door import sit
from poc.registry import Seat, db, new_device
from sync.database import reading
from tests.conftest import NOW
from tests.line import END, Line, Server, serving

ON_BOTH = True
Dial = Callable[..., Line]
OFFICE, CREW, HEAD = "Marta Teixeira", "Ines Okafor", "Dana Farouk"
CROWD = 199


@pytest.fixture
def server(office: Flask, url: str) -> Iterator[Server]:
    """A server over the office: whatever the test writes comes from another process."""
    with serving(office.extensions["poc"].folder, url) as running:
        yield running


@pytest.fixture
def dial(server: Server, ferry: NightFerry) -> Iterator[Dial]:
    """Open a line: for somebody on a new device, or for a device that has a key already."""
    lines: list[Line] = []

    def line(name: str = "", key: str = "", at: Server = server) -> Line:
        lines.append(Line(at.port, key or let_in(ferry, name)))
        return lines[-1]

    yield line
    for one in lines:
        one.close()


def let_in(ferry: NightFerry, name: str) -> str:
    """Let somebody in by name; return the key of the new device."""
    device, key = new_device("iPhone", False, NOW)
    db.session.flush()
    sit(device, ferry.production, ferry.people[name])
    db.session.commit()
    return key


def newest_device(ferry: NightFerry) -> str:
    with reading(ferry.production.engine) as connection:
        query = text("select id from device order by seq desc limit 1")
        return str(connection.execute(query).scalar_one())


def test_an_open_device_hears_of_a_change_made_in_another_process(
    dial: Dial, ferry: NightFerry, enter: Callable[[str], FlaskClient]
) -> None:
    browser = enter(OFFICE)

    def asks(stand: dict[str, Any]) -> Any:
        stands = {name: stand.get(name) for name in ("generation", "epoch", "cursor")}
        return browser.post(f"/p/{SLUG}/sync", json={**stands, "columns": True}).get_json()

    asks(asks({}))  # once it has noted how far a phone is, the office has nothing new to say of it
    line = dial(OFFICE)
    greeting = line.greeting()
    ferry.write(OFFICE, "shoot_day", ferry.days[13], general_call="05:10")
    heard, asked = line.hear(), asks(greeting)
    day, seq = ferry.days[13], asked["cursor"]
    assert heard["records"] == [["shoot_day", day, seq, {"general_call": "05:10"}, 1]]
    assert asked["sets"] == [["shoot_day.general_call"], [0], [day], [seq], ["05:10"]]
    assert (heard["from"], heard["cursor"]) == (greeting["cursor"], asked["cursor"])


def test_what_a_crew_member_may_not_hold_is_not_even_hinted_at(
    dial: Dial, ferry: NightFerry
) -> None:
    line, other = dial(CREW), dial(OFFICE)
    greeting = line.greeting()
    other.greeting()
    ferry.write(OFFICE, "shoot_day", ferry.days[13], notes="Nobody is to know yet")
    assert "Nobody is to know yet" in str(other.hear())
    ferry.write(OFFICE, "person", ferry.people[CREW], phone="+351 900 000 001")
    heard = line.hear()
    assert [record[0] for record in heard["records"]] == ["person"]
    # What lies between was not theirs, so the device may go on from where it was greeted.
    assert heard["from"] == greeting["cursor"]


def test_a_device_that_is_put_out_is_hung_up_on_and_not_let_in_again(
    dial: Dial, ferry: NightFerry
) -> None:
    key = let_in(ferry, CREW)
    line = dial(key=key)
    line.greeting()
    with ferry.production.journal.desk() as desk:
        desk.set("device", newest_device(ferry), revoked=1)
    assert line.ends().endswith(END)
    assert dial(key=key).head()[0] == 403


def test_who_gets_another_role_is_greeted_anew(dial: Dial, ferry: NightFerry) -> None:
    key = let_in(ferry, CREW)
    line = dial(key=key)
    before = line.greeting()
    with reading(ferry.production.engine) as connection:
        query = text("select id from membership where person = :one")
        record = connection.execute(query, {"one": ferry.people[CREW]}).scalar_one()
    ferry.write(OFFICE, "membership", record, role="ad")
    assert line.ends().endswith(END)
    assert dial(key=key).greeting()["epoch"] > before["epoch"]


def test_a_long_change_is_only_announced(dial: Dial, ferry: NightFerry) -> None:
    line = dial(OFFICE)
    greeting = line.greeting()
    ferry.write(OFFICE, "shoot_day", ferry.days[13], notes="Mind the tide. " * 400)
    heard = line.hear()
    assert heard == {"from": greeting["cursor"], "cursor": greeting["cursor"] + 1}


def test_a_phone_that_dials_again_is_one_phone(dial: Dial, ferry: NightFerry) -> None:
    key = let_in(ferry, CREW)
    first = dial(key=key)
    first.greeting()
    second = dial(key=key)
    second.greeting()
    assert first.ends().endswith(END)
    ferry.write(OFFICE, "person", ferry.people[CREW], phone="+351 900 000 002")
    assert second.hear()["records"]


def test_a_stopping_office_hangs_up_and_a_new_one_is_dialled(
    server: Server, dial: Dial, ferry: NightFerry
) -> None:
    key = let_in(ferry, OFFICE)
    line = dial(key=key)
    line.greeting()
    assert server.stop() == 0
    assert line.ends().endswith(END)
    server.start()
    line = dial(key=key)
    line.greeting()
    ferry.write(OFFICE, "shoot_day", ferry.days[13], general_call="05:20")
    assert line.hear()["records"]


def test_when_one_of_two_processes_is_killed_the_other_goes_on(
    server: Server, dial: Dial, ferry: NightFerry
) -> None:
    keys = [let_in(ferry, OFFICE) for _ in range(2)]
    with serving(server.folder, server.url) as other:
        lines = [dial(key=keys[0]), dial(key=keys[1], at=other)]
        for line in lines:
            line.greeting()
        ferry.write(OFFICE, "shoot_day", ferry.days[13], general_call="05:10")
        assert lines[0].hear() == lines[1].hear()
        server.kill()
        lines[0].ends()
        ferry.write(OFFICE, "shoot_day", ferry.days[13], general_call="05:15")
        assert "05:15" in str(lines[1].hear())
        again = dial(key=keys[0], at=other)
        again.greeting()
        ferry.write(OFFICE, "shoot_day", ferry.days[13], general_call="05:20")
        assert again.hear() == lines[1].hear()


def test_somebody_who_does_not_read_keeps_nobody_else_waiting(
    dial: Dial, ferry: NightFerry
) -> None:
    deaf, line = dial(OFFICE), dial(OFFICE)
    line.greeting()
    for number in range(60):
        ferry.write(OFFICE, "shoot_day", ferry.days[13], notes=f"{number} " + "rain " * 600)
    told = ""
    while "59 rain" not in told:
        told = str(line.hear())
    assert deaf.greeting()["records"] == []


def test_a_full_house_sends_the_next_one_to_ask_instead(
    office: Flask, enter: Callable[[str], FlaskClient]
) -> None:
    office.extensions["live"].room = 0
    answer = enter(OFFICE).get(f"/p/{SLUG}/sync/live")
    assert (answer.status_code, answer.data) == (204, b"")


def test_nobody_unknown_gets_a_line(
    stranger: FlaskClient, enter: Callable[[str], FlaskClient]
) -> None:
    assert stranger.get(f"/p/{SLUG}/sync/live").status_code == 401
    browser = enter(CREW)
    db.session.query(Seat).delete()
    db.session.commit()
    assert browser.get(f"/p/{SLUG}/sync/live").status_code == 404


def test_an_open_line_holds_no_connection_to_a_database(office: Flask, ferry: NightFerry) -> None:
    keys = [let_in(ferry, OFFICE) for _ in range(5)]
    server = make_server("127.0.0.1", 0, office, threaded=True)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(server.serve_forever)
        lines = [Line(server.port, key) for key in keys]
        for line in lines:
            # This server ends its answers by hanging up, not in chunks.
            while b"data:" not in line._kept:
                line._kept += line.socket.recv(4096)
        db.session.remove()
        held = [engine.pool.status() for engine in (ferry.production.engine, db.engine)]
        office.extensions["live"].close()
        for line in lines:
            line.ends()
            line.close()
        server.shutdown()
        server.server_close()
    assert all("Current Checked out connections: 0" in one for one in held)


def test_one_change_reaches_199_open_devices_of_one_process(
    server: Server, dial: Dial, ferry: NightFerry, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = [let_in(ferry, OFFICE) for _ in range(CROWD)]
    lines = [dial(key=key) for key in keys]
    for line in lines:
        line.greeting()
    until_calm(ferry)
    before = files_of(server)
    with ThreadPoolExecutor(CROWD) as pool:
        waiting = [pool.submit(earlier, line) for line in lines]
        ferry.write(OFFICE, "shoot_day", ferry.days[13], general_call="05:10")
        written = time.perf_counter()
        heard = [one.result() for one in waiting]
    assert files_of(server) <= before
    late = quantiles([(at - written) * 1000 for _, at in heard], n=100)
    with capsys.disabled():
        each = max(count for count, _ in heard)
        print(f"\n{CROWD} devices: p50 {late[49]:.0f} ms, p99 {late[98]:.0f} ms, {each} bytes each")


def until_calm(ferry: NightFerry) -> None:
    """Wait until the office is done with its own notices: what it writes meanwhile is news, too."""
    query, waiting = text("select count(*) from delivery where done_at is null"), 1
    until = time.monotonic() + 60
    while waiting:
        assert time.monotonic() < until, f"{waiting} notices were not sent"
        time.sleep(0.1)
        with reading(ferry.production.engine) as connection:
            waiting = connection.execute(query).scalar_one()
    time.sleep(0.2)


def earlier(line: Line) -> tuple[int, float]:
    """Wait for the earlier call among the news; give its bytes and when it was there."""
    said, count = line.heard()
    while "05:10" not in str(said):
        said, count = line.heard()
    return count, time.perf_counter()


def files_of(server: Server) -> int:
    """Count what the server's process holds open."""
    return len(os.listdir(Path("/proc", str(server.worker()), "fd")))
