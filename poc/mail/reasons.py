"""Why mail is not read, in words a coordinator can act on: from the numbers mail servers give."""

import re

STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
NO_MAILBOX = "no such mailbox"
BY_STATUS = {
    "1.1": NO_MAILBOX,
    "1.2": "no such mail address",
    "1.3": "no such mail address",
    "1.6": "the mailbox has moved",
    "1.10": NO_MAILBOX,
    "2.1": "the mailbox is closed",
    "2.2": "the mailbox is full",
    "2.3": "the mail is too large",
    "3.4": "the mail is too large",
    "4.1": "their mail server does not answer",
    "4.7": "it was tried for too long",
}
BY_CODE = {550: NO_MAILBOX, 551: "the mailbox has moved", 552: "the mailbox is full"}
BY_CODE |= {553: "no such mail address"}
OTHERWISE = "their mail server does not take it"


def reason(code: int, words: str) -> str:
    """Say why, from a reply's code and what stands behind it, like `550 5.1.1 unknown user`."""
    if found := STATUS.search(words):
        subject = found[2]
        return BY_STATUS.get(f"{subject}.{found[3]}", OTHERWISE)
    return BY_CODE.get(code, OTHERWISE)
