"""A real service in a process of its own, and a client that writes down what it hears."""

import asyncio
import contextlib
import json
import os
import re
import signal
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from tests.processor import freeze
from tests.waiting import LONG_S, awaited
from tests.warm import Process, command_line

TINY = {"prompt": "a field", "width_px": 64, "height_px": 64, "steps": 1, "seed": 1}
LONG = {"prompt": "a forest", "width_px": 512, "height_px": 512, "steps": 200, "seed": 1}
AS_IT_IS = ("auteur.entrypoints.cli",)
HOME = Path(__file__).parents[2]
PATIENT: dict[str, Any] = {"open_timeout": LONG_S, "ping_timeout": LONG_S}
"""To whoever opens a socket: an answer comes when the machine has time for it."""
Message = dict[str, Any]


def environment(workspace: Path, **settings: object) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BACKEND_")}
    given = {f"BACKEND_{name.upper()}": str(value) for name, value in settings.items()}
    return {
        **clean,
        "BACKEND_WORKSPACE_ROOT": str(workspace),
        "PYTHONUNBUFFERED": "1",
        "BACKEND_ENGINE_PRIORITY": "normal",  # on a busy machine what gives way to everybody makes nothing
        "BACKEND_PREVIS_RENDERER": "numpy",  # what is to take long does so whatever draws on this machine
        "PYTHONPATH": os.pathsep.join([str(HOME), *filter(None, [os.environ.get("STUDIO_SITE")])]),
        **given,
    }


class Service:
    """``auteur serve`` on a free port. Its log is kept for the test to read."""

    begins_cold = False
    """Whether no time is to be saved where it starts: see `tests.warm`."""

    def __init__(
        self,
        workspace: Path,
        *,
        port: str = "0",
        module: Sequence[str] = AS_IT_IS,
        **settings: object,
    ) -> None:
        """``module``: what to run instead of the command line, with its first arguments."""
        self.workspace = workspace
        self.port = port
        self.module = module
        self.settings = settings
        self.url = ""
        self.log = ""
        self.process: Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def start(self, *, until: str = "/health/ready") -> "Service":
        """Runs it until it answers ``until`` with 200."""
        self.process = await command_line(
            *self.module,
            "serve",
            "--port",
            self.port,
            env=environment(self.workspace, **self.settings),
            cwd=self.workspace,
            stderr=asyncio.subprocess.PIPE,
            begins_cold=self.begins_cold,
        )
        self._reading = asyncio.create_task(self._read(self.process))
        async with awaited(f"{until} to be answered with 200"):
            while not (found := re.search(r"listens on (http\S+)", self.log)):
                assert self.process.returncode is None, self.log
                await asyncio.sleep(0.02)
            self.url = found[1]
            async with httpx.AsyncClient() as http:
                while True:
                    with contextlib.suppress(httpx.TransportError):
                        if (await http.get(f"{self.url}{until}")).status_code == 200:
                            return self
                    assert self.process.returncode is None, self.log
                    await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """As a power cut would."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)
        await self._ended()

    async def stop(self) -> int:
        """As an operator would; the exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await self._ended()

    def freeze(self) -> None:
        assert self.process is not None
        freeze(self.process.pid)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    async def again(self) -> "Service":
        return await Service(self.workspace, module=self.module, **self.settings).start()

    async def _ended(self) -> int:
        assert self.process is not None
        assert self._reading is not None
        async with awaited("the process to end"):
            code = await self.process.wait()
            await self._reading
        return code

    async def _read(self, process: Process) -> None:
        assert process.stderr is not None
        while chunk := await process.stderr.read(1 << 16):
            self.log += chunk.decode()

    @property
    def log_lines(self) -> list[dict[str, Any]]:
        whole = self.log.rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines() if line.startswith("{")]

    def http(self, **options: Any) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, **{"timeout": LONG_S, **options})

    @contextlib.asynccontextmanager
    async def socket(
        self, project: str = "film", after: str | None = None, **options: Any
    ) -> AsyncIterator["Listener"]:
        address = f"{self.url.replace('http', 'ws', 1)}/ws/{project}" + (f"?after={after}" if after else "")
        async with connect(address, **{**PATIENT, "max_size": None, **options}) as connection:
            listener = Listener(connection)
            try:
                yield listener
            finally:
                await listener.close()

    async def events(
        self, project: str = "film", until: Callable[[list[Message]], bool] | None = None
    ) -> list[Message]:
        """The project's whole log over SSE, until the condition holds (at once, if none is given)."""
        heard: list[Message] = []
        async with awaited("the whole log"), self.http() as http:
            state = (await http.get(f"/api/v1/projects/{project}")).json()
            async with http.stream("GET", f"/api/v1/projects/{project}/events?after=0") as response:
                async for line in response.aiter_lines():
                    if line.startswith("data: "):
                        heard.append(json.loads(line[6:]))
                        if heard[-1].get("position") == state["position"]:
                            break
        return [message for message in heard if message["type"] not in ("connected", "queue")]


class Worker(Service):
    """``auteur worker``: no port, no page."""

    def __init__(self, workspace: Path, *options: str, **settings: object) -> None:
        super().__init__(workspace, **settings)
        self.options = options

    async def start(self, *, until: str = "") -> "Worker":
        """Runs it until it is at work."""
        self.process = await command_line(
            *self.module,
            "worker",
            *self.options,
            env=environment(self.workspace, **self.settings),
            cwd=self.workspace,
            stderr=asyncio.subprocess.PIPE,
            begins_cold=self.begins_cold,
        )
        self.log = ""
        self._reading = asyncio.create_task(self._read(self.process))
        async with awaited("a worker to be at work"):
            while "stop with Ctrl-C" not in self.log:
                assert self.process.returncode is None, self.log
                await asyncio.sleep(0.02)
        return self

    @property
    def name(self) -> str:
        """As the log of events knows it."""
        found = re.search(r"works as (\S+)", self.log)
        assert found, self.log
        return found[1]


class Listener:
    """One socket: all that it heard, in order; but places in the queue, which are no events, apart."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.heard: list[Message] = []
        self.places: list[Message] = []
        self._more = asyncio.Condition()
        self._reading = asyncio.create_task(self._read())

    async def close(self) -> None:
        await self.connection.close()
        await asyncio.wait({self._reading})

    async def _read(self) -> None:
        with contextlib.suppress(Exception):
            async for text in self.connection:
                message = json.loads(text)
                async with self._more:
                    (self.places if message["type"] == "queue" else self.heard).append(message)
                    self._more.notify_all()
        async with self._more:
            self._more.notify_all()

    async def say(self, type_: str, **content: Any) -> str:
        message_id = str(uuid.uuid4())
        await self.connection.send(json.dumps({"id": message_id, "type": type_, **content}))
        return message_id

    async def start(self, params: dict[str, Any] | None = None, **content: Any) -> str:
        """Asks for a task; its id."""
        asked = {"task_type": "text_to_image", "quality": "draft", "params": params or TINY, **content}
        message_id = await self.say("start_generation", **asked)
        answer = await self.wait(lambda message: message.get("reply_to") == message_id)
        assert answer["type"] == "task_started", answer
        return str(answer["task_id"])

    async def wait(self, condition: Callable[[Message], bool], silence_s: float = LONG_S) -> Message:
        """The first message, heard already or to come, for which the condition holds; as long as others keep coming."""
        seen = 0
        async with self._more:
            while True:
                for message in self.heard[seen:]:
                    if condition(message):
                        return message
                seen = len(self.heard)
                heard = dict(Counter(message["type"] for message in self.heard))
                assert not self._reading.done(), f"the socket ended; heard {heard}"
                code = condition.__code__
                where = f"{Path(code.co_filename).name}:{code.co_firstlineno}"
                async with awaited(f"a message as {where} wants it, having heard {heard},", silence_s):
                    await self._more.wait()

    async def ending(self, task_id: str, silence_s: float = LONG_S) -> Message:
        return await self.wait(lambda m: m.get("task_id") == task_id and is_ending(m), silence_s)

    async def answer(self, message_id: str) -> Message:
        return await self.wait(lambda m: m.get("reply_to") == message_id)

    async def closed(self) -> int:
        """Waits until the service ends the conversation; its close code."""
        async with awaited("the service to end the conversation"):
            await asyncio.wait({self._reading})
        return self.connection.close_code or 0

    @property
    def from_log(self) -> list[Message]:
        return [m for m in self.heard if m["type"] in ("task_started", "progress", "complete") or m.get("task_id")]


def is_ending(message: Message) -> bool:
    return message["type"] in ("complete", "error") and "task_id" in message


def endings(messages: list[Message]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for message in messages:
        if message["type"] == "task_started":
            found.setdefault(message["task_id"], [])
        if is_ending(message):
            found[message["task_id"]].append(message.get("error_code", "complete"))
    return found


async def gone(directory: Path) -> None:
    """Returns when the files are no longer there: they go once the ending that nobody can take back is recorded."""
    async with awaited(f"{directory} to be gone"):
        while directory.exists():
            await asyncio.sleep(0.02)
