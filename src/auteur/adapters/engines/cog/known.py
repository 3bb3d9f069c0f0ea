"""What is known of one model, also while it is away: its schema, from a file, from its last visit, or from itself."""

import asyncio
import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import structlog

from auteur.adapters.engines.cog.client import AwayError, CogClient
from auteur.adapters.engines.cog.schema import ModelSchema, SchemaError
from auteur.adapters.engines.cog.server import ModelServer
from auteur.adapters.engines.cog.settings import CogSettings, ModelSetting, read_document
from auteur.domain.task import TaskType

log = structlog.get_logger(__name__)

_FIRST_ASK_S = 2.0
_PRESET = frozenset({"steps", "width_px", "height_px"})
_NOTHING: Mapping[str, Any] = {"type": "object", "properties": {}, "additionalProperties": False}
_BUILT = Path(".cog") / "openapi_schema.json"


class KnownModel:
    """One model by its task type's name. ``places``: as many as it makes predictions at a time. ``sibling``: a task
    type of the same server, which is then one for both."""

    def __init__(
        self,
        name: str,
        setting: ModelSetting,
        settings: CogSettings,
        folder: Path | None,
        sibling: "KnownModel | None" = None,
    ) -> None:
        """Asks the model once what it takes, for as long as a start may be held up. Raises `SchemaError` where a file
        that was set cannot be used, or its document has no inputs as they were set."""
        self.name = name
        self.setting = setting
        own = None if folder is None else folder / name
        if sibling is None:
            self.client = CogClient(setting.url, settings.max_output_mb << 20)
            self.server = ModelServer(name, setting, self.client, settings.away_s, own)
            self.places = asyncio.Semaphore(setting.slots)
        else:
            self.client, self.server, self.places = sibling.client, sibling.server, sibling.places
        self._cache = None if own is None else own / "openapi.json"
        self.schema = self._read()

    def task_type(self, engine: str) -> TaskType:
        """What it offers; nothing can be asked of it before its schema is known."""
        summary = self.setting.summary or f"Made by the model {self.name}."
        if self.schema is None:
            return TaskType(
                name=self.name,
                engine=engine,
                summary=summary,
                params_schema=_NOTHING,
                preset_parameters=_PRESET,
                presets=self.setting.presets,
            )
        return TaskType(
            name=self.name,
            engine=engine,
            summary=summary,
            params_schema=self.schema.params_schema,
            preset_parameters=self.schema.preset_parameters,
            inputs=self.schema.files,
            presets=self.setting.presets,
        )

    async def learn(self, every_s: float) -> None:
        """Asks it what it takes until that is known; then keeps it for times when it is away."""
        while True:
            with contextlib.suppress(AwayError):
                document = await self.client.document()
                if document is not None and await self._use(document):
                    return
            await asyncio.sleep(every_s)

    async def remember(self) -> None:
        """After a prediction: what the server that made it says of itself counts from now on."""
        document = self.server.document
        if document is None or self.setting.schema_file is not None:
            return
        if self.schema is None or document != self.schema.document:
            with contextlib.suppress(SchemaError):
                self.schema = ModelSchema(document, self.setting)
                await asyncio.to_thread(self._save, document)

    async def problem(self, within_s: float) -> tuple[str, Mapping[str, Any]]:
        """Why it cannot be asked now, empty where it can; and what it says of itself."""
        try:
            health = await self.client.health(within_s)
        except AwayError:
            if self.setting.start is not None and self.schema is not None:
                return "", {"status": "NOT_STARTED"}
            return "its server cannot be reached", {"status": "AWAY"}
        details = {"status": health.status, "coglet": health.release or "none"}
        if self.schema is None:
            return "what it takes is not known yet", details
        if health.is_up or self.setting.start is not None:
            return "", details
        said = "its worker has died" if health.is_dead else f"its server says {health.status}"
        return said, details

    async def close(self) -> None:
        """Ends what was started for it."""
        await self.server.kill()
        await self.client.close()

    async def _use(self, document: Mapping[str, Any]) -> bool:
        if self.setting.schema_file is not None:
            return True
        try:
            self.schema = ModelSchema(document, self.setting)
        except SchemaError as error:
            log.error("a model cannot be used", model=self.name, reason=str(error))
            return True
        await asyncio.to_thread(self._save, document)
        return True

    def _save(self, document: Mapping[str, Any]) -> None:
        if self._cache is None:
            return
        with contextlib.suppress(OSError):
            self._cache.parent.mkdir(parents=True, exist_ok=True)
            part = self._cache.with_suffix(".part")
            part.write_text(json.dumps(document))
            part.replace(self._cache)

    def _read(self) -> ModelSchema | None:
        """From the file that was set; else from itself, if it is there; else from its last visit; else as built."""
        if self.setting.schema_file is not None:
            document = read_document(self.setting.schema_file)
            if document is None:
                raise SchemaError("the file of its schema cannot be read")
            return ModelSchema(document, self.setting)
        built = None if self.setting.start is None else self.setting.start.folder / _BUILT
        asked = self._ask_now()
        if asked is not None:
            self._save(asked)
        for document in (asked, *(read_document(path) for path in (self._cache, built) if path is not None)):
            if document is not None:
                return ModelSchema(document, self.setting)
        return None

    def _ask_now(self) -> dict[str, Any] | None:
        with contextlib.suppress(httpx.HTTPError, ValueError):
            answer = httpx.get(f"{self.setting.url}/openapi.json", timeout=_FIRST_ASK_S, trust_env=False)
            found = answer.json() if answer.status_code == 200 else None
            return found if isinstance(found, dict) and "components" in found else None
        return None
