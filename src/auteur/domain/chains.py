"""Tasks that take what other tasks make: which outputs a request names, whom it waits for, and where they lie then.

An input of a task type may be given as ``{"from_task": id, "artifact": name}``. While the other task is open this one
is blocked; whoever ends a task settles what waits for it, and who sweeps settles what nobody did.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any

from auteur.domain.errors import (
    ConflictError,
    InputFailedError,
    InvalidParamsError,
    InvalidRequestError,
    NotFoundError,
    TaskCancelledError,
    TaskDeletedError,
    TaskNotFoundError,
)
from auteur.domain.events import Event, TaskFailed, TaskUnblocked
from auteur.domain.ports import Clock, ProgressBus, StateStore
from auteur.domain.state import OpenTask
from auteur.domain.task import CONTROL_FILES, Artifact, Failure, Task, TaskInput, TaskStatus, TaskType

_PAGE = 100
_TOGETHER = 100
"""How many events are appended as one, so that others get their turn."""
_CANCELLED = TaskCancelledError()
_FIELDS = {"UNKNOWN_TASK_TYPE": "task_type", "UNKNOWN_QUALITY": "quality", InvalidRequestError.code: "shot"}
"""What a request is wrong in, where the error alone says it."""


# --- what a request names ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reference:
    """A value that names another task's output. ``field``: where it stands, as ``source_image`` or ``images.2``."""

    field: str
    from_task: str
    artifact: str | None
    wanted: TaskInput
    as_given: Mapping[str, Any] = dataclass_field(compare=False)


def references(task_type: TaskType, params: Mapping[str, Any]) -> Sequence[Reference]:
    """All outputs of other tasks that the parameters name, in the order of the type's inputs."""
    return [reference for _, _, reference in _references(task_type, params)]


def with_answers(
    task_type: TaskType, params: Mapping[str, Any], answer: Callable[[Reference], Any]
) -> Mapping[str, Any]:
    """The parameters with each reference replaced by its answer."""
    found = dict(params)
    for name, place, reference in _references(task_type, params):
        if place is None:
            found[name] = answer(reference)
        else:
            found[name] = [*found[name][:place], answer(reference), *found[name][place + 1 :]]
    return found


def _references(task_type: TaskType, params: Mapping[str, Any]) -> Iterator[tuple[str, int | None, Reference]]:
    for wanted in task_type.inputs:
        value = params.get(wanted.name)
        several = wanted.many and isinstance(value, list | tuple)
        for place, one in enumerate(value if several else (value,)):  # type: ignore[arg-type]
            if isinstance(one, Mapping) and isinstance(one.get("from_task"), str):
                field = f"{wanted.name}.{place}" if several else wanted.name
                reference = Reference(field, one["from_task"], one.get("artifact"), wanted, one)
                yield wanted.name, place if several else None, reference


def choose(artifacts: Sequence[Artifact], reference: Reference) -> Artifact | None:
    """The artifact that a reference means: the named one if it is of the kind, else the first of the kind.

    Without a name a poster is not meant, and a control input means the file of its pass.
    """
    wanted = reference.wanted
    if reference.artifact is not None:
        named = [artifact for artifact in artifacts if artifact.name == reference.artifact]
        return next((a for a in named if _kinds(wanted) & {a.kind, a.media_type.partition("/")[0]}), None)
    if wanted.control is not None:
        return next((a for a in artifacts if a.name == CONTROL_FILES.get(wanted.control)), None)
    of_kind = [a for a in artifacts if a.kind in _kinds(wanted) and a.name.partition(".")[0] != "poster"]
    return next((a for a in of_kind if a.kind == "video"), of_kind[0] if of_kind else None)


def _kinds(wanted: TaskInput) -> set[str]:
    return {"image", "video"} if wanted.kind == "visual" else {wanted.kind}


def _missing(task: Task, reference: Reference) -> str:
    """Why a task that has succeeded has nothing that the reference could mean."""
    names = ", ".join(artifact.name for artifact in task.result.artifacts) if task.result else "nothing"
    wanted = reference.artifact or (
        f"{reference.wanted.control} pass" if reference.wanted.control else reference.wanted.kind
    )
    return f"task {task.task_id} made no {wanted} that can be used here; it made {names}"


# --- at submission -------------------------------------------------------------------------------------------------


async def read_origins(
    store: StateStore,
    project_id: str,
    found: Iterable[Reference],
    own_id: str,
    known: dict[str, Task] | None = None,
) -> tuple[list[dict[str, str]], dict[str, Task]]:
    """What is wrong with the references, one ``{"field", "message"}`` each, and the tasks that they name, by id.

    ``known``: what was read before, and is added to. Raises `ProjectDeletedError`, `BusUnavailableError`.
    """
    problems: list[dict[str, str]] = []
    origins = {} if known is None else known
    for reference in found:
        problem = await _problem(store, project_id, reference, own_id, origins)
        if problem is not None:
            problems.append({"field": reference.field, "message": problem})
    return problems, origins


async def _problem(
    store: StateStore, project_id: str, reference: Reference, own_id: str, origins: dict[str, Task]
) -> str | None:
    origin_id = reference.from_task
    if origin_id == own_id:
        return "is the task itself"
    try:
        task = origins[origin_id] if origin_id in origins else (await store.task(project_id, origin_id)).task
    except TaskNotFoundError:
        return f"there is no task {origin_id!r} in this project"
    except TaskDeletedError:
        return f"task {origin_id} was deleted"
    origins[origin_id] = task
    if task.status in (TaskStatus.FAILED, TaskStatus.CANCELLED):
        return f"task {origin_id} has {task.status.value}" if task.failure else f"task {origin_id} was cancelled"
    if task.result is not None and choose(task.result.artifacts, reference) is None:
        return _missing(task, reference)
    return None


def problems_at(place: int, error: InvalidRequestError) -> list[dict[str, Any]]:
    """What is wrong with one request of a batch, one ``{"index", "field", "message", "code"}`` each."""
    found = error.details.get("problems") or [{"field": _FIELDS.get(error.code, "request"), "message": error.message}]
    inside = "params." if isinstance(error, InvalidParamsError) else ""
    return [
        {"index": place, "field": f"{inside}{p['field']}", "message": p["message"], "code": error.code} for p in found
    ]


def problems_of_names(names: Sequence[str | None]) -> list[dict[str, Any]]:
    """Names that are given twice."""
    code, met, problems = InvalidRequestError.code, {}, []  # type: ignore[var-annotated]
    for place, name in enumerate(names):
        if name is not None and name in met:
            said = f"is the name of request {met[name]} already"
            problems.append({"index": place, "field": "name", "message": said, "code": code})
        met.setdefault(name, place)
    return problems


def problems_of_cycles(ids: Sequence[str], found: Sequence[Sequence[Reference]]) -> list[dict[str, Any]]:
    """Requests that wait for themselves, at once or by others: none of them could ever begin."""
    places = {task_id: place for place, task_id in enumerate(ids)}
    waits = [{places[ref.from_task] for ref in refs if ref.from_task in places} for refs in found]
    left = _without_ends(_without_ends(dict(enumerate(waits))), turned=True)
    return [
        {
            "index": place,
            "field": f"params.{reference.field}",
            "message": "waits for itself" if places[reference.from_task] == place else "waits in a circle",
            "code": InvalidParamsError.code,
        }
        for place in sorted(left)
        for reference in found[place]
        if places.get(reference.from_task) in left
    ]


def _without_ends(waits: Mapping[int, set[int]], *, turned: bool = False) -> Mapping[int, set[int]]:
    """A graph without what is in no circle and leads into none; turned, without what none leads to."""
    if turned:
        back: dict[int, set[int]] = {place: set() for place in waits}
        for place, others in waits.items():
            for other in others & set(waits):
                back[other].add(place)
        waits = back
    wanted_by: dict[int, list[int]] = {place: [] for place in waits}
    count = {place: len(others & set(waits)) for place, others in waits.items()}
    for place, others in waits.items():
        for other in others & set(waits):
            wanted_by[other].append(place)
    free = [place for place, n in count.items() if not n]
    gone: set[int] = set()
    while free:
        place = free.pop()
        gone.add(place)
        for other in wanted_by[place]:
            count[other] -= 1
            if not count[other]:
                free.append(other)
    return {place: others - gone for place, others in waits.items() if place not in gone}


# --- before an attempt ---------------------------------------------------------------------------------------------


async def resolve(store: StateStore, task: Task, task_type: TaskType) -> Mapping[str, Any]:
    """The task's parameters with the paths in the project of the outputs that they name.

    Raises `InputFailedError` where one is not there, `BusUnavailableError`.
    """
    params, paths = task.request.params, {}
    for reference in references(task_type, params):
        outcome, origin = await _look(store, task.project_id, reference.from_task)
        if isinstance(outcome, InputFailedError):
            raise outcome
        artifact = choose(origin.result.artifacts, reference) if origin and origin.result else None
        if artifact is None:
            why = _missing(origin, reference) if origin else "it has not ended"
            raise InputFailedError(reference.from_task, code="ARTIFACT_NOT_FOUND", message=why)
        paths[reference] = artifact.path.removeprefix(f"{task.project_id}/")
    return with_answers(task_type, params, paths.__getitem__)


# --- when a task has ended -----------------------------------------------------------------------------------------

Outcome = InputFailedError | bool
"""Of a task that another waits for: why its output cannot be had; True: it is there; False: the task is still open."""


async def _look(store: StateStore, project_id: str, task_id: str) -> tuple[Outcome, Task | None]:
    try:
        task = (await store.task(project_id, task_id)).task
    except (TaskNotFoundError, TaskDeletedError) as error:
        return InputFailedError(task_id, code=error.code, message=error.message), None
    if task.failure is not None:
        return input_failed(task_id, task.failure), task
    if task.status is TaskStatus.CANCELLED:
        return InputFailedError(task_id, code=_CANCELLED.code, message=_CANCELLED.message), task
    return task.ended, task


def input_failed(task_id: str, failure: Failure) -> InputFailedError:
    """What a task ends with because this one, which it waits for, ended so."""
    first = failure.details.get("first")
    if first is None and failure.code == InputFailedError.code:
        first = {name: failure.details.get(name) for name in ("from_task", "code", "message")}
    return InputFailedError(task_id, code=failure.code, message=failure.message, first=first)


class Chains:
    """Carries on what waits for other tasks. Any number of processes may settle the same at a time: the log admits each
    step once."""

    def __init__(self, bus: ProgressBus, store: StateStore, clock: Clock) -> None:
        self._bus = bus
        self._store = store
        self._clock = clock
        self._succeeded: set[tuple[str, str]] = set()
        """Of what open tasks wait for, what is known to be there."""

    async def settle(self, project_id: str, task_id: str) -> Sequence[Task]:
        """Unblocks what waited for nothing but this task, if it has succeeded; ends all that waits for it, and what
        waits for that, if it has not. Returns the tasks that now wait for a worker.

        Costs one look where nothing waits for it. Raises `ProjectDeletedError`, `BusUnavailableError`.
        """
        return await self._settle(project_id, [task_id], {})

    async def settle_blocked(self, tasks: Iterable[Task]) -> Sequence[Task]:
        """The same for blocked tasks of one project whose origins may have ended unheard. Raises `ProjectDeletedError`,
        `BusUnavailableError`."""
        freed: list[Task] = []
        known: dict[str, Outcome] = {}
        failed: list[tuple[Task, InputFailedError]] = []
        project_id = ""
        for task in tasks:
            project_id = task.project_id
            outcome = await self._outcome_of(task, known, every=True)
            if isinstance(outcome, InputFailedError):
                failed.append((task, outcome))
            elif outcome:
                freed.append(task)
            there = set(task.needs) - set(task.waits_for)  # when it was accepted
            self._succeeded |= {(project_id, origin) for origin in there}
        self._succeeded |= {(project_id, origin) for origin, outcome in known.items() if outcome is True}
        found = list(await self._unblock(freed))
        await self._fail(failed)
        if failed:
            found += await self._settle(project_id, [task.task_id for task, _ in failed], {})
        return found

    async def overdue(self, unfinished: Sequence[OpenTask]) -> Mapping[str, Sequence[Task]]:
        """The blocked tasks among all open ones that nobody has settled although something that they wait for has
        ended, by project. What it costs grows with the open tasks. Raises `BusUnavailableError`."""
        still_open = {(known.project_id, known.task_id) for known in unfinished}
        waited_for: set[tuple[str, str]] = set()
        found: dict[str, list[Task]] = {}
        for known in unfinished:
            origins = {(known.project_id, origin) for origin in known.waits_for}
            waited_for |= origins
            ended = origins - still_open
            if not ended or (ended < origins and ended <= self._succeeded):
                continue
            try:
                task = (await self._store.task(known.project_id, known.task_id)).task
            except (NotFoundError, ConflictError):
                continue
            if task.blocked:
                found.setdefault(known.project_id, []).append(task)
        self._succeeded &= waited_for
        return found

    async def _settle(self, project_id: str, origins: Iterable[str], known: dict[str, Outcome]) -> list[Task]:
        freed: list[Task] = []
        failed: list[tuple[Task, InputFailedError]] = []
        met: set[str] = set()
        left = deque(origins)
        while left:  # no recursion: a chain may be as long as it likes
            origin = left.popleft()
            after_seq: int | None = 0
            while after_seq is not None:
                page = await self._store.dependants(project_id, origin, after_seq=after_seq, limit=_PAGE)
                if page.tasks and await self._outcome(project_id, origin, known) is False:
                    break  # it is tried again
                for task in page.tasks:
                    if task.task_id in met or not task.blocked:
                        continue
                    outcome = await self._outcome_of(task, known)
                    if outcome is False:
                        continue
                    met.add(task.task_id)
                    if isinstance(outcome, InputFailedError):
                        failed.append((task, outcome))
                        known[task.task_id] = input_failed(task.task_id, _failure(outcome))
                        left.append(task.task_id)
                    else:
                        freed.append(task)
                after_seq = page.next_seq
            if len(failed) >= _TOGETHER:
                await self._fail(failed)
                failed = []
        await self._fail(failed)
        return list(await self._unblock(freed))

    async def _outcome_of(self, task: Task, known: dict[str, Outcome], *, every: bool = False) -> Outcome:
        """What all that a blocked task waits for come to. ``every``: look at all, also where one is still open."""
        for origin in task.waits_for:
            outcome = known.get(origin)
            if isinstance(outcome, InputFailedError):
                return outcome
        is_there = True
        for origin in reversed(task.waits_for):  # the last to be accepted is mostly the last to end
            outcome = await self._outcome(task.project_id, origin, known)
            if isinstance(outcome, InputFailedError):
                return outcome
            is_there = is_there and outcome
            if not is_there and not every:
                return False
        return is_there

    async def _outcome(self, project_id: str, task_id: str, known: dict[str, Outcome]) -> Outcome:
        if task_id not in known:
            known[task_id], _ = await _look(self._store, project_id, task_id)
        return known[task_id]

    async def _unblock(self, tasks: Sequence[Task]) -> Sequence[Task]:
        events = {task.task_id: TaskUnblocked(**task.about(task.no_earlier(self._clock()))) for task in tasks}
        recorded = await self._record(list(events.values()))
        return [task.after(events[task.task_id]) for task in tasks if task.task_id in recorded]

    async def _fail(self, failed: Sequence[tuple[Task, InputFailedError]]) -> None:
        await self._record(
            [
                TaskFailed(
                    **task.about(task.no_earlier(self._clock())), attempt=task.attempt, failure=_failure(outcome)
                )
                for task, outcome in failed
            ]
        )

    async def _record(self, events: Sequence[Event]) -> set[str]:
        """Records what is still true; the ids of its tasks."""
        recorded: set[str] = set()
        for start in range(0, len(events), _TOGETHER):
            together = events[start : start + _TOGETHER]
            try:
                recorded |= {known.event.task_id for known in await self._bus.publish_all(together)}  # type: ignore[union-attr]
            except (ConflictError, NotFoundError):  # somebody else was first with one of them
                for event in together:
                    try:
                        recorded.add((await self._bus.publish(event)).event.task_id)  # type: ignore[union-attr]
                    except (ConflictError, NotFoundError):
                        continue
        return recorded


def _failure(error: InputFailedError) -> Failure:
    return Failure(code=error.code, message=error.message, details=error.details)
