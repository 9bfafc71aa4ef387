"""Posting to push services over connections that stay open, and what the services said."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from threading import local
from urllib.parse import urlsplit

from poc.bell.outward import Outward
from poc.bell.peace import Peace
from poc.bell.push import Parcel, known

TIMEOUT = 10  # seconds
LONGEST_ANSWER = 64 * 1024
LONGEST_WAIT = 3600  # seconds; whatever a push service asks for

TAKEN, GONE, TOO_LONG, REFUSED, LATER = "taken", "gone", "too long", "refused", "later"
BUSY = (406, 408, 425, 429)


@dataclass(frozen=True)
class Answer:
    """What became of a parcel: how it was answered, in what words, and how long to wait."""

    outcome: str
    say: str = ""
    wait: int = 0
    asked: bool = True  # no: its push service is left in peace for a while


class Post:
    """Posts parcels from many threads."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._peace = Peace(clock)
        self._trust = ssl.create_default_context()
        self._mine = local()
        self._all: list[HTTPSConnection] = []

    def send(self, endpoint: str, parcel: Parcel) -> Answer:
        """Post a parcel once, unless its push service is to be left in peace."""
        host = urlsplit(endpoint).hostname or ""
        if left := self._peace.left(host):
            return Answer(LATER, "its push service is left in peace", left, asked=False)
        answer = self._try(host, endpoint, parcel)
        self._peace.note(host, answer.outcome == LATER, answer.wait)
        return answer

    def _try(self, host: str, endpoint: str, parcel: Parcel) -> Answer:
        """Post once; a connection that had fallen asleep is opened again."""
        kept = host in self._open
        try:
            return self._send(host, endpoint, parcel)
        except (OSError, HTTPException) as error:
            self._close(host)
            if not kept or isinstance(error, TimeoutError):
                return Answer(LATER, f"no answer: {type(error).__name__}")
        return self._try(host, endpoint, parcel)

    def close(self) -> None:
        """Close every connection."""
        for connection in self._all:
            connection.close()

    @property
    def _open(self) -> dict[str, HTTPSConnection]:
        if not hasattr(self._mine, "connections"):
            self._mine.connections = {}
        found: dict[str, HTTPSConnection] = self._mine.connections
        return found

    def _send(self, host: str, endpoint: str, parcel: Parcel) -> Answer:
        if host not in self._open:
            line = HTTPSConnection if known(host) else Outward
            opened = line(host, 443, timeout=TIMEOUT, context=self._trust)
            self._open[host] = opened
            self._all.append(opened)
        parts = urlsplit(endpoint)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._open[host].request("POST", path, parcel.body, dict(parcel.headers))
        response = self._open[host].getresponse()
        said = response.read(LONGEST_ANSWER)
        if response.read(1):
            self._close(host)
        return self._answer(response, said)

    def _close(self, host: str) -> None:
        if connection := self._open.pop(host, None):
            connection.close()
            self._all.remove(connection)

    def _answer(self, response: HTTPResponse, said: bytes) -> Answer:
        status = response.status
        if 200 <= status < 300:
            return Answer(TAKEN)
        if status in (404, 410):
            return Answer(GONE)
        outcome = TOO_LONG if status == 413 else REFUSED
        if status in BUSY or status >= 500:
            outcome = LATER
        return Answer(outcome, _words(response, said), self._wait(response))

    def _wait(self, response: HTTPResponse) -> int:
        asked = response.headers.get("Retry-After", "").strip()
        if asked.isascii() and asked.isdigit():
            return min(int(asked[:9]), LONGEST_WAIT)
        try:
            until = parsedate_to_datetime(asked)
        except ValueError:
            return 0
        until = until if until.tzinfo else until.replace(tzinfo=UTC)
        return max(0, min(int((until - self._clock()).total_seconds()), LONGEST_WAIT))


def _words(response: HTTPResponse, said: bytes) -> str:
    """Keep what tells one refusal from another; some services say it only in headers."""
    reasons = [f"{k}: {v}" for k, v in response.headers.items() if k.lower().startswith("x-wns-")]
    body = said[:500].decode("utf-8", "replace").strip()
    return " ".join([str(response.status), body, *reasons]).strip()[:800]
