"""A tap on a notice brings the app forward and leads to what the notice is about."""

import json
import subprocess
from pathlib import Path

import pytest

from tests import stage

TO = "https://poc.film/p/night-ferry/today?n=1"
BOARD = "https://poc.film/p/night-ferry/board"


@pytest.fixture(scope="module")
def told() -> dict[str, list[str]]:
    """What the worker asked of the browser, by where the app was."""
    words = [stage.node(), "--no-warnings", str(Path(__file__).with_name("clicks.mjs"))]
    ended = subprocess.run(words, capture_output=True, text=True, check=True)
    found: dict[str, list[str]] = json.loads(ended.stdout)
    return found


def test_a_closed_app_is_opened_there(told: dict[str, list[str]]) -> None:
    assert told["closed"] == ["close", f"open {TO}"]


def test_an_open_app_comes_forward_before_it_turns_the_page(told: dict[str, list[str]]) -> None:
    assert told["elsewhere"] == ["close", f"focus {BOARD}", f"navigate {TO}"]


def test_an_app_that_is_there_already_only_comes_forward(told: dict[str, list[str]]) -> None:
    assert told["there"] == ["close", f"focus {TO}"]


def test_where_the_browser_will_not_bring_it_forward_it_is_opened_anew(
    told: dict[str, list[str]],
) -> None:
    assert told["refused"] == ["close", f"open {TO}"]


def test_a_notice_that_leads_nowhere_opens_the_app(told: dict[str, list[str]]) -> None:
    assert told["nowhere"] == ["close", "open https://poc.film/"]
