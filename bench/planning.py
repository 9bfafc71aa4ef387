"""How fast a feature-length script comes in, and what its drafts cost a device."""

import re
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench.measures import packed_size
from bench.pages import Figure, figure
from poc import create_app, files
from poc.demo import COORDINATOR, NightFerry, build
from poc.owner import bring_file, first_records
from poc.productions import Production
from poc.registry import db

SCRIPTS = Path(__file__).parent.parent / "tests" / "data" / "scripts"
FEATURE = SCRIPTS / "feature-skeleton.finaldraft-export.fdx"
PLAIN = SCRIPTS / "feature-skeleton.fountain"
IMPORT = 2000  # milliseconds


def figures() -> Iterator[Figure]:
    """Measure the reading, the first draft, the same again, and one that changes a tenth."""
    with tempfile.TemporaryDirectory(prefix="poc-bench-") as folder:
        app = create_app(Path(folder))
        with app.app_context():
            productions = app.extensions["poc"].productions
            film = productions.begin("feature")
            first_records(film, "Feature", "Europe/Lisbon", COORDINATOR)
            yield from _imports(film)
            yield from _copies(build(productions, datetime.now(UTC).date()))
            productions.close()
            db.engine.dispose()


def _imports(film: Production) -> Iterator[Figure]:
    first = FEATURE.read_bytes()
    about = f"{FEATURE.stat().st_size // 1000} kB of Final Draft"
    yield _timed(f"{about}, read", lambda: files.check(first, FEATURE.name))
    plain = PLAIN.read_bytes()
    yield _timed("the same as Fountain, read", lambda: files.check(plain, PLAIN.name))
    yield _timed(f"{about}, brought in", lambda: _bring(film, first), IMPORT)
    yield _timed("the same draft again", lambda: _bring(film, first), IMPORT)
    second = _revised(first)
    yield _timed("a draft that changes a tenth of it", lambda: _bring(film, second), IMPORT)


def _bring(film: Production, raw: bytes) -> None:
    bring_file(film, "office", raw, FEATURE.name)


def _revised(raw: bytes) -> bytes:
    """Give every tenth speech another word."""
    count = iter(range(1_000_000))

    def altered(found: re.Match[bytes]) -> bytes:
        return found[0] + b"Well, " if next(count) % 10 == 0 else found[0]

    return re.sub(rb'<Paragraph Type="Dialogue">\s*<Text[^>]*>', altered, raw)


def _timed(name: str, work: Callable[[], object], limit: float | None = None) -> Figure:
    begun = time.perf_counter()
    work()
    return figure(name, (time.perf_counter() - begun) * 1000, "ms", limit)


def _copies(ferry: NightFerry) -> Iterator[Figure]:
    """Weigh a first copy before and after ten drafts of a feature."""
    people = (COORDINATOR, "Pia Lindholm", "Ines Okafor")
    before = {name: _weight(ferry, name) for name in people}
    draft = FEATURE.read_bytes()
    for _ in range(10):
        _bring(ferry.production, draft)
        draft = _revised(draft)
    for name in people:
        more = (_weight(ferry, name) - before[name]) / 1000
        yield figure(f"ten drafts of a feature in the first copy of {name}, packed", more, "kB")


def _weight(ferry: NightFerry, name: str) -> int:
    return packed_size(ferry.production.journal.snapshot(ferry.people[name], {}))
