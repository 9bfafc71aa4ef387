"""The office under measure: a real one in a process of its own, and one in ours to ask directly."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.error import URLError
from urllib.request import urlopen

import brotli

from bench.grown import Grown
from poc import create_app
from poc.demo import SLUG
from poc.door import COOKIE
from poc.registry import db

LOADS = 15
PATIENCE = 30
ROOT = Path(__file__).parent.parent


@contextmanager
def serving(folder: Path) -> Iterator[int]:
    """Start ./go run over a data folder; give its port."""
    port = _free_port()
    words = [sys.executable, "-m", "poc", "run", "--data", str(folder), "--port", str(port)]
    office = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        _awake(port)
        yield port
    finally:
        office.terminate()
        office.wait(PATIENCE)


def page_costs(grown: Grown, name: str) -> dict[str, float]:
    """Give the milliseconds the office needs for each page, as a median."""
    with _asking(grown, name) as get:
        return {page: _cost(get, path) for page, path in grown.pages.items()}


def copy_cost(grown: Grown, name: str) -> tuple[float, int, int]:
    """Give the milliseconds a first copy takes, its bytes on the wire, and unpacked."""
    with _asking(grown, name) as get:
        path = f"/p/{SLUG}/sync/snapshot"
        packed = get(path)
        return _cost(get, path), len(packed), len(brotli.decompress(packed))


@contextmanager
def _asking(grown: Grown, name: str) -> Iterator[Callable[[str], bytes]]:
    app = create_app(grown.folder)
    client = app.test_client()
    client.set_cookie(COOKIE, grown.keys[name])

    def get(path: str) -> bytes:
        response = client.get(path, headers={"Accept-Encoding": "br"})
        assert response.status_code == 200, f"{path} answered {response.status}"
        return bytes(response.data)

    with app.app_context():
        yield get
        app.extensions["poc"].productions.close()
        db.engine.dispose()


def _cost(get: Callable[[str], bytes], path: str) -> float:
    get(path)
    return median(_milliseconds(get, path) for _ in range(LOADS))


def _milliseconds(get: Callable[[str], bytes], path: str) -> float:
    start = time.perf_counter()
    get(path)
    return (time.perf_counter() - start) * 1000


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def _awake(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            urlopen(f"http://127.0.0.1:{port}/sw.js").read()
            return
        except URLError:
            time.sleep(0.1)
    raise TimeoutError("The office did not start: run ./go run and read what it says.")
