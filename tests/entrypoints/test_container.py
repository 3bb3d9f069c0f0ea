import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest

from auteur.domain.commands import StartGeneration
from auteur.entrypoints.container import WorkspaceInUseError, build, lifetime
from auteur.entrypoints.settings import load_settings


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
            async with aclosing(feed.follow(f"film-{number % 7}", None, resumes=False)) as told:
                await anext(told)
        assert hub.notifier.listeners == 0
        assert len(asyncio.all_tasks()) == before


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
