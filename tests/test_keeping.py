"""An office is copied while it works, brought back whole, and told from a damaged one."""

from __future__ import annotations

import argparse
import json
import logging
import os
import resource
import sqlite3
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from threading import Event, Thread
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from poc.demo import COORDINATOR, SLUG, NightFerry
from poc.keeping import CONTENTS, Keeper, Unkept, add_to, backup, check, kept, restore
from poc.places import blobs_of, place_at
from poc.productions import Production
from poc.registry import db
from sync import Request
from sync.database import reading
from sync.ledger import change

NIGHT = datetime(2026, 4, 14, 2, 0, tzinfo=UTC)
STORED = f"productions/{SLUG}.db"
LOG = logging.getLogger(__name__)


@pytest.fixture
def folder(office: Flask) -> Path:
    """The data folder of the running office."""
    found: Path = office.extensions["poc"].folder
    return found


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "backups"


def hang(ferry: NightFerry, raw: bytes) -> str:
    """Hang a photo on a place; return the name it is kept under."""
    name = sha256(raw).hexdigest()
    ferry.production.blobs.take(name, len(raw), 0, BytesIO(raw).read)
    about = {"name": "quay.jpg", "type": "image/jpeg", "size": len(raw), "sha256": name}
    written = ferry.write(COORDINATOR, "attachment", subject="location", about="quay", **about)
    assert written.st == "applied"
    return name


def stop(office: Flask) -> None:
    office.extensions["poc"].productions.close()
    db.session.remove()
    db.engine.dispose()


def go(*words: str) -> int:
    """Do what ./go does with these words."""
    parser = argparse.ArgumentParser()
    add_to(parser.add_subparsers(required=True))
    options = parser.parse_args(words)
    done: int = options.work(options)
    return done


def rows(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Read every row of every table of a database."""
    with closing(sqlite3.connect(file)) as found:
        tables = found.execute("select name from sqlite_master where type = 'table' order by name")
        return {
            name: sorted(found.execute(f"select * from {name}"), key=repr) for (name,) in tables
        }


def damage(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as found:
        found.execute(statement)
        found.commit()


def files(folder: Path) -> set[str]:
    """Name what an office is made of, without what only its running makes."""
    found = (file for file in folder.rglob("*") if file.is_file())
    beside = ("-wal", "-shm")
    return {str(file.relative_to(folder)) for file in found if not file.name.endswith(beside)}


@contextmanager
def small_disk(size: int) -> Iterator[None]:
    """Let no file grow beyond a size, as on a disk that is nearly full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_backup_is_one_private_dated_file_with_the_whole_office_in_it(
    ferry: NightFerry, folder: Path, target: Path
) -> None:
    made = backup(folder, target, NIGHT)
    assert made == target / "poc-2026-04-14-020000.zip"
    assert list(target.iterdir()) == [made]
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    with ZipFile(made) as pack:
        assert set(pack.namelist()) == files(folder) | {CONTENTS}
        assert {"registry.db", "secret.key", STORED} <= set(pack.namelist())


def test_other_offices_and_earlier_backups_are_not_packed_again(
    office: Flask, folder: Path
) -> None:
    (folder / "demo").mkdir()
    (folder / "demo" / "registry.db").touch()
    backup(folder, folder / "copies", NIGHT)
    made = backup(folder, folder / "copies", NIGHT + timedelta(hours=1))
    with ZipFile(made) as pack:
        assert not [name for name in pack.namelist() if name.startswith(("demo", "copies"))]


def test_a_backup_made_while_people_write_is_one_moment_of_it(
    office: Flask, ferry: NightFerry, folder: Path, target: Path
) -> None:
    said: list[str] = []
    enough = Event()

    def write() -> None:
        while not enough.is_set():
            with ferry.production.journal.desk() as desk:
                unit = desk.create("unit", {"name": f"Unit {len(said)}"})
            said.append(unit)

    writer = Thread(target=write)
    writer.start()
    while len(said) < 20:
        enough.wait(0.01)
    before = list(said)
    made = backup(folder, target, NIGHT)
    during = len(said)
    enough.set()
    writer.join()
    assert during > len(before)
    restore(target / "office", made, NIGHT)
    found = {cell for row in rows(target / "office" / STORED)["unit"] for cell in row}
    assert set(before) <= found


def test_an_office_that_is_not_there_is_not_backed_up(tmp_path: Path, target: Path) -> None:
    with pytest.raises(Unkept, match="There is no office in"):
        backup(tmp_path / "nowhere", target, NIGHT)
    assert not target.exists()


def test_a_place_that_is_no_folder_gets_one_sentence(
    office: Flask, folder: Path, target: Path
) -> None:
    target.write_text("a file")
    with pytest.raises(Unkept, match=r"^The backup could not be written to .*: file exists\. Noth"):
        backup(folder, target, NIGHT)


@pytest.mark.parametrize("size", [1_000, 40_000, 400_000])
def test_a_full_disk_gets_one_sentence_and_leaves_nothing_half_made(
    ferry: NightFerry, folder: Path, target: Path, size: int
) -> None:
    with pytest.raises(Unkept, match=r"^The backup could not be written to"), small_disk(size):
        backup(folder, target, NIGHT)
    assert not list(target.iterdir())


def test_what_a_killed_backup_left_is_cleared_away(
    office: Flask, folder: Path, target: Path
) -> None:
    (target / ".poc-half-killed").mkdir(parents=True)
    (target / ".poc-half-killed" / "copy").write_text("half")
    made = backup(folder, target, NIGHT)
    assert list(target.iterdir()) == [made]


def test_two_backups_at_once_are_both_whole(office: Flask, folder: Path, target: Path) -> None:
    times = [NIGHT, NIGHT + timedelta(seconds=1)]
    both = [Thread(target=backup, args=(folder, target, time)) for time in times]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert len(list(target.iterdir())) == 2
    for n, made in enumerate(sorted(target.iterdir())):
        restore(target / f"office {n}", made, NIGHT)


def test_a_damaged_production_is_no_backup(ferry: NightFerry, folder: Path, target: Path) -> None:
    damage(folder / STORED, "update unit set name = 'Other'")
    with pytest.raises(
        Unkept, match=r"was not backed up, as something is wrong with it\. The unit"
    ):
        backup(folder, target, NIGHT)
    assert not list(target.iterdir())


def test_a_backup_brings_everything_back_and_begins_a_new_life(
    office: Flask, ferry: NightFerry, folder: Path, target: Path
) -> None:
    made = backup(folder, target, NIGHT)
    assert restore(target / "office", made, NIGHT) is None
    assert files(target / "office") == files(folder)
    assert rows(target / "office" / "registry.db") == rows(folder / "registry.db")
    old, new = rows(folder / STORED), rows(target / "office" / STORED)
    (before,), (after,) = old.pop("head"), new.pop("head")
    assert (old.pop("life"), new.pop("life")) == ([], [(before[2], before[1])])
    assert old == new
    assert before[1] == after[1] and before[2] != after[2]
    key = target / "office" / "secret.key"
    assert key.read_text() == (folder / "secret.key").read_text()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"], indirect=True)
def test_photos_and_pdfs_go_into_a_backup_and_come_back(
    office: Flask, ferry: NightFerry, folder: Path, target: Path, url: str
) -> None:
    photo = b"\xff\xd8\xff" + os.urandom(100_000)
    name = hang(ferry, photo)
    ferry.production.blobs.take("0" * 64, 9, 0, BytesIO(b"half").read)
    made = backup(folder, target, NIGHT, url)
    with ZipFile(made) as pack:
        assert [one for one in pack.namelist() if one.endswith(".half")] == []
    restore(target / "office", made, NIGHT)
    there = blobs_of(target / "office" / "productions", SLUG).find(name)
    assert there is not None
    assert there.read_bytes() == photo
    [(_, report)] = check(place_at(str(target / "office")), target / "office")
    assert report.faults == ()


def test_no_photo_is_missing_in_a_backup_that_was_made_while_people_added_some(
    office: Flask, ferry: NightFerry, folder: Path, target: Path
) -> None:
    (folder / "long.bin").write_bytes(os.urandom(20_000_000))  # packed before the production is
    done = Event()

    def add() -> None:
        while not done.is_set():
            hang(ferry, b"\xff\xd8\xff" + os.urandom(500))

    adding = Thread(target=add)
    adding.start()
    made = backup(folder, target, NIGHT)
    done.set()
    adding.join()
    restore(target / "office", made, NIGHT)
    [(_, report)] = check(place_at(str(target / "office")), target / "office")
    assert report.faults == ()


def test_productions_are_never_written_over_unasked(
    office: Flask, ferry: NightFerry, folder: Path, target: Path
) -> None:
    made = backup(folder, target, NIGHT)
    stop(office)
    before = rows(folder / STORED)
    with pytest.raises(Unkept, match=r"There are productions in .* add --over"):
        restore(folder, made, NIGHT)
    assert rows(folder / STORED) == before
    aside = restore(folder, made, NIGHT, over=True)
    assert aside == folder.with_name("data-2026-04-14-020000")
    assert rows(aside / STORED) == before
    assert rows(folder / STORED).keys() == before.keys()


def test_an_office_that_runs_is_not_taken_from_under_itself(
    office: Flask, ferry: NightFerry, folder: Path, target: Path
) -> None:
    made = backup(folder, target, NIGHT)
    ferry.production.journal.stand()
    with pytest.raises(Unkept, match=r"is running\. Stop it, then try again"):
        restore(folder, made, NIGHT, over=True)
    assert ferry.production.journal.stand() > 0


@pytest.mark.parametrize("part", range(8))
def test_a_backup_that_was_damaged_on_its_way_brings_nothing_back(
    office: Flask, folder: Path, target: Path, part: int
) -> None:
    made = backup(folder, target, NIGHT)
    raw = bytearray(made.read_bytes())
    raw[len(raw) * part // 8] ^= 255
    made.write_bytes(raw)
    with pytest.raises(Unkept, match="is damaged"):
        restore(target / "office", made, NIGHT)
    assert list(target.iterdir()) == [made]


def test_a_backup_whose_content_was_exchanged_brings_nothing_back(
    office: Flask, folder: Path, target: Path
) -> None:
    made = backup(folder, target, NIGHT)
    other = target / "other.zip"
    with ZipFile(made) as old, ZipFile(other, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"0" * 64 if name == "secret.key" else old.read(name))
    with pytest.raises(Unkept, match=r"secret\.key in it is not what it was"):
        restore(target / "office", other, NIGHT)
    assert not (target / "office").exists()


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside", "a/../../outside"])
def test_a_backup_writes_nowhere_but_into_its_folder(tmp_path: Path, name: str) -> None:
    with ZipFile(tmp_path / "evil.zip", "w") as pack:
        pack.writestr(name, "outside")
        pack.writestr(CONTENTS, json.dumps({name: "0"}))
    with pytest.raises(Unkept, match="is no backup of POC"):
        restore(tmp_path / "deep" / "office", tmp_path / "evil.zip", NIGHT)
    assert {file.name for file in tmp_path.iterdir()} == {"evil.zip", "deep"}


def test_a_backup_that_is_not_there_is_missed_by_name(tmp_path: Path) -> None:
    with pytest.raises(Unkept, match=r"There is no file .*lost\.zip"):
        restore(tmp_path / "office", tmp_path / "lost.zip", NIGHT)


@pytest.mark.parametrize("raw", [b"", b"no zip at all"])
def test_a_file_that_is_no_backup_is_refused(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "file.zip").write_bytes(raw)
    with pytest.raises(Unkept, match="is no backup of POC, or it is damaged"):
        restore(tmp_path / "office", tmp_path / "file.zip", NIGHT)


# F16: a phone that had seen more than the backup holds.


def told(production: Production, person: str, stand: dict[str, Any], *changes: Any) -> Any:
    request = Request("phone", **stand, changes=list(changes))
    return json.loads(production.journal.exchange(person, request))


def stand_of(answer: Any) -> dict[str, Any]:
    return {name: answer[name] for name in ("generation", "epoch", "cursor")}


def test_a_phone_ahead_of_the_backup_starts_afresh_and_no_edit_is_lost_or_taken_twice(
    office: Flask, ferry: NightFerry, folder: Path, target: Path
) -> None:
    person, productions = ferry.people[COORDINATOR], office.extensions["poc"].productions
    made = backup(folder, target, NIGHT)
    first = told(ferry.production, person, {})
    unit = {"do": "create", "kind": "unit", "record": "u2", "value": {"name": "Second unit"}}
    late = {**unit, "id": "phone.1", "base": first["cursor"]}
    seen = told(ferry.production, person, stand_of(first), late)
    assert seen["results"][0][1]["st"] == "applied" and not seen["reset"]
    stop(office)
    restore(folder, made, NIGHT, over=True)

    back = productions.get(SLUG)
    assert back is not None
    with back.journal.desk() as desk:
        desk.set("production", "production", title="Day Ferry")
    name = {"do": "set", "kind": "production", "record": "production", "field": "title"}
    waiting = [
        late,  # it was answered, and the backup does not know it
        {**name, "id": "phone.2", "value": "Night Ferry II", "base": seen["cursor"]},
        {**unit, "id": "phone.3", "record": "u3", "base": seen["cursor"]},
    ]
    first = told(back, person, stand_of(seen), *waiting)
    assert first["reset"] and first["generation"] != seen["generation"]
    assert not first["records"] and not first["results"]
    waiting = [one | {"generation": seen["generation"]} for one in waiting]
    answer = told(back, person, stand_of(first), *waiting)
    again = told(back, person, stand_of(first), *waiting)
    assert again["results"] == answer["results"]

    results = dict(answer["results"])
    assert [results[one]["st"] for one in sorted(results)] == ["applied", "conflict", "applied"]
    with reading(back.engine) as connection:
        ids = connection.scalars(select(change.c.id).where(change.c.device == "phone"))
        assert sorted(ids) == ["phone.1", "phone.2", "phone.3"]
        query = text("select late_value, kept_value from clash where id = :id")
        clash = connection.execute(query, {"id": results["phone.2"]["clash"]}).one()
        assert tuple(clash) == ("Night Ferry II", "Day Ferry")
        units = connection.execute(text("select id from unit where id in ('u2', 'u3')")).all()
        assert len(units) == 2


# ./go check.


def test_the_check_says_in_words_that_all_is_well(
    ferry: NightFerry, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert go("check", "--data", str(folder)) == 0
    said = capsys.readouterr().out
    assert said.startswith("Night Ferry: ")
    assert "changes, everything is as the journal says." in said


def test_the_check_names_what_is_wrong_and_fails(
    ferry: NightFerry, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(folder / STORED, "update production set title = 'Day Ferry'")
    assert go("check", "--data", str(folder)) == 1
    said = capsys.readouterr().out
    assert said.startswith(
        "Day Ferry: 1 thing is wrong.\n  The production production is not in its"
    )


def test_a_check_that_finds_very_much_says_so_briefly(
    ferry: NightFerry, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(folder / STORED, "update scene set synopsis = 'Other'")
    assert go("check", "--data", str(folder)) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[21].startswith("  And ") and said[21].endswith(" other things.")


def test_the_commands_back_up_and_bring_back(
    office: Flask, folder: Path, target: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert go("backup", str(target), "--data", str(folder)) == 0
    (made,) = target.iterdir()
    assert str(made) in capsys.readouterr().out
    stop(office)
    assert go("restore", str(made), "--data", str(folder), "--over") == 0
    assert "What was there before is kept in" in capsys.readouterr().out


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_what_is_in_postgresql_is_checked_and_backed_up_into_files(
    ferry: NightFerry,
    folder: Path,
    target: Path,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with ferry.production.journal.desk() as desk:
        desk.create("unit", {"name": "Unit of PostgreSQL"})
    assert go("check", "--data", str(folder)) == 0
    assert go("backup", str(target), "--data", str(folder)) == 0
    (made,) = target.iterdir()
    with pytest.raises(Unkept, match=r"then bring each production into PostgreSQL: \./go move"):
        go("restore", str(made), "--data", str(target / "office"))
    monkeypatch.setenv("DATABASE_URL", "")
    assert go("restore", str(made), "--data", str(target / "office")) == 0
    assert go("check", "--data", str(target / "office")) == 0
    assert "Unit of PostgreSQL" in repr(rows(target / "office" / STORED)["unit"])
    assert (target / "office" / "secret.key").exists()
    assert capsys.readouterr().out.count("everything is as the journal says.") == 2


# Copies by themselves.

DAYS = st.lists(st.dates(date(2023, 1, 1), date(2027, 1, 1)), unique=True, max_size=60)


def periods(days: Iterable[date]) -> tuple[set[Any], ...]:
    months = {(day.year, day.month) for day in days}
    return set(days), {day.isocalendar()[:2] for day in days}, months


@given(DAYS)
@settings(deadline=None)
def test_of_the_latest_7_days_4_weeks_and_12_months_a_copy_stays(days: list[date]) -> None:
    stay = kept(days)
    assert stay <= set(days) and len(stay) <= 7 + 4 + 12
    for count, before, after in zip((7, 4, 12), periods(days), periods(stay), strict=True):
        assert set(sorted(before, reverse=True)[:count]) <= after


@given(DAYS)
@settings(deadline=None)
def test_dropping_day_by_day_keeps_what_dropping_once_would(days: list[date]) -> None:
    there: set[date] = set()
    for day in sorted(days):
        there = kept({*there, day})
    assert there == kept(days)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
@settings(deadline=None, max_examples=20)
def test_after_two_years_of_days_the_oldest_copy_is_eleven_months_old(today: date) -> None:
    stay = kept(today - timedelta(n) for n in range(730))
    assert timedelta(300) < today - min(stay) < timedelta(370)


def test_the_office_is_copied_once_a_day_and_old_copies_go(office: Flask, folder: Path) -> None:
    copies = folder / "copies"
    copies.mkdir()
    before = [NIGHT.date() - timedelta(n) for n in range(1, 500)]
    for day in before:
        (copies / f"poc-{day}.zip").touch()
    (copies / "mine.zip").touch()
    keeper = Keeper(folder, lambda: NIGHT, LOG)
    keeper.keep()
    stay = {f"poc-{day}.zip" for day in kept([*before, NIGHT.date()])}
    assert {file.name for file in copies.iterdir()} == {*stay, "mine.zip"}
    made = (copies / "poc-2026-04-14.zip").stat()
    keeper.keep()
    assert (copies / "poc-2026-04-14.zip").stat().st_mtime_ns == made.st_mtime_ns


def test_with_the_copy_of_the_day_goes_what_was_removed_a_week_ago(
    ferry: NightFerry, folder: Path
) -> None:
    stays, goes = (hang(ferry, b"\xff\xd8\xff" + word) for word in (b"stays", b"goes"))
    with ferry.production.journal.desk() as desk:
        for record in _named(ferry, goes):
            desk.remove("attachment", record)
    blobs = ferry.production.blobs
    Keeper(folder, lambda: NIGHT + timedelta(days=5), LOG).keep()
    assert blobs.find(goes)
    Keeper(folder, lambda: NIGHT + timedelta(days=9), LOG).keep()
    assert blobs.find(stays) and not blobs.find(goes)


def _named(ferry: NightFerry, name: str) -> list[str]:
    query = text("select id from attachment where sha256 = :name")
    with reading(ferry.production.engine) as connection:
        return list(connection.execute(query, {"name": name}).scalars())


def test_nothing_old_goes_when_the_copy_of_today_fails(ferry: NightFerry, folder: Path) -> None:
    copies = folder / "copies"
    copies.mkdir()
    (copies / "poc-2020-01-01.zip").touch()
    (copies / "poc-2020-01-02.zip").touch()
    damage(folder / STORED, "update unit set name = 'Other'")
    with pytest.raises(Unkept):
        Keeper(folder, lambda: NIGHT, LOG).keep()
    assert sorted(os.listdir(copies)) == ["poc-2020-01-01.zip", "poc-2020-01-02.zip"]


def test_a_running_office_keeps_its_copies_by_itself(office: Flask, folder: Path) -> None:
    keeper = Keeper(folder, lambda: NIGHT, LOG, first=0)
    keeper.start()
    end = time.monotonic() + 30
    while not (folder / "copies" / "poc-2026-04-14.zip").exists() and time.monotonic() < end:
        time.sleep(0.05)
    keeper.stop()
    assert os.listdir(folder / "copies") == ["poc-2026-04-14.zip"]
