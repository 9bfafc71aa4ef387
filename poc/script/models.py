"""Records of the script: its drafts, the scenes of each, and the words of those that changed."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from poc.records import Record, check, day, table


class Draft(Record):
    """A draft of the script as it was brought in; the one with the highest number is in force."""

    __tablename__ = "draft"
    __table_args__ = table(day("date"))

    title: Mapped[str | None]
    colour: Mapped[str | None]
    date: Mapped[str | None]
    number: Mapped[int | None]  # 0 is White
    before: Mapped[str | None]  # the draft it replaced


class ScriptScene(Record):
    """A scene as one draft has it: no words, so that whoever copies pages may hold it."""

    __tablename__ = "script_scene"
    __table_args__ = table(
        check("eighths >= 0", "A scene has 0 or more eighths of a page"),
        Index("script_scene_draft", "draft"),
        Index("script_scene_scene", "scene"),
    )

    draft: Mapped[str | None]
    scene: Mapped[str | None]
    number: Mapped[str | None]
    heading: Mapped[str | None]
    eighths: Mapped[int | None]
    estimated: Mapped[int | None]  # 1: the file did not say how long it is
    omitted: Mapped[int | None]
    moved: Mapped[int | None]  # 1: it stands elsewhere than in the draft before
    script_order: Mapped[int | None]
    cast_names: Mapped[str | None]
    revised: Mapped[str | None]  # the colours that touched it, as the file marks them
    words: Mapped[str | None]  # its script_text, the same one as long as no word changes


class Handout(Record):
    """A draft, or its pages, in somebody's hands: on paper with a number, or sent."""

    __tablename__ = "handout"
    __table_args__ = table(
        check(
            "channel in ('paper', 'mail', 'app')",
            "A draft goes out on paper, by mail or in the app",
        ),
        day("given"),
        day("returned"),
        Index("handout_draft", "draft"),
    )

    draft: Mapped[str | None]
    person: Mapped[str | None]
    channel: Mapped[str | None]
    copy_number: Mapped[str | None]
    given: Mapped[str | None]
    returned: Mapped[str | None]


class ScriptText(Record):
    """The words of a scene, kept once for all drafts that have them."""

    __tablename__ = "script_text"

    text: Mapped[str | None]
    changed: Mapped[str | None]  # what the draft took out and put in
    notes: Mapped[str | None]
    superseded: Mapped[int | None]  # 1: the draft in force has other words
