"""What a deployment says of itself and does in its own way, so that nobody needs to ask which one it is."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

LogPart = Literal["database", "redis"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What an examination found of one subject. ``good``: None where it is neither good nor broken, only told."""

    good: bool | None
    subject: str
    found: str


class Deployment(Protocol):
    """How a service is deployed; `embedded` and `fleet` have one each."""

    @property
    def name(self) -> str:
        """For people and logs: where the log is kept."""
        ...

    @property
    def is_shared(self) -> bool:
        """Whether other processes take part in it: replicas, and workers on other machines."""
        ...

    @property
    def log_part(self) -> LogPart:
        """What the health report calls the log."""
        ...

    def storage(self) -> AbstractAsyncContextManager[None]:
        """Opens what the log needs. Raises `WorkspaceInUseError`, `BusUnavailableError`, `OSError`."""
        ...

    def at_work(self, *, resume: bool) -> AbstractAsyncContextManager[None]:
        """Takes tasks up while it is open; needs the storage and all that tasks use.

        ``resume``: those too that others left. Raises `BusUnavailableError`.
        """
        ...

    async def requeue_running(self, drain_s: float) -> None:
        """Takes no task up any more; after ``drain_s`` seconds those that still run go back. Harmless to repeat."""
        ...

    async def examine(self) -> Sequence[Finding]:
        """What `auteur doctor` tells of it; opens and closes what it looks at. Says nothing of passwords."""
        ...
