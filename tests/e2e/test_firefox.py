"""The page in Firefox, where there is one: asked, watched, cancelled, looked through, and come back to."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.browser import NO_PROBLEM
from tests.e2e.firefox import FIREFOX, Firefox, Window, firefox
from tests.e2e.studio import LONG, Service

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(FIREFOX is None, reason="no Firefox here; `make firefox` installs one where it can"),
]
FINE = (*NO_PROBLEM, "establish a connection", "connection to ws://", "was interrupted while the page was loading")
"""What Firefox calls an error while a service is away, and where records were made without their pictures."""
LIVE = "document.getElementById('link')?.textContent === 'live'"
PROMPT = "document.querySelector('#compose-prompt')"
QUALITY = "document.querySelector('#compose--quality')"
CANCEL = "[...document.querySelectorAll('.now button')].find(button => button.textContent.includes('Cancel'))"
MADE = "document.querySelectorAll('.cell.succeeded img').length"


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Firefox]:
    async with firefox(tmp_path / "profile") as opened:
        yield opened
    assert [said for said in opened.problems if not any(fine in said for fine in FINE)] == []


async def opened(browser: Firefox, service: Service) -> Window:
    window = await browser.window(f"{service.url}/?project=film")
    await window.until(LIVE, "the page to be live")
    return window


async def test_a_person_makes_a_frame_and_looks_at_it_by_keyboard_alone(service: Service, browser: Firefox) -> None:
    window = await opened(browser, service)
    await window.evaluate(
        "window.states = []; new MutationObserver(() => document.querySelectorAll('.now .state').forEach("
        "state => states.push(state.textContent))).observe(document.body, "
        "{subtree: true, childList: true, characterData: true})"
    )
    for number, words in enumerate(("a lighthouse at dusk", "a man on a pier"), start=1):
        await window.evaluate("document.activeElement.blur()")
        await window.press("n")
        await window.evaluate(f"{PROMPT}.select()")  # the last one's words are still there, to be changed
        await window.press(*words)
        assert await window.evaluate(f"{PROMPT}.value") == words
        await window.evaluate(
            f"{QUALITY}.value = 'draft'; {QUALITY}.dispatchEvent(new Event('change', {{bubbles: true}}))"
        )
        await window.evaluate("document.querySelector('.composer form').requestSubmit()")
        await window.until(f"{MADE} === {number}", f"take {number} to be made")
    assert await window.evaluate("states.some(state => state.includes('%'))"), "its progress was seen"
    picture = "document.querySelector(\".cell.succeeded img[src*='/frame.png']\")"
    await window.until(f"{picture}?.complete && {picture}.naturalWidth === 256", "the picture in the preview's place")
    await window.evaluate("document.activeElement.blur()")
    await window.press("b")
    await window.until("!!document.activeElement.closest('.cell')", "the board to have the focus")
    await window.press("Enter")
    await window.until("!!document.querySelector('dialog[open] img')", "the viewer to open")
    first = await window.evaluate("document.querySelector('dialog[open]').innerText")
    await window.press("ArrowRight")
    await window.until(f"document.querySelector('dialog[open]').innerText !== {first!r}", "the next take to be shown")
    await window.press("Escape")
    await window.until("!document.querySelector('dialog[open]')", "the viewer to close")


async def test_a_task_is_watched_over_a_reload_and_cancelled_in_another_window(
    service: Service, browser: Firefox
) -> None:
    one, other = await opened(browser, service), await opened(browser, service)
    async with service.socket("film") as socket:
        task = await socket.start(LONG)
        running = f"document.querySelector(\".now li.running[data-open='{task}']\")"
        await one.until(f"!!{running}", "the task to show")
        await one.reload()
        await one.until(f"{running}?.textContent.includes('%')", "its progress to show again")
        await other.evaluate(f"{CANCEL}.click()")
        for window in (one, other):
            await window.until(
                f"!!document.querySelector(\".cell.cancelled[data-task='{task}']\")", "it to be cancelled"
            )


async def test_the_page_comes_back_after_the_service_was_killed(service: Service, browser: Firefox) -> None:
    window = await opened(browser, service)
    async with service.socket("film") as socket:
        task = await socket.start({**LONG, "steps": 12})
        await socket.wait(lambda message: message["type"] == "progress" and message["progress"] > 0)
        await service.kill()
    await window.until("!!document.getElementById('stale')", "the page to say that this is as it was")
    back = Service(service.workspace, port=service.url.rpartition(":")[2])
    try:
        await back.start()
        await window.until(f"!!document.querySelector(\".cell.succeeded[data-task='{task}'] img\")", "the take")
        assert not await window.evaluate("!!document.getElementById('stale')")
        assert await window.evaluate("document.querySelectorAll('.cell[data-task]').length") == 1
    finally:
        await back.kill()
