"""A template filled twice: by Jinja2, as the office does, and by Node, as a device does."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import DictLoader
from jinja2.sandbox import SandboxedEnvironment

from poc.dialect import compile_template, environment
from tests.stage import node

RUNNER = Path(__file__).resolve().parent.parent / "node" / "dialect.mjs"


@dataclass(frozen=True)
class Play:
    """Templates, of which page.html is shown, and what it is shown with."""

    templates: Mapping[str, str]
    variables: Mapping[str, Any] = field(default_factory=dict)

    def office(self) -> SandboxedEnvironment:
        return environment(DictLoader(self.templates))

    def in_the_office(self) -> str:
        return self.office().get_template("page.html").render(**self.variables)

    def for_a_device(self) -> str:
        office = self.office()
        compiled = (f"{json.dumps(n)}: {compile_template(office, n)}" for n in self.templates)
        known = json.dumps(self.variables)
        return f'{{templates: {{{", ".join(compiled)}}}, name: "page.html", variables: {known}}}'


@dataclass(frozen=True)
class Answer:
    """What a device found, or how it failed."""

    found: Any = None
    error: str | None = None


class Device:
    """One Node that answers for as long as the tests ask."""

    def __init__(self, running: subprocess.Popen[str]) -> None:
        self._running = running

    def show(self, play: Play) -> str:
        answer = self.show_all([play.for_a_device()])[0]
        assert answer.error is None, answer.error
        return str(answer.found)

    def show_all(self, plays: Sequence[str]) -> list[Answer]:
        return self._ask({"module": f"export const plays = [{', '.join(plays)}];"})

    def filter_all(self, cases: Sequence[tuple[str, Sequence[Any]]]) -> list[Answer]:
        return self._ask({"cases": cases})

    def _ask(self, question: Mapping[str, Any]) -> list[Answer]:
        assert self._running.stdin is not None
        assert self._running.stdout is not None
        self._running.stdin.write(f"{json.dumps(question)}\n")
        self._running.stdin.flush()
        line = self._running.stdout.readline()
        assert line, "The device stopped: its own words are above."
        return [Answer(**answer) for answer in json.loads(line)]


@contextmanager
def device() -> Iterator[Device]:
    words = [node(), "--no-warnings", str(RUNNER)]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as running:
        yield Device(running)
