"""The sender: takes due notices out of the outboxes, posts them, and notes how far they got."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Thread
from urllib.parse import urlsplit

from flask import Flask

from poc.bell.bell import Bell, contact_of, the_bell
from poc.bell.errands import Errand, settle, take
from poc.bell.phones import Phone, gone, phones, trouble
from poc.bell.post import GONE, LATER, REFUSED, TOO_LONG, Answer, Post
from poc.bell.push import NoTarget, Seal, check, letter, topic
from poc.house import house
from poc.productions import Production

THREADS = 16
LOOK_EVERY = 1.0  # seconds
HINT = ("date", "call", "pickup", "place", "publication")


class Sender:
    """One loop in one thread. Several may run, in several processes: one takes each notice."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._stopped = Event()
        self._thread: Thread | None = None
        self._runners = ThreadPoolExecutor(THREADS, thread_name_prefix="bell")
        self._post = Post(app.config["CLOCK"])

    def start(self) -> None:
        """Begin to send, beside whatever else this process does."""
        self._thread = Thread(target=self._run, name="bell", daemon=True)
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
            for production in _productions():
                while sent := self._send_some(production):
                    count += sent
        return count

    def _run(self) -> None:
        while not self._stopped.wait(LOOK_EVERY):
            try:
                self.send_due()
            except Exception:
                # Nobody looks at this thread: it writes down what happened and tries again.
                self._app.logger.exception("The notices were not sent; the next try is soon.")

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
        found = phones(production.slug, people, bell.key_id)
        rounds = Round(bell, contact_of(production), production, now, self._post)
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
        gone(endpoint for endpoint, answer in said if answer.outcome == GONE)
        refused = [(e, answer.say) for e, answer in said if answer.outcome in (REFUSED, TOO_LONG)]
        trouble(refused)


@dataclass(frozen=True)
class Round:
    """One round of ringing: what all its notices have in common."""

    bell: Bell
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
        wire = letter(errand.notice, hint, self.production.base, phone.origin, name)
        ttl = int((errand.until - self.now).total_seconds())
        # Without an e-mail address, push services are told the office's own.
        whom = self.contact or f"https://{urlsplit(phone.origin).netloc}"
        parcel = Seal(self.bell.key, whom).close(wire, phone.target, ttl, errand.urgency, name)
        return self.post.send(phone.target.endpoint, parcel)


def _productions() -> Iterator[Production]:
    productions = house().productions
    for slug in productions.slugs():
        if production := productions.get(slug):
            yield production
