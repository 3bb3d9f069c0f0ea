import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from auteur.adapters.files.workspace import WorkspaceArtifactStore
from auteur.domain.errors import ArtifactNotFoundError, UnavailableError
from auteur.domain.ports import DRAFT_SUFFIX, Draft

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
