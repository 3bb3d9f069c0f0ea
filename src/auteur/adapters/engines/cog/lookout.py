"""How a prediction goes that says nothing: by its server's health, and by asking after it where that begins nothing."""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from auteur.adapters.engines.cog.client import AwayError, CogClient, Health, UnansweredError
from auteur.adapters.engines.cog.schema import ModelSchema
from auteur.adapters.engines.cog.server import ModelServer
from auteur.adapters.engines.cog.settings import ModelSetting

State = Literal["running", "idle", "gone", "anew", "dead"]
"""It runs, or may; its server has nothing to do with it; its server is gone, began anew, or has lost its worker."""


@dataclass(frozen=True, slots=True)
class Model:
    """What a prediction needs of its model."""

    setting: ModelSetting
    schema: ModelSchema
    client: CogClient
    server: ModelServer


class Lookout:
    """Looks after one prediction. ``tell``: is given what the server says of it."""

    def __init__(self, model: Model, prediction_id: str, tell: Callable[[Mapping[str, Any]], None]) -> None:
        self._model = model
        self._id = prediction_id
        self._tell = tell

    async def look(self, before: Health) -> State:
        """How it stands, ``before`` being the server's health when it was asked for."""
        try:
            now = await self._model.client.health()
        except AwayError as error:
            return "gone" if error.refused or self._model.server.has_ended else "running"
        if now.begun != before.begun or now.status in ("STARTING", "SETUP_FAILED"):
            return "anew"
        if now.is_dead:
            return "dead"
        if now.release is not None and self._can_peek:
            return "running" if await self.runs() else "idle"
        return "running" if now.status == "BUSY" else "idle"

    async def runs(self) -> bool:
        """Whether it is known to run. Before coglet a server does not tell."""
        if self._can_peek:
            with contextlib.suppress(AwayError, UnansweredError):
                answer = await self._model.client.peek(self._id)
                if answer.status == 202:
                    self._tell(answer.body)
                    return True
        return False

    @property
    def _can_peek(self) -> bool:
        """Only where the server itself validates, and refuses a request without inputs, does a peek begin nothing."""
        return self._model.server.document is not None and self._model.schema.can_be_peeked
