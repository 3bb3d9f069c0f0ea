"""One prompt on one server: sent exactly once as far as can be known, followed to its ending wherever that shows,
stopped when nobody waits for it any more. Only HTTP says how it ended."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any

import structlog

from auteur.adapters.engines.comfyui.client import PromptRefusedError, ServerAwayError
from auteur.adapters.engines.comfyui.listening import Listener
from auteur.adapters.engines.comfyui.pool import Server, ServerPool
from auteur.adapters.engines.comfyui.states import Ended, Standing, files_of
from auteur.adapters.engines.comfyui.templates import Template
from auteur.adapters.engines.comfyui.words import refusal
from auteur.domain.errors import HandlerError

log = structlog.get_logger(__name__)

_LOOK_S, _LOOK_DEAF_S, _LOOK_AGAIN_S = 2.0, 0.7, 0.03
_UNKNOWN_LOOKS = 3
_MOVE_ON_S = 5.0
_MOST_FAILURES = 3
_TELL_AGAIN_S = 2.0
_STOPS_WITHIN_S, _POST_ENDS_WITHIN_S = 6.0, 2.0
"""Together less than the grace that a handler has to stop."""

Say = Callable[[str, str | None], None]
"""Tells the user the stage, and a message."""


class PromptLostError(Exception):
    """The server has no record of the prompt: it went down, or somebody deleted it."""


class Prompt:
    """A prompt of the template on the server, known or not yet sent. ``listener``: who hears of it, if anybody."""

    def __init__(
        self,
        pool: ServerPool,
        server: Server,
        template: Template,
        prompt_id: str,
        say: Say,
        listener: Listener | None = None,
    ) -> None:
        self.prompt_id = prompt_id
        self._pool = pool
        self._server = server
        self._template = template
        self._say = say
        self._listener = listener

    async def run(self, workflow: Mapping[str, Any], client_id: str, extra: Mapping[str, Any]) -> Ended:
        """Sends it and waits for its ending. Cancelled, it stops the prompt first.

        Raises `HandlerError` where the server does not take it, `ServerAwayError`, `PromptLostError`.
        """

        async def send_and_wait() -> Ended:
            await self._send(workflow, client_id, extra)
            return await self._ending()

        return await self._stoppable(send_and_wait())

    async def adopt(self) -> Ended | None:
        """The ending of a prompt that was sent before, waited for where it still runs; None where there is no such
        prompt. Raises `ServerAwayError`, `PromptLostError`."""
        state = await self._server.client.state(self.prompt_id)
        if isinstance(state, Ended):
            return state
        if state is Standing.UNKNOWN:
            return None
        log.info("a prompt of a former attempt goes on", server=self._server.name, prompt_id=self.prompt_id)
        return await self._stoppable(self._ending())

    async def _stoppable(self, work: Coroutine[Any, Any, Ended]) -> Ended:
        """The work's outcome; when this is cancelled, the prompt is stopped first."""
        try:
            ended = await work
        except asyncio.CancelledError:
            stopping = asyncio.ensure_future(self._stop())
            with suppress(asyncio.CancelledError):
                await asyncio.shield(stopping)
            await asyncio.wait({stopping}, timeout=_STOPS_WITHIN_S)
            raise
        return ended

    async def _stop(self) -> None:
        """Stops the prompt and waits until it has: that it was told to is no promise."""
        try:
            async with asyncio.timeout(_STOPS_WITHIN_S):
                told_at = float("-inf")
                while True:
                    state = await self._server.client.state(self.prompt_id)
                    if isinstance(state, Ended) or state is Standing.UNKNOWN:
                        return
                    if time.monotonic() - told_at > _TELL_AGAIN_S:
                        await self._server.client.cancel(self.prompt_id)
                        told_at = time.monotonic()
                    await asyncio.sleep(_LOOK_AGAIN_S)
        except (TimeoutError, ServerAwayError):
            self._pool.disown(self._server, self.prompt_id)

    async def _send(self, workflow: Mapping[str, Any], client_id: str, extra: Mapping[str, Any]) -> None:
        """Has the server take the prompt exactly once, as far as can be known: where an answer is lost, it is looked
        for before it is sent again."""
        away_since: float | None = None
        failures = 0
        while True:
            posting = asyncio.create_task(
                self._server.client.submit(workflow, prompt_id=self.prompt_id, client_id=client_id, extra=extra)
            )
            try:
                await asyncio.shield(posting)
                log.info("sent to ComfyUI", server=self._server.name, prompt_id=self.prompt_id)
                return
            except asyncio.CancelledError:
                # what is on its way must have arrived before it can be stopped
                await asyncio.wait({posting}, timeout=_POST_ENDS_WITHIN_S)
                if not posting.done():
                    posting.add_done_callback(self._forget)
                elif not posting.cancelled():
                    posting.exception()
                raise
            except PromptRefusedError as refused:
                self._server.read_at = float("-inf")  # it may have lost what it had: read anew before the next
                words = refusal(self._template.workflow, refused.answer, self._template.parameter_of)
                raise HandlerError(words) from refused
            except ServerAwayError as error:
                away_since = await self.bear(away_since, error)
                if error.sent and await self._has_arrived():
                    return
                failures += error.answered
                if failures >= _MOST_FAILURES:  # it is there, and falls over this workflow
                    raise HandlerError(
                        f"The ComfyUI server fails at the workflow ({error}).", retryable=True
                    ) from error

    def _forget(self, posting: "asyncio.Task[None]") -> None:
        """A request that outlives its task: what it brings is to be stopped."""
        if not posting.cancelled() and posting.exception() is None:
            self._pool.disown(self._server, self.prompt_id)

    async def _has_arrived(self) -> bool:
        """Whether the server knows the prompt, asked until it answers, and twice where it says no: a request may still
        lie before it. Raises `ServerAwayError`."""
        away_since: float | None = None
        unknown = 0
        while unknown < 2:
            try:
                if await self._server.client.state(self.prompt_id) is not Standing.UNKNOWN:
                    return True
                unknown += 1
            except ServerAwayError as error:
                away_since = await self.bear(away_since, error)
            await asyncio.sleep(_LOOK_DEAF_S)
        return False

    async def bear(self, since: float | None, error: ServerAwayError) -> float:
        """Waits a little for a server that is away, and says since when. Raises the error when that was long enough:
        sooner where another could do the work."""
        now = time.monotonic()
        since = now if since is None else since
        has_other = self._pool.has_other(self._server, self._template.workflow, self._template.file_inputs)
        if now - since > (_MOVE_ON_S if has_other else self._pool.patience_s):
            raise error
        self._say("waiting", "The ComfyUI server does not answer; waiting for it.")
        await asyncio.sleep(0.5)
        return since

    async def _ending(self) -> Ended:
        """How the prompt ends. The socket only says when to look; three answers are told apart: ended, under way, and
        unknown, which is lost. Raises `ServerAwayError`, `PromptLostError`."""
        listener = self._listener
        away_since: float | None = None
        unknown = late = 0
        pause_s = 0.0
        while True:
            if listener is None:
                await asyncio.sleep(pause_s or _LOOK_DEAF_S)
            else:
                await listener.wait(pause_s or (_LOOK_S if listener.is_connected else _LOOK_DEAF_S))
            pause_s = 0.0
            try:
                state = await self._server.client.state(self.prompt_id)
            except ServerAwayError as error:
                away_since = await self.bear(away_since, error)
                pause_s = _LOOK_AGAIN_S
                continue
            was_away, away_since = away_since is not None, None
            if isinstance(state, Ended):
                return state
            if state is Standing.UNKNOWN:
                unknown += 1
                pause_s = _LOOK_AGAIN_S * 4**unknown
                if unknown >= _UNKNOWN_LOOKS:
                    return self._saved_before()
                continue
            unknown = 0
            if state is Standing.QUEUED:
                self._say("queued", "Waiting on the ComfyUI server.")
            elif was_away or listener is None or not listener.is_connected:
                self._say("running", None)
            if listener is not None and listener.has_ended:  # its record is written a little later than that is told
                pause_s = min(_LOOK_AGAIN_S * 2**late, _LOOK_S)
                late += 1

    def _saved_before(self) -> Ended:
        """The ending of a prompt that its server has forgotten, if everything had been saved before: files outlive the
        server. Raises `PromptLostError`."""
        shown = self._listener.shown if self._listener is not None else {}
        savers = self._template.savers()
        files = files_of(shown)
        if savers and all(any(file.node == node and file.kind == "output" for file in files) for node in savers):
            return Ended("succeeded", shown)
        raise PromptLostError
