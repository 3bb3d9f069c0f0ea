"""A film on the page, as its maker goes about it: a script dropped, looked at, made, changed, handed over."""

import asyncio
import csv
import io
import re
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.e2e.browser import BROWSED, browsed, live, until, windows
from tests.e2e.studio import Service
from tests.e2e.test_page_access import AXE, findings
from tests.waiting import awaited

SMALL = {"quality_presets": '{"draft": {"steps": 1, "resolution": "160x96"}}', "default_quality": "draft"}
pytestmark = [*BROWSED, pytest.mark.parametrize("service", [SMALL], indirect=True)]
SCRIPT = """Title: Two Doors

INT. KITCHEN - NIGHT

Maria sits at the table. <img src=x onerror="window.harmed = true"> Slow push in.

MARIA
You could have called.

EXT. FIELD - DAY

A man walks.
"""
CHANGED = SCRIPT.replace("called.", "called. You never do, not once in all these years.").replace(
    "A man walks.", "A woman runs. A dog.\n\nEXT. ROOF - DAY\n\nA man sits."
)
JUMPS = "\n".join(
    ["scene,shot,size,description,location,int/ext,time"]
    + [f"1,1-{number},medium,Maria sits at the table,kitchen,INT,night" for number in range(1, 5)]
    + ["2,2-1,wide,A man walks,field,EXT,day"]
)


async def drop(page: Page, name: str, text: str) -> None:
    """Lets a file fall onto the page, as a hand does."""
    await page.locator("#page").evaluate(
        """(target, [name, text]) => {
          const given = new DataTransfer();
          given.items.add(new File([text], name));
          for (const kind of ["dragover", "drop"]) {
            target.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: given }));
          }
        }""",
        [name, text],
    )


async def made(page: Page, name: str, text: str) -> None:
    """Drops a script, and has it made."""
    await drop(page, name, text)
    await page.locator("#make-film").click()
    await expect(page.get_by_role("main", name="Film", exact=True)).to_be_visible()


def shots(page: Page) -> Locator:
    return page.locator(".film-shot")


def shot(page: Page, name: str) -> Locator:
    return page.locator(f".film-shot[data-shot='{name}']")


async def all_drawn(page: Page, count: int) -> None:
    """Each shot has the picture of its take."""
    await expect(shots(page)).to_have_count(count)
    for number in range(count):
        await shots(page).nth(number).scroll_into_view_if_needed()
        await expect(shots(page).nth(number)).to_have_class(re.compile("succeeded"))
        await expect(shots(page).nth(number).locator("img")).to_be_visible()


async def read(service: Service, path: str) -> Any:
    async with service.http() as http:
        answer = await http.get(f"/api/v1/projects/film{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()


async def takes(service: Service, task_type: str = "text_to_image") -> dict[str, list[str]]:
    """By shot, the takes that there are."""
    found: dict[str, list[str]] = {}
    for task in (await read(service, f"/tasks?limit=200&task_type={task_type}"))["tasks"]:
        found.setdefault(task["shot"], []).append(task["task_id"])
    return found


async def test_a_dropped_script_is_looked_at_made_and_brought_up_to_date(service: Service) -> None:
    async with windows(service) as opened:
        page, other = await opened.open("/?project=film"), await opened.open("/?project=film&view=film")
        await live(page)
        await drop(page, "two doors.fountain", SCRIPT)
        plan = page.get_by_role("main", name="What would be made")
        await expect(plan.locator("li")).to_have_count(3)
        await expect(plan.locator("h3")).to_have_text(["1 INT. KITCHEN - NIGHT", "2 EXT. FIELD - DAY"])
        await expect(plan.locator("li.added")).to_have_count(3)
        await expect(plan.locator("[data-shot='1-2']")).to_contain_text("MARIA You could have called.")
        await expect(plan.locator("[data-shot='2-1']")).to_contain_text("line 12")
        await page.reload()
        await expect(plan.locator("li.added")).to_have_count(3)
        assert await takes(service) == {}, "nothing is made before it is said so"
        await page.get_by_role("button", name="Make 3 shots").click()
        await all_drawn(page, 3)
        await expect(shot(page, "1-1")).to_contain_text('<img src=x onerror="window.harmed = true">')
        assert await page.evaluate("window.harmed") is None
        await expect(other.get_by_role("link", name="Two Doors")).to_be_visible()
        await other.get_by_role("link", name="Two Doors").click()
        await all_drawn(other, 3)

        length = page.get_by_label("Length of 2-1 in seconds")
        await length.fill("3+12")
        await length.press("Enter")
        await expect(shot(page, "2-1").locator(".film-foot")).to_contain_text("84 f · by hand")
        first = await takes(service)
        await page.reload()
        await all_drawn(page, 3)
        assert "film=two-doors" in page.url
        await drop(page, "second draft.fountain", CHANGED)
        await expect(plan.locator(".plan-sum")).to_contain_text("1 new, 1 changed, 1 of another length, 1 kept")
        await expect(plan.locator("[data-shot='2-1']")).to_have_class("changed")
        await expect(plan.locator("[data-shot='2-1'] del")).to_contain_text("A man walks")
        assert await takes(service) == first
        await page.get_by_role("button", name="Make 2 shots").click()
        await all_drawn(page, 4)
        second = await takes(service)
        assert {name: len(ids) for name, ids in second.items()} == {"1-1": 1, "1-2": 1, "2-1": 2, "3-1": 1}
        kept = {each["name"]: each for each in (await read(service, "/films/two-doors"))["shots"]}
        assert (kept["2-1"]["frames"], kept["2-1"]["by_hand"]) == (84, True), "a length by hand outlives the script"
        await all_drawn(other, 4)  # nobody has touched this window


async def test_a_planted_fault_is_told_where_it_is_and_why_and_a_sound_scene_is_left_alone(service: Service) -> None:
    async with browsed(service, query="/?project=film&view=film") as page:
        await live(page)
        await made(page, "jumps.csv", JUMPS)
        await all_drawn(page, 5)
        warnings = page.locator("#film-facts ~ .film-standing button")
        await expect(warnings).to_contain_text("continuity warning")
        found = (await read(service, "/films/jumps/continuity"))["findings"]
        assert {one["second"] for one in found} >= {"1-2", "1-4"}
        for one in found:
            told = shot(page, one["second"]).locator(f".film-finding[data-kind='{one['kind']}']")
            await expect(told.filter(has_text=one["reason"])).to_have_count(1)
        await expect(shot(page, "1-4").locator("[data-kind='sizes']")).to_have_count(1)
        await expect(page.locator(".film-finding")).to_have_count(len(found))
        await warnings.click()
        await expect(shot(page, found[0]["second"]).locator(".film-picture")).to_be_focused()


async def test_the_film_is_walked_by_keys_its_plan_drawn_once_and_its_files_handed_over(service: Service) -> None:
    async with windows(service) as opened:
        page = await opened.open("/?project=film&view=film")
        await live(page)
        await made(page, "two-doors.fountain", SCRIPT)
        await all_drawn(page, 3)
        await page.keyboard.press("b")
        await expect(page.locator(".board")).to_be_visible()
        may_be_read = asyncio.Event()

        async def held_back(route: Route) -> None:
            await may_be_read.wait()
            await route.continue_()

        await page.route("**/projects/film/tasks/*", held_back)
        await page.keyboard.press("g")  # there is but one film
        await shot(page, "1-1").locator(".film-picture").focus()
        await page.keyboard.press("ArrowRight")
        await expect(shot(page, "1-2").locator(".film-picture")).to_be_focused()
        await page.keyboard.press("Enter")
        may_be_read.set()  # what was pressed before its take was read opens all the same
        await expect(page.locator(".viewer-title h2")).to_have_text("1-2 · take 1")
        await page.locator(".floor-plan summary").click()
        drawing = page.locator(".floor-plan img")
        await expect(drawing).to_be_visible()
        await until(page, "document.querySelector('.floor-plan img').naturalWidth > 0", "the plan's picture")
        await page.keyboard.press("ArrowRight")
        await expect(page.locator(".viewer-title h2")).to_have_text("2-1 · take 1")
        await expect(drawing).to_be_visible()
        await page.keyboard.press("Escape")
        await page.reload()
        await all_drawn(page, 3)
        await shot(page, "1-2").locator(".film-picture").click()
        await expect(drawing).to_be_visible()
        assert len((await read(service, "/tasks?task_type=film_plans"))["tasks"]) == 2, "each is drawn once"
        await page.keyboard.press("Escape")

        over = page.get_by_role("region", name="Hand over")
        for name in ("Shot list, camera report", "Cut"):
            await over.get_by_role("button", name=f"Make: {name}").click()
        listed = await fetched(page, over.get_by_role("link", name="shot-list.csv"))
        rows = list(csv.reader(io.StringIO(listed.read_text(encoding="utf-8-sig"))))
        assert [row[0] for row in rows[1:]] == ["1-1", "1-2", "2-1"]
        link = over.get_by_role("link", name="cut.otio")
        cut = await fetched(page, link)
        first = await link.get_attribute("href")
        timeline = otio.adapters.read_from_string(cut.read_text(), "otio_json")
        assert [clip.name for clip in timeline.find_clips()] == ["1-1", "1-2", "2-1"]
        await expect(over.locator(".old")).to_have_count(0)
        length = page.get_by_label("Length of 1-2 in seconds")
        await length.fill("48f")
        await length.press("Enter")
        await expect(over.locator(".old")).to_have_count(2)
        await page.reload()
        await expect(over.locator("[data-export='film_cut']")).to_contain_text("the film has changed since")
        await expect(over.locator(".old")).to_have_count(2)  # so that one is the other's, and no longer the cut's
        await over.get_by_role("button", name="Make again: Cut").click()
        await expect(over.locator(".old")).to_have_count(1)
        another = page.locator(f":not([href='{first}'])")  # the page may still be reading all anew after its reload
        cut = await fetched(page, link.and_(another))
        timeline = otio.adapters.read_from_string(cut.read_text(), "otio_json")
        assert [clip.duration().to_frames() for clip in timeline.find_clips()][1] == 48

        async with service.http() as http:
            gone = (await takes(service))["2-1"][0]
            assert (await http.delete(f"/api/v1/projects/film/tasks/{gone}")).status_code == 204
        await shot(page, "2-1").get_by_role("button", name="Make it again").click()
        await all_drawn(page, 3)
        again = (await read(service, "/films/two-doors"))["shots"][2]["task_id"]
        assert again == (await takes(service))["2-1"][0] != gone
        async with service.http() as http, service.socket("film") as socket:
            better = await socket.start({"prompt": "wide shot of a field"}, quality="draft", shot="2-1")
            await socket.ending(better)
            circled = await http.patch(f"/api/v1/projects/film/tasks/{better}", json={"circled": True})
            assert circled.status_code == 200, circled.text
        await shot(page, "2-1").get_by_role("button", name=re.compile("Cut in take 3")).click()
        await expect(shot(page, "2-1").locator(".film-picture")).to_have_attribute("data-task", better)
        assert (await read(service, "/films/two-doors"))["shots"][2]["task_id"] == better


async def fetched(page: Page, link: Locator) -> Path:
    """The file behind a link, as a browser saves it."""
    async with awaited("the file"), page.expect_download() as saved:
        await link.click()
    return Path(await (await saved.value).path())


@pytest.mark.skipif(not AXE.exists(), reason="no axe-core here; `npm ci` brings it")
async def test_axe_finds_nothing_in_a_film_at_any_width_in_either_theme(service: Service) -> None:
    async with windows(service, ("422 (Unprocessable",)) as opened:
        for theme, width in (("dark", 360), ("light", 360), ("dark", 1280), ("light", 1280)):
            page = await opened.open(
                "/?project=film&view=film", color_scheme=theme, viewport={"width": width, "height": 800}
            )
            await live(page)
            if width < 900:  # they are the same at any width
                assert await findings(page) == [], "the films"
                await page.get_by_role("button", name="Paste").click()
                assert await findings(page) == [], "a script that is pasted"
                await page.keyboard.press("Escape")
                await drop(page, "broken.fdx", "<FinalDraft><Content>")
                await expect(page.get_by_role("main", name="What would be made").get_by_role("alert")).to_be_visible()
                assert await findings(page) == [], "what is no script"
                await page.get_by_role("button", name="Leave it").click()
            await drop(page, "jumps.csv", JUMPS.replace("A man walks", f"A man walks at {width} {theme}"))
            await expect(page.locator("#make-film")).to_be_enabled()
            assert await findings(page) == [], "what would be made"
            await page.locator("#make-film").click()
            await all_drawn(page, 5)
            await expect(page.locator(".film-finding").first).to_be_visible()
            assert await findings(page) == [], "the film"
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, "nothing is wider than the window"
            if width < 900:
                await page.get_by_role("button", name="Script, hand-over").click()
                assert await findings(page) == [], "what is beside it"
                await page.get_by_role("button", name="Close").click()
            await shots(page).first.locator(".film-picture").click()
            await expect(page.locator("dialog.viewer")).to_be_visible()
            if not await page.locator(".viewer-info").count():
                await page.keyboard.press("i")
            await page.locator(".floor-plan summary").click()
            await expect(page.locator(".floor-plan img")).to_be_visible()
            assert await findings(page) == [], "the viewer with the plan"
            await page.close()
