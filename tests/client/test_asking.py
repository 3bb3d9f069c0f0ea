"""What is asked of a service: what is sent again and what is not, what is shown, and how errors are told."""

import asyncio
import gc
import hashlib
import io
import json
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from auteur.client import (
    AsyncAuteur,
    Auteur,
    AuteurError,
    ConflictError,
    DeletedError,
    InvalidRequestError,
    LimitExceededError,
    NotAuteurError,
    NotFoundError,
    ServiceError,
    TaskFailedError,
    UnauthenticatedError,
    UnreachableError,
)
from tests.client.cutting import Cutter
from tests.e2e.studio import LONG, TINY, Service
from tests.waiting import LONG_S, awaited

OPERATOR = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (80, 60)).save(file, "PNG")
    return file.getvalue()


async def test_every_door_is_a_method(service: Service, studio: AsyncAuteur, tmp_path: Path) -> None:
    task = await studio.submit("film", "text_to_image", TINY, quality="draft", shot="12A", metadata={"note": "first"})
    assert (task.is_open, task.shot, task.take, task.metadata) == (True, "12A", 1, {"note": "first"})
    done = await studio.result("film", task.task_id)
    assert done.result is not None
    (made,) = done.result.artifacts
    path = await studio.download(made, tmp_path)
    assert path == tmp_path / "frame.png"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == made.sha256
    assert b"".join([part async for part in studio.chunks(made)]) == path.read_bytes()
    batch = await studio.batch(
        "film", [{"task_type": "text_to_image", "params": TINY, "quality": "draft", "name": "a"}]
    )
    assert batch.names == {"a": batch.tasks[0].task_id}
    better = await studio.promote("film", task.task_id, params={"lens_mm": 85}, quality="draft")
    assert better.promoted_from == task.task_id
    for one in (batch.tasks[0], better):
        await studio.result("film", one.task_id)
    lineage = await studio.lineage("film", better.task_id)
    assert [one.task_id for one in lineage.tasks] == [task.task_id, better.task_id]
    marked = await studio.mark("film", task.task_id, favourite=True, circled=True)
    assert (marked.favourite, marked.circled) == (True, True)
    assert [one.task_id async for one in studio.tasks("film", favourite=True)] == [task.task_id]
    assert len([one async for one in studio.tasks("film", limit=2)]) == 2
    page = await studio.page("film", limit=1, status=["succeeded", "failed"])
    assert page.next is not None
    assert (await studio.page("film", limit=1, cursor=page.next)).tasks != page.tasks
    (shot,) = [one async for one in studio.shots("film")]
    assert (shot.shot, shot.circled_task_id, shot.takes) == ("12A", task.task_id, 2)
    assert (await studio.project("film")).counts.succeeded == 3
    assert [one.project_id async for one in studio.projects()] == ["film"]
    assert {"text_to_image", "image_to_video"} <= {one.name for one in await studio.task_types()}
    assert (await studio.quality()).default in (await studio.quality()).qualities
    assert (await studio.info()).access == "anonymous"
    assert (await studio.health())["status"] == "healthy"
    hook = await studio.add_webhook("film", "https://receiver.example/hook", types=["task.failed"], description="we")
    assert hook.pop("secret") != (await studio.rotate_webhook("film", hook["webhook_id"]))["secret"]
    assert await studio.webhooks("film") == [hook]
    changed = await studio.change_webhook("film", hook["webhook_id"], enabled=False)
    assert changed == {**hook, "enabled": False, "disabled": "asked"}
    assert ([one async for one in studio.dead_letters("film")], await studio.replay("film")) == ([], 0)
    await studio.remove_webhook("film", hook["webhook_id"])
    assert await studio.webhooks("film") == []
    await studio.delete("film", task.task_id)
    await studio.delete_project("film")
    with pytest.raises(DeletedError, match="deleted"):
        await studio.project("film")


async def test_a_picture_is_brought_from_a_path_bytes_a_file_or_parts(
    studio: AsyncAuteur, picture: bytes, tmp_path: Path
) -> None:
    (tmp_path / "still.png").write_bytes(picture)

    async def parts() -> AsyncIterator[bytes]:
        yield picture[:10]
        yield picture[10:]

    for source in (tmp_path / "still.png", str(tmp_path / "still.png"), picture, io.BytesIO(picture), parts()):
        brought = await studio.upload("film", source)
        assert brought.sha256 == hashlib.sha256(picture).hexdigest()
        assert (brought.width_px, brought.height_px) == (80, 60)
    task = await studio.submit(
        "film", "image_to_video", {"source_image": brought.path, "duration_s": 0.5}, quality="draft"
    )
    assert (await studio.result("film", task.task_id)).status == "succeeded"


@pytest.mark.parametrize("door", ["submit", "batch", "promote"])
async def test_a_request_whose_answer_is_lost_is_one_task(
    studio: AsyncAuteur, far: AsyncAuteur, cutter: Cutter, door: str
) -> None:
    first = await studio.submit("film", "text_to_image", TINY, quality="draft")
    await studio.result("film", first.task_id)
    cutter.lose = 3
    asks: dict[str, Callable[[], Coroutine[Any, Any, Any]]] = {
        "submit": lambda: far.submit("film", "text_to_image", TINY, quality="draft"),
        "batch": lambda: far.batch("film", [{"task_type": "text_to_image", "params": TINY}]),
        "promote": lambda: far.promote("film", first.task_id, quality="draft"),
    }
    await asks[door]()
    assert cutter.lose == 0
    keys = [head.lower().split(b"idempotency-key: ")[1].split(b"\r\n")[0] for head in cutter.heads[-4:]]
    assert len(set(keys)) == 1
    assert (await studio.project("film")).counts.total == 2


async def test_an_upload_whose_answer_is_lost_is_not_sent_again(
    service: Service, far: AsyncAuteur, cutter: Cutter, picture: bytes
) -> None:
    cutter.lose = 1
    with pytest.raises(UnreachableError) as told:
        await far.upload("film", picture)
    assert (told.value.code, told.value.temporary) == ("NETWORK", True)
    async with awaited("the picture that was brought"):
        while not (there := list((service.workspace / "film" / "uploads").glob("*.png"))):
            await asyncio.sleep(0.02)
    assert len(there) == 1
    await far.upload("film", picture)


@pytest.mark.parametrize("service", [{"max_queued_per_project": 1, "max_concurrent_tasks": 1}], indirect=True)
async def test_who_is_told_to_come_back_comes_back_when_it_was_said(service: Service, studio: AsyncAuteur) -> None:
    running = await studio.submit("film", "text_to_image", LONG)
    async for event in studio.watch("film", running.task_id):
        if event.type == "progress":
            break
    waiting = await studio.submit("film", "text_to_image", TINY)
    async with AsyncAuteur(service.url, patience_s=0) as hasty:
        with pytest.raises(LimitExceededError) as told:
            await hasty.submit("film", "text_to_image", TINY)
    assert (told.value.code, told.value.status) == ("QUEUE_FULL", 429)
    assert told.value.retry_after_s is not None
    begun = time.monotonic()
    patient = asyncio.create_task(studio.submit("film", "text_to_image", {**TINY, "seed": 2}))
    await asyncio.sleep(0.2)
    await studio.cancel("film", running.task_id)
    await studio.result("film", waiting.task_id)
    assert (await patient).task_id
    assert time.monotonic() - begun >= told.value.retry_after_s
    with pytest.raises(TaskFailedError) as ended:
        await studio.result("film", running.task_id)
    assert (ended.value.code, ended.value.task.status) == ("TASK_CANCELLED", "cancelled")


async def test_a_request_outlives_a_restart_of_the_service(tmp_path: Path) -> None:
    service = await Service(tmp_path).start()
    async with Cutter(int(service.url.rpartition(":")[2])) as way, AsyncAuteur(way.url, patience_s=60) as studio:
        assert await studio.is_alive()
        await service.kill()
        assert not await studio.is_alive()
        asking = asyncio.create_task(studio.submit("film", "text_to_image", TINY, quality="draft"))
        service = await service.again()
        way.lead_to(int(service.url.rpartition(":")[2]))
        async with awaited("the answer"):
            task = await asking
        assert (await studio.result("film", task.task_id)).status == "succeeded"
    await service.kill()


async def test_errors_are_told_by_kind_code_and_details(service: Service, studio: AsyncAuteur) -> None:
    task = await studio.submit("film", "text_to_image", LONG)
    for ask, kind, code, status in (
        (studio.task("film", "nobody"), NotFoundError, "TASK_NOT_FOUND", 404),
        (studio.task("..", "x"), InvalidRequestError, "INVALID_PROJECT_ID", 422),
        (studio.submit("film", "smell", {}), InvalidRequestError, "UNKNOWN_TASK_TYPE", 422),
        (studio.delete("film", task.task_id), ConflictError, "TASK_OPEN", 409),
    ):
        with pytest.raises(kind) as told:
            await ask
        assert (told.value.code, told.value.status) == (code, status)
        assert told.value.request_id is not None
        assert f'"request_id": "{told.value.request_id}"' in service.log or service.log
        assert isinstance(told.value, AuteurError)
        assert not told.value.temporary
    with pytest.raises(InvalidRequestError) as told:
        await studio.batch("film", [{"task_type": "text_to_image", "params": {"prompt": "x", "steps": -1}}])
    assert told.value.details["problems"][0]["field"]
    await studio.cancel("film", task.task_id)


async def test_what_is_no_auteur_is_said(tmp_path: Path) -> None:
    async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>")
        await writer.drain()
        writer.close()

    other = await asyncio.start_server(page, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{other.sockets[0].getsockname()[1]}"
    async with other, AsyncAuteur(url, patience_s=1) as studio:
        assert not await studio.is_alive()
        with pytest.raises(NotAuteurError):
            await studio.info()
        with pytest.raises(AuteurError):
            await asyncio.wait_for(anext(studio.open("film", give_up_after_s=0.2)), LONG_S)
    with pytest.raises(UnreachableError):
        await AsyncAuteur(url, patience_s=0).info()


@pytest.mark.parametrize("address", ["films.example", "ftp://x", "http://", "http://me:secret@x", "http://x?token=1"])
def test_an_address_that_is_none_or_holds_a_secret_is_refused(address: str) -> None:
    with pytest.raises(ValueError) as told:
        AsyncAuteur(address)
    assert "secret@" not in str(told.value)


@pytest.mark.parametrize("service", [{"token": OPERATOR}], indirect=True)
@pytest.mark.parametrize("over", ["socket", "stream"])
async def test_a_token_is_shown_in_a_header_and_never_in_an_address(
    service: Service, cutter: Cutter, over: Any
) -> None:
    asked = 0

    async def token() -> str:
        nonlocal asked
        asked += 1
        return OPERATOR

    async with AsyncAuteur(cutter.url, token) as studio:
        assert OPERATOR not in repr(studio)
        task = await studio.submit("film", "text_to_image", TINY, quality="draft")
        async for _ in studio.watch("film", task.task_id, over=over):
            pass
        assert asked >= 3
    for head in cutter.heads:
        line, _, headers = head.partition(b"\r\n")
        assert OPERATOR.encode() not in line
        assert b"Authorization: Bearer " + OPERATOR.encode() in headers
    assert OPERATOR not in service.log
    async with AsyncAuteur(service.url) as nobody:
        with pytest.raises(UnauthenticatedError):
            await nobody.project("film")
        with pytest.raises(UnauthenticatedError):
            await anext(nobody.open("film", over=over))


async def test_a_socket_that_is_sent_elsewhere_does_not_follow_with_what_it_shows() -> None:
    heads: list[bytes] = []

    async def elsewhere(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        port = writer.get_extra_info("sockname")[1]
        place = b"Location: ws://127.0.0.1:%d/other\r\n" % port
        writer.write(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\n" + place + b"\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(elsewhere, "127.0.0.1", 0)
    async with server, AsyncAuteur(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", OPERATOR) as studio:
        with pytest.raises(AuteurError):
            await anext(studio.open("film"))
    assert len(heads) == 1


async def test_a_file_that_breaks_off_is_fetched_again_and_is_whole_or_not_there(
    studio: AsyncAuteur, far: AsyncAuteur, cutter: Cutter, tmp_path: Path
) -> None:
    task = await studio.submit("film", "text_to_image", TINY, quality="draft")
    done = await studio.result("film", task.task_id)
    assert done.result is not None
    made = done.result.artifacts[0]
    cutter.lose = 2
    assert (await far.download(made, tmp_path / "x.png")).stat().st_size == made.size_bytes
    cutter.lose = 100
    with pytest.raises(UnreachableError):
        await far.download(made, tmp_path / "y.png")
    assert not (tmp_path / "y.png").exists()
    assert list(tmp_path.glob(".*.partial")) == []


def test_a_program_without_asyncio_asks_the_same(tmp_path: Path) -> None:
    with asyncio.Runner() as beside:
        service = beside.run(_started(tmp_path))
        try:
            _ask_without_asyncio(service)
        finally:
            beside.run(service.kill())
    gc.collect()  # a connection that nobody ended would be told here


def _ask_without_asyncio(service: Service) -> None:
    with Auteur(service.url) as studio:
        task = studio.submit("film", "text_to_image", TINY, quality="draft")
        assert [event.type for event in studio.watch("film", task.task_id)][-1] == "complete"
        assert studio.result("film", task.task_id).status == "succeeded"
        assert [one.task_id for one in studio.tasks("film")] == [task.task_id]
        with pytest.raises(NotFoundError):
            studio.task("film", "nobody")
        for _ in studio.open("film", after="0"):
            break
        for _ in studio.tasks("film"):
            break
    studio.close()
    with pytest.raises(RuntimeError, match="closed"):
        studio.info()


async def _started(workspace: Path) -> Service:
    return await Service(workspace).start()


def test_messages_that_are_golden_are_understood() -> None:
    """What the service promises to say, where the repository keeps it."""
    from auteur.client import decoding, errors, events, models

    golden = Path(__file__).parents[1] / "golden"
    if not golden.is_dir():
        pytest.skip("no golden messages are kept here")
    kinds = {"TaskListView": "TaskPage", "BatchView": "Batch", "ProjectView": "Project", "InfoView": "Info",
             "ProjectListView": "ProjectPage", "UploadView": "Upload", "LineageView": "Lineage", "TaskView": "Task",
             "TaskTypeListView": "TaskTypes", "ShotListView": "ShotPage", "QualityListView": "Quality"}  # fmt: skip
    read = 0
    for file in sorted((golden / "views").glob("*.json")):
        if (name := kinds.get(file.name.partition(".")[0])) is not None:
            decoding.decode(getattr(models, name), json.loads(file.read_text()))
            read += 1
    for file in sorted((golden / "outgoing").glob("*.json")):
        message = json.loads(file.read_text())
        assert events.event_of(message).data == message
        read += 1
    for file in sorted((golden / "errors").glob("*.json")):
        kept = json.loads(file.read_text())
        told = errors.refusal(kept["status"], kept["body"])
        assert (told.code, told.status) == (file.stem, kept["status"])
        assert isinstance(told, ServiceError)
        read += 1
    assert read > 20
