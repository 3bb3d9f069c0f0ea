"""Hand-written fakes and builders. The memory adapters are the fakes of the ports that hold state."""

import asyncio
import hashlib
import itertools
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from auteur.adapters.log.memory import MemoryHub, MemoryProgressBus, MemoryStateStore
from auteur.domain.archive import ProjectArchive, Retention
from auteur.domain.availability import EngineAvailability
from auteur.domain.commands import StartGeneration
from auteur.domain.dispatcher import TaskDispatcher
from auteur.domain.errors import InvalidParamsError, UnavailableError
from auteur.domain.events import Event, RecordedEvent, TaskQueued
from auteur.domain.executor import Executor, ExecutorLimits
from auteur.domain.ports import (
    DRAFT_SUFFIX,
    Described,
    Draft,
    EngineStatus,
    HandlerResult,
    StoredFiles,
    TaskContext,
    Worker,
)
from auteur.domain.quality import QualityMapper, QualityPreset
from auteur.domain.routing import EngineRouter
from auteur.domain.task import Artifact, Task, TaskInput, TaskRequest, TaskType

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class TickingClock:
    """Every look at it is a second later."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def a_request(**changes: Any) -> TaskRequest:
    values: dict[str, Any] = {
        "task_type": "scripted",
        "quality": "draft",
        "params": {"steps": 2},
        "origins": {"steps": "preset"},
        "lane": "interactive",
        "timeout_s": 30.0,
        "message_id": "m-1",
        "fingerprint": "f-1",
        "queue_position": 1,
    }
    return TaskRequest(**{**values, **changes})


def queued(task_id: str = "t-1", project_id: str = "film", **request: Any) -> TaskQueued:
    return TaskQueued(
        project_id=project_id, task_id=task_id, at=START, metadata={"shot": 7}, request=a_request(**request)
    )


def of(task_id: str = "t-1", project_id: str = "film") -> dict[str, Any]:
    return {"project_id": project_id, "task_id": task_id, "at": START, "metadata": {"shot": 7}}


@dataclass
class ScriptedHandler:
    """Does what its parameters say: ``steps`` reports, ``wait`` (until `gate` opens), ``raise_times`` failures first.

    ``stubborn``: seconds for which it ignores being cancelled.
    """

    error: Exception | None = None
    raise_times: int = 10**9
    waits: bool = False
    stubborn_s: float = 0.0
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    started: asyncio.Event = field(default_factory=asyncio.Event)
    stopped: int = 0
    runs: int = 0
    task_type: str = "scripted"
    understood: Mapping[str, Any] = field(default_factory=dict)
    says: tuple[float, ...] = ()
    inputs: tuple[TaskInput, ...] = ()
    given: list[Mapping[str, Any]] = field(default_factory=list)
    """The parameters of every run."""
    engine: str = "script"
    params_schema: Mapping[str, Any] = field(default_factory=dict)

    @property
    def task_types(self) -> Sequence[TaskType]:
        return (
            TaskType(
                name=self.task_type,
                engine=self.engine,
                summary="Does as it is told.",
                params_schema=self.params_schema,
                preset_parameters=frozenset({"steps"}),
                inputs=self.inputs,
            ),
        )

    def check(self, task_type: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        if "bad" in params:
            raise InvalidParamsError([{"field": "bad", "message": "is bad"}])
        return params

    async def prepare(
        self, task_type: str, project_id: str, params: Mapping[str, Any], origins: Mapping[str, str]
    ) -> Mapping[str, Any]:
        return {"seed": 5, **params}

    def estimate_s(self, task_type: str, params: Mapping[str, Any]) -> float | None:
        return 1.5

    async def run(self, task: Task, context: TaskContext) -> HandlerResult:
        self.runs += 1
        self.given.append(task.request.params)
        self.started.set()
        try:
            steps = task.request.params.get("steps", 2)
            for progress in self.says:
                context.report(progress)
                await asyncio.sleep(0)
            for step in range(1, steps + 1):
                context.report(step / steps, stage="working", message=f"Step {step}")
                await asyncio.sleep(0)
            if self.waits:
                await self.gate.wait()
        except asyncio.CancelledError:
            self.stopped += 1
            if self.stubborn_s:
                await asyncio.sleep(self.stubborn_s)
            raise
        if self.error is not None and self.runs <= self.raise_times:
            raise self.error
        (context.directory / f"out.txt{DRAFT_SUFFIX}").write_text(f"made by attempt {task.attempt}")
        return HandlerResult(
            drafts=(Draft(name="out.txt", kind="text", media_type="text/plain"),),
            metrics={"steps": steps},
            understood=self.understood,
        )


@dataclass
class Rival(ScriptedHandler):
    """One of several engines for the same task type. ``up``: what it says of itself; ``takes``: its parameters;
    ``silent``: it never answers."""

    up: bool = True
    takes: tuple[str, ...] = ("steps", "seed", "prompt")
    silent: bool = False
    asked: int = 0

    def __post_init__(self) -> None:
        self.params_schema = {"properties": {name: {} for name in self.takes}}

    def check(self, task_type: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        unknown = [
            {"field": name, "message": f"is unknown to {self.engine}"} for name in params if name not in self.takes
        ]
        if unknown:
            raise InvalidParamsError(unknown)
        return super().check(task_type, params)

    async def status(self) -> EngineStatus:
        self.asked += 1
        if self.silent:
            await asyncio.Event().wait()
        return EngineStatus(up=self.up, reason="" if self.up else "no server answers")


class FolderArtifacts:
    """`ArtifactStore` without the syncing: what the executor needs of one, in a temporary directory."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.discarded: list[tuple[str, str, int]] = []
        self.removed: list[tuple[str, str | None]] = []
        self.notes: dict[str, Task] = {}
        self.lying: list[StoredFiles] = []
        self.readonly = False

    async def begin(self, project_id: str, task_id: str, attempt: int) -> Path:
        if self.readonly:
            raise UnavailableError("The workspace cannot be written now.")
        directory = self.root / project_id / task_id / str(attempt)
        directory.mkdir(parents=True)
        return directory

    async def commit(
        self, project_id: str, task_id: str, attempt: int, drafts: Sequence[Draft]
    ) -> tuple[Artifact, ...]:
        directory = self.root / project_id / task_id / str(attempt)
        made = []
        for draft in drafts:
            final = (directory / f"{draft.name}{DRAFT_SUFFIX}").rename(directory / draft.name)
            data = final.read_bytes()
            made.append(
                Artifact(
                    name=draft.name,
                    kind=draft.kind,
                    path=final.relative_to(self.root).as_posix(),
                    media_type=draft.media_type,
                    size_bytes=len(data),
                    sha256=hashlib.sha256(data).hexdigest(),
                )
            )
        return tuple(made)

    async def describe(self, task: Task) -> None:
        self.notes[task.task_id] = task

    async def described(self) -> AsyncIterator[Described]:
        for task in self.notes.values():
            yield Described(path=f"{task.project_id}/{task.task_id}/{task.attempt}/take.json", task=task)

    async def stored(self) -> AsyncIterator[StoredFiles]:
        for files in self.lying:
            yield files

    async def erase(self, files: StoredFiles) -> None:
        self.lying.remove(files)

    async def remove(self, project_id: str, task_id: str | None = None) -> None:
        self.removed.append((project_id, task_id))

    async def discard(self, project_id: str, task_id: str, attempt: int) -> None:
        self.discarded.append((project_id, task_id, attempt))

    async def show(self, project_id: str, task_id: str, attempt: int, name: str) -> None:
        pass

    async def locate(self, project_id: str, path: str) -> Path:
        return self.root / project_id / path

    async def thumbnail(self, project_id: str, path: str, width_px: int) -> bytes:
        raise NotImplementedError

    async def receive(
        self, project_id: str, chunks: AsyncIterator[bytes], suffix: str, *, name: str | None = None
    ) -> str:
        raise NotImplementedError

    async def check(self) -> None:
        return


class Shelf:
    """`TaskQueue` that keeps tasks until the test runs them."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []
        self.window: int | None = None

    async def ahead(self, lane: str) -> int | None:
        return self.window

    async def enqueue(self, task: Task) -> None:
        self.tasks.append(task)

    async def depth(self) -> int:
        return len(self.tasks)


class FailingBus(MemoryProgressBus):
    """Memory, with a fault before or after chosen publications: what a lost connection or a lost reply looks like."""

    def __init__(self, hub: MemoryHub) -> None:
        super().__init__(hub)
        self.before: Callable[[Event], None] = lambda event: None
        self.after: Callable[[Event], None] = lambda event: None

    async def publish(self, event: Event) -> RecordedEvent:
        self.before(event)
        recorded = await super().publish(event)
        self.after(event)
        return recorded


@dataclass
class Attendance:
    """`WorkerRegistry` that the test keeps."""

    absent: set[str] = field(default_factory=set)

    leading: bool = True
    present: list[Worker] = field(default_factory=list)

    async def workers(self) -> Sequence[Worker]:
        return self.present

    async def is_leader(self) -> bool:
        return self.leading

    async def expired(self, workers: Collection[str]) -> Collection[str]:
        return self.absent & set(workers)


class Bringer:
    """`InputFetcher` that remembers what it was asked for, and brings it under a name of its own."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str, str]] = []

    async def fetch(self, project_id: str, name: str, url: str, kind: str) -> str:
        self.asked.append((project_id, name, url, kind))
        return f"uploads/{hashlib.sha256(url.encode()).hexdigest()[:8]}.png"


PRESETS = {
    "draft": QualityPreset(steps=2, width_px=64, height_px=64, lane="interactive", timeout_s=30),
    "ultra": QualityPreset(steps=9, width_px=256, height_px=256, lane="heavy", timeout_s=60),
}


class Office:
    """A whole domain on memory adapters, for one test."""

    def __init__(
        self,
        root: Path,
        handler: ScriptedHandler | None = None,
        bus: MemoryProgressBus | None = None,
        others: Sequence[ScriptedHandler] = (),
        order: Mapping[str, Sequence[str]] | None = None,
        routing: Mapping[str, Any] | None = None,
        **limits: Any,
    ) -> None:
        self.hub = MemoryHub()
        self.bus = bus or MemoryProgressBus(self.hub)
        if bus is not None:
            self.hub = bus._hub
        self.store = MemoryStateStore(self.hub)
        self.handler = handler or ScriptedHandler()
        self.artifacts = FolderArtifacts(root)
        self.shelf = Shelf()
        self.registry = Attendance()
        self.fetcher = Bringer()
        self.clock = TickingClock()
        self.seconds = itertools.count()
        self.crashes: list[BaseException] = []
        self.mapper = QualityMapper(PRESETS, "draft")
        handlers = [self.handler, *others]
        self.availability = EngineAvailability(handlers, ask_every_s=0.0, answer_within_s=0.05)
        self.router = EngineRouter(handlers, self.mapper, self.availability, order, **(routing or {}))
        self.archive = ProjectArchive(self.bus, self.store, self.artifacts, self.clock, Retention())
        self.dispatcher = TaskDispatcher(
            self.bus,
            self.store,
            self.shelf,
            self.registry,
            self.router,
            self.mapper,
            self.clock,
            self.fetcher,
            max_queued_per_project=5,
            max_blocked_per_project=4,
            max_queued=8,
        )
        self.limits = ExecutorLimits(**{"retry_delay_s": 0.0, "cancel_grace_s": 0.2, **limits})
        self.executor = self.worker("w-1")

    def worker(self, name: str) -> Executor:
        return Executor(
            self.bus,
            self.store,
            self.artifacts,
            self.registry,
            self.router,
            self.clock,
            worker=name,
            limits=self.limits,
            on_crash=lambda task, error: self.crashes.append(error),
            monotonic=lambda: float(next(self.seconds)),
        )

    async def submit(self, message_id: str = "m-1", project_id: str = "film", **changes: Any) -> Task:
        return (await self.dispatcher.submit(a_command(message_id, project_id, **changes))).task

    async def run(self, task: Task) -> Task:
        """Has a worker run the task, and carries on what waits for it; the task as it is then."""
        await self.executor.run(task.project_id, task.task_id)
        await self.dispatcher.settle(task.project_id, task.task_id)
        return await self.read(task)

    async def read(self, task: Task) -> Task:
        return (await self.store.task(task.project_id, task.task_id)).task

    async def events(self, project_id: str = "film") -> list[Event]:
        return [recorded.event for recorded in await self.bus.history(project_id, None, 10_000)]

    async def kinds(self, project_id: str = "film") -> list[str]:
        return [type(event).__name__ for event in await self.events(project_id)]


def a_command(message_id: str = "m-1", project_id: str = "film", **changes: Any) -> StartGeneration:
    values: dict[str, Any] = {
        "project_id": project_id,
        "task_type": "scripted",
        "params": {},
        "message_id": message_id,
        "metadata": {"shot": 7},
        "request_id": "req-1",
    }
    return StartGeneration(**{**values, **changes})
