"""What a mail says: one person's own change, in their language, with the sheet as published."""

import re
from email.message import EmailMessage

import pytest

from poc.demo import COORDINATOR
from poc.mail.words import sentences, spoken
from tests.mail.conftest import INES, OFFICE, PLACE, Post
from tests.mail.mail_server import MailServer


def arrived(post: Post, server: MailServer, name: str = INES) -> EmailMessage:
    post.go()
    return server.of(post.address(name))[-1].message


def body(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_a_mail_says_what_was_and_what_is(post: Post, mail_server: MailServer) -> None:
    ines, day = post.ferry.people[INES], post.ferry.days[12]
    post.ferry.write(COORDINATOR, "call", f"{day}.{ines}", pickup="05:00")
    post.change("05:30")
    message = arrived(post, mail_server)
    assert message["Subject"] == "Night Ferry: Call 07:30 → 05:30, Tue 14 Apr"
    assert message["From"] == f"Night Ferry <{OFFICE}>"
    assert message["To"] == f"Ines Okafor <{post.address()}>"
    said = body(message)
    assert "Call: 05:30 (was 07:30)" in said
    assert "Pick-up: 05:00 (was 07:05)" in said
    assert "Place: Pier 9 Warehouse" in said
    assert "+351 91 000 0000" in said
    page = body(message, "html")
    assert "<strong>05:30</strong> <s>07:30</s>" in page
    assert '<td dir="auto"' in page


def test_who_is_not_called_any_more_reads_that(post: Post, mail_server: MailServer) -> None:
    ines, day = post.ferry.people[INES], post.ferry.days[12]
    post.ferry.write(COORDINATOR, "call", f"{day}.{ines}", excused=1)
    post.change("05:30")
    said = body(arrived(post, mail_server))
    assert "You are not called on Tue 14 Apr any more" in said
    assert "Call: not called (was 07:30)" in said


def test_a_mail_carries_one_personal_link_and_says_how_to_get_no_more(
    post: Post, mail_server: MailServer
) -> None:
    post.change("05:30")
    message = arrived(post, mail_server)
    (link,) = set(re.findall(rf"{PLACE}/m/[\w.-]+$", body(message), re.MULTILINE))
    assert body(message, "html").count(f'href="{link}"') == 2
    assert message["List-Unsubscribe"] == f"<{link}/stop>, <mailto:{OFFICE}?subject=unsubscribe>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    raw = mail_server.taken[0].raw
    assert b"List-Unsubscribe: <https://" in raw  # readable by programs that know no code words
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_without_an_address_of_the_office_there_is_no_link(
    post: Post, mail_server: MailServer
) -> None:
    post.serve(mail_server.port, OFFICE_URL="")
    post.change("05:30")
    message = arrived(post, mail_server)
    assert "/m/" not in body(message) + body(message, "html")
    assert message["List-Unsubscribe"] == f"<mailto:{OFFICE}?subject=unsubscribe>"


def test_the_call_sheet_as_published_is_attached_and_opens_by_itself(
    post: Post, mail_server: MailServer
) -> None:
    post.change("05:30")
    (sheet,) = arrived(post, mail_server).iter_attachments()
    assert re.fullmatch(r"Night Ferry 2026-04-14 \w+\.html", str(sheet.get_filename()))
    page = str(sheet.get_content())
    assert "Pier 9 Warehouse" in page
    assert "05:30" in page
    assert "<style>" in page and ".sheet__head" in page
    assert not re.search(r"<script|<link|src=|/p/night-ferry", page)


def test_a_change_after_publishing_is_not_in_the_sheet(post: Post, mail_server: MailServer) -> None:
    post.change("05:30")
    post.ferry.write(COORDINATOR, "shoot_day", post.ferry.days[12], notes="XYZZY draft")
    (sheet,) = arrived(post, mail_server).iter_attachments()
    assert "XYZZY" not in str(sheet.get_content())


@pytest.mark.parametrize(
    ("language", "code", "words"),
    [
        ("fr", "fr", "La feuille de service publiée est jointe."),
        ("es", "es", "Se adjunta la orden de rodaje publicada."),
        ("de", "de", "Die veröffentlichte Tagesdisposition hängt an."),
        ("tlh", "en", "The call sheet as published is attached."),
    ],
)
def test_a_mail_is_in_the_persons_language(
    post: Post, mail_server: MailServer, language: str, code: str, words: str
) -> None:
    post.ferry.write(COORDINATOR, "person", post.ferry.people[INES], language=language)
    post.change("05:30")
    message = arrived(post, mail_server)
    assert message["Content-Language"] == code
    assert words in body(message)
    assert f'<html lang="{code}">' in body(message, "html")


@pytest.mark.parametrize(
    ("written", "code"), [("fr-CA", "fr"), ("DE_at", "de"), ("", "en"), (None, "en"), ("pt", "en")]
)
def test_a_language_is_known_by_its_first_letters(written: str | None, code: str) -> None:
    assert spoken(written) == code


def test_every_language_says_everything() -> None:
    languages = [sentences(code) for code in ("en", "fr", "es", "de")]
    assert {frozenset(say) for say in languages} == {frozenset(languages[0])}
    assert all(value for say in languages for value in say.values())
    assert len({say["got_it"] for say in languages}) == 4


@pytest.mark.parametrize("name", ["דנה לוי", "Żółć “Zed” O'Neill, Ines", 'A "B" <c@d.example>'])
def test_names_of_any_script_arrive_as_they_are(
    post: Post, mail_server: MailServer, name: str
) -> None:
    post.ferry.write(COORDINATOR, "person", post.ferry.people[INES], name=name)
    post.change("05:30")
    (to,) = arrived(post, mail_server)["To"].addresses
    assert (to.display_name, to.addr_spec) == (name, post.address())


def test_no_name_can_add_a_header(post: Post, mail_server: MailServer) -> None:
    evil = "Ines\r\nBcc: all@crew.example"
    post.ferry.write(COORDINATOR, "person", post.ferry.people[INES], name=evil)
    post.ferry.write(COORDINATOR, "production", "production", title=evil)
    post.change("05:30")
    message = arrived(post, mail_server)
    assert message["Bcc"] is None
    assert [one.to for one in mail_server.taken] == [post.address()]


@pytest.mark.parametrize(
    "typed", ["a@b.example, c@d.example", "a@b.example\r\nRCPT TO:<c@d.example>", "none", "ä@b.de"]
)
def test_what_is_no_one_address_is_not_written_to(
    post: Post, mail_server: MailServer, typed: str
) -> None:
    post.ferry.write(COORDINATOR, "person", post.ferry.people[INES], email=typed)
    post.change("05:30")
    post.go()
    assert mail_server.taken == []
    assert [letter["channel"] for letter in post.letters()] == ["phone"]


def test_a_new_schedule_goes_to_the_cast_without_a_sheet(
    post: Post, mail_server: MailServer
) -> None:
    post.ferry.write(COORDINATOR, "shoot_day", post.ferry.days[14], date="2026-05-30")
    post.ferry.write(COORDINATOR, "publication", subject="schedule")
    post.change("05:30")
    post.later(minutes=20)
    post.go()
    query = "select person.email from notice join person on person.id = notice.person"
    cast = post.ask(f"{query} where notice.gone = 0 and title = 'Your shooting days changed'")
    message = mail_server.of(cast[0]["email"])[0].message
    assert message["Subject"] == "Night Ferry: Your shooting days changed"
    assert list(message.iter_attachments()) == []
