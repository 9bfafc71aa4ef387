"""Column headers of contact lists in English, French, German and Spanish."""

import re

from poc.crew.phones import fold

KNOWN: dict[str, str] = {
    "name": "name; full name; crew name; crew member; cast member; contact; contact name; person; "
    "actor; actress; artist; performer; display name; file as; nom; nom complet; nom et prenom; "
    "nom prenom; prenom nom; vollstandiger name; name vorname; vorname name; nombre; "
    "nombre completo; nombre y apellidos; nombre y apellido; apellidos y nombre; comedien; "
    "schauspieler; darsteller",
    "first": "first; first name; firstname; given name; given names; forename; prenom; vorname; "
    "rufname; nombre de pila; nombres",
    "last": "last; last name; lastname; surname; family name; nom de famille; nachname; "
    "familienname; zuname; apellido; apellidos; primer apellido",
    "position": "role; position; title; job; job title; jobtitle; job description; crew position; "
    "function; credit; designation; occupation; poste; fonction; metier; funktion; beruf; "
    "tatigkeit; puesto; cargo; funcion; oficio; organization title",
    "department": "department; dept; departement; service; abteilung; gewerk; departamento; "
    "depto; organization department",
    "emails": "email; e mail; mail; email address; e mail address; courriel; adresse e mail; "
    "adresse email; adresse mail; correo; correo electronico; email adresse; e mail adresse",
    "phones": "phone; phone number; telephone; telephone number; tel; mobile; mobile phone; "
    "mobile number; cell; cell phone; cellphone; cell number; contact number; number to call; "
    "whatsapp; portable; gsm; telephone portable; numero de telephone; telefon; telefonnummer; "
    "rufnummer; handy; handynummer; mobil; mobiltelefon; mobilnummer; telefono; movil; celular; "
    "telefono movil; numero de telefono",
    "company": "company; company name; organisation; organization; organization name; vendor; "
    "employer; loan out; loan out company; loanout; production company; societe; entreprise; "
    "firma; unternehmen; empresa; compania",
    "union": "union; guild; local; union local; union guild; syndicat; gewerkschaft; sindicato",
    "start": "start; start date; hire date; first day; from; date in; debut; date de debut; "
    "beginn; startdatum; start datum; von; inicio; fecha de inicio; fecha inicio; desde",
    "finish": "end; finish; wrap; end date; finish date; wrap date; last day; until; date out; "
    "fin; date de fin; ende; enddatum; end datum; bis; fecha de fin; fecha fin; hasta",
    "agent": "agent; agency; agent manager; manager; representation; representative; agence; "
    "agentur; agente; agencia; representante",
    "address": "address; home address; street address; mailing address; street; city; town; state; "
    "province; zip; zip code; postal code; postcode; country; adresse; rue; ville; code postal; "
    "pays; anschrift; strasse; stadt; ort; plz; postleitzahl; land; direccion; domicilio; calle; "
    "ciudad; provincia; codigo postal; pais; address formatted",
    "language": "language; languages; spoken language; native language; mother tongue; lang; "
    "langue; langue maternelle; langue parlee; sprache; muttersprache; idioma; lengua",
    "notes": "notes; note; comment; comments; remark; remarks; remarque; remarques; commentaire; "
    "commentaires; bemerkung; bemerkungen; anmerkung; anmerkungen; notiz; notizen; nota; notas; "
    "observaciones; comentarios",
    "character": "character; char; character name; part; personnage; rolle; rollenname; figur; "
    "personaje; papel",
    "number": "cast number; cast no; cast id; number; no; nr; num; numero; n; board number; "
    "board id; cast nr; rollennummer; crew number; crew no",
    "call": "call; call time; calltime; crew call; on set; convocation; heure de convocation; "
    "arbeitsbeginn; dispo; llamado; hora de llamado; citacion; hora de citacion",
    "born": "born; dob; d o b; date of birth; birth date; birthdate; birthday; naissance; "
    "date de naissance; ne le; geburtsdatum; geburtstag; geboren; nacimiento; "
    "fecha de nacimiento; cumpleanos",
    "source_uid": "uid; id; contact id; person id",
}
FIELDS = {text: field for field, texts in KNOWN.items() for text in texts.split("; ")}
SHOWN = "Name, First name, Last name, Position, Department, E-mail, Phone, Company, Union, Start, \
End, Agent, Address, Language, Notes, Character, Cast #, Call time"
KINDS = {"work", "home", "business", "private", "personal", "primary", "secondary", "main", "other"}
LONGEST = 60


def fields(headers: list[str]) -> list[str | None]:
    """The field each header names; "Name" beside "Vorname" is the last name."""
    plain = [_plain(header) for header in headers]
    found = [_field(text) for text in plain]
    return [_settled(text, field, found) for text, field in zip(plain, found, strict=True)]


def _plain(header: str) -> str:
    marked = header[:LONGEST].replace("#", " number ").replace("№", " no ")
    return " ".join(re.findall(r"[^\W_]+", fold(marked)))


def _field(text: str) -> str | None:
    """Exports number their columns and sort them: "Phone 1 - Value", "Home e-mail 2"."""
    bare = " ".join(word for word in text.split() if not word.isdigit() and word != "value")
    unsorted = " ".join(word for word in bare.split() if word not in KINDS)
    return FIELDS.get(text) or FIELDS.get(bare) or FIELDS.get(unsorted)


def _settled(text: str, field: str | None, found: list[str | None]) -> str | None:
    """A bare "name" is half a name when its other half has a column of its own."""
    if field == "name" and text in ("name", "nom", "nombre"):
        if "first" in found and "last" not in found:
            return "last"
        if text == "nombre" and "last" in found:
            return "first"
    return field
