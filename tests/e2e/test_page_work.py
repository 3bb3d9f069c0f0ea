"""A day's work on the page: keys, search, projects, batches, messages, and who may come in."""

import re
from pathlib import Path

from playwright.async_api import Page, expect

from auteur.entrypoints.container import build, lifetime, token_office
from auteur.entrypoints.settings import load_settings
from tests.e2e.browser import BROWSED, ask, browsed, cell, cells, live, until
from tests.e2e.studio import LONG, Service
from tests.e2e.test_page_large import take

pytestmark = BROWSED
FOCUSED = (
    "document.activeElement?.dataset?.task ?? document.activeElement?.dataset?.place ?? document.activeElement?.tagName"
)

ALL_READ = """[...document.querySelectorAll('.cell[aria-busy], .board:not(:has(.cell))')].every(cell => {
  const { top, bottom } = cell.getBoundingClientRect();
  return bottom < 0 || top > innerHeight;
})"""
DRAWN = """[...document.querySelectorAll('.cell[data-task]')]
  .sort((a, b) => parseInt(a.dataset.place.slice(2)) - parseInt(b.dataset.place.slice(2)))
  .map(cell => cell.dataset.task)"""


async def made(service: Service, count: int, project: str = "film") -> Service:
    """The service again, with so many takes in the project."""
    await service.stop()
    container = build(load_settings(workspace_root=service.workspace))
    async with lifetime(container, resume=False):
        for number in range(count):
            await container.bus().publish(take(number, project))
    return await Service(service.workspace, port=service.url.rpartition(":")[2]).start()


async def test_the_board_is_walked_by_keys_alone_and_keeps_its_focus(service: Service) -> None:
    back = await made(service, 75)
    try:
        async with browsed(back, query="/?project=film") as page:
            await live(page)
            await page.keyboard.press("v")  # newest first
            await page.keyboard.press("b")
            first, second = cells(page).nth(0), cells(page).nth(1)
            await expect(first).to_be_focused()
            await expect(first.locator(".title")).to_have_text("shot 74")
            await page.keyboard.press("ArrowRight")
            await expect(second).to_be_focused()
            name = await second.get_attribute("data-task")
            assert name
            async with back.socket("film") as socket:  # what comes before it does not take its focus away
                new = await socket.start()
                await expect(cell(page, new)).to_be_visible()
                assert await page.evaluate(FOCUSED) == name
                await socket.ending(new)
            await expect(cell(page, new)).to_have_class(re.compile("succeeded"))
            assert await page.evaluate(FOCUSED) == name
            await page.keyboard.press("End")
            await until(
                page, "document.activeElement?.querySelector('.title')?.textContent === 'shot 0'", "the last take"
            )
            await page.keyboard.press("Home")
            await page.keyboard.press("ArrowDown")
            await expect(cell(page, new)).to_be_focused()
            await page.keyboard.press("f")
            await expect(cell(page, new).locator(".star")).to_be_visible()
            await page.keyboard.press("Enter")
            await expect(page.locator("dialog[open]")).to_be_visible()
            await page.keyboard.press("Escape")
            await expect(cell(page, new)).to_be_focused()
            await page.keyboard.press(".")
            await expect(page.get_by_role("menuitem", name="Again, with changes")).to_be_focused()
            await page.keyboard.press("Enter")
            await expect(page.locator(".composer textarea").first).to_be_focused()
            await expect(page.locator(".composer textarea").first).to_have_value("a field")
            await page.keyboard.press("Escape")
            await page.locator("h1").click()
            await page.keyboard.press("?")
            await expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
            await page.get_by_label("single letters do something").uncheck()
            await page.keyboard.press("Escape")
            await page.keyboard.press("p")
            await expect(page.locator(".board")).to_be_visible()
    finally:
        await back.kill()


async def test_every_take_is_found_by_scrolling_each_once(service: Service) -> None:
    back = await made(service, 475)
    try:
        async with browsed(back, query="/?project=film") as page:
            await live(page)
            await page.keyboard.press("v")
            await expect(page.locator("#counts")).to_have_text("475 tasks, 0 open")
            found: list[str] = []
            async with back.http() as http:
                cursor, wanted = None, []
                while cursor is not None or not wanted:
                    asked = {"limit": 200, **({"cursor": cursor} if cursor else {})}
                    read = (await http.get("/api/v1/projects/film/tasks", params=asked)).json()
                    wanted += [task["task_id"] for task in read["tasks"]]
                    cursor = read["next"]
            at = -1
            while (now := await page.evaluate("document.querySelector('.board').scrollTop")) > at:
                at = now
                await page.evaluate("new Promise(requestAnimationFrame)")
                await until(page, ALL_READ, "what is in sight to be read")
                drawn = await page.evaluate(DRAWN)
                found += [task for task in drawn if task not in found]
                await page.evaluate("document.querySelector('.board').scrollTop += 400")
            assert found == wanted
    finally:
        await back.kill()


async def test_a_key_that_leads_somewhere_loses_no_letter_that_comes_after_it(service: Service) -> None:
    async with browsed(service, query="/?project=film") as page:
        await live(page)
        for key, where in (("/", "search"), ("n", "compose-prompt")):
            pressed = f"document.body.dispatchEvent(new KeyboardEvent('keydown', {{key: '{key}', bubbles: true}}))"
            assert await page.evaluate(f"{pressed}, document.activeElement.id") == where
            await page.evaluate("document.activeElement.blur()")


async def test_a_search_asks_the_service_and_says_what_it_looked_through_itself(service: Service) -> None:
    back = await made(service, 75)
    try:
        async with browsed(back, query="/?project=film") as page:
            await live(page)
            await page.keyboard.press("/")
            await page.keyboard.type("shot 42")
            await expect(cells(page)).to_have_count(1)
            await expect(page.locator(".title")).to_have_text(["shot 42"])
            await page.locator("#search").fill("nothing like it")
            await expect(page.locator("#nothing-found")).to_be_visible()
            await page.get_by_role("button", name="Show all").click()
            await page.get_by_role("search").get_by_label("Shot", exact=True).select_option("042")
            await expect(page.locator(".title")).to_have_text(["shot 42"])
            await page.get_by_role("button", name="Show all").click()
            async with back.http() as http:
                read = (await http.get("/api/v1/projects/film/tasks", params={"shot": "042"})).json()["tasks"]
                await http.patch(f"/api/v1/projects/film/tasks/{read[0]['task_id']}", json={"circled": True})
            await page.get_by_role("search").get_by_role("button", name="Circled").click()
            await expect(page.locator(".title")).to_have_text(["shot 42"])
    finally:
        await back.kill()


async def test_projects_have_posters_and_are_opened_by_keyboard(service: Service) -> None:
    for project in ("harbour", "lighthouse"):
        async with service.socket(project) as socket:
            await socket.ending(await socket.start())
    async with browsed(service) as page:
        await live(page)
        await page.keyboard.press("p")
        posters = page.locator(".posters a")
        await expect(posters.locator(".name")).to_have_text(["lighthouse", "harbour"])
        await expect(posters.locator("img")).to_have_count(2)
        await expect(posters.first).to_be_focused()
        await page.keyboard.press("ArrowRight")
        await page.keyboard.press("Enter")
        await expect(page.locator("#projects")).to_have_text("harbour")
        await live(page)
        await expect(cells(page)).to_have_count(1)
        assert "project=harbour" in page.url
        await page.go_back()
        await page.locator("#project").fill("a-new-one")
        await page.keyboard.press("Enter")
        await live(page)
        await expect(page.locator("#empty")).to_be_visible()
        await page.reload()
        await expect(page.locator("#projects")).to_have_text("a-new-one")


async def test_a_batch_is_one_thing_with_one_progress(service: Service) -> None:
    async with browsed(service, query="/?project=film") as page:
        await live(page)
        await page.get_by_role("button", name="Several at once").click()
        dialog = page.get_by_role("dialog", name="Several at once")
        await dialog.locator("textarea").fill("12A: wide shot of a pier\n12A: close up of a man\nwide shot of a field")
        await dialog.get_by_label("Name").fill("Pier")
        await dialog.get_by_label("Quality").select_option("ultra")
        await dialog.get_by_role("button", name="Make them").click()
        batch = page.locator(".now .batch")
        await expect(batch).to_contain_text("Pier")
        await expect(batch.locator(".state")).to_contain_text("0 of 3 ended")
        await page.reload()  # it is known again
        await expect(batch.locator(".state")).to_contain_text("0 of 3 ended")
        await expect(page.locator(".head h3")).to_contain_text(["12A"])
        await batch.get_by_role("button", name="Cancel all of Pier").click()
        await expect(page.locator(".cell.cancelled")).to_have_count(3)
        await expect(batch).to_have_count(0)


async def test_the_inspector_shows_messages_as_they_pass_and_stops_when_told(service: Service) -> None:
    async with service.socket() as socket, browsed(service, query="/?project=film") as page:
        await live(page)
        await page.keyboard.press("i")
        task = await socket.start(LONG)
        lines = page.locator(".inspector li")
        await expect(lines.filter(has_text="task_started")).to_have_count(1)
        await page.get_by_label("Filter messages").fill("progress")
        await expect(lines.filter(has_text="task_started")).to_have_count(0)
        await expect(lines.first).to_contain_text("progress")
        await page.get_by_role("button", name="Pause").click()
        await socket.say("cancel", task_id=task)
        await expect(page.locator(".cell.cancelled")).to_be_visible()
        await page.get_by_label("Filter messages").fill("TASK_CANCELLED")
        await expect(lines).to_have_count(0)


async def test_the_theme_is_the_systems_until_somebody_chooses(service: Service) -> None:
    async with browsed(service) as page:
        await live(page)
        colour = "getComputedStyle(document.body.parentElement).backgroundColor"
        await page.emulate_media(color_scheme="light")
        light = await page.evaluate(colour)
        await page.emulate_media(color_scheme="dark")
        dark = await page.evaluate(colour)
        assert light != dark
        await page.keyboard.press("t")
        await until(page, f"{colour} === '{light}'", "the page to be light")
        await page.reload()
        await live(page)
        await until(page, f"{colour} === '{light}'", "the page to be light again")


async def test_where_it_is_asked_who_somebody_is_the_page_asks_too(tmp_path: Path) -> None:
    operator = "operator-" + "o" * 40
    service = await Service(tmp_path, module=("tests.e2e.hasty",), token=operator).start()
    async with browsed(service, ("401 (Unauthorized)",)) as page:
        await expect(page.locator("#show-token")).to_be_visible()
        await expect(page.locator(".studio")).to_have_count(0)
        await page.fill("#token", "no token of this studio")
        await page.click("text=Sign in")
        await expect(page.locator("#refused")).to_contain_text("unknown, expired or revoked")
        assert await page.input_value("#token") == "", "what was pasted does not stay on the screen"
        await page.fill("#token", operator)
        await page.click("text=Sign in")
        await live(page)
        await expect(page.locator("#name")).to_have_text("operator")
        await ask(page, "wide shot of a field")
        await expect(page.locator(".cell.succeeded img")).to_be_visible()
        assert await page.evaluate("document.cookie") == "", "no script can read the session"
        await page.reload()
        await expect(page.locator(".cell.succeeded img")).to_be_visible()
        await page.click("text=Sign out")
        await expect(page.locator("#show-token")).to_be_visible()
        assert await cells(page).count() == 0
        await page.reload()
        await expect(page.locator("#show-token")).to_be_visible()
    await service.stop()


async def test_who_is_signed_out_elsewhere_is_told_and_asked_again(tmp_path: Path) -> None:
    service = await Service(tmp_path, module=("tests.e2e.hasty",), require_token=True, token="t" * 40).start()
    async with token_office(load_settings(workspace_root=tmp_path)) as office:
        secret, token = await office.create("Ada", ["default"], ["read"], None)
    async with browsed(service, ("401 (Unauthorized)",)) as page:
        await page.fill("#token", secret)
        await page.click("text=Sign in")
        await live(page)
        await visit(page, "secret")
        await expect(page.locator("#link")).to_contain_text("none that you may see")
        await visit(page, "default")
        await live(page)
        async with token_office(load_settings(workspace_root=tmp_path)) as office:
            await office.revoke(token.token_id)
        await expect(page.locator("#refused")).to_contain_text("signed out")
    await service.stop()


async def visit(page: Page, project: str) -> None:
    await page.locator("#projects").click()
    await page.locator("#project").fill(project)
    await page.locator("#project").press("Enter")


async def test_a_takes_details_tell_its_passes_as_links_its_kin_and_why_its_engine(service: Service) -> None:
    async with service.http() as http, service.socket("film") as socket:
        tasks = "/api/v1/projects/film/tasks"
        params = {"prompt": "two men on a pier", "width_px": 128, "height_px": 72, "steps": 1, "control": ["depth"]}
        body = {"task_type": "text_to_image", "params": params, "quality": "draft", "shot": "12A"}
        first = (await http.post(tasks, json=body)).json()["task_id"]
        done = (await socket.ending(first))["result"]
        answer = await http.post(f"{tasks}/{first}/promote", json={"quality": "standard"})
        assert answer.status_code == 202, answer.text
        second = answer.json()["task_id"]
        await socket.ending(second)
        control = next(made for made in done["artifacts"] if made["name"] == "control-depth.png")
        async with browsed(service, query="/?project=film") as page:
            await live(page)
            await cell(page, first).click()
            details = page.get_by_label("What it was made of", exact=True).last
            await expect(details).to_contain_text(done["routing"]["message"])
            link = details.get_by_role("link", name="Download depth pass")
            assert await link.get_attribute("href") == control["url"]
            async with page.expect_download() as saved:
                await link.click()
            assert Path(await (await saved.value).path()).stat().st_size == control["size_bytes"]
            await details.get_by_role("button", name="depth pass", exact=True).click()
            await expect(page.locator(".layer img:not(.under)")).to_have_attribute("src", control["url"])
            assert "Promoted from" not in await details.inner_text()
            await details.get_by_role("button", name="12A take 2, standard").click()
            await expect(page.locator(".viewer-title h2")).to_have_text(re.compile("12A . take 2"))
            await expect(details).to_contain_text("Promoted from")
            await details.get_by_role("button", name="12A take 1, draft").click()
            await expect(page.locator(".viewer-title h2")).to_have_text(re.compile("12A . take 1"))
