"""Reads vCards (2.1, 3.0, 4.0) and jCards into contacts."""

import re
from collections.abc import Iterable, Iterator

from poc.crew.cards import Card, Property, cards_in, is_jcard, jcards_in
from poc.crew.departments import department
from poc.crew.people import addresses_in
from poc.crew.phones import canon, once
from poc.crew.reading import Contact, Contacts
from poc.reading import Refused, decoded, first_of, parsed, within_size

__all__ = ["Contact", "Contacts", "is_jcards", "read", "read_jcards"]

MOST_CARDS = 20_000
LATER = ("fax", "pager")


def read(raw: bytes, region: str | None = None) -> Contacts:
    """The people of a .vcf file; `region` is where a bare phone number belongs."""
    within_size(raw)
    return _contacts(cards_in(decoded(raw)), region)


def read_jcards(raw: bytes, region: str | None = None) -> Contacts:
    """The people of a jCard file, which is a vCard written as JSON."""
    return _contacts(jcards_in(parsed(raw)), region)


def is_jcards(found: object) -> bool:
    """Whether parsed JSON is one jCard or a list of them."""
    return is_jcard(found) or (isinstance(found, list) and bool(found) and is_jcard(found[0]))


def _contacts(cards: Iterable[tuple[Card, bool]], region: str | None) -> Contacts:
    people: list[Contact] = []
    doubts: list[str] = []
    for place, (card, ended) in enumerate(cards, 1):
        if place > MOST_CARDS:
            doubts.append(f"The file is long; POC read its first {MOST_CARDS} cards.")
            break
        found = _contact(card, region)
        doubts += _doubts(place, card, found, ended)
        if found.name and not _is_group(card):
            people.append(found)
    if not people:
        raise Refused("This file holds no card with a name, an e-mail or a phone. Export it again.")
    return Contacts(tuple(people), first_of(doubts))


def _doubts(place: int, card: Card, found: Contact, ended: bool) -> Iterator[str]:
    if _is_group(card):
        yield f"Card {place} is a group, not a person; POC left it out."
    elif not found.name:
        yield f"Card {place} names nobody; POC left it out."
    elif not _name(card):
        yield f'Card {place} has no name; POC calls it "{found.name}" until you name it.'
    if not ended:
        yield f"Card {place} breaks off before its end; look through what POC read of it."


def _is_group(card: Card) -> bool:
    return _text(card, "KIND").casefold() == "group"


def _contact(card: Card, region: str | None) -> Contact:
    last, first = _parts(card, "N", 2)
    company, division = _parts(card, "ORG", 2)
    phones = once(canon(found.value.strip(), region) for found in _by_use(card))
    emails = once(one for found in _all(card, "EMAIL") for one in addresses_in(found.value))
    fallback = next(iter((*[company][: bool(company)], *emails, *phones)), "")
    return Contact(
        name=_name(card) or fallback,
        first=first,
        last=last,
        position=_text(card, "TITLE") or _text(card, "ROLE"),
        department=department(division),
        company=company,
        phones=phones,
        emails=emails,
        address="\n".join(once(map(_address, _all(card, "ADR")))),
        born=_born(_text(card, "BDAY")),
        notes="\n".join(once(found.value.strip() for found in _all(card, "NOTE"))),
        agent=_text(card, "AGENT"),
        source_uid=_text(card, "UID"),
    )


def _name(card: Card) -> str:
    last, first = _parts(card, "N", 2)
    return _text(card, "FN") or f"{first} {last}".strip() or _text(card, "NICKNAME")


def _all(card: Card, name: str) -> list[Property]:
    return [found for found in card if found.name == name]


def _text(card: Card, name: str) -> str:
    return next((text for found in _all(card, name) if (text := found.value.strip())), "")


def _parts(card: Card, name: str, count: int) -> list[str]:
    found = next(iter(_all(card, name)), None)
    parts = [part.strip() for part in found.parts] if found else []
    return [*parts, *[""] * count][:count]


def _by_use(card: Card) -> list[Property]:
    """The mobile first, because it is the one to ring; fax and pager last."""
    return sorted(
        _all(card, "TEL"), key=lambda tel: (bool(tel.kinds & set(LATER)), "cell" not in tel.kinds)
    )


def _address(found: Property) -> str:
    return ", ".join(part for text in found.parts if (part := " ".join(text.split()).strip(", ")))


def _born(text: str) -> str:
    """A birthday as 1980-03-22, or --02-03 when the year is nobody's business."""
    found = re.match(r"(\d{4}|--)-?(\d\d)-?(\d\d)(?!\d)", text)
    if not found:
        return text
    year = "-" if found[1] == "--" else found[1]
    return f"{year}-{found[2]}-{found[3]}"
