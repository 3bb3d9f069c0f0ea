import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from auteur.domain.commands import CancelTask
from auteur.domain.errors import (
    IdempotencyConflictError,
    InvalidParamsError,
    InvalidProjectIdError,
    QueueFullError,
    ShuttingDownError,
    TaskNotFoundError,
    UnknownQualityError,
    UnknownTaskTypeError,
)
from auteur.domain.events import CancelRequested, ProjectDeleted, TaskFailed, TaskStarted
from auteur.domain.fetching import MAX_PARAMS_BYTES
from auteur.domain.pool import PoolMonitor
from auteur.domain.ports import Worker
from auteur.domain.state import OpenTask
from auteur.domain.task import TaskInput, TaskStatus
from tests.fakes import START, Office, ScriptedHandler, a_command, of


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


async def test_an_accepted_task_is_recorded_before_it_is_queued(office: Office) -> None:
    task = await office.submit(params={"steps": 4, "colour": "red"})
    assert await office.kinds() == ["TaskQueued"]
    assert office.shelf.tasks == [task]
    assert task.request.params == {"seed": 5, "steps": 4, "colour": "red"}
    assert task.request.origins == {"seed": "engine", "steps": "caller", "colour": "caller"}
    assert (task.request.quality, task.request.lane, task.request.timeout_s) == ("draft", "interactive", 30)
    assert task.request.queue_position == 1
    assert task.request.estimate_s == 1.5
    assert task.metadata == {"shot": 7}


async def test_the_preset_fills_in_what_the_caller_left_open(office: Office) -> None:
    task = await office.submit(quality="ultra")
    assert task.request.params["steps"] == 9
    assert task.request.origins["steps"] == "preset"
    assert task.request.lane == "heavy"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"task_type": "nonsense"}, UnknownTaskTypeError),
        ({"quality": "ultar"}, UnknownQualityError),
        ({"params": {"bad": 1}}, InvalidParamsError),
        ({"project_id": "../etc"}, InvalidProjectIdError),
    ],
)
async def test_what_cannot_be_made_is_refused_and_leaves_nothing(
    office: Office, change: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await office.submit(**change)  # type: ignore[arg-type]
    assert office.shelf.tasks == []
    assert office.hub.projects == {}


async def test_the_same_request_again_is_the_same_task(office: Office) -> None:
    first = await office.dispatcher.submit(a_command())
    again = await office.dispatcher.submit(a_command(request_id="another"))
    assert again.repeated
    assert again.task.task_id == first.task.task_id
    assert again.accepted == first.accepted
    assert len(office.shelf.tasks) == 1


async def test_a_hundred_simultaneous_repeats_start_one_task(office: Office) -> None:
    answers = await asyncio.gather(*(office.dispatcher.submit(a_command()) for _ in range(100)))
    assert len({answer.task.task_id for answer in answers}) == 1
    assert sum(not answer.repeated for answer in answers) == 1
    assert await office.kinds() == ["TaskQueued"]


@pytest.mark.parametrize("change", [{"params": {"steps": 3}}, {"quality": "ultra"}, {"metadata": {"shot": 8}}])
async def test_the_same_id_with_another_body_is_refused(office: Office, change: dict[str, object]) -> None:
    await office.submit()
    with pytest.raises(IdempotencyConflictError):
        await office.submit(**change)  # type: ignore[arg-type]


async def test_the_same_id_in_another_project_is_another_task(office: Office) -> None:
    first, second = await office.submit(), await office.submit(project_id="other")
    assert first.task_id != second.task_id


async def test_a_project_may_not_queue_without_end(office: Office) -> None:
    for number in range(5):
        assert (await office.submit(f"m-{number}")).request.queue_position == number + 1
    with pytest.raises(QueueFullError) as refused:
        await office.submit("m-6")
    assert refused.value.details == {"limit": 5, "retry_after_s": 10}
    for number in range(3):
        await office.submit(f"m-{number}", "other")
    with pytest.raises(QueueFullError):
        await office.submit("m-9", "third")


async def test_a_waiting_task_is_cancelled_at_once(office: Office) -> None:
    task = await office.submit()
    cancelled = (await office.dispatcher.cancel(CancelTask(project_id="film", task_id=task.task_id))).task
    assert cancelled.status is TaskStatus.CANCELLED
    assert await office.kinds() == ["TaskQueued", "CancelRequested", "TaskCancelled"]


async def test_cancelling_again_changes_nothing(office: Office) -> None:
    task = await office.submit()
    command = CancelTask(project_id="film", task_id=task.task_id)
    first = await office.dispatcher.cancel(command)
    assert await office.dispatcher.cancel(command) == first
    assert len(await office.events()) == 3


async def test_many_simultaneous_cancels_give_one_ending(office: Office) -> None:
    task = await office.submit()
    command = CancelTask(project_id="film", task_id=task.task_id)
    await asyncio.gather(*(office.dispatcher.cancel(command) for _ in range(20)))
    assert (await office.kinds()).count("TaskCancelled") == 1


async def test_a_running_task_is_only_asked_to_stop(office: Office) -> None:
    task = await office.submit()
    await office.bus.publish(TaskStarted(**of(task.task_id), attempt=1, worker="w"))
    asked = (await office.dispatcher.cancel(CancelTask(project_id="film", task_id=task.task_id))).task
    assert asked.status is TaskStatus.RUNNING
    assert asked.cancel_requested
    assert isinstance((await office.events())[-1], CancelRequested)


async def test_an_unknown_task_cannot_be_cancelled(office: Office) -> None:
    with pytest.raises(TaskNotFoundError):
        await office.dispatcher.cancel(CancelTask(project_id="film", task_id="nobody"))


async def test_what_was_recorded_but_not_queued_is_taken_up(office: Office) -> None:
    await office.submit("m-1")
    ended = await office.submit("m-2", "other")
    await office.dispatcher.cancel(CancelTask(project_id="other", task_id=ended.task_id))
    running = await office.submit("m-3", "third")
    await office.bus.publish(TaskStarted(**of(running.task_id, "third"), attempt=1, worker="w"))
    office.shelf.tasks.clear()
    assert await office.dispatcher.recover() == 1
    assert [task.project_id for task in office.shelf.tasks] == ["film"], "the third has its worker"
    office.registry.absent.add("w")
    assert await office.dispatcher.recover() == 2
    assert [task.project_id for task in office.shelf.tasks] == ["film", "film", "third"]


async def test_a_task_whose_record_was_deleted_ends_in_an_error(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = await office.submit()
    lost = OpenTask("film", task.task_id, 0, None, "", "", task.queued_at, lost=True)

    async def unfinished() -> list[OpenTask]:
        return [lost]

    monkeypatch.setattr(office.store, "unfinished", unfinished)
    assert await office.dispatcher.recover() == 0
    (_, ending) = await office.events()
    assert isinstance(ending, TaskFailed)
    assert (ending.task_id, ending.failure.code) == (task.task_id, "RECORD_LOST")
    assert await office.dispatcher.recover() == 0, "a second sweep finds that it has ended"
    assert len(await office.events()) == 2


async def test_a_closed_office_takes_nothing(office: Office) -> None:
    office.dispatcher.close()
    with pytest.raises(ShuttingDownError):
        await office.submit()


async def test_a_task_that_was_recorded_is_accepted_although_the_queue_is_away(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(task: object) -> None:
        raise ShuttingDownError("away")

    monkeypatch.setattr(office.shelf, "enqueue", away)
    task = await office.submit()
    assert task.status is TaskStatus.QUEUED
    monkeypatch.undo()
    assert await office.dispatcher.recover() == 1
    assert office.shelf.tasks == [task]


async def test_a_queue_with_a_window_gets_no_more_of_a_project_than_it_wants(office: Office) -> None:
    office.shelf.window = 2
    tasks = [await office.submit(f"m-{number}") for number in range(4)]
    await office.submit("m-9", "other")
    assert [task.task_id for task in office.shelf.tasks[:2]] == [task.task_id for task in tasks[:2]]
    assert [task.project_id for task in office.shelf.tasks] == ["film", "film", "other"]


async def test_an_ending_makes_room_for_the_next(office: Office) -> None:
    office.shelf.window = 2
    tasks = [await office.submit(f"m-{number}") for number in range(4)]
    await office.executor.run("film", tasks[0].task_id)
    office.shelf.tasks.clear()
    await office.dispatcher.release("film", tasks[0].task_id)
    assert [task.task_id for task in office.shelf.tasks] == [tasks[1].task_id, tasks[2].task_id]
    office.shelf.tasks.clear()
    await office.bus.publish(TaskStarted(**of(tasks[1].task_id), attempt=1, worker="w"))
    await office.dispatcher.release("film", tasks[0].task_id)
    assert [task.task_id for task in office.shelf.tasks] == [tasks[2].task_id], "the running one counts"


async def test_who_releases_looks_once_where_nothing_waits(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counting(name: str) -> Any:
        ask = getattr(office.store, name)

        async def counted(*given: Any, **more: Any) -> Any:
            asked.append(name)
            return await ask(*given, **more)

        return counted

    task = await office.submit()
    await office.executor.run("film", task.task_id)
    for name in ("task", "counts", "project", "tasks", "open_tasks", "dependants", "unfinished"):
        monkeypatch.setattr(office.store, name, counting(name))
    await office.dispatcher.release("film", task.task_id)
    assert asked == ["counts"]


async def test_what_was_deleted_meanwhile_holds_nothing_up(office: Office) -> None:
    task = await office.submit()
    await office.executor.run("film", task.task_id)
    await office.bus.publish(ProjectDeleted(project_id="film", at=START))
    await office.dispatcher.release("film", task.task_id)


async def test_a_sweep_is_for_the_one_that_leads(office: Office) -> None:
    await office.submit()
    office.registry.leading = False
    assert await office.dispatcher.recover() == 0
    office.registry.leading = True
    assert await office.dispatcher.recover() == 1


async def test_a_task_that_no_worker_understands_ends_unless_it_runs(office: Office) -> None:
    task = await office.submit("m-1")
    await office.dispatcher.refuse("film", task.task_id)
    ending = (await office.events())[-1]
    assert isinstance(ending, TaskFailed)
    assert ending.metadata == {"shot": 7}
    running = await office.submit("m-2")
    await office.bus.publish(TaskStarted(**of(running.task_id), attempt=1, worker="w"))
    await office.dispatcher.refuse("film", running.task_id)
    await office.dispatcher.refuse("film", "unknown")
    assert not (await office.store.task("film", running.task_id)).task.ended


async def test_the_client_is_told_when_nobody_is_there_for_its_task(office: Office) -> None:
    assert "No worker for scripted" in str((await office.submit("m-1")).request.notice)
    office.registry.present = [
        Worker(name="w", since=START, lanes=("interactive",), task_types=("scripted",), slots=1),
    ]
    assert (await office.submit("m-2")).request.notice is None
    assert (await office.submit("m-3", quality="ultra")).request.notice is not None


async def test_a_survey_counts_what_waits_and_runs_and_what_nobody_takes(office: Office) -> None:
    first, second = await office.submit("m-1"), await office.submit("m-2", "other", quality="ultra")
    await office.bus.publish(TaskStarted(**of(first.task_id), attempt=1, worker="w"))
    ended = await office.submit("m-3", "third")
    await office.dispatcher.cancel(CancelTask(project_id="third", task_id=ended.task_id))
    pool_monitor = await PoolMonitor(office.store, office.registry, office.clock).read()
    assert (dict(pool_monitor.running), dict(pool_monitor.waiting)) == ({"interactive": 1}, {"heavy": 1})
    assert pool_monitor.oldest_wait_s["heavy"] == (office.clock.now - second.queued_at).total_seconds()
    assert dict(pool_monitor.unserved) == {"scripted": 1}


# --- inputs by url -------------------------------------------------------------------------------------------------

URL = "https://pictures.example/a.png?signature=secret"
DATA = "data:image/png;base64," + "A" * (2 * MAX_PARAMS_BYTES)


@pytest.fixture
def studio(tmp_path: Path) -> Office:
    """An engine that takes a picture and several sounds, and no text longer than a path."""

    class Handler(ScriptedHandler):
        def check(self, task_type: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
            given = dict(super().check(task_type, params))
            if "image" in given:
                given["picture"] = given.pop("image")
            assert all(len(text) < 100 for text in given.values() if isinstance(text, str))
            return given

    return Office(tmp_path, Handler(inputs=(TaskInput("picture"), TaskInput("sounds", kind="audio", many=True))))


async def test_an_input_by_url_is_an_upload_before_the_engine_sees_it(studio: Office) -> None:
    sounds = ["uploads/a.wav", URL]
    task = await studio.submit(params={"picture": DATA, "sounds": sounds, "colour": "red"})
    (_, name, url, kind), (_, other, second, audio) = studio.fetcher.asked
    assert (name, url, kind) == ("picture", DATA, "image")
    assert (other, second, audio) == ("sounds.1", URL, "audio")
    params = task.request.params
    assert params["picture"].startswith("uploads/")
    assert params["sounds"][0] == sounds[0]
    assert params["sounds"][1].startswith("uploads/")
    assert task.request.origins["picture"] == "caller"
    assert "secret" not in str(task)


async def test_a_repeat_brings_nothing_in_again_and_another_url_is_another_request(studio: Office) -> None:
    await studio.submit(params={"picture": URL})
    await studio.submit(params={"picture": URL})
    assert len(studio.fetcher.asked) == 1
    with pytest.raises(IdempotencyConflictError):
        await studio.submit(params={"picture": URL + "0"})
    assert len(studio.fetcher.asked) == 1


async def test_an_input_by_another_name_is_brought_in_too(studio: Office) -> None:
    task = await studio.submit(params={"image": "https://pictures.example/b.png"})
    assert task.request.params["picture"].startswith("uploads/")


@pytest.mark.parametrize(
    "own",
    ["uploads/a.png", "film/uploads/a.png", "/api/v1/projects/film/artifacts/uploads/a.png", "C:a.png",
     "https://studio.example/api/v1/projects/film/artifacts/uploads/a.png"],
)  # fmt: skip
async def test_what_is_in_the_project_is_not_fetched(studio: Office, own: str) -> None:
    assert (await studio.submit(params={"picture": own})).request.params["picture"] == own
    assert studio.fetcher.asked == []


@pytest.mark.parametrize("url", ["http://pictures.example/a.png", "file:///etc/passwd", "ftp://pictures.example/a"])
async def test_other_urls_are_refused_by_the_name_of_the_input(studio: Office, url: str) -> None:
    with pytest.raises(InvalidParamsError) as refused:
        await studio.submit(params={"sounds": [url]})
    assert refused.value.details["problems"] == [
        {"field": "sounds.0", "message": "must be a path or url of this project, or an https: or data: url"}
    ]


async def test_a_data_url_outside_of_an_input_is_bounded_like_any_text(studio: Office) -> None:
    with pytest.raises(InvalidParamsError, match="larger than"):
        await studio.submit(params={"colour": DATA})


async def test_what_the_engine_refuses_is_not_fetched(studio: Office) -> None:
    with pytest.raises(InvalidParamsError):
        await studio.submit(params={"picture": URL, "bad": 1})
    assert studio.fetcher.asked == []
