"""The lists of all projects: who was active, where something is open, and where something is due.

They live in other slots than the projects and are written before the event that makes them true, so that no log is
without its entries; being written once too often harms nothing.
"""

import contextlib
import time
from collections import OrderedDict
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
_LISTED_S = 30.0
"""How long a process need not enter a project again. Whoever takes one off the lists puts it back where it was active
in the last minute (`SUBMITTING_US`), and that is written each time."""
_LISTED = 10_000
SUBMITTING_US = 60_000_000
"""Longer than any submission takes from the lists to the log, and `_LISTED_S` before it."""
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
        self._listed: OrderedDict[str, tuple[str, float]] = OrderedDict()

    def entering(self, event: Event) -> Sequence[Sequence[Any]]:
        """The commands that enter the event's project where the event belongs: none but where something begins or the
        project goes. They are to be done before it is appended."""
        key, project_id = self._database.key, event.project_id
        now = microseconds(datetime.now(UTC))
        if isinstance(event, Beginning):
            active = ("ZADD", key("active"), now, project_id)
            _, listed_at = self._listed.get(project_id, ("", -_LISTED_S))
            if time.monotonic() - listed_at < _LISTED_S:
                return [active]
            return [
                active,
                ("SADD", key("unfinished"), project_id),
                ("ZADD", key("trimmable"), "NX", now + self._history_age_us, project_id),
                # since when something may have ended there: also for a rule of age that is set later
                ("ZADD", key("retained"), "NX", now, project_id),
            ]
        return [("SADD", key("purging"), project_id)] if isinstance(event, ProjectDeleted) else []

    async def enter(self, events: Sequence[Event], *, at_once: bool = True) -> Sequence[Sequence[Any]]:
        """Has the project of the events entered: ``at_once``, because a full server that takes them must have taken
        that before, or by what is returned, in one trip with them. Raises `BusUnavailableError`."""
        commands = self.entering(_beginning(events))
        if not commands or not at_once:
            return commands
        await self._database.execute(*commands)
        return ()

    async def appended(
        self, events: Sequence[Event], entered: Sequence[Sequence[Any]], run: str, *, anew: bool
    ) -> None:
        """Told that the events were appended, after what `enter` gave, in the server's ``run``; ``anew``: the log began
        with them, and whatever took the one before may have taken the lists after they were written, so that nobody
        who sweeps would look at what is open. Enters the project then, and where it was thought to be entered and the
        server has lost that. That this cannot be done is no reason to refuse what is recorded: the next event's
        appending does it."""
        project_id = events[0].project_id
        listed_in, _ = self._listed.get(project_id, (run, 0.0))
        is_whole = len(entered) > 1
        if anew or (not is_whole and listed_in != run):
            self._listed.pop(project_id, None)
            is_whole = False
            with contextlib.suppress(BusUnavailableError):
                await self._database.execute(*self.entering(_beginning(events)))
                is_whole = True
        if is_whole:
            self._listed[project_id] = (run, time.monotonic())
            self._listed.move_to_end(project_id)
            if len(self._listed) > _LISTED:
                self._listed.popitem(last=False)

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
                if next_at:
                    await self._database.execute(("ZADD", key, next_at, project_id))
                else:
                    await self._take_off(key, project_id)
            if len(due) < _BATCH:
                return dropped

    async def _take_off(self, key: str, project_id: str) -> None:
        """Takes the project off the list of those in which an event gets too old, unless one may just be coming: who
        appends it may have found the project there."""
        active = self._database.key("active")
        _, at = await self._database.execute(("ZREM", key, project_id), ("ZSCORE", active, project_id))
        now = microseconds(datetime.now(UTC))
        if at and float(at) > now - SUBMITTING_US:
            await self._database.execute(("ZADD", key, "NX", now + self._history_age_us, project_id))


def _beginning(events: Sequence[Event]) -> Event:
    """The first event with which something begins, or the first."""
    return next((event for event in events if isinstance(event, Beginning)), events[0])
