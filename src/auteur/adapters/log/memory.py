"""The reference adapters. They keep nothing beyond the process and are the fake of every unit test."""

import uuid
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from auteur.adapters.log.codec import is_newer
from auteur.adapters.log.notifier import Notifier
from auteur.domain.errors import HistoryLostError
from auteur.domain.events import Event, Position, RecordedEvent
from auteur.domain.guard import TaskGuard, admit
from auteur.domain.ports import OpenTask
from auteur.domain.project import ProjectState


@dataclass
class MemoryHub:
    """What several buses and stores share, as two processes share a server. ``history_limit``: events per project."""

    history_limit: int = 10_000
    epoch: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    logs: dict[str, list[RecordedEvent]] = field(default_factory=dict)
    guards: dict[tuple[str, str], TaskGuard] = field(default_factory=dict)
    snapshots: dict[str, ProjectState] = field(default_factory=dict)
    notifier: Notifier = field(default_factory=Notifier)


class MemoryProgressBus:
    """`ProgressBus` on a hub."""

    def __init__(self, hub: MemoryHub) -> None:
        self._hub = hub

    async def publish(self, event: Event) -> RecordedEvent:
        hub = self._hub
        key = (event.project_id, event.task_id)
        guard = admit(hub.guards.get(key), event)
        log = hub.logs.setdefault(event.project_id, [])
        seq = log[-1].position.seq + 1 if log else 1
        recorded = RecordedEvent(Position(hub.epoch, seq), event)
        hub.guards[key] = guard
        log.append(recorded)
        del log[: -hub.history_limit]
        hub.notifier.notify(event.project_id)
        return recorded

    def subscribe(self, project_id: str, after: Position | None) -> AsyncGenerator[RecordedEvent, None]:
        return self._hub.notifier.follow(project_id, after, self.history)

    async def history(self, project_id: str, after: Position | None, limit: int) -> Sequence[RecordedEvent]:
        log = self._hub.logs.get(project_id, [])
        if after is None:
            return log[:limit]
        oldest, newest = (log[0].position.seq, log[-1].position.seq) if log else (1, 0)
        if after.epoch != self._hub.epoch or not oldest - 1 <= after.seq <= newest:
            raise HistoryLostError(project_id, str(after))
        start = after.seq - oldest + 1
        return log[start : start + limit]

    async def projects(self) -> Sequence[str]:
        return sorted(self._hub.logs)

    async def unfinished(self) -> Sequence[OpenTask]:
        return [
            OpenTask(*key, guard.attempt, guard.worker) for key, guard in self._hub.guards.items() if not guard.ended
        ]

    async def check(self) -> None:
        return


class MemoryStateStore:
    """`StateStore` on a hub."""

    def __init__(self, hub: MemoryHub) -> None:
        self._hub = hub

    async def load(self, project_id: str) -> ProjectState | None:
        return self._hub.snapshots.get(project_id)

    async def save(self, state: ProjectState) -> None:
        kept = self._hub.snapshots.get(state.project_id)
        if kept is None or is_newer(state.position, kept.position):
            self._hub.snapshots[state.project_id] = state
