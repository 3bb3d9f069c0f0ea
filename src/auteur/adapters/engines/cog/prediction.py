"""One attempt: a prediction with an id of its own, from the request to its one end.

    ready -> PUT -> 202                     it runs; its end comes by webhook
                 -> 200                     its end
                 -> 409, 503, refused       nothing ran: wait, the same id again
                 -> 422, 413                its input cannot be used
                 -> no answer               asked after by a peek; this id is never put again

Where the model cannot reach us the PUT waits for the end itself, as a stream where the model has one. A prediction
whose server is gone, began anew, lost its worker, or is idle without having told an end is lost: the attempt fails, and
whether there is another is the executor's to say.
"""

import asyncio
import contextlib
import json
import time
import uuid
from collections.abc import Mapping
from typing import Any

import structlog

from auteur.adapters.engines.cog.answers import LOST, failed, refused
from auteur.adapters.engines.cog.client import Answer, AwayError, Health, OnStreamed, TooLargeError, UnansweredError
from auteur.adapters.engines.cog.journal import Journal
from auteur.adapters.engines.cog.lookout import Lookout, Model
from auteur.adapters.engines.cog.outputs import Made, keep
from auteur.adapters.engines.cog.settings import CogSettings
from auteur.adapters.engines.cog.words import last_line, share_of
from auteur.domain.errors import HandlerError, workspace_error
from auteur.domain.ports import TaskContext

log = structlog.get_logger(__name__)

_LOOKS_EVERY_S = 1.0
_PEEKS_EVERY_S = 0.5
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.02, 0.5
_GONE_FOR_S = 1.0
"""How long the last word of a server that is gone may still be on its way."""
_KEEPS_FAILING_S = 20.0
_CANCELS_EVERY_S = 0.1
_EVENTS = ["start", "logs", "completed"]
_ENDS = frozenset({"succeeded", "failed", "canceled"})


class Prediction:
    """Used once. ``input``: under the model's names; ``wanted``: how many files it must make, None where any number
    will do."""

    def __init__(
        self, model: Model, input: Mapping[str, Any], wanted: int | None, context: TaskContext, settings: CogSettings
    ) -> None:
        self.id = uuid.uuid4().hex
        """Letters and digits only: Cog makes folders of it."""
        self.full = 0
        """How often it was told to wait for a place."""
        self._model = model
        self._client = model.client
        self._lookout = Lookout(model, self.id, self._tell)
        self._input = input
        self._wanted = wanted
        self._context = context
        self._settings = settings
        self._end: asyncio.Future[Made] = asyncio.get_running_loop().create_future()
        self._put: asyncio.Task[Answer] | None = None
        self._keeping = asyncio.Lock()
        self._closed = False
        self._accepted = False
        self._waits = False
        self._share = 0.0
        self._logs = ""
        self._metrics: dict[str, Any] = {}
        self._unkept: tuple[OSError, float] | None = None

    async def run(self, journal: Journal, webhook: str | None) -> Made:
        """To its end; when cancelled, the model is stopped first. ``webhook``: where the model reaches `hear`, None
        where it does not. Raises `HandlerError`, `WorkspaceUnavailableError`."""
        with journal.out(self._model.setting.url, self.id):
            try:
                return await self._run(webhook)
            except asyncio.CancelledError:
                await self._cancel()
                raise
            finally:
                self._closed = True
                if self._put is not None:
                    self._put.cancel()
                async with self._keeping:  # nothing is written after this
                    pass
                if self._end.done() and not self._end.cancelled():
                    self._end.exception()  # seen
                await asyncio.to_thread(self._model.server.clean, self.id)

    async def _run(self, webhook: str | None) -> Made:
        pause_s = _FIRST_PAUSE_S
        while True:
            health = await self._model.server.ready(self._say)
            # before coglet, what an asynchronous prediction made is told as a path on the model's machine
            self._waits = webhook is None or health.release is None
            body = await asyncio.to_thread(self._body, webhook)
            on_streamed = self._streamed if self._waits and health.release is not None else None
            self._put = asyncio.create_task(self._ask(body, on_streamed))
            try:
                answer = await (self._held(self._put, health) if self._waits else asyncio.shield(self._put))
            except AwayError:
                answer = None
            except TooLargeError:
                raise HandlerError("The model gave back more than is allowed.") from None
            except UnansweredError:
                if self._waits:
                    raise await self._lost("The connection to the model broke while it worked.") from None
                self._accepted = await self._lookout.runs() or self._accepted
                return await self._watch(health)
            if answer is not None and not await self._is_to_be_repeated(answer):
                return await (asyncio.shield(self._end) if self._end.done() else self._watch(health))
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    def _body(self, webhook: str | None) -> bytes:
        asked: dict[str, Any] = {"input": self._input}
        if webhook is not None:
            asked |= {"webhook": webhook, "webhook_events_filter": _EVENTS}
        return json.dumps(asked, allow_nan=False).encode()

    async def _ask(self, body: bytes, on_streamed: OnStreamed | None) -> Answer:
        answer = await self._client.put(self.id, body, waits=self._waits, on_streamed=on_streamed)
        if answer.status == 406:  # the model has no stream; nothing ran
            answer = await self._client.put(self.id, body, waits=self._waits)
        return answer

    async def _is_to_be_repeated(self, answer: Answer) -> bool:
        """Whether nothing ran and may yet; else it runs, or its end is known. Raises `HandlerError`."""
        body = answer.body
        if answer.status == 202:
            self._accepted = True
            self._tell(body)
            return False
        if answer.status == 200 and body.get("status") in _ENDS:
            async with self._keeping:
                try:
                    await self._settle(body)
                except OSError as error:
                    raise workspace_error(error) from error
            return False
        if answer.status in (409, 503):
            self.full += answer.status == 409
            self._say("waiting for a free place at the model" if answer.status == 409 else "waiting for the model")
            return True
        if answer.status == 413:
            raise HandlerError("The input files are larger together than the model takes.")
        if answer.status == 422:
            raise refused(body, self._model.schema)
        if answer.status >= 500:
            raise await self._lost("The model's server failed while it worked.")
        raise HandlerError(f"The model's server refused the prediction with status {answer.status}.")

    async def hear(self, body: Mapping[str, Any]) -> int:
        """One webhook of this prediction; the status to answer with."""
        if self._closed or body.get("id") not in (self.id, None):
            return 404
        self._accepted = True
        if body.get("status") not in _ENDS:
            if not self._end.done():
                self._tell(body)
            return 200
        if self._waits and body.get("status") == "succeeded":
            return 200  # its outputs come with the answer that is waited for
        async with self._keeping:
            if self._closed:
                return 404
            try:
                await self._settle(body)
            except OSError as error:
                self._unkept = (error, self._unkept[1] if self._unkept else time.monotonic())
                return 503
        return 200

    async def _settle(self, body: Mapping[str, Any]) -> None:
        """The first end that is told is the end. Held by ``_keeping``; raises `OSError` where its outputs cannot be
        written."""
        if self._end.done():
            return
        self._tell(body)
        try:
            if body["status"] != "succeeded":
                raise failed(body)
            self._context.report(max(self._share, 0.98), stage="keeping", message="Keeping what the model made")
            model, directory = self._model, self._context.directory
            made = await keep(
                body.get("output"), model.schema.output, model.setting, self._client, directory, self._wanted
            )
        except OSError:
            raise
        except Exception as error:  # of whatever kind: nobody would tell another end
            self._end.set_exception(error)
        else:
            self._end.set_result(made)

    async def _held(self, put: "asyncio.Task[Answer]", health: Health) -> Answer:
        """The answer of a request that waits for the end; looks meanwhile how it goes."""
        since: float | None = None
        while True:
            await asyncio.wait({put}, timeout=_PEEKS_EVERY_S)
            if put.done():
                return put.result()
            state = await self._lookout.look(health)
            since = None if state in ("running", "idle") else since or time.monotonic()
            if since is not None and time.monotonic() - since >= _GONE_FOR_S:
                put.cancel()
                raise await self._lost(LOST[state])

    async def _watch(self, health: Health) -> Made:
        """Until the end is told, or it is clear that none will be."""
        since: float | None = None
        while True:
            await asyncio.wait({self._end}, timeout=_LOOKS_EVERY_S)
            if self._end.done():
                return self._end.result()
            if self._unkept is not None:
                error, first_at = self._unkept
                if time.monotonic() - first_at >= _KEEPS_FAILING_S:
                    raise workspace_error(error) from error
                continue  # it is told again, with growing pauses
            state = await self._lookout.look(health)
            since = None if state == "running" else since or time.monotonic()
            patience_s = self._settings.lost_s if state == "idle" else _GONE_FOR_S
            if since is not None and time.monotonic() - since >= patience_s and not self._keeping.locked():
                raise await self._lost(LOST[state])

    async def _lost(self, why: str) -> HandlerError:
        """What to raise for a prediction that nobody will hear of. If it runs after all, it is told to stop."""
        with contextlib.suppress(AwayError, UnansweredError):
            await self._client.cancel(self.id)
        return HandlerError(why, retryable=True)

    async def _cancel(self) -> None:
        """Tells the model to stop until it has, or is gone, or the time for it is over."""
        deadline = time.monotonic() + self._settings.cancel_s
        if self._put is None:
            return
        self._say("stopping")
        if not self._waits:  # a request on its way could begin after we have told it to stop
            await asyncio.wait({self._put}, timeout=self._settings.cancel_s)
            if self._put.done() and isinstance(self._put.exception(), AwayError):
                return
            if self._put.done() and self._put.exception() is None and self._put.result().status in (409, 422, 503):
                return
        unknown = 0
        while time.monotonic() < deadline and not self._end.done():
            try:
                if not await self._client.cancel(self.id):
                    unknown += 1
                    if self._accepted or unknown > 2:
                        return
            except AwayError as error:
                if error.refused:
                    return
            except UnansweredError:
                pass
            await asyncio.wait({self._end}, timeout=_CANCELS_EVERY_S)
        if self._end.done():
            return
        if self._model.server.is_ours:
            log.warning("a model did not stop in time; its server is ended", after_s=self._settings.cancel_s)
            await self._model.server.kill()
        else:
            log.warning("a model did not stop in time and goes on at its server", after_s=self._settings.cancel_s)

    def _streamed(self, name: str, data: Mapping[str, Any]) -> None:
        if name == "log":
            self._logs += str(data.get("data") or "")
        elif name == "metric":
            self._metrics[str(data.get("name"))] = data.get("value")
        self._accepted = True
        self._tell({"logs": self._logs, "metrics": self._metrics})

    def _tell(self, body: Mapping[str, Any]) -> None:
        if self._closed:
            return
        share = share_of(body.get("metrics"), body.get("logs"))
        self._share = max(self._share, 0.0 if share is None else share * 0.98)
        self._context.report(self._share, stage="predicting", message=last_line(body.get("logs")))

    def _say(self, words: str) -> None:
        if not self._closed:
            self._context.report(self._share, stage=words, message=words.capitalize())
