"""What everybody saw, to be checked afterwards. Times are seconds of one monotonic clock."""

import hashlib
import json
import time
from dataclasses import dataclass, field
from typing import Any

Message = dict[str, Any]


def digest(message: Message) -> str:
    """Over what is said; sockets leave out what is null, HTTP does not."""
    message = _without_null(message)
    return hashlib.sha256(json.dumps(message, sort_keys=True).encode()).hexdigest()[:16]


def _without_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_null(inner) for name, inner in value.items() if inner is not None}
    return [_without_null(inner) for inner in value] if isinstance(value, list) else value


@dataclass
class Heard:
    """One message from a project's log, or the greeting that began a conversation."""

    at: float
    message: Message

    @property
    def position(self) -> tuple[str, int]:
        if self.message["position"] == "0":
            return "", 0
        epoch, _, seq = self.message["position"].rpartition("-")
        return epoch, int(seq)


@dataclass
class Cut:
    """The conversation ended."""

    at: float


@dataclass
class Watched:
    """One client's view, in order. ``asked``: the bookmarks it came back with."""

    project: str
    replica: int
    seen: list[Heard | Cut] = field(default_factory=list)

    @property
    def events(self) -> list[Heard]:
        return [s for s in self.seen if isinstance(s, Heard) and s.message["type"] != "connected"]


@dataclass
class Asked:
    """One request for a task, until it was accepted. ``refused``: how long each refusal took, and its status."""

    project: str
    key: str
    asked_at: float
    accepted_at: float | None = None
    task_id: str | None = None
    refused: list[tuple[float, float, int, bool]] = field(default_factory=list)


@dataclass
class Probed:
    """One look at a replica's health. ``status`` 0: no answer."""

    at: float
    took_s: float
    replica: int
    path: str
    status: int


@dataclass
class Record:
    """The whole story of a run. ``outage``: from when to when the fault lasted."""

    watched: list[Watched] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    probed: list[Probed] = field(default_factory=list)
    states: list[tuple[int, Message]] = field(default_factory=list)
    outage: tuple[float, float] = (0.0, 0.0)
    log: str = ""


now = time.monotonic
