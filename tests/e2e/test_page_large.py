"""The page on a project of ten thousand takes: what a message and a step of a scroll cost is counted, not timed, and
the heap is bounded. How long the page's thread is held is measured by `benchmarks/page.py`."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import CDPSession, Page, expect

from auteur.domain.events import TaskImported
from auteur.entrypoints.container import build, lifetime
from auteur.entrypoints.settings import load_settings
from tests.e2e.browser import BROWSED, browsed, cells, live, until
from tests.e2e.studio import Service
from tests.e2e.test_frames import imported
from tests.plugins import make_chatter
from tests.waiting import awaited

pytestmark = [*BROWSED, pytest.mark.timeout(900)]
TAKES, SHOTS = 10_000, 400
TALKERS = 8
HEAP_BYTES = 48 << 20
CALLS = 800
"""Functions of the page that a message may call: what it changes is found by its id, in ten thousand as in ten."""

SCROLL = """async (screens) => {
  const board = document.querySelector(".board");
  const step = board.clientHeight / 6;
  const down = board.scrollTop + step * 6 * screens < board.scrollHeight - board.clientHeight;
  for (let n = 0; n < screens * 6; n += 1) {
    await new Promise((go) => requestAnimationFrame(go));
    board.scrollTop += down ? step : -step;
  }
}"""

SETTLED = """!document.querySelector('.cell[aria-busy], .cell img') && document.querySelectorAll('.cell').length > 0"""
"""No picture either: takes that were imported have none, and each is found missing on its own."""

WORK = """() => {
  const work = { frames: 0, draws: 0, records: 0, cells: 0, most: 0, changed: new Set() };
  const counted = () => {
    work.frames += 1;
    work.most = Math.max(work.most, document.querySelectorAll(".cell").length);
    requestAnimationFrame(counted);
  };
  requestAnimationFrame(counted);
  new MutationObserver((records) => {
    work.draws += 1;
    work.records += records.length;
    for (const { target, addedNodes } of records) {
      const element = target.nodeType === 1 ? target : target.parentElement;
      const of = element?.closest("[data-task], [data-open], .board, #page > *");
      work.changed.add(of?.dataset.task ?? of?.dataset.open ?? of?.className ?? "gone");
      for (const node of addedNodes) {
        if (node.nodeType !== 1) continue;
        work.cells += node.querySelectorAll(".cell").length + (node.matches(".cell") ? 1 : 0);
      }
    }
  }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  window.work = work;
}"""
"""Counts what is drawn. A callback of the observer is one draw: all that changed since the page last let go."""

BUSY = "(ms) => { const end = performance.now() + ms; while (performance.now() < end); }"


def take(number: int, project: str = "film") -> TaskImported:
    """A record as an import makes it; most in a shot."""
    event = imported(number, None, project)
    shot = None if number % 50 == 0 else f"{number % SHOTS:03d}"
    return replace(event, task=replace(event.task, request=replace(event.task.request, shot=shot)))


async def fill(workspace: Path) -> None:
    """A project ``film`` of so many takes, and an engine that talks."""
    make_chatter(workspace / "site")
    container = build(load_settings(workspace_root=workspace))
    async with lifetime(container, resume=False):
        for start in range(0, TAKES, 500):
            await asyncio.gather(*(container.bus().publish(take(number)) for number in range(start, start + 500)))


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where what is filled once for all tests lies."""
    return tmp_path_factory.mktemp("large") / "filled"


@pytest.fixture
async def large(original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Service]:
    if not original.exists():
        original.mkdir()
        await fill(original)
    workspace = Path(shutil.copytree(original, tmp_path / "workspace"))
    monkeypatch.setenv("STUDIO_SITE", str(workspace / "site"))
    service = await Service(workspace, max_concurrent_tasks=TALKERS).start()
    yield service
    await service.kill()


async def heap_bytes(cdp: CDPSession) -> int:
    await cdp.send("HeapProfiler.collectGarbage")
    return int((await cdp.send("Runtime.getHeapUsage"))["usedSize"])


async def keep_talking(service: Service, tasks: int = 12 * TALKERS, seconds: float = 25) -> set[str]:
    """So many tasks, each talking for so long; their ids."""
    async with service.http() as http:
        body: dict[str, Any] = {"task_type": "chatter", "params": {"seconds": seconds}}
        told = [await http.post("/api/v1/projects/film/tasks", json=body) for _ in range(tasks)]
    assert {answer.status_code for answer in told} == {202}, told[-1].text
    return {answer.json()["task_id"] for answer in told}


async def opened(page: Page, arrangement: str) -> None:
    await page.evaluate("how => localStorage.setItem('auteur.arrangement', how)", arrangement)
    await page.reload()
    await live(page)
    await expect(page.locator("#counts")).to_have_text(f"{TAKES:,} tasks, 0 open")
    await expect(cells(page).first).to_be_visible()


async def calls(cdp: CDPSession) -> int:
    """How many functions of the page were called since this was last asked."""
    found = await cdp.send("Profiler.takePreciseCoverage")
    ours = [script for script in found["result"] if script["url"].endswith("studio.js")]
    return sum(part["ranges"][0]["count"] for script in ours for part in script["functions"])


@pytest.mark.parametrize("arrangement", ["newest", "shots"])
async def test_a_message_draws_its_own_take_and_all_that_come_together_are_drawn_together(
    large: Service, arrangement: str
) -> None:
    async with browsed(large) as page:
        frames: list[str | bytes] = []
        page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(frame)))
        await page.goto(f"{large.url}/?project=film")
        await opened(page, arrangement)
        talkers = await keep_talking(large, TALKERS // 2, 600)
        await expect(page.locator(".open.running")).to_have_count(len(talkers))
        await page.wait_for_load_state("networkidle")  # the pictures of what is in sight, too
        await until(page, SETTLED, "what is in sight to be read and drawn")
        cdp = await page.context.new_cdp_session(page)
        await cdp.send("Profiler.enable")
        await cdp.send("Profiler.startPreciseCoverage", {"callCount": True, "detailed": False})
        await page.evaluate(WORK)
        await calls(cdp)
        before = len(frames)
        async with awaited("a hundred and twenty messages, most while the page is busy"):
            while (heard := len(frames) - before) < 120:
                await page.evaluate(BUSY, 500)
                await page.evaluate("() => new Promise(requestAnimationFrame)")
        work = await page.evaluate("({ ...work, changed: [...work.changed] })")
        called = await calls(cdp)
        if "AUTEUR_SHOW" in os.environ:
            print(arrangement, heard, called / heard, {**work, "changed": len(work["changed"])})  # noqa: T201 - measured
        assert set(work["changed"]) <= talkers, "nothing but what the messages are about is touched"
        assert work["records"] <= 14 * heard
        assert 0 < work["draws"] <= work["frames"] + 1, "at most once a frame"
        assert work["draws"] < heard / 2, "what came while the page was busy is one draw"
        assert called < CALLS * heard


@pytest.mark.parametrize("arrangement", ["newest", "shots"])
async def test_scrolling_draws_what_comes_into_sight_once_and_holds_no_more_than_a_few_screens(
    large: Service, arrangement: str
) -> None:
    async with browsed(large, query="/?project=film") as page:
        await opened(page, arrangement)
        await keep_talking(large, TALKERS // 2, 600)
        await expect(page.locator(".open.running")).to_have_count(TALKERS // 2)
        await page.evaluate(WORK)
        screens = 20
        for _ in range(2):
            await page.evaluate(SCROLL, screens)
        work = await page.evaluate("({ ...work, changed: [...work.changed] })")
        if "AUTEUR_SHOW" in os.environ:
            print(arrangement, {**work, "changed": len(work["changed"])})  # noqa: T201 - what was measured
        assert work["most"] < 150, "only what is in sight is drawn"
        # a cell is drawn as it comes into sight, and anew when its take has been read
        assert work["cells"] < 2 * 2 * screens * work["most"]


async def test_who_scrolls_through_all_of_it_and_back_holds_no_more_than_before(large: Service) -> None:
    async with browsed(large, query="/?project=film") as page:
        await page.evaluate("localStorage.setItem('auteur.arrangement', 'newest')")
        await page.reload()
        await live(page)
        cdp = await page.context.new_cdp_session(page)
        await expect(cells(page).first).to_be_visible()
        first = await heap_bytes(cdp)
        titles = "[...document.querySelectorAll('.cell[data-task] .title')].map(e => e.textContent)"
        assert (await page.evaluate(titles))[0] == f"shot {TAKES - 1}"
        await page.evaluate("document.querySelector('.board').scrollTop = 1e9")
        await until(page, f"{titles}.at(-1) === 'shot 0'", "the oldest to be shown")
        for _ in range(4):
            await scroll_to(page, 0)
            await until(page, f"{titles}[0] === 'shot {TAKES - 1}'", "the newest to be shown again")
            await scroll_to(page, 1)
            await until(page, f"{titles}.at(-1) === 'shot 0'", "the oldest to be shown again")
        last = await heap_bytes(cdp)
        if "AUTEUR_SHOW" in os.environ:
            print(f"heap {first / 1e6:.1f} MB, then {last / 1e6:.1f} MB")  # noqa: T201 - what was measured
        assert last < HEAP_BYTES
        assert last - first < 12 << 20


async def scroll_to(page: Page, share: float) -> None:
    await page.evaluate(
        "share => { const b = document.querySelector('.board'); b.scrollTop = share * b.scrollHeight; }", share
    )
