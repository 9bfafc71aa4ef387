"""People met twice: the same e-mail, the same phone, or the same name in the same department."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from poc.crew.phones import fold
from poc.crew.reading import Contact


@dataclass(frozen=True)
class Pair:
    """Someone from a file who may be someone already known, and what says so."""

    new: Contact
    known: Contact
    because: str


def duplicates(people: Sequence[Contact], existing: Sequence[Contact]) -> tuple[Pair, ...]:
    """At most one pair per person: an e-mail tells more than a phone, a phone more than a name."""
    known: dict[tuple[str, str], Contact] = {}
    for contact in existing:
        for sign in _signs(contact):
            known.setdefault(sign, contact)
    found = ((one, next((sign for sign in _signs(one) if sign in known), None)) for one in people)
    return tuple(Pair(one, known[sign], sign[0]) for one, sign in found if sign)


def _signs(contact: Contact) -> Iterator[tuple[str, str]]:
    """Only a number in E.164 is one person's; a local one may repeat in another country."""
    yield from (("email", email.casefold()) for email in contact.emails)
    yield from (("phone", phone) for phone in contact.phones if phone.startswith("+"))
    if contact.name:
        yield "name", f"{fold(contact.name)}\n{fold(contact.department)}"
