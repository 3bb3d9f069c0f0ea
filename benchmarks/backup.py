"""What a backup and its restoring cost: time, memory, and what a service that writes meanwhile notices of it.

A workspace of so many tasks with a picture of 50 kB each, its log written as the service writes it. Run it with
``python benchmarks/backup.py [tasks]``.
"""

import asyncio
import hashlib
import os
import random
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.fakes import of, queued

from auteur.adapters.log.sqlite.bus import SqliteProgressBus
from auteur.adapters.log.sqlite.database import SqliteDatabase
from auteur.domain.events import TaskStarted, TaskSucceeded
from auteur.domain.task import Artifact, TaskResult

TASKS = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
PICTURE = random.randbytes(50_000)


async def work(bus: SqliteProgressBus, root: Path, number: int) -> None:
    """One task to its ending."""
    task_id = str(uuid.uuid4())
    path = f"film/{task_id}/1/frame.png"
    (root / path).parent.mkdir(parents=True)
    (root / path).write_bytes(PICTURE)
    digest = hashlib.sha256(PICTURE).hexdigest()
    picture = Artifact(
        name="frame.png", kind="image", path=path, media_type="image/png", size_bytes=len(PICTURE), sha256=digest
    )
    result = TaskResult(engine="previs", artifacts=(picture,), params={}, seed=number, metrics={}, understood={})
    about = of(task_id)
    await bus.publish(queued(task_id))
    await bus.publish(TaskStarted(**about, attempt=1, worker="w"))
    await bus.publish(TaskSucceeded(**about, attempt=1, result=result, duration_s=1.0))


async def waits(bus: SqliteProgressBus, root: Path, done: asyncio.Event) -> list[float]:
    """How long each of three events took while somebody backs up."""
    took = []
    while not done.is_set():
        began = time.monotonic()
        await work(bus, root, 0)
        took.append(time.monotonic() - began)
        await asyncio.sleep(0.01)
    return sorted(took)


def run(*words: str, root: Path) -> tuple[float, float]:
    """Seconds, and the most memory in MB."""
    environment = {**os.environ, "BACKEND_WORKSPACE_ROOT": str(root)}
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "auteur", *words], env=environment, cwd=root.parent, stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0
    return time.monotonic() - began, used.ru_maxrss / 1024


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root, again, tape = Path(folder, "studio"), Path(folder, "again"), Path(folder, "b.tar")
        (root / ".auteur").mkdir(parents=True)
        async with SqliteDatabase(root / ".auteur" / "auteur.db") as database, SqliteProgressBus(database) as bus:
            for number in range(TASKS):
                await work(bus, root, number)
            done = asyncio.Event()
            alone = asyncio.create_task(waits(bus, root, done))
            await asyncio.sleep(3)
            done.set()
            quiet = await alone
            done = asyncio.Event()
            beside = asyncio.create_task(waits(bus, root, done))
            took_s, memory_mb = await asyncio.to_thread(lambda: run("backup", str(tape), root=root))
            done.set()
            busy = await beside
        print(f"{TASKS} tasks, {tape.stat().st_size / 1e6:.0f} MB")
        print(f"backup   {took_s:5.1f} s, {memory_mb:.0f} MB of memory at most")
        again_s, memory_mb = run("restore", str(tape), root=again)
        print(f"restore  {again_s:5.1f} s, {memory_mb:.0f} MB of memory at most")
        for name, took in (("alone", quiet), ("beside it", busy)):
            worst, middle = took[-1] * 1000, took[len(took) // 2] * 1000
            print(f"three events of a task, {name}: {middle:.1f} ms, worst {worst:.0f} ms ({len(took)} tasks)")


asyncio.run(main())
