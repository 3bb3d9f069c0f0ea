"""The page as a person sees it, in a real browser."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, async_playwright, expect

from auteur.entrypoints.container import build, lifetime, token_office
from auteur.entrypoints.settings import load_settings
from tests.e2e.studio import LONG, Service
from tests.e2e.test_frames import imported
from tests.plugins import make_rival
from tests.waiting import LONG_S, awaited

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here; `make browser` installs one where it can"),
]
expect.set_options(timeout=LONG_S * 1000)


@asynccontextmanager
async def browsed(service: Service, expected: tuple[str, ...] = ()) -> AsyncIterator[Page]:
    """The service's page in a browser, in which nothing goes wrong but what is ``expected``."""
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
        away = (
            "WebSocket connection",
            "ERR_CONNECTION",
            "404 (Not Found)",
            *expected,
        )  # records made without their pictures
        unexpected = [problem for problem in problems if not any(said in problem for said in away)]
        assert unexpected == []


@pytest.fixture
async def page(service: Service) -> AsyncIterator[Page]:
    async with browsed(service) as page:
        yield page


NOTE_STATES = """() => {
  window.states = [];
  const note = () => document.querySelectorAll(".state").forEach(state => states.push(state.textContent));
  new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""
"""What each card said, however shortly."""


async def width_of_frame(card: Locator) -> int:
    """Of the picture that was made, once it has taken its preview's place."""
    frame = card.locator("img[src*='/frame.png']")
    await expect(frame).to_be_visible()
    return int(await frame.evaluate("image => image.decode().then(() => image.naturalWidth)"))


async def test_a_person_makes_a_frame_and_moves_the_camera(page: Page) -> None:
    await expect(page.get_by_role("status")).to_have_text("live")
    await page.get_by_label("The shot in words").fill("wide shot of a lighthouse at dusk")
    await page.evaluate(NOTE_STATES)
    await page.get_by_role("button", name="Make the frame").click()
    card = page.locator("article").first
    await expect(card.locator("a")).to_have_text("frame.png")
    assert any("%" in state for state in await page.evaluate("states")), "its progress was seen"
    await expect(card.locator(".notes")).to_contain_text("coast")
    assert await width_of_frame(card) > 600
    await card.get_by_label("Camera move").select_option("pan_left")
    await card.get_by_role("button", name="Move the camera").click()
    shot = page.locator("article").first
    await expect(shot.locator("a")).to_have_text("shot.mp4", timeout=60_000)
    seconds = await shot.locator("video").evaluate(
        "video => new Promise(done => video.readyState ? done(video.duration) : "
        "video.addEventListener('loadedmetadata', () => done(video.duration)))"
    )
    assert abs(seconds - 4) < 0.1


async def test_control_passes_are_links_beside_the_picture(page: Page, service: Service) -> None:
    await expect(page.get_by_role("status")).to_have_text("live")
    async with service.socket("default") as socket:
        await socket.ending(await socket.start({"prompt": "a man", "steps": 1, "control": ["depth", "pose"]}))
    card = page.locator("article").first
    await expect(card.locator("a.pass")).to_have_text(["depth.png", "depth16.png", "pose.png", "pose.json"])
    await expect(card.locator("a:not(.pass)")).to_have_text("frame.png")
    assert await width_of_frame(card) > 400


async def test_a_take_is_promoted_from_its_card_and_both_cards_say_so(page: Page, service: Service) -> None:
    async with service.socket() as socket:
        take = await socket.start(
            {"prompt": "a man on a pier", "width_px": 64, "height_px": 64, "steps": 1}, shot="12A"
        )
        await socket.ending(take)
        await page.get_by_label("project").fill("film")
        await page.get_by_label("project").press("Enter")
        card = page.locator(f"article[data-task='{take}']")
        await expect(card.get_by_label("Quality to promote to")).to_have_value("standard")
        await expect(card.get_by_label("Engine to promote to")).to_be_hidden()
        await card.get_by_label("Quality to promote to").select_option("high")
        await card.get_by_role("button", name="Promote").click()
        started = await socket.wait(lambda m: m["type"] == "task_started" and m.get("promoted_from") == take)
        assert (started["quality"], started["shot"], started["take"]) == ("high", "12A", 2)
        await socket.ending(started["task_id"])
        made = page.locator(f"article[data-task='{started['task_id']}']")
        await expect(made.locator(".notes")).to_contain_text("promoted from draft, take 1")
        await expect(card.locator(".notes")).to_contain_text("promoted to high, take 2")
        await page.reload()  # the newer one comes first, and the older is told of it when it is there
        await expect(made.locator(".notes")).to_contain_text("promoted from draft, take 1")
        await expect(card.locator(".notes")).to_contain_text("promoted to high, take 2")


async def test_what_cannot_be_made_is_said_and_a_task_can_be_cancelled(page: Page, service: Service) -> None:
    await expect(page.get_by_role("status")).to_have_text("live")
    await page.locator("#quality").select_option("ultra")
    await page.get_by_label("The shot in words").fill("two friends in a forest, fog")
    await page.keyboard.press("Enter")
    card = page.locator("article").first
    await card.get_by_role("button", name="Cancel").click()
    await expect(card.locator(".state")).to_contain_text("cancelled")
    async with service.http() as http:
        (task,) = (await http.get("/api/v1/projects/default/tasks")).json()["tasks"]
    assert task["status"] == "cancelled"


async def test_the_page_comes_back_after_the_service_was_killed(page: Page, service: Service) -> None:
    await expect(page.get_by_role("status")).to_have_text("live")
    await page.get_by_label("The shot in words").fill("a field at noon")
    await page.evaluate(NOTE_STATES)
    await page.get_by_role("button", name="Make the frame").click()
    async with awaited("progress to show"):  # the page's own rules forbid what `wait_for_function` does
        while not await page.evaluate("states.some(state => state.includes('%'))"):
            await asyncio.sleep(0.02)
    await service.kill()
    await expect(page.get_by_role("status")).to_have_text("reconnecting")
    back = Service(service.workspace, port=service.url.rpartition(":")[2])
    try:
        await back.start()
        await expect(page.get_by_role("status")).to_have_text("live")
        await expect(page.locator("article").first.locator("a")).to_have_text("frame.png")
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
    assert done["metadata"] == {"scene": "harbour"}
    assert await page.evaluate("position") is not None


async def test_marks_show_and_a_deleted_task_disappears_whoever_deletes_it(page: Page, service: Service) -> None:
    await expect(page.get_by_role("status")).to_have_text("live")
    await page.get_by_label("shot", exact=True).fill("12A")
    for number in (1, 2):
        await page.get_by_label("The shot in words").fill(f"wide shot of a field, {number}")
        await page.get_by_role("button", name="Make the frame").click()
        await expect(page.locator("article").first.locator("a")).to_have_text("frame.png")
        await expect(page.locator("article").first.locator(".shot")).to_have_text(f"12A · take {number}")
    await expect(page.locator("#counts")).to_have_text("2 tasks, 0 open")
    newest, oldest = page.locator("article").nth(0), page.locator("article").nth(1)
    for card in (oldest, newest):
        await card.get_by_role("button", name="Circle").click()
        await expect(card.locator(".shot")).to_contain_text("circled")
    await expect(oldest.locator(".shot")).to_have_text("12A · take 1")
    await newest.get_by_role("button", name="Favourite").click()
    await expect(newest.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")
    await expect(newest.locator(".shot")).to_contain_text("★")
    task = await oldest.get_attribute("data-task")
    async with service.http() as http:
        assert (await http.delete(f"/api/v1/projects/default/tasks/{task}")).status_code == 204
        await expect(page.locator("article")).to_have_count(1)
        await expect(page.locator("#counts")).to_have_text("1 task, 0 open")
        page.once("dialog", lambda dialog: dialog.accept())
        await page.get_by_role("button", name="Delete").click()
        await expect(page.locator("article")).to_have_count(0)
        await expect(page.locator("#empty")).to_be_visible()
        assert (await http.delete("/api/v1/projects/default")).status_code == 204
    await expect(page.get_by_role("status")).to_have_text("this project was deleted")


async def test_the_newest_are_first_and_the_older_are_fetched_when_wanted(
    page: Page, service: Service, tmp_path: Path
) -> None:
    await service.stop()
    container = build(load_settings(workspace_root=tmp_path))
    async with lifetime(container, resume=False):
        for number in range(75):
            await container.bus().publish(imported(number, None, "default"))
    back = Service(service.workspace, port=service.url.rpartition(":")[2])
    try:
        await back.start()
        await page.goto(f"{back.url}/?project=default")
        await expect(page.locator("#counts")).to_have_text("75 tasks, 0 open")
        prompts = page.locator("article .prompt")
        await expect(prompts.first).to_have_text("shot 74")
        shown = await prompts.count()
        assert shown < 75
        while await page.locator("#older").is_visible():
            before = await prompts.count()
            await page.locator("#older").click()
            await expect(page.locator("article")).not_to_have_count(before)
        assert await prompts.all_text_contents() == [f"shot {number}" for number in reversed(range(75))]
        await page.get_by_label("The shot in words").fill("a field at noon")
        await page.get_by_role("button", name="Make the frame").click()
        await expect(page.locator("article").first.locator("a")).to_have_text("frame.png")
        await expect(page.locator("#counts")).to_have_text("76 tasks, 0 open")
        if "AUTEUR_SCREENSHOT" in os.environ:
            await page.screenshot(path=os.environ["AUTEUR_SCREENSHOT"])
        assert await page.locator("article").count() == 76
    finally:
        await back.kill()


async def test_a_person_chooses_an_engine_and_sees_which_is_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_rival(tmp_path / "site")
    switch = tmp_path / "switch"
    switch.write_text("up")
    monkeypatch.setenv("STUDIO_SITE", str(tmp_path / "site"))
    settings = {"engine_order": '{"*": ["rival"]}', "engine_check_interval": "0.2", "rival_switch": switch}
    service = await Service(tmp_path, **settings).start()
    try:
        async with browsed(service) as page:
            choice = page.locator("#engine")
            await expect(choice.locator("option")).to_have_text(["first that is up", "rival", "previs"])
            await expect(page.get_by_label("style")).to_be_hidden()  # the rival has no such parameter
            await page.get_by_label("The shot in words").fill("a field at noon")
            await page.locator("#quality").select_option("draft")
            await page.get_by_role("button", name="Make the frame").click()
            await expect(page.locator("article").first.locator(".state")).to_contain_text("by rival")
            await choice.select_option("previs")
            await expect(page.get_by_label("style")).to_be_visible()
            await page.get_by_role("button", name="Make the frame").click()
            await expect(page.locator("article").first.locator(".state")).to_contain_text("by previs", timeout=60_000)
            switch.write_text("down")
            async with service.http() as http:
                while all(engine["up"] for engine in (await http.get("/health")).json()["engines"]):
                    await asyncio.sleep(0.05)
            await page.reload()
            await expect(page.locator("#down")).to_have_text("rival is down: no server answers")
            await expect(choice.locator("option")).to_have_text(["first that is up", "rival (down)", "previs"])
            await page.get_by_label("The shot in words").fill("a street at night")
            await page.locator("#quality").select_option("draft")
            await page.get_by_role("button", name="Make the frame").click()
            await expect(page.locator("article")).to_have_count(3)
            card = page.locator("article").first
            await expect(card.locator(".state")).to_contain_text("by previs", timeout=60_000)
            await expect(card.locator(".notes")).to_contain_text("rival: no server answers")
    finally:
        await service.kill()


async def test_a_person_sees_what_a_shot_waits_for_and_cancels_it(service: Service, page: Page) -> None:
    await expect(page.get_by_role("status")).to_have_text("live")
    frame = {"name": "frame", "task_type": "text_to_image", "quality": "draft", "params": LONG}
    shot = {"task_type": "image_to_video", "quality": "draft", "params": {"source_image": {"from_task": "#frame"}}}
    async with service.http() as http:
        answer = await http.post("/api/v1/projects/default/batches", json={"requests": [frame, shot]})
        assert answer.status_code == 202
    card = page.locator("article.blocked")
    await expect(card.locator(".state")).to_have_text("image to video, draft \u00b7 waits for another task")
    await expect(page.locator("#counts")).to_have_text("2 tasks, 2 open")
    await card.get_by_role("button", name="Cancel").click()
    await expect(page.locator("article.cancelled .state")).to_contain_text("cancelled")
    await expect(page.locator("#counts")).to_have_text("2 tasks, 1 open")


async def test_where_it_is_asked_who_somebody_is_the_page_asks_too(tmp_path: Path) -> None:
    operator = "operator-" + "o" * 40
    service = await Service(tmp_path, module=("tests.e2e.hasty",), token=operator).start()
    refused = ("401 (Unauthorized)",)
    async with browsed(service, refused) as page:
        await expect(page.locator("#show-token")).to_be_visible()
        await expect(page.locator("#studio")).to_be_hidden()
        await page.fill("#token", "no token of this studio")
        await page.click("text=Sign in")
        await expect(page.locator("#refused")).to_contain_text("unknown, expired or revoked")
        assert await page.input_value("#token") == "", "what was pasted does not stay on the screen"
        await page.fill("#token", operator)
        await page.click("text=Sign in")
        await expect(page.locator("#link")).to_have_text("live")
        await expect(page.locator("#name")).to_have_text("operator")
        await page.fill("#prompt", "wide shot of a field")
        await page.click("text=Make the frame")
        await expect(page.locator(".task.succeeded img")).to_be_visible(timeout=60_000)
        assert await page.evaluate("document.cookie") == "", "no script can read the session"
        await page.reload()
        await expect(page.locator(".task.succeeded img")).to_be_visible(timeout=60_000)
        await page.click("text=Sign out")
        await expect(page.locator("#show-token")).to_be_visible()
        assert await page.locator(".task").count() == 0
        await page.reload()
        await expect(page.locator("#show-token")).to_be_visible()
    await service.stop()


async def test_who_is_signed_out_elsewhere_is_told_and_asked_again(tmp_path: Path) -> None:
    service = await Service(tmp_path, module=("tests.e2e.hasty",), require_token=True, token="t" * 40).start()
    async with token_office(load_settings(workspace_root=tmp_path)) as office:
        secret, token = await office.create("Ada", ["default"], ["read"], None)
    async with browsed(service, ("401 (Unauthorized)", "404")) as page:
        await page.fill("#token", secret)
        await page.click("text=Sign in")
        await expect(page.locator("#link")).to_have_text("live")
        await page.fill("#project", "secret")
        await page.press("#project", "Enter")
        await expect(page.locator("#link")).to_contain_text("none that you may see")
        await page.fill("#project", "default")
        await page.press("#project", "Enter")
        await expect(page.locator("#link")).to_have_text("live")
        async with token_office(load_settings(workspace_root=tmp_path)) as office:
            await office.revoke(token.token_id)
        await expect(page.locator("#refused")).to_contain_text("signed out", timeout=60_000)
    await service.stop()
