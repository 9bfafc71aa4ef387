"""What a killed office keeps: a process ended at random moments, again and again."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.pages import Figure, figure
from tests.sync.test_kill import survive

RUNS = 200


def figures(runs: int = RUNS) -> Iterator[Figure]:
    """Kill it; an answer that is lost or given twice ends the measuring with a complaint."""
    with tempfile.TemporaryDirectory(prefix="poc-kill-") as folder:
        cut = survive(Path(folder), runs)
    yield figure("times an office was killed at work, nothing lost or repeated", cut, f"of {runs}")
