"""How long the page's thread is held while ten thousand takes are scrolled and fifty messages a second arrive.

The goal is no task over 50 ms. Told are the longest of each arrangement by the clock, which counts what else the
machine does meanwhile, and by the thread's own processor time, which does not. Run it by ``python benchmarks/page.py``
where nothing else runs; it ends with 1 if a task took more processor time than the goal.
"""

import asyncio
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.e2e.browser import windows
from tests.e2e.studio import Service
from tests.e2e.test_page_large import SCROLL, TALKERS, fill, keep_talking, opened

GOAL_MS = 50
SCREENS = 60


def held_ms(trace: Path) -> tuple[list[float], list[float]]:
    """Tasks of the page's thread, the longest first: by the clock, and by its processor time."""
    events: list[dict[str, Any]] = json.loads(trace.read_text())["traceEvents"]
    main = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    tasks = [
        event
        for event in events
        if event["ph"] == "X" and event["name"].endswith("RunTask") and (event["pid"], event["tid"]) in main
    ]
    by_clock = sorted((task["dur"] / 1000 for task in tasks), reverse=True)
    return by_clock, sorted((task.get("tdur", 0) / 1000 for task in tasks), reverse=True)


async def measured(workspace: Path, arrangement: str) -> float:
    """Scrolls, and says what it took; the longest task in ms of processor time."""
    os.environ["STUDIO_SITE"] = str(workspace / "site")
    service = await Service(workspace, max_concurrent_tasks=TALKERS).start()
    trace = workspace / "trace.json"
    try:
        async with windows(service) as opening, service.socket("film") as socket:
            page = await opening.open("/?project=film")
            await opened(page, arrangement)
            await keep_talking(service)
            await socket.wait(lambda message: message["type"] == "progress" and message["progress"] > 0)
            browser = page.context.browser
            assert browser is not None
            await browser.start_tracing(page=page, path=trace, categories=["toplevel", "devtools.timeline"])
            before, began = len(socket.heard), asyncio.get_running_loop().time()
            await page.evaluate(SCROLL, SCREENS)
            rate = (len(socket.heard) - before) / (asyncio.get_running_loop().time() - began)
            await browser.stop_tracing()
    finally:
        await service.kill()
    by_clock, by_processor = held_ms(trace)
    over = sum(one > GOAL_MS for one in by_clock)
    print(
        f"{arrangement}: {rate:.0f} messages a second; longest task {by_processor[0]:.0f} ms of processor time, "
        f"{by_clock[0]:.0f} ms by the clock ({over} over {GOAL_MS} ms of {len(by_clock)})"
    )
    return by_processor[0]


async def main() -> int:
    with tempfile.TemporaryDirectory() as directory:
        filled = Path(directory) / "filled"
        filled.mkdir()
        await fill(filled)
        longest = [
            await measured(Path(shutil.copytree(filled, Path(directory) / arrangement)), arrangement)
            for arrangement in ("newest", "shots")
        ]
    return int(max(longest) > GOAL_MS)


sys.exit(asyncio.run(main()))
