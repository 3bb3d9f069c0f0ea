"""Firefox, driven by WebDriver BiDi, which it speaks by itself: no program stands between.

Source: W3C, WebDriver BiDi, https://w3c.github.io/webdriver-bidi/.
"""

import asyncio
import contextlib
import itertools
import json
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from tests.waiting import awaited

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "ArrowRight": "\ue014"}
"""Keys that are no characters, by their code points in WebDriver."""


class Window:
    """A window of it."""

    def __init__(self, line: "_Line", context: str) -> None:
        self._line = line
        self.context = context

    async def go(self, url: str) -> None:
        await self._line.ask("browsingContext.navigate", context=self.context, url=url, wait="interactive")

    async def reload(self) -> None:
        await self._line.ask("browsingContext.reload", context=self.context, wait="interactive")

    async def evaluate(self, expression: str) -> Any:
        """What it is worth in the page; a promise's value where it is one."""
        answer = await self._line.ask(
            "script.evaluate", expression=expression, target={"context": self.context}, awaitPromise=True
        )
        assert answer["type"] == "success", answer.get("exceptionDetails")
        return _plain(answer["result"])

    async def until(self, expression: str, what: str) -> None:
        async with awaited(what):
            while not await self.evaluate(expression):
                await asyncio.sleep(0.05)

    async def press(self, *keys: str) -> None:
        """One after the other, as fast as they can be; names of `KEYS`, or characters."""
        actions = []
        for key in keys:
            value = KEYS.get(key, key)
            actions += [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        source = {"type": "key", "id": "keyboard", "actions": actions}
        await self._line.ask("input.performActions", context=self.context, actions=[source])


class Firefox:
    """A running one. ``problems``: what the console of any of its windows called an error."""

    def __init__(self, line: "_Line") -> None:
        self._line = line

    @property
    def problems(self) -> list[str]:
        return self._line.problems

    async def window(self, url: str) -> Window:
        made = await self._line.ask("browsingContext.create", type="window")
        opened = Window(self._line, made["context"])
        await opened.go(url)
        return opened


@contextlib.asynccontextmanager
async def firefox(profile: Path) -> AsyncIterator[Firefox]:
    """One with a profile of its own, which is made there."""
    assert FIREFOX is not None
    profile.mkdir()
    process = await asyncio.create_subprocess_exec(
        FIREFOX, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0", "about:blank",
        stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stderr is not None
    said, reading = b"", None
    try:
        async with awaited("Firefox to say where it listens"):
            while not (found := re.search(rb"WebDriver BiDi listening on (ws://\S+)", said)):
                chunk = await process.stderr.read(1 << 14)
                assert chunk, said
                said += chunk
        reading = asyncio.create_task(_drained(process.stderr))
        async with connect(f"{found[1].decode()}/session", max_size=None, proxy=None) as socket:
            line = _Line(socket)
            hearing = asyncio.create_task(line.hear())
            await line.ask("session.new", capabilities={})
            await line.ask("session.subscribe", events=["log.entryAdded"])
            yield Firefox(line)
            hearing.cancel()
            await asyncio.wait({hearing})
    finally:
        process.kill()
        await process.wait()
        if reading is not None:
            await reading


class _Line:
    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self.problems: list[str] = []

    async def ask(self, method: str, **params: Any) -> Any:
        number = next(self._numbers)
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        await self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        async with awaited(f"Firefox to answer {method}"):
            return await answer

    async def hear(self) -> None:
        async for text in self._socket:
            message = json.loads(text)
            if message.get("method") == "log.entryAdded":
                entry = message["params"]
                if entry["level"] == "error":
                    self.problems.append(str(entry.get("text")))
            elif message["type"] == "success":
                self._asked.pop(message["id"]).set_result(message["result"])
            elif message["type"] == "error":
                self._asked.pop(message["id"]).set_exception(
                    AssertionError(f"{message['error']}: {message['message']}")
                )


async def _drained(stream: asyncio.StreamReader) -> None:
    while await stream.read(1 << 14):
        pass


def _plain(told: dict[str, Any]) -> Any:
    """A value of the page as Python has it."""
    if told["type"] in ("undefined", "null"):
        return None
    if told["type"] == "array":
        return [_plain(each) for each in told["value"]]
    return told.get("value")
