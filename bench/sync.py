"""What sync costs: a crowd that returns, a new device, a long history, and what is on disk."""

import asyncio
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.crowd import ADDRESS, KIND, SLUG, TEXTS, Crowd, gather
from bench.live import hear
from bench.measures import Phone, highest_memory, offspring, processor_seconds
from bench.office import serving
from bench.pages import Figure, figure
from bench.yardstick import against

RECORDS, DEVICES, EDITS = 10_000, 200, 25
HISTORIES = (1_000, 10_000, 100_000, 1_000_000)
ROUNDS, NEWS = 40, 10
ATTACHING = 2  # seconds
MEMORY, COPY, FLAT = 200, 430, 1.3  # MB, kB, times
WORDS = ("rain", "cover", "north", "lot", "crane", "gate", "stunt", "pads", "quiet", "permit")
SYNCED = re.compile(r"(\d+\.\d+) (<\.\.\. )?f(?:data)?sync.*= 0 <(\d+\.\d+)>")

PAST = """
with recursive n(n) as (select 1 union all select n + 1 from n where n < :edits)
insert into change select 'past.' || n, 'past', 'past', 'person', printf('r%06d', n % :records),
 'notes', (select seq from head) + n, 'applied', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z',
 json_object('id', 'past.' || n, 'do', 'set', 'value', 'noted ' || n),
 json_object('st', 'applied', 'seq', (select seq from head) + n) from n
"""
LAST = """
update ledger set seq = last.seq, versions = json_set(versions, '$.notes', last.seq),
 writers = json_set(writers, '$.notes', last.id) from
 (select record, max(seq) as seq, id from change where device = 'past' group by record) as last
 where last.record = ledger.id
"""


@dataclass(frozen=True)
class Load:
    """How much is measured."""

    records: int = RECORDS
    devices: int = DEVICES
    edits: int = EDITS
    histories: tuple[int, ...] = HISTORIES


def figures(load: Load | None = None) -> Iterator[Figure]:
    """Measure everything, one figure at a time."""
    load = load or Load()
    with tempfile.TemporaryDirectory(prefix="poc-bench-") as place:
        first = gather(Path(place) / "first", _records(load), load.devices + 2)
        yield from _measured(_copy(first, "return"), _return, load)
        yield from _measured(_copy(first, "live"), _open, load)
        yield from _measured(_copy(first, "new"), _new_device, load)
        yield from _growth(first, load)
        yield from _durable(_copy(first, "disk"))
    yield figure("programs that wanted a processor meanwhile", os.getloadavg()[1], "programs")
    yield from against()


def _records(load: Load) -> list[dict[str, str]]:
    chance = random.Random(1)
    return [
        {"id": f"r{n:06d}", "kind": KIND}
        | {name: " ".join(chance.choices(WORDS, k=4)) + f" {n}" for name in TEXTS}
        for n in range(load.records)
    ]


def _copy(crowd: Crowd, name: str) -> Crowd:
    folder = crowd.folder.with_name(name)
    shutil.copytree(crowd.folder, folder)
    return Crowd(folder, crowd.devices, crowd.cursor, crowd.generation, crowd.epochs)


def _measured(crowd: Crowd, work: Any, load: Load) -> Iterator[Figure]:
    with serving(crowd.folder) as port:
        yield from asyncio.run(work(crowd, port, load))
    shutil.rmtree(crowd.folder)


# W1: everybody returns at once.


async def _return(crowd: Crowd, port: int, load: Load) -> list[Figure]:
    phones = [Phone(port, one["key"]) for one in crowd.devices[: load.devices]]
    queues = _queues(load)
    before, start = processor_seconds(), time.perf_counter()
    asked = (crowd.exchange(phones[n], n, queues[n], crowd.cursor) for n in range(load.devices))
    stands = [answer["cursor"] for answer in await asyncio.gather(*asked)]
    again = (crowd.exchange(phones[n], n, [], stands[n]) for n in range(load.devices))
    ends = {answer["cursor"] for answer in await asyncio.gather(*again)}
    took, used = time.perf_counter() - start, processor_seconds() - before
    for phone in phones:
        phone.hang_up()
    down = sum(phone.down for phone in phones)
    about = f"{load.devices} devices return with {load.edits} edits each"
    return [
        figure(f"{about}, until all have everything", took * 1000, "ms"),
        figure(f"{about}, processor time of the office", used * 1000, "ms"),
        figure(f"{about}, bytes down", down / 1000, "kB"),
        figure(f"{about}, bytes up", sum(phone.up for phone in phones) / 1000, "kB"),
        figure(f"{about}, highest memory of the office", highest_memory(), "MB", MEMORY),
        figure(f"{about}, different ends", len(ends) - 1, "ends", 0),
    ]


def _queues(load: Load) -> list[list[tuple[str, str, str]]]:
    """Deal edits; of twenty fields two devices edit the same one, so that a tenth collides."""
    chance = random.Random(2)
    number = load.devices * load.edits
    fields = [(f"r{n:06d}", name) for n in range(load.records) for name in TEXTS]
    alone = chance.sample(fields, number - number // 20)
    dealt = [*alone, *alone[: number - len(alone)]]
    texts = [(record, name, f"edit {n}") for n, (record, name) in enumerate(dealt)]
    return [texts[n :: load.devices] for n in range(load.devices)]


# W2: everybody has the app open.


async def _open(crowd: Crowd, port: int, load: Load) -> list[Figure]:
    return await hear(crowd, port, load.devices - 1)


# W3: a new device.


async def _new_device(crowd: Crowd, port: int, load: Load) -> list[Figure]:
    times, phone = [], Phone(port, crowd.devices[0]["key"])
    for _ in range(7):
        phone.down, start = 0, time.perf_counter()
        await phone.ask(f"{ADDRESS}/snapshot")
        times.append((time.perf_counter() - start) * 1000)
    phone.hang_up()
    about = f"a new device gets {load.records} records"
    return [
        figure(f"{about}, the first one", times[0], "ms"),
        figure(f"{about}, when nothing changed since", median(times[1:]), "ms"),
        figure(f"{about}, bytes", phone.down / 1000, "kB", COPY),
    ]


# W4: one exchange after a long history.


def _growth(first: Crowd, load: Load) -> Iterator[Figure]:
    base = 0.0
    for edits in load.histories:
        crowd = _copy(first, f"past-{edits}")
        head = _age(crowd, edits, load.records)
        with serving(crowd.folder) as port:
            took = asyncio.run(_incremental(crowd, port, head))
        held = sum(file.stat().st_size for file in crowd.folder.rglob("*") if file.is_file())
        shutil.rmtree(crowd.folder)
        base = base or took
        about = f"one exchange after {edits:,} past edits (their rows written by SQL)"
        shown = figure(about, took, "ms", round(base * FLAT, 2))
        yield {**shown, "ratio_to": f"{load.histories[0]:,}", "ratio": round(took / base, 2)}
        yield figure(f"{about}, disk", held / 1_000_000, "MB")


def _age(crowd: Crowd, edits: int, records: int) -> int:
    file = sqlite3.connect(crowd.folder / "productions" / f"{SLUG}.db")
    with file:
        file.execute(PAST, {"edits": edits, "records": records})
        file.execute(LAST)
        file.execute("update head set seq = seq + ?", (edits,))
    file.close()
    return crowd.cursor + edits


async def _incremental(crowd: Crowd, port: int, head: int) -> float:
    writer, reader = (Phone(port, crowd.devices[n]["key"]) for n in range(2))
    stand, times = head, []
    for turn in range(ROUNDS):
        news = [(f"r{turn * NEWS + n:06d}", "email", f"at {turn}") for n in range(NEWS)]
        head = (await crowd.exchange(writer, 0, news, head))["cursor"]
        start = time.perf_counter()
        answer = await crowd.exchange(reader, 1, [(news[0][0], "phone", f"{turn}")], stand)
        times.append((time.perf_counter() - start) * 1000)
        stand = head = answer["cursor"]
        reader.hang_up()
    writer.hang_up()
    return median(times[5:])


# W5: what was acknowledged is on disk.


def _durable(crowd: Crowd) -> Iterator[Figure]:
    with serving(crowd.folder) as port:
        office = list(offspring(os.getpid()))
        with _traced(office[-1], crowd.folder / "trace") as trace:
            spans = asyncio.run(_acknowledged(crowd, port))
            for one in office:
                os.kill(one, signal.SIGKILL)
    if trace is not None:
        told = SYNCED.findall(trace.read_text())
        ends = [float(at) + (0 if resumed else float(took)) for at, resumed, took in told]
        late = sum(not any(sent < end <= told for end in ends) for sent, told in spans)
        yield figure("acknowledgements sent before a sync to disk ended", late, "of 20", 0)
    file = sqlite3.connect(crowd.folder / "productions" / f"{SLUG}.db")
    query = "select count(*) from person where company like 'kept %'"
    lost = len(spans) - file.execute(query).fetchone()[0]
    file.close()
    yield figure("acknowledged edits missing after kill -9", lost, "of 20", 0)


@contextmanager
def _traced(process: int, trace: Path) -> Iterator[Path | None]:
    """Note every sync to disk of a process, where strace can be had."""
    if shutil.which("strace") is None:
        yield None
        return
    calls = ["-e", "trace=fsync,fdatasync", "-o", str(trace), "-p", str(process)]
    words = ["strace", "-f", "-ttt", "-T", *calls]
    with subprocess.Popen(words, stderr=subprocess.DEVNULL):
        time.sleep(ATTACHING)
        yield trace


async def _acknowledged(crowd: Crowd, port: int) -> list[tuple[float, float]]:
    phone, spans, cursor = Phone(port, crowd.devices[0]["key"]), [], crowd.cursor
    for n in range(20):
        sent = time.time()
        edit = [(f"r{n:06d}", "company", f"kept {n}")]
        cursor = (await crowd.exchange(phone, 0, edit, cursor))["cursor"]
        spans.append((sent, time.time()))
    phone.hang_up()
    return spans
