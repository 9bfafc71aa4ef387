"""Lines of a vCard and entries of a jCard, made into the same properties."""

import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass

from poc.reading import Refused, words

HEAD = re.compile(r'((?:[^":]|"[^"]*")*):')
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
PARTS = re.compile(r"((?:\\.|[^;])*)(?:;|$)", re.DOTALL)
CHARSET = re.compile(
    r"utf-?8|us-ascii|iso-?8859-\d+|windows-\d+|cp\d+|koi8-[ru]|shift_jis|gbk?\d*|big5|euc-\w\w"
)
MOST_PARTS = 50
MOST_LINES = 1_000_000
MOST_PROPERTIES = 500
LONGEST_HEAD = 1000
LONGEST_VALUE = 100_000


@dataclass(frozen=True)
class Property:
    """One property of a card: its name, its kinds ("cell", "fax") and its value, in parts too."""

    name: str
    kinds: frozenset[str]
    value: str
    parts: tuple[str, ...]


Card = list[Property]


def cards_in(text: str) -> Iterator[tuple[Card, bool]]:
    """Each card of a file, and whether the file lets it end."""
    card: Card | None = None
    inner = 0
    for found in map(_property, _unfolded(text)):
        if found is None:
            continue
        mark = (found.name, found.value.strip().casefold())
        if mark == ("BEGIN", "vcard") and card and card[-1].name == "AGENT":
            inner += 1
        elif mark == ("END", "vcard") and inner:
            inner -= 1
        elif mark in (("BEGIN", "vcard"), ("END", "vcard")):
            if card is not None:
                yield card, found.name == "END"
            card = [] if found.name == "BEGIN" else None
        elif card is not None and not inner and len(card) < MOST_PROPERTIES:
            card.append(found)
    if card is not None:
        yield card, False


def _unfolded(text: str) -> Iterator[str]:
    """Lines joined again: 3.0 indents what continues, 2.1 ends a quoted-printable line with =."""
    if max(text.count("\n"), text.count("\r")) > MOST_LINES:
        raise Refused("This file has more lines than any address book. Export fewer contacts.")
    parts: list[str] = []
    for line in re.split(r"\r{0,2}\n|\r", text):
        if parts and _is_soft(parts):
            parts[-1] = parts[-1][:-1]
            parts.append(line)
        elif parts and line[:1] in (" ", "\t"):
            parts.append(line[1:])
        else:
            yield "".join(parts)
            parts = [line]
    yield "".join(parts)


def _is_soft(parts: list[str]) -> bool:
    return parts[-1].endswith("=") and "QUOTED-PRINTABLE" in parts[0][:LONGEST_HEAD].upper()


def _property(line: str) -> Property | None:
    start = line[:LONGEST_HEAD]
    found = HEAD.match(start)
    head = found[1] if found else start.partition(":")[0]
    if not head or head == start or len(line) > LONGEST_VALUE:
        return None
    value = line[len(head) + 1 :]
    name, *params = [part.strip() for part in head.split(";")]
    kinds = frozenset(_kinds(params))
    if "quoted-printable" in kinds:
        value = _unquoted(value, kinds)
    return Property(
        name.rpartition(".")[2].upper(), kinds, _plain(value), tuple(map(_plain, _split(value)))
    )


def _kinds(params: list[str]) -> Iterator[str]:
    """2.1 writes TEL;CELL, later versions TEL;TYPE=CELL or TEL;TYPE="work,cell"."""
    for param in params:
        for kind in param.rpartition("=")[2].split(","):
            yield kind.strip(' "').casefold()


def _unquoted(value: str, kinds: frozenset[str]) -> str:
    raw = quopri.decodestring(value.encode("utf-8"))
    charset = next((kind for kind in kinds if CHARSET.fullmatch(kind)), "utf-8")
    try:
        return raw.decode(charset).replace("\0", "")
    except (UnicodeDecodeError, LookupError):
        return raw.decode("cp1252", "replace").replace("\0", "")


def _split(value: str) -> list[str]:
    return [found[1] for found in PARTS.finditer(value)][:MOST_PARTS]


def _plain(value: str) -> str:
    plain = ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)
    return plain.replace("\r\n", "\n")


def jcards_in(found: object) -> Iterator[tuple[Card, bool]]:
    """Each card of parsed jCard JSON, alone or in a list."""
    whole = found if isinstance(found, list) else []
    for one in [whole] if whole[:1] == ["vcard"] else whole:
        if is_jcard(one):
            entries = [entry for entry in one[1][:MOST_PROPERTIES] if _is_entry(entry)]
            yield [_entry(entry) for entry in entries], True


def is_jcard(found: object) -> bool:
    """Whether parsed JSON is a card of RFC 7095."""
    return (
        isinstance(found, list)
        and len(found) > 1
        and found[0] == "vcard"
        and isinstance(found[1], list)
    )


def _is_entry(entry: object) -> bool:
    return isinstance(entry, list) and len(entry) > 3 and isinstance(entry[1], dict)


def _entry(entry: list[object]) -> Property:
    params = entry[1] if isinstance(entry[1], dict) else {}
    kinds = frozenset(kind.casefold() for kind in _texts(params.get("type")))
    first = entry[3]
    parts = tuple(map(_joined, first if isinstance(first, list) else entry[3:]))[:MOST_PARTS]
    return Property(words(entry[0]).upper(), kinds, _joined(first), parts)


def _joined(value: object) -> str:
    return ", ".join(text for text in _texts(value) if text)


def _texts(value: object) -> list[str]:
    return [words(one) for one in (value if isinstance(value, list) else [value])]
