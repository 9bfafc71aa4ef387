"""One row of a contact list made into a person."""

import re
from collections.abc import Sequence

from poc.crew.phones import numbers_in, once
from poc.crew.reading import Contact

JOINERS = {"address": ", ", "notes": "\n"}
MANY = ("phones", "emails")

Found = dict[str, list[str]]


def person(cells: Sequence[str], columns: Sequence[str | None], region: str | None) -> Contact:
    """The person of a row; the name is empty when the row names nobody."""
    found = _by_field(cells, columns)
    first, last = _joined(found, "first"), _joined(found, "last")
    plain = {field: _joined(found, field) for field in found if field not in MANY}
    name = plain.pop("name", "") or " ".join(part for part in (first, last) if part)
    return Contact(
        name=name or plain.get("company", ""),
        phones=once(one for cell in found.get("phones", []) for one in numbers_in(cell, region)),
        emails=once(one for cell in found.get("emails", []) for one in addresses_in(cell)),
        **plain,
    )


def _by_field(cells: Sequence[str], columns: Sequence[str | None]) -> Found:
    found: Found = {}
    for cell, field in zip(cells, columns, strict=False):
        if field and cell:
            found.setdefault(field, []).append(cell)
    return found


def _joined(found: Found, field: str) -> str:
    """Two columns for one field are kept together where that reads well; else the first holds."""
    parts = found.get(field, [])
    return JOINERS[field].join(parts) if field in JOINERS else "".join(parts[:1])


def addresses_in(cell: str) -> list[str]:
    """The e-mail addresses of one cell, which may hold several."""
    parts = re.split(r"[;,\s<>]+", cell.replace("mailto:", "").replace(":::", " "))
    return [part for part in parts if "@" in part.strip("@")]
