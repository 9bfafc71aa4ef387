"""Reads contact lists in rows and columns: CSV with any delimiter, and XLSX."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from poc.crew.departments import department, known
from poc.crew.duplicates import Pair, duplicates
from poc.crew.headers import SHOWN, fields
from poc.crew.people import person
from poc.crew.reading import Contact, Contacts
from poc.crew.sheets import DELIMITERS, MOST_ROWS, Sheet, book_sheets, text_sheet
from poc.reading import Refused, decoded, first_of, within_size

__all__ = ["Contact", "Contacts", "Pair", "duplicates", "read"]

NAMES = ("name", "first", "last")
ZIP = b"PK\x03\x04"
TITLE_LINES = 40


@dataclass(frozen=True)
class Table:
    """A sheet and its header row, with the field each column is read as."""

    sheet: Sheet
    top: int
    header: list[str]
    columns: list[str | None]

    @property
    def has_names(self) -> bool:
        return any(column in NAMES for column in self.columns)

    @property
    def weight(self) -> tuple[bool, int, int]:
        """Without a name, words like "mobile" in the rows must not pass for a header."""
        known = sum(column is not None for column in self.columns) if self.has_names else 0
        return self.has_names, known, len([cell for cell in self.header if cell])

    @property
    def ragged(self) -> int:
        return sum(len(row) > len(self.header) for row in self.sheet[self.top :])


def read(raw: bytes, name: str, region: str | None = None) -> Contacts:
    """The people of a CSV or XLSX file; `region` is where a bare phone number belongs."""
    within_size(raw)
    if raw.startswith(ZIP):
        tables = [_table(sheet) for sheet in book_sheets(raw)]
    else:
        text = decoded(raw)
        cuts = [_table(text_sheet(text, delimiter)) for delimiter in DELIMITERS]
        tables = [max(cuts, key=lambda table: (*table.weight[:2], -table.ragged, table.weight[2]))]
    known = [table for table in tables if table.has_names]
    if not known:
        raise Refused(_no_names(name, tables))
    return _together([_contacts(table, region) for table in known])


def _table(sheet: Sheet) -> Table:
    """Titles and dates often stand above the header; the header knows the most fields."""
    filled = [top for top, row in enumerate(sheet[:TITLE_LINES]) if any(map(str.strip, row))]
    tops = [_headed(sheet, top) for top in filled]
    sure = [table for table in tops if table.weight[1] > 1]
    return max(sure or tops[:1], key=lambda table: table.weight, default=Table([], 0, [], []))


def _headed(sheet: Sheet, top: int) -> Table:
    header = [cell.strip() for cell in sheet[top]]
    while header and not header[-1]:
        header.pop()
    return Table(sheet, top, header, fields(header))


def _no_names(name: str, tables: list[Table]) -> str:
    best = max(tables, key=lambda table: table.weight, default=None)
    seen = ", ".join(cell[:40] for cell in best.header if cell) if best else ""
    return (
        f"{name or 'This file'} has no column POC knows as a name. "
        f"The headers seen are: {seen[:400] or 'none'}. POC knows: {SHOWN}."
    )


def _contacts(table: Table, region: str | None) -> Contacts:
    people: list[Contact] = []
    warnings: list[str] = []
    above = ""
    for line, row in enumerate(table.sheet[table.top + 1 :], table.top + 2):
        cells = [cell.strip(" \r\n") for cell in row]
        if not any(cells) or cells == table.header:
            continue
        heading = _heading(cells, table)
        if heading:
            above = department(heading)
            warnings += _doubts_of_heading(line, heading)
            continue
        found = person(cells, table.columns, region)
        warnings += _doubts(line, cells, table, found)
        if found.name:
            people.append(replace(found, department=department(found.department or above)))
    return Contacts(tuple(people), _told(warnings, table), _named(table))


def _heading(cells: Sequence[str], table: Table) -> str:
    """A row with one department in it, or one word in capitals, stands over the people below."""
    filled = [cell for cell in cells if cell]
    if len(filled) != 1 or len(table.header) < 2:
        return ""
    heading = filled[0].rstrip(": ")
    in_capitals = heading == heading.upper() and any(map(str.isalpha, heading))
    is_bare = sum(map(str.isdigit, heading)) < 3 and "@" not in heading
    is_heading = in_capitals or filled[0].endswith(":") or known(heading)
    return heading if is_bare and is_heading else ""


def _doubts_of_heading(line: int, heading: str) -> list[str]:
    """An actor's name in capitals, alone in its row, looks the same."""
    if known(heading):
        return []
    return [f'Row {line} has only "{heading[:60]}" in it; POC took it for a department.']


def _doubts(line: int, cells: Sequence[str], table: Table, found: Contact) -> list[str]:
    doubts = []
    if not found.name:
        doubts.append(f"Row {line} names nobody; POC left it out.")
    if any(cells[len(table.header) :]):
        doubts.append(f"Row {line} has more cells than the header; POC left out the last ones.")
    mails = [cell for cell, column in zip(cells, table.columns, strict=False) if column == "emails"]
    if any(mails) and not found.emails:
        doubts.append(f"Row {line} has no e-mail address in its e-mail column; POC left it empty.")
    return doubts


def _told(warnings: list[str], table: Table) -> tuple[str, ...]:
    is_long = len(table.sheet) == MOST_ROWS
    long = [f"The table is long; POC read its first {MOST_ROWS} rows."] if is_long else []
    return first_of([*long, *warnings])


def _named(table: Table) -> dict[str, str | None]:
    pairs = zip(table.header, table.columns, strict=True)
    return {header: column for header, column in pairs if header}


def _together(found: list[Contacts]) -> Contacts:
    return Contacts(
        tuple(one for part in found for one in part.people),
        tuple(warning for part in found for warning in part.warnings),
        {header: column for part in found for header, column in part.columns.items()},
    )
