"""The page in a real browser: how it is opened, and what is found on it."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from tests.e2e.studio import Service
from tests.waiting import LONG_S, awaited

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--renderer-process-limit=1",
    "--disable-features=SpareRendererForSitePerProcess,Translate,OptimizationHints,MediaRouter",
]  # fmt: skip
BROWSED = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here; `make browser` installs one where it can"),
]
expect.set_options(timeout=LONG_S * 1000)
NO_PROBLEM = ("WebSocket connection", "ERR_CONNECTION", "404 (Not Found)")
"""What a browser calls an error and is none: a service that is away, records made without their pictures."""


class Windows:
    """One browser, as many windows as a test opens; all that goes wrong in any of them is kept."""

    def __init__(self, browser: Browser, service: Service) -> None:
        self._browser = browser
        self._service = service
        self.problems: list[str] = []

    async def open(self, query: str = "", **context: Any) -> Page:
        """A window of its own: no cookie and no setting of another's."""
        made = await self._browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **context})
        page = await made.new_page()
        page.set_default_timeout(LONG_S * 1000)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda said: self.problems.append(said.text) if said.type == "error" else None)
        page.on("request", lambda asked: self._foreign(asked.url))
        await page.goto(self._service.url + query)
        return page

    def _foreign(self, url: str) -> None:
        if not re.match(r"(https?|wss?)://127\.0\.0\.1[:/]|data:", url):
            self.problems.append(f"left the machine: {url}")


@asynccontextmanager
async def windows(service: Service, expected: tuple[str, ...] = ()) -> AsyncIterator[Windows]:
    """Windows onto the service's page, in which nothing goes wrong but what is ``expected``."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        opened = Windows(browser, service)
        yield opened
        await browser.close()
        unexpected = [
            problem for problem in opened.problems if not any(said in problem for said in (*NO_PROBLEM, *expected))
        ]
        assert unexpected == [], unexpected


@asynccontextmanager
async def browsed(service: Service, expected: tuple[str, ...] = (), query: str = "") -> AsyncIterator[Page]:
    """One window onto the service's page."""
    async with windows(service, expected) as opened:
        yield await opened.open(query)


async def live(page: Page) -> None:
    """What is shown is what is."""
    await expect(page.locator("#link")).to_have_text("live")


async def ask(page: Page, words: str, *, quality: str = "draft", shot: str = "") -> None:
    """Fills in the form, as a person does, and sends it."""
    form = page.locator(".composer")
    await form.locator("#compose-prompt").fill(words)
    await form.locator("#compose--quality").select_option(quality)
    await form.get_by_label("Take of shot").fill(shot)
    await form.get_by_role("button", name=re.compile("^Make")).click()


def cells(page: Page) -> Locator:
    """The takes that are drawn."""
    return page.locator(".cell[data-task]")


def cell(page: Page, task_id: str) -> Locator:
    return page.locator(f".cell[data-task='{task_id}']")


async def choose(page: Page, take: Locator, name: str) -> None:
    """Something from the menu of a take."""
    await take.click(button="right")
    await page.get_by_role("menuitem", name=name, exact=True).click()


async def until(page: Page, expression: str, what: str) -> None:
    """Until the expression holds: the page's own rules forbid what `wait_for_function` does."""
    async with awaited(what):
        while not await page.evaluate(expression):
            await asyncio.sleep(0.02)
