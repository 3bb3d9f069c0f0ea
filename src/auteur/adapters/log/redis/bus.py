"""`ProgressBus` on Redis: a stream is the log, pub/sub only the notifier."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any, Self

import structlog

from auteur.adapters.background import end
from auteur.adapters.log.codec import UnreadableRecordError, decode_event, encode_event
from auteur.adapters.log.notifier import Notifier, RecentEvents
from auteur.adapters.log.redis.scripts import PUBLISH, PUBLISH_ALWAYS, READ, TRIM, about
from auteur.adapters.redis.database import RedisDatabase, Subscriber
from auteur.domain.errors import (
    BusUnavailableError,
    HistoryLostError,
    StaleAttemptError,
    TaskEndedError,
    TaskExistsError,
    TaskNotFoundError,
)
from auteur.domain.events import (
    CancelRequested,
    Ending,
    Event,
    Position,
    RecordedEvent,
    TaskQueued,
    TaskRequeued,
    TaskStarted,
)
from auteur.domain.ports import OpenTask

log = structlog.get_logger(__name__)

_BATCH = 200
_REMEMBERED_S = 86_400
"""How long an idempotency key is remembered, whatever the history keeps."""


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
        self._look_interval_s = look_interval_s
        self._trim_interval_s = trim_interval_s
        self._notifier = Notifier()
        self._recent = RecentEvents()
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
        database, project_id = self._database, event.project_id
        if isinstance(event, TaskQueued):  # before its first event: a project with a log is listed whatever happens
            await database.execute(
                ("SADD", database.key("projects"), project_id), ("SADD", database.key("unfinished"), project_id)
            )
        must_pass = isinstance(event, Ending | TaskRequeued | CancelRequested)
        run, (said, *answer) = await database.evaluate(
            PUBLISH_ALWAYS if must_pass else PUBLISH,
            database.keys_of(project_id),
            type(event).__name__,
            event.task_id,
            getattr(event, "attempt", 0),
            event.worker if isinstance(event, TaskStarted) else "",
            encode_event(event),
            database.new_token(),
            self._history_limit,
            self._channel,
            project_id,
        )
        match said:
            case b"EXISTS":
                raise TaskExistsError(event.task_id)
            case b"UNKNOWN":
                raise TaskNotFoundError(project_id, event.task_id)
            case b"ENDED":
                raise TaskEndedError(event.task_id)
            case b"STALE":
                raise StaleAttemptError(event.task_id, getattr(event, "attempt", 0), answer[0])
        token, seq = answer
        return RecordedEvent(Position(token.decode() + run, seq), event)

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

    async def _newest(self, project_id: str, after: Position | None, limit: int) -> Sequence[RecordedEvent]:
        """Like `history`, but from memory where the newest events lie there; waits for a server that is away."""
        delay_s = 0.05
        while True:
            kept = self._recent.after(project_id, after, limit)
            if kept is not None:
                return kept
            try:
                return await self.history(project_id, after, limit)
            except BusUnavailableError:
                await asyncio.sleep(delay_s * random.uniform(0.5, 1))
                delay_s = min(delay_s * 2, 1.0)
                await self._receiving.wait()

    async def history(self, project_id: str, after: Position | None, limit: int) -> Sequence[RecordedEvent]:
        epoch, newest, oldest, entries = await self._read(project_id, after.seq if after else 0, limit)
        if after is not None and (after.epoch != epoch or not oldest - 1 <= after.seq <= newest):
            raise HistoryLostError(project_id, str(after))
        return [
            RecordedEvent(Position(epoch, int(entry_id.partition(b"-")[0])), decode_event(fields[1]))
            for entry_id, fields in entries
        ]

    async def projects(self) -> Sequence[str]:
        (members,) = await self._database.execute(("SMEMBERS", self._database.key("projects")))
        return sorted(member.decode() for member in members)

    async def unfinished(self) -> Sequence[OpenTask]:
        found: list[OpenTask] = []
        (members,) = await self._database.execute(("SMEMBERS", self._database.key("unfinished")))
        listed = sorted(member.decode() for member in members)
        for start in range(0, len(listed), _BATCH):
            batch = listed[start : start + _BATCH]
            found += await self._open_tasks(batch)
            idle = sorted({*batch} - {known.project_id for known in found})
            if idle:  # off the list; a task that was queued meanwhile brings its project back
                await self._database.execute(("SREM", self._database.key("unfinished"), *idle))
                late = await self._open_tasks(idle)
                if late:
                    again = {known.project_id for known in late}
                    await self._database.execute(("SADD", self._database.key("unfinished"), *again))
                found += late
        return found

    async def check(self) -> None:
        await self._database.execute(("PING",))

    async def _open_tasks(self, project_ids: Sequence[str]) -> list[OpenTask]:
        keys = [self._database.keys_of(project_id)[3] for project_id in project_ids]
        found = []
        for project_id, answer in zip(
            project_ids, await self._database.execute(*[("HGETALL", key) for key in keys]), strict=True
        ):
            for task_id, guard in answer.items():
                attempt, _, worker = guard.decode().partition(" ")
                found.append(OpenTask(project_id, task_id.decode(), int(attempt), worker or None))
        return found

    async def _read(self, project_id: str, after_seq: int, limit: int) -> tuple[str, int, int, list[Any]]:
        run, (_, token, newest, oldest, entries) = await about(self._database, READ, project_id, after_seq, limit)
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
            except BusUnavailableError as error:
                if self._receiving.is_set():
                    log.warning("redis is away", reason=str(error.__cause__ or error))
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
        """Hears ``{"project_id":"…","position":"…","record":…}`` of `publish.lua`; anything else is passed over."""
        head, _, record = message.partition(b',"record":')
        _, _, said = head.partition(b'{"project_id":"')
        project, _, position = said.partition(b'","position":"')
        project_id = project.decode("ascii", "replace")
        if not self._notifier.is_followed(project_id):
            self._recent.forget(project_id)  # what is not kept must not look as if there were nothing after it
            return
        with contextlib.suppress(ValueError, UnreadableRecordError):
            epoch, _, seq = position.rstrip(b'"').decode("ascii").rpartition("-")
            recorded = RecordedEvent(Position(epoch, int(seq)), decode_event(record[:-1]))
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
        """Drops events older than the history's age, and what need not be remembered of ended tasks; how many."""
        remembered_s = max(self._history_age_s, _REMEMBERED_S)
        dropped = 0
        for project_id in await self.projects():
            keys = self._database.keys_of(project_id)
            dropped += (await self._database.evaluate(TRIM, keys, self._history_age_s, remembered_s))[1]
        return dropped


async def _for_ever(loop: Callable[[], Awaitable[None]]) -> None:
    """What must not be missed starts again, whatever went wrong with it."""
    while True:
        try:
            await loop()
        except Exception:
            log.exception("a loop of the redis bus failed")
        await asyncio.sleep(1)
