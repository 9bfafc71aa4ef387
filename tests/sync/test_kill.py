"""The power fails: an office killed at any moment loses no answer, and repeats nothing."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from sync import Request
from sync.database import open_database
from tests.sync import film
from tests.sync.film import Answer, Wire, make

RUNS = 25
LONGEST = 0.12
ROOT = Path(__file__).parents[2]


def serve(path: str) -> None:
    """Answer exchanges, one a line, from a file made to survive."""
    office = film.open_office(open_database(f"sqlite:///{path}"))
    print("ready", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        print(office.exchange("ann", Request(**asked)), flush=True)


class Office:
    """A real process that can be killed."""

    def __init__(self, path: Path) -> None:
        words = [sys.executable, "-m", "tests.sync.test_kill", str(path)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(words, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def send(self, *batches: list[Wire]) -> None:
        assert self.process.stdin is not None
        for batch in batches:
            stand = {"device": "a", "generation": "", "changes": batch}
            self.process.stdin.write(json.dumps(stand) + "\n")
        self.process.stdin.flush()

    def kill(self) -> list[Answer]:
        """Kill it; return what it had answered until then."""
        self.process.kill()
        told, _ = self.process.communicate()
        answers = []
        for line in told.splitlines():
            with suppress(json.JSONDecodeError):  # an answer may be cut in the middle
                answers.append(json.loads(line))
        return answers


def test_an_office_killed_at_any_moment_loses_nothing_it_answered_and_repeats_nothing(
    tmp_path: Path,
) -> None:
    path, dice = tmp_path / "film.db", random.Random(4)
    film.begin(open_database(f"sqlite:///{path}")).engine.dispose()
    outbox = [make(f"a.{n}", f"s{n}", number=str(n)) for n in range(400)]
    answered: dict[str, object] = {}
    cut = 0
    for _ in range(RUNS):
        office = Office(path)
        waiting = [wire for wire in outbox if wire["id"] not in answered]
        office.send(*(waiting[start : start + 5] for start in range(0, len(waiting), 5)))
        time.sleep(dice.random() * LONGEST)
        answers = office.kill()
        cut += len(answers) < len(waiting) / 5
        for answer in answers:
            for name, result in answer["results"]:
                assert answered.setdefault(name, result) == result
        assert _stored(path) >= answered.keys()
    assert cut > RUNS / 2
    _check_whole(path, outbox, answered)


def _stored(path: Path) -> set[str]:
    engine = open_database(f"sqlite:///{path}")
    names = {one["id"] for one in film.asked(film.open_office(engine))}
    engine.dispose()
    return names


def _check_whole(path: Path, outbox: list[Wire], answered: dict[str, object]) -> None:
    """Let the last of it arrive in quiet; everything is there once, each with its first answer."""
    engine = open_database(f"sqlite:///{path}")
    office = film.open_office(engine)
    for start in range(0, len(outbox), 200):
        told = film.send(office, "ann", *outbox[start : start + 200])
        for name, result in told["results"]:
            assert answered.setdefault(name, result) == result
    assert Counter(one["of"] for one in film.rows(office, "echo")) == Counter(answered.keys())
    assert len(film.rows(office, "scene")) == len(outbox)
    engine.dispose()


if __name__ == "__main__":
    serve(sys.argv[1])
