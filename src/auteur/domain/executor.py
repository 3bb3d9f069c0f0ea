"""Runs one task to its ending, whatever happens on the way."""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeVar

from auteur.domain.chains import references, resolve
from auteur.domain.errors import (
    AuteurError,
    ConflictError,
    DeletedError,
    EngineDownError,
    HandlerError,
    HistoryLostError,
    InputFailedError,
    InvalidParamsError,
    StaleAttemptError,
    StoreUnavailableError,
    TaskFailure,
    TaskNotFoundError,
    TaskTimeoutError,
    UnavailableError,
    UnknownTaskTypeError,
    WorkerLostError,
    WorkspaceUnavailableError,
)
from auteur.domain.events import (
    CancelRequested,
    Ending,
    Event,
    ProjectDeleted,
    TaskCancelled,
    TaskFailed,
    TaskProgressed,
    TaskRequeued,
    TaskStarted,
    TaskSucceeded,
)
from auteur.domain.ports import (
    ArtifactStore,
    Clock,
    HandlerResult,
    ProgressBus,
    StateStore,
    WorkerRegistry,
)
from auteur.domain.routing import Assignment, EngineRouter
from auteur.domain.task import Artifact, Failure, Task, TaskResult, TaskStatus

_UNWATCHED_S = 0.25
"""How long an attempt runs before anybody looks whether it must stop: most that end sooner are never asked to."""
_MAX_RESULT_BYTES, _MAX_TEXT = 96 << 10, 4096
"""What an engine may say of a result, in JSON, and in words: all of it reaches every client in one message."""

T = TypeVar("T")

OnCrash = Callable[[Task, BaseException], None]
"""Told of every exception that no handler should raise, with the task it struck. The user sees none of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorLimits:
    """``progress_interval_s``: least time between two progress events of a task; ``progress_step``: what is worth
    telling, as is a preview, a new stage, or anything after ``progress_silence_s``. ``cancel_grace_s``: how long a
    handler may take to stop. ``retry_delay_s``: before the second attempt, doubled for each further one.
    ``record_patience_s``: how long a start or an ending is offered to a bus that is away.
    """

    max_attempts: int = 3
    progress_interval_s: float = 0.1
    progress_step: float = 0.01
    progress_silence_s: float = 2.0
    cancel_grace_s: float = 10.0
    retry_delay_s: float = 1.0
    record_patience_s: float = 3600.0


@dataclass(slots=True, kw_only=True)
class Sent:
    """How a task came that was sent. ``task``: as it was then. ``on_ending``: told when its ending goes to the log.
    ``waiting``: afterwards, how many tasks of its project waited when that was recorded; None where nobody said."""

    task: Task
    on_ending: Callable[[], None] = lambda: None
    waiting: int | None = None


class Executor:
    """Runs tasks, on a laptop as in a fleet. ``worker`` names this process in the log."""

    def __init__(
        self,
        bus: ProgressBus,
        store: StateStore,
        artifacts: ArtifactStore,
        registry: WorkerRegistry,
        router: EngineRouter,
        clock: Clock,
        *,
        worker: str,
        limits: ExecutorLimits | None = None,
        on_crash: OnCrash = lambda task, error: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bus = bus
        self._store = store
        self._artifacts = artifacts
        self._registry = registry
        self._router = router
        self._clock = clock
        self._worker = worker
        self._limits = limits or ExecutorLimits()
        self._on_crash = on_crash
        self._monotonic = monotonic
        self._begun: dict[tuple[str, str], float] = {}
        self._sent: dict[tuple[str, str], Sent] = {}

    async def run(self, project_id: str, task_id: str, gone: str | None = None, sent: Sent | None = None) -> None:
        """Runs the task until it has its ending; does nothing if it has one, or if another worker holds it.

        ``gone``: a worker that is known to be gone; of any other holder the registry is asked now, not when the task
        was queued. Never called twice at a time for one task in one process. When this coroutine is cancelled, the
        work is stopped, the attempt handed back and CancelledError raised: the task waits again. Raises
        `BusUnavailableError` if the task cannot be begun, `EngineDownError` if it waits for its engine: then it is to
        be run again later, and holds nothing until then; `EngineElsewhereError` if others have one.

        ``sent``: what is known of the task. One that had not been begun when it was sent is begun without being read:
        where more has happened since, the log refuses that, and it is read then.
        """
        key = (project_id, task_id)
        if sent is not None:
            self._sent[key] = sent
        try:
            if sent is not None and sent.task.status is TaskStatus.QUEUED and sent.task.attempt == 0:
                with contextlib.suppress(ConflictError, TaskNotFoundError):
                    if not await self._attempt(sent.task):
                        return
                    await self._rest(sent.task)
            await self._run(project_id, task_id, gone)
        finally:
            self._sent.pop(key, None)

    async def _run(self, project_id: str, task_id: str, gone: str | None) -> None:
        while True:
            try:
                task = (await self._store.task(project_id, task_id)).task
                if task.ended or await self._is_held_elsewhere(task, gone):
                    return
                if not await self._attempt(task):
                    return
            except (ConflictError, TaskNotFoundError):
                return  # another worker has it, or has ended it; what we made was refused
            await self._rest(task)

    async def _rest(self, task: Task) -> None:
        await asyncio.sleep(self._limits.retry_delay_s * 2 ** max(task.attempts_lost, 0))

    async def _is_held_elsewhere(self, task: Task, gone: str | None) -> bool:
        if task.worker in (None, gone, self._worker):
            return False
        assert task.worker is not None
        return task.worker not in await self._registry.expired([task.worker])

    async def _attempt(self, task: Task) -> bool:
        """One attempt. True if the task shall be tried again."""
        if task.cancel_requested:
            await self._end_without_files(task, TaskCancelled(**task.about(self._at(task)), attempt=task.attempt))
            return False
        if task.attempts_lost >= self._limits.max_attempts:
            await self._fail(task, WorkerLostError(task.attempts_lost))
            return False
        key = (task.project_id, task.task_id)
        try:
            assignment = await self._router.assign(task, self._registry.workers, self._worker)
        except UnknownTaskTypeError:
            await self._fail(task, HandlerError("No engine for this task type runs here any more."))
            return False
        except EngineDownError as down:
            waited_s = min(down.down_for_s, (self._clock() - task.queued_at).total_seconds())
            if waited_s < self._router.wait_s:
                raise
            await self._fail(task, down)
            return False
        task = replace(task, attempt=task.attempt + 1, started_at=self._at(task))
        self._begun[key] = self._monotonic()
        try:
            await self._begin(task, assignment.request.estimate_s)
            return await self._supervise(assignment, task)
        except asyncio.CancelledError:
            with contextlib.suppress(AuteurError):
                await self._shielded(self._requeue(task, "shutdown"))
            raise
        finally:
            del self._begun[key]

    def _elapsed_s(self, task: Task) -> float:
        """How long the attempt runs, whatever the wall clock does meanwhile."""
        return self._monotonic() - self._begun[task.project_id, task.task_id]

    def _at(self, task: Task) -> datetime:
        """When something happens to the task: never before what happened to it earlier, though the wall clock steps."""
        if (task.project_id, task.task_id) in self._begun and task.started_at is not None:
            return task.started_at + timedelta(seconds=self._elapsed_s(task))
        return task.no_earlier(self._clock())

    async def _begin(self, task: Task, eta_s: float | None) -> None:
        """Records the start. A start whose answer was lost is recognised when the repeat is refused."""
        assert task.started_at is not None
        try:
            await self._record(
                TaskStarted(**task.about(task.started_at), attempt=task.attempt, worker=self._worker, eta_s=eta_s)
            )
        except StaleAttemptError:
            known = (await self._store.task(task.project_id, task.task_id)).task
            if (known.attempt, known.worker) != (task.attempt, self._worker):
                raise

    async def _supervise(self, assignment: Assignment, task: Task) -> bool:
        made = asyncio.Event()
        work = asyncio.create_task(self._work(assignment, task, made))
        control: asyncio.Task[Literal["cancel", "superseded"]] | None = None
        try:
            unwatched_s = min(_UNWATCHED_S, task.request.timeout_s)
            await asyncio.wait({work}, timeout=unwatched_s)
            if work.done():
                return await self._conclude(task, work)
            control = asyncio.create_task(self._wait_for_control(task))
            left_s = task.request.timeout_s - unwatched_s
            await asyncio.wait({work, control}, timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
            if made.is_set():  # the limit is for making; what is made shall not be lost while it cannot be kept
                await asyncio.wait({work, control}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                return await self._conclude(task, work)
            stopped_by = control.result() if control.done() and not control.exception() else None
            if control.done() and stopped_by is None:  # the log could not be watched; the work itself goes on
                left_s = task.request.timeout_s - self._elapsed_s(task)
                await asyncio.wait({work}, timeout=max(left_s, 0))
                if made.is_set():
                    await asyncio.wait({work})
                if work.done():
                    return await self._conclude(task, work)
            await self._stop(work)
        except asyncio.CancelledError:
            await self._shielded(self._stop(work))
            raise
        finally:
            if control is not None:
                await self._stop(control)
        if stopped_by == "superseded":
            await self._discard(task, task.attempt)
            raise ConflictError(f"Attempt {task.attempt} of task {task.task_id} was replaced.")
        if stopped_by == "cancel":
            await self._end_without_files(task, TaskCancelled(**task.about(self._at(task)), attempt=task.attempt))
            return False
        await self._fail(task, TaskTimeoutError(task.request.timeout_s))
        return False

    async def _work(self, assignment: Assignment, task: Task, made_all: asyncio.Event) -> TaskSucceeded:
        """Makes the files, and what lies beside them; returns the ending that is to be recorded. ``made_all``: set when
        all that is left is to keep what was made."""
        assignment = await self._with_inputs(assignment, task)
        place = (task.project_id, task.task_id, task.attempt)
        directory = await self._artifacts.begin(*place) if assignment.route.task_type.makes_files else None
        context = _Context(directory, lambda: self._report(task, context))
        params = assignment.request.params
        try:
            made: HandlerResult = await self._made(assignment, task, context)
        finally:
            if context.reporter is not None:
                await self._stop(context.reporter)
        self._router.availability.report_up(assignment.route.handler, task.request.task_type)
        made_all.set()
        artifacts: tuple[Artifact, ...] = ()
        if made.drafts:
            artifacts = await self._kept(lambda: self._artifacts.commit(*place, made.drafts))
        elif directory is not None:
            await self._discard(task, task.attempt)
        seed = params.get("seed")
        said = [made.metrics, made.understood, [asdict(artifact) for artifact in artifacts]]
        size_bytes = len(json.dumps(said, default=str))
        if size_bytes > _MAX_RESULT_BYTES:  # it is told to every client, in one message
            raise HandlerError(f"The engine says more of its result than {_MAX_RESULT_BYTES} bytes, the most allowed.")
        result = TaskResult(
            engine=assignment.route.engine,
            artifacts=artifacts,
            params=params,
            seed=seed if isinstance(seed, int) else None,
            metrics=made.metrics,
            understood=made.understood,
            routing=assignment.routing,
        )
        duration_s = round(self._elapsed_s(task), 3)
        about = task.about(self._at(task))
        ending = TaskSucceeded(**about, attempt=task.attempt, result=result, duration_s=duration_s)
        if artifacts:
            await self._kept(lambda: self._artifacts.describe(replace(task, **ending.changes())))
        return ending

    async def _with_inputs(self, assignment: Assignment, task: Task) -> Assignment:
        """The assignment with parameters in which the outputs of other tasks are files of the project. Raises
        `InputFailedError`, `UnavailableError`."""
        request, task_type = assignment.request, assignment.route.task_type
        taken = references(task_type, request.params)
        if not taken:
            return assignment
        given = await resolve(self._store, replace(task, request=request), task_type)
        try:
            params = await assignment.route.handler.prepare(request.task_type, task.project_id, given, request.origins)
        except InvalidParamsError as error:
            problems = {problem["field"]: problem["message"] for problem in error.details["problems"]}
            said = "; ".join(f"{field} {message}" for field, message in problems.items())
            wrong = next((one for one in taken if one.field in problems or one.wanted.name in problems), taken[0])
            raise InputFailedError(wrong.from_task, code=error.code, message=said) from error
        return replace(assignment, request=replace(request, params=params))

    async def _made(self, assignment: Assignment, task: Task, context: "_Context") -> HandlerResult:
        """What the engine makes. Raises `EngineDownError` where it cannot work now, whichever way that shows."""
        route, availability = assignment.route, self._router.availability
        try:
            return await route.handler.run(replace(task, request=assignment.request), context)
        except EngineDownError as down:
            availability.report_down(route.handler, task.request.task_type, down.reason or down.message)
            raise
        except (HandlerError, UnavailableError) as error:
            if isinstance(error, WorkspaceUnavailableError) or not getattr(error, "retryable", True):
                raise
            status = await availability.asked(route.handler, task.request.task_type)
            if status.up:
                raise
            raise EngineDownError(route.engine, status.reason) from error

    async def _kept(self, keep: Callable[[], Awaitable[T]]) -> T:
        """Tries it again while the store of files is away: what lies ready here need not be made anew for that."""
        delay_s, waited_s = self._limits.retry_delay_s, 0.0
        while True:
            try:
                return await keep()
            except StoreUnavailableError:
                if waited_s >= self._limits.record_patience_s:
                    raise
            await asyncio.sleep(delay_s)
            waited_s += delay_s
            delay_s = min(delay_s * 2, 5.0)

    async def _conclude(self, task: Task, work: "asyncio.Task[TaskSucceeded]") -> bool:
        # a handler that cancels itself has gone wrong like any other
        error = HandlerError("The engine gave up.") if work.cancelled() else work.exception()
        if error is None:
            try:
                await self._shielded(self._record(work.result()), self._ending_goes(task))
            except (ConflictError, TaskNotFoundError):
                await self._discard_unless_won(task)
                raise
            await self._clear(task, task.attempt - 1)
            return False
        if isinstance(error, WorkspaceUnavailableError):
            await self._requeue(task, "no_room")
            await self._wait_for_room()
            return True
        if isinstance(error, EngineDownError):
            await self._requeue(task, "engine_down")
            return True
        retryable = isinstance(error, UnavailableError) or (isinstance(error, HandlerError) and error.retryable)
        if retryable and task.attempts_lost < self._limits.max_attempts:
            await self._requeue(task, "retry")
            return True
        if not isinstance(error, TaskFailure | UnavailableError):
            self._on_crash(task, error)
            error = HandlerError("The engine failed unexpectedly; the operator's log has the details.")
        await self._fail(task, error)
        return False

    async def _wait_for_room(self) -> None:
        """Returns when the workspace can be written again: the task waits meanwhile, and may be cancelled."""
        delay_s = self._limits.retry_delay_s
        while True:
            with contextlib.suppress(UnavailableError):
                await self._artifacts.check()
                return
            await asyncio.sleep(delay_s)
            delay_s = min(delay_s * 2, 30.0)

    async def _wait_for_control(self, task: Task) -> Literal["cancel", "superseded"]:
        """Returns when the record, or the log from there on, says that this attempt must stop."""
        while True:
            try:
                reading = await self._store.task(task.project_id, task.task_id)
            except (DeletedError, TaskNotFoundError):
                return "superseded"
            except UnavailableError:
                await asyncio.sleep(self._limits.retry_delay_s)
                continue
            # a log that was lost and began anew may have accepted the task once more, and others may have it
            if reading.task.ended or (reading.task.attempt, reading.task.worker) != (task.attempt, self._worker):
                return "superseded"
            if reading.task.cancel_requested:
                return "cancel"
            with contextlib.suppress(HistoryLostError):
                async with contextlib.aclosing(self._bus.subscribe(task.project_id, reading.position)) as events:
                    async for recorded in events:
                        event = recorded.event
                        if isinstance(event, ProjectDeleted):
                            return "superseded"
                        if event.task_id != task.task_id:
                            continue
                        if isinstance(event, CancelRequested):
                            return "cancel"
                        if isinstance(event, TaskStarted) and event.attempt > task.attempt:
                            return "superseded"
                        if isinstance(event, Ending):
                            return "superseded"

    async def _report(self, task: Task, context: "_Context") -> None:
        """Passes on the newest report, not more often than the limits: a long task must not fill the log."""
        reported = _Report(-1.0, None, None, None)
        while True:
            report = await context.next_report()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._limits.progress_silence_s):
                    while not self._is_worth_telling(report, reported):
                        report = await context.next_report()
            reported = report
            running_s = self._elapsed_s(task)
            eta_s = running_s * (1 - report.progress) / report.progress if report.progress > 0.02 else None
            preview = await self._shown(task, report.preview) if report.preview else None
            with contextlib.suppress(
                AuteurError
            ):  # progress may be lost, and a refused attempt hears of it by `control`
                await self._bus.publish(
                    TaskProgressed(
                        **task.about(self._at(task)),
                        attempt=task.attempt,
                        progress=round(report.progress, 4),
                        stage=report.stage,
                        message=report.message,
                        preview=preview,
                        eta_s=None if eta_s is None else round(eta_s, 1),
                    )
                )
            await asyncio.sleep(self._limits.progress_interval_s)

    async def _shown(self, task: Task, name: str) -> str | None:
        """Where everybody finds the preview; None if it cannot be shown now, which is no reason to be silent."""
        try:
            await self._artifacts.show(task.project_id, task.task_id, task.attempt, name)
        except UnavailableError:
            return None
        return f"{task.task_id}/{task.attempt}/{name}"

    def _is_worth_telling(self, report: "_Report", reported: "_Report") -> bool:
        further = report.progress >= reported.progress + self._limits.progress_step
        return further or report.preview is not None or report.stage != reported.stage

    async def _fail(self, task: Task, error: AuteurError) -> None:
        details = error.details if len(json.dumps(error.details, default=str)) <= _MAX_TEXT else {}
        failure = Failure(code=error.code, message=error.message[:_MAX_TEXT], details=details)
        await self._end_without_files(
            task, TaskFailed(**task.about(self._at(task)), attempt=task.attempt, failure=failure)
        )

    async def _end_without_files(self, task: Task, ending: Event) -> None:
        """Records the ending, and then removes what the task's attempts left: had another ending been first, its files
        must stay."""
        try:
            await self._shielded(self._record(ending), self._ending_goes(task))
        except (ConflictError, TaskNotFoundError):
            await self._discard_unless_won(task)
            raise
        await self._clear(task, task.attempt)

    def _ending_goes(self, task: Task) -> Callable[[], None]:
        sent = self._sent.get((task.project_id, task.task_id))
        return sent.on_ending if sent is not None else lambda: None

    async def _discard_unless_won(self, task: Task) -> None:
        """Removes the attempt's files, unless only the answer to its own ending had been lost."""
        winner = None
        with contextlib.suppress(DeletedError, TaskNotFoundError):  # somebody deleted its record meanwhile
            winner = (await self._store.task(task.project_id, task.task_id)).task
        if winner is None or winner.attempt != task.attempt or winner.result is None:
            await self._discard(task, task.attempt)

    async def _clear(self, task: Task, newest: int) -> None:
        """Removes what the attempts up to the newest left, those of lost workers included."""
        for attempt in range(1, newest + 1):
            await self._discard(task, attempt)

    async def _discard(self, task: Task, attempt: int) -> None:
        """What cannot be removed now is found later as files that no record names."""
        with contextlib.suppress(UnavailableError):
            await self._artifacts.discard(task.project_id, task.task_id, attempt)

    async def _requeue(self, task: Task, reason: Literal["shutdown", "retry", "no_room", "engine_down"]) -> None:
        """Files go only once the log has agreed: if the attempt has its ending already, they are the result."""
        event = TaskRequeued(**task.about(self._at(task)), attempt=task.attempt, reason=reason)
        await self._record(event, self._limits.cancel_grace_s / 2)
        await self._discard(task, task.attempt)

    async def _record(self, event: Event, patience_s: float | None = None) -> None:
        """Offers the event until the log has it. A refusal (`ConflictError`) is final and raised."""
        delay_s, waited_s = 0.05, 0.0
        patience_s = self._limits.record_patience_s if patience_s is None else patience_s
        while True:
            try:
                recorded = await self._bus.publish(event)
                if isinstance(event, Ending) and (sent := self._sent.get((event.project_id, event.task_id))):
                    sent.waiting = recorded.waiting
                return
            except UnavailableError:
                if waited_s >= patience_s:
                    raise
            await asyncio.sleep(delay_s)
            waited_s += delay_s
            delay_s = min(delay_s * 2, 1.0)

    async def _stop(self, work: "asyncio.Task[Any]") -> None:
        """Cancels and waits, at most for the grace: what will not stop is left behind, its results refused."""
        if not work.done():
            work.cancel()
            await asyncio.wait({work}, timeout=self._limits.cancel_grace_s)
        if work.done() and not work.cancelled():
            work.exception()  # seen, so that it is not reported as forgotten

    async def _shielded(self, step: Awaitable[None], beside: Callable[[], None] = lambda: None) -> None:
        """Lets the step finish although this coroutine is being cancelled, then passes the cancellation on. ``beside``:
        called when the step is on its way."""
        running = asyncio.ensure_future(step)
        beside()
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            await asyncio.wait({running}, timeout=self._limits.cancel_grace_s)
            raise


@dataclass(frozen=True, slots=True)
class _Report:
    progress: float
    stage: str | None
    message: str | None
    preview: str | None


class _Context:
    """What the handler sees of its attempt: a directory, None where it makes no files, and a place for the newest
    report. ``reports``: passes reports on; begun with the first."""

    def __init__(self, directory: Path | None, reports: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._directory = directory
        self._reports = reports
        self.reporter: asyncio.Task[None] | None = None
        self._newest = _Report(0.0, None, None, None)
        self._fresh = asyncio.Event()

    @property
    def directory(self) -> Path:
        if self._directory is None:
            raise HandlerError("The engine says that it makes no files, and asks for a place for them.")
        return self._directory

    def report(
        self,
        progress: float,
        *,
        stage: str | None = None,
        message: str | None = None,
        preview: str | None = None,
    ) -> None:
        unsent = self._newest.preview if self._fresh.is_set() else None
        self._newest = _Report(
            min(max(self._newest.progress, progress), 1.0),
            stage and stage[:_MAX_TEXT],
            message and message[:_MAX_TEXT],
            preview or unsent,
        )
        self._fresh.set()
        if self.reporter is None:
            self.reporter = asyncio.create_task(self._reports())

    async def next_report(self) -> _Report:
        await self._fresh.wait()
        self._fresh.clear()
        return self._newest
