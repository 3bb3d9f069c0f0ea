"""The lists of all projects: who was active, where something is open, and where something is due.

They live in other slots than the projects and are written before the event that makes them true, so that no log is
without its entries; being written once too often harms nothing.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from auteur.adapters.log.redis.carry import carry_list
from auteur.adapters.log.redis.record import microseconds
from auteur.adapters.log.redis.scripts import TRIM, meta_key
from auteur.adapters.redis.database import RedisDatabase
from auteur.domain.events import Beginning, Event, ProjectDeleted

_BATCH = 200
_TRIMMED_AT_A_TIME = 1000


class ProjectLists:
    """``history_age_s``: how long events are kept."""

    def __init__(self, database: RedisDatabase, history_age_s: float) -> None:
        self._database = database
        self._history_age_us = int(history_age_s * 1e6)

    async def enter(self, event: Event) -> None:
        """Enters the event's project where the event belongs. One trip, and only where something begins or the project
        goes. Raises `BusUnavailableError`."""
        key, project_id = self._database.key, event.project_id
        now = microseconds(datetime.now(UTC))
        commands: list[Sequence[Any]] = []
        if isinstance(event, Beginning):
            commands = [
                ("ZADD", key("active"), now, project_id),
                ("SADD", key("unfinished"), project_id),
                ("ZADD", key("trimmable"), "NX", now + self._history_age_us, project_id),
                # since when something may have ended there: also for a rule of age that is set later
                ("ZADD", key("retained"), "NX", now, project_id),
            ]
        elif isinstance(event, ProjectDeleted):
            commands = [("SADD", key("purging"), project_id)]
        if commands:
            await self._database.execute(*commands)

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
                _, (gone, next_at) = await self._database.evaluate(
                    TRIM, [meta_key(self._database, project_id)], self._history_age_us, _TRIMMED_AT_A_TIME
                )
                dropped += gone
                again = ("ZADD", key, next_at, project_id) if next_at else ("ZREM", key, project_id)
                await self._database.execute(again)
            if len(due) < _BATCH:
                return dropped
