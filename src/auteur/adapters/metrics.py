"""What operators watch, counted where it passes: a `ProgressBus` around the real one."""

from collections.abc import AsyncGenerator, Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from auteur.domain.errors import AuteurError
from auteur.domain.events import (
    Event,
    Position,
    RecordedEvent,
    TaskCancelled,
    TaskFailed,
    TaskQueued,
    TaskStarted,
    TaskSucceeded,
)
from auteur.domain.pool import PoolStatus
from auteur.domain.ports import ProgressBus


class Metrics:
    """The instruments, in a registry of their own so that several services can live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.accepted = Counter(
            "auteur_tasks_accepted", "Tasks accepted.", ["task_type", "quality", "lane"], registry=self.registry
        )
        self.started = Counter("auteur_attempts_started", "Attempts begun.", registry=self.registry)
        self.ended = Counter("auteur_tasks_ended", "Tasks ended, by how.", ["ending"], registry=self.registry)
        self.duration = Histogram(
            "auteur_task_duration_seconds",
            "Seconds of running of tasks that succeeded.",
            buckets=(0.5, 1, 2, 5, 10, 20, 60, 120, 300, 600, 1800),
            registry=self.registry,
        )
        self.events = Counter("auteur_events_published", "Events appended.", registry=self.registry)
        self.refused = Counter("auteur_events_refused", "Events the log refused.", ["code"], registry=self.registry)
        self.hand_overs = Counter("auteur_hand_overs", "Attempts after the first, begun here.", registry=self.registry)
        self.running = Gauge("auteur_tasks_running", "Tasks running, by lane.", ["lane"], registry=self.registry)
        self.waiting = Gauge("auteur_tasks_waiting", "Tasks waiting, by lane.", ["lane"], registry=self.registry)
        self.oldest = Gauge(
            "auteur_oldest_wait_seconds", "Age of the oldest waiting task, by lane.", ["lane"], registry=self.registry
        )
        self.blocked = Gauge("auteur_tasks_blocked", "Tasks that wait for other tasks.", registry=self.registry)
        self.workers = Gauge("auteur_workers_present", "Processes that run tasks.", registry=self.registry)
        self.slots = Gauge("auteur_worker_slots", "Tasks that can run at a time, in all.", registry=self.registry)
        self.unserved = Gauge(
            "auteur_tasks_unserved", "Waiting tasks that no worker takes.", ["task_type"], registry=self.registry
        )
        self.engines = Gauge(
            "auteur_engine_up",
            "Whether an engine can work now, by what it makes.",
            ["engine", "task_type"],
            registry=self.registry,
        )
        self.access = Gauge(
            "auteur_access", "How whoever asks comes in: 1 for the one that holds.", ["access"], registry=self.registry
        )
        self.sockets = Gauge("auteur_websockets_open", "WebSockets open.", registry=self.registry)

    def show(self, status: PoolStatus) -> None:
        """Sets the gauges to what the status found; what it no longer finds goes."""
        for gauge, found in (
            (self.waiting, status.waiting),
            (self.running, status.running),
            (self.oldest, status.oldest_wait_s),
            (self.unserved, status.unserved),
        ):
            gauge.clear()
            for label, value in found.items():
                gauge.labels(label).set(value)
        self.blocked.set(status.blocked)
        self.workers.set(sum(worker.slots > 0 for worker in status.workers))
        self.slots.set(sum(worker.slots for worker in status.workers))

    def show_access(self, access: str) -> None:
        """Sets whether a token is needed: ``token``, ``anonymous``, or ``unknown``."""
        self.access.clear()
        self.access.labels(access).set(1)

    def show_engines(self, up: Mapping[tuple[str, str], bool]) -> None:
        """Sets which engines are up, by engine and task type."""
        for labels, is_up in up.items():
            self.engines.labels(*labels).set(is_up)


class MeteredProgressBus:
    """`ProgressBus` that counts what is published and hands everything on."""

    def __init__(self, inner: ProgressBus, metrics: Metrics) -> None:
        self._inner = inner
        self._metrics = metrics

    async def publish(self, event: Event) -> RecordedEvent:
        try:
            recorded = await self._inner.publish(event)
        except AuteurError as error:
            self._metrics.refused.labels(error.code).inc()
            raise
        self._count(event)
        return recorded

    async def publish_all(self, events: Sequence[Event]) -> Sequence[RecordedEvent]:
        try:
            recorded = await self._inner.publish_all(events)
        except AuteurError as error:
            self._metrics.refused.labels(error.code).inc()
            raise
        for event in events:
            self._count(event)
        return recorded

    def _count(self, event: Event) -> None:
        self._metrics.events.inc()
        match event:
            case TaskQueued(request=request):
                self._metrics.accepted.labels(request.task_type, request.quality, request.lane).inc()
            case TaskStarted(attempt=attempt):
                self._metrics.started.inc()
                if attempt > 1:
                    self._metrics.hand_overs.inc()
            case TaskSucceeded():
                self._metrics.ended.labels("succeeded").inc()
                self._metrics.duration.observe(event.duration_s)
            case TaskFailed(failure=failure):
                self._metrics.ended.labels(failure.code.lower()).inc()
            case TaskCancelled():
                self._metrics.ended.labels("cancelled").inc()
            case _:
                pass

    def subscribe(self, project_id: str, after: Position | None) -> AsyncGenerator[RecordedEvent, None]:
        return self._inner.subscribe(project_id, after)

    async def history(self, project_id: str, after: Position | None, limit: int) -> Sequence[RecordedEvent]:
        return await self._inner.history(project_id, after, limit)

    async def check(self) -> None:
        await self._inner.check()
