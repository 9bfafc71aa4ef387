"""Leaving a push service in peace that has been busy, or silent, several times in a row."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

ENOUGH = 8  # times in a row
PAUSE, LONGEST = 30, 600  # seconds


class Peace:
    """Which hosts are not asked for a while. One notice that gets through ends it."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._busy: dict[str, int] = {}
        self._until: dict[str, datetime] = {}

    def left(self, host: str) -> int:
        """Say for how many seconds a host is left alone."""
        until = self._until.get(host)
        return max(0, round((until - self._clock()).total_seconds())) if until else 0

    def note(self, host: str, busy: bool, wait: int) -> None:
        """Note how a host answered; `wait` is what it asked for."""
        with self._lock:
            count = self._busy.get(host, 0) + 1 if busy else 0
            self._busy[host] = count
            if count >= ENOUGH:
                pause = max(wait, min(LONGEST, PAUSE * 2 ** (count - ENOUGH)))
                self._until[host] = self._clock() + timedelta(seconds=pause)
            elif not busy:
                self._until.pop(host, None)
