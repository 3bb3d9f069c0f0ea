"""What every `ArtifactStore` must do, seen from several machines."""

import asyncio
import hashlib
import io
import itertools
import os
import random
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from auteur.adapters.files.descriptions import TASK
from auteur.adapters.files.workspace import WorkspaceArtifactStore
from auteur.domain.errors import ArtifactNotFoundError, UnreadableImageError
from auteur.domain.ports import DRAFT_SUFFIX, ArtifactStore, Draft, StoredFiles
from auteur.domain.task import Artifact, Task, TaskRequest, TaskResult, TaskStatus
from tests.object_store import ObjectStore, fresh_prefix, keys_in, on_bucket
from tests.places import files_in
from tests.waiting import LONG_S

T1, T2, T3 = (f"{n}{n}{n}{n}{n}{n}{n}{n}-0000-4000-8000-000000000000" for n in "123")
HOME = Path(__file__).parents[2]


@dataclass
class Ground:
    """``machine``: the store as a machine has it that was not there before; ``put``, ``left``: files as they lie,
    whoever put them there; ``as_python``: makes the store in another process."""

    machine: Callable[[], ArtifactStore]
    put: Callable[[str, bytes], None]
    left: Callable[[], AsyncIterator[str]]
    as_python: str

    async def files(self) -> list[str]:
        return [name async for name in self.left()]


@pytest.fixture(params=["workspace", "bucket"])
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Ground:
    if request.param == "workspace":
        root = tmp_path / "workspace"

        def lay(path: str, data: bytes) -> None:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)

        async def lying() -> AsyncIterator[str]:
            for name in files_in(root):
                if not name.startswith(".auteur/"):
                    yield name

        return Ground(
            lambda: WorkspaceArtifactStore(root),
            lay,
            lying,
            "from auteur.adapters.files.workspace import WorkspaceArtifactStore\n"
            f"store = WorkspaceArtifactStore(Path({str(root)!r}))",
        )
    server: ObjectStore = request.getfixturevalue("object_store")
    prefix, machines, client = fresh_prefix(), itertools.count(), server.client()

    async def kept() -> AsyncIterator[str]:
        for name in await keys_in(server, prefix):
            if not name.startswith(".auteur/"):
                yield name

    return Ground(
        lambda: on_bucket(server, prefix, tmp_path / f"machine-{next(machines)}"),
        lambda path, data: client.put(f"{prefix}/{path}", data) and None,
        kept,
        "from auteur.adapters.files.bucket import Address, Bucket\n"
        "from auteur.adapters.files.s3 import S3ArtifactStore\n"
        f"store = S3ArtifactStore(Bucket({server.address(prefix)!r}), Path({str(tmp_path / 'killed')!r}), "
        "cache_bytes=1 << 30, link_s=None)",
    )


def picture(side_px: int = 40, kind: str = "PNG") -> bytes:
    into = io.BytesIO()
    Image.new("RGB", (side_px, side_px), "orange").save(into, kind)
    return into.getvalue()


def write(directory: Path, **files: bytes) -> list[Draft]:
    """Drafts as an engine leaves them: ``a_png`` is a.png."""
    drafts = []
    for key, data in files.items():
        name = key.replace("_", ".")
        (directory / f"{name}{DRAFT_SUFFIX}").write_bytes(data)
        drafts.append(Draft(name=name, kind="image", media_type="image/png", width_px=4, height_px=5))
    return drafts


async def make(store: ArtifactStore, task: str = T1, attempt: int = 1, **files: bytes) -> tuple[Artifact, ...]:
    directory = await store.begin("film", task, attempt)
    return await store.commit("film", task, attempt, write(directory, **(files or {"a_png": b"picture"})))


async def content(store: ArtifactStore, path: str, start: int = 0, end: int | None = None) -> bytes:
    found = await store.find("film", path)
    async with aclosing(await found.open(start, found.size_bytes if end is None else end)) as chunks:
        return b"".join([chunk async for chunk in chunks])


async def all_of(store: ArtifactStore) -> list[StoredFiles]:
    return [files async for files in store.stored()]


def done(artifacts: tuple[Artifact, ...], queued_at: datetime, **changes: object) -> Task:
    """The record of a task that made these."""
    request = TaskRequest(
        task_type="text_to_image", quality="draft", params={"prompt": "a field"}, origins={}, lane="interactive",
        timeout_s=30.0, message_id="m", fingerprint="f", queue_position=1,
    )  # fmt: skip
    _, task, attempt, _ = artifacts[0].path.split("/")
    whole = Task(
        task_id=task, project_id="film", request=request, status=TaskStatus.SUCCEEDED, attempt=int(attempt),
        queued_at=queued_at, queued_seq=1, started_at=queued_at, ended_at=queued_at, metadata={},
        result=TaskResult(engine="test", artifacts=artifacts, params={}, seed=1),
    )  # fmt: skip
    return replace(whole, **changes)  # type: ignore[arg-type]


# --- an attempt ----------------------------------------------------------------------------------------------------


async def test_a_draft_gets_its_name_size_and_digest_and_everybody_finds_it(ground: Ground) -> None:
    (artifact,) = await make(ground.machine())
    assert artifact.path == f"film/{T1}/1/a.png"
    assert (artifact.size_bytes, artifact.sha256) == (7, hashlib.sha256(b"picture").hexdigest())
    assert (artifact.kind, artifact.media_type, artifact.width_px, artifact.height_px) == ("image", "image/png", 4, 5)
    elsewhere = ground.machine()
    assert await content(elsewhere, f"{T1}/1/a.png") == b"picture"
    assert (await elsewhere.locate("film", f"{T1}/1/a.png")).read_bytes() == b"picture"
    assert (await elsewhere.locate("film", f"{T1}/1/a.png")).name == "a.png"


async def test_a_draft_is_not_found_before_it_is_committed(ground: Ground) -> None:
    store = ground.machine()
    write(await store.begin("film", T1, 1), a_png=b"picture")
    for seen_by in (store, ground.machine()):
        for path in (f"{T1}/1/a.png", f"{T1}/1/a.png{DRAFT_SUFFIX}"):
            for ask in (seen_by.find, seen_by.locate):
                with pytest.raises(ArtifactNotFoundError):
                    await ask("film", path)


async def test_an_attempt_begins_with_an_empty_directory(ground: Ground) -> None:
    store = ground.machine()
    write(await store.begin("film", T1, 1), a_png=b"picture")
    directory = await store.begin("film", T1, 1)
    assert list(directory.iterdir()) == []
    assert directory.is_absolute()


async def test_what_is_discarded_is_gone_everywhere_and_may_be_discarded_again(ground: Ground) -> None:
    store = ground.machine()
    await make(store)
    for _ in range(2):
        await store.discard("film", T1, 1)
    assert await ground.files() == []
    with pytest.raises(ArtifactNotFoundError):
        await ground.machine().find("film", f"{T1}/1/a.png")


async def test_an_attempt_that_lost_goes_and_the_one_that_won_stays(ground: Ground) -> None:
    first, second = ground.machine(), ground.machine()
    await asyncio.gather(make(first, a_png=b"lost"), make(second, attempt=2, a_png=b"won"))
    await make(second, attempt=12, a_png=b"another")
    await first.discard("film", T1, 1)
    assert await ground.files() == [f"film/{T1}/12/a.png", f"film/{T1}/2/a.png"]
    assert await content(first, f"{T1}/2/a.png") == b"won"


async def test_a_preview_that_is_shown_is_found_everywhere_while_the_attempt_runs(ground: Ground) -> None:
    store = ground.machine()
    directory = await store.begin("film", T1, 1)
    (directory / "preview-1.jpg").write_bytes(b"half a picture")
    for _ in range(2):
        await store.show("film", T1, 1, "preview-1.jpg")
    assert await content(ground.machine(), f"{T1}/1/preview-1.jpg") == b"half a picture"
    await store.show("film", T1, 1, "preview-2.jpg")  # gone already
    await store.commit("film", T1, 1, write(directory, a_png=b"picture"))
    assert await content(ground.machine(), f"{T1}/1/a.png") == b"picture"
    await store.discard("film", T1, 1)
    assert await ground.files() == []


async def test_a_large_file_is_whole(ground: Ground) -> None:
    data = random.Random(1).randbytes(20_000_001)
    (artifact,) = await make(ground.machine(), a_mp4=data)
    assert artifact.sha256 == hashlib.sha256(data).hexdigest()
    elsewhere = ground.machine()
    assert await content(elsewhere, f"{T1}/1/a.mp4") == data
    assert (await elsewhere.locate("film", f"{T1}/1/a.mp4")).read_bytes() == data


async def test_an_empty_file_is_a_file(ground: Ground) -> None:
    (artifact,) = await make(ground.machine(), a_png=b"")
    assert artifact.size_bytes == 0
    assert await content(ground.machine(), f"{T1}/1/a.png") == b""
    assert (await ground.machine().locate("film", f"{T1}/1/a.png")).read_bytes() == b""


KILLED = """
import asyncio, sys
from pathlib import Path
from auteur.domain.ports import DRAFT_SUFFIX, Draft
{store}

async def main():
    directory = await store.begin("film", {task!r}, 1)
    drafts = []
    for number in range(4):
        name = f"{{number}}.png"
        (directory / f"{{name}}{{DRAFT_SUFFIX}}").write_bytes(bytes([number]) * 12_000_000)
        drafts.append(Draft(name=name, kind="image", media_type="image/png"))
    print("begins", flush=True)
    await store.commit("film", {task!r}, 1, drafts)
    print("has ended", flush=True)
    sys.stdin.read()

asyncio.run(main())
"""


@pytest.mark.parametrize("after_s", [0.0, 0.02, 0.05, 0.1, 0.2])
async def test_of_a_worker_that_is_killed_while_it_commits_each_file_is_whole_or_not_there(
    ground: Ground, after_s: float
) -> None:
    script = textwrap.dedent(KILLED).format(store=ground.as_python, task=T1)
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=HOME,
        env={**os.environ, "PYTHONPATH": str(HOME)},
    )
    assert process.stdout is not None
    assert await asyncio.to_thread(process.stdout.readline) == b"begins\n"
    await asyncio.sleep(after_s)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    store = ground.machine()
    for number in range(4):
        try:
            found = await content(store, f"{T1}/1/{number}.png")
        except ArtifactNotFoundError:
            continue
        assert found == bytes([number]) * 12_000_000
    await make(store, attempt=2)
    await store.discard("film", T1, 1)
    assert await ground.files() == [f"film/{T1}/2/a.png"]


# --- reading -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["", "/etc/passwd", "../secret.txt", f"{T1}/../../secret.txt", "..", ".", T1, f"{T1}/1", ".hidden", f"{T1}/.x",
     f"{T1}/1/.a.png", "a\\b", "a\0b", "x" * 5000, f"{T1}/1/none.png", f"{T1}/1/a.png/b", f"{T1}//1/./../a.png",
     "%2e%2e/x", f"{T1}/1/a.png\n"],
)  # fmt: skip
async def test_nothing_outside_the_project_and_nothing_hidden_is_ever_found(ground: Ground, path: str) -> None:
    store = ground.machine()
    await make(store)
    ground.put("secret.txt", b"secret")
    ground.put(f"film/{T1}/1/.a.png", b"secret")
    for ask in (store.find, store.locate):
        with pytest.raises(ArtifactNotFoundError):
            await ask("film", path)
    with pytest.raises(ArtifactNotFoundError):
        await store.thumbnail("film", path, 64)


@pytest.mark.parametrize(
    ("start", "end"), [(0, 1), (0, 3_000_000), (1, 2), (2_999_999, 3_000_000), (77, 1_500_000), (5, 5)]
)
async def test_any_part_of_a_file_is_read_as_it_is(ground: Ground, start: int, end: int) -> None:
    data = random.Random(2).randbytes(3_000_000)
    await make(ground.machine(), a_png=data)
    assert await content(ground.machine(), f"{T1}/1/a.png", start, end) == data[start:end]


async def test_a_file_tells_its_size_its_time_and_a_tag_that_another_one_has_not(ground: Ground) -> None:
    store = ground.machine()
    before = datetime.now(UTC) - timedelta(seconds=2)
    await make(store, a_png=b"one", b_png=b"two")
    one, same, two = [await ground.machine().find("film", f"{T1}/1/{name}.png") for name in ("a", "a", "b")]
    assert one.size_bytes == 3
    assert before <= one.modified_at <= datetime.now(UTC) + timedelta(seconds=2)
    assert one.tag == same.tag != two.tag
    assert not set(one.tag) & set('"\r\n')
    assert one.modified_at == same.modified_at


async def test_a_reader_who_stops_early_holds_nothing_up(ground: Ground) -> None:
    store = ground.machine()
    await make(store, a_mp4=bytes(20_000_000))
    for _ in range(20):
        found = await store.find("film", f"{T1}/1/a.mp4")
        async with aclosing(await found.open(0, found.size_bytes)) as chunks:
            async for chunk in chunks:
                assert 0 < len(chunk) <= 1 << 20
                break
    assert len(await content(store, f"{T1}/1/a.mp4")) == 20_000_000


async def test_many_who_want_one_file_at_a_time_all_get_it_whole(ground: Ground) -> None:
    data = random.Random(3).randbytes(5_000_000)
    await make(ground.machine(), a_png=data)
    machine = ground.machine()
    places = await asyncio.gather(*(machine.locate("film", f"{T1}/1/a.png") for _ in range(30)))
    assert {hashlib.sha256(place.read_bytes()).hexdigest() for place in places} == {hashlib.sha256(data).hexdigest()}


async def test_what_is_removed_is_not_found_again_though_it_was_here_before(ground: Ground) -> None:
    store, elsewhere = ground.machine(), ground.machine()
    await make(store)
    await store.locate("film", f"{T1}/1/a.png")
    await elsewhere.remove("film", T1)
    for ask in (store.find, store.locate):
        with pytest.raises(ArtifactNotFoundError):
            await ask("film", f"{T1}/1/a.png")


# --- thumbnails ----------------------------------------------------------------------------------------------------


async def test_a_picture_and_a_video_with_a_poster_have_thumbnails_on_every_machine(ground: Ground) -> None:
    await make(ground.machine(), a_png=picture(400), shot_mp4=b"moving", poster_jpg=picture(300, "JPEG"))
    for name in ("a.png", "shot.mp4"):
        small = [await ground.machine().thumbnail("film", f"{T1}/1/{name}", 100) for _ in range(2)]
        assert small[0] == small[1]
        with Image.open(io.BytesIO(small[0])) as thumbnail:
            assert (thumbnail.format, thumbnail.size) == ("WEBP", (128, 128))
    assert all(not name.endswith(".webp") or "/." in name for name in await ground.files())


async def test_what_has_no_thumbnail_is_said(ground: Ground) -> None:
    store = ground.machine()
    await make(store, shot_mp4=b"moving", words_txt=b"words")
    for name, problem in (("shot.mp4", "no poster"), ("words.txt", r"\w")):
        with pytest.raises(UnreadableImageError, match=problem):
            await store.thumbnail("film", f"{T1}/1/{name}", 64)
    with pytest.raises(ArtifactNotFoundError):
        await store.thumbnail("film", f"{T1}/1/none.mp4", 64)


# --- uploads -------------------------------------------------------------------------------------------------------


async def test_an_upload_is_kept_whole_or_not_at_all(ground: Ground) -> None:
    async def chunks(breaks: bool) -> AsyncIterator[bytes]:
        yield b"one"
        if breaks:
            raise ConnectionError
        yield b"two"

    store = ground.machine()
    path = await store.receive("film", chunks(False), ".png")
    assert await content(ground.machine(), path) == b"onetwo"
    with pytest.raises(ConnectionError):
        await store.receive("film", chunks(True), ".png")
    assert await ground.files() == [f"film/{path}"]


async def test_an_upload_that_is_given_up_leaves_nothing(ground: Ground) -> None:
    begun, never = asyncio.Event(), asyncio.Event()

    async def chunks() -> AsyncIterator[bytes]:
        yield b"one"
        begun.set()
        await never.wait()

    receiving = asyncio.create_task(ground.machine().receive("film", chunks(), ".png"))
    await begun.wait()
    receiving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await receiving
    assert await ground.files() == []


async def test_a_large_upload_is_whole(ground: Ground) -> None:
    data = random.Random(4).randbytes(18_000_000)

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(data), 1 << 18):
            yield data[start : start + (1 << 18)]

    assert await content(ground.machine(), await ground.machine().receive("film", chunks(), ".png")) == data


async def test_what_is_brought_under_the_name_of_its_content_lies_there_once_and_counts_as_written_now(
    ground: Ground,
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"the same"

    paths = await asyncio.gather(*(ground.machine().receive("film", chunks(), ".png", name=T3) for _ in range(5)))
    assert set(paths) == {f"uploads/{T3}.png"}
    (first,) = await all_of(ground.machine())
    async with asyncio.timeout(LONG_S):
        while (await all_of(ground.machine()))[0].changed_at <= first.changed_at:
            await ground.machine().receive("film", chunks(), ".png", name=T3)
    assert await ground.files() == [f"film/uploads/{T3}.png"]
    assert await content(ground.machine(), paths[0]) == b"the same"


# --- everything ----------------------------------------------------------------------------------------------------


async def test_everything_that_was_put_here_is_told_of_with_its_size_and_whose_it_is(ground: Ground) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"upload"

    store, now = ground.machine(), datetime.now(UTC)
    made = await make(store, a_png=b"one", b_png=b"three")
    await make(store, T1, 2)
    await make(store, T2)
    await store.describe(done(made, now))
    upload = await store.receive("film", chunks(), ".png")
    ground.put("film/notes.txt", b"somebody's own")
    ground.put("film/not-a-task/1/a.png", b"somebody's own")
    told = {files.path: files for files in await all_of(ground.machine())}
    assert sorted(told) == sorted([f"film/{T1}/1", f"film/{T1}/2", f"film/{T2}/1", f"film/{upload}"])
    first = told[f"film/{T1}/1"]
    assert (first.kind, first.project_id, first.task_id, first.attempt) == ("attempt", "film", T1, 1)
    assert first.is_described
    assert first.size_bytes > 8
    assert not told[f"film/{T1}/2"].is_described
    assert told[f"film/{T1}/2"].size_bytes == 7
    brought = told[f"film/{upload}"]
    assert (brought.kind, brought.task_id, brought.attempt, brought.size_bytes) == ("upload", None, None, 6)
    assert all(now - timedelta(seconds=5) < files.changed_at < now + timedelta(minutes=1) for files in told.values())
    for path in (f"film/{T1}/1", f"film/{upload}"):
        for _ in range(2):
            await store.erase(told[path])
    assert await ground.files() == [
        f"film/{T1}/2/a.png", f"film/{T2}/1/a.png", "film/not-a-task/1/a.png", "film/notes.txt",
    ]  # fmt: skip


async def test_more_than_a_page_of_files_is_told_of_each_once(ground: Ground) -> None:
    places = [f"film/{number:08}-0000-4000-8000-000000000000/1" for number in range(130)]
    paths = [f"{place}/{name}.png" for place in places for name in range(8)]
    await asyncio.gather(*(asyncio.to_thread(ground.put, path, b"x") for path in paths))
    told = await all_of(ground.machine())
    assert len(told) == len({files.path for files in told}) == 130
    assert {files.size_bytes for files in told} == {8}
    await ground.machine().remove("film")
    assert await ground.files() == []


async def test_a_task_goes_without_its_neighbours_and_a_project_without_those_that_begin_like_it(
    ground: Ground,
) -> None:
    store = ground.machine()
    for project in ("film", "film-2"):
        for task in (T1, T2):
            await store.commit(project, task, 1, write(await store.begin(project, task, 1), a_png=b"picture"))
    for _ in range(2):
        await ground.machine().remove("film", T1)
    assert {"/".join(name.split("/")[:2]) for name in await ground.files()} == {
        f"film-2/{T1}", f"film-2/{T2}", f"film/{T2}",
    }  # fmt: skip
    for _ in range(2):
        await ground.machine().remove("film")
    assert {name.split("/")[0] for name in await ground.files()} == {"film-2"}


async def test_what_was_described_comes_back_in_the_order_in_which_it_was_accepted(ground: Ground) -> None:
    store, now = ground.machine(), datetime.now(UTC)
    made = {task: await make(store, task) for task in (T1, T2, T3)}
    tasks = [done(made[task], now - timedelta(hours=hours)) for task, hours in ((T1, 1), (T2, 3), (T3, 2))]
    for task in tasks:
        await store.describe(task)
    found = [described async for described in ground.machine().described()]
    assert [described.task for described in found] == [tasks[1], tasks[2], tasks[0]]
    assert found[0].path == f"film/{T2}/1/take.json"


@pytest.mark.parametrize(
    ("path", "data", "problem"),
    [
        ("a.png", None, "a.png is not there"),
        ("a.png", b"others!", "a.png is not as it was"),
        ("take.json", b"{", "it cannot be understood"),
        ("take.json", b"\xff\xfe", "it cannot be understood"),
        ("take.json", b" " * (5 << 20), "it is too large to be one"),
        ("take.json", b"elsewhere", "it belongs to another place"),
    ],
)
async def test_a_description_of_no_use_is_said(ground: Ground, path: str, data: bytes | None, problem: str) -> None:
    store, now = ground.machine(), datetime.now(UTC)
    whole, spoilt = await make(store, T1), await make(store, T2)
    await store.describe(done(whole, now))
    await store.describe(done(spoilt, now))
    if data == b"elsewhere":
        data = TASK.dump_json(done(whole, now))
    if data is None:
        await store.discard("film", T2, 1)
        ground.put(f"film/{T2}/1/take.json", TASK.dump_json(done(spoilt, now)))
    else:
        ground.put(f"film/{T2}/1/{path}", data)
    found = [described async for described in ground.machine().described()]
    assert [described.problem for described in found if described.task is None] == [problem]
    assert [described.task.task_id for described in found if described.task] == [T1]


async def test_a_store_that_works_is_said_to_however_many_look(ground: Ground) -> None:
    store = ground.machine()
    await asyncio.gather(*(store.check() for _ in range(50)))
    assert await ground.files() == []
    assert await all_of(store) == []
