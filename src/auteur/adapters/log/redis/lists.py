"""The lists of all projects: who was active, where something is open, and where something is due.

They live in other slots than the projects and are written before the event that makes them true, so that no log is
without its entries; being written once too often harms nothing.
"""

import contextlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import structlog

from auteur.adapters.log.codec import UnreadableRecordError
from auteur.adapters.log.outbox import microseconds
from auteur.adapters.log.redis.carry import carry_list, carry_over
from auteur.adapters.log.redis.scripts import TRIM, ask
from auteur.adapters.redis.database import RedisDatabase
from auteur.domain.errors import BusUnavailableError
from auteur.domain.events import Beginning, Event, ProjectDeleted

log = structlog.get_logger(__name__)

_BATCH = 200
_UNREADABLE_AGAIN_US = 3_600_000_000
_TRIMMED_AT_A_TIME = 1000


def owing_keys(database: RedisDatabase) -> tuple[str, str]:
    """Of the projects that owe something to webhooks: when to look there, and when they were last entered. In one slot,
    that is no project's."""
    return database.key("{webhooks!}:due"), database.key("{webhooks!}:entered")


class ProjectLists:
    """``history_age_s``: how long events are kept."""

    def __init__(self, database: RedisDatabase, history_age_s: float) -> None:
        self._database = database
        self._history_age_us = int(history_age_s * 1e6)

    def entering(self, event: Event) -> Sequence[Sequence[Any]]:
        """The commands that enter the event's project where the event belongs: none but where something begins or the
        project goes. They are to be done before it is appended."""
        key, project_id = self._database.key, event.project_id
        now = microseconds(datetime.now(UTC))
        if isinstance(event, Beginning):
            return [
                ("ZADD", key("active"), now, project_id),
                ("SADD", key("unfinished"), project_id),
                ("ZADD", key("trimmable"), "NX", now + self._history_age_us, project_id),
                # since when something may have ended there: also for a rule of age that is set later
                ("ZADD", key("retained"), "NX", now, project_id),
            ]
        return [("SADD", key("purging"), project_id)] if isinstance(event, ProjectDeleted) else []

    async def enter(self, events: Sequence[Event], *, at_once: bool = True) -> Sequence[Sequence[Any]]:
        """Has the project of the events entered: ``at_once``, because a full server that takes them must have taken
        that before, or by what is returned, in one trip with them. Raises `BusUnavailableError`."""
        commands = self.entering(next((event for event in events if isinstance(event, Beginning)), events[0]))
        if not commands or not at_once:
            return commands
        await self._database.execute(*commands)
        return ()

    async def enter_where_begun(self, events: Sequence[Event], begun: bool) -> None:
        """For after they are recorded. Where a log has ``begun`` with them, whatever took the one before may have taken
        the lists after they were written, and then nobody who sweeps would look at what is open. That this cannot be
        done is no reason to refuse what is recorded."""
        if begun:
            with contextlib.suppress(BusUnavailableError):
                await self.enter(events)

    async def owe(self, project_id: str, due_at: datetime) -> None:
        """Has the project be looked at for deliveries when that is due. Raises `BusUnavailableError`."""
        due, entered = owing_keys(self._database)
        await self._database.execute(
            ("HSET", entered, project_id, microseconds(datetime.now(UTC))),
            ("ZADD", due, "LT", microseconds(due_at), project_id),
        )

    async def trim(self) -> int:
        """Drops events that are too old, of projects in which something is due; how many. Each project says when it is
        to be looked at next. Raises `BusUnavailableError`."""
        await carry_list(self._database)
        dropped, key = 0, self._database.key("trimmable")
        while True:
            now = microseconds(datetime.now(UTC))
            (due,) = await self._database.execute(("ZRANGEBYSCORE", key, "-inf", now, "LIMIT", 0, _BATCH))
            for member in due:
                project_id = member.decode()
                try:
                    _, (_, gone, next_at) = await ask(
                        self._database, TRIM, project_id, self._history_age_us, _TRIMMED_AT_A_TIME,
                        carry_over=carry_over,
                    )  # fmt: skip
                except UnreadableRecordError:  # it stays as it is, and must not keep the others from their turn
                    log.exception("a project of before cannot be carried over", project_id=project_id)
                    gone, next_at = 0, now + max(self._history_age_us, _UNREADABLE_AGAIN_US)
                dropped += gone
                again = ("ZADD", key, next_at, project_id) if next_at else ("ZREM", key, project_id)
                await self._database.execute(again)
            if len(due) < _BATCH:
                return dropped
