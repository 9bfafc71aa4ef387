"""Reads a Fountain script: plain text, in blocks that blank lines keep apart."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from poc.reading import MOST_PARTS, Refused, decoded, first_of
from poc.script.headings import heading, is_omitted
from poc.script.lengths import estimated
from poc.script.papers import colour_in, written_date
from poc.script.reading import LONG, MOST_LETTERS, Paragraph, Scene, Script, bounded, findings

LINE_END = re.compile(r"\r\n?|\n|\f|\v")
HEADING = re.compile(r"(?:INT\.?/EXT|EXT\.?/INT|INT|EXT|EST|I/E)[. ]", re.IGNORECASE)
NUMBER = re.compile(r"#([^#]{1,40})#\s*\Z")
TITLE = re.compile(r"([A-Za-z][A-Za-z ]{0,30}):[ \t]*(.*)\Z")
TITLE_KEYS = frozenset((
    "title", "credit", "author", "authors", "source", "notes", "date", "draft date", "contact",
    "copyright", "revision", "revision date", "colour", "color", "draft", "font", "watermark",
))  # fmt: skip
EMPHASIS = re.compile(r"\*{1,3}|(?<!\w)_|_(?!\w)")
BRACKETS = re.compile(r"\([^()]*\)")
BREAK = re.compile(r"={3,}\s*\Z")


def read(raw: bytes) -> Script:
    """Read a Fountain file, or refuse it in a sentence."""
    text = decoded(raw).lstrip("\ufeff")
    if len(text) > MOST_LETTERS:
        raise Refused(LONG)
    lines = LINE_END.split(_without_boneyard(text))
    if len(lines) > MOST_PARTS:
        raise Refused("This script has more lines than any script. Save it again.")
    title, body = _title_page(lines)
    page = _Page()
    for block in _blocks(body):
        page.take(block)
    return page.script(title)


def looks_like(text: str) -> bool:
    """Whether plain text has a scene heading standing alone, as only scripts have."""
    lines = [line.strip() for line in LINE_END.split(text)]
    return any(
        HEADING.match(line) and not before and len(line) < 200
        for before, line in zip(["", *lines], lines, strict=False)
    )


def _without_boneyard(text: str) -> str:
    """Leave out what the writer put between /* and */."""
    kept, at = [], 0
    while (begin := text.find("/*", at)) >= 0 and (end := text.find("*/", begin + 2)) >= 0:
        kept.append(text[at:begin])
        at = end + 2
    return "".join((*kept, text[at:]))


def _title_page(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    first = next((n for n, line in enumerate(lines) if line.strip()), 0)
    begun = TITLE.match(lines[first]) if lines else None
    if not begun or begun[1].casefold() not in TITLE_KEYS:
        return {}, lines
    found: dict[str, list[str]] = {}
    key = ""
    end = next((n for n in range(first, len(lines)) if not lines[n].strip()), len(lines))
    for line in lines[first:end]:
        entry = TITLE.match(line)
        key = entry[1].casefold() if entry else key
        found.setdefault(key, []).append((entry[2] if entry else line).strip())
    return {key: " ".join(filter(None, value)) for key, value in found.items()}, lines[end:]


def _blocks(lines: list[str]) -> Iterator[list[str]]:
    """A line of two spaces keeps a speech together; any other blank line ends a block."""
    block: list[str] = []
    for line in lines:
        if line.strip() or (block and len(line) >= 2):
            block.append(line.rstrip() if line.strip() else "")
        elif block:
            yield block
            block = []
    if block:
        yield block


@dataclass
class _Page:
    """A script while it is read."""

    scenes: list[Scene] = field(default_factory=list)
    opening: list[Paragraph] = field(default_factory=list)
    dual: int = 0
    notes: int = 0

    def take(self, block: list[str]) -> None:
        """Take in one block: outline lines, then a heading, a speech, a transition or action."""
        lines = self._without_notes(block)
        while lines and (not lines[0].strip() or self._outline(lines[0].strip())):
            lines = lines[1:]
        if not lines:
            return
        head, rest = lines[0].strip(), lines[1:]
        if is_heading(head):
            self._begin(head)
            self._say("action", rest)
        elif is_cue(head) and any(line.strip() for line in rest):
            self._speech(head, rest)
        elif not rest and _is_transition(head):
            self._say("transition", [head.lstrip("> ")])
        else:
            self._say("action", [line.removeprefix("!") for line in lines])

    def script(self, title: dict[str, str]) -> Script:
        """What was read, measured."""
        bounded(self.scenes, self.opening)
        for scene in self.scenes:
            if not scene.omitted:
                scene.eighths, scene.estimated = estimated(scene.paragraphs), True
        dates = (title.get(key, "") for key in ("revision date", "draft date", "date", "revision"))
        colour = title.get("colour") or title.get("color") or title.get("revision", "")
        return Script(
            title=EMPHASIS.sub("", title.get("title", ""))[:200],
            colour=colour_in(re.sub(r"[\d/.-]{4,}", "", colour))[:40],
            date=next(filter(None, map(written_date, dates)), ""),
            scenes=tuple(self.scenes),
            opening=tuple(self.opening),
            revisions=(),
            dual_dialogue=self.dual,
            notes=self.notes,
            warnings=first_of(findings(self.scenes)),
        )

    def _without_notes(self, block: list[str]) -> list[str]:
        """Take [[notes]] out; they never reach over a blank line, so a block is enough."""
        text = "\n".join(block)
        kept, at = [], 0
        while (begin := text.find("[[", at)) >= 0 and (end := text.find("]]", begin)) >= 0:
            kept.append(text[at:begin])
            self._note(text[begin + 2 : end])
            at = end + 2
        return "".join((*kept, text[at:])).split("\n") if at else block

    def _note(self, text: str) -> None:
        self.notes += 1
        if self.scenes and text.strip():
            self.scenes[-1].notes.append(" ".join(text.split()))

    def _outline(self, line: str) -> bool:
        """Sections, synopses and page breaks are the writer's outline, not the script."""
        if line.startswith("#") or BREAK.match(line):
            return True
        if line.startswith("="):
            if self.scenes and not self.scenes[-1].paragraphs:
                said = (self.scenes[-1].synopsis, line.lstrip("= "))
                self.scenes[-1].synopsis = " ".join(filter(None, said))
            return True
        return False

    def _begin(self, line: str) -> None:
        number = NUMBER.search(line)
        text = (line[: number.start()] if number else line).strip()
        text = text[1:].strip() if text.startswith(".") else text
        parts, omitted = heading(text), is_omitted(text)
        self.scenes.append(
            Scene(
                number=number[1].strip() if number else "",
                heading=text,
                int_ext=parts.int_ext,
                set_name=parts.set_name,
                day_night=parts.day_night,
                omitted=omitted,
            )
        )

    def _speech(self, cue: str, lines: list[str]) -> None:
        beside = cue.endswith("^")
        self.dual += beside
        self._add(Paragraph("cue", cue.removeprefix("@").removesuffix("^").strip(), beside=beside))
        for line in lines:
            words = line.strip()
            inside = words.startswith("(") and words.endswith(")")
            self._add(Paragraph("parenthetical" if inside else "dialogue", words, beside=beside))

    def _say(self, sort: str, lines: list[str]) -> None:
        text = "\n".join(line.rstrip() for line in lines).strip("\n")
        if text.strip():
            self._add(Paragraph(sort, text))

    def _add(self, paragraph: Paragraph) -> None:
        (self.scenes[-1].paragraphs if self.scenes else self.opening).append(paragraph)


def is_heading(line: str) -> bool:
    """Whether a line that begins a block is a scene heading."""
    forced = line.startswith(".") and line[1:2].strip(" .") != ""
    return forced or bool(HEADING.match(line)) or _is_retired(line)


def _is_retired(line: str) -> bool:
    number = NUMBER.search(line)
    return number is not None and is_omitted(line[: number.start()])


def is_cue(line: str) -> bool:
    """Whether a line that begins a block names who speaks, in capitals outside of brackets."""
    if line.startswith("@"):
        return len(line) > 1
    name = BRACKETS.sub("", line.removesuffix("^")).strip()
    capitals = any(map(str.isupper, name)) and name == name.upper()
    return capitals and "^" not in name and not line.startswith(("!", ">", "~"))


def _is_transition(line: str) -> bool:
    forced = line.startswith(">") and not line.endswith("<")
    return forced or (line.endswith("TO:") and line == line.upper())
