"""As much of Mozilla's push service as an unmodified Firefox needs to subscribe and to receive.

Firefox keeps one WebSocket, on which every message is JSON. What it has not yet acknowledged waits.
"""

import asyncio
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import WSMsgType, web

from tests.bell.phone import text
from tests.bell.push_service import FIREFOX, Mailbox, PushService, aside

Words = dict[str, Any]


class Autopush:
    """Runs beside a push service and hands on what the office posts there, to one Firefox."""

    def __init__(self, service: PushService) -> None:
        self._service = service
        self._channels: dict[str, str] = {}
        self._waiting: dict[str, Words] = {}
        self._browser: web.WebSocketResponse | None = None
        self.preferences: Words = {}

    @contextmanager
    def running(self) -> Iterator["Autopush"]:
        with aside() as self._loop:
            runner = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
            self._service.deliver = self._deliver
            try:
                yield self
            finally:
                asyncio.run_coroutine_threadsafe(runner.cleanup(), self._loop).result(10)

    async def _start(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_get("/", self._talk)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.preferences = {
            "alerts.useSystemBackend": False,
            "dom.push.alwaysConnect": True,
            "dom.push.connection.enabled": True,
            "dom.push.serverURL": f"ws://127.0.0.1:{runner.addresses[0][1]}/",
            "dom.push.testing.allowInsecureServerURL": True,
            "permissions.default.desktop-notification": 1,  # granted, as if somebody had said yes
        }
        return runner

    async def _talk(self, request: web.Request) -> web.WebSocketResponse:
        browser = web.WebSocketResponse(protocols=("push-notification",))
        await browser.prepare(request)
        async for message in browser:
            if message.type == WSMsgType.TEXT:
                await self._answer(browser, json.loads(message.data))
        if self._browser is browser:
            self._browser = None
        return browser

    async def _answer(self, browser: web.WebSocketResponse, told: Words) -> None:
        match told.get("messageType"):
            case "hello":
                name = told.get("uaid") or secrets.token_hex(16)
                welcome = {"uaid": name, "use_webpush": True, "broadcasts": {}}
                await browser.send_json({"messageType": "hello", "status": 200, **welcome})
                self._browser = browser
                for waiting in list(self._waiting.values()):
                    await browser.send_json(waiting)
            case "register":
                await browser.send_json(self._register(told))
            case "unregister":
                await browser.send_json(self._unregister(told))
            case "ack":
                for update in told["updates"]:
                    self._waiting.pop(update["version"], None)
            case "ping" | None:
                await browser.send_json({})

    def _register(self, told: Words) -> Words:
        token = secrets.token_urlsafe(16)
        self._channels[token] = told["channelID"]
        self._service.mailboxes[token] = Mailbox(told["key"])
        place = {"pushEndpoint": f"https://{FIREFOX}/wpush/v2/{token}"}
        return {**told, "status": 200, **place}

    def _unregister(self, told: Words) -> Words:
        for token, channel in self._channels.items():
            if channel == told["channelID"]:
                self._service.mailboxes[token].gone = True
        return {**told, "status": 200}

    def _deliver(self, token: str, body: bytes) -> None:
        message = {
            "messageType": "notification",
            "channelID": self._channels[token],
            "version": secrets.token_hex(8),
            "data": text(body),
            "headers": {"encoding": "aes128gcm"},
        }
        asyncio.run_coroutine_threadsafe(self._hand_over(message), self._loop)

    async def _hand_over(self, message: Words) -> None:
        self._waiting[message["version"]] = message
        if self._browser is not None:
            await self._browser.send_json(message)
