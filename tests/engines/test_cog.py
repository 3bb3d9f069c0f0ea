"""The Cog engine on a real Cog, through the whole service: every run has one ending, and none is made twice."""

import asyncio
import hashlib
import json
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from auteur.adapters.engines.cog.plugin import make
from auteur.adapters.engines.tools import EngineSettings
from auteur.domain.commands import CancelTask, StartGeneration
from auteur.domain.events import Ending, Event, Position
from auteur.domain.task import Task, TaskStatus
from auteur.entrypoints.container import Container, build, lifetime
from auteur.entrypoints.settings import load_settings
from auteur.testing.engines import ENGINE_CHECKS, EngineCase, EngineCheck, engine_tools, take_in
from tests.e2e.studio import Service
from tests.engines.cog_server import MODEL, CogServer, LosingProxy, Runs, kill_server, kill_worker, start_setting
from tests.servers import free_port

PROJECT = "film"
SMALL = {"width": 64, "height": 64, "seed": 7}
QUICK = {**SMALL, "steps": 3}
SLOW = {**SMALL, "steps": 40, "step_time": 0.05}


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path / "runs")


@pytest.fixture(scope="session")
def is_coglet(cog_python: Path) -> bool:
    return any(cog_python.parent.parent.glob("lib/python*/site-packages/coglet"))


# --- the contract --------------------------------------------------------------------------------------------------


@pytest.fixture(params=[True, False], ids=["by webhook", "by the answer"])
async def case(
    request: pytest.FixtureRequest, cog_python: Path, tmp_path: Path, runs: Runs
) -> AsyncIterator[EngineCase]:
    """The handler alone, on a server that somebody else started."""
    Image.radial_gradient("L").save(tmp_path / "still.png")
    async with (
        CogServer(cog_python, runs.path, tmp_path / "server.log") as cog,
        engine_tools(tmp_path / "work") as tools,
    ):
        given, port = {"cog_models": json.dumps({"paint": {"url": cog.url}})}, free_port()
        if request.param:
            given |= {"cog_webhook_url": f"http://127.0.0.1:{port}", "cog_listen": f"127.0.0.1:{port}"}
        tools = replace(tools, settings=EngineSettings("cog", given), folder=tmp_path / "private")
        async with await asyncio.to_thread(make, tools) as handler:
            image = await take_in(tools, tmp_path / "still.png")
            yield EngineCase(
                handler,
                tools,
                "paint",
                {"prompt": "a lighthouse", "image": image},
                {"prompt": "a forest", "steps": 500, "step_time": 0.1},
                [
                    {},
                    {"prompt": "p", "steps": 501},
                    {"prompt": "p", "image": "/etc/hostname"},
                    {"prompt": "p", "hue": 1},
                ],
            )


@pytest.mark.parametrize("check", ENGINE_CHECKS, ids=lambda check: check.__name__)
async def test_the_contract(case: EngineCase, check: EngineCheck) -> None:
    await check(case)


# --- the whole service ---------------------------------------------------------------------------------------------


@asynccontextmanager
async def studio(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    model: dict[str, Any],
    *,
    hears: bool = True,
    cancel_s: float = 5,
    **settings: Any,
) -> AsyncIterator[Container]:
    """The embedded service in this process, with one model. ``hears``: whether that reaches us."""
    monkeypatch.setenv("BACKEND_COG_MODELS", json.dumps({"paint": model}))
    monkeypatch.setenv("BACKEND_COG_CANCEL_S", str(cancel_s))
    if hears:
        port = free_port()
        monkeypatch.setenv("BACKEND_COG_WEBHOOK_URL", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("BACKEND_COG_LISTEN", f"127.0.0.1:{port}")
    chosen = {"max_concurrent_tasks": 8, "max_queued_per_project": 300, "engines": "cog", **settings}
    container = await asyncio.to_thread(lambda: _built(load_settings(workspace_root=tmp_path / "work", **chosen)))
    async with lifetime(container):
        yield container


def _built(settings: Any) -> Container:
    container = build(settings)
    container.dispatcher()  # its engines ask their models what they take: not in the loop of a server that answers
    return container


async def submit(container: Container, prompt: str, **params: Any) -> str:
    asked = StartGeneration(
        project_id=PROJECT, task_type="paint", params={"prompt": prompt, **params}, message_id=prompt, quality="draft"
    )
    return (await container.dispatcher().submit(asked)).task.task_id


async def task_of(container: Container, task_id: str) -> Task:
    return (await container.store().task(PROJECT, task_id)).task


async def until(condition: Callable[[], Any], within_s: float = 120) -> Any:
    async with asyncio.timeout(within_s):
        while not (found := condition()):
            await asyncio.sleep(0.02)
    return found


async def in_the_middle(container: Container, task_id: str) -> None:
    """Returns when it has told of its progress."""
    async with asyncio.timeout(60):
        while (await task_of(container, task_id)).progress == 0:
            await asyncio.sleep(0.02)


async def ended(container: Container, task_id: str, within_s: float = 600) -> Task:
    async with asyncio.timeout(within_s):
        while not (task := await task_of(container, task_id)).ended:
            await asyncio.sleep(0.05)
    return task


async def events_of(container: Container) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    after: Position | None = None
    while page := await container.bus().history(PROJECT, after, 1000):
        for recorded in page:
            found[getattr(recorded.event, "task_id", "")].append(recorded.event)
        after = page[-1].position
    return found


def digest_of(container: Container, task: Task) -> str:
    assert task.result is not None
    (artifact,) = task.result.artifacts
    path = container.settings().workspace / artifact.path
    assert hashlib.sha256(path.read_bytes()).hexdigest() == artifact.sha256
    return artifact.sha256


PLAN: dict[str, tuple[int, dict[str, Any]]] = {
    "plain": (94, QUICK),
    "twice": (16, QUICK),
    "error": (12, {**QUICK, "mode": "fail"}),
    "exits": (4, {**QUICK, "mode": "exit"}),
    "nothing": (6, {**QUICK, "mode": "none"}),
    "cut short": (6, {**QUICK, "mode": "cut"}),
    "cancel queued": (14, QUICK),
    "cancel running": (20, SLOW),
    "worker crashes": (4, {**QUICK, "mode": "crash"}),
    "worker killed": (12, SLOW),
    "server killed": (12, SLOW),
}
"""200 runs, by what becomes of them."""

SUCCEEDS = {"plain", "twice", "worker killed", "server killed"}
CANCELLED = {"cancel queued", "cancel running"}
WORDS = {
    "error": "the brush is dry at step 3",
    "nothing": "gave nothing back",
    "cut short": "no image that can be read",
    "exits": "SystemExit: 3",
    "worker crashes": "while it worked",
}


async def test_two_hundred_runs_have_one_ending_each_and_no_attempt_is_made_twice(
    cog_python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runs: Runs, is_coglet: bool
) -> None:
    model = started_here(cog_python, tmp_path, runs)
    model["slots"] = 2  # one more than it has: its place is asked for while it is taken, and while it is being left
    begun = time.monotonic()
    names = [f"{kind} {number}" for kind, (many, _) in PLAN.items() for number in range(many)]
    names.sort(key=lambda name: hashlib.sha256(name.encode()).digest())  # mixed, the same each time
    async with studio(tmp_path, monkeypatch, model) as container:

        async def go(name: str) -> tuple[str, float]:
            kind = name.rpartition(" ")[0]
            task_id = await submit(container, name, **PLAN[kind][1])
            if kind == "twice":
                assert await submit(container, name, **PLAN[kind][1]) == task_id
            elif kind == "cancel queued":
                await container.dispatcher().cancel(CancelTask(project_id=PROJECT, task_id=task_id))
            elif kind in ("cancel running", "worker killed", "server killed"):
                pid = await until(lambda: runs.worker_of(name), 600)
                await in_the_middle(container, task_id)
                at = time.monotonic()
                if kind == "cancel running":
                    await container.dispatcher().cancel(CancelTask(project_id=PROJECT, task_id=task_id))
                    await ended(container, task_id)
                    return task_id, time.monotonic() - at
                (kill_worker if kind == "worker killed" else kill_server)(pid)
            return task_id, 0.0

        going = await asyncio.gather(*(go(name) for name in names))
        tasks = {name: await ended(container, task_id) for name, (task_id, _) in zip(names, going, strict=True)}
        events = await events_of(container)
        digests = {name: digest_of(container, task) for name, task in tasks.items() if task.result}
    wall_s = time.monotonic() - begun
    starts, made = runs.begun(), runs.digests()
    rows = []
    for kind, (many, _) in PLAN.items():
        of_kind = {name: task for name, task in tasks.items() if name.rpartition(" ")[0] == kind}
        endings = [sum(isinstance(e, Ending) for e in events[task.task_id]) for task in of_kind.values()]
        again = [name for name, task in of_kind.items() if starts[name] > max(task.attempt, 0)]
        same = [name for name in of_kind if name in digests and digests[name] == made.get(name)]
        full = sum(task.result.metrics["at_capacity"] for task in of_kind.values() if task.result)
        waits = [s for name, (_, s) in zip(names, going, strict=True) if name in of_kind and s]
        outcome = Counter(task.status.value for task in of_kind.values())
        rows.append(
            (kind, many, dict(outcome), Counter(endings), sum(t.attempt for t in of_kind.values()),
             sum(starts[name] for name in of_kind), len(again), f"{len(same)}/{sum(n in digests for n in of_kind)}",
             full, f"{max(waits):.2f}" if waits else "")
        )  # fmt: skip
    _table(
        ["runs", "", "ended", "endings each", "attempts", "starts", "made twice", "digests", "409s", "cancel s, worst"],
        rows,
        f"200 runs, eight at once, {wall_s:.0f} s",
    )
    assert len(tasks) == 200
    for name, task in tasks.items():
        kind = name.rpartition(" ")[0]
        assert sum(isinstance(event, Ending) for event in events[task.task_id]) == 1, name
        assert starts[name] <= task.attempt, f"{name} began {starts[name]} times in {task.attempt} attempts"
        if kind in SUCCEEDS:
            assert task.status is TaskStatus.SUCCEEDED, (name, task.failure)
            assert digests[name] == made[name], name
        elif kind in CANCELLED:
            assert task.status is TaskStatus.CANCELLED, (name, task.failure)
        else:
            assert task.failure is not None
            # before coglet, a predictor that exits takes its server along, as one that crashes
            words = WORDS["worker crashes" if kind == "exits" and not is_coglet else kind]
            assert words in task.failure.message, task.failure
    for name in names:
        if name.startswith(("plain", "twice", "error", "nothing", "cut")) and tasks[name].attempt == 1:
            assert starts[name] == 1, name
    for task_id, told in events.items():
        shares = [e.progress for e in told if hasattr(e, "progress")]  # type: ignore[attr-defined]
        if task_id and tasks_attempt(tasks, task_id) == 1:
            assert shares == sorted(shares), task_id


def tasks_attempt(tasks: dict[str, Task], task_id: str) -> int:
    return next((task.attempt for task in tasks.values() if task.task_id == task_id), 0)


async def test_an_answer_that_is_lost_is_asked_after_and_the_model_runs_once(
    cog_python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runs: Runs, is_coglet: bool
) -> None:
    if not is_coglet:
        pytest.skip("before coglet a prediction is answered at its end; a lost answer is a lost attempt")
    async with (
        CogServer(cog_python, runs.path, tmp_path / "server.log") as cog,
        LosingProxy(cog.url, loses=20) as proxy,
        studio(tmp_path, monkeypatch, {"url": proxy.url}) as container,
    ):
        ids = {f"lost {n}": await submit(container, f"lost {n}", **QUICK, step_time=0.05) for n in range(30)}
        tasks = {name: await ended(container, task_id) for name, task_id in ids.items()}
        assert proxy.lost == 20
        assert {digest_of(container, task) for task in tasks.values()} == set(runs.digests().values())
    assert {task.status for task in tasks.values()} == {TaskStatus.SUCCEEDED}
    assert runs.begun() == Counter({name: task.attempt for name, task in tasks.items()})
    attempts = sum(task.attempt for task in tasks.values())
    _table(
        ["requests", "answers lost", "starts", "attempts"], [(30, 20, runs.begun().total(), attempts)], "lost answers"
    )


@pytest.mark.parametrize("hears", [True, False], ids=["by webhook", "by the answer"])
async def test_a_place_that_somebody_else_holds_is_waited_for(
    cog_python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runs: Runs, hears: bool
) -> None:
    async with (
        CogServer(cog_python, runs.path, tmp_path / "server.log") as cog,
        studio(tmp_path, monkeypatch, {"url": cog.url}, hears=hears) as container,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        theirs = {"input": {"prompt": "theirs", "num_inference_steps": 20, "step_time": 0.1}}
        headers = {"Prefer": "respond-async"}
        assert (await http.put(f"{cog.url}/predictions/theirs", json=theirs, headers=headers)).status_code == 202
        task = await ended(container, await submit(container, "ours", **QUICK))
    assert task.status is TaskStatus.SUCCEEDED
    assert task.result is not None
    assert task.result.metrics["at_capacity"] > 1
    assert task.attempt == 1
    assert runs.begun() == Counter({"theirs": 1, "ours": 1})


@pytest.mark.parametrize("hears", [True, False], ids=["by webhook", "by the answer"])
@pytest.mark.parametrize("kill", [kill_worker, kill_server])
async def test_a_server_that_somebody_else_starts_again_is_waited_for(
    cog_python: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    runs: Runs,
    kill: Callable[[int], None],
    hears: bool,
) -> None:
    async with (
        CogServer(cog_python, runs.path, tmp_path / "server.log") as cog,
        studio(tmp_path, monkeypatch, {"url": cog.url}, hears=hears) as container,
    ):
        task_id = await submit(container, "a forest", **SLOW)
        kill(await until(lambda: runs.worker_of("a forest")))
        await cog.kill()
        await cog.start()
        task = await ended(container, task_id)
        assert digest_of(container, task) == runs.digests()["a forest"]
    assert (task.status, task.attempt) == (TaskStatus.SUCCEEDED, 2)
    assert runs.begun() == Counter({"a forest": 2})


@pytest.mark.parametrize("mode", ["spin", "slowclean", "sleepy"])
async def test_a_model_that_is_slow_to_stop_is_ended_in_time(
    cog_python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runs: Runs, mode: str
) -> None:
    model = started_here(cog_python, tmp_path, runs)
    async with studio(tmp_path, monkeypatch, model, cancel_s=1) as container:
        task_id = await submit(container, mode, **{**SLOW, "steps": 400}, mode=mode)
        await until(lambda: runs.worker_of(mode))
        at = time.monotonic()
        await container.dispatcher().cancel(CancelTask(project_id=PROJECT, task_id=task_id))
        task = await ended(container, task_id, 13)
        stopped_s = time.monotonic() - at
        after = await ended(container, await submit(container, "after", **QUICK))
    _table(["mode", "stopped after s"], [(mode, f"{stopped_s:.2f}")], "cancel")
    assert stopped_s < 3, "its server is ended when the time to stop is over"
    assert task.status is TaskStatus.CANCELLED
    assert after.status is TaskStatus.SUCCEEDED
    assert runs.begun() == Counter({mode: 1, "after": 1})


async def test_a_service_that_is_killed_leaves_neither_a_server_nor_a_run(
    cog_python: Path, tmp_path: Path, runs: Runs
) -> None:
    model = started_here(cog_python, tmp_path, runs)
    (tmp_path / "work").mkdir()
    service = await Service(tmp_path / "work", cog_models=json.dumps({"paint": model}), engines="cog").start()
    async with service.socket() as socket:
        task_id = await socket.start({"prompt": "a forest", **SLOW}, task_type="paint")
        pid = await until(lambda: runs.worker_of("a forest"))
        await service.kill()
    await until(lambda: not Path(f"/proc/{pid}").exists(), 10)
    again = await service.again()
    async with again.http() as http:
        async with asyncio.timeout(60):
            while (task := (await http.get(f"/api/v1/projects/film/tasks/{task_id}")).json())["status"] != "succeeded":
                await asyncio.sleep(0.1)
    await again.stop()
    assert task["attempt"] == 2
    assert runs.begun() == Counter({"a forest": 2})


def started_here(python: Path, folder: Path, runs: Runs) -> dict[str, Any]:
    """A model that auteur starts itself; what it takes lies in a file, from before it ever ran."""
    schema = folder / "paint.json"
    schema.write_text((MODEL / ".cog" / "openapi_schema.json").read_text())
    start = start_setting(python, runs.path)
    return {"url": f"http://127.0.0.1:{free_port()}", "start": start, "schema": str(schema)}


def _table(head: list[str], rows: list[tuple[Any, ...]], title: str) -> None:
    whole = [head, *([_cell(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in whole) for column in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in whole]
    print("\n" + title, *lines, sep="\n")  # noqa: T201


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(
            f"{count} {name}" if isinstance(name, str) else f"{count}x{name}" for name, count in value.items()
        )
    return str(value)
