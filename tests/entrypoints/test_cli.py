"""The command line as a person types it."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import av
import httpx
import pytest
from PIL import Image

from tests.e2e.studio import Service, environment
from tests.places import fill, small_file_system
from tests.waiting import LONG_S
from tests.warm import command_line


async def auteur(workspace: Path, *words: str, **settings: object) -> tuple[int, str, str]:
    process = await command_line(
        "auteur.entrypoints.cli",
        *words,
        env=environment(workspace, **settings),
        cwd=workspace,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert "Traceback" not in err.decode()
    return process.returncode or 0, out.decode(), err.decode()


SMALL = ("--param", "width=64", "--param", "height=96", "--param", "steps=2")


async def test_a_frame_and_a_shot_are_made_with_no_service(tmp_path: Path) -> None:
    code, out, err = await auteur(
        tmp_path, "generate", "wide shot of a lighthouse at dusk", "--quality", "draft", *SMALL
    )
    assert code == 0, err
    with Image.open(out.strip()) as picture:
        assert picture.size == (64, 96)
    assert Path(out.strip()).is_relative_to(tmp_path)
    assert re.fullmatch(r"image/png, 64 x 96, .* seed \d+\n", err), "who reads a log sees no bar and no empty line"
    code, out, err = await auteur(
        tmp_path, "generate", "--image", out.strip(), "-q", "draft", "--param", "duration_s=0.5", "-o", "shot.mp4"
    )
    assert (code, out.strip()) == (0, "shot.mp4"), err
    with av.open(str(tmp_path / "shot.mp4")) as container:
        assert container.streams.video[0].frames == 12


async def test_what_is_fetched_from_elsewhere_takes_no_other_files_place(tmp_path: Path) -> None:
    for place in ("studio", "here"):
        (tmp_path / place).mkdir()
    service = await Service(tmp_path / "studio").start()
    try:
        for name in ("frame.png", "frame-2.png"):
            code, out, err = await auteur(
                tmp_path / "here", "generate", "a field", "-q", "draft", *SMALL, "--server", service.url
            )
            assert (code, out.strip()) == (0, name), err
    finally:
        await service.kill()
    one, two = (Path(tmp_path, "here", name).read_bytes() for name in ("frame.png", "frame-2.png"))
    assert one != two, "each has a seed of its own"


async def test_a_take_is_promoted_with_a_service_and_with_none(tmp_path: Path) -> None:
    presets = '{"draft": {"steps": 1, "resolution": "64x64"}, "high": {"steps": 2, "resolution": "128x128"}}'
    small = {"quality_presets": presets, "default_quality": "draft"}
    code, out, err = await auteur(tmp_path, "generate", "a man on a pier", **small)
    assert code == 0, err
    take = Path(out.strip()).parents[1].name
    code, out, err = await auteur(tmp_path, "promote", take, "-o", "high.png", **small)
    assert (code, out.strip()) == (0, "high.png"), err
    with Image.open(tmp_path / "high.png") as picture:
        assert picture.size == (128, 128)
    service = await Service(tmp_path, **small).start()
    try:
        code, out, err = await auteur(tmp_path, "promote", take, "-q", "draft", "--param", "lens_mm=85", **small)
        assert code == 0, err
        async with httpx.AsyncClient(base_url=f"{service.url}/api/v1/projects/default/tasks") as tasks:
            lineage = (await tasks.get(f"/{take}/lineage")).json()["tasks"]
        assert [one["quality"] for one in lineage] == ["draft", "high", "draft"]
        assert len({one["seed"] for one in lineage}) == 1
        code, _, err = await auteur(tmp_path, "promote", "nobody", **small)
        assert (code, "has no task 'nobody'" in err) == (3, True), err
    finally:
        await service.kill()


async def test_a_running_service_of_the_workspace_is_used(tmp_path: Path) -> None:
    service = await Service(tmp_path).start()
    try:
        picture = tmp_path / "elsewhere.png"
        Image.new("RGB", (80, 60)).save(picture)
        code, out, err = await auteur(
            tmp_path, "generate", "--image", str(picture), "-q", "draft", "--param", "duration_s=0.5"
        )
        assert code == 0, err
        assert Path(out.strip()).suffix == ".mp4"
        tasks = await service.events("default")
        assert tasks[-1]["type"] == "complete"
        code, out, _ = await auteur(tmp_path, "doctor")
        assert code == 0
        assert service.url in out
    finally:
        await service.kill()


async def test_watching_tells_what_happens(tmp_path: Path) -> None:
    service = await Service(tmp_path).start()
    try:
        watcher = await command_line(
            "auteur.entrypoints.cli", "watch", "film",
            env=environment(tmp_path), cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert watcher.stdout is not None
        assert b"connected: 0 of 0" in await watcher.stdout.readline()
        async with service.socket() as socket:
            await socket.ending(await socket.start())
        told = ""
        async with asyncio.timeout(LONG_S):
            while "complete" not in told:
                told += (await watcher.stdout.readline()).decode()
        assert "queued   text_to_image draft, place 1" in told
        watcher.send_signal(signal.SIGINT)
        await watcher.communicate()
        assert watcher.returncode == 130
    finally:
        await service.kill()


async def test_interrupting_cancels_the_task_where_that_was_asked_for(tmp_path: Path) -> None:
    service = await Service(tmp_path).start()
    try:
        process = await command_line(
            "auteur.entrypoints.cli", "generate", "a forest", "--param=steps=200", "-pfilm",
            "--cancel-on-interrupt",
            env=environment(tmp_path), cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        async with service.socket() as socket:
            begun = await socket.wait(lambda m: m["type"] == "progress" and m["progress"] > 0)
            process.send_signal(signal.SIGINT)
            assert (await socket.ending(begun["task_id"]))["error_code"] == "TASK_CANCELLED"
        await process.communicate()
        assert process.returncode == 130
    finally:
        await service.kill()


@pytest.mark.parametrize(
    ("words", "settings", "code", "said"),
    [
        (("serve",), {"port": "hunter2"}, 2, "BACKEND_PORT: Input should be a valid integer"),
        (("doctor",), {"redis_url": "http://:hunter2@x"}, 2, "BACKEND_REDIS_URL: must be an address like redis://"),
        (("generate", "x", "-q", "lo"), {}, 3, "Unknown quality 'lo'; known: draft, standard, high, ultra."),
        (("generate", "x", "--type", "smell"), {}, 3, "Unknown task type"),
        (("generate", "--image", "no.png"), {}, 3, "there is no such artifact"),
        (("generate", "x", "--server", "http://127.0.0.1:9"), {}, 4, "No service answers at http://127.0.0.1:9."),
        (("watch",), {}, 4, "No service runs on this workspace"),
        (("serve", "--host", "203.0.113.9"), {}, 1, "Cannot listen on 203.0.113.9:8000"),
        (("serve", "--host", "2001:db8::9"), {}, 1, "Cannot listen on [2001:db8::9]:8000"),
        (("serve", "--host", "nowhere.invalid"), {}, 1, "Cannot listen on nowhere.invalid:8000"),
        (("serve",), {"workspace_root": "/dev/null/x"}, 1, "/dev/null/x/.auteur: Not a directory"),
        (("serve",), {"workspace_root": "/" + "hunter2" * 50}, 2, "BACKEND_WORKSPACE_ROOT: the path is too long"),
        (("serve",), {"allowed_hosts": "hunter2:x"}, 2, "BACKEND_ALLOWED_HOSTS: a port is a number"),
        (("serve",), {"root_path": "hunter2"}, 2, "BACKEND_ROOT_PATH: must be a path like /studio"),
    ],
)
async def test_what_cannot_be_done_is_one_readable_line(
    tmp_path: Path, words: tuple[str, ...], settings: dict[str, str], code: int, said: str
) -> None:
    found, _, err = await auteur(tmp_path, *words, **settings)
    assert found == code, err
    assert said in err
    assert "hunter2" not in err
    assert len(err.strip().splitlines()) == 1, err


async def test_a_workspace_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, _, err = await auteur(tmp_path, "generate", "x", workspace_root=tmp_path / "file" / "ws")
    assert code == 1
    assert len(err.strip().splitlines()) == 1, err
    assert os.path.exists(tmp_path / "file")


async def test_serving_says_whether_engines_give_way(tmp_path: Path) -> None:
    for priority, said in (("low", 1), ("normal", 0)):
        service = await Service(tmp_path, engine_priority=priority).start(until="/health/live")
        await service.kill()
        assert service.log.count("engines let other programs go first; BACKEND_ENGINE_PRIORITY=normal") == said


async def test_a_name_in_the_file_that_is_no_setting_is_told_with_the_nearest(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BACKEND_DEFAULT_QUALTIY=hunter2\n")
    code, out, err = await auteur(tmp_path, "generate", "a field", *SMALL, "-q", "draft")
    assert code == 0, err
    assert "BACKEND_DEFAULT_QUALTIY in .env is no setting and is ignored; did you mean BACKEND_DEFAULT_QUALITY?" in err
    assert "hunter2" not in err + out
    _, out, _ = await auteur(tmp_path, "doctor", columns="200")
    assert "BACKEND_DEFAULT_QUALTIY in .env" in out


async def test_a_file_of_settings_in_another_encoding_is_one_readable_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BACKEND_APP_NAME=hunter2\n", encoding="utf-16")
    code, _, err = await auteur(tmp_path, "serve")
    assert (code, err.strip()) == (2, f"auteur: {tmp_path / '.env'} is not UTF-8 text; save it as UTF-8")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who may not read the file")
async def test_a_file_of_settings_that_may_not_be_read_is_one_readable_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BACKEND_APP_NAME=hunter2\n")
    (tmp_path / ".env").chmod(0o600)
    become = f"import os, sys; sys.argv = ['auteur', 'doctor']; os.chdir({str(tmp_path)!r})"
    # what it imports only where that is needed is in a folder that not everybody may read
    run = (
        "import auteur.entrypoints.server, auteur.entrypoints.cli.diagnosing, concurrent.futures.thread, logging.config"
    )
    run += "; from auteur.entrypoints.cli import main; os.setegid(65534); os.seteuid(65534); main()"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", f"{become}; {run}",
        env=environment(tmp_path), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, err = await process.communicate()
    assert process.returncode == 2, err
    assert b"cannot be read: permission denied" in err
    assert b"hunter2" not in err
    assert len(err.strip().splitlines()) == 1


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A file system without room."""
    with small_file_system(tmp_path / "full", "64k") as place:
        fill(place / "hog")
        yield place


async def test_the_result_is_put_where_it_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "old.png").write_bytes(b"old")
    (tmp_path / "link.png").symlink_to("old.png")
    for asked, told in (
        ("there", "there/frame.png"),
        ("there/", "there/frame.png"),
        ("new.png", "new.png"),
        ("link.png", "link.png"),
    ):
        code, out, err = await auteur(tmp_path, "generate", "a field", *SMALL, "-q", "draft", "-o", asked)
        assert (code, out.strip()) == (0, told), err
        with Image.open(tmp_path / told) as picture:
            assert picture.size == (64, 96)
    controls = ("--param", 'control=["depth", "set"]')
    code, out, err = await auteur(tmp_path, "generate", "a field", *SMALL, "-q", "draft", *controls, "-o", "there")
    assert (code, out.strip()) == (0, "there/frame.png"), err
    names = {path.name for path in (tmp_path / "there").iterdir()}
    assert names == {"frame.png", "control-depth.png", "control-depth16.png", "control-set.glb"}, (
        "all that were asked for"
    )
    assert (tmp_path / "link.png").is_symlink(), "what it points to was written"
    assert (tmp_path / "old.png").read_bytes().startswith(b"\x89PNG")
    assert list(tmp_path.rglob("*.partial")) == []


@pytest.mark.parametrize("with_service", [False, True], ids=["embedded", "a service"])
async def test_a_result_that_cannot_be_put_there_is_one_line_before_the_work(
    tmp_path: Path, full: Path, with_service: bool
) -> None:
    (tmp_path / "there" / "frame.png").mkdir(parents=True)
    (tmp_path / "file").write_text("")
    (tmp_path / "circle").symlink_to("circle")
    (full / "kept.png").write_bytes(b"")
    service = await Service(tmp_path).start() if with_service else None
    try:
        places = [
            ("nowhere/x.png", "there is no directory"),
            ("nowhere/", "there is no such directory"),
            ("file/x.png", "there is no directory"),
            ("circle", "it is no place for a file"),
            ("x" * 300, "file name too long"),
            (str(full / "x.png"), "no space left on device"),
            (str(full), "no space left on device"),
            (str(full / "kept.png"), "no space left on device"),
        ]
        # where the work is done makes no difference to where its result is put: a place of each kind is enough there
        for place, said in places[::3] if with_service else places:
            code, out, err = await auteur(tmp_path, "generate", "a field", *SMALL, "-q", "draft", "-o", place)
            assert (code, out) == (1, ""), (place, err)
            assert err.startswith("auteur: Cannot write"), err
            assert said in err.lower()
            assert len(err.strip().splitlines()) == 1, err
        assert not (tmp_path / "workspace" / "default").exists()
        assert not (tmp_path / "default").exists(), "nothing was asked for"
        # what can only be found afterwards is one line too
        for place in ("/dev/full", "there"):
            code, out, err = await auteur(tmp_path, "generate", "a field", *SMALL, "-q", "draft", "-o", place)
            assert (code, out) == (1, ""), err
            assert err.strip().splitlines()[-1].startswith(f"auteur: Cannot write {place}"), err
        assert Path("/dev/full").is_char_device(), "the device is still one"
    finally:
        if service is not None:
            await service.kill()
    assert sorted(path.name for path in full.iterdir()) == ["hog", "kept.png"]


async def test_a_result_for_which_the_room_runs_out_leaves_the_old_file_as_it_was(tmp_path: Path) -> None:
    with small_file_system(tmp_path / "small", "64k") as place:
        (place / "kept.png").write_bytes(b"old")
        code, _, err = await auteur(
            tmp_path, "generate", "a crowd in a city at night, rain", "-q", "draft", "-o", str(place / "kept.png")
        )
        assert code == 1
        assert "no space left on device" in err.strip().splitlines()[-1]
        assert (place / "kept.png").read_bytes() == b"old"
        assert [path.name for path in place.iterdir()] == ["kept.png"]


@pytest.mark.parametrize("host", ["::1", "[::1]", "::", "127.0.0.2"])
async def test_every_spelling_of_an_address_is_served(tmp_path: Path, host: str) -> None:
    service = await Service(tmp_path, host=host, allow_anonymous=True).start()
    try:
        where = {"::": "[::1]", "::1": "[::1]"}.get(host, host)
        port = service.url.rpartition(":")[2]
        assert service.url == f"http://{where}:{port}"
        assert json.loads((tmp_path / ".auteur" / "service.json").read_text())["url"] == service.url
        code, _, err = await auteur(tmp_path, "generate", "a field", *SMALL, "-q", "draft")
        assert code == 0, err
        assert [event["type"] for event in await service.events("default")][-1] == "complete"
        async with service.socket(origin=service.url) as socket:  # as the built-in page does
            await socket.wait(lambda message: message["type"] == "connected")
        if host == "::":
            async with httpx.AsyncClient() as http:
                assert (await http.get(f"http://127.0.0.1:{port}/health/live")).status_code == 200
        else:
            async with service.http() as http:
                assert (await http.get("/health/live", headers={"Host": f"[2001:db8::1]:{port}"})).status_code == 421
    finally:
        await service.kill()


async def test_a_picture_is_brought_into_a_project_or_nowhere(tmp_path: Path) -> None:
    workspace, picture = tmp_path / "deep" / "workspace", tmp_path / "still.png"
    workspace.mkdir(parents=True)
    Image.new("RGB", (64, 64)).save(picture)
    code, _, err = await auteur(workspace, "generate", *SMALL, "-i", str(picture), "-q", "draft", "-p", "../outside")
    assert (code, err.count("\n")) == (3, 1), err
    assert err.startswith("auteur: "), err
    assert not (tmp_path / "deep" / "outside").exists()
    code, _, err = await auteur(workspace, "generate", "a field", *SMALL, "-q", "draft", "-p", "gone")
    assert code == 0, err
    assert (await auteur(workspace, "delete-project", "gone", "--yes"))[0] == 0
    code, _, err = await auteur(workspace, "generate", *SMALL, "-i", str(picture), "-q", "draft", "-p", "gone")
    assert (code, "was deleted" in err) == (3, True), err
    assert not (workspace / "gone").exists()
