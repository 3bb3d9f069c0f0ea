"""`auteur mcp` as the process that an assistant starts: what it needs, what it says on which stream, how it ends."""

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.e2e.assistant import assistant, stubbed_away
from tests.e2e.studio import LONG, TINY, Service, environment
from tests.e2e.test_signing_in import OPERATOR, auteur
from tests.waiting import awaited

HELLO = {
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "by hand", "version": "1"},
    },
}


class Child:
    """The process, spoken to line by line."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.heard: list[dict[str, Any]] = []
        self._ids = 0

    async def write(self, line: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + b"\n")
        await self.process.stdin.drain()

    async def ask(self, said: dict[str, Any]) -> int:
        self._ids += 1
        await self.write(json.dumps({"jsonrpc": "2.0", "id": self._ids, **said}).encode())
        return self._ids

    async def answer(self, number: int) -> dict[str, Any]:
        assert self.process.stdout is not None
        async with awaited(f"answer {number}"):
            while True:
                for message in self.heard:
                    if message.get("id") == number:
                        return message
                line = await self.process.stdout.readline()
                assert line, "it ended"
                self.heard.append(json.loads(line))

    async def greet(self) -> None:
        answer = await self.answer(await self.ask(HELLO))
        assert answer["result"]["serverInfo"]["name"] == "auteur"
        await self.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}')

    async def ended(self) -> tuple[int, str]:
        """Exit code, and what it said beside; every line of its stdout was a message."""
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        async with awaited("it to end"):
            rest, beside = await asyncio.gather(self.process.stdout.read(), self.process.stderr.read())
            code = await self.process.wait()
        self.heard += [json.loads(line) for line in rest.splitlines()]
        assert all(message["jsonrpc"] == "2.0" for message in self.heard)
        return code, beside.decode()


@contextlib.asynccontextmanager
async def child(workspace: Path, *words: str, **settings: object) -> AsyncIterator[Child]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "auteur", "mcp", *words, env=environment(workspace, **settings), cwd=workspace,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        limit=16 << 20,
    )  # fmt: skip
    try:
        yield Child(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize(
    ("how", "code"), [("end of input", 0), ("interrupt", 130), ("terminate", 143)], ids=lambda how: str(how)
)
async def test_it_ends_at_once_also_while_it_waits_for_a_task(service: Service, how: str, code: int) -> None:
    async with child(service.workspace) as speaks, service.socket() as socket:
        await speaks.greet()
        task_id = await socket.start(LONG)
        given = {"project_id": "film", "task_id": task_id, "wait_s": 300}
        meta = {"progressToken": "p"}
        await speaks.ask({"method": "tools/call", "params": {"name": "watch_task", "arguments": given, "_meta": meta}})
        assert speaks.process.stdout is not None
        async with awaited("the wait to have begun"):
            while not any(message.get("method") == "notifications/progress" for message in speaks.heard):
                speaks.heard.append(json.loads(await speaks.process.stdout.readline()))
        if how == "end of input":
            assert speaks.process.stdin is not None
            speaks.process.stdin.close()
        else:
            speaks.process.send_signal(signal.SIGINT if how == "interrupt" else signal.SIGTERM)
        ended, beside = await speaks.ended()
        assert (ended, beside) == (code, "")
        async with service.http() as http:
            task = (await http.get(f"/api/v1/projects/film/tasks/{task_id}")).json()
            assert not task["cancel_requested"], "the task goes on"


async def test_what_is_no_message_is_passed_over(service: Service) -> None:
    """Garbage, a line without end, JSON without end: nothing of it is kept, and what follows is answered."""
    async with child(service.workspace) as speaks:
        await speaks.greet()
        for line in (b"", b"garbage", b"\xff\xfe", b"[]", b"{}", b'{"jsonrpc":"2.0","id":', b"[" * 100_000):
            await speaks.write(line)
        await speaks.write(b'{"jsonrpc":"2.0","id":77,"method":"tools/list","x":"' + b"x" * (8 << 20) + b'"}')
        answer = await speaks.answer(await speaks.ask({"method": "tools/list"}))
        assert len(answer["result"]["tools"]) == 8
        nan = b'{"jsonrpc":"2.0","id":88,"method":"tools/call","params":{"name":"submit_task","arguments":'
        nan += b'{"project_id":"film","task_type":"text_to_image","params":{"prompt":"x","lens_mm":NaN}}}}'
        await speaks.write(nan)
        answer = await speaks.answer(await speaks.ask({"method": "ping"}))
        assert answer["result"] == {}
        assert speaks.process.stdin is not None
        speaks.process.stdin.close()
        assert (await speaks.ended())[0] == 0
        assert 77 not in [message.get("id") for message in speaks.heard]
    async with service.http() as http:
        assert (await http.get("/api/v1/projects")).json()["projects"] == []


async def test_a_call_that_is_taken_back_ends_the_wait_alone(service: Service) -> None:
    async with child(service.workspace) as speaks, service.socket() as socket:
        await speaks.greet()
        task_id = await socket.start(LONG)
        given = {"project_id": "film", "task_id": task_id, "wait_s": 300}
        call = {"name": "watch_task", "arguments": given, "_meta": {"progressToken": 1}}
        number = await speaks.ask({"method": "tools/call", "params": call})
        assert speaks.process.stdout is not None
        async with awaited("the wait to have begun"):
            while not any(message.get("method") == "notifications/progress" for message in speaks.heard):
                speaks.heard.append(json.loads(await speaks.process.stdout.readline()))
        taken_back = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": number}}
        await speaks.write(json.dumps(taken_back).encode())
        show = {"name": "show_task", "arguments": {"project_id": "film", "task_id": task_id, "picture": False}}
        answer = await speaks.answer(await speaks.ask({"method": "tools/call", "params": show}))
        task = answer["result"]["structuredContent"]["task"]
        assert task["status"] == "running"
        assert "cancel_requested" not in task


# --- what it needs --------------------------------------------------------------------------------------------------


async def test_without_a_service_it_says_in_one_line_how_to_start_one(tmp_path: Path) -> None:
    code, out, err = await auteur(tmp_path, "mcp")
    assert (code, out, err.count("\n")) == (4, "", 1)
    assert "`auteur serve`" in err
    code, out, err = await auteur(tmp_path, "mcp", "--url", "http://127.0.0.1:9")
    assert (code, out, err) == (4, "", "auteur: No service answers at http://127.0.0.1:9.\n")


async def test_a_token_that_does_not_count_is_told_before_anything_else(tmp_path: Path) -> None:
    service = await Service(tmp_path, token=OPERATOR).start()
    try:
        (tmp_path / "wrong").write_text("aut_0123456789ab_" + "x" * 43)
        for words in ((), ("--token-file", "wrong")):
            code, out, err = await auteur(tmp_path, "mcp", "--url", service.url, *words)
            assert (code, out, err.count("\n")) == (3, "", 1)
            assert err.endswith("(UNAUTHENTICATED)\n")
            assert "xxx" not in err
        code, _, err = await auteur(tmp_path, "mcp", "--token-file", "nowhere")
        assert (code, err) == (2, "auteur: --token-file: the file cannot be read: no such file or directory\n")
        code, _, err = await auteur(tmp_path, "mcp", "--pictures", "nowhere")
        assert (code, err) == (2, "auteur: --pictures must name a folder\n")
    finally:
        await service.kill()


@pytest.mark.parametrize("words", [("mcp",), ("serve", "--port", "0")], ids=lambda words: words[0])
async def test_without_the_extra_one_line_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    stubbed_away(site)
    monkeypatch.setenv("STUDIO_SITE", str(site))
    code, out, err = await auteur(tmp_path, *words, mcp=True)
    what = "auteur mcp" if words[0] == "mcp" else "BACKEND_MCP"
    assert (code, out, err) == (2, "", f"auteur: {what} needs a package more: pip install 'auteur[mcp]'\n")


def test_nobody_else_pays_for_it() -> None:
    """Neither the command line nor a service without the door imports the protocol."""
    program = "import sys, auteur.entrypoints.cli, auteur.entrypoints.app; print({*sys.modules} & {'mcp', 'mcp_types'})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout == "set()\n"


# --- pictures -------------------------------------------------------------------------------------------------------


async def test_a_picture_is_brought_from_the_folder_that_was_opened_and_from_nowhere_else(
    service: Service, tmp_path_factory: pytest.TempPathFactory
) -> None:
    around = tmp_path_factory.mktemp("home")
    folder = around / "pictures"
    (folder / "ref").mkdir(parents=True)
    Image.new("RGB", (96, 64), (20, 60, 90)).save(folder / "ref" / "sea.png")
    Image.new("RGB", (8, 8)).save(around / "private.png")
    os.symlink(around / "private.png", folder / "link.png")
    (folder / "words.txt").write_text("no picture")
    async with assistant(service, words=("--pictures", str(folder))) as asks:
        brought = await asks.told("upload_picture", project_id="film", file="ref/sea.png")
        assert (brought["width_px"], brought["height_px"]) == (96, 64)
        assert (service.workspace / brought["path"]).read_bytes() == (folder / "ref" / "sea.png").read_bytes()
        source = {"source_image": brought["path"], "duration_s": 0.5, "fps": 12}
        film = await asks.made(source, task_type="image_to_video")
        assert film["status"] == "succeeded", film
        for file in ("../private.png", str(around / "private.png"), "link.png", "ref", "nothing.png", "a\0b"):
            error = await asks.refused("upload_picture", project_id="film", file=file)
            assert error["code"] == "RESOURCE_NOT_FOUND", file
            assert not re.search("home|private", json.dumps(error)), "and nothing of what lies elsewhere"
        error = await asks.refused("upload_picture", project_id="film", file="words.txt")
        assert error["code"] == "UNSUPPORTED_MEDIA_TYPE"
    async with assistant(service) as asks, service.socket() as socket:
        await socket.start(TINY)
        with pytest.raises(Exception, match="no tool"):
            await asks.call("upload_picture", project_id="film", file="ref/sea.png")
