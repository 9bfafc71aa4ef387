"""How fast and how heavy pages are, on the device and in the office, at 10,000 records."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from os import getloadavg
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from bench import browser, lighthouse
from bench.grown import CREW, Grown, Size, grow
from bench.office import copy_cost, page_costs, serving
from bench.wire import wire
from poc.demo import COORDINATOR, SLUG

Figure = dict[str, Any]

WARM, COLD = 50, 250  # milliseconds
FIRST_VISIT = 500  # kB, of 1,000 bytes
SCORE = 95
HELD_BACK = 6  # seconds the first copy is kept waiting
SETTLING = 1500  # milliseconds in which a first visit may still fetch something
BASE = f"/p/{SLUG}"
AUDITED = ("Today", "People", "day", "who knows")
HALVES = {
    "people": replace(Size(), people=200),
    "days": replace(Size(), days=30),
    "history": replace(Size(), records=5_000),
}


def figures() -> Iterator[Figure]:
    """Measure everything, one figure at a time."""
    with tempfile.TemporaryDirectory(prefix="poc-bench-") as folder:
        grown = grow(Path(folder) / "full", Size())
        yield figure("records in the production", grown.records, "records")
        with serving(grown.folder) as port:
            with browser.browser() as running:
                yield from _first_visits(running, port, grown)
                yield from _before_the_copy(running, port, grown)
                yield from _loads(running, port, grown)
                yield from _axe(running, port, grown)
            yield from _lighthouse(port, grown)
        yield from _office(grown)
        yield figure("programs that wanted a processor meanwhile", getloadavg()[1], "programs")
        yield from _growth(Path(folder), grown)


def figure(
    name: str, value: float, unit: str, limit: float | None = None, least: bool = False
) -> Figure:
    """Shape one figure; with a limit it is met or not, below it unless `least` is said."""
    met = None if limit is None else value >= limit if least else value <= limit
    shown = round(value, 1) if isinstance(value, float) else value
    return {"name": name, "value": shown, "unit": unit, "target": limit, "met": met}


def _first_visits(running: Browser, port: int, grown: Grown) -> Iterator[Figure]:
    for name in (CREW, COORDINATOR):
        with wire(port) as line, browser.device(running, line.address, grown.keys[name]) as page:
            browser.load(page, f"{line.address}{BASE}/today", by_worker=False)
            ready = browser.copied(page, BASE)
            page.wait_for_timeout(SETTLING)
            about = f"first visit of {name}, everything the office sent"
            yield figure(about, line.sent / 1000, "kB", FIRST_VISIT)
            yield figure(f"first visit of {name}, until the copy is there", ready, "ms")


def _before_the_copy(running: Browser, port: int, grown: Grown) -> Iterator[Figure]:
    key = grown.keys[COORDINATOR]
    with wire(port, HELD_BACK) as line, browser.device(running, line.address, key) as page:
        today = browser.load(page, f"{line.address}{BASE}/today", by_worker=False)
        about = f"Today can be read on a first visit, the copy held back {HELD_BACK} s"
        yield figure(about, today.painted, "ms", HELD_BACK * 1000)
        people = browser.load(page, f"{line.address}{BASE}/people", by_worker=False)
        yield figure("People, while the copy is still held back", people.painted, "ms")


def _loads(running: Browser, port: int, grown: Grown) -> Iterator[Figure]:
    address = f"http://127.0.0.1:{port}"
    with browser.device(running, address, grown.keys[COORDINATOR]) as page:
        browser.load(page, f"{address}{BASE}/today", by_worker=False)
        browser.copied(page, BASE)
        for name, path in grown.pages.items():
            found = browser.warm(page, address + path)
            yield figure(f"{name}, warm, from the worker", found.answered, "ms", WARM)
            yield figure(f"{name}, warm, until it can be read", found.painted, "ms")
        for name, path in grown.pages.items():
            found = browser.cold(page, address + path)
            yield figure(f"{name}, cold, from a stopped worker", found.answered, "ms", COLD)
            yield figure(f"{name}, cold, until it can be read", found.painted, "ms")


def _axe(running: Browser, port: int, grown: Grown) -> Iterator[Figure]:
    address = f"http://127.0.0.1:{port}"
    key = grown.keys[COORDINATOR]
    for size, scheme in ((browser.PHONE, "light"), (browser.DESKTOP, "dark")):
        with browser.device(running, address, key, size, color_scheme=scheme) as page:
            for name, path in grown.pages.items():
                page.goto(address + path)
                found = browser.violations(page)
                about = f"{name}, {scheme}, {size['width']} px wide, axe violations"
                yield {**figure(about, len(found), "violations", 0), "found": found}


def _lighthouse(port: int, grown: Grown) -> Iterator[Figure]:
    address = f"http://127.0.0.1:{port}"
    with lighthouse.chrome(address, grown.keys[COORDINATOR]) as driven:
        for name in AUDITED:
            try:
                found = lighthouse.scores(driven, address + grown.pages[name])
            except lighthouse.Unavailable as sorry:
                yield _unmeasured(f"{name}, Lighthouse", "points", SCORE, str(sorry))
                continue
            for category, score in found.items():
                yield figure(f"{name}, Lighthouse {category}", score, "points", SCORE, least=True)


def _unmeasured(name: str, unit: str, limit: float, note: str) -> Figure:
    return {"name": name, "value": None, "unit": unit, "target": limit, "met": False, "note": note}


def _office(grown: Grown) -> Iterator[Figure]:
    for name, cost in page_costs(grown, COORDINATOR).items():
        yield figure(f"{name}, from the office", cost, "ms")
    for person in (CREW, COORDINATOR):
        took, packed, whole = copy_cost(grown, person)
        yield figure(f"first copy of {person}, made by the office", took, "ms")
        yield figure(f"first copy of {person}, compressed", packed / 1000, "kB")
        yield figure(f"first copy of {person}, unpacked", whole / 1000, "kB")


def _growth(folder: Path, full: Grown) -> Iterator[Figure]:
    """Halve one thing at a time, and say how many times more the whole costs."""
    whole = dict(_costs(full))
    for what, size in HALVES.items():
        half = grow(folder / f"half-{what}", size)
        for name, cost in _costs(half):
            shown = figure(f"{name}, twice the {what}", whole[name], name.rpartition(" ")[2])
            yield {**shown, "ratio_to": f"half the {what}", "ratio": round(whole[name] / cost, 2)}


def _costs(grown: Grown) -> Iterator[tuple[str, float]]:
    for name, cost in page_costs(grown, COORDINATOR).items():
        yield f"{name}, from the office, in ms", cost
    took, packed, _ = copy_cost(grown, COORDINATOR)
    yield "first copy of the coordinator, made in ms", took
    yield "first copy of the coordinator, compressed, in kB", packed / 1000
