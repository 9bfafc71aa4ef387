"""The sender: takes due notices out of the outboxes, posts them, and notes how far they got."""

import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from markupsafe import Markup

from poc.bell.bell import Bell, contact_of, the_bell
from poc.bell.errands import Errand, settle, take
from poc.bell.phones import Phone, gone, keys_in_use, phones, trouble, well
from poc.bell.post import GONE, LATER, REFUSED, TAKEN, TOO_LONG, Answer, Post
from poc.bell.push import NoTarget, check, letter, topic
from poc.bell.shifts import Shift
from poc.book import Book
from poc.house import house
from poc.productions import Production

WORDS = "bell/_words.html"
THREADS = 32
LOOK_EVERY = 0.25  # seconds
LOOK = 0.005  # seconds, for each production: an idle office with many of them stays idle
TIDY_EVERY = 3600.0  # seconds
OTHER_KEY = "VapidPkHashMismatch"
HINT = ("date", "call", "pickup", "place", "publication")


class Sender:
    """One loop in one thread. Several may run, in several processes: one takes each notice."""

    def __init__(self, app: Flask, apart: bool = False) -> None:
        self._shift = Shift(apart)
        self._app = app
        self._stopped = Event()
        self._pause = LOOK_EVERY
        self._thread: Thread | None = None
        self._runners = ThreadPoolExecutor(THREADS, thread_name_prefix="bell")
        self._post = Post(lambda: app.config["CLOCK"]())

    def start(self) -> None:
        """Begin to send, beside whatever else this process does."""
        self._thread = Thread(target=self.run, name="bell", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what is in hand, and end."""
        self._stopped.set()
        if self._thread:
            self._thread.join()
        self._runners.shutdown()
        self._post.close()

    def send_due(self) -> int:
        """Send everything that is due now; say how many notices were taken in hand."""
        count = 0
        with self._app.app_context():
            productions = _productions()
            self._pause = max(LOOK_EVERY, LOOK * len(productions))
            for production in productions:
                before = count
                while sent := self._send_some(production):
                    count += sent
                if count > before and production.engine.dialect.name == "sqlite":
                    production.engine.dispose()  # what SQLite read would stay in memory for ever
        return count

    def run(self) -> None:
        """Send until somebody says stop."""
        tidied = 0.0
        while not self._stopped.wait(self._pause):
            try:
                if self._works():
                    self.send_due()
                if time.monotonic() - tidied > TIDY_EVERY:
                    tidied = time.monotonic()
                    self._tidy()
            except Exception:
                # Nobody looks at this thread: it writes down what happened and tries again.
                self._app.logger.exception("The notices were not sent; the next try is soon.")
        with self._app.app_context():
            self._shift.end()

    def _works(self) -> bool:
        with self._app.app_context():
            return self._shift.on(self._app.config["CLOCK"]())

    def _tidy(self) -> None:
        """Drop keys that no phone has any more."""
        with self._app.app_context():
            the_bell().keys.drop(keys_in_use())

    def _send_some(self, production: Production) -> int:
        now = production.clock()
        errands = take(production, now)
        if errands:
            self._deliver(production, errands, now)
            settle(production, errands, now)
            self._learn(errands)
        return len(errands)

    def _deliver(self, production: Production, errands: list[Errand], now: datetime) -> None:
        bell = the_bell()
        people = {errand.person for errand in errands}
        found = phones(production.slug, people, bell.keys.all())
        rounds = Round(bell, house().book, contact_of(production), production, now, self._post)
        jobs = [
            (errand, phone, self._runners.submit(rounds.ring, errand, phone))
            for errand in errands
            if not errand.failed
            for phone in errand.open(found[errand.person])
        ]
        for errand, phone, job in jobs:
            errand.answers.append((phone, self._answer(job)))

    def _answer(self, job: Future[Answer]) -> Answer:
        try:
            return job.result()
        except Exception:
            # One that cannot be made ready must not hold up the others.
            self._app.logger.exception("A notice could not be made ready to send.")
            return Answer(LATER)

    def _learn(self, errands: list[Errand]) -> None:
        said = [(p.target.endpoint, answer) for errand in errands for p, answer in errand.answers]
        refused = [(e, answer.say) for e, answer in said if answer.outcome in (REFUSED, TOO_LONG)]
        trouble(refused)
        # Such a browser subscribed with another key than we think: it does so anew when it starts.
        over = (endpoint for endpoint, say in refused if OTHER_KEY in say)
        gone((*over, *(endpoint for endpoint, answer in said if answer.outcome == GONE)))
        well(endpoint for endpoint, answer in said if answer.outcome == TAKEN)


@dataclass(frozen=True)
class Round:
    """One round of ringing: what all its notices have in common."""

    bell: Bell
    book: Book
    contact: str
    production: Production
    now: datetime
    post: Post

    def ring(self, errand: Errand, phone: Phone) -> Answer:
        """Post one notice to one phone."""
        try:
            check(phone.target, self.bell.hosts)
        except NoTarget as wrong:
            return Answer(REFUSED, str(wrong))
        day = errand.notice["shoot_day"] or errand.notice["publication"]
        name = topic(self.bell.salt, self.production.slug, day)
        hint = {key: errand.notice[key] for key in HINT} if errand.notice["date"] else {}
        wire = letter(self._said(errand.notice), hint, self.production.base, phone.origin, name)
        ttl = int((errand.until - self.now).total_seconds())
        # Without an e-mail address, push services are told the office's own.
        whom = self.contact or f"https://{urlsplit(phone.origin).netloc}"
        seal = self.bell.seal(phone.key_id, whom)
        parcel = seal.close(wire, phone.target, ttl, errand.urgency, name)
        return self.post.send(phone.target.endpoint, parcel)

    def _said(self, notice: Mapping[str, Any]) -> Mapping[str, Any]:
        """Give what a lock screen may say of a notice."""
        if not notice["discreet"]:
            return notice
        macros: Any = self.book.environment.get_template(WORDS).module
        about = (notice["film"] or "POC", notice["shoot_day"], notice["language"])
        title = Markup(macros.discreet_title(*about)).unescape().strip()
        return {**notice, "title": title, "body": ""}


def _productions() -> list[Production]:
    productions = house().productions
    return [one for slug in productions.slugs() if (one := productions.get(slug))]
