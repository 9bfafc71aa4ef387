"""Rows of text out of a CSV or XLSX file, whatever wrote it, in bounded time and memory."""

import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, time
from itertools import islice
from typing import Literal

import openpyxl

from poc.reading import Refused, words

DELIMITERS = ",;\t|"
MOST_ROWS = 20_000
MOST_COLUMNS = 200
MOST_CELLS = 1_000_000
LONGEST_LINE = 1_000_000
LARGEST_CELLS = 16 * 1024 * 1024
LARGEST_PICTURES = 64 * 1024 * 1024
MOST_PARTS = 2_000

Sheet = list[list[str]]


def text_sheet(text: str, delimiter: str) -> Sheet:
    """The rows of a CSV file read with this delimiter."""
    try:
        return _rows(text, delimiter, strict=True)
    except csv.Error as wrong:
        only_one_cell = "expected after" in str(wrong)
    with suppress(csv.Error):
        if only_one_cell:
            return _rows(text, delimiter)
    return _unquoted(text, delimiter)


def _unquoted(text: str, delimiter: str) -> Sheet:
    """A lone quote mark swallows the rest of the file, unless quotes mean nothing."""
    try:
        return _rows(text, delimiter, quoting=csv.QUOTE_NONE)
    except csv.Error:
        raise Refused(
            "This file has a line too long to be a row of a contact list. Export it again as CSV."
        ) from None


def _rows(text: str, delimiter: str, *, strict: bool = False, quoting: Literal[0, 3] = 0) -> Sheet:
    lines = _lines(text)
    return _bounded(csv.reader(lines, delimiter=delimiter, strict=strict, quoting=quoting))


def _lines(text: str) -> Iterator[str]:
    for line in io.StringIO(text, newline=""):
        if len(line) > LONGEST_LINE:
            raise csv.Error("line too long")
        yield line


def _bounded(found: Iterator[list[str]]) -> Sheet:
    sheet: Sheet = []
    cells = 0
    for row in islice(found, MOST_ROWS):
        while row and not row[-1]:
            row.pop()
        sheet.append(row[:MOST_COLUMNS])
        cells += len(row)
        if cells > MOST_CELLS:
            raise Refused("This table has over a million cells. Export the contacts alone.")
    return sheet


def book_sheets(raw: bytes) -> Iterator[Sheet]:
    """The rows of every sheet of an XLSX file."""
    _unpacks_within_bounds(raw)
    try:
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        for sheet in book.worksheets:
            found = sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS, values_only=True)
            yield _bounded([_cell(value) for value in row] for row in found)
    except Refused:
        raise
    except Exception as wrong:  # a broken workbook fails inside openpyxl in any way it likes
        raise Refused(
            "This Excel file is damaged or not a workbook. Open it, save it as .xlsx, try again."
        ) from wrong


def _unpacks_within_bounds(raw: bytes) -> None:
    try:
        parts = zipfile.ZipFile(io.BytesIO(raw)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError) as wrong:
        raise Refused("This Excel file is damaged: it does not unpack. Save it again.") from wrong
    cells = sum(part.file_size for part in parts if part.filename.endswith((".xml", ".rels")))
    pictures = sum(part.file_size for part in parts) - cells
    if len(parts) > MOST_PARTS or cells > LARGEST_CELLS or pictures > LARGEST_PICTURES:
        raise Refused("This Excel file is too large inside. Save only the contact sheet.")


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        at_midnight = value.time() == time()
        return (value.date() if at_midnight else value).isoformat(*(() if at_midnight else (" ",)))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return words(value)
