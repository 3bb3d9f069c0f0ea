"""What every `ProgressBus` promises. Each test gets a pair, as two processes would have, and crosses it."""

import asyncio
import contextlib
import gc
import tracemalloc
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from auteur.domain.errors import (
    HistoryLostError,
    StaleAttemptError,
    TaskBlockedError,
    TaskEndedError,
    TaskExistsError,
    TaskNotBlockedError,
    TaskNotFoundError,
)
from auteur.domain.events import (
    CancelRequested,
    Event,
    Position,
    ProjectDeleted,
    RecordedEvent,
    TaskCancelled,
    TaskFailed,
    TaskProgressed,
    TaskRequeued,
    TaskStarted,
    TaskSucceeded,
    TaskUnblocked,
)
from auteur.domain.ports import ProgressBus
from auteur.domain.task import Failure, TaskResult
from tests.backends import BACKENDS, HISTORY, ground
from tests.fakes import START, of, queued
from tests.waiting import LONG_S

Pair = tuple[ProgressBus, ProgressBus]

progressed = lambda attempt=1, progress=0.5, **w: TaskProgressed(**of(**w), attempt=attempt, progress=progress)  # noqa: E731
started = lambda attempt=1, **w: TaskStarted(**of(**w), attempt=attempt, worker="w")  # noqa: E731
failed = lambda attempt=1, **w: TaskFailed(**of(**w), attempt=attempt, failure=Failure(code="X", message="x"))  # noqa: E731
cancelled = lambda attempt=1, **w: TaskCancelled(**of(**w), attempt=attempt)  # noqa: E731
requeued = lambda attempt=1, **w: TaskRequeued(**of(**w), attempt=attempt, reason="shutdown")  # noqa: E731
succeeded = lambda attempt=1, **w: TaskSucceeded(  # noqa: E731
    **of(**w), attempt=attempt, duration_s=1.0, result=TaskResult(engine="e", artifacts=(), params={"a": 1}, seed=3)
)


@pytest.fixture(params=BACKENDS)
async def pair(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Pair]:
    async with ground(request.param, tmp_path, lambda: request.getfixturevalue("redis_server")) as given:
        yield given.buses


async def take(
    bus: ProgressBus, count: int, after: Position | None = None, project: str = "film"
) -> list[RecordedEvent]:
    taken: list[RecordedEvent] = []
    if count:
        async with asyncio.timeout(LONG_S), contextlib.aclosing(bus.subscribe(project, after)) as events:
            async for recorded in events:
                taken.append(recorded)
                if len(taken) == count:
                    break
    return taken


async def fill(bus: ProgressBus, count: int, project: str = "film") -> list[RecordedEvent]:
    """A task with ``count`` events in all."""
    first = await bus.publish(queued(project_id=project))
    second = await bus.publish(started(project_id=project))
    rest = [await bus.publish(progressed(progress=i / count, project_id=project)) for i in range(count - 2)]
    return [first, second, *rest]


async def test_events_are_numbered_from_one_without_holes_whoever_publishes(pair: Pair) -> None:
    here, there = pair
    await here.publish(queued())
    await there.publish(started())
    await asyncio.gather(*((here, there)[i % 2].publish(progressed(progress=i / 20)) for i in range(20)))
    assert [r.position.seq for r in await here.history("film", None, 100)] == list(range(1, 23))


async def test_everybody_reads_the_same_event_at_the_same_position(pair: Pair) -> None:
    here, there = pair
    published = await fill(here, 12)
    assert list(await here.history("film", None, 100)) == published
    assert list(await there.history("film", None, 100)) == published


async def test_every_kind_of_event_comes_back_as_it_was(pair: Pair) -> None:
    here, there = pair
    said = [queued(), started(), progressed(), CancelRequested(**of()), requeued(), started(2), succeeded(2)]
    said += [queued("t-w", waits_for=("t-1", "t-2")), TaskUnblocked(**of("t-w"))]
    said += [queued("t-2"), failed(0, task_id="t-2"), queued("t-3"), cancelled(0, task_id="t-3")]
    for event in said:
        await here.publish(event)
    assert [r.event for r in await there.history("film", None, 100)] == said


async def test_a_subscriber_elsewhere_hears_what_is_published_here(pair: Pair) -> None:
    here, there = pair
    listening = asyncio.create_task(take(there, 5))
    await asyncio.sleep(0.05)
    published = await fill(here, 5)
    assert await listening == published


async def test_history_and_live_join_without_a_gap_or_a_repeat(pair: Pair) -> None:
    here, there = pair
    first = await fill(here, 10)

    async def go_on() -> list[RecordedEvent]:
        return [await here.publish(progressed(progress=0.9)) for _ in range(20)]

    heard, later = await asyncio.gather(take(there, 27, first[2].position), go_on())
    assert heard == [*first[3:], *later]


async def test_a_subscriber_that_comes_late_hears_all_that_is_kept(pair: Pair) -> None:
    here, there = pair
    published = await fill(here, 7)
    assert await take(there, 7) == published


async def test_a_slow_reader_does_not_delay_others_and_misses_nothing(pair: Pair) -> None:
    here, there = pair
    async with contextlib.aclosing(there.subscribe("film", None)) as slow:
        published = await fill(here, 30)
        assert await take(here, 30) == published
        assert [await anext(slow) for _ in range(30)] == published


async def test_projects_are_independent(pair: Pair) -> None:
    here, there = pair
    await fill(here, 4, "film")
    await fill(there, 3, "other")
    assert [r.position.seq for r in await here.history("other", None, 9)] == [1, 2, 3]
    assert {r.event.project_id for r in await there.history("film", None, 9)} == {"film"}


async def test_history_gives_at_most_what_was_asked_for(pair: Pair) -> None:
    here, _ = pair
    published = await fill(here, 10)
    assert list(await here.history("film", published[3].position, 4)) == published[4:8]
    assert list(await here.history("film", published[-1].position, 4)) == []
    assert list(await here.history("nothing", None, 4)) == []


async def test_a_known_task_is_not_queued_twice(pair: Pair) -> None:
    here, there = pair
    await here.publish(queued())
    with pytest.raises(TaskExistsError):
        await there.publish(queued())
    assert len(await here.history("film", None, 9)) == 1


async def test_one_of_many_simultaneous_queueings_wins(pair: Pair) -> None:
    answers = await asyncio.gather(*(pair[i % 2].publish(queued()) for i in range(40)), return_exceptions=True)
    assert sum(isinstance(a, RecordedEvent) for a in answers) == 1
    assert sum(isinstance(a, TaskExistsError) for a in answers) == 39


@pytest.mark.parametrize("ending", [succeeded, failed, cancelled])
async def test_nothing_follows_an_ending(pair: Pair, ending: object) -> None:
    here, there = pair
    for event in (queued(), started(), ending()):  # type: ignore[operator]
        await here.publish(event)
    for late in (progressed(), started(2), succeeded(), failed(), cancelled(), requeued(), CancelRequested(**of())):
        with pytest.raises(TaskEndedError):
            await there.publish(late)
    assert len(await here.history("film", None, 9)) == 3


async def test_one_of_many_simultaneous_endings_wins(pair: Pair) -> None:
    await pair[0].publish(queued())
    await pair[0].publish(started())
    endings = [succeeded(), failed(), cancelled()] * 10
    answers = await asyncio.gather(*(pair[i % 2].publish(e) for i, e in enumerate(endings)), return_exceptions=True)
    assert sum(isinstance(a, RecordedEvent) for a in answers) == 1
    assert len(await pair[1].history("film", None, 99)) == 3


async def test_an_older_attempt_is_refused(pair: Pair) -> None:
    here, there = pair
    for event in (queued(), started(1), started(2)):
        await here.publish(event)
    for late in (started(1), started(2), progressed(1), succeeded(1), failed(1), cancelled(1), requeued(1)):
        with pytest.raises(StaleAttemptError):
            await there.publish(late)
    await there.publish(succeeded(2))


async def test_an_attempt_that_was_handed_back_is_refused(pair: Pair) -> None:
    here, there = pair
    for event in (queued(), started(1), requeued(1)):
        await here.publish(event)
    for late in (progressed(1), succeeded(1), requeued(1), started(1)):
        with pytest.raises(StaleAttemptError):
            await there.publish(late)
    await there.publish(cancelled(1))


async def test_a_task_that_was_never_queued_is_refused(pair: Pair) -> None:
    with pytest.raises(TaskNotFoundError):
        await pair[0].publish(started())
    assert await pair[0].history("film", None, 9) == []


async def test_a_blocked_task_is_not_begun(pair: Pair) -> None:
    here, there = pair
    await here.publish(queued(waits_for=("t-0",)))
    with pytest.raises(TaskBlockedError):
        await there.publish(started())
    for early in (progressed(1), succeeded(1), requeued(1), failed(1), progressed(0), succeeded(0), requeued(0)):
        with pytest.raises(StaleAttemptError):
            await there.publish(early)
    await there.publish(TaskUnblocked(**of()))
    await there.publish(started())
    assert len(await here.history("film", None, 9)) == 3


async def test_a_task_is_unblocked_once(pair: Pair) -> None:
    here, there = pair
    with pytest.raises(TaskNotFoundError):
        await here.publish(TaskUnblocked(**of()))
    await here.publish(queued(waits_for=("t-0",)))
    answers = await asyncio.gather(
        *(pair[i % 2].publish(TaskUnblocked(**of())) for i in range(10)), return_exceptions=True
    )
    assert sum(isinstance(a, RecordedEvent) for a in answers) == 1
    assert sum(isinstance(a, TaskNotBlockedError) for a in answers) == 9
    await here.publish(started())
    with pytest.raises(TaskNotBlockedError):
        await there.publish(TaskUnblocked(**of()))
    await here.publish(succeeded())
    with pytest.raises(TaskEndedError):
        await there.publish(TaskUnblocked(**of()))


async def test_a_task_that_waits_for_none_is_not_unblocked(pair: Pair) -> None:
    here, there = pair
    await here.publish(queued())
    with pytest.raises(TaskNotBlockedError):
        await there.publish(TaskUnblocked(**of()))


async def test_many_events_are_appended_one_after_another(pair: Pair) -> None:
    here, there = pair
    await here.publish(queued("t-0"))
    listening = asyncio.create_task(take(there, 4))
    events: list[Event] = [queued("t-1", shot="12A"), queued("t-2", shot="12A"), started(task_id="t-0")]
    recorded = list(await here.publish_all(events))
    assert [known.position.seq for known in recorded] == [2, 3, 4]
    assert [getattr(known.event, "take", None) for known in recorded] == [1, 2, None]
    assert list(await there.history("film", None, 9))[1:] == recorded
    assert (await listening)[1:] == recorded
    assert await here.publish_all([]) == []


async def test_batches_that_meet_do_not_mix(pair: Pair) -> None:
    names = [[f"t-{batch}-{number}" for number in range(5)] for batch in range(8)]
    await asyncio.gather(
        *(pair[number % 2].publish_all([queued(name) for name in batch]) for number, batch in enumerate(names))
    )
    log = [getattr(known.event, "task_id", "") for known in await pair[0].history("film", None, 99)]
    assert sorted(log[start : start + 5] for start in range(0, 40, 5)) == names


async def test_of_many_events_all_are_appended_or_none(pair: Pair) -> None:
    here, there = pair
    await here.publish(queued("t-2", shot="12A"))
    for refused, error in (
        (queued("t-2"), TaskExistsError),
        (started(task_id="t-9"), TaskNotFoundError),
        (progressed(task_id="t-2"), StaleAttemptError),
    ):
        with pytest.raises(error) as raised:
            await there.publish_all([queued("t-1", shot="12A"), refused, queued("t-3")])
        assert raised.value.details["task_id"] == refused.task_id
    assert len(await here.history("film", None, 9)) == 1
    (first, _) = await here.publish_all([queued("t-1", shot="12A"), queued("t-3")])
    assert (first.position.seq, getattr(first.event, "take", None)) == (2, 2)


async def test_what_does_not_belong_together_is_not_appended_together(pair: Pair) -> None:
    here, _ = pair
    deleted = ProjectDeleted(project_id="film", at=of()["at"])
    for wrong in ([queued("t-1"), started()], [queued("t-1"), queued("t-2", "other")], [queued("t-1"), deleted]):
        with pytest.raises(ValueError, match=r"several|together"):
            await here.publish_all(wrong)
    assert await here.history("film", None, 9) == []


async def test_a_log_keeps_its_newest_events_and_says_what_is_lost(pair: Pair) -> None:
    here, there = pair
    published = await fill(here, HISTORY + 20)
    kept = await there.history("film", None, 999)
    assert list(kept) == published[20:]
    assert list(await there.history("film", published[19].position, 999)) == published[20:]
    with pytest.raises(HistoryLostError):
        await there.history("film", published[18].position, 999)
    with pytest.raises(HistoryLostError):
        await take(there, 1, published[3].position)


async def test_a_position_ahead_of_the_log_or_of_another_epoch_is_lost(pair: Pair) -> None:
    here, there = pair
    (*_, last) = await fill(here, 4)
    for wrong in (Position(last.position.epoch, 5), Position("ffff0000", 2), Position("ffff0000", 0)):
        with pytest.raises(HistoryLostError):
            await there.history("film", wrong, 9)
        with pytest.raises(HistoryLostError):
            await take(here, 1, wrong)


async def test_the_log_can_be_checked(pair: Pair) -> None:
    await pair[0].check()


async def test_a_reader_that_does_not_go_on_holds_little_of_the_log_however_large_its_events_are(pair: Pair) -> None:
    here, there = pair
    note = {"note": "x" * 16_000}
    await there.publish(replace(queued(), metadata=note))
    await there.publish(replace(started(), metadata=note))
    for number in range(HISTORY - 2):
        await there.publish(replace(progressed(progress=number / HISTORY), metadata=note))
    async with contextlib.AsyncExitStack() as stack:

        async def one_that_stops() -> None:
            events = await stack.enter_async_context(contextlib.aclosing(here.subscribe("film", None)))
            await anext(events)

        await one_that_stops()  # what is made once for all
        tracemalloc.start()
        stack.callback(tracemalloc.stop)
        for _ in range(20):
            await one_that_stops()
        gc.collect()
        each, _ = (size // 20 for size in tracemalloc.get_traced_memory())
    assert each < 128 << 10, "fifty events of 16 kB are 800 kB"


async def test_large_events_are_heard_one_after_another_by_a_reader_that_comes_late(pair: Pair) -> None:
    here, there = pair
    note = {"note": "x" * 60_000}
    told = [await there.publish(replace(queued(), metadata=note)), await there.publish(started())]
    told += [await there.publish(replace(progressed(progress=n / 40), metadata=note)) for n in range(24)]
    told += [await there.publish(progressed()) for _ in range(20)]
    assert await take(here, len(told)) == told
    assert await take(here, 17, told[-18].position) == told[-17:]
    assert list(await here.history("film", None, 1000)) == told


async def test_what_was_said_of_projects_that_were_followed_and_deleted_is_not_kept_in_memory(pair: Pair) -> None:
    here, _ = pair

    async def come_and_go(project: str) -> None:
        listening = asyncio.create_task(take(here, HISTORY - 3, project=project))
        async with asyncio.timeout(LONG_S), contextlib.aclosing(here.subscribe(project, None)) as events:
            for event in (queued(project_id=project), started(project_id=project)):
                await here.publish(event)
                await anext(events)
            for number in range(HISTORY - 6):
                note = {"note": f"{number:04}" * 4000}  # each its own: nothing is shared
                await here.publish(replace(progressed(project_id=project), metadata=note))
                await anext(events)
            await here.publish(cancelled(project_id=project))
            await anext(events)
            await listening
            await here.publish(ProjectDeleted(project_id=project, at=START))
            await anext(events)

    await come_and_go("film-0")  # what is made once for all
    tracemalloc.start()
    try:
        for number in range(1, 11):
            await come_and_go(f"film-{number}")
        gc.collect()
        each = tracemalloc.get_traced_memory()[0] // 10
    finally:
        tracemalloc.stop()
    assert each < 128 << 10, "44 events of 16 kB are 700 kB"
