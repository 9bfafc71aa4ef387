"""A phone's half of web push: the keys of a subscription, and reading what arrives (RFC 8291)."""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

HEAD = 86  # salt, record size, length of the sender's key, and that key


class Phone:
    """A browser on a phone: its endpoint, and the keys only it has."""

    def __init__(self, endpoint: str, private: int = 0, auth: bytes = b"") -> None:
        self.endpoint = endpoint
        self.auth = auth or secrets.token_bytes(16)
        curve = ec.SECP256R1()
        self._private = (
            ec.derive_private_key(private, curve) if private else ec.generate_private_key(curve)
        )
        self.point = self._private.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )

    @property
    def subscription(self) -> dict[str, Any]:
        """What `PushSubscription.toJSON()` gives."""
        keys = {"p256dh": text(self.point), "auth": text(self.auth)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    def read(self, body: bytes) -> bytes:
        """Decrypt a message."""
        salt, sender = body[:16], body[21:HEAD]
        assert int.from_bytes(body[16:20], "big") >= len(body) - HEAD
        peer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self._private.exchange(ec.ECDH(), peer)
        secret = _derive(shared, self.auth, b"WebPush: info\0" + self.point + sender, 32)
        key = _derive(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _derive(secret, salt, b"Content-Encoding: nonce\0", 12)
        plain = AESGCM(key).decrypt(nonce, body[HEAD:], None).rstrip(b"\0")
        assert plain.endswith(b"\2")
        return plain[:-1]

    def wire(self, body: bytes) -> dict[str, Any]:
        """Read a message as the browser does."""
        wire: dict[str, Any] = json.loads(self.read(body))
        assert wire["web_push"] == 8030
        assert wire["mutable"] is True
        return wire

    def notification(self, body: bytes) -> dict[str, Any]:
        """Read what the browser would show."""
        wire = self.wire(body)
        shown: dict[str, Any] = wire["notification"]
        return shown


def text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _derive(secret: bytes, salt: bytes, about: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=about).derive(secret)
