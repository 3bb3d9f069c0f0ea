"""The client of the existing frontend, as far as a service can tell, and a session of it on both sides of a restart.

``python -m tests.legacy docs/legacy-session.md`` plays the session against a real service, and writes down what passed.
"""

import asyncio
import contextlib
import json
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.e2e.studio import LONG, TINY, Service
from tests.servers import free_port
from tests.waiting import awaited

Frame = dict[str, Any]
HEARTBEAT_S = 30.0
STAYS_AWAY = 1000


@dataclass(frozen=True, slots=True)
class Passed:
    """What passed, in order. ``what``: ``said``, ``heard``, ``opened``, ``failed``, ``closed``."""

    at: float
    what: str
    frame: Frame | None = None
    code: int | None = None


@dataclass(eq=False)
class LegacyClient:
    """Comes back unless it was closed with 1000, after 1, 2, 4 … seconds without jitter, from 1 again once it was let
    in. Keeps no position. ``second_s``: how long its second is."""

    address: str
    headers: dict[str, str] = field(default_factory=dict)
    second_s: float = 1.0
    passed: list[Passed] = field(default_factory=list)
    is_away: bool = False
    _socket: ClientConnection | None = None
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    @contextlib.asynccontextmanager
    async def running(self) -> "AsyncIterator[LegacyClient]":
        running = asyncio.create_task(self._run())
        try:
            yield self
        finally:
            running.cancel()
            await asyncio.wait({running})
            if not running.cancelled():
                running.result()

    async def _run(self) -> None:
        wait_s = 1.0
        while True:
            try:
                async with connect(
                    self.address, max_size=None, open_timeout=60, ping_interval=None, additional_headers=self.headers
                ) as socket:
                    self._socket = socket
                    self._note("opened")
                    wait_s = 1.0
                    code = await self._converse(socket)
            except (OSError, InvalidHandshake, TimeoutError):  # a page is told 1006, and no more
                self._note("failed", code=1006)
                code = 1006
            finally:
                self._socket = None
            if code == STAYS_AWAY:
                self.is_away = True
                self._more.set()
                return
            await asyncio.sleep(wait_s * self.second_s)
            wait_s *= 2

    async def _converse(self, socket: ClientConnection) -> int:
        beating = asyncio.create_task(self._beat())
        try:
            while True:
                self._note("heard", json.loads(await socket.recv()))
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else 1006
            self._note("closed", code=code)
            return code
        finally:
            beating.cancel()
            await asyncio.wait({beating})

    async def _beat(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(HEARTBEAT_S * self.second_s)
                await self.say("heartbeat")

    async def say(self, type_: str, **payload: Any) -> None:
        """In its envelope."""
        assert self._socket is not None
        frame = {"type": type_, "payload": payload, "timestamp": "2026-11-26T09:00:00.000Z"}
        self._note("said", frame)
        await self._socket.send(json.dumps(frame))

    def _note(self, what: str, frame: Frame | None = None, code: int | None = None) -> None:
        self.passed.append(Passed(asyncio.get_running_loop().time(), what, frame, code))
        self._more.set()

    @property
    def heard(self) -> list[Frame]:
        return [passed.frame for passed in self.passed if passed.what == "heard" and passed.frame is not None]

    async def until(self, condition: Callable[[], bool], what: str) -> None:
        """Waits for what passes to bring it about."""
        async with awaited(what):
            while not condition():
                self._more.clear()
                await self._more.wait()

    async def hears(self, type_: str, task_id: str | None = None, *, since: int = 0) -> Frame:
        """The first such frame of those heard after the first ``since``."""

        def found() -> list[Frame]:
            return [
                f
                for f in self.heard[since:]
                if f["type"] == type_ and (task_id is None or f["payload"].get("task_id") == task_id)
            ]

        await self.until(lambda: bool(found()), f"{type_} of {task_id}")
        return found()[0]

    async def start(self, **payload: Any) -> str:
        """Asks for a task; its id, which the first frame tells that names a task that nobody knew."""
        known = {frame["payload"].get("task_id") for frame in self.heard}
        await self.say("start_generation", **payload)

        def new() -> list[str]:
            ids = (frame["payload"].get("task_id") for frame in self.heard)
            return [task_id for task_id in ids if task_id is not None and task_id not in known]

        await self.until(lambda: bool(new()), "the task to be accepted")
        return new()[0]

    @property
    def tasks(self) -> dict[str, tuple[str, float | None]]:
        """What its user sees of each task: the newest frame's type, and how far it is."""
        return {
            frame["payload"]["task_id"]: (frame["type"], frame["payload"].get("progress"))
            for frame in self.heard
            if "task_id" in frame["payload"]
        }


async def play(workspace: Path) -> tuple[LegacyClient, dict[str, str], dict[str, Any]]:
    """The session: what passed, the names of the tasks, and the project at its end as `GET` has it."""
    port = str(free_port())
    settings = {"max_concurrent_tasks": 1, "shutdown_drain": 0.2, "engine_priority": "normal"}
    service = await Service(workspace, port=port, **settings).start()
    client = LegacyClient(f"ws://127.0.0.1:{port}/legacy/ws/film")
    asked = {"task_type": "text_to_image", "quality": "draft"}
    async with client.running():
        await client.until(lambda: bool(client.passed), "the socket to open")
        await client.say("heartbeat")
        await client.hears("heartbeat")
        refs = {"character_refs": ["anna", "ben"], "style_refs": None, "location_ref": {"id": 7, "name": "Pier"}}
        first = await client.start(**asked, params=TINY, **refs)
        await client.hears("task_complete", first)
        await client.say("start_generation", **asked, prams=TINY)
        await client.hears("task_error")
        long = await client.start(**asked, params=LONG)
        waits = await client.start(**asked, params={**TINY, "seed": 3})
        await client.until(lambda: (client.tasks[long][1] or 0.0) > 0.0, "the second task to be on its way")
        await service.stop()
        await client.until(lambda: client.passed[-1].what in ("closed", "failed"), "the client to be cut off")
        before = len(client.heard)
        service = await Service(workspace, port=port, **settings).start()
        await client.hears("task_complete", first, since=before)
        await client.say("cancel", task_id=long)
        await client.hears("task_error", long, since=before)
        await client.hears("task_complete", waits, since=before)
        async with service.http() as http:
            state = (await http.get("/api/v1/projects/film")).json()
            await http.delete("/api/v1/projects/film")
        await client.until(lambda: client.is_away, "the client to stay away")
    await service.stop()
    return client, {first: "A", long: "B", waits: "C"}, state


def told_in_short(passed: list[Passed], names: dict[str, str]) -> list[str]:
    """One line for each thing that passed, progress of one task in a row as one; ids by their names."""
    lines = [_in_short(one, names) for one in passed]
    found = []
    for line, group in groupby(lines):
        times = len(list(group))
        found.append(f"{line} …" if times > 1 and "task_progress" in line else line)
        if times > 1 and "task_progress" not in line:
            found += [line] * (times - 1)
    return found


def _in_short(one: Passed, names: dict[str, str]) -> str:
    if one.frame is None:
        return {
            "opened": "   the socket opens",
            "failed": "   the service does not answer",
            "closed": f"   closed with {one.code}",
        }[one.what]
    arrow = "-> " if one.what == "said" else "<- "
    payload = one.frame["payload"]
    about = names.get(payload.get("task_id", ""), "")
    if one.frame["type"] == "task_error":
        about = f"{about} {payload['error_code']}".strip()
    return f"{arrow}{one.frame['type']} {about}".rstrip()


_CHANGES = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)")


def written_down(client: LegacyClient, names: dict[str, str]) -> str:
    """The session as a page: in short, and the first frame of each kind whole."""
    short = told_in_short(client.passed, names)
    samples: dict[str, str] = {}
    for one in client.passed:
        if one.frame is not None:
            text = json.dumps(one.frame, indent=2, ensure_ascii=False)
            for task_id, name in names.items():
                text = text.replace(task_id, name)
            samples.setdefault(_in_short(one, names), _CHANGES.sub("2026-11-26T09:00:00.000000Z", text))
    lines = [
        "<!-- Written by `python -m tests.legacy docs/legacy-session.md`, from what passed. -->",
        "",
        "# A session of the existing frontend's client",
        "",
        "On both sides of a restart of the service, as its tests play it (`tests/e2e/test_legacy.py`): `->` it says,",
        "`<-` it hears; several frames of progress of one task are one line, with an ellipsis. A, B and C are three",
        "tasks, of which one runs at a time. The service is stopped while B is on its way, and comes back at the same",
        "address.",
        "",
        "```",
        *short,
        "```",
        "",
        "The first frame of each kind, whole; ids by their names, times as one.",
    ]
    for name, text in samples.items():
        lines += ["", f"`{name}`", "", "```json", text, "```"]
    return "\n".join([*lines, ""])


async def _record(page: Path) -> None:
    with tempfile.TemporaryDirectory() as directory:
        client, names, _ = await play(Path(directory))
    page.write_text(written_down(client, names), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(_record(Path(sys.argv[1])))
