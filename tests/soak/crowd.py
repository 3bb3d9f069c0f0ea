"""Everybody at once: who asks, cancels, deletes, brings pictures, listens, goes away in mid-word, and means harm."""

import asyncio
import contextlib
import io
import json
import random
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import httpx
from PIL import Image
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

TINY = {"prompt": "a field", "width_px": 64, "height_px": 64, "steps": 1}
LONG = {"prompt": "a forest", "width_px": 256, "height_px": 256, "steps": 200}
PROJECTS = 6
_OPEN = ("blocked", "queued", "running")
_LATER = (409, 410, 429, 503)
"""What an honest client may hear in a crowd: deleted meanwhile, or come back later."""

_HOSTILE: tuple[bytes, ...] = (
    b"",
    b"\x00" * 512,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # a TLS hello
    b"GET / HTTP/1.1\r\n",  # and no more
    b"GET /api/v1/projects/film/events?after=0 HTTP/1.1\r\nHost: localhost\r\n\r\n",  # reads nothing, goes
    b"POST /api/v1/projects/film/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n\r\n{",
    b"POST /api/v1/projects/film/tasks HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    b"POST /api/v1/projects/film/uploads HTTP/1.1\r\nHost: localhost\r\nContent-Length: 300\r\n"
    b'Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\nContent-Disposition: form-data; name="file',
    b"GET /ws/film HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",  # no key
    b"GET /ws/film HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n\x81\xfe\xff\xff\x00\x00",
    b"GET /ws/film HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    + b"\x00\x80\x00\x00\x00\x00"
    * 50,
    b"GET /" + b"a" * 60_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nRange: bytes=" + b"0-1," * 500 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: \xff\xfe\r\nOrigin: null\r\n\r\n",
    b"BREW /pot HTCPCP/1.0\r\n\r\n",
)
_NONSENSE = (
    "{", "[" * 40 + "]" * 40, '{"type":"start_generation"}', '{"type":"ping","id":"no"}', r'"\ud800"', "null",
    '{"type":"cancel","task_id":"' + "x" * 64 + '"}', '{"type":"start_generation","task_type":"text_to_image",'
    '"params":{"prompt":1e999}}', '{"type":"delete_project","project_id":"another"}',
)  # fmt: skip


class Crowd:
    """``bases``: the urls of replicas that serve the same projects. What went wrong is in `wrong`, what was done in
    `done`."""

    def __init__(self, bases: list[str], *, seed: int = 1) -> None:
        self.bases = bases
        self.done: Counter[str] = Counter()
        self.wrong: Counter[str] = Counter()
        self.accepted: dict[str, set[str]] = defaultdict(set)
        self.deleted: set[str] = set()
        self.projects = [f"soak-{n}-0" for n in range(PROJECTS)]
        self._random = random.Random(seed)
        self._actors: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()
        self._http: httpx.AsyncClient | None = None

    async def come(self) -> None:
        """Has everybody begin."""
        self._stopping = asyncio.Event()
        # shorter than the service's: else it may close a connection at the moment in which it is used again
        self._http = httpx.AsyncClient(timeout=60, limits=httpx.Limits(keepalive_expiry=2))
        actors: list[tuple[Callable[[], Awaitable[None]], int, float]] = [
            (self._ask, 2, 0.5), (self._batch, 1, 4.0), (self._cancel, 1, 3.0), (self._keep, 1, 1.0),
            (self._bring, 1, 2.0), (self._read, 1, 0.5), (self._sit, 5, 0.2), (self._listen, 3, 0.3),
            (self._harm, 3, 0.3), (self._end_a_project, 1, 15.0),
        ]  # fmt: skip
        for act, count, pause_s in actors:
            for _ in range(count):
                self._actors.append(asyncio.create_task(self._on_and_on(act, pause_s)))

    async def go(self) -> None:
        """Has everybody finish what he is at, and leave."""
        self._stopping.set()
        await asyncio.gather(*self._actors)
        self._actors.clear()
        assert self._http is not None
        await self._http.aclose()

    async def _on_and_on(self, act: Callable[[], Awaitable[None]], pause_s: float) -> None:
        while not self._stopping.is_set():
            try:
                await act()
            except Exception as error:  # whoever soaks wants to know of it, and go on
                self.wrong[f"{act.__name__}: {type(error).__name__}: {str(error)[:120]}"] += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause_s * self._random.uniform(0.3, 1.7))

    # --- honest people ---------------------------------------------------------------------------------------------

    async def _call(self, method: str, path: str, **content: Any) -> httpx.Response | None:
        """The answer; None where it is one that an honest client comes back after."""
        assert self._http is not None
        answer = await self._http.request(method, self._random.choice(self.bases) + path, **content)
        self.done[f"{method} {answer.status_code}"] += 1
        if answer.status_code >= 500 and answer.status_code != 503:
            self.wrong[f"{method} {path.partition('?')[0][:40]}: {answer.status_code}"] += 1
        return None if answer.status_code in _LATER else answer

    def _project(self) -> str:
        return self._random.choice(self.projects)

    async def _post_task(self, project: str, params: dict[str, Any]) -> str | None:
        key = {"Idempotency-Key": str(uuid.uuid4())}
        body = {"task_type": "text_to_image", "quality": "draft", "params": params, "shot": "12A"}
        ids = []
        for _ in range(self._random.choice((1, 1, 1, 2))):
            answer = await self._call("POST", f"/api/v1/projects/{project}/tasks", json=body, headers=key)
            if answer is not None:
                assert answer.status_code == 202, answer.text
                ids.append(answer.json()["task_id"])
        self.accepted[project] |= set(ids)
        assert len(set(ids)) <= 1, "the same request became two tasks"
        return ids[0] if ids else None

    async def _ask(self) -> None:
        await self._post_task(self._project(), {**TINY, "seed": self._random.randrange(99)})

    async def _cancel(self) -> None:
        project = self._project()
        task = await self._post_task(project, LONG)
        if task is not None:
            await asyncio.sleep(self._random.uniform(0, 1))
            await self._call("POST", f"/api/v1/projects/{project}/tasks/{task}/cancel")

    async def _batch(self) -> None:
        project, shot = self._project(), {"duration_s": 0.5, "fps": 12, "width_px": 64, "height_px": 64}
        requests = [
            {"name": "frame", "task_type": "text_to_image", "quality": "draft", "params": TINY},
            {
                "task_type": "image_to_video",
                "quality": "draft",
                "params": {"source_image": {"from_task": "#frame"}, **shot},
            },
        ]
        answer = await self._call("POST", f"/api/v1/projects/{project}/batches", json={"requests": requests})
        if answer is not None:
            assert answer.status_code == 202, answer.text
            self.accepted[project] |= {task["task_id"] for task in answer.json()["tasks"]}

    async def _keep(self) -> None:
        """Marks, promotes and deletes what has ended."""
        project = self._project()
        page = await self._call("GET", f"/api/v1/projects/{project}/tasks?status=succeeded&limit=50")
        tasks = page.json()["tasks"] if page is not None else []
        if not tasks:
            return
        task = self._random.choice(tasks)["task_id"]
        path = f"/api/v1/projects/{project}/tasks/{task}"
        match self._random.randrange(4):
            case 0:
                await self._call("PATCH", path, json={"favourite": True, "circled": True})
            case 1:
                body = {"quality": "draft", "params": {**TINY, "seed": None}}
                answer = await self._call("POST", f"{path}/promote", json=body)
                if answer is not None and answer.status_code == 202:
                    self.accepted[project].add(answer.json()["task_id"])
            case _:
                answer = await self._call("DELETE", path)
                if answer is not None and answer.status_code == 204:
                    self.deleted.add(task)

    async def _bring(self) -> None:
        into = io.BytesIO()
        Image.new("RGB", (200, 120), (self._random.randrange(256), 90, 20)).save(into, "PNG")
        path = f"/api/v1/projects/{self._project()}/uploads"
        answer = await self._call("POST", path, files={"file": ("a.png", into.getvalue())})
        if answer is not None:
            assert answer.status_code == 201, answer.text
            url = answer.json()["url"]
            await self._call("GET", f"{url}?width=64")
            await self._call("GET", url, headers={"Range": "bytes=5-20"})

    async def _read(self) -> None:
        paths = ("", "/tasks?q=field", "/tasks?limit=200", "/shots")
        await self._call("GET", f"/api/v1/projects/{self._project()}{self._random.choice(paths)}")
        await self._call("GET", self._random.choice(("/health", "/metrics", "/api/v1/info", "/api/v1/task-types", "/")))

    async def _sit(self) -> None:
        """Opens a socket, says something or not, listens for a while, goes with or without a word, comes back."""
        project, base, position = self._project(), self._random.choice(self.bases), None
        for _ in range(2):
            address = f"{base.replace('http', 'ws', 1)}/ws/{project}" + (f"?after={position}" if position else "")
            self.done["sockets"] += 1
            with contextlib.suppress(WebSocketException, OSError):
                async with connect(address, max_size=None, open_timeout=60, close_timeout=20) as socket:
                    await socket.send(self._random.choice((json.dumps({"type": "ping"}), *_NONSENSE)))
                    until = time.monotonic() + self._random.choice((0.0, 0.5, 4.0))
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout_at(asyncio.get_running_loop().time() + until - time.monotonic()):
                            async for text in socket:
                                self.done["messages"] += 1
                                position = json.loads(text).get("position", position)
                    if self._random.random() < 0.3:
                        socket.transport.abort()

    async def _listen(self) -> None:
        assert self._http is not None
        url = f"{self._random.choice(self.bases)}/api/v1/projects/{self._project()}/events?after=0"
        self.done["streams"] += 1
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._random.choice((0.1, 1.0, 4.0))), self._http.stream("GET", url) as stream:
                async for _ in stream.aiter_lines():
                    pass

    # --- and the others --------------------------------------------------------------------------------------------

    async def _harm(self) -> None:
        at = urlsplit(self._random.choice(self.bases))
        self.done["hostile"] += 1
        said = self._random.choice(_HOSTILE)
        with contextlib.suppress(OSError, TimeoutError):
            reader, writer = await asyncio.open_connection(at.hostname, at.port)
            with contextlib.closing(writer):
                writer.write(said)
                async with asyncio.timeout(self._random.choice((0.0, 0.2, 2.0))):
                    answer = await reader.read(1 << 16)
                    if b"HTTP/1.1 500" in answer[:64]:
                        self.wrong[f"500 for {said[:60]!r}"] += 1
                    await reader.read()

    async def _end_a_project(self) -> None:
        """Cancels what is open in the oldest project, deletes it, and begins another."""
        number = self._random.randrange(PROJECTS)
        project = self.projects[number]
        name, _, age = project.rpartition("-")
        self.projects[number] = f"{name}-{int(age) + 1}"
        async with asyncio.timeout(120):
            while True:
                for status in _OPEN:
                    page = await self._call("GET", f"/api/v1/projects/{project}/tasks?status={status}&limit=200")
                    for task in page.json()["tasks"] if page is not None else ():
                        await self._call("POST", f"/api/v1/projects/{project}/tasks/{task['task_id']}/cancel")
                answer = await self._call("DELETE", f"/api/v1/projects/{project}")
                if answer is not None and answer.status_code in (204, 404):  # 404: nobody had asked for anything in it
                    break
                await asyncio.sleep(0.5)
        self.done["projects ended"] += 1
        self.accepted.pop(project, None)

    # --- afterwards ------------------------------------------------------------------------------------------------

    async def all_ended(self, timeout_s: float = 300) -> None:
        """Returns when no task is open; what was accepted and is not there, or never ends, is wrong."""
        async with httpx.AsyncClient(base_url=self.bases[0], timeout=60) as http:
            for project in self.projects:
                deadline = time.monotonic() + timeout_s
                while True:
                    counts = (await http.get(f"/api/v1/projects/{project}")).json()["counts"]
                    if not any(counts[status] for status in _OPEN):
                        break
                    if time.monotonic() > deadline:
                        self.wrong[f"{project} does not end: {counts}"] += 1
                        break
                    await asyncio.sleep(0.2)
                tasks, cursor = [], ""
                while cursor is not None:
                    query = {"limit": 200} | ({"cursor": cursor} if cursor else {})
                    page = (await http.get(f"/api/v1/projects/{project}/tasks", params=query)).json()
                    tasks, cursor = tasks + page["tasks"], page["next"]
                known = [task["task_id"] for task in tasks]
                if len(set(known)) != len(known):
                    self.wrong[f"{project}: a task twice on the pages"] += 1
                lost = self.accepted[project] - set(known) - self.deleted
                if lost:
                    self.wrong[f"{project}: accepted and not there: {sorted(lost)[:3]}"] += len(lost)
