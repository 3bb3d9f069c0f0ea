"""The page as a person sees it, in a real browser: asking, watching, coming back."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.browser import BROWSED, ask, browsed, cell, cells, choose, live, until, windows
from tests.e2e.studio import LONG, Service
from tests.plugins import make_rival

pytestmark = BROWSED

NOTE_STATES = """() => {
  window.states = [];
  const note = () => document.querySelectorAll(".now .state").forEach(state => states.push(state.textContent));
  new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""
"""What was said of each task in progress, however shortly."""


@pytest.fixture
async def page(service: Service) -> AsyncIterator[Page]:
    async with browsed(service) as page:
        await live(page)
        yield page


async def width_of_picture(take: Locator) -> int:
    """Of the small picture that is shown, once it has taken its preview's place."""
    picture = take.locator("img[src*='/frame.png']")
    await expect(picture).to_be_visible()
    return int(await picture.evaluate("image => image.decode().then(() => image.naturalWidth)"))


async def test_a_person_makes_a_frame_and_moves_the_camera(page: Page, service: Service) -> None:
    await page.evaluate(NOTE_STATES)
    await ask(page, "wide shot of a lighthouse at dusk")
    frame = page.locator(".cell.succeeded").first
    assert await width_of_picture(frame) == 256
    assert any("%" in state for state in await page.evaluate("states")), "its progress was seen"
    await expect(page.locator("[role=status][aria-live]").first).to_have_text(
        "Ready: wide shot of a lighthouse at dusk."
    )
    await choose(page, frame, "Move a camera over it")
    await page.get_by_label("Camera move").select_option("pan_left")
    await page.get_by_role("button", name="Move the camera").click()
    film = page.locator(".cell.succeeded").filter(has_text="image to video")
    await expect(film.locator("img[src*='/shot.mp4']")).to_be_visible()
    await expect(film.locator(".length")).to_contain_text("4.0 s")
    await film.click()
    seconds = await page.locator("dialog video").evaluate(
        "video => new Promise(done => video.readyState ? done(video.duration) : "
        "video.addEventListener('loadedmetadata', () => done(video.duration)))"
    )
    assert abs(seconds - 4) < 0.1
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog[open]")).to_have_count(0)
    async with service.http() as http:
        tasks = (await http.get("/api/v1/projects/default/tasks")).json()["tasks"]
    assert tasks[0]["params"]["move"] == "pan_left"


async def test_a_take_is_promoted_and_joins_its_shot(service: Service) -> None:
    async with service.socket() as socket, browsed(service, query="/?project=film") as page:
        await live(page)
        params = {"prompt": "a man on a pier", "width_px": 64, "height_px": 64, "steps": 1}
        take = await socket.start(params, shot="12A")
        await socket.ending(take)
        await choose(page, cell(page, take), "Promote")
        await expect(page.get_by_label("Quality to promote to")).to_have_value("standard")
        await expect(page.get_by_label("Engine to promote to")).to_have_count(0)
        await page.get_by_label("Quality to promote to").select_option("high")
        await page.get_by_role("button", name="Promote", exact=True).click()
        started = await socket.wait(lambda m: m["type"] == "task_started" and m.get("promoted_from") == take)
        assert (started["quality"], started["shot"], started["take"]) == ("high", "12A", 2)
        await socket.ending(started["task_id"])
        await expect(cell(page, started["task_id"])).to_have_class(re.compile("succeeded"))
        await expect(page.locator(".head h3")).to_have_text(["12A"])
        await expect(page.locator(".head")).to_contain_text("2 takes")


async def test_what_waits_or_runs_is_cancelled_and_said_so(page: Page, service: Service) -> None:
    await ask(page, "two friends in a forest, fog", quality="ultra")
    await page.locator(".now").get_by_role("button", name="Cancel").click()
    await expect(page.locator(".cell.cancelled .state")).to_contain_text("cancelled")
    await expect(page.locator(".now")).to_have_count(0)
    async with service.http() as http:
        (task,) = (await http.get("/api/v1/projects/default/tasks")).json()["tasks"]
    assert task["status"] == "cancelled"


async def test_who_reloads_in_the_middle_of_a_task_goes_on_watching_it(service: Service) -> None:
    async with service.socket() as socket, browsed(service, query="/?project=film") as page:
        await live(page)
        task = await socket.start(LONG)
        running = page.locator(f".now li.running[data-open='{task}']")
        await expect(running).to_be_visible()
        await page.reload()
        await expect(running.locator(".state").first).to_contain_text("%")
        await expect(page.locator(f".now [data-open='{task}'] progress")).not_to_have_attribute("value", "0")
        await socket.say("cancel", task_id=task)
        await expect(cell(page, task)).to_have_class(re.compile("cancelled"))


async def test_the_page_comes_back_after_the_service_was_killed(page: Page, service: Service) -> None:
    await page.evaluate(NOTE_STATES)
    await ask(page, "a field at noon")
    await until(page, "states.some(state => state.includes('%'))", "progress to show")
    await service.kill()
    await expect(page.locator("#link")).to_have_text("reconnecting")
    await expect(page.locator("#stale")).to_contain_text("What is shown is as it was then")
    back = Service(service.workspace, port=service.url.rpartition(":")[2])
    try:
        await back.start()
        await live(page)
        await expect(page.locator("#stale")).to_have_count(0)
        await expect(page.locator(".cell.succeeded img")).to_be_visible()
        assert await cells(page).count() == 1
    finally:
        await back.kill()


async def test_what_is_asked_while_the_service_is_away_is_asked_when_it_is_back_and_once(
    page: Page, service: Service
) -> None:
    await service.kill()
    await expect(page.locator("#link")).to_have_text("reconnecting")
    await ask(page, "a field at noon")
    back = Service(service.workspace, port=service.url.rpartition(":")[2])
    try:
        await back.start()
        await expect(page.locator(".cell.succeeded img")).to_be_visible()
        assert await cells(page).count() == 1
    finally:
        await back.kill()


async def test_two_windows_agree(service: Service) -> None:
    async with windows(service) as opened:
        one, other = await opened.open("/?project=film"), await opened.open("/?project=film")
        await live(one)
        await live(other)
        for number in (1, 2):
            await ask(one, f"wide shot of a field, {number}", shot="12A")
            await expect(other.locator(".cell.succeeded")).to_have_count(number)
        newest = cells(other).first
        await expect(newest.locator(".state b")).to_contain_text("take 2")
        for take in (cells(other).nth(1), newest):
            await choose(other, take, "Circle")
            await expect(take).to_have_class(re.compile("circled"))
        await choose(other, newest, "Favourite")
        await expect(cells(one).first).to_have_class(re.compile("circled"))
        await expect(cells(one).nth(1)).not_to_have_class(re.compile("circled"))
        await expect(cells(one).first.locator(".star")).to_be_visible()
        for page in (one, other):
            await expect(page.locator(".head .circled-take")).to_contain_text("take 2")
            await expect(page.locator("#counts")).to_have_text("2 tasks, 0 open")
        read = "[...document.querySelectorAll('.cell')].map(cell => cell.className + cell.textContent)"
        assert await one.evaluate(read) == await other.evaluate(read)


async def test_a_deleted_take_comes_back_until_its_time_is_over(service: Service) -> None:
    gone_too = ("410 (Gone)",)  # what was asked of the project when it went
    async with service.socket() as socket, browsed(service, gone_too, "/?project=film") as page:
        await live(page)
        takes = [await socket.start({"prompt": f"a field {n}", "width_px": 64, "height_px": 64}) for n in range(2)]
        for task in takes:
            await socket.ending(task)
        async with service.http() as http:
            kept, gone = takes
            await choose(page, cell(page, kept), "Delete")
            await expect(cell(page, kept)).to_have_class(re.compile("goes"))
            await page.get_by_role("button", name="Undo").click()
            await expect(cell(page, kept)).not_to_have_class(re.compile("goes"))
            await cell(page, gone).focus()
            await page.keyboard.press("Delete")
            await expect(cell(page, gone)).to_have_class(re.compile("goes"))
            assert (await http.get(f"/api/v1/projects/film/tasks/{gone}")).status_code == 200, "not sent yet"
            asked: list[str] = []
            page.once("dialog", lambda dialog: (asked.append(dialog.type), asyncio.ensure_future(dialog.dismiss())))
            await page.close(run_before_unload=True)
            await until(page, "true", "the page to be there still")
            await expect(cell(page, gone)).to_have_count(0)
            assert asked == ["beforeunload"], "who closes the page is told"
            await expect(cell(page, kept)).to_be_focused()  # what has come in its place has the focus
            assert (await http.get(f"/api/v1/projects/film/tasks/{gone}")).status_code == 410
            assert (await http.get(f"/api/v1/projects/film/tasks/{kept}")).status_code == 200
            await expect(page.locator("#counts")).to_have_text("1 task, 0 open")
            assert (await http.delete(f"/api/v1/projects/film/tasks/{kept}")).status_code == 204
            await expect(page.locator("#empty")).to_be_visible()
            assert (await http.delete("/api/v1/projects/film")).status_code == 204
            await expect(page.locator("#link")).to_have_text("this project was deleted")


async def test_the_conversation_in_the_tutorial_is_a_whole_one(page: Page, service: Service) -> None:
    tutorial = (Path(__file__).parents[2] / "docs" / "tutorial.md").read_text(encoding="utf-8")
    code = tutorial.partition("```js page\n")[2].partition("\n```")[0]
    assert "start_generation" in code
    code = code.replace("127.0.0.1:8000", service.url.removeprefix("http://")) + "\nwindow.bookmark = () => position;"
    await page.evaluate("code => (0, eval)(code)", code)
    async with service.socket("film", after="0") as socket:
        done = await socket.wait(lambda message: message["type"] == "complete")
    assert done["metadata"] == {"scene": "harbour"}
    await until(page, "bookmark() !== null", "the conversation to have its bookmark")


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
            await ask(page, "a field at noon")
            newest = page.locator(".cell.succeeded").first
            await expect(newest.locator(".state")).to_contain_text("draft, rival")
            await page.locator(".composer").get_by_label("Engine").select_option("previs")
            await ask(page, "a field at noon, by previs")
            await expect(newest.locator(".state")).to_contain_text("draft, previs")
            switch.write_text("down")
            async with service.http() as http:
                while all(engine["up"] for engine in (await http.get("/health")).json()["engines"]):
                    await asyncio.sleep(0.05)
            await page.reload()
            await expect(page.locator("#down")).to_have_text("rival is down: no server answers")
            await expect(page.locator(".composer").get_by_label("Engine")).to_contain_text("rival, down")
            await page.locator(".composer").get_by_label("Engine").select_option("")
            await ask(page, "a street at night")
            await expect(page.locator(".cell.succeeded")).to_have_count(3)
            await expect(newest.locator(".state")).to_contain_text("draft, previs")
            await page.get_by_role("search").get_by_label("Engine").select_option("rival")
            await expect(cells(page)).to_have_count(1)
    finally:
        await service.kill()


async def test_a_person_sees_what_a_shot_waits_for_and_cancels_it(page: Page, service: Service) -> None:
    frame = {"name": "frame", "task_type": "text_to_image", "quality": "draft", "params": LONG}
    shot = {"task_type": "image_to_video", "quality": "draft", "params": {"source_image": {"from_task": "#frame"}}}
    async with service.http() as http:
        answer = await http.post("/api/v1/projects/default/batches", json={"requests": [frame, shot]})
        assert answer.status_code == 202
    await expect(page.locator(".cell.blocked .state")).to_contain_text("waits for another task")
    await expect(page.locator("#counts")).to_have_text("2 tasks, 2 open")
    batch = page.locator(".now .batch")
    await expect(batch).to_contain_text("0 of 2 ended")
    await batch.get_by_role("button", name="Batch", exact=True).click()
    await batch.locator("li.blocked").get_by_role("button", name="Cancel").click()
    await expect(page.locator(".cell.cancelled")).to_have_count(1)
    await expect(page.locator("#counts")).to_have_text("2 tasks, 1 open")
