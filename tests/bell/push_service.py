"""A push service on loopback that refuses whatever the real ones refuse (RFC 8030 and 8292)."""

import asyncio
import json
import re
import secrets
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.bell.phone import Phone, raw

FIREFOX, CHROME = "updates.push.services.mozilla.com", "jmt17.google.com"
APPLE = "web.push.apple.com"
NAMES = (FIREFOX, CHROME, APPLE, "fcm.googleapis.com")
CONTACT = re.compile(r"mailto:[^@\s:]+@[^@\s]+\.(?!local)[^@\s.]+|https://[^/\s]+")


@dataclass
class Mailbox:
    """What the service knows of one subscription."""

    key: str = ""  # the office's, as the browser subscribed with it
    gone: bool = False


@dataclass
class Post:
    """One request of the office, and how it was answered."""

    token: str
    headers: dict[str, str]
    body: bytes
    status: int
    why: str = ""


@dataclass
class PushService:
    """Runs in a thread of its own. `faults` are answered first, one for each request."""

    folder: Path
    posts: list[Post] = field(default_factory=list)
    mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    faults: list[tuple[int, dict[str, str], str]] = field(default_factory=list)
    busy: str = ""  # the name that answers 429, whatever comes
    pause: float = 0.0
    port: int = 0
    deliver: Callable[[str, bytes], None] = lambda token, body: None

    @property
    def taken(self) -> list[Post]:
        return [post for post in self.posts if post.status == 201]

    def phone(self, key: str, host: str = FIREFOX) -> Phone:
        """Give a phone that has subscribed with the office's key."""
        token = secrets.token_urlsafe(16)
        self.mailboxes[token] = Mailbox(key)
        return Phone(f"https://{host}/wpush/v2/{token}")

    def forget(self, phone: Phone) -> None:
        """The browser unsubscribed."""
        self.mailboxes[phone.endpoint.rpartition("/")[2]].gone = True

    def of(self, phone: Phone) -> list[Post]:
        """What was taken for one phone."""
        return [post for post in self.taken if phone.endpoint.endswith(post.token)]

    @property
    def certificate(self) -> Path:
        return self.folder / "service.pem"

    @contextmanager
    def running(self) -> Iterator["PushService"]:
        write_certificate(self.certificate)
        with aside() as loop:
            runner = asyncio.run_coroutine_threadsafe(self._start(), loop).result(10)
            try:
                yield self
            finally:
                asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)

    async def _start(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_post("/wpush/v2/{token}", self._push)
        app.router.add_post("/fcm/send/{token}", self._push)
        runner = web.AppRunner(app, shutdown_timeout=1)
        await runner.setup()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        site = web.TCPSite(runner, "127.0.0.1", self.port, ssl_context=context)
        await site.start()
        self.port = runner.addresses[0][1]
        return runner

    async def _push(self, request: web.Request) -> web.Response:
        body = await request.read()
        await asyncio.sleep(self.pause)
        post = Post(request.match_info["token"], dict(request.headers), body, 201)
        self.posts.append(post)
        if request.host == self.busy:
            post.status, post.why = 429, "too many"
            return web.Response(status=429)
        if self.faults:
            post.status, headers, post.why = self.faults.pop(0)
            return web.Response(status=post.status, headers=headers, text=post.why)
        post.status, post.why = self._judge(post, request.host)
        if post.status != 201:
            return web.json_response({"reason": post.why}, status=post.status)
        self.deliver(post.token, body)
        place = f"https://{request.host}/m/{secrets.token_hex(8)}"
        return web.Response(status=201, headers={"Location": place, "TTL": post.headers["TTL"]})

    def _judge(self, post: Post, host: str) -> tuple[int, str]:
        post.headers = {name.title(): value for name, value in post.headers.items()}
        post.headers["TTL"] = post.headers.pop("Ttl", "")
        mailbox = self.mailboxes.get(post.token)
        if mailbox is None:
            return 404, "no such subscription"
        if mailbox.gone:
            return 410, "unsubscribed"
        if len(post.body) > 4096:
            return 413, "more than 4096 bytes"
        if wrong := _wrong_headers(post.headers):
            return 400, wrong
        return _signed(post.headers.get("Authorization", ""), f"https://{host}", mailbox.key)


@contextmanager
def aside() -> Iterator[asyncio.AbstractEventLoop]:
    """Run a loop in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _wrong_headers(headers: dict[str, str]) -> str:
    patterns = {
        "TTL": r"[1-9]\d{0,6}",
        "Content-Encoding": "aes128gcm",
        "Topic": r"[A-Za-z0-9_-]{1,32}",
        "Urgency": "very-low|low|normal|high",
    }
    bad = [n for n, rule in patterns.items() if not re.fullmatch(rule, headers.get(n, ""))]
    return f"bad {bad[0]}: {headers.get(bad[0])}" if bad else ""


def _signed(authorization: str, origin: str, key: str) -> tuple[int, str]:
    found = re.fullmatch(r"vapid t=([^,]+), ?k=(.+)", authorization)
    if not found:
        return 401, "no VAPID"
    try:
        claims = _verified(found[1], found[2])
    except (InvalidSignature, ValueError) as error:
        return 401, f"bad signature: {error!r}"
    if key and raw(key) != raw(found[2]):
        return 403, "VapidPkHashMismatch"
    now = time.time()
    good = claims.get("aud") == origin and now < claims.get("exp", 0) <= now + 86400
    if not good or not CONTACT.fullmatch(claims.get("sub", "")):
        return 403, "BadJwtToken"
    return 201, ""


def _verified(token: str, key: str) -> dict[str, Any]:
    head, claims, signature = token.split(".")
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(key))
    r, s = (int.from_bytes(half, "big") for half in (raw(signature)[:32], raw(signature)[32:]))
    der = utils.encode_dss_signature(r, s)
    public.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    told: dict[str, Any] = json.loads(raw(claims))
    return told


def write_certificate(file: Path) -> None:
    """Write a certificate in the push services' names; only these tests trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "push services on loopback")])
    now, names = datetime.now(UTC), [x509.DNSName(host) for host in NAMES]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(certificate.public_bytes(Encoding.PEM) + private)


def lead_here(patch: pytest.MonkeyPatch, port: int, certificate: Path) -> None:
    """Let the push services' names lead to this machine, and nothing else lead anywhere."""
    find = socket.getaddrinfo

    def here(host: str, asked: int, *rest: int, **more: int) -> list[Any]:
        if host in NAMES:
            return find("127.0.0.1", port, *rest, **more)
        return find(host, asked, *rest, **more)

    patch.setattr(socket, "getaddrinfo", here)
    patch.setenv("SSL_CERT_FILE", str(certificate))
