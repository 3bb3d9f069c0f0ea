import asyncio
import contextlib
import hashlib
import os
import resource
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from auteur.adapters.files.workspace import WorkspaceArtifactStore
from auteur.domain.errors import (
    ArtifactNotFoundError,
    UnavailableError,
    WorkspaceFullError,
    WorkspaceReadOnlyError,
    WorkspaceUnavailableError,
)
from auteur.domain.ports import DRAFT_SUFFIX, Draft
from tests.places import files_in, fill, make_read_only, make_writable, small_file_system
from tests.waiting import awaited

DRAFT = Draft(name="a.png", kind="image", media_type="image/png", width_px=4, height_px=5)


@pytest.fixture
def store(tmp_path: Path) -> WorkspaceArtifactStore:
    return WorkspaceArtifactStore(tmp_path)


async def made(store: WorkspaceArtifactStore, attempt: int = 1) -> Path:
    directory = await store.begin("film", "t-1", attempt)
    (directory / f"a.png{DRAFT_SUFFIX}").write_bytes(b"picture")
    return directory


async def test_a_draft_gets_its_name_size_and_digest(store: WorkspaceArtifactStore, tmp_path: Path) -> None:
    directory = await made(store)
    (artifact,) = await store.commit("film", "t-1", 1, [DRAFT])
    assert artifact.path == "film/t-1/1/a.png"
    assert (artifact.size_bytes, artifact.sha256) == (7, hashlib.sha256(b"picture").hexdigest())
    assert [p.name for p in directory.iterdir()] == ["a.png"]
    assert (await store.locate("film", "t-1/1/a.png")).read_bytes() == b"picture"


async def test_a_draft_cannot_be_read_before_it_is_done(store: WorkspaceArtifactStore) -> None:
    await made(store)
    for path in ("t-1/1/a.png", f"t-1/1/a.png{DRAFT_SUFFIX}"):
        with pytest.raises(ArtifactNotFoundError):
            await store.locate("film", path)


async def test_what_is_discarded_is_gone_and_may_be_discarded_again(
    store: WorkspaceArtifactStore, tmp_path: Path
) -> None:
    await made(store)
    for _ in range(2):
        await store.discard("film", "t-1", 1)
    assert not (tmp_path / "film" / "t-1").exists()


async def test_a_project_goes_whole_although_an_attempt_is_tidied_away_at_the_same_time(
    store: WorkspaceArtifactStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for task in range(5):
        directory = await store.begin("film", f"t-{task}", 1)
        (directory / "a.png").write_bytes(b"picture")
    scan = os.scandir

    def tidied(*place: object) -> object:
        monkeypatch.setattr(os, "scandir", scan)  # the first look is over when the other begins
        found = list(scan(*place))  # type: ignore[call-overload]
        for task in (1, 3):
            (tmp_path / "film" / f"t-{task}" / "1" / "a.png").unlink()
            (tmp_path / "film" / f"t-{task}" / "1").rmdir()
            (tmp_path / "film" / f"t-{task}").rmdir()
        return contextlib.nullcontext(iter(found))

    monkeypatch.setattr(os, "scandir", tidied)
    await store.remove("film")
    assert not (tmp_path / "film").exists()


async def test_an_attempt_begins_with_an_empty_directory(store: WorkspaceArtifactStore) -> None:
    await made(store)
    assert list((await store.begin("film", "t-1", 1)).iterdir()) == []


@pytest.mark.parametrize(
    "path",
    ["", "/etc/passwd", "../secret.txt", "t-1/../../secret.txt", "..", ".", "t-1", ".hidden", "t-1/.x", "a\\b", "a\0b",
     "link/secret.txt", "x" * 5000],
)  # fmt: skip
async def test_nothing_outside_the_project_is_ever_found(
    store: WorkspaceArtifactStore, tmp_path: Path, path: str
) -> None:
    await made(store)
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "film" / "link").symlink_to(tmp_path)
    with pytest.raises(ArtifactNotFoundError):
        await store.locate("film", path)


async def test_an_upload_is_kept_whole_or_not_at_all(store: WorkspaceArtifactStore, tmp_path: Path) -> None:
    async def chunks(breaks: bool) -> AsyncIterator[bytes]:
        yield b"one"
        if breaks:
            raise ConnectionError
        yield b"two"

    path = await store.receive("film", chunks(False), ".png")
    assert (await store.locate("film", path)).read_bytes() == b"onetwo"
    with pytest.raises((ConnectionError, UnavailableError)):
        await store.receive("film", chunks(True), ".png")
    assert len(list((tmp_path / "film" / "uploads").iterdir())) == 1


async def test_a_workspace_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no directory")
    store = WorkspaceArtifactStore(tmp_path / "file")
    with pytest.raises(UnavailableError):
        await store.check()
    with pytest.raises(UnavailableError):
        await store.begin("film", "t-1", 1)


async def picture(chunks: int = 1) -> AsyncIterator[bytes]:
    for _ in range(chunks):
        yield b"x" * 200_000


@pytest.fixture(params=["a file system", "a limit"])
def small(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A place where no file of a megabyte finds room."""
    if request.param == "a file system":
        with small_file_system(tmp_path / "small", "700k") as place:
            yield place
    else:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, before[1]))
        try:
            yield tmp_path
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_workspace_that_is_full_in_the_middle_keeps_nothing_of_it_and_takes_the_next(small: Path) -> None:
    store = WorkspaceArtifactStore(small)
    with pytest.raises(WorkspaceFullError) as full:
        await store.receive("film", picture(9), ".png")
    assert (full.value.code, full.value.temporary) == ("WORKSPACE_FULL", True)
    assert list(small.iterdir()) == []
    path = await store.receive("film", picture(1), ".png")
    with pytest.raises(WorkspaceFullError):
        await store.receive("film", picture(9), ".png")
    assert files_in(small) == [f"film/{path}"]
    assert (await store.locate("film", path)).stat().st_size == 200_000


async def test_a_full_workspace_is_said_by_every_door(tmp_path: Path) -> None:
    with small_file_system(tmp_path / "small", "2m") as place:
        store = WorkspaceArtifactStore(place)
        await store.check()
        directory = await made(store)
        fill(place / "hog")
        with pytest.raises(WorkspaceFullError):
            await store.check()
        with pytest.raises(WorkspaceFullError):
            await store.receive("film", picture(), ".png")
        await store.commit("film", "t-1", 1, [DRAFT])  # what lies there already needs no room
        await store.discard("film", "t-1", 1)
        assert not directory.exists()
        (place / "hog").unlink()
        await store.check()
        assert files_in(place) == []


async def test_a_workspace_that_is_full_is_said_also_where_the_log_has_a_disk_of_its_own(tmp_path: Path) -> None:
    with small_file_system(tmp_path / "small", "2m") as place, small_file_system(place / ".auteur", "2m"):
        store = WorkspaceArtifactStore(place)
        await store.check()
        fill(place / "hog")
        with pytest.raises(WorkspaceFullError):
            await store.check()
        (place / "hog").unlink()
        await store.check()
        fill(place / ".auteur" / "hog")
        with pytest.raises(WorkspaceFullError):
            await store.check()
        assert files_in(place) == [".auteur/hog"]


async def test_a_read_only_workspace_is_said_by_every_door(tmp_path: Path) -> None:
    with small_file_system(tmp_path / "small", "2m") as place:
        store = WorkspaceArtifactStore(place)
        await made(store)
        make_read_only(place)
        for door in (
            store.check(),
            store.begin("film", "t-1", 1),
            store.begin("film", "t-2", 1),
            store.commit("film", "t-1", 1, [DRAFT]),
            store.receive("film", picture(), ".png"),
            store.receive("other", picture(), ".png"),
        ):
            with pytest.raises(WorkspaceReadOnlyError):
                await door
        make_writable(place)
        await store.check()
        assert files_in(place) == [f"film/t-1/1/a.png{DRAFT_SUFFIX}"]


async def test_a_file_where_a_project_should_be_is_said(store: WorkspaceArtifactStore, tmp_path: Path) -> None:
    (tmp_path / "film").write_text("no directory")
    for door in (store.begin("film", "t-1", 1), store.receive("film", picture(), ".png")):
        with pytest.raises(WorkspaceUnavailableError):
            await door
    assert files_in(tmp_path) == ["film"]


async def test_an_upload_that_is_given_up_leaves_nothing(store: WorkspaceArtifactStore, tmp_path: Path) -> None:
    begun, never = asyncio.Event(), asyncio.Event()

    async def chunks() -> AsyncIterator[bytes]:
        yield b"one"
        begun.set()
        await never.wait()

    receiving = asyncio.create_task(store.receive("film", chunks(), ".png"))
    await begun.wait()
    receiving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await receiving
    assert list(tmp_path.iterdir()) == []


async def test_a_look_does_not_wait_for_others_who_keep_every_thread_at_work(store: WorkspaceArtifactStore) -> None:
    finished = threading.Event()
    loop = asyncio.get_running_loop()
    at_work = [loop.run_in_executor(None, finished.wait) for _ in range(64)]
    try:
        async with awaited("the look", 20):
            await store.check()
        assert not any(work.done() for work in at_work)
    finally:
        finished.set()
        await asyncio.gather(*at_work)


async def test_many_may_look_at_a_time(store: WorkspaceArtifactStore) -> None:
    await asyncio.gather(*(store.check() for _ in range(200)))


async def test_the_same_content_by_name_lies_there_once_and_counts_as_written_now(
    store: WorkspaceArtifactStore, tmp_path: Path
) -> None:
    async def chunks(*data: bytes) -> AsyncIterator[bytes]:
        for chunk in data:
            yield chunk

    name = "6f0c5d5e-64a5-4d1b-9d5a-4f2b1c9e7a10"
    paths = await asyncio.gather(*(store.receive("film", chunks(b"pic", b"ture"), ".png", name=name) for _ in range(8)))
    assert set(paths) == {f"uploads/{name}.png"}
    (kept,) = files_in(tmp_path)
    assert (tmp_path / kept).read_bytes() == b"picture"
    os.utime(tmp_path / kept, (0, 0))
    assert await store.receive("film", chunks(b"picture"), ".png", name=name) == paths[0]
    assert (tmp_path / kept).stat().st_mtime > 0
    assert [files.kind async for files in store.stored()] == ["upload"]
