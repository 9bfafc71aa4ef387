"""The table of failures is true: every test it names exists, and every numbered test is in it."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| F(\d+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
TEST = re.compile(r"^(?:async )?def (test_\w+)", re.MULTILINE)
NUMBERS = re.compile(r"(?<=_)f(\d+)(?=_)")
LAST = 55


def rows() -> dict[int, tuple[str, list[str]]]:
    """Give what each row says, and the tests it names."""
    found = ROW.findall((ROOT / "docs" / "failures.md").read_text("utf-8"))
    return {int(n): (held, re.findall(r"`(test_\w+)`", held)) for n, _, held in found}


def written() -> Iterator[str]:
    for file in (ROOT / "tests").rglob("test_*.py"):
        yield from TEST.findall(file.read_text("utf-8"))


def test_every_failure_has_a_row_and_each_row_a_test_or_a_reason() -> None:
    assert list(rows()) == list(range(1, LAST + 1))
    for number, (held, named) in rows().items():
        assert named or held.endswith("yet") or " yet " in held, f"F{number}: {held}"


def test_every_test_the_table_names_exists() -> None:
    there = set(written())
    named = {name for _, names in rows().values() for name in names}
    assert named - there == set()


def test_every_test_with_a_number_stands_in_its_row() -> None:
    said = rows()
    for name in written():
        for number in NUMBERS.findall(name):
            assert name in said[int(number)][1], f"{name} is not in the row of F{number}"
