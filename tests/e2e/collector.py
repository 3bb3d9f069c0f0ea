"""A collector of traces of the tests' own: OTLP over HTTP, on a free port of loopback."""

import asyncio
import contextlib
import gzip
from collections.abc import Callable
from typing import Any, Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.waiting import LONG_S


class Span:
    """One span as it came over the line."""

    def __init__(self, said: Any, service: str) -> None:
        self.name: str = said.name
        self.trace: str = said.trace_id.hex()
        self.id: str = said.span_id.hex()
        self.parent: str = said.parent_span_id.hex()
        self.kind: int = said.kind
        self.begin_ns: int = said.start_time_unix_nano
        self.end_ns: int = said.end_time_unix_nano
        self.failed: bool = said.status.code == 2
        self.service = service
        self.about = {given.key: _value(given.value) for given in said.attributes}


class Collector:
    """What was sent: ``spans`` understood, ``raw`` as bytes, ``paths`` asked for."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.raw: list[bytes] = []
        self.paths: set[str] = set()
        self._more = asyncio.Condition()
        self._listener: asyncio.Server | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._listener.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._listener is not None
        self._listener.close()

    async def until(self, condition: Callable[[list[Span]], bool]) -> list[Span]:
        """The spans, when the condition holds for them."""
        async with asyncio.timeout(LONG_S), self._more:
            while not condition(self.spans):
                await self._more.wait()
            return list(self.spans)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                line, *headers = head.strip().split("\r\n")
                about = {name.lower(): value.strip() for name, _, value in (h.partition(":") for h in headers)}
                body = await reader.readexactly(int(about["content-length"]))
                body = gzip.decompress(body) if about.get("content-encoding") == "gzip" else body
                async with self._more:
                    self.paths.add(line.split(" ")[1])
                    self.raw.append(head.encode() + body)
                    for sent in ExportTraceServiceRequest.FromString(body).resource_spans:
                        service = next(
                            g.value.string_value for g in sent.resource.attributes if g.key == "service.name"
                        )
                        self.spans += [Span(said, service) for scope in sent.scope_spans for said in scope.spans]
                    self._more.notify_all()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n")
                await writer.drain()
        writer.close()


def _value(value: Any) -> Any:
    return getattr(value, value.WhichOneof("value"))
