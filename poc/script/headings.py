"""Scene headings and cues: inside or outside, the set, the hour, and who speaks."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

INTERIOR = re.compile(
    r"(?P<both>INT\.?\s?/\s?EXT\b|EXT\.?\s?/\s?INT\b|I/E\b)|(?P<one>INT|EXT|EST)\b", re.IGNORECASE
)
DASHES = re.compile(r"\s+[-–—]+\s*|\s*--+\s*|\s*[–—]\s*")
# Hours as scripts in several languages write them; what is none of these stays with the set.
HOURS = frozenset((
    "DAY", "NIGHT", "DAWN", "DUSK", "MORNING", "EVENING", "AFTERNOON", "NOON", "MIDDAY", "MIDNIGHT",
    "SUNRISE", "SUNSET", "TWILIGHT", "CONTINUOUS", "CONT'D", "LATER", "SAME", "MAGIC", "D", "N",
    "JOUR", "NUIT", "MATIN", "SOIR", "AUBE", "TAG", "NACHT", "MORGEN", "ABEND", "DÄMMERUNG",
    "DÍA", "DIA", "NOCHE", "NOITE", "MANHÃ", "TARDE", "MAÑANA", "GIORNO", "NOTTE", "SERA",
    "MATTINA", "DAG", "ДЕНЬ", "НОЧЬ", "УТРО", "ВЕЧЕР",  # noqa: RUF001
))  # fmt: skip
LONGEST = 400
AROUND = ".,:;()[]"
OMITTED = frozenset(("OMITTED", "OMIT", "SCENE OMITTED", "SCENES OMITTED"))


@dataclass(frozen=True)
class Heading:
    """The parts of a scene heading."""

    int_ext: str
    set_name: str
    day_night: str


def heading(text: str) -> Heading:
    """Take a heading apart; what is not recognised is the set."""
    line = " ".join(text[:LONGEST].split())
    found = INTERIOR.match(line)
    rest = line[found.end() :] if found else line
    int_ext = ("INT/EXT" if found["both"] else found["one"].upper()) if found else ""
    place, hour = _hour(rest.strip(" .-–—"))
    return Heading(int_ext, place, hour)


def _hour(rest: str) -> tuple[str, str]:
    cuts = list(DASHES.finditer(rest))
    if cuts:
        before, last = rest[: cuts[-1].start()], rest[cuts[-1].end() :]
        return (before.strip(), last.strip()) if _says_hour(last) else (rest, "")
    before, _, last = rest.rpartition(" ")
    return (before.strip(), last) if before and _says_hour(last) else (rest, "")


def _says_hour(words: str) -> bool:
    return any(word.strip(AROUND).upper() in HOURS for word in words[:80].split())


def is_omitted(text: str) -> bool:
    """Whether a heading says that its scene was taken out of the script."""
    return text.strip(" .-*").upper() in OMITTED


def name_in_cue(text: str) -> str:
    """The character who speaks: without (V.O.), (CONT'D) and the mark of a dual dialogue."""
    name = text.partition("(")[0].strip().removesuffix("^").removeprefix("@")
    return " ".join(name.split()).upper()[:200]


def said_by(cues: Iterable[str]) -> Iterable[str]:
    """Each name once, in order."""
    return dict.fromkeys(name for name in map(name_in_cue, cues) if name)
