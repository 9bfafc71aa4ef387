"""How a scene lies on the page, and so how long it is when the file does not say."""

import re
import textwrap
from collections.abc import Iterable

from poc.script.reading import Paragraph

LINES = 55  # on a page
# Columns: how far in, and how wide. A cue and its words stand together, all else apart.
COLUMNS = {"cue": (20, 38), "parenthetical": (15, 25), "dialogue": (10, 35), "transition": (40, 20)}
ACTION = (0, 60)
PIECE = 5_000
WITH_CUE = ("dialogue", "parenthetical")


def laid_out(paragraphs: Iterable[Paragraph]) -> list[str]:
    """The lines of a scene under its heading, as they lie on the page."""
    lines: list[str] = []
    for paragraph in paragraphs:
        if paragraph.sort not in WITH_CUE:
            lines.append("")
        lines += _lines(paragraph)
    return lines


def _lines(paragraph: Paragraph) -> list[str]:
    indent, width = COLUMNS.get(paragraph.sort, ACTION)
    lines = [
        line for written in paragraph.text.split("\n") for line in _wrapped(written, width) or [""]
    ]
    return [f"{' ' * indent}{line}".rstrip() for line in lines]


def _wrapped(line: str, width: int) -> list[str]:
    # In pieces: a line that is millions of letters long would take hours in one.
    pieces = (line[at : at + PIECE] for at in range(0, len(line), PIECE))
    return [part for piece in pieces for part in textwrap.wrap(piece, width)]


def estimated(paragraphs: list[Paragraph]) -> int:
    """Eighths of a page, at least one: two speakers side by side take the room of the longer."""
    alone = len(laid_out(p for p in paragraphs if not p.beside))
    lines = alone + 2  # the heading, and the blank line above it
    return max(1, (lines * 8 * 2 + LINES) // (2 * LINES))


def joined(lines: Iterable[str]) -> list[str]:
    """Put the lines of a page together to paragraphs again, so that they can be compared."""
    found: list[str] = []
    indent = -1
    for line in lines:
        words = " ".join(line.split())
        here = len(re.match(" *", line)[0]) if words else -1  # type: ignore[index]
        if words and here == indent:
            found[-1] += f" {words}"
        elif words:
            found.append(words)
        indent = here
    return found
