"""What it costs that strangers' pictures are decoded in a child: time and processor, beside decoding in this process.

    verified        an ordinary photograph (12 megapixels, JPEG), as an upload is, by a warm child
    thumbnail       of it, 256 wide
    first           the first picture of a process, when there is no child yet
    hostile         the worst delay of the event loop while every file of the tests' corpus is decoded, and whether the
                    memory of this process, and of the children, is what it was

The kinds take turns, so that a busy moment falls on all. Run it with ``make bench`` or
``python benchmarks/pictures.py [rounds]``. The goals are ratios: verified at most 1.5 of the time here; and 250 ms.
"""

import asyncio
import gc
import io
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from PIL.Image import Resampling

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.hostile_pictures import hostile_pictures

from auteur.adapters import images
from auteur.adapters.decoding import pictures
from auteur.domain.errors import UnreadableImageError

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 15


def photograph() -> bytes:
    """Twelve megapixels with the grain of a sensor."""
    chance = np.random.default_rng(1)
    coarse = Image.fromarray(chance.integers(0, 256, (60, 80, 3), dtype=np.uint8))
    coarse = coarse.resize((4000, 3000), Resampling.BICUBIC)
    grain = chance.integers(-5, 6, (3000, 4000, 1))
    into = io.BytesIO()
    pixels = (np.asarray(coarse).astype(int) + grain).clip(0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(into, "JPEG", quality=90)
    return into.getvalue()


def small_here(path: Path) -> bytes:
    """As thumbnails were made before there were children."""
    still = images.identify(path)
    size = (256, round(256 * still.height_px / still.width_px))
    into = io.BytesIO()
    images.decode(path, near=(2 * size[0], 2 * size[1])).resize(size, Resampling.LANCZOS).save(into, "WEBP", quality=80)
    return into.getvalue()


def cpu_s() -> float:
    """Of this process; that of its children is told when they have ended."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def children() -> dict[int, tuple[float, int]]:
    """By process: processor seconds and resident bytes of those that this one has started."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        if int(stat[1]) == os.getpid():
            found[int(folder.name)] = ((int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK"), int(stat[21]) * 4096)
    return found


async def timed(work: Callable[[], Awaitable[object]]) -> float:
    """Milliseconds."""
    started = time.perf_counter()
    await work()
    return (time.perf_counter() - started) * 1000


async def worst_lag(until: "asyncio.Future[Any]") -> float:
    """Milliseconds by which the event loop came later than it was asked to."""
    worst = 0.0
    while not until.done():
        started = time.perf_counter()
        await asyncio.sleep(0.005)
        worst = max(worst, time.perf_counter() - started - 0.005)
    return worst * 1000


def resident() -> int:
    """Bytes of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


async def is_taken(data: bytes) -> bool:
    """Whether it is a picture."""
    try:
        await pictures.verify(io.BytesIO(data))
    except UnreadableImageError:
        return False
    return True


async def main() -> None:
    data = photograph()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "photograph.jpg")
        path.write_bytes(data)
        first = await timed(lambda: pictures.verify(io.BytesIO(data)))
        again = await timed(lambda: pictures.verify(io.BytesIO(data)))
        kinds: dict[str, Callable[[], Awaitable[object]]] = {
            "verified here": lambda: asyncio.to_thread(images.verify, io.BytesIO(data)),
            "verified in a child": lambda: pictures.verify(io.BytesIO(data)),
            "thumbnail here": lambda: asyncio.to_thread(small_here, path),
            "thumbnail in a child": lambda: pictures.thumbnail(path, 256, tallest=4),
        }
        took: dict[str, list[float]] = {kind: [] for kind in kinds}
        cpu: dict[str, float] = dict.fromkeys(kinds, 0.0)
        for _ in range(ROUNDS):
            for kind, work in kinds.items():
                before, of_children = cpu_s(), sum(used for used, _ in children().values())
                took[kind].append(await timed(work))
                cpu[kind] += cpu_s() - before + sum(used for used, _ in children().values()) - of_children
    print(f"{'':24}median   least     cpu   (ms, {ROUNDS} rounds, {len(data) / 1e6:.1f} MB)")
    for kind in kinds:
        print(
            f"{kind:24}{statistics.median(took[kind]):6.0f}  {min(took[kind]):6.0f}  {cpu[kind] / ROUNDS * 1000:6.0f}"
        )
    ratios = {
        name: (
            statistics.median(took[f"{name} in a child"]) / statistics.median(took[f"{name} here"]),
            cpu[f"{name} in a child"] / cpu[f"{name} here"],
        )
        for name in ("verified", "thumbnail")
    }
    for name, (of_time, of_cpu) in ratios.items():
        print(f"{name}: time {of_time:.2f}, processor {of_cpu:.2f} of what it is here")
    print(f"the first picture of a process {first:.0f} ms, the second {again:.0f} ms")
    made = await asyncio.to_thread(lambda: [one.data for one in hostile_pictures()])
    await asyncio.gather(*(is_taken(one) for one in made))  # once, so that what is imported and kept is there
    gc.collect()
    before = resident()
    asking = asyncio.ensure_future(asyncio.gather(*(is_taken(one) for one in made)))
    started = time.monotonic()
    lag = await worst_lag(asking)
    quiet = await worst_lag(asyncio.create_task(asyncio.sleep(time.monotonic() - started)))
    taken = sum(asking.result())
    gc.collect()
    grown = (resident() - before) / 1e6
    held = ", ".join(f"{size / 1e6:.0f} MB" for _, size in children().values())
    print(f"{len(made)} hostile files at once: {len(made) - taken} refused, {taken} read")
    print(f"the event loop's worst delay meanwhile {lag:.0f} ms; as long with nothing to do {quiet:.0f} ms")
    print(f"this process grew by {grown:.0f} MB; its children hold {held}")


if __name__ == "__main__":
    asyncio.run(main())
