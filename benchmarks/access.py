"""What it costs to say who asks: processor time of the service for a small request that shows nothing, a token, or a
session, in turns on the same service; and on a fleet, where sessions are kept in Redis.

Run it with ``python benchmarks/access.py [requests of each kind]``. Prints the ratio to showing nothing.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.e2e.studio import Service
from tests.processor import cpu_s
from tests.servers import RedisServer

REQUESTS = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
ROUNDS = 5
OPERATOR = "operator-" + "o" * 40
PATH = "/api/v1/task-types"


async def measure(name: str, workspace: Path, **settings: object) -> None:
    """An open service, so that what shows nothing is answered, too."""
    service = await Service(workspace, token=OPERATOR, allow_anonymous=True, **settings).start()
    try:
        async with httpx.AsyncClient(base_url=service.url) as http:
            bearer = {"Authorization": f"Bearer {OPERATOR}"}
            signed_in = await http.post("/api/v1/session", headers=bearer)
            http.cookies.clear()
            cookie = {"Cookie": signed_in.headers["set-cookie"].partition(";")[0]}
            kinds = {"nothing": {}, "token": bearer, "session": cookie}
            spent = dict.fromkeys(kinds, 0.0)
            for _ in range(ROUNDS):
                for kind, headers in kinds.items():
                    before = cpu_s(service.process.pid)
                    for _ in range(REQUESTS // ROUNDS):
                        assert (await http.get(PATH, headers=headers)).status_code == 200
                    spent[kind] += cpu_s(service.process.pid) - before
        for kind, seconds in spent.items():
            per_us = seconds / REQUESTS * 1e6
            print(f"{name:9} {kind:8} {per_us:6.0f} us a request, {seconds / spent['nothing']:.2f} of showing nothing")
    finally:
        await service.kill()


async def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        await measure("embedded", Path(directory))
        server = RedisServer(Path(directory) / "redis").start()
        await measure("fleet", Path(directory), redis_url=server.url)
        server.stop()


asyncio.run(main())
