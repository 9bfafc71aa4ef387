"""Thousands of templates, written at random, show alike in Jinja2 and on a device."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from poc.dialect import Refused
from tests.dialect.device import Answer, Device, Play
from tests.dialect.grammar import Author

HOW_MANY = 300
# What JavaScript says when the runtime itself stumbles, where it should have refused.
STUMBLES = ("ReferenceError", "Cannot ", "is not a function", "is not iterable", "is not defined")


@dataclass(frozen=True)
class Trial:
    seed: int
    play: Play
    compiled: str
    bytes: str | None


@pytest.mark.parametrize("start", [0, 100_000, 200_000])
def test_random_templates_give_the_same_bytes_or_fail_on_both_sides(
    device: Device, start: int
) -> None:
    trials = list(written(range(start, start + HOW_MANY)))
    answers = device.show_all([trial.compiled for trial in trials])
    apart = list(filter(None, map(difference, trials, answers)))
    assert not apart, f"{len(apart)} differ, and the first is this:\n{apart[0]}"
    assert len(trials) > 0.9 * HOW_MANY, "too many were refused to tell"
    shown = sum(trial.bytes is not None for trial in trials)
    assert shown > HOW_MANY / 2, f"only {shown} of {HOW_MANY} showed a page"


def written(seeds: range) -> Iterator[Trial]:
    for seed in seeds:
        play = Author(seed).play()
        try:
            compiled = play.for_a_device()
        except Refused:
            continue
        yield Trial(seed, play, compiled, office_bytes(play))


def office_bytes(play: Play) -> str | None:
    try:
        return play.in_the_office()
    except Exception:
        return None


def difference(trial: Trial, answer: Answer) -> str:
    stumbled = any(words in (answer.error or "") for words in STUMBLES)
    if answer.found == trial.bytes and not stumbled:
        return ""
    page = "\n".join(f"--- {name}\n{text}" for name, text in trial.play.templates.items())
    seen = f"with {trial.play.variables}\nJinja2: {trial.bytes!r}\ndevice: {answer}"
    return f"seed {trial.seed}\n{page}\n{seen}"
