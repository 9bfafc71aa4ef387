"""The power fails: an office killed at any moment loses no answer, and repeats nothing."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from contextlib import suppress
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Timer

import pytest

from sync import Request
from sync.database import open_database
from tests.sync import film
from tests.sync.film import Answer, Wire, make

RUNS = int(os.environ.get("KILLS", "25"))  # ./go bench kill does it 200 times
LONGEST = 0.06
EACH = (
    64  # edits a run: more than an office takes in that time, so that there is always work to cut
)
PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.sync.film"])


def serve(path: str, wire: Connection) -> None:
    """Answer exchanges, one after another, from a file made to survive."""
    office = film.open_office(open_database(f"sqlite:///{path}"))
    while True:
        wire.send(office.exchange("ann", Request(device="a", changes=wire.recv())))


class Office:
    """A real process that can be killed."""

    def __init__(self, path: Path) -> None:
        self.wire, theirs = Pipe()
        self.process = PROCESSES.Process(target=serve, args=(str(path), theirs), daemon=True)
        self.process.start()
        theirs.close()

    def send(self, batches: list[list[Wire]], patience: float) -> list[Answer]:
        """Send batch after batch, and kill it in the middle; return what it had answered."""
        end = Timer(patience, self.process.kill)
        answers: list[Answer] = []
        with suppress(EOFError, ConnectionError):
            for batch in batches:
                self.wire.send(batch)
                answers.append(json.loads(self.wire.recv()))
                if len(answers) == 1:
                    end.start()
        self.process.kill()
        self.process.join()
        end.cancel()
        self.wire.close()
        return answers


# What watches over things that processes share may have ended: these share nothing.
@pytest.mark.filterwarnings("ignore:resource_tracker")
def test_f2_f4_an_office_killed_at_any_moment_loses_nothing_it_answered_and_repeats_nothing(
    tmp_path: Path,
) -> None:
    assert survive(tmp_path, RUNS) > RUNS / 2


def survive(folder: Path, runs: int) -> int:
    """Kill an office again and again; return how often it died in the middle of its work."""
    path, dice = folder / "film.db", random.Random(4)
    film.begin(film.build(open_database(f"sqlite:///{path}"))).engine.dispose()
    outbox = [make(f"a.{n}", f"s{n}", number=str(n)) for n in range(EACH * runs)]
    answered: dict[str, object] = {}
    cut = 0
    for _ in range(runs):
        waiting = [wire for wire in outbox if wire["id"] not in answered]
        batches = [waiting[start : start + 5] for start in range(0, len(waiting), 5)]
        answers = Office(path).send(batches, dice.random() * LONGEST)
        cut += len(answers) < len(batches)
        for answer in answers:
            for name, result in answer["results"]:
                assert answered.setdefault(name, result) == result
        assert _stored(path) >= answered.keys()
    _check_whole(path, outbox, answered)
    return cut


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
