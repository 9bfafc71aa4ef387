"""The wire between a browser and the office: it counts what passes, and can hold a copy back."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

CHUNK = 65_536
COPY = b"/sync/snapshot"


@dataclass
class Wire:
    """One listening socket; `sent` counts every byte the office sent, headers too."""

    office: int
    hold: float = 0
    sent: int = 0
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def address(self) -> str:
        """The address that a browser opens."""
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        """Take connections until the listener is closed."""
        with suppress(OSError):
            while True:
                browser, _ = self.listener.accept()
                office = socket.create_connection(("127.0.0.1", self.office))
                _start(self._ask, browser, office)
                _start(self._answer, office, browser)

    def _ask(self, browser: socket.socket, office: socket.socket) -> None:
        for part in _parts(browser, office):
            if self.hold and COPY in part:
                time.sleep(self.hold)
            _pass_on(part, office)

    def _answer(self, office: socket.socket, browser: socket.socket) -> None:
        for part in _parts(office, browser):
            with self._lock:
                self.sent += len(part)
            _pass_on(part, browser)


@contextmanager
def wire(office: int, hold: float = 0) -> Iterator[Wire]:
    """Lay a wire to the office at a port, for as long as it is needed."""
    laid = Wire(office, hold)
    _start(laid.serve)
    try:
        yield laid
    finally:
        laid.listener.shutdown(socket.SHUT_RDWR)
        laid.listener.close()


def _parts(here: socket.socket, there: socket.socket) -> Iterator[bytes]:
    with suppress(OSError):
        while part := here.recv(CHUNK):
            yield part
    with suppress(OSError):
        there.shutdown(socket.SHUT_WR)


def _pass_on(part: bytes, there: socket.socket) -> None:
    with suppress(OSError):  # whoever has hung up does not want it any more
        there.sendall(part)


def _start(work: object, *given: object) -> None:
    threading.Thread(target=work, args=given, daemon=True).start()  # type: ignore[arg-type]
