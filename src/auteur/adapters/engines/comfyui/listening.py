"""Hears on a socket how far one prompt is. A hint, never the truth: what became of the prompt is asked over HTTP.

Each socket has a client id of its own, and is read without a pause: one client that does not read makes the server deaf
to all. After it was lost it comes back under the same id, the old one being closed on our side. Should the server take
that for a second client and send nothing more, progress stands still, and nothing else is lost.
"""

import asyncio
import io
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import structlog
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from auteur.adapters.background import end
from auteur.adapters.decoding import pictures
from auteur.adapters.engines.comfyui.client import ComfyClient
from auteur.adapters.engines.comfyui.frames import Message, Preview, read_frame
from auteur.adapters.engines.comfyui.progress import Progress
from auteur.adapters.engines.comfyui.words import title_of
from auteur.domain.errors import UnavailableError, UnreadableImageError
from auteur.domain.ports import TaskContext

log = structlog.get_logger(__name__)

_ENDINGS = frozenset({"execution_success", "execution_error", "execution_interrupted"})
_MOST_FRAME_BYTES = 1 << 28
_OPENS_WITHIN_S, _GREETS_WITHIN_S, _CLOSES_WITHIN_S = 30.0, 5.0, 2.0
_FIRST_DELAY_S, _LAST_DELAY_S = 0.5, 10.0
_PREVIEW_EVERY_S = 0.3
_FLAGS = '{"type":"feature_flags","data":{"supports_preview_metadata":true}}'


class Listener:
    """Passes on to the task's context what the server says of one prompt; open it before the prompt is sent.

    ``look``: set when it is worth asking what became of the prompt; ``has_ended``: whether the server has said that it
    ended. ``shown``: by node what it has said to have saved.
    """

    def __init__(
        self,
        client: ComfyClient,
        prompt_id: str,
        workflow: Mapping[str, Mapping[str, Any]],
        progress: Progress,
        context: TaskContext,
        ping_timeout_s: float,
    ) -> None:
        self.client_id = uuid.uuid4().hex
        self.look = asyncio.Event()
        self.shown: dict[str, Mapping[str, Any]] = {}
        self.is_connected = False
        self.has_ended = False
        self.cached = 0
        self._client = client
        self._prompt_id = prompt_id
        self._workflow = workflow
        self._progress = progress
        self._context = context
        self._ping_timeout_s = ping_timeout_s
        self._greeted = asyncio.Event()
        self._runs = False
        self._picture: bytes | None = None
        self._pictured = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._write_previews())]
        with suppress(TimeoutError):  # without its events the prompt runs all the same
            async with asyncio.timeout(_GREETS_WITHIN_S):
                await self._greeted.wait()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await end(self._tasks)

    async def wait(self, limit_s: float) -> None:
        """Returns when it is worth asking, or after the limit."""
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self.look.wait()
        self.look.clear()

    async def _listen(self) -> None:
        scheme, _, rest = self._client.url.partition("://")
        address = f"{'wss' if scheme == 'https' else 'ws'}://{rest}/ws?clientId={self.client_id}"
        delay_s = _FIRST_DELAY_S
        while True:
            try:
                async with connect(
                    address,
                    additional_headers=self._client.headers,
                    max_size=_MOST_FRAME_BYTES,
                    ping_timeout=self._ping_timeout_s,
                    open_timeout=_OPENS_WITHIN_S,
                    close_timeout=_CLOSES_WITHIN_S,
                    proxy=None,
                ) as socket:
                    await socket.send(_FLAGS)
                    self.is_connected, delay_s = True, _FIRST_DELAY_S
                    async for frame in socket:
                        self._greeted.set()
                        self._take(frame)
            except (OSError, WebSocketException, TimeoutError) as error:
                log.info("no socket to ComfyUI for now", reason=type(error).__name__, prompt_id=self._prompt_id)
            self.is_connected = False
            self.look.set()
            await asyncio.sleep(delay_s)
            delay_s = min(delay_s * 2, _LAST_DELAY_S)

    def _take(self, frame: str | bytes) -> None:
        said = read_frame(frame)
        if isinstance(said, Preview):
            # one without ids is of whatever runs: prompts without a client are shown to everybody
            if said.prompt_id == self._prompt_id or (said.prompt_id is None and self._runs):
                self._picture = said.image
                self._pictured.set()
        elif isinstance(said, Message) and said.data.get("prompt_id") == self._prompt_id:
            self._hear(said)

    def _hear(self, said: Message) -> None:
        self._progress.hear(said.kind, said.data)
        if said.kind == "execution_start":
            self._runs = True
        elif said.kind == "execution_cached":
            self.cached = len(said.data.get("nodes") or ())
        elif said.kind == "executed" and isinstance(said.data.get("output"), dict):
            self.shown[str(said.data.get("node"))] = said.data["output"]
        elif said.kind in _ENDINGS or (said.kind == "executing" and said.data.get("node") is None):
            self._runs = False
            self.has_ended = True
            self.look.set()
            return
        self._report()

    def _report(self, preview: str | None = None) -> None:
        node = self._progress.running
        stage = title_of(self._workflow, node) if node is not None else "running"
        self._context.report(self._progress.value, stage=stage, preview=preview)

    async def _write_previews(self) -> None:
        """Writes the newest picture, not more often than anybody could look at it."""
        number, written_at = 0, float("-inf")
        while True:
            await self._pictured.wait()
            await asyncio.sleep(max(written_at + _PREVIEW_EVERY_S - time.monotonic(), 0))
            self._pictured.clear()
            image, self._picture = self._picture, None
            if image is None:
                continue
            name = await _write(self._context.directory, f"preview-{number + 1:03}", image)
            if name is not None:
                number, written_at = number + 1, time.monotonic()
                self._report(name)


async def _write(directory: Path, stem: str, image: bytes) -> str | None:
    """Writes the picture whole, or nothing; returns its name."""
    try:
        name = stem + (await pictures.identify(io.BytesIO(image))).suffix
        await asyncio.to_thread(_lay, directory, name, image)
    except (UnreadableImageError, UnavailableError, OSError):
        return None
    return name


def _lay(directory: Path, name: str, image: bytes) -> None:
    draft = directory / f".{name}"
    draft.write_bytes(image)
    draft.rename(directory / name)
