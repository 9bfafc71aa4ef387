"""A push service in a process of its own: it takes everything, after a while, and counts."""

import asyncio
import json
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.bell.push_service import lead_here, write_certificate

ANSWER = b"HTTP/1.1 201 Created\r\nTTL: 60\r\nContent-Length: 0\r\n\r\n"
ROOT = Path(__file__).parent.parent


@dataclass
class Letterbox:
    """What a bench sees of it: how much has come, and when the last of it did."""

    process: subprocess.Popen[str]

    def count(self) -> tuple[int, float]:
        """Say how many letters came, and at which moment of the machine's clock the last did."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("?\n")
        self.process.stdin.flush()
        came, last = json.loads(self.process.stdout.readline())
        return int(came), float(last)


@contextmanager
def letterbox(folder: Path, pause: float) -> Iterator[Letterbox]:
    """Have every push service's name lead to a letterbox that answers after a pause."""
    certificate = folder / "letterbox.pem"
    write_certificate(certificate)
    words = [sys.executable, "-m", "bench.letterbox", str(certificate), str(pause)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen(words, cwd=ROOT, text=True, **pipes)
    assert process.stdout is not None
    port = int(process.stdout.readline())
    with pytest.MonkeyPatch.context() as patch:
        lead_here(patch, port, certificate)
        try:
            yield Letterbox(process)
        finally:
            process.kill()
            process.communicate()  # closes the lines to it, too


async def _serve(certificate: str, pause: float) -> None:
    came, last = 0, 0.0

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal came, last
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = head.lower().partition(b"content-length:")[2].split()[0]
                await reader.readexactly(int(length))
                await asyncio.sleep(pause)
                came, last = came + 1, time.time()
                writer.write(ANSWER)
        writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = await asyncio.start_server(take, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps([came, last]), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], float(sys.argv[2])))
