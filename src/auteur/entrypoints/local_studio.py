"""A service opened in this process, for the occasion: what it tells is read as from one that runs elsewhere."""

import asyncio
import io
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from auteur.client import Artifact, Connected, Event, ProjectSummary, Task, is_ending
from auteur.client.decoding import decode
from auteur.client.events import ending_of, event_of
from auteur.domain.access import ANONYMOUS
from auteur.domain.commands import CancelTask, DeleteProject, DeleteTask, MarkTask, PromoteTask, StartGeneration
from auteur.domain.project import parse_words
from auteur.domain.state import TaskQuery, TaskReading
from auteur.domain.task import Task as KnownTask
from auteur.domain.task import TaskStatus, parse_project_id
from auteur.entrypoints.batching import film_started, follow_batch
from auteur.entrypoints.container import Container
from auteur.entrypoints.http.artifacts import look_at
from auteur.entrypoints.http.bodies import read_as
from auteur.entrypoints.http.library import script_of
from auteur.entrypoints.local_webhooks import EmbeddedWebhooks
from auteur.entrypoints.output import Target, free_target
from auteur.entrypoints.studios import BatchStarted, FilmStarted, told_as_of_a_service
from auteur.protocol.film import KINDS, FilmMadeView, FilmRequest
from auteur.protocol.film_export import ExportRequest, ExportsView
from auteur.protocol.incoming import BatchRequest
from auteur.protocol.projects import ProjectSummaryView
from auteur.protocol.translate import to_message
from auteur.protocol.views import TaskView


class EmbeddedStudio:
    """A service opened in this process; only what is asked for here runs."""

    goes_on = False

    def __init__(self, container: Container) -> None:
        self._container = container

    @property
    def webhooks(self) -> EmbeddedWebhooks:
        """Who is told of its projects' endings."""
        return EmbeddedWebhooks(self._container.webhook_office())

    async def bring(self, project_id: str, picture: Path) -> str:
        data = await asyncio.to_thread(picture.read_bytes)

        async def chunks() -> AsyncIterator[bytes]:
            yield data

        with told_as_of_a_service():
            parse_project_id(project_id)
            await self._container.store().counts(project_id)  # a project that was deleted takes nothing in
            suffix, _, _ = await look_at(io.BytesIO(data), picture.name)
            return f"{project_id}/{await self._container.artifacts().receive(project_id, chunks(), suffix)}"

    async def submit(self, project_id: str, request: Mapping[str, Any]) -> Task:
        command = StartGeneration(project_id=project_id, **_ids(), **{"metadata": {}, **request})
        with told_as_of_a_service():
            submission = await self._container.dispatcher().submit(command)
            return _task(submission.task, submission.task.request.queue_position)

    async def promote(self, project_id: str, task_id: str, request: Mapping[str, Any]) -> Task:
        command = PromoteTask(project_id=project_id, task_id=task_id, **_ids(), **request)
        with told_as_of_a_service():
            return _task((await self._container.promoter().promote(command)).task)

    async def watch(self, project_id: str, task_id: str) -> AsyncGenerator[Event, None]:
        with told_as_of_a_service():
            async with aclosing(self._events(project_id)) as events:
                async for event in events:
                    if isinstance(event, Connected):
                        if (ending := ending_of(await self.task(project_id, task_id))) is not None:
                            yield ending
                            return
                    elif event.task_id == task_id:
                        yield event
                        if is_ending(event):
                            return

    async def batch(
        self, project_id: str, requests: Sequence[Mapping[str, Any]]
    ) -> AsyncGenerator[BatchStarted | Event, None]:
        async def submit() -> BatchStarted:
            asked = BatchRequest.model_validate({"requests": list(requests)})
            ids = _ids()
            command = asked.batch(project_id, ids["message_id"], ids["request_id"])
            accepted = [known.task.task_id for known in await self._container.dispatcher().submit_batch(command)]
            names = {name: task_id for name, task_id in zip(command.names, accepted, strict=True) if name is not None}
            return BatchStarted(accepted, names)

        with told_as_of_a_service():
            following = follow_batch(self._events(project_id), submit, lambda task_id: self.task(project_id, task_id))
            async with aclosing(following) as heard:
                async for event in heard:
                    yield event

    async def film(self, project_id: str, request: Mapping[str, Any]) -> AsyncGenerator[FilmStarted | Event, None]:
        async def make() -> FilmStarted:
            asked = read_as(FilmRequest, request)
            ids = _ids()
            script = await script_of(asked, parse_project_id(project_id), self._container.artifacts())
            command = asked.command(project_id, script, ids["message_id"], ids["request_id"])
            made = FilmMadeView.of(await self._container.film_maker().make(command))
            return film_started(made.model_dump(mode="json"))

        with told_as_of_a_service():
            if request.get("dry_run"):
                yield await make()
                return
            following = follow_batch(self._events(project_id), make, lambda task_id: self.task(project_id, task_id))
            async with aclosing(following) as heard:
                async for event in heard:
                    yield event

    async def hand_over(
        self, project_id: str, name: str, request: Mapping[str, Any]
    ) -> AsyncGenerator[BatchStarted | Event, None]:
        async def ask() -> BatchStarted:
            asked = read_as(ExportRequest, request)
            command = asked.command(parse_project_id(project_id), name, **_ids())
            submissions = await self._container.film_exporter().export(command)
            tasks = ExportsView.of(command.name, submissions).tasks
            return BatchStarted(list(tasks.values()), tasks)

        with told_as_of_a_service():
            following = follow_batch(self._events(project_id), ask, lambda task_id: self.task(project_id, task_id))
            async with aclosing(following) as heard:
                async for event in heard:
                    yield event

    async def documents(self, project_id: str, kind: str) -> AsyncGenerator[Mapping[str, Any], None]:
        known = KINDS[kind]
        after: str | None = None
        with told_as_of_a_service():
            while True:
                page, after = await self._container.keeper().page(project_id, known.kind, after=after, limit=10)
                for document in page:
                    yield known.head.of(document).model_dump(mode="json")
                if after is None:
                    return

    async def document(self, project_id: str, kind: str, name: str) -> Mapping[str, Any]:
        known = KINDS[kind]
        with told_as_of_a_service():
            document = await self._container.keeper().read(project_id, known.kind, name)
            shown: dict[str, Any] = known.view.of(document).model_dump(mode="json")
            return shown

    async def put_document(self, project_id: str, kind: str, name: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        known = KINDS[kind]
        with told_as_of_a_service():
            text = read_as(known.body, body).model_dump_json()
            document = await self._container.keeper().put(project_id, known.kind, name, text)
            shown: dict[str, Any] = known.view.of(document).model_dump(mode="json")
            return shown

    async def delete_document(self, project_id: str, kind: str, name: str) -> None:
        with told_as_of_a_service():
            await self._container.keeper().remove(project_id, KINDS[kind].kind, name)

    async def _events(self, project_id: str) -> AsyncGenerator[Event, None]:
        """What happens in a project from now on, begun as a subscription begins."""
        parse_project_id(project_id)
        position = (await self._container.store().counts(project_id)).position
        yield Connected(type="connected", id="", project_id=project_id, timestamp=datetime.now(UTC))
        async with aclosing(self._container.bus().subscribe(project_id, position)) as events:
            async for recorded in events:
                message = to_message(recorded)
                if message is not None:
                    yield event_of(message.model_dump(mode="json", exclude_none=True))

    async def task(self, project_id: str, task_id: str) -> Task:
        with told_as_of_a_service():
            return _read(await self._container.store().task(parse_project_id(project_id), task_id))

    async def tasks(self, project_id: str, *, limit: int | None = None, **filters: Any) -> AsyncGenerator[Task, None]:
        query = TaskQuery(
            statuses=frozenset(map(TaskStatus, filters.get("status") or TaskStatus)),
            task_type=filters.get("task_type"),
            quality=filters.get("quality"),
            favourite=filters.get("favourite"),
            shot=filters.get("shot"),
            words=parse_words(filters["q"]) if filters.get("q") is not None else (),
        )
        cursor: str | None = None
        with told_as_of_a_service():
            while limit is None or limit > 0:
                page, cursor = await self._container.reader().page(project_id, query, cursor, min(limit or 100, 100))
                for task in page.tasks[:limit]:
                    yield _task(task, page.queue_positions.get(task.task_id))
                limit = None if limit is None else limit - len(page.tasks)
                if cursor is None:
                    return

    async def projects(self, limit: int | None) -> AsyncGenerator[ProjectSummary, None]:
        cursor: str | None = None
        with told_as_of_a_service():
            while limit is None or limit > 0:
                page = await self._container.reader().projects(ANONYMOUS, after=cursor, limit=min(limit or 100, 100))
                for known in page.projects[:limit]:
                    yield decode(ProjectSummary, ProjectSummaryView.of(known).model_dump(mode="json"))
                limit, cursor = None if limit is None else limit - len(page.projects), page.next
                if cursor is None:
                    return

    async def cancel(self, project_id: str, task_id: str) -> Task:
        with told_as_of_a_service():
            return _read(await self._container.dispatcher().cancel(CancelTask(project_id=project_id, task_id=task_id)))

    async def mark(self, project_id: str, task_id: str, marks: Mapping[str, bool]) -> Task:
        command = MarkTask(
            project_id=project_id, task_id=task_id, favourite=marks.get("favourite"), circled=marks.get("circled")
        )
        with told_as_of_a_service():
            return _read((await self._container.archive().mark(command)).reading)

    async def delete_task(self, project_id: str, task_id: str) -> None:
        with told_as_of_a_service():
            await self._container.archive().delete_task(DeleteTask(project_id=project_id, task_id=task_id))

    async def delete_project(self, project_id: str) -> None:
        with told_as_of_a_service():
            await self._container.archive().delete_project(DeleteProject(project_id=project_id))

    async def fetch(self, artifact: Artifact, target: Target | None) -> Path:
        local: Path = self._container.settings().workspace / artifact.path
        if target is None and local.is_file():
            return local
        project_id, _, path = artifact.path.partition("/")
        with (
            told_as_of_a_service(),
            (target or free_target(artifact.name)).opened(artifact.name) as (place, file),
        ):
            found = await self._container.artifacts().find(project_id, path)
            async with aclosing(await found.open(0, found.size_bytes)) as chunks:
                async for chunk in chunks:
                    await asyncio.to_thread(file.write, chunk)
        return place


def _read(reading: TaskReading) -> Task:
    return _task(reading.task, reading.queue_position)


def _task(task: KnownTask, queue_position: int | None = None) -> Task:
    return decode(Task, TaskView.of(task, queue_position).model_dump(mode="json"))


def _ids() -> dict[str, Any]:
    """What names a request that nobody will repeat."""
    return {"message_id": str(uuid.uuid4()), "request_id": f"cli_{uuid.uuid4().hex[:12]}"}
