"""Takes requests, refuses what cannot be made, hands the rest to the queue."""

import contextlib
import hashlib
import json
import math
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auteur.domain.commands import CancelTask, StartGeneration
from auteur.domain.errors import (
    ConflictError,
    DeletedError,
    HandlerError,
    IdempotencyConflictError,
    InvalidParamsError,
    QueueFullError,
    RecordLostError,
    ShuttingDownError,
    StaleAttemptError,
    TaskDeletedError,
    TaskEndedError,
    TaskExistsError,
    TaskFailure,
    TaskNotFoundError,
    UnavailableError,
)
from auteur.domain.events import CancelRequested, Position, RecordedEvent, TaskCancelled, TaskFailed, TaskQueued
from auteur.domain.ports import Clock, ProgressBus, StateStore, TaskQueue, WorkerRegistry
from auteur.domain.quality import QualityMapper
from auteur.domain.routing import EngineRouter, Route, origins_of
from auteur.domain.state import OpenTask, ProjectCounts, TaskReading
from auteur.domain.task import Failure, Task, TaskRequest, TaskStatus, parse_project_id, parse_shot

_PAGE = 500
_TASK_IDS = uuid.UUID("6f0c5d5e-64a5-4d1b-9d5a-4f2b1c9e7a10")


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """The answer to a request. ``accepted`` is the event as recorded; ``repeated``: it was accepted before."""

    task: Task
    accepted: RecordedEvent
    repeated: bool


class TaskDispatcher:
    """Every door leads here: WebSocket, HTTP and the command line.

    ``router``: knows the engines. ``max_queued_per_project`` and ``max_queued``: how many tasks may wait.
    """

    def __init__(
        self,
        bus: ProgressBus,
        store: StateStore,
        queue: TaskQueue,
        registry: WorkerRegistry,
        router: EngineRouter,
        mapper: QualityMapper,
        clock: Clock,
        *,
        max_queued_per_project: int = 100,
        max_queued: int = 10_000,
    ) -> None:
        self._bus = bus
        self._store = store
        self._queue = queue
        self._registry = registry
        self._router = router
        self._mapper = mapper
        self._clock = clock
        self._max_queued_per_project = max_queued_per_project
        self._max_queued = max_queued
        self._closed = False

    async def submit(self, command: StartGeneration) -> Submission:
        """Accepts a task: from here on it will end exactly once.

        The task's id follows from project and message id, so the log's own guard refuses a second task for the same
        request, whichever replica hears it. Raises `InvalidProjectIdError`, `UnknownTaskTypeError`,
        `UnknownEngineError`, `UnknownQualityError`, `InvalidParamsError`, `InvalidRequestError` for the shot,
        `IdempotencyConflictError`, `QueueFullError`, `ProjectDeletedError`, `ShuttingDownError`, `BusUnavailableError`.
        """
        if self._closed:
            raise ShuttingDownError("The service is stopping and takes no new work.")
        parse_project_id(command.project_id)
        shot = None if command.shot is None else parse_shot(command.shot)
        self._router.routes(command.task_type)
        lane = self._mapper.preset(command.task_type, command.quality or self._mapper.default).lane
        task_id = str(uuid.uuid5(_TASK_IDS, f"{command.project_id}/{command.message_id}"))
        fingerprint = _fingerprint(command)

        # before an engine is chosen: a repeat has its answer, whichever engine would be chosen now
        known = await self._known(command, task_id, fingerprint)
        if known is not None:
            return known
        choice = await self._router.choose(command.task_type, command.engine, lane, self._registry.workers)
        handler = choice.route.handler
        with _named(choice.route, of_several=len(self._router.routes(command.task_type)) > 1):
            given = handler.check(command.task_type, command.params)
        accepts = choice.route.task_type.preset_parameters
        resolved = self._mapper.resolve(command.task_type, command.quality, given, accepts)
        params = await handler.prepare(command.task_type, command.project_id, resolved.parameters, resolved.origins)
        counts = await self._store.counts(command.project_id)
        waiting = counts.of(TaskStatus.QUEUED)
        room = await self._room(counts, resolved.lane)
        if waiting >= self._max_queued_per_project:
            raise QueueFullError(
                f"Project {command.project_id!r} has {waiting} tasks waiting, the most allowed.",
                limit=self._max_queued_per_project,
                retry_after_s=10,
            )
        if await self._queue.depth() >= self._max_queued:
            raise QueueFullError(
                "The studio's queue is full.",
                limit=self._max_queued,
                retry_after_s=30,
            )
        event = TaskQueued(
            project_id=command.project_id,
            task_id=task_id,
            at=self._clock(),
            metadata=command.metadata,
            request=TaskRequest(
                task_type=command.task_type,
                quality=resolved.quality,
                params=params,
                origins=origins_of(params, resolved.parameters, resolved.origins),
                lane=resolved.lane,
                timeout_s=resolved.timeout_s,
                message_id=command.message_id,
                fingerprint=fingerprint,
                queue_position=waiting + 1,
                notice=choice.notice or await self._notice(resolved.lane, command.task_type, choice.route.engine),
                request_id=command.request_id,
                shot=shot,
                estimate_s=handler.estimate_s(command.task_type, params),
                engine=choice.route.engine,
                routing=choice.routing,
            ),
        )
        try:
            accepted = await self._bus.publish(event)
        except (TaskExistsError, TaskDeletedError):
            known = await self._known(command, task_id, fingerprint)
            if known is None:
                raise
            return known
        assert isinstance(accepted.event, TaskQueued)
        task = accepted.event.record(accepted.position.seq)
        if room > counts.waiting.get(resolved.lane, 0):
            with contextlib.suppress(UnavailableError):  # it is recorded, so it is accepted: `recover` will enqueue it
                await self._queue.enqueue(task)
        return Submission(task=task, accepted=accepted, repeated=False)

    async def cancel(self, command: CancelTask) -> TaskReading:
        """Asks for the task to stop. A waiting task ends at once, a running one when its worker has stopped.

        Harmless to repeat; a task that has ended stays as it is. Returns the task as it stands. Raises
        `TaskNotFoundError`, `BusUnavailableError`.
        """
        parse_project_id(command.project_id)
        reading = await self._store.task(command.project_id, command.task_id)
        task = reading.task
        if task.ended:
            return reading
        with contextlib.suppress(StaleAttemptError, TaskEndedError):
            # refused: it ended, or a worker took it up meanwhile and has heard the request
            if not task.cancel_requested:
                await self._bus.publish(CancelRequested(**task.about(self._clock())))
                task = (await self._store.task(command.project_id, command.task_id)).task
            if task.status is TaskStatus.QUEUED:
                ended = task.about(task.no_earlier(self._clock()))
                await self._bus.publish(TaskCancelled(**ended, attempt=task.attempt))
        return await self._store.task(command.project_id, command.task_id)

    async def recover(self) -> int:
        """Enqueues every task that waits and whose turn it is, or whose worker is gone; returns how many.

        For start-up and sweeps; does nothing where another process leads.

        A task whose record was lost is ended with `RecordLostError`. Raises `BusUnavailableError`, `ShuttingDownError`.
        """
        if not await self._registry.is_leader():
            return 0
        unfinished = await self._store.unfinished()
        gone = await self._registry.expired({known.worker for known in unfinished if known.worker is not None})
        waiting: set[str] = set()
        tasks: list[Task] = []
        for known in unfinished:
            if known.lost:
                await self._fail(known, RecordLostError(), {})
            elif known.worker is None:
                waiting.add(known.project_id)
            elif known.worker in gone:
                with contextlib.suppress(TaskNotFoundError, DeletedError):
                    tasks.append((await self._store.task(known.project_id, known.task_id)).task)
        for project_id in waiting:
            with contextlib.suppress(DeletedError):
                tasks += await self._in_turn(project_id)
        for task in sorted(tasks, key=lambda task: task.queued_at):
            await self._queue.enqueue(task)
        return len(tasks)

    async def release(self, project_id: str) -> None:
        """Enqueues what a task that has ended has held up. For whoever ended it. Raises `UnavailableError`."""
        for task in await self._in_turn(project_id):
            await self._queue.enqueue(task)

    async def _in_turn(self, project_id: str) -> list[Task]:
        """The waiting tasks that the queue wants to hold, in order."""
        counts = await self._store.counts(project_id)
        room = {lane: await self._room(counts, lane) for lane in counts.waiting}
        left = sum(min(room[lane], waiting) for lane, waiting in counts.waiting.items())
        turn: list[Task] = []
        after_seq: int | None = 0
        while left > 0 and after_seq is not None:  # in one lane, as mostly, one page is enough
            page = await self._store.open_tasks(
                project_id,
                after_seq=after_seq,
                limit=_PAGE if turn else min(int(left), _PAGE),
                status=TaskStatus.QUEUED,
            )
            for task in page.tasks:
                if self._router.is_waiting(task.request):  # it holds nothing, and nobody up
                    turn.append(task)
                elif room.get(task.request.lane, 0) > 0:
                    room[task.request.lane] -= 1
                    left -= 1
                    turn.append(task)
            after_seq = page.next_seq
        return turn

    async def _room(self, counts: ProjectCounts, lane: str) -> float:
        window = await self._queue.ahead(lane)
        return math.inf if window is None else max(window - counts.running.get(lane, 0), 0)

    def close(self) -> None:
        """From now on `submit` refuses."""
        self._closed = True

    async def _notice(self, lane: str, task_type: str, engine: str) -> str | None:
        if any(worker.takes(lane, task_type, engine) for worker in await self._registry.workers()):
            return None
        return f"No worker for {task_type} in the {lane} lane is at work; the task waits for one."

    async def refuse(self, project_id: str, task_id: str) -> None:
        """Ends a task that waits and that no worker understands. Raises `BusUnavailableError`."""
        with contextlib.suppress(TaskNotFoundError):
            task = (await self._store.task(project_id, task_id)).task
            if task.status is TaskStatus.QUEUED:
                lane, task_type = task.request.lane, task.request.task_type
                known = OpenTask(project_id, task_id, task.attempt, None, lane, task_type, task.queued_at)
                error = HandlerError("The worker does not understand this task.")
                await self._fail(known, error, task.metadata, task.started_at)

    async def _fail(
        self, known: OpenTask, error: TaskFailure, metadata: Mapping[str, Any], started_at: datetime | None = None
    ) -> None:
        with contextlib.suppress(ConflictError):  # it went on, or ended, meanwhile
            await self._bus.publish(
                TaskFailed(
                    project_id=known.project_id,
                    task_id=known.task_id,
                    at=max(self._clock(), known.queued_at, started_at or known.queued_at),
                    metadata=metadata,
                    attempt=known.attempt,
                    failure=Failure(code=error.code, message=error.message),
                )
            )

    async def _known(self, command: StartGeneration, task_id: str, fingerprint: str) -> Submission | None:
        """The answer of before, if the request came before. Raises `IdempotencyConflictError`."""
        try:
            known = await self._store.task(command.project_id, task_id)
        except TaskNotFoundError:
            return None
        except TaskDeletedError:
            raise IdempotencyConflictError(
                task_id, "This id was used for a task that was deleted; use a new one."
            ) from None
        if known.task.request.fingerprint != fingerprint:
            raise IdempotencyConflictError(task_id)
        accepted = accepted_event(known.task, known.position.epoch)
        return Submission(task=known.task, accepted=accepted, repeated=True)


def accepted_event(task: Task, epoch: str) -> RecordedEvent:
    """How the task was accepted, from what it remembers; of an imported task the log itself holds another event."""
    event = TaskQueued(
        project_id=task.project_id,
        task_id=task.task_id,
        at=task.queued_at,
        metadata=task.metadata,
        request=task.request,
        take=task.take,
    )
    return RecordedEvent(Position(epoch, task.queued_seq), event)


@contextlib.contextmanager
def _named(route: Route, *, of_several: bool) -> Iterator[None]:
    """What an engine refuses is told with its name where there is a choice: another may take it."""
    try:
        yield
    except InvalidParamsError as error:
        if of_several:
            error.details = {**error.details, "engine": route.engine}
        raise


def _fingerprint(command: StartGeneration) -> str:
    body = [command.task_type, command.params, command.quality, command.metadata]
    if command.engine is not None:
        body.append({"engine": command.engine})
    if command.shot is not None:  # left out where there is none: fingerprints of before there were shots hold
        body.append(command.shot)
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
