"""What it costs that everybody with the app open learns of a change at once."""

import asyncio
import time
from collections.abc import AsyncIterator
from statistics import quantiles

from bench.crowd import ADDRESS, Crowd
from bench.measures import Phone, processor_seconds
from bench.pages import Figure, figure

CHANGES, WARM = 20, 3
LATE, HEARD = 100, 300  # ms, bytes


async def hear(crowd: Crowd, port: int, listening: int) -> list[Figure]:
    """Have one device change a field again and again while the others listen."""
    phones = [Phone(port, one["key"]) for one in crowd.devices[: listening + 1]]
    lines = [phone.listen(f"{ADDRESS}/live") for phone in phones[1:]]
    for line in lines:
        await anext(line)
    late: list[float] = []
    cursor, before, heard = crowd.cursor, 0.0, 0
    for turn in range(WARM + CHANGES):
        if turn == WARM:
            late, before = [], processor_seconds()
            heard = sum(phone.down for phone in phones[1:])
        start = time.perf_counter()
        waiting = [asyncio.create_task(_heard(line)) for line in lines]
        edit = [("r000007", "phone", f"06:30 {turn}")]
        cursor = (await crowd.exchange(phones[0], 0, edit, cursor))["cursor"]
        late += [(at - start) * 1000 for at in await asyncio.gather(*waiting)]
    used, down = processor_seconds() - before, sum(phone.down for phone in phones[1:]) - heard
    for phone in phones:
        phone.hang_up()
    about = f"one change reaches {listening} open devices"
    cuts = quantiles(late, n=100, method="inclusive")
    return [
        figure(f"{about}, half of them", cuts[49], "ms"),
        figure(f"{about}, 99 of 100", cuts[98], "ms", LATE),
        figure(f"{about}, bytes down each", down / CHANGES / listening, "bytes", HEARD),
        figure(f"{about}, processor time of the office", used * 1000 / CHANGES, "ms"),
    ]


async def _heard(line: AsyncIterator[bytes]) -> float:
    while b'"records":[[' not in await anext(line):
        continue
    return time.perf_counter()
