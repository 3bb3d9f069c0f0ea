"""The pages of the documents as a person sees them, in a real browser: nothing leaves the service, nothing is run."""

import asyncio
import html
import re
import shlex
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from auteur.entrypoints.documentation.page import POLICY
from tests.e2e.studio import Service
from tests.waiting import LONG_S

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
in_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here; `make browser` installs one where it can"),
]
PAGES = ("/api/docs", "/api/redoc", "/api/async")
expect.set_options(timeout=LONG_S * 1000)


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
                  "--disable-component-update", "--disable-sync", "--no-first-run"],
        )  # fmt: skip
        yield opened
        await opened.close()


class _Watched:
    """A page with all that it asked for and complained of."""

    def __init__(self, page: Page) -> None:
        self.requests: list[str] = []
        self.problems: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda said: self.problems.append(said.text))
        page.on("pageerror", lambda error: self.problems.append(str(error)))


class TestInABrowser:
    pytestmark = in_browser

    @pytest.mark.parametrize("path", PAGES)
    async def test_a_page_asks_for_nothing_but_itself_and_has_room_on_a_phone(
        self, service: Service, path: str
    ) -> None:
        async with browser() as opened:
            for scheme in ("light", "dark"):
                for width in (360, 1280):
                    context = await opened.new_context(
                        viewport={"width": width, "height": 800},
                        color_scheme=scheme,  # type: ignore[arg-type]
                    )
                    page = await context.new_page()
                    watched = _Watched(page)
                    await page.goto(service.url + path)
                    await expect(page.get_by_role("heading", level=1)).to_contain_text("1.0.0")
                    summaries = page.locator("main summary")
                    await summaries.first.click()
                    await expect(page.locator("main details[open] pre").first).to_be_visible()
                    wider = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
                    assert (watched.requests, watched.problems) == ([service.url + path], [])
                    assert wider <= 0, f"{width} px, {scheme}"
                    ground = await page.evaluate("getComputedStyle(document.body).backgroundColor")
                    assert ground == {"light": "rgb(253, 253, 252)", "dark": "rgb(22, 24, 27)"}[scheme]
                    await context.close()

    async def test_every_link_of_a_page_leads_somewhere(self, service: Service) -> None:
        async with browser() as opened:
            page = await opened.new_page()
            for path in PAGES:
                await page.goto(service.url + path)
                lost = await page.evaluate(
                    "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href').slice(1))"
                    ".filter(id => !document.getElementById(id))"
                )
                assert lost == [], path
                assert await page.evaluate(
                    "new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size"
                    " === document.querySelectorAll('[id]').length"
                )
            await page.goto(f"{service.url}/api/docs")
            await page.get_by_role("navigation").get_by_role("link", name="Ask for a task", exact=True).click()
            await expect(page.locator("#operation-submit_task h3")).to_be_in_viewport()
            await page.get_by_role("link", name="WebSocket", exact=True).click()
            await expect(page).to_have_url(f"{service.url}/api/async")
            await expect(page.locator("#message-progress")).to_contain_text("eta_s")


async def test_no_page_may_run_or_fetch_anything(service: Service) -> None:
    async with service.http() as http:
        pages = [await http.get(path) for path in PAGES]
        for page in pages:
            assert page.status_code == 200
            assert page.headers["content-security-policy"] == POLICY
            assert re.findall(r"<(?:script|img|iframe|object|form)\b|\son\w+=|\bstyle=", page.text) == []
            assert {urlsplit(link).netloc for link in re.findall(r'(?:href|src)="([^"]*)"', page.text)} == {""}
            again = await http.get(page.request.url.path, headers={"If-None-Match": page.headers["etag"]})
            assert again.status_code == 304
        assert "unsafe" not in POLICY
        assert pages[0].content == pages[1].content


async def test_the_page_names_every_route_message_and_code(service: Service) -> None:
    async with service.http() as http:
        shown = (await http.get("/api/docs")).text
        document = (await http.get("/api/openapi.json")).json()
        for path, methods in document["paths"].items():
            assert path in shown
            for method, operation in methods.items():
                assert method == "head" or f'id="operation-{operation["operationId"]}"' in shown
        for name in document["components"]["schemas"]:
            assert f'id="schema-{name}"' in shown
        assert all(f"<code>{name}</code>" in shown for name in document["components"]["examples"] if name.isupper())
        shown = (await http.get("/api/async")).text
        document = (await http.get("/api/asyncapi.json")).json()
        for tag in document["components"]["messages"]:
            assert f"<code>{tag}</code>" in shown
        for number in document["channels"]["project"]["x-close-codes"]:
            assert f"<code>{number}</code>" in shown


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
async def test_the_command_that_the_page_shows_makes_a_task(service: Service) -> None:
    """As it stands, at the address of this service."""
    async with service.http() as http:
        shown = (await http.get("/api/docs")).text
        operation = shown.partition('id="operation-submit_task"')[2]
        command = html.unescape(re.search(r"<code>(curl .*?)</code>", operation, re.DOTALL)[1])  # type: ignore[index]
        parts = [part for part in shlex.split(command) if part.strip()]
        assert parts[0] == "curl"
        parts = [re.sub(r"^http://[^/]+", service.url, part) for part in parts]
        process = await asyncio.create_subprocess_exec(
            *parts, "-sS", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        told = (await process.communicate())[0].decode()
        assert process.returncode == 0, told
        tasks = (await http.get("/api/v1/projects/film/tasks")).json()["tasks"]
        assert tasks[0]["params"]["prompt"] == "wide shot of a lighthouse at dusk"
        assert tasks[0]["task_id"] in told
