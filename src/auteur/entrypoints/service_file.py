"""The file in a workspace that says where its service answers, for the command line on the same machine."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from auteur.entrypoints.settings import Settings


class WorkspaceInUseError(Exception):
    """Another process runs tasks on this workspace; ``url`` is where it answers, if it said so."""

    def __init__(self, url: str | None) -> None:
        super().__init__("Another auteur runs on this workspace" + (f" at {url}." if url else "."))
        self.url = url


def running_service(settings: Settings) -> str | None:
    """Where a service on this workspace said that it answers, None if none did."""
    with suppress(OSError, ValueError, KeyError):
        return str(json.loads(_file(settings).read_text())["url"])
    return None


@contextmanager
def announced(settings: Settings, url: str) -> Iterator[None]:
    """Says that a service answers at ``url`` while this is open. Raises `OSError`."""
    _file(settings).write_text(json.dumps({"url": url, "pid": os.getpid()}))
    try:
        yield
    finally:
        if running_service(settings) == url:  # another replica may have told of itself since
            _file(settings).unlink(missing_ok=True)


def _file(settings: Settings) -> Path:
    return settings.private_directory / "service.json"
