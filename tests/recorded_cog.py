"""Cog's server as it was recorded: a real one on loopback that answers with what the real ones said, word for word.

`tests/fixtures/wire/cog` holds the conversations, one exchange a line. Pictures were cut out of them; here a real one
takes their place.
"""

import asyncio
import base64
import io
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import httpx
from aiohttp import web
from PIL import Image

WIRE = Path(__file__).parent / "fixtures" / "wire" / "cog"
_CUT = re.compile(r"data:image/png;base64,[^\"]*?\(\d+ chars, sha256 \w+\)")


def picture(colour: tuple[int, int, int] = (200, 40, 90)) -> bytes:
    """A picture as the model makes it."""
    kept = io.BytesIO()
    Image.new("RGB", (64, 64), colour).save(kept, "PNG")
    return kept.getvalue()


def as_data(data: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def recorded(release: str) -> dict[str, dict[str, Any]]:
    """All recorded exchanges of a release, by what was tried; the first where one was tried twice."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(WIRE.glob(f"cog-{release}*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            whole = json.loads(_CUT.sub(lambda _: as_data(picture()), line))
            found.setdefault(whole["case"], whole)
    return found


def openapi(release: str) -> dict[str, Any]:
    """The document of the recorded model."""
    older = recorded("0.16")["openapi"]
    if release == "0.16":
        described, output = older["Input"], older["Output"]
    else:
        described = recorded(release)["openapi Input schema"]["response"]["body"]
        output = recorded(release)["openapi Output schema"]["response"]["body"]
    return {"components": {"schemas": {"Input": described, "Output": output, "mode": older["mode"]}}}


class RecordedCog:
    """Open with ``async with``. What comes to each PUT is set by `answers`; the last one is repeated.

    An answer is the name of what was recorded, ``drop`` for a connection that breaks when all was heard, or a status
    with a body. ``tells``: bodies of webhooks that follow an accepted prediction, of the recorded name.
    """

    def __init__(self, release: str = "0.23") -> None:
        self.said = recorded(release)
        self.document: dict[str, Any] | None = openapi(release)
        self.health = self.said["health ready"]["response"]["body"]
        self.answers: list[str | tuple[int, Any]] = []
        self.tells: Sequence[Mapping[str, Any]] = ()
        self.cancels: list[int] = [404]
        self.cancelled_tells: Sequence[Mapping[str, Any]] = ()
        self.streamed: Sequence[Mapping[str, Any]] | None = None
        self.asked: list[dict[str, Any]] = []
        self.heard: list[int] = []
        self.cancelled: list[str] = []
        self.told = asyncio.Event()
        self._hook = ""
        self._id = ""
        self._telling: set[asyncio.Task[None]] = set()
        self.url = ""
        self._runner: web.AppRunner | None = None

    @property
    def begun(self) -> list[dict[str, Any]]:
        """The requests that could begin a prediction."""
        return [asked for asked in self.asked if asked["input"]]

    def webhooks(self, case: str) -> list[dict[str, Any]]:
        """The bodies of the webhooks that were recorded, each once."""
        bodies = [hook["body"] for hook in self.said[case]["webhooks"]]
        return [body for number, body in enumerate(bodies) if body not in bodies[:number]]

    async def __aenter__(self) -> Self:
        await self.listen(0)
        return self

    async def __aexit__(self, *exc: object) -> None:
        for telling in self._telling:
            telling.cancel()
        await self.leave()

    async def listen(self, port: int) -> None:
        app = web.Application(client_max_size=1 << 28)
        app.router.add_get("/health-check", self._health)
        app.router.add_get("/openapi.json", self._openapi)
        app.router.add_put("/predictions/{id}", self._put)
        app.router.add_post("/predictions/{id}/cancel", self._cancel)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def leave(self) -> None:
        """As a server that ends."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def tell(self, body: Mapping[str, Any], hook: str | None = None) -> int:
        """Sends one webhook, as the prediction's own; the status that it was answered with."""
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.post(hook or self._hook, json={**body, "id": self._id})
        self.heard.append(answer.status_code)
        self.told.set()
        return answer.status_code

    @property
    def hook(self) -> str:
        return self._hook

    async def _health(self, request: web.Request) -> web.Response:
        return web.json_response(self.health)

    async def _openapi(self, request: web.Request) -> web.Response:
        if self.document is None:
            return web.json_response(self.said["openapi while starting"]["response"]["body"], status=503)
        return web.json_response(self.document)

    async def _put(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.asked.append({**body, "id": request.match_info["id"], "headers": dict(request.headers)})
        if body["input"]:
            self._id, self._hook = request.match_info["id"], body.get("webhook", "")
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer == "drop":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if answer == "stream":
            assert self.streamed is not None
            return await self._stream(request, self.streamed)
        status, said = answer if isinstance(answer, tuple) else self._recorded(answer)
        if isinstance(said, dict) and "id" in said:
            said = {**said, "id": request.match_info["id"]}
        if status == 202 and body["input"]:
            self._follow(self.tells)
        return web.json_response(said, status=status)

    def _recorded(self, case: str) -> tuple[int, Any]:
        response = self.said[case]["response"]
        return response["status"], response["body"]

    async def _stream(self, request: web.Request, events: Sequence[Mapping[str, Any]]) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for event in events:
            await response.write(f"event: {event['event']}\ndata: {json.dumps(event['data'])}\n\n".encode())
        return response

    async def _cancel(self, request: web.Request) -> web.Response:
        self.cancelled.append(request.match_info["id"])
        status = self.cancels.pop(0) if len(self.cancels) > 1 else self.cancels[0]
        if status == 200 and self.cancelled_tells:
            self._follow(self.cancelled_tells)
            self.cancelled_tells = ()
        return web.json_response({}, status=status)

    def _follow(self, bodies: Sequence[Mapping[str, Any]]) -> None:
        async def telling() -> None:
            for body in bodies:
                await self.tell(body)

        task = asyncio.create_task(telling())
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)
