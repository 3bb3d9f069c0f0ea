"""`TaskQueue` over many machines: Taskiq carries the tasks, the log says what they are worth.

One queue for every lane and task type. Delivery is at least once; a task that comes twice is begun once, because the
log refuses the other. Nothing depends on a message arriving: what is lost on the way, `TaskDispatcher.recover` finds.
"""

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

import structlog
from pydantic import TypeAdapter
from taskiq import AckableMessage, AsyncBroker, BrokerMessage, TaskiqMessage

from auteur.adapters.background import end, within
from auteur.adapters.queue.local import LocalTaskQueue, Run, RunSent
from auteur.adapters.queue.messages import acknowledge, acknowledged, messages_of
from auteur.domain.errors import EngineDownError, EngineElsewhereError, UnavailableError
from auteur.domain.executor import Sent
from auteur.domain.ports import WorkerRegistry
from auteur.domain.task import Task, TaskRequest

log = structlog.get_logger(__name__)

RUN = "auteur.run"
"""The one task that Taskiq knows of."""

_TASK = TypeAdapter(Task)
_AHEAD = 2
_KICK_S = 1.0
_KICK_AGAIN_S = 30.0
_TAKE_OVER_AGAIN_S = 2.0
_COUNTED_S = 2.0
_HELD_S = 1.0
_REMEMBERED = 10_000
_LOOKS_PER_S = 50

Brokers = Callable[[str], AsyncBroker]
"""Gives the broker of a queue, by its name; the same one every time."""


def queue_name(lane: str, task_type: str, engine: str) -> str:
    """The queue for such tasks: whoever takes them has the engine."""
    return f"{lane}.{task_type}.{engine}"


class TaskiqQueue:
    """`TaskQueue` on Taskiq brokers. ``waiting``: counts the tasks that wait, in the log. ``claim``: true for the first
    process of all that names something, for so many seconds. ``engine_of``: which engine a task needs. ``send_once``:
    claims and sends in one step, where the brokers can (queue, message, name, seconds).

    Of one project and lane it holds as many tasks as all workers together can run, and two more: a queue that serves in
    order of arrival would otherwise make one project wait for all that another has asked for.
    """

    def __init__(
        self,
        brokers: Brokers,
        registry: WorkerRegistry,
        waiting: Callable[[], Awaitable[int]],
        claim: Callable[[str, float], Awaitable[bool]],
        engine_of: Callable[[TaskRequest], str],
        send_once: Callable[[str, bytes, str, float], Awaitable[None]] | None = None,
    ) -> None:
        self._send_once = send_once
        self._brokers = brokers
        self._registry = registry
        self._count_waiting = waiting
        self._claim = claim
        self._engine_of = engine_of
        self._waiting = (0, -_COUNTED_S)
        self._kicked: OrderedDict[tuple[str, datetime, int], float] = OrderedDict()

    async def enqueue(self, task: Task) -> None:
        # a log that began anew may accept a task of before once more, and its message went with the log
        key, now = (task.task_id, task.queued_at, task.attempt), time.monotonic()
        again_s = _KICK_AGAIN_S if task.worker is None else _TAKE_OVER_AGAIN_S
        if now - self._kicked.get(key, -again_s) < again_s:
            return
        self._kicked[key] = now
        self._kicked.move_to_end(key)
        if len(self._kicked) > _REMEMBERED:
            self._kicked.popitem(last=False)
        try:
            name, for_s = f"{task.task_id}/{task.queued_at.timestamp():.6f}/{task.attempt}", again_s * 0.9
            if self._send_once is not None and not task.attempt:
                queue, _, message = self._message(task)
                await self._send_once(queue, message.message, name, for_s)
            elif await self._claim(name, for_s):
                await self.kick(task)
        except UnavailableError:
            del self._kicked[key]  # it was not sent: whoever sweeps next shall try again
            raise

    async def kick(self, task: Task, engine: str | None = None) -> None:
        """Sends the task to its queue, whether it was sent before or not; or to those who have another ``engine``.
        Raises `UnavailableError`."""
        _, broker, message = self._message(task, engine)
        try:
            await within(_KICK_S, lambda: broker.kick(message))
        except Exception as error:  # every broker has errors of its own
            raise UnavailableError("The task queue cannot be reached now.") from error

    def _message(self, task: Task, engine: str | None = None) -> tuple[str, AsyncBroker, BrokerMessage]:
        """The queue that the task belongs to, its broker, and what is sent there."""
        request = task.request
        queue = queue_name(request.lane, request.task_type, engine or self._engine_of(request))
        broker = self._brokers(queue)
        said = {"project_id": task.project_id, "task_id": task.task_id, "task": _TASK.dump_json(task).decode()}
        labels = {"again": True} if task.attempt else {}
        message = TaskiqMessage(task_id=task.task_id, task_name=RUN, labels=labels, args=[], kwargs=said)
        return queue, broker, broker.formatter.dumps(message)

    async def ahead(self, lane: str) -> int | None:
        return sum(worker.slots for worker in await self._registry.workers() if lane in worker.lanes) + _AHEAD

    async def depth(self) -> int:
        if time.monotonic() - self._waiting[1] > _COUNTED_S:
            self._waiting = await self._count_waiting(), time.monotonic()
        return self._waiting[0]


@dataclass
class _Delivery:
    """A message that was taken and not yet acknowledged."""

    task: Task
    ack: Callable[[], Awaitable[None]]
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    leaving: "asyncio.Future[None] | None" = None

    def leave(self) -> None:
        """Acknowledges it beside its ending, in one trip with that: if either fails, whoever sweeps finds the task."""
        self.leaving = asyncio.ensure_future(self.ack())


class TaskiqWorker:
    """Takes tasks from ``queues`` and runs them with ``run`` (`Executor.run`), ``slots`` at a time, lanes by weight.

    ``refuse``: ends a task whose message cannot be understood; ``release``: told of each task that has left
    (`TaskDispatcher.release`). ``run_sent``: runs it in place of ``run``, told what the message says. It takes one
    message of a queue at a time, and sends back what it cannot begin within a second: a busy worker keeps nothing from
    an idle one. Open with ``async with`` after everything that ``run`` needs.
    """

    def __init__(
        self,
        brokers: Brokers,
        queue: TaskiqQueue,
        queues: Sequence[str],
        run: Run,
        *,
        refuse: Callable[[str, str], Awaitable[None]],
        release: Callable[[str, str], Awaitable[None]],
        slots: int,
        lane_weights: Mapping[str, int],
        run_sent: RunSent | None = None,
    ) -> None:
        self._run_sent = run_sent
        self._brokers = brokers
        self._queue = queue
        self._queues = queues if slots else ()
        self._executor_run = run
        self._refuse = refuse
        self._release = release
        self.pool = LocalTaskQueue(self._run, max_concurrent=slots, lane_weights=lane_weights)
        self._deliveries: dict[tuple[str, str], _Delivery] = {}
        self._aside: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._pulling: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        for name in self._queues:
            self._pulling.append(asyncio.create_task(self._pull_for_ever(name), name=f"pull-{name}"))
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close(0)

    async def close(self, drain_s: float) -> None:
        """Takes nothing more, gives running tasks ``drain_s`` to end, then has them handed back. Harmless to repeat."""
        await end(self._pulling)
        aside, self._aside = self._aside, {}
        await end(aside.values())
        for key, delivery in list(self._deliveries.items()):
            if key in aside or self.pool.withdraw(delivery.task):
                await self._send_back(delivery)
        await self.pool.close(drain_s)

    async def _pull_for_ever(self, name: str) -> None:
        away = False
        while True:
            try:
                broker = self._brokers(name)
                await broker.startup()
                away = False
                async with contextlib.aclosing(messages_of(broker)) as messages:
                    while True:
                        await self.pool.room.wait()
                        await self._take(broker, await anext(messages))
            except Exception as error:
                if not away:
                    log.warning("the task queue cannot be read", queue=name, reason=str(error) or type(error).__name__)
                away = True
            await asyncio.sleep(1)

    async def _take(self, broker: AsyncBroker, message: AckableMessage) -> None:
        """Has one message run, or sends it back if nothing becomes of it within a second."""
        task = await self._read(broker, message)
        if task is None:
            return
        key = (task.project_id, task.task_id)
        if key in self._deliveries:  # it runs here already
            await acknowledge(message.ack)
            return
        delivery = self._deliveries[key] = _Delivery(task, message.ack)  # type: ignore[arg-type]
        await self.pool.left(task)  # a run of before may still tell of its end, and the pool takes none twice
        await self.pool.enqueue(task)
        await asyncio.sleep(0)  # where there is room, it begins now
        if delivery.begun.is_set():
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_HELD_S):
                await delivery.begun.wait()
        if not delivery.begun.is_set() and self.pool.withdraw(task):
            await self._send_back(delivery)

    async def _read(self, broker: AsyncBroker, message: AckableMessage) -> Task | None:
        """The task that the message brings. What cannot be understood is ended, if it can be named, and never comes
        again."""
        project_id = task_id = None
        try:
            said = broker.formatter.loads(message.data)
            if said.task_name != RUN:
                raise ValueError(f"a task named {said.task_name[:64]!r}")
            project_id, task_id = str(said.kwargs["project_id"]), str(said.kwargs["task_id"])
            return _TASK.validate_json(said.kwargs["task"])
        except Exception as error:
            log.error("a message cannot be understood", task_id=task_id, reason=type(error).__name__)
            if project_id is not None and task_id is not None:
                await self._refuse(project_id, task_id)
            await acknowledge(message.ack)
            return None

    async def _run(self, project_id: str, task_id: str, gone: str | None) -> None:
        delivery = self._deliveries.get((project_id, task_id))
        if delivery is None:  # it has left; what failed was telling of that, and whoever sweeps does that too
            return
        delivery.begun.set()
        sent = Sent(task=delivery.task, on_ending=delivery.leave)
        try:
            if self._run_sent is None:
                await self._executor_run(project_id, task_id, gone)
            else:
                await self._run_sent(project_id, task_id, gone, sent)
        except EngineElsewhereError as elsewhere:
            await asyncio.shield(self._send_back(delivery, elsewhere.engine))
            return
        except EngineDownError as down:
            self._put_aside(delivery, down.retry_after_s)
            return
        except asyncio.CancelledError:  # handed back
            await asyncio.shield(self._send_back(delivery))
            raise
        del self._deliveries[project_id, task_id]
        if delivery.leaving is None:
            await acknowledge(delivery.ack)
        else:
            await acknowledged(delivery.leaving)
        if sent.waiting != 0:
            with contextlib.suppress(UnavailableError):
                await self._release(project_id, task_id)

    def _put_aside(self, delivery: _Delivery, delay_s: float) -> None:
        """Keeps a task whose engine is down for a while, outside the slots, and then sends it back: when the engine is
        up again, all who have it share the work."""
        key = (delivery.task.project_id, delivery.task.task_id)

        async def send_back() -> None:
            await asyncio.sleep(max(delay_s, len(self._aside) / _LOOKS_PER_S))
            self._aside.pop(key, None)
            await self._send_back(delivery)

        self._aside[key] = asyncio.create_task(send_back(), name=f"aside-{delivery.task.task_id}")

    async def _send_back(self, delivery: _Delivery, engine: str | None = None) -> None:
        """For another worker, or those who have the ``engine``. Twice is harmless, not at all is not: sent first,
        acknowledged then."""
        self._deliveries.pop((delivery.task.project_id, delivery.task.task_id), None)
        with contextlib.suppress(UnavailableError):
            await self._queue.kick(delivery.task, engine)
            await acknowledge(delivery.ack)
