"""The office's own push keys: kept beside its databases, each signing for those who have it."""

import hashlib
import os
import re
import secrets
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from threading import Lock

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from pydantic import AnyHttpUrl
from webpush.vapid import VAPID

from poc.house import write_private

ADDRESS = re.compile(r"[^@\s:<>\"]+@[^@\s.:/]+(\.[^@\s.:/]+)+")
# Domains nobody can write to; Apple refuses every notice that is signed with one.
NOWHERE = ("local", "localhost", "internal", "test", "invalid", "example", "lan", "home")
PRESENT, OLDER = "vapid.pem", "vapid-*.pem"
LIFE, RENEW = 12 * 3600, 6 * 3600  # seconds; push services refuse more than 24 hours


class BadContact(ValueError):
    """The contact for push services is none; its words say what to do."""


class OfficeKey(VAPID):  # type: ignore[misc]
    """The key pair. One signature serves an origin for hours, so that 400 phones cost one."""

    def __init__(self, private: bytes) -> None:
        key = load_pem_private_key(private, None)
        if not isinstance(key, EllipticCurvePrivateKey):
            raise ValueError("The push key in the data folder is of another kind.")
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        super().__init__(private, public)
        self.pair = private, public
        self.text: str = self.get_application_server_key(self.public_key)
        self.id = hashlib.sha256(self.text.encode()).hexdigest()[:16]
        self._signer = key
        self._signed: dict[tuple[str, str], tuple[float, str]] = {}
        self._lock = Lock()

    def get_authorization_header(
        self, endpoint: AnyHttpUrl, subscriber: str, expiration: int = LIFE
    ) -> str:
        """Return the signed header for a push service, a new one only every few hours."""
        about, now = (_origin(endpoint), subscriber), time.time()
        with self._lock:
            until, header = self._signed.get(about, (0.0, ""))
            if until <= now:
                header = self._sign(*about, now)
                self._signed[about] = now + RENEW, header
        return header

    def _sign(self, origin: str, subscriber: str, now: float) -> str:
        claims = {"aud": origin, "exp": int(now) + LIFE, "sub": subscriber}
        token = jwt.encode(claims, self._signer, algorithm="ES256")
        return f"vapid t={token}, k={self.text}"


class Keyring:
    """The key that is handed out, and those from before that phones still have."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._read = (0, 0)
        self._keys: dict[str, OfficeKey] = {}
        self._present = office_key(folder)

    @property
    def present(self) -> OfficeKey:
        """Return the key that browsers subscribe with now."""
        self.all()
        return self._present

    def all(self) -> dict[str, OfficeKey]:
        """Return every key by its id; another process may have turned them meanwhile."""
        with self._lock:
            there = (self._folder / PRESENT).stat()
            if self._read != (there.st_ino, there.st_mtime_ns):
                self._present = office_key(self._folder)
                older = (OfficeKey(file.read_bytes()) for file in self._folder.glob(OLDER))
                self._keys = {key.id: key for key in (*older, self._present)}
                self._read = there.st_ino, there.st_mtime_ns
            return self._keys

    def rotate(self) -> OfficeKey:
        """Make a new key to hand out. The one before goes on signing for those who have it."""
        before = office_key(self._folder)
        with suppress(FileExistsError):
            os.link(self._folder / PRESENT, self._folder / OLDER.replace("*", before.id))
        _new_key(self._folder).replace(self._folder / PRESENT)
        return self.present

    def drop(self, used: Collection[str]) -> int:
        """Drop older keys that no phone has any more; say how many."""
        count = 0
        for id in self.all().keys() - {self.present.id, *used}:
            (self._folder / OLDER.replace("*", id)).unlink(missing_ok=True)
            count += 1
        self._read = (0, 0)
        return count


def office_key(folder: Path) -> OfficeKey:
    """Return the office's key, made on first need. Whoever loses it loses every subscription."""
    file = folder / PRESENT
    if not file.exists():
        draft = _new_key(folder)
        # Two processes may start at once: the first to link its key wins, both use that one.
        with suppress(FileExistsError):
            os.link(draft, file)
        draft.unlink()
    return OfficeKey(file.read_bytes())


def _new_key(folder: Path) -> Path:
    private, _, _ = VAPID.generate_keys()
    draft = folder / f"vapid.{secrets.token_hex(8)}.pem"
    write_private(draft, private)
    return draft


def contact(address: str) -> str:
    """Turn an e-mail address into what push services are told, or refuse it in a sentence."""
    plain = address.strip()
    last = plain.rpartition(".")[2].lower()
    if not ADDRESS.fullmatch(plain) or last in NOWHERE or len(plain) > 254:
        raise BadContact(
            f"“{plain}” is no address that push services can write to. Set VAPID_CONTACT to an "
            "e-mail address that somebody reads, without mailto:, like office@your-company.com."
        )
    return f"mailto:{plain}"


def _origin(endpoint: AnyHttpUrl) -> str:
    usual = 443 if endpoint.scheme == "https" else 80
    port = "" if endpoint.port in (None, usual) else f":{endpoint.port}"
    return f"{endpoint.scheme}://{endpoint.host}{port}"
