"""The programs in docs/clients.md run as they stand."""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

import opentimelineio as otio

from tests.e2e.studio import HOME, Service
from tests.waiting import awaited

PAGE = (HOME / "docs" / "clients.md").read_text().partition("## Python")[2]


def program(number: int, service: Service) -> str:
    return re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[number].replace("http://127.0.0.1:8000", service.url)


async def begun(text: str, cwd: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", text, cwd=cwd, env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def test_the_first_program_makes_a_frame(service: Service, tmp_path: Path) -> None:
    process = await begun(program(0, service), tmp_path)
    async with awaited("the frame"):
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert out.decode().splitlines()[-1] == "lighthouse.png"
    assert (tmp_path / "lighthouse.png").read_bytes().startswith(b"\x89PNG")


async def test_the_second_program_follows_a_project(service: Service, tmp_path: Path) -> None:
    process = await begun(program(1, service), tmp_path)
    assert process.stdout is not None
    async with awaited("what it tells"):
        assert await process.stdout.readline() == b"begin anew from 0 tasks \n"
        async with service.socket() as socket:
            task = await socket.start()
        told = (await process.stdout.readline()).decode().split()
        assert told[:2] == ["task_started", task]
        process.send_signal(signal.SIGINT)
        await process.communicate()
    assert process.returncode != 0


async def test_the_third_program_has_a_film_made_and_handed_over(service: Service, tmp_path: Path) -> None:
    process = await begun(program(2, service), tmp_path)
    async with awaited("the hand-over"):
        out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    files = ("animatic.mp4", "poster.jpg", "cut.otio", "cut.edl", "cut.fcpxml")
    assert out.decode().splitlines() == ["takes of 1-1, 2-1", *(f"handed/{name}" for name in files)]
    first, second = otio.adapters.read_from_file(str(tmp_path / "handed" / "cut.otio")).find_clips()
    assert (first.name, first.duration().to_frames(), second.name) == ("1-1", 36, "2-1")


def test_every_door_of_the_client_is_on_the_page() -> None:
    from auteur.client import AsyncAuteur

    doors = {name for name in vars(AsyncAuteur) if not name.startswith("_")} - {"close", "url"}
    assert doors <= set(re.findall(r"\b[a-z_]+\b", PAGE))
