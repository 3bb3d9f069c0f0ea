"""What operators watch, counted where it passes: a `ProgressBus` around the real one.

The values of every label are few and known: no project, task or client names one.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from auteur.domain.delivering import OUTCOMES
from auteur.domain.errors import AuteurError, Cause, TaskFailure
from auteur.domain.events import (
    Event,
    Position,
    RecordedEvent,
    TaskCancelled,
    TaskFailed,
    TaskQueued,
    TaskStarted,
    TaskSucceeded,
    ToldPage,
)
from auteur.domain.pool import PoolStatus
from auteur.domain.ports import ProgressBus

EnginesUp = Mapping[tuple[str, str], bool]
"""Whether an engine can work now, by engine and task type."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS", "PUT"})
_MOST_CODES = 100


class Metrics:
    """The instruments, in a registry of their own so that several services can live in one process.

    ``engines_up``: asked with each reading. ``before_reading``: what brings gauges up to date, awaited by whoever has
    an event loop to read in.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.engines_up: Callable[[], EnginesUp] = dict
        self.before_reading: list[Callable[[], Awaitable[None]]] = []
        self._codes: set[str] = set()
        ProcessCollector(registry=self.registry)
        self.registry.register(_Engines(self))
        self.info = Gauge(
            "auteur_build", "1, with the version that runs.", ["version", "deployment"], registry=self.registry
        )
        self.accepted = Counter(
            "auteur_tasks_accepted", "Tasks accepted.", ["task_type", "quality", "lane"], registry=self.registry
        )
        self.started = Counter("auteur_attempts_started", "Attempts begun.", registry=self.registry)
        self.ended = Counter("auteur_tasks_ended", "Tasks ended, by how.", ["ending"], registry=self.registry)
        for ending in ("succeeded", "cancelled", *sorted(_codes_of(TaskFailure))):
            self.ended.labels(ending)  # what begins at one has not grown, for who counts
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
        self.webhook_attempts = Counter(
            "auteur_webhook_attempts", "Attempts to deliver a webhook, by what came of it.", ["outcome"],
            registry=self.registry,
        )  # fmt: skip
        for outcome in OUTCOMES:
            self.webhook_attempts.labels(outcome)
        self.webhooks_waiting = Gauge("auteur_webhooks_waiting", "Webhooks to be delivered.", registry=self.registry)
        self.webhooks_oldest = Gauge(
            "auteur_webhooks_oldest_wait_seconds", "Age of the oldest webhook to be delivered.", registry=self.registry
        )
        self.sockets = Gauge("auteur_websockets_open", "WebSockets open.", registry=self.registry)
        self.ready = Gauge("auteur_ready", "Whether new work can be accepted now.", registry=self.registry)
        self.failing = Gauge(
            "auteur_part_failing",
            "1 for each part that keeps new work from being accepted, by its cause.",
            ["part", "code"],
            registry=self.registry,
        )
        self.requests = Counter(
            "auteur_http_requests", "Requests answered.", ["method", "status"], registry=self.registry
        )
        self.refusals = Counter(
            "auteur_requests_refused", "Requests answered with an error, by its code.", ["code"], registry=self.registry
        )
        self.answering = Histogram(
            "auteur_http_answer_seconds",
            "Seconds until an answer begins.",
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10),
            registry=self.registry,
        )
        self.lag = Histogram(
            "auteur_event_loop_lag_seconds",
            "How much later than asked for the event loop comes to its work.",
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
            registry=self.registry,
        )
        self.log_lines = Counter(
            "auteur_log_lines", "Lines of the log that are worth a look.", ["level"], registry=self.registry
        )
        for level in ("warning", "error"):
            self.log_lines.labels(level)
        self.free = Gauge("auteur_workspace_free_bytes", "Room left in the workspace.", registry=self.registry)
        self.size = Gauge("auteur_workspace_size_bytes", "Size of the workspace's disk.", registry=self.registry)
        self.access = Gauge(
            "auteur_access", "How whoever asks comes in: 1 for the one that holds.", ["access"], registry=self.registry
        )

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

    def show_failing(self, failing: Mapping[str, Cause]) -> None:
        """Sets which parts keep new work from being accepted."""
        self.ready.set(not failing)
        self.failing.clear()
        for part, cause in failing.items():
            self.failing.labels(part, cause.code).set(1)

    def show_access(self, access: str) -> None:
        """Sets whether a token is needed: ``token``, ``anonymous``, or ``unknown``."""
        self.access.clear()
        self.access.labels(access).set(1)

    def count_answer(self, method: str, status: int, seconds: float, code: str | None) -> None:
        """A request was answered. ``seconds``: until its answer began; ``code``: of the error that it tells of."""
        self.requests.labels(method if method in _METHODS else "other", str(status)).inc()
        self.answering.observe(seconds)
        if status >= 400:
            self._codes |= {code or "other"} if len(self._codes) < _MOST_CODES else set()
            self.refusals.labels(code if code in self._codes else "other").inc()


class _Engines(Collector):
    """Which engines are up, found out as it is read."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def describe(self) -> Iterator[GaugeMetricFamily]:
        yield self._family()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = self._family()
        for labels, is_up in self._metrics.engines_up().items():
            family.add_metric(labels, is_up)
        yield family

    def _family(self) -> GaugeMetricFamily:
        about = "Whether an engine can work now, by what it makes."
        return GaugeMetricFamily("auteur_engine_up", about, labels=["engine", "task_type"])


def _codes_of(kind: type[AuteurError]) -> set[str]:
    """The codes of a kind of error, as endings."""
    return {kind.code.lower()}.union(*map(_codes_of, kind.__subclasses__()))


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

    async def told(self, project_id: str, after: Position | None, limit: int, most_bytes: int) -> ToldPage | None:
        return await self._inner.told(project_id, after, limit, most_bytes)

    async def check(self) -> None:
        await self._inner.check()
