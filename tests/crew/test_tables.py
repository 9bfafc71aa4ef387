"""Contact lists out of Excel, Numbers and Google become people, whatever their headers say."""

import csv
import io
import json
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest

from poc.crew.reading import Contact, Contacts
from poc.crew.sheets import MOST_ROWS
from poc.crew.tables import Pair, duplicates, read
from poc.reading import Refused

DATA = Path(__file__).parents[1] / "data"


def the(text: str, region: str | None = None) -> Contacts:
    return read(text.encode(), "crew.csv", region)


def book(*sheets: list[list[object]]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for rows in sheets:
        sheet = made.create_sheet()
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


FULL = """Crew List - NIGHT TRAIN,,,,,,,,,,,,,,,
White revision,,,,,,,,,,,,,,,
,,,,,,,,,,,,,,,
First,Last,Position,Dept,E-mail,Mobile,Company,Union,Start,End,Agent,Address,Notes,\
Character,Cast #,Call time
Ana,Reis,Gaffer,Electric,ana@x.pt,912 345 678,Luz Lda,SPAC,2026-03-02,2026-04-10,B. Gomes,"Rua 1
Lisboa",Vegan,SARA,2,07:30
"""


def test_every_field_of_a_contact_has_its_header() -> None:
    found = the(FULL, "PT")
    assert found.people == (
        Contact(
            name="Ana Reis",
            first="Ana",
            last="Reis",
            position="Gaffer",
            department="Electric",
            company="Luz Lda",
            phones=("+351912345678",),
            emails=("ana@x.pt",),
            address="Rua 1\nLisboa",
            notes="Vegan",
            number="2",
            call="07:30",
            start="2026-03-02",
            finish="2026-04-10",
            union="SPAC",
            agent="B. Gomes",
            character="SARA",
        ),
    )
    assert found.warnings == ()
    assert found.columns["Cast #"] == "number"


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("Full name;Role;Department;Phone", ["name", "position", "department", "phones"]),
        ("Prénom;Nom;Fonction;Département;Courriel;Téléphone portable;Société",
         ["first", "last", "position", "department", "emails", "phones", "company"]),
        ("Nom et prénom;Poste;Adresse e-mail;Début;Fin;Personnage",
         ["name", "position", "emails", "start", "finish", "character"]),
        ("Vorname;Name;Funktion;Abteilung;E-Mail;Handy;Firma;Bemerkungen",
         ["first", "last", "position", "department", "emails", "phones", "company", "notes"]),
        ("Nombre;Apellidos;Puesto;Departamento;Correo electrónico;Móvil;Empresa",
         ["first", "last", "position", "department", "emails", "phones", "company"]),
        ("Name;Langue", ["name", "language"]),
        ("Nombre;Idioma", ["name", "language"]),
        ("Name;Muttersprache", ["name", "language"]),
        ("Full name;Language", ["name", "language"]),
        ("Name;Work E-mail;Home Phone 2;Shoe size", ["name", "emails", "phones", None]),
        ("Given Name;Family Name;E-mail 1 - Value;Phone 1 - Value;Organization Title",
         ["first", "last", "emails", "phones", "position"]),
    ],
)  # fmt: skip
def test_headers_are_known_in_four_languages(header: str, columns: list[str | None]) -> None:
    row = ";".join(["Zoe"] * len(columns))
    assert list(the(f"{header}\n{row}\n").columns.values()) == columns


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_the_delimiter_and_the_encoding_are_found(delimiter: str, encoding: str) -> None:
    rows = [["Name", "Position", "Phone"], ["Jürgen Müller", 'Gaffer, "best boy"', "1 2"]]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    (person,) = read(out.getvalue().encode(encoding), "crew.csv").people
    assert (person.name, person.position) == ("Jürgen Müller", 'Gaffer, "best boy"')


def test_a_department_alone_in_its_row_stands_over_those_below() -> None:
    found = the("Name,Position,Dept\nCAMERA\nAnn,1st AC,\nBob,DIT,Post\n,,\nSound:,,\nCy,Boom,\n")
    assert [(one.name, one.department) for one in found.people] == [
        ("Ann", "Camera"),
        ("Bob", "Post"),
        ("Cy", "Sound"),
    ]


def test_a_word_in_capitals_that_is_no_department_is_told() -> None:
    found = the("Name,Position\nCHER,\nAnn,Grip\n")
    assert [one.name for one in found.people] == ["Ann"]
    assert 'Row 2 has only "CHER"' in found.warnings[0]


def test_a_row_that_cannot_be_read_whole_is_told() -> None:
    found = the("Name,Position,Email\n,Gaffer,x@y.z\nAnn,Grip,none\nBob,Grip,b@x.y,more\n")
    assert [one.name for one in found.people] == ["Ann", "Bob"]
    assert found.warnings == (
        "Row 2 names nobody; POC left it out.",
        "Row 3 has no e-mail address in its e-mail column; POC left it empty.",
        "Row 4 has more cells than the header; POC left out the last ones.",
    )


def test_many_doubts_are_told_in_few_words() -> None:
    found = the("Name,Position\nAnn,Grip\n" + ",Gaffer\n" * 200)
    assert len(found.warnings) == 51
    assert found.warnings[-1] == "150 more warnings are not shown."


def test_a_header_repeated_on_every_page_is_no_person() -> None:
    assert len(the("Name,Phone\nAnn,1\nName,Phone\nBob,2\n").people) == 2


def test_a_company_without_a_person_is_called_by_its_name() -> None:
    assert the("Company,Contact,Phone\nGrip House,,123\n").people[0].name == "Grip House"


def test_addresses_in_parts_are_put_together() -> None:
    found = the("Name,Street,City,Zip\nAnn,1 Main St,Porto,4000\n")
    assert found.people[0].address == "1 Main St, Porto, 4000"


def test_a_cell_may_hold_several_addresses() -> None:
    found = the('Name,Email\nAnn,"Ann <a@x.y>; mailto:b@x.y a@x.y"\n')
    assert found.people[0].emails == ("a@x.y", "b@x.y")


@pytest.mark.parametrize(
    "name", ["names/common-forenames-by-country.csv", "names/common-surnames-by-country.csv"]
)
def test_a_table_without_people_is_refused_with_its_headers(name: str) -> None:
    raw = (DATA / "contacts" / name).read_bytes()
    with pytest.raises(
        Refused, match=r"(?s)headers seen are: Country, .*Romanized Name.*knows: Na"
    ):
        read(raw, Path(name).name)


def test_the_words_of_a_row_do_not_pass_for_headers() -> None:
    raw = (DATA / "contacts/phone-examples.csv").read_bytes()
    with pytest.raises(Refused, match="seen are: region, calling_code, type"):
        read(raw, "phone-examples.csv")


def test_names_come_through_as_they_are() -> None:
    naughty = json.loads((DATA / "text/naughty-strings.json").read_text("utf-8"))
    kept = [name for name in naughty if name.strip(" ")]
    out = io.StringIO()
    csv.writer(out).writerows([["Name", "Position"], *([name, "Grip"] for name in naughty)])
    found = [one.name for one in read(out.getvalue().encode(), "crew.csv").people]
    assert found == [name.strip(" ") for name in kept]


def test_zero_bytes_are_taken_out() -> None:
    assert read(b"Name,Position\nA\0nn,Grip\n", "x.csv").people[0].name == "Ann"


def test_a_lone_quote_mark_swallows_nothing() -> None:
    rows = "".join(f"Person {place},Grip\n" for place in range(10_000))
    assert len(the(f'Name,Position\nAnn,"Grip\n{rows}').people) == 10_001
    assert len(the('Name,Position\nAnn,"Grip\nBob,Grip\n').people) == 2


def test_a_quote_mark_inside_quotes_spoils_one_cell() -> None:
    found = the('Name,Position\n"Ann "Bee" Reis","Grip\nkey"\nBob,"Best\nboy"\n')
    assert [one.position for one in found.people] == ["Grip\nkey", "Best\nboy"]


def test_a_very_long_list_is_cut_and_told() -> None:
    found = the("Name,Position\n" + "Ann,Grip\n" * (MOST_ROWS + 10))
    assert len(found.people) == MOST_ROWS - 1
    assert "first 20000 rows" in found.warnings[0]


def test_too_many_cells_are_refused() -> None:
    with pytest.raises(Refused, match="million cells"):
        read((b"x," * 400 + b"\n") * 3000, "x.csv")


def test_a_line_too_long_for_any_row_is_refused() -> None:
    with pytest.raises(Refused, match="line too long"):
        read(b"," * 2_000_000, "x.csv")


def test_an_excel_file_is_read_with_all_its_sheets() -> None:
    crew: list[list[object]] = [
        ["Night Train"],
        [],
        ["Name", "Position", "Phone", "Start", "Call"],
        ["CAMERA"],
        ["Ann", "1st AC", 351912345678, datetime(2026, 3, 2), time(7, 30)],
    ]
    cast: list[list[object]] = [
        ["Cast #", "Actor", "Character", "DOB"],
        [1.0, "Bob", "SARA", date(1990, 2, 3)],
    ]
    found = read(book(crew, [["nothing here"]], cast), "crew.xlsx")
    ann, bob = found.people
    assert (ann.name, ann.department, ann.phones) == ("Ann", "Camera", ("351912345678",))
    assert (ann.start, ann.call) == ("2026-03-02", "07:30")
    assert (bob.number, bob.character, bob.born) == ("1", "SARA", "1990-02-03")
    assert found.columns["Actor"] == "name"


def test_a_wide_and_long_excel_file_is_read_for_what_it_holds() -> None:
    rows: list[list[object]] = [["Name", "Phone"], *([f"Person {n}", n] for n in range(6000))]
    assert len(read(book(rows), "crew.xlsx").people) == 6000


def test_an_excel_row_far_below_the_others_is_left_where_it_is() -> None:
    made = openpyxl.Workbook()
    made.worksheets[0].append(["Name", "Phone"])
    made.worksheets[0].append(["Ann", 1])
    made.worksheets[0]["A1048576"] = "far away"
    out = io.BytesIO()
    made.save(out)
    assert [one.name for one in read(out.getvalue(), "crew.xlsx").people] == ["Ann"]


def test_an_excel_file_without_people_is_refused() -> None:
    for raw in (book([["Colour", "Size"], ["red", 1]]), book([])):
        with pytest.raises(Refused, match="no column POC knows as a name"):
            read(raw, "colours.xlsx")


def test_a_broken_excel_file_is_refused() -> None:
    whole = book([["Name", "Phone"], ["Ann", 1]])
    for raw in (whole[:100], whole[:-50], b"PK\x03\x04", _packed({"xl/workbook.xml": b"<a"})):
        with pytest.raises(Refused, match="damaged"):
            read(raw, "crew.xlsx")


def test_an_excel_file_that_swells_is_refused() -> None:
    bomb = _packed({"xl/workbook.xml": b" " * 100_000_000})
    assert len(bomb) < 200_000
    with pytest.raises(Refused, match="too large inside"):
        read(bomb, "crew.xlsx")
    with pytest.raises(Refused, match="too large inside"):
        read(_packed({f"xl/{place}": b"" for place in range(3000)}), "crew.xlsx")


def test_entities_in_an_excel_file_do_not_unfold() -> None:
    lol = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><workbook>&b;</workbook>'
    with pytest.raises(Refused):
        read(_packed({"[Content_Types].xml": lol, "xl/workbook.xml": lol}), "crew.xlsx")


def _packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_a_person_met_twice_is_found_by_mail_then_phone_then_name() -> None:
    ann = Contact(name="Ann Reis", emails=("Ann@X.pt",), phones=("+351912345678",))
    lukasz = Contact(name="Łukasz Żak", department="Grip", phones=("123",))
    known = [ann, lukasz]
    by_mail = Contact(name="A. Reis", emails=("ann@x.PT",))
    by_phone = Contact(name="Annie", phones=("+351912345678",))
    by_name = Contact(name="LUKASZ ZAK", department="grip", phones=("123",))
    other_department = Contact(name="Łukasz Żak", department="Sound", phones=("123",))
    assert duplicates([by_mail, by_phone, by_name, other_department], known) == (
        Pair(by_mail, ann, "email"),
        Pair(by_phone, ann, "phone"),
        Pair(by_name, lukasz, "name"),
    )
