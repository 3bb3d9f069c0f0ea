"""A take made again: what is carried over, what the new quality decides, and how the two are linked."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from auteur.domain.commands import DeleteTask, PromoteTask
from auteur.domain.errors import (
    IdempotencyConflictError,
    InvalidParamsError,
    InvalidRequestError,
    TaskDeletedError,
    TaskNotFoundError,
    TaskNotMadeError,
    UnknownEngineError,
    UnknownQualityError,
    UnknownTaskTypeError,
)
from auteur.domain.events import TaskPromoted, TaskStarted, TaskSucceeded
from auteur.domain.ports import DRAFT_SUFFIX, Draft, HandlerResult, TaskContext
from auteur.domain.project import ProjectReader
from auteur.domain.promotion import TakePromoter, carry_over
from auteur.domain.state import TaskQuery
from auteur.domain.task import CONTROL_FILES, Artifact, Task, TaskInput, TaskRequest, TaskResult, TaskStatus, TaskType
from tests.fakes import START, Office, ScriptedHandler

FIELDS = ("prompt", "seed", "steps", "width_px", "height_px", "aspect", "style", "lens_mm", "control", "strength")
FRAME = TaskType(
    name="scripted",
    engine="script",
    summary="",
    params_schema={"properties": {name: {} for name in FIELDS}},
    preset_parameters=frozenset({"steps", "width_px", "height_px"}),
    controls=frozenset({"depth", "pose"}),
)
PRESET = {"steps": 50, "width_px": 2048, "height_px": 2048}


def a_file(name: str, kind: str) -> Artifact:
    return Artifact(name=name, kind=kind, path=f"film/t-1/1/{name}", media_type="image/png", size_bytes=1, sha256="0")


def a_take(origins: Mapping[str, str] | None = None, *files: Artifact, **params: Any) -> Task:
    had = {"prompt": "a pier", "seed": 7, "steps": 10, "width_px": 512, "height_px": 512, "style": "board", **params}
    from_where = {"prompt": "caller", "seed": "engine", "steps": "preset", "width_px": "preset", "height_px": "preset",
                  "style": "engine", **dict.fromkeys(params, "caller"), **(origins or {})}  # fmt: skip
    result = TaskResult(engine="script", artifacts=(a_file("frame.png", "image"), *files), params=had, seed=7)
    return Task(
        task_id="t-1",
        project_id="film",
        request=TaskRequest(
            task_type="scripted", quality="draft", params=had, origins=from_where, lane="l", timeout_s=1.0,
            message_id="m", fingerprint="f", queue_position=1,
        ),
        metadata={}, status=TaskStatus.SUCCEEDED, queued_at=START, queued_seq=1, result=result,
    )  # fmt: skip


# --- what is carried over ------------------------------------------------------------------------------------------


def test_words_and_seed_are_carried_over_and_the_preset_is_not() -> None:
    assert carry_over(a_take(), FRAME, PRESET, {}) == {"prompt": "a pier", "seed": 7, "style": "board"}


def test_what_a_caller_asked_for_stays() -> None:
    asked = a_take({"width_px": "caller", "steps": "caller"}, lens_mm=35)
    assert carry_over(asked, FRAME, PRESET, {}) == {
        "prompt": "a pier", "seed": 7, "style": "board", "steps": 10, "width_px": 512, "lens_mm": 35,
    }  # fmt: skip


def test_what_differs_wins_and_what_is_null_is_left_out() -> None:
    assert carry_over(a_take(), FRAME, PRESET, {"prompt": "a quay", "style": None, "steps": 99}) == {
        "prompt": "a quay", "seed": 7, "steps": 99,
    }  # fmt: skip


def test_only_what_the_task_type_takes_is_carried_over() -> None:
    other = TaskType(
        name="x", engine="e", summary="", params_schema={"properties": {"prompt": {}}}, preset_parameters=frozenset()
    )
    assert carry_over(a_take(lens_mm=35), other, PRESET, {}) == {"prompt": "a pier"}


@pytest.mark.parametrize(("width", "height"), [(910, 288), (288, 910), (512, 288), (64, 64)])
def test_a_frame_of_another_shape_than_the_preset_keeps_it(width: int, height: int) -> None:
    take = a_take({"width_px": "engine", "height_px": "engine"})
    assert take.result is not None
    take.result.params.update(width_px=width, height_px=height)  # type: ignore[attr-defined]
    made = carry_over(take, FRAME, PRESET, {})
    sides = (made.get("width_px", 2048), made.get("height_px", 2048))
    assert abs(sides[0] / sides[1] / (width / height) - 1) < 0.005
    assert abs(sides[0] * sides[1] / 2048**2 - 1) < 0.01
    free = carry_over(take, FRAME, PRESET, dict.fromkeys(("width_px", "height_px")))
    assert free == made, "who lets go of a size keeps the shape"
    assert carry_over(a_take(aspect="16:9"), FRAME, PRESET, {}).keys().isdisjoint({"width_px", "height_px"})


def test_a_shape_keeps_to_what_the_engine_says_of_sides() -> None:
    sides = {"anyOf": [{"type": "integer", "multipleOf": 64, "maximum": 1024}, {"type": "null"}]}
    schema = {"properties": {"width_px": sides, "height_px": sides}}
    other = TaskType(
        name="x", engine="e", summary="", params_schema=schema, preset_parameters=frozenset({"width_px", "height_px"})
    )
    take = a_take()
    take.result.params.update(width_px=1024, height_px=512)  # type: ignore[union-attr,attr-defined]
    assert carry_over(take, other, PRESET, {}) == {"width_px": 1024, "height_px": 512}


def test_inputs_are_given_what_the_take_left() -> None:
    depth, inputs = a_file("control-depth.png", "control"), (
        TaskInput("init_image"), TaskInput("depth_image", control="depth"), TaskInput("pose", control="pose"),
        TaskInput("styles", control="depth", many=True), TaskInput("mask"),
    )  # fmt: skip
    names = (*FIELDS, *(known.name for known in inputs))
    schema = {"properties": {name: {} for name in names}, "required": ["init_image"]}
    other = TaskType(
        name="x", engine="e", summary="", params_schema=schema, preset_parameters=frozenset(), inputs=inputs
    )
    made = carry_over(a_take(None, a_file("poster.jpg", "image"), depth), other, PRESET, {"mask": "uploads/m.png"})
    assert made["init_image"] == "film/t-1/1/frame.png"
    assert made["depth_image"] == "film/t-1/1/control-depth.png"
    assert made["styles"] == ["film/t-1/1/control-depth.png"]
    assert made["mask"] == "uploads/m.png"
    assert "pose" not in made
    changes = {"depth_image": None, "init_image": "uploads/own.png"}
    mine = carry_over(a_take(None, depth), other, PRESET, changes)
    assert (mine["init_image"], "depth_image" in mine) == ("uploads/own.png", False)


def test_only_passes_that_the_engine_has_are_asked_for_again() -> None:
    assert carry_over(a_take(control=["depth", "set"]), FRAME, PRESET, {})["control"] == ["depth"]
    assert "control" not in carry_over(a_take(control=["set"]), FRAME, PRESET, {})


@pytest.mark.parametrize("value", [0.8, "canny", {"low": 1}, [0.1, 0.9], [{"low": 1}]])
def test_what_a_model_calls_control_is_carried_over_as_it_is(value: Any) -> None:
    model = replace(FRAME, controls=frozenset())
    assert carry_over(a_take(control=value), model, PRESET, {})["control"] == value


# --- the new task --------------------------------------------------------------------------------------------------


@dataclass
class Picky(ScriptedHandler):
    """Refuses what is named in ``refuses``."""

    refuses: set[str] = field(default_factory=set)

    def check(self, task_type: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        if refused := self.refuses & set(params):
            raise InvalidParamsError([{"field": name, "message": "is none of mine"} for name in sorted(refused)])
        return super().check(task_type, params)


class House(Office):
    def __init__(self, root: Path, *engines: ScriptedHandler) -> None:
        self.picky = Picky()
        first, *others = engines or (self.picky,)
        super().__init__(root, first, others=others)
        self.promoter = TakePromoter(self.store, self.dispatcher, self.mapper, self.router)
        self.reader = ProjectReader(self.store)

    async def made(self, message_id: str = "m-1", **changes: Any) -> Task:
        return await self.ended(await self.submit(message_id, **changes))

    async def ended(self, task: Task) -> Task:
        await self.executor.run("film", task.task_id)
        return (await self.store.task("film", task.task_id)).task

    async def promote(self, task: Task, message_id: str = "p-1", **changes: Any) -> Task:
        command = PromoteTask(project_id="film", task_id=task.task_id, message_id=message_id, **changes)
        return (await self.promoter.promote(command)).task

    async def now(self, task: Task) -> Task:
        return (await self.store.task("film", task.task_id)).task


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


async def test_a_take_is_made_again_at_the_next_higher_quality_and_both_say_so(house: House) -> None:
    take = await house.made(params={"colour": "red"}, shot="12A")
    promoted = await house.promote(take)
    request = promoted.request
    assert (request.quality, request.lane, request.shot, promoted.take) == ("ultra", "heavy", "12A", 2)
    assert request.params == {"seed": 5, "steps": 9, "colour": "red"}
    assert request.origins == {"seed": "take", "steps": "preset", "colour": "caller"}
    assert request.promoted_from == take.task_id
    assert (await house.now(take)).promoted_to == (promoted.task_id,)
    assert promoted.metadata == {}
    queued, told = (await house.events())[-2:]
    assert (queued.task_id, told) == (  # type: ignore[union-attr]
        promoted.task_id, TaskPromoted(**take.about(told.at), promoted_to=promoted.task_id)
    )  # fmt: skip


async def test_a_take_of_a_take_still_follows_the_presets(house: House) -> None:
    first = await house.made()
    second = await house.ended(await house.promote(first, quality="draft"))
    third = await house.promote(second, "p-2")
    assert third.request.params == {"seed": 5, "steps": 9}
    assert third.request.origins == {"seed": "take", "steps": "preset"}


async def test_the_same_promotion_again_is_the_same_task_also_when_the_take_is_gone(house: House) -> None:
    take = await house.made()
    answers = await asyncio.gather(*(house.promote(take) for _ in range(20)))
    assert len({answer.task_id for answer in answers}) == 1
    assert (await house.kinds()).count("TaskPromoted") == 1
    with pytest.raises(IdempotencyConflictError):
        await house.promote(take, quality="draft")
    await house.archive.delete_task(DeleteTask(project_id="film", task_id=take.task_id))
    assert await house.promote(take) == await house.now(answers[0])
    assert (await house.now(answers[0])).request.promoted_from == take.task_id
    with pytest.raises(TaskDeletedError):
        await house.promote(take, "p-2")


async def test_only_what_was_made_can_be_promoted(house: House) -> None:
    task = await house.submit()
    with pytest.raises(TaskNotMadeError, match="queued"):
        await house.promote(task)
    with pytest.raises(TaskNotFoundError):
        await house.promoter.promote(PromoteTask(project_id="film", task_id="t-0", message_id="p"))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"quality": "ultar"}, UnknownQualityError),
        ({"engine": "nobody"}, UnknownEngineError),
        ({"task_type": "nonsense"}, UnknownTaskTypeError),
        ({"params": {"bad": 1}}, InvalidParamsError),
        ({"shot": "\n"}, InvalidRequestError),
    ],
)
async def test_what_cannot_be_made_is_refused_and_leaves_nothing(
    house: House, changes: dict[str, Any], error: type[Exception]
) -> None:
    take = await house.made()
    before = await house.kinds()
    with pytest.raises(error):
        await house.promote(take, **changes)
    assert await house.kinds() == before
    assert (await house.now(take)).promoted_to == ()


async def test_at_the_highest_quality_something_else_must_differ(house: House) -> None:
    take = await house.made(quality="ultra")
    with pytest.raises(InvalidRequestError, match="highest quality"):
        await house.promote(take)
    again = await house.promote(take, params={"colour": "blue"})
    assert (again.request.quality, again.request.params["colour"]) == ("ultra", "blue")


async def test_what_nobody_asked_for_and_the_engine_refuses_is_left_out_but_the_seed_never(house: House) -> None:
    prepare = house.picky.prepare

    async def with_grain(*arguments: Any) -> Mapping[str, Any]:
        return {**await prepare(*arguments), "grain": 1}

    house.picky.prepare = with_grain  # type: ignore[method-assign]
    take = await house.made(params={"colour": "red"})
    house.picky.prepare = prepare  # type: ignore[method-assign]
    house.picky.refuses = {"grain"}
    assert "grain" not in (await house.promote(take, "p-0")).request.params
    house.picky.refuses = {"seed"}
    with pytest.raises(InvalidParamsError, match="seed"):
        await house.promote(take)
    house.picky.refuses = {"colour"}
    with pytest.raises(InvalidParamsError, match="colour"):
        await house.promote(take)
    assert "colour" not in (await house.promote(take, params={"colour": None})).request.params


async def test_a_take_that_goes_meanwhile_is_not_promoted(house: House) -> None:
    take = await house.made()
    prepare = house.picky.prepare

    async def and_delete(*arguments: Any) -> Mapping[str, Any]:
        await house.archive.delete_task(DeleteTask(project_id="film", task_id=take.task_id))
        return await prepare(*arguments)

    house.picky.prepare = and_delete  # type: ignore[method-assign]
    with pytest.raises(TaskDeletedError):
        await house.promote(take)
    assert len(house.shelf.tasks) == 1, "nothing was queued beside the take itself"


# --- control passes ------------------------------------------------------------------------------------------------


@dataclass
class Painter(ScriptedHandler):
    """Takes a depth and poses, and a picture that it must have."""

    @property
    def task_types(self) -> Sequence[TaskType]:
        names = ("prompt", "seed", "depth_image", "poses", "init_image", "canny")
        return (
            TaskType(
                name="painted",
                engine="painter",
                summary="",
                params_schema={"properties": {name: {} for name in names}, "required": ["init_image"]},
                preset_parameters=frozenset(),
                inputs=(
                    TaskInput("init_image"),
                    TaskInput("depth_image", control="depth"),
                    TaskInput("poses", control="pose", many=True),
                    TaskInput("canny", control="canny"),
                ),
            ),
        )


class Stage(ScriptedHandler):
    """Leaves a picture, and the passes that its parameter `control` names."""

    @property
    def task_types(self) -> Sequence[TaskType]:
        return (replace(super().task_types[0], controls=frozenset({"depth", "pose"})),)

    async def run(self, task: Task, context: TaskContext) -> HandlerResult:
        files = ["frame.png", *(CONTROL_FILES[name] for name in task.request.params.get("control", ()))]
        for name in files:
            (context.directory / f"{name}{DRAFT_SUFFIX}").write_text(name)
        kinds = ["image", *["control"] * (len(files) - 1)]
        drafts = (Draft(name=n, kind=k, media_type="image/png") for n, k in zip(files, kinds, strict=True))
        return HandlerResult(drafts=tuple(drafts))


class TwoEngines(House):
    def __init__(self, root: Path) -> None:
        super().__init__(root, Stage(), Painter())


@pytest.fixture
def studio(tmp_path: Path) -> TwoEngines:
    return TwoEngines(tmp_path)


async def test_passes_that_the_take_left_are_given_to_the_engine_that_takes_them(studio: TwoEngines) -> None:
    take = await studio.made(params={"control": ["pose", "depth"]})
    painted = await studio.promote(take, task_type="painted")
    home = f"film/{take.task_id}/1"
    assert painted.request.params == {
        "seed": 5,
        "init_image": f"{home}/frame.png",
        "depth_image": f"{home}/control-depth.png",
        "poses": [f"{home}/control-pose.png"],
    }
    assert painted.status is TaskStatus.QUEUED
    assert len((await studio.store.tasks("film", TaskQuery(), before_seq=None, limit=9)).tasks) == 2


async def test_passes_that_the_take_did_not_leave_are_made_first_of_the_same_set(studio: TwoEngines) -> None:
    take = await studio.made(params={"control": ["pose"], "colour": "red"})
    painted, again = await asyncio.gather(*(studio.promote(take, task_type="painted") for _ in range(2)))
    assert painted.task_id == again.task_id
    assert painted.status is TaskStatus.BLOCKED
    (passes_id,) = painted.waits_for
    passes = (await studio.store.task("film", passes_id)).task
    assert take.result is not None
    assert passes.request.params == {**take.result.params, "control": ["depth"]}
    assert (passes.request.quality, passes.request.shot) == ("draft", None)
    assert painted.request.params["depth_image"] == {"from_task": passes_id, "artifact": "control-depth.png"}
    assert painted.request.params["poses"] == [f"film/{take.task_id}/1/control-pose.png"]
    assert "canny" not in painted.request.params
    assert (await studio.now(take)).promoted_to == (painted.task_id,)
    kinds = await studio.kinds()
    assert kinds[kinds.index("TaskSucceeded") + 1 :] == ["TaskQueued", "TaskQueued", "TaskPromoted"]
    await studio.ended(passes)
    await studio.dispatcher.settle("film", passes_id)
    done = await studio.ended(painted)
    assert done.status is TaskStatus.SUCCEEDED
    assert done.result is not None
    assert done.result.params["depth_image"].endswith(f"{passes_id}/1/control-depth.png")


async def test_a_pass_that_the_caller_fills_or_leaves_out_is_not_made(studio: TwoEngines) -> None:
    take = await studio.made()
    params = {"depth_image": "uploads/mine.png", "poses": None}
    painted = await studio.promote(take, task_type="painted", params=params)
    assert painted.request.params["depth_image"] == "uploads/mine.png"
    assert painted.waits_for == ()
    assert "poses" not in painted.request.params


# --- lineage -------------------------------------------------------------------------------------------------------


async def test_a_lineage_is_the_same_from_either_end(house: House) -> None:
    first = await house.made()
    left = await house.ended(await house.promote(first, "p-1"))
    right = await house.ended(await house.promote(first, "p-2", quality="draft"))
    last = await house.promote(right, "p-3")
    for task in (first, left, right, last):
        lineage = await house.reader.lineage("film", task.task_id)
        assert [one.task_id for one in lineage.tasks] == [first.task_id, left.task_id, right.task_id, last.task_id]
        assert (lineage.gone, lineage.partial) == ([], False)
    await house.archive.delete_task(DeleteTask(project_id="film", task_id=first.task_id))
    lineage = await house.reader.lineage("film", last.task_id)
    assert [one.task_id for one in lineage.tasks] == [right.task_id, last.task_id]
    assert (lineage.gone, lineage.partial) == ([first.task_id], False)


async def test_a_long_lineage_is_cut_and_says_so(house: House) -> None:
    before: Task | None = None
    for number in range(40):
        house.shelf.tasks.clear()
        name = f"m-{number}"
        task = await (house.promote(before, name, quality="draft") if before else house.submit(name))
        about = task.about(START)
        await house.bus.publish(TaskStarted(**about, attempt=1, worker="w"))
        result = TaskResult(engine="script", artifacts=(), params=task.request.params, seed=5)
        await house.bus.publish(TaskSucceeded(**about, attempt=1, result=result, duration_s=1.0))
        before = task
    assert before is not None
    lineage = await house.reader.lineage("film", before.task_id)
    assert (len(lineage.tasks), lineage.partial) == (30, True)


async def test_what_is_known_again_is_linked_again(house: House) -> None:
    take = await house.ended(await house.submit("m-1", "film"))
    await house.ended(await house.promote(take))
    house.hub.projects.clear()
    assert (await house.archive.import_tasks()).imported == 2
    known = await house.now(take)
    assert len(known.promoted_to) == 1
