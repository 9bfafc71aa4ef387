"""Records of the people: who they are, what they may do, and the phones they carry it on."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from poc.records import Record, by_arrival, by_office, check, clock, day, table

ROLES = (
    "coordinator",
    "upm",
    "ad",
    "accountant",
    "head",
    "assistant",
    "crew",
    "cast",
    "vendor",
)


class Person(Record):
    """Somebody on the contact list. Whatever is private lives in another kind."""

    __tablename__ = "person"
    __table_args__ = table(day("start"), day("finish"))

    name: Mapped[str | None]
    position: Mapped[str | None]  # "1st AC", "Gaffer"
    department: Mapped[str | None]
    category: Mapped[str | None]  # crew, cast, agent, vendor, studio
    phone: Mapped[str | None]  # E.164 where it is a valid number, else as it was written
    other_phone: Mapped[str | None]
    email: Mapped[str | None]
    company: Mapped[str | None]
    credit: Mapped[str | None]  # the name on the credits, when it differs
    start: Mapped[str | None]
    finish: Mapped[str | None]
    language: Mapped[str | None]  # en, fr, es, de where it is one of these, else as written
    notes: Mapped[str | None] = by_arrival()


class Particulars(Record):
    """What only the office and the person may know."""

    __tablename__ = "particulars"

    person: Mapped[str | None]
    address: Mapped[str | None]
    born: Mapped[str | None]
    emergency_contact: Mapped[str | None]
    notes: Mapped[str | None]


class Preference(Record):
    """How a person wants to be told. Its id says whose it is: `<person>.preference`.

    What is left empty is as the production has it.
    """

    __tablename__ = "preference"
    __table_args__ = table(
        Index("preference_person", "person"),
        clock("quiet_from"),
        clock("quiet_until"),
        check("discreet in (0, 1)", "Notices say everything, or nothing: choose"),
    )

    person: Mapped[str | None]
    language: Mapped[str | None]
    quiet_from: Mapped[str | None]
    quiet_until: Mapped[str | None]
    discreet: Mapped[int | None]


class Membership(Record):
    """What a person may do in this production."""

    __tablename__ = "membership"
    __table_args__ = table(
        Index("membership_person", "person"),
        check(f"role in {ROLES!r}", "Choose one of the roles on the list"),
    )

    person: Mapped[str | None]
    role: Mapped[str | None]
    department: Mapped[str | None]


class Device(Record):
    """A phone, tablet or browser that was let in. Its key is in the registry, never here."""

    __tablename__ = "device"
    __table_args__ = table(Index("device_person", "person"))

    person: Mapped[str | None] = by_office()
    name: Mapped[str | None]  # "iPhone", "Chrome on Windows"
    made_at: Mapped[str | None] = by_office()
    seen_at: Mapped[str | None] = by_office()
    held: Mapped[int | None] = by_office()  # the newest of its person's calls that reached it
    installed: Mapped[int | None] = by_office()
    notices: Mapped[str | None] = by_office()  # on, off, blocked, missing
    trouble: Mapped[str | None] = by_office()  # what its push service had against the office
    revoked: Mapped[int | None]


class Invite(Record):
    """A way in for one person. The link and the code behind it are made by the office."""

    __tablename__ = "invite"

    person: Mapped[str | None]
    made_by: Mapped[str | None]
    made_at: Mapped[str | None] = by_office()
    expires_at: Mapped[str | None] = by_office()
    used_at: Mapped[str | None] = by_office()
    cancelled: Mapped[int | None]
