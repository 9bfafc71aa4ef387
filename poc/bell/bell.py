"""The bell of one running office: its keys, whom push services may write to, and where it posts."""

from dataclasses import dataclass, field

from flask import Flask, current_app
from sqlalchemy import text

from poc.bell.keys import BadContact, Keyring, OfficeKey, contact
from poc.bell.push import HOSTS, Seal
from poc.productions import Production
from sync.database import reading


@dataclass(frozen=True)
class Bell:
    """It hangs on the app, like the house."""

    keys: Keyring
    contact: str
    hosts: tuple[str, ...]
    salt: str
    _seals: dict[tuple[str, str], Seal] = field(default_factory=dict)

    @property
    def key(self) -> OfficeKey:
        return self.keys.present

    @property
    def key_id(self) -> str:
        return self.key.id

    def seal(self, key_id: str, contact: str) -> Seal:
        """Return what encrypts and signs for phones that subscribed with a key."""
        about = (key_id, contact)
        if about not in self._seals:
            self._seals[about] = Seal(self.keys.all()[key_id], contact)
        return self._seals[about]


def hang(app: Flask) -> None:
    """Hang the bell on the app. `VAPID_CONTACT` is whom push services write to when something goes
    wrong; `PUSH_HOSTS` names push services beside those of the browsers.
    """
    about = app.extensions["poc"]
    asked = app.config.setdefault("VAPID_CONTACT", "")
    hosts = (*HOSTS, *app.config.setdefault("PUSH_HOSTS", ()))
    whom = contact(asked) if asked else ""
    app.extensions["bell"] = Bell(Keyring(about.folder), whom, hosts, about.salt)


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
