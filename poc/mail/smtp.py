"""Handing mail over to a mail server, and what it said, in words."""

import smtplib
import ssl
from email.message import EmailMessage

from poc.bell.post import LATER, REFUSED, TAKEN, Answer
from poc.mail.means import Server
from poc.mail.reasons import reason

TIMEOUT = 20.0  # seconds for each word of the mail server
LOOPBACK = ("127.0.0.1", "::1", "localhost")

SILENT = "the mail server does not answer"
UNREACHED = "the mail server cannot be reached"
HUNG_UP = "the mail server hung up"
UNSAFE = "no secure connection to the mail server"
NO_TLS = "the mail server offers no secure connection, so the password was not sent"
LOCKED = "the mail server does not accept the office's password"
NO_LOGIN = "the mail server takes no password from the office"
NO_SENDER = "the mail server does not take mail from the office's address"
WAIT = "their mail server asks to wait"


class Carrier:
    """Carries a few letters over one connection, opened for the first of them."""

    def __init__(self, server: Server, timeout: float = TIMEOUT) -> None:
        self._server = server
        self._timeout = timeout
        self._line: smtplib.SMTP | None = None
        self._down: Answer | None = None

    def carry(self, message: EmailMessage, sender: str, recipient: str) -> Answer:
        """Hand one message over. Once the server is out of reach it is not asked for the others."""
        if self._down:
            return self._down
        try:
            self._line = self._line or self._open()
            self._line.send_message(message, sender, [recipient])
        except smtplib.SMTPRecipientsRefused as refused:
            return self._refused(*refused.recipients[recipient])
        except smtplib.SMTPSenderRefused as refused:
            self.hang_up()
            return Answer(LATER if refused.smtp_code < 500 else REFUSED, NO_SENDER)
        except smtplib.SMTPAuthenticationError:
            return self._gone(LOCKED)
        except smtplib.SMTPNotSupportedError:
            return self._gone(NO_LOGIN)
        except smtplib.SMTPResponseException as refused:
            return self._refused(refused.smtp_code, refused.smtp_error)
        except (OSError, smtplib.SMTPException) as error:
            return self._gone(_said(error))
        return Answer(TAKEN)

    def hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            try:
                line.quit()
            except (OSError, smtplib.SMTPException):
                line.close()

    def _open(self) -> smtplib.SMTP:
        about, wait, trust = self._server, self._timeout, ssl.create_default_context()
        if about.secure:
            line: smtplib.SMTP = smtplib.SMTP_SSL(
                about.host, about.port, timeout=wait, context=trust
            )
        else:
            line = smtplib.SMTP(about.host, about.port, timeout=wait)
        try:
            line.ehlo()
            if not about.secure and line.has_extn("starttls"):
                line.starttls(context=trust)
                line.ehlo()
            elif not about.secure and about.user and about.host not in LOOPBACK:
                raise NoTLS
            if about.user:
                line.login(about.user, about.password)
        except BaseException:
            line.close()
            raise
        return line

    def _refused(self, code: int, words: bytes | str) -> Answer:
        if code == 421:  # the server closes the connection with this word
            self.hang_up()
        said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
        if code < 500:
            return Answer(LATER, WAIT)
        return Answer(REFUSED, reason(code, said))

    def _gone(self, say: str) -> Answer:
        self.hang_up()
        self._down = Answer(LATER, say)
        return self._down


class NoTLS(smtplib.SMTPException):
    """A password would go out in the clear."""


def _said(error: BaseException) -> str:
    cause = error.__context__ if isinstance(error, smtplib.SMTPServerDisconnected) else error
    if isinstance(cause, TimeoutError):
        return SILENT
    if isinstance(error, NoTLS):
        return NO_TLS
    if isinstance(cause, ssl.SSLError):
        return UNSAFE
    hung_up = (smtplib.SMTPServerDisconnected, ConnectionResetError, BrokenPipeError)
    return HUNG_UP if isinstance(error, hung_up) else UNREACHED
