"""What the log in Redis costs: time for each event; memory for each ended task, key by key, and for each event.

Tasks as previs makes them: a prompt of 80 characters of its own, parameters with their origins, metadata, a shot, one
picture, and what was understood of the sentence. Alone on the server, from one process, at most 32 calls at a time;
times of the server are its own (INFO commandstats). Memory of a kind of keys is the sum of MEMORY USAGE over all of
them (SAMPLES 0); the whole is checked against what `used_memory` grew by, once the logs are deleted. Goal: under
1.5 KiB for each ended task, its record and its share of the indexes. Run it with ``python benchmarks/log.py [tasks]``.
"""

import asyncio
import os
import random
import sys
import tempfile
import time
import uuid
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.servers import RedisServer

from auteur.adapters.log.redis.bus import RedisProgressBus
from auteur.adapters.redis.database import RedisDatabase
from auteur.domain.events import TaskProgressed, TaskQueued, TaskStarted, TaskSucceeded
from auteur.domain.task import Artifact, TaskRequest, TaskResult

TASKS = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
PROJECTS, PROGRESS, TAKES = 4, 8, 5
GOAL_BYTES = 1536

SIZES = ("wide shot", "medium shot", "close-up", "extreme wide shot", "two shot")
WHO = ("a lighthouse keeper", "an old woman", "two boys on bicycles", "a red lorry", "nobody", "a tired detective")
WHERE = ("on a pier", "in a kitchen", "at the edge of a forest", "in a narrow street", "on a roof", "by the harbour")
WHEN = ("at dusk", "in the rain", "before sunrise", "at noon, hard light", "at night under a neon sign", "in thick fog")
EXTRAS = ("low angle", "handheld", "35mm lens", "seen through a window", "with long shadows", "a dog runs past")


def a_prompt(chance: random.Random) -> str:
    said = f"{chance.choice(SIZES)} of {chance.choice(WHO)} {chance.choice(WHERE)} {chance.choice(WHEN)}"
    while len(said) < 80:
        said += f", {chance.choice(EXTRAS)}"
    return said[:80]


def a_request(number: int, prompt: str, seed: int) -> TaskRequest:
    given = {"prompt": "caller", "steps": "preset", "width_px": "preset", "height_px": "preset"}
    return TaskRequest(
        task_type="text_to_image",
        quality="standard",
        params={"prompt": prompt, "width_px": 1024, "height_px": 1024, "steps": 20, "style": "previs", "seed": seed},
        origins={**given, "style": "engine", "seed": "engine"},
        lane="standard",
        timeout_s=300.0,
        message_id=str(uuid.uuid4()),
        fingerprint=random.randbytes(32).hex(),
        queue_position=1,
        request_id=f"req_{uuid.uuid4().hex}",
        shot=f"{number // PROJECTS // TAKES}A",
        estimate_s=4.2,
    )


def a_result(path: str, request: TaskRequest, chance: random.Random) -> TaskResult:
    frame = Artifact(
        name="frame.png",
        kind="image",
        path=path,
        media_type="image/png",
        size_bytes=chance.randrange(600_000, 1_900_000),
        sha256=chance.randbytes(32).hex(),
        width_px=1024,
        height_px=1024,
    )
    return TaskResult(
        engine="previs",
        artifacts=(frame,),
        params=request.params,
        seed=request.params["seed"],
        metrics={"passes": 20, "forms": chance.randrange(40, 120), "render_s": round(chance.uniform(2, 9), 3)},
        understood={
            "size": chance.choice(("wide", "medium", "close_up")),
            "angle": "eye",
            "lens_mm": chance.choice((28.0, 35.0, 50.0)),
            "f_stop": 4.0,
            "time_of_day": chance.choice(("dusk", "night", "day")),
            "weather": chance.choice(("clear", "rain", "fog")),
            "interior": False,
            "place": chance.choice(("coast", "street", "forest")),
            "people": chance.randrange(3),
            "pose": None,
            "props": [chance.choice(("lighthouse", "car", "lamp"))],
            "move": None,
            "said": ["place", "props", "size", "time_of_day"],
        },
    )


async def one(bus: RedisProgressBus, number: int) -> None:
    """A task's life."""
    chance = random.Random(number)
    project, task_id = f"film-{number % PROJECTS}", str(uuid.UUID(int=chance.getrandbits(128), version=5))
    metadata = {"scene": f"{number % 40}", "user": chance.choice(("ada", "jo", "kim"))}
    request = a_request(number, a_prompt(chance), chance.randrange(1 << 32))

    def of() -> dict[str, Any]:
        return {"project_id": project, "task_id": task_id, "at": datetime.now(UTC), "metadata": metadata}

    await bus.publish(TaskQueued(**of(), request=request))
    await bus.publish(TaskStarted(**of(), attempt=1, worker="auteur-backend/machine-7/1/abcdef12", eta_s=4.2))
    for step in range(PROGRESS):
        share, said = step / PROGRESS, f"Pass {step + 1} of 20"
        await bus.publish(TaskProgressed(**of(), attempt=1, progress=share, stage="rendering", message=said, eta_s=3.0))
    result = a_result(f"{project}/{task_id}/1/frame.png", request, chance)
    await bus.publish(TaskSucceeded(**of(), attempt=1, result=result, duration_s=4.213))


async def key_sizes(database: RedisDatabase) -> dict[str, int]:
    """Bytes by kind of key: what comes after the project's hash tag, without names."""
    sizes: dict[str, int] = defaultdict(int)
    cursor = "0"
    while True:
        (answer,) = await database.execute(("SCAN", cursor, "COUNT", 1000))
        cursor, keys = answer[0], answer[1]
        used = await database.execute(*(("MEMORY", "USAGE", key, "SAMPLES", 0) for key in keys)) if keys else []
        for key, size in zip(keys, used, strict=True):
            kind = key.decode().removeprefix(database.key("")).rpartition("}:")[2].partition(":")[0]
            sizes[kind] += size or 0
        if int(cursor) == 0:
            return sizes


async def used_bytes(database: RedisDatabase) -> int:
    while True:
        found = (await database.execute(("INFO", "memory")))[0]
        if not found["lazyfree_pending_objects"]:
            return int(found["used_memory"]) - int(found["mem_aof_buffer"]) - int(found["mem_clients_normal"])
        await asyncio.sleep(0.05)


async def measure(server: RedisServer) -> None:
    async with RedisDatabase.at(server.url, deadline_s=10) as database:
        bus = RedisProgressBus(database, history_limit=1_000_000)
        await one(bus, TASKS)
        server.ask("CONFIG", "RESETSTAT")
        empty = await used_bytes(database)
        began, own = time.monotonic(), time.process_time()
        gate = asyncio.Semaphore(32)

        async def gated(number: int) -> None:
            async with gate:
                await one(bus, number)

        await asyncio.gather(*(gated(number) for number in range(TASKS)))
        took_s, own_s = time.monotonic() - began, time.process_time() - own
        events = TASKS * (PROGRESS + 3)
        evalsha = (await database.execute(("INFO", "commandstats")))[0]["cmdstat_evalsha"]
        sizes = await key_sizes(database)
        await database.execute(*(("DEL", database.key(f"{{film-{number}}}:log")) for number in range(PROJECTS)))
        kept = await used_bytes(database) - empty
    print(f"{events / took_s:.0f} events/s from one process, which took {own_s / events * 1e6:.0f} us of CPU an event")
    print(f"the server: {evalsha['usec_per_call']:.0f} us a script, {evalsha['calls'] / events:.2f} scripts an event")
    print(f"\n{TASKS} ended tasks in {PROJECTS} projects, {TAKES} takes a shot; bytes for each of them by kind of key:")
    log = sizes.pop("log")
    for kind, size in sorted(sizes.items(), key=lambda item: -item[1]):
        if size / TASKS >= 0.5:
            print(f"  {kind:12} {size / TASKS:7.0f}")
    total = sum(sizes.values()) / TASKS
    print(f"  in all       {total:7.0f}, goal {GOAL_BYTES}")
    print(f"the log: {log / events:.0f} bytes an event, {log / TASKS:.0f} for all {PROGRESS + 3} events of a task")
    print(f"without the logs, used_memory is {kept / TASKS:.0f} bytes a task above what it was")
    print(f"cores: {os.cpu_count()}")


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        server = RedisServer(Path(directory) / "redis").start()
        try:
            asyncio.run(measure(server))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
