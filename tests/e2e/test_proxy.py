"""Behind a proxy that serves the studio under a path of its host: every link leads back."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from playwright.async_api import async_playwright, expect
from websockets.asyncio.client import connect

from tests.e2e.browser import ARGUMENTS, CHROMIUM, ask, cells, choose, live
from tests.e2e.studio import TINY, Service, is_ending
from tests.entrypoints.test_cli import SMALL, auteur
from tests.reverse_proxy import ReverseProxy
from tests.waiting import LONG_S, awaited

PREFIXES = ["/studio", "/films/2026_b", "/assetsx"]


@pytest.fixture(params=[True, False], ids=["strips", "passes"])
async def proxy(service: Service, request: pytest.FixtureRequest) -> AsyncIterator[ReverseProxy]:
    prefix = service.settings.get("root_path") or urlsplit(str(service.settings["public_url"])).path
    async with ReverseProxy(int(service.url.rpartition(":")[2]), str(prefix), strips=request.param) as made:
        yield made
        assert made.strays == []


def links_in(data: object) -> list[str]:
    """Every string of an answer that is a path on this host."""
    if isinstance(data, dict):
        return [link for key, value in data.items() if key != "path" for link in links_in(value)]
    if isinstance(data, list):
        return [link for value in data for link in links_in(value)]
    return [data] if isinstance(data, str) and re.match(r"/\w", data) else []


@pytest.mark.parametrize(
    "service", [{"root_path": prefix} for prefix in PREFIXES] + [{"public_url": "https://a.example/b"}], indirect=True
)
async def test_every_link_that_is_told_can_be_followed(service: Service, proxy: ReverseProxy) -> None:
    prefix = urlsplit(proxy.url).path
    async with httpx.AsyncClient(timeout=LONG_S) as http:

        async def follow(link: str) -> httpx.Response:
            assert link.startswith(f"{prefix}/"), link
            answer = await http.get(proxy.origin + link)
            assert answer.status_code == 200, (link, answer.text[:200])
            return answer

        for link in links_in((await http.get(f"{proxy.url}/api/v1/info")).json()):
            await follow(link)
        openapi = (await http.get(f"{proxy.url}/api/openapi.json")).json()
        assert [server["url"] for server in openapi["servers"]] == [prefix]
        socket = (await http.get(f"{proxy.url}/api/asyncapi.json")).json()
        assert {server["pathname"] for server in socket["servers"].values()} == {prefix}
        assert socket["channels"]["project"]["address"] == "/ws/{project_id}"
        for page in ("docs", "redoc"):
            assert f"{prefix}/api/openapi.json" in (await http.get(f"{proxy.url}/api/{page}")).text
        redirect = await http.get(f"{proxy.url}/api")
        await follow(redirect.headers["location"])
        lost = (await http.get(f"{proxy.url}/api/v1/tasktypes")).json()["error"]
        assert lost["details"]["path"] == f"{prefix}/api/v1/tasktypes"
        assert f"{prefix}/api/docs" in lost["message"]
        await follow(lost["details"]["similar"][0])
        for start in (proxy.url, f"{proxy.url}/"):
            page = (await http.get(start)).text
            (base,) = re.findall(r'<base href="([^"]+)">', page)
            for asset in re.findall(r'(?:href|src)="(assets/[^"]+)"', page):
                await follow(urljoin(base, asset))

        tasks = f"{proxy.url}/api/v1/projects/film/tasks"
        asked = {
            "task_type": "text_to_image",
            "quality": "draft",
            "params": {**TINY, "steps": 90},
        }  # long enough for a preview
        made = await http.post(tasks, json=asked)
        heard = await heard_until_the_end(proxy.url, made.json()["task_id"])
        told = {link for message in heard for link in links_in(message)}
        assert any("preview" in link for link in told)
        assert (await follow(next(link for link in told if link.endswith("frame.png")))).content[1:4] == b"PNG"
        assert set(links_in((await follow(made.headers["location"])).json())) <= told
        assert set(links_in((await http.get(tasks)).json())) <= told
        picture = {"file": ("a.png", (await follow(next(link for link in told if "frame.png" in link))).content)}
        upload = await http.post(f"{proxy.url}/api/v1/projects/film/uploads", files=picture)
        assert upload.headers["location"] == upload.json()["url"]
        await follow(upload.json()["url"])
        # and what was told as a link is understood as one
        move = {"task_type": "image_to_video", "quality": "draft", "params": {"source_image": upload.json()["url"]}}
        assert (await http.post(tasks, json=move)).json()["params"]["source_image"].startswith("uploads/")
        # the service itself still answers without the prefix, for probes and for who is on the machine
        assert (await http.get(f"{service.url}/health/live")).status_code == 200


async def heard_until_the_end(url: str, task_id: str) -> list[dict[str, Any]]:
    heard = []
    address = url.replace("http", "ws", 1)
    opening = connect(f"{address}/ws/film?after=0", origin=url_origin(url))
    async with awaited("what the socket tells"), opening as socket:
        async for text in socket:
            heard.append(json.loads(text))
            if is_ending(heard[-1]) and heard[-1]["task_id"] == task_id:
                return heard
    raise AssertionError("the socket ended")


def url_origin(url: str) -> Any:
    return "{0.scheme}://{0.netloc}".format(urlsplit(url))


@pytest.mark.parametrize("service", [{"root_path": "/studio"}], indirect=True)
async def test_server_sent_events_tell_links_with_the_prefix(service: Service, proxy: ReverseProxy) -> None:
    async with service.socket() as socket:
        done = await socket.ending(await socket.start())
    # told directly or through the proxy, a message is the same for everybody
    assert done["result"]["artifacts"][0]["url"].startswith("/studio/api/v1/")
    events = f"{proxy.url}/api/v1/projects/film/events?after=0"
    async with awaited("what the stream tells"), httpx.AsyncClient() as http, http.stream("GET", events) as answer:
        async for line in answer.aiter_lines():
            if line.startswith("data: ") and '"complete"' in line:
                assert json.loads(line[6:]) == done
                break


@pytest.mark.parametrize("service", [{"root_path": "/studio"}], indirect=True)
async def test_the_command_line_works_through_the_proxy(service: Service, proxy: ReverseProxy, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for server in (proxy.url, f"{proxy.url}/", service.url):
        code, out, err = await auteur(
            elsewhere, "generate", "a field", "-q", "draft", *SMALL, "--server", server, "-o", "x.png"
        )
        assert (code, out.strip()) == (0, "x.png"), err
        assert (elsewhere / "x.png").read_bytes()[1:4] == b"PNG"
        (elsewhere / "x.png").unlink()


async def test_a_proxy_of_which_the_service_knows_nothing_serves_the_command_line(
    service: Service, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    async with ReverseProxy(int(service.url.rpartition(":")[2]), "/studio", strips=True) as proxy:
        code, _, err = await auteur(
            elsewhere, "generate", "a field", "-q", "draft", *SMALL, "--server", proxy.url, "-o", "x.png"
        )
        assert code == 0, err
        assert proxy.strays == []


@pytest.mark.parametrize("service", [{"public_url": "https://films.example/studio"}], indirect=True)
async def test_the_public_url_alone_is_enough_for_host_and_origin(service: Service) -> None:
    port = int(service.url.rpartition(":")[2])
    async with (
        ReverseProxy(port, "/studio", strips=True, host="films.example") as proxy,
        httpx.AsyncClient() as http,
    ):
        body = {"task_type": "text_to_image", "params": TINY}
        tasks = f"{proxy.url}/api/v1/projects/film/tasks"
        ours = {"Origin": "https://films.example"}
        assert (await http.post(tasks, json=body, headers=ours)).status_code == 202
        foreign = await http.post(tasks, json=body, headers={"Origin": "https://evil.example"})
        assert (foreign.status_code, foreign.json()["error"]["code"]) == (403, "FORBIDDEN_ORIGIN")
        address = proxy.url.replace("http", "ws", 1)
        async with connect(f"{address}/ws/film", origin="https://films.example") as socket:  # type: ignore[arg-type]
            assert json.loads(await socket.recv())["type"] == "connected"
    async with ReverseProxy(port, "/studio", strips=True, host="evil.example") as proxy, httpx.AsyncClient() as http:
        assert (await http.get(f"{proxy.url}/api/v1/info")).status_code == 421


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium here; `make browser` installs one where it can")
@pytest.mark.parametrize("service", [{"root_path": "/studio"}], indirect=True)
@pytest.mark.parametrize("slash", ["", "/"])
async def test_the_page_works_under_the_prefix(service: Service, proxy: ReverseProxy, slash: str) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await browser.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        await page.goto(proxy.url + slash)
        await live(page)
        await ask(page, "wide shot of a lighthouse at dusk")
        frame = page.locator(".cell.succeeded").first
        await expect(frame.locator("img[src*='/frame.png']")).to_be_visible()
        assert await frame.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 256
        await choose(page, frame, "Move a camera over it")
        await page.get_by_role("button", name="Move the camera").click()
        await expect(page.locator(".cell.succeeded img[src*='/shot.mp4']")).to_be_visible()
        await page.locator("#projects").click()
        await page.locator("#project").fill("other")
        await page.locator("#project").press("Enter")
        await expect(cells(page)).to_have_count(0)
        await page.reload()
        await live(page)
        await expect(page.locator("#projects")).to_have_text("other")
        await browser.close()
        assert problems == []
