"""The judge and the client that it hears from: what is wrong is found, what is right is let be."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from tests.hostile.entry import CLOSED, GOES_ON, Entry, Verdict, accepted, get, http, refused, says, socket
from tests.hostile.exchange import Answer, Outcome, exchange
from tests.hostile.judge import problems_of, problems_of_log

HIDDEN = {"a secret": "planted-secret"}
_TIME = "2026-11-26T03:00:00Z"


def _body(code: str = "INVALID_MESSAGE", message: str = "No.", **more: object) -> bytes:
    error = {"code": code, "message": message, "details": {}}
    return json.dumps({"error": error, "request_id": "h1", "timestamp": _TIME, **more}).encode()


def _answer(status: int = 400, body: bytes | None = None, **headers: str) -> Answer:
    told = {"content-type": "application/json", "x-request-id": "h1", **headers}
    return Answer(status, told, _body() if body is None else body)


def _judged(verdict: Verdict, *answers: Answer, end: str = "closed") -> list[str]:
    outcome = Outcome(answers=list(answers), end=end)
    return problems_of(http("it", b"", to=verdict).of("kind"), outcome, "key", HIDDEN)


BAD = refused(400)
WRONG = {
    "another status": [_answer(422)],
    "a 500": [_answer(500)],
    "plain text": [_answer(body=b"no", **{"content-type": "text/plain"})],
    "another shape": [_answer(body=b'{"detail": "no"}')],
    "a field too many": [_answer(body=_body(trace="x"))],
    "no request id": [Answer(400, {"content-type": "application/json"}, _body())],
    "another request's id": [_answer(**{"x-request-id": "other"})],
    "a secret": [_answer(body=_body(message="planted-secret"))],
    "a secret in a header": [_answer(location="/planted-secret")],
    "what it refuses": [_answer(body=_body(message="x" * 20_000))],
    "a second request in it": [_answer(), _answer(200, b"{}", **{"x-request-id": "smuggled"})],
}


@pytest.mark.parametrize("answers", WRONG.values(), ids=WRONG)
def test_an_answer_that_shows_what_it_must_not_is_found(answers: list[Answer]) -> None:
    assert _judged(BAD, *answers)


def test_a_refusal_as_it_must_be_is_let_be() -> None:
    assert not _judged(BAD, _answer())
    assert not _judged(refused(400, code="INVALID_MESSAGE"), _answer())
    assert _judged(refused(400, code="CONFLICT"), _answer())
    assert not _judged(CLOSED)
    assert _judged(BAD)
    assert _judged(BAD, end="nothing")
    assert _judged(BAD, _answer(), end="the next request was answered 400")


def _heard(verdict: Verdict, *codes: str, close_code: int | None = None, end: str = "open") -> list[str]:
    messages = [{"type": "error", "error_code": code, "message": "No."} for code in codes]
    outcome = Outcome(messages=messages, close_code=close_code, end=end)
    return problems_of(socket("it", b"", to=verdict).of("kind"), outcome, "key", HIDDEN)


def test_what_a_conversation_is_told_is_judged_too() -> None:
    assert not _heard(says("CONFLICT"), "CONFLICT")
    assert _heard(says("CONFLICT"), "INTERNAL_ERROR")
    assert _heard(says("CONFLICT"))
    assert _heard(GOES_ON, "CONFLICT")
    assert not _heard(GOES_ON)
    assert not _heard(CLOSED, end="closed")
    assert _heard(GOES_ON, end="closed")
    assert _heard(CLOSED, close_code=1011, end="closed")


def test_lines_of_a_log_that_must_not_be_are_found() -> None:
    line = {"event": "x", "level": "warning", "timestamp": _TIME, "logger": "auteur"}
    assert not problems_of_log(json.dumps(line) + "\n", HIDDEN)
    for wrong in (
        "Traceback (most recent call last):",
        json.dumps({**line, "level": "error"}),
        json.dumps({**line, "exception": []}),
        json.dumps({**line, "path": "planted-secret"}),
        json.dumps({"event": "x"}),
    ):
        assert problems_of_log(f"{json.dumps(line)}\n{wrong}\n", HIDDEN), wrong


@asynccontextmanager
async def _serving(answer: Callable[[bytes], bytes | None]) -> AsyncIterator[int]:
    """A server that answers each head with what is given, and ends where that is nothing."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while told := answer(await reader.readuntil(b"\r\n\r\n")):
                writer.write(told)
        except asyncio.IncompleteReadError:
            pass
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


def _told(status: int, request_id: str) -> bytes:
    return f"HTTP/1.1 {status} X\r\nX-Request-ID: {request_id}\r\nContent-Length: 2\r\n\r\n{{}}".encode()


async def _sent(entry: Entry, answer: Callable[[bytes], bytes | None]) -> Outcome:
    async with _serving(answer) as port:
        return await exchange("127.0.0.1", port, entry, lambda data: data)


async def test_the_client_hears_a_second_answer_before_that_of_its_own_next_request() -> None:
    def twice(asked: bytes) -> bytes:
        return _told(200, "canary") if b"canary" in asked else _told(200, "h1") + _told(200, "smuggled")

    outcome = await _sent(http("it", get("/"), to=accepted()), twice)
    assert [answer.headers["x-request-id"] for answer in outcome.answers] == ["h1", "smuggled"]
    assert outcome.end == "open"


async def test_the_client_tells_a_connection_that_is_of_no_more_use() -> None:
    def spoilt(asked: bytes) -> bytes:
        return _told(400 if b"canary" in asked else 200, "canary" if b"canary" in asked else "h1")

    outcome = await _sent(http("it", get("/"), to=accepted()), spoilt)
    assert outcome.end == "the next request was answered 400"
    assert (await _sent(http("it", get("/"), to=CLOSED), lambda asked: None)).end == "closed"
