"""A project as it happens: losses are said, endings are told, and what does not come back says why."""

import asyncio
import contextlib
import gc
import itertools
import os
import signal
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from auteur.client import (
    AsyncAuteur,
    Complete,
    Connected,
    DeletedError,
    Failed,
    InvalidRequestError,
    NotFoundError,
    ProjectDeleted,
    UnauthenticatedError,
    UnreachableError,
)
from tests.client.conftest import QUICK
from tests.client.cutting import Cutter
from tests.e2e.studio import HOME, LONG, TINY, Service
from tests.entrypoints.test_cli import auteur
from tests.waiting import awaited

OPERATOR = "0123456789abcdef0123456789abcdef"
SOAK_EVENTS = int(os.environ.get("CLIENT_SOAK_EVENTS", "600"))
both = pytest.mark.parametrize("over", ["socket", "stream"])


@both
async def test_without_a_position_the_state_comes_first(studio: AsyncAuteur, over: Any) -> None:
    task = await studio.submit("film", "text_to_image", TINY, quality="draft")
    await studio.result("film", task.task_id)
    async with studio.open("film", over=over) as events:
        hello = await anext(events)
        assert isinstance(hello, Connected)
        assert (hello.lost, hello.recovered) == (False, False)
        assert hello.state is not None
        assert [one.task_id for one in hello.state.tasks] == [task.task_id]
        assert events.is_connected
    assert [event async for event in events] == []


@both
async def test_a_loss_is_said_with_the_state_as_it_is(studio: AsyncAuteur, over: Any) -> None:
    task = await studio.submit("film", "text_to_image", TINY, quality="draft")
    await studio.result("film", task.task_id)
    async with studio.open("film", after="abcd1234-3", over=over) as events:
        hello = await anext(events)
        assert isinstance(hello, Connected)
        assert hello.lost
        assert hello.state is not None
        assert events.position == hello.state.position


@pytest.mark.parametrize("service", [{"history_events": 200}], indirect=True)
async def test_a_loss_while_the_line_is_away_is_said_in_its_place(
    service: Service, studio: AsyncAuteur, far: AsyncAuteur, cutter: Cutter
) -> None:
    task = await studio.submit("film", "text_to_image", TINY, quality="draft")
    await studio.result("film", task.task_id)
    async with far.open("film") as events:
        await anext(events)
        port = int(service.url.rpartition(":")[2])
        cutter.lead_to(9)  # nobody is there
        cutter.cut()
        for number in range(600):
            await studio.mark("film", task.task_id, favourite=number % 2 == 0)
        cutter.lead_to(port)
        async with awaited("that events were lost"):
            told = await anext(events)
        assert isinstance(told, Connected)
        assert told.lost
        assert told.state is not None
        await studio.mark("film", task.task_id, circled=None, favourite=True)
        async with awaited("what follows"):
            assert (await anext(events)).type == "task_marked"


@both
async def test_a_deleted_project_ends_it_and_is_refused_to_who_comes_later(studio: AsyncAuteur, over: Any) -> None:
    task = await studio.submit("film", "text_to_image", TINY, quality="draft")
    await studio.result("film", task.task_id)
    async with studio.open("film", over=over) as events:
        await anext(events)
        await studio.delete_project("film")
        async with awaited("the end"):
            told = [event async for event in events]
    assert isinstance(told[-1], ProjectDeleted)
    with pytest.raises(DeletedError) as refused:
        await anext(studio.open("film", over=over))
    assert refused.value.code == "PROJECT_DELETED"


@pytest.mark.parametrize(("project", "after"), [("..", None), ("film", "nonsense"), ("-film", None)])
@both
async def test_what_cannot_be_followed_is_said_once(
    studio: AsyncAuteur, project: str, after: str | None, over: Any
) -> None:
    events = studio.open(project, after=after, over=over)
    with pytest.raises(InvalidRequestError):
        async with awaited("a refusal"):
            await anext(events)
    with pytest.raises(StopAsyncIteration):
        await anext(events)


@pytest.mark.parametrize("service", [{"token": OPERATOR}], indirect=True)
async def test_a_token_that_is_revoked_ends_it_with_why(service: Service) -> None:
    code, out, err = await auteur(
        service.workspace, "token", "create", "--name", "Ada", "--projects", "film", "--may", "read", token=OPERATOR
    )
    assert code == 0, err
    secret = out.strip()
    async with AsyncAuteur(service.url, secret) as studio, studio.open("film") as events:
        await anext(events)
        await auteur(service.workspace, "token", "revoke", secret.split("_")[1], token=OPERATOR)
        with pytest.raises(UnauthenticatedError):
            async with awaited("that it no longer counts"):
                await anext(events)


@pytest.mark.parametrize("service", [{"token": OPERATOR}], indirect=True)
async def test_who_has_another_token_by_then_shows_that_and_goes_on(service: Service) -> None:
    """As one that an identity provider renews, and that of a service that was started anew."""
    old, new = [
        (
            await auteur(
                service.workspace, "token", "create", "--name", name, "--projects", "film", "--may", "read,submit",
                token=OPERATOR,
            )
        )[1].strip()
        for name in ("old", "new")
    ]  # fmt: skip
    shown = [old]
    async with AsyncAuteur(service.url, lambda: shown[0], backoff=QUICK) as studio, studio.open("film") as events:
        await anext(events)
        following = asyncio.create_task(anext(events))
        shown[0] = new
        await auteur(service.workspace, "token", "revoke", old.split("_")[1], token=OPERATOR)
        async with awaited("the line to be opened again"):
            while events.connections < 2:
                await asyncio.sleep(0.05)
        task = await studio.submit("film", "text_to_image", TINY, quality="draft")
        async with awaited("the task to be told"):
            assert (await following).task_id == task.task_id
    renewed = iter([old, new, new, new])
    async with AsyncAuteur(service.url, lambda: next(renewed), backoff=QUICK) as studio:
        assert (await studio.project("film")).project_id == "film", "refused once, and asked again with the other"
    numbers = itertools.count()
    for refused in (lambda: old, lambda: f"always-new-{next(numbers)}"):
        async with AsyncAuteur(service.url, refused, backoff=QUICK) as studio:
            for asked in (studio.project("film"), anext(studio.open("film"))):
                with pytest.raises(UnauthenticatedError):
                    async with awaited("it to be given up"):
                        await asked


async def test_who_does_not_come_back_in_time_is_given_up(service: Service, far: AsyncAuteur, cutter: Cutter) -> None:
    seen: list[bool] = []
    async with far.open(
        "film", give_up_after_s=1, on_connection=lambda is_connected, why: seen.append(is_connected)
    ) as events:
        await anext(events)
        assert events.is_connected
        cutter.lead_to(9)
        cutter.cut()
        with pytest.raises(UnreachableError):
            async with awaited("it to be given up"):
                await anext(events)
        assert not events.is_connected
    assert seen[:2] == [True, False]


async def test_a_service_that_is_silent_is_left_and_found_again(service: Service) -> None:
    seen: list[str] = []
    async with (
        AsyncAuteur(service.url, heartbeat_s=0.5, backoff=QUICK) as studio,
        AsyncAuteur(service.url) as other,
        studio.open("film", on_connection=lambda is_connected, why: seen.append(why)) as events,
    ):
        await anext(events)
        service.freeze()
        waiting = asyncio.ensure_future(anext(events))
        async with awaited("the silence to be noticed"):
            while not any("nothing is heard" in why for why in seen):
                await asyncio.sleep(0.05)
        service.thaw()
        task = await other.submit("film", "text_to_image", TINY, quality="draft")
        async with awaited("what happens then"):
            assert (await waiting).task_id == task.task_id


@both
async def test_waiting_may_be_given_up_and_nothing_is_lost_by_it(
    service: Service, studio: AsyncAuteur, over: Any
) -> None:
    task = await studio.submit("film", "text_to_image", TINY, quality="draft")
    heard = []
    async with studio.open("film", after="0", over=over) as events, awaited("the ending"):
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.002):
                    heard.append(await anext(events))
                if heard[-1].type == "complete":
                    break
    told = [event.data for event in heard if event.type != "connected"]
    assert told == await service.events()
    assert told[-1]["task_id"] == task.task_id


async def test_a_task_is_watched_to_its_ending_whenever_one_begins(studio: AsyncAuteur) -> None:
    task = await studio.submit("film", "text_to_image", TINY, quality="draft")
    told = [event async for event in studio.watch("film", task.task_id)]
    assert isinstance(told[-1], Complete)
    again = [event async for event in studio.watch("film", task.task_id)]
    assert len(again) == 1
    assert isinstance(again[0], Complete)
    assert again[0].result == told[-1].result
    long = await studio.submit("film", "text_to_image", LONG)
    async for event in studio.watch("film", long.task_id):
        if event.type == "progress":
            await studio.cancel("film", long.task_id)
    assert isinstance(event, Failed)
    assert event.error_code == "TASK_CANCELLED"
    with pytest.raises(NotFoundError):
        await anext(studio.watch("film", "nobody"))


@both
async def test_closing_the_client_ends_what_is_followed_and_leaves_no_connection(service: Service, over: Any) -> None:
    studio = AsyncAuteur(service.url, backoff=QUICK)
    waited_for = studio.open("film", over=over)
    assert isinstance(await anext(waited_for), Connected)
    waiting = asyncio.create_task(anext(waited_for, None))
    async for event in studio.open("film", over=over):  # nobody has it any more, and its connection is there
        assert isinstance(event, Connected)
        break
    await studio.close()
    async with awaited("who waits to be told that nothing follows"):
        assert await waiting is None
    for asked in (studio.info(), anext(studio.open("film", over=over))):
        with pytest.raises(RuntimeError, match="closed"):
            await asked
    async with service.http() as http, awaited("the service to have nobody"):
        while "auteur_websockets_open 0.0" not in (await http.get("/metrics")).text:
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("service", [{"max_queued_per_project": 100_000, "max_queued": 100_000}], indirect=True)
async def test_who_does_not_read_holds_no_more_for_it(service: Service, studio: AsyncAuteur) -> None:
    await studio.submit("film", "text_to_image", LONG)
    async with studio.open("film") as events:
        await anext(events)
        async with AsyncAuteur(service.url) as other:  # 6 MB of events come meanwhile
            note = {"note": "x" * 4000}
            asked = [{"task_type": "text_to_image", "params": TINY, "metadata": note}] * 500
            tracemalloc.start()
            for _ in range(3):
                await other.batch("film", asked)
                gc.collect()
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert held < 3_000_000
        started = 0
        async with awaited("all that was not read"):
            async for event in events:
                started += event.type == "task_started"
                if started == 1500:
                    break


async def test_a_long_subscription_holds_no_more_than_a_short_one(service: Service, cutter: Cutter) -> None:
    """Cuts on the way included."""
    async with AsyncAuteur(service.url) as near, AsyncAuteur(cutter.url, backoff=QUICK) as far:
        task = await near.submit("film", "text_to_image", TINY, quality="draft")
        await near.result("film", task.task_id)
        blocks: list[int] = []
        cuts = 0
        async with far.open("film") as events:
            await anext(events)
            for number in range(SOAK_EVENTS):
                await near.mark("film", task.task_id, favourite=number % 2 == 0)
                async with awaited("the mark"):
                    assert (await anext(events)).type == "task_marked"
                if number % 100 == 50:
                    cuts += cutter.cut()
                if number % (SOAK_EVENTS // 10) == SOAK_EVENTS // 10 - 1:
                    gc.collect()
                    blocks.append(sys.getallocatedblocks())
    assert max(blocks[5:]) < blocks[2] + 5000, blocks
    print(f"{SOAK_EVENTS} events, {cuts} connections cut; blocks of memory: {blocks}")


_SYNC = """
import sys
from auteur.client import Auteur
with Auteur(sys.argv[1]) as studio, studio.open("film") as events:
    for event in events:
        print(event.type, flush=True)
"""


async def test_a_program_that_waits_is_stopped_by_one_ctrl_c(service: Service) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _SYNC, service.url, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(HOME)},
    )  # fmt: skip
    assert process.stdout is not None
    assert (await process.stdout.readline()).strip() == b"connected"
    process.send_signal(signal.SIGINT)
    async with awaited("the program to end"):
        _, err = await process.communicate()
    assert process.returncode == -signal.SIGINT
    assert err.decode().strip().splitlines()[-1] == "KeyboardInterrupt"


def test_importing_the_client_loads_nothing_of_the_service() -> None:
    import subprocess

    words = [sys.executable, "-c", "import sys, auteur.client; print(*sys.modules)"]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()
    loaded = {name.partition(".")[0] for name in told}
    assert not loaded & {"fastapi", "redis", "numpy", "pydantic", "PIL", "starlette", "websockets", "typer"}
    inside = {name for name in told if name.startswith("auteur.")}
    assert all(name.startswith("auteur.client") for name in inside)
    assert Path(__file__).exists()
