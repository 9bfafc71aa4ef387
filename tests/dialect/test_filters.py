"""Every filter gives in Python and in JavaScript what tests/dialect_cases.json says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, Undefined
from markupsafe import Markup

from poc.dialect import environment
from poc.dialect.filters import FILTERS
from tests.dialect.device import Answer, Device

CASES = json.loads((Path(__file__).parent.parent / "dialect_cases.json").read_text("utf-8"))
OFFICE = environment(DictLoader({}))
REFUSED = {"refused": True}


def test_every_filter_gives_in_python_what_its_cases_say() -> None:
    given = [[name, values, in_python(name, values)] for name, values, _ in CASES]
    assert told(given) == told(CASES)


def test_every_filter_gives_in_javascript_what_its_cases_say(device: Device) -> None:
    answers = device.filter_all([(name, values) for name, values, _ in CASES])
    given = [
        [name, values, in_javascript(answer)]
        for (name, values, _), answer in zip(CASES, answers, strict=True)
    ]
    assert told(given) == told(CASES)


def test_every_filter_has_cases() -> None:
    assert set(FILTERS) == {name for name, _, _ in CASES}


def test_no_case_is_told_twice() -> None:
    asked = told([case[:2] for case in CASES])
    assert sorted(set(asked)) == sorted(asked)


def told(cases: list[list[Any]]) -> list[str]:
    """As JSON, which tells True from 1."""
    return [json.dumps(case, ensure_ascii=False, sort_keys=True) for case in cases]


def in_python(name: str, values: list[Any]) -> object:
    value, *rest = map(unmarked, values)
    named = {"attribute": rest.pop()} if name == "map" and rest else {}
    try:
        return marked(OFFICE.call_filter(name, value, rest, named))
    except Exception:
        return REFUSED


def in_javascript(answer: Answer) -> object:
    return REFUSED if answer.error else answer.found


def unmarked(value: object) -> object:
    if isinstance(value, dict) and "safe" in value:
        return Markup(value["safe"])
    missing = isinstance(value, dict) and "missing" in value
    return OFFICE.undefined(name="it") if missing else value


def marked(value: object) -> object:
    if isinstance(value, Markup):
        return {"safe": str(value)}
    return {"missing": True} if isinstance(value, Undefined) else value
