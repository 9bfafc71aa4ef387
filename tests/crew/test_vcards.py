"""Cards saved by real phones become people, each with a way to be reached."""

import json
from pathlib import Path

import pytest

from poc.crew import vcards
from poc.crew.reading import Contact, Contacts
from poc.reading import Refused

DATA = Path(__file__).parents[1] / "data"
FACTS = json.loads((DATA / "facts.json").read_text("utf-8"))
CARDS = sorted(path for path in FACTS if path.endswith(".vcf"))


def the(name: str, region: str | None = None) -> Contacts:
    return vcards.read((DATA / "contacts/vcards" / name).read_bytes(), region)


def one(text: str) -> Contact:
    return vcards.read(f"BEGIN:VCARD\r\n{text}\r\nEND:VCARD\r\n".encode()).people[0]


@pytest.mark.parametrize("path", CARDS)
def test_every_card_becomes_a_person_with_all_its_phones(path: str) -> None:
    found = vcards.read((DATA / path).read_bytes())
    facts = FACTS[path]
    assert len(found.people) == facts["cards"]
    if facts["quoted_printable"] == 0:
        assert [person.name for person in found.people] == facts["FN"]
        phones = [phone for person in found.people for phone in person.phones]
        assert len(phones) == facts["properties"].get("TEL", 0)


def test_android_cards_in_quoted_printable_are_read() -> None:
    found = the("John_Doe_ANDROID.vcf")
    assert [person.name for person in found.people] == [
        "john.doe@company.com",
        "jane.doe@company.com",
        "Ñ Ñ Ñ Ñ Ñ",
        "Ñ Ñ Ñ Ñ Ñ Ñ Ñ Ñ Ñ Ñ Ñ",
        "Ñ Ñ Ñ Ñ",
        "ÑÑÑÑ",
    ]
    assert "Card 1 has no name" in found.warnings[0]
    assert found.people[3].phones == ("123456", "3456789", "234567", "45678901")


def test_the_iphone_card_rings_the_mobile_first_and_the_fax_last() -> None:
    (person,) = the("John_Doe_IPHONE.vcf", "CA").people
    assert person.phones[0] == "+19055551234"
    assert person.phones[-3:] == ("+19058881234", "+19059991234", "905-111-1234")
    assert (person.company, person.position) == ("IBM", "Money Counter")
    assert person.born == "2012-06-06"
    assert person.address.startswith("Silicon Alley 5, New York, New York, 12345, United States")


def test_the_outlook_card_keeps_the_lines_of_its_note() -> None:
    (person,) = the("outlook-2007.vcf").people
    assert person.notes.splitlines() == [
        "This is the NOTE field\t",
        "I assume it encodes this text inside a NOTE vCard type.",
        "But I'm not sure because there's text formatting going on here.",
        "It does not preserve the formatting",
    ]
    assert (person.first, person.last, person.born) == ("Michael", "Angstadt", "1922-03-10")
    assert person.emails == ("mike.angstadt@gmail.com",)


def test_the_gmail_card_keeps_commas_in_names_and_its_folded_note() -> None:
    (person,) = the("John_Doe_GMAIL.vcf").people
    assert person.name == "Mr. John Richter, James Doe Sr."
    assert person.notes.startswith("THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRI")
    assert person.notes.endswith("SUCH DAMAGE.\nFavotire Color: Blue")


def test_the_rfc_card_and_its_jcard_are_the_same_person() -> None:
    raw = (DATA / "contacts/vcards/jcard-example.json").read_bytes()
    assert vcards.read_jcards(raw).people == the("rfc6350-example.vcf").people
    (person,) = vcards.read_jcards(raw).people
    assert person.phones == ("+14182626501", "+1-418-656-9254;ext=102")
    assert person.born == "--02-03"


def test_a_list_of_jcards_is_read() -> None:
    raw = json.loads((DATA / "contacts/vcards/jcard-example.json").read_bytes())
    assert len(vcards.read_jcards(json.dumps([raw, raw]).encode()).people) == 2
    assert vcards.is_jcards([raw, raw])
    assert not vcards.is_jcards([1])


def test_an_agent_inside_a_card_is_not_another_person() -> None:
    found = vcards.read(
        b"BEGIN:VCARD\nFN:Ann\nAGENT:\nBEGIN:VCARD\nFN:Bob\nEND:VCARD\nTEL:1234567\nEND:VCARD\n"
    )
    assert [(person.name, person.phones) for person in found.people] == [("Ann", ("1234567",))]


def test_a_card_cut_short_is_kept_and_told() -> None:
    found = vcards.read(b"BEGIN:VCARD\nFN:Ann\nBEGIN:VCARD\nFN:Bob\nTEL:12")
    assert [person.name for person in found.people] == ["Ann", "Bob"]
    assert len(found.warnings) == 2


def test_a_group_and_an_empty_card_are_left_out_and_told() -> None:
    found = vcards.read(
        b"BEGIN:VCARD\nFN:Ann\nEND:VCARD\nBEGIN:VCARD\nKIND:group\nFN:Crew\nEND:VCARD\n"
        b"BEGIN:VCARD\nTITLE:Gaffer\nEND:VCARD\n"
    )
    assert [person.name for person in found.people] == ["Ann"]
    assert found.warnings == (
        "Card 2 is a group, not a person; POC left it out.",
        "Card 3 names nobody; POC left it out.",
    )


def test_a_name_may_be_in_parts_only() -> None:
    assert one("N:Kowalska;Łucja;;;").name == "Łucja Kowalska"
    assert one("ORG:Grip House Ltd").name == "Grip House Ltd"


def test_escapes_and_semicolons_are_told_apart() -> None:
    person = one("N:O\\;Neill;Sean\\, Jr\nORG:Smith\\; Sons;Camera\nNOTE:a\\nb\\\\c")
    assert (person.last, person.first) == ("O;Neill", "Sean, Jr")
    assert (person.company, person.department) == ("Smith; Sons", "Camera")
    assert person.notes == "a\nb\\c"


@pytest.mark.parametrize("charset", ["ISO-8859-1", "windows-1252", "idna", "rot13", "nonsense"])
def test_quoted_printable_is_read_in_its_charset(charset: str) -> None:
    assert one(f"FN;CHARSET={charset};ENCODING=QUOTED-PRINTABLE:Ren=E9e").name == "Renée"


def test_cards_in_old_encodings_are_read() -> None:
    card = "BEGIN:VCARD\r\nFN:Jürgen\r\nEND:VCARD\r\n"
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "cp1252"):
        assert vcards.read(card.encode(encoding)).people[0].name == "Jürgen"


@pytest.mark.parametrize("raw", [b"", b"BEGIN:VCARD\nEND:VCARD", b"\0\xff" * 500, b"NOTE:x"])
def test_a_file_without_people_is_refused(raw: bytes) -> None:
    with pytest.raises(Refused, match="no card"):
        vcards.read(raw)


@pytest.mark.parametrize(
    "long",
    [b":" * 1_000_000, b"\\" * 1_000_000, b'"' * 1_000_000, b"a=\n" * 300_000, b" a\n" * 300_000],
)
def test_absurd_lines_take_no_time(long: bytes) -> None:
    raw = b"BEGIN:VCARD\nFN:Ann\nNOTE:" + long + b"\nX;ENCODING=QUOTED-PRINTABLE:" + long
    assert vcards.read(raw + b"\nEND:VCARD").people[0].name == "Ann"


def test_a_card_of_a_hundred_thousand_phones_is_cut() -> None:
    phones = b"".join(b"TEL:+14165%06d\n" % place for place in range(100_000))
    (person,) = vcards.read(b"BEGIN:VCARD\nFN:Ann\n" + phones + b"END:VCARD").people
    assert len(person.phones) < 500


def test_more_lines_than_any_address_book_are_refused() -> None:
    with pytest.raises(Refused, match="more lines"):
        vcards.read(b"BEGIN:VCARD\nFN:Ann\n" + b"\n" * 2_000_000)
