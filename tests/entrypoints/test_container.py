import asyncio
import os
import subprocess
import sys
from contextlib import aclosing
from pathlib import Path

import pytest
from benchmarks import noop
from dependency_injector import providers

from auteur.domain.commands import StartGeneration
from auteur.domain.events import TaskQueued, TaskSucceeded
from auteur.entrypoints.container import WorkspaceInUseError, build, lifetime
from auteur.entrypoints.settings import load_settings
from tests.ears import Hearer
from tests.servers import RedisServer
from tests.waiting import awaited


@pytest.mark.parametrize("own_tasks_only", [False, True], ids=["all tasks", "own tasks"])
@pytest.mark.parametrize(
    "backend", [{"backend": "memory"}, {"backend": "sqlite"}, {"redis_url": "redis://nowhere.invalid"}], ids=str
)
async def test_every_part_can_be_made_for_every_deployment(
    tmp_path: Path, backend: dict[str, str], own_tasks_only: bool
) -> None:
    container = build(load_settings(workspace_root=tmp_path, **backend), own_tasks_only=own_tasks_only)
    parts = container.parts()
    for made_by in (parts, container):
        for name in made_by.providers:
            made = getattr(made_by, name)()
            assert not asyncio.isfuture(made), name
            assert made is getattr(made_by, name)(), name
    for name in ("log_bus", "store", "registry", "queue", "deployment"):
        assert getattr(parts, name)() is getattr(container, name)(), name


def test_the_engine_of_the_benchmarks_takes_the_place_of_those_that_are_installed(tmp_path: Path) -> None:
    container = build(load_settings(workspace_root=tmp_path, backend="memory"))
    container.engines.override(providers.Object(noop.engines()))
    assert container.router().task_types == ("noop",)
    assert container.worker().makes == ("noop.none",)


async def test_two_services_in_one_process_share_nothing(tmp_path: Path) -> None:
    one = build(load_settings(workspace_root=tmp_path / "1", backend="memory"))
    two = build(load_settings(workspace_root=tmp_path / "2", backend="memory"))
    for name in ("bus", "store", "reader", "archive", "dispatcher", "queue", "artifacts", "metrics", "closing"):
        assert getattr(one, name)() is not getattr(two, name)(), name


async def test_a_workspace_has_one_service_and_is_free_again_after_it(tmp_path: Path) -> None:
    settings = load_settings(workspace_root=tmp_path)
    async with lifetime(build(settings), url="http://127.0.0.1:1"):
        with pytest.raises(WorkspaceInUseError) as refused:
            async with lifetime(build(settings)):
                pass
        assert refused.value.url == "http://127.0.0.1:1"
    async with lifetime(build(settings)):
        pass


async def test_ten_thousand_conversations_leave_nothing_behind(tmp_path: Path) -> None:
    container = build(load_settings(workspace_root=tmp_path, backend="memory"))
    async with lifetime(container):
        before = len(asyncio.all_tasks())
        feed, hub = container.feed(), container.parts().hub()
        for number in range(10_000):
            async with Hearer(feed).follow(f"film-{number % 7}", None, resumes=False) as hearer:
                await hearer.until(lambda hearer=hearer: hearer.is_level)
        async with awaited("nobody to listen"):
            while hub.notifier.listeners or len(asyncio.all_tasks()) > before:
                await asyncio.sleep(0)


async def test_closing_leaves_nothing_running(tmp_path: Path) -> None:
    before = asyncio.all_tasks()
    container = build(load_settings(workspace_root=tmp_path, shutdown_drain=0.0))
    async with lifetime(container):
        command = StartGeneration(
            project_id="film",
            task_type="text_to_image",
            params={"prompt": "a field", "steps": 200},
            message_id="m",
            quality="draft",
        )
        submission = await container.dispatcher().submit(command)
        await asyncio.sleep(0.3)
    assert asyncio.all_tasks() == before
    # and what was running waits for the next
    again = build(load_settings(workspace_root=tmp_path))
    async with lifetime(again, resume=False):
        task = (await again.store().task("film", submission.task.task_id)).task
        assert task.status == "queued"
        assert task.attempts_lost == 0


def frame(message_id: str) -> StartGeneration:
    params = {"prompt": "a field", "steps": 1, "width": 64, "height": 64}
    return StartGeneration(
        project_id="film", task_type="text_to_image", params=params, message_id=message_id, quality="draft"
    )


@pytest.mark.parametrize("backend", ["sqlite", "redis"])
async def test_a_container_for_its_own_tasks_runs_nobody_elses(
    tmp_path: Path, backend: str, redis_server: RedisServer
) -> None:
    where = {"redis_url": redis_server.url, "redis_state_prefix": "guest:"} if backend == "redis" else {}
    settings = load_settings(workspace_root=tmp_path, **where)
    # a process that only takes requests leaves a task that waits
    other = build(settings)
    async with lifetime(other, resume=False):
        await other.deployment().requeue_running(0)
        left = await other.dispatcher().submit(frame("left"))
    guest = build(settings, own_tasks_only=True)
    async with lifetime(guest):
        own = await guest.dispatcher().submit(frame("own"))
        assert own.accepted.event.request.notice is None, "it has somebody to run it: this process"
        async with aclosing(guest.bus().subscribe("film", own.accepted.position)) as events:
            heard = [(await anext(events)).event for _ in range(3)]
            while not isinstance(heard[-1], TaskSucceeded):
                heard.append((await anext(events)).event)
        assert {event.task_id for event in heard} == {own.task.task_id}
        history = await guest.bus().history("film", None, 100)
    assert [type(recorded.event) for recorded in history if recorded.event.task_id == left.task.task_id] == [TaskQueued]


async def test_a_guest_on_redis_is_present_but_neither_leads_nor_is_counted_on(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    settings = load_settings(workspace_root=tmp_path, redis_url=redis_server.url, redis_state_prefix="presence:")
    guest, replica = build(settings, own_tasks_only=True), build(settings)
    async with lifetime(guest), lifetime(replica):
        await guest.registry().workers()  # it is present as soon as it has asked
        assert await replica.registry().is_leader(), "though the guest has been here longer"
        seen = {worker.name: worker for worker in await replica.registry().workers()}
        assert seen[guest.worker().name].slots == 0
        assert not seen[guest.worker().name].lanes
        assert not await replica.registry().expired({guest.worker().name})


_AT_WORK_LATER = """
    av numpy redis taskiq torch diffusers transformers PIL httpx
    auteur.adapters.inputs auteur.adapters.webhooks auteur.adapters.scripts auteur.adapters.images
    auteur.adapters.engines.previs.reading.sentences auteur.adapters.engines.previs.rendering
    auteur.adapters.engines.diffusers.handler auteur.adapters.engines.cog.handler auteur.entrypoints.asyncapi
"""
_AS_SERVED = """
import asyncio, sys
from auteur.entrypoints.app import create_app
from auteur.entrypoints.container import build, lifetime
from auteur.entrypoints.settings import load_settings
from auteur.protocol.model import Model

async def serve():
    container = build(load_settings())
    async with lifetime(container):
        create_app(container, opened=True)
        print(sorted({*sys.argv[1].split()} & {*sys.modules}))
        print([model.__name__ for model in every(Model) if model.__pydantic_complete__])

def every(model):
    for below in model.__subclasses__():
        yield below
        yield from every(below)

asyncio.run(serve())
"""


def test_a_start_loads_no_more_than_serving_takes_and_builds_no_model_that_nobody_asked_for(tmp_path: Path) -> None:
    found = subprocess.run(
        [sys.executable, "-c", _AS_SERVED, _AT_WORK_LATER],
        env={**os.environ, "BACKEND_WORKSPACE_ROOT": str(tmp_path), "BACKEND_LOG_LEVEL": "CRITICAL"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.splitlines()[-2:] == ["[]", "[]"], found.stdout
