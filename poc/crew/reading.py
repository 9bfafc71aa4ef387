"""What a list of people holds, whichever program it came from."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Contact:
    """One person as the file tells it; address and birthday are private and stay apart."""

    name: str
    first: str = ""
    last: str = ""
    position: str = ""
    department: str = ""
    company: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    address: str = ""
    born: str = ""
    language: str = ""
    notes: str = ""
    number: str = ""
    call: str = ""
    start: str = ""
    finish: str = ""
    union: str = ""
    agent: str = ""
    character: str = ""
    source_uid: str = ""


@dataclass(frozen=True)
class Contacts:
    """People from one file; `columns` says which header became which field of a contact."""

    people: tuple[Contact, ...]
    warnings: tuple[str, ...] = ()
    columns: dict[str, str | None] = field(default_factory=dict)
