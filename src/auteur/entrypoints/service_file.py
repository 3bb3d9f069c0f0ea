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


def local_secret(settings: Settings) -> str | None:
    """What the service on this workspace takes as a token from its own user on this machine; None if none runs."""
    with suppress(OSError, ValueError, KeyError):
        return str(json.loads(_file(settings).read_text())["secret"])
    return None


@contextmanager
def announced(settings: Settings, url: str, secret: str) -> Iterator[None]:
    """Says that a service answers at ``url`` while this is open, to who shows the ``secret``; to this user alone.
    Raises `OSError`."""
    file = _file(settings)
    file.unlink(missing_ok=True)  # one that was left, whoever may read it
    with open(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as told:
        json.dump({"url": url, "pid": os.getpid(), "secret": secret}, told)
    try:
        yield
    finally:
        if running_service(settings) == url:  # another replica may have told of itself since
            _file(settings).unlink(missing_ok=True)


def _file(settings: Settings) -> Path:
    return settings.private_directory / "service.json"
