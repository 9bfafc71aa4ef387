"""What a shooting schedule holds, whichever program it came from."""

from dataclasses import dataclass

CAST = "Cast Members"
SCENE_CATEGORIES = frozenset(
    ("set", "int/ext", "day/night", "script day", "unit", "sequence", "location")
)


@dataclass(frozen=True)
class Scene:
    """One breakdown sheet; `elements` are the sources of what it needs besides its own heading."""

    source: str
    number: str
    int_ext: str
    set_name: str
    day_night: str
    script_day: str
    unit: str
    location: str
    synopsis: str
    comments: str
    eighths: int
    minutes: int
    page: str
    elements: tuple[str, ...]
    sequence: str = ""


@dataclass(frozen=True)
class Banner:
    """A strip of words among the scenes."""

    source: str
    text: str


@dataclass(frozen=True)
class Element:
    """A person or thing that scenes need; `written` is its category as the file spells it."""

    source: str
    category: str
    ucid: int | None
    number: str
    name: str
    written: str
    drop_days: int | None = None

    @property
    def is_cast(self) -> bool:
        return self.category == CAST

    @property
    def of_heading(self) -> bool:
        """Sets, INT/EXT and their like, which a scene holds as words."""
        in_range = self.ucid is not None and self.ucid < 100
        return in_range or self.written.casefold() in SCENE_CATEGORIES


@dataclass(frozen=True)
class Strip:
    """A scene or a banner in its place on the board."""

    source: str
    scene: str | None
    banner: str | None
    minutes: int


@dataclass(frozen=True)
class Day:
    """One shooting day; its date is empty when the file gives no start."""

    number: int
    date: str
    strips: tuple[Strip, ...]


@dataclass(frozen=True)
class Event:
    """A dated note of the production's calendar: travel, rehearsal, fitting."""

    date: str
    name: str


@dataclass(frozen=True)
class Schedule:
    """A whole schedule; weekly days off count from Sunday as 0."""

    title: str
    name: str
    company: str
    zone: str | None
    script_colour: str
    script_date: str
    schedule_colour: str
    schedule_date: str
    scenes: tuple[Scene, ...]
    banners: tuple[Banner, ...]
    elements: tuple[Element, ...]
    days: tuple[Day, ...]
    boneyard: tuple[str, ...]
    off_days: tuple[str, ...]
    weekly_off: tuple[int, ...]
    events: tuple[Event, ...]
    warnings: tuple[str, ...]
