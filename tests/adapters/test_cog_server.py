"""A model's server that auteur starts, with a small program in its place: how it is started, and that it ends."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from auteur.adapters.engines.cog.client import CogClient
from auteur.adapters.engines.cog.server import ModelServer
from auteur.adapters.engines.cog.settings import ModelSetting
from auteur.domain.errors import HandlerError
from tests.servers import free_port
from tests.waiting import LONG_S

PROGRAM = """
import http.server, json, os, pathlib, sys
pathlib.Path(os.environ["NOTES"]).write_text(json.dumps([sys.argv[1:], dict(os.environ), os.getpid(), os.getcwd()]))
if os.environ.get("ENDS"):
    sys.exit(1)

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        setup = {"started_at": str(os.getpid()), "logs": "no weights"}
        said = json.dumps({"status": os.environ["STATUS"], "setup": setup})
        self.send_response(200)
        self.end_headers()
        self.wfile.write(said.encode())

    def log_message(self, *said):
        print("asked")

http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Answer).serve_forever()
"""


class Started:
    def __init__(self, folder: Path, **environment: str) -> None:
        self.notes = folder / "notes.json"
        (folder / "program.py").write_text(PROGRAM)
        setting = ModelSetting.model_validate(
            {
                "url": f"http://127.0.0.1:{free_port()}",
                "start": {
                    "command": [sys.executable, "program.py", "a b", "$HOME"],
                    "folder": folder,
                    "environment": {
                        "NOTES": str(self.notes),
                        "STATUS": "READY",
                        "TOKEN": "a secret '\"$x",
                        **environment,
                    },
                },
            }
        )
        self.client = CogClient(setting.url, 1 << 20)
        self.server = ModelServer("paint", setting, self.client, 1.0, folder / "own")
        self.said: list[str] = []

    async def ready(self) -> None:
        async with asyncio.timeout(LONG_S):
            await self.server.ready(self.said.append)

    def noted(self) -> list[Any]:
        return list(json.loads(self.notes.read_text()))


@pytest.fixture
async def started(tmp_path: Path) -> AsyncIterator[Started]:
    one = Started(tmp_path)
    yield one
    await one.server.kill()
    await one.client.close()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # gone before it was looked at, or meanwhile
        return False


async def gone(pid: int) -> None:
    until = time.monotonic() + LONG_S
    while is_alive(pid):
        assert time.monotonic() < until, "it lives on"
        await asyncio.sleep(0.02)


async def test_it_is_started_where_and_as_it_was_said_and_its_secrets_are_in_no_list(started: Started) -> None:
    await started.ready()
    words, environment, pid, folder = started.noted()
    assert words == ["a b", "$HOME"]
    assert environment["TOKEN"] == "a secret '\"$x"
    assert environment["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)
    assert Path(folder) == started.notes.parent
    assert "starting the model" in started.said
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            assert b"a secret" not in process.read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
    await started.server.kill()
    await gone(pid)


async def test_one_that_was_killed_is_started_again(started: Started) -> None:
    await started.ready()
    first = started.noted()[2]
    os.kill(first, signal.SIGKILL)
    await gone(first)
    await started.ready()
    assert started.noted()[2] != first


async def test_one_that_ends_at_once_is_not_started_for_ever(tmp_path: Path) -> None:
    one = Started(tmp_path, ENDS="1")
    with pytest.raises(HandlerError, match="ends as soon as it is started"):
        await one.ready()
    await one.client.close()


async def test_one_that_cannot_be_set_up_says_why_and_is_ended(tmp_path: Path) -> None:
    one = Started(tmp_path, STATUS="SETUP_FAILED")
    with pytest.raises(HandlerError, match="could not be set up: no weights"):
        await one.ready()
    await gone(one.noted()[2])
    await one.client.close()


async def test_it_does_not_outlive_a_process_that_is_killed(tmp_path: Path) -> None:
    """A process of its own starts it and is killed: whoever holds the other end of its stdin is gone with it."""
    program = f"""
import asyncio, sys
from pathlib import Path
from tests.adapters.test_cog_server import Started
async def main():
    one = Started(Path({str(tmp_path)!r}))
    await one.ready()
    print("ready", flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""
    owner = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, cwd=Path(__file__).parents[2], stdout=asyncio.subprocess.PIPE
    )
    assert owner.stdout is not None
    async with asyncio.timeout(LONG_S):
        while b"ready" not in (line := await owner.stdout.readline()):
            assert line, "it did not start"
    pid = json.loads((tmp_path / "notes.json").read_text())[2]
    owner.kill()
    await owner.wait()
    await gone(pid)
