"""What is supposed is what would be: asking before equals writing first and asking then."""

import re
from typing import Any

import pytest
from sqlalchemy import text

from poc import AREAS
from poc.answer import Reading, Row, find
from poc.answer import suppose as supposing
from poc.area import Query
from poc.book import Book
from poc.demo import COORDINATOR, NightFerry
from poc.supposing import RULE, supposed
from sync.database import reading
from tests.test_doors import INES
from tests.test_publish import rows

ON_BOTH = True

BOOK = Book(AREAS)
PAGE = BOOK.by_path["/days/<day>/change"]
CHOICES = {
    "nothing": {},
    "everybody": {"what": "general", "minutes": "-75", "typed": "too"},
    "one person": {"what": "person", "who": INES, "time": "04:40"},
    "a department": {"what": "department", "who": "Grip", "minutes": "90"},
    "another place": {"what": "place", "who": "Studio B"},
    "scenes away": {"what": "scenes", "strips": "all"},
    "cancelled": {"what": "cancel"},
}


def chosen(ferry: NightFerry, name: str) -> Row:
    """Choose by id what a choice names, on the day after today."""
    day = ferry.days[12]
    query = "select id from strip where place like :day order by id"
    strips = " ".join(one["id"] for one in rows(ferry, query, day=f"{day}%"))
    places = rows(ferry, "select id, name from location")
    known = {**ferry.people, **{place["name"]: place["id"] for place in places}, "all": strips}
    return {"day": day, **{key: known.get(said, said) for key, said in CHOICES[name].items()}}


def asked(ferry: NightFerry, queries: tuple[Query, ...], given: Row, edits: list[Row]) -> Row:
    """Ask queries, supposing these edits."""
    with reading(ferry.production.engine) as connection:

        def ask(sql: str, parameters: Any) -> list[Row]:
            return [dict(row) for row in connection.execute(text(sql), parameters).mappings()]

        sight = Reading(ask, 0, "", frozenset(), "", "", "", "")
        return supposing(queries, sight, given, edits)


def really(name: str) -> Query:
    (found,) = (query for one, query in BOOK.queries.items() if one.partition(".")[2] == name)
    return found


@pytest.mark.parametrize("name", CHOICES)
def test_what_is_supposed_is_what_is_found_once_it_is_written(name: str, ferry: NightFerry) -> None:
    given = chosen(ferry, name)
    edits = find_edits(ferry, given)
    assert bool(edits) == (name != "nothing")
    before = asked(ferry, PAGE.supposed, given, edits)
    with ferry.production.journal.desk() as desk:
        for kind, record in {(one["kind"], one["record"]): 0 for one in edits}:
            fields = {
                one["field"]: one["value"] or None for one in edits if one["record"] == record
            }
            if desk.standing(kind, record).exists:
                desk.set(kind, record, **fields)
            else:
                desk.create(kind, fields, record)
    real = tuple(really(query.name) for query in PAGE.supposed)
    assert before == asked(ferry, real, given, [])


def find_edits(ferry: NightFerry, given: Row) -> list[Row]:
    with reading(ferry.production.engine) as connection:
        return find(  # type: ignore[no-any-return]
            lambda sql, p: [dict(row) for row in connection.execute(text(sql), p).mappings()],
            really("edits"),
            given,
        )


def test_a_record_that_was_removed_is_there_again_when_it_is_written(ferry: NightFerry) -> None:
    day, ines = ferry.days[12], ferry.people[INES]
    with ferry.production.journal.desk() as desk:
        desk.remove("call", f"{day}.{ines}")
    given = {"day": day, "what": "person", "who": ines, "time": "05:00"}
    found = asked(ferry, PAGE.supposed, given, find_edits(ferry, given))
    assert [one["call"] for one in found["affected"]] == ["05:00"]


def test_every_film_rule_names_its_tables_where_they_can_be_supposed() -> None:
    """A table behind a comma would be read as it is, and nobody would see."""
    names = "|".join((*BOOK.kinds, *(RULE.findall(sql)[0] for sql in BOOK.views)))
    for sql in (*BOOK.views, *(query.sql for query in BOOK.queries.values())):
        behind = re.search(rf"\b(?:from|join)\s+\w+(?:\s+\w+)?\s*,\s*(?:{names})\b(?!\.)", sql)
        assert behind is None, sql


def test_a_query_reads_supposed_tables_under_its_own_names() -> None:
    kinds = [BOOK.kinds["call"]]
    query = Query(
        "q",
        "*",
        "calls",
        "select call.id from call where exists (select 1 from call other\n"
        "    left join person on person.id = other.person) order by call.id",
    )
    sql = supposed(query, kinds, BOOK.views).sql
    assert "from supposed_call call where" in sql
    assert "from supposed_call other\n" in sql
    assert "supposed_person" not in sql
    assert "supposed_due" not in sql


def test_supposing_writes_nothing(ferry: NightFerry) -> None:
    before = ferry.production.journal.stand()
    for name in CHOICES:
        given = chosen(ferry, name)
        asked(ferry, PAGE.supposed, given, find_edits(ferry, given))
    assert ferry.production.journal.stand() == before
    assert rows(ferry, "select count(*) as n from clash") == [{"n": 0}]
    assert ferry.write(COORDINATOR, "shoot_day", ferry.days[12], notes="Free").st == "applied"
