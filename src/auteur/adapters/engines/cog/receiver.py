"""Where models tell of their predictions and fetch large inputs: a small listener of this process' own.

An address holds a secret and is forgotten with its prediction; everything else is answered 404, which Cog never
repeats. A terminal webhook is answered 200 only when its outputs are kept; 503 has it told again.
"""

import asyncio
import hmac
import secrets
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web

from auteur.adapters.engines.cog.client import read_json

log = structlog.get_logger(__name__)

Hear = Callable[[Mapping[str, Any]], Awaitable[int]]
"""Told of a webhook's body; the status to answer with."""


class Receiver:
    """Listens from `open` to `close`. ``listen_at``: host and port, 0 takes a free one; ``max_bytes``: of one webhook.

    It is opened when it is first needed: beside a service, programs that make nothing have the same settings.
    """

    def __init__(self, listen_at: tuple[str, int], max_bytes: int) -> None:
        self._listen_at = listen_at
        self._secret = secrets.token_urlsafe(32)
        self._hearers: dict[str, Hear] = {}
        self._offered: dict[str, Path] = {}
        app = web.Application(client_max_size=max_bytes)
        app.router.add_post("/hook/{secret}/{id}", self._webhook)
        app.router.add_get("/files/{secret}/{name}", self._file)
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False)
        self._opening = asyncio.Lock()
        self.port: int | None = None

    async def open(self) -> bool:
        """Whether it listens, from now on if it did not. Somebody else may have the place: then it never does."""
        async with self._opening:
            if self.port is None:
                self.port = 0
                await self._runner.setup()
                try:
                    await web.TCPSite(self._runner, *self._listen_at).start()
                except OSError as error:
                    log.warning("models cannot be listened to here; their answers are waited for", cause=error.strerror)
                else:
                    self.port = self._runner.addresses[0][1]
        return self.port > 0

    async def close(self) -> None:
        """Listens no more. Harmless to repeat."""
        await self._runner.cleanup()

    def hear(self, prediction_id: str, hearer: Hear) -> str:
        """From now on the prediction's webhooks are told; the path to send them to."""
        self._hearers[prediction_id] = hearer
        return f"/hook/{self._secret}/{prediction_id}"

    def offer(self, file: Path) -> str:
        """Lets the file be fetched until it is withdrawn; the path to fetch it from."""
        name = f"{secrets.token_hex(8)}{file.suffix}"
        self._offered[name] = file
        return f"/files/{self._secret}/{name}"

    def forget(self, path: str) -> None:
        """What comes to the path from now on is answered 404."""
        name = path.rpartition("/")[2]
        self._hearers.pop(name, None)
        self._offered.pop(name, None)

    async def _webhook(self, request: web.Request) -> web.Response:
        if not self._is_ours(request):
            return web.Response(status=404)
        body = await read_json(await request.read())
        # looked up after the body was read: it may have been forgotten meanwhile
        hearer = self._hearers.get(request.match_info["id"])
        return web.Response(status=404 if hearer is None else await hearer(body))

    async def _file(self, request: web.Request) -> web.StreamResponse:
        file = self._offered.get(request.match_info["name"])
        if file is None or not self._is_ours(request):
            return web.Response(status=404)
        return web.FileResponse(file)

    def _is_ours(self, request: web.Request) -> bool:
        return hmac.compare_digest(request.match_info["secret"].encode(), self._secret.encode())
