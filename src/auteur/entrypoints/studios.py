"""What the command line needs of a service, wherever that runs."""

from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any, Protocol

from auteur.entrypoints.output import Target

Message = Mapping[str, Any]


class ServiceError(Exception):
    """What the service said is wrong, or that it does not answer."""


class Studio(Protocol):
    """A place that makes shots."""

    async def bring(self, project_id: str, picture: Path) -> str:
        """Takes a local picture in; returns its path in the project. Raises `ServiceError`."""
        ...

    def generate(self, project_id: str, request: Mapping[str, Any]) -> AsyncGenerator[Message, None]:
        """Asks for a task and tells its messages up to its ending. Raises `ServiceError`."""
        ...

    def promote(self, project_id: str, task_id: str, request: Mapping[str, Any]) -> AsyncGenerator[Message, None]:
        """Has a take made again and tells the new task's messages up to its ending. Raises `ServiceError`."""
        ...

    def batch(self, project_id: str, asked: Mapping[str, Any]) -> AsyncGenerator[Message, None]:
        """Asks for several tasks, all or none, and tells ``batch_started`` and then their messages up to the last
        ending. ``asked``: as `BatchRequest`. Raises `ServiceError`."""
        ...

    async def cancel(self, project_id: str, task_id: str) -> None:
        """Asks for the task to stop. Raises `ServiceError`."""
        ...

    async def delete_task(self, project_id: str, task_id: str) -> None:
        """Removes an ended task, record and files. Raises `ServiceError`."""
        ...

    async def delete_project(self, project_id: str) -> None:
        """Removes a project whose tasks have ended. Raises `ServiceError`."""
        ...

    async def fetch(self, artifact: Mapping[str, Any], target: Target | None) -> Path:
        """Where the artifact lies on this machine; at ``target`` if given. Raises `ServiceError`,
        `CannotWriteError`."""
        ...
