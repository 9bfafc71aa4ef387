"""Sending an SMS by the Messages API that Twilio speaks, and others after it."""

import json
import ssl
from base64 import b64encode
from http.client import HTTPException, HTTPSConnection
from urllib.parse import quote, urlencode

import phonenumbers

from poc.bell.post import LATER, REFUSED, TAKEN, Answer
from poc.mail.means import Account

TIMEOUT = 15.0  # seconds
LONGEST = 300  # characters: two messages in one, by most tariffs
LONGEST_ANSWER = 64 * 1024
BUSY = (408, 425, 429)
WHY = {
    21211: "no such phone number",
    21408: "the SMS account may not send to that country",
    21610: "they answered STOP to an earlier SMS",
    21614: "no mobile number",
}
OTHERWISE = "the SMS account did not take it"
UNREACHED = "the SMS account cannot be reached"
LOCKED = "the SMS account does not accept the office's key"
MOBILE = (
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    phonenumbers.PhoneNumberType.UNKNOWN,
)


def mobile(number: str | None, region: str | None) -> str:
    """Give a number in E.164 when an SMS can reach it, else nothing."""
    try:
        found = phonenumbers.parse(number or "", region)
    except phonenumbers.NumberParseException:
        return ""
    if found.extension or not phonenumbers.is_valid_number(found):
        return ""
    if phonenumbers.number_type(found) not in MOBILE:
        return ""
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


def fitting(words: str, link: str) -> str:
    """Shorten the words of an SMS, never the link behind them."""
    plain = words.replace("→", "->").replace("·", "-")
    room = LONGEST - (len(link) + 1 if link else 0)
    short = plain if len(plain) <= room else f"{plain[: room - 3].rstrip()}..."
    return f"{short} {link}".strip()


def send(account: Account, number: str, words: str) -> Answer:
    """Send one SMS."""
    trust = ssl.create_default_context()
    line = HTTPSConnection(account.host, account.port, timeout=TIMEOUT, context=trust)
    path = f"/2010-04-01/Accounts/{quote(account.name, safe='')}/Messages.json"
    body = urlencode({"To": number, "From": account.number, "Body": words})
    key = b64encode(f"{account.name}:{account.token}".encode()).decode()
    headers = {"Authorization": f"Basic {key}", "Content-Type": "application/x-www-form-urlencoded"}
    try:
        line.request("POST", path, body, headers)
        response = line.getresponse()
        return _answer(response.status, response.read(LONGEST_ANSWER))
    except (OSError, HTTPException):
        return Answer(LATER, UNREACHED)
    finally:
        line.close()


def _answer(status: int, said: bytes) -> Answer:
    if 200 <= status < 300:
        return Answer(TAKEN)
    if status in (401, 403):
        return Answer(LATER, LOCKED)
    if status in BUSY or status >= 500:
        return Answer(LATER, UNREACHED)
    try:
        code = json.loads(said)["code"]
    except (ValueError, KeyError, TypeError):
        code = None
    return Answer(REFUSED, WHY.get(code, OTHERWISE))
