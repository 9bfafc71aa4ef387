"""The record of a calendar: that somebody has an address, never the address itself."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from poc.records import Record, by_office, check, table


class Calendar(Record):
    """An address with one person's calls. The secret in it is in the registry, as a hash."""

    __tablename__ = "calendar"
    __table_args__ = table(
        Index("calendar_person", "person"),
        check("revoked in (0, 1)", "An address is open or it has ended"),
    )

    person: Mapped[str | None] = by_office()
    made_at: Mapped[str | None] = by_office()
    fetched_at: Mapped[str | None] = by_office()  # by some calendar, noted once a day
    revoked: Mapped[int | None]
