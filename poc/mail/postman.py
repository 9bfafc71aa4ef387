"""The postman: looks whom no notice reached, writes to them, and notes how far each letter got."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from threading import Event, Thread
from typing import Any

from flask import Flask
from sqlalchemy import Row

from poc.bell.post import LATER, TAKEN, Answer
from poc.house import house
from poc.mail import letters, outbox, sms
from poc.mail.facts import Facts, facts
from poc.mail.ladder import MAIL, SMS
from poc.mail.look import look
from poc.mail.means import Means, the_means
from poc.mail.smtp import TIMEOUT, Carrier
from poc.productions import Production
from sync.database import reading, writing

LOOK_EVERY, FIRST_LOOK = 20.0, 1.0  # seconds
TRIES = 10
SHORTEST_PAUSE, LONGEST_PAUSE = 30, 900  # seconds
NAMES = {MAIL: "mail", SMS: "SMS"}
UNWRITTEN = "it could not be written; whoever runs the office finds why in its log"


class Postman:
    """One loop in one thread. Several may run, in several processes: one takes each letter."""

    def __init__(self, app: Flask, timeout: float = TIMEOUT, every: float = LOOK_EVERY) -> None:
        self._app = app
        self._timeout, self._every = timeout, every
        self._stopped = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin to look, beside whatever else this process does."""
        self._thread = Thread(target=self._run, name="postman", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what is in hand, and end."""
        self._stopped.set()
        if self._thread:
            self._thread.join()

    def go_round(self) -> int:
        """Write what is due now and take it to the post; say how many letters were taken."""
        count = 0
        with self._app.app_context():
            for production in _productions():
                look(production, the_means(), production.clock())
                while taken := self._deliver_some(production):
                    count += taken
        return count

    def _run(self) -> None:
        pause = min(FIRST_LOOK, self._every)
        while not self._stopped.wait(pause):
            pause = self._every
            try:
                self.go_round()
            except Exception:
                # Nobody looks at this thread: it writes down what happened and tries again.
                self._app.logger.exception("The mail did not go out; the next try is soon.")

    def _deliver_some(self, production: Production) -> int:
        now, means = production.clock(), the_means()
        with reading(production.engine) as connection:
            if not outbox.waits(connection, now):
                return 0
        with writing(production.engine) as connection:
            claimed = outbox.claim(connection, now)
        with Round(self._app, production, means, now, self._timeout) as work:
            for row in claimed:
                if self._stopped.is_set():  # the lease gives the others to the next postman
                    break
                work.deliver(row)
        return len(claimed)


class Round:
    """One round through a production: its letters go over one connection, each settled at once,
    so that whoever is killed sends at most the letter in hand a second time, as the same mail.
    """

    def __init__(
        self, app: Flask, production: Production, means: Means, now: datetime, timeout: float
    ) -> None:
        self._app = app
        self._production = production
        self._means = means
        self._now = now
        self._carrier = Carrier(means.mail, timeout) if means.mail else None

    def __enter__(self) -> "Round":
        return self

    def __exit__(self, *_: object) -> None:
        if self._carrier:
            self._carrier.hang_up()

    def deliver(self, row: Row[Any]) -> None:
        """Take one letter to the post, unless there is nothing left to say in it."""
        with reading(self._production.engine) as connection:
            found = facts(connection, row.letter)
        if found is None or found.letter["known"] or found.overtaken:
            self._withdraw(row.letter)
            return
        try:
            answer = self._post(found)
        except Exception:
            # One that cannot be written must not hold up the others.
            self._app.logger.exception("A letter could not be written.")
            answer = Answer("unwritten", UNWRITTEN)
        self._settle(row, found, answer)

    def _post(self, found: Facts) -> Answer:
        about = (house(), self._production, found, self._means)
        to = found.letter["address"]
        if found.letter["channel"] == MAIL and self._carrier:
            message: EmailMessage = letters.mail(*about)
            return self._carrier.carry(message, self._means.bounces, to)
        if found.letter["channel"] == SMS and self._means.sms:
            return sms.send(self._means.sms, to, letters.sms(*about))
        return Answer(LATER, "the office has no mail server or SMS account any more")

    def _settle(self, row: Row[Any], found: Facts, answer: Answer) -> None:
        way = NAMES[found.letter["channel"]]
        with self._production.journal.desk() as desk:
            if answer.outcome == TAKEN:
                desk.set("letter", row.letter, sent_at=desk.now, delay=None)
            elif answer.outcome == LATER and row.tries < TRIES:
                desk.set("letter", row.letter, delay=answer.say)
                outbox.again(desk.connection, row.letter, self._now + wait(row.tries))
                return
            else:
                refused = answer.outcome != LATER
                say = f"{way} refused: {answer.say}" if refused else f"{way} not sent: {answer.say}"
                desk.set("letter", row.letter, failed=say, delay=None)
            outbox.done(desk.connection, row.letter, desk.now)

    def _withdraw(self, letter: str) -> None:
        with self._production.journal.desk() as desk:
            desk.remove("letter", letter)
            outbox.done(desk.connection, letter, desk.now)


def wait(tries: int) -> timedelta:
    """Say how long to wait after so many tries: a mail server that greylists wants minutes."""
    longest = min(LONGEST_PAUSE, SHORTEST_PAUSE * 2**tries)
    return timedelta(seconds=random.uniform(SHORTEST_PAUSE, longest))


def _productions() -> Iterator[Production]:
    productions = house().productions
    for slug in productions.slugs():
        if production := productions.get(slug):
            yield production
