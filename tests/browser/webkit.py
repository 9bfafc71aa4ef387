"""A WebKitGTK over its own WebDriver, on a screen that nobody sees."""

import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests import stage
from tests.browser.office import free_port

MINIBROWSERS = "/usr/lib*/**/webkit2gtk-4.1/MiniBrowser"
DRAWN_BY_THE_PROCESSOR = {
    "GDK_BACKEND": "x11",
    "LIBGL_ALWAYS_SOFTWARE": "1",
    "WEBKIT_DISABLE_COMPOSITING_MODE": "1",
}


class WebKit:
    """One WebKit with one tab, and everything its console said."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._said = folder / "console"
        self._stack = ExitStack()
        self._port = free_port()
        display = self._stack.enter_context(stage.screen())
        self._driver = self._start(folder, display)
        self._session = ""
        self._session = f"/session/{self._begin()['sessionId']}"
        self._ask("POST", "/timeouts", {"script": 30_000})

    @property
    def complaints(self) -> list[str]:
        lines = self._said.read_text(errors="replace").splitlines()
        return [line for line in lines if "CONSOLE" in line and ("ERROR" in line or "WARN" in line)]

    def go(self, address: str) -> None:
        self._ask("POST", "/url", {"url": address})

    def js(self, expression: str) -> Any:
        """Evaluate an expression in the page; promises are waited for."""
        answer = f"(async () => ({expression}))().then(done, (e) => done(`WRONG ${{e}}`))"
        script = f"const done = arguments[0]; {answer}"
        told = self._ask("POST", "/execute/async", {"args": [], "script": script})
        assert not str(told).startswith("WRONG"), told
        return told

    def close(self) -> None:
        self._ask("DELETE", "")
        os.killpg(self._driver.pid, signal.SIGTERM)
        self._driver.wait()
        self._stack.close()

    def _start(self, folder: Path, display: str) -> "subprocess.Popen[bytes]":
        words = [stage.webkit(), f"--port={self._port}", "--host=127.0.0.1"]
        world = {**os.environ, **DRAWN_BY_THE_PROCESSOR, "DISPLAY": display, "HOME": str(folder)}
        if os.geteuid() == 0:
            world["WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS"] = "1"  # it refuses root otherwise
        said = self._stack.enter_context(self._said.open("wb"))
        return subprocess.Popen(
            words, env=world, stdout=said, stderr=subprocess.DEVNULL, start_new_session=True
        )

    def _begin(self) -> dict[str, Any]:
        binary = next(str(path) for path in Path("/").glob(MINIBROWSERS[1:]))
        args = ["--automation", "--enable-write-console-messages-to-stdout=true"]
        options = {"webkitgtk:browserOptions": {"binary": binary, "args": args}}
        until = time.monotonic() + 30
        while True:
            try:
                told = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": options}})
                return dict(told)
            except ConnectionRefusedError:
                assert time.monotonic() < until, "The WebDriver of WebKit did not start."
                time.sleep(0.1)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        address = f"http://127.0.0.1:{self._port}{self._session}{path}"
        asked = urllib.request.Request(
            address, data, {"Content-Type": "application/json"}, method=method
        )
        try:
            with urllib.request.urlopen(asked, timeout=90) as told:
                return json.load(told)["value"]
        except urllib.error.URLError as error:
            if isinstance(error.reason, ConnectionRefusedError):
                raise error.reason from None
            raise
