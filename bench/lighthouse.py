"""Lighthouse over pages of somebody who is let in, when Node is there to run it."""

import json
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

from poc.door import COOKIE
from tests.stage import chromium

VERSION = "13.5.0"
CATEGORIES = ("performance", "accessibility")
LONGEST = 300


class Unavailable(Exception):
    """Lighthouse cannot be run here; the message says why."""


@contextmanager
def chrome(address: str, key: str) -> Iterator[int]:
    """Start a browser that is let in; give the port on which Lighthouse drives it."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            folder,
            executable_path=chromium(),
            args=["--no-sandbox", f"--remote-debugging-port={port}"],
        )
        context.add_cookies([{"name": COOKIE, "value": key, "url": address}])
        yield port
        context.close()


def scores(port: int, url: str) -> dict[str, int]:
    """Give the scores of one page, 0 to 100."""
    npx = shutil.which("npx")
    if npx is None:
        raise Unavailable("Lighthouse needs Node with npx, which is not on this machine.")
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        words = [npx, "--yes", f"lighthouse@{VERSION}", url, f"--port={port}", "--quiet"]
        kept = ["--output=json", f"--output-path={report}", "--disable-storage-reset=false"]
        only = f"--only-categories={','.join(CATEGORIES)}"
        ended = subprocess.run(
            [*words, *kept, only], capture_output=True, text=True, timeout=LONGEST, check=False
        )
        if ended.returncode or not report.exists():
            last = (ended.stderr.strip() or "it said nothing").splitlines()[-1]
            raise Unavailable(f"Lighthouse {VERSION} did not finish: {last}")
        found = json.loads(report.read_text("utf-8"))["categories"]
    return {name: round((found[name]["score"] or 0) * 100) for name in CATEGORIES}
