"""Personal links: signed by the office, good for one letter, until some days after the call."""

import base64
import hmac
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from sync.clock import parse

SIGNATURE = 16  # bytes
AFTER_CALL, WITHOUT_CALL = timedelta(days=2), timedelta(days=14)


def token(salt: str, production: str, letter: str) -> str:
    """Make the token of a letter: its name and the office's signature; nobody can make another."""
    name = UUID(letter).bytes
    signed = base64.urlsafe_b64encode(name + _signature(salt, production, letter))
    # The production ends it, since programs that find links drop a dash or a dot at the end.
    return f"{signed.decode().rstrip('=')}.{production}"


def read(salt: str, asked: str) -> tuple[str, str] | None:
    """Give the production and the letter of a token the office signed, else None."""
    signed, _, production = asked.partition(".")
    try:
        raw = base64.urlsafe_b64decode(signed + "=" * (-len(signed) % 4))
        letter = str(UUID(bytes=raw[:16]))
    except ValueError:
        return None
    right = _signature(salt, production, letter)
    return (production, letter) if hmac.compare_digest(raw[16:], right) else None


def expired(letter: Mapping[str, Any], day: str | None, now: datetime) -> bool:
    """Say whether the time of a letter's link ran out; `day` is that of the call in force."""
    if day:
        return now.date() > date.fromisoformat(day) + AFTER_CALL
    return now > parse(letter["made_at"]) + WITHOUT_CALL


def _signature(salt: str, production: str, letter: str) -> bytes:
    about = f"letter {production} {letter}".encode()
    return hmac.digest(salt.encode(), about, sha256)[:SIGNATURE]
