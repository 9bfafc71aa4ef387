"""Numbers become what phones dial; names fold to what people type."""

import csv
from pathlib import Path

import pytest

from poc.crew.phones import canon, fold, numbers_in

EXAMPLES = Path(__file__).parents[1] / "data/contacts/phone-examples.csv"


def examples() -> list[dict[str, str]]:
    return list(csv.DictReader(EXAMPLES.read_text("utf-8").splitlines()))


def test_every_valid_example_becomes_e164_however_it_is_written() -> None:
    valid = [row for row in examples() if row["valid"] == "yes"]
    assert len(valid) > 700
    for row in valid:
        for written in (row["international"], row["e164"]):
            assert canon(written, None) == row["e164"]
        if row["region"].isalpha():
            assert canon(row["national"], row["region"]) == row["e164"]


def test_every_invalid_example_stays_as_written() -> None:
    for row in examples():
        if row["valid"] != "yes":
            assert canon(row["e164"], None) == row["e164"]


@pytest.mark.parametrize("written", ["555 555 1111", "x", "", "call the office", "9" * 100_000])
def test_what_is_no_number_stays_as_written(written: str) -> None:
    assert canon(written, "US") == written


def test_a_number_without_country_needs_a_region() -> None:
    assert canon("030 901820", None) == "030 901820"
    assert canon("030 901820", "DE") == "+4930901820"


def test_a_number_with_an_extension_keeps_it() -> None:
    assert canon("tel:+1-418-656-9254;ext=102", None) == "+1-418-656-9254;ext=102"


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("905-555-1234 / 905-666-1234", ("+19055551234", "+19056661234")),
        ("905-555-1234 ::: 905-555-1234", ("+19055551234",)),
        ("+49 30/901820", ("+4930901820",)),
        ("", ()),
    ],
)
def test_a_cell_may_hold_several_numbers(cell: str, found: tuple[str, ...]) -> None:
    assert numbers_in(cell, "CA") == found


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Łukasz", "lukasz"),
        ("LUKASZ", "lukasz"),
        ("Søren Đorđe", "soren dorde"),
        ("Großmann", "grossmann"),
        ("Ærø", "aero"),
        ("Renée", "renee"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
    ],
)
def test_names_fold_without_marks_or_case(text: str, folded: str) -> None:
    assert fold(text) == folded
