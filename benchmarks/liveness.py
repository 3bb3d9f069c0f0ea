"""How much longer `/health/live` takes while four ultra tasks render: p99 over the idle p99 of the same run.

Each p99 is the median of five rounds: on a small machine one stray scheduling slice decides a single one. The goal is a
ratio of at most 3. Run it with ``make bench`` or ``python benchmarks/liveness.py [requests]``.
"""

import asyncio
import contextlib
import json
import os
import re
import statistics
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

REQUESTS = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
ROUNDS = 5
PACE_S = 0.005
GET = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def probe(port: int) -> list[float]:
    """Milliseconds of each of many probes over one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    took = []
    for _ in range(REQUESTS):
        begun = time.perf_counter()
        writer.write(GET)
        head = await reader.readuntil(b"\r\n\r\n")
        match = re.search(rb"content-length: (\d+)", head)
        assert head.startswith(b"HTTP/1.1 200")
        assert match
        await reader.readexactly(int(match[1]))
        took.append((time.perf_counter() - begun) * 1000)
        await asyncio.sleep(PACE_S)
    writer.close()
    return sorted(took)


def call(url: str, body: object = None) -> dict[str, object]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        found: dict[str, object] = json.load(answer)
        return found


def percentile(took: list[float], share: float) -> float:
    return took[min(int(len(took) * share), len(took) - 1)]


def median(rounds: list[list[float]], share: float) -> float:
    return statistics.median(percentile(took, share) for took in rounds)


def tell(name: str, rounds: list[list[float]]) -> None:
    at = {share: median(rounds, share) for share in (0.5, 0.9, 0.99)}
    print(f"{name:>22}  " + "  ".join(f"p{share * 100:g} {ms:.2f} ms" for share, ms in at.items()))


async def main() -> None:
    with tempfile.TemporaryDirectory() as workspace, contextlib.ExitStack() as stack:
        settings = {"WORKSPACE_ROOT": workspace, "MAX_CONCURRENT_TASKS": "4", "SHUTDOWN_DRAIN": "0"}
        log = stack.enter_context(open(Path(workspace, "log"), "w"))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "auteur.entrypoints.cli", "serve", "--port", "0",
            env={**os.environ, **{f"BACKEND_{name}": value for name, value in settings.items()}},
            stderr=log,
        )  # fmt: skip
        try:
            while not (found := re.search(r"http://[\d.:]+", Path(workspace, "log").read_text())):
                await asyncio.sleep(0.05)
            url = found[0]
            port = int(url.rpartition(":")[2])
            await asyncio.sleep(1.5)
            await probe(port)  # warm
            idle = [await probe(port) for _ in range(ROUNDS)]
            prompts = [
                "a lighthouse at dusk",
                "two friends in a forest, fog",
                "a city at night, rain",
                "a kitchen at noon",
            ]
            for prompt in prompts:
                body = {"task_type": "text_to_image", "quality": "ultra", "params": {"prompt": prompt}}
                call(f"{url}/api/v1/projects/bench/tasks", body)
            tasks = f"{url}/api/v1/projects/bench/tasks?status=running"
            while sum(task["progress"] > 0.005 for task in call(tasks)["tasks"]) < 4:  # type: ignore[attr-defined]
                await asyncio.sleep(0.1)
            busy = [await probe(port) for _ in range(ROUNDS)]
            still = len(call(tasks)["tasks"])  # type: ignore[arg-type]
        finally:
            process.terminate()
            await process.wait()
    tell("idle", idle)
    tell("four ultra tasks", busy)
    ratio = median(busy, 0.99) / median(idle, 0.99)
    print(f"{still} of 4 were rendering to the end; p99 ratio {ratio:.2f}, goal 3")


asyncio.run(main())
