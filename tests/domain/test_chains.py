"""Tasks that wait for outputs of other tasks, and batches of them."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from auteur.adapters.log.memory import MemoryHub
from auteur.domain.archive import ProjectArchive, Retention
from auteur.domain.chains import choose, problems_of_cycles, references
from auteur.domain.commands import CancelTask, DeleteTask, StartBatch
from auteur.domain.dispatcher import TaskDispatcher
from auteur.domain.errors import (
    BusUnavailableError,
    HandlerError,
    IdempotencyConflictError,
    InvalidBatchError,
    InvalidParamsError,
    QueueFullError,
    ShuttingDownError,
    TaskDeletedError,
)
from auteur.domain.events import Event, TaskFailed
from auteur.domain.pool import PoolMonitor
from auteur.domain.task import Artifact, Failure, Task, TaskInput, TaskStatus, TaskType
from tests.fakes import FailingBus, Office, ScriptedHandler, a_command

INPUTS = (TaskInput("source", kind="text"), TaskInput("sources", kind="text", many=True))


def an_office(root: Path, **limits: Any) -> Office:
    return Office(root, ScriptedHandler(inputs=INPUTS), FailingBus(MemoryHub()), **limits)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return an_office(tmp_path)


def output_of(task: Task | str, **more: str) -> dict[str, str]:
    return {"from_task": task if isinstance(task, str) else task.task_id, **more}


async def waiting_for(office: Office, message_id: str, *origins: Task | str) -> Task:
    return await office.submit(message_id, params={"sources": [output_of(origin) for origin in origins]})


async def status(office: Office, *tasks: Task) -> list[str]:
    return [(await office.read(task)).status.value for task in tasks]


def a_batch(*requests: Mapping[str, Any], message_id: str = "b-1", names: Sequence[str | None] = ()) -> StartBatch:
    return StartBatch(
        project_id="film",
        message_id=message_id,
        requests=[a_command(message_id, **request) for request in requests],
        names=[*names, *[None] * (len(requests) - len(names))],
    )


# --- one by one ----------------------------------------------------------------------------------------------------


async def test_a_task_that_needs_an_open_tasks_output_is_blocked_and_in_no_queue(office: Office) -> None:
    frame = await office.submit("m-1")
    shot = await office.submit("m-2", params={"source": output_of(frame)})
    assert (shot.status, shot.waits_for) == (TaskStatus.BLOCKED, (frame.task_id,))
    assert shot.request.queue_position == 0
    assert office.shelf.tasks == [frame]


async def test_a_blocked_task_is_none_of_those_that_wait_for_a_worker(office: Office) -> None:
    frame = await office.submit("m-1")
    await waiting_for(office, "m-2", frame)
    pool = await PoolMonitor(office.store, office.registry, office.clock).read()
    assert (dict(pool.waiting), pool.blocked, dict(pool.unserved)) == ({"interactive": 1}, 1, {"scripted": 1})
    office.shelf.tasks.clear()
    assert await office.dispatcher.recover() == 1
    assert office.shelf.tasks == [frame]


async def test_it_is_unblocked_when_the_other_has_succeeded_and_runs_with_its_file(office: Office) -> None:
    frame = await office.submit("m-1")
    shot = await office.submit("m-2", params={"source": output_of(frame)})
    await office.run(frame)
    assert await status(office, frame, shot) == ["succeeded", "queued"]
    assert [task.task_id for task in office.shelf.tasks] == [frame.task_id, shot.task_id]
    made = await office.run(shot)
    path = f"{frame.task_id}/1/out.txt"
    assert office.handler.given[-1] == {"steps": 2, "seed": 5, "source": path}
    assert made.result is not None
    assert made.result.params == {"steps": 2, "seed": 5, "source": path}
    assert made.request.params["source"] == output_of(frame)


async def test_it_waits_for_the_last_of_several(office: Office) -> None:
    first, second = await office.submit("m-1"), await office.submit("m-2")
    film = await waiting_for(office, "m-3", first, second, first)
    assert film.waits_for == (first.task_id, second.task_id)
    await office.run(second)
    assert await status(office, film) == ["blocked"]
    await office.run(first)
    assert await status(office, film) == ["queued"]
    await office.run(film)
    paths = [f"{task.task_id}/1/out.txt" for task in (first, second, first)]
    assert office.handler.given[-1]["sources"] == paths


async def test_an_output_that_is_there_already_is_not_waited_for(office: Office) -> None:
    frame = await office.run(await office.submit("m-1"))
    shot = await office.submit("m-2", params={"source": output_of(frame, artifact="out.txt")})
    assert (shot.status, shot.waits_for) == (TaskStatus.QUEUED, ())
    await office.run(shot)
    assert office.handler.given[-1]["source"] == f"{frame.task_id}/1/out.txt"


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ({"from_task": "nothing"}, "there is no task 'nothing'"),
        ({"from_task": "{elsewhere}"}, "there is no task"),
        ({"from_task": "{failed}"}, "has failed"),
        ({"from_task": "{cancelled}"}, "was cancelled"),
        ({"from_task": "{deleted}"}, "was deleted"),
        ({"from_task": "{made}", "artifact": "other.txt"}, "made no other.txt that can be used here; it made out.txt"),
    ],
)
async def test_what_can_never_be_had_is_refused_by_field(office: Office, reference: dict[str, str], words: str) -> None:
    elsewhere = await office.submit("m-1", "other")
    made, deleted = await office.run(await office.submit("m-2")), await office.run(await office.submit("m-3"))
    await office.archive.delete_task(DeleteTask(project_id="film", task_id=deleted.task_id))
    cancelled = await office.submit("m-4")
    await office.dispatcher.cancel(CancelTask(project_id="film", task_id=cancelled.task_id))
    office.handler.error = HandlerError("boom")
    failed = await office.run(await office.submit("m-5"))
    ids = {"elsewhere": elsewhere, "made": made, "deleted": deleted, "cancelled": cancelled, "failed": failed}
    asked = {
        name: value.format(**{name: task.task_id for name, task in ids.items()}) for name, value in reference.items()
    }
    with pytest.raises(InvalidParamsError) as refused:
        await office.submit("m-6", params={"sources": [output_of(made), asked]})
    (problem,) = refused.value.details["problems"]
    assert problem["field"] == "sources.1"
    assert words in problem["message"]


async def test_a_task_cannot_wait_for_itself(office: Office) -> None:
    task_id = (await office.submit("m-1")).task_id
    other = an_office(office.artifacts.root / "other")
    with pytest.raises(InvalidParamsError, match="source: is the task itself"):
        await other.submit("m-1", params={"source": {"from_task": task_id}})


# --- when it goes wrong --------------------------------------------------------------------------------------------


async def test_when_the_other_fails_all_that_waits_fails_in_turn_and_says_where_it_began(office: Office) -> None:
    frame = await office.submit("m-1")
    shot = await waiting_for(office, "m-2", frame)
    film = await waiting_for(office, "m-3", shot)
    office.handler.error = HandlerError("no paint left")
    await office.run(frame)
    ended = [await office.read(task) for task in (shot, film)]
    assert [task.status.value for task in ended] == ["failed", "failed"]
    failures = [task.failure for task in ended]
    assert failures[0] is not None
    assert failures[1] is not None
    assert [failure.code for failure in failures if failure] == ["INPUT_FAILED", "INPUT_FAILED"]
    first = {"from_task": frame.task_id, "code": "HANDLER_ERROR", "message": "no paint left"}
    assert failures[0].details == first
    assert failures[1].details == {
        "from_task": shot.task_id, "code": "INPUT_FAILED", "message": failures[0].message, "first": first,
    }  # fmt: skip
    assert failures[1].message == f"The output of task {shot.task_id} cannot be had: no paint left"
    assert office.handler.runs == 1


async def test_when_the_other_is_cancelled_what_waits_fails(office: Office) -> None:
    frame = await office.submit("m-1")
    shot = await waiting_for(office, "m-2", frame)
    await office.dispatcher.cancel(CancelTask(project_id="film", task_id=frame.task_id))
    failure = (await office.read(shot)).failure
    assert failure is not None
    assert (failure.code, failure.details["code"]) == ("INPUT_FAILED", "TASK_CANCELLED")


async def test_a_blocked_task_is_cancelled_at_once_and_what_waits_for_it_fails(office: Office) -> None:
    frame = await office.submit("m-1")
    shot = await waiting_for(office, "m-2", frame)
    film = await waiting_for(office, "m-3", shot)
    await office.dispatcher.cancel(CancelTask(project_id="film", task_id=shot.task_id))
    assert await status(office, frame, shot, film) == ["queued", "cancelled", "failed"]
    await office.run(frame)
    assert await status(office, shot) == ["cancelled"]


async def test_an_output_that_is_gone_when_the_task_runs_fails_it(office: Office) -> None:
    frame = await office.run(await office.submit("m-1"))
    shot = await office.submit("m-2", params={"source": output_of(frame)})
    await office.archive.delete_task(DeleteTask(project_id="film", task_id=frame.task_id))
    failure = (await office.run(shot)).failure
    assert failure is not None
    assert (failure.code, failure.details["code"]) == ("INPUT_FAILED", "TASK_DELETED")
    assert failure.details["from_task"] == frame.task_id
    assert office.handler.runs == 1


async def test_an_artifact_that_the_other_did_not_make_fails_the_task_when_it_is_known(office: Office) -> None:
    frame = await office.submit("m-1")
    shot = await office.submit("m-2", params={"source": output_of(frame, artifact="other.txt")})
    await office.run(frame)
    failure = (await office.run(shot)).failure
    assert failure is not None
    assert failure.details["code"] == "ARTIFACT_NOT_FOUND"
    assert "it made out.txt" in failure.details["message"]


async def test_inputs_that_the_engine_refuses_fail_the_task_with_its_words(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = await office.submit("m-1")
    shot = await office.submit("m-2", params={"source": output_of(frame)})
    await office.run(frame)

    async def refuse(*_: object) -> Mapping[str, Any]:
        raise InvalidParamsError([{"field": "source", "message": "is no picture"}])

    monkeypatch.setattr(office.handler, "prepare", refuse)
    failure = (await office.run(shot)).failure
    assert failure is not None
    assert (failure.code, failure.details["message"]) == ("INPUT_FAILED", "source is no picture")


async def test_of_several_outputs_the_one_that_cannot_be_used_is_named(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = [await office.submit(f"m-{number}") for number in range(3)]
    shot = await waiting_for(office, "m-4", *frames)
    for frame in frames:
        await office.run(frame)

    async def refuse(*_: object) -> Mapping[str, Any]:
        raise InvalidParamsError([{"field": "sources.1", "message": "is no picture"}])

    monkeypatch.setattr(office.handler, "prepare", refuse)
    failure = (await office.run(shot)).failure
    assert failure is not None
    assert failure.details["from_task"] == frames[1].task_id


@pytest.mark.parametrize("length", [500])
async def test_a_long_chain_fails_without_recursion_and_its_words_do_not_grow(tmp_path: Path, length: int) -> None:
    office = an_office(tmp_path)
    office.dispatcher._max_blocked_per_project = length
    requests = [{"params": {"source": output_of(f"#{n - 1}")} if n else {}} for n in range(length)]
    batch = a_batch(*requests, names=[str(n) for n in range(length)])
    first, *rest = [submission.task for submission in await office.dispatcher.submit_batch(batch)]
    office.handler.error = HandlerError("boom")
    await office.run(first)
    assert await status(office, *rest) == ["failed"] * (length - 1)
    last = (await office.read(rest[-1])).failure
    assert last is not None
    assert last.details["first"]["from_task"] == first.task_id
    assert len(str(last)) < 600


async def test_what_an_open_task_may_still_use_is_not_let_go_by_a_rule(office: Office) -> None:
    archive = ProjectArchive(office.bus, office.store, office.artifacts, office.clock, Retention(tasks=0))
    aged = ProjectArchive(
        office.bus, office.store, office.artifacts, office.clock, Retention(age=timedelta(microseconds=1))
    )
    frame = await office.submit("m-1")
    shot = await waiting_for(office, "m-2", frame)
    await office.run(frame)
    assert (await archive.retain("film"), await aged.retain("film")) == (0, 0)
    assert (await office.run(shot)).status is TaskStatus.SUCCEEDED
    assert await archive.retain("film") == 2


async def test_what_was_there_when_an_open_task_named_it_is_not_let_go_by_a_rule_either(office: Office) -> None:
    archive = ProjectArchive(office.bus, office.store, office.artifacts, office.clock, Retention(tasks=0))
    by_output, by_path, of_nobody = [await office.run(await office.submit(f"m-{n}")) for n in range(3)]
    assert by_path.result is not None
    path = by_path.result.artifacts[0].path.removeprefix("film/")
    shots = [
        await waiting_for(office, "m-4", by_output),
        await office.submit("m-5", params={"source": path}),
    ]
    assert await status(office, *shots) == ["queued", "queued"]
    assert await archive.retain("film") == 1
    with pytest.raises(TaskDeletedError):
        await office.read(of_nobody)
    assert [(await office.run(shot)).status for shot in shots] == [TaskStatus.SUCCEEDED] * 2
    assert await archive.retain("film") == 4


async def test_what_is_held_back_from_a_rule_costs_no_look_of_its_own(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = ProjectArchive(office.bus, office.store, office.artifacts, office.clock, Retention(tasks=0))
    held = [await office.run(await office.submit(f"m-{n}")) for n in range(5)]
    await waiting_for(office, "m-9", *held)
    looked: list[str] = []
    dependants = office.store.dependants

    async def look(project_id: str, task_id: str, **page: Any) -> Any:
        looked.append(task_id)
        return await dependants(project_id, task_id, **page)

    monkeypatch.setattr(office.store, "dependants", look)
    assert await archive.retain("film") == 0
    assert looked == []


# --- who dies in between -------------------------------------------------------------------------------------------


async def test_what_nobody_settled_is_found_by_the_sweep(office: Office) -> None:
    frame, other = await office.submit("m-1"), await office.submit("m-2")
    shot, film = await waiting_for(office, "m-3", frame), await waiting_for(office, "m-4", frame, other)
    await office.executor.run("film", frame.task_id)  # and its worker dies here
    await office.dispatcher.recover()
    assert await status(office, shot, film) == ["queued", "blocked"]
    assert shot.task_id in {task.task_id for task in office.shelf.tasks}


async def test_a_failure_that_nobody_settled_is_found_by_the_sweep(office: Office) -> None:
    frame, other = await office.submit("m-1"), await office.submit("m-2")
    film = await waiting_for(office, "m-3", frame, other)
    trailer = await waiting_for(office, "m-4", film)
    office.handler.error = HandlerError("boom")
    await office.executor.run("film", frame.task_id)
    await office.dispatcher.recover()
    assert await status(office, other, film, trailer) == ["queued", "failed", "failed"]


async def test_a_cascade_that_was_cut_short_is_finished_by_the_sweep(office: Office) -> None:
    frame = await office.submit("m-1")
    shot = await waiting_for(office, "m-2", frame)
    film = await waiting_for(office, "m-3", shot)
    office.handler.error = HandlerError("boom")
    await office.executor.run("film", frame.task_id)
    failure = Failure(code="INPUT_FAILED", message="boom", details={"from_task": frame.task_id})
    await office.bus.publish(TaskFailed(**shot.about(office.clock()), attempt=0, failure=failure))  # and dies here
    await office.dispatcher.recover()
    assert await status(office, frame, shot, film) == ["failed", "failed", "failed"]


async def test_a_sweep_that_finds_nothing_to_do_reads_no_record_twice(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, other = await office.submit("m-1"), await office.submit("m-2")
    await waiting_for(office, "m-3", done, other)
    await office.run(done)
    await office.dispatcher.recover()
    read: list[str] = []
    task = office.store.task

    async def counted(project_id: str, task_id: str) -> Any:
        read.append(task_id)
        return await task(project_id, task_id)

    monkeypatch.setattr(office.store, "task", counted)
    for _ in range(3):
        await office.dispatcher.recover()
    assert read == []


async def test_an_origin_that_ends_while_the_request_is_accepted_is_not_waited_for_in_vain(office: Office) -> None:
    frame = await office.submit("m-1")
    publish = office.bus.publish

    async def ending_meanwhile(event: Event) -> Any:
        """After the look at the origin, and before the append."""
        office.bus.publish = publish  # type: ignore[method-assign]
        await office.run(frame)
        return await publish(event)

    office.bus.publish = ending_meanwhile  # type: ignore[method-assign]
    shot = await office.submit("m-2", params={"source": output_of(frame)})
    assert shot.waits_for == (frame.task_id,)
    assert await status(office, frame, shot) == ["succeeded", "queued"]


async def test_settling_meets_settling(office: Office) -> None:
    frame = await office.submit("m-1")
    shots = [await waiting_for(office, f"m-{number}", frame) for number in (2, 3, 4)]
    await office.executor.run("film", frame.task_id)
    await asyncio.gather(*(office.dispatcher.settle("film", frame.task_id) for _ in range(5)))
    assert await status(office, *shots) == ["queued"] * 3
    assert (await office.kinds()).count("TaskUnblocked") == 3


async def test_who_releases_carries_on_what_waits(office: Office) -> None:
    frame = await office.submit("m-1")
    shot = await waiting_for(office, "m-2", frame)
    await office.executor.run("film", frame.task_id)
    await office.dispatcher.release("film", frame.task_id)
    assert await status(office, shot) == ["queued"]
    assert [task.task_id for task in office.shelf.tasks] == [frame.task_id, shot.task_id]


async def test_who_comes_second_with_one_settles_the_others(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = await office.submit("m-1")
    shots = [await waiting_for(office, f"m-{number}", frame) for number in (2, 3, 4)]
    await office.executor.run("film", frame.task_id)
    append = office.bus.publish_all

    async def late(events: Sequence[Event]) -> Any:
        await office.bus.publish(events[1])
        return await append(events)

    monkeypatch.setattr(office.bus, "publish_all", late)
    await office.dispatcher.settle("film", frame.task_id)
    assert await status(office, *shots) == ["queued"] * 3
    assert {task.task_id for task in office.shelf.tasks[1:]} == {shots[0].task_id, shots[2].task_id}


async def test_a_guest_frees_what_others_wait_for_and_runs_its_own_only(office: Office) -> None:
    frame = await office.submit("m-1")
    theirs = await waiting_for(office, "m-2", frame)
    mapper = office.dispatcher._mapper
    guest = TaskDispatcher(
        office.bus,
        office.store,
        office.shelf,
        office.registry,
        office.router,
        mapper,
        office.clock,
        office.fetcher,
        only_own=True,
    )
    own = (await guest.submit(a_command("m-3", params={"source": output_of(frame)}))).task
    office.shelf.tasks.clear()
    await office.executor.run("film", frame.task_id)
    await guest.settle("film", frame.task_id)
    assert await status(office, theirs, own) == ["queued", "queued"]
    assert [task.task_id for task in office.shelf.tasks] == [own.task_id]


async def test_settling_an_open_task_changes_nothing(office: Office) -> None:
    frame = await office.submit("m-1")
    shot = await waiting_for(office, "m-2", frame)
    await office.dispatcher.settle("film", frame.task_id)
    assert await status(office, shot) == ["blocked"]


# --- batches -------------------------------------------------------------------------------------------------------


async def test_a_batch_is_accepted_whole_in_its_order_with_names_for_ids(office: Office) -> None:
    batch = a_batch(
        {"params": {"source": output_of("#frame", artifact="out.txt")}, "shot": "12A"},
        {"shot": "12A"},
        names=[None, "frame"],
    )
    shot, frame = [submission.task for submission in await office.dispatcher.submit_batch(batch)]
    assert shot.request.params["source"] == {"from_task": frame.task_id, "artifact": "out.txt"}
    assert (shot.waits_for, frame.waits_for) == ((frame.task_id,), ())
    assert [task.queued_seq for task in (shot, frame)] == [1, 2]
    assert [task.take for task in (shot, frame)] == [1, 2]
    assert [task.request.queue_position for task in (shot, frame)] == [0, 1]
    assert [task.task_id for task in office.shelf.tasks] == [frame.task_id]
    await office.run(frame)
    assert (await office.run(shot)).status is TaskStatus.SUCCEEDED


async def test_a_batch_may_wait_for_what_was_asked_for_before(office: Office) -> None:
    made, still_open = await office.run(await office.submit("m-1")), await office.submit("m-2")
    batch = a_batch({"params": {"sources": [output_of(made), output_of(still_open)]}})
    (submission,) = await office.dispatcher.submit_batch(batch)
    assert submission.task.waits_for == (still_open.task_id,)


async def test_a_batch_is_refused_whole_and_every_problem_is_named_with_its_place(office: Office) -> None:
    batch = a_batch(
        {},
        {"task_type": "nonsense"},
        {"quality": "ultar"},
        {"params": {"bad": 1}},
        {"params": {"source": output_of("#nobody")}},
        {"shot": " "},
        {},
        names=["a", None, "c", None, None, None, "a"],
    )
    with pytest.raises(InvalidBatchError) as refused:
        await office.dispatcher.submit_batch(batch)
    problems = refused.value.details["problems"]
    assert [(p["index"], p["field"], p["code"]) for p in problems] == [
        (1, "task_type", "UNKNOWN_TASK_TYPE"),
        (2, "quality", "UNKNOWN_QUALITY"),
        (3, "params.bad", "INVALID_PARAMS"),
        (4, "params.source", "INVALID_PARAMS"),
        (5, "shot", "VALIDATION_ERROR"),
        (6, "name", "VALIDATION_ERROR"),
    ]
    assert problems[1]["name"] == "c"
    assert office.hub.projects == {}


async def test_problems_that_need_a_look_are_named_with_their_place_too(office: Office) -> None:
    failed = await office.submit("m-1")
    await office.dispatcher.cancel(CancelTask(project_id="film", task_id=failed.task_id))
    batch = a_batch({}, {"params": {"source": output_of("gone")}}, {"params": {"sources": [output_of(failed)]}})
    with pytest.raises(InvalidBatchError) as refused:
        await office.dispatcher.submit_batch(batch)
    fields = [(problem["index"], problem["field"]) for problem in refused.value.details["problems"]]
    assert fields == [(1, "params.source"), (2, "params.sources.0")]


async def test_requests_that_wait_in_a_circle_are_refused_and_those_beside_it_not_named(office: Office) -> None:
    batch = a_batch(
        {"params": {"source": output_of("#b")}},
        {"params": {"sources": [output_of("#c"), output_of("#free")]}},
        {"params": {"source": output_of("#a")}},
        {},
        {"params": {"source": output_of("#a")}},
        {"params": {"source": output_of("#self")}},
        names=["a", "b", "c", "free", "after", "self"],
    )
    with pytest.raises(InvalidBatchError) as refused:
        await office.dispatcher.submit_batch(batch)
    assert [(problem["index"], problem["field"]) for problem in refused.value.details["problems"]] == [
        (0, "params.source"), (1, "params.sources.0"), (2, "params.source"), (5, "params.source"),
    ]  # fmt: skip
    assert office.hub.projects == {}


async def test_the_same_batch_again_is_the_same_tasks(office: Office) -> None:
    batch = a_batch({}, {"params": {"source": output_of("#a")}}, names=["a"])
    first = await office.dispatcher.submit_batch(batch)
    again = await office.dispatcher.submit_batch(batch)
    assert [known.accepted for known in again] == [known.accepted for known in first]
    assert all(known.repeated for known in again)
    assert await office.kinds() == ["TaskQueued"] * 2


async def test_simultaneous_repeats_of_a_batch_accept_it_once(office: Office) -> None:
    batch = a_batch({}, {}, {"params": {"source": output_of("#a")}}, names=["a"])
    answers = await asyncio.gather(*(office.dispatcher.submit_batch(batch) for _ in range(30)))
    assert len({tuple(known.task.task_id for known in answer) for answer in answers}) == 1
    assert await office.kinds() == ["TaskQueued"] * 3


@pytest.mark.parametrize(
    "other",
    [
        a_batch({}, {}, {}),
        a_batch({}),
        a_batch({}, {"quality": "ultra"}),
        a_batch({}, {}, names=["a"]),
        a_batch({}, {"metadata": {}}),
    ],
)
async def test_the_same_key_with_another_batch_is_refused(office: Office, other: StartBatch) -> None:
    await office.dispatcher.submit_batch(a_batch({}, {}))
    with pytest.raises(IdempotencyConflictError):
        await office.dispatcher.submit_batch(other)
    assert await office.kinds() == ["TaskQueued"] * 2


async def test_a_batch_of_which_something_was_deleted_is_not_asked_for_again(office: Office) -> None:
    batch = a_batch({}, {})
    _, second = await office.dispatcher.submit_batch(batch)
    await office.run(second.task)
    await office.archive.delete_task(DeleteTask(project_id="film", task_id=second.task.task_id))
    with pytest.raises(IdempotencyConflictError, match="deleted"):
        await office.dispatcher.submit_batch(batch)


async def test_a_batch_finds_room_as_a_whole_or_not_at_all(office: Office) -> None:
    await office.submit("m-1")
    await office.dispatcher.submit_batch(a_batch(*[{}] * 4))
    with pytest.raises(QueueFullError, match="1 more do not fit; 5 is the most") as refused:
        await office.dispatcher.submit_batch(
            a_batch({}, {"params": {"source": output_of("#a")}}, message_id="b-2", names=["a"])
        )
    assert refused.value.details["limit"] == 5
    assert await office.kinds() == ["TaskQueued"] * 5


async def test_blocked_tasks_have_a_limit_of_their_own(office: Office) -> None:
    frame = await office.submit("m-1")
    for number in range(4):
        await waiting_for(office, f"w-{number}", frame)
    with pytest.raises(QueueFullError, match="wait for other tasks; 4 is the most") as refused:
        await waiting_for(office, "w-4", frame)
    assert refused.value.details["limit"] == 4
    for number in range(2, 6):
        await office.submit(f"m-{number}")
    await office.run(frame)
    assert (await office.store.counts("film")).of(TaskStatus.QUEUED) == 8  # accepted is accepted


async def test_a_batch_whose_answer_was_lost_is_found_by_its_repeat(office: Office) -> None:
    bus = office.bus
    append = bus.publish_all

    async def lost(events: Sequence[Event]) -> Any:
        await append(events)
        raise BusUnavailableError("gone")

    bus.publish_all = lost  # type: ignore[method-assign]
    with pytest.raises(BusUnavailableError):
        await office.dispatcher.submit_batch(a_batch({}, {}))
    bus.publish_all = append  # type: ignore[method-assign]
    again = await office.dispatcher.submit_batch(a_batch({}, {}))
    assert [known.repeated for known in again] == [True, True]


async def test_a_service_that_stops_takes_no_batch(office: Office) -> None:
    office.dispatcher.close()
    with pytest.raises(ShuttingDownError):
        await office.dispatcher.submit_batch(a_batch({}))


# --- which artifact is meant ---------------------------------------------------------------------------------------


def an_artifact(name: str, kind: str, media_type: str) -> Artifact:
    return Artifact(name=name, kind=kind, path=f"film/t/1/{name}", media_type=media_type, size_bytes=1, sha256="")


MADE = [
    an_artifact("shot.mp4", "video", "video/mp4"),
    an_artifact("poster.jpg", "image", "image/jpeg"),
    an_artifact("frame.png", "image", "image/png"),
    an_artifact("control-depth.png", "control", "image/png"),
]


@pytest.mark.parametrize(
    ("wanted", "name", "meant"),
    [
        (TaskInput("a"), None, "frame.png"),
        (TaskInput("a", kind="video"), None, "shot.mp4"),
        (TaskInput("a", kind="audio"), None, None),
        (TaskInput("a"), "poster.jpg", "poster.jpg"),
        (TaskInput("a"), "control-depth.png", "control-depth.png"),
        (TaskInput("a"), "shot.mp4", None),
        (TaskInput("a", control="depth"), None, "control-depth.png"),
        (TaskInput("a", control="pose"), None, None),
    ],
)
def test_an_artifact_is_chosen_by_kind_where_no_name_is_given(
    wanted: TaskInput, name: str | None, meant: str | None
) -> None:
    task_type = TaskType(
        name="t", engine="e", summary="", params_schema={}, preset_parameters=frozenset(), inputs=(wanted,)
    )
    (reference,) = references(task_type, {"a": {"from_task": "t", **({"artifact": name} if name else {})}})
    chosen = choose(MADE, reference)
    assert (chosen.name if chosen else None) == meant


def test_many_requests_are_looked_through_for_circles_quickly() -> None:
    task_type = TaskType(
        name="t", engine="e", summary="", params_schema={}, preset_parameters=frozenset(), inputs=INPUTS
    )
    ids = [str(number) for number in range(500)]
    chain = [references(task_type, {"source": {"from_task": str((n + 1) % 500)}}) for n in range(500)]
    assert len(problems_of_cycles(ids, chain)) == 500
    assert problems_of_cycles(ids, [*chain[:-1], ()]) == []
