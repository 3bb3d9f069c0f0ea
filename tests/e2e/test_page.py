"""The page as a person sees it, in a real browser."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.e2e.studio import Service

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here; `make browser` installs one where it can"),
]


@pytest.fixture
async def page(service: Service, tmp_path: Path) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
                  "--disable-component-update", "--disable-sync", "--no-first-run"],
        )  # fmt: skip
        page = await browser.new_page(viewport={"width": 1280, "height": 900})
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        await page.goto(service.url)
        yield page
        await browser.close()
        unexpected = [p for p in problems if "WebSocket connection" not in p and "ERR_CONNECTION" not in p]
        assert unexpected == []


async def test_a_person_makes_a_frame_and_moves_the_camera(page: Page) -> None:
    await expect(page.get_by_role("status")).to_have_text("live")
    await page.get_by_label("The shot in words").fill("wide shot of a lighthouse at dusk")
    await page.get_by_role("button", name="Make the frame").click()
    card = page.locator("article").first
    await expect(card.locator(".state")).to_contain_text("%", timeout=15_000)
    await expect(card.locator("a")).to_have_text("frame.png", timeout=30_000)
    await expect(card.locator(".notes")).to_contain_text("coast")
    width = await card.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)")
    assert width > 600
    await card.get_by_label("Camera move").select_option("pan_left")
    await card.get_by_role("button", name="Move the camera").click()
    shot = page.locator("article").first
    await expect(shot.locator("a")).to_have_text("shot.mp4", timeout=60_000)
    seconds = await shot.locator("video").evaluate(
        "video => new Promise(done => video.readyState ? done(video.duration) : "
        "video.addEventListener('loadedmetadata', () => done(video.duration)))"
    )
    assert abs(seconds - 4) < 0.1


async def test_what_cannot_be_made_is_said_and_a_task_can_be_cancelled(page: Page, service: Service) -> None:
    await expect(page.get_by_role("status")).to_have_text("live")
    await page.get_by_label("quality").select_option("ultra")
    await page.get_by_label("The shot in words").fill("two friends in a forest, fog")
    await page.keyboard.press("Enter")
    card = page.locator("article").first
    await card.get_by_role("button", name="Cancel").click()
    await expect(card.locator(".state")).to_contain_text("cancelled", timeout=15_000)
    async with service.http() as http:
        (task,) = (await http.get("/api/v1/projects/default/tasks")).json()["tasks"]
    assert task["status"] == "cancelled"


async def test_the_page_comes_back_after_the_service_was_killed(page: Page, service: Service) -> None:
    await expect(page.get_by_role("status")).to_have_text("live")
    await page.get_by_label("The shot in words").fill("a field at noon")
    await page.get_by_role("button", name="Make the frame").click()
    await expect(page.locator("article").first.locator(".state")).to_contain_text("%", timeout=15_000)
    await service.kill()
    await expect(page.get_by_role("status")).to_have_text("reconnecting")
    back = Service(service.workspace, port=service.url.rpartition(":")[2])
    try:
        await back.start()
        await expect(page.get_by_role("status")).to_have_text("live", timeout=15_000)
        await expect(page.locator("article").first.locator("a")).to_have_text("frame.png", timeout=30_000)
        assert await page.locator("article").count() == 1
    finally:
        await back.kill()


async def test_the_conversation_in_the_readme_is_a_whole_one(page: Page, service: Service) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    code = readme.partition("```js\n")[2].partition("```")[0]
    assert "start_generation" in code
    await page.evaluate("code => (0, eval)(code)", code.replace("127.0.0.1:8000", service.url.removeprefix("http://")))
    async with service.socket("film", after="0") as socket:
        done = await socket.wait(lambda message: message["type"] == "complete")
    assert done["metadata"] == {"shot": "12A"}
    assert await page.evaluate("position") is not None
