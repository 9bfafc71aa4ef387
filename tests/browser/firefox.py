"""A Firefox over WebDriver BiDi, which speaks JSON on a WebSocket and needs no driver program."""

import asyncio
import json
import os
import re
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp

from tests import stage

LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
# What Firefox 153 says when a worker answers a form with a redirect, and when a page is left while
# its icons come; of a worker that really failed it says that a promise was rejected.
NOTHING_WRONG = "A ServiceWorker intercepted the request and encountered an unexpected error."
QUIET: dict[str, Any] = {
    "app.update.enabled": False,
    "app.normandy.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.push.connection.enabled": False,
    "extensions.systemAddon.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.manage-offline-status": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.enabled": False,
}


class Firefox:
    """One Firefox with one tab, and everything its console said."""

    def __init__(self, folder: Path, preferences: dict[str, Any] | None = None) -> None:
        self.complaints: list[str] = []
        self._loop = asyncio.new_event_loop()
        self._process = start(folder, {**QUIET, **(preferences or {})})
        self._loop.run_until_complete(self._connect(address_of(self._process)))

    def go(self, address: str) -> None:
        self._ask("browsingContext.navigate", context=self._tab, url=address, wait="complete")

    def js(self, expression: str) -> Any:
        """Evaluate an expression in the page; promises are waited for."""
        asked = f"(async () => JSON.stringify((await ({expression})) ?? null))()"
        about = {"target": {"context": self._tab}, "awaitPromise": True}
        told = self._ask("script.evaluate", expression=asked, **about)
        assert told["type"] == "success", told
        return json.loads(told["result"]["value"])

    def quit(self) -> None:
        """Close it as a person does, so that its profile can be opened again."""
        self._ask("browser.close")
        self._process.wait(20)

    def close(self) -> None:
        self._loop.run_until_complete(self._session.close())
        self._loop.close()
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()

    async def _connect(self, address: str) -> None:
        self._session = aiohttp.ClientSession()
        self._wire = await self._session.ws_connect(f"{address}/session", max_msg_size=0)
        self._asked = 0
        await self._call("session.new", capabilities={})
        await self._call("session.subscribe", events=["log.entryAdded"])
        tree = await self._call("browsingContext.getTree")
        self._tab = tree["contexts"][0]["context"]

    def _ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._loop.run_until_complete(self._call(method, **parameters))

    async def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._asked += 1
        await self._wire.send_json({"id": self._asked, "method": method, "params": parameters})
        async with asyncio.timeout(60):
            while True:
                told = await self._wire.receive_json()
                if told.get("id") == self._asked:
                    assert told["type"] == "success", told
                    result: dict[str, Any] = told["result"]
                    return result
                self._hear(told)

    def _hear(self, told: dict[str, Any]) -> None:
        entry = told.get("params", {})
        said = str(entry.get("text"))
        if entry.get("level") in ("warn", "error") and NOTHING_WRONG not in said:
            self.complaints.append(said)


def start(folder: Path, preferences: dict[str, Any]) -> "subprocess.Popen[str]":
    """Start Firefox over a profile of its own, without a window and without calling home."""
    folder.mkdir(exist_ok=True)
    lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in preferences.items()]
    (folder / "user.js").write_text("".join(lines))
    words = [stage.firefox(), "--headless", "--no-remote", "--profile", str(folder)]
    return subprocess.Popen(
        [*words, "--remote-debugging-port=0", "about:blank"],
        env={**os.environ, "HOME": str(folder), "MOZ_CRASHREPORTER_DISABLE": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def address_of(process: "subprocess.Popen[str]") -> str:
    """Read where Firefox listens from what it says when it starts."""
    assert process.stderr
    for line in process.stderr:
        if match := LISTENING.search(line):
            return match[1]
    raise AssertionError("Firefox ended before it listened.")
