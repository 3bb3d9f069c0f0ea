"""OpenTelemetry traces: what is asked for, the task that comes of it, and its run, in one trace across processes.

A wrapper around the log carries the context: as a task is accepted, the span's id goes into its record, beside the
request's id, and whoever runs the task goes on from there. Spans hold ids, names and numbers: no parameter, no words,
no header and no address of a client.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

import structlog
from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from auteur.domain.errors import AuteurError
from auteur.domain.events import (
    Ending,
    Event,
    Position,
    RecordedEvent,
    TaskCancelled,
    TaskFailed,
    TaskQueued,
    TaskRequeued,
    TaskStarted,
    TaskSucceeded,
    ToldPage,
)
from auteur.domain.ports import ProgressBus, StateStore
from auteur.domain.task import Task, TaskRequest

Attributes = Mapping[str, str | int]
Run = Callable[[str, str, str | None], Awaitable[None]]
WhenItEnds = Callable[[Scope, Callable[[], None]], None]
"""Has something called when what a scope is of is over: a socket goes on after its application has returned."""

_EXPORT_S = 5.0
_CLOSE_S = 5.0
_NOT_TRACED = ("/health", "/metrics", "/assets")

_QUIET: Any = {"record_exception": False, "set_status_on_exception": False}
"""An exception's words may hold what somebody wrote; the log has them."""

_propagator = TraceContextTextMapPropagator()
_attempts: ContextVar[dict[tuple[str, str], Span] | None] = ContextVar("attempts", default=None)
_task: ContextVar[Task | None] = ContextVar("task", default=None)


class Traces:
    """Sends spans to an OTLP endpoint over HTTP, in a thread of its own; a collector that is away costs nothing but the
    spans. What the SDK's own variables say, as ``OTEL_TRACES_SAMPLER`` and ``OTEL_SERVICE_NAME``, holds."""

    def __init__(self, endpoint: str, *, service: str, version: str) -> None:
        about = Resource.create({SERVICE_VERSION: version})
        if about.attributes.get(SERVICE_NAME, "unknown_service").startswith("unknown_service"):  # type: ignore[union-attr]
            about = about.merge(Resource({SERVICE_NAME: service}))
        self._provider = TracerProvider(resource=about, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint, timeout=_EXPORT_S)))
        self.tracer = self._provider.get_tracer("auteur", version)

    def middleware(self, app: ASGIApp, *, when_it_ends: WhenItEnds) -> "TracedRequestsMiddleware":
        """What is asked for, as spans."""
        return TracedRequestsMiddleware(app, self.tracer, when_it_ends)

    async def close(self) -> None:
        """Sends what is left, as far as that goes within some seconds."""
        closing = asyncio.create_task(asyncio.to_thread(self._provider.shutdown))
        await asyncio.wait({closing}, timeout=_CLOSE_S)

    def bus(self, inner: ProgressBus) -> ProgressBus:
        """The log, and what is told there as spans."""
        return TracedProgressBus(inner, self.tracer)

    def run(self, inner: Run, store: StateStore) -> Run:
        """What runs a task, as a span of the trace in which it was asked for."""

        async def run(project_id: str, task_id: str, gone: str | None) -> None:
            try:
                task = (await store.task(project_id, task_id)).task
            except AuteurError:  # it is the run's to say what that means
                await inner(project_id, task_id, gone)
                return
            came_from = _propagator.extract({"traceparent": task.request.trace or ""})
            attributes = _about(task)
            begins = self.tracer.start_span("queue", came_from, start_time=int(task.queued_at.timestamp() * 1e9))
            begins.set_attributes({**attributes, "auteur.lane": task.request.lane})
            begins.end()
            attempts: dict[tuple[str, str], Span] = {}
            with self.tracer.start_as_current_span(
                f"run {task.request.task_type}",
                came_from,
                SpanKind.CONSUMER,
                attributes,
                **_QUIET,
            ) as span:
                told, known = _attempts.set(attempts), _task.set(task)
                try:
                    await inner(project_id, task_id, gone)
                except AuteurError as error:
                    span.set_attribute("auteur.waits_again", error.code)
                    raise
                finally:
                    _attempts.reset(told)
                    _task.reset(known)
                    for left in attempts.values():
                        left.end()

        return run


class TracedProgressBus:
    """`ProgressBus` that gives each accepted task the trace it belongs to, and tells its attempts as spans."""

    def __init__(self, inner: ProgressBus, tracer: trace.Tracer) -> None:
        self._inner = inner
        self._tracer = tracer

    async def publish(self, event: Event) -> RecordedEvent:
        if isinstance(event, TaskQueued):
            with self._accepting(event) as span:
                return await self._inner.publish(_carrying(event, span))
        recorded = await self._inner.publish(event)
        self._tell(event)
        return recorded

    async def publish_all(self, events: Sequence[Event]) -> Sequence[RecordedEvent]:
        spans = [self._accepted(event) if isinstance(event, TaskQueued) else None for event in events]
        try:
            return await self._inner.publish_all(
                [
                    _carrying(event, span) if span is not None and isinstance(event, TaskQueued) else event
                    for event, span in zip(events, spans, strict=True)
                ]
            )
        finally:
            for span in spans:
                if span is not None:
                    span.end()

    def _accepting(self, event: TaskQueued) -> Any:
        return trace.use_span(self._accepted(event), end_on_exit=True, **_QUIET)

    def _accepted(self, event: TaskQueued) -> Span:
        request = event.request
        attributes = {"auteur.task_id": event.task_id, **_asked(request), "auteur.lane": request.lane}
        return self._tracer.start_span(f"accept {request.task_type}", kind=SpanKind.PRODUCER, attributes=attributes)

    def _tell(self, event: Event) -> None:
        attempts, task = _attempts.get(), _task.get()
        if attempts is None or task is None:
            return
        key = (event.project_id, getattr(event, "task_id", ""))
        if isinstance(event, TaskStarted):
            if key in attempts:
                attempts.pop(key).end()
            attributes: Attributes = {**_about(task), "auteur.attempt": event.attempt, "auteur.worker": event.worker}
            attempts[key] = self._tracer.start_span("attempt", attributes=attributes)
        elif isinstance(event, Ending | TaskRequeued):
            span = attempts.pop(key, None) or trace.get_current_span()
            match event:
                case TaskSucceeded(result=result):
                    span.set_attributes({"auteur.ending": "succeeded", "auteur.engine": result.engine})
                case TaskFailed(failure=failure):
                    span.set_attribute("auteur.ending", failure.code.lower())
                    span.set_status(StatusCode.ERROR, failure.code)
                case TaskCancelled():
                    span.set_attribute("auteur.ending", "cancelled")
                case TaskRequeued(reason=reason):
                    span.set_attribute("auteur.requeued", reason)
            if span is not trace.get_current_span():
                span.end()

    def subscribe(self, project_id: str, after: Position | None) -> AsyncGenerator[RecordedEvent, None]:
        return self._inner.subscribe(project_id, after)

    async def history(self, project_id: str, after: Position | None, limit: int) -> Sequence[RecordedEvent]:
        return await self._inner.history(project_id, after, limit)

    async def told(self, project_id: str, after: Position | None, limit: int, most_bytes: int) -> ToldPage | None:
        return await self._inner.told(project_id, after, limit, most_bytes)

    async def check(self) -> None:
        await self._inner.check()


class TracedRequestsMiddleware:
    """A span for each request, and for each message of a socket; a caller's own trace is gone on with."""

    def __init__(self, app: ASGIApp, tracer: trace.Tracer, when_it_ends: WhenItEnds) -> None:
        self._app = app
        self._tracer = tracer
        self._when_it_ends = when_it_ends

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or scope["path"].startswith(_NOT_TRACED):
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"traceparent", b"").decode("latin-1")
        came_from = _propagator.extract({"traceparent": given})
        if scope["type"] == "http":
            await self._serve(scope, receive, send, came_from)
        else:
            await self._converse(scope, receive, send, came_from)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, came_from: context.Context) -> None:
        method = str(scope["method"])
        with self._tracer.start_as_current_span(
            method,
            came_from,
            SpanKind.SERVER,
            {"http.request.method": method},
            **_QUIET,
        ) as span:

            async def send_told(message: Message) -> None:
                if message["type"] == "http.response.start":
                    route = getattr(scope.get("route"), "path", None)
                    if route is not None:
                        span.update_name(f"{method} {route}")
                        span.set_attribute("http.route", route)
                    span.set_attributes({"http.response.status_code": message["status"], **_request_id()})
                    if message["status"] >= 500:
                        span.set_status(StatusCode.ERROR)
                await send(message)

            await self._app(scope, receive, send_told)

    async def _converse(self, scope: Scope, receive: Receive, send: Send, came_from: context.Context) -> None:
        """A message is answered when the next one is asked for: the conversation takes one at a time."""
        span: Span | None = None
        token: Any = None

        async def receive_told() -> Message:
            nonlocal span, token
            if span is not None:
                span.end()
                context.detach(token)
                span = None
            message = await receive()
            if message["type"] == "websocket.receive":
                span = self._tracer.start_span("socket message", came_from, SpanKind.SERVER, _request_id())
                token = context.attach(trace.set_span_in_context(span))
            return message

        def answered() -> None:
            if span is not None:
                span.end(time.time_ns())

        try:
            await self._app(scope, receive_told, send)
        finally:
            self._when_it_ends(scope, answered)


def _carrying(event: TaskQueued, span: Span) -> TaskQueued:
    """The event with the span's place in its trace."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier, trace.set_span_in_context(span))
    return replace(event, request=replace(event.request, trace=carrier.get("traceparent")))


def _about(task: Task) -> Attributes:
    return {"auteur.task_id": task.task_id, **_asked(task.request)}


def _asked(request: TaskRequest) -> Attributes:
    said = {name: getattr(request, name) for name in ("task_type", "quality", "engine", "request_id")}
    return {f"auteur.{name}": value for name, value in said.items() if value}


def _request_id() -> Attributes:
    known = structlog.contextvars.get_contextvars().get("request_id")
    return {"auteur.request_id": known} if known else {}
