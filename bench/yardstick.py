"""The same work by other sync servers, where a folder of peers is at hand: PEERS says where."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.pages import Figure, figure

ROOT = Path(__file__).parent.parent
OURS = "poc"
PEERS = ("floor", "ref-flask", "hocuspocus", "y-websocket", "pycrdt-websocket", "rxdb-server")
ASKED = {
    "W1": (("wall_ms", "ms"), ("server_cpu_s", "s"), ("down", "bytes"), ("peak_rss_mib", "MiB")),
    "W3": (("wall_ms", "ms"), ("down", "bytes")),
    "W5": (("acks_after_fsync", "of 20"),),
}
PATIENCE = 600


def against() -> Iterator[Figure]:
    """Run POC and each peer over the same work; without the peers there is nothing to compare."""
    folder = os.environ.get("PEERS")
    if not folder:
        yield {**figure("peers", 0, "peers"), "ratio_to": "each peer", "ratio": None}
        return
    with tempfile.TemporaryDirectory(prefix="poc-peers-") as place:
        course = _plugged(Path(folder), Path(place) / "peers")
        for work, wanted in ASKED.items():
            ours = _run(course, OURS, work)
            for peer in PEERS:
                theirs = _run(course, peer, work)
                for name, unit in wanted:
                    yield _compared(f"{work} {name}", unit, peer, ours.get(name), theirs.get(name))


def _plugged(folder: Path, course: Path) -> Path:
    """Copy the peers to where POC can be added: their own folder stays as it is."""
    shutil.copytree(folder, course, symlinks=True)
    ours = course / "peers" / OURS
    course.joinpath("peers").chmod(0o755)
    ours.mkdir()
    shutil.copy(ROOT / "bench" / "peers" / "adapter.mjs", ours)
    return course


def _run(course: Path, peer: str, work: str) -> dict[str, Any]:
    told = {**os.environ, "POC": str(ROOT), "POC_PYTHON": sys.executable}
    words = [str(course / "run"), peer, work]
    ran = subprocess.run(
        words, env=told, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    try:
        found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        return {}
    return {} if "error" in found else found


def _compared(name: str, unit: str, peer: str, ours: Any, theirs: Any) -> Figure:
    ratio = round(ours / theirs, 3) if ours is not None and theirs else None
    return {**figure(name, ours, unit), "ratio_to": peer, "ratio": ratio, "peer": theirs}
