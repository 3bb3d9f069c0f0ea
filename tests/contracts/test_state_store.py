"""What every `StateStore` promises beside the log: each record is what the log's events make of it, and is found.

Each test gets the ground of two processes, writes in one and reads in the other.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from auteur.domain.errors import (
    AuteurError,
    InvalidRequestError,
    ProjectBusyError,
    ProjectDeletedError,
    TaskDeletedError,
    TaskExistsError,
    TaskNotFoundError,
    TaskOpenError,
)
from auteur.domain.events import (
    CancelRequested,
    Event,
    ProjectDeleted,
    RecordedEvent,
    TakeCircled,
    TaskCancelled,
    TaskDeleted,
    TaskFailed,
    TaskImported,
    TaskMarked,
    TaskProgressed,
    TaskPromoted,
    TaskQueued,
    TaskRequeued,
    TaskStarted,
    TaskSucceeded,
    TaskUnblocked,
)
from auteur.domain.guard import record_after
from auteur.domain.state import OpenTask, ProjectCounts, TaskQuery, words_of
from auteur.domain.task import MAX_PROMOTIONS, OPEN, Artifact, Failure, Routing, Task, TaskResult, TaskStatus
from tests.backends import BACKENDS, Ground, ground
from tests.fakes import START, of, queued

NOTHING = TaskQuery()


@pytest.fixture(params=BACKENDS)
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ground]:
    async with ground(request.param, tmp_path, lambda: request.getfixturevalue("redis_server")) as there:
        yield there


def a_result(task_id: str = "t-1", size_bytes: int = 300, **changes: Any) -> TaskResult:
    picture = Artifact(
        name="a.png", kind="image", path=f"film/{task_id}/1/a.png", media_type="image/png", size_bytes=size_bytes,
        sha256="ab" * 32, width_px=64, height_px=48,
    )  # fmt: skip
    given = {
        "engine": "e",
        "artifacts": (picture,),
        "params": {"x": [1, {"y": None}]},
        "seed": 4,
        "metrics": {"s": 0.5},
    }
    return TaskResult(**{**given, **changes})


def succeeded(task_id: str = "t-1", project_id: str = "film", attempt: int = 1, **result: Any) -> TaskSucceeded:
    made = a_result(task_id, **result)
    return TaskSucceeded(**of(task_id, project_id), attempt=attempt, result=made, duration_s=2.5)


def started(
    task_id: str = "t-1", project_id: str = "film", attempt: int = 1, worker: str = "a worker/1"
) -> TaskStarted:
    return TaskStarted(**of(task_id, project_id), attempt=attempt, worker=worker)


def failed(task_id: str = "t-1", attempt: int = 1) -> TaskFailed:
    failure = Failure(code="X", message="é went wrong", details={"a": [1]})
    return TaskFailed(**of(task_id), attempt=attempt, failure=failure)


async def make(world: Ground, *events: Event) -> list[RecordedEvent]:
    return [await world.buses[number % 2].publish(event) for number, event in enumerate(events)]


async def made(world: Ground, *task_ids: str, project_id: str = "film", **request: Any) -> None:
    for task_id in task_ids:
        events = queued(task_id, project_id, **request), started(task_id, project_id), succeeded(task_id, project_id)
        await make(world, *events)


async def ids(world: Ground, query: TaskQuery = NOTHING, limit: int = 3, project_id: str = "film") -> list[str]:
    """All that a query finds, page by page."""
    found: list[str] = []
    before_seq: int | None = None
    while True:
        page = await world.stores[1].tasks(project_id, query, before_seq=before_seq, limit=limit)
        assert len(page.tasks) <= limit
        found += [task.task_id for task in page.tasks]
        before_seq = page.next_seq
        if before_seq is None:
            return found


# --- records -------------------------------------------------------------------------------------------------------


def fold(recorded: Sequence[RecordedEvent]) -> dict[str, Task]:
    """What the domain makes of a log."""
    tasks: dict[str, Task] = {}
    for known in recorded:
        event = known.event
        assert not isinstance(event, ProjectDeleted)
        task = record_after(tasks.get(event.task_id), event, known.position.seq)
        if isinstance(event, TakeCircled) and event.circled:
            for other in tasks.values():
                if other.request.shot == event.shot:
                    tasks[other.task_id] = replace(other, circled=False)
        if task is None:
            tasks.pop(event.task_id)
        else:
            tasks[event.task_id] = task
    return tasks


async def is_the_fold(world: Ground, recorded: Sequence[RecordedEvent]) -> None:
    tasks = fold(recorded)
    page = await world.stores[1].tasks("film", NOTHING, before_seq=None, limit=100)
    assert list(page.tasks) == sorted(tasks.values(), key=lambda task: -task.queued_seq)
    counts = await world.stores[0].counts("film")
    assert counts.by_status == {
        status: n for status in TaskStatus if (n := sum(task.status is status for task in tasks.values()))
    }
    assert counts.size_bytes == sum(task.size_bytes for task in tasks.values())
    assert counts.position == (recorded[-1].position if recorded else None)
    waiting = [task.task_id for task in tasks.values() if task.status is TaskStatus.QUEUED]
    for origin in ("t-1", "t-2", "t-3"):
        blocked = await world.stores[1].dependants("film", origin, limit=99)
        assert list(blocked.tasks) == [task for task in tasks.values() if origin in task.needs]
    for task_id, task in tasks.items():
        reading = await world.stores[1].task("film", task_id)
        assert reading.task == task
        assert reading.position == recorded[-1].position
        waits = task.status is TaskStatus.QUEUED
        assert reading.queue_position == (waiting.index(task_id) + 1 if waits else None)


async def test_a_record_is_what_the_log_makes_of_it_after_every_event(world: Ground) -> None:
    events: list[Event] = [
        queued(shot="12A"),
        started(),
        TaskProgressed(**of(), attempt=1, progress=0.25, stage="s", message="m", preview="t-1/1/p.jpg", eta_s=1.5),
        TaskProgressed(**of(), attempt=1, progress=1 / 3),
        CancelRequested(**of()),
        TaskRequeued(**of(), attempt=1, reason="shutdown"),
        started(attempt=2, worker="another, with 100% of spaces"),
        TaskRequeued(**of(), attempt=2, reason="retry"),
        started(attempt=3),
        succeeded(attempt=3, params={"not": "the request's"}),
        TaskMarked(**of(), favourite=True),
        TakeCircled(**of(), shot="12A", take=1, circled=True),
        TaskMarked(**of(), favourite=False),
        TakeCircled(**of(), shot="12A", take=1, circled=False),
        TaskPromoted(**of(), promoted_to="t-9"),
        TaskPromoted(**of(), promoted_to="t-8"),
        TaskPromoted(**of(), promoted_to="t-9"),
        queued("t-2"),
        failed("t-2", attempt=0),
        queued("t-3", lane="a lane"),
        started("t-3"),
        TaskProgressed(**of("t-3"), attempt=1, progress=1.0),
        TaskCancelled(**of("t-3"), attempt=1),
        TaskDeleted(**of("t-2"), reason="asked"),
        queued("t-4", waits_for=("t-1", "t-3"), shot="12A"),
        queued("t-5", waits_for=("t-1",)),
        CancelRequested(**of("t-5")),
        TaskUnblocked(**of("t-4")),
        TaskCancelled(**of("t-5"), attempt=0),
        started("t-4"),
        TaskRequeued(**of("t-4"), attempt=1, reason="shutdown"),
    ]
    recorded: list[RecordedEvent] = []
    for event in events:
        recorded += await make(world, event)
        await is_the_fold(world, recorded)


TASKS = st.sampled_from(["t-1", "t-2", "t-3"])
ATTEMPTS = st.integers(0, 3)
EVENTS: st.SearchStrategy[Event] = st.one_of(
    st.builds(lambda t, s: queued(t, shot=s), TASKS, st.sampled_from([None, "1", "2"])),
    st.builds(lambda t, w: queued(t, waits_for=tuple(w)), TASKS, st.lists(TASKS, unique=True)),
    st.builds(lambda t: TaskUnblocked(**of(t)), TASKS),
    st.builds(lambda t, a: started(t, attempt=a), TASKS, ATTEMPTS),
    st.builds(
        lambda t, a, p, v: TaskProgressed(**of(t), attempt=a, progress=p, stage=v, preview=v),
        TASKS, ATTEMPTS, st.floats(0, 1), st.sampled_from([None, "x"]),
    ),
    st.builds(
        lambda t, a, r: TaskRequeued(**of(t), attempt=a, reason=r),
        TASKS, ATTEMPTS, st.sampled_from(["retry", "shutdown"]),
    ),
    st.builds(lambda t, a: succeeded(t, attempt=a), TASKS, ATTEMPTS),
    st.builds(failed, TASKS, ATTEMPTS),
    st.builds(lambda t: CancelRequested(**of(t)), TASKS),
    st.builds(lambda t, a: TaskCancelled(**of(t), attempt=a), TASKS, ATTEMPTS),
    st.builds(lambda t, f: TaskMarked(**of(t), favourite=f), TASKS, st.booleans()),
    st.builds(
        lambda t, s, c: TakeCircled(**of(t), shot=s, take=1, circled=c),
        TASKS, st.sampled_from(["1", "2"]), st.booleans(),
    ),
    st.builds(lambda t: TaskDeleted(**of(t), reason="asked"), TASKS),
    st.builds(lambda t, o: TaskPromoted(**of(t), promoted_to=o), TASKS, TASKS),
)  # fmt: skip


@pytest.mark.parametrize("backend", BACKENDS)
@given(events=st.lists(EVENTS, max_size=30))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_is_published_every_adapter_agrees_with_the_domain(
    backend: str, events: list[Event], tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> None:
    async def agree() -> None:
        directory = tmp_path_factory.mktemp("log")
        server = lambda: request.getfixturevalue("redis_server")  # noqa: E731
        async with ground(backend, directory, server) as world, ground("memory", directory, server) as reference:
            recorded: list[RecordedEvent] = []
            shots: dict[str, str | None] = {}
            for event in events:
                if isinstance(event, TakeCircled) and shots.get(event.task_id) != event.shot:
                    continue  # the archive asks only for takes of the shot
                answers = [await answer_of(ground_, event) for ground_ in (world, reference)]
                if isinstance(answers[0], RecordedEvent):
                    assert isinstance(answers[1], RecordedEvent), (event, answers)
                    assert answers[0].event == answers[1].event
                    recorded.append(answers[0])
                    if isinstance(event, TaskQueued):
                        shots[event.task_id] = event.request.shot
                else:
                    assert answers[0] == answers[1], event
            await is_the_fold(world, recorded)
            assert await world.stores[1].shots("film", after=None, limit=9) == await reference.stores[0].shots(
                "film", after=None, limit=9
            )

    asyncio.run(agree())


async def answer_of(world: Ground, event: Event) -> object:
    try:
        return await world.buses[0].publish(event)
    except AuteurError as error:
        return type(error)


async def test_an_unknown_project_is_one_without_tasks(world: Ground) -> None:
    store = world.stores[0]
    assert (await store.counts("film")).position is None
    assert await ids(world) == []
    state = await store.project("film", open_limit=5, ended_limit=5)
    assert (list(state.open.tasks), list(state.ended.tasks), state.position) == ([], [], None)
    assert await store.shots("film", after=None, limit=5) == []
    assert (await store.projects(after=None, limit=5)).projects == []
    with pytest.raises(TaskNotFoundError):
        await store.task("film", "t-1")


async def test_a_refused_event_changes_no_record(world: Ground) -> None:
    recorded = await make(world, queued(), started(attempt=2))
    for refused in (queued(), started(attempt=1), succeeded(attempt=1), failed(attempt=1)):
        with pytest.raises(AuteurError):
            await world.buses[1].publish(refused)
    await is_the_fold(world, recorded)


async def test_tasks_without_an_ending_are_known_with_whoever_holds_them(world: Ground) -> None:
    assert await world.stores[0].unfinished() == []
    await make(world, *(queued(f"t-{number}") for number in range(1, 5)), queued("t-5", "other", lane="heavy"))
    await make(world, started("t-2"), started("t-3"), TaskRequeued(**of("t-3"), attempt=1, reason="retry"))
    await make(world, started("t-4"), succeeded("t-4"))
    rest = ("interactive", "scripted", START)
    assert sorted(await world.stores[1].unfinished(), key=lambda known: known.task_id) == [
        OpenTask("film", "t-1", 0, None, *rest),
        OpenTask("film", "t-2", 1, "a worker/1", *rest),
        OpenTask("film", "t-3", 1, None, *rest),
        OpenTask("other", "t-5", 0, None, "heavy", "scripted", START),
    ]


async def test_blocked_tasks_are_known_with_what_they_wait_for(world: Ground) -> None:
    await make(world, queued("t-1"), queued("t-2", waits_for=("t-1", "t-0")), queued("t-3", waits_for=("t-2",)))
    known = {task.task_id: task for task in await world.stores[1].unfinished()}
    assert {name: set(task.waits_for) for name, task in known.items()} == {
        "t-1": set(), "t-2": {"t-0", "t-1"}, "t-3": {"t-2"},
    }  # fmt: skip
    assert [task.waits_for_worker for task in known.values()].count(True) == 1
    await make(world, TaskUnblocked(**of("t-2")), failed("t-3", attempt=0))
    left = sorted(await world.stores[0].unfinished(), key=lambda task: task.task_id)
    assert [(task.task_id, set(task.waits_for)) for task in left] == [("t-1", set()), ("t-2", set())]


async def test_blocked_tasks_are_open_and_wait_for_no_worker(world: Ground) -> None:
    await make(world, queued("t-1"), queued("t-2", waits_for=("t-1",)), queued("t-3"))
    counts = await world.stores[1].counts("film")
    assert dict(counts.by_status) == {TaskStatus.BLOCKED: 1, TaskStatus.QUEUED: 2}
    assert (dict(counts.waiting), dict(counts.running)) == ({"interactive": 2}, {})
    state = await world.stores[1].project("film", open_limit=9, ended_limit=9)
    assert [(task.task_id, task.status.value) for task in state.open.tasks] == [
        ("t-1", "queued"), ("t-2", "blocked"), ("t-3", "queued"),
    ]  # fmt: skip
    assert dict(state.open.queue_positions) == {"t-1": 1, "t-3": 2}
    page = await world.stores[0].open_tasks("film", limit=9, status=TaskStatus.BLOCKED)
    assert [task.task_id for task in page.tasks] == ["t-2"]
    assert await ids(world, TaskQuery(statuses=frozenset({TaskStatus.BLOCKED}))) == ["t-2"]
    (summary,) = (await world.stores[0].projects(after=None, limit=9)).projects
    assert summary.by_status[TaskStatus.BLOCKED] == 1
    await make(world, TaskCancelled(**of("t-1"), attempt=0), TaskCancelled(**of("t-3"), attempt=0))
    for refused in (TaskDeleted(**of("t-2"), reason="asked"), ProjectDeleted(project_id="film", at=START)):
        with pytest.raises((TaskOpenError, ProjectBusyError)):
            await make(world, refused)


async def test_what_waits_for_a_task_is_found_page_by_page(world: Ground) -> None:
    store, other = world.stores
    assert (await store.dependants("film", "t-0", limit=9)).tasks == []
    names = [f"t-{number}" for number in range(1, 6)]
    await make(world, queued("t-0"), queued("elsewhere", "other", waits_for=("t-0",)))
    await make(world, *(queued(name, waits_for=("t-0", "more")) for name in names))
    found, after_seq = [], 0
    while True:
        page = await other.dependants("film", "t-0", after_seq=after_seq, limit=2)
        assert len(page.tasks) <= 2
        found += [task.task_id for task in page.tasks]
        if page.next_seq is None:
            break
        after_seq = page.next_seq
    assert found == names
    await make(world, TaskUnblocked(**of("t-1")), TaskCancelled(**of("t-2"), attempt=0))
    for origin in ("t-0", "more"):
        left = await other.dependants("film", origin, limit=9)
        assert [task.task_id for task in left.tasks] == ["t-1", "t-3", "t-4", "t-5"]
        assert [task.waits_for for task in left.tasks] == [(), *[("t-0", "more")] * 3]
    await make(world, started("t-1"))
    assert len((await store.dependants("film", "more", limit=9)).tasks) == 4
    await make(world, succeeded("t-1"))
    assert len((await store.dependants("film", "more", limit=9)).tasks) == 3


async def test_what_names_the_files_of_a_task_is_found_until_it_has_ended(world: Ground) -> None:
    store, other = world.stores
    by_path = {"prompt": "a field\nt-0/1/x", "images": ["uploads/a.png", "t-0/1/frame.png"]}
    by_output = {"source": {"from_task": "t-0", "artifact": "frame.png"}, "prompt": "24/25 frames"}
    await make(world, queued("t-0"), queued("t-1", params=by_path), queued("t-2", params=by_output, waits_for=("t-3",)))
    for reading in (store, other):
        assert [task.task_id for task in (await reading.dependants("film", "t-0", limit=9)).tasks] == ["t-1", "t-2"]
    waits = {known.task_id: known.waits_for for known in await other.unfinished()}
    assert waits == {"t-0": frozenset(), "t-1": frozenset(), "t-2": frozenset({"t-0", "t-3"})}
    await make(world, TaskCancelled(**of("t-1"), attempt=0), TaskUnblocked(**of("t-2")))
    assert [task.task_id for task in (await store.dependants("film", "t-0", limit=9)).tasks] == ["t-2"]
    await make(world, TaskCancelled(**of("t-2"), attempt=0))
    assert (await other.dependants("film", "t-0", limit=9)).tasks == []


async def test_a_batch_is_recorded_with_all_that_waits_in_it(world: Ground) -> None:
    batch: list[Event] = [queued("t-1", shot="12A"), queued("t-2", shot="12A", waits_for=("t-1",))]
    recorded = list(await world.buses[0].publish_all(batch))
    await is_the_fold(world, recorded)
    with pytest.raises(TaskExistsError):
        await world.buses[1].publish_all([queued("t-3", waits_for=("t-1",)), queued("t-2")])
    await is_the_fold(world, recorded)
    assert [task.task_id for task in (await world.stores[1].dependants("film", "t-1", limit=9)).tasks] == ["t-2"]


async def test_open_tasks_are_counted_by_lane(world: Ground) -> None:
    await make(world, queued("t-1"), queued("t-2", lane="heavy"), queued("t-3", lane="heavy"), started("t-3"))
    counts = await world.stores[1].counts("film")
    assert (counts.waiting, counts.running) == ({"interactive": 1, "heavy": 1}, {"heavy": 1})
    await make(world, succeeded("t-3"), TaskCancelled(**of("t-2"), attempt=0))
    counts = await world.stores[0].counts("film")
    assert (dict(counts.waiting), dict(counts.running)) == ({"interactive": 1}, {})


async def test_what_a_submission_must_know_is_what_task_and_counts_say(world: Ground) -> None:
    await make(world, queued("t-1"), queued("t-2", lane="heavy"), queued("t-3", lane="heavy"), started("t-3"))
    await make(world, queued("t-4", waits_for=("t-1",)))
    here, there = world.stores
    for task_id in ("t-1", "t-3", "t-4"):
        known, counts = await here.task_and_open("film", task_id)
        assert known == await there.task("film", task_id)
        whole = await there.counts("film")
        assert (counts.position, counts.waiting, counts.running) == (whole.position, whole.waiting, whole.running)
        assert {status: counts.of(status) for status in OPEN} == {status: whole.of(status) for status in OPEN}
    assert (await here.task_and_open("film", "t-9"))[0] is None
    assert await here.task_and_open("no-film", "t-1") == (None, ProjectCounts())
    await make(world, succeeded("t-3"))
    known, counts = await here.task_and_open("film", "t-3")
    assert known is not None
    assert known.task.ended
    assert (counts.of(TaskStatus.RUNNING), dict(counts.running)) == (0, {})
    await make(world, TaskDeleted(**of("t-3"), reason="asked"))
    with pytest.raises(TaskDeletedError):
        await here.task_and_open("film", "t-3")
    for task_id in ("t-1", "t-2", "t-4"):
        await make(world, TaskCancelled(**of(task_id), attempt=0))
    await make(world, ProjectDeleted(project_id="film", at=START))
    with pytest.raises(ProjectDeletedError):
        await here.task_and_open("film", "t-1")


# --- pages ---------------------------------------------------------------------------------------------------------


async def test_pages_lead_through_all_tasks_the_newest_first_each_once(world: Ground) -> None:
    names = [f"t-{number}" for number in range(11)]
    await made(world, *names)
    for limit in (1, 3, 11, 50):
        assert await ids(world, limit=limit) == names[::-1]


async def test_new_tasks_disturb_nobody_who_pages(world: Ground) -> None:
    await made(world, "t-1", "t-2", "t-3", "t-4")
    page = await world.stores[0].tasks("film", NOTHING, before_seq=None, limit=2)
    await made(world, "t-5")
    rest = await world.stores[1].tasks("film", NOTHING, before_seq=page.next_seq, limit=9)
    assert [task.task_id for task in (*page.tasks, *rest.tasks)] == ["t-4", "t-3", "t-2", "t-1"]


async def test_tasks_are_found_by_what_they_are(world: Ground) -> None:
    await made(world, "made", shot="12A")
    await make(world, queued("waits", task_type="image_to_video"), queued("draft", quality="ultra"))
    await make(
        world, queued("failed", shot="12A"), failed("failed", attempt=0), TaskMarked(**of("made"), favourite=True)
    )
    found = {
        "made": TaskQuery(statuses=frozenset({TaskStatus.SUCCEEDED})),
        "failed draft waits": TaskQuery(statuses=frozenset(TaskStatus) - {TaskStatus.SUCCEEDED}),
        "waits": TaskQuery(task_type="image_to_video"),
        "draft": TaskQuery(quality="ultra"),
        "failed made": TaskQuery(shot="12A"),
        "failed": TaskQuery(shot="12A", favourite=False),
        "failed draft waits made": NOTHING,
        "": TaskQuery(shot="12B"),
    }
    for names, query in found.items():
        assert await ids(world, query) == names.split(), query
    assert await ids(world, TaskQuery(favourite=True)) == ["made"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("lighthouse", ["t-1"]),
        ("LIGHT", ["t-1"]),
        ("house", []),
        ("dusk cafe", ["t-2"]),
        ("CAFÉ", ["t-2"]),
        ("strasse", ["t-2"]),
        ("12a", ["t-3", "t-1"]),
        ("12A dusk", ["t-1"]),
        ("灯台", ["t-3"]),
        ("台", ["t-3"]),
        ("4711", ["t-4"]),
        ('"', None),
        ('near OR dusk*"', []),
    ],
)
async def test_tasks_are_found_by_the_words_of_prompt_shot_and_metadata(
    world: Ground, text: str, found: list[str] | None
) -> None:
    await make(world, queued("t-1", params={"prompt": "a lighthouse, at dusk"}, shot="12A"))
    await make(world, queued("t-2", params={"prompt": "Café in der Straße at dusk"}))
    await make(world, queued("t-3", params={"prompt": "夜の灯台"}, shot="12A"))
    named = queued("t-4", params={"prompt": ["not", "text"]})
    await make(world, replace(named, metadata={"node": "Ann's", "number": 4711, "share": 0.5}))
    await make(world, queued("t-5", "other", params={"prompt": "lighthouse dusk 12a"}))
    words = tuple(words_of(text))
    if found is None:
        assert words == ()
        return
    assert await ids(world, TaskQuery(words=words)) == found


# --- a project at one position -------------------------------------------------------------------------------------


async def test_a_project_is_read_at_one_position_and_the_rest_by_pages(world: Ground) -> None:
    await made(world, *(f"e-{number}" for number in range(5)))
    await make(world, *(queued(f"o-{number}") for number in range(5)), started("o-3"))
    (*_, last) = await make(world, TaskProgressed(**of("o-3"), attempt=1, progress=0.5))
    state = await world.stores[1].project("film", open_limit=3, ended_limit=2)
    assert state.position == last.position
    assert [task.task_id for task in state.open.tasks] == ["o-0", "o-1", "o-2"]
    assert state.open.queue_positions == {"o-0": 1, "o-1": 2, "o-2": 3}
    assert [task.task_id for task in state.ended.tasks] == ["e-4", "e-3"]
    assert state.open.next_seq is not None
    rest = await world.stores[0].open_tasks("film", after_seq=state.open.next_seq, limit=9)
    assert [task.task_id for task in rest.tasks] == ["o-3", "o-4"]
    assert rest.queue_positions == {"o-4": 4}
    waiting = await world.stores[0].open_tasks("film", limit=9, status=TaskStatus.QUEUED)
    assert [task.task_id for task in waiting.tasks] == ["o-0", "o-1", "o-2", "o-4"]
    whole = await world.stores[1].project("film", open_limit=5, ended_limit=5)
    assert (whole.open.next_seq, whole.ended.next_seq) == (None, None)


async def test_live_events_join_a_reading_at_its_position(world: Ground) -> None:
    await make(world, queued("t-1"))
    state = await world.stores[1].project("film", open_limit=3, ended_limit=2)
    (later,) = await make(world, queued("t-2"))
    assert list(await world.buses[1].history("film", state.position, 9)) == [later]


# --- shots and takes -----------------------------------------------------------------------------------------------


async def test_takes_of_a_shot_are_numbered_whoever_asks_at_once(world: Ground) -> None:
    events = [queued(f"t-{number}", shot="12A") for number in range(100)]
    answers = await asyncio.gather(*(world.buses[number % 2].publish(event) for number, event in enumerate(events)))
    takes = [answer.event.take for answer in answers]  # type: ignore[union-attr]
    assert sorted(takes) == list(range(1, 101))  # type: ignore[type-var]
    for answer in answers[:20]:
        assert isinstance(answer.event, TaskQueued)
        assert (await world.stores[1].task("film", answer.event.task_id)).task.take == answer.event.take
    newest = await world.buses[1].history("film", None, 1)
    assert isinstance(newest[0].event, TaskQueued)
    assert newest[0].event.take is not None


async def test_each_shot_counts_its_own_takes_and_repeats_none(world: Ground) -> None:
    await make(world, queued("t-1", shot="1"), queued("t-2", shot="2"), queued("t-3"), queued("t-4", "other", shot="1"))
    await make(world, failed("t-1", attempt=0), TaskDeleted(**of("t-1"), reason="asked"), queued("t-5", shot="1"))
    takes = {
        task.task_id: task.take
        for task in (await world.stores[0].tasks("film", NOTHING, before_seq=None, limit=9)).tasks
    }
    assert takes == {"t-2": 1, "t-3": None, "t-5": 2}


async def test_of_the_takes_of_a_shot_one_at_most_is_circled(world: Ground) -> None:
    await made(world, "a", "b", shot="12A")
    await made(world, "c", shot="12B")
    for task_id, shot in (("a", "12A"), ("c", "12B"), ("b", "12A")):
        await make(world, TakeCircled(**of(task_id), shot=shot, take=1, circled=True))
    page = await world.stores[1].tasks("film", NOTHING, before_seq=None, limit=9)
    circled = [task.task_id for task in page.tasks if task.circled]
    assert circled == ["c", "b"]
    (first, second) = await world.stores[0].shots("film", after=None, limit=9)
    assert (first.name, first.circled_task_id, first.circled_take) == ("12A", "b", 2)
    assert (second.name, second.circled_task_id) == ("12B", "c")
    await make(world, TaskDeleted(**of("b"), reason="asked"))
    (first, _) = await world.stores[0].shots("film", after=None, limit=9)
    assert (first.circled_task_id, first.takes, first.last_take) == (None, 1, 2)


async def test_shots_are_paged_by_name_with_their_poster(world: Ground) -> None:
    for name in ("2", "10", "1A", "é"):
        await made(world, f"t-{name}", shot=name)
    await make(world, queued("late", shot="2"))
    shots = await world.stores[1].shots("film", after=None, limit=9)
    assert [shot.name for shot in shots] == ["10", "1A", "2", "é"]
    assert [shot.name for shot in await world.stores[0].shots("film", after="10", limit=2)] == ["1A", "2"]
    by_name = {shot.name: shot for shot in shots}
    assert (by_name["2"].takes, by_name["2"].last_take) == (2, 2)
    assert by_name["2"].poster == a_result("t-2").artifacts[0]
    await made(world, "newer", shot="10")
    (first,) = await world.stores[0].shots("film", after=None, limit=1)
    assert first.poster == a_result("newer").artifacts[0]
    await make(world, TakeCircled(**of("t-10"), shot="10", take=1, circled=True))
    (first,) = await world.stores[0].shots("film", after=None, limit=1)
    assert first.poster == a_result("t-10").artifacts[0]


# --- what goes -----------------------------------------------------------------------------------------------------


async def test_what_is_deleted_is_gone_and_its_id_stays_used(world: Ground) -> None:
    await made(world, "a", "b", shot="12A")
    await make(world, TaskMarked(**of("a"), favourite=True), TaskDeleted(**of("a"), reason="age"))
    assert await ids(world) == ["b"]
    assert await ids(world, TaskQuery(favourite=True)) == await ids(world, TaskQuery(words=("nothing",))) == []
    with pytest.raises(TaskDeletedError):
        await world.stores[1].task("film", "a")
    marked, deleted = TaskMarked(**of("a"), favourite=True), TaskDeleted(**of("a"), reason="age")
    for event in (queued("a"), succeeded("a"), marked, deleted):
        with pytest.raises(TaskDeletedError):
            await world.buses[1].publish(event)
    counts = await world.stores[0].counts("film")
    assert (counts.by_status, counts.size_bytes) == ({TaskStatus.SUCCEEDED: 1}, 300)
    await make(world, TaskDeleted(**of("b"), reason="asked"))  # the newest of all goes, and another takes its place
    await make(world, queued("c", params={"prompt": "something else"}))
    assert await ids(world, TaskQuery(words=("12a",))) == []
    assert await ids(world, TaskQuery(words=("something",))) == ["c"]


async def test_only_what_has_ended_is_deleted(world: Ground) -> None:
    recorded = await make(world, queued())
    for _ in range(2):
        with pytest.raises(TaskOpenError):
            await world.buses[1].publish(TaskDeleted(**of(), reason="asked"))
        recorded += await make(world, started(attempt=len(recorded)))
    await is_the_fold(world, recorded)


async def test_a_project_is_deleted_when_it_is_quiet_and_nothing_follows(world: Ground) -> None:
    await made(world, *(f"t-{number}" for number in range(5)), shot="1")
    await made(world, "t-1", project_id="other")
    await make(world, queued("open"))
    deletion = ProjectDeleted(project_id="film", at=START)
    with pytest.raises(ProjectBusyError):
        await world.buses[0].publish(deletion)
    assert await world.stores[1].purging() == [], "what was not deleted is not purged"
    assert await world.stores[1].purge("film", 99)
    assert len(await ids(world)) == 6
    (_, last) = await make(world, TaskCancelled(**of("open"), attempt=0), deletion)
    before = replace(last.position, seq=last.position.seq - 1)
    assert list(await world.buses[1].history("film", before, 9)) == [last]
    assert list(await world.buses[1].history("film", None, 99)) == [last]
    for event in (queued("new"), deletion, TaskMarked(**of("t-1"), favourite=True)):
        with pytest.raises(ProjectDeletedError):
            await world.buses[1].publish(event)
    store = world.stores[1]
    assert await store.purging() == ["film"]
    while not await store.purge("film", 2):
        pass
    assert await store.purging() == []
    assert await store.purge("film", 2)
    for reading in (
        store.task("film", "t-1"), store.counts("film"), store.project("film", open_limit=1, ended_limit=1),
        store.tasks("film", NOTHING, before_seq=None, limit=1), store.shots("film", after=None, limit=1),
        store.open_tasks("film", limit=1),
    ):  # fmt: skip
        with pytest.raises(ProjectDeletedError):
            await reading
    with pytest.raises(ProjectDeletedError):
        await world.buses[0].publish(queued("t-1"))
    assert [known.project_id for known in (await store.projects(after=None, limit=9)).projects] == ["other"]
    assert await ids(world, project_id="other") == ["t-1"]


async def test_retention_is_shown_the_oldest_that_nobody_wants(world: Ground) -> None:
    await made(world, *"abcd", shot="1")
    await make(world, queued("open"))
    await make(world, TaskMarked(**of("a"), favourite=True), TakeCircled(**of("c"), shot="1", take=3, circled=True))
    assert [task.task_id for task in await world.stores[1].oldest_ended("film", 9)] == ["b", "d"]
    assert [task.task_id for task in await world.stores[1].oldest_ended("film", 1)] == ["b"]
    await make(world, TakeCircled(**of("b"), shot="1", take=2, circled=True))
    assert [task.task_id for task in await world.stores[1].oldest_ended("film", 9)] == ["c", "d"]
    await make(world, queued("user", params={"source": "c/1/frame.png"}))
    assert [task.task_id for task in await world.stores[1].oldest_ended("film", 9)] == ["d"]
    await make(world, TaskCancelled(**of("user"), attempt=0))
    assert [task.task_id for task in await world.stores[1].oldest_ended("film", 2)] == ["c", "d"]


async def test_projects_in_which_something_is_too_old_are_known(world: Ground) -> None:
    long_ago = START + timedelta(days=36_500)  # whenever the projects were made, they are due
    await made(world, "t-1")
    await make(world, queued("t-1", "open"))
    store = world.stores[1]
    assert await store.overdue(START - timedelta(seconds=1), 9) == []
    assert await store.overdue(long_ago, 9) == ["film"]
    assert await store.overdue(long_ago, 9) == ["film"]
    await make(world, TaskDeleted(**of("t-1"), reason="age"))
    assert await store.overdue(long_ago, 9) == []


# --- what was made before ------------------------------------------------------------------------------------------


def imported(task_id: str = "t-1", take: int | None = None, **request: Any) -> TaskImported:
    task = queued(task_id, **request).record(0).after(started(task_id)).after(succeeded(task_id))
    task = replace(task, take=take, favourite=True, queued_seq=77)
    return TaskImported(**of(task_id), task=task)


async def test_a_task_that_was_made_elsewhere_is_known_again_once(world: Ground) -> None:
    event = imported(shot="12A", take=7)
    recorded = await make(world, event)
    await is_the_fold(world, recorded)
    reading = await world.stores[1].task("film", "t-1")
    assert reading.task == replace(event.task, queued_seq=1)
    assert await ids(world, TaskQuery(favourite=True)) == ["t-1"]
    with pytest.raises(TaskExistsError):
        await world.buses[1].publish(event)
    (another, same_take) = await make(world, queued("t-2", shot="12A"), imported("t-3", shot="12A", take=7))
    assert (another.event.take, same_take.event.take) == (8, 9)  # type: ignore[union-attr]
    await make(world, TaskDeleted(**of("t-1"), reason="asked"))
    with pytest.raises(TaskDeletedError):
        await world.buses[0].publish(event)


# --- all projects --------------------------------------------------------------------------------------------------


async def test_projects_are_paged_each_once_with_counts_and_poster(world: Ground) -> None:
    for number in range(7):
        await make(world, replace(queued("t-1", f"p-{number}"), at=START + timedelta(minutes=number)))
    await made(world, "t-2", project_id="p-3")
    store, found, after = world.stores[1], [], None
    while True:
        page = await store.projects(after=after, limit=3)
        assert len(page.projects) <= 3
        found += page.projects
        after = page.next
        if after is None:
            break
    assert sorted(known.project_id for known in found) == [f"p-{number}" for number in range(7)]
    by_name = {known.project_id: known for known in found}
    assert by_name["p-3"].by_status == {TaskStatus.QUEUED: 1, TaskStatus.SUCCEEDED: 1}
    assert by_name["p-3"].poster == a_result("t-2").artifacts[0]
    assert (by_name["p-1"].poster, by_name["p-1"].size_bytes) == (None, 0)


NO_PLACES = (
    "nonsense", "", "/", "/p-1", "x/p-1", "-1/p-1", "1e400/p-1", "9" * 250 + "/p-1", "2026-01-01/p-1", "../../p-1",
    "2026-01-01T00:00:00+00:00/", "2026-01-01T00:00:00+00:00/p-1\n", "1/p-1/..", "1/p-\0", "\u0661/p-1",
)  # fmt: skip


@pytest.mark.parametrize("after", NO_PLACES)
async def test_what_is_no_place_in_the_list_of_projects_is_refused(world: Ground, after: str) -> None:
    await make(world, queued("t-1", "p-1"))
    with pytest.raises(InvalidRequestError):
        await world.stores[1].projects(after=after, limit=3)


async def test_the_project_that_was_active_last_comes_first(world: Ground) -> None:
    for name in ("old", "new"):
        await make(world, queued("t-1", name))
    page = await world.stores[1].projects(after=None, limit=9)
    active = [known.active_at for known in page.projects]
    assert active == sorted(active, reverse=True)


async def test_who_made_it_and_why_is_kept_in_full(world: Ground) -> None:
    bus, store = world.buses[0], world.stores[1]
    routing = Routing(reason="next", passed_over={"comfyui": "no server answers"})
    await bus.publish(queued("t-1", engine="previs", routing=routing))
    await bus.publish(started("t-1"))
    assert (await store.task("film", "t-1")).task.request.routing == routing
    fallen = Routing(reason="fallback", passed_over={"previs": "it hangs"}, left_out=("style",))
    for task_id, made in (("t-1", routing), ("t-2", fallen), ("t-3", None)):
        if task_id != "t-1":
            await bus.publish(queued(task_id, engine="previs", routing=routing))
            await bus.publish(started(task_id))
        await bus.publish(succeeded(task_id, routing=made))
        record = (await store.task("film", task_id)).task
        assert record.result is not None
        assert (record.result.routing, record.request.engine) == (made, "previs")


async def test_a_record_names_the_newest_tasks_that_were_made_of_it_each_once(world: Ground) -> None:
    await make(world, queued(), *(TaskPromoted(**of(), promoted_to=f"p-{n}") for n in (*range(MAX_PROMOTIONS + 3), 7)))
    expected = tuple(f"p-{n}" for n in (*range(3, 7), *range(8, MAX_PROMOTIONS + 3), 7))
    for store in world.stores:
        assert (await store.task("film", "t-1")).task.promoted_to == expected


async def test_an_imported_record_keeps_what_was_made_of_it(world: Ground) -> None:
    await make(world, queued(), started(), succeeded(), TaskPromoted(**of(), promoted_to="p-1"))
    before = (await world.stores[0].task("film", "t-1")).task
    moved = replace(before, project_id="again")
    await make(world, TaskImported(**of(project_id="again"), task=moved))
    await make(world, TaskPromoted(**of(project_id="again"), promoted_to="p-2"))
    assert (await world.stores[1].task("again", "t-1")).task.promoted_to == ("p-1", "p-2")


async def test_a_take_and_what_is_made_of_it_are_told_of_together_or_not_at_all(world: Ground) -> None:
    await make(world, queued(), started(), succeeded())
    new = queued("t-2", promoted_from="t-1", message_id="m-2")
    with pytest.raises(TaskNotFoundError):
        await world.buses[0].publish_all([new, TaskPromoted(**of("t-0"), promoted_to="t-2")])
    with pytest.raises(TaskNotFoundError):
        await world.stores[1].task("film", "t-2")
    await world.buses[0].publish_all([new, TaskPromoted(**of(), promoted_to="t-2")])
    assert (await world.stores[1].task("film", "t-2")).task.request.promoted_from == "t-1"
    assert (await world.stores[1].task("film", "t-1")).task.promoted_to == ("t-2",)
