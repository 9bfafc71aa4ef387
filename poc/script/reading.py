"""What a script holds, whichever program it was written in."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from poc.reading import Refused
from poc.script.headings import name_in_cue, said_by

MOST_LETTERS = 4_000_000
MOST_SCENES = 4_000
MOST_CAST = 2_000
MOST_ENTRANCES = 20_000
LONG = f"This script is longer than {MOST_LETTERS // 1_000_000} million letters. Split it in parts."
CROWDED = "This script has more scenes than any script. Split it in parts."


@dataclass(frozen=True)
class Paragraph:
    """One paragraph: "action", "cue", "dialogue", "parenthetical", "transition" or "other".

    `revisions` are the sets that touched it; `beside` is the second speaker of a dual dialogue.
    """

    sort: str
    text: str
    revisions: frozenset[str] = frozenset()
    beside: bool = False


@dataclass
class Scene:
    """A scene as the script has it; an empty number means it has none yet."""

    number: str
    heading: str
    int_ext: str
    set_name: str
    day_night: str
    eighths: int = 0
    estimated: bool = False
    omitted: bool = False
    page: str = ""
    synopsis: str = ""
    notes: list[str] = field(default_factory=list)
    paragraphs: list[Paragraph] = field(default_factory=list)
    revisions: set[str] = field(default_factory=set)

    @cached_property
    def cast(self) -> tuple[str, ...]:
        """Who speaks in it, in the order of their first words."""
        return tuple(said_by(p.text for p in self.paragraphs if p.sort == "cue"))


@dataclass(frozen=True)
class Revision:
    """A revision set: how many paragraphs and scenes of the script it touched."""

    id: str
    name: str
    paragraphs: int
    scenes: int


@dataclass(frozen=True)
class Script:
    """A whole script; `opening` stands before its first scene."""

    title: str
    colour: str
    date: str
    scenes: tuple[Scene, ...]
    opening: tuple[Paragraph, ...]
    revisions: tuple[Revision, ...]
    dual_dialogue: int
    notes: int
    warnings: tuple[str, ...]

    @cached_property
    def cues(self) -> Counter[str]:
        """How often each character begins to speak."""
        spoken = [p for scene in self.scenes for p in scene.paragraphs]
        names = (name_in_cue(p.text) for p in (*self.opening, *spoken) if p.sort == "cue")
        return Counter(name for name in names if name)


def bounded(scenes: list[Scene], opening: Iterable[Paragraph]) -> None:
    """Refuse what is larger than any script, before anything is made of it."""
    if len(scenes) > MOST_SCENES:
        raise Refused(CROWDED)
    if sum(len(scene.heading) for scene in scenes) > MOST_LETTERS // 10:
        raise Refused(LONG)
    if len({name for scene in scenes for name in scene.cast}) > MOST_CAST:
        raise Refused(f"More than {MOST_CAST} people speak in this script. Split it in parts.")
    if sum(len(scene.cast) for scene in scenes) > MOST_ENTRANCES:
        raise Refused(CROWDED)
    every = (p for scene in scenes for p in scene.paragraphs)
    if sum(len(p.text) for p in (*opening, *every)) > MOST_LETTERS:
        raise Refused(LONG)


def findings(scenes: list[Scene]) -> list[str]:
    """Say what a coordinator should know of a script before it comes in."""
    found = []
    unnumbered = sum(not scene.number for scene in scenes)
    estimated = sum(scene.estimated for scene in scenes)
    twice = [number for number, n in Counter(s.number for s in scenes).items() if number and n > 1]
    if not scenes:
        found.append("This script has no scene headings.")
    if unnumbered:
        found.append(f"{_scenes(unnumbered)} no number.")
    if estimated:
        found.append(f"{_scenes(estimated)} no length in the file; POC estimated the eighths.")
    if twice:
        found.append(f"These numbers stand on more than one scene: {', '.join(twice[:20])}.")
    return found


def _scenes(count: int) -> str:
    return "1 scene has" if count == 1 else f"{count} scenes have"
