"""What everybody saw, to be checked afterwards. Times are seconds of one monotonic clock."""

import hashlib
import json
import time
from dataclasses import dataclass, field
from typing import Any

Message = dict[str, Any]
TURNS = 4
"""An answer of the service takes so many turns at the processor, where the bystander's takes one."""


def digest(message: Message) -> str:
    """Over what is said; sockets leave out what is null, HTTP does not."""
    message = without_null(message)
    return hashlib.sha256(json.dumps(message, sort_keys=True).encode()).hexdigest()[:16]


def without_null(value: Any) -> Any:
    """A message or a part of one, with nothing said where nothing is."""
    if isinstance(value, dict):
        return {name: without_null(inner) for name, inner in value.items() if inner is not None}
    return [without_null(inner) for inner in value] if isinstance(value, list) else value


def place(position: str) -> tuple[str, int]:
    """A bookmark's epoch and seq. Clients do not look into it; whoever checks must."""
    epoch, _, seq = position.rpartition("-")
    return (epoch, int(seq)) if epoch else ("", 0)


@dataclass
class Heard:
    """One message from a project's log, or the greeting that began a conversation."""

    at: float
    message: Message

    @property
    def position(self) -> tuple[str, int]:
        return place(self.message["position"])


@dataclass
class Cut:
    """The conversation ended. ``code``: how the service closed it, None if the connection was lost."""

    at: float
    code: int | None = None


@dataclass
class Watched:
    """One client's view, in order. ``bookmark``: what it came with at first."""

    project: str
    replica: int
    bookmark: str | None = None
    seen: list[Heard | Cut] = field(default_factory=list)

    @property
    def events(self) -> list[Heard]:
        return [s for s in self.seen if isinstance(s, Heard) and s.message["type"] != "connected"]


@dataclass
class Asked:
    """One request for a task, until it was accepted. ``sent_at``: when it was sent the time that it was accepted;
    ``refused``: how long each refusal took, and its status; ``lost``: what was wrong where there was no answer, 0."""

    project: str
    key: str
    asked_at: float
    sent_at: float | None = None
    accepted_at: float | None = None
    task_id: str | None = None
    refused: list[tuple[float, float, int, bool]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


@dataclass
class Probed:
    """One look at a replica's health. ``status`` 0: no answer; ``causes``: by their codes, why it is not ready."""

    at: float
    took_s: float
    replica: int
    path: str
    status: int
    causes: frozenset[str] = frozenset()


@dataclass
class Waits:
    """How long the `bystander` was waited for, which does next to nothing: when it was asked, what it took, and how
    many times longer than on an idle machine its work took it."""

    seen: list[tuple[float, float, float]] = field(default_factory=list)

    def add(self, at: float, took_s: float, slowness: float) -> None:
        self.seen.append((at, took_s, max(slowness, 1.0)))

    def limit_s(self, promised_s: float, begin: float, end: float) -> float:
        """What was promised for a machine that has time, as it is on this one from ``begin`` to ``end``: longer by as
        much as others slowed the bystander down, and by the turns that one must wait for."""
        beside = [(took_s, slowness) for at, took_s, slowness in self.seen if at <= end and at + took_s >= begin]
        if not beside:
            beside = [(took_s, slowness) for _, took_s, slowness in self.seen[-1:]] or [(0.0, 1.0)]
        slower = sum(slowness for _, slowness in beside) / len(beside)
        return promised_s * slower + TURNS * max(took_s for took_s, _ in beside)

    @property
    def worst_s(self) -> float:
        return max((took_s for _, took_s, _ in self.seen), default=0.0)


@dataclass
class Record:
    """The whole story of a run. ``outage``: from when to when the fault lasted. ``states``: what each replica answered
    of each project at the end; ``pages``: all tasks there, page by page. ``untold``: events that no client hears, by
    project and seq. ``carried``: by project, the last seq before there were records."""

    watched: list[Watched] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    probed: list[Probed] = field(default_factory=list)
    states: list[tuple[int, Message]] = field(default_factory=list)
    pages: dict[tuple[int, str], list[Message]] = field(default_factory=dict)
    untold: set[tuple[str, int]] = field(default_factory=set)
    carried: dict[str, int] = field(default_factory=dict)
    waits: Waits = field(default_factory=Waits)
    outage: tuple[float, float] = (0.0, 0.0)
    log: str = ""


now = time.monotonic
