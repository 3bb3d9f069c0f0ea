"""One attempt at a workflow: sent, followed to its ending wherever that shows, its files fetched.

What makes that a crash, a lost answer or a restart neither loses nor doubles it: the prompt's id follows from task and
attempt, so that it can be looked for before it is sent again; only HTTP says how it ended; a prompt that nobody waits
for any more is stopped.
"""

import json
import uuid
from contextlib import suppress
from functools import partial
from typing import Any

import structlog

from auteur.adapters.engines.comfyui.client import FileGoneError, ServerAwayError
from auteur.adapters.engines.comfyui.listening import Listener
from auteur.adapters.engines.comfyui.outputs import chosen, collect, refuse_empty
from auteur.adapters.engines.comfyui.pool import Server, ServerPool
from auteur.adapters.engines.comfyui.progress import Progress
from auteur.adapters.engines.comfyui.prompts import Prompt, PromptLostError
from auteur.adapters.engines.comfyui.states import Ended, files_of
from auteur.adapters.engines.comfyui.templates import Template
from auteur.adapters.engines.comfyui.uploads import ready
from auteur.adapters.engines.comfyui.words import is_out_of_memory, node_error
from auteur.adapters.engines.inputs import locate
from auteur.domain.errors import HandlerError, UnavailableError, UnreadableImageError
from auteur.domain.ports import ArtifactStore, HandlerResult, TaskContext
from auteur.domain.task import Task

log = structlog.get_logger(__name__)

_PROMPT_IDS = uuid.UUID("6a1d6a0e-52a4-4c0e-9a44-1d9f6f8b3c55")
_TRIALS = 4
_FORMER = 8


class WorkflowRun:
    """Runs a template for one attempt of a task. ``most_bytes``: the largest file that is fetched."""

    def __init__(
        self,
        pool: ServerPool,
        artifacts: ArtifactStore,
        template: Template,
        task: Task,
        context: TaskContext,
        *,
        ping_timeout_s: float,
        previews: bool,
        most_bytes: int,
    ) -> None:
        self._pool = pool
        self._artifacts = artifacts
        self._template = template
        self._task = task
        self._context = context
        self._ping_timeout_s = ping_timeout_s
        self._previews = previews
        self._most_bytes = most_bytes
        self._prompt_id = prompt_id(task, task.attempt)
        self._progress = Progress(template.workflow, template.savers())
        self._sent = self._cached = 0
        self._adopted = False

    async def run(self) -> HandlerResult:
        """Raises `HandlerError`."""
        params = self._task.request.params
        workflow = self._template.filled(params, f"auteur/{self._prompt_id}/out")
        later = self._template.file_inputs
        avoid: set[Server] = set()
        self._context.report(0.0, stage="waiting", message="Waiting for a ComfyUI server.")
        for trial in range(_TRIALS):
            async with self._pool.reserve(workflow, later, avoid, partial(self._say, "waiting")) as server:
                try:
                    if trial == 0 and (adopted := await self._adopt()) is not None:
                        return adopted
                    return await self._on(server, workflow)
                except PromptLostError:
                    log.info("a prompt was lost", server=server.name, prompt_id=self._prompt_id)
                except FileGoneError as error:  # the same prompt would only name the same file again
                    raise HandlerError(f"The result cannot be fetched: {error}.", retryable=True) from error
                except ServerAwayError as error:
                    server.is_away(str(error))
                    self._pool.disown(server, self._prompt_id)
                    avoid.add(server)
                    log.warning("a task leaves a ComfyUI server", server=server.name, prompt_id=self._prompt_id)
        raise HandlerError(f"The ComfyUI servers lost this {_TRIALS} times.", retryable=True)

    def _say(self, stage: str, message: str | None = None) -> None:
        self._context.report(self._progress.value, stage=stage, message=message)

    async def _adopt(self) -> HandlerResult | None:
        """What a former attempt has made, where it is to be had. Raises `HandlerError`."""
        found = await self._former()
        if found is None:
            return None
        self._adopted = True
        with suppress(FileGoneError, ServerAwayError):
            return await self._conclude(*found)
        self._adopted = False
        return None

    async def _former(self) -> tuple[Server, Ended] | None:
        """What an attempt whose worker is gone had made, or still makes: it counts as this one's. Any further one is
        stopped."""
        newest = self._task.attempt - 1
        found: tuple[Server, Ended] | None = None
        for attempt in range(newest, max(newest - _FORMER, 0), -1):
            known = prompt_id(self._task, attempt)
            for server in self._pool.servers:
                if found is not None or not server.up:
                    self._pool.disown(server, known)
                    continue
                with suppress(PromptLostError, ServerAwayError):
                    ended = await Prompt(self._pool, server, self._template, known, self._say).adopt()
                    if ended is not None and ended.outcome == "succeeded":
                        found = (server, ended)
        return found

    async def _on(self, server: Server, workflow: dict[str, dict[str, Any]]) -> HandlerResult:
        """Raises `HandlerError`, `ServerAwayError`, `PromptLostError`, `FileGoneError`."""
        for (node, wanted), value in (await self._upload(server)).items():
            workflow[node]["inputs"][wanted] = value
        extra: dict[str, Any] = {"auteur": {"task_id": self._task.task_id, "attempt": self._task.attempt}}
        if self._previews:
            extra["preview_method"] = "auto"
        async with Listener(
            server.client, self._prompt_id, workflow, self._progress, self._context, self._ping_timeout_s
        ) as listener:
            prompt = Prompt(self._pool, server, self._template, self._prompt_id, self._say, listener)
            self._sent += 1
            ended = await prompt.run(workflow, listener.client_id, extra)
            self._cached = listener.cached
        return await self._conclude(server, ended)

    async def _upload(self, server: Server) -> dict[tuple[str, str], str]:
        """Brings the task's files to the server; by input of a node what it is given."""
        given: dict[tuple[str, str], str] = {}
        for name, declared in self._template.declared.items():
            path = self._task.request.params.get(name)
            if not declared.is_file or path is None:
                continue
            file = await locate(self._artifacts, self._task.project_id, path, f"{declared.type} for {name}")
            try:
                upload, data = await ready(file, declared.type)
            except (UnreadableImageError, OSError) as error:
                raise HandlerError(f"The {declared.type} for {name} cannot be read.") from error
            except UnavailableError as error:
                raise HandlerError(f"The {declared.type} for {name} cannot be read now.", retryable=True) from error
            value = await server.client.upload(upload, data)
            given |= dict.fromkeys(self._template.sets[name], value)
        return given

    async def _conclude(self, server: Server, ended: Ended) -> HandlerResult:
        """The files of a prompt that ended well. Raises `HandlerError` for any other, `FileGoneError`,
        `ServerAwayError`."""
        workflow = self._template.workflow
        if ended.outcome == "interrupted":
            raise HandlerError("Somebody interrupted the workflow on the ComfyUI server.", retryable=True)
        if ended.outcome == "failed":
            about = {name: ended.error[name] for name in ("node_id", "node_type") if name in ended.error}
            is_retryable = is_out_of_memory(ended.error)
            raise HandlerError(node_error(workflow, ended.error), retryable=is_retryable, **about)
        files = chosen(files_of(ended.outputs), self._template.outputs, list(workflow))
        refuse_empty(files)
        self._say("fetching")
        prompt = Prompt(self._pool, server, self._template, self._prompt_id, self._say)
        away_since: float | None = None
        while True:
            try:
                drafts = await collect(
                    server.client, files, self._template.outputs, self._context.directory, self._most_bytes
                )
                break
            except ServerAwayError as error:
                away_since = await prompt.bear(away_since, error)
        self._context.report(1.0, stage="done")
        metrics = {
            "comfyui_version": server.version,
            "device": ", ".join(server.devices),
            "sent": self._sent,
            "adopted": self._adopted,
            "cached_nodes": self._cached,
        }
        return HandlerResult(drafts=drafts, metrics=metrics, understood={"workflow": self._template.file})


def prompt_id(task: Task, attempt: int) -> str:
    """The id of the prompt of an attempt: the same whoever asks, another for every attempt and every request."""
    params = json.dumps(task.request.params, sort_keys=True, default=str)
    return str(uuid.uuid5(_PROMPT_IDS, f"{task.project_id}/{task.task_id}/{attempt}/{params}"))
