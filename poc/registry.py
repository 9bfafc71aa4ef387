"""The registry: which productions there are, which devices were let in, and as whom."""

import hashlib
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.schema import CreateSchema

from poc.places import REGISTRY, address, alone, turned
from sync.clock import stamp
from sync.database import PRAGMAS
from sync.ids import new_id

INVITE_LIFE = timedelta(days=7)
CODE_LIFE = timedelta(hours=24)


class Row(DeclarativeBase):
    """A row of the registry."""

    metadata = MetaData()


db = SQLAlchemy(model_class=Row)


class Device(Row):
    """A phone or browser. Its key is known only to itself; here is what the key hashes to."""

    __tablename__ = "device"

    id: Mapped[str] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    owner: Mapped[int]  # 1: may start productions
    made_at: Mapped[str]
    revoked_at: Mapped[str | None]


class Seat(Row):
    """As whom a device looks at a production."""

    __tablename__ = "seat"

    device: Mapped[str] = mapped_column(primary_key=True)
    production: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str]
    record: Mapped[str]  # the device's record in the production


class Way(Row):
    """A way in: the link and the code behind an invite, as hashes. It works once."""

    __tablename__ = "way"

    id: Mapped[str] = mapped_column(primary_key=True)  # of the invite; "owner" for the first link
    production: Mapped[str | None]
    person: Mapped[str | None]
    token_hash: Mapped[str] = mapped_column(index=True)
    code_hash: Mapped[str] = mapped_column(index=True)
    expires_at: Mapped[str]
    code_expires_at: Mapped[str]
    used_at: Mapped[str | None]


class Attempt(Row):
    """How often somebody tried a door lately."""

    __tablename__ = "attempt"

    door: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[str]
    count: Mapped[int]


class Subscription(Row):
    """Where a device's push service takes notices for it."""

    __tablename__ = "subscription"

    endpoint: Mapped[str] = mapped_column(primary_key=True)
    device: Mapped[str] = mapped_column(index=True)
    p256dh: Mapped[str]
    auth: Mapped[str]
    key_id: Mapped[str]
    made_at: Mapped[str]
    gone_at: Mapped[str | None]
    trouble: Mapped[str | None]


def hashed(secret: str) -> str:
    """Hash a long random secret; short codes are hashed with the office's own salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_way(
    invite: str, production: str | None, person: str | None, salt: str, now: datetime
) -> tuple[str, str]:
    """Make the link's token and the six-digit code of an invite; older ones stop working."""
    token, code = secrets.token_urlsafe(24), f"{secrets.randbelow(1_000_000):06d}"
    if old := db.session.get(Way, invite):
        db.session.delete(old)
        db.session.flush()
    db.session.add(
        Way(
            id=invite,
            production=production,
            person=person,
            token_hash=hashed(token),
            code_hash=hashed(salt + code),
            expires_at=stamp(now + INVITE_LIFE),
            code_expires_at=stamp(now + CODE_LIFE),
        )
    )
    db.session.commit()
    return token, code


def new_device(name: str, owner: bool, now: datetime) -> tuple[Device, str]:
    """Let a device in; return its row and the key only it will know."""
    key = secrets.token_urlsafe(32)
    device = Device(
        id=new_id(), key_hash=hashed(key), name=name, owner=int(owner), made_at=stamp(now)
    )
    db.session.add(device)
    return device, key


class Apart(Row):
    """A sender apart that is at work until a moment; whoever dies is at work no more soon after."""

    __tablename__ = "sender"

    id: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[str]


def prepare(folder: Path, url: str = "") -> dict[str, Any]:
    """Return the settings of the registry: a file in the data folder, or a schema in PostgreSQL."""
    if not url:
        return {"SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / 'registry.db'}"}
    options = {"execution_options": {"poc_schema": REGISTRY}, "pool_pre_ping": True}
    return {"SQLALCHEMY_DATABASE_URI": address(url), "SQLALCHEMY_ENGINE_OPTIONS": options}


def ready() -> None:
    """Make the tables that are missing. Called once the engine exists."""
    if db.engine.dialect.name == "sqlite":
        event.listen(db.engine, "connect", _tune)
        db.create_all()
        return
    turned(db.engine)
    with alone(db.engine) as connection:
        connection.execute(CreateSchema(REGISTRY, if_not_exists=True))
        Row.metadata.create_all(connection)


def _tune(connection: Any, _record: object) -> None:
    """Make SQLite wait for others and keep what it acknowledged."""
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
