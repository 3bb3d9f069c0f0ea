"""What reads words of clients, and what writes them down: each a function of bytes that raises only where it is wrong.

An error of ours (`AuteurError`) is an answer; whatever else comes out of one of these is a fault.
"""

import asyncio
import json
import logging
import re
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from pydantic_core import from_json, to_json
from starlette.exceptions import HTTPException
from starlette.requests import Request

from auteur.adapters.log.codec import decode_event, encode_event
from auteur.adapters.log.redis.record import pack, unpack
from auteur.adapters.log.sqlite import rows, schema
from auteur.adapters.log.sqlite.words import begin_words, enter_words
from auteur.domain.errors import AuteurError, InvalidMessageError, InvalidRequestError
from auteur.domain.events import Position, RecordedEvent, TaskQueued
from auteur.domain.task import TaskRequest
from auteur.entrypoints.addresses import Hosts, is_address, read_origin, split_host
from auteur.entrypoints.http import files
from auteur.protocol.incoming import StartGenerationMessage, message_id_of, names_urls, parse
from auteur.protocol.json import MAX_JSON_DEPTH, read_json
from auteur.protocol.outgoing import render
from auteur.protocol.translate import error_message, to_message

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MAX_ANSWER_BYTES = 16 << 10
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)  # it warns of each form that is none
_HOSTS = Hosts.read(["localhost", "[::1]", "127.0.0.1", "*.films.example", "films.example:8000"])


def client_message(data: bytes) -> None:
    """A text frame: it is a message, or an error that is short, is JSON, and comes back to its id."""
    reply_to = None
    try:
        read = read_json(data)
        reply_to = message_id_of(read)
        said = parse(read, "film")
    except (InvalidMessageError, InvalidRequestError) as refused:
        _short(refused, reply_to)
        return
    assert str(said.id) == reply_to or "id" not in read
    names_urls(said)
    if isinstance(said, StartGenerationMessage):
        _recorded(said)


def _short(refused: AuteurError, reply_to: str | None = None) -> None:
    """The answer to what is refused is JSON that says so, and does not grow with it."""
    answer = render(error_message("film", "m", AT, refused, reply_to))
    assert len(answer) < MAX_ANSWER_BYTES
    assert json.loads(answer)["error_code"] == refused.code


def _recorded(said: StartGenerationMessage) -> None:
    """What was accepted is the same after each way on which it is kept, and is told in one piece."""
    command = said.command("film", str(said.id), "req_1")
    request = TaskRequest(
        task_type=command.task_type, quality=command.quality or "draft", params=command.params,
        origins=dict.fromkeys(command.params, "caller"), lane="interactive", timeout_s=300.0,
        message_id=command.message_id, fingerprint="f", queue_position=1, request_id="req_1", shot=command.shot,
    )  # fmt: skip
    event = TaskQueued(project_id="film", task_id="t-1", at=AT, metadata=command.metadata, request=request)
    assert decode_event(encode_event(event)) == event
    task = event.record(1)
    assert unpack(pack({"request": request.params, "metadata": dict(task.metadata)})) == {
        "request": from_json(to_json(request.params)),
        "metadata": dict(task.metadata),
    }
    connection = _tables()
    try:
        rows.insert(connection, task)
        (row,) = connection.execute(f"SELECT {rows.COLUMNS} FROM tasks").fetchall()
        assert rows.read_row(row) == task
        assert enter_words(connection) == 1
    finally:
        connection.rollback()
    message = to_message(RecordedEvent(Position("abc", 1), event))
    assert message is not None
    _told(render(message), "abc-1")


_CONNECTION: list[sqlite3.Connection] = []


def _tables() -> sqlite3.Connection:
    """The tables of the embedded log, in memory; made once."""
    if not _CONNECTION:
        connection = sqlite3.connect(":memory:")
        connection.executescript(schema.SCHEMA)
        connection.execute("INSERT INTO projects (project_id, seq, active_at) VALUES ('film', 0, '')")
        begin_words(connection)
        connection.commit()
        _CONNECTION.append(connection)
    return _CONNECTION[0]


def _told(text: str, position: str) -> None:
    """As a server-sent event it is read as it was written, by whoever splits lines as the standard says."""
    stream = f"id: {position}\ndata: {text}\n\n"
    lines = re.split(r"\r\n|\n|\r", stream)
    assert lines == [f"id: {position}", f"data: {text}", "", ""], "a line break within an event"
    assert "type" in json.loads(text)


def json_text(data: bytes) -> None:
    """JSON: what was read can be written, and is the same when it is read again."""
    try:
        read = read_json(data)
    except InvalidMessageError:
        return
    assert _depth(read) <= MAX_JSON_DEPTH + 1
    written = to_json(read, inf_nan_mode="constants")
    assert read_json(written) == read
    assert json.loads(written) == read


def _depth(value: Any) -> int:
    inside = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inside is None else 1 + max(map(_depth, inside), default=0)


def position(data: bytes) -> None:
    """A bookmark: what is one is short, and the same when it is written."""
    text = data.decode("utf-8", "replace")
    try:
        found = Position.parse(text)
    except InvalidRequestError as refused:
        _short(refused)
        return
    if found is None:
        assert text == "0"
    else:
        assert Position.parse(str(found)) == found
        assert len(str(found)) <= len(text) <= 64


def stored_event(data: bytes) -> None:
    """Bytes of a log: what is an event is the same when it is written, and can be told."""
    try:
        event = decode_event(data)
    except (ValueError, KeyError, TypeError):  # who reads a log has bytes that this wrote; others are no event
        return
    again = decode_event(encode_event(event))
    assert again == event
    if not 0 <= getattr(event, "progress", 0) <= 1:  # no handler's report is: the executor sees to that
        return
    message = to_message(RecordedEvent(Position("abc", 1), event))
    if message is not None:
        _told(render(message), "abc-1")


def ranges(data: bytes) -> None:
    """A Range header: parts lie in the file, ascend, and have no byte twice."""
    head, _, size = data.decode("latin-1").rpartition("|")
    size_bytes = int(size) if re.fullmatch(r"[0-9]{1,12}", size) else 1000
    parts = [files._part(wish, size_bytes) for wish in files._ranges(head)]
    joined = files._joined([part for part in parts if part is not None])
    end = -1
    for start, stop in joined:
        assert end < start < stop <= size_bytes
        end = stop
    assert sum(stop - start for start, stop in joined) <= size_bytes


def host_and_origin(data: bytes) -> None:
    """A Host or an Origin header: it is read, or refused; what is known is one of ours."""
    text = data.decode("latin-1")
    if _HOSTS.know(text):
        name, port = split_host(text)
        assert name in ("localhost", "[::1]", "127.0.0.1") or name.endswith("films.example")
        assert name != "films.example" or port == 8000
    with suppress(ValueError):
        name, port = split_host(text)
        is_address(name)
        again = name if port is None else f"{name}:{port}"
        assert split_host(again) == (name, port), "a host in its one spelling has another"
    with suppress(ValueError):
        origin = read_origin(text)
        assert read_origin(origin) == origin
        assert origin.partition("://")[0] in ("http", "https")


def form(data: bytes) -> None:
    """A form's body: it is one, or is refused."""

    async def read() -> None:
        chunks = [{"type": "http.request", "body": data[:7], "more_body": True}]
        chunks.append({"type": "http.request", "body": data[7:], "more_body": False})

        async def receive() -> Any:
            return chunks.pop(0)

        headers = [(b"content-type", b"multipart/form-data; boundary=x")]
        request = Request({"type": "http", "method": "POST", "path": "/", "headers": headers, "app": None}, receive)
        async with request.form(max_files=1, max_fields=4) as found:
            assert len(found) <= 5

    with suppress(HTTPException):
        asyncio.run(read())


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (client_message, json_text, position, stored_event, ranges, host_and_origin, form)
}
