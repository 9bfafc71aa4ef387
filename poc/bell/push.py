"""Web push as the browsers' services want it: which addresses we post to, and what we post."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from webpush import WebPush, WebPushSubscription

from poc.bell.keys import OfficeKey

# The push services of today's browsers; a leading dot means every host below it. An endpoint is an
# address a stranger gives us to post to, so nothing else is ever contacted.
HOSTS = (
    "fcm.googleapis.com",
    "jmt17.google.com",
    "updates.push.services.mozilla.com",
    ".push.apple.com",
    ".notify.windows.com",
)
LONGEST_ENDPOINT = 1023
# Firefox on Android takes about 2.7 kB; a few sizes only, so that the length tells nothing.
SIZES = (512, 1024, 1536, 2500)
LONGEST_TTL = 28 * 24 * 3600


class NoTarget(ValueError):
    """A subscription we do not post to; its words say why."""


@dataclass(frozen=True)
class Target:
    """A browser's subscription: where to post, and what to encrypt with."""

    endpoint: str
    p256dh: str
    auth: str


@dataclass(frozen=True)
class Parcel:
    """A notice ready to post."""

    body: bytes
    headers: Mapping[str, str]


class Seal:
    """Encrypts and signs. Its `WebPush` is made once and asked only for plain messages, because
    every other argument would stick to it.
    """

    def __init__(self, key: OfficeKey, contact: str) -> None:
        self._push = WebPush(*key.pair, subscriber=contact)
        self._push.vapid = key

    def close(self, letter: bytes, target: Target, ttl: int, urgency: str, topic: str) -> Parcel:
        """Make a parcel of a letter for one browser."""
        keys = {"p256dh": target.p256dh, "auth": target.auth}
        about = {"endpoint": target.endpoint, "keys": keys}
        message = self._push.get(letter, WebPushSubscription.model_validate(about))
        own = {"ttl": str(max(1, min(ttl, LONGEST_TTL))), "urgency": urgency, "topic": topic}
        kind = {"content-type": "application/octet-stream"}
        return Parcel(message.encrypted, {**message.headers, **own, **kind})


def letter(
    notice: Mapping[str, Any], called: Mapping[str, Any], base: str, origin: str, tag: str
) -> bytes:
    """Write what a phone gets: the notice in the shape every browser knows, padded to a size."""
    title, body = notice["title"][:200], notice["body"][:500]
    about = {"web_push": 8030, "mutable": True}
    if notice.get("unseen"):
        about["app_badge"] = notice["unseen"]
    told: dict[str, Any] = {"id": notice["id"], "base": base}
    if called:
        told["called"] = dict(called)
    while True:
        shown = {
            "title": title,
            "body": body,
            "lang": notice.get("language") or "en",
            "tag": tag,
            "navigate": f"{origin}{base}/today?n={notice['id']}",
            "data": told,
        }
        wire = {**about, "notification": shown}
        raw = json.dumps(wire, ensure_ascii=False, separators=(",", ":")).encode()
        if size := next((size for size in SIZES if len(raw) <= size), 0):
            return raw.ljust(size)
        # What does not fit is left to the app, which fetches the whole of it anyway.
        told.pop("called", None)
        title, body = title[: len(title) * 3 // 4], body[: len(body) // 2]


def topic(salt: str, production: str, day: str) -> str:
    """Name a production's day so that only this office can read the name."""
    digest = hmac.digest(salt.encode(), f"{production}/{day}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:24]).decode()


def check(target: Target, hosts: Iterable[str] = HOSTS) -> None:
    """Refuse a subscription that no browser made, or that points where we do not post."""
    _check_endpoint(target.endpoint, hosts)
    point, secret = _bytes(target.p256dh), _bytes(target.auth)
    if len(point) != 65 or point[0] != 4 or len(secret) != 16:
        raise NoTarget("The browser's push keys are damaged. Turn notices off and on again.")
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
    except ValueError as error:
        say = "The browser's push keys are damaged. Turn notices off and on again."
        raise NoTarget(say) from error


def _check_endpoint(endpoint: str, hosts: Iterable[str]) -> None:
    say = "The office does not know this browser's push service, so it sends nothing there."
    if len(endpoint) > LONGEST_ENDPOINT or not endpoint.isascii() or not endpoint.isprintable():
        raise NoTarget(say)
    try:
        parts = urlsplit(endpoint)
        port = parts.port
    except ValueError as error:
        raise NoTarget(say) from error
    plain = parts.scheme == "https" and port in (None, 443) and "@" not in parts.netloc
    host = parts.hostname or ""
    if not plain or "\\" in endpoint or not known(host, hosts):
        raise NoTarget(say)


def known(host: str, hosts: Iterable[str] = HOSTS) -> bool:
    """Say whether a host is one of those that we post to."""
    return any(_within(host, allowed) for allowed in hosts)


def _within(host: str, allowed: str) -> bool:
    return host.endswith(allowed) if allowed.startswith(".") else host == allowed


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return b""
