"""The command line as a person types it."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import av
import pytest
from PIL import Image

from tests.e2e.studio import Service, environment


async def auteur(workspace: Path, *words: str, **settings: object) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
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
    code, out, err = await auteur(
        tmp_path, "generate", "--image", out.strip(), "-q", "draft", "--param", "duration_s=0.5", "-o", "shot.mp4"
    )
    assert (code, out.strip()) == (0, "shot.mp4"), err
    with av.open(str(tmp_path / "shot.mp4")) as container:
        assert container.streams.video[0].frames == 12


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
        watcher = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "auteur.entrypoints.cli", "watch", "film",
            env=environment(tmp_path), cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert watcher.stdout is not None
        assert b"connected: 0 of 0" in await watcher.stdout.readline()
        async with service.socket() as socket:
            await socket.ending(await socket.start())
        told = ""
        async with asyncio.timeout(10):
            while "complete" not in told:
                told += (await watcher.stdout.readline()).decode()
        assert "queued   text_to_image draft, place 1" in told
        watcher.send_signal(signal.SIGINT)
        await watcher.communicate()
        assert watcher.returncode == 130
    finally:
        await service.kill()


async def test_interrupting_cancels_the_task(tmp_path: Path) -> None:
    service = await Service(tmp_path).start()
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "auteur.entrypoints.cli", "generate", "a forest", "--param=steps=200", "-pfilm",
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
        (("generate", "x", "-q", "lo"), {}, 1, "Unknown quality 'lo'; known: draft, standard, high, ultra."),
        (("generate", "x", "--type", "smell"), {}, 1, "Unknown task type"),
        (("generate", "--image", "no.png"), {}, 1, "there is no such artifact"),
        (("generate", "x", "--server", "http://127.0.0.1:9"), {}, 1, "No service answers at http://127.0.0.1:9."),
        (("watch",), {}, 1, "No service runs on this workspace"),
        (("serve", "--host", "203.0.113.9"), {}, 1, "Cannot listen on 203.0.113.9:8000"),
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
    for settings, said in (({}, 1), ({"engine_priority": "normal"}, 0)):
        service = await Service(tmp_path, **settings).start(until="/health/live")
        await service.kill()
        assert service.log.count("engines give way to all other programs; BACKEND_ENGINE_PRIORITY=normal") == said
