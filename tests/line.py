"""A live line to an office, as a bare socket sees it, and the server processes behind it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from poc.demo import SLUG
from poc.door import COOKIE
from tests.browser.office import await_port, await_silence, free_port

ROOT = Path(__file__).resolve().parent.parent
END = b"0\r\n\r\n"  # how an answer in chunks says that it is whole


@dataclass
class Server:
    """One process that serves an office, as ./go run starts it."""

    folder: Path
    url: str = ""
    port: int = field(default_factory=free_port)
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-P", "-m", "poc", "run", "--data", str(self.folder)]
        world = {**os.environ, "PYTHONPATH": str(ROOT), "DATABASE_URL": self.url}
        with (self.folder / "server.log").open("ab") as log:
            self.running = subprocess.Popen(
                [*command, "--port", str(self.port)],
                cwd=self.folder,
                env=world,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        await_port(self.port, self.folder / "server.log")

    def stop(self) -> int:
        """Ask it to stop, as a service does; return how it ended."""
        assert self.running is not None
        self.running.terminate()
        return self.running.wait(60)

    def kill(self) -> None:
        if self.running is not None and self.running.poll() is None:
            os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait()
            await_silence(self.port)

    def worker(self) -> int:
        """Name the process that answers requests."""
        assert self.running is not None
        children = Path(f"/proc/{self.running.pid}/task/{self.running.pid}/children")
        return int(children.read_text().split()[0])


@contextmanager
def serving(folder: Path, url: str = "") -> Iterator[Server]:
    """Serve an office until the test is over."""
    server = Server(folder, url)
    server.start()
    try:
        yield server
    finally:
        server.kill()


class Line:
    """One device's stream: what was said on it, and how many bytes that took."""

    def __init__(self, port: int, key: str, path: str = f"/p/{SLUG}/sync/live") -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        asking = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {COOKIE}={key}\r\n\r\n"
        self.socket.sendall(asking.encode())
        self._kept = b""

    def head(self) -> tuple[int, str]:
        """Read how the office answers: its status, and its headers in small letters."""
        head = self._until(b"\r\n\r\n").decode().lower()
        return int(head.split()[1]), head

    def greeting(self) -> dict[str, Any]:
        """Read on until the office has said where it stands."""
        status, head = self.head()
        assert status == 200 and "text/event-stream" in head
        return self.hear()

    def hear(self) -> dict[str, Any]:
        """Wait for the next event."""
        return self.heard()[0]

    def heard(self) -> tuple[dict[str, Any], int]:
        """Wait for the next news; give what it says and how many bytes it came in."""
        said: dict[str, Any] = {}
        while not said:  # an empty event is only a sign of life
            chunk = self._until(b"\n\n\r\n")
            said = json.loads(chunk[chunk.index(b"data:") + 5 :])
        return said, len(chunk)

    def ends(self) -> bytes:
        """Wait until the office hangs up, or is dead; give what came last."""
        with suppress(ConnectionResetError):
            while not self._kept.endswith(END) and (more := self.socket.recv(65536)):
                self._kept += more
        return self._kept

    def close(self) -> None:
        self.socket.close()

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._kept:
            more = self.socket.recv(65536)
            if not more:
                raise EOFError(self._kept)
            self._kept += more
        found, _, self._kept = self._kept.partition(mark)
        return found + mark
