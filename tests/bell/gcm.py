"""As much of Google's push backend as an unmodified Chromium needs to subscribe and to receive.

Chromium checks in and registers over HTTP, then keeps one TLS connection on which messages come as
protocol buffers of the mobile connection server (MCS).
"""

import asyncio
import secrets
import ssl
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from aiohttp import web

from tests.bell.push_service import Mailbox, PushService, aside

VERSION = 41
PING, PONG, LOGIN, LOGGED_IN, MESSAGE = 0, 1, 2, 3, 8


class Gcm:
    """Runs beside a push service and hands on what the office posts there."""

    def __init__(self, service: PushService) -> None:
        self._service = service
        self._names: dict[str, tuple[str, str, str]] = {}
        self._browser: asyncio.StreamWriter | None = None
        self.flags: list[str] = []

    @contextmanager
    def running(self) -> Iterator["Gcm"]:
        with aside() as self._loop:
            runner, server = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
            self._service.deliver = self._deliver
            try:
                yield self
            finally:
                asyncio.run_coroutine_threadsafe(self._stop(runner, server), self._loop).result(10)

    async def _start(self) -> tuple[web.AppRunner, asyncio.Server]:
        app = web.Application()
        app.router.add_post("/checkin", self._check_in)
        app.router.add_post("/register", self._register)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._service.certificate)
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0, ssl=context)
        here = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self.flags = [
            f"--gcm-checkin-url={here}/checkin",
            f"--gcm-registration-url={here}/register",
            f"--gcm-mcs-endpoint=https://127.0.0.1:{server.sockets[0].getsockname()[1]}",
            "--ignore-certificate-errors",
        ]
        return runner, server

    async def _stop(self, runner: web.AppRunner, server: asyncio.Server) -> None:
        server.close()
        if self._browser:
            self._browser.close()
        await runner.cleanup()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _check_in(self, _request: web.Request) -> web.Response:
        body = number(1, 1) + fixed(7, 4242424242) + fixed(8, 777777)
        return web.Response(body=body, content_type="application/x-protobuf")

    async def _register(self, request: web.Request) -> web.Response:
        form = await request.post()
        app, kind, key = (str(form.get(n, "")) for n in ("app", "X-subtype", "sender"))
        if form.get("delete") == "true":
            for token, (_, other, _) in self._names.items():
                if other == kind:
                    self._service.mailboxes[token].gone = True
            return web.Response(text=f"token={app}")
        token = f"T{secrets.token_hex(16)}"
        self._names[token] = (app, kind, key)
        self._service.mailboxes[token] = Mailbox(key)
        return web.Response(text=f"token={token}")

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            await reader.readexactly(1)
            while True:
                tag = (await reader.readexactly(1))[0]
                await reader.readexactly(await _length(reader))
                if tag == LOGIN:
                    self._browser = writer
                    writer.write(bytes([VERSION]) + framed(LOGGED_IN, words(1, b"chrome-1")))
                elif tag == PING:
                    writer.write(framed(PONG, b""))
        writer.close()

    def _deliver(self, token: str, body: bytes) -> None:
        app, kind, key = (name.encode() for name in self._names[token])
        name = secrets.token_hex(8).encode()
        stanza = words(2, name) + words(3, key) + words(5, app)
        stanza += words(7, words(1, b"subtype") + words(2, kind))
        stanza += words(7, words(1, b"content-encoding") + words(2, b"aes128gcm"))
        stanza += words(9, name) + number(17, 3600) + words(21, body)
        assert self._browser is not None
        self._loop.call_soon_threadsafe(self._browser.write, framed(MESSAGE, stanza))


async def _length(reader: asyncio.StreamReader) -> int:
    length = shift = 0
    while True:
        byte = (await reader.readexactly(1))[0]
        length |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return length


def varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def fixed(field: int, value: int) -> bytes:
    return varint(field << 3 | 1) + struct.pack("<Q", value)


def words(field: int, value: bytes) -> bytes:
    return varint(field << 3 | 2) + varint(len(value)) + value


def framed(tag: int, body: bytes) -> bytes:
    return bytes([tag]) + varint(len(body)) + body
