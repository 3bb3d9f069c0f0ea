"""The ComfyUI engine on the real program, without a checkpoint: nodes of its own, one that is slow, one tiny model."""

import asyncio
import hashlib
import io
import os
import random
import signal
import subprocess
import sys
import time
import urllib.parse
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from auteur.adapters.engines.comfyui.needs import lacking
from auteur.adapters.engines.comfyui.plugin import OWN_TEMPLATES, make
from auteur.adapters.engines.comfyui.running import prompt_id
from auteur.adapters.engines.comfyui.templates import load
from auteur.adapters.engines.tools import EngineSettings
from auteur.domain.commands import CancelTask, StartGeneration
from auteur.domain.events import Ending, Event, TaskProgressed, TaskStarted
from auteur.domain.task import Task
from auteur.entrypoints.container import Container, build, lifetime
from auteur.entrypoints.settings import load_settings
from auteur.testing.engines import ENGINE_CHECKS, EngineCase, EngineCheck, engine_tools, take_in
from tests.engines.comfyui.program import ComfyProgram
from tests.servers import free_port

TEMPLATES = Path(__file__).parent / "comfyui" / "templates"
PROJECT = "film"

pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def comfy(comfyui_program: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComfyProgram]:
    program = ComfyProgram(*comfyui_program, tmp_path_factory.mktemp("comfyui")).start()
    yield program
    program.stop()


@pytest.fixture
def second(comfyui_program: tuple[Path, Path], tmp_path: Path) -> Iterator[ComfyProgram]:
    program = ComfyProgram(*comfyui_program, tmp_path / "second").start()
    yield program
    program.stop()


# --- the contract --------------------------------------------------------------------------------------------------


@pytest.fixture(params=["steps", "scaled", "upscale"])
async def case(request: pytest.FixtureRequest, comfy: ComfyProgram, tmp_path: Path) -> AsyncIterator[EngineCase]:
    noise = Image.effect_noise((64, 48), random.uniform(50, 100)).convert("RGB")
    noise.save(tmp_path / "still.png")
    Image.effect_noise((3000, 3000), 90).convert("RGB").save(tmp_path / "large.png")
    async with engine_tools(tmp_path / "workspace") as tools:
        settings = EngineSettings("comfyui", {"comfyui_servers": comfy.url, "comfyui_templates": str(TEMPLATES)})
        handler: Any = make(replace(tools, settings=settings))
        still, large = await take_in(tools, tmp_path / "still.png"), await take_in(tools, tmp_path / "large.png")
        async with handler:
            if request.param == "steps":
                bad: list[dict[str, Any]] = [{"steps": 0}, {"seed": -1}, {"delay_s": float("nan")}, {"colour": 1}]
                params, long = {"steps": 3}, {"steps": 1000, "delay_s": 0.05}
            elif request.param == "scaled":
                source = {"source_image": still}
                bad = [{}, {"source_image": "nothing.png"}, {**source, "method": "magic"}, {**source, "width_px": 3}]
                params, long = (
                    {**source, "method": "lanczos"},
                    {"source_image": large, "width_px": 4096, "height_px": 4096},
                )
            else:
                bad = [{}, {"source_image": still, "model": 5}]
                params, long = {"source_image": still}, {"source_image": large}
            failing = [{**params, "fail_at": 1}] if request.param == "steps" else []

            async def is_idle() -> bool:
                queue = await asyncio.to_thread(comfy.get, "/queue")
                return not queue["queue_running"] and not queue["queue_pending"]

            yield EngineCase(
                handler, tools, request.param, params, long, bad, repeats=3, failing=failing, is_idle=is_idle
            )


@pytest.mark.parametrize("check", ENGINE_CHECKS, ids=lambda check: check.__name__)
async def test_the_contract_on_the_real_program(case: EngineCase, check: EngineCheck) -> None:
    await check(case)


async def test_auteurs_own_templates_lack_nothing_there_but_models(comfy: ComfyProgram) -> None:
    object_info = await asyncio.to_thread(comfy.get, "/object_info")
    templates, problems = load(OWN_TEMPLATES)
    assert problems == []
    assert len(templates) == 4
    for template in templates:
        assert lacking(template.workflow, object_info, template.parameter_of) == []
        assert all("is not there" in line for line in lacking(template.workflow, object_info, template.file_inputs))


# --- through the whole service -------------------------------------------------------------------------------------


@dataclass
class Studio:
    """A whole service in this process, and everything that happened in its project."""

    container: Container
    events: dict[str, list[Event]] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    asked: dict[str, str] = field(default_factory=dict)
    cancelled_at: dict[str, float] = field(default_factory=dict)
    ended_at: dict[str, float] = field(default_factory=dict)
    begun_at: dict[str, float] = field(default_factory=dict)

    async def submit(self, task_type: str, kind: str, **params: Any) -> str:
        command = StartGeneration(
            project_id=PROJECT, task_type=task_type, params=params, message_id=f"m-{len(self.asked)}", quality="draft"
        )
        task_id = (await self.container.dispatcher().submit(command)).task.task_id
        self.asked[task_id] = kind
        return task_id

    async def cancel(self, task_id: str) -> None:
        self.cancelled_at[task_id] = time.monotonic()
        await self.container.dispatcher().cancel(CancelTask(project_id=PROJECT, task_id=task_id))

    async def listen(self) -> None:
        async with aclosing(self.container.bus().subscribe(PROJECT, None)) as events:
            async for recorded in events:
                event = recorded.event
                if event.task_id is None:
                    continue
                self.events.setdefault(event.task_id, []).append(event)
                if isinstance(event, TaskStarted):
                    self.begun_at.setdefault(event.task_id, time.monotonic())
                if isinstance(event, Ending):
                    self.ended_at[event.task_id] = time.monotonic()
                self.changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(900):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    def progress(self, task_id: str) -> list[float]:
        return [event.progress for event in self.events.get(task_id, []) if isinstance(event, TaskProgressed)]

    def stages(self, task_id: str) -> list[str | None]:
        return [event.stage for event in self.events.get(task_id, []) if isinstance(event, TaskProgressed)]

    def endings(self, task_id: str) -> list[Event]:
        return [event for event in self.events.get(task_id, []) if isinstance(event, Ending)]

    async def task(self, task_id: str) -> Task:
        return (await self.container.store().task(PROJECT, task_id)).task


@asynccontextmanager
async def studio(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, *comfies: ComfyProgram, slots: int = 8
) -> AsyncIterator[Studio]:
    monkeypatch.setenv("BACKEND_COMFYUI_SERVERS", ",".join(comfy.url for comfy in comfies))
    monkeypatch.setenv("BACKEND_COMFYUI_TEMPLATES", str(TEMPLATES))
    monkeypatch.setenv("BACKEND_COMFYUI_SLOTS", str(slots))
    settings = load_settings(
        workspace_root=workspace, max_concurrent_tasks=8, max_queued_per_project=1000, task_timeout=900
    )
    container = build(settings)
    async with lifetime(container):
        made = Studio(container)
        listening = asyncio.create_task(made.listen())
        try:
            yield made
        finally:
            listening.cancel()
            await asyncio.wait([listening])


async def bring(made: Studio, size: tuple[int, int], seed: int) -> str:
    buffer = io.BytesIO()
    Image.radial_gradient("L").resize(size).convert("RGB").point(lambda v: (v + seed) & 255).save(buffer, "PNG")

    async def chunks() -> AsyncIterator[bytes]:
        yield buffer.getvalue()

    return await made.container.artifacts().receive(PROJECT, chunks(), ".png")


def saved_by(comfy: ComfyProgram, task: Task) -> list[Path]:
    """All files that the server has saved for the task, in any of its attempts."""
    folders = [comfy.base / "output" / "auteur" / prompt_id(task, n) for n in range(1, task.attempt + 1)]
    return sorted(path for folder in folders if folder.is_dir() for path in folder.iterdir())


def held(comfy: ComfyProgram, path: Path) -> str:
    """The digest of what the server gives for that file."""
    folder = path.parent.relative_to(comfy.base / "output").as_posix()
    query = urllib.parse.urlencode({"filename": path.name, "subfolder": folder, "type": "output"})
    return hashlib.sha256(comfy.download(f"/view?{query}")).hexdigest()


async def test_two_hundred_runs_end_once_each_whatever_happens_to_the_server(
    comfy: ComfyProgram, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = time.monotonic()
    starts: list[float] = []
    async with studio(tmp_path, monkeypatch, comfy) as made:

        async def wave(seed: int) -> None:
            """50 tasks of all kinds, mixed."""
            stills = [await bring(made, (64 + n, 48), seed + n) for n in range(5)]
            for n in range(30):
                await made.submit("steps", "steps", steps=2 + n % 5, delay_s=0.01, seed=seed + n, count=1 + n % 3)
            for still in stills:
                await made.submit("scaled", "scaled", source_image=still, width_px=96, height_px=64)
                await made.submit("upscale", "upscale", source_image=still)
            for n in range(3):
                await made.submit("moving", "film", colour=(seed + n) & 0xFFFFFF)
            for n in range(3):
                await made.submit("steps", "node error", steps=5, fail_at=2, seed=seed + 100 + n)
            queued = [await made.submit("steps", "cancel queued", steps=50, seed=seed + 200 + n) for n in range(2)]
            running = [
                await made.submit("steps", "cancel running", steps=600, delay_s=0.05, seed=seed + 300 + n)
                for n in range(2)
            ]
            for task_id in queued:
                await made.until(
                    lambda task_id=task_id: "queued" in made.stages(task_id) or bool(made.progress(task_id))
                )
                await made.cancel(task_id)
            for task_id in running:
                await made.until(lambda task_id=task_id: max(made.progress(task_id), default=0) > 0.35)
                await made.cancel(task_id)

        async def kill_in_the_middle(seed: int) -> None:
            task_id = await made.submit("steps", "killed", steps=150, delay_s=0.05, seed=seed)
            for n in range(7):
                await made.submit("steps", "steps", steps=3, seed=seed + 1 + n)
            await made.until(lambda: max(made.progress(task_id), default=0) > 0.45)
            await asyncio.to_thread(comfy.kill)
            before = time.monotonic()
            await asyncio.to_thread(comfy.start)
            starts.append(time.monotonic() - before)

        await wave(10_000)
        await kill_in_the_middle(20_000)
        await wave(30_000)
        await kill_in_the_middle(40_000)
        await wave(50_000)
        for n in range(200 - len(made.asked)):
            await made.submit("steps", "steps", steps=3, delay_s=0.005, seed=60_000 + n)
        await made.until(lambda: len(made.ended_at) == len(made.asked))
        elapsed_s = time.monotonic() - began

        tasks = {task_id: await made.task(task_id) for task_id in made.asked}
        counts = Counter((made.asked[task_id], str(task.status)) for task_id, task in tasks.items())
        endings = Counter(len(made.endings(task_id)) for task_id in tasks)
        fell = [task_id for task_id in tasks if made.progress(task_id) != sorted(made.progress(task_id))]
        doubled, different, compared, adopted, resent = [], [], 0, 0, 0
        for task_id, task in tasks.items():
            saved = await asyncio.to_thread(saved_by, comfy, task)
            if task.result is None:
                continue
            adopted += bool(task.result.metrics["adopted"])
            resent += task.result.metrics["sent"] > 1
            wanted = [a for a in task.result.artifacts if a.name != "poster.jpg"]
            digests = Counter([await asyncio.to_thread(held, comfy, path) for path in saved])
            if len(saved) != len(wanted):
                doubled.append(task_id)
            if Counter(artifact.sha256 for artifact in wanted) != digests:
                different.append(task_id)
            compared += len(wanted)
            for artifact in task.result.artifacts:
                on_disk = hashlib.sha256((tmp_path / artifact.path).read_bytes()).hexdigest()
                assert on_disk == artifact.sha256
        left = comfy.get("/queue")
        stopped = [made.ended_at[t] - at for t, at in made.cancelled_at.items()]
        previews = sum(any(isinstance(e, TaskProgressed) and e.preview for e in made.events[t]) for t in tasks)
        quick = sorted(made.ended_at[t] - made.begun_at[t] for t, kind in made.asked.items() if kind == "steps")

    table = {
        "runs": len(tasks),
        **{f"{kind}: {status}": n for (kind, status), n in sorted(counts.items())},
        "endings a task": dict(endings),
        "run twice (files that the server saved)": len(doubled),
        "outputs compared with /view": compared,
        "tasks whose digests differ": len(different),
        "progress that fell": len(fell),
        "kill -9 and restart": f"{len(starts)}, back after {', '.join(f'{s:.0f} s' for s in starts)}",
        "sent again after a restart": resent,
        "adopted": adopted,
        "tasks with previews": previews,
        "slowest cancel": f"{max(stopped):.2f} s",
        "quick run, median and worst": f"{quick[len(quick) // 2]:.2f} s, {quick[-1]:.2f} s",
        "left in the server's queue": len(left["queue_running"]) + len(left["queue_pending"]),
        "whole": f"{elapsed_s:.0f} s",
    }  # fmt: skip
    sys.stdout.write("".join(f"\n  {name:42} {figure}" for name, figure in table.items()) + "\n")

    assert len(tasks) == 200
    assert endings == {1: 200}
    wanted_status = {"node error": "failed", "cancel queued": "cancelled", "cancel running": "cancelled"}
    for kind, status in counts:
        assert status == wanted_status.get(kind, "succeeded"), counts
    assert (doubled, different, fell) == ([], [], [])
    assert resent >= 2
    assert max(stopped) < 13
    assert previews >= 20
    assert left["queue_running"] == left["queue_pending"] == []
    for task_id, kind in made.asked.items():
        if kind == "node error":
            failure = tasks[task_id].failure
            assert failure is not None
            assert failure.message == (
                'The node "Slow painter" (StudioSteps) failed: deliberate failure at step 2 in model.bin'
            )


async def test_a_task_goes_on_at_another_server_when_its_own_is_killed(
    comfy: ComfyProgram, second: ComfyProgram, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with studio(tmp_path / "w", monkeypatch, second, comfy, slots=1) as made:
        long = await made.submit("steps", "killed", steps=200, delay_s=0.05, seed=71)
        await made.until(lambda: max(made.progress(long), default=0) > 0.4)
        quick = await made.submit("steps", "quick", steps=2, seed=72)
        await made.until(lambda: quick in made.ended_at)
        busy, free = (comfy, second) if comfy.get("/queue")["queue_running"] else (second, comfy)
        await asyncio.to_thread(busy.kill)
        await made.until(lambda: long in made.ended_at)
        task, other = await made.task(long), await made.task(quick)
        assert (task.status, other.status) == ("succeeded", "succeeded")
        assert task.result is not None
        assert len(saved_by(free, other)) == 1, "the one that was free made it"
        assert [held(free, path) for path in saved_by(free, task)] == [task.result.artifacts[0].sha256]
        assert saved_by(busy, task) == []
    if busy is comfy:
        comfy.start()


async def test_what_a_killed_service_had_sent_is_taken_up_and_not_made_again(
    comfy: ComfyProgram, tmp_path: Path
) -> None:
    port = free_port()
    environment = {
        **os.environ,
        "BACKEND_WORKSPACE_ROOT": str(tmp_path),
        "BACKEND_COMFYUI_SERVERS": comfy.url,
        "BACKEND_COMFYUI_TEMPLATES": str(TEMPLATES),
        "BACKEND_PORT": str(port),
    }
    api = f"http://127.0.0.1:{port}/api/v1/projects/{PROJECT}/tasks"

    def serve() -> "subprocess.Popen[bytes]":
        with (tmp_path / "auteur.log").open("ab") as log:
            return subprocess.Popen([sys.executable, "-m", "auteur", "serve"], env=environment, stdout=log, stderr=log)

    async def when(
        client: httpx.AsyncClient, task_id: str, condition: Callable[[dict[str, Any]], bool]
    ) -> dict[str, Any]:
        async with asyncio.timeout(120):
            while True:
                try:
                    told = (await client.get(f"{api}/{task_id}")).json()
                    if condition(told):
                        return dict(told)
                except httpx.HTTPError:
                    pass
                await asyncio.sleep(0.1)

    body = {"task_type": "steps", "quality": "draft", "params": {"steps": 150, "delay_s": 0.05, "seed": 81}}
    async with httpx.AsyncClient(timeout=30) as client:
        service = serve()
        try:
            async with asyncio.timeout(120):
                while True:
                    try:
                        accepted = await client.post(api, json=body)
                        break
                    except httpx.HTTPError:
                        await asyncio.sleep(0.1)
            task_id = accepted.json()["task_id"]
            await when(client, task_id, lambda told: told["progress"] > 0.4)
            service.send_signal(signal.SIGKILL)
            service.wait()
            service = serve()
            told = await when(client, task_id, lambda told: told["status"] in ("succeeded", "failed"))
        finally:
            service.kill()
            service.wait()
    assert told["status"] == "succeeded", told
    assert told["attempt"] == 2
    assert told["result"]["metrics"]["adopted"]
    sent = [
        entry
        for entry in comfy.get("/history").values()
        if entry["prompt"][3].get("auteur", {}).get("task_id") == task_id
    ]
    assert len(sent) == 1, "the server has run it once"
