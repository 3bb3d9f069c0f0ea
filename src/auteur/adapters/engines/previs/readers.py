"""Who reads the words of a task: the rules, in the engine's process, or before them a language model, from here.

Only the service's own process may speak to the network; what the model read goes to the engine's process as data.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import structlog

from auteur.adapters.engines.tools import EngineTools

log = structlog.get_logger(__name__)

READING = "reading"
"""What a job's argument with the reading is called: see `Reader.read`."""


class Reports(Protocol):
    """`TaskContext.report`, as far as it is needed here."""

    def __call__(self, progress: float, *, stage: str | None = None, message: str | None = None) -> None: ...


class Reader:
    """Asks the language model of the tools, if there is one."""

    def __init__(self, tools: EngineTools | None = None) -> None:
        self._model = None
        if tools is not None and tools.language_model is not None:
            from auteur.adapters.engines.previs.reading.language_model import ModelReader  # only where one is named
            from auteur.adapters.engines.previs.reading.leftover import left_over

            self._model = ModelReader(tools.language_model, left_over)

    async def read(self, prompt: str | None, report: Reports) -> Mapping[str, Any] | None:
        """What the model read: ``shot``, a `Shot` as data; or ``failed``, why it did not, for the rules to read.

        None where no model is set, or nothing is to be read.
        """
        if self._model is None or not prompt:
            return None
        from auteur.adapters.engines.previs.reading.language_model import NotReadError

        report(0.0, stage="reading", message=f"{self._model.name} reads")
        try:
            shot = await self._model.read(prompt)
        except NotReadError as error:
            log.warning("the language model did not read, so the rules do", model=self._model.name, reason=str(error))
            return {"failed": f"{self._model.name}: {error}"}
        return {"shot": shot.as_data()}
