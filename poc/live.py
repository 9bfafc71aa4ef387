"""The live stream: a device with the app open learns of a change at once, from any process."""

import logging
import sqlite3
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Lock, Thread

from flask import Blueprint, Response, current_app
from flask.blueprints import BlueprintSetupState
from sqlalchemy import text

from poc.door import guest
from poc.exchange import revoked
from poc.productions import Production
from sync import Scope
from sync.clock import stamp
from sync.database import reading
from sync.journal import News
from sync.standing import encode

log = logging.getLogger(__name__)
STREAMS = 256  # in one process, because each keeps a thread; who comes later asks now and then
LARGEST = 4096  # characters of records; whatever is longer is asked for
BEAT = 20.0  # seconds; also how a broken line is noticed, on either end
PACE = 0.025  # seconds between two looks for what anybody wrote
RIGHTS = frozenset({"membership", "person", "device"})  # kinds that say who may hold what

live = Blueprint("live", __name__, url_prefix="/p/<slug>")


@live.record
def _begin(state: BlueprintSetupState) -> None:
    state.app.extensions["live"] = Streams()


@live.get("/sync/live")
def stream(slug: str) -> Response:
    """Keep a line open over which the office says what changed, for as long as the device likes."""
    who = guest(slug)
    if who.scope is None:
        return revoked()
    streams: Streams = current_app.extensions["live"]
    if streams.full():
        return Response(status=204)
    frames = streams.frames(who.production, Stream(who.seat.person, who.seat.record))
    headers = {"X-Accel-Buffering": "no"}  # a proxy before us must not collect what is news
    return Response(frames, mimetype="text/event-stream", headers=headers)


@dataclass(eq=False)
class Stream:
    """One open line: whose it is, and what waits to go out. `scope` is set once it was greeted."""

    person: str
    device: str
    scope: Scope | None = None
    told: int = 0
    _letters: SimpleQueue[bytes | None] = field(default_factory=SimpleQueue)

    def say(self, words: str) -> None:
        """Send an event; a slow reader keeps nobody but itself waiting."""
        self._letters.put(f"data:{words}\n\n".encode())

    def up_to(self, cursor: int) -> dict[str, int]:
        """Say from which number to which the next event goes: what it leaves out was not theirs."""
        since, self.told = self.told or cursor, cursor
        return {"from": since, "cursor": cursor}

    def end(self) -> None:
        """Hang up after what was said."""
        self._letters.put(None)

    def next(self) -> bytes | None:
        """Wait for what goes out next: news, a sign of life, or None when it is over."""
        try:
            return self._letters.get(timeout=BEAT)
        except Empty:
            return b"data:{}\n\n"


class Streams:
    """The open streams of this process, and one watch for each production that has any."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.watches: dict[str, Watch] = {}
        self.room = STREAMS
        self._open = 0
        self._closed = False

    def full(self) -> bool:
        """Say whether there is no room for one more."""
        return self._closed or self._open >= self.room

    def frames(self, production: Production, stream: Stream) -> Iterator[bytes]:
        """Give what goes out over a stream until either side hangs up."""
        self._enter(production, stream)
        try:
            while not self._closed and (frame := stream.next()) is not None:
                yield frame
        finally:
            self._leave(production, stream)

    def close(self) -> None:
        """Hang up everywhere, so that the office can stop. Called from a signal: takes no lock."""
        self._closed = True
        for watch in list(self.watches.values()):
            watch.hang_up()

    def _enter(self, production: Production, stream: Stream) -> None:
        with self.lock:
            self._open += 1
            watch = self.watches.get(production.slug)
            if watch is None:
                watch = self.watches[production.slug] = Watch(production, self)
                Thread(target=watch.keep, name=f"live-{production.slug}", daemon=True).start()
            # A phone that lost its line and dials again is the same phone.
            if old := watch.streams.get(stream.device):
                old.end()
            watch.streams[stream.device] = stream

    def _leave(self, production: Production, stream: Stream) -> None:
        with self.lock:
            self._open -= 1
            watch = self.watches.get(production.slug)
            if watch and watch.streams.get(stream.device) is stream:
                del watch.streams[stream.device]


class Watch:
    """Looks for new numbers in one production, and tells each stream what its person may hold."""

    def __init__(self, production: Production, among: Streams) -> None:
        self.production = production
        self.streams: dict[str, Stream] = {}
        self._among = among
        self._cursor = 0
        self._generation = ""

    def keep(self) -> None:
        """Watch until nobody listens any more."""
        try:
            self._cursor, before = self.production.journal.stand(), -1
            with _sign(self.production) as sign:
                while streams := self._listening():
                    now = sign()
                    if now != before or any(stream.scope is None for stream in streams):
                        before = now
                        self._tell(streams)
                    time.sleep(PACE)
        except Exception:  # whatever it was, who listens must not wait for ever
            log.exception("The live stream of %s broke; devices ask instead", self.production.slug)
            self._give_up()

    def hang_up(self) -> None:
        """End every stream; who wants to go on dials again."""
        for stream in list(self.streams.values()):
            stream.end()

    def _listening(self) -> list[Stream]:
        with self._among.lock:
            if not self.streams:
                del self._among.watches[self.production.slug]
            return list(self.streams.values())

    def _give_up(self) -> None:
        with self._among.lock:
            self._among.watches.pop(self.production.slug, None)
        self.hang_up()

    def _tell(self, streams: list[Stream]) -> None:
        news = self.production.journal.news(self._cursor)
        if self._generation not in ("", news.generation) or news.cursor < self._cursor:
            self.hang_up()  # the office was restored from a backup: numbers start anew
        self._cursor, self._generation = news.cursor, news.generation
        known = [stream for stream in streams if stream.scope is not None]
        fresh = [stream for stream in streams if stream.scope is None]
        if asked := streams if news.touches(RIGHTS) else fresh:
            self._admit(asked)
        alike: dict[Hashable, list[str]] = {}
        for stream in known:
            self._pass_on(stream, news, alike)
        for stream in fresh:
            self._greet(stream)

    def _admit(self, streams: list[Stream]) -> None:
        """Ask anew who these people are; whose rights changed starts over, or is out."""
        allowed = self._rights(streams)
        for stream in streams:
            scope = allowed.get(stream.device)
            if scope is None or (stream.scope and stream.scope.epoch != scope.epoch):
                self._dismiss(stream)
            else:
                stream.scope = scope

    def _rights(self, streams: list[Stream]) -> dict[str, Scope | None]:
        query = text("select id from device where coalesce(revoked, 0) + gone = 0")
        with reading(self.production.engine) as connection:
            good = set(connection.execute(query).scalars())
            people = {stream.person for stream in streams if stream.device in good}
            scopes = {one: self.production.journal.scope_of(connection, one) for one in people}
        return {s.device: scopes[s.person] for s in streams if s.device in good}

    def _dismiss(self, stream: Stream) -> None:
        with self._among.lock:
            if self.streams.get(stream.device) is stream:
                del self.streams[stream.device]
        stream.scope = None
        stream.end()

    def _greet(self, stream: Stream) -> None:
        """Say where the office stands: whoever stands elsewhere asks for what is missing."""
        if stream.scope is not None:
            stands = {"generation": self._generation, "epoch": stream.scope.epoch}
            stream.say(encode({**stands, **stream.up_to(self._cursor), "records": []}))

    def _pass_on(self, stream: Stream, news: News, alike: dict[Hashable, list[str]]) -> None:
        """Say what changed for this person; where nothing did, not even that something did."""
        if stream.scope is None:
            return
        # Who may hold the same and was told as much is told the same: it is worded only once.
        key = (stream.scope.rights, stream.told)
        if key not in alike:
            alike[key] = list(news.of(stream.scope, stream.told))
        records = alike[key]
        if sum(map(len, records)) > LARGEST:
            stream.say(encode(stream.up_to(news.cursor)))
        elif records:
            about = {**stream.up_to(news.cursor), "now": stamp(self.production.clock())}
            stream.say(encode(about)[:-1] + f',"records":[{",".join(records)}]}}')


@contextmanager
def _sign(production: Production) -> Iterator[Callable[[], int]]:
    """Give the cheapest question whose answer changes when anybody, in any process, has written."""
    if production.engine.dialect.name != "sqlite":
        yield production.journal.stand
        return
    file = production.engine.url.database or ""
    with closing(sqlite3.connect(file, isolation_level=None)) as own:
        yield lambda: int(own.execute("pragma data_version").fetchone()[0])
