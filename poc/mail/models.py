"""Records of the mail: what went to a person beside the app, and how far it got."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from poc.records import Record, by_office, check, table

CHANNELS = ("mail", "sms", "phone")


class Letter(Record):
    """One notice on its way beside the app: a mail, an SMS, or a name on the phone list.

    The link in it is signed by its id, so that closing a letter closes its link.
    """

    __tablename__ = "letter"
    __table_args__ = table(
        Index("letter_notice", "notice", "channel"),
        Index("letter_person", "person", "publication"),
        check(f"channel in {CHANNELS!r}", "A letter goes by mail, by SMS or by phone"),
        check("revoked in (0, 1)", "The link is open or closed: choose one"),
    )

    person: Mapped[str | None] = by_office()
    publication: Mapped[str | None] = by_office()
    notice: Mapped[str | None] = by_office()
    channel: Mapped[str | None] = by_office()  # mail, sms, phone
    address: Mapped[str | None] = by_office()  # as it was when the letter was written
    made_at: Mapped[str | None] = by_office()
    sent_at: Mapped[str | None] = by_office()
    delay: Mapped[str | None] = by_office()  # why it has not left yet; it is tried again
    failed: Mapped[str | None] = by_office()  # why it never will be read
    bounced_at: Mapped[str | None] = by_office()
    opened_at: Mapped[str | None] = by_office()  # its link; by the person or by a mail scanner
    stopped_at: Mapped[str | None] = by_office()  # the person wants no more of them
    revoked: Mapped[int | None]  # 1: the office closed its link
