"""What nobody may be shown is planted everywhere, everything goes wrong, and all that was said is searched for it."""

import asyncio
import contextlib
import json
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus, WebSocketException

import auteur
from tests.e2e.studio import TINY
from tests.e2e.test_refusing import START, UNUSABLE
from tests.entrypoints.test_cli import auteur as command
from tests.faults.matrix import keep, long
from tests.faults.site import Site, site_of
from tests.plugins import make_package
from tests.waiting import awaited

LEAKY = '''
"""An engine that goes wrong in every way, and says too much each time."""

import os

from auteur.adapters.engines.parameters import Parameters
from auteur.domain.ports import HandlerResult
from auteur.domain.task import TaskType


class LeakyParameters(Parameters):
    how: str


class Leaky:
    def __init__(self, tools):
        self._processes = tools.processes

    @property
    def task_types(self):
        schema = LeakyParameters.model_json_schema()
        return (TaskType(name="leak", engine="leaky", summary="Fails.", params_schema=schema,
                         preset_parameters=frozenset()),)

    def check(self, task_type, params):
        return LeakyParameters.read(params).given()

    async def prepare(self, task_type, project_id, params, origins):
        return LeakyParameters.read(params).model_dump()

    def estimate_s(self, task_type, params):
        return None

    async def run(self, task, context):
        how, secret = task.request.params["how"], os.environ["STUDIO_SECRET"]
        if how == "raises":
            raise RuntimeError(f"cannot log in with {secret} of /etc/{secret}.conf")
        if how == "is denied":
            raise PermissionError(13, "denied", f"/srv/{secret}/weights.bin")
        if how == "fails in its child":
            await self._processes.run("studio_leaky.job:fail", {"secret": secret}, lambda said: None)
        return HandlerResult(drafts=(), metrics={})


def make(tools):
    return Leaky(tools)
'''
JOB = """
def fail(arguments, report):
    raise RuntimeError(arguments["secret"])
"""
TASKS = "/api/v1/projects/film/tasks"
MARK = "pl4nt3d"
FOR_OPERATORS = {("folder", "doctor"), ("folder", "the log"), ("engine", "the log")}
"""Where the workspace is, and what an engine of their own says when it crashes."""


class Ears:
    """All that anybody outside is told, by whom: answers with their headers, messages, close reasons."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []

    def hear(self, where: str, what: object) -> None:
        self.said.append((where, what if isinstance(what, str) else json.dumps(what, default=str)))

    @contextlib.asynccontextmanager
    async def http(self, site: Site, **options: Any) -> AsyncIterator[httpx.AsyncClient]:
        async def hook(response: httpx.Response) -> None:
            async with awaited(f"the whole answer to {response.request.url}"):
                await response.aread()
            self.hear(f"{response.request.method} {response.request.url.path}", str(response.headers.raw))
            self.hear(f"{response.request.method} {response.request.url.path}", response.text)

        async with site.service.http(event_hooks={"response": [hook]}, **options) as client:
            yield client

    @property
    def size_bytes(self) -> int:
        return sum(len(what) for _, what in self.said)


@pytest.fixture
def secrets() -> dict[str, str]:
    """By what they are."""
    kinds = (
        "redis",
        "token",
        "access",
        "secret",
        "engine",
        "environment",
        "bearer",
        "cookie",
        "query",
        "prompt",
        "folder",
    )
    return {kind: f"{MARK}{kind}{uuid.uuid4().hex}" for kind in kinds}


@pytest.fixture
async def site(
    tmp_path: Path, request: pytest.FixtureRequest, secrets: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Site]:
    make_package(
        tmp_path / "site", "studio_leaky", {"leaky": "studio_leaky.engine:make"}, {"engine": LEAKY, "job": JOB}
    )
    monkeypatch.setenv("STUDIO_SITE", str(tmp_path / "site"))
    monkeypatch.setenv("STUDIO_SECRET", secrets["engine"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secrets["environment"])
    place = tmp_path / secrets["folder"]
    place.mkdir()
    settings = {"ws_messages_per_second": 1000, "log_level": "DEBUG"}
    settings |= {"s3_access_key": secrets["access"], "s3_secret_key": secrets["secret"], "token": secrets["token"]}
    async with site_of(request.param, place, password=secrets["redis"], engines_crash=True, **settings) as made:
        yield made


async def everything_asked(site: Site, ears: Ears, secrets: dict[str, str]) -> None:
    """What works, what is refused, and what fails, each with something planted in it."""
    headers = {"Authorization": f"Bearer {secrets['token']}", "Cookie": f"session={secrets['cookie']}"}
    query = {"token": secrets["query"]}
    foreign = {"task_type": "text_to_image", "quality": "draft", "params": {**TINY, "prompt": secrets["prompt"]}}
    async with site.service.http(headers=headers) as quiet:  # what another project has said is its own affair
        answer = await quiet.post(
            "/api/v1/projects/elsewhere/tasks",
            json={**foreign, "shot": secrets["prompt"], "metadata": {"note": secrets["prompt"]}},
        )
        assert answer.status_code == 202, answer.text
        other = answer.json()["task_id"]
    async with ears.http(site, headers=headers) as http:
        for path in (
            "/", "/health", "/health/live", "/health/ready", "/metrics", "/api/v1/info", "/api/v1/task-types",
            "/api/openapi.json", "/openapi.json", TASKS, "/api/v1/projects/film", f"{TASKS}/{other}", f"{TASKS}/none",
            f"/api/v1/projects/film/artifacts/{other}/1/a.png", "/api/v1/projects/film/artifacts/../../../etc/passwd",
            "/api/v1/projects/film/artifacts/%2e%2e/%2e%2e/.auteur/auteur.db", "/api/v1/nothing", "/api/v1/projects/..",
        ):  # fmt: skip
            await http.get(path, params=query)
        for body in (b"{", b"[" * 5000, b'{"task_type": NaN}', b"\xff\xfe", b"{}", json.dumps(START).encode()):
            await http.post(TASKS, content=body, params=query)
        await http.post(TASKS, json=foreign | {"params": {"source_image": f"../{secrets['folder']}/x.png"}})
        await http.post(TASKS, json={"task_type": "image_to_video", "params": {"source_image": "/etc/passwd"}})
        await http.post(TASKS, json={"task_type": "image_to_video", "params": {"source_image": f"elsewhere/{other}/1"}})
        await http.post("/api/v1/projects/film/uploads", files={"file": ("../../x.png", b"no picture")})
        await http.post(f"{TASKS}/{other}/cancel")
        await http.delete(f"{TASKS}/{other}")
        await http.get("/api/v1/info", headers={"Host": "evil.example"})
        await http.post(TASKS, json=foreign, headers={"Origin": "http://evil.example"})
    async with ears.http(site, headers={"Authorization": f"Bearer {secrets['bearer']}"}) as http:  # nobody's token
        for path in ("/", "/health", "/metrics", "/api/v1/info", "/api/v1/projects", TASKS, f"{TASKS}/{other}"):
            await http.get(path, params=query)
        await http.post("/api/v1/session", json={"token": secrets["bearer"]})
        await http.post(TASKS, json=foreign)
    await sockets_asked(site, ears, headers, secrets)


async def sockets_asked(site: Site, ears: Ears, headers: dict[str, str], secrets: dict[str, str]) -> None:
    async with site.service.socket(additional_headers=headers) as socket:
        for frame, _ in UNUSABLE.values():
            await socket.connection.send(frame)
        tasks = [
            await socket.start({"how": how}, task_type="leak") for how in ("raises", "is denied", "fails in its child")
        ]
        for task in tasks:
            assert (await socket.ending(task))["type"] == "error"
        await socket.ending(await socket.start())
        ears.hear("socket", socket.heard)
    strange = {"Authorization": f"Bearer {secrets['bearer']}"}
    for said in ({"origin": "http://evil.example"}, {"additional_headers": strange},
                 {"subprotocols": ["auteur.v1", f"auteur.ticket.{secrets['bearer']}"]}):  # fmt: skip
        try:
            async with site.service.socket(**said):
                raise AssertionError(f"let in with {list(said)}")
        except InvalidStatus as refused:
            ears.hear("handshake", f"{refused.response.headers} {(refused.response.body or b'').decode()}")
    for project, after in (("..%2Fetc", None), ("film", f"{secrets['query']}-1"), ("film", "nonsense")):
        with contextlib.suppress(WebSocketException):
            async with site.service.socket(project, after, additional_headers=headers) as socket:
                await socket.wait(lambda m: m["type"] in ("error", "connected"))
                if any(m["type"] == "error" for m in socket.heard):
                    await socket.closed()
                ears.hear("socket", socket.heard)
                ears.hear("close reason", socket.connection.close_reason or "")


async def everything_broken(site: Site, ears: Ears, secrets: dict[str, str]) -> None:
    """The log is away: what is said then."""
    if site.server is not None:
        site.server.kill()
    else:
        for path in (site.workspace / ".auteur").glob("auteur.db*"):
            path.unlink()
    headers = {"Authorization": f"Bearer {secrets['token']}"}
    async with ears.http(site, headers=headers) as http:
        for path in ("/health", "/health/ready", "/metrics", TASKS, "/api/v1/projects/film", "/api/v1/projects"):
            await http.get(path)
        await http.post(TASKS, json={"task_type": "text_to_image", "params": TINY})
    with contextlib.suppress(WebSocketException, TimeoutError, AssertionError):
        async with site.service.socket(additional_headers=headers) as socket, asyncio.timeout(10):
            await socket.say("start_generation", task_type="text_to_image", params=TINY)
            await socket.wait(lambda m: m["type"] == "error")
            ears.hear("socket", socket.heard)


@pytest.mark.parametrize("site", [pytest.param("embedded", marks=long), "fleet"], indirect=True)
@pytest.mark.timeout(240)
async def test_nothing_that_was_planted_is_said_to_anybody(
    site: Site, secrets: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ears = Ears()
    await everything_asked(site, ears, secrets)
    code, out, err = await command(site.workspace, "doctor", **site.settings)
    ears.hear("doctor", out + err)
    await everything_broken(site, ears, secrets)
    answers, logs = "\n".join(what for _, what in ears.said), site.log
    found = [
        f"P14 {kind} in {where}"
        for kind, secret in secrets.items()
        for where, what in [*ears.said, ("the log", logs)]
        if secret in what and (kind, where) not in FOR_OPERATORS
    ]
    inside = str(Path(auteur.__file__).parent)
    found += [
        f"P14 {what} in an answer" for what in (inside, "Traceback", "site-packages", "sqlite3") if what in answers
    ]
    figures = {"P14": {"planted secrets found": len(found), "bytes searched": len(answers) + len(logs)}}
    keep("secrets planted, everything wrong", site.on, ["P14"], broken=found, figures=figures)
    assert found == []
    assert len(ears.said) > 60
    assert code in (0, 1)


@pytest.mark.parametrize("kind", ["bearer", "engine"])
def test_what_is_planted_would_be_found(secrets: dict[str, str], kind: str) -> None:
    ears = Ears()
    ears.hear("socket", {"type": "error", "message": f"refused: {secrets[kind]}"})
    assert any(secrets[kind] in what for _, what in ears.said)
