"""The bell of one running office: its key, whom push services may write to, and where it posts."""

import hashlib
from dataclasses import dataclass

from flask import Flask, current_app
from sqlalchemy import text

from poc.bell.keys import BadContact, OfficeKey, contact, office_key
from poc.bell.push import HOSTS
from poc.productions import Production
from sync.database import reading


@dataclass(frozen=True)
class Bell:
    """It hangs on the app, like the house."""

    key: OfficeKey
    contact: str
    hosts: tuple[str, ...]
    salt: str

    @property
    def key_id(self) -> str:
        return hashlib.sha256(self.key.text.encode()).hexdigest()[:16]


def hang(app: Flask) -> None:
    """Hang the bell on the app. `VAPID_CONTACT` is whom push services write to when something goes
    wrong; `PUSH_HOSTS` names push services beside those of the browsers.
    """
    about = app.extensions["poc"]
    asked = app.config.setdefault("VAPID_CONTACT", "")
    hosts = (*HOSTS, *app.config.setdefault("PUSH_HOSTS", ()))
    whom = contact(asked) if asked else ""
    app.extensions["bell"] = Bell(office_key(about.folder), whom, hosts, about.salt)


def the_bell() -> Bell:
    """Return the bell of the app in whose context this runs."""
    found: Bell = current_app.extensions["bell"]
    return found


def contact_of(production: Production) -> str:
    """Say whom push services may write to about a production,: who runs POC, else its own office.

    Empty when neither gave an e-mail address.
    """
    if whom := the_bell().contact:
        return whom
    with reading(production.engine) as connection:
        email = connection.execute(text("select office_email from production")).scalar()
    try:
        return contact(email or "")
    except BadContact:
        return ""
