"""The model of `cog_model/` as a real Cog serves it, what it wrote down of its runs, and a proxy that loses answers."""

import asyncio
import contextlib
import json
import os
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any, Self

import httpx
from aiohttp import web

from tests.servers import free_port

MODEL = Path(__file__).parent / "cog_model"


def start_setting(python: Path, runs: Path, **environment: str) -> dict[str, Any]:
    """How auteur is told to start the model itself."""
    return {
        "command": [str(python), "-m", "cog.server.http", "--host", "127.0.0.1"],
        "folder": str(MODEL),
        "environment": {
            "COG_PREDICT_TYPE_STUB": "predict.py:Predictor",
            "STUDIO_RUNS": str(runs),
            "PYTHONDONTWRITEBYTECODE": "1",
            **environment,
        },
    }


class Runs:
    """What the predictor wrote down, by the prompt that a run was asked for with."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.touch()

    def _lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.path.read_text().splitlines()]

    def begun(self) -> Counter[str]:
        """How often each was begun."""
        return Counter(line["began"] for line in self._lines() if "began" in line)

    def worker_of(self, prompt: str) -> int | None:
        """The process that runs it, None while none does."""
        return next((line["pid"] for line in self._lines() if line.get("began") == prompt), None)

    def digests(self) -> dict[str, str]:
        """What each made last."""
        return {line["made"]: line["sha256"] for line in self._lines() if "made" in line}


def kill_worker(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def kill_server(pid: int) -> None:
    """The server whose worker this is: coglet and older releases alike have one child that predicts."""
    parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    assert "cog" in Path(f"/proc/{parent}/cmdline").read_text()
    os.kill(parent, signal.SIGKILL)


class CogServer:
    """One that auteur did not start. `kill`, and `start` again: the port stays."""

    def __init__(self, python: Path, runs: Path, output: Path, **environment: str) -> None:
        self._setting = start_setting(python, runs, **environment)
        self._output = output
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> Self:
        setting = self._setting
        path = f"{Path(setting['command'][0]).parent}{os.pathsep}{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "PORT": str(self.port), **setting["environment"]}
        with self._output.open("ab") as output:
            self.process = await asyncio.create_subprocess_exec(
                *setting["command"], cwd=MODEL, env=environment, stdout=output, stderr=output, start_new_session=True
            )
        until = time.monotonic() + 60
        async with httpx.AsyncClient(trust_env=False) as http:
            while True:
                with contextlib.suppress(httpx.TransportError):
                    if (await http.get(f"{self.url}/health-check")).json()["status"] == "READY":
                        return self
                assert self.process.returncode is None, self._output.read_text()
                assert time.monotonic() < until, self._output.read_text()
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *exc: object) -> None:
        await self.kill()


class LosingProxy:
    """Passes requests on; the answers of the first ``loses`` that begin a prediction reach nobody."""

    def __init__(self, url: str, loses: int) -> None:
        self._to = url
        self.loses = loses
        self.lost = 0
        app = web.Application(client_max_size=1 << 28)
        app.router.add_route("*", "/{path:.*}", self._pass)
        self._runner = web.AppRunner(app, access_log=None)
        self.url = ""

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._http = httpx.AsyncClient(base_url=self._to, trust_env=False, timeout=60)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._http.aclose()
        await self._runner.cleanup()

    async def _pass(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = {k: v for k, v in request.headers.items() if k in ("Content-Type", "Prefer", "Accept")}
        answer = await self._http.request(request.method, request.path, content=body, headers=headers)
        if (
            request.method == "PUT"
            and answer.status_code == 202
            and json.loads(body)["input"]
            and self.lost < self.loses
        ):
            self.lost += 1
            assert request.transport is not None
            request.transport.abort()
        return web.Response(
            status=answer.status_code, body=answer.content, headers={"Content-Type": "application/json"}
        )
