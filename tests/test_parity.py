"""Every page, for every person: the office and the worker give the same bytes."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from poc import answer
from poc.book import Book
from poc.demo import COORDINATOR, ROLES, NightFerry
from poc.house import House
from poc.productions import Production
from poc.roles import scope_of
from sync import Scope
from sync.database import reading
from tests.worker import Worker

EVERYBODY = (COORDINATOR, *ROLES)
SAMPLES = {
    "day": "select id from shoot_day where number in (1, 12, 13) order by number",
    "draft": "select id from draft order by number",
    "location": "select id from location order by name",
    "person": "select id from person where name in ('Ines Okafor', 'נור', 'دנה') or name like 'W%'"
    " order by name",
    "publication": "select id from publication order by revision, id",
    "script_scene": "select id from script_scene where number in ('66', '86', '92', '93')"
    " order by draft, number",
    "strip": "select id from strip order by id limit 2",
}


# What may follow the address of a page, with records of the production in it.
WORDS = {
    "/days/<day>/change": [
        "?minutes=30&typed=too",
        "?time=05%3A10",
        "?minutes=9999",
        "?what=person",
        "?what=person&who=<person>&minutes=-45",
        "?what=department",
        "?what=department&who=Make-up&minutes=15&typed=too",
        "?what=department&who=Nobody%20%26%20Co&time=25:10",
        "?what=place&who=<location>",
        "?what=scenes&strips=<strip>&onto=<day>&fetch=<strip>",
        "?what=scenes&strips=<strip>&strips=nobody",
        "?what=cancel",
        "?what=restore",
        "?what=nonsense&minutes=1e3&time=99:99&who=%00%FF&typed=&strips=%27%3B",
    ]
}


def paths(book: Book, production: Production) -> Iterator[str]:
    """List addresses of every page: each with records that exist, and one that does not."""
    with reading(production.engine) as connection:
        known = {
            name: connection.execute(text(sql)).scalars().all() for name, sql in SAMPLES.items()
        }
    for asked in book.pages:
        page = asked.page.path
        name = page.partition("<")[2].partition(">")[0]
        ids = [*known[name], "nobody"] if name else [""]
        for one in ids:
            yield page.replace(f"<{name}>", one) if name else page
        for words in WORDS.get(page, ()):
            yield re.sub(r"<(\w+)>", lambda part: known[part[1]][0], page + words)


def scope_for(production: Production, person: str) -> Scope:
    with reading(production.engine) as connection:
        scope = scope_of(connection, person)
    assert scope is not None
    return scope


def from_the_office(house: House, production: Production, scope: Scope, path: str) -> object:
    try:
        with answer.look(house.book, production, scope, path) as sight:
            return {"body": answer.answer(house.book, sight, path)}
    except (answer.NotFound, answer.NotYours) as refused:
        return {"refused": type(refused).__name__}


@pytest.mark.parametrize("name", EVERYBODY)
def test_a_page_is_the_same_from_the_office_and_from_the_phone(
    name: str, office: Flask, ferry: NightFerry, worker: Worker
) -> None:
    house, production = office.extensions["poc"], ferry.production
    scope = scope_for(production, ferry.people[name])
    about = {"person": scope.person, "kinds": json.dumps(sorted(scope.reads))}
    image = production.journal.snapshot(scope.person, about)
    moment = production.now()
    today, tomorrow = (moment.date() + timedelta(days=n) for n in (0, 1))
    days = {"today": today.isoformat(), "tomorrow": tomorrow.isoformat()}
    where = {"base": production.base, **days, "now": moment.strftime("%H:%M")}
    opened = 0
    for path in paths(house.book, production):
        there = worker.ask(image, path=path, **where)
        assert there == from_the_office(house, production, scope, path), f"{name} at {path}"
        opened += "body" in there
    assert opened >= 3
