"""Paths that lead elsewhere, and what lies in a workspace that is no file: links, pipes, sockets, devices, folders."""

import asyncio
import os
import socket
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from PIL import Image

from auteur.adapters.addresses import ListedHosts
from auteur.adapters.engines.inputs import find_file, find_picture, in_project
from auteur.adapters.files.disk import open_regular
from auteur.adapters.files.names import parts_of
from auteur.adapters.files.workspace import WorkspaceArtifactStore
from auteur.adapters.inputs.fetcher import UrlInputFetcher
from auteur.adapters.inputs.https import Address, FetchLimits, HttpsSource
from auteur.domain.errors import ArtifactNotFoundError, AuteurError, InvalidParamsError
from auteur.domain.ports import DRAFT_SUFFIX
from auteur.domain.task import TaskInput
from tests.stills import saved

UPLOAD = "3f2b8c1e-0000-4000-8000-000000000000.png"
TASK = "8d3b6c1e-6a0c-4a52-9a35-0d7b6e9e5f11"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace with two projects, and a secret beside it."""
    root = tmp_path / "workspace"
    for project in ("film", "other"):
        (root / project / "uploads").mkdir(parents=True)
        (root / project / "uploads" / UPLOAD).write_bytes(b"of " + project.encode())
    (tmp_path / "secret.png").write_bytes(b"secret")
    return root


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        here = os.open(path.parent, os.O_RDONLY)  # its path may be longer than a socket's address
        try:
            listening.bind(f"/proc/self/fd/{here}/{path.name}")
        finally:
            os.close(here)


def a_loop(path: Path) -> None:
    path.symlink_to(path.with_name(f"{path.name}.2"))
    path.with_name(f"{path.name}.2").symlink_to(path)


ODD: dict[str, Callable[[Path], None]] = {
    "a pipe": lambda path: os.mkfifo(path),
    "a socket": a_socket,
    "a folder": lambda path: path.mkdir(),
    "links in a circle": a_loop,
    "a link to itself": lambda path: path.symlink_to(path),
    "a link to nothing": lambda path: path.symlink_to("nothing"),
    "a link to another project": lambda path: path.symlink_to(path.parents[2] / "other" / "uploads" / UPLOAD),
    "a link out of the workspace": lambda path: path.symlink_to(path.parents[3] / "secret.png"),
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a link to a pipe": lambda path: (os.mkfifo(path.with_name("pipe")), path.symlink_to("pipe"))[1],
}


@pytest.mark.parametrize("what", ODD)
async def test_what_is_no_file_of_the_project_is_not_there(root: Path, what: str) -> None:
    store = WorkspaceArtifactStore(root)
    ODD[what](root / "film" / "uploads" / "x.png")
    for path in ("uploads/x.png", "uploads/x.png/y.png"):
        with pytest.raises(ArtifactNotFoundError):
            await store.find("film", path)
        with pytest.raises(ArtifactNotFoundError):
            await store.thumbnail("film", path, 64)
        with pytest.raises(InvalidParamsError) as refused:
            await find_picture(store, "film", "source_image", path)
        assert refused.value.details["problems"][0]["field"] == "source_image"
        with pytest.raises(InvalidParamsError):
            await find_file(store, "film", TaskInput("voice", kind="audio"), path)


async def test_a_folder_that_leads_elsewhere_is_not_the_projects(root: Path) -> None:
    store = WorkspaceArtifactStore(root)
    (root / "linked").symlink_to(root / "other")
    (root / "outside").mkdir()
    (root / "outside" / "uploads").symlink_to(root / "other" / "uploads")
    (root / "circle").symlink_to(root / "circle")
    for project in ("linked", "outside", "circle"):
        with pytest.raises(ArtifactNotFoundError):
            await store.find(project, f"uploads/{UPLOAD}")
    assert (await store.find("film", f"uploads/{UPLOAD}")).size_bytes == len(b"of film")


async def test_a_link_within_the_project_is_followed(root: Path) -> None:
    (root / "film" / "uploads" / "again.png").symlink_to(UPLOAD)
    assert (await WorkspaceArtifactStore(root).find("film", "uploads/again.png")).size_bytes == len(b"of film")


@pytest.mark.parametrize("what", ODD)
async def test_what_took_the_place_of_a_file_is_not_waited_for(root: Path, what: str) -> None:
    found = await WorkspaceArtifactStore(root).find("film", f"uploads/{UPLOAD}")
    path = root / "film" / "uploads" / UPLOAD
    path.unlink()
    ODD[what](path)
    with pytest.raises(OSError):
        open_regular(path)
    with pytest.raises(AuteurError):
        await found.open(0, 7)


PATHS = st.lists(
    st.sampled_from(["..", ".", "", "film", "other", "uploads", UPLOAD, "/", "\\", "~", "%2e%2e", "\0", "\n"])
    | st.text(max_size=6),
    max_size=6,
).map("/".join)


def test_no_path_whatever_leads_out_of_the_project(tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    for project in ("film", "other"):
        (root / project / "uploads").mkdir(parents=True)
        (root / project / "uploads" / UPLOAD).write_bytes(b"x")
    store = WorkspaceArtifactStore(root)
    store_root = (root / "film").resolve()

    @settings(max_examples=300)
    @given(PATHS)
    def try_any(path: str) -> None:
        for said in (
            path,
            f"/api/v1/projects/film/artifacts/{path}",
            f"https://x/api/v1/projects/other/artifacts/{path}",
        ):
            try:
                meant = in_project(said, "film", "source_image")
            except InvalidParamsError:
                continue
            try:
                found = asyncio.run(store.locate("film", meant))
            except ArtifactNotFoundError:
                continue
            assert found.is_relative_to(store_root)

    try_any()


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "a//b",
        "a/",
        "/a",
        "./a",
        "a/.",
        "a/../b",
        "a/.b",
        "a\\b",
        "a\0b",
        "a\nb",
        "a\x7f",
        "\ud800",
        "y" * 256,
        "é" * 128,
        "a/" * 600 + "b",
        f"a{DRAFT_SUFFIX}",
    ],
    ids=lambda path: ascii(path[:12]),
)
def test_a_path_is_as_the_service_writes_it(path: str) -> None:
    with pytest.raises(ArtifactNotFoundError):
        parts_of("film", path)


@pytest.mark.parametrize(
    "reference",
    [
        "https://[::1/x.png",
        "http://[v1.x]/x.png",
        "//[",
        "http://a:99999999/x",
        "file:///etc/passwd",
        "film/../other/uploads/x.png",
        "/api/v1/projects/other/artifacts/uploads/x.png",
        "/api/v1/projects/fi\nlm/artifacts/uploads/x.png",
        "uploads/x\0.png",
        "/api/v1/projects/film/artifacts/..%2f..%2fother/uploads/x.png",
        "https://h/%ff%fe/api/v1/projects/film/artifacts/%00",
        "\ud800",
        "uploads/" + "x" * 5000,
        "other/uploads/x.png",
        "../other/uploads/x.png",
        "/etc/passwd",
        "\\\\host\\share",
    ],
    ids=lambda reference: ascii(reference[:40]),
)
async def test_an_input_is_a_file_of_the_project_or_refused_by_name(root: Path, reference: str) -> None:
    with pytest.raises(InvalidParamsError) as refused:
        await find_picture(WorkspaceArtifactStore(root), "film", "source_image", reference)
    (problem,) = refused.value.details["problems"]
    assert problem["field"] == "source_image"
    assert "etc" not in problem["message"]


# --- looking through a workspace -----------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ODD)
async def test_a_description_that_is_no_file_is_told_and_not_waited_for(root: Path, what: str) -> None:
    attempt = root / "film" / TASK / "1"
    attempt.mkdir(parents=True)
    ODD[what](attempt / "take.json")
    told = [described async for described in WorkspaceArtifactStore(root).described()]
    assert [described.path for described in told] == [f"film/{TASK}/1/take.json"]
    assert told[0].task is None
    assert told[0].problem.startswith("it cannot be read")
    assert str(root) not in told[0].problem


async def test_links_to_folders_are_not_looked_through(root: Path) -> None:
    attempt = root / "film" / TASK / "1"
    attempt.mkdir(parents=True)
    (attempt / "take.json").write_text("{}")
    (root / "linked").symlink_to(root / "film")
    (root / "film" / TASK / "2").symlink_to(attempt)
    (root / "film" / "5d3b6c1e-6a0c-4a52-9a35-0d7b6e9e5f11").symlink_to(root)  # and round again
    store = WorkspaceArtifactStore(root)
    assert [described.path async for described in store.described()] == [f"film/{TASK}/1/take.json"]
    kept = [files.path async for files in store.stored() if files.kind == "attempt"]
    assert kept == [f"film/{TASK}/1"]


async def test_whatever_lies_in_a_workspace_it_is_looked_through(root: Path) -> None:
    attempt = root / "film" / TASK / "1"
    attempt.mkdir(parents=True)
    for place in (root, root / "film", root / "film" / "uploads", attempt):
        for number, lay in enumerate(ODD.values()):
            if "parents" not in lay.__code__.co_names:
                lay(place / f"odd-{number}{DRAFT_SUFFIX}")
        for name in (b"\xff\xfe" + DRAFT_SUFFIX.encode(), b"\x1b[2J\n", b"y" * 250):
            Path(os.fsdecode(os.path.join(os.fsencode(place), name))).write_bytes(b"x")
    store = WorkspaceArtifactStore(root)
    found = [files async for files in store.stored()]
    assert {"attempt", "upload", "draft"} == {files.kind for files in found}
    for files in found:
        if files.kind == "draft":
            await store.erase(files)
    left = [files.kind async for files in store.stored()]
    assert "draft" not in left


# --- urls ----------------------------------------------------------------------------------------------------------


async def nowhere(host: str, port: int) -> Sequence[Address]:
    raise OSError("no such host")


URLS = st.lists(
    st.sampled_from(
        [
            "https:",
            "data:",
            "//",
            "/",
            "@",
            ":",
            "[",
            "]",
            "%",
            "?",
            "#",
            ".",
            "xn--",
            "image/png",
            ";base64,",
            ",",
            "99999",
        ]
    )
    | st.text(max_size=4),
    max_size=8,
).map("".join)


def test_no_url_whatever_brings_anything_but_a_refusal_by_name(tmp_path: Path) -> None:
    source = HttpsSource(FetchLimits(max_bytes=1000), ssl.create_default_context, listed=ListedHosts(), resolve=nowhere)
    fetcher = UrlInputFetcher(WorkspaceArtifactStore(tmp_path), source, max_bytes=1000)

    @settings(max_examples=400)
    @given(st.sampled_from(["https:", "HTTPS://", "data:", "https://a"]), URLS)
    def try_any(begin: str, rest: str) -> None:
        with pytest.raises(InvalidParamsError) as refused:
            asyncio.run(fetcher.fetch("film", "source_image", begin + rest, "image"))
        assert refused.value.details["problems"][0]["field"] == "source_image"

    try_any()


async def test_a_thumbnail_that_is_no_file_is_made_anew(root: Path) -> None:
    store = WorkspaceArtifactStore(root)
    path = root / "film" / "uploads" / "seen.png"
    path.write_bytes(saved(Image.new("RGB", (80, 60)), "PNG"))
    kept = path.with_name(".seen.png.64.webp")
    kept.symlink_to(root.parent / "secret.png")
    os.utime(root.parent / "secret.png", ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    assert (await store.thumbnail("film", "uploads/seen.png", 64)).startswith(b"RIFF")
