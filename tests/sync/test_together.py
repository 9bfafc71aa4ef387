"""Writers that wait for each other: one transaction for all, and nobody's trouble is another's."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from sync.together import Together


def test_whoever_comes_while_somebody_writes_is_written_with_the_others() -> None:
    begun, go_on, written = Event(), Event(), []

    def write(asked: Sequence[int]) -> list[int]:
        written.append(list(asked))
        begun.set()
        go_on.wait(10)
        return [one * 10 for one in asked]

    together = Together(write)
    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(together, 1)
        assert begun.wait(10)
        others = [threads.submit(together, one) for one in (2, 3)]
        while len(together._waiting) < len(others):
            pass
        go_on.set()
        assert (first.result(), *(one.result() for one in others)) == (10, 20, 30)
    assert [sorted(some) for some in written] == [[1], [2, 3]]


def test_trouble_comes_only_to_whoever_made_it() -> None:
    begun, go_on = Event(), Event()

    def write(asked: Sequence[int]) -> list[int]:
        begun.set()
        go_on.wait(10)
        if 2 in asked:
            raise ValueError(2)
        return list(asked)

    together = Together(write)
    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(together, 1)
        assert begun.wait(10)
        bad, good = threads.submit(together, 2), threads.submit(together, 3)
        while len(together._waiting) < 2:
            pass
        go_on.set()
        assert (first.result(), good.result()) == (1, 3)
        with pytest.raises(ValueError, match="2"):
            bad.result()


def test_whoever_is_coming_in_is_waited_for() -> None:
    written, inside, go_on = [], Event(), Event()

    def write(asked: Sequence[int]) -> list[int]:
        written.append(list(asked))
        return list(asked)

    def late() -> None:
        with together.coming():
            inside.set()
            assert go_on.wait(10)

    together: Together[int, int] = Together(write, patience=60)
    with ThreadPoolExecutor(4) as threads:
        threads.submit(late)
        assert inside.wait(10)
        first = threads.submit(together, 1)
        while not together._turn.locked():
            pass
        assert (written, first.done()) == ([], False)
        go_on.set()
        assert first.result() == 1


def test_nobody_who_does_not_come_is_waited_for_long() -> None:
    together: Together[int, int] = Together(list, patience=0)
    with together.coming():
        assert together(1) == 1
