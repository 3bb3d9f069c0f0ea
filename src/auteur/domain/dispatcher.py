"""Takes requests, refuses what cannot be made, hands the rest to the queue."""

import asyncio
import contextlib
import functools
import hashlib
import json
import math
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from auteur.domain.chains import (
    Chains,
    Reference,
    problems_at,
    problems_of_cycles,
    problems_of_names,
    read_origins,
    references,
    with_answers,
)
from auteur.domain.commands import CancelTask, StartBatch, StartGeneration
from auteur.domain.errors import (
    ConflictError,
    DeletedError,
    HandlerError,
    IdempotencyConflictError,
    InvalidBatchError,
    InvalidParamsError,
    InvalidRequestError,
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
from auteur.domain.events import (
    CancelRequested,
    Event,
    Position,
    RecordedEvent,
    TaskCancelled,
    TaskFailed,
    TaskPromoted,
    TaskQueued,
)
from auteur.domain.fetching import SetAside, bring_in, set_aside
from auteur.domain.ports import (
    Clock,
    InputFetcher,
    ProgressBus,
    ProjectLibrary,
    StateStore,
    TaskQueue,
    Worker,
    WorkerRegistry,
)
from auteur.domain.quality import QualityMapper, ResolvedQuality
from auteur.domain.resources import Known, with_resources
from auteur.domain.routing import Choice, EngineRouter, Route, origins_of
from auteur.domain.signing import TaskWebhook
from auteur.domain.state import OpenTask, ProjectCounts, TaskReading
from auteur.domain.task import Failure, Task, TaskRequest, TaskStatus, parse_project_id, parse_shot

_PAGE = 500
_READ_AT_A_TIME = 10
_TASK_IDS = uuid.UUID("6f0c5d5e-64a5-4d1b-9d5a-4f2b1c9e7a10")
_BATCH_IDS = uuid.UUID("b3a7f7c2-5d0e-4c39-8a34-9d6f1e0c2b58")


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """The answer to a request. ``accepted`` is the event as recorded; ``repeated``: it was accepted before."""

    task: Task
    accepted: RecordedEvent
    repeated: bool


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request as it was understood. ``choice``: whose parameters they are; ``references``: the outputs of other tasks
    that it names; ``aside``: the urls."""

    command: StartGeneration
    choice: Choice
    resolved: ResolvedQuality
    shot: str | None
    references: Sequence[Reference]
    aside: SetAside


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a new task is, beside what was asked for."""

    task_id: str
    fingerprint: str
    waits_for: tuple[str, ...]
    queue_position: int


class TaskDispatcher:
    """Every door leads here: WebSocket, HTTP and the command line.

    ``router``: knows the engines. ``fetcher``: brings inputs in that a request names by url.
    ``max_queued_per_project`` and ``max_queued``: how many tasks may wait for a worker; ``max_blocked_per_project``:
    how many may wait for other tasks. ``only_own``: whether the queue is given nothing but what was accepted here.
    ``check_webhook``: raises `InvalidRequestError` for one that a task may not bring; None: a task brings none.
    ``library``: where the sets and casts are that requests name; None: there are none.
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
        fetcher: InputFetcher,
        *,
        max_queued_per_project: int = 1000,
        max_blocked_per_project: int = 1000,
        max_queued: int = 10_000,
        only_own: bool = False,
        check_webhook: Callable[[TaskWebhook], None] | None = None,
        library: ProjectLibrary | None = None,
    ) -> None:
        self._bus = bus
        self._store = store
        self._queue = queue
        self._registry = registry
        self._router = router
        self._mapper = mapper
        self._clock = clock
        self._fetcher = fetcher
        self._chains = Chains(bus, store, clock)
        self._max_queued_per_project = max_queued_per_project
        self._max_blocked_per_project = max_blocked_per_project
        self._max_queued = max_queued
        self._own_blocked: set[str] | None = set() if only_own else None
        self._check_webhook = check_webhook
        self._library = library
        self._closed = False

    async def submit(self, command: StartGeneration) -> Submission:
        """Accepts a task: from here on it will end exactly once.

        The task's id follows from project and message id, so the log's own guard refuses a second task for the same
        request, whichever replica hears it. Raises `InvalidProjectIdError`, `UnknownTaskTypeError`,
        `UnknownEngineError`, `UnknownQualityError`, `InvalidParamsError`, `InvalidRequestError` for the shot,
        `IdempotencyConflictError`, `QueueFullError`, `ProjectDeletedError`, `ShuttingDownError`, `BusUnavailableError`.
        """
        self._refuse_if_closed()
        parse_project_id(command.project_id)
        self._check(command)
        task_id = task_id_of(command.project_id, command.message_id)
        fingerprint = _fingerprint(command)

        # before an engine is chosen: a repeat has its answer, whichever engine would be chosen now
        with _never_again(task_id):
            before, counts = await self._store.task_and_open(command.project_id, task_id)
        if before is not None:
            return _again(before, fingerprint)
        workers = await self._registry.workers()
        together = [await self._read(command, workers)]
        if command.promotion is not None and command.promotion.passes is not None:
            together.insert(0, await self._read(command.promotion.passes, workers))
        waits = await self._whom_they_wait_for(together)
        together = [await self._bring_in(one) for one in together]
        if any(one.aside.urls for one in together):  # that may have taken long
            counts = await self._store.counts(command.project_id)
        events = []
        for place, (one, waits_for) in enumerate(zip(together, waits, strict=True), counts.of(TaskStatus.QUEUED) + 1):
            if one.command is command:  # its body may be large, and was read for its fingerprint already
                plan = _Plan(task_id, fingerprint, waits_for, place)
            else:
                one_id = task_id_of(command.project_id, one.command.message_id)
                plan = _Plan(one_id, _fingerprint(one.command), waits_for, place)
            events.append(await self._event(one, plan, workers))
        await self._check_room(counts, events)
        try:
            recorded = await self._append(events)
        except (TaskExistsError, TaskDeletedError):
            known = await self._known(command.project_id, task_id, fingerprint)
            if known is None:
                raise
            return known
        return (await self._accepted(recorded, counts))[-1]

    async def _whom_they_wait_for(self, together: Sequence["_Asked"]) -> Sequence[tuple[str, ...]]:
        """For each request; it may name outputs of those before it. Raises `InvalidParamsError`."""
        new: set[str] = set()
        waits = []
        for one in together:
            project_id = one.command.project_id
            task_id = task_id_of(project_id, one.command.message_id)
            elsewhere = [reference for reference in one.references if reference.from_task not in new]
            problems, origins = await read_origins(self._store, project_id, elsewhere, task_id)
            if problems:
                raise InvalidParamsError(problems)
            waits.append(_still_open(one.references, origins))
            new.add(task_id)
        return waits

    async def _append(self, events: Sequence[TaskQueued]) -> Sequence[RecordedEvent]:
        """Records that the tasks are accepted, and in the same step, of which takes they are made."""
        told: list[Event] = [*events]
        for event in events:
            if event.request.promoted_from is not None:
                take = (await self._store.task(event.project_id, event.request.promoted_from)).task
                told.append(TaskPromoted(**take.about(self._clock()), promoted_to=event.task_id))
        recorded = await self._bus.publish_all(told) if len(told) > 1 else [await self._bus.publish(told[0])]
        return recorded[: len(events)]

    async def submit_batch(self, command: StartBatch) -> Sequence[Submission]:
        """Accepts several tasks, all of them or none, in the order of the requests.

        Their ids follow from project, message id and place. The same batch again is the same tasks. Raises
        `InvalidBatchError` that names all that is wrong with the requests, and what `submit` raises.
        """
        self._refuse_if_closed()
        parse_project_id(command.project_id)
        ids = [id_in_batch(command.project_id, command.message_id, place) for place in range(len(command.requests))]
        fingerprints = _fingerprints(command)
        known = await self._known_batch(command.project_id, ids, fingerprints)
        if known is not None:
            return known
        workers = await self._registry.workers()
        asked = await self._read_batch(command, ids, workers)
        counts = await self._store.counts(command.project_id)
        events = await self._events(command, asked, ids, fingerprints, counts.of(TaskStatus.QUEUED), workers)
        await self._check_room(counts, events)
        try:
            recorded = await self._bus.publish_all(events)
        except (TaskExistsError, TaskDeletedError):
            known = await self._known_batch(command.project_id, ids, fingerprints)
            if known is None:
                raise
            return known
        return await self._accepted(recorded, counts)

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise ShuttingDownError("The service is stopping and takes no new work.")

    def _check(self, command: StartGeneration) -> tuple[str, str | None]:
        """The request's lane and shot, as far as can be told without its engine. Raises `UnknownTaskTypeError`,
        `UnknownQualityError`, `InvalidRequestError`."""
        command.check_texts()
        if command.webhook is not None:
            if self._check_webhook is None:
                problem = "cannot be used here"
                raise InvalidRequestError(
                    f"webhook {problem}", problems=[{"field": "webhook", "message": problem}]
                )  # fmt: skip
            self._check_webhook(command.webhook)
        self._router.routes(command.task_type)
        lane = self._mapper.preset(command.task_type, command.quality or self._mapper.default).lane
        return lane, None if command.shot is None else parse_shot(command.shot)

    async def _read(
        self,
        command: StartGeneration,
        workers: Sequence[Worker],
        answer: Callable[[Reference], Any] | None = None,
        known: Known | None = None,
    ) -> "_Asked":
        """What the request asks for, and of which engine. ``answer``: what stands in for the references of a batch;
        ``known``: what was found in the library for others of it. Raises what `submit` does of the request alone."""
        lane, shot = self._check(command)
        routes = self._router.routes(command.task_type)
        choice = await self._router.choose(command.task_type, command.engine, lane, workers)
        route = choice.route
        params = command.params if answer is None else with_answers(route.task_type, command.params, answer)
        if route.task_type.resources and self._library is not None:
            takes = {*route.task_type.resources, *route.task_type.params_schema.get("properties", ())}
            offered = {name: v for name, v in command.offered.items() if name in takes}
            known = {} if known is None else known
            params = await with_resources(
                self._library, command.project_id, route.task_type, {**offered, **params}, known
            )
        with _named(route, of_several=len(routes) > 1):
            aside = set_aside(route.task_type.inputs, params)
            given = route.handler.check(command.task_type, aside.params)
        resolved = self._mapper.resolve(route.task_type, command.quality, given)
        if command.promotion is not None:
            taken = {name: "take" for name in command.promotion.inherited if name in resolved.origins}
            resolved = replace(resolved, origins={**resolved.origins, **taken})
        return _Asked(command, choice, resolved, shot, references(route.task_type, given), aside)

    async def _bring_in(self, asked: "_Asked") -> "_Asked":
        """The request with its urls brought into the project. Raises `InvalidParamsError`, `UnavailableError`."""
        resolved, project_id = asked.resolved, asked.command.project_id
        brought = await bring_in(
            self._fetcher, project_id, asked.choice.route.task_type.inputs, resolved.parameters, asked.aside
        )
        return replace(asked, resolved=replace(resolved, parameters=brought))

    async def _event(self, asked: "_Asked", plan: "_Plan", workers: Sequence[Worker]) -> TaskQueued:
        """How the task is accepted. Raises `InvalidParamsError`."""
        command, resolved, choice = asked.command, asked.resolved, asked.choice
        given = (command.task_type, command.project_id, resolved.parameters, resolved.origins)
        params = await choice.route.handler.prepare(*given)
        return TaskQueued(
            project_id=command.project_id,
            task_id=plan.task_id,
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
                fingerprint=plan.fingerprint,
                queue_position=0 if plan.waits_for else plan.queue_position,
                notice=choice.notice or _notice(resolved.lane, command.task_type, choice.route.engine, workers),
                request_id=command.request_id,
                shot=asked.shot,
                estimate_s=choice.route.handler.estimate_s(command.task_type, params),
                waits_for=plan.waits_for,
                promoted_from=command.promotion.task_id if command.promotion else None,
                engine=choice.route.engine,
                routing=choice.routing,
            ),
            webhook=command.webhook,
        )

    async def _read_batch(
        self, command: StartBatch, ids: Sequence[str], workers: Sequence[Worker]
    ) -> Sequence["_Asked"]:
        """What the requests ask for, names replaced by ids. Raises `InvalidBatchError`."""
        problems = problems_of_names(command.names)
        by_name = {name: task_id for name, task_id in zip(command.names, ids, strict=True) if name is not None}
        asked: list[_Asked] = []
        resources: Known = {}
        for place, request in enumerate(command.requests):
            unknown: list[dict[str, Any]] = []

            def answer(reference: Reference, unknown: list[dict[str, Any]] = unknown) -> Any:
                name = reference.from_task.removeprefix("#")
                if name == reference.from_task:
                    return reference.as_given
                if name not in by_name:
                    problem = f"no request of this batch is named {name!r}"
                    unknown.append({"field": f"params.{reference.field}", "message": problem})
                return {**reference.as_given, "from_task": by_name.get(name, name)}

            try:
                asked.append(await self._read(request, workers, answer, resources))
            except InvalidRequestError as error:
                problems += problems_at(place, error)
            problems += [{"index": place, **problem, "code": InvalidParamsError.code} for problem in unknown]
            if place % _READ_AT_A_TIME == 0:  # others shall not wait for a large batch
                await asyncio.sleep(0)
        if not problems:
            problems += problems_of_cycles(ids, [found.references for found in asked])
        _raise_if_wrong(command, problems)
        return asked

    async def _events(
        self,
        command: StartBatch,
        asked: Sequence["_Asked"],
        ids: Sequence[str],
        fingerprints: Sequence[str],
        waiting: int,
        workers: Sequence[Worker],
    ) -> Sequence[TaskQueued]:
        """How the batch is accepted. Raises `InvalidBatchError`."""
        own, known = frozenset(ids), {}  # type: ignore[var-annotated]
        problems: list[dict[str, Any]] = []
        events: list[TaskQueued] = []
        brought = await asyncio.gather(*map(self._bring_in, asked), return_exceptions=True)
        for place, (found, with_inputs) in enumerate(zip(asked, brought, strict=True)):
            elsewhere = [reference for reference in found.references if reference.from_task not in own]
            wrong, origins = await read_origins(self._store, command.project_id, elsewhere, ids[place], known)
            problems += problems_at(place, InvalidParamsError(wrong)) if wrong else []
            waits_for = _still_open(found.references, origins)
            waiting += not waits_for
            try:
                if isinstance(with_inputs, BaseException):
                    raise with_inputs
                plan = _Plan(ids[place], fingerprints[place], waits_for, waiting)
                events.append(await self._event(with_inputs, plan, workers))
            except InvalidRequestError as error:
                problems += problems_at(place, error)
            if place % _READ_AT_A_TIME == 0:
                await asyncio.sleep(0)
        _raise_if_wrong(command, problems)
        return events

    async def _check_room(self, counts: ProjectCounts, events: Sequence[TaskQueued]) -> None:
        """Raises `QueueFullError` where the new tasks find no room."""
        project_id = events[0].project_id
        blocked = sum(bool(event.request.waits_for) for event in events)
        for new, status, limit, how in (
            (len(events) - blocked, TaskStatus.QUEUED, self._max_queued_per_project, "waiting"),
            (blocked, TaskStatus.BLOCKED, self._max_blocked_per_project, "that wait for other tasks"),
        ):
            here = counts.of(status)
            if new and here + new > limit:
                more = f", and {new} more do not fit" if len(events) > 1 else ""
                raise QueueFullError(
                    f"Project {project_id!r} has {here} tasks {how}{more}; {limit} is the most allowed.",
                    limit=limit,
                    retry_after_s=10,
                )
        if await self._queue.depth() + len(events) - blocked > self._max_queued:
            raise QueueFullError("The studio's queue is full.", limit=self._max_queued, retry_after_s=30)

    async def _accepted(self, recorded: Sequence[RecordedEvent], counts: ProjectCounts) -> Sequence[Submission]:
        """Has what was recorded, and so accepted, go its way. That the queue cannot be reached, or that a look fails,
        is no reason to refuse it any more: `recover` will see to it."""
        submissions = []
        for known in recorded:
            assert isinstance(known.event, TaskQueued)
            task = known.event.record(known.position.seq)
            submissions.append(Submission(task=task, accepted=known, repeated=False))
        tasks = [submission.task for submission in submissions]
        if self._own_blocked is not None:
            self._own_blocked |= {task.task_id for task in tasks if task.blocked}
        new = {task.task_id for task in tasks}
        with contextlib.suppress(UnavailableError, DeletedError):
            await self._enqueue([task for task in tasks if not task.blocked], counts)
            # an origin may have ended between our look and the append, and then nobody has heard of what waits for it
            waiting = [task for task in tasks if not new.issuperset(task.waits_for)]
            await self._carry_on(await self._chains.settle_blocked(waiting))
        return submissions

    async def _enqueue(self, tasks: Sequence[Task], counts: ProjectCounts) -> None:
        """Hands the newest waiting tasks to the queue, as far as it wants them now. Raises `UnavailableError`."""
        room: dict[str, float] = {}
        for task in tasks:
            lane = task.request.lane
            if lane not in room:
                room[lane] = await self._room(counts, lane) - counts.waiting.get(lane, 0)
            if room[lane] > 0:
                room[lane] -= 1
                await self._queue.enqueue(task)

    async def _carry_on(self, freed: Sequence[Task]) -> None:
        """Hands tasks that wait no longer for others to the queue. Raises `UnavailableError`."""
        if self._own_blocked is not None:  # those of others are taken up by who takes up theirs
            freed = [task for task in freed if task.task_id in self._own_blocked]
        if freed:
            counts = await self._store.counts(freed[0].project_id)
            before = Counter(task.request.lane for task in freed)
            waiting = {lane: n - before.get(lane, 0) for lane, n in counts.waiting.items()}
            await self._enqueue(freed, replace(counts, waiting=waiting))

    async def settle(self, project_id: str, task_id: str) -> None:
        """Carries on what waits for the output of a task that has ended: see `Chains.settle`. For whoever ended it.
        Costs one look where nothing does. Raises `UnavailableError`."""
        with contextlib.suppress(DeletedError, ShuttingDownError):  # who starts next takes up what waits
            await self._carry_on(await self._chains.settle(project_id, task_id))

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
            if task.status in (TaskStatus.BLOCKED, TaskStatus.QUEUED):
                ended = task.about(task.no_earlier(self._clock()))
                await self._bus.publish(TaskCancelled(**ended, attempt=task.attempt))
                await self.settle(task.project_id, task.task_id)
        return await self._store.task(command.project_id, command.task_id)

    async def recover(self) -> int:
        """Enqueues every task that waits and whose turn it is, or whose worker is gone; returns how many. Settles first
        what waits for tasks that have ended, where whoever ended them died.

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
            elif known.waits_for_worker:
                waiting.add(known.project_id)
            elif known.worker in gone and not known.waits_for:
                with contextlib.suppress(TaskNotFoundError, DeletedError):
                    tasks.append((await self._store.task(known.project_id, known.task_id)).task)
        for project_id, blocked in (await self._chains.overdue(unfinished)).items():
            with contextlib.suppress(DeletedError):
                if await self._chains.settle_blocked(blocked):
                    waiting.add(project_id)
        for project_id in waiting:
            with contextlib.suppress(DeletedError):
                tasks += await self._in_turn(project_id, await self._store.counts(project_id))
        for task in sorted(tasks, key=lambda task: task.queued_at):
            await self._queue.enqueue(task)
        return len(tasks)

    async def release(self, project_id: str, task_id: str) -> None:
        """Carries on what waits for a task that has ended, as `settle` does, and enqueues what it has held up. For
        whoever ended it where the queue does not hold all. Costs one look where nothing waits. Raises
        `UnavailableError`."""
        with contextlib.suppress(DeletedError):
            counts = await self._store.counts(project_id)
            # who is blocked from here on looks for itself whether what it waits for has ended
            if counts.of(TaskStatus.BLOCKED) and await self._chains.settle(project_id, task_id):
                counts = await self._store.counts(project_id)
            for task in await self._in_turn(project_id, counts):
                await self._queue.enqueue(task)

    async def _in_turn(self, project_id: str, counts: ProjectCounts) -> list[Task]:
        """The waiting tasks that the queue wants to hold, in order."""
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
        with contextlib.suppress(ConflictError, TaskNotFoundError):  # it went on, ended or was lost meanwhile
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
            await self.settle(known.project_id, known.task_id)

    async def repeated(self, command: StartGeneration) -> Submission | None:
        """The answer of before, if the request came before; of the command only its project, its id and the body that
        tells a repeat matter. Raises `IdempotencyConflictError`, `ProjectDeletedError`, `BusUnavailableError`."""
        task_id = task_id_of(command.project_id, command.message_id)
        return await self._known(command.project_id, task_id, _fingerprint(command))

    async def _known(self, project_id: str, task_id: str, fingerprint: str) -> Submission | None:
        """The answer of before, if the request came before. Raises `IdempotencyConflictError`."""
        try:
            with _never_again(task_id):
                return _again(await self._store.task(project_id, task_id), fingerprint)
        except TaskNotFoundError:
            return None

    async def _known_batch(
        self, project_id: str, ids: Sequence[str], fingerprints: Sequence[str]
    ) -> Sequence[Submission] | None:
        """The answer of before, if the batch came before. Raises `IdempotencyConflictError`."""
        found: list[Submission] = []
        for task_id, fingerprint in zip(ids, fingerprints, strict=True):
            known = await self._known(project_id, task_id, fingerprint)
            if known is None:
                return None
            found.append(known)
        return found


@contextlib.contextmanager
def _never_again(task_id: str) -> Iterator[None]:
    """Raises `IdempotencyConflictError` for a task that was deleted."""
    try:
        yield
    except TaskDeletedError:
        raise IdempotencyConflictError(
            task_id, "This id was used for a task that was deleted; use a new one."
        ) from None


def _again(known: TaskReading, fingerprint: str) -> Submission:
    """The answer of before. Raises `IdempotencyConflictError`."""
    if known.task.request.fingerprint != fingerprint:
        raise IdempotencyConflictError(known.task.task_id)
    accepted = accepted_event(known.task, known.position.epoch)
    return Submission(task=known.task, accepted=accepted, repeated=True)


def id_in_batch(project_id: str, message_id: str, place: int) -> str:
    """The id of the task at that place of a batch."""
    return str(uuid.uuid5(_BATCH_IDS, f"{place}/{project_id}/{message_id}"))


def _still_open(found: Sequence[Reference], origins: Mapping[str, Task]) -> tuple[str, ...]:
    """Whom a task waits for: each once. What is not among the origins begins with it, in its batch."""
    named = dict.fromkeys(reference.from_task for reference in found)
    return tuple(task_id for task_id in named if task_id not in origins or not origins[task_id].ended)


def _notice(lane: str, task_type: str, engine: str, workers: Sequence[Worker]) -> str | None:
    if any(worker.takes(lane, task_type, engine) for worker in workers):
        return None
    return f"No worker for {task_type} in the {lane} lane is at work; the task waits for one."


def _raise_if_wrong(command: StartBatch, problems: Sequence[dict[str, Any]]) -> None:
    if problems:
        named = [
            {**problem, **({"name": name} if (name := command.names[problem["index"]]) is not None else {})}
            for problem in sorted(problems, key=lambda problem: problem["index"])
        ]
        raise InvalidBatchError(named)


@functools.lru_cache(maxsize=1024)
def task_id_of(project_id: str, message_id: str) -> str:
    """The id of the task that a request asks for, the same whoever hears it."""
    return str(uuid.uuid5(_TASK_IDS, f"{project_id}/{message_id}"))


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
    return hashlib.sha256(json.dumps(_body(command), sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _fingerprints(command: StartBatch) -> Sequence[str]:
    """One for each request, that changes with every other: a batch is the same only as a whole."""
    digest = hashlib.sha256()
    for name, request in zip(command.names, command.requests, strict=True):
        digest.update(json.dumps([name, _body(request)], sort_keys=True, separators=(",", ":")).encode())
    return [f"{digest.hexdigest()}/{place}" for place in range(len(command.requests))]


def _body(command: StartGeneration) -> Sequence[Any]:
    if command.promotion is not None:
        return command.promotion.body
    body = [command.task_type, command.params, command.quality, command.metadata]
    if command.engine is not None:
        body.append({"engine": command.engine})
    if command.shot is not None:  # left out where there is none: fingerprints of before there were shots hold
        body.append(command.shot)
    if command.offered:
        body.append({"offered": command.offered})
    if command.webhook is not None:
        body.append({"webhook": [command.webhook.url, command.webhook.secret.text]})
    return body
