"""What the inputs are thrown at: a service with tasks in every state, files that nobody should read, and secrets."""

import asyncio
import contextlib
import io
import os
import re
import socket
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from PIL import Image

from tests.e2e.studio import HOME, TINY, Service, Worker
from tests.plugins import make_package
from tests.servers import RedisServer
from tests.waiting import LONG_S

SECRETS = {
    "in the environment": "planted-environment-5c1f",
    "in a file outside": "planted-outside-77ab",
    "in the name of a folder": "planted-folder-9e02",
    "of the server": "planted-password-31d4",
}
_TOKEN = re.compile(rb"@([A-Z]+)@")
_LARGE, _HEAD = 1 << 20, 4 << 10
"""Of many bytes only the beginning has tokens: to look through all would keep this process from what it waits for."""
_PATIENCE = '''
"""Work that is never done: so that there are tasks that run, and others that wait for them."""

import asyncio

from auteur.adapters.engines.parameters import Parameters
from auteur.domain.ports import EngineStatus
from auteur.domain.task import TaskType


class Patience:
    task_types = (TaskType(name="patience", engine="patience", summary="Waits.",
                           params_schema=Parameters.model_json_schema(), preset_parameters=frozenset()),)

    def check(self, task_type, params):
        return Parameters.read(params).given()

    async def prepare(self, task_type, project_id, params, origins):
        return {}

    async def status(self):
        return EngineStatus(up=True)

    def estimate_s(self, task_type, params):
        return None

    async def run(self, task, context):
        await asyncio.Event().wait()


def make(tools):
    return Patience()
'''
_SETTINGS = {
    "task_timeouts": '{"patience": {"draft": 36000}}',
    "max_queued": 200_000,
    "max_queued_per_project": 100_000,
    "max_blocked_per_project": 100_000,
    "max_concurrent_tasks": 3,  # two wait for ever
    "log_level": "INFO",
}


@dataclass
class Ground:
    """A running service and the names of what is in it, as tokens: ``MADE`` a task that succeeded, ``RUNNING`` and
    ``BLOCKED`` ones that are open, ``GONE`` one that was deleted, ``UPLOAD`` a picture that was brought; those with an
    S before them are of the project ``stage``. ``server_port``: of the log's server; 0 where there is none."""

    service: Service
    others: list[Service]
    counts: Path
    names: dict[str, bytes] = field(default_factory=dict)
    server_port: int = 0

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.service.url)
        assert parts.hostname is not None
        assert parts.port is not None
        return parts.hostname, parts.port

    def rendering(self, request_id: str, key: str) -> Callable[[bytes], bytes]:
        """Puts in what the tokens stand for, for one input."""
        names = {**self.names, "ID": request_id.encode(), "KEY": key.encode()}

        def render(data: bytes) -> bytes:
            head, rest = (data[:_HEAD], data[_HEAD:]) if len(data) > _LARGE else (data, b"")
            rendered = _TOKEN.sub(lambda match: names.get(match[1].decode(), match[0]), head) + rest
            start = rendered.find(b"\r\n\r\n") + 4
            if rendered.find(b"@LENGTH@", 0, start) > 0:
                rendered = rendered.replace(b"@LENGTH@", str(len(rendered) - start).encode(), 1)
            return rendered

        return render

    @property
    def log(self) -> str:
        """Since the inputs began, of all its processes."""
        return "".join(service.log for service in (self.service, *self.others))

    def marks(self) -> list[int]:
        """How far each process has come with its log."""
        return [len(service.log) for service in (self.service, *self.others)]

    def said_since(self, marks: Sequence[int]) -> str:
        """What was logged since then, of all its processes."""
        return "".join(service.log[mark:] for service, mark in zip((self.service, *self.others), marks, strict=True))

    def forget_log(self) -> None:
        """What was said while it started is for who starts it."""
        for service in (self.service, *self.others):
            service.log = ""

    def hidden(self) -> dict[str, str]:
        """What must be in no answer and in no line of the log."""
        return {
            **SECRETS,
            "the workspace's path": str(self.service.workspace),
            "the code's path": str(HOME / "src"),
            "Python's path": os.path.dirname(os.__file__),
            "a frame of Python's": 'File \\"',
        }


async def _task(http: httpx.AsyncClient, project: str, **content: Any) -> str:
    asked = {"task_type": "text_to_image", "quality": "draft", "params": TINY, **content}
    answer = await http.post(f"/api/v1/projects/{project}/tasks", json=asked)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["task_id"])


async def _until(http: httpx.AsyncClient, project: str, task_id: str, *statuses: str) -> None:
    async with asyncio.timeout(LONG_S):
        while (await http.get(f"/api/v1/projects/{project}/tasks/{task_id}")).json()["status"] not in statuses:
            await asyncio.sleep(0.02)


def picture(kind: str = "PNG", size: tuple[int, int] = (64, 48), **how: Any) -> bytes:
    """A picture as people have them."""
    held = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").resize(size).save(held, kind, **how)
    return held.getvalue()


async def _furnish(service: Service) -> dict[str, bytes]:
    host = service.url.removeprefix("http://")
    names = {"HOST": host, "PORT": host.rpartition(":")[2]}
    async with service.http() as http:
        for prefix, project in (("", "film"), ("S", "stage")):
            made = await _task(http, project, shot="12A")
            other = await _task(http, project, shot="12A")
            gone = await _task(http, project)
            for task_id in (made, other, gone):
                await _until(http, project, task_id, "succeeded")
            assert (await http.delete(f"/api/v1/projects/{project}/tasks/{gone}")).status_code == 204
            running = await _task(http, project, task_type="patience", params={})
            await _until(http, project, running, "running")
            stopped = await _task(
                http, project, task_type="image_to_video", params={"source_image": {"from_task": running}}
            )
            assert (await http.post(f"/api/v1/projects/{project}/tasks/{stopped}/cancel")).status_code == 200
            blocked = await _task(
                http, project, task_type="image_to_video", params={"source_image": {"from_task": running}}
            )
            sent = await http.post(f"/api/v1/projects/{project}/uploads", files={"file": ("a.png", picture())})
            assert sent.status_code == 201, sent.text
            found = {
                "MADE": made, "OTHER": other, "GONE": gone, "RUNNING": running, "STOPPED": stopped,
                "BLOCKED": blocked, "UPLOAD": sent.json()["path"].removeprefix(f"{project}/"),
            }  # fmt: skip
            names |= {prefix + name: value for name, value in found.items()}
        await _until(http, "elsewhere", await _task(http, "elsewhere"), "succeeded")
        names["ELSEWHERE"] = (await http.get("/api/v1/projects/elsewhere/tasks")).json()["tasks"][0]["task_id"]
        await _until(http, "gone", await _task(http, "gone"), "succeeded")
        assert (await http.delete("/api/v1/projects/gone")).status_code == 204
        state = (await http.get("/api/v1/projects/film")).json()
        names |= {"POSITION": state["position"], "EPOCH": state["position"].rpartition("-")[0]}
    return {name: value.encode() for name, value in names.items()}


ODD_FILES = (
    "link-to-a-secret", "link-to-itself", "folder", "pipe", "device", "empty", "words", "link-to-the-root", "listener",
)  # fmt: skip
"""What stands among the uploads of ``film`` though nobody brought it; by its place here it is named (`odd_file`)."""


def odd_file(what: str) -> str:
    """The path in the project of what stands there."""
    return f"uploads/00000000-0000-4000-8000-{ODD_FILES.index(what):012}.png"


def _plant(workspace: Path, outside: Path) -> list[socket.socket]:
    """Puts what no upload would be where uploads are, as whoever shares a disk may. Returns what holds it open."""
    outside.mkdir()
    secret = outside / "secret.png"
    secret.write_text(SECRETS["in a file outside"])

    def at(what: str) -> Path:
        return workspace / "film" / odd_file(what)

    at("link-to-a-secret").symlink_to(secret)
    at("link-to-itself").symlink_to(at("link-to-itself"))
    at("link-to-the-root").symlink_to("/")
    at("folder").mkdir()
    os.mkfifo(at("pipe"))
    at("device").symlink_to("/dev/zero")
    at("empty").touch()
    at("words").write_text("no picture")
    listener = socket.socket(socket.AF_UNIX)
    here = os.getcwd()
    os.chdir(at("listener").parent)  # an address has 107 bytes at most
    try:
        listener.bind(at("listener").name)
    finally:
        os.chdir(here)
    for name in (b"\xff\xfe.png", b"a\nb.png", b"caf\xe9"):
        with contextlib.suppress(OSError):
            Path(os.fsdecode(os.fsencode(workspace) + b"/film/uploads/" + name)).write_text("odd")
    with contextlib.suppress(OSError):
        Path(os.fsdecode(os.fsencode(workspace) + b"/\xff\xfe")).mkdir()
    return [listener]


@contextlib.contextmanager
def _surroundings(directory: Path, counts: Path) -> Iterator[None]:
    """What the services find in their environment."""
    make_package(directory / "site", "studio_patience", {"patience": "studio_patience.engine:make"},
                 {"engine": _PATIENCE})  # fmt: skip
    given = {
        "STUDIO_PASSWORD": SECRETS["in the environment"],
        "HOSTILE_COUNTS": str(counts),
        "STUDIO_SITE": str(directory / "site"),
    }
    before = {name: os.environ.get(name) for name in given}
    os.environ |= given
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


@contextlib.asynccontextmanager
async def embedded(directory: Path) -> AsyncIterator[Ground]:
    """The service by itself."""
    async with _ground(directory, {}) as made:
        yield made


@contextlib.asynccontextmanager
async def fleet(directory: Path) -> AsyncIterator[Ground]:
    """A service, a real server with a password, and a worker."""
    password = SECRETS["of the server"]
    allowed = ("~*", "&*", "+@all")
    users = ("--user", "default", "on", "nopass", *allowed, "--user", "studio", "on", f">{password}", *allowed)
    server = RedisServer(directory / "redis", *users).start()
    try:
        url = server.url.replace("redis://", f"redis://studio:{password}@")
        async with _ground(directory, {"redis_url": url, "run_tasks": "false"}, with_worker=True) as made:
            made.server_port = server.port
            yield made
    finally:
        server.stop()


@contextlib.asynccontextmanager
async def _ground(
    directory: Path, settings: Mapping[str, object], *, with_worker: bool = False
) -> AsyncIterator[Ground]:
    workspace = directory / SECRETS["in the name of a folder"]
    workspace.mkdir()
    counts = Path("/tmp") / f"hostile-{uuid.uuid4().hex[:12]}"
    service = Service(workspace, module=["tests.hostile.counted"], **_SETTINGS, **settings)
    others = [Worker(workspace, **_SETTINGS, **settings)] if with_worker else []
    with _surroundings(directory, counts):
        try:
            for other in others:
                await other.start()
            await service.start()
            made = Ground(service, [*others], counts, await _furnish(service))
            held = _plant(workspace, directory / "outside")
            made.forget_log()
            with contextlib.ExitStack() as closing:
                for one in held:
                    closing.enter_context(one)
                yield made
        finally:
            for process in (service, *others):
                if process.process is not None:
                    await process.kill()
            counts.unlink(missing_ok=True)
