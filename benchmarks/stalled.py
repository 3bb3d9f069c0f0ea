"""What clients that never read cost the others: p99 of event delays with 50 stalled sockets over the p99 with none.

The goal is a ratio of at most 1.5, at most 1 MiB for each, and all gone within 20 s. A delay is from the event's own
time to its arrival at a client that reads. Run it with ``python benchmarks/stalled.py``: embedded, and on a fleet.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.faults.matrix import keep
from tests.faults.site import site_of
from tests.faults.stalled import measure

TASKS = 60
STALLED = 50


async def main() -> None:
    for on in ("embedded", "fleet"):
        with tempfile.TemporaryDirectory() as directory:
            async with site_of(on, Path(directory), log_level="ERROR", engine_priority="normal") as site:
                found = await measure(site.service, tasks=TASKS, clients=STALLED)
        keep("50 clients that never read", on, ["P10"], figures={"P10": found})
        print(f"{on}: " + ", ".join(f"{name} {value:g}" for name, value in found.items()) + " (goal: ratio 1.5)")


asyncio.run(main())
