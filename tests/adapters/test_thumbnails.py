import asyncio
import errno
import io
import os
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from auteur.adapters.files import thumbnails
from auteur.adapters.files.workspace import WorkspaceArtifactStore
from auteur.domain.errors import ArtifactNotFoundError, UnreadableImageError
from auteur.domain.ports import DRAFT_SUFFIX, Draft
from tests.stills import COOL, WARM, halves, saved, turned


@pytest.fixture
def store(tmp_path: Path) -> WorkspaceArtifactStore:
    return WorkspaceArtifactStore(tmp_path)


async def kept(store: WorkspaceArtifactStore, **files: bytes) -> Path:
    """An attempt's directory with these results."""
    directory = await store.begin("film", "t-1", 1)
    for name, data in files.items():
        (directory / f"{name.replace('_', '.')}{DRAFT_SUFFIX}").write_bytes(data)
    drafts = [Draft(name=name.replace("_", "."), kind="image", media_type="image/png") for name in files]
    await store.commit("film", "t-1", 1, drafts)
    return directory


def large(width: int = 2000, height: int = 1000) -> bytes:
    return saved(halves("RGB", WARM, COOL, (width, height)), "PNG")


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    assert picture.format == "WEBP"
    return picture.convert("RGB")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often a thumbnail was really made: the widths."""
    widths: list[int] = []
    make = thumbnails._make

    async def counted(source: Path, kept: Path, step: int) -> bytes:
        widths.append(step)
        return await make(source, kept, step)

    monkeypatch.setattr(thumbnails, "_make", counted)
    return widths


@pytest.mark.parametrize(
    ("asked", "size"), [(1, (64, 32)), (64, (64, 32)), (65, (128, 64)), (1000, (1024, 512)), (9000, (1024, 512))]
)
async def test_its_width_is_of_a_small_ladder(store: WorkspaceArtifactStore, asked: int, size: tuple[int, int]) -> None:
    await kept(store, frame_png=large())
    assert opened(await store.thumbnail("film", "t-1/1/frame.png", asked)).size == size


@pytest.mark.parametrize(
    ("given", "size"),
    [((100, 50), (100, 50)), ((3000, 2), (256, 1)), ((100, 8000), (13, 1024)), ((1, 1), (1, 1))],
)
async def test_it_is_never_enlarged_nor_endless(
    store: WorkspaceArtifactStore, given: tuple[int, int], size: tuple[int, int]
) -> None:
    await kept(store, frame_png=large(*given))
    assert opened(await store.thumbnail("film", "t-1/1/frame.png", 256)).size == size


async def test_it_shows_what_the_picture_shows(store: WorkspaceArtifactStore) -> None:
    await kept(store, frame_jpg=turned("JPEG", 6))
    picture = opened(await store.thumbnail("film", "t-1/1/frame.jpg", 64))
    assert picture.size == (64, 40)
    for x, colour in ((10, WARM), (54, COOL)):
        seen = picture.getpixel((x, 20))
        assert isinstance(seen, tuple)
        assert max(abs(a - b) for a, b in zip(seen, colour, strict=True)) < 12


async def test_many_who_ask_at_once_have_it_made_once(store: WorkspaceArtifactStore, made: list[int]) -> None:
    directory = await kept(store, frame_png=large())
    answers = await asyncio.gather(*(store.thumbnail("film", "t-1/1/frame.png", 250 + i % 6) for i in range(50)))
    assert len(set(answers)) == 1
    assert await store.thumbnail("film", "t-1/1/frame.png", 256) == answers[0]
    assert await WorkspaceArtifactStore(directory.parents[2]).thumbnail("film", "t-1/1/frame.png", 256) == answers[0]
    assert made == [256]
    assert {path.name for path in directory.iterdir()} == {"frame.png", ".frame.png.256.webp"}


async def test_one_who_leaves_does_not_stop_it_for_the_others(store: WorkspaceArtifactStore, made: list[int]) -> None:
    await kept(store, frame_png=large())
    first, second = (asyncio.create_task(store.thumbnail("film", "t-1/1/frame.png", 64)) for _ in range(2))
    while not made:
        await asyncio.sleep(0)
    first.cancel()
    assert opened(await second).size == (64, 32)
    assert made == [64]


async def test_it_is_no_file_of_the_project(store: WorkspaceArtifactStore) -> None:
    await kept(store, frame_png=large())
    await store.thumbnail("film", "t-1/1/frame.png", 64)
    for path in ("t-1/1/.frame.png.64.webp",):
        with pytest.raises(ArtifactNotFoundError):
            await store.locate("film", path)
        with pytest.raises(ArtifactNotFoundError):
            await store.thumbnail("film", path, 64)


async def test_it_goes_with_the_attempt(store: WorkspaceArtifactStore, tmp_path: Path) -> None:
    await kept(store, frame_png=large())
    await store.thumbnail("film", "t-1/1/frame.png", 64)
    await store.discard("film", "t-1", 1)
    assert not (tmp_path / "film" / "t-1").exists()


async def test_one_made_while_the_attempt_goes_does_not_outlive_it(
    store: WorkspaceArtifactStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = await kept(store, frame_png=large())
    keep = thumbnails._keep

    def keep_late(data: bytes, kept: Path, made_of: os.stat_result) -> None:
        (directory / "frame.png").unlink()  # as removing a directory does first
        keep(data, kept, made_of)

    monkeypatch.setattr(thumbnails, "_keep", keep_late)
    assert opened(await store.thumbnail("film", "t-1/1/frame.png", 64)).size == (64, 32)
    assert not directory.exists()


async def test_another_picture_in_its_place_gets_another_thumbnail(store: WorkspaceArtifactStore) -> None:
    directory = await kept(store, frame_png=large())
    before = await store.thumbnail("film", "t-1/1/frame.png", 64)
    (directory / "frame.png").write_bytes(saved(Image.new("RGB", (64, 64), COOL), "PNG"))
    os.utime(directory / "frame.png", ns=(1, 1))
    after = await store.thumbnail("film", "t-1/1/frame.png", 64)
    assert (opened(before).size, opened(after).size) == ((64, 32), (64, 64))


@contextmanager
def read_only(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuses(*args: Any, **more: Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    with monkeypatch.context() as patched:  # no permission stops root, as whom tests often run
        patched.setattr(thumbnails, "open", refuses, raising=False)
        yield


@contextmanager
def full(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, before[1]))  # the kernel really refuses to write on
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("fault", [read_only, full])
async def test_where_it_cannot_be_kept_it_is_answered_all_the_same(
    store: WorkspaceArtifactStore, monkeypatch: pytest.MonkeyPatch, made: list[int], fault: Any
) -> None:
    directory = await kept(store, frame_png=large())
    with fault(directory, monkeypatch):
        answers = [await store.thumbnail("film", "t-1/1/frame.png", 64) for _ in range(2)]
        left = [path.name for path in directory.iterdir()]
    assert [opened(data).size for data in answers] == [(64, 32)] * 2
    assert made == [64, 64]
    assert left == ["frame.png"], "no half file is left"
    await store.thumbnail("film", "t-1/1/frame.png", 64)
    assert len(list(directory.iterdir())) == 2


async def test_a_name_too_long_to_stand_beside_is_answered_all_the_same(
    store: WorkspaceArtifactStore, tmp_path: Path
) -> None:
    name = "x" * 248 + ".png"
    directory = await store.begin("film", "t-1", 1)
    (directory / name).write_bytes(large())
    assert opened(await store.thumbnail("film", f"t-1/1/{name}", 64)).size == (64, 32)


async def test_a_video_shows_its_poster(store: WorkspaceArtifactStore) -> None:
    await kept(store, shot_mp4=b"moving", poster_jpg=saved(halves("RGB", WARM, COOL, (200, 100)), "JPEG"))
    assert opened(await store.thumbnail("film", "t-1/1/shot.mp4", 64)).size == (64, 32)


@pytest.mark.parametrize(("name", "data"), [("shot_mp4", b"moving"), ("notes_txt", b"words"), ("frame_png", b"")])
async def test_what_is_no_picture_has_none(store: WorkspaceArtifactStore, name: str, data: bytes) -> None:
    directory = await kept(store, **{name: data})
    with pytest.raises(UnreadableImageError):
        await store.thumbnail("film", f"t-1/1/{name.replace('_', '.')}", 64)
    assert len(list(directory.iterdir())) == 1


async def test_an_upload_has_one_too(store: WorkspaceArtifactStore) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield large()

    path = await store.receive("film", chunks(), ".png")
    assert opened(await store.thumbnail("film", path, 128)).size == (128, 64)
