"""What a task costs in the fleet: no-op tasks per CPU-second through API, log, queue and worker, to the bare engine's.

Both in one run, on one server, in CPU time of all processes that serve (the client that asks is not counted; the bare
engine's sender is). Also says what each part costs. Run it with ``python benchmarks/fleet.py [tasks]``.
"""

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.processor import cpu_s
from tests.servers import RedisServer

TASKS = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
PROJECTS = 20
HERE = Path(__file__).parent
used_s = partial(cpu_s, with_ended_children=True)


def start(name: str, *words: str, environment: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, str(HERE / name), *words],
        env={**os.environ, "PYTHONPATH": str(HERE.parent), **(environment or {})},
        stderr=subprocess.PIPE,
    )


def until(process: subprocess.Popen[bytes], pattern: str) -> str:
    assert process.stderr is not None
    while line := process.stderr.readline().decode():
        if found := re.search(pattern, line):
            os.set_blocking(process.stderr.fileno(), False)
            return found[1] if found.groups() else ""
    raise SystemExit("a process did not start")


def bare(server: RedisServer) -> float:
    """Tasks per CPU-second of the engine alone."""
    assert server.process is not None
    worker = start("bare.py", "work", server.url)
    time.sleep(2)
    before = used_s(server.process.pid) + used_s(worker.pid)
    own = os.times()
    subprocess.run([sys.executable, str(HERE / "bare.py"), "kick", server.url, str(TASKS)], check=True)
    started = time.monotonic()
    while server.ask("XPENDING", "bare", "taskiq") != b"*4" or not drained(server):
        assert time.monotonic() - started < 60
        time.sleep(0.05)
    sender = os.times().children_user + os.times().children_system - own.children_user - own.children_system
    idle = subprocess_start_s()
    spent = used_s(server.process.pid) + used_s(worker.pid) - before + sender - idle
    worker.kill()
    worker.wait()
    return TASKS / spent


def subprocess_start_s() -> float:
    """What the sender takes to start, which is no task's cost."""
    return float(
        subprocess.run(
            [sys.executable, "-c", "import time, taskiq_redis, taskiq.receiver; print(time.process_time())"],
            check=True, capture_output=True,
        ).stdout
    )  # fmt: skip


def drained(server: RedisServer) -> bool:
    import socket

    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"XINFO GROUPS bare\r\n")
        said = connection.recv(4096).decode()
    found = re.search(r"pending\r\n:(\d+).*entries-read\r\n:(\d+)", said, re.S)
    return bool(found) and found[1] == "0" and int(found[2]) >= TASKS


async def ours(server: RedisServer, directory: Path) -> dict[str, float]:
    """CPU milliseconds a task of each part."""
    assert server.process is not None
    environment = {
        "BACKEND_REDIS_URL": server.url,
        "BACKEND_WORKSPACE_ROOT": str(directory),
        "BACKEND_MAX_QUEUED_PER_PROJECT": "100000",
        "BACKEND_LOG_LEVEL": "WARNING",
        "BACKEND_RUN_TASKS": "false",
    }
    api = start("noop.py", "serve", "--port", "0", environment=environment)
    worker = start("noop.py", "worker", "--concurrency", "20", environment=environment)
    try:
        return await spend(server, api, worker)
    finally:
        for process in (api, worker):
            process.kill()
            process.wait()


async def spend(
    server: RedisServer, api: "subprocess.Popen[bytes]", worker: "subprocess.Popen[bytes]"
) -> dict[str, float]:
    """Has all tasks made by processes that are starting."""
    assert server.process is not None
    url = until(api, r"listens on (http\S+)")
    until(worker, r"stop with")
    await asyncio.sleep(3)
    parts = {"api": api.pid, "server": server.process.pid, "worker": worker.pid}
    before = {name: used_s(pid) for name, pid in parts.items()}
    await asyncio.sleep(3)
    idle = {name: (used_s(pid) - before[name]) / 3 for name, pid in parts.items()}
    before = {name: used_s(pid) for name, pid in parts.items()}
    began = time.monotonic()
    async with httpx.AsyncClient(base_url=url, timeout=60) as http:

        async def ask(number: int) -> None:
            body = {"task_type": "noop", "quality": "draft", "params": {}}
            answer = await http.post(f"/api/v1/projects/film-{number % PROJECTS}/tasks", json=body)
            assert answer.status_code == 202, answer.text

        for first in range(0, TASKS, 20):
            await asyncio.gather(*(ask(number) for number in range(first, min(first + 20, TASKS))))
        asked_s = time.monotonic() - began
        ended = 0
        while ended < TASKS:
            await asyncio.sleep(0.2)
            ended = sum(
                [int(server.ask("ZCARD", f"auteur:project:{{film-{n}}}:succeeded")[1:]) for n in range(PROJECTS)]
            )
    took_s = time.monotonic() - began
    spent = {name: (used_s(pid) - before[name]) * 1000 / TASKS for name, pid in parts.items()}
    print(f"asked in {asked_s:.1f} s, ended in {took_s:.1f} s: {TASKS / took_s:.0f} tasks/s")
    print("idle CPU, share of a core: " + ", ".join(f"{name} {share:.1%}" for name, share in idle.items()))
    return spent


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        server = RedisServer(Path(directory) / "redis").start()
        try:
            alone = bare(server)
            spent = asyncio.run(ours(server, Path(directory) / "workspace"))
        finally:
            server.stop()
    total_ms = sum(spent.values())
    print(f"bare engine: {alone:.0f} tasks per CPU-second, {1000 / alone:.2f} ms a task")
    print("auteur: " + ", ".join(f"{name} {ms:.2f} ms" for name, ms in spent.items()) + f", in all {total_ms:.2f} ms")
    print(f"ratio: {1000 / total_ms / alone:.2f} (goal 0.5)")


if __name__ == "__main__":
    main()
