"""`ProgressBus` of one process, and the hub that it shares with the store."""

import uuid
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from auteur.adapters.log.notifier import Notifier
from auteur.adapters.log.outbox import taken_apart
from auteur.domain.errors import (
    HistoryLostError,
    ProjectBusyError,
    ProjectDeletedError,
)
from auteur.domain.events import (
    Beginning,
    Event,
    Position,
    ProjectDeleted,
    RecordedEvent,
    TakeCircled,
    TaskEvent,
    TaskQueued,
    ToldPage,
)
from auteur.domain.film_library import Document
from auteur.domain.guard import admit, check_together, record_after, take_after
from auteur.domain.task import Task, TaskStatus
from auteur.domain.webhooks import Delivery, Webhook, delivery_id, ending_type, own_webhook


@dataclass
class MemoryDelivery:
    """A delivery, when it is due or its lease ends, and whether somebody has it."""

    delivery: Delivery
    due_at: datetime
    is_leased: bool = False


@dataclass
class MemoryEndpoint:
    """How often it failed in a row, and how long it rests."""

    failures: int = 0
    rests_until: datetime | None = None


@dataclass
class MemoryWebhooks:
    """A project's webhooks, those of its tasks by task, and what is owed to both."""

    subscribed: dict[str, Webhook] = field(default_factory=dict)
    of_tasks: dict[str, Webhook] = field(default_factory=dict)
    owed: dict[str, MemoryDelivery] = field(default_factory=dict)
    endpoints: dict[str, MemoryEndpoint] = field(default_factory=dict)

    def owe(self, recorded: RecordedEvent) -> None:
        """Enters a delivery of an ending for each who hears of it."""
        event, kind = recorded.event, ending_type(recorded.event)
        if kind is None or not isinstance(event, TaskEvent):
            return
        own = self.of_tasks.get(event.task_id)
        for webhook in (*self.subscribed.values(), *([own] if own else [])):
            if webhook.hears(kind):
                name = delivery_id(recorded, webhook.webhook_id)
                delivery = Delivery(
                    delivery_id=name, webhook_id=webhook.webhook_id, endpoint=webhook.endpoint, recorded=recorded,
                    since=event.at,
                )  # fmt: skip
                self.owed[name] = MemoryDelivery(delivery, event.at)


@dataclass
class MemoryProject:
    """One project's log and records, the oldest first."""

    log: list[RecordedEvent] = field(default_factory=list)
    tasks: dict[str, Task] = field(default_factory=dict)
    open: dict[str, Task] = field(default_factory=dict)
    counts: Counter[TaskStatus] = field(default_factory=Counter)
    size_bytes: int = 0
    tombstones: set[str] = field(default_factory=set)
    takes: dict[str, int] = field(default_factory=dict)
    circled: dict[str, str] = field(default_factory=dict)
    dependants: dict[str, set[str]] = field(default_factory=dict)
    webhooks: MemoryWebhooks = field(default_factory=MemoryWebhooks)
    deleted: bool = False
    active_at: datetime | None = None

    def keep(self, task_id: str, before: Task | None, after: Task | None) -> None:
        """Has the record and all counts of it be as after an event."""
        for task, by in ((before, -1), (after, 1)):
            if task is not None:
                self.counts[task.status] += by
                self.size_bytes += by * task.size_bytes
        still_open = None if after is None or after.ended else after
        for records, kept in ((self.tasks, after), (self.open, still_open)):
            if kept is None:
                records.pop(task_id, None)
            else:
                records[task_id] = kept
        for origin in before.needs if before else ():
            self.dependants[origin].discard(task_id)
            if not self.dependants[origin]:
                del self.dependants[origin]
        for origin in after.needs if after else ():
            self.dependants.setdefault(origin, set()).add(task_id)

    def next_take(self, event: Beginning) -> int | None:
        """The number that the event's task gets among the takes of its shot."""
        shot = event.record(0).request.shot
        if shot is None:
            return None
        self.takes[shot] = take_after(event, self.takes.get(shot, 0))
        return self.takes[shot]


@dataclass
class MemoryHub:
    """What several buses and stores share, as two processes share a server. ``history_limit``: events per project;
    ``documents``: by project, which may have no log."""

    history_limit: int = 10_000
    epoch: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    projects: dict[str, MemoryProject] = field(default_factory=dict)
    documents: dict[str, dict[tuple[str, str], Document]] = field(default_factory=dict)
    notifier: Notifier = field(default_factory=Notifier)

    def project(self, project_id: str) -> MemoryProject:
        """The project as it is, an empty one if it is unknown. Raises `ProjectDeletedError`."""
        project = self.projects.get(project_id, MemoryProject())
        if project.deleted:
            raise ProjectDeletedError(project_id)
        return project


class MemoryProgressBus:
    """`ProgressBus` on a hub."""

    def __init__(self, hub: MemoryHub) -> None:
        self._hub = hub

    async def publish(self, event: Event) -> RecordedEvent:
        (recorded,) = self._append([event])
        return recorded

    async def publish_all(self, events: Sequence[Event]) -> Sequence[RecordedEvent]:
        check_together(events)
        return self._append(events) if events else []

    def _append(self, events: Sequence[Event]) -> Sequence[RecordedEvent]:
        """Asks of each whether it may follow, and only then appends: they are of different tasks."""
        project_id = events[0].project_id
        project = self._hub.project(project_id)
        for event in events:
            if isinstance(event, ProjectDeleted) and project.open:
                raise ProjectBusyError(project_id, len(project.open))
            if isinstance(event, TaskEvent):
                deleted = event.task_id in project.tombstones
                admit(project.tasks.get(event.task_id), event, deleted=deleted)
        self._hub.projects[project_id] = project
        recorded = [self._append_admitted(project, event) for event in events]
        self._hub.notifier.notify(project_id)
        return recorded

    def _append_admitted(self, project: MemoryProject, event: Event) -> RecordedEvent:
        hub = self._hub
        event, own = taken_apart(event)
        if own is not None and isinstance(event, TaskQueued):
            project.webhooks.of_tasks[event.task_id] = own_webhook(event, own)
        if isinstance(event, Beginning):
            event = replace(event, take=project.next_take(event))
        seq = project.log[-1].position.seq + 1 if project.log else 1
        recorded = RecordedEvent(Position(hub.epoch, seq), event)
        project.log.append(recorded)
        del project.log[: -hub.history_limit]
        if isinstance(event, ProjectDeleted):
            project.deleted = True
            project.webhooks = MemoryWebhooks()
            hub.documents.pop(event.project_id, None)
            del project.log[:-1]
        else:
            self._change(project, event, seq)
            project.webhooks.owe(recorded)
        return recorded

    def _change(self, project: MemoryProject, event: TaskEvent, seq: int) -> None:
        before = project.tasks.get(event.task_id)
        after = record_after(before, event, seq)  # type: ignore[arg-type]
        project.keep(event.task_id, before, after)
        if isinstance(event, TakeCircled):
            other = project.tasks.get(project.circled.get(event.shot, ""))
            if event.circled:
                if other is not None and other.task_id != event.task_id:
                    project.keep(other.task_id, other, replace(other, circled=False))
                project.circled[event.shot] = event.task_id
            elif project.circled.get(event.shot) == event.task_id:
                del project.circled[event.shot]
        if after is None:
            project.tombstones.add(event.task_id)
            project.circled = {shot: task_id for shot, task_id in project.circled.items() if task_id != event.task_id}
        if isinstance(event, Beginning) or (after is not None and after.ended):
            project.active_at = event.at

    def subscribe(self, project_id: str, after: Position | None) -> AsyncGenerator[RecordedEvent, None]:
        return self._hub.notifier.follow(project_id, after, self.history)

    async def told(self, project_id: str, after: Position | None, limit: int, most_bytes: int) -> ToldPage | None:
        found = await self.history(project_id, after, limit)
        return ToldPage(found[0].position, found, found[-1].is_last) if found else None

    async def history(self, project_id: str, after: Position | None, limit: int) -> Sequence[RecordedEvent]:
        project = self._hub.projects.get(project_id)
        log = project.log if project else []
        if after is None:
            return log[:limit]
        oldest, newest = (log[0].position.seq, log[-1].position.seq) if log else (1, 0)
        if after.epoch != self._hub.epoch or not oldest - 1 <= after.seq <= newest:
            raise HistoryLostError(project_id, str(after))
        start = after.seq - oldest + 1
        return log[start : start + limit]

    async def check(self) -> None:
        return
