"""Pictures of every view of the page for the documentation: both themes, three widths.

python -m tests.e2e.screenshots http://127.0.0.1:8000 PROJECT docs/page [VIEW …]

The project has a shot of two takes or more, one of which has words that were not understood, and a film. For ``cut``
and ``script`` it has a film of a script, with something of continuity to tell, that was handed over.
"""

import asyncio
import io
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from playwright.async_api import Page, async_playwright, expect

from tests.e2e.browser import ARGUMENTS, CHROMIUM, cells, live, until

SCRIPT = """Title: Two Rooms

INT. KITCHEN - NIGHT

Wide shot. MARIA sits at the table, a lamp above it. TOM stands at the door.

MARIA
You could have called.

TOM
I did. Twice.

CLOSE ON a letter on the table.

Maria and Tom look at each other.

> DISSOLVE TO:

EXT. HARBOUR - DAWN

Wide shot, slow push in. A man walks along the pier, fog.
"""
CHANGED = (
    SCRIPT.replace("Twice.", "Twice, and then once more from the harbour.").replace("A man walks", "A woman runs")
    + "\nEXT. LIGHTHOUSE - DAY\n\nLow angle. A lighthouse, gulls over it.\n"
)
"""What the pictures of a film are of, before and after it was changed."""
SIZES = {360: 740, 1280: 800, 2560: 1440}
QUALITY = 60


async def board(page: Page) -> None:
    await expect(cells(page).first.locator("img")).to_be_visible()


async def projects(page: Page) -> None:
    await page.keyboard.press("p")
    await expect(page.locator(".posters img").first).to_be_visible()


async def viewer(page: Page) -> None:
    await board(page)
    await cells(page).nth(2).click()
    await expect(page.locator("dialog[open]")).to_be_visible()


async def messages(page: Page) -> None:
    await board(page)
    await page.keyboard.press("i")
    await cells(page).nth(1).focus()
    for number in (1, 2):  # a favourite, and no longer
        await page.keyboard.press("f")
        await expect(page.locator(".inspector li")).to_have_count(number)
    await page.locator(".inspector summary").first.click()


async def form(page: Page) -> None:
    await board(page)
    await page.keyboard.press("n")
    await expect(page.locator("#compose-prompt")).to_be_focused()
    await page.keyboard.type("wide shot of a lighthouse at dusk, two men on a pier, fog")


async def looked_at(page: Page, what: str) -> None:
    await page.locator(f".cell.succeeded img[src*='/{what}']").first.click()
    await expect(page.locator("dialog.viewer")).to_be_visible()


async def words(page: Page) -> None:
    await looked_at(page, "frame.png")
    if not await page.locator(".viewer-info").count():
        await page.keyboard.press("i")
    for _ in range(20):
        if await page.locator(".word.unread:not(.legend *)").count():
            break
        await page.keyboard.press("ArrowRight")
    await page.locator(".words .word.used").first.click()


async def wipe(page: Page) -> None:
    await looked_at(page, "frame.png")
    await page.keyboard.press("w")
    await expect(page.get_by_role("slider", name="Wipe")).to_be_visible()


async def film(page: Page) -> None:
    await looked_at(page, "shot.mp4")
    await page.keyboard.press(" ")
    await page.keyboard.press("?")


async def cut(page: Page) -> None:
    await page.keyboard.press("g")
    await expect(page.locator(".film-shot.succeeded img").first).to_be_visible()
    await expect(page.locator(".film-finding").first).to_be_visible()


async def script(page: Page) -> None:
    await cut(page)
    changed = {"name": "changed.fountain", "mimeType": "text/plain", "buffer": CHANGED.encode()}
    await page.locator("input[type=file][aria-label=Script]").set_input_files(changed)  # type: ignore[arg-type]
    await expect(page.locator("#make-film")).to_be_enabled()


VIEWS = {
    "board": board, "projects": projects, "viewer": viewer, "messages": messages, "form": form, "words": words,
    "wipe": wipe, "film": film, "cut": cut, "script": script,
}  # fmt: skip


async def main(url: str, project: str, out: Path, names: Sequence[str]) -> None:
    """Writes ``VIEW-THEME-WIDTH.webp`` into the folder. ``names``: of views; all."""
    out.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for theme in ("dark", "light"):
            for width, height in SIZES.items():
                for name in names or VIEWS:
                    viewport = {"width": width, "height": height}
                    page = await browser.new_page(viewport=viewport, color_scheme=theme)  # type: ignore[arg-type]
                    await page.goto(f"{url}/?project={project}")
                    await live(page)
                    await VIEWS[name](page)
                    await page.evaluate("document.fonts.ready.then(() => 0)")
                    await until(page, "[...document.images].every(image => image.complete)", "all pictures")
                    picture = Image.open(io.BytesIO(await page.screenshot()))
                    picture.save(out / f"{name}-{theme}-{width}.webp", quality=QUALITY, method=6)
                    await page.close()
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1].rstrip("/"), sys.argv[2], Path(sys.argv[3]), sys.argv[4:]))
