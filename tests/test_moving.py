"""A production moves to PostgreSQL and back, and nothing about it is different."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, Table, create_engine, select, text

from poc import AREAS, create_app
from poc.book import Book
from poc.demo import COORDINATOR, SLUG, NightFerry
from poc.door import COOKIE
from poc.fitting import furnish
from poc.mail import outbox as letters
from poc.moving import add_to, copy
from poc.office.models import Publication
from poc.places import Place, Unusable, blobs_of, place_at
from poc.records import Record
from sync import Change
from sync.database import open_database, reading, writing
from sync.lives import begin_again
from tests.cluster import Cluster
from tests.conftest import NOW, close
from tests.test_doors import BASE, Enter

BOOK = Book(AREAS)
ODD = "Zoë “Zed” O'Neill\t½ 日本 🎬\nsecond line"


@pytest.fixture
def empty(cluster: Cluster) -> Iterator[str]:
    """A PostgreSQL with nothing in it."""
    with cluster.clone("template1") as address:
        yield address


@pytest.fixture
def lived(ferry: NightFerry) -> Path:
    """The data folder of a production in which everything happened that leaves rows behind."""
    journal, stand = ferry.production.journal, ferry.production.journal.stand()
    ines, day = ferry.people["Ines Okafor"], ferry.days[12]
    ferry.write(COORDINATOR, "person", ines, name=ODD)
    late = [
        Change("late.1", "set", "shoot_day", day, "wrap", "21:00", base=1),
        Change("late.2", "set", "shoot_day", day, "wrap", "never", base=stand),
        Change("late.3", "delete", "location", "no such place", base=stand),
        Change("late.4", "create", "strip", "s\u2028", value={"place": "boneyard 1"}),
        Change("late.5", "set", "person", ines, "name", "half \ud83d", base=stand),
    ]
    taken = journal.write(ferry.people["Dana Farouk"], "late", late)
    assert {result.st for _, result in taken} == {"applied", "conflict", "rejected"}
    with journal.desk() as desk:
        desk.remove("person", ferry.people["Wen Li"])
        desk.create("device", {"person": ines, "name": "iPhone"})
        letters.queue(desk.connection, desk.create("letter", {"person": ines}), desk.now)
    ferry.write(COORDINATOR, "particulars", person=ines, address="Rua das Flores 5")
    ferry.write(COORDINATOR, "invite", person=ines)
    ferry.write(COORDINATOR, "attachment", subject="shoot_day", about=day, name="plan.pdf")
    ferry.write(COORDINATOR, "preference", person=ines, quiet_from="23:00")
    ferry.publish(13)
    sheet = published(ferry)
    ferry.write(COORDINATOR, "briefing", publication=sheet, department="Grip")
    ferry.write(COORDINATOR, "reminder", publication=sheet)
    with journal.desk() as desk:
        desk.create("calendar", {"person": ines, "made_at": desk.now})
        desk.create("withdrawal", {"shoot_day": day, "colour": "White", "made_at": desk.now})
    begin_again(ferry.production.engine)
    return Path(str(ferry.production.engine.url.database)).parent.parent


def published(ferry: NightFerry) -> str:
    """Name what was published last."""
    with reading(ferry.production.engine) as connection:
        newest = select(Publication.id).order_by(Publication.seq.desc()).limit(1)
        return str(connection.execute(newest).scalar_one())


def move(*words: str) -> int:
    """Give the command as ./go does."""
    parser = ArgumentParser()
    add_to(parser.add_subparsers(required=True))
    options = parser.parse_args(["move", *words])
    done: int = options.work(options)
    return done


def everything(place: Place, slug: str = SLUG) -> dict[str, list[Any]]:
    """Read every table a production has, whoever made it."""
    engine, tables = place.open(slug), MetaData()
    with reading(engine) as connection:
        tables.reflect(connection)
        found = {table.name: _rows(connection, table) for table in tables.sorted_tables}
    engine.dispose()
    return found


def _rows(connection: Any, table: Table) -> list[Any]:
    rows = [dict(row) for row in connection.execute(select(table)).mappings()]
    return sorted(rows, key=lambda row: [str(row[key.name]) for key in table.primary_key])


def test_a_production_comes_back_from_postgresql_without_a_difference(
    lived: Path, empty: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(place_at(str(lived)))
    assert {name for name, rows in before.items() if not rows} == {"waiting"}
    assert move(SLUG, "--from", str(lived), "--to", empty) == 0
    there = place_at(empty)
    assert there.slugs() == [SLUG]
    assert everything(there) == before
    there.close()
    assert move(SLUG, "--from", empty, "--to", str(tmp_path / "back")) == 0
    assert everything(place_at(str(tmp_path / "back"))) == before
    total = sum(len(rows) for name, rows in before.items() if name != "fit")
    told = capsys.readouterr().out
    assert told.count(f"night-ferry: {total} rows copied and compared, none differs.") == 2


def test_who_was_let_in_before_the_move_is_still_in_and_goes_on_writing(
    lived: Path, empty: str, enter: Enter
) -> None:
    cookie = enter(COORDINATOR).get_cookie(COOKIE)
    assert cookie is not None
    move(SLUG, "--from", str(lived), "--to", empty)
    app = create_app(lived, CLOCK=lambda: NOW, DATABASE_URL=empty)
    with app.app_context():
        browser = app.test_client()
        browser.set_cookie(COOKIE, cookie.value)
        browser.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
        assert "half" not in browser.get(f"{BASE}/people").text
        stand = browser.post(f"{BASE}/sync", json={}).get_json()
        seen, life = stand["cursor"], {"generation": stand["generation"]}
        asked = {**life, "changes": [named("after.1", seen)]}
        told = browser.post(f"{BASE}/sync", json=asked).get_json()
        assert told["results"] == [["after.1", {"st": "applied", "seq": seen + 1}]]
        close(app)


def named(change: str, seen: int) -> dict[str, Any]:
    about = {"kind": "production", "record": "production", "field": "title"}
    return {"id": change, "do": "set", **about, "value": "Day Ferry", "base": seen}


def test_photos_and_pdfs_move_with_their_production(
    lived: Path, empty: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo, office, back = b"\xff\xd8\xff parking", tmp_path / "office", tmp_path / "back"
    name = sha256(photo).hexdigest()
    blobs_of(lived / "productions", SLUG).take(name, len(photo), 0, BytesIO(photo).read)
    move(SLUG, "--from", str(lived), "--to", empty, "--data", str(office))
    move(SLUG, "--from", empty, "--to", str(back), "--data", str(office))
    for folder in (office, back):
        file = blobs_of(folder / "productions", SLUG).find(name)
        assert file is not None
        assert file.read_bytes() == photo
    assert capsys.readouterr().out.count(" rows and 1 file copied and compared") == 2


def test_a_photo_that_was_damaged_at_the_old_place_stops_the_move(lived: Path, empty: str) -> None:
    blobs = blobs_of(lived / "productions", SLUG)
    name = sha256(b"parking").hexdigest()
    blobs.take(name, 7, 0, BytesIO(b"parking").read)
    file = blobs.find(name)
    assert file is not None
    file.write_bytes(b"parkinG")
    with pytest.raises(Unusable, match="1 file did not arrive undamaged"):
        move(SLUG, "--from", str(lived), "--to", empty, "--data", str(lived.parent / "office"))
    assert schemas(empty) == []


def test_nothing_is_moved_over_a_production_of_the_same_name(lived: Path, empty: str) -> None:
    move(SLUG, "--from", str(lived), "--to", empty)
    there = place_at(empty)
    before = everything(there)
    for target in (empty, str(lived)):
        with pytest.raises(Unusable, match="at the other end already, and it was left as it is"):
            move(SLUG, "--from", str(lived), "--to", target)
    assert everything(there) == before
    there.close()


def test_a_production_that_is_not_there_is_not_moved(empty: str, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="no production named salt-ash"):
        move("salt-ash", "--from", str(tmp_path), "--to", empty)


def test_what_this_version_does_not_know_is_never_left_behind_in_silence(
    lived: Path, empty: str, ferry: NightFerry
) -> None:
    with writing(ferry.production.engine) as connection:
        connection.execute(text("create table storyboard (id text primary key)"))
    with pytest.raises(Unusable, match="holds storyboard, which this POC does not know"):
        move(SLUG, "--from", str(lived), "--to", empty)
    assert schemas(empty) == []


def test_a_copy_that_differs_in_one_letter_is_given_up(ferry: NightFerry, tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/copy.db")
    furnish(engine, BOOK)
    spoiling = "update person set name = name || '.' where id = new.id and name = 'Marta Teixeira'"
    with writing(engine) as connection:
        connection.execute(
            text(f"create trigger spoil after insert on person begin {spoiling}; end")
        )
    spoiled = pytest.raises(Unusable, match=r"In person the row .* did not arrive as it was")
    with reading(ferry.production.engine) as here, writing(engine) as there, spoiled:
        copy(here, there)
    engine.dispose()


def test_a_copy_into_something_that_was_not_empty_is_given_up(
    ferry: NightFerry, tmp_path: Path
) -> None:
    engine = open_database(f"sqlite:///{tmp_path}/copy.db")
    furnish(engine, BOOK)
    with writing(engine) as connection:
        connection.execute(Record.metadata.tables["person"].insert(), {"id": "somebody"})
    spoiled = pytest.raises(Unusable, match="In person there are other rows")
    with reading(ferry.production.engine) as here, writing(engine) as there, spoiled:
        copy(here, there)
    engine.dispose()


def schemas(address: str) -> list[str]:
    """List what a move may have left in a PostgreSQL."""
    engine = create_engine(address)
    with engine.connect() as connection:
        names = connection.execute(text("select nspname from pg_namespace")).scalars().all()
    engine.dispose()
    return [name for name in names if name.startswith(("p_", "half_"))]
