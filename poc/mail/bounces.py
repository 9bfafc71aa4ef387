"""Mail that comes back: reading what mail servers say of it (RFC 3464), and noting whose it was."""

import email
import email.policy
import re
from collections.abc import Iterator
from email.message import EmailMessage, Message

from poc.mail.facts import facts
from poc.mail.reasons import reason
from poc.productions import Production, Productions
from sync.database import reading

OURS = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([a-z0-9-]+)@[^>\s]+>")


def note(productions: Productions, raw: bytes) -> str:
    """Mark the letter that a message says came back; return why, or nothing when none did."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    why = next(_failures(message), "")
    found = _ours(message)
    production = productions.get(found[1]) if found else None
    if not why or not found or production is None:
        return ""
    return why if _mark(production, found[0], why) else ""


def _mark(production: Production, letter: str, why: str) -> bool:
    with reading(production.engine) as connection:
        if facts(connection, letter) is None:
            return False
    with production.journal.desk() as desk:
        if not desk.standing("letter", letter).fields.get("bounced_at"):
            desk.set("letter", letter, bounced_at=desk.now, failed=f"mail bounced: {why}")
    return True


def _failures(message: EmailMessage) -> Iterator[str]:
    """Say of every recipient that was given up why; what is only late is not given up."""
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for about in part.get_payload():
            if isinstance(about, Message) and _word(about, "Action") == "failed":
                yield reason(550, f"{about.get('Status', '')} {about.get('Diagnostic-Code', '')}")


def _ours(message: EmailMessage) -> tuple[str, str] | None:
    """Find the name we gave the mail: in what came back of it, or in what the answer is to."""
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "text/rfc822-headers":
            headers = email.message_from_string(part.get_content())
        else:
            headers = part
        names = " ".join(
            str(headers.get(name, "")) for name in ("Message-ID", "In-Reply-To", "References")
        )
        if found := OURS.search(names):
            return found[1], found[2]
    return None


def _word(about: Message, name: str) -> str:
    return str(about.get(name, "")).strip().lower()
