"""How long a project waits while another floods: against its wait beside one that asks for no more than can run.

Ratio of medians over ``rounds``; the promise is at most 2. Run it with ``python benchmarks/fairness.py [rounds]``:
embedded, and on a fleet of one worker.
"""

import asyncio
import statistics
import sys
import tempfile
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.e2e.studio import TINY, Service
from tests.faults.matrix import keep
from tests.faults.site import site_of

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 7
SLOTS, WINDOW, FLOOD = 2, 4, 95
PARAMS = {**TINY, "steps": 4}


async def wait_beside(api: Service, others: int, name: str) -> float:
    """Seconds from acceptance to start of a task that comes after so many of another project."""
    body = {"task_type": "text_to_image", "quality": "draft", "params": PARAMS}
    async with api.http() as http, api.socket(f"quiet-{name}") as quiet, api.socket(f"loud-{name}") as loud:
        asked = [(await http.post(f"/api/v1/projects/loud-{name}/tasks", json=body)).json() for _ in range(others)]
        task = await quiet.start(PARAMS)
        done = await quiet.ending(task)
        accepted = next(m for m in quiet.heard if m["type"] == "task_started")
        begun = next(m for m in quiet.heard if m["type"] == "progress")
        for one in asked:
            await loud.ending(one["task_id"], 120)
        assert done["type"] == "complete"
    return (datetime.fromisoformat(begun["timestamp"]) - datetime.fromisoformat(accepted["timestamp"])).total_seconds()


async def main() -> None:
    for on in ("embedded", "fleet"):
        with tempfile.TemporaryDirectory() as directory:
            async with site_of(
                on, Path(directory), max_concurrent_tasks=SLOTS, engine_priority="normal", ws_messages_per_second=1000
            ) as site:
                await asyncio.sleep(3)
                alone, fair, flood = [
                    [await wait_beside(site.service, others, f"{others}-{n}") for n in range(ROUNDS)]
                    for others in (0, WINDOW, FLOOD)
                ]
        for name, waits in (("alone", alone), ("beside four tasks", fair), ("beside ninety-five", flood)):
            print(f"{on}, {name}: median {statistics.median(waits):.3f} s, worst {max(waits):.3f} s")
        ratio = round(statistics.median(flood) / statistics.median(fair), 2)
        print(f"{on}: ratio {ratio:.2f} (promise 2)")
        keep("another project floods", on, ["P19"], figures={"P19": {"ratio": ratio}})


if __name__ == "__main__":
    asyncio.run(main())
