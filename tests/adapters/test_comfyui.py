"""The ComfyUI engine on recorded conversations, and on a small real server that fails as it is told."""

import asyncio
import io
import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from auteur.adapters.engines.comfyui import handler, prompts
from auteur.adapters.engines.comfyui.handler import ComfyHandler
from auteur.adapters.engines.comfyui.plugin import make
from auteur.adapters.engines.comfyui.running import prompt_id
from auteur.adapters.engines.comfyui.templates import load
from auteur.adapters.engines.tools import EngineSettings, EngineTools
from auteur.adapters.images import identify
from auteur.domain.errors import HandlerError
from auteur.domain.ports import DRAFT_SUFFIX, HandlerResult
from auteur.domain.task import Task, TaskRequest, TaskStatus
from auteur.testing.engines import ENGINE_CHECKS, EngineCase, EngineCheck, RecordingContext, engine_tools
from tests.comfy import LittleComfy, Recorded, Script, little_comfy, picture, preview_frame, recorded
from tests.waiting import LONG_S

TEMPLATES = Path(__file__).parents[1] / "engines" / "comfyui" / "templates"
VERSIONS = [pytest.param(True, id="0.33"), pytest.param("read", id="0.8"), pytest.param(False, id="0.3.64")]


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a server that is up may not be asked and have answered within a second and a half."""
    monkeypatch.setattr(handler, "_ANSWER_S", LONG_S)


@dataclass
class Bench:
    """The engine between a workspace and little servers."""

    handler: ComfyHandler
    tools: EngineTools
    contexts: list[RecordingContext] = field(default_factory=list)

    async def params(self, task_type: str, params: dict[str, Any]) -> dict[str, Any]:
        given = self.handler.check(task_type, params)
        return dict(await self.handler.prepare(task_type, "film", given, dict.fromkeys(given, "caller")))

    async def task(
        self, task_type: str = "steps", params: dict[str, Any] | None = None, *, task_id: str = "t-1", attempt: int = 1
    ) -> Task:
        request = TaskRequest(
            task_type=task_type,
            quality="draft",
            params=await self.params(
                task_type, {"seed": 1, **(params or {})} if task_type == "steps" else params or {}
            ),
            origins={},
            lane="interactive",
            timeout_s=300.0,
            message_id="m-1",
            fingerprint="f-1",
            queue_position=1,
        )
        return Task(
            task_id=task_id,
            project_id="film",
            request=request,
            metadata={},
            status=TaskStatus.RUNNING,
            queued_at=datetime.now(UTC),
            queued_seq=1,
            attempt=attempt,
        )

    async def run(self, task: Task) -> HandlerResult:
        directory = await self.tools.artifacts.begin("film", task.task_id, task.attempt)
        context = RecordingContext(directory)
        self.contexts.append(context)
        return await self.handler.run(task, context)

    def start(self, task: Task) -> "asyncio.Task[HandlerResult]":
        return asyncio.create_task(self.run(task))


@asynccontextmanager
async def bench(
    workspace: Path, *comfies: LittleComfy, templates: Path = TEMPLATES, **set_to: Any
) -> AsyncIterator[Bench]:
    given = {"servers": ",".join(comfy.url for comfy in comfies), "templates": str(templates), **set_to}
    for comfy in comfies:
        comfy.object_info = comfy.object_info or classes_of(templates)
    async with engine_tools(workspace) as tools:
        settings = EngineSettings("comfyui", {f"comfyui_{name}": str(value) for name, value in given.items()})
        handler = make(replace(tools, settings=settings))
        assert isinstance(handler, ComfyHandler)
        async with handler:
            yield Bench(handler, tools)


def classes_of(templates: Path) -> dict[str, Any]:
    workflows = [json.loads(path.read_text()) for path in templates.glob("*.json")]
    return {node["class_type"]: {"input": {}} for workflow in workflows for node in workflow.values()}


def steps(comfy: LittleComfy, **script: Any) -> Callable[[dict[str, Any]], Script]:
    """What the workflow of `steps` does: a step of its node after the other, then its picture."""

    def written(workflow: dict[str, Any]) -> Script:
        name = f"out_{len(comfy.posted) + 1:05}_.png"
        prefix, _, _ = workflow["3"]["inputs"]["filename_prefix"].rpartition("/")
        comfy.files[name] = picture(workflow["2"]["inputs"]["seed"])
        most = workflow["2"]["inputs"]["steps"]
        frames: list[Any] = [
            {"type": "executing", "data": {"node": node, "display_node": node, "prompt_id": "PROMPT"}}
            for node in ("1", "2")
        ]
        frames += [
            {"type": "progress", "data": {"node": "2", "value": n + 1, "max": most, "prompt_id": "PROMPT"}}
            for n in range(most)
        ]
        shown = {"images": [{"filename": name, "subfolder": prefix, "type": "output"}]}
        made = Script(frames=frames, outputs={"3": shown})
        return replace(made, **script)

    return written


@asynccontextmanager
async def one(
    tmp_path: Path, jobs: bool | str = True, /, *, set_to: dict[str, Any] | None = None, **script: Any
) -> AsyncIterator[tuple[LittleComfy, Bench]]:
    async with little_comfy(jobs=jobs) as comfy:
        comfy.script = steps(comfy, **script)
        async with bench(tmp_path, comfy, **(set_to or {})) as table:
            yield comfy, table


# --- recorded conversations ----------------------------------------------------------------------------------------


def content(filename: str) -> bytes:
    """A real file of the kind that the name says."""
    buffer, suffix = io.BytesIO(), filename.rpartition(".")[2]
    if suffix == "mp4":
        with av.open(buffer, "w", format="mp4") as film:
            stream = film.add_stream("libx264", rate=8)
            stream.width = stream.height = 32
            for _ in range(4):
                film.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")))
            film.mux(stream.encode(None))
    elif suffix == "flac":
        with av.open(buffer, "w", format="flac") as sound:
            track = sound.add_stream("flac", rate=8000)
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
            frame.sample_rate = 8000
            sound.mux(track.encode(frame))
            sound.mux(track.encode(None))
    elif suffix in ("png", "webp"):
        Image.new("RGB", (16, 16)).save(buffer, suffix.upper())
    else:
        buffer.write(b"latent")
    return buffer.getvalue()


RECORDED = [known for known in recorded() if known.script.refusal is None or known.script.refusal[0] == 400]


def test_the_recordings_hold_every_way_in_which_a_prompt_ends() -> None:
    by_version = {(known.version, known.script.outcome) for known in RECORDED}
    assert by_version >= {
        ("0.33.0", "success"), ("0.33.0", "error"), ("0.33.0", "interrupted"), ("0.33.0", "refused"),
        ("0.3.64", "success"), ("0.3.64", "interrupted"), ("0.3.64", "refused"),
    }  # fmt: skip
    assert any(isinstance(frame, bytes) for known in RECORDED for frame in known.script.frames)
    assert len(RECORDED) >= 50


@pytest.mark.parametrize("known", RECORDED, ids=[f"{number}-{known}" for number, known in enumerate(RECORDED)])
async def test_a_recorded_prompt_comes_to_its_ending(tmp_path: Path, known: Recorded) -> None:
    templates = tmp_path / "templates"
    templates.mkdir()
    (templates / "recorded.json").write_text(json.dumps(known.workflow))
    (templates / "recorded.toml").write_text('task_type = "recorded"\nsummary = "As recorded."\n')
    _, problems = load(templates)
    if problems:  # what the real server refused is refused before it is sent
        assert known.script.refusal is not None, problems
        return
    files = [
        file
        for shown in known.script.outputs.values()
        for entries in shown.values()
        for file in entries
        if isinstance(file, dict) and "filename" in file
    ]
    async with little_comfy(jobs=known.version != "0.3.64", script=lambda workflow: known.script) as comfy:
        comfy.files = {file["filename"]: content(file["filename"]) for file in files}
        async with bench(tmp_path, comfy, templates=templates) as table:
            running = table.start(await table.task("recorded"))
            if known.script.outcome == "success" and files:
                result = await running
                saved = [file for file in files if file["type"] == "output"] or files
                posters = sum(file["filename"].endswith(".mp4") for file in saved)
                assert len(result.drafts) == len(saved) + min(posters, 1)
                for draft in result.drafts:
                    path = table.contexts[0].directory / f"{draft.name}{DRAFT_SUFFIX}"
                    assert path.stat().st_size > 0
            else:
                with pytest.raises(HandlerError) as failed:
                    await running
                assert failed.value.retryable == (known.script.outcome == "interrupted")
                assert "Traceback" not in failed.value.message
                if known.script.outcome == "error":
                    assert "HSteps" in failed.value.message
                    assert "deliberate failure" in failed.value.message
        shares = [share for share, _ in table.contexts[0].reports]
        assert shares == sorted(shares)
        assert len(comfy.posted) == (0 if known.script.refusal else 1)


# --- the contract --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", VERSIONS)
@pytest.mark.parametrize("check", ENGINE_CHECKS, ids=lambda check: check.__name__)
async def test_the_contract(tmp_path: Path, check: EngineCheck, jobs: bool | str) -> None:
    async with one(tmp_path, jobs) as (comfy, table):
        written = comfy.script

        def by_size(workflow: dict[str, Any]) -> Script:
            script = written(workflow)
            size = (workflow["1"]["inputs"]["width"], workflow["1"]["inputs"]["height"])
            name = script.outputs["3"]["images"][0]["filename"]
            comfy.files[name] = picture(workflow["2"]["inputs"]["seed"], size)
            is_long = workflow["2"]["inputs"]["steps"] > 100
            return replace(script, gate=asyncio.Event(), frames=[], ticks=True) if is_long else script

        comfy.script = by_size
        bad: list[dict[str, Any]] = [
            {"steps": 0},
            {"steps": 2.5},
            {"steps": True},
            {"width_px": 15},
            {"delay_s": float("nan")},
            {"delay_s": 61},
            {"seed": -1},
            {"count": 9},
            {"colour": "red"},
        ]
        case = EngineCase(table.handler, table.tools, "steps", {}, {"steps": 1000}, bad, repeats=3)
        await check(case)


# --- never lost, never doubled -------------------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", VERSIONS)
async def test_an_answer_that_never_comes_is_looked_for_before_anything_is_sent_again(
    tmp_path: Path, jobs: bool | str
) -> None:
    async with one(tmp_path, jobs, set_to={"timeout": 0.5}) as (comfy, table):
        comfy.swallow = 1
        result = await table.run(await table.task())
    assert len(result.drafts) == 1
    assert [outcome for _, outcome in comfy.ended] == ["success"]


async def test_a_request_that_failed_is_sent_again_once_the_server_does_not_know_it(tmp_path: Path) -> None:
    async with one(tmp_path) as (comfy, table):
        comfy.fail = 1
        await table.run(await table.task())
    assert len(comfy.posted) == 1


async def test_a_workflow_over_which_a_server_falls_is_not_offered_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompts, "_LOOK_DEAF_S", 0.01)
    async with one(tmp_path) as (comfy, table):
        comfy.fail = 10**6
        with pytest.raises(HandlerError, match=r"fails at the workflow \(HTTP 500\)") as failed:
            await table.run(await table.task())
    assert failed.value.retryable
    assert 10**6 - comfy.fail == 3


@pytest.mark.parametrize("jobs", VERSIONS)
async def test_a_run_that_a_restart_has_cut_off_is_made_again_and_counts_once(tmp_path: Path, jobs: bool | str) -> None:
    gate = asyncio.Event()
    async with one(tmp_path, jobs, gate=gate) as (comfy, table):
        task = await table.task()
        running = table.start(task)
        await comfy.until(lambda: [p.state for p in comfy.posted] == ["in_progress"])
        await comfy.kill()
        gate.set()
        await comfy.start()
        result = await running
    assert [p.prompt_id for p in comfy.posted] == [prompt_id(task, 1)] * 2
    assert comfy.ended == [(prompt_id(task, 1), "success")]
    assert result.metrics["sent"] == 2


@pytest.mark.parametrize("jobs", VERSIONS)
async def test_what_was_saved_before_a_restart_is_not_made_again(tmp_path: Path, jobs: bool | str) -> None:
    async with one(tmp_path, jobs, gate=asyncio.Event()) as (comfy, table):
        written = comfy.script

        def told(workflow: dict[str, Any]) -> Script:
            script = written(workflow)
            shown = {"node": "3", "output": script.outputs["3"], "prompt_id": "PROMPT"}
            return replace(script, frames=[*script.frames, {"type": "executed", "data": shown}])

        comfy.script = told
        running = table.start(await table.task())
        await comfy.until(lambda: [p.state for p in comfy.posted] == ["in_progress"])
        while not table.contexts or max(share for share, _ in table.contexts[0].reports) < 0.9:
            await asyncio.sleep(0.01)
        await comfy.kill()
        await comfy.start()
        result = await running
    assert len(result.drafts) == 1
    assert len(comfy.posted) == 1


@pytest.mark.parametrize("jobs", VERSIONS)
async def test_a_prompt_that_somebody_deletes_on_the_server_is_sent_again(tmp_path: Path, jobs: bool | str) -> None:
    first = asyncio.Event()
    async with one(tmp_path, jobs) as (comfy, table):
        written = comfy.script
        comfy.script = lambda workflow: replace(written(workflow), gate=first)
        ahead = table.start(await table.task(task_id="ahead"))
        await comfy.until(lambda: len(comfy.posted) == 1)
        comfy.script = written
        task = await table.task()
        running = table.start(task)
        await comfy.until(lambda: len(comfy.posted) == 2)
        comfy.delete(prompt_id(task, 1))
        await comfy.until(lambda: len(comfy.posted) == 3)
        first.set()
        await asyncio.gather(ahead, running)
    assert [outcome for _, outcome in comfy.ended] == ["deleted", "success", "success"]


@pytest.mark.parametrize("jobs", VERSIONS)
async def test_the_attempt_after_a_crashed_worker_takes_up_what_runs(tmp_path: Path, jobs: bool | str) -> None:
    gate = asyncio.Event()
    async with one(tmp_path, jobs, gate=gate) as (comfy, table):
        async with bench(tmp_path / "crashed", comfy) as crashed:
            lost = crashed.start(await crashed.task())
            await comfy.until(lambda: [p.state for p in comfy.posted] == ["in_progress"])
            await _drop(lost)
        again = table.start(await table.task(attempt=2))
        while not table.contexts or "running" not in table.contexts[0].stages:
            await asyncio.sleep(0.01)
        gate.set()
        result = await again
    assert (len(comfy.posted), result.metrics["adopted"], result.metrics["sent"]) == (1, True, 0)


@pytest.mark.parametrize("jobs", VERSIONS)
async def test_the_attempt_after_a_crashed_worker_takes_up_what_was_made(tmp_path: Path, jobs: bool | str) -> None:
    async with one(tmp_path, jobs) as (comfy, table):
        await table.run(await table.task())
        result = await table.run(await table.task(attempt=2))
    assert (len(comfy.posted), result.metrics["adopted"]) == (1, True)


async def test_what_a_former_attempt_made_badly_is_made_again(tmp_path: Path) -> None:
    async with one(tmp_path) as (comfy, table):
        await table.run(await table.task())
        comfy.files.clear()
        result = await table.run(await table.task(attempt=2))
    assert (len(comfy.posted), result.metrics["adopted"]) == (2, False)


async def test_another_task_or_other_params_are_another_prompt(tmp_path: Path) -> None:
    async with one(tmp_path) as (_, table):
        tasks = [
            await table.task(),
            await table.task(task_id="t-2"),
            await table.task(attempt=2),
            await table.task(params={"steps": 5}),
        ]
    assert len({prompt_id(task, task.attempt) for task in tasks}) == 4


async def _drop(lost: "asyncio.Task[HandlerResult]") -> None:
    """As a worker that is killed: nothing is said to the server, its sockets close."""
    original = prompts.Prompt._stop

    async def nothing(self: prompts.Prompt) -> None:
        return

    prompts.Prompt._stop = nothing  # type: ignore[method-assign]
    try:
        lost.cancel()
        with suppress(asyncio.CancelledError):
            await lost
    finally:
        prompts.Prompt._stop = original  # type: ignore[method-assign]


# --- cancelling ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", VERSIONS)
async def test_cancelling_what_waits_touches_nothing_else(tmp_path: Path, jobs: bool | str) -> None:
    gate = asyncio.Event()
    async with one(tmp_path, jobs, gate=gate) as (comfy, table):
        first, second = await table.task(task_id="first"), await table.task(task_id="second")
        runs = table.start(first)
        await comfy.until(lambda: [p.state for p in comfy.posted] == ["in_progress"])
        waits = table.start(second)
        await comfy.until(lambda: len(comfy.posted) == 2)
        waits.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waits
        assert comfy.ended == [(prompt_id(second, 1), "deleted")]
        gate.set()
        await runs
    assert comfy.ended[1:] == [(prompt_id(first, 1), "success")]
    assert comfy.interrupts == [], "an interrupt could hit another's"


@pytest.mark.parametrize("jobs", VERSIONS)
async def test_cancelling_what_runs_interrupts_exactly_that(tmp_path: Path, jobs: bool | str) -> None:
    async with one(tmp_path, jobs, gate=asyncio.Event()) as (comfy, table):
        task = await table.task()
        running = table.start(task)
        await comfy.until(lambda: [p.state for p in comfy.posted] == ["in_progress"])
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert comfy.ended == [(prompt_id(task, 1), "interrupted")]
    assert comfy.interrupts == ([] if jobs is True else [prompt_id(task, 1)])


async def test_cancelling_while_it_is_being_sent_leaves_nothing_running(tmp_path: Path) -> None:
    async with one(tmp_path, gate=asyncio.Event()) as (comfy, table):
        comfy.swallow = 1
        running = table.start(await table.task())
        await comfy.until(lambda: len(comfy.posted) == 1)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        await comfy.until(lambda: len(comfy.ended) == 1)
    assert [outcome for _, outcome in comfy.ended] == ["interrupted"]


async def test_what_somebody_interrupts_on_the_server_is_tried_again(tmp_path: Path) -> None:
    async with one(tmp_path, gate=asyncio.Event()) as (comfy, table):
        running = table.start(await table.task())
        await comfy.until(lambda: [p.state for p in comfy.posted] == ["in_progress"])
        comfy.interrupt()
        with pytest.raises(HandlerError, match="interrupted") as failed:
            await running
    assert failed.value.retryable


# --- the socket is a hint ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", VERSIONS)
async def test_a_run_ends_though_its_socket_says_nothing(tmp_path: Path, jobs: bool | str) -> None:
    async with one(tmp_path, jobs, deaf=True) as (comfy, table):
        await table.run(await table.task())
    assert len(comfy.posted) == 1


async def test_a_socket_that_was_cut_comes_back_and_progress_goes_on(tmp_path: Path) -> None:
    gate = asyncio.Event()
    async with one(tmp_path, gate=gate) as (comfy, table):
        running = table.start(await table.task())
        await comfy.until(lambda: [p.state for p in comfy.posted] == ["in_progress"])
        sockets = len(comfy.flags)
        await comfy.cut()
        await comfy.until(lambda: len(comfy.flags) > sockets)
        gate.set()
        await running
    assert len(comfy.posted) == 1


async def test_each_run_has_a_socket_of_its_own_and_says_first_what_it_takes(tmp_path: Path) -> None:
    async with one(tmp_path) as (comfy, table):
        await table.run(await table.task(task_id="a"))
        await table.run(await table.task(task_id="b"))
    assert len({prompt.client_id for prompt in comfy.posted}) == 2
    assert [flags["data"] for flags in comfy.flags] == [{"supports_preview_metadata": True}] * 2


@pytest.mark.parametrize("jobs", VERSIONS)
async def test_a_history_that_is_late_is_waited_for(tmp_path: Path, jobs: bool | str) -> None:
    async with one(tmp_path, jobs) as (comfy, table):
        comfy.history_delay_s = 0.3
        await table.run(await table.task())
    assert len(comfy.posted) == 1


async def test_previews_of_both_kinds_are_kept_and_those_of_others_are_not(tmp_path: Path) -> None:
    async with one(tmp_path, gate=asyncio.Event()) as (comfy, table):
        task = await table.task()
        written = comfy.script

        def shown(workflow: dict[str, Any]) -> Script:
            script = written(workflow)
            big = io.BytesIO()
            Image.effect_noise((1400, 1400), 90).save(big, "PNG")
            frames = [
                preview_frame(b"no picture", {"prompt_id": prompt_id(task, 1)}),
                preview_frame(big.getvalue(), {"prompt_id": prompt_id(task, 1)}),
            ]
            assert len(big.getvalue()) > 1 << 20
            return replace(script, frames=[*script.frames, *frames])

        comfy.script = shown
        running = table.start(task)
        await comfy.until(lambda: [p.state for p in comfy.posted] == ["in_progress"])
        while not (table.contexts and any(preview for _, preview in table.contexts[0].reports)):
            await asyncio.sleep(0.01)
        await comfy._tell(comfy.posted[0], preview_frame(picture(1, (5, 5))))
        await comfy._tell(comfy.posted[0], preview_frame(picture(1, (3, 3)), {"prompt_id": "somebody else's"}))
        while len({preview for _, preview in table.contexts[0].reports if preview}) < 2:
            await asyncio.sleep(0.01)
        names = [preview for _, preview in table.contexts[0].reports if preview]
        seen = [identify(table.contexts[0].directory / name) for name in names]
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    assert [(info.width_px, info.height_px) for info in seen] == [(1400, 1400), (5, 5)]


# --- errors in words -----------------------------------------------------------------------------------------------


async def test_a_nodes_error_names_its_title_class_and_cause_and_no_path(tmp_path: Path) -> None:
    error = {
        "node_id": "2",
        "node_type": "StudioSteps",
        "exception_type": "ValueError",
        "exception_message": "cannot read /srv/comfy/models/x.bin\nsecond line",
        "traceback": ["File /srv/comfy/nodes.py"],
    }
    async with one(tmp_path, outcome="error", error=error) as (_, table):
        with pytest.raises(HandlerError) as failed:
            await table.run(await table.task())
    assert failed.value.message == 'The node "Slow painter" (StudioSteps) failed: cannot read x.bin'
    assert failed.value.details == {"node_id": "2", "node_type": "StudioSteps"}
    assert not failed.value.retryable


async def test_too_little_memory_is_said_so_and_may_be_tried_again(tmp_path: Path) -> None:
    error = {"node_id": "2", "node_type": "StudioSteps", "exception_type": "torch.OutOfMemoryError"}
    async with one(tmp_path, outcome="error", error=error) as (_, table):
        with pytest.raises(HandlerError, match="too little memory") as failed:
            await table.run(await table.task())
    assert failed.value.retryable


async def test_a_refusal_names_the_parameter_that_set_the_input(tmp_path: Path) -> None:
    problem = {
        "type": "value_bigger_than_max",
        "message": "Value 9 bigger than max of 8",
        "details": "steps",
        "extra_info": {"input_name": "steps", "input_config": ["INT", {"max": 8}], "received_value": 9},
    }
    answer = {
        "error": {"type": "prompt_outputs_failed_validation", "message": "x", "details": ""},
        "node_errors": {"2": {"errors": [problem], "class_type": "StudioSteps"}},
    }
    async with one(tmp_path, refusal=(400, answer)) as (_, table):
        with pytest.raises(HandlerError) as failed:
            await table.run(await table.task())
    said = 'The server does not take the workflow: steps (of the node "Slow painter"): steps must be at most 8.'
    assert failed.value.message == said


async def test_a_workflow_that_would_run_in_part_is_stopped_and_refused(tmp_path: Path) -> None:
    missing = {"type": "required_input_missing", "message": "", "extra_info": {"input_name": "images"}}
    async with one(tmp_path, gate=asyncio.Event(), node_errors={"3": {"errors": [missing]}}) as (comfy, table):
        with pytest.raises(HandlerError, match="its input images is not set"):
            await table.run(await table.task())
        await comfy.until(lambda: len(comfy.ended) == 1)
    assert comfy.ended[0][1] in ("interrupted", "deleted")


async def test_a_run_that_saves_nothing_is_an_error(tmp_path: Path) -> None:
    async with one(tmp_path, outputs={}) as (_, table):
        with pytest.raises(HandlerError, match="saved no file"):
            await table.run(await table.task())


async def test_a_picture_that_did_not_come_whole_is_no_result(tmp_path: Path) -> None:
    async with one(tmp_path) as (comfy, table):
        written = comfy.script

        def cut(workflow: dict[str, Any]) -> Script:
            script = written(workflow)
            comfy.files = {name: data[:-30] for name, data in comfy.files.items()}
            return script

        comfy.script = cut
        with pytest.raises(HandlerError, match="cannot be fetched") as failed:
            await table.run(await table.task())
    assert failed.value.retryable


# --- a pool --------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def two(tmp_path: Path, **set_to: Any) -> AsyncIterator[tuple[LittleComfy, LittleComfy, Bench]]:
    async with little_comfy(jobs=True) as new, little_comfy(jobs=False) as old:
        for comfy in (new, old):
            comfy.script = steps(comfy, gate=asyncio.Event())
        async with bench(tmp_path, new, old, **set_to) as table:
            yield new, old, table


async def test_tasks_go_to_the_server_that_is_the_least_busy(tmp_path: Path) -> None:
    async with two(tmp_path) as (new, old, table):
        runs = [table.start(await table.task(task_id=f"t-{number}")) for number in range(4)]
        await new.until(lambda: len(new.posted) == 2)
        await old.until(lambda: len(old.posted) == 2)
        for run in runs:
            run.cancel()
        await asyncio.wait(runs)


async def test_a_task_waits_where_every_server_has_enough(tmp_path: Path) -> None:
    async with two(tmp_path, slots=1) as (new, old, table):
        runs = [table.start(await table.task(task_id=f"t-{number}")) for number in range(3)]
        await new.until(lambda: len(new.posted) == 1)
        await old.until(lambda: len(old.posted) == 1)
        for comfy in (new, old):
            for prompt in comfy.posted:
                assert prompt.script.gate is not None
                prompt.script.gate.set()
        await asyncio.gather(*runs)
    assert len(new.posted) + len(old.posted) == 3


async def test_a_server_that_goes_down_gives_its_task_to_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompts, "_MOVE_ON_S", 0.2)
    async with two(tmp_path, slots=1) as (new, old, table):
        running = table.start(await table.task())
        await new.until(lambda: [p.state for p in new.posted] == ["in_progress"])
        await new.kill()
        await old.until(lambda: [p.state for p in old.posted] == ["in_progress"])
        gate = old.posted[0].script.gate
        assert gate is not None
        gate.set()
        await running
        status = await table.handler.status()
    assert status.up
    assert [server["up"] for server in status.details["servers"]] == [False, True]


async def test_a_server_that_was_only_frozen_is_told_to_stop_what_went_on_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompts, "_MOVE_ON_S", 0.2)
    async with two(tmp_path, slots=1, timeout=2.0) as (new, old, table):
        running = table.start(await table.task())
        await new.until(lambda: [p.state for p in new.posted] == ["in_progress"])
        new.thaw.clear()
        await old.until(lambda: [p.state for p in old.posted] == ["in_progress"])
        gate = old.posted[0].script.gate
        assert gate is not None
        gate.set()
        await running
        new.thaw.set()
        await new.until(lambda: [outcome for _, outcome in new.ended] == ["interrupted"])


async def test_a_server_without_what_a_template_needs_is_not_asked(tmp_path: Path) -> None:
    async with two(tmp_path) as (new, old, table):
        new.object_info = {**new.object_info}
        del new.object_info["StudioSteps"]
        run = table.start(await table.task())
        await old.until(lambda: len(old.posted) == 1)
        run.cancel()
        await asyncio.wait([run])
        status = await table.handler.status()
    assert new.posted == []
    assert (status.up, status.reason) == (True, "")
    assert status.details["servers"][0]["missing"]["steps"] == [
        'node class StudioSteps is not installed (node "Slow painter")'
    ]


async def test_where_no_server_has_it_the_task_says_what_is_missing(tmp_path: Path) -> None:
    async with one(tmp_path) as (comfy, table):
        comfy.object_info = {
            **comfy.object_info,
            "UpscaleModelLoader": {"input": {"required": {"model_name": [["big.pth"]]}}},
        }
        path = await _bring(table, tmp_path)
        with pytest.raises(HandlerError) as failed:
            await table.run(await table.task("upscale", {"source_image": path, "model": "small.pth"}))
    assert failed.value.message == (
        'No ComfyUI server has what this needs: model_name "small.pth" is not there (node "Model", UpscaleModelLoader).'
    )
    assert not failed.value.retryable


async def test_the_state_says_which_templates_cannot_be_used_and_why(tmp_path: Path) -> None:
    templates = tmp_path / "templates"
    shutil.copytree(TEMPLATES, templates)
    bad = templates / "scaled.toml"
    bad.write_text(bad.read_text().replace("Source.image", "Sauce.image"))
    async with little_comfy() as comfy:
        comfy.object_info = {name: known for name, known in classes_of(TEMPLATES).items() if name != "CreateVideo"}
        async with bench(tmp_path, comfy, templates=templates) as table:
            status = await table.handler.status()
    assert status.up, "the others can be made"
    assert status.reason == (
        'no ComfyUI server can make moving: node class CreateVideo is not installed (node "Film"); '
        'scaled.toml: parameters.source_image.sets: scaled.json has no node "Sauce"'
    )


async def test_a_model_that_is_only_the_default_is_said_to_lack_and_the_engine_stays_up(tmp_path: Path) -> None:
    async with one(tmp_path) as (comfy, table):
        comfy.object_info = {
            **comfy.object_info,
            "UpscaleModelLoader": {"input": {"required": {"model_name": [["big.pth"]]}}},
        }
        status = await table.handler.status()
    assert (status.up, dict(status.unavailable)) == (True, {}), "a caller may name another"
    assert status.reason == (
        'upscale as it is by default: model_name "tiny.pth" is not there (node "Model", UpscaleModelLoader)'
    )


async def test_where_no_server_answers_the_engine_is_down_and_its_tasks_wait_a_while(tmp_path: Path) -> None:
    async with one(tmp_path, set_to={"patience": 0.5}) as (comfy, table):
        await comfy.kill()
        status = await table.handler.status()
        with pytest.raises(HandlerError, match="No ComfyUI server answers") as failed:
            await table.run(await table.task())
        assert failed.value.retryable
        assert (status.up, status.reason) == (
            False, f"no ComfyUI server is up (127.0.0.1:{comfy.port}: nobody answers there)",
        )  # fmt: skip


async def test_a_task_waits_for_a_server_that_comes_back(tmp_path: Path) -> None:
    async with one(tmp_path) as (comfy, table):
        await comfy.kill()
        running = table.start(await table.task())
        while not table.contexts or len(table.contexts[0].reports) < 2:
            await asyncio.sleep(0.01)
        await comfy.start()
        await running
    assert len(comfy.posted) == 1


async def test_status_may_be_asked_before_the_engine_is_open(tmp_path: Path) -> None:
    async with one(tmp_path) as (comfy, table):
        settings = EngineSettings("comfyui", {"comfyui_servers": comfy.url, "comfyui_templates": str(TEMPLATES)})
        handler = make(replace(table.tools, settings=settings))
        assert isinstance(handler, ComfyHandler)
        status = await handler.status()
    (server,) = status.details["servers"]
    assert (status.up, server["version"], server["devices"], server["missing"]) == (True, "0.33.0", ["cpu"], {})


# --- what is sent --------------------------------------------------------------------------------------------------


async def _bring(table: Bench, tmp_path: Path, picture: Image.Image | None = None, suffix: str = ".png") -> str:
    path = tmp_path / f"still{suffix}"
    (picture or Image.radial_gradient("L").convert("RGB")).save(path)

    async def chunks() -> AsyncIterator[bytes]:
        yield path.read_bytes()

    return await table.tools.artifacts.receive("film", chunks(), suffix)


async def test_a_picture_is_uploaded_and_the_name_that_the_server_gave_is_used(tmp_path: Path) -> None:
    async with one(tmp_path) as (comfy, table):
        comfy.script = lambda workflow: Script(
            outputs={"3": {"images": [{"filename": "a.png", "subfolder": "", "type": "output"}]}}
        )
        comfy.files["a.png"] = picture()
        path = await _bring(table, tmp_path)
        task = await table.task("scaled", {"source_image": path})
        await table.run(task)
        (name,) = comfy.uploads
        assert comfy.posted[0].workflow["1"]["inputs"]["image"] == name
        comfy.uploads = {name: b"somebody else's"}
        await table.run(await table.task("scaled", {"source_image": path}, task_id="t-2"))
        stem, _, suffix = name.rpartition(".")
        assert comfy.posted[1].workflow["1"]["inputs"]["image"] == f"{stem} (1).{suffix}"


async def test_sixteen_bits_come_as_eight_and_transparency_stays(tmp_path: Path) -> None:
    async with one(tmp_path) as (comfy, table):
        comfy.script = lambda workflow: Script(
            outputs={"3": {"images": [{"filename": "a.png", "subfolder": "", "type": "output"}]}}
        )
        comfy.files["a.png"] = picture()
        deep = Image.fromarray(np.full((4, 4), 32768, np.uint16))
        clear = Image.new("RGBA", (4, 4), (10, 20, 30, 0))
        for number, still in enumerate((deep, clear)):
            path = await _bring(table, tmp_path, still)
            await table.run(await table.task("scaled", {"source_image": path}, task_id=f"t-{number}"))
        seen = [Image.open(io.BytesIO(data)) for data in comfy.uploads.values()]
    assert (seen[0].mode, seen[0].getpixel((0, 0))) == ("RGB", (128, 128, 128))
    assert (seen[1].mode, seen[1].getpixel((0, 0))) == ("RGBA", (10, 20, 30, 0))


async def test_a_token_goes_with_every_request_and_nothing_that_makes_it_a_browser(tmp_path: Path) -> None:
    async with one(tmp_path, set_to={"token": "s3cret", "header": "X-Studio: harbour"}) as (comfy, table):
        await table.run(await table.task())
    assert all(headers["authorization"] == "Bearer s3cret" for headers in comfy.headers)
    assert all(headers["x-studio"] == "harbour" for headers in comfy.headers)
    assert not any({"origin", "sec-fetch-site"} & set(headers) for headers in comfy.headers)


async def test_every_prompt_saves_under_a_name_of_its_own_and_tells_nothing_of_the_project(tmp_path: Path) -> None:
    async with one(tmp_path) as (comfy, table):
        for number in range(2):
            await table.run(await table.task(task_id=f"t-{number}"))
    prefixes = [prompt.workflow["3"]["inputs"]["filename_prefix"] for prompt in comfy.posted]
    assert prefixes == [f"auteur/{prompt.prompt_id}/out" for prompt in comfy.posted]
