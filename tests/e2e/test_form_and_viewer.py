"""The form and the viewer in a real browser, against a real service; on a page of their own that a test serves."""

import asyncio
import base64
import io
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.async_api import Page, Route, async_playwright, expect

from tests.e2e.browser import CHROMIUM
from tests.e2e.studio import Message, Service
from tests.page_source import HOME, bundled, needs_node
from tests.waiting import LONG_S, awaited

pytestmark = [
    pytest.mark.browser,
    needs_node,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here; `make browser` installs one where it can"),
]
expect.set_options(timeout=LONG_S * 1000)

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport"
content="width=device-width, initial-scale=1"><base href="/"><title>The form and the viewer</title>
<link rel="stylesheet" href="harness.css"></head><body><div id="page"></div><script src="harness.js"></script></body>"""
POLICY = "default-src 'self'; img-src 'self' data:; media-src 'self'; base-uri 'self'; form-action 'self'"
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
WORDS = "Wide shot, low angle: two tired men at a lighthouse at dusk, fog, quendled"
SMALL = {"width_px": 128, "height_px": 72, "steps": 1, "seed": 7}


@pytest.fixture(scope="module")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundled(tmp_path_factory.mktemp("harness"), "test/harness.tsx")


@asynccontextmanager
async def opened(service: Service, harness: Path, **how: Any) -> AsyncIterator[Page]:
    """The parts in a browser, under the page's own policy; nothing may go wrong in it but what a service refuses."""

    async def serve(route: Route) -> None:
        name = Path(route.request.url.split("?")[0]).name
        body = PAGE if name.endswith(".html") else (harness / name).read_text()
        await route.fulfill(
            body=body, content_type=KINDS[Path(name).suffix], headers={"Content-Security-Policy": POLICY}
        )

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        context = await browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **how})
        page = await context.new_page()
        page.set_default_timeout(LONG_S * 1000)
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        await page.route("**/harness*", serve)
        await page.goto(f"{service.url}/harness.html")
        await expect(page.get_by_label("Make", exact=True)).to_be_visible()
        yield page
        await browser.close()
        away = ("422 (", "415 (", "ERR_CONNECTION", "ERR_EMPTY_RESPONSE")
        assert [said for said in problems if not any(one in said for one in away)] == []


@pytest.fixture
async def page(service: Service, harness: Path) -> AsyncIterator[Page]:
    async with opened(service, harness) as page:
        yield page


def picture(colour: str = "navy", size: tuple[int, int] = (160, 90)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()


async def made(
    service: Service, params: dict[str, Any], task_type: str = "text_to_image", shot: str = "12A"
) -> Message:
    """A take that is there, as the service tells of it."""
    async with service.http() as http, service.socket() as socket:
        asked = {"task_type": task_type, "params": params, "quality": "draft", "shot": shot}
        answer = await http.post("/api/v1/projects/film/tasks", json=asked)
        assert answer.status_code == 202, answer.text
        async with awaited("the take"):
            while True:
                task: Message = (await http.get(f"/api/v1/projects/film/tasks/{answer.json()['task_id']}")).json()
                if task["status"] not in ("blocked", "queued", "running"):
                    assert task["status"] == "succeeded", task
                    return task
                await asyncio.sleep(0.05)
        raise AssertionError(socket)


async def tasks(service: Service) -> list[Message]:
    async with service.http() as http:
        listed: list[Message] = (await http.get("/api/v1/projects/film/tasks")).json()["tasks"]
        return listed


async def asked(page: Page) -> list[Any]:
    found: list[Any] = await page.evaluate("asked")
    return found


async def give(page: Page, how: str, selector: str, data: bytes, name: str = "brought.png") -> None:
    """Drops or pastes a file, as a browser would."""
    await page.locator(selector).evaluate(
        """(target, [how, data, name]) => {
          const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
          const given = new DataTransfer();
          given.items.add(new File([bytes], name, { type: "image/png" }));
          const about = { bubbles: true, cancelable: true };
          target.dispatchEvent(how === "drop" ? new DragEvent("drop", { ...about, dataTransfer: given })
            : new ClipboardEvent("paste", { ...about, clipboardData: given }));
        }""",
        [how, base64.b64encode(data).decode(), name],
    )


async def test_every_task_type_is_asked_for_through_the_form(page: Page, service: Service) -> None:
    assert await page.get_by_label("Make", exact=True).locator("option").all_text_contents() == [
        "Image to video",
        "Text to image",
        "Text to video",
    ], "what the default install has; another type needs another part of this test"
    await page.get_by_label("Prompt", exact=False).first.fill("a man on a pier")
    await page.get_by_label("Quality").select_option("draft")
    await page.get_by_label("Take of shot").fill("12A")
    await page.get_by_text("All parameters").click()
    await page.locator("#compose-width_px").fill("128")
    await page.locator("#compose-height_px").fill("72")
    await page.get_by_label("Shot size").select_option(label="close up")
    await page.get_by_label("Lens").fill("85.5")
    await page.get_by_label("Style").select_option(label="board")
    await page.get_by_label("pose", exact=True).check()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("[data-task]")).to_have_count(1)
    params = {
        "prompt": "a man on a pier", "width_px": 128, "height_px": 72, "shot": "close_up", "lens_mm": 85.5,
        "style": "board", "control": ["pose"],
    }  # fmt: skip
    assert await asked(page) == [{"task_type": "text_to_image", "params": params, "quality": "draft", "shot": "12A"}], (
        "and nothing that nobody said"
    )

    await page.get_by_label("Make", exact=True).select_option("image_to_video")
    async with page.expect_file_chooser() as choosing:
        await page.get_by_role("button", name="Choose a picture").click()
    await (await choosing.value).set_files({"name": "still.png", "mimeType": "image/png", "buffer": picture()})
    await expect(page.locator(".files-list img")).to_be_visible()
    await page.get_by_label("Move", exact=True).select_option(label="pan left")
    await page.get_by_label("Duration").fill("0.5")
    await page.get_by_role("button", name="Make it").click()
    await expect(page.locator("[data-task]")).to_have_count(2)
    film = (await tasks(service))[0]
    assert (film["task_type"], film["params"]["move"], film["params"]["duration_s"]) == (
        "image_to_video",
        "pan_left",
        0.5,
    )
    assert film["params"]["source_image"].startswith("uploads/")

    await page.get_by_label("Make", exact=True).select_option("text_to_video")
    await page.get_by_label("Duration").fill("0.5")
    await page.get_by_label("Frame rate").fill("12")
    await page.get_by_role("button", name="Make it").click()
    await expect(page.locator("[data-task]")).to_have_count(3)
    walk = (await tasks(service))[0]
    assert (walk["task_type"], walk["params"]["move"], walk["params"]["fps"]) == ("text_to_video", "pan_left", 12)


@pytest.mark.parametrize("how", ["drop", "paste"])
async def test_a_picture_is_brought_by_drop_and_by_paste(how: str, page: Page) -> None:
    await page.get_by_label("Make", exact=True).select_option("image_to_video")
    where = "[data-file-field=source_image]" if how == "drop" else "#compose-prompt"
    await give(page, how, where, picture("teal"))
    thumbnail = page.locator(".files-list img")
    await expect(thumbnail).to_be_visible()
    assert await thumbnail.evaluate("image => image.decode().then(() => image.naturalWidth)") == 160
    await give(page, how, where, picture("red", (90, 160)))  # one is asked for: the newer takes its place
    async with awaited("the newer picture"):
        while await thumbnail.evaluate("image => image.decode().then(() => image.naturalWidth, () => 0)") != 90:
            await asyncio.sleep(0.05)
    await expect(thumbnail).to_have_count(1)


async def test_a_file_that_is_no_picture_is_refused_at_the_field_in_the_services_words(page: Page) -> None:
    await page.get_by_label("Make", exact=True).select_option("image_to_video")
    await give(page, "drop", "[data-file-field=source_image]", b"not a picture at all", "script.png")
    refused = page.locator("[data-file-field] [role=alert]")
    await expect(refused).to_contain_text("script.png:")
    await expect(page.locator(".files-list")).to_have_count(0)
    await give(page, "drop", "[data-file-field=source_image]", picture())
    await expect(page.locator(".files-list img")).to_be_visible()
    await expect(refused).to_have_count(0)


async def test_a_picture_is_picked_from_the_board(page: Page, service: Service) -> None:
    take = await made(service, {"prompt": "a field", **SMALL})
    await page.evaluate("again()")
    await page.get_by_label("Make", exact=True).select_option("image_to_video")
    await expect(page.locator("[data-task]")).to_have_count(1)
    await page.locator("[data-file-field=source_image]").get_by_role("button", name="From the board").click()
    await expect(page.locator(".files-list")).to_contain_text("frame.png")
    await page.keyboard.press("Control+Enter")
    async with awaited("the film to be asked for"):
        while not await asked(page):
            await asyncio.sleep(0.02)
    assert (await asked(page))[0]["params"] == {"source_image": take["result"]["artifacts"][0]["url"]}


async def test_what_is_wrong_is_said_at_its_field_and_focused(page: Page) -> None:
    await page.keyboard.press("Tab")
    await page.locator("#compose-prompt").focus()
    await page.keyboard.press("Control+Enter")
    prompt = page.locator("#compose-prompt")
    await expect(prompt).to_be_focused()
    await expect(prompt).to_have_attribute("aria-invalid", "true")
    assert await asked(page) == [], "what is known to be wrong is not sent"

    # only the service knows this: sides that contradict the shape, a field in a part that is closed
    await prompt.fill("a field")
    await page.get_by_text("All parameters").click()
    await page.locator("#compose-width_px").fill("100")
    await page.locator("#compose-height_px").fill("100")
    await page.get_by_label("Aspect").select_option(label="16:9")
    await page.get_by_text("All parameters").click()
    await page.locator("#compose-prompt").focus()
    await page.keyboard.press("Control+Enter")
    aspect = page.locator("#compose-aspect")
    await expect(aspect).to_be_focused()
    await expect(page.locator("#compose-aspect-problem")).to_have_text("contradicts the given width and height")
    assert "compose-aspect-problem" in (await aspect.get_attribute("aria-describedby") or "")
    assert await page.locator("#compose-prompt").input_value() == "a field", "nothing that was typed is lost"
    await aspect.select_option("")
    await expect(page.locator("#compose-aspect-problem")).to_have_count(0)


async def test_what_was_typed_survives_a_reload_a_switch_and_a_service_that_is_away(
    page: Page, service: Service
) -> None:
    await page.locator("#compose-prompt").fill("a man in a forest")
    await page.get_by_text("All parameters").click()
    await page.get_by_label("Steps").fill("3")
    await page.get_by_label("Take of shot").fill("7")
    await page.reload()
    await expect(page.locator("#compose-prompt")).to_have_value("a man in a forest")
    await expect(page.get_by_label("Steps")).to_have_value("3")
    await page.get_by_label("Make", exact=True).select_option("image_to_video")
    await expect(page.locator("#compose-prompt")).to_have_value("a man in a forest")
    await page.get_by_label("Make", exact=True).select_option("text_to_image")
    await expect(page.get_by_label("Take of shot")).to_have_value("7")
    await service.kill()
    await page.locator("#compose-prompt").focus()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".refused")).to_contain_text("does not answer")
    await expect(page.locator("#compose-prompt")).to_have_value("a man in a forest")


async def test_presets_and_defaults_stand_where_nothing_was_typed(page: Page, service: Service) -> None:
    async with service.http() as http:
        types = (await http.get("/api/v1/task-types")).json()["task_types"]
    presets = next(one for one in types if one["name"] == "text_to_image")["engines"][0]["qualities"]
    await page.get_by_text("All parameters").click()
    for quality in ("draft", "ultra"):
        await page.get_by_label("Quality").select_option(quality)
        steps = str(presets[quality]["parameters"]["steps"])
        await expect(page.get_by_label("Steps")).to_have_attribute("placeholder", steps)
        await expect(page.locator("[data-preset]")).to_contain_text(f"{steps} steps")
    await page.get_by_label("Steps").fill("2")
    await expect(page.locator("[data-preset]")).to_contain_text("2 steps (yours)")


async def test_variations_are_asked_for_as_one_batch(page: Page, service: Service) -> None:
    await page.locator("#compose-prompt").fill("a field")
    await page.get_by_label("Quality").select_option("draft")
    await page.get_by_label("Variations").fill("3")
    await page.get_by_role("button", name="Make 3").click()
    await expect(page.get_by_role("status").filter(has_text="3 variations were accepted")).to_have_count(1)
    seeds = {task["params"]["seed"] for task in await tasks(service)}
    assert len(seeds) == 3


async def test_an_understood_word_is_corrected_on_the_prompt_and_the_take_begun_again(
    page: Page, service: Service
) -> None:
    await made(service, {"prompt": WORDS, **SMALL})
    await page.evaluate("again()")
    await page.locator("[data-task]").click()
    prompt = page.locator(".words")
    await expect(prompt).to_have_text(WORDS)
    assert await prompt.locator(".word.used").all_text_contents() == [
        "Wide shot", "low angle", "two tired men", "at", "lighthouse", "at dusk", "fog",
    ]  # fmt: skip
    assert await prompt.locator(".word.unread").all_text_contents() == ["quendled"]
    await prompt.get_by_role("button", name="dusk: time of day dusk").press("Enter")
    choice = page.locator(".correction select")
    await expect(choice).to_be_focused()
    await choice.select_option("golden_hour")
    await page.get_by_role("button", name="Again with “golden hour”").click()
    await expect(page.locator(".words-part .said")).to_contain_text("golden hour")
    again = (await tasks(service))[0]
    assert again["params"]["prompt"] == WORDS.replace("at dusk", "golden hour")
    assert (again["params"]["seed"], again["shot"], again["take"]) == (7, "12A", 2), "only the word differs"
    assert (again["params"]["steps"], again["params"]["width_px"]) == (1, 128)


GERMAN = "Halbnah: zwei Polizsten am Fenster, Nieselregen, Quantenschaum, 50mm"


async def test_words_of_another_language_are_marked_with_what_they_were_taken_for(page: Page, service: Service) -> None:
    await made(service, {"prompt": GERMAN, **SMALL})
    await page.evaluate("again()")
    await page.locator("[data-task]").click()
    prompt = page.locator(".words")
    await expect(prompt).to_have_text(GERMAN)
    await expect(page.locator(".read-by")).to_have_text("German, read by the rules")
    assert await prompt.locator(".word.used").all_text_contents() == [
        "Halbnah", "zwei", "Polizsten", "Fenster", "Nieselregen", "50mm",
    ]  # fmt: skip
    assert await prompt.locator(".word.unread").all_text_contents() == ["Quantenschaum"]
    await expect(prompt.locator(".word.guessed")).to_have_text("Polizsten")
    await expect(page.get_by_role("button", name="Polizsten: people polizisten, read as “polizisten”")).to_have_count(1)
    await expect(page.get_by_role("button", name="Halbnah: shot size medium")).to_have_count(1)
    if folder := os.environ.get("SCREENSHOTS"):
        await page.screenshot(path=f"{folder}/words-german.png")
    await prompt.get_by_role("button", name="Nieselregen: weather rain").press("Enter")
    await page.locator(".correction select").select_option("snow")
    await page.get_by_role("button", name="Again with “snow”").click()
    await expect(page.locator(".words-part .said")).to_contain_text("Begun again")
    again = (await tasks(service))[0]
    async with awaited("the take with snow"):
        while (again := (await tasks(service))[0])["status"] != "succeeded":
            await asyncio.sleep(0.05)
    assert again["result"]["understood"]["weather"] == ["snow"]


async def shown(page: Page) -> str:
    return await page.locator(".viewer-title p").inner_text()


async def frame(page: Page) -> int:
    return int(await page.locator(".counter").get_attribute("data-frame") or -1)


async def settled(page: Page, wanted: int) -> float:
    """The film stands at this frame, in what is told and in what is seen; the time."""
    async with awaited(f"frame {wanted}"):
        while True:
            time, seeking = await page.locator(".layer video").first.evaluate("v => [v.currentTime, v.seeking]")
            if not seeking and int(time * 24 + 1e-4) == wanted and await frame(page) == wanted:
                return float(time)
            await asyncio.sleep(0.02)


async def test_the_viewer_is_worked_by_keyboard_alone(page: Page, service: Service) -> None:
    first = await made(service, {"prompt": "a red barn in a field", **SMALL})
    second = await made(service, {"prompt": WORDS, **SMALL, "width_px": 1600, "height_px": 1000})
    url = second["result"]["artifacts"][0]["url"]
    for move in ("pan_left", "push_in"):
        params = {"source_image": url, "duration_s": 1, "move": move, "width_px": 320, "height_px": 200, "steps": 1}
        await made(service, params, "image_to_video")
    await page.evaluate("again()")
    await expect(page.locator("[data-task]")).to_have_count(4)
    opener = page.locator("[data-task]").first
    await opener.focus()
    await page.keyboard.press("Enter")

    # films: playing, frame by frame, in a loop
    video = page.locator(".layer video").first
    async with awaited("the film to run by itself"):
        while not await video.evaluate("v => v.currentTime > 0.2 && !v.paused"):
            await asyncio.sleep(0.02)
    await page.keyboard.press(" ")
    assert await video.evaluate("v => v.paused")
    await page.get_by_label("Frame", exact=True).evaluate(
        "r => { r.value = 5; r.dispatchEvent(new Event('input', {bubbles: true})); }"
    )
    time = await settled(page, 5)
    assert 5 / 24 < time < 6 / 24
    for key, wanted in ((".", 6), (".", 7), (",", 6)):
        await page.keyboard.press(key)
        await settled(page, wanted)
    await expect(page.locator(".counter")).to_contain_text("00:00:06 · 7/24 · 24 fps")
    assert await video.evaluate("v => v.loop")
    await page.keyboard.press("l")
    await expect(page.get_by_role("button", name="Loop")).to_have_attribute("aria-pressed", "false")
    assert not await video.evaluate("v => v.loop")

    # a wipe against the other take of the shot, by the arrows, its film in step
    await page.keyboard.press("w")
    wipe = page.get_by_role("slider", name="Wipe between")
    await expect(wipe).to_be_focused()
    await expect(wipe).to_have_attribute("aria-valuenow", "50")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Shift+ArrowRight")
    await expect(wipe).to_have_attribute("aria-valuenow", "61")
    clip = await page.locator(".layer.over").evaluate("layer => getComputedStyle(layer).clipPath")
    assert clip == "inset(0px 0px 0px 61%)"
    await page.keyboard.press(".")
    time = await settled(page, 7)
    other = page.locator(".layer.over video")
    async with awaited("the other film in step"):
        while abs(await other.evaluate("v => v.seeking ? -9 : v.currentTime") - time) > 0.25 / 24:
            await asyncio.sleep(0.02)
    assert await other.evaluate("v => v.currentSrc") != await video.evaluate("v => v.currentSrc")
    await page.keyboard.press("w")
    await expect(wipe).to_have_count(0)

    # the take beside it, its pixels, moved about
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowRight")
    assert (await shown(page)).startswith("3 of 4")
    await page.keyboard.press("z")
    layer = page.locator(".layer").first
    assert await layer.evaluate("one => one.getBoundingClientRect().width") == 1600, "a pixel to a pixel"
    left = await layer.evaluate("one => one.getBoundingClientRect().left")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowDown")
    assert await layer.evaluate("one => one.getBoundingClientRect().left") == left - 60
    await page.keyboard.press("z")
    assert await layer.evaluate("one => one.getBoundingClientRect().width") < 1600
    await page.keyboard.press("End")
    assert (await shown(page)).startswith("4 of 4")
    await expect(page.locator(".layer img:not(.under)")).to_have_attribute(
        "src", first["result"]["artifacts"][0]["url"]
    )
    await page.keyboard.press("Home")
    assert (await shown(page)).startswith("1 of 4")

    # full screen, what it was made of, the keys
    await page.keyboard.press("f")
    async with awaited("full screen"):
        while not await page.evaluate("document.fullscreenElement?.matches('.viewer-whole') ?? false"):
            await asyncio.sleep(0.02)
    await page.keyboard.press("f")
    async with awaited("the window again"):
        while await page.evaluate("document.fullscreenElement !== null"):
            await asyncio.sleep(0.02)
    info = page.get_by_label("What it was made of", exact=True).locator("dl").first
    await expect(info).to_be_visible()
    await expect(page.locator("aside.viewer-info")).to_contain_text("push_in")
    await page.keyboard.press("i")
    await expect(page.locator("aside.viewer-info")).to_have_count(0)
    await page.keyboard.press("?")
    await expect(page.get_by_label("Keys of the viewer")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_label("Keys of the viewer")).to_have_count(0)

    # what the page does for it
    for key in ("v", "c", "a", "s", "r", "m", "d", "y", "x", "Delete"):
        await page.keyboard.press(key)
    done = [action for action, _ in await page.evaluate("actions")]
    assert done == [
        "favourite",
        "circle",
        "again",
        "same-seed",
        "promote",
        "camera",
        "download",
        "link",
        "cancel",
        "delete",
    ]

    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(opener).to_be_focused()


async def test_a_wipe_is_drawn_with_the_pointer(page: Page, service: Service) -> None:
    for prompt in ("a field at noon", "a field at night"):
        await made(service, {"prompt": prompt, **SMALL})
    await page.evaluate("again()")
    await page.locator("[data-task]").first.click()
    await page.keyboard.press("w")
    box = await page.locator(".layer").first.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    await page.mouse.move(box["x"] + box["width"] / 2, middle)
    await page.mouse.down()
    await page.mouse.move(box["x"] + box["width"] / 4, middle, steps=4)
    await page.mouse.up()
    await expect(page.get_by_role("slider", name="Wipe")).to_have_attribute("aria-valuenow", "25")
    await page.mouse.move(box["x"] + box["width"] * 0.9, middle)
    await expect(page.get_by_role("slider", name="Wipe")).to_have_attribute("aria-valuenow", "25")


async def test_a_film_waits_behind_its_poster_where_motion_is_reduced(service: Service, harness: Path) -> None:
    still = await made(service, {"prompt": "a field", **SMALL})
    source = {"source_image": still["result"]["artifacts"][0]["url"], "duration_s": 0.5, "steps": 1}
    await made(service, source, "image_to_video")
    async with opened(service, harness, reduced_motion="reduce") as page:
        await page.locator("[data-task]").first.click()
        video = page.locator(".layer video")
        assert "width=1024" in (await video.get_attribute("poster") or "")
        async with awaited("the film to be there"):
            while not await video.evaluate("v => v.readyState >= 3"):
                await asyncio.sleep(0.02)
        assert await video.evaluate("v => v.paused && v.currentTime === 0")
        await page.keyboard.press(" ")
        assert not await video.evaluate("v => v.paused")


AXE = (HOME / "node_modules" / "axe-core" / "axe.min.js").resolve()


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("width", [360, 1280])
async def test_axe_finds_nothing_in_the_form_and_the_viewer(
    scheme: Any, width: int, service: Service, harness: Path
) -> None:
    await made(service, {"prompt": "a field at noon", **SMALL})
    take = await made(service, {"prompt": WORDS, **SMALL, "control": ["depth", "pose"]})
    source = {"source_image": take["result"]["artifacts"][0]["url"], "duration_s": 0.5, "steps": 1}
    await made(service, source, "image_to_video")
    how = {"viewport": {"width": width, "height": 760}, "color_scheme": scheme, "reduced_motion": "reduce"}
    async with opened(service, harness, **how) as page:
        script = AXE.read_text()

        async def clean(where: str) -> None:
            await page.evaluate(script)
            found = await page.evaluate("axe.run(document, { resultTypes: ['violations'] }).then(r => r.violations)")
            told = [(one["id"], one["impact"], [node["html"][:120] for node in one["nodes"]]) for one in found]
            assert told == [], f"{where}: {json.dumps(told, indent=1)}"
            across = await page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
            assert across <= 0, f"{where} is {across} px too wide"
            if await page.locator("dialog").count():
                inside = await page.locator("dialog").evaluate("box => box.scrollWidth - box.clientWidth")
                assert inside <= 0, f"{where} is {inside} px too wide"

        await page.get_by_text("All parameters").click()
        await page.locator("#compose-prompt").focus()
        await page.keyboard.press("Control+Enter")
        await clean("the form with a problem")
        await page.get_by_label("Make", exact=True).select_option("image_to_video")
        await give(page, "drop", "[data-file-field=source_image]", picture())
        await expect(page.locator(".files-list img")).to_be_visible()
        await clean("the form with a picture")
        await page.locator("[data-task]").nth(1).click()
        await expect(page.locator("dialog[open]")).to_be_visible()
        if not await page.locator("aside.viewer-info").count():
            await page.keyboard.press("i")
        await page.locator(".word.unread").first.click()
        await clean("a picture and its words")
        await page.keyboard.press("Escape")
        await page.keyboard.press("w")
        await clean("a wipe")
        await page.keyboard.press("w")
        await page.keyboard.press("Home")
        await page.keyboard.press("?")
        await clean("a film and the keys")
