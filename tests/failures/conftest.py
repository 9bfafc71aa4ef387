"""A running office, and phones that have a copy of it: where things go wrong on a set."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync.phones import Crowd, Office, Phone, running, with_copy


@pytest.fixture(scope="module")
def opened(told: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, Path]]:
    folder = tmp_path_factory.mktemp("failures")
    with running(told, folder / "data") as office:
        office.back_up(folder / "begun")
        yield office, folder / "begun"


@pytest.fixture
def office(opened: tuple[Office, Path]) -> Office:
    """A running office, as on the first day of every test."""
    office, begun = opened
    office.play_back(begun)
    return office


@pytest.fixture
def begun(opened: tuple[Office, Path]) -> Path:
    """A backup of that office on that day."""
    return opened[1]


@pytest.fixture(scope="module")
def crowd(opened: tuple[Office, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    crowd = Crowd(opened[0], tmp_path_factory.mktemp("crowd"))
    yield crowd
    crowd.close()


@pytest.fixture
def tablet(office: Office, crowd: Crowd) -> Phone:
    """Marta's tablet, with a copy."""
    return with_copy(crowd.phone("tablet"))
