"""`Auteur`: the same for programs without asyncio. Nothing is written twice: each method is `AsyncAuteur`'s own, run on
an event loop in a thread of its own, for which the caller waits. Any number of threads may use one."""

import asyncio
import functools
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import httpx

from auteur.client.backoff import Backoff
from auteur.client.events import Event
from auteur.client.http import Token
from auteur.client.studio import AsyncAuteur
from auteur.client.subscription import Over, Subscription

P = ParamSpec("P")
T = TypeVar("T")


class _Loop:
    """An event loop in a thread, begun when it is first needed. The thread ends with the program, or by `close`."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self.is_closed = False

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs it and waits. Who is interrupted, by Ctrl-C, say, is not kept: the work is cancelled. Raises
        `RuntimeError` once it was closed."""
        with self._starting:
            if self.is_closed:
                work.close()
                raise RuntimeError("The client is closed.")
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="auteur-client", daemon=True)
                self._thread.start()
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def close(self) -> None:
        with self._starting:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
            self.is_closed = True
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            with suppress(RuntimeError):
                loop.run_until_complete(loop.shutdown_asyncgens())
                loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()


def _waits(
    method: Callable[Concatenate[AsyncAuteur, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate["Auteur", P], T]:
    """The method, for who waits."""

    @functools.wraps(method)
    def call(self: "Auteur", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._loop.wait(method(self._studio, *args, **kwargs))

    return call


def _iterates(
    method: Callable[Concatenate[AsyncAuteur, P], AsyncGenerator[T, None]],
) -> Callable[Concatenate["Auteur", P], Generator[T, None, None]]:
    """The async iterator, for who waits for each."""

    @functools.wraps(method)
    def call(self: "Auteur", /, *args: P.args, **kwargs: P.kwargs) -> Generator[T, None, None]:
        items = method(self._studio, *args, **kwargs)
        try:
            while True:
                try:
                    item = self._loop.wait(_next(items))
                except StopAsyncIteration:
                    return
                yield item
        finally:
            if not self._loop.is_closed:  # else it has ended with the loop
                self._loop.wait(_close(items))

    return call


async def _next(items: AsyncGenerator[T, None]) -> T:
    return await anext(items)


async def _close(items: AsyncGenerator[Any, None]) -> None:
    await items.aclose()


class BlockingSubscription:
    """A `Subscription` for who waits: `with studio.open("film") as events`, `for event in events`."""

    def __init__(self, loop: _Loop, subscription: Subscription) -> None:
        self._loop = loop
        self._subscription = subscription

    @property
    def position(self) -> str | None:
        """Behind the last event that was told."""
        return self._subscription.position

    @property
    def is_connected(self) -> bool:
        """Whether what is known is as it is now."""
        return self._subscription.is_connected

    @property
    def connections(self) -> int:
        """How many connections it took so far."""
        return self._subscription.connections

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        event = self._loop.wait(self._next())
        if event is None:
            raise StopIteration
        return event

    async def _next(self) -> Event | None:
        return await anext(self._subscription, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the conversation; nothing follows."""
        if not self._loop.is_closed:
            self._loop.wait(self._subscription.aclose())


class Auteur:
    """A service at ``url``; see `AsyncAuteur`, whose methods these are. Close it, or use it as a context manager."""

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
        """As `AsyncAuteur`."""
        self._loop = _Loop()
        self._studio = AsyncAuteur(
            url, token, timeout_s=timeout_s, patience_s=patience_s, heartbeat_s=heartbeat_s, backoff=backoff,
            headers=headers, transport=transport,
        )  # fmt: skip

    @property
    def url(self) -> str:
        """Where the service is."""
        return self._studio.url

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connections, and the thread. Again is harmless."""
        if not self._loop.is_closed:
            self._loop.wait(self._studio.close())
            self._loop.close()

    submit = _waits(AsyncAuteur.submit)
    batch = _waits(AsyncAuteur.batch)
    promote = _waits(AsyncAuteur.promote)
    task = _waits(AsyncAuteur.task)
    page = _waits(AsyncAuteur.page)
    lineage = _waits(AsyncAuteur.lineage)
    tasks = _iterates(AsyncAuteur.tasks)
    cancel = _waits(AsyncAuteur.cancel)
    mark = _waits(AsyncAuteur.mark)
    delete = _waits(AsyncAuteur.delete)
    make_film = _waits(AsyncAuteur.make_film)
    export_film = _waits(AsyncAuteur.export_film)
    documents = _iterates(AsyncAuteur.documents)
    document = _waits(AsyncAuteur.document)
    put_document = _waits(AsyncAuteur.put_document)
    delete_document = _waits(AsyncAuteur.delete_document)
    webhooks = _waits(AsyncAuteur.webhooks)
    add_webhook = _waits(AsyncAuteur.add_webhook)
    change_webhook = _waits(AsyncAuteur.change_webhook)
    rotate_webhook = _waits(AsyncAuteur.rotate_webhook)
    remove_webhook = _waits(AsyncAuteur.remove_webhook)
    dead_letters = _iterates(AsyncAuteur.dead_letters)
    replay = _waits(AsyncAuteur.replay)
    upload = _waits(AsyncAuteur.upload)
    download = _waits(AsyncAuteur.download)
    chunks = _iterates(AsyncAuteur.chunks)
    project = _waits(AsyncAuteur.project)
    projects_page = _waits(AsyncAuteur.projects_page)
    projects = _iterates(AsyncAuteur.projects)
    shots = _iterates(AsyncAuteur.shots)
    delete_project = _waits(AsyncAuteur.delete_project)
    task_types = _waits(AsyncAuteur.task_types)
    quality = _waits(AsyncAuteur.quality)
    info = _waits(AsyncAuteur.info)
    health = _waits(AsyncAuteur.health)
    is_alive = _waits(AsyncAuteur.is_alive)
    watch = _iterates(AsyncAuteur.watch)
    result = _waits(AsyncAuteur.result)

    def open(
        self,
        project: str,
        *,
        after: str | None = None,
        over: Over = "socket",
        give_up_after_s: float | None = None,
        on_connection: Callable[[bool, str], None] | None = None,
    ) -> BlockingSubscription:
        """What happens in a project, as an iterator of events; see `AsyncAuteur.open`. ``on_connection`` is called in
        the client's own thread."""
        return BlockingSubscription(
            self._loop,
            self._studio.open(
                project, after=after, over=over, give_up_after_s=give_up_after_s, on_connection=on_connection
            ),
        )
