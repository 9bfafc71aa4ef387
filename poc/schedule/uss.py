"""Reads a Universal Schedule Standard file (.uss): its scenes, its board and its dates."""

from collections.abc import Iterable
from itertools import chain, repeat

from poc.reading import Refused, first_of, parsed, rows, words
from poc.schedule.reading import Day, Schedule, Strip
from poc.schedule.uss_boards import Board, chosen
from poc.schedule.uss_dates import Calendar, calendar, day_of
from poc.schedule.uss_scenes import Book, book_of

ROOT = "universalScheduleStandard"
MARKS = ("breakdowns", "stripboards")
NO_BOARD = Board("", "", (), (), broken_into_days=True)


def is_uss(found: object) -> bool:
    """Whether parsed JSON is a USS schedule, with or without its outer name."""
    return isinstance(found, dict) and (ROOT in found or all(key in found for key in MARKS))


def read(raw: bytes) -> Schedule:
    """Read a USS file, leniently."""
    return schedule_in(parsed(raw))


def schedule_in(found: object) -> Schedule:
    """The schedule in parsed USS JSON."""
    root = _root(found)
    warnings: list[str] = []
    book = book_of(root, warnings)
    board = _board(root, book, warnings)
    dates = _calendar(root, board, warnings)
    days = _days(board, dates, book, warnings)
    return Schedule(
        title=words(root.get("project")) or words(root.get("name")),
        name=words(root.get("name")),
        company=words(root.get("company")),
        zone=None,
        script_colour=words(root.get("scriptColor")),
        script_date=_iso(root.get("scriptDate")),
        schedule_colour=words(root.get("schedColor")),
        schedule_date=_iso(root.get("schedDate")),
        scenes=tuple(book.scenes.values()),
        banners=tuple(book.banners.values()),
        elements=tuple(book.elements.values()),
        days=days,
        boneyard=_boneyard(board, days, book, warnings),
        off_days=tuple(day.isoformat() for day in sorted(dates.off_days)),
        weekly_off=tuple(sorted(dates.weekly_off)),
        events=dates.events,
        warnings=first_of(warnings),
    )


def _root(found: object) -> dict[str, object]:
    inner = found.get(ROOT, found) if isinstance(found, dict) else None
    if isinstance(inner, dict) and isinstance(inner.get("breakdowns"), list):
        return inner
    raise Refused(
        "This file holds no USS breakdowns. "
        "Export the schedule again as Universal Schedule Standard (.uss)."
    )


def _iso(value: object) -> str:
    day = day_of(value)
    return day.isoformat() if day else ""


def _board(root: dict[str, object], book: Book, warnings: list[str]) -> Board:
    board = chosen(root.get("stripboards"), book.day_breaks)
    if board is None or not board.is_schedule:
        warnings.append(
            "The file has no board with shooting days; every strip is in the boneyard. "
            "Put the scenes into days in POC."
        )
        return NO_BOARD
    if not board.broken_into_days:
        warnings.append(
            f'The board "{board.name}" does not say where a day ends; all its strips are on one '
            "shooting day. Move them to their days in POC."
        )
    return board


def _calendar(root: dict[str, object], board: Board, warnings: list[str]) -> Calendar:
    found = rows(root.get("calendars"))
    own = [row for row in found if board.calendar and words(row.get("id")) == board.calendar]
    dates = calendar(next(iter(own or found), {}))
    if board.groups and dates.start is None:
        warnings.append("The file gives no start date; the shooting days have no dates yet.")
    elif dates.start and dates.is_off(dates.start):
        warnings.append("The start date is a day off; shooting begins on the next working day.")
    return dates


def _days(board: Board, dates: Calendar, book: Book, warnings: list[str]) -> tuple[Day, ...]:
    placed: set[str] = set()
    days = []
    shooting = chain((day.isoformat() for day in dates.shooting_dates()), repeat(""))
    for number, (group, day) in enumerate(zip(board.groups, shooting, strict=False), 1):
        fresh = [ref for ref in dict.fromkeys(group) if ref not in placed]
        strips = [_strip(ref, book) for ref in fresh if _known(ref, book)]
        placed.update(fresh)
        days.append(Day(number, day, tuple(strips)))
    _tell_lost(board, book, warnings)
    return tuple(days)


def _known(ref: str, book: Book) -> bool:
    return ref in book.scenes or ref in book.banners


def _strip(ref: str, book: Book) -> Strip:
    if ref in book.scenes:
        return Strip(ref, ref, None, book.scenes[ref].minutes)
    return Strip(ref, None, book.banners[ref].text, 0)


def _tell_lost(board: Board, book: Book, warnings: list[str]) -> None:
    refs = list(chain(*board.groups, board.beside))
    unknown = sum(not _known(ref, book) for ref in refs)
    twice = len(refs) - len(set(refs))
    if unknown:
        warnings.append(f"The board names {unknown} strips the file does not have.")
    if twice:
        warnings.append(f"The board has {twice} strips twice; POC kept the first place of each.")


def _boneyard(
    board: Board, days: Iterable[Day], book: Book, warnings: list[str]
) -> tuple[str, ...]:
    placed = {strip.source for day in days for strip in day.strips}
    beside = [ref for ref in dict.fromkeys(board.beside) if _known(ref, book) and ref not in placed]
    named = placed | set(beside)
    forgotten = [ref for ref in (*book.scenes, *book.banners) if ref not in named]
    if forgotten and board is not NO_BOARD:
        warnings.append(f"{len(forgotten)} strips were on no board; POC put them in the boneyard.")
    return (*beside, *forgotten)
