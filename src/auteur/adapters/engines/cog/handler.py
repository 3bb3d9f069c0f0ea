"""`TaskHandler` for models behind Cog's HTTP interface: one task type a model."""

import asyncio
import base64
import mimetypes
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any, Self

import structlog

from auteur.adapters.background import end
from auteur.adapters.engines.cog.journal import Journal
from auteur.adapters.engines.cog.known import KnownModel
from auteur.adapters.engines.cog.lookout import Model
from auteur.adapters.engines.cog.prediction import Prediction
from auteur.adapters.engines.cog.receiver import Receiver
from auteur.adapters.engines.cog.schema import ModelSchema
from auteur.adapters.engines.cog.settings import CogSettings
from auteur.adapters.engines.inputs import find_file, locate
from auteur.domain.errors import HandlerError, UnavailableError
from auteur.domain.ports import ArtifactStore, EngineStatus, HandlerResult, TaskContext
from auteur.domain.task import Task, TaskType

log = structlog.get_logger(__name__)

ENGINE = "cog"
_MAX_DATA_BYTES = 8 << 20
"""The largest file that goes into a request; a larger one is fetched from us, where the model reaches us."""
_MAX_BODY_BYTES = 70 << 20
_ASKS_EVERY_S = 2.0
_STATUS_WITHIN_S = 1.0


class CogHandler:
    """Open with ``async with``. ``folder``: of this service's own, for what is known of the models; None keeps
    nothing."""

    def __init__(self, settings: CogSettings, artifacts: ArtifactStore, folder: Path | None) -> None:
        self._settings = settings
        self._artifacts = artifacts
        self._models: dict[str, KnownModel] = {}
        self._by_url: dict[str, KnownModel] = {}
        for name, setting in settings.models.items():
            model = self._models[name] = KnownModel(name, setting, settings, folder, self._by_url.get(setting.url))
            self._by_url.setdefault(setting.url, model)
        max_bytes = settings.max_output_mb << 20
        self._receiver = Receiver(settings.listen_at, max_bytes * 2)  # as text a file takes a third more
        self._journal = Journal(None if folder is None else folder / "out")
        self._stack = AsyncExitStack()

    @property
    def task_types(self) -> Sequence[TaskType]:
        return tuple(model.task_type(ENGINE) for model in self._models.values())

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._receiver.close)
            await stack.enter_async_context(self._journal)
            for model in self._by_url.values():
                stack.push_async_callback(model.close)
            clients = {url: model.client for url, model in self._by_url.items()}
            chores = [
                asyncio.create_task(self._journal.stop_what_was_left(clients), name="cog-left"),
                *(asyncio.create_task(model.learn(_ASKS_EVERY_S)) for model in self._models.values()),
            ]
            stack.push_async_callback(end, chores)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    async def status(self) -> EngineStatus:
        """Up while one model at least can be asked, or be started; the others are unavailable."""
        names = list(self._models)
        found = await asyncio.gather(*(self._models[name].problem(_STATUS_WITHIN_S) for name in names))
        away = {name: problem for name, (problem, _) in zip(names, found, strict=True) if problem}
        details = {name: detail for name, (_, detail) in zip(names, found, strict=True)}
        reason = "; ".join(f"{name}: {problem}" for name, problem in away.items())
        return EngineStatus(up=len(away) < len(names), reason=reason, details=details, unavailable=away)

    def check(self, task_type: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._schema(task_type).parameters.read(params).model_dump(by_alias=True, exclude_unset=True)

    async def prepare(
        self, task_type: str, project_id: str, params: Mapping[str, Any], origins: Mapping[str, str]
    ) -> Mapping[str, Any]:
        schema = self._schema(task_type)
        effective = schema.effective(params, origins)
        for wanted in schema.files:
            given = effective.get(wanted.name)
            if isinstance(given, list):
                effective[wanted.name] = [await find_file(self._artifacts, project_id, wanted, one) for one in given]
            elif given is not None:
                effective[wanted.name] = await find_file(self._artifacts, project_id, wanted, given)
        return effective

    def estimate_s(self, task_type: str, params: Mapping[str, Any]) -> float | None:
        return None  # a model says nothing of its speed

    async def run(self, task: Task, context: TaskContext) -> HandlerResult:
        known = self._models[task.request.task_type]
        schema = self._schema(task.request.task_type)
        params = task.request.params
        begun = time.monotonic()
        context.report(0.0, stage="waiting for a free place at the model")
        async with known.places:
            with ExitStack() as offers:
                base = await self._base(known)
                asked = schema.for_model(await self._with_files(task, schema, params, base, offers))
                wanted = params.get("num_outputs")
                model = Model(known.setting, schema, known.client, known.server)
                prediction = Prediction(
                    model, asked, wanted if isinstance(wanted, int) else None, context, self._settings
                )
                webhook = None
                if base is not None:
                    path = self._receiver.hear(prediction.id, prediction.hear)
                    offers.callback(self._receiver.forget, path)
                    webhook = base + path
                log.info("asking a model", model=known.name, prediction=prediction.id)
                made = await prediction.run(self._journal, webhook)
        await known.remember()
        return HandlerResult(
            drafts=made.drafts,
            metrics={
                "prediction": prediction.id,
                "predict_s": round(time.monotonic() - begun, 3),
                "at_capacity": prediction.at_capacity,
            },
            understood={} if made.text is None else {"text": made.text},
        )

    def _schema(self, task_type: str) -> ModelSchema:
        schema = self._models[task_type].schema
        if schema is None:
            raise UnavailableError("The model has not been reached yet, and nobody knows what it takes.")
        return schema

    async def _base(self, known: KnownModel) -> str | None:
        """Where the model reaches this process, None where it does not."""
        # one that somebody else started on this machine may be in a container, to which our loopback is not ours
        if self._settings.webhook_url is None and known.setting.start is None:
            return None
        if not await self._receiver.open():
            return None
        return self._settings.webhook_url or f"http://127.0.0.1:{self._receiver.port}"

    async def _with_files(
        self, task: Task, schema: ModelSchema, params: Mapping[str, Any], base: str | None, offers: ExitStack
    ) -> dict[str, Any]:
        """The parameters, files as data or as addresses of ours: a model never gets a path. Raises `HandlerError`."""
        whole = dict(params)
        left = _MAX_BODY_BYTES

        async def sent(path: str) -> str:
            nonlocal left
            file = await locate(self._artifacts, task.project_id, path, "input file")
            size = (await asyncio.to_thread(file.stat)).st_size
            if size > min(_MAX_DATA_BYTES, left) and base is not None:
                offered = self._receiver.offer(file)
                offers.callback(self._receiver.forget, offered)
                return base + offered
            left -= size
            if left < 0:
                raise HandlerError("The input files are larger together than the model takes.")
            return await asyncio.to_thread(_as_data, file)

        for wanted in schema.files:
            given = whole.get(wanted.name)
            if isinstance(given, list):
                whole[wanted.name] = [await sent(one) for one in given]
            elif given is not None:
                whole[wanted.name] = await sent(given)
        return whole


def _as_data(file: Path) -> str:
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    try:
        return f"data:{media_type};base64,{base64.b64encode(file.read_bytes()).decode()}"
    except OSError as error:
        raise HandlerError("An input file cannot be read now.", retryable=True) from error
