"""What the command line needs of a service, running elsewhere or opened here for the occasion."""

import asyncio
import io
import json
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from auteur.adapters.images import verify
from auteur.adapters.live.close_codes import BAD_REQUEST, GONE, SIGNED_OUT
from auteur.domain.commands import CancelTask, DeleteProject, DeleteTask, PromoteTask, StartGeneration
from auteur.domain.dispatcher import Submission
from auteur.domain.errors import AuteurError
from auteur.domain.task import parse_project_id
from auteur.entrypoints.batching import batch_here, follow_batch
from auteur.entrypoints.container import Container, build, lifetime
from auteur.entrypoints.output import Target, free_target
from auteur.entrypoints.settings import Settings
from auteur.entrypoints.studios import Message, ServiceError, Studio
from auteur.protocol.outgoing import ServerMessage
from auteur.protocol.translate import to_message

__all__ = ["EmbeddedStudio", "Message", "RemoteStudio", "ServiceError", "Studio", "open_studio"]


class RemoteStudio:
    """A running service at ``url``. ``workspace``: looked into first for results. ``token``: what it is shown."""

    def __init__(self, url: str, workspace: Path, token: str | None = None) -> None:
        self.url = url.rstrip("/")
        self._workspace = workspace
        self._shown = {} if token is None else {"Authorization": f"Bearer {token}"}

    async def answers(self) -> bool:
        """Whether a service answers there."""
        try:
            async with httpx.AsyncClient(timeout=2) as http:
                return bool((await http.get(f"{self.url}/health/live")).json() == {"status": "alive"})
        except (httpx.HTTPError, ValueError):
            return False

    async def bring(self, project_id: str, picture: Path) -> str:
        data = await asyncio.to_thread(picture.read_bytes)
        uploads = f"{self._project(project_id)}/uploads"
        return str((await self._ask("POST", uploads, files={"file": (picture.name, data)}))["path"])

    def generate(self, project_id: str, request: Mapping[str, Any]) -> AsyncGenerator[Message, None]:
        return self._asked(project_id, {"type": "start_generation", **request})

    def promote(self, project_id: str, task_id: str, request: Mapping[str, Any]) -> AsyncGenerator[Message, None]:
        return self._asked(project_id, {"type": "promote", "task_id": task_id, **request})

    async def _asked(self, project_id: str, request: Mapping[str, Any]) -> AsyncGenerator[Message, None]:
        message_id = str(uuid.uuid4())
        task_id: str | None = None
        async with aclosing(self.messages(project_id, say={"id": message_id, **request})) as heard:
            async for message in heard:
                if message.get("reply_to") == message_id:
                    if message["type"] == "error":
                        raise ServiceError(_told(message))
                    task_id = message["task_id"]
                if task_id is not None and message.get("task_id") == task_id:
                    yield message
                    if message["type"] in ("complete", "error"):
                        return

    async def messages(
        self, project_id: str, say: Mapping[str, Any] | None = None, after: str | None = None
    ) -> AsyncGenerator[Message, None]:
        """Everything the project's socket tells, across reconnections; says ``say`` once connected, again if cut off:
        its id makes that harmless. Raises `ServiceError` when the service refuses or stays away for a minute."""
        parts = urlsplit(self.url)
        scheme = "wss" if parts.scheme == "https" else "ws"
        tries = 0
        while True:
            address = f"{scheme}://{parts.netloc}{parts.path}/ws/{_quoted(project_id)}" + (
                f"?after={after}" if after else ""
            )
            try:
                async with connect(address, max_size=None, open_timeout=5, additional_headers=self._shown) as socket:
                    if say is not None:
                        await socket.send(json.dumps(say))
                    async for text in socket:
                        tries = 0
                        message = json.loads(text)
                        after = message.get("position", after)
                        yield message
            except ConnectionClosed as closed:
                code = closed.rcvd.code if closed.rcvd else 1006
                if code == GONE:
                    raise ServiceError(f"The project {project_id} was deleted.") from None
                if code == SIGNED_OUT:
                    raise ServiceError("The token no longer counts: it was revoked, or has expired.") from None
                if BAD_REQUEST <= code < BAD_REQUEST + 100:
                    raise ServiceError("The service refused the conversation.") from None
            except InvalidStatus as error:
                raise ServiceError(_refused(error)) from None
            except InvalidHandshake as error:
                raise ServiceError(f"The service refused the conversation: {error}") from None
            except (OSError, TimeoutError):
                pass
            tries += 1
            if tries > 12:
                raise ServiceError("The service does not come back; the task goes on when it does.")
            await asyncio.sleep(min(0.25 * 2**tries, 5))

    def batch(self, project_id: str, asked: Mapping[str, Any]) -> AsyncGenerator[Message, None]:
        project, key = self._project(project_id), {"Idempotency-Key": str(uuid.uuid4())}
        return follow_batch(
            self.messages(project_id),
            lambda: self._ask("POST", f"{project}/batches", json=asked, headers=key),
            lambda task_id: self._ask("GET", f"{project}/tasks/{_quoted(task_id)}"),
        )

    async def cancel(self, project_id: str, task_id: str) -> None:
        await self._ask("POST", f"{self._project(project_id)}/tasks/{_quoted(task_id)}/cancel")

    async def delete_task(self, project_id: str, task_id: str) -> None:
        await self._ask("DELETE", f"{self._project(project_id)}/tasks/{_quoted(task_id)}")

    async def delete_project(self, project_id: str) -> None:
        await self._ask("DELETE", self._project(project_id))

    async def fetch(self, artifact: Mapping[str, Any], target: Target | None) -> Path:
        local = Path(self._workspace, artifact["path"])
        if target is None and local.is_file() and local.stat().st_size == artifact["size_bytes"]:
            return local
        target = target or free_target(artifact["name"])
        try:
            async with (
                httpx.AsyncClient(timeout=60, follow_redirects=True, headers=self._shown) as http,
                http.stream("GET", self._address_of(artifact["url"])) as response,
            ):
                response.raise_for_status()
                with target.opened(artifact["name"]) as (path, file):
                    async for chunk in response.aiter_bytes():
                        await asyncio.to_thread(file.write, chunk)
        except httpx.HTTPError as error:
            raise ServiceError(f"The result could not be fetched: {error}") from None
        return path

    def _address_of(self, url: str) -> str:
        """Where a url that the service told is fetched. It begins with the proxy's prefix if the service knows of one;
        if not, the address that was given for the service has it."""
        prefix = urlsplit(self.url).path
        return self.url.removesuffix(prefix) + url if url.startswith(f"{prefix}/") else self.url + url

    def _project(self, project_id: str) -> str:
        return f"{self.url}/api/v1/projects/{_quoted(project_id)}"

    async def _ask(self, method: str, address: str, **content: Any) -> Mapping[str, Any]:
        """The answer's body, empty where there is none. Raises `ServiceError`."""
        try:
            async with httpx.AsyncClient(timeout=60, headers=self._shown) as http:
                response = await http.request(method, address, **content)
                answer: Mapping[str, Any] = response.json() if response.content else {}
        except httpx.HTTPError as error:
            raise ServiceError(f"The service does not answer: {error}") from None
        except ValueError:
            raise ServiceError(f"What answers at {self.url} is no auteur.") from None
        if response.is_error:
            raise ServiceError(_told({**answer["error"], "error_code": answer["error"]["code"]}))
        return answer


class EmbeddedStudio:
    """A service opened in this process; only what is asked for here runs."""

    def __init__(self, container: Container) -> None:
        self._container = container

    async def bring(self, project_id: str, picture: Path) -> str:
        data = await asyncio.to_thread(picture.read_bytes)

        async def chunks() -> AsyncIterator[bytes]:
            yield data

        with _told_as_of_a_service():
            parse_project_id(project_id)
            await self._container.store().counts(project_id)  # a project that was deleted takes nothing in
            still = await asyncio.to_thread(verify, io.BytesIO(data))
            return await self._container.artifacts().receive(project_id, chunks(), still.suffix)

    def generate(self, project_id: str, request: Mapping[str, Any]) -> AsyncGenerator[Message, None]:
        command = StartGeneration(project_id=project_id, **_ids(), **request)
        return self._followed(project_id, self._container.dispatcher().submit(command))

    def promote(self, project_id: str, task_id: str, request: Mapping[str, Any]) -> AsyncGenerator[Message, None]:
        command = PromoteTask(project_id=project_id, task_id=task_id, **_ids(), **request)
        return self._followed(project_id, self._container.promoter().promote(command))

    async def _followed(self, project_id: str, asked: Awaitable[Submission]) -> AsyncGenerator[Message, None]:
        with _told_as_of_a_service():
            submission = await asked
        yield _as_data(to_message(submission.accepted))
        bus = self._container.bus()
        async with aclosing(bus.subscribe(project_id, submission.accepted.position)) as events:
            async for recorded in events:
                message = to_message(recorded)
                if getattr(recorded.event, "task_id", None) == submission.task.task_id and message is not None:
                    yield _as_data(message)
                    if message.type in ("complete", "error"):
                        return

    async def batch(self, project_id: str, asked: Mapping[str, Any]) -> AsyncGenerator[Message, None]:
        with _told_as_of_a_service():
            async with aclosing(batch_here(self._container, project_id, asked)) as heard:
                async for message in heard:
                    yield message

    async def cancel(self, project_id: str, task_id: str) -> None:
        await self._container.dispatcher().cancel(CancelTask(project_id=project_id, task_id=task_id))

    async def delete_task(self, project_id: str, task_id: str) -> None:
        with _told_as_of_a_service():
            await self._container.archive().delete_task(DeleteTask(project_id=project_id, task_id=task_id))

    async def delete_project(self, project_id: str) -> None:
        with _told_as_of_a_service():
            await self._container.archive().delete_project(DeleteProject(project_id=project_id))

    async def fetch(self, artifact: Mapping[str, Any], target: Target | None) -> Path:
        local: Path = self._container.settings().workspace / artifact["path"]
        if target is None and local.is_file():
            return local
        project_id, _, path = artifact["path"].partition("/")
        with (
            _told_as_of_a_service(),
            (target or free_target(artifact["name"])).opened(artifact["name"]) as (place, file),
        ):
            found = await self._container.artifacts().find(project_id, path)
            async with aclosing(await found.open(0, found.size_bytes)) as chunks:
                async for chunk in chunks:
                    await asyncio.to_thread(file.write, chunk)
        return place


@asynccontextmanager
async def open_studio(settings: Settings, running: RemoteStudio | None) -> AsyncIterator[Studio]:
    """The running service, or one opened here. Raises what `lifetime` raises."""
    if running is not None:
        yield running
        return
    container = build(settings, own_tasks_only=True)
    async with lifetime(container):
        yield EmbeddedStudio(container)


def _ids() -> dict[str, Any]:
    """What names a request that nobody will repeat."""
    return {"message_id": str(uuid.uuid4()), "request_id": f"cli_{uuid.uuid4().hex[:12]}"}


def _as_data(message: ServerMessage | None) -> Message:
    assert message is not None
    return message.model_dump(mode="json", exclude_none=True)


@contextmanager
def _told_as_of_a_service() -> Iterator[None]:
    """What is wrong inside is raised as a service elsewhere would have said it."""
    try:
        yield
    except AuteurError as error:
        said = {"message": error.message, "error_code": error.code, "details": error.details}
        raise ServiceError(_told(said)) from None


def _refused(error: InvalidStatus) -> str:
    """What the service said instead of taking the conversation up."""
    try:
        said = json.loads(error.response.body or b"")["error"]
        return _told({**said, "error_code": said["code"]})
    except (ValueError, KeyError, TypeError):
        return f"The service refused the conversation: {error}"


def _quoted(part: str) -> str:
    """As one part of a path: `..` too, which a client would take for the folder above."""
    return quote(part, safe="").replace(".", "%2E") if set(part) <= {"."} else quote(part, safe="")


def _told(message: Mapping[str, Any]) -> str:
    more = [problem for problem in (message.get("details") or {}).get("problems", ()) if "index" in problem]
    said = "".join(f"\n  request {p['index']}: {p['field']} {p['message']}" for p in more)
    return f"{message['message']} ({message['error_code']}){said}"
