"""The TypeScript client's example and its promises where it runs: Node, Deno, and a page in a real browser."""

import asyncio
import os
import random
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import httpx
import pytest
from playwright.async_api import Page, async_playwright

from tests.clients.typescript import CLIENT, HERE, NODE, WHY_NOT, built, deno, environment, in_a_page
from tests.e2e.browser import CHROMIUM
from tests.e2e.studio import TINY, Service
from tests.faults.proxy import Proxy
from tests.servers import free_port
from tests.waiting import awaited

pytestmark = pytest.mark.skipif(not HERE, reason=WHY_NOT)
F = TypeVar("F", bound=Callable[..., object])
EXAMPLE = "examples/lighthouse.mjs"
CUTS = int(os.environ.get("CLIENT_CUTS", "25"))


def in_a_browser(test: F) -> F:
    without = pytest.mark.skipif(CHROMIUM is None, reason="no chromium here; `make browser` installs one where it can")
    return pytest.mark.browser(without(pytest.mark.timeout(3600)(test)))


PLACES = {
    "node": [str(NODE), EXAMPLE],
    "deno": [deno() or "", "run", "--node-modules-dir=manual", "--no-prompt", "--allow-net=127.0.0.1",
             "--allow-env=AUTEUR_URL", "--allow-read", EXAMPLE],
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def client() -> None:
    built()


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Page]:
    """A page of the service's own origin, with nothing on it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
                  "--disable-component-update", "--disable-sync", "--no-first-run"],
        )  # fmt: skip
        page = await browser.new_page()
        await page.goto(f"{url}/health/live")
        yield page
        await browser.close()


async def killed_and_started_again(service: Service) -> Service:
    await service.kill()
    return await Service(service.workspace, port=service.port).start()


async def is_a_frame(said: str) -> bool:
    """Whether the last thing that the example said is where its frame is."""
    found = re.search(r"(http://\S+/frame\.png)", said)
    assert found, said
    async with httpx.AsyncClient() as http:
        return (await http.get(found[1])).headers["content-type"] == "image/png"


def test_the_example_has_less_than_thirty_lines() -> None:
    assert len((CLIENT / EXAMPLE).read_text().splitlines()) < 30


@pytest.mark.parametrize(
    "place",
    ["node", pytest.param("deno", marks=pytest.mark.skipif(deno() is None, reason="no Deno here: `npm i deno`"))],
)
async def test_the_example_outlives_the_service(place: str, tmp_path: Path) -> None:
    service = await Service(tmp_path, port=str(free_port())).start()
    program = await asyncio.create_subprocess_exec(
        *PLACES[place],
        cwd=CLIENT,
        env=environment(AUTEUR_URL=service.url, DENO_DIR=str(tmp_path / "deno")),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    assert program.stdout is not None
    said = ""
    async with awaited("progress"):
        while "%" not in said:
            said += (line := (await program.stdout.readline()).decode())
            assert line, said
    again = await killed_and_started_again(service)
    async with awaited("the example to end"):
        said += (await program.stdout.read()).decode()
        assert await program.wait() == 0, said
    assert "waiting" in said, "it was told that the line is down"
    assert await is_a_frame(said), said
    await again.kill()


@in_a_browser
async def test_the_example_outlives_the_service_in_a_page(tmp_path: Path) -> None:
    service = await Service(tmp_path, port=str(free_port())).start()
    async with opened(service.url) as page:
        said: list[str] = []
        page.on("console", lambda told: said.append(told.text))
        running = asyncio.create_task(page.evaluate(in_a_page(EXAMPLE)))
        async with awaited("progress"):
            while not any("%" in line for line in said):
                assert not running.done(), said
                await asyncio.sleep(0.02)
        again = await killed_and_started_again(service)
        async with awaited("the example to end"):
            await running
        assert "waiting" in said
        assert await is_a_frame("\n".join(said))
    await again.kill()


FOLLOW = """() => {
  window.heard = [];
  window.service = new auteur.Auteur({ url: location.origin });
  window.film = service.open("film", { backoff: { baseMs: 5, capMs: 100, stableMs: 1000 } });
  film.on("message", ({ type, position }) => { if (type !== "connected" && position) heard.push(position); });
  window.accepted = [];
  window.asking = (async () => {
    for (let n = 0; !window.enough; n++) {
      const params = { prompt: "a field", width_px: 64, height_px: 64, steps: 1, seed: n };
      accepted.push((await film.start({ task_type: "text_to_image", quality: "draft", params })).task_id);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 200));
    }
  })();
}"""


@in_a_browser
async def test_a_page_hears_each_event_once_and_in_order_over_cuts_of_its_line(service: Service) -> None:
    async with Proxy(int(service.url.rpartition(":")[2])) as line, opened(f"http://127.0.0.1:{line.port}") as page:
        await page.evaluate(in_a_page("dist/index.js"))
        await page.evaluate(FOLLOW)
        cuts = 0
        async with awaited("the cuts", 1800):
            while cuts < CUTS:
                await asyncio.sleep(random.uniform(0, 0.3))
                cuts += line.cut() > 0
        async with awaited("every ending"):
            await page.evaluate("() => { window.enough = true; return asking; }")
            await page.evaluate(
                "async () => { for (const id of accepted) for await (const message of film.watch(id)) void message; }"
            )
        log = await service.events()
        async with awaited("the page to have heard all of it"):
            while await page.evaluate("film.position") != log[-1]["position"]:
                await asyncio.sleep(0.05)
        assert await page.evaluate("heard") == [message["position"] for message in log]
        started = [message["task_id"] for message in log if message["type"] == "task_started"]
        assert sorted(started) == sorted(await page.evaluate("accepted"))


@in_a_browser
@pytest.mark.parametrize("service", [{"token": "the-operator-s-own-token-of-these-tests"}], indirect=True)
async def test_a_page_signs_in_by_cookie_or_shows_a_ticket(service: Service) -> None:
    token = service.settings["token"]
    start = f"""async () => {{
      const {{ task_id }} = await film.start({{ task_type: "text_to_image", quality: "draft", params: {TINY} }});
      let last;
      for await (const message of film.watch(task_id)) last = message.type;
      return last;
    }}"""
    async with opened(service.url) as page:
        addresses: list[str] = []
        page.on("websocket", lambda socket: addresses.append(socket.url))
        await page.evaluate(in_a_page("dist/index.js"))
        refused = "new auteur.Auteur({ url: location.origin }).open('film').closed.then((error) => error.code)"
        assert await page.evaluate(refused) == "UNAUTHENTICATED"
        shown = f"window.film = new auteur.Auteur({{ url: location.origin, token: '{token}' }}).open('film')"
        await page.evaluate(f"() => {{ {shown}; }}")
        assert await page.evaluate(start) == "complete"
        await page.evaluate(
            f"""async () => {{
              const onUnauthenticated = async (why) => {{
                window.why = why.code;
                await service.signIn('{token}');
              }};
              window.service = new auteur.Auteur({{ url: location.origin, token: 'old', onUnauthenticated }});
              window.film = service.open('film');
            }}"""
        )
        assert await page.evaluate(start) == "complete"
        assert await page.evaluate("why") == "UNAUTHENTICATED"
        signed_out = "service.signOut().then(() => service.session()).then((session) => session.principal)"
        assert await page.evaluate(signed_out) is None
        assert addresses
        assert all("token" not in address and "?" not in address for address in addresses)
