"""Whether a model's server can be asked now; where auteur starts it, it is started and replaced here.

A started server dies with this process, however that dies: a shell holds it in a group of its own and waits for its
stdin to end.
"""

import asyncio
import contextlib
import os
import shutil
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog

from auteur.adapters.engines.cog.client import AwayError, CogClient, Health, UnansweredError
from auteur.adapters.engines.cog.settings import ModelSetting
from auteur.adapters.engines.cog.words import error_of
from auteur.domain.errors import HandlerError

log = structlog.get_logger(__name__)

_LOOKS_EVERY_S = 0.1
_MAX_STARTS = 2
_ENDS_WITHIN_S = 10.0
_KEEPER = (
    'while IFS= read -r one && [ -n "$one" ]; do export "$one"; done; PATH="$1$PATH"; shift; '
    'exec 3<&0; (cat <&3 >/dev/null; kill -9 0) & "$@" 3<&- </dev/null & wait $!'
)
"""Reads its variables, which no list of processes shows, from its stdin; runs the command; ends all when stdin ends."""

Say = Callable[[str], None]
"""Told in a few words what is waited for."""


class ModelServer:
    """One model's server. ``folder``: of this process' own, for its log and its temporary files."""

    def __init__(self, name: str, setting: ModelSetting, client: CogClient, away_s: float, folder: Path | None) -> None:
        self._name = name
        self._setting = setting
        self._client = client
        self._away_s = away_s
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self._starting = asyncio.Lock()
        self.document: Mapping[str, Any] | None = None
        """What the server that runs now says of itself, None while it says nothing."""
        self._described: str | None = None

    @property
    def is_ours(self) -> bool:
        """Whether it is started, and so may be ended, by us."""
        return self._setting.start is not None

    @property
    def has_ended(self) -> bool:
        """Whether it was started by us and runs no more."""
        return self._process is not None and self._process.returncode is not None

    async def ready(self, say: Say) -> Health:
        """Returns when the server takes predictions; starts or replaces it where that is ours to do.

        Raises `HandlerError`, retryable where it may be there again later.
        """
        begun, starts = time.monotonic(), 0
        while True:
            health = None
            with contextlib.suppress(AwayError):
                health = await self._client.health()
            if health is not None and health.is_up:
                await self._describe(health)
                return health
            waited_s = time.monotonic() - begun
            if self.is_ours and (health is None or health.is_dead or health.status == "SETUP_FAILED"):
                if health is not None and health.status == "SETUP_FAILED" and starts:
                    await self.kill()
                    raise HandlerError(f"The model could not be set up: {error_of(health.logs)}.")
                if health is not None or self._process is None or self.has_ended:
                    if starts == _MAX_STARTS:
                        raise HandlerError("The model's server ends as soon as it is started.")
                    starts += 1
                    say("starting the model")
                    await self._restart(health)
                    continue
            if health is not None and health.status == "SETUP_FAILED":
                raise HandlerError(f"The model could not be set up: {error_of(health.logs)}.", retryable=True)
            if health is None and not self.is_ours and waited_s >= self._away_s:
                raise HandlerError("The model's server cannot be reached.", retryable=True)
            if health is not None and health.is_dead and waited_s >= self._away_s:
                raise HandlerError("The model's worker has died and its server must be started again.", retryable=True)
            if waited_s >= self._setting.setup_s:
                await self.kill()
                raise HandlerError(
                    f"The model was not ready within {self._setting.setup_s:g} s.", retryable=not self.is_ours
                )
            say("waiting for the model")
            await asyncio.sleep(_LOOKS_EVERY_S)

    async def kill(self) -> None:
        """Ends the server at once where we started it; the next prediction starts another."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()

    def clean(self, prediction_id: str) -> None:
        """Removes what the server leaves of each prediction, where its temporary folder is ours."""
        if self._folder is not None and self.is_ours:
            shutil.rmtree(self._folder / "tmp" / "coglet" / "predictions" / prediction_id, ignore_errors=True)

    async def _describe(self, health: Health) -> None:
        if self._described is None or self._described != health.begun:
            with contextlib.suppress(AwayError):
                self.document = await self._client.document()
                self._described = health.begun

    async def _restart(self, found: Health | None) -> None:
        async with self._starting:
            if self._process is not None and not self.has_ended and found is None:
                return  # somebody else has just started it
            await self.kill()
            if found is not None and self._process is None:
                await self._end_stranger()
            self._process = await self._spawn()
            log.info("started a model's server", model=self._name, pid=self._process.pid)

    async def _end_stranger(self) -> None:
        """Ends a server that an earlier process started and that cannot work any more."""
        with contextlib.suppress(AwayError, UnansweredError, TimeoutError):
            await self._client.shut_down()
            async with asyncio.timeout(_ENDS_WITHIN_S):
                while True:
                    await self._client.health()
                    await asyncio.sleep(_LOOKS_EVERY_S)

    async def _spawn(self) -> asyncio.subprocess.Process:
        start = self._setting.start
        assert start is not None
        added = {"PORT": str(urlsplit(self._setting.url).port), **start.environment}
        # its worker is the `python` of the path: the one beside the program, not ours
        beside = f"{Path(start.command[0]).parent}{os.pathsep}" if Path(start.command[0]).is_absolute() else ""
        output = Path(os.devnull)
        if self._folder is not None:
            shutil.rmtree(self._folder / "tmp", ignore_errors=True)
            (self._folder / "tmp").mkdir(parents=True)
            added["TMPDIR"], output = str(self._folder / "tmp"), self._folder / "server.log"
        try:
            with await asyncio.to_thread(output.open, "wb") as file:
                process = await asyncio.create_subprocess_exec(
                    *("/bin/sh", "-c", _KEEPER, "sh", beside, *start.command),
                    cwd=start.folder,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=file,
                    stderr=file,
                    start_new_session=True,
                )
        except OSError as error:
            raise HandlerError("The model's server cannot be started; the operator's settings name it.") from error
        assert process.stdin is not None
        process.stdin.write("".join(f"{name}={value}\n" for name, value in added.items()).encode() + b"\n")
        return process
