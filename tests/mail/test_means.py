"""What is set up for mail and SMS is understood, or refused in a sentence at the start."""

import re

import pytest

from poc.mail.means import SETTINGS, Account, BadSetting, Server, means

NOTHING = dict.fromkeys(SETTINGS, "")
FROM = {"MAIL_FROM": "office@aurora-film.com"}


def test_an_office_that_is_told_nothing_sends_nothing() -> None:
    found = means(NOTHING)
    assert (found.mail, found.sms, found.origin) == (None, None, "")


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", Server("mail.example", 587, False, "", "")),
        ("smtps://mail.example", Server("mail.example", 465, True, "", "")),
        ("smtp://me:p%40ss@mail.example:25", Server("mail.example", 25, False, "me", "p@ss")),
    ],
)
def test_a_mail_server_is_read_from_its_address(url: str, server: Server) -> None:
    found = means({**NOTHING, **FROM, "SMTP_URL": url})
    assert found.mail == server
    assert found.bounces == "office@aurora-film.com"


def test_an_sms_account_and_the_offices_own_address_are_read() -> None:
    sms = {"SMS_URL": "https://AC1:key@api.twilio.com", "SMS_FROM": "+15005550006"}
    found = means({**NOTHING, **sms, "OFFICE_URL": "https://poc.example:8443/today"})
    assert found.sms == Account("api.twilio.com", 443, "AC1", "key", "+15005550006")
    assert found.origin == "https://poc.example:8443"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({**FROM, "SMTP_URL": "mail.example"}, "SMTP_URL is written like smtp://"),
        ({**FROM, "SMTP_URL": "http://mail.example"}, "SMTP_URL is written like smtp://"),
        ({**FROM, "SMTP_URL": "smtp://mail.example:99999"}, "SMTP_URL is written like smtp://"),
        ({"SMTP_URL": "smtp://mail.example"}, "MAIL_FROM is not: say from whom mail comes."),
        ({"MAIL_FROM": "the office"}, "MAIL_FROM is no e-mail address"),
        ({**FROM, "MAIL_BOUNCES": "a@b.example, c"}, "MAIL_BOUNCES is no e-mail address"),
        (
            {"SMS_URL": "http://a:b@x.example", "SMS_FROM": "+15005550006"},
            "SMS_URL is written like",
        ),
        ({"SMS_URL": "https://a:b@x.example", "SMS_FROM": "POC"}, "SMS_FROM like +15005550006"),
        ({"OFFICE_URL": "poc.example"}, "OFFICE_URL is the address people open the office under"),
    ],
    ids=str,
)
def test_a_wrong_setting_is_refused_in_a_sentence(asked: dict[str, str], words: str) -> None:
    with pytest.raises(BadSetting, match=re.escape(words)):
        means({**NOTHING, **asked})
