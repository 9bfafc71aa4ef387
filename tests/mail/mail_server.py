"""A real mail server on loopback, and peers that fail in the ways mail servers do."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from threading import Thread
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.browser.office import free_port


@dataclass
class Taken:
    """One mail as it arrived."""

    sender: str
    to: str
    raw: bytes
    secure: bool
    user: str

    @property
    def message(self) -> EmailMessage:
        found: EmailMessage = message_from_bytes(self.raw, policy=policy.default)
        return found


@dataclass
class MailServer:
    """`refuses` has words for a recipient, each used once; `dies` hangs up in the middle of one."""

    taken: list[Taken] = field(default_factory=list)
    refuses: dict[str, list[str]] = field(default_factory=dict)
    dies: int = 0
    password: str = ""
    port: int = 0

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, to: str, options: list[str]
    ) -> str:
        if words := self.refuses.get(to):
            return words.pop(0)
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.dies:
            self.dies -= 1
            server.transport.abort()
            return "250 nobody hears this"
        assert isinstance(envelope.content, bytes)
        secure = server.transport.get_extra_info("sslcontext") is not None
        user = str(session.auth_data or "")
        for to in envelope.rcpt_tos:
            about = (str(envelope.mail_from), to, envelope.content, secure, user)
            self.taken.append(Taken(*about))
        return "250 OK"

    def of(self, to: str) -> list[Taken]:
        """What arrived for one address."""
        return [one for one in self.taken if one.to == to]

    @contextmanager
    def running(self, **settings: Any) -> Iterator["MailServer"]:
        self.port = free_port()
        if self.password:
            settings |= {"authenticator": self._let_in, "auth_required": True}
        running = Controller(self, "127.0.0.1", self.port, **settings)
        running.start()
        try:
            yield self
        finally:
            running.stop()

    def _let_in(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any
    ) -> AuthResult:
        assert isinstance(given, LoginPassword)
        right = given.password.decode() == self.password
        return AuthResult(success=right, handled=False, auth_data=given.login.decode())


def secured(certificate: Path) -> ssl.SSLContext:
    """Give what a mail server with this certificate speaks TLS with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@contextmanager
def mute(*words: bytes) -> Iterator[int]:
    """Answer a connection with these words, one for each it hears, and then with nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        kept: list[socket.socket] = []

        def answer() -> None:
            line, _ = listening.accept()
            kept.append(line)
            for said in words:
                line.sendall(said)
                line.recv(4096)

        thread = Thread(target=answer, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        for line in kept:
            line.close()
