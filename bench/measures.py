"""What a process tree costs, and a device that speaks to the office over a socket of its own."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import brotli

TICKS = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


def offspring(parent: int) -> Iterator[int]:
    """Give every process below one, at this moment."""
    for task in (PROC / str(parent) / "task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            yield child
            yield from offspring(child)


def processor_seconds() -> float:
    """Say what the processes below this one have used so far."""
    stats = ((PROC / str(one) / "stat").read_text() for one in offspring(os.getpid()))
    return sum(sum(map(int, stat.rpartition(")")[2].split()[11:13])) for stat in stats) / TICKS


def highest_memory() -> float:
    """Say how many MB the hungriest process below this one has held at once."""
    return max(_highest(one) for one in offspring(os.getpid())) / 1024


def _highest(process: int) -> int:
    lines = (PROC / str(process) / "status").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def packed_size(image: bytes) -> int:
    """Say how many bytes a copy takes on the wire."""
    return len(brotli.compress(image, quality=5))


@dataclass
class Phone:
    """A device with one kept-alive connection; `down` and `up` count every byte on it."""

    port: int
    key: str
    up: int = 0
    down: int = 0
    _line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, path: str, told: Any = None) -> bytes:
        """Send one request; return the body as it came, still packed."""
        if self._line is None:
            self._line = await asyncio.open_connection("127.0.0.1", self.port, limit=2**24)
        reader, writer = self._line
        request = self._request(path, told)
        writer.write(request)
        self.up += len(request)
        head = await reader.readuntil(b"\r\n\r\n")
        names = (line.partition(b":") for line in head.lower().split(b"\r\n")[1:])
        said = {name: value.strip() for name, _, value in names}
        body = await reader.readexactly(int(said[b"content-length"]))
        self.down += len(head) + len(body)
        if b" 200 " not in head[:16]:
            raise ValueError(f"{path} answered {head[:40]!r}")
        return brotli.decompress(body) if said.get(b"content-encoding") == b"br" else body

    async def listen(self, path: str) -> AsyncIterator[bytes]:
        """Keep a line open on this connection; give every event, as it came."""
        self._line = await asyncio.open_connection("127.0.0.1", self.port)
        self._line[1].write(self._request(path, None))
        await self._line[0].readuntil(b"\r\n\r\n")
        while True:
            event = await self._line[0].readuntil(b"\n\n")
            self.down += len(event)
            yield event

    def hang_up(self) -> None:
        """Let the connection go."""
        if self._line:
            self._line[1].close()
            self._line = None

    def _request(self, path: str, told: Any) -> bytes:
        body = b"" if told is None else json.dumps(told).encode()
        lines = (
            f"{'GET' if told is None else 'POST'} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            f"Cookie: poc={self.key}",
            "Sec-Fetch-Site: same-origin",
            "Accept-Encoding: br",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
        )
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
