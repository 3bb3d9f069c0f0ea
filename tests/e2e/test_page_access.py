"""The page for everybody: axe finds nothing, in no view, theme or width."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.e2e.browser import BROWSED, browsed, cells, choose, live, windows
from tests.e2e.studio import LONG, Service

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
pytestmark = [
    *BROWSED,
    pytest.mark.skipif(not AXE.exists(), reason="no axe-core here; `npm ci` brings it"),
]

RUN = """async () => {
  const found = await axe.run(document, { resultTypes: ["violations"] });
  return found.violations.map((one) => `${one.id} (${one.impact}): ${one.help}: ` +
    one.nodes.map((node) => node.html.slice(0, 120) + " " + [...node.any, ...node.all].map((one) => one.message))
      .join(" | "));
}"""


async def findings(page: Page) -> list[str]:
    await page.evaluate(AXE.read_text(encoding="utf-8") + ";0")
    found: list[str] = await page.evaluate(RUN)
    return found


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("width", [360, 1280])
async def test_axe_finds_nothing_on_the_board_and_in_what_lies_over_it(
    service: Service, theme: str, width: int
) -> None:
    async with service.socket() as socket, windows(service) as opened:
        tiny = {"prompt": "a field", "width_px": 64, "height_px": 64, "steps": 1}
        for shot in ("12A", "12A", None):
            task = await socket.start(tiny, **({"shot": shot} if shot else {}))
            await socket.ending(task)
        await socket.say("mark", task_id=task, favourite=True)
        failed = await socket.start({**tiny, "prompt": "never"}, quality="draft")
        await socket.ending(failed)
        running = await socket.start(LONG)
        page = await opened.open("/?project=film", color_scheme=theme, viewport={"width": width, "height": 800})
        await live(page)
        await expect(page.locator(f".now [data-open='{running}']")).to_be_visible()
        await expect(page.locator(".cell.succeeded img").first).to_be_visible()
        assert await findings(page) == []
        await page.keyboard.press("i")
        assert await findings(page) == [], "with the messages"
        await page.keyboard.press("i")
        take = cells(page).filter(has=page.locator("img")).last
        await take.click(button="right")
        await expect(page.get_by_role("menu")).to_be_visible()
        assert await findings(page) == [], "with the menu of a take"
        await page.keyboard.press("Escape")
        await choose(page, take, "Delete")
        assert await findings(page) == [], "with what can be undone"
        await page.get_by_role("button", name="Undo").click()
        for name in ("Promote", "Move a camera over it"):
            await choose(page, take, name)
            assert await findings(page) == [], name
            await page.keyboard.press("Escape")
        await page.keyboard.press("?")
        assert await findings(page) == [], "the list of keys"
        await page.keyboard.press("Escape")
        await page.keyboard.press("n")
        assert await findings(page) == [], "the form"
        await page.get_by_role("button", name="Several at once").click()
        assert await findings(page) == [], "several at once"
        await page.keyboard.press("Escape")
        await expect(page.locator("dialog[open]")).to_have_count(0)
        await page.keyboard.press("Escape")  # the form, which lies over the board on a phone
        await take.click()
        assert await findings(page) == [], "the viewer"
        await page.keyboard.press("Escape")
        await page.keyboard.press("p")
        await expect(page.locator(".posters img")).to_be_visible()
        assert await findings(page) == [], "the projects"
        await socket.say("cancel", task_id=running)


@pytest.mark.parametrize("service", [{"token": "operator-" + "o" * 40}], indirect=True)
async def test_axe_finds_nothing_where_somebody_signs_in(service: Service) -> None:
    async with browsed(service, ("401 (Unauthorized)",)) as page:
        await page.fill("#token", "wrong")
        await page.click("text=Sign in")
        await expect(page.locator("#refused")).to_be_visible()
        assert await findings(page) == []


NOTE_MOTION = """() => {
  window.moved = [];
  for (const kind of ["transitionrun", "animationstart"]) {
    document.addEventListener(kind, (event) => moved.push(`${kind} of ${event.target.className}`), true);
  }
}"""


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
async def test_nothing_moves_for_who_asked_for_less_motion(service: Service, motion: str) -> None:
    async with service.socket() as socket, windows(service) as opened:
        page = await opened.open("/?project=film", reduced_motion=motion)
        await live(page)
        await page.evaluate(NOTE_MOTION)
        running = await socket.start({**LONG, "steps": 20})
        await expect(page.locator(f".now [data-open='{running}']")).to_be_visible()
        await socket.ending(running)
        take = cells(page).filter(has=page.locator("img")).first
        await take.hover()
        await choose(page, take, "Delete")
        await page.get_by_role("button", name="Undo").click()
        for key in ("n", "Escape", "?", "Escape", "i", "i", "p"):
            await page.keyboard.press(key)
        moved = await page.evaluate("moved")
        assert (moved == []) is (motion == "reduce"), moved
