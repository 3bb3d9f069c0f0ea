"""Which engine makes a task, when several may, and what becomes of it when one is down."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from auteur.adapters.queue.local import LocalTaskQueue
from auteur.domain.availability import EngineAvailability
from auteur.domain.commands import CancelTask
from auteur.domain.errors import (
    EngineDownError,
    EngineElsewhereError,
    HandlerError,
    InvalidParamsError,
    UnavailableError,
    UnknownEngineError,
)
from auteur.domain.events import TaskFailed, TaskQueued, TaskRequeued, TaskStarted, TaskSucceeded
from auteur.domain.ports import EngineStatus, Worker
from auteur.domain.routing import EngineRouter
from auteur.domain.task import Task, TaskResult, TaskStatus, TaskType
from tests.fakes import START, Office, Rival, ScriptedHandler
from tests.waiting import LONG_S


def comfy(**changes: Any) -> Rival:
    return Rival(**{"engine": "comfyui", "takes": ("steps", "seed", "prompt", "sampler"), **changes})


def previs(**changes: Any) -> Rival:
    return Rival(**{"engine": "previs", "takes": ("steps", "seed", "prompt", "style"), **changes})


def studio(root: Path, *engines: Rival, **options: Any) -> Office:
    first, *others = engines
    return Office(root, handler=first, others=others, **options)


async def result_of(office: Office, task: Task) -> TaskResult:
    async with asyncio.timeout(LONG_S):
        await office.executor.run("film", task.task_id)
    end = (await office.events())[-1]
    assert isinstance(end, TaskSucceeded), end
    return end.result


# --- the order -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "engines"),
    [
        ({}, ["comfyui", "cog", "previs"]),
        ({"*": ["cog"]}, ["cog", "comfyui", "previs"]),
        ({"*": ["previs", "cog"]}, ["previs", "cog", "comfyui"]),
        ({"*": ["cog"], "scripted": ["comfyui", "previs"]}, ["comfyui", "previs", "cog"]),
        ({"other": ["cog"]}, ["comfyui", "cog", "previs"]),
        ({"*": ["absent", "cog"]}, ["cog", "comfyui", "previs"]),
    ],
    ids=str,
)
def test_engines_come_in_the_order_that_is_set_and_previs_last_unless_it_is_named(
    tmp_path: Path, order: dict[str, list[str]], engines: list[str]
) -> None:
    office = studio(tmp_path, previs(), comfy(), Rival(engine="cog"), order=order)
    assert [route.engine for route in office.router.routes("scripted")] == engines


async def test_without_a_wish_the_first_engine_that_is_up_is_taken_and_the_result_says_why(tmp_path: Path) -> None:
    down = comfy(up=False)
    office = studio(tmp_path, previs(), down, Rival(engine="cog"))
    task = await office.submit()
    assert task.request.engine == "cog"
    result = await result_of(office, task)
    assert result.engine == "cog"
    assert result.routing is not None
    assert (result.routing.reason, dict(result.routing.passed_over)) == ("next", {"comfyui": "no server answers"})
    assert result.routing.words == "It was the first of the order that was up. comfyui: no server answers."
    assert down.runs == 0


async def test_the_only_engine_and_the_first_one_are_said_as_such(tmp_path: Path) -> None:
    alone = Office(tmp_path / "a")
    routing = (await result_of(alone, await alone.submit())).routing
    assert routing is not None
    assert routing.reason == "only"
    several = studio(tmp_path / "b", comfy(), previs())
    routing = (await result_of(several, await several.submit())).routing
    assert routing is not None
    assert (routing.reason, routing.passed_over) == ("first", {})


async def test_the_engine_that_is_asked_for_is_taken_whatever_the_order_says(tmp_path: Path) -> None:
    office = studio(tmp_path, comfy(), previs())
    result = await result_of(office, await office.submit(engine="previs", params={"style": "board"}))
    assert (result.engine, result.params["style"]) == ("previs", "board")
    assert result.routing is not None
    assert result.routing.reason == "asked"


async def test_an_unknown_engine_is_refused_with_those_there_are(tmp_path: Path) -> None:
    office = studio(tmp_path, previs(), comfy())
    with pytest.raises(UnknownEngineError) as refused:
        await office.submit(engine="cog")
    assert refused.value.message == "Unknown engine 'cog' for scripted; there is: comfyui, previs."
    assert refused.value.details["known"] == ["comfyui", "previs"]


async def test_params_are_judged_by_the_chosen_engine_and_the_refusal_names_it(tmp_path: Path) -> None:
    office = studio(tmp_path, comfy(), previs())
    with pytest.raises(InvalidParamsError) as refused:
        await office.submit(params={"style": "board"})
    assert refused.value.details["engine"] == "comfyui"
    assert "style: is unknown to comfyui" in refused.value.message
    await office.submit(params={"style": "board"}, engine="previs")


async def test_another_engine_with_the_same_id_is_another_request(tmp_path: Path) -> None:
    office = studio(tmp_path, comfy(), previs())
    first = await office.submit(engine="comfyui")
    assert (await office.submit(engine="comfyui")).task_id == first.task_id
    with pytest.raises(Exception, match="different request"):
        await office.submit(engine="previs")


async def test_a_repeat_has_its_answer_although_another_engine_would_be_chosen_now(tmp_path: Path) -> None:
    first = comfy()
    office = studio(tmp_path, first, previs())
    task = await office.submit(params={"sampler": "euler"})
    first.up = False
    again = await office.submit(params={"sampler": "euler"})
    assert (again.task_id, again.request.engine) == (task.task_id, "comfyui")


async def test_an_engine_that_no_worker_has_is_passed_over_where_another_has_one(tmp_path: Path) -> None:
    office = studio(tmp_path, comfy(), previs())
    common: dict[str, Any] = {"since": START, "lanes": ("interactive",), "task_types": ("scripted",), "slots": 1}
    office.registry.present = [Worker(name="w", makes=("scripted.previs",), **common)]
    task = await office.submit()
    assert task.request.engine == "previs"
    assert task.request.routing is not None
    assert dict(task.request.routing.passed_over) == {"comfyui": "no worker at work has it"}
    asked = await office.submit("m-2", engine="comfyui")
    assert asked.request.notice == "No worker for scripted in the interactive lane is at work; the task waits for one."


# --- its state -----------------------------------------------------------------------------------------------------


async def test_an_engine_that_hangs_stalls_no_request_beyond_the_limit_and_is_down(tmp_path: Path) -> None:
    hung = comfy(silent=True)
    office = studio(tmp_path, hung, previs())
    async with asyncio.timeout(LONG_S):
        task = await office.submit()
    assert task.request.engine == "previs"
    assert task.request.routing is not None
    assert task.request.routing.passed_over["comfyui"] == "no answer within 0.05 s"


async def test_engines_are_asked_once_an_interval_however_many_want_to_know() -> None:
    engine = comfy()
    async with EngineAvailability([engine], ask_every_s=3600, answer_within_s=5) as availability:
        await asyncio.gather(*(availability.known(engine, engine.task_type) for _ in range(100)))
        for _ in range(100):
            assert (await availability.known(engine, engine.task_type)).up
    assert engine.asked == 1


async def test_who_waits_for_a_question_that_another_gives_up_hears_the_same() -> None:
    engine = comfy(silent=True)
    availability = EngineAvailability([engine], answer_within_s=0.05)
    first = asyncio.create_task(availability.asked(engine))
    await asyncio.sleep(0.02)
    later = await availability.asked(engine)
    assert [(await first).reason, later.reason] == ["no answer within 0.05 s"] * 2
    assert engine.asked == 1


async def test_one_that_ignores_its_cancellation_is_not_asked_again_before_it_has_answered() -> None:
    class Deaf(Rival):
        async def status(self) -> EngineStatus:
            self.asked += 1
            while not self.gate.is_set():
                try:
                    await self.gate.wait()
                except asyncio.CancelledError:
                    continue
            return EngineStatus(up=True)

    engine = Deaf(engine="deaf")
    availability = EngineAvailability([engine], ask_every_s=0, answer_within_s=0.01)
    for _ in range(5):
        assert (await availability.asked(engine)).reason == "no answer within 0.01 s"
    assert engine.asked == 1
    engine.gate.set()
    assert not (await availability.asked(engine)).up or engine.asked == 1
    assert (await availability.asked(engine)).up


@pytest.mark.parametrize("answer", [ValueError("/secret/path"), None, "up", asyncio.CancelledError()], ids=repr)
async def test_one_that_cannot_say_how_it_is_counts_as_down_and_shows_nothing(answer: Any) -> None:
    class Confused(Rival):
        async def status(self) -> EngineStatus:
            if isinstance(answer, BaseException):
                raise answer
            return answer  # type: ignore[no-any-return]

    engine = Confused(engine="confused")
    assert await EngineAvailability([engine]).asked(engine) == EngineStatus(up=False, reason="it cannot say how it is")


async def test_changes_are_told_once() -> None:
    told: list[tuple[bool, str]] = []
    engine = comfy()
    availability = EngineAvailability(
        [engine], ask_every_s=0, on_change=lambda handler, names, status: told.append((status.up, status.reason))
    )
    for up in (True, True, False, False, True):
        engine.up = up
        await availability.asked(engine)
    assert told == [(False, "no server answers"), (True, "")]


class Two(Rival):
    """Makes two task types; says which of them it cannot make now."""

    away: Mapping[str, str] = {}

    @property
    def task_types(self) -> Sequence[TaskType]:
        (made,) = super().task_types
        return (made, replace(made, name="painted"))

    async def status(self) -> EngineStatus:
        return EngineStatus(up=True, unavailable=self.away)


async def test_an_engine_that_is_up_may_be_down_for_one_task_type_and_only_its_tasks_wait(tmp_path: Path) -> None:
    told: list[tuple[list[str], bool]] = []
    engine = Two(engine="two")
    office = studio(tmp_path, engine)
    availability = EngineAvailability(
        [engine], ask_every_s=0, on_change=lambda handler, names, status: told.append((list(names), status.up))
    )
    office.router.availability = availability
    waits, goes = await office.submit(task_type="painted"), await office.submit("m-2")
    engine.away = {"painted": "its model\n is loading"}
    with pytest.raises(EngineDownError):
        await office.executor.run("film", waits.task_id)
    await office.executor.run("film", goes.task_id)
    assert (await office.store.task("film", goes.task_id)).task.status == "succeeded"
    record = (await office.store.task("film", waits.task_id)).task
    assert (record.status, record.attempts_lost) == ("queued", 0)
    assert availability.of(engine, "painted") == EngineStatus(up=False, reason="its model is loading")
    assert availability.of(engine).up
    assert "painted: its model is loading" in availability.of(engine).reason
    engine.away = {}
    await office.executor.run("film", waits.task_id)
    assert (await office.store.task("film", waits.task_id)).task.status == "succeeded"
    assert told == [(["painted"], False), (["painted"], True)]


async def test_what_of_an_engine_that_is_up_cannot_be_used_is_kept_for_operators() -> None:
    class Grumbling(Two):
        async def status(self) -> EngineStatus:
            return EngineStatus(up=True, reason="frame.toml: no such\n node; no painter", unavailable=self.away)

    engine = Grumbling(engine="two")
    engine.away = {"painted": "no painter"}
    availability = EngineAvailability([engine], ask_every_s=5)
    status = await availability.asked(engine)
    assert (status.up, status.reason) == (True, "frame.toml: no such node; no painter")
    made = engine.task_types[0].name
    assert availability.of(engine, made) == EngineStatus(up=True, unavailable=engine.away), (
        "its tasks are not concerned"
    )
    availability.report_down(engine, made, "it hangs")
    engine.away = {}
    assert (await availability.asked(engine)).reason == f"frame.toml: no such node; no painter; {made}: it hangs"


async def test_an_engine_without_a_state_is_up_until_a_task_finds_it_down_and_again_later() -> None:
    now = [0.0]
    engine = ScriptedHandler()
    availability = EngineAvailability([engine], ask_every_s=5, monotonic=lambda: now[0])
    assert (await availability.known(engine, engine.task_type)).up
    for hold_s in (5, 10, 20, 40, 60, 60):
        availability.report_down(engine, "scripted", "gone\n   for good")
        now[0] += hold_s - 0.1
        assert availability.of(engine) == EngineStatus(up=False, reason="gone for good")
        now[0] += 0.1
        assert availability.of(engine).up
    assert availability.down_for_s(engine, "scripted") == 195, "until something is made there"
    availability.report_up(engine, "scripted")
    assert availability.down_for_s(engine, "scripted") == 0


# --- down when the task is to run ----------------------------------------------------------------------------------


async def test_the_next_engine_takes_a_task_with_the_callers_own_params_and_names_those_it_does_not_take(
    tmp_path: Path,
) -> None:
    first, second = comfy(), previs()
    office = studio(tmp_path, first, second)
    task = await office.submit(params={"prompt": "a field", "sampler": "euler"})
    first.up = False
    result = await result_of(office, task)
    assert (result.engine, first.runs, second.runs) == ("previs", 0, 1)
    assert result.params == {"prompt": "a field", "seed": 5, "steps": 2}
    assert result.routing is not None
    assert (result.routing.reason, result.routing.left_out) == ("fallback", ("sampler",))
    assert result.routing.words == (
        "It took the place of an engine that was down. comfyui: no server answers. "
        "Left out, as it does not take them: sampler."
    )
    assert (await office.kinds()).count("TaskStarted") == 1, "an engine known to be down is not tried"
    record = (await office.store.task("film", task.task_id)).task
    assert record.request == task.request, "what was accepted stays as it was"
    assert record.result == result


async def test_a_value_that_the_next_engine_refuses_is_left_out_too(tmp_path: Path) -> None:
    class Strict(Rival):
        def check(self, task_type: str, params: Any) -> Any:
            if params.get("prompt") == "xyz":
                raise InvalidParamsError([{"field": "prompt", "message": "is no sentence"}])
            return super().check(task_type, params)

    first = comfy()
    office = studio(tmp_path, first, Strict(engine="previs"))
    task = await office.submit(params={"prompt": "xyz"})
    first.up = False
    result = await result_of(office, task)
    assert result.routing is not None
    assert result.routing.left_out == ("prompt",)
    assert "prompt" not in result.params


async def test_an_engine_that_cannot_take_the_task_is_passed_over_and_said_so(tmp_path: Path) -> None:
    class Needs(Rival):
        async def prepare(self, task_type: str, project_id: str, params: Any, origins: Any) -> Any:
            raise InvalidParamsError([{"field": "source_image", "message": "is missing"}])

    first = comfy()
    office = studio(tmp_path, first, Needs(engine="cog"), previs())
    task = await office.submit()
    first.up = False
    result = await result_of(office, task)
    assert result.engine == "previs"
    assert result.routing is not None
    assert "source_image: is missing" in result.routing.passed_over["cog"]


@pytest.mark.parametrize(
    "error",
    [EngineDownError("comfyui", "the connection was lost"), HandlerError("lost it", retryable=True),
     UnavailableError("not now")],
    ids=["it says so", "it may be tried again", "it is not available"],
)  # fmt: skip
async def test_an_engine_that_goes_down_under_a_task_costs_it_no_attempt(tmp_path: Path, error: Exception) -> None:
    class Falls(Rival):
        async def run(self, task: Any, context: Any) -> Any:
            self.up = False
            return await super().run(task, context)

    first = Falls(engine="comfyui", error=error)
    office = studio(tmp_path, first, previs(), max_attempts=1)
    result = await result_of(office, await office.submit())
    assert (result.engine, first.runs) == ("previs", 1)
    events = await office.events()
    assert [event.reason for event in events if isinstance(event, TaskRequeued)] == ["engine_down"]
    assert [event.attempt for event in events if isinstance(event, TaskStarted)] == [1, 2]


async def test_an_engine_that_is_up_and_fails_is_tried_again_as_ever(tmp_path: Path) -> None:
    first = comfy(error=HandlerError("GPU busy", retryable=True), raise_times=1)
    office = studio(tmp_path, first, previs())
    assert (await result_of(office, await office.submit())).engine == "comfyui"
    assert first.runs == 2


@pytest.mark.parametrize("named", [True, False], ids=["it was asked for", "tasks wait as set"])
async def test_a_task_that_may_not_go_elsewhere_waits_and_begins_nothing(tmp_path: Path, named: bool) -> None:
    first, second = comfy(), previs()
    office = studio(tmp_path, first, second, routing={"falls_back": named})
    task = await office.submit(engine="comfyui" if named else None)
    first.up = False
    with pytest.raises(EngineDownError) as waits:
        await office.executor.run("film", task.task_id)
    assert waits.value.message == "The engine comfyui is down: no server answers."
    record = (await office.store.task("film", task.task_id)).task
    assert (record.status, record.attempt, second.runs) == (TaskStatus.QUEUED, 0, 0)
    first.up = True
    assert (await result_of(office, task)).engine == "comfyui"


async def test_a_task_waits_no_longer_than_is_set_and_then_fails_with_the_reason(tmp_path: Path) -> None:
    first = comfy(up=False)
    office = studio(tmp_path, first, previs(), routing={"wait_s": 0.0})
    task = await office.submit(engine="comfyui")
    await office.executor.run("film", task.task_id)
    end = (await office.events())[-1]
    assert isinstance(end, TaskFailed)
    assert (end.failure.code, end.failure.message) == (
        "ENGINE_DOWN", "The engine comfyui is down: no server answers.",
    )  # fmt: skip
    assert end.failure.details == {"engine": "comfyui"}


async def test_only_the_waiting_for_the_engine_counts_not_that_for_a_turn(tmp_path: Path) -> None:
    now = [0.0]
    first = comfy()
    office = studio(tmp_path, first, previs())
    office.router.availability = EngineAvailability([first], ask_every_s=0, monotonic=lambda: now[0])
    office.router.wait_s = 100
    task = await office.submit(engine="comfyui")
    now[0] = 5000.0  # it waited that long for its turn
    office.clock.now += timedelta(seconds=5000)
    first.up = False
    for now[0] in (5001.0, 5099.0):
        with pytest.raises(EngineDownError):
            await office.executor.run("film", task.task_id)
    now[0] = 5101.5
    await office.executor.run("film", task.task_id)
    assert isinstance((await office.events())[-1], TaskFailed)


async def test_the_answer_to_a_request_says_that_it_waits_for_an_engine(tmp_path: Path) -> None:
    office = studio(tmp_path, comfy(up=False), previs(up=False))
    said = "The engine comfyui is down (no server answers); the task waits for it."
    assert (await office.submit(engine="comfyui")).request.notice == said
    task = await office.submit("m-2")
    assert (task.request.engine, task.request.notice) == ("comfyui", said)


# --- on the queue of one process -----------------------------------------------------------------------------------


async def until(condition: Any) -> None:
    async with asyncio.timeout(LONG_S):
        while not condition():
            await asyncio.sleep(0.005)


async def test_waiting_tasks_hold_no_slot_and_go_on_when_the_engine_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EngineDownError, "retry_after_s", 0.02)
    first, second = comfy(up=False), previs()
    office = studio(tmp_path, first, second)
    queue = LocalTaskQueue(office.executor.run, max_concurrent=1, lane_weights={})
    waiting = [await office.submit(f"m-{n}", engine="comfyui") for n in range(3)]
    for task in waiting:
        await queue.enqueue(task)
    await until(lambda: first.asked >= 3 and not queue.running)
    other = await office.submit("m-9", engine="previs")
    await queue.enqueue(other)
    await until(lambda: second.runs == 1)
    async with asyncio.timeout(LONG_S):
        while await queue.depth() != 3:  # now and then one of them looks whether its engine is back
            await asyncio.sleep(0.005)
    await queue.enqueue(waiting[0])
    assert await queue.depth() <= 3, "who waits already does not wait twice"
    await office.dispatcher.cancel(CancelTask(project_id="film", task_id=waiting[2].task_id))
    first.up = True
    await until(lambda: first.runs == 2)
    async with asyncio.timeout(LONG_S):
        while await queue.depth():
            await asyncio.sleep(0.005)
    assert [name for name in await office.kinds() if name in ("TaskSucceeded", "TaskCancelled")].count(
        "TaskCancelled"
    ) == 1
    await queue.close(1)


async def test_a_queue_that_closes_forgets_what_was_put_aside(tmp_path: Path) -> None:
    first = comfy(up=False)
    office = studio(tmp_path, first, previs())
    queue = LocalTaskQueue(office.executor.run, max_concurrent=1, lane_weights={})
    await queue.enqueue(await office.submit(engine="comfyui"))
    await until(lambda: first.asked and not queue.running)
    await queue.close(0)
    assert first.runs == 0


async def test_tasks_behind_those_that_wait_for_an_engine_are_given_to_a_fleet(tmp_path: Path) -> None:
    first = comfy(up=False)
    office = studio(tmp_path, first, previs())
    for number in range(4):
        await office.submit(f"m-{number}", engine="comfyui")
    behind = await office.submit("m-9", engine="previs")
    office.shelf.tasks.clear()
    office.shelf.window = 1
    await office.dispatcher.recover()
    assert behind.task_id in [task.task_id for task in office.shelf.tasks]
    first.up = True
    await office.availability.asked(first)
    office.shelf.tasks.clear()
    await office.dispatcher.recover()
    assert len(office.shelf.tasks) == 1, "who can be made waits for room as ever"


# --- workers that have different engines ---------------------------------------------------------------------------


def a_worker(name: str, *makes: str) -> Worker:
    return Worker(
        name=name, since=START, lanes=("interactive",), task_types=("scripted",), slots=1,
        makes=tuple(f"scripted.{engine}" for engine in makes),
    )  # fmt: skip


async def test_a_worker_whose_only_engine_is_down_hands_the_task_to_who_has_another(tmp_path: Path) -> None:
    first = comfy(up=False)
    office = studio(tmp_path, first)
    task = await office.submit()
    office.registry.present = [a_worker("w-1", "comfyui"), a_worker("w-2", "previs")]
    with pytest.raises(EngineElsewhereError) as elsewhere:
        await office.executor.run("film", task.task_id)
    assert elsewhere.value.engine == "previs"
    assert (await office.kinds()) == ["TaskQueued"], "nothing was begun"


async def test_a_worker_takes_over_a_task_whose_engine_it_does_not_have(tmp_path: Path) -> None:
    office = studio(tmp_path, comfy(), previs())
    task = await office.submit(params={"sampler": "euler"})
    here = studio(tmp_path / "other", previs(), bus=office.bus)
    here.registry.present = [a_worker("w-1", "previs"), a_worker("w-2", "comfyui")]
    result = await result_of(here, task)
    assert result.routing is not None
    assert (result.engine, result.routing.passed_over, result.routing.left_out) == (
        "previs", {"comfyui": "it is not installed here"}, ("sampler",),
    )  # fmt: skip


async def test_a_worker_hands_back_a_task_that_asked_for_an_engine_it_does_not_have(tmp_path: Path) -> None:
    office = studio(tmp_path, comfy(), previs())
    task = await office.submit(engine="comfyui")
    here = studio(tmp_path / "other", previs(), bus=office.bus)
    here.registry.present = [a_worker("w-1", "previs"), a_worker("w-2", "comfyui")]
    with pytest.raises(EngineElsewhereError) as elsewhere:
        await here.executor.run("film", task.task_id)
    assert elsewhere.value.engine == "comfyui"


# --- records of before there was a choice --------------------------------------------------------------------------


async def test_a_task_of_before_there_was_a_choice_is_made_by_an_engine_that_takes_its_params(tmp_path: Path) -> None:
    office = studio(tmp_path, comfy(), previs())
    task = await office.submit(engine="previs", params={"style": "board"})
    old = replace(task.request, engine=None, routing=None)
    assert office.router.queue_engine(old) == "previs"
    assignment = await office.router.assign(replace(task, request=old), office.registry.workers, "w-1")
    assert (assignment.route.engine, assignment.request) == ("previs", old)


def test_the_accepted_event_says_which_engine_was_chosen(tmp_path: Path) -> None:
    async def accepted() -> TaskQueued:
        office = studio(tmp_path, comfy(), previs())
        await office.submit()
        (event,) = await office.events()
        assert isinstance(event, TaskQueued)
        return event

    assert asyncio.run(accepted()).request.engine == "comfyui"


def test_a_router_knows_all_ways_in_order(tmp_path: Path) -> None:
    office = studio(tmp_path, previs(), comfy())
    assert isinstance(office.router, EngineRouter)
    assert [(route.task_type.name, route.engine) for route in office.router.all_routes()] == [
        ("scripted", "comfyui"), ("scripted", "previs"),
    ]  # fmt: skip
