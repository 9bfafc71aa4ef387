"""The means of one running office to reach people beside the app: mail server, SMS account."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from flask import Flask, current_app

SETTINGS = ("SMTP_URL", "MAIL_FROM", "MAIL_BOUNCES", "OFFICE_URL", "SMS_URL", "SMS_FROM")
PORTS = {"smtp": 587, "smtps": 465}
ADDRESS = re.compile(r"[^@\s<>,;:\"()\[\]\\]+@[^@\s<>,;:\"()\[\]\\.]+(\.[^@\s<>,;:\"()\[\]\\.]+)+")
LONGEST_ADDRESS = 254


class BadSetting(ValueError):
    """A setting for mail or SMS that cannot be used; its words say what to do."""


@dataclass(frozen=True)
class Server:
    """Where mail is handed over."""

    host: str
    port: int
    secure: bool  # TLS from the first byte, else by STARTTLS where it is offered
    user: str
    password: str


@dataclass(frozen=True)
class Account:
    """An account at a provider that speaks the Messages API of Twilio."""

    host: str
    port: int
    name: str
    token: str
    number: str


@dataclass(frozen=True)
class Means:
    """It hangs on the app, like the house. What is not set up is None or empty."""

    mail: Server | None
    sender: str
    bounces: str
    origin: str
    sms: Account | None


def equip(app: Flask) -> None:
    """Hang the means on the app, or refuse a wrong setting in a sentence."""
    asked = {name: str(app.config.setdefault(name, "")).strip() for name in SETTINGS}
    app.extensions["mail"] = means(asked)


def the_means() -> Means:
    """Return the means of the app in whose context this runs."""
    found: Means = current_app.extensions["mail"]
    return found


def means(asked: Mapping[str, str]) -> Means:
    """Read the settings."""
    mail = _server(asked["SMTP_URL"]) if asked["SMTP_URL"] else None
    for name in ("MAIL_FROM", "MAIL_BOUNCES"):
        if asked[name] and not plausible(asked[name]):
            raise BadSetting(f"{name} is no e-mail address: write it like office@your-company.com.")
    if mail and not asked["MAIL_FROM"]:
        raise BadSetting("SMTP_URL is set and MAIL_FROM is not: say from whom mail comes.")
    sms = _account(asked["SMS_URL"], asked["SMS_FROM"]) if asked["SMS_URL"] else None
    bounces = asked["MAIL_BOUNCES"] or asked["MAIL_FROM"]
    return Means(mail, asked["MAIL_FROM"], bounces, _origin(asked["OFFICE_URL"]), sms)


def plausible(address: str) -> bool:
    """Say whether mail can be sent to what somebody typed as an address."""
    short = address.isascii() and len(address) <= LONGEST_ADDRESS
    return short and ADDRESS.fullmatch(address) is not None


def _server(url: str) -> Server:
    say = "SMTP_URL is written like smtp://name:password@mail.your-company.com:587, or smtps://."
    parts = _parts(url, say, lambda parts: parts.scheme in PORTS)
    port = parts.port or PORTS[parts.scheme]
    secret = (unquote(parts.username or ""), unquote(parts.password or ""))
    return Server(parts.hostname or "", port, parts.scheme == "smtps", *secret)


def _account(url: str, number: str) -> Account:
    say = (
        "SMS_URL is written like https://account:token@api.twilio.com, SMS_FROM like +15005550006."
    )
    parts = _parts(url, say, lambda parts: parts.scheme == "https" and bool(parts.password))
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", number):
        raise BadSetting(say)
    secret = (unquote(parts.username or ""), unquote(parts.password or ""))
    return Account(parts.hostname or "", parts.port or 443, *secret, number)


def _origin(url: str) -> str:
    if not url:
        return ""
    say = (
        "OFFICE_URL is the address people open the office under, like https://poc.your-company.com."
    )
    parts = _parts(url, say, lambda parts: parts.scheme in ("https", "http"))
    return f"{parts.scheme}://{parts.netloc}"


def _parts(url: str, say: str, fits: Callable[[SplitResult], Any]) -> SplitResult:
    try:
        parts = urlsplit(url)
        right = parts.hostname and parts.port != 0 and fits(parts)
    except ValueError:
        right = None
    if not right:
        raise BadSetting(say)
    return parts
