"""The processes of a soak, and its course: warm up, be quiet, soak, be quiet again, compare."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

from tests.e2e.studio import Service, Worker
from tests.servers import RedisServer
from tests.soak.crowd import Crowd
from tests.soak.looking import Held, Looker

MODES = ("embedded", "fleet")
_SETTLED_LOOKS = 4


class Soak:
    """``leak``: a fault of the software itself, by its name in `tests.soak.inside`; ``quiet_s``: for how long what is
    left may still go away."""

    def __init__(self, directory: Path, mode: str, *, leak: str | None = None, quiet_s: float = 90.0) -> None:
        self._directory = directory
        self._mode = mode
        self._quiet_s = quiet_s
        self._told = directory / "told"
        self._module = ("tests.soak.inside", str(self._told), *([leak] if leak else []))
        self._stack = contextlib.AsyncExitStack()
        self._looker = Looker(self._told)
        self._server: RedisServer | None = None
        self.processes: dict[str, Service] = {}
        self.samples: list[tuple[float, str, Held]] = []
        self.crowd = Crowd([])

    async def __aenter__(self) -> Self:
        workspace = self._directory / "workspace"
        for made in (workspace, self._told):
            made.mkdir()
        settings: dict[str, object] = {"log_level": "WARNING"}
        if self._mode == "fleet":
            self._server = RedisServer(self._directory / "redis").start()
            self._stack.callback(self._server.stop)
            settings["redis_url"] = self._server.url
            apis = {f"api {n}": Service(workspace, module=self._module, run_tasks="false", **settings) for n in (1, 2)}
            self.processes = {**apis, "worker": Worker(workspace, module=self._module, **settings)}
        else:
            apis = {"service": Service(workspace, module=self._module, **settings)}
            self.processes = {**apis}
        for process in self.processes.values():
            await process.start()
            self._stack.push_async_callback(process.kill)
        self.crowd = Crowd([api.url for api in apis.values()])
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    async def run(self, minutes: float, tell: Callable[[str], None] = lambda line: None) -> list[str]:
        """What is wrong at the end. ``minutes``: of traffic, after a warm-up of a tenth of it, a minute at least."""
        began = time.monotonic()

        async def traffic(lasting_s: float, every_s: float) -> None:
            await self.crowd.come()
            until = time.monotonic() + lasting_s
            while (left := until - time.monotonic()) > 0:
                await asyncio.sleep(min(every_s, left))
                await self._sample(began, tell)
            await self.crowd.go()
            await self.crowd.all_ended()

        await traffic(min(60.0, minutes * 30), every_s=60)
        baseline = await self._quiet()
        self._note(began, baseline, "before", tell)
        await traffic(minutes * 60, every_s=max(60.0, minutes * 2))
        after = await self._quiet(baseline)
        self._note(began, after, "after", tell)
        found = [f"{name}: {said}" for name in after for said in after[name].beyond(baseline[name])]
        found += [f"{what} ({n} times)" for what, n in self.crowd.wrong.items()]
        for name, process in self.processes.items():
            if "Traceback" in process.log:
                found.append(f"{name}: a traceback in its log: {process.log[-3000:]}")
            raised = Counter(_raised(line) for line in process.log_lines if "exception" in line)
            found += [f"{name}: in its log {what} ({n} times)" for what, n in raised.items()]
        return found

    async def _look(self) -> dict[str, Held]:
        found = {}
        for name, process in self.processes.items():
            assert process.process is not None
            found[name] = await self._looker.look(process.process.pid)
        if self._server is not None and self._server.process is not None:
            found["redis"] = await self._looker.look(self._server.process.pid, inside=False)
        return found

    async def _sample(self, began: float, tell: Callable[[str], None]) -> None:
        self._note(began, await self._look(), "", tell)

    def _note(self, began: float, found: dict[str, Held], when: str, tell: Callable[[str], None]) -> None:
        minute = (time.monotonic() - began) / 60
        for name, held in found.items():
            self.samples.append((minute, f"{name}, {when}" if when else name, held))
            tell(
                f"{minute:6.1f}  {name:8} {when:6} {held.memory_mb:7.1f} MB {held.descriptors:4} descriptors"
                f" {held.threads:3} threads {held.task_count:4} tasks {held.blocks:7} blocks {held.children} children"
            )

    async def _quiet(self, baseline: dict[str, Held] | None = None) -> dict[str, Held]:
        """What all hold when nothing happens: at the baseline, or unchanged over several looks."""
        until, seen = time.monotonic() + self._quiet_s, []
        while True:
            found = await self._look()
            if baseline is not None and not any(held.beyond(baseline[name]) for name, held in found.items()):
                return found
            seen = [*seen, {name: _counts(held) for name, held in found.items()}][-_SETTLED_LOOKS:]
            settled = len(seen) == _SETTLED_LOOKS and all(one == seen[0] for one in seen)
            if (settled and baseline is None) or time.monotonic() > until:
                return found
            await asyncio.sleep(3)


def _raised(line: dict[str, Any]) -> str:
    """Of a line with an exception: what failed, with which error, and where that came from."""
    last = line["exception"][-1]
    where = last["frames"][-1] if last["frames"] else {"filename": "?", "lineno": 0}
    return f"{line['event']}: {last['exc_type']} {last['exc_value'][:100]} at {where['filename']}:{where['lineno']}"


def _counts(held: Held) -> Sequence[int]:
    return held.descriptors, held.threads, held.children, held.task_count
