"""The one door for files people bring: what a file is, and what POC reads in it."""

import re
from collections import Counter

from poc.crew import tables, vcards
from poc.crew.reading import Contacts
from poc.reading import Refused, decoded, parsed, within_size
from poc.schedule import uss
from poc.schedule.reading import Day, Element, Schedule
from poc.script import fdx, fountain
from poc.script.files import counted as counted_script
from poc.script.reading import Script

__all__ = ["Contacts", "Refused", "Schedule", "Script", "check", "read", "sniff"]

HEAD = 4096
OPENINGS = (
    (b"PK\x03\x04", "zip"),
    (b"%PDF", "pdf"),
    (b"\xd0\xcf\x11\xe0", "xls"),
)
ASK = (
    "Export the schedule as USS, the script as Final Draft (.fdx) or Fountain, "
    "or the contacts as vCard or CSV."
)
REFUSALS = {
    "empty": "This file is empty. Export it again.",
    "zip": f"This is a packed file, not an Excel workbook. {ASK}",
    "pdf": f"This is a PDF, which is made for reading by people. {ASK}",
    "xls": "This is an old Excel file. Open it in Excel and save it as .xlsx or .csv.",
    "xml": f"This is an XML or web page file, which POC cannot read. {ASK}",
    "calendar": f"This is a calendar file, not a schedule or a contact list. {ASK}",
    "json": f"This JSON file is neither a USS schedule nor a jCard. {ASK}",
    "unknown": f"This file is not text that POC knows. {ASK}",
}

NOTHING_SCHEDULED: dict[str, object] = {
    "scenes": 0,
    "scene_numbers": [],
    "strips": 0,
    "banners": 0,
    "days": [],
    "eighths": 0,
    "cast": [],
    "elements": {},
}
NOTHING_WRITTEN: dict[str, object] = {
    "estimated": 0,
    "int_ext": {},
    "characters": 0,
    "revisions": [],
    "colour": "",
    "dual_dialogue": 0,
    "omitted": 0,
    "notes": 0,
}


def read(raw: bytes, name: str, region: str | None = None) -> Schedule | Script | Contacts:
    """What a file holds, or a refusal in one sentence; `region` is for bare phone numbers."""
    within_size(raw)
    kind = sniff(raw, name)
    if kind == "uss":
        return uss.read(raw)
    if kind == "fdx":
        return fdx.read(raw)
    if kind == "fountain":
        return fountain.read(raw)
    if kind == "vcard":
        return vcards.read(raw, region)
    if kind == "jcard":
        return vcards.read_jcards(raw, region)
    if kind in ("csv", "xlsx"):
        return tables.read(raw, name, region)
    if kind == "omc":
        raise Refused(_omc_refusal(parsed(raw)))
    raise Refused(REFUSALS[kind])


def sniff(raw: bytes, name: str) -> str:
    """What a file is, by its content first and its name second."""
    within_size(raw)
    binary = next((kind for mark, kind in OPENINGS if raw.startswith(mark)), "")
    if binary == "zip":
        is_book = b"xl/" in raw or name.casefold().endswith((".xlsx", ".xlsm"))
        return "xlsx" if is_book else "zip"
    return binary or _sniff_text(raw, name.casefold())


def _sniff_text(raw: bytes, name: str) -> str:
    head = decoded(raw[:HEAD]).lstrip("\ufeff \t\r\n")
    if not head:
        return "unknown" if raw.strip() else "empty"
    if head[0] in "{[":
        return _sniff_json(raw, name)
    if head[0] == "<":
        return "fdx" if "<FinalDraft" in head or name.endswith(".fdx") else "xml"
    begun = re.search(r"^BEGIN:(V\w+)", head, re.IGNORECASE | re.MULTILINE)
    if begun:
        return "vcard" if begun[1].casefold() == "vcard" else "calendar"
    if name.endswith((".fountain", ".spmd")) or (
        not name.endswith(".csv") and fountain.looks_like(head)
    ):
        return "fountain"
    controls = sum(ord(sign) < 32 and sign not in "\t\r\n\f" for sign in head)
    return "unknown" if controls * 10 > len(head) else "csv"


def _sniff_json(raw: bytes, name: str) -> str:
    """Broken JSON keeps the kind its name promises, and is refused when it is read."""
    try:
        found = parsed(raw)
    except Refused:
        return "csv" if name.endswith(".csv") else "uss"
    if uss.is_uss(found) or name.endswith(".uss"):
        return "uss"
    if vcards.is_jcards(found):
        return "jcard"
    return "omc" if _omc_kinds(found) else "json"


def _omc_kinds(found: object) -> Counter[str]:
    entities = found if isinstance(found, list) else [found]
    return Counter(
        str(entity.get("entityType"))
        for entity in entities
        if isinstance(entity, dict) and "movielabs" in str(entity.get("schemaVersion"))
    )


def _omc_refusal(found: object) -> str:
    kinds = ", ".join(f"{count} {kind[:40]}" for kind, count in _omc_kinds(found).most_common(5))
    return f"This is MovieLabs OMC data ({kinds}), which POC cannot read. {ASK}"


def check(raw: bytes, name: str, region: str | None = None) -> dict[str, object]:
    """What an import would bring, without bringing it; every key is always there."""
    found = read(raw, name, region)
    return {
        "format": sniff(raw, name),
        **NOTHING_SCHEDULED,
        **NOTHING_WRITTEN,
        **_counted(found),
        "people": len(found.people) if isinstance(found, Contacts) else 0,
        "warnings": list(found.warnings),
    }


def _counted(found: Schedule | Script | Contacts) -> dict[str, object]:
    if isinstance(found, Script):
        return counted_script(found)
    return _scheduled(found) if isinstance(found, Schedule) else {}


def _scheduled(schedule: Schedule) -> dict[str, object]:
    eighths = {scene.source: scene.eighths for scene in schedule.scenes}
    on_board = sum(len(day.strips) for day in schedule.days)
    return {
        "scenes": len(schedule.scenes),
        "scene_numbers": [scene.number for scene in schedule.scenes],
        "strips": on_board + len(schedule.boneyard),
        "banners": len(schedule.banners),
        "days": [{"date": day.date, "eighths": _sum(day, eighths)} for day in schedule.days],
        "eighths": sum(eighths.values()),
        "cast": _cast(schedule),
        "elements": dict(Counter(one.written or one.category for one in schedule.elements)),
    }


def _sum(day: Day, eighths: dict[str, int]) -> int:
    return sum(eighths[strip.scene] for strip in day.strips if strip.scene)


def _cast(schedule: Schedule) -> list[dict[str, object]]:
    needs = {scene.source: scene.elements for scene in schedule.scenes}
    worked = Counter(
        source
        for day in schedule.days
        for source in {one for strip in day.strips for one in needs.get(strip.scene or "", ())}
    )
    cast = sorted((one for one in schedule.elements if one.is_cast), key=_cast_order)
    return [{"name": one.name, "work_days": worked[one.source]} for one in cast]


def _cast_order(element: Element) -> tuple[bool, int, str, str]:
    """1, 2, 2A, 10; those without a number last."""
    digits = re.match(r"[0-9]{1,9}", element.number)
    first = int(digits[0]) if digits else 0
    return not element.number, first, element.number, element.name
