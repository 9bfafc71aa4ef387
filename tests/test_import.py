"""Bringing files in: looked at first, brought in once, and never over what the office typed."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from poc.__main__ import main
from poc.demo import COORDINATOR
from poc.owner import bring_file, first_records
from poc.productions import Production
from poc.records import Record
from sync import Change
from sync.database import reading
from tests.test_doors import BASE, Enter
from tests.test_files import DATA, FILES, KEYS, the

ON_BOTH = True

USS = "schedules/uss/small_sample_schedule.uss"
LONG_USS = "schedules/uss/schedule-days-01-18.uss"
CREW = """Name,Position,Department,Mobile,E-mail,Address
Nova Reis,Gaffer,Electric,+351 21 000 0301,nova@film.example,Rua das Flores 5
Teo Brandt,Key Grip,Grip,+351 21 000 0302,teo@film.example,
"""


@pytest.fixture
def film(office: Flask) -> Production:
    """A production with nothing in it but its coordinator."""
    production: Production = office.extensions["poc"].productions.begin("salt-ash")
    first_records(production, "Salt & Ash", "Europe/Lisbon", "Noor Haddad")
    return production


def bring(film: Production, content: str | bytes, name: str, start: str = "") -> dict[str, int]:
    raw = content.encode() if isinstance(content, str) else content
    return bring_file(film, "noor", raw, name, start)


def rows(film: Production, sql: str, **about: Any) -> list[Any]:
    with reading(film.engine) as connection:
        return [tuple(row) for row in connection.execute(text(sql), about)]


def contents(film: Production) -> dict[str, list[Any]]:
    return {
        table.name: rows(film, f'select * from "{table.name}" order by id')
        for table in Record.metadata.sorted_tables
    }


def typed(film: Production, kind: str, record: str, name: str, value: str) -> None:
    """Let the coordinator type something."""
    person = rows(film, "select person from membership")[0][0]
    stand = film.journal.stand()
    change = Change(f"desk.{stand}", "set", kind, record, name, value, stand)
    ((_, result),) = film.journal.write(person, "desk", [change])
    assert result.st == "applied", result


# What a file brings.


def test_a_schedule_comes_in_as_its_facts_say(film: Production) -> None:
    facts = json.loads((DATA / "facts.json").read_text("utf-8"))[LONG_USS]
    counts = bring(film, the(LONG_USS), "a.uss")
    assert counts["changed"] <= 2  # the production's own colours
    assert rows(film, "select count(*) from scene") == [(facts["breakdowns"]["scene"],)]
    assert rows(film, "select count(*), count(*) - count(scene) from strip") == [
        (sum(facts["breakdowns"].values()), facts["breakdowns"]["banner"])
    ]
    assert rows(film, "select sum(eighths) from scene") == [(facts["pages_eighths"],)]
    found = rows(film, "select date, eighths from planned_day where scenes > 0 order by date")
    assert found == [(day["date"], day["eighths"]) for day in facts["days"] if day["eighths"]]


def test_a_schedule_starts_on_the_day_it_is_told_to(film: Production) -> None:
    bring(film, the(LONG_USS), "a.uss")
    first = rows(film, "select min(date) from shoot_day")[0][0]
    bring(film, the(LONG_USS), "a.uss", "2027-01-04")
    moved = rows(film, "select min(date), count(*) from shoot_day")
    assert moved[0][0] == "2027-01-04" != first
    assert moved[0][1] == rows(film, "select max(number) from shoot_day")[0][0]


def test_people_come_in_with_what_is_private_kept_apart(film: Production) -> None:
    assert bring(film, CREW, "crew.csv") == {"new": 3, "changed": 0}
    (nova,) = rows(film, "select id, position, department, phone from person where name like 'N%s'")
    assert nova[1:] == ("Gaffer", "Electric", "+351210000301")
    assert rows(film, "select person, address from particulars") == [(nova[0], "Rua das Flores 5")]
    assert "Flores" not in str(rows(film, "select * from person"))


# A second time.


def test_people_come_in_with_the_language_they_are_told_in(film: Production) -> None:
    bring(
        film, "Name,Position,Langue\nNova Reis,Gaffer,Français\nTeo Brandt,Grip,Deutsch\n", "c.csv"
    )
    found = rows(film, "select name, language from person where language is not null order by name")
    assert found == [("Nova Reis", "fr"), ("Teo Brandt", "de")]


@pytest.mark.parametrize("path", [USS, LONG_USS, "contacts/vcards/gmail-list.vcf"])
def test_a_second_import_adds_nothing(path: str, film: Production) -> None:
    assert bring(film, the(path), path)["new"] > 0
    before, stand = contents(film), film.journal.stand()
    assert bring(film, the(path), path) == {"new": 0, "changed": 0}
    assert contents(film) == before
    assert film.journal.stand() == stand


def test_the_same_people_from_another_program_are_met_not_doubled(film: Production) -> None:
    bring(film, CREW, "crew.csv")
    card = "BEGIN:VCARD\nVERSION:3.0\nFN:Nova Reis\nEMAIL:nova@film.example\nEND:VCARD\n"
    assert bring(film, card, "nova.vcf")["new"] == 0
    assert rows(film, "select count(*) from person where name = 'Nova Reis'") == [(1,)]


def test_what_the_file_changed_is_taken(film: Production) -> None:
    bring(film, CREW, "crew.csv")
    assert bring(film, CREW.replace("Gaffer", "Rigging Gaffer"), "crew.csv")["changed"] == 1
    assert rows(film, "select position from person where name = 'Nova Reis'") == [
        ("Rigging Gaffer",)
    ]
    assert rows(film, "select count(*) from clash") == [(0,)]


def test_what_the_office_typed_stays_when_the_file_says_what_it_always_said(
    film: Production,
) -> None:
    bring(film, CREW, "crew.csv")
    ((nova,),) = rows(film, "select id from person where name = 'Nova Reis'")
    typed(film, "person", nova, "position", "Best Boy")
    assert bring(film, CREW, "crew.csv") == {"new": 0, "changed": 0}
    assert rows(film, "select position from person where id = :id", id=nova) == [("Best Boy",)]
    assert rows(film, "select count(*) from clash") == [(0,)]


def test_what_both_changed_is_a_clash_once_and_nothing_is_overwritten(film: Production) -> None:
    bring(film, CREW, "crew.csv")
    ((nova,),) = rows(film, "select id from person where name = 'Nova Reis'")
    typed(film, "person", nova, "position", "Best Boy")
    for _ in range(2):
        bring(film, CREW.replace("Gaffer", "Rigging Gaffer"), "crew.csv")
        assert rows(film, "select position from person where id = :id", id=nova) == [("Best Boy",)]
        clash = "select subject, about, field, kept_value, late_value from clash"
        assert rows(film, clash) == [("person", nova, "position", "Best Boy", "Rigging Gaffer")]


def test_a_strip_the_office_moved_stays_where_it_was_put(film: Production) -> None:
    bring(film, the(LONG_USS), "a.uss")
    ((strip, _),) = rows(film, "select id, place from strip where scene is not null limit 1")
    typed(film, "strip", strip, "place", "boneyard 000001")
    assert bring(film, the(LONG_USS), "a.uss") == {"new": 0, "changed": 0}
    assert rows(film, "select place from strip where id = :id", id=strip) == [("boneyard 000001",)]


def test_what_the_office_took_away_does_not_come_back(film: Production) -> None:
    bring(film, CREW, "crew.csv")
    with film.journal.desk() as desk:
        desk.remove("person", rows(film, "select id from person where name = 'Teo Brandt'")[0][0])
    bring(film, CREW, "crew.csv")
    assert rows(film, "select gone from person where name = 'Teo Brandt'") == [(1,)]


def test_a_file_that_is_refused_brings_nothing(film: Production) -> None:
    before = film.journal.stand()
    with pytest.raises(Exception, match=r"Choose a \w+day to start on"):
        bring(film, the(LONG_USS), "a.uss", "2027-01-05")
    assert film.journal.stand() == before


# Through the page.


def send(browser: FlaskClient, raw: bytes, name: str, sure: bool = False) -> Any:
    head = 'content-disposition: form-data; name="{}"\r\n\r\n'
    parts = [head.format(f'file"; filename="{name}').encode() + raw]
    parts += [head.format("sure").encode() + b"1"] if sure else []
    body = b"".join(b"--x\r\n" + part + b"\r\n" for part in parts) + b"--x--\r\n"
    kind = "multipart/form-data; boundary=x"
    return browser.post(f"{BASE}/import", data=body, content_type=kind)


def test_looking_at_a_file_writes_nothing(enter: Enter, ferry: Any) -> None:
    browser = enter(COORDINATOR)
    stand = ferry.production.journal.stand()
    for raw, name in ((CREW.encode(), "crew.csv"), (the(LONG_USS), "a.uss")):
        told = send(browser, raw, name)
        assert told.status_code == 200
        assert "Nothing was changed yet." in told.text
    assert ferry.production.journal.stand() == stand


def test_a_script_is_shown_before_it_comes_in(enter: Enter) -> None:
    browser = enter(COORDINATOR)
    script = b"INT. PIER - DAY #900#\n\nANN\nNow.\n"
    told = send(browser, script, "a.fountain")
    for words in ("900 · INT. PIER - DAY", "ANN", "1/8 · partly estimated", "Nothing was changed"):
        assert words in told.text
    assert f"{BASE}/script" in send(browser, script, "a.fountain", sure=True).text
    assert "INT. PIER - DAY" in browser.get(f"{BASE}/script").text


def test_a_file_is_brought_in_when_the_coordinator_is_sure(enter: Enter, ferry: Any) -> None:
    browser = enter(COORDINATOR)
    told = send(browser, CREW.encode(), "crew.csv", sure=True)
    assert told.status_code == 200
    assert "3 new, 0 changed" in told.text
    assert "Nova Reis" in browser.get(f"{BASE}/people").text
    assert "0 new, 0 changed" in send(browser, CREW.encode(), "crew.csv", sure=True).text


def test_every_real_file_is_brought_in_or_refused_in_a_sentence(enter: Enter) -> None:
    browser = enter(COORDINATOR)
    statuses = set()
    for path in FILES:
        for sure in (False, True):
            told = send(browser, the(path), Path(path).name, sure)
            statuses.add(told.status_code)
            assert told.status_code in (200, 422), path
            if told.status_code == 422:
                assert 'role="alert"' in told.text, path
    assert statuses == {200, 422}


def test_no_file_at_all_is_asked_for(enter: Enter) -> None:
    told = enter(COORDINATOR).post(f"{BASE}/import", data={"sure": "1"})
    assert told.status_code == 422
    assert "Choose a file first." in told.text


def test_a_file_too_large_is_refused_in_a_sentence(enter: Enter) -> None:
    told = send(enter(COORDINATOR), b"x" * (34 * 1024 * 1024), "crew.csv")
    assert told.status_code == 413
    assert "32 MB" in told.text


def test_the_name_of_a_file_is_only_text(enter: Enter) -> None:
    told = send(enter(COORDINATOR), b"%PDF", "<b>crew</b>.pdf")
    assert told.status_code == 422
    assert "<b>crew" not in told.text


# From the command line.


def command(*words: str, folder: Path) -> int:
    return main(["import", *words, *([] if "--check" in words else ["--data", str(folder)])])


@pytest.mark.parametrize("path", [USS, "contacts/vcards/gmail-list.vcf"])
def test_a_check_prints_one_object_with_every_key(
    path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(str(DATA / path), "--check", folder=tmp_path) == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert list(json.loads(told.out)) == KEYS
    assert told.out.count("\n") == 1


def test_the_command_can_be_started_as_a_module() -> None:
    words = [sys.executable, "-m", "poc", "import", str(DATA / USS), "--check"]
    told = subprocess.run(words, capture_output=True, text=True, check=True)
    assert list(json.loads(told.stdout)) == KEYS


def test_the_command_makes_a_production_and_meets_it_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = (str(DATA / USS), "--production", "Salt & Ash", "--zone", "Europe/Lisbon")
    assert command(*words, folder=tmp_path) == 0
    assert command(*words, folder=tmp_path) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert "0 new" not in first
    assert second == "small_sample_schedule.uss: 0 new, 0 changed."
    assert [file.name for file in (tmp_path / "productions").glob("*.db")] == ["salt-ash.db"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["no-such-file.uss", "--production", "x"], "cannot be read: No such file"),
        ([str(DATA / USS)], "Say which production the file is for"),
        ([str(DATA / "facts.json"), "--check"], "neither a USS schedule nor a jCard"),
        ([str(DATA / USS), "--production", "x", "--start", "soon"], "written like 2026-04-13"),
        ([str(DATA / USS), "--production", "x", "--zone", "Mars/Base"], "time zone"),
    ],
)
def test_a_command_that_cannot_be_done_says_why_in_one_line(
    words: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(*words, folder=tmp_path) == 1
    told = capsys.readouterr()
    assert sentence in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""
