"""An assistant, as the protocol's own SDK speaks: over stdio to a child process, or over HTTP to the service itself."""

import contextlib
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, ImageContent, TextContent

from tests.e2e.studio import Service, environment
from tests.waiting import LONG_S, awaited

WAYS = ["stdio 2026", "http 2025"]
"""Each transport and each era once; `make assistants` has both eras on both."""
if os.environ.get("ASSISTANTS") == "all":
    WAYS = ["stdio 2026", "stdio 2025", "http 2026", "http 2025"]


class Assistant:
    """A connected client, and what it was told of progress."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.progress: list[tuple[float, float | None, str | None]] = []

    async def call(self, tool: str, **given: Any) -> CallToolResult:
        async def heard(progress: float, total: float | None, said: str | None) -> None:
            self.progress.append((progress, total, said))

        async with awaited(f"{tool} to be answered"):
            return await self.client.call_tool(tool, given, progress_callback=heard)

    async def told(self, tool: str, **given: Any) -> dict[str, Any]:
        """What a tool answers, that must succeed."""
        result = await self.call(tool, **given)
        assert not result.is_error, result
        text = result.content[0]
        assert isinstance(text, TextContent)
        structured: dict[str, Any] = result.structured_content
        assert json.loads(text.text) == structured
        return structured

    async def refused(self, tool: str, **given: Any) -> dict[str, Any]:
        """The error that a tool answers."""
        result = await self.call(tool, **given)
        assert result.is_error, result
        text = result.content[0]
        assert isinstance(text, TextContent)
        error: dict[str, Any] = result.structured_content["error"]
        assert json.loads(text.text) == {"error": error}
        return error

    async def made(self, params: dict[str, Any], **given: Any) -> dict[str, Any]:
        """A task in `film`, at its end."""
        asked = {"project_id": "film", "task_type": "text_to_image", "quality": "draft", **given}
        task = (await self.told("submit_task", params=params, **asked))["task"]
        while not task["ended"]:
            where = {"project_id": task["project_id"], "task_id": task["task_id"]}
            task = (await self.told("watch_task", **where, wait_s=60))["task"]
        return task


def picture_of(result: CallToolResult) -> ImageContent:
    (picture,) = [one for one in result.content if isinstance(one, ImageContent)]
    return picture


@contextlib.asynccontextmanager
async def assistant(
    service: Service,
    way: str = "stdio 2026",
    *,
    token: str | None = None,
    words: tuple[str, ...] = (),
    settings: Mapping[str, object] | None = None,
) -> AsyncIterator[Assistant]:
    """Connected to the service. ``words``, ``settings``: of the child process that speaks over stdio."""
    how, era = way.split()
    mode = "2026-07-28" if era == "2026" else "legacy"
    async with contextlib.AsyncExitStack() as stack:
        if how == "stdio":
            if token is not None:
                file = service.workspace.parent / "token"
                file.write_text(token)
                words = ("--token-file", str(file), *words)
            server = stdio_client(of_child(service.workspace, *words, **(settings or {})))
        else:
            headers = {} if token is None else {"Authorization": f"Bearer {token}"}
            http = await stack.enter_async_context(httpx2.AsyncClient(headers=headers, timeout=LONG_S))
            server = streamable_http_client(f"{service.url}/mcp", http_client=http)
        client = await stack.enter_async_context(Client(server, mode=mode))
        yield Assistant(client)


def of_child(workspace: Path, *words: str, **settings: object) -> StdioServerParameters:
    env = environment(workspace, **settings)
    return StdioServerParameters(command=sys.executable, args=["-m", "auteur", "mcp", *words], env=env, cwd=workspace)


def stubbed_away(site: Path) -> None:
    """Has the packages of the extra missing for whoever finds that folder first."""
    for name in ("mcp", "mcp_types"):
        (site / f"{name}.py").write_text(f"raise ModuleNotFoundError('No module named {name}', name={name!r})\n")
