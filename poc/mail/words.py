"""What letters say, in every language they are written in."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

ENGLISH = "en"


def sentences(language: str | None) -> Mapping[str, str]:
    """Give the sentences in somebody's language, or in English."""
    return _all()[spoken(language)]


def spoken(language: str | None) -> str:
    """Give the code of the language somebody is written to in: fr for fr-CA."""
    code = (language or "").strip().lower().replace("_", "-").partition("-")[0]
    return code if code in _all() else ENGLISH


@cache
def _all() -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = json.loads(
        Path(__file__).with_name("sentences.json").read_text("utf-8")
    )
    return found
