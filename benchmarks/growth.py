"""What an older project costs: the same steps with 10, 1 000, 10 000 and 100 000 ended tasks, as ratios to 10.

Each step is measured in CPU time of this process (both threads of the embedded file) and, on Redis, of the server, and
in Redis commands: the least of several rounds, as other programs only ever add. The tasks are made through the log's
own port, with the records and events of real ones; growth goes on in one log. Pages are of ten, so that all sizes
return as much. After each restart the first task is read, and found by paging and by search. Also: the same for many
projects, memory, and what an idle service costs.

    python benchmarks/growth.py [sqlite|redis|projects|service] [largest]
"""

import asyncio
import gc
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from websockets.sync.client import connect

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.ears import Hearer
from tests.fakes import a_request
from tests.processor import cpu_s
from tests.servers import RedisServer

from auteur.adapters.live.feed import ProjectFeed
from auteur.adapters.log.redis.bus import RedisProgressBus
from auteur.adapters.log.redis.store import RedisStateStore
from auteur.adapters.log.sqlite.bus import SqliteProgressBus
from auteur.adapters.log.sqlite.database import SqliteDatabase
from auteur.adapters.log.sqlite.store import SqliteStateStore
from auteur.adapters.redis.database import RedisDatabase
from auteur.domain.events import TaskCancelled, TaskProgressed, TaskQueued, TaskStarted, TaskSucceeded
from auteur.domain.ports import ProgressBus, StateStore
from auteur.domain.project import ProjectReader
from auteur.domain.state import TaskQuery, words_of
from auteur.domain.task import Artifact, TaskResult

SIZES = (10, 1_000, 10_000, 100_000)
ROUNDS, REPEATS = 15, 20
PLACES = ("lighthouse", "desert", "forest", "city", "coast", "kitchen", "station", "bridge")


class Log:
    """The log under measurement, and how it is opened again."""

    def __init__(self, bus: ProgressBus, store: StateStore, database: Any, server: RedisServer | None) -> None:
        self.bus = bus
        self.store = store
        self.database = database
        self.server = server

    def server_cpu_s(self) -> float:
        return cpu_s(self.server.process.pid) if self.server and self.server.process else 0.0

    async def commands(self) -> int:
        """Commands that the server has carried out, those inside scripts included."""
        if self.server is None:
            return 0
        (stats,) = await self.database.execute(("INFO", "commandstats"))
        text = stats if isinstance(stats, dict) else {}
        return sum(value["calls"] for name, value in text.items() if name != "cmdstat_info")


@asynccontextmanager
async def sqlite(path: Path) -> AsyncIterator[Log]:
    async with SqliteDatabase(path) as database, SqliteProgressBus(database) as bus:
        yield Log(bus, SqliteStateStore(database), database, None)


@asynccontextmanager
async def redis(server: RedisServer) -> AsyncIterator[Log]:
    async with RedisDatabase.at(server.url, deadline_s=30) as database, RedisProgressBus(database) as bus:
        yield Log(bus, RedisStateStore(database), database, server)


def task_id(number: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, str(number)))


def queued(number: int, project_id: str = "film") -> TaskQueued:
    prompt = f"wide shot of a {PLACES[number % len(PLACES)]} at dusk, a man with a lamp waits, take {number}"
    params = {"prompt": prompt, "steps": 10, "width_px": 512, "height_px": 512, "style": "previs", "seed": number}
    request = a_request(
        task_type="text_to_image", quality="standard", params=params, origins=dict.fromkeys(params, "preset"),
        message_id=str(uuid.uuid5(uuid.NAMESPACE_URL, str(number))), fingerprint=f"{number:064x}", request_id="req_1",
    )  # fmt: skip
    metadata = {"scene": f"s{number % 97}", "user": "ann"}
    return TaskQueued(
        project_id=project_id, task_id=task_id(number), at=datetime.now(UTC), metadata=metadata, request=request
    )


def life(number: int, project_id: str = "film") -> tuple[TaskStarted, TaskSucceeded]:
    about: dict[str, Any] = {"project_id": project_id, "task_id": task_id(number), "at": datetime.now(UTC)}
    picture = Artifact(
        name="frame.png", kind="image", path=f"{project_id}/{task_id(number)}/1/frame.png", media_type="image/png",
        size_bytes=180_000 + number, sha256=f"{number * 7919:064x}", width_px=512, height_px=512,
    )  # fmt: skip
    result = TaskResult(
        engine="previs", artifacts=(picture,), params=queued(number).request.params, seed=number,
        metrics={"passes": 10, "forms": 41, "render_s": 1.234},
        understood={"size": "wide", "angle": "eye_level", "lens_mm": 28.0, "time": "dusk", "props": ["lamp"]},
    )  # fmt: skip
    return TaskStarted(**about, attempt=1, worker="auteur/host/1/abcd"), TaskSucceeded(
        **about, attempt=1, result=result, duration_s=1.3
    )


async def grow(log: Log, first: int, last: int, project_id: str = "film") -> None:
    gate = asyncio.Semaphore(32)

    async def make(number: int) -> None:
        async with gate:
            await log.bus.publish(queued(number, project_id))
            for event in life(number, project_id):
                await log.bus.publish(event)

    for start in range(first, last, 1000):
        await asyncio.gather(*(make(number) for number in range(start, min(start + 1000, last))))


Step = Callable[[int], Awaitable[Any]]


def steps(log: Log, size: int) -> dict[str, Step]:
    """What is measured, by name; each is given a number that was never given before."""
    reader = ProjectReader(log.store)
    feed = ProjectFeed(log.bus, reader, lambda: datetime.now(UTC), lambda: str(uuid.uuid4()))

    async def submit(number: int) -> None:
        await log.store.counts("film")
        await log.bus.publish(queued(number))

    async def record(number: int) -> None:
        started, ended = life(number)
        await log.bus.publish(started)
        about: dict[str, Any] = {"project_id": "film", "task_id": started.task_id, "at": started.at}
        await log.bus.publish(TaskProgressed(**about, attempt=1, progress=0.5, stage="rendering", message="Pass 5"))
        await log.bus.publish(ended)

    async def read(number: int) -> None:
        await log.store.task("film", task_id(number % size))

    async def greet(number: int) -> None:
        async with Hearer(feed).follow("film", None, resumes=False) as hearer:
            await hearer.until(lambda: hearer.is_level)

    async def first_page(number: int) -> None:
        await reader.page("film", TaskQuery(), None, 10)

    return {"submit": submit, "record": record, "read by id": read, "greeting": greet, "first page": first_page}


async def measure(log: Log, size: int, first: int) -> dict[str, tuple[float, float, float]]:
    """By step: microseconds of CPU here and on the server, and Redis commands; what was submitted ends in between."""
    spent: dict[str, list[tuple[float, float, float]]] = {}
    measured = steps(log, size)
    for turn in range(ROUNDS):
        numbers = range(first + turn * REPEATS, first + (turn + 1) * REPEATS)
        for name, step in measured.items():
            gc.collect()
            before = time.process_time(), log.server_cpu_s(), await log.commands()
            for number in numbers:
                await step(number)
            after = time.process_time(), log.server_cpu_s(), await log.commands()
            each = [(now - then) / REPEATS for now, then in zip(after, before, strict=True)]
            spent.setdefault(name, []).append((each[0] * 1e6, each[1] * 1e6, each[2]))
    return {
        name: (
            min(r[0] for r in rounds),
            statistics.mean(r[1] for r in rounds),
            statistics.median(r[2] for r in rounds),
        )
        for name, rounds in spent.items()
    }


async def find_the_first(log: Log, size: int) -> str:
    """The oldest task by id, by paging and by search."""
    first = task_id(0)
    began = time.process_time()
    assert (await log.store.task("film", first)).task.task_id == first
    by_id = time.process_time() - began
    pages, before_seq, seen = 0, None, set()
    while True:
        page = await log.store.tasks("film", TaskQuery(), before_seq=before_seq, limit=200)
        pages += 1
        assert seen.isdisjoint(task.task_id for task in page.tasks)
        seen |= {task.task_id for task in page.tasks}
        before_seq = page.next_seq
        if before_seq is None:
            break
    assert first in seen
    began, looked, before_seq = time.process_time(), 0, None
    query = TaskQuery(words=tuple(words_of("lighthouse lamp take 0")))
    while True:
        page = await log.store.tasks("film", query, before_seq=before_seq, limit=200)
        looked += 1
        before_seq = page.next_seq
        if any(task.task_id == first for task in page.tasks):
            break
        assert before_seq is not None, "the search does not find the first task"
    search = time.process_time() - began
    return (
        f"of {len(seen)} the first by id {by_id * 1000:.1f} ms, by {pages} pages, "
        f"by search in {looked} requests and {search * 1000:.0f} ms of CPU"
    )


def table(results: dict[int, dict[str, tuple[float, float, float]]]) -> None:
    sizes = list(results)
    for name in results[sizes[0]]:
        base = results[sizes[0]][name]
        cells = []
        for size in sizes:
            own, server, commands = results[size][name]
            cell = f"{own:6.0f} us x{own / base[0]:.2f}"
            if commands:
                cell += f" + server {server:4.0f} us, {commands:5.1f} commands x{commands / base[2]:.2f}"
            cells.append(f"{size}: {cell}")
        print(f"{name:10} " + " | ".join(cells), flush=True)


def resident_mb(pid: int | str = "self") -> float:
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


async def over_sizes(opened: Callable[[], Any], largest: int) -> None:
    results: dict[int, dict[str, tuple[float, float, float]]] = {}
    made = 0
    for size in (size for size in SIZES if size <= largest):
        async with opened() as log:
            await grow(log, made, size)
        async with opened() as log:  # after a restart
            results[size] = await measure(log, size, 10_000_000 * (len(results) + 1))
            print(f"{size}: {await find_the_first(log, size)}; resident {resident_mb():.0f} MB", flush=True)
        made = size
    table(results)


async def over_projects(opened: Callable[[], Any], largest: int) -> None:
    """Projects with one task each: submitting, the list of projects, and the memory of the process."""
    made = 0
    base: dict[str, float] = {}
    for size in (size for size in SIZES if size <= largest):
        async with opened() as log:
            for number in range(made, size):
                await log.bus.publish(queued(number, f"film-{number}"))
                for event in life(number, f"film-{number}"):
                    await log.bus.publish(event)
        async with opened() as log:
            cost: dict[str, float] = {}
            for name, step in {
                "submit": lambda n: log.bus.publish(queued(n, "film-3")),
                "first ten projects": lambda n: log.store.projects(after=None, limit=10),
                "unfinished": lambda n: log.store.unfinished(),
                "overdue": lambda n: log.store.overdue(datetime(2020, 1, 1, tzinfo=UTC), 100),
            }.items():
                rounds = []
                for turn in range(ROUNDS):
                    began = time.process_time()
                    for repeat in range(10):
                        await step(size * 1000 + turn * 10 + repeat + 50_000_000)
                    rounds.append((time.process_time() - began) / 10 * 1e6)
                cost[name] = statistics.median(rounds)
            base = base or cost
            told = ", ".join(f"{name} {us:.0f} us x{us / base[name]:.2f}" for name, us in cost.items())
            print(f"{size} projects: {told}; resident {resident_mb():.0f} MB", flush=True)
            await end_all(log, "film-3")
        made = size


async def end_all(log: Log, project_id: str) -> None:
    """What was only submitted ends."""
    while tasks := (await log.store.open_tasks(project_id, limit=200)).tasks:
        for task in tasks:
            about: dict[str, Any] = {"project_id": project_id, "task_id": task.task_id, "at": datetime.now(UTC)}
            await log.bus.publish(TaskCancelled(**about, attempt=0))


def talk(url: str, http: httpx.Client, size: int) -> str:
    """A client that takes no frame beyond 256 KiB: connects, pages through all, hears what is new, and resumes."""
    socket_url = url.replace("http", "ws", 1) + "/ws/film"
    largest = 0
    with connect(socket_url, max_size=256 << 10) as socket:
        text = socket.recv()
        largest = max(largest, len(text))
        greeting = json.loads(text)
        found = [task["task_id"] for task in greeting["state"]["tasks"]]
        cursor, pages = greeting["state"]["next"], 0
        while cursor is not None:
            page = http.get("/api/v1/projects/film/tasks", params={"cursor": cursor, "limit": 200}).json()
            found += [task["task_id"] for task in page["tasks"]]
            cursor, pages = page["next"], pages + 1
        assert len(found) == len(set(found)) == size, "each task once"
        params = {"prompt": "a field", "width": 64, "height": 64, "steps": 1}
        socket.send(json.dumps({"type": "start_generation", "task_type": "text_to_image", "params": params}))
        ended = False
        while not ended:
            message = json.loads(socket.recv())
            ended = message["type"] in ("complete", "error")
    with connect(f"{socket_url}?after={greeting['position']}", max_size=256 << 10) as socket:
        assert json.loads(socket.recv())["recovered"]
        again = [json.loads(socket.recv())["type"]]
        while again[-1] not in ("complete", "error"):
            again.append(json.loads(socket.recv())["type"])
    assert again[0] == "task_started"
    return f"a greeting of {largest} bytes, all {size} once in {pages} pages, live and resumed"


def service(directory: Path, largest: int) -> None:
    """A real service on an old file: memory and idle CPU beside one on a young file; the first picture downloads."""
    seen: dict[int, tuple[float, float]] = {}
    for size in (10, largest):
        root = directory / str(size)

        async def make(size: int = size, root: Path = root) -> None:
            async with sqlite(root / ".auteur" / "auteur.db") as log:
                await grow(log, 0, size)

        asyncio.run(make())
        picture = root / "film" / task_id(0) / "1" / "frame.png"
        picture.parent.mkdir(parents=True)
        picture.write_bytes(b"\x89PNG" + b"x" * 1000)
        environment = {**os.environ, "BACKEND_WORKSPACE_ROOT": str(root), "BACKEND_LOG_LEVEL": "WARNING"}
        process = subprocess.Popen(
            [sys.executable, "-m", "auteur", "serve", "--port", "0"], env=environment, stderr=subprocess.PIPE, text=True
        )
        assert process.stderr is not None
        try:
            url = ""
            for line in process.stderr:
                if found := re.search(r"listens on (http\S+)", line):
                    url = found[1]
                    break
            with httpx.Client(base_url=url, timeout=30) as http:
                home = "/api/v1/projects/film"
                assert http.get(f"{home}/tasks/{task_id(0)}").json()["status"] == "succeeded"
                assert http.get(f"{home}/artifacts/{task_id(0)}/1/frame.png").status_code == 200
                assert len(http.get(home).content) < 256 << 10
                told = talk(url, http, size)
                for _ in range(20):
                    http.get(f"{home}/tasks").raise_for_status()
            time.sleep(2)
            before = cpu_s(process.pid)
            time.sleep(20)
            print(f"service with {size} tasks: {told}", flush=True)
            seen[size] = resident_mb(process.pid), (cpu_s(process.pid) - before) / 20
        finally:
            process.kill()
            process.wait()
    for size, (resident, idle) in seen.items():
        ratio = resident / seen[10][0], idle / max(seen[10][1], 1e-9)
        memory, cpu = f"resident {resident:.0f} MB x{ratio[0]:.2f}", f"idle {idle:.2%} of a core x{ratio[1]:.2f}"
        print(f"service with {size} tasks: {memory}, {cpu}")


def main() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    wanted = sys.argv[1] if len(sys.argv) > 1 else "all"
    largest = int(sys.argv[2]) if len(sys.argv) > 2 else SIZES[-1]
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        if wanted in ("all", "sqlite"):
            print("embedded:")
            asyncio.run(over_sizes(lambda: sqlite(place / "a.db"), largest))
        if wanted in ("all", "redis"):
            server = RedisServer(place / "redis").start()
            try:
                print("on Redis:")
                asyncio.run(over_sizes(lambda: redis(server), largest))
            finally:
                server.stop()
        if wanted in ("all", "projects"):
            print("projects, embedded:")
            asyncio.run(over_projects(lambda: sqlite(place / "p.db"), min(largest, 10_000)))
            server = RedisServer(place / "redis-p").start()
            try:
                print("projects, on Redis:")
                asyncio.run(over_projects(lambda: redis(server), min(largest, 10_000)))
            finally:
                server.stop()
        if wanted in ("all", "service"):
            service(place / "service", largest)


if __name__ == "__main__":
    main()
