"""A service that runs elsewhere, or beside: asked through `auteur.client`, like any program does."""

import asyncio
import base64
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import Any

from auteur.client import (
    Artifact,
    AsyncAuteur,
    AuteurError,
    Event,
    ProjectSummary,
    Subscription,
    Task,
    UnauthenticatedError,
    UnreachableError,
)
from auteur.client.http import Token
from auteur.entrypoints.batching import film_started, follow_batch
from auteur.entrypoints.output import Target, free_target
from auteur.entrypoints.studios import (
    PATIENCE_S,
    BatchStarted,
    CommandError,
    FilmStarted,
    NotReachableError,
    refused,
)


class RemoteStudio:
    """A running service at ``url``. ``workspace``: looked into first for results. ``token``: what it is shown."""

    goes_on = True

    def __init__(self, url: str, workspace: Path, token: Token = None) -> None:
        try:
            self.client = AsyncAuteur(url, token, patience_s=PATIENCE_S)
        except ValueError as error:
            raise CommandError(f"--url: {error}") from None
        self._workspace = workspace

    @property
    def url(self) -> str:
        """Where it is."""
        return self.client.url

    async def close(self) -> None:
        """Ends the connections."""
        await self.client.close()

    async def answers(self) -> bool:
        """Whether a service answers there."""
        return await self.client.is_alive()

    async def bring(self, project_id: str, picture: Path) -> str:
        with told():
            return (await self.client.upload(project_id, picture)).path

    async def submit(self, project_id: str, request: Mapping[str, Any]) -> Task:
        with told():
            return await self.client.submit(project_id, **request)

    async def promote(self, project_id: str, task_id: str, request: Mapping[str, Any]) -> Task:
        with told():
            return await self.client.promote(project_id, task_id, **request)

    async def watch(self, project_id: str, task_id: str) -> AsyncGenerator[Event, None]:
        with told():
            watching = self.client.watch(project_id, task_id, give_up_after_s=PATIENCE_S)
            async with aclosing(watching) as heard:
                async for event in heard:
                    yield event

    def open(self, project_id: str, after: str | None = None, **options: Any) -> Subscription:
        """What happens in a project, to be read inside `told`."""
        return self.client.open(project_id, after=after, give_up_after_s=PATIENCE_S, **options)

    async def batch(
        self, project_id: str, requests: Sequence[Mapping[str, Any]]
    ) -> AsyncGenerator[BatchStarted | Event, None]:
        async def submit() -> BatchStarted:
            accepted = await self.client.batch(project_id, requests)
            return BatchStarted([task.task_id for task in accepted.tasks], accepted.names)

        async def events() -> AsyncGenerator[Event, None]:
            async with self.open(project_id) as subscription:
                async for event in subscription:
                    yield event

        with told():
            following = follow_batch(events(), submit, lambda task_id: self.client.task(project_id, task_id))
            async with aclosing(following) as heard:
                async for event in heard:
                    yield event

    async def film(self, project_id: str, request: Mapping[str, Any]) -> AsyncGenerator[FilmStarted | Event, None]:
        async def make() -> FilmStarted:
            given = dict(request)
            script = base64.b64decode(given.pop("script_base64"))
            return film_started(await self.client.make_film(project_id, given.pop("name"), script, **given))

        async def events() -> AsyncGenerator[Event, None]:
            async with self.open(project_id) as subscription:
                async for event in subscription:
                    yield event

        with told():
            if request.get("dry_run"):
                yield await make()
                return
            following = follow_batch(events(), make, lambda task_id: self.client.task(project_id, task_id))
            async with aclosing(following) as heard:
                async for event in heard:
                    yield event

    async def hand_over(
        self, project_id: str, name: str, request: Mapping[str, Any]
    ) -> AsyncGenerator[BatchStarted | Event, None]:
        async def ask() -> BatchStarted:
            tasks = (await self.client.export_film(project_id, name, **request))["tasks"]
            return BatchStarted(list(tasks.values()), tasks)

        async def events() -> AsyncGenerator[Event, None]:
            async with self.open(project_id) as subscription:
                async for event in subscription:
                    yield event

        with told():
            following = follow_batch(events(), ask, lambda task_id: self.client.task(project_id, task_id))
            async with aclosing(following) as heard:
                async for event in heard:
                    yield event

    async def documents(self, project_id: str, kind: str) -> AsyncGenerator[Mapping[str, Any], None]:
        with told():
            async for document in self.client.documents(project_id, kind):
                yield document

    async def document(self, project_id: str, kind: str, name: str) -> Mapping[str, Any]:
        with told():
            return await self.client.document(project_id, kind, name)

    async def put_document(self, project_id: str, kind: str, name: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        with told():
            return await self.client.put_document(project_id, kind, name, body)

    async def delete_document(self, project_id: str, kind: str, name: str) -> None:
        with told():
            await self.client.delete_document(project_id, kind, name)

    @property
    def webhooks(self) -> "RemoteWebhooks":
        """Who is told of its projects' endings."""
        return RemoteWebhooks(self.client)

    async def task(self, project_id: str, task_id: str) -> Task:
        with told():
            return await self.client.task(project_id, task_id)

    async def tasks(self, project_id: str, **filters: Any) -> AsyncGenerator[Task, None]:
        with told():
            async for task in self.client.tasks(project_id, **filters):
                yield task

    async def projects(self, limit: int | None) -> AsyncGenerator[ProjectSummary, None]:
        with told():
            async for project in self.client.projects(limit=limit):
                yield project

    async def cancel(self, project_id: str, task_id: str) -> Task:
        with told():
            return await self.client.cancel(project_id, task_id)

    async def mark(self, project_id: str, task_id: str, marks: Mapping[str, bool]) -> Task:
        with told():
            return await self.client.mark(project_id, task_id, **marks)

    async def delete_task(self, project_id: str, task_id: str) -> None:
        with told():
            await self.client.delete(project_id, task_id)

    async def delete_project(self, project_id: str) -> None:
        with told():
            await self.client.delete_project(project_id)

    async def fetch(self, artifact: Artifact, target: Target | None) -> Path:
        local = Path(self._workspace, artifact.path)
        if target is None and local.is_file() and local.stat().st_size == artifact.size_bytes:
            return local
        target = target or free_target(artifact.name)
        with told(), target.opened(artifact.name) as (path, file):
            async with aclosing(self.client.chunks(artifact)) as chunks:
                async for chunk in chunks:
                    await asyncio.to_thread(file.write, chunk)
        return path


class RemoteWebhooks:
    """A `WebhookDesk` at a running service."""

    def __init__(self, client: AsyncAuteur) -> None:
        self._client = client

    async def all(self, project_id: str) -> Sequence[Mapping[str, Any]]:
        with told():
            return await self._client.webhooks(project_id)

    async def add(self, project_id: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        with told():
            return await self._client.add_webhook(project_id, **body)

    async def change(self, project_id: str, webhook_id: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        with told():
            return await self._client.change_webhook(project_id, webhook_id, **body)

    async def rotate(self, project_id: str, webhook_id: str) -> Mapping[str, Any]:
        with told():
            return await self._client.rotate_webhook(project_id, webhook_id)

    async def remove(self, project_id: str, webhook_id: str) -> None:
        with told():
            await self._client.remove_webhook(project_id, webhook_id)

    async def dead_letters(self, project_id: str) -> AsyncGenerator[Mapping[str, Any], None]:
        with told():
            async for letter in self._client.dead_letters(project_id):
                yield letter

    async def replay(self, project_id: str, delivery_id: str | None) -> int:
        with told():
            return await self._client.replay(project_id, delivery_id)


@contextmanager
def told() -> Iterator[None]:
    """What the client raises inside is raised as the command line tells it."""
    try:
        yield
    except UnreachableError as error:
        raise NotReachableError(f"{error.message.rstrip('.')}.") from None
    except UnauthenticatedError as error:
        hint = "; give one with --token-file or BACKEND_TOKEN" if error.code == "UNAUTHENTICATED" else ""
        raise refused(error.message.rstrip(".") + hint, error.code, error.details) from None
    except AuteurError as error:
        raise refused(error.message, error.code, error.details) from None
