"""One hostile input as data: a name in words, what is sent, and what may come of it.

What is sent is bytes with tokens, which the runner replaces: ``@HOST@`` and ``@PORT@`` of the service, ``@ID@`` of the
request, ``@KEY@`` a fresh uuid, the names in `Ground`, and ``@LENGTH@``, which is how many bytes follow the first empty
line.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Self


class End(Enum):
    """What a client does instead of going on."""

    HALF_CLOSE = "says that nothing more comes"
    RESET = "is gone at once"


@dataclass(frozen=True, slots=True)
class Said:
    """Text frames, each of one message; what their tokens stand for is put in before they are masked."""

    messages: tuple[bytes, ...]

    def __add__(self, other: "Said") -> "Said":
        return Said(self.messages + other.messages)

    def __mul__(self, times: int) -> "Said":
        return Said(self.messages * times)


def said(value: Any) -> Said:
    """A message: text or bytes as they are, anything else as JSON."""
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogatepass")
    return Said((value if isinstance(value, bytes) else json.dumps(value).encode(),))


Step = bytes | Said | Callable[[], bytes] | float | End
"""What is sent; what is sent and too large to be kept; a pause in seconds; an end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What may come of an input: any of what is named.

    ``statuses`` of the answer; ``codes`` of the error, any where empty; ``closes``: the connection may end without an
    answer. On a socket ``codes`` are those of error messages, ``close_codes`` those it may be closed with, ``hears``
    the kinds of other messages that may answer, ``goes_on``: the conversation may go on as if nothing had been said.
    """

    statuses: frozenset[int] = frozenset()
    codes: frozenset[str] = frozenset()
    closes: bool = False
    close_codes: frozenset[int] = frozenset()
    hears: frozenset[str] = frozenset()
    goes_on: bool = False

    def __or__(self, other: "Verdict") -> "Verdict":
        return Verdict(
            statuses=self.statuses | other.statuses,
            codes=self.codes | other.codes,
            closes=self.closes or other.closes,
            close_codes=self.close_codes | other.close_codes,
            hears=self.hears | other.hears,
            goes_on=self.goes_on or other.goes_on,
        )


def refused(*statuses: int, code: str | Sequence[str] = ()) -> Verdict:
    """Answered with an error of the one shape."""
    return Verdict(statuses=frozenset(statuses), codes=frozenset([code] if isinstance(code, str) else code))


def accepted(*statuses: int) -> Verdict:
    """Harmless: answered as any other request."""
    return Verdict(statuses=frozenset(statuses or (200,)))


CLOSED = Verdict(closes=True)
"""Broken off without an answer."""


def says(*codes: str) -> Verdict:
    """An error message with one of the codes, and the conversation goes on."""
    return Verdict(codes=frozenset(codes))


def hears(*types: str) -> Verdict:
    """A message of one of the types, and the conversation goes on."""
    return Verdict(hears=frozenset(types))


def closed_with(*codes: int) -> Verdict:
    """The socket is closed with one of the codes."""
    return Verdict(close_codes=frozenset(codes))


GOES_ON = Verdict(goes_on=True)
"""The conversation goes on."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Entry:
    """A hostile input. ``socket``: the steps are frames of a conversation that was opened properly at that path.
    ``slow``: what comes of it comes by a deadline of the service. ``heavy``: many megabytes; repeated less often."""

    name: str
    steps: Sequence[Step]
    verdict: Verdict
    kind: str = ""
    socket: str | None = None
    slow: bool = False
    heavy: bool = False

    def __repr__(self) -> str:  # its bytes may be millions
        return f"<{self.kind}: {self.name}>"

    def of(self, kind: str) -> Self:
        """The same, as one of that kind."""
        return replace(self, kind=kind)


def http(name: str, *steps: Step, to: Verdict, slow: bool = False, heavy: bool = False) -> Entry:
    """An input to the door of HTTP."""
    return Entry(name=name, steps=steps, verdict=to, slow=slow, heavy=heavy)


def socket(
    name: str, *steps: Step, to: Verdict, path: str = "/ws/stage", slow: bool = False, heavy: bool = False
) -> Entry:
    """An input to a conversation."""
    return Entry(name=name, steps=steps, verdict=to, socket=path, slow=slow, heavy=heavy)


def called(value: Any) -> str:
    """A value as it stands in a name: shortened, where it is long."""
    told = repr(value)
    return told if len(told) < 40 else f"{told[:24]}… ({len(told)})"


# --- requests --------------------------------------------------------------------------------------------------------

FILM = "/api/v1/projects/film"
TINY = {"prompt": "a field", "width_px": 64, "height_px": 64, "steps": 1, "seed": 1}


def head(method: str, target: str, *headers: str, host: str = "@HOST@") -> bytes:
    """A request's head, well formed as far as its parts are."""
    lines = [f"{method} {target} HTTP/1.1", *([f"Host: {host}"] if host else []), "X-Request-ID: @ID@", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")


def get(target: str, *headers: str) -> bytes:
    """A GET."""
    return head("GET", target, *headers)


def post(target: str, body: Any, *headers: str, method: str = "POST", kind: str = "application/json") -> bytes:
    """A request with a body: bytes as they are, anything else as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    kinds = [f"Content-Type: {kind}"] if kind else []
    return head(method, target, *kinds, "Content-Length: @LENGTH@", *headers) + data


def task(params: Any = TINY, **content: Any) -> dict[str, Any]:
    """The body of a request for a task."""
    return {"task_type": "text_to_image", "quality": "draft", "params": params, **content}


def submit(body: Any, *headers: str, **how: str) -> bytes:
    """A request for a task."""
    return post(f"{FILM}/tasks", body, *headers, **how)
