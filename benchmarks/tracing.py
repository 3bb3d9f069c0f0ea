"""What traces cost: processor time for each task of an engine that does nothing, with traces told and without.

Two services, one of them with a collector, asked in turns so that what else the machine does falls on both; from the
request over HTTP to the recorded ending. Run it with ``python benchmarks/tracing.py [tasks]``.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.e2e.collector import Collector
from tests.processor import cpu_s
from tests.servers import free_port

HOME = Path(__file__).parents[1]
TASKS = int(sys.argv[1]) if len(sys.argv) > 1 else 100
ROUNDS = 6
BODY = {"task_type": "noop", "quality": "draft", "params": {}}


def start(place: Path, port: int, **settings: str) -> subprocess.Popen[bytes]:
    given = {f"BACKEND_{name.upper()}": value for name, value in settings.items()}
    environment = {**os.environ, "BACKEND_WORKSPACE_ROOT": str(place), "BACKEND_LOG_LEVEL": "ERROR", **given}
    command = [sys.executable, str(HOME / "benchmarks" / "noop.py"), "serve", "--port", str(port)]
    return subprocess.Popen(command, env=environment, cwd=place, stderr=subprocess.DEVNULL)


async def make(http: httpx.AsyncClient, number: int) -> None:
    """So many tasks, one after another, each to its ending."""
    for _ in range(number):
        answer = (await http.post("/api/v1/projects/film/tasks", json=BODY)).raise_for_status()
        while not (await http.get(answer.headers["location"])).json()["ended_at"]:
            await asyncio.sleep(0.002)


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with Collector() as collector:
            services = {}
            for name in ("without", "with"):
                place = Path(folder, name)
                place.mkdir()
                told = {"traces_endpoint": f"{collector.url}/v1/traces"} if name == "with" else {}
                port = free_port()
                services[name] = (
                    start(place, port, **told),
                    httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60),
                )
            try:
                for _, http in services.values():
                    while True:
                        try:
                            if (await http.get("/health/ready")).status_code == 200:
                                break
                        except httpx.TransportError:
                            await asyncio.sleep(0.1)
                    await make(http, 20)
                spent: dict[str, list[float]] = {"without": [], "with": []}
                for _ in range(ROUNDS):
                    for name, (process, http) in services.items():
                        before = cpu_s(process.pid)
                        await make(http, TASKS)
                        spent[name].append((cpu_s(process.pid) - before) / TASKS * 1000)
            finally:
                for process, http in services.values():
                    process.terminate()
                    await http.aclose()
                    await asyncio.to_thread(process.wait)
            off, on = (statistics.median(spent[name]) for name in ("without", "with"))
            print(f"without traces   {off:6.2f} ms of processor time a task")
            print(f"with traces      {on:6.2f} ms   {on / off:4.2f} times; {len(collector.spans)} spans came")


asyncio.run(main())
