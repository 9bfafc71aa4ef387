"""What every record has: an id made where it is made, a place in the journal, and `gone`."""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# Ordered by its id and kept once, not in a row and again in an index: copies are 40 % smaller.
SQLITE = {"sqlite_strict": True, "sqlite_with_rowid": False}


class Record(DeclarativeBase):
    """Records arrive in pieces and out of order, from devices that were apart.

    So nothing but the id is required, nothing is unique, and no record insists that another exists.
    What that leaves open is a finding for a person to settle, never an error. Checks look at one
    field, and their names are the sentences people read (at most 63 bytes: PostgreSQL cuts more).
    """

    __abstract__ = True
    metadata = MetaData()
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        int: BigInteger().with_variant(Integer, "sqlite"),
    }
    __table_args__: Any = SQLITE

    id: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int | None]
    gone: Mapped[int | None]


def table(*parts: CheckConstraint | Index, numbered: bool = False) -> tuple[Any, ...]:
    """Add checks and indexes to a record's table; say whether its rows' numbers are asked for."""
    return (*parts, {**SQLITE, "info": {"numbered": numbered}})


def check(sql: str, sentence: str) -> CheckConstraint:
    """Refuse values with a sentence, on the server and on the device alike."""
    return CheckConstraint(sql, name=sentence)


def day(field: str) -> CheckConstraint:
    """Refuse what is no date, so that rules may count days with it."""
    digits = " and ".join(
        f"substr({field}, {place}, 1) between '0' and '9'" for place in (1, 2, 3, 4, 6, 7, 9, 10)
    )
    rule = f"{field} like '____-__-__' and length({field}) = 10 and {digits}"
    return check(rule, f"The {field.replace('_', ' ')} is written like 2026-04-14")


def clock(field: str) -> CheckConstraint:
    """Refuse what is no wall-clock time; hours after midnight may go on to 35:59."""
    rule = f"length({field}) = 5 and {field} < '36' and substr({field}, 3, 1) = ':'"
    for place, highest in ((1, 3), (2, 9), (4, 5), (5, 9)):
        rule += f" and substr({field}, {place}, 1) between '0' and '{highest}'"
    return check(rule, f"The {field.replace('_', ' ')} is written like 07:30")


def by_office() -> Any:
    """Declare a field that only the office writes."""
    return mapped_column(info={"by": "office"})


def by_arrival() -> Any:
    """Declare a field where the later arrival wins; the older value stays in the journal."""
    return mapped_column(info={"policy": "arrival"})
