"""What an idle socket holds and costs: its share of memory beside the bare server's, and processor time.

Run it with ``python benchmarks/idle.py [sockets]``. The floor is uvicorn with an application that accepts and
waits, in a process of its own.
"""

import asyncio
import resource
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.crowd import listener, said, start
from tests.e2e.studio import Service

SOCKETS = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdigit() else 1500
WARM = 100
WATCHED_S = 10


async def hold(scope: Any, receive: Any, send: Any) -> None:
    """Accepts, and waits."""
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        pass


def bare() -> None:
    import uvicorn

    door = socket.create_server(("127.0.0.1", 0), backlog=4096)
    print(door.getsockname()[1], flush=True)
    config = uvicorn.Config(hold, log_config=None, ws_per_message_deflate=False, ws="websockets-sansio", lifespan="off")
    uvicorn.Server(config).run([door])


def resident_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


def worked_s(pid: int) -> float:
    """Processor time of all threads, to the nanosecond."""
    return sum(int((each / "schedstat").read_text().split()[0]) for each in Path(f"/proc/{pid}/task").iterdir()) / 1e9


def of(pid: int, port: int, path: str) -> tuple[float, float]:
    """KiB of a socket, and milliseconds of processor time a second, of all."""
    held: list[subprocess.Popen[str]] = []
    try:
        held.append(listener(port, path, WARM, 0))
        time.sleep(2)
        before = resident_kib(pid)
        held.append(listener(port, path, SOCKETS, 0))
        time.sleep(4)
        each = (resident_kib(pid) - before) / SOCKETS
        began = worked_s(pid)
        time.sleep(WATCHED_S)
        return each, (worked_s(pid) - began) / WATCHED_S * 1000
    finally:
        for process in held:
            process.kill()
            process.wait()


async def main() -> None:
    with start(sys.executable, __file__, "bare") as server:
        port = int(said(server))
        time.sleep(1)
        floor, floor_ms = await asyncio.to_thread(of, server.pid, port, "/")
        server.kill()
    with tempfile.TemporaryDirectory() as directory:
        service = await Service(
            Path(directory), max_connections=8192, max_connections_per_address=8192,
            log_level="ERROR",
        ).start()  # fmt: skip
        assert service.process is not None
        pid = service.process.pid
        try:
            began = worked_s(pid)
            await asyncio.sleep(WATCHED_S)
            alone_ms = (worked_s(pid) - began) / WATCHED_S * 1000
            each, all_ms = await asyncio.to_thread(of, pid, int(service.url.rsplit(":", 1)[1]), "/ws/film")
        finally:
            await service.kill()
    print(f"an idle socket: {each:.1f} KiB, {each / floor:.2f} of uvicorn's ({floor:.1f} KiB)")
    print(
        f"idle, a second: {alone_ms:.2f} ms with none, {all_ms:.2f} ms with {SOCKETS + WARM};"
        f" uvicorn {floor_ms:.2f} ms with as many"
    )


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    if "bare" in sys.argv:
        bare()
    else:
        asyncio.run(main())
