"""How long a project waits while another floods: against its wait beside one that asks for no more than can run.

Ratio of medians over ``rounds``; the promise is at most 2. Run it with ``python benchmarks/fairness.py [rounds]``.
"""

import asyncio
import statistics
import sys
import tempfile
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.e2e.studio import TINY, Service, Worker
from tests.servers import RedisServer

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
    with tempfile.TemporaryDirectory() as directory:
        workspace = Path(directory) / "workspace"
        workspace.mkdir()
        server = RedisServer(Path(directory) / "redis").start()
        api = await Service(workspace, redis_url=server.url, run_tasks="false").start()
        worker = await Worker(workspace, "--concurrency", str(SLOTS), redis_url=server.url).start()
        try:
            await asyncio.sleep(3)
            alone = [await wait_beside(api, 0, f"alone-{n}") for n in range(ROUNDS)]
            fair = [await wait_beside(api, WINDOW, f"fair-{n}") for n in range(ROUNDS)]
            flood = [await wait_beside(api, FLOOD, f"flood-{n}") for n in range(ROUNDS)]
        finally:
            for process in (api, worker):
                await process.kill()
            server.stop()
    for name, waits in (("alone", alone), ("beside four tasks", fair), ("beside ninety-five", flood)):
        print(f"{name}: median {statistics.median(waits):.3f} s, worst {max(waits):.3f} s")
    print(f"ratio: {statistics.median(flood) / statistics.median(fair):.2f} (promise 2)")


if __name__ == "__main__":
    asyncio.run(main())
