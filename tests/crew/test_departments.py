"""Departments have one name each, whatever a list calls them."""

import re
import sqlite3
from pathlib import Path

import pytest

from poc.crew import tables, vcards
from poc.crew.departments import KNOWN, department, known

VIEWS = Path(__file__).parents[2] / "poc/schedule/views.sql"


def names() -> list[str]:
    view = re.search(r"create view department as.*?;", VIEWS.read_text("utf-8"), re.DOTALL)
    assert view
    with sqlite3.connect(":memory:") as db:
        db.execute(view[0])
        return [name for (name,) in db.execute("select name from department order by rank")]


def test_they_are_the_departments_the_pages_sort_by() -> None:
    assert list(KNOWN) == names()


@pytest.mark.parametrize("name", names())
def test_a_department_keeps_its_own_name(name: str) -> None:
    for written in (name, name.upper(), f" {name} Dept.", f"{name} Department:"):
        assert department(written) == name


def test_no_name_means_two_departments() -> None:
    every = [text for texts in KNOWN.values() for text in texts.split("; ")]
    assert len(every) == len(set(every))


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Camera", "Caméra; Kamera; Cámara; Kameraabteilung; Équipe image; Camera Crew"),
        ("Electric", "G&E; Grip & Electric; Set Lighting; Électricité; Beleuchtung; Iluminación"),
        ("Grip", "Grips; Machinerie; Bühne; Maquinistas"),
        ("Sound", "Sound Dept; Son; Ton; Sonido"),
        ("Locations", "Locations Dept; Location; Régie; Motive; Localizaciones"),
        ("Director", "Direction; Regie; Réalisation; Dirección"),
        ("Assistant Directors", "AD Dept; A.D.s; ADs; Regieassistenz; Ayudantes de dirección"),
        ("Costume", "Wardrobe; Costumes; Kostüm; Vestuario; Costume & Wardrobe"),
        ("Make-up", "Makeup; Make Up; Hair & Make-up; Maske; Maquillage; Maquillaje"),
        ("Hair", "Coiffure; Peluquería; Hairdressing"),
        ("Art", "Art Dept; Décoration; Szenenbild; Departamento de Arte"),
        ("Set Decoration", "Set Dec; Set Dressing; Decoración"),
        ("Property", "Props; Property Dept; Accessoires; Requisite; Utilería"),
        ("Special Effects", "SFX; Special Effects (SFX); Effets spéciaux; Efectos especiales"),
        ("Visual Effects", "VFX; Effets visuels; Efectos visuales"),
        ("Transport", "Transportation; Drivers; Fahrer; Transportes"),
        ("Accounting", "Accounts; Comptabilité; Buchhaltung; Contabilidad"),
        ("Medic and Safety", "Medic; Health & Safety; H&S; Medic/Safety"),
        ("Post", "Post-Production; Editorial; Montage; Schnitt; Postproducción"),
        ("Cast", "Actors; Comédiens; Darsteller; Reparto; Talent"),
    ],
)
def test_synonyms_in_four_languages_are_known(name: str, written: str) -> None:
    for text in written.split("; "):
        assert department(text) == name, text


@pytest.mark.parametrize("text", ["", "Marine", "Second Unit Camera", "Dept.", "x" * 1000, "(!)"])
def test_what_poc_does_not_know_stays_as_typed(text: str) -> None:
    assert department(text) == text
    assert known(text) == ""


def test_lists_and_cards_bring_people_into_departments_of_that_name() -> None:
    found = tables.read(b"Name,Job,Dept\nWardrobe,,\nAnn,Dresser,\nBob,AC,KAMERA\n", "crew.csv")
    assert [one.department for one in found.people] == ["Costume", "Camera"]
    card = vcards.read(b"BEGIN:VCARD\nFN:Cy\nORG:Night Train;Sound Dept\nEND:VCARD")
    assert card.people[0].department == "Sound"
