"""What telling everybody costs: from a publication to the last phone, and a night of many films."""

import gc
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask
from sqlalchemy import text

from bench.grown import OPEN_DAY, Size, grow
from bench.letterbox import Letterbox, letterbox
from bench.pages import Figure, figure
from poc import create_app
from poc.bell.keys import office_key
from poc.bell.phones import Address
from poc.bell.push import Seal, Target
from poc.bell.sender import Sender
from poc.demo import COORDINATOR, SLUG, NightFerry, days_of, people_of
from poc.house import House
from poc.registry import Device, Seat, Subscription, db
from sync.database import reading, writing
from tests.bell.phone import Phone
from tests.bell.push_service import FIREFOX

PUBLISHED, WALL, EACH, BARE, GROWN = 300, 3, 1.5, 2.5, 20  # ms, s, ms, times, MB
LATENCY = 0.06  # seconds
QUICK = 0.002  # seconds, where only memory counts
LETTER = b"x" * 512
OTHERS = 120  # with a call of their own, so that the general one concerns as many as are measured
PATIENCE = 900


@dataclass(frozen=True)
class Load:
    """How much is measured."""

    people: int = 400
    productions: int = 100
    seals: int = 2_000


def figures(load: Load | None = None) -> Iterator[Figure]:
    """Measure everything, one figure at a time."""
    load = load or Load()
    with tempfile.TemporaryDirectory(prefix="poc-bench-") as place:
        folder = Path(place)
        yield from _sealing(folder, load)
        size = replace(Size(), people=load.people + OTHERS, strips=40, days=20, records=0)
        grow(folder / "one", size)
        shutil.copytree(folder / "one", folder / "many")
        yield from _telling(folder / "one", load)
        yield from _a_night(folder / "many", load)
    yield figure("programs that wanted a processor meanwhile", os.getloadavg()[1], "programs")


def _sealing(folder: Path, load: Load) -> Iterator[Figure]:
    phone = Phone(f"https://{FIREFOX}/wpush/v2/x")
    seal = Seal(office_key(folder), "mailto:office@aurora-film.com")
    target = Target(phone.endpoint, **phone.subscription["keys"])
    peer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), phone.point)

    def bare() -> None:
        ec.generate_private_key(ec.SECP256R1()).exchange(ec.ECDH(), peer)
        AESGCM(secrets.token_bytes(16)).encrypt(secrets.token_bytes(12), LETTER, None)

    limit = _cost(bare, load.seals)
    ours = _cost(lambda: seal.close(LETTER, target, 60, "high", "t"), load.seals)
    yield figure("a key pair, an exchange and AES-GCM, bare", limit * 1e6, "µs")
    shown = figure("a notice encrypted and signed", ours * 1e6, "µs", limit * 1e6 * BARE)
    yield {**shown, "ratio_to": "the bare operations", "ratio": round(ours / limit, 2)}


def _cost(work: Callable[[], object], times: int) -> float:
    """Give the processor seconds of one, as a median over several runs."""
    runs = []
    for _ in range(5):
        before = time.process_time()
        for _ in range(times // 5):
            work()
        runs.append((time.process_time() - before) / (times // 5))
    return median(runs)


def _telling(folder: Path, load: Load) -> Iterator[Figure]:
    with _office(folder) as app, letterbox(folder, LATENCY) as box:
        ferry = _ferry(app)
        count = _reachable(app, ferry, load.people, (SLUG,))
        sender = Sender(app)
        _publish(ferry, "06:40")
        sender.send_due()  # lines are open, as in an office that has been at work
        before, _ = box.count()
        sender.start()
        began = time.time()
        _publish(ferry, "06:10")
        published, spent = time.time() - began, time.process_time()
        sent, last = _until(box, before + count)
        _settled(ferry)
        spent = time.process_time() - spent
        sender.stop()
    yield figure(f"a publication for {count} people", published * 1000, "ms", PUBLISHED)
    yield figure("notices that came", sent - before, "notices", count, least=True)
    yield figure(f"from publishing to the last of {count} phones", last - began, "s", WALL)
    yield figure("processor time for each", spent * 1000 / count, "ms", EACH)


def _a_night(folder: Path, load: Load) -> Iterator[Figure]:
    slugs = [f"film-{n}" for n in range(load.productions)]
    with _office(folder) as app:
        ferry = _ferry(app)
        count = _reachable(app, ferry, load.people, slugs)
        _publish(ferry, "06:10")
    for slug in slugs:
        shutil.copy(folder / "productions" / f"{SLUG}.db", folder / "productions" / f"{slug}.db")
    (folder / "productions" / f"{SLUG}.db").unlink()
    with _office(folder) as app, letterbox(folder, QUICK) as box:
        for slug in slugs:
            _house(app).productions.get(slug)
        early: list[float] = []
        began = time.time()
        sender = _Watched(app, early, after=count * max(1, load.productions // 10))
        sender.send_due()
        sent, last = box.count()
        sender.stop()
        every = count * len(slugs)
        yield figure(f"notices of {len(slugs)} films sent", sent, "notices", every, least=True)
        yield figure("how long that took", last - began, "s")
        yield figure("memory it grew by after the first tenth", _held() - early[0], "MB", GROWN)
        yield figure("memory held at the end", _held(), "MB")


class _Watched(Sender):
    """A sender that notes what memory it holds once it is under way."""

    def __init__(self, app: Flask, early: list[float], after: int) -> None:
        super().__init__(app)
        self._early, self._after, self._sent = early, after, 0

    def _send_some(self, production: object) -> int:
        sent = super()._send_some(production)  # type: ignore[arg-type]
        self._sent += sent
        if self._sent >= self._after and not self._early:
            self._early.append(_held())
        return sent


def _held() -> float:
    gc.collect()
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


@contextmanager
def _office(folder: Path) -> Iterator[Flask]:
    app = create_app(folder)
    with app.app_context():
        yield app
        _house(app).productions.close()
        db.session.remove()
        db.engine.dispose()


def _house(app: Flask) -> House:
    found: House = app.extensions["poc"]
    return found


def _ferry(app: Flask) -> NightFerry:
    production = _house(app).productions.get(SLUG)
    assert production is not None
    ferry = NightFerry(production, people_of(production), days_of(production))
    at_once = {"undo_seconds": 0, "quiet_from": "00:00", "quiet_until": "00:00"}
    ferry.write(COORDINATOR, "production", "production", **at_once)
    with writing(production.engine) as connection:
        connection.execute(text("update delivery set done_at = made_at"))
    return ferry


def _publish(ferry: NightFerry, call: str) -> None:
    ferry.write(COORDINATOR, "shoot_day", ferry.days[OPEN_DAY], general_call=call)
    assert ferry.publish(OPEN_DAY).st == "applied"


def _reachable(app: Flask, ferry: NightFerry, most: int, slugs: object) -> int:
    """Give a phone to everybody whom the general call concerns; say how many there are."""
    query = "select person from due where shoot_day = :day and source = 'general' and excused = 0"
    members = "select person from membership where gone = 0"
    with reading(ferry.production.engine) as connection:
        found = connection.execute(text(query), {"day": ferry.days[OPEN_DAY]}).scalars()
        people = list(found)[:most]
        known = set(connection.execute(text(members)).scalars())
    with ferry.production.journal.desk() as desk:
        for person in set(people) - known:
            desk.create("membership", {"person": person, "role": "crew"})
    key = app.extensions["bell"].key.id
    for n, person in enumerate(people):
        _phone(f"device-{n}", person, key, slugs)
    db.session.commit()
    return len(people)


def _phone(device: str, person: str, key: str, slugs: object) -> None:
    one, now = Phone(f"https://{FIREFOX}/wpush/v2/{device}"), "2026-01-01T00:00:00Z"
    assert isinstance(slugs, (list, tuple))
    made = {"made_at": now, "key_id": key}
    db.session.add(Device(id=device, key_hash=device, name="iPhone", owner=0, made_at=now))
    db.session.add(Address(device=device, origin="https://poc.film"))
    keys = one.subscription["keys"]
    db.session.add(Subscription(endpoint=one.endpoint, device=device, **keys, **made))
    for slug in slugs:
        db.session.add(Seat(device=device, production=slug, person=person, record=device))


def _until(box: Letterbox, count: int) -> tuple[int, float]:
    end = time.monotonic() + PATIENCE
    while (found := box.count())[0] < count and time.monotonic() < end:
        time.sleep(0.05)
    return found


def _settled(ferry: NightFerry) -> None:
    """Wait until what was sent is also written down."""
    end, left = time.monotonic() + PATIENCE, 1
    while left and time.monotonic() < end:
        time.sleep(0.05)
        with reading(ferry.production.engine) as connection:
            query = text("select count(*) from delivery where done_at is null")
            left = connection.execute(query).scalar_one()
