"""`ProgressBus` on Redis: a stream is the log, pub/sub only the notifier."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Any, Self

import structlog

from auteur.adapters.background import end
from auteur.adapters.log.codec import StoredEvent, UnreadableRecordError, encode_told, with_take
from auteur.adapters.log.notifier import PAGE_BYTES, Notifier, RecentEvents
from auteur.adapters.log.outbox import taken_apart
from auteur.adapters.log.redis.answers import refusal, task_of
from auteur.adapters.log.redis.carry import carry_over
from auteur.adapters.log.redis.lists import ProjectLists
from auteur.adapters.log.redis.record import change_arguments, worker_of
from auteur.adapters.log.redis.scripts import PUBLISH, PUBLISH_ALWAYS, READ, ask
from auteur.adapters.redis.database import RedisDatabase, Subscriber
from auteur.domain.errors import BusUnavailableError, HistoryLostError
from auteur.domain.events import (
    CancelRequested,
    Ending,
    Event,
    Position,
    ProjectDeleted,
    RecordedEvent,
    TaskDeleted,
    TaskRequeued,
    ToldPage,
)
from auteur.domain.guard import check_together

log = structlog.get_logger(__name__)

_ALWAYS = Ending | TaskRequeued | CancelRequested | TaskDeleted | ProjectDeleted
"""Recorded even while the server is full."""
_ENCODED_AT_A_TIME = 25


class RedisProgressBus:
    """`ProgressBus` on a `RedisDatabase`, shared with any number of processes.

    One connection hears the channels of the projects followed here, for the whole process. What it misses is found by
    looking at the heads of the followed logs every ``look_interval_s``, and after every reconnection.
    ``history_limit``: events kept per project; ``history_age_s``: how long, looked after every ``trim_interval_s``.
    Open with ``async with``.
    """

    def __init__(
        self,
        database: RedisDatabase,
        *,
        channel: str = "auteur:progress",
        history_limit: int = 10_000,
        history_age_s: float = 30 * 86_400,
        look_interval_s: float = 2.0,
        trim_interval_s: float = 600.0,
    ) -> None:
        self._database = database
        self._channel = channel
        self._history_limit = history_limit
        self._history_age_s = history_age_s
        self._lists = ProjectLists(database, history_age_s)
        self._look_interval_s = look_interval_s
        self._trim_interval_s = trim_interval_s
        self._recent = RecentEvents()
        self._notifier = Notifier(left=self._recent.forget)  # of a deleted project nothing stays
        self._heads: dict[str, Position] = {}
        self._receiving = asyncio.Event()
        self._subscriber: Subscriber | None = None
        self._followers: Counter[str] = Counter()
        self._channels: dict[str, asyncio.Event] = {}
        self._loops: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        for loop in (self._receive, self._look, self._trim_loop):
            self._loops.append(asyncio.create_task(_for_ever(loop), name=f"redis{loop.__name__}"))
        return self

    async def __aexit__(self, *exc: object) -> None:
        await end(self._loops)

    async def publish(self, event: Event) -> RecordedEvent:
        (recorded,) = await self._append([event])
        return recorded

    async def publish_all(self, events: Sequence[Event]) -> Sequence[RecordedEvent]:
        check_together(events)
        return await self._append(events) if events else []

    async def _append(self, events: Sequence[Event]) -> Sequence[RecordedEvent]:
        database, project_id = self._database, events[0].project_id
        given = list(map(taken_apart, events))
        events = [event for event, _ in given]
        must_pass = all(isinstance(event, _ALWAYS) for event in events)
        first = await self._lists.enter(events, at_once=must_pass)
        arguments: list[Any] = [
            database.new_token(), self._history_limit, self._channel, project_id, int(self._history_age_s * 1e6), "0"
        ]  # fmt: skip
        for number, (event, own) in enumerate(given, 1):
            kind, attempt = type(event).__name__, getattr(event, "attempt", 0)
            arguments += (kind, task_of(event), attempt, worker_of(event), encode_told(event))
            arguments += change_arguments(event, own)
            if number % _ENCODED_AT_A_TIME == 0:  # others shall not wait for a large batch
                await asyncio.sleep(0)
        script = PUBLISH_ALWAYS if must_pass else PUBLISH
        run, (said, *answer) = await ask(database, script, project_id, *arguments, carry_over=carry_over, first=first)
        if said == b"LIST":  # somebody is to hear of it: the list that leads there is written first
            await self._lists.owe(project_id, min(event.at for event in events))
            arguments[5] = "1"
            run, (said, *answer) = await ask(database, script, project_id, *arguments, carry_over=carry_over)
        if said != b"OK":
            raise refusal(said, events[answer[0]], *answer[1:])
        token, first_seq, takes, waiting = answer[0].decode(), *answer[1:]
        if first:
            await self._lists.appended(events, first, run, anew=token == arguments[0])
        return [
            RecordedEvent(Position(token + run, seq), with_take(event, take), waiting if waiting >= 0 else None)
            for seq, (event, take) in enumerate(zip(events, takes, strict=True), first_seq)
        ]

    async def subscribe(self, project_id: str, after: Position | None) -> AsyncGenerator[RecordedEvent, None]:
        self._followers[project_id] += 1
        try:
            await self._subscribe_channel(project_id)
            async with contextlib.aclosing(self._notifier.follow(project_id, after, self._newest)) as events:
                async for recorded in events:
                    yield recorded
        finally:
            self._followers[project_id] -= 1

    async def _subscribe_channel(self, project_id: str) -> None:
        """Returns when the project's channel is heard, or soon: what is missed until then, `_look` finds."""
        subscribed = self._channels.get(project_id)
        if subscribed is None:
            subscribed = self._channels[project_id] = asyncio.Event()
            if self._subscriber is not None:
                with contextlib.suppress(BusUnavailableError):
                    await self._subscriber.tune(to=[self._channel_of(project_id)])
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await subscribed.wait()

    def _channel_of(self, project_id: str) -> str:
        return f"{self._channel}:{{{project_id}}}"

    async def _newest(self, project_id: str, after: Position | None, limit: int) -> Iterable[RecordedEvent]:
        """Like `history`, but of `PAGE_BYTES`, and from memory where the newest events lie there; waits for a server
        that is away."""
        delay_s = 0.05
        while True:
            kept = self._recent.after(project_id, after, limit)
            if kept is not None:
                return kept
            try:
                return await self._page(project_id, after, limit, PAGE_BYTES)
            except BusUnavailableError:
                await asyncio.sleep(delay_s * random.uniform(0.5, 1))
                delay_s = min(delay_s * 2, 1.0)
                await self._receiving.wait()

    async def history(self, project_id: str, after: Position | None, limit: int) -> Sequence[RecordedEvent]:
        return list(await self._page(project_id, after, limit))

    async def told(self, project_id: str, after: Position | None, limit: int, most_bytes: int) -> ToldPage | None:
        found = list(await self._page(project_id, after, limit, most_bytes))
        if not found:
            return None
        told = [recorded if (text := recorded.text) is None else text for recorded in found]
        return ToldPage(found[0].position, told, found[-1].is_last)

    async def _page(
        self, project_id: str, after: Position | None, limit: int, *most_bytes: int
    ) -> Iterator[RecordedEvent]:
        """As they lie in the log until they are taken: an event takes many times its bytes."""
        epoch, newest, oldest, entries = await self._read(project_id, after.seq if after else 0, limit, *most_bytes)
        if after is not None and (after.epoch != epoch or not oldest - 1 <= after.seq <= newest):
            raise HistoryLostError(project_id, str(after))
        return (_recorded(epoch, project_id, *entry) for entry in entries)

    async def check(self) -> None:
        await self._database.check_writable(self._channel)

    async def _read(
        self, project_id: str, after_seq: int, limit: int, *most_bytes: int
    ) -> tuple[str, int, int, list[Any]]:
        run, (_, token, newest, oldest, entries) = await ask(
            self._database, READ, project_id, after_seq, limit, *most_bytes, carry_over=carry_over
        )
        return token.decode() + run, newest, oldest, entries

    async def _receive(self) -> None:
        """The one reader: every event of the followed projects, as long as the connection lasts, and again."""
        delay_s = 0.05
        while True:
            try:
                async with self._database.listening() as self._subscriber:
                    await self._subscriber.tune(to=[self._channel_of(project_id) for project_id in self._channels])
                    self._receiving.set()
                    async with contextlib.aclosing(self._subscriber.messages()) as heard:
                        async for channel, message in heard:
                            delay_s = 0.05
                            if message is not None:
                                self._on_message(message)
                            else:
                                self._on_subscribed(channel.partition("{")[2][:-1])
            except BusUnavailableError:
                pass  # the database says so, once
            finally:
                self._subscriber = None
                self._receiving.clear()
                for subscribed in self._channels.values():
                    subscribed.clear()
            await asyncio.sleep(delay_s * random.uniform(0.5, 1))
            delay_s = min(delay_s * 2, 1.0)

    def _on_subscribed(self, project_id: str) -> None:
        """From here on nothing is missed of the project; what was said before is in the log only."""
        self._recent.forget(project_id)
        self._notifier.notify(project_id)
        if project_id in self._channels:
            self._channels[project_id].set()

    def _on_message(self, message: bytes) -> None:
        """Reads ``{"project_id":"…","position":"…","take":…,"record":…}`` of `publish.lua`; else passes over it."""
        head, _, record = message.partition(b',"record":')
        _, _, said = head.partition(b'{"project_id":"')
        project, _, rest = said.partition(b'","position":"')
        position, _, take = rest.partition(b'","take":')
        project_id = project.decode("ascii", "replace")
        if not self._notifier.is_followed(project_id):
            self._recent.forget(project_id)  # what is not kept must not look as if there were nothing after it
            return
        with contextlib.suppress(ValueError, UnreadableRecordError):
            epoch, _, seq = position.decode("ascii").rpartition("-")
            recorded = StoredEvent(Position(epoch, int(seq)), project_id, record[:-1], take=int(take))
            if recorded.text is None:
                assert recorded.event  # is told as it is decoded, or passed over now
            self._recent.add(recorded)
            self._heads[project_id] = recorded.position
        self._notifier.notify(project_id)

    async def _look(self) -> None:
        """Rings for logs whose head is not the last event heard: the notifier may have been missed, or the log lost."""
        while True:
            await asyncio.sleep(self._look_interval_s)
            followed = self._notifier.projects
            self._heads = {project_id: head for project_id, head in self._heads.items() if project_id in followed}
            await self._unsubscribe_left()
            with contextlib.suppress(BusUnavailableError):
                for project_id in followed:
                    before = self._heads.get(project_id)
                    epoch, newest, _, _ = await self._read(project_id, 0, 0)
                    head = Position(epoch, newest)
                    if head != before and self._heads.get(project_id) == before:
                        self._heads[project_id] = head
                        self._recent.forget(project_id)
                        self._notifier.notify(project_id)

    async def _unsubscribe_left(self) -> None:
        """Ceases to hear what nobody follows any more."""
        left = [project_id for project_id in self._channels if not self._followers[project_id]]
        for project_id in left:
            del self._channels[project_id], self._followers[project_id]
            self._recent.forget(project_id)
        if left and self._subscriber is not None:
            with contextlib.suppress(BusUnavailableError):
                await self._subscriber.tune(out_of=[self._channel_of(project_id) for project_id in left])

    async def _trim_loop(self) -> None:
        while True:
            await asyncio.sleep(self._trim_interval_s * random.uniform(0.5, 1))
            with contextlib.suppress(BusUnavailableError):
                await self.trim()

    async def trim(self) -> int:
        """Drops events older than the history's age of projects in which nothing happens any more; how many.

        Only projects in which something is due are looked at: each says when it is to be looked at next.
        """
        return await self._lists.trim()


def _recorded(epoch: str, project_id: str, entry_id: bytes, fields: Sequence[bytes]) -> RecordedEvent:
    _, body, _, _, *take = fields[:6]
    position = Position(epoch, int(entry_id.partition(b"-")[0]))
    return StoredEvent(position, project_id, body, take=int(take[1]) if take else 0)


async def _for_ever(loop: Callable[[], Awaitable[None]]) -> None:
    """What must not be missed starts again, whatever went wrong with it."""
    while True:
        try:
            await loop()
        except Exception:
            log.exception("a loop of the redis bus failed")
        await asyncio.sleep(1)
