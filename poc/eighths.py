"""Page counts as people and programs write them, in eighths of a page."""

import re
import unicodedata

from poc.reading import number

COUNT = re.compile(
    r"(?P<whole>\d{1,4})?(?:(?:^|[\s-]+)(?P<top>\d{1,2})\s*/\s*(?P<bottom>\d{1,2}))?"
)


def eighths_of(value: object) -> int | None:
    """Eighths of "2 4/8", "2-4/8", "4/8", "2", "2.5", "2 ½" or 2.5; None for anything else."""
    pages = number(value)
    if pages is not None:
        return round(pages * 8) if pages >= 0 else None
    return _written(value) if isinstance(value, str) else None


def _written(value: str) -> int | None:
    plain = re.sub(r"[½¼¾⅛⅜⅝⅞]", lambda sign: " " + _fraction(sign[0]), value).strip()
    found = COUNT.fullmatch(plain)
    if not plain or not found or (found["bottom"] and not int(found["bottom"])):
        return None
    part = round(8 * int(found["top"]) / int(found["bottom"])) if found["bottom"] else 0
    return 8 * int(found["whole"] or 0) + part


def _fraction(sign: str) -> str:
    return unicodedata.normalize("NFKC", sign).replace("\N{FRACTION SLASH}", "/")
