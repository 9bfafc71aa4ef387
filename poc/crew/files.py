"""Bringing people in: contacts from a list, met with those who are here already."""

import re

from sqlalchemy import Connection, text

from poc.bring import Bring, name_of
from poc.crew.departments import department
from poc.crew.duplicates import duplicates
from poc.crew.phones import fold
from poc.crew.reading import Contact, Contacts
from poc.languages import language

DATE = re.compile(r"\d{4}-\d\d-\d\d")


def bring(desk: Bring, contacts: Contacts) -> None:
    """Write people, their private particulars, and who plays whom."""
    everybody = known(desk.desk.connection)
    pairs = duplicates(contacts.people, list(everybody))
    met = {id(pair.new): everybody[pair.known] for pair in pairs}
    cast = _cast(desk)
    for contact in contacts.people:
        person = met.get(id(contact)) or _name(contact)
        desk.record("person", person, _person(contact))
        if contact.address or contact.born:
            private = {"person": person, "address": contact.address, "born": contact.born}
            desk.record("particulars", name_of("particulars", person), private)
        played = cast.get(fold(contact.character)) or cast.get(contact.number)
        if played and (contact.character or contact.number):
            desk.record("element", played, {"person": person})


def _name(contact: Contact) -> str:
    sign = contact.emails[:1] or contact.phones[:1] or (department(contact.department),)
    return name_of("person", fold(contact.name), *sign)


def _person(contact: Contact) -> dict[str, object]:
    phones, emails = (*contact.phones, "", ""), (*contact.emails, "")
    return {
        "name": contact.name,
        "position": contact.position,
        "department": department(contact.department) or ("Cast" if _plays(contact) else ""),
        "category": _category(contact),
        "phone": phones[0],
        "other_phone": phones[1],
        "email": emails[0],
        "company": contact.company,
        "start": contact.start if DATE.fullmatch(contact.start) else "",
        "finish": contact.finish if DATE.fullmatch(contact.finish) else "",
        "language": language(contact.language),
        "notes": contact.notes,
    }


def _plays(contact: Contact) -> bool:
    return bool(contact.character) or department(contact.department) == "Cast"


def _category(contact: Contact) -> str:
    if _plays(contact):
        return "cast"
    return "crew" if contact.position and contact.department else "contact"


def known(connection: Connection) -> dict[Contact, str]:
    """Return who is on the contact list already, to meet newcomers with."""
    query = "select id, name, department, email, phone from person where gone = 0 order by id"
    return {
        Contact(
            row.name or "",
            department=row.department or "",
            emails=(row.email,) if row.email else (),
            phones=(row.phone,) if row.phone else (),
            source_uid=row.id,
        ): row.id
        for row in connection.execute(text(query))
    }


def _cast(desk: Bring) -> dict[str, str]:
    query = "select id, number, name from element where category = 'Cast Members' and gone = 0"
    rows = desk.desk.connection.execute(text(query)).all()
    return {r.number: r.id for r in rows if r.number} | {fold(r.name): r.id for r in rows if r.name}
