"""Every block of README.md and docs/tutorial.md is run as it stands, in its order, where a checkout seems to be.

How a block is written says what it is. ``bash``: run, and has to succeed. ``bash stays``: a terminal of its own.
``python NAME``, ``js NAME``, ``json NAME``: saved under that name; a later block uses it. ``js page``: run in the page
of the studio, by test_page. ``text``: what the block before it told, with ``…`` for anything; ``text stays``: what the
last terminal that stays tells. Any other block fails, unless the paragraph above it ends in "Not run by the tests" and
why. Nothing in them is changed but the two ports.
"""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.clients.typescript import CLIENT, HERE, WHY_NOT, built
from tests.e2e.studio import HOME, environment
from tests.servers import free_port
from tests.waiting import LONG_S, awaited

PAGES = ["README.md", "docs/tutorial.md"]
NOT_RUN = re.compile(r"Not run by the\s+tests[,:]\s*\S[^.]{3,}[.:]?\s*\Z")
FILE = re.compile(r"(?:python|js|json) ([a-z_]+\.(?:py|mjs|json))")


@dataclass(frozen=True)
class Block:
    """``kind``: what is said behind its fence. ``before``: the paragraph above it."""

    kind: str
    text: str
    before: str

    @property
    def is_not_run(self) -> bool:
        return NOT_RUN.search(self.before) is not None

    @property
    def file(self) -> str | None:
        found = FILE.fullmatch(self.kind)
        return found[1] if found else None


def blocks(page: str) -> Iterator[Block]:
    """All blocks between fences, however they are indented or marked."""
    before: list[str] = []
    lines = iter(page.splitlines())
    for line in lines:
        opened = re.match(r"\s*(`{3,}|~{3,})(.*)", line)
        if opened is None:
            before.append(line)
            continue
        inside = []
        for one in lines:
            if one.strip().startswith(opened[1]):
                break
            inside.append(one)
        paragraph = "\n".join(before).rstrip().rpartition("\n\n")[2]
        yield Block(opened[2].strip(), "\n".join(inside), paragraph)
        before = [""]


def unclaimed(page: str) -> list[str]:
    """What is neither run nor said not to be."""
    found = list(blocks(page))
    wrong = []
    for at, block in enumerate(found):
        if block.is_not_run or block.kind in ("bash", "bash stays", "js page", "text", "text stays"):
            continue
        if block.file is None:
            wrong.append(f"{block.kind!r} is no block that is run: {block.text[:60]!r}")
        elif not any(block.file in one.text and one.kind.startswith("bash") for one in found[at + 1 :]):
            wrong.append(f"{block.file} is saved, and no block after it uses it")
        elif f"`{block.file}`" not in block.before:
            wrong.append(f"nobody says above it that the block is to be saved as {block.file}")
    return wrong


class Reader:
    """Somebody who does what the page says: ``bash`` in one terminal, what stays in others."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = {"8000": str(free_port()), "9000": str(free_port())}
        self.told = ""
        self._last_stays = False
        self._shell: asyncio.subprocess.Process | None = None
        self._staying: list[tuple[str, asyncio.subprocess.Process, list[str], asyncio.Task[None]]] = []
        self._lay_out()

    def _lay_out(self) -> None:
        """What a checkout has once `make run` and `npm ci` were done: `make` finds nothing to set up."""
        tools = self.folder / ".venv" / "bin"
        tools.mkdir(parents=True)
        for name, words in (("python", ""), ("auteur", " -m auteur.entrypoints.cli")):
            (tools / name).write_text(f'#!/bin/sh\nexec "{sys.executable}"{words} "$@"\n')
            (tools / name).chmod(0o755)
        for name in ("Makefile", "pyproject.toml", "requirements.lock", "clients", "node_modules"):
            (self.folder / name).symlink_to(HOME / name)
        (tools.parent / ".run").touch()

    async def __aenter__(self) -> "Reader":
        self._shell = await self._begun("bash", "--noprofile", "--norc")
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._shell is not None
        for process in [self._shell, *(staying for _, staying, _, _ in self._staying)]:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):  # it has ended, and nobody has waited for it yet
                    os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        assert self._shell.stdin is not None
        self._shell.stdin.close()
        await asyncio.gather(*(reading for _, _, _, reading in self._staying))

    async def _begun(self, *words: str) -> asyncio.subprocess.Process:
        clean = {name: value for name, value in environment(self.folder).items() if not name.startswith("BACKEND_")}
        given = {**clean, "PORT": self.ports["8000"], "MAKEFLAGS": "", "MAKELEVEL": ""}
        return await asyncio.create_subprocess_exec(
            *words, cwd=self.folder, env=given, start_new_session=True,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip

    def _here(self, text: str) -> str:
        for port, ours in self.ports.items():
            text = re.sub(rf"(127\.0\.0\.1(?::|\", )){port}\b", rf"\g<1>{ours}", text)
        return text

    async def do(self, block: Block) -> None:
        if block.is_not_run or block.kind == "js page":
            return
        if block.file is not None:
            (self.folder / block.file).write_text(self._here(block.text) + "\n")
        elif block.kind == "bash":
            await self._run(self._here(block.text))
        elif block.kind == "bash stays":
            await self._stay(self._here(block.text))
        else:
            await self._is_told(block)

    async def _run(self, text: str) -> None:
        assert self._shell is not None
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        end = "== that is all, with "
        self._shell.stdin.write(f"set -e -o pipefail\n{text}\nset +e\necho '{end}'0\n".encode())
        said = ""
        async with awaited(f"{text!r} to end", LONG_S * (1 + text.count("\n"))):
            while end not in said:
                line = (await self._shell.stdout.readline()).decode()
                assert line, f"{text}\ntold, and failed:\n{said}"
                said += line
        self.told = said.partition(end)[0]
        assert "error_code" not in self.told, f"{text}\ntold:\n{self.told}"

    async def _stay(self, text: str) -> None:
        service = "make run" in text
        if service:
            for name, process, _, reading in list(self._staying):
                if "make run" in name:
                    os.killpg(process.pid, signal.SIGINT)  # Ctrl-C
                    async with awaited("the service to end"):
                        await process.wait()
                        await reading
        process = await self._begun("bash", "--noprofile", "--norc", "-c", text)
        said: list[str] = []
        self._staying.append((text, process, said, asyncio.create_task(_kept(process, said))))
        async with awaited(f"{text!r} to be there"), httpx.AsyncClient() as http:
            while service:
                assert process.returncode is None, said
                try:
                    if (await http.get(f"http://127.0.0.1:{self.ports['8000']}/health/ready")).status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.05)

    async def _is_told(self, block: Block) -> None:
        wanted = re.compile(".*".join(map(re.escape, block.text.split("…"))), re.DOTALL)
        if block.kind == "text" and not self._last_stays:
            assert wanted.search(self.told), f"told:\n{self.told}\nnot:\n{block.text}"
            return
        name, process, said, _ = self._staying[-1]
        async with awaited(f"{name!r} to tell {block.text!r}"):
            while not wanted.search("".join(said)):
                assert process.returncode is None, said
                await asyncio.sleep(0.05)

    async def read(self, page: str) -> None:
        for block in blocks(page):
            await self.do(block)
            if block.kind.startswith("bash") and not block.is_not_run:
                self._last_stays = block.kind == "bash stays"

    def said(self, words: str) -> str:
        """What the terminal with these words has told."""
        return next("".join(said) for name, _, said, _ in self._staying if words in name)


async def _kept(process: asyncio.subprocess.Process, said: list[str]) -> None:
    assert process.stdout is not None
    while line := await process.stdout.readline():
        said.append(line.decode(errors="replace"))


@pytest.mark.parametrize("page", PAGES)
def test_no_block_is_left_that_nobody_runs(page: str) -> None:
    assert unclaimed((HOME / page).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "block",
    ["```\nmake\n```", "```sh\nmake\n```", "~~~js\nx\n~~~", "  ```python\n  x\n  ```",
     "Not run by the tests:\n```\nmake\n```",
     "Save it as `a.py`.\n\n```python a.py\n```", "```python a.py\n```\n\n```bash\npython a.py\n```"],
)  # fmt: skip
def test_a_block_that_nobody_runs_is_found(block: str) -> None:
    assert len(unclaimed(f"# A page\n\nNot run by the tests, which have it: far above.\n\nText.\n\n{block}\n")) == 1


@pytest.mark.parametrize(
    "page",
    ["```bash\nfalse\n```", "```bash\nfalse | true\n```", "```bash\necho one\n```\n\n```text\ntwo\n```",
     """```bash\necho '{"error_code": "TASK_NOT_FOUND"}'\n```"""],
)  # fmt: skip
async def test_what_cannot_be_done_or_tells_something_else_is_found(page: str, tmp_path: Path) -> None:
    async with Reader(tmp_path) as reader:
        with pytest.raises(AssertionError):
            await reader.read(page)


@pytest.mark.skipif(not HERE or shutil.which("make") is None or shutil.which("curl") is None, reason=WHY_NOT)
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.timeout(900)
async def test_what_the_page_says_can_be_done(page: str, tmp_path: Path) -> None:
    built()
    async with AsyncExitStack() as stack:
        reader = await stack.enter_async_context(Reader(tmp_path))
        await reader.read((HOME / page).read_text(encoding="utf-8"))
        if "tutorial" in page:
            said = reader.said("follow.mjs")
            assert re.search(r"live\n.*waiting\n.*live\n.*made", said, re.DOTALL), "it came back after the restart"


@pytest.mark.parametrize("page", ["README.md", "docs/clients.md"])
def test_the_client_that_is_shown_is_the_example_that_outlives_the_service_in_node_and_in_a_page(page: str) -> None:
    (shown,) = [one.text for one in blocks((HOME / page).read_text(encoding="utf-8")) if one.kind.startswith("js")]
    assert shown == (CLIENT / "examples" / "lighthouse.mjs").read_text().rstrip("\n")
    assert len(shown.splitlines()) < 30


def test_the_clients_in_the_readme_are_short() -> None:
    (python,) = [
        one for one in blocks((HOME / "README.md").read_text(encoding="utf-8")) if one.kind.startswith("python")
    ]
    assert len(python.text.splitlines()) < 15


@pytest.mark.parametrize(
    "page", [*PAGES, "docs/clients.md", "docs/keeping.md", "docs/building.md", "docs/operations.md"]
)
def test_what_the_page_leads_to_is_there(page: str) -> None:
    text = (HOME / page).read_text(encoding="utf-8")
    led = {to.partition("#")[0] for to in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in to} - {""}
    assert [to for to in sorted(led) if not ((HOME / page).parent / to).exists()] == []
