"""The check finds nothing wrong where nothing is wrong, and names every damage done by hand."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from sync import Journal
from sync.check import Report, check
from sync.database import open_database
from tests.sync import film
from tests.sync.film import KINDS, drop, make, put, send, together
from tests.sync.world import World, live

REFERENCES = {("deal", "person"): "contact"}

# What is done to the database, and what must be said of it.
DAMAGES = (
    ("update scene set heading = 'Sea'", "s1 is not in its table as in the journal: heading."),
    ("update scene set seq = 3 where id = 's1'", "s1 is not in its table as in the journal: seq."),
    ("update scene set gone = 1", "s1 is not in its table as in the journal: gone."),
    ("delete from scene", "The scene s1 is in the journal and not in its table."),
    ("insert into contact (id) values ('c9')", "The contact c9 is in its table and not in the jo"),
    ("delete from ledger where id = 's1'", "The scene s1 is missing: the journal has changes of i"),
    ("delete from ledger where id = 's1'", "The scene s1 is in its table and not in the journal."),
    ("update ledger set kind = 'boat'", "The record s1 is of no known kind: boat."),
    ("update ledger set kind = 'contact'", "The scene s1 is in its table and not in the journal."),
    ("update ledger set body = 'x'", "The scene s1 cannot be read."),
    ("update ledger set body = '[]'", "The scene s1 cannot be read."),
    ("update ledger set versions = '[]'", "The scene s1 cannot be read."),
    ("update ledger set writers = '[]'", "The scene s1 cannot be read."),
    ("update ledger set body = '{}'", "The scene s1 has another heading than its last change set."),
    ("update ledger set body = '{}'", "The scene s2 has another heading than its last change set."),
    ("update ledger set gone = 0", "s3 is removed, or still there, against its changes."),
    ("update ledger set gone = 1", "s1 is removed, or still there, against its changes."),
    ("update ledger set seq = 6 where id = 's1'", "s1 was last changed by a change that is not in"),
    ("update ledger set seq = 6 where id = 's1'", "Number 6 was given out twice."),
    (
        'update ledger set versions = \'{"":5,"eighths":8}\', writers = \'{"":"a1","*":"a3",'
        '"eighths":"a3"}\', body = \'{"heading":"Quay","eighths":3}\' where id = \'s1\'',
        "The scene s1 does not have the heading that was set last.",
    ),
    ("update head set seq = seq - 1", "The count stands at 16, yet number 17 was given out."),
    ("delete from head", "The count is missing: nobody can say which number was given out last."),
    ("update head set generation = ''", "The count is missing"),
    ("update change set seq = 7 where id = 'a3'", "Number 7 was given out twice."),
    ("update change set seq = 7 where id = 'a3'", "The change a3 has no readable result, or anot"),
    ("update change set result = '{}'", "The change r1 has no readable result, or another than it"),
    ("update change set result = 'x'", "The change r1 has no readable result, or another than it"),
    ("update change set st = 'lost'", "The change b1 has no readable result, or another than it"),
    ("delete from ledger where kind = 'clash'", "The change b1 became a clash, and that clash is"),
    ("delete from change where id = 'g1.2'", "The change g1.2 is missing: it was applied with oth"),
    ("delete from change where id = 'a2'", "s1 has a heading set by a change that is not in the"),
    ("delete from change where id = 'a3'", "s1 was last changed by a change that is not in the jo"),
    ("update change set wire = replace(wire, 'Pier', 'Bar')", "s1 has another heading than its la"),
    ("update change set wire = 'x'", "d1 was last changed by a change that is not in the journal"),
    ("update change set record = 's1' where id = 'g1.1'", "s1 does not have its latest change."),
    ("update change set kind = 'contact' where id = 'a3'", "s1 was changed as a record of another"),
)


@pytest.fixture
def pier(office: Journal) -> Journal:
    """Three scenes at the pier: one was removed, one clashed, one was changed twice at once."""
    sea = make("a1", "s1", heading="Quay", eighths=2)
    send(office, "ann", sea, put("a2", "s1", "heading", "Pier", after="a1"))
    send(office, "ann", put("a3", "s1", "eighths", 3, base=7))
    send(office, "ann", make("a4", "s2", heading="Beach"), make("a5", "s3", heading="Dunes"))
    send(office, "ann", drop("a6", "s3", base=12), put("r1", "s1", "eighths", 0, base=12))
    send(office, "ben", put("b1", "s1", "heading", "Sea"))
    group = (put("g1.1", "s2", "place", "Ada", base=14), put("g1.2", "s2", "eighths", 1, base=14))
    send(office, "ben", together("g1", *group))
    send(office, "ben", make("b2", "d1", "deal", person="c7"))
    return office


def checked(office: Journal) -> Report:
    return check(office.engine, KINDS, REFERENCES)


def test_nothing_is_wrong_with_what_the_engine_wrote(pier: Journal) -> None:
    report = checked(pier)
    assert not report.faults
    assert (report.records, report.changes) == (12, 20)


def test_a_record_nobody_knows_is_worth_a_note_and_no_fault(pier: Journal) -> None:
    assert checked(pier).notes == ("1 × deal names a contact that has not arrived.",)


@pytest.mark.parametrize(("statement", "sentence"), DAMAGES)
def test_every_damage_is_named(pier: Journal, statement: str, sentence: str) -> None:
    with pier.engine.begin() as connection:
        connection.execute(text(statement.replace(":", r"\:")))
    assert any(sentence in fault for fault in checked(pier).faults)


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_wrong_after_any_history(database: Engine, seed: int) -> None:
    world = live(World(film.begin(database)), seed, 400)
    world.settle()
    assert not checked(world.office).faults


def steps(office: Journal, counted: list[int]) -> int:
    """Count what SQLite does during a check, in hundreds of its own steps."""
    counted.clear()
    assert not checked(office).faults
    return len(counted)


def test_ten_times_the_journal_costs_ten_times_the_check(file: Engine) -> None:
    office, counted = film.begin(file), list[int]()
    with file.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        driver.set_progress_handler(lambda: counted.append(1), 100)
    cost = []
    for count in (500, 5000):
        with office.desk() as desk:
            for n in range(count):
                desk.create("contact", {"name": f"Name {n}"}, f"c{n % (count // 2)}")
        cost.append(steps(office, counted))
    driver.set_progress_handler(None, 0)
    assert 8 < cost[1] / cost[0] < 14


def test_a_value_the_tables_forbid_is_reported(tmp_path: Path) -> None:
    office = film.begin(film.build(open_database(f"sqlite:///{tmp_path}/film.db")))
    send(office, "ann", make("a1", "s1", heading="Quay", eighths=2))
    with closing(sqlite3.connect(tmp_path / "film.db")) as careless:
        careless.execute("pragma ignore_check_constraints = on")
        careless.execute("update scene set eighths = 0")
        careless.commit()
    assert checked(office).faults == ("The file is damaged: CHECK constraint failed in scene.",)


def test_a_file_with_a_torn_page_is_reported_and_not_read_further(tmp_path: Path) -> None:
    whole = tmp_path / "whole.db"
    office = film.begin(film.build(open_database(f"sqlite:///{whole}")))
    send(office, "ann", *(make(f"a{n}", f"s{n}", heading=f"Quay {n}") for n in range(200)))
    office.engine.dispose()
    torn = bytearray(whole.read_bytes())
    torn[-9000:-4000] = bytes(5000)
    whole.write_bytes(torn)
    (fault,) = checked(film.open_office(open_database(f"sqlite:///{whole}"))).faults
    assert fault.startswith("The database cannot be read to its end: ")


def test_a_file_that_is_no_database_is_reported(tmp_path: Path) -> None:
    (tmp_path / "film.db").write_bytes(b"not a database, but long enough to be taken for one" * 99)
    engine = open_database(f"sqlite:///{tmp_path}/film.db")
    faults = check(engine, KINDS).faults
    assert faults == ("The database cannot be read to its end: file is not a database.",)
