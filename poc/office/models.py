"""Records of the office: calls, publications, who was called, who knows, what collided."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from poc.records import Record, by_office, check, clock, table


class Call(Record):
    """A call typed for one person or one department; without it the general call holds.

    Its id says whose it is, `<shoot_day>.<person or department>`, so that two people who type the
    same call apart meet in one record instead of making two.
    """

    __tablename__ = "call"
    __table_args__ = table(
        Index("call_day", "shoot_day"),
        clock("time"),
        clock("pickup"),
        check("excused in (0, 1)", "Called or not called: choose one of the two"),
    )

    shoot_day: Mapped[str | None]
    person: Mapped[str | None]
    department: Mapped[str | None]
    time: Mapped[str | None]
    pickup: Mapped[str | None]
    pickup_place: Mapped[str | None]
    note: Mapped[str | None]
    excused: Mapped[int | None]  # 1: not called that day


class Publication(Record):
    """What was published, frozen. A device says what and why; the office adds the rest for good."""

    __tablename__ = "publication"
    __table_args__ = table(
        check("subject in ('call_sheet', 'schedule')", "Publish a call sheet or the schedule"),
        Index("publication_day", "shoot_day"),
    )

    subject: Mapped[str | None]
    shoot_day: Mapped[str | None]
    note: Mapped[str | None]
    made_by: Mapped[str | None] = by_office()
    made_at: Mapped[str | None] = by_office()
    local_time: Mapped[str | None] = by_office()  # when it was published, on the production's clock
    date: Mapped[str | None] = by_office()
    revision: Mapped[int | None] = by_office()
    colour: Mapped[str | None] = by_office()
    fingerprint: Mapped[str | None] = by_office()
    leaves_at: Mapped[str | None] = by_office()  # until then it can be taken back
    superseded: Mapped[int | None] = by_office()
    rows: Mapped[str | None] = by_office()  # JSON: what the page's queries found


class Withdrawal(Record):
    """A publication taken back before anything left: its notices were never sent."""

    __tablename__ = "withdrawal"
    __table_args__ = table(Index("withdrawal_day", "shoot_day"))

    publication: Mapped[str | None]
    shoot_day: Mapped[str | None] = by_office()
    colour: Mapped[str | None] = by_office()
    made_by: Mapped[str | None] = by_office()
    made_at: Mapped[str | None] = by_office()


class Called(Record):
    """One person's call as one publication says it: their own facts, and what they were before."""

    __tablename__ = "called"
    __table_args__ = table(
        Index("called_publication", "publication"),
        Index("called_to", "publication", "person"),
        Index("called_person", "person", "since"),
        Index("called_day", "person", "shoot_day", "seq"),
        numbered=True,
    )

    publication: Mapped[str | None] = by_office()
    shoot_day: Mapped[str | None] = by_office()
    person: Mapped[str | None] = by_office()
    department: Mapped[str | None] = by_office()
    date: Mapped[str | None] = by_office()
    call: Mapped[str | None] = by_office()  # nothing: not called (any more)
    pickup: Mapped[str | None] = by_office()
    pickup_place: Mapped[str | None] = by_office()
    place: Mapped[str | None] = by_office()
    address: Mapped[str | None] = by_office()
    note: Mapped[str | None] = by_office()
    wrap: Mapped[str | None] = by_office()  # of the day, estimated
    was_date: Mapped[str | None] = by_office()
    was_call: Mapped[str | None] = by_office()
    was_pickup: Mapped[str | None] = by_office()
    was_pickup_place: Mapped[str | None] = by_office()
    was_place: Mapped[str | None] = by_office()
    was_colour: Mapped[str | None] = by_office()
    changed: Mapped[int | None] = by_office()  # 1: this publication changed something for them
    since: Mapped[str | None] = by_office()  # the publication that first said these facts
    superseded: Mapped[int | None] = by_office()


class Receipt(Record):
    """Somebody saw, confirmed or was told a publication. Only facts, never taken back."""

    __tablename__ = "receipt"
    __table_args__ = table(
        Index("receipt_person", "person", "publication"),
        check("state in ('seen', 'confirmed', 'told')", "Seen, confirmed or told: choose one"),
    )

    publication: Mapped[str | None]
    person: Mapped[str | None]
    department: Mapped[str | None]
    state: Mapped[str | None]
    at: Mapped[str | None]  # the moment of the tap, also when it was made without signal
    how: Mapped[str | None]  # app, phone, in person, head (of department)
    by: Mapped[str | None]  # who told them


class Briefing(Record):
    """A head told their whole department. The office writes it down for each of them."""

    __tablename__ = "briefing"
    __table_args__ = table(Index("briefing_publication", "publication", "department"))

    publication: Mapped[str | None]
    department: Mapped[str | None]
    at: Mapped[str | None]
    by: Mapped[str | None]  # the head, or whoever noted it where no head is known


class Reminder(Record):
    """Somebody asks for a second notice to all, or one department, who do not know yet."""

    __tablename__ = "reminder"
    __table_args__ = table(Index("reminder_publication", "publication"))

    publication: Mapped[str | None]
    department: Mapped[str | None]
    by: Mapped[str | None]
    made_at: Mapped[str | None] = by_office()
    people: Mapped[int | None] = by_office()  # how many it rang


class Notice(Record):
    """What the office sent a person, and how far it got."""

    __tablename__ = "notice"
    __table_args__ = table(
        Index("notice_publication", "publication", "person"), Index("notice_person", "person")
    )

    publication: Mapped[str | None] = by_office()
    person: Mapped[str | None] = by_office()
    shoot_day: Mapped[str | None] = by_office()  # nothing: about the schedule
    language: Mapped[str | None] = by_office()
    title: Mapped[str | None] = by_office()
    body: Mapped[str | None] = by_office()
    urgency: Mapped[str | None] = by_office()  # high, normal, silent (never sent: only listed)
    made_at: Mapped[str | None] = by_office()
    sent_at: Mapped[str | None] = by_office()
    shown_at: Mapped[str | None] = by_office()
    failed: Mapped[str | None] = by_office()  # why it could not be sent
    reminder: Mapped[str | None] = by_office()  # the reminder that asked for it


class Clash(Record):
    """Two values for one field, by people who could not see each other. Both are kept."""

    __tablename__ = "clash"

    subject: Mapped[str | None] = by_office()  # the kind
    about: Mapped[str | None] = by_office()  # the record
    field: Mapped[str | None] = by_office()
    label: Mapped[str | None] = by_office()  # what it is about, in words
    late_do: Mapped[str | None] = by_office()
    late_value: Mapped[str | None] = by_office()
    late_by: Mapped[str | None] = by_office()
    late_at: Mapped[str | None] = by_office()
    kept_value: Mapped[str | None] = by_office()
    kept_gone: Mapped[int | None] = by_office()
    kept_by: Mapped[str | None] = by_office()
    kept_at: Mapped[str | None] = by_office()
    settled: Mapped[str | None]  # late, kept, other
    settled_by: Mapped[str | None]
