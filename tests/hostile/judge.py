"""What is wrong with an answer, and with a log."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from tests.hostile.entry import Entry, Verdict
from tests.hostile.exchange import Answer, Outcome

_MOST_OF_A_REFUSAL, _MOST_OF_A_BATCH = 16 << 10, 128 << 10
"""Bytes of an error at most, whatever was refused; of a batch's, which says of each of 500 requests what is wrong."""


def problems_of(entry: Entry, outcome: Outcome, key: str, hidden: Mapping[str, str]) -> list[str]:
    """What is wrong with what came of an input; nothing, if it went as it must."""
    found = list(_wrong_in_any_case(outcome, hidden))
    verdict = entry.verdict
    if outcome.end == "nothing":
        return [*found, "was neither answered nor closed"]
    if outcome.end not in ("open", "closed"):
        found.append(outcome.end)
    if entry.socket is None or outcome.answers:
        return found + _of_http(verdict, outcome)
    return found + _of_a_conversation(verdict, outcome, key)


def _of_http(verdict: Verdict, outcome: Outcome) -> list[str]:
    if not outcome.answers:
        return [] if verdict.closes else [f"was closed without an answer; expected {_told(verdict)}"]
    found = []
    for place, answer in enumerate(outcome.answers):
        if answer.headers.get("x-request-id") == "smuggled":
            found.append("a second request in it was answered")
        elif place == 0 and answer.status not in verdict.statuses:
            found.append(f"was answered {answer.status}, expected {_told(verdict)}")
        elif place == 0 and answer.status >= 400 and verdict.codes and answer.body:
            code = _json(answer).get("error", {}).get("code")
            if code not in verdict.codes:
                found.append(f"has the code {code}, expected {_told(verdict)}")
    return found


def _of_a_conversation(verdict: Verdict, outcome: Outcome, key: str) -> list[str]:
    said = [m for m in outcome.messages if m["type"] == "error" and "task_id" not in m]
    wrong = [m["error_code"] for m in said if m["error_code"] not in verdict.codes]
    if wrong:
        return [f"was told {wrong}, expected {_told(verdict)}"]
    if outcome.end == "closed":
        if outcome.close_code is None:
            return [] if verdict.closes else [f"was broken off, expected {_told(verdict)}"]
        if outcome.close_code in verdict.close_codes:
            return []
        return [f"was closed with {outcome.close_code}, expected {_told(verdict)}"]
    heard = {m["type"] for m in outcome.messages if m.get("reply_to") == key}
    if said or heard & verdict.hears or verdict.goes_on:
        return []
    return [f"went on and was told {sorted(heard) or 'nothing'}, expected {_told(verdict)}"]


def _wrong_in_any_case(outcome: Outcome, hidden: Mapping[str, str]) -> Iterable[str]:
    for answer in outcome.answers:
        if answer.status >= 500 and answer.status not in (501, 505):
            yield f"brought a {answer.status}: {answer.body[:200]!r}"
        if answer.status >= 400:
            yield from _shape_of(answer)
        elif answer.status not in (101,) and "x-request-id" not in answer.headers:
            yield "has no request id"
        told = json.dumps(answer.headers) + answer.body.decode("latin-1")
        yield from (f"shows {what}" for what, secret in hidden.items() if secret in told)
    for message in outcome.messages:
        if message.get("error_code") == "INTERNAL_ERROR":
            yield "was told INTERNAL_ERROR"
        if message["type"] == "error" and len(json.dumps(message)) > _MOST_OF_A_REFUSAL:
            yield "the refusal grows with the input"
        told = json.dumps(message)
        yield from (f"shows {what}" for what, secret in hidden.items() if secret in told)


def _shape_of(answer: Answer) -> Iterable[str]:
    """Whether it is the one shape of errors; that of a HEAD has no body."""
    if "application/json" not in answer.headers.get("content-type", ""):
        yield f"the {answer.status} is {answer.headers.get('content-type')}, not of the one shape"
        return
    if "x-request-id" not in answer.headers:
        yield f"the {answer.status} has no request id"
    if not answer.body:
        return
    told = _json(answer)
    code = told["error"].get("code") if isinstance(told.get("error"), dict) else None
    if len(answer.body) > (_MOST_OF_A_BATCH if code == "INVALID_BATCH" else _MOST_OF_A_REFUSAL):
        yield f"the refusal grows with the input: {len(answer.body)} bytes"
    if "status" in told and told.get("status") in ("unhealthy", "healthy"):  # the report for people is no error
        return
    error = told.get("error")
    if set(told) != {"error", "request_id", "timestamp"} or not isinstance(error, dict):
        yield f"the {answer.status} is not of the one shape: {answer.body[:200]!r}"
        return
    if set(error) != {"code", "message", "details"} or not error["code"].replace("_", "").isupper():
        yield f"the error is not of the one shape: {answer.body[:200]!r}"
    if told["request_id"] != answer.headers.get("x-request-id"):
        yield "the error's request id is not that of the answer"
    if datetime.fromisoformat(told["timestamp"]).tzinfo is None:
        yield "the error's time has no zone"


def _json(answer: Answer) -> dict[str, Any]:
    try:
        told = json.loads(answer.body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def problems_of_log(log: str, hidden: Mapping[str, str]) -> list[str]:
    """What is wrong with what was logged meanwhile: tracebacks, lines not of our shape, errors, what nobody may see."""
    found = []
    for line in filter(None, log.splitlines()):
        try:
            told = json.loads(line)
        except ValueError:
            found.append(f"not of our shape: {line[:300]}")
            continue
        if not {"event", "level", "timestamp", "logger"} <= told.keys():
            found.append(f"not of our shape: {line[:300]}")
        if told.get("level") in ("error", "critical") or "exception" in told or "Traceback" in line:
            found.append(f"an error: {line[:2000]}")
            continue
        found += [f"shows {what}: {line[:300]}" for what, secret in hidden.items() if secret in line]
    return found


def _told(verdict: Verdict) -> str:
    parts = [
        *map(str, sorted(verdict.statuses)),
        *sorted(verdict.codes),
        *(f"close {code}" for code in sorted(verdict.close_codes)),
        *sorted(verdict.hears),
    ]
    parts += ["the end"] if verdict.closes else []
    parts += ["to go on"] if verdict.goes_on else []
    return " or ".join(parts)
