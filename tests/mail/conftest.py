"""The office of the mail's tests: Night Ferry, with a real mail server on loopback."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from poc.bell import outbox
from poc.bell.errands import NO_PHONE
from poc.demo import COORDINATOR, NightFerry
from poc.mail.means import SETTINGS, means
from poc.mail.postman import Postman
from sync.database import reading
from tests.conftest import NOW
from tests.mail.mail_server import MailServer

INES, WEN = "Ines Okafor", "Wen Li"
OFFICE, BOUNCES = "office@aurora-film.com", "bounces@aurora-film.com"
PLACE = "https://poc.aurora-film.com"


class Post:
    """Night Ferry and its postman, in an office whose clock a test turns."""

    def __init__(self, office: Flask, ferry: NightFerry) -> None:
        self.office, self.ferry = office, ferry

    def set_up(self, **asked: str) -> None:
        """Give the office other means."""
        self.office.extensions["mail"] = means(dict.fromkeys(SETTINGS, "") | asked)

    def serve(self, port: int, way: str = "smtp", login: str = "", **asked: str) -> None:
        """Let the office hand its mail to a server on loopback."""
        url = f"{way}://{login}127.0.0.1:{port}"
        about = {"SMTP_URL": url, "MAIL_FROM": OFFICE, "MAIL_BOUNCES": BOUNCES, "OFFICE_URL": PLACE}
        self.set_up(**(about | asked))

    def change(self, call: str, name: str = INES, day: int = 12) -> None:
        """Change one person's call and publish the day again; the bell finds no phone to ring."""
        person, one = self.ferry.people[name], self.ferry.days[day]
        about = {"shoot_day": one, "person": person, "time": call}
        assert self.ferry.write(COORDINATOR, "call", f"{one}.{person}", **about).st == "applied"
        assert self.ferry.publish(day).st == "applied"
        unrung = "select id from notice where gone = 0 and sent_at is null and failed is null"
        with self.ferry.production.journal.desk() as desk:
            tried = list(desk.connection.execute(text(unrung)).scalars())
            for notice in tried:
                desk.set("notice", notice, failed=NO_PHONE)
            outbox.done(desk.connection, tried, desk.now)

    def go(self, timeout: float = 20) -> int:
        """Send the postman on one round."""
        return Postman(self.office, timeout).go_round()

    def later(self, **span: float) -> None:
        """Let time pass, counted from the evening on which all of this begins."""
        moment = NOW + timedelta(**span)
        self.turn(lambda: moment)

    def turn(self, clock: Callable[[], datetime]) -> None:
        """Give the office another clock."""
        house, production = self.office.extensions["poc"], self.ferry.production
        house.clock = house.productions.clock = clock
        production.clock = production.journal.clock = clock

    def ask(self, query: str, **about: object) -> list[dict[str, Any]]:
        with reading(self.ferry.production.engine) as connection:
            return [dict(row) for row in connection.execute(text(query), about).mappings()]

    def letters(self, name: str = INES) -> list[dict[str, Any]]:
        """Give the letters to somebody, oldest first."""
        query = "select * from letter where person = :person and gone = 0 order by id"
        return self.ask(query, person=self.ferry.people[name])

    def letter(self, name: str = INES) -> dict[str, Any]:
        return self.letters(name)[-1]

    def address(self, name: str = INES) -> str:
        (row,) = self.ask("select email from person where id = :id", id=self.ferry.people[name])
        return str(row["email"])

    def sent_by_bell(self, name: str = INES) -> None:
        """Let the newest notice to somebody have reached a phone of theirs."""
        query = "select max(id) as id from notice where person = :person"
        (row,) = self.ask(query, person=self.ferry.people[name])
        with self.ferry.production.journal.desk() as desk:
            desk.set("notice", row["id"], sent_at=desk.now, failed=None)


@pytest.fixture
def post(office: Flask, ferry: NightFerry) -> Post:
    """A postman with nothing left to do from earlier days."""
    at_once = {"undo_seconds": 0, "quiet_from": "00:00", "quiet_until": "00:00"}
    ferry.write(COORDINATOR, "production", "production", **at_once)
    with ferry.production.journal.desk() as desk:
        for notice in list(desk.connection.execute(text("select id from notice")).scalars()):
            desk.remove("notice", notice)
    return Post(office, ferry)


@pytest.fixture
def mail_server(post: Post) -> Iterator[MailServer]:
    """A mail server that takes everything, and the office's mail goes there."""
    with MailServer().running() as server:
        post.serve(server.port)
        yield server
