"""`AsyncAuteur`: everything that a service can be asked, for programs on asyncio.

Long because each method is a door of the service with its parameters, and says what it promises; what they share is in
other modules.
"""

import asyncio
import base64
import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from auteur.client.backoff import Backoff
from auteur.client.decoding import decode
from auteur.client.errors import AuteurError, DeletedError, NotAuteurError, TaskFailedError
from auteur.client.events import Connected, Event, TaskDeleted, ending_of, is_ending
from auteur.client.files import Source, opened, put_down
from auteur.client.http import Http, Repeat, Token, new_key, part
from auteur.client.models import (
    Artifact,
    Batch,
    Info,
    Lineage,
    Project,
    ProjectPage,
    ProjectSummary,
    Quality,
    Shot,
    ShotPage,
    Task,
    TaskPage,
    TaskType,
    TaskTypes,
    Upload,
)
from auteur.client.subscription import Over, Subscription

T = TypeVar("T")
_MOST_DOWNLOADS = 4


class AsyncAuteur:
    """A service at ``url``. One may be used by any number of asyncio tasks at a time, of one event loop.

    What may be repeated is repeated where the answer was lost or the service said to come back (429, 502, 503, 504), by
    its Retry-After and for ``patience_s`` in all: readings, requests for tasks (with one Idempotency-Key over all
    tries, so that it is one task), cancel, mark and delete. An upload is repeated only where nothing was taken in.

    Every method raises `AuteurError`, and nothing else but `ValueError` for an address that is none, `OSError` for
    files of this machine, and `RuntimeError` once it was closed.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8000",
        token: Token = None,
        *,
        timeout_s: float = 30.0,
        patience_s: float = 60.0,
        heartbeat_s: float = 20.0,
        backoff: Backoff | None = None,
        headers: Mapping[str, str] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """``token``: what is shown, or a function (async as well) that is asked for it with each request and each new
        connection. It is sent in a header, never in an address. ``timeout_s``: for each part of an answer.
        ``heartbeat_s``: after so long a silence a subscription asks for a sign. ``backoff``: between connections.
        ``headers``: sent with each request, for a proxy, say. Nothing is sent before the first method is called."""
        self._http = Http(
            url, token, timeout_s=timeout_s, patience_s=patience_s, headers=headers or {}, transport=transport
        )
        self._heartbeat_s = heartbeat_s
        self._backoff = backoff or Backoff()
        self._followed: set[Subscription] = set()

    @property
    def url(self) -> str:
        """Where the service is."""
        return self._http.url

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.url!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends the connections, those of subscriptions that are still open too; nothing is asked any more. Again is
        harmless."""
        while self._followed:
            await self._followed.pop().aclose()
        await self._http.close()

    # --- asking for tasks --------------------------------------------------------------------------------------------

    async def submit(
        self,
        project: str,
        task_type: str,
        params: Mapping[str, Any],
        *,
        quality: str | None = None,
        shot: str | None = None,
        engine: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Task:
        """Asks for a task; as it stands then. ``idempotency_key``: the same key and request again is the same task; one
        is drawn where none is given."""
        asked = _given(task_type=task_type, params=dict(params), quality=quality, shot=shot, engine=engine)
        return await self._post_keyed(f"{_of(project)}/tasks", asked | _given(metadata=metadata), idempotency_key, Task)

    async def batch(
        self, project: str, requests: Sequence[Mapping[str, Any]], *, idempotency_key: str | None = None
    ) -> Batch:
        """Asks for up to 500 tasks, all or none. A request is what `submit` sends, with a ``name`` if others take its
        output: ``{"from_task": "#name"}``."""
        body = {"requests": [dict(asked) for asked in requests]}
        return await self._post_keyed(f"{_of(project)}/batches", body, idempotency_key, Batch)

    async def promote(
        self,
        project: str,
        task_id: str,
        *,
        quality: str | None = None,
        engine: str | None = None,
        task_type: str | None = None,
        params: Mapping[str, Any] | None = None,
        shot: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Task:
        """Makes a take again, of the same seed: at the next higher quality where nothing else is said; the new task."""
        asked = _given(quality=quality, engine=engine, task_type=task_type, params=params, shot=shot, metadata=metadata)
        return await self._post_keyed(f"{_of(project)}/tasks/{part(task_id)}/promote", asked, idempotency_key, Task)

    # --- tasks -------------------------------------------------------------------------------------------------------

    async def task(self, project: str, task_id: str) -> Task:
        """One task."""
        return decode(Task, await self._http.ask("GET", f"{_of(project)}/tasks/{part(task_id)}"))

    async def page(
        self,
        project: str,
        *,
        status: str | Sequence[str] | None = None,
        task_type: str | None = None,
        quality: str | None = None,
        favourite: bool | None = None,
        shot: str | None = None,
        q: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> TaskPage:
        """A page of tasks, newest first. ``q``: words of prompt, shot and metadata. ``cursor``: ``next`` of the page
        before, or of a project's state."""
        asked = {
            "status": [status] if isinstance(status, str) else list(status) if status is not None else None,
            "task_type": task_type, "quality": quality, "shot": shot, "q": q, "limit": limit, "cursor": cursor,
            "favourite": None if favourite is None else str(favourite).lower(),
        }  # fmt: skip
        return decode(TaskPage, await self._http.ask("GET", f"{_of(project)}/tasks", params=asked))

    async def tasks(
        self,
        project: str,
        *,
        status: str | Sequence[str] | None = None,
        task_type: str | None = None,
        quality: str | None = None,
        favourite: bool | None = None,
        shot: str | None = None,
        q: str | None = None,
        limit: int | None = None,
    ) -> AsyncGenerator[Task, None]:
        """All tasks, newest first, page by page as they are asked for. ``limit``: how many of them at most."""
        cursor: str | None = None
        left = limit
        while left is None or left > 0:
            page = await self.page(
                project, status=status, task_type=task_type, quality=quality, favourite=favourite, shot=shot,
                q=q, limit=100 if left is None else min(left, 100), cursor=cursor,
            )  # fmt: skip
            for task in page.tasks[:left]:
                yield task
            left = None if left is None else left - len(page.tasks)
            cursor = page.next
            if cursor is None:
                return

    async def lineage(self, project: str, task_id: str) -> Lineage:
        """What a take was made of, and what was made of it: up to 100 takes."""
        return decode(Lineage, await self._http.ask("GET", f"{_of(project)}/tasks/{part(task_id)}/lineage"))

    async def cancel(self, project: str, task_id: str) -> Task:
        """Asks for a task to stop; one that has ended stays as it is."""
        return decode(Task, await self._http.ask("POST", f"{_of(project)}/tasks/{part(task_id)}/cancel"))

    async def mark(
        self, project: str, task_id: str, *, favourite: bool | None = None, circled: bool | None = None
    ) -> Task:
        """Marks a task as a favourite, or circles a take of its shot; what is left out stays as it is."""
        marks = _given(favourite=favourite, circled=circled)
        return decode(Task, await self._http.ask("PATCH", f"{_of(project)}/tasks/{part(task_id)}", json_body=marks))

    async def delete(self, project: str, task_id: str) -> None:
        """Removes a task that has ended, record and files, for good."""
        await self._http.ask("DELETE", f"{_of(project)}/tasks/{part(task_id)}")

    # --- films, sets and casts ---------------------------------------------------------------------------------------

    async def make_film(
        self,
        project: str,
        name: str,
        script: str | bytes | Upload | Artifact,
        *,
        file: str | None = None,
        rate: str | None = None,
        quality: str | None = None,
        task_type: str | None = None,
        engine: str | None = None,
        params: Mapping[str, Any] | None = None,
        scenes: Sequence[str] | None = None,
        remake: bool | None = None,
        dry_run: bool | None = None,
        idempotency_key: str | None = None,
    ) -> dict[str, Any]:
        """Makes a film of a script, or brings it up to the script: what was read, and the takes that are made now.
        ``script``: its text, its bytes, or a file of the project, as `upload` told it. ``file``: the script's name,
        whose ending says what it is. ``rate``: frames a second, as ``"25"``. ``scenes``: only these. ``remake``: every
        shot. ``dry_run``: only what was read."""
        asked = _given(
            file=file, rate=rate, quality=quality, task_type=task_type, engine=engine, params=params, scenes=scenes,
            remake=remake, dry_run=dry_run,
        )  # fmt: skip
        held: dict[str, str]
        if isinstance(script, str):
            held = {"script": script}
        elif isinstance(script, bytes):
            held = {"script_base64": base64.b64encode(script).decode()}
        else:
            held = {"script_file": script.path}
        body = {"name": name, **held, **asked}
        key = idempotency_key or new_key()
        return _object(await self._http.ask("POST", f"{_of(project)}/films", json_body=body, key=key))

    async def export_film(
        self,
        project: str,
        name: str,
        *,
        make: Sequence[str] | None = None,
        params: Mapping[str, Mapping[str, Any]] | None = None,
        scenes: Sequence[str] | None = None,
        quality: str | None = None,
        idempotency_key: str | None = None,
    ) -> dict[str, Any]:
        """Hands a film over: ``tasks``, by task type, each with files. ``make``: task types, as ``film_board``."""
        body = _given(make=make, params=params, scenes=scenes, quality=quality)
        path = f"{_of(project)}/films/{part(name)}/exports"
        return _object(await self._http.ask("POST", path, json_body=body, key=idempotency_key or new_key()))

    async def documents(self, project: str, kind: str) -> AsyncGenerator[dict[str, Any], None]:
        """All of a kind, by name. ``kind``: ``sets``, ``cast`` or ``films``, of which this tells no shots."""
        cursor: str | None = None
        while True:
            page = _object(await self._http.ask("GET", f"{_of(project)}/{part(kind)}", params={"cursor": cursor}))
            for one in page[kind]:
                yield one
            cursor = page["next"]
            if cursor is None:
                return

    async def document(self, project: str, kind: str, name: str) -> dict[str, Any]:
        """One of them, with its ``version`` and ``etag``."""
        return _object(await self._http.ask("GET", f"{_of(project)}/{part(kind)}/{part(name)}"))

    async def put_document(
        self, project: str, kind: str, name: str, body: Mapping[str, Any], *, etag: str | None = None
    ) -> dict[str, Any]:
        """Keeps it, as it is then. ``etag``: only if it still is as that one says; ``*``: only if it is there."""
        path = f"{_of(project)}/{part(kind)}/{part(name)}"
        return _object(await self._http.ask("PUT", path, json_body=dict(body), if_match=etag, repeat=_repeat(etag)))

    async def delete_document(self, project: str, kind: str, name: str, *, etag: str | None = None) -> None:
        """Removes it; takes keep what they were made with."""
        await self._http.ask("DELETE", f"{_of(project)}/{part(kind)}/{part(name)}", if_match=etag, repeat=_repeat(etag))

    # --- webhooks ----------------------------------------------------------------------------------------------------

    async def webhooks(self, project: str) -> list[dict[str, Any]]:
        """A project's webhooks, the oldest first, without their secrets. All about webhooks needs `manage`."""
        told = _object(await self._http.ask("GET", f"{_of(project)}/webhooks"))
        return list(told["webhooks"])

    async def add_webhook(
        self, project: str, url: str, *, types: Sequence[str] | None = None, description: str | None = None
    ) -> dict[str, Any]:
        """Has a receiver be told of every ending, with the ``secret`` that signs, this once. ``types``: only of these,
        as ``task.failed``. Where the answer was lost, it is not sent again: look whether it is among `webhooks`."""
        body = {"url": url, **_given(types=types, description=description)}
        return _object(
            await self._http.ask("POST", f"{_of(project)}/webhooks", json_body=body, repeat=Repeat.UNDONE)
        )  # fmt: skip

    async def change_webhook(
        self,
        project: str,
        webhook_id: str,
        *,
        url: str | None = None,
        types: Sequence[str] | None = None,
        description: str | None = None,
        enabled: bool | None = None,
    ) -> dict[str, Any]:
        """As it is then; what is left out stays. What waits for one that is disabled becomes dead letters."""
        body = _given(url=url, types=types, description=description, enabled=enabled)
        return _object(await self._http.ask("PATCH", f"{_of(project)}/webhooks/{part(webhook_id)}", json_body=body))

    async def rotate_webhook(self, project: str, webhook_id: str) -> dict[str, Any]:
        """With a new ``secret``, this once; for a while messages carry a signature by the one before, too. Not sent
        again where the answer was lost: the secret in it is nobody's, and another may be drawn."""
        path = f"{_of(project)}/webhooks/{part(webhook_id)}/secret"
        return _object(await self._http.ask("POST", path, repeat=Repeat.UNDONE))

    async def remove_webhook(self, project: str, webhook_id: str) -> None:
        """Removes it, and what waits for it."""
        await self._http.ask("DELETE", f"{_of(project)}/webhooks/{part(webhook_id)}")

    async def dead_letters(self, project: str) -> AsyncGenerator[dict[str, Any], None]:
        """Messages that were given up, the newest first, each with its ``delivery_id`` and the ``reason``."""
        cursor: str | None = None
        while True:
            page = _object(await self._http.ask("GET", f"{_of(project)}/dead-letters", params={"cursor": cursor}))
            for one in page["dead_letters"]:
                yield one
            cursor = page["next"]
            if cursor is None:
                return

    async def replay(self, project: str, delivery_id: str | None = None) -> int:
        """Sends a dead letter again, or all of them, under the ids that they had; how many."""
        one = "" if delivery_id is None else f"/{part(delivery_id)}"
        told = await self._http.ask("POST", f"{_of(project)}/dead-letters{one}/replay", repeat=Repeat.UNDONE)
        return int(_object(told)["replayed"])

    # --- files -------------------------------------------------------------------------------------------------------

    async def upload(self, project: str, source: Source, *, name: str | None = None) -> Upload:
        """Brings a picture, a sound or a script into the project: a path, bytes, an open file, or an async iterable of
        bytes. ``name``: what bytes are called; of a script its ending says what it is."""
        async with opened(source, name) as (called, file):

            def form() -> Mapping[str, Any]:
                file.seek(0)
                return {"file": (called, file)}

            told = await self._http.ask("POST", f"{_of(project)}/uploads", files=form, repeat=Repeat.UNDONE)
        return decode(Upload, told)

    async def download(self, artifact: Artifact | str, to: str | Path) -> Path:
        """Puts a file at ``to``, or under its own name into the directory ``to``; the path. It is there whole, its
        digest checked, or not at all. ``artifact``: or the url that the service told. Tried again from the beginning
        where the connection is lost."""
        target = await asyncio.to_thread(_place, Path(to), artifact)
        made = artifact if isinstance(artifact, Artifact) else None
        for failures in range(1, _MOST_DOWNLOADS + 1):
            try:
                async with aclosing(self.chunks(artifact)) as parts:
                    await put_down(parts, target, made)
                return target
            except AuteurError as error:
                if not error.temporary or failures == _MOST_DOWNLOADS:
                    raise
                await asyncio.sleep(self._http.backoff.wait_s(failures, error.retry_after_s))
        raise AssertionError("the last try returns or raises")

    async def chunks(self, artifact: Artifact | str) -> AsyncGenerator[bytes, None]:
        """A file as it comes, in parts of up to 64 KiB."""
        url = artifact if isinstance(artifact, str) else artifact.url
        async with aclosing(self._http.chunks(self._http.address_of(url))) as parts:
            async for chunk in parts:
                yield chunk

    # --- projects ----------------------------------------------------------------------------------------------------

    async def project(self, project: str) -> Project:
        """A project's state: open tasks, the newest ended ones, counts, and the position that `open` takes."""
        return decode(Project, await self._http.ask("GET", _of(project)))

    async def projects_page(self, *, limit: int | None = None, cursor: str | None = None) -> ProjectPage:
        """A page of the projects that who asks may see, the one active last first."""
        asked = {"limit": limit, "cursor": cursor}
        return decode(ProjectPage, await self._http.ask("GET", "/api/v1/projects", params=asked))

    async def projects(self, *, limit: int | None = None) -> AsyncGenerator[ProjectSummary, None]:
        """All projects that who asks may see, the one active last first. ``limit``: how many of them at most."""
        cursor: str | None = None
        left = limit
        while left is None or left > 0:
            page = await self.projects_page(limit=100 if left is None else min(left, 100), cursor=cursor)
            for one in page.projects[:left]:
                yield one
            left = None if left is None else left - len(page.projects)
            cursor = page.next
            if cursor is None:
                return

    async def shots(self, project: str) -> AsyncGenerator[Shot, None]:
        """All shots of a project, by name."""
        cursor: str | None = None
        while True:
            asked = {"limit": 100, "cursor": cursor}
            page = decode(ShotPage, await self._http.ask("GET", f"{_of(project)}/shots", params=asked))
            for shot in page.shots:
                yield shot
            cursor = page.next
            if cursor is None:
                return

    async def delete_project(self, project: str) -> None:
        """Removes a project whose tasks have ended: records, files and history, for good."""
        await self._http.ask("DELETE", _of(project))

    # --- what there is -----------------------------------------------------------------------------------------------

    async def task_types(self) -> tuple[TaskType, ...]:
        """What can be asked for, with the schema of its parameters."""
        return decode(TaskTypes, await self._http.ask("GET", "/api/v1/task-types")).task_types

    async def quality(self) -> Quality:
        """The presets, and what they mean for each task type."""
        return decode(Quality, await self._http.ask("GET", "/api/v1/quality"))

    async def info(self) -> Info:
        """Name, versions, limits."""
        return decode(Info, await self._http.ask("GET", "/api/v1/info"))

    async def health(self) -> Mapping[str, Any]:
        """The report for people, as it is; also where something is wrong."""
        report: Mapping[str, Any] = await self._http.ask("GET", "/health", accepts=frozenset({503}))
        return report

    async def is_alive(self) -> bool:
        """Whether a service answers there, within 10 s; asked once."""
        try:
            async with asyncio.timeout(10):
                async with self._http.stream(f"{self.url}/health/live") as answer:
                    told = json.loads(await answer.aread())
                    return isinstance(told, dict) and told.get("status") == "alive"
        except (AuteurError, TimeoutError, ValueError):
            return False

    # --- as it happens -----------------------------------------------------------------------------------------------

    def open(
        self,
        project: str,
        *,
        after: str | None = None,
        over: Over = "socket",
        give_up_after_s: float | None = None,
        on_connection: Callable[[bool, str], None] | None = None,
    ) -> Subscription:
        """What happens in a project, as an async iterator of events: `async with studio.open("film") as events`.

        ``after``: a position to go on from; ``"0"`` begins with the oldest event that is kept; without one it begins
        with the state as it is now (`Connected`). ``over``: a WebSocket, or server-sent events where none gets through.
        ``give_up_after_s``: raise when the service stays away so long; else it is waited for. ``on_connection``: called
        when the connection is there (True, "") and when it is lost (False, why).
        """
        return Subscription(
            self._http, project, after=after, over=over, heartbeat_s=self._heartbeat_s,
            give_up_after_s=give_up_after_s, backoff=self._backoff, on_connection=on_connection, among=self._followed,
        )  # fmt: skip

    async def watch(
        self,
        project: str,
        task_id: str,
        *,
        over: Over = "socket",
        give_up_after_s: float | None = None,
        on_connection: Callable[[bool, str], None] | None = None,
    ) -> AsyncGenerator[Event, None]:
        """What happens to one task from now on, up to its ending, which is the last; that alone where it has ended.

        Raises `DeletedError` when it is deleted meanwhile, and as `open`."""
        following = self.open(
            project, over=over, give_up_after_s=give_up_after_s, on_connection=on_connection
        )  # fmt: skip
        async with following as events:
            async for event in events:
                if isinstance(event, Connected):  # its events may be among those that were missed
                    ending = ending_of(await self.task(project, task_id))
                    if ending is not None:
                        yield ending
                        return
                elif event.task_id == task_id:
                    if isinstance(event, TaskDeleted):
                        raise DeletedError("The task was deleted.", code="TASK_DELETED", status=410)
                    yield event
                    if is_ending(event):
                        return

    async def result(self, project: str, task_id: str, *, give_up_after_s: float | None = None) -> Task:
        """Waits for a task's ending; the task. Raises `TaskFailedError` where it did not succeed."""
        async with aclosing(self.watch(project, task_id, give_up_after_s=give_up_after_s)) as events:
            async for _ in events:
                pass
        task = await self.task(project, task_id)
        if task.error is not None:
            raise TaskFailedError(task.error.message, task, code=task.error.code, details=task.error.details)
        return task

    # --- inside ------------------------------------------------------------------------------------------------------

    async def _post_keyed(self, path: str, body: Mapping[str, Any], key: str | None, kind: type[T]) -> T:
        return decode(kind, await self._http.ask("POST", path, json_body=body, key=key or new_key()))


def _of(project: str) -> str:
    return f"/api/v1/projects/{part(project)}"


def _given(**content: Any) -> dict[str, Any]:
    return {name: value for name, value in content.items() if value is not None}


def _repeat(etag: str | None) -> Repeat:
    """What depends on a version is not as it was once it is done."""
    return Repeat.HARMLESS if etag is None else Repeat.UNDONE


def _object(told: Any) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise NotAuteurError("What answers is no auteur.")
    return told


def _place(to: Path, artifact: Artifact | str) -> Path:
    name = artifact.name if isinstance(artifact, Artifact) else artifact.rpartition("/")[2]
    return to / Path(name).name if to.is_dir() else to
