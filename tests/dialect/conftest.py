"""One device for all the tests of the dialect."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.dialect.device import Device
from tests.dialect.device import device as started


@pytest.fixture(scope="session")
def device() -> Iterator[Device]:
    with started() as one:
        yield one
