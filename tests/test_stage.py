"""The stage stands: PostgreSQL starts and goes without a trace, and missing parts are named."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa

from tests.stage import chromium, firefox, node, postgres, screen, webkit

ROOT = Path(__file__).resolve().parent.parent


def test_postgres_answers_sorts_as_sqlite_does_and_leaves_nothing() -> None:
    with postgres() as address:
        folder = Path(str(sa.make_url(address).query["host"]))
        engine = sa.create_engine(address)
        with engine.connect() as connection:
            assert connection.scalar(sa.text("select 'B' < 'a'")) is True
        engine.dispose()
    assert not folder.exists()


def test_the_browsers_and_their_screen_are_here() -> None:
    assert all(Path(path).is_file() for path in (chromium(), firefox(), webkit(), node()))
    with screen() as display:
        assert display[1:].isdigit()


def test_what_is_missing_is_named_with_the_command_that_brings_it(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "tests.stage"]
    empty = {**os.environ, "PATH": str(tmp_path)}
    ran = subprocess.run(words, cwd=ROOT, env=empty, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert ran.stderr.startswith("The tests need Chromium")
    assert "apt-get install -y --no-install-recommends chromium" in ran.stderr
