"""Several clients, one truth: order, isolation, coming back, the slow and the foreign."""

import asyncio
import json
import socket as sockets

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.e2e.studio import TINY, Listener, Message, Service, endings
from tests.waiting import awaited


async def test_two_sockets_hear_the_same_in_the_same_order_and_a_third_project_nothing(service: Service) -> None:
    async with service.socket() as one, service.socket() as two, service.socket("other") as three:
        tasks = [await (one, two)[i % 2].start({**TINY, "seed": i}) for i in range(6)]
        for listener in (one, two):
            for task in tasks:
                await listener.ending(task)
        assert one.from_log == two.from_log
        assert endings(one.from_log) == {task: ["complete"] for task in tasks}
        positions = [int(m["position"].rpartition("-")[2]) for m in one.from_log]
        assert positions == list(range(1, len(positions) + 1))
        await asyncio.sleep(0.2)
        assert [m["type"] for m in three.heard] == ["connected"]


async def test_one_socket_closing_does_not_silence_the_other(service: Service) -> None:
    async with service.socket() as staying:
        async with service.socket() as leaving:
            task = await leaving.start()
        await staying.ending(task)


async def test_who_comes_back_hears_exactly_what_was_missed(service: Service) -> None:
    async with service.socket() as witness:
        async with service.socket() as leaving:
            task = await leaving.start({**TINY, "steps": 60, "width_px": 256, "height_px": 256})
            await leaving.wait(lambda m: m["type"] == "progress" and m["progress"] > 0)
        bookmark = leaving.heard[-1]["position"]
        await witness.ending(task)
        async with service.socket(after=bookmark) as back:
            await back.ending(task)
            hello, *missed = back.heard
            assert (hello["type"], hello["recovered"], "state" in hello) == ("connected", True, False)
            assert leaving.from_log + missed == witness.from_log


async def test_after_0_tells_everything_that_is_kept(service: Service) -> None:
    async with service.socket() as socket:
        await socket.ending(await socket.start())
        async with service.socket(after="0") as late:
            await late.wait(lambda m: m["type"] == "complete")
            assert late.from_log == socket.from_log


async def test_without_a_bookmark_the_state_comes_first(service: Service) -> None:
    async with service.socket() as socket:
        done = await socket.ending(await socket.start())
    async with service.socket() as late, service.http() as http:
        hello = await late.wait(lambda m: m["type"] == "connected")
        assert hello["recovered"] is False
        assert hello["position"] == done["position"]
        assert hello["state"]["tasks"][0]["result"] == done["result"]
        assert hello["state"] == {
            **(await http.get("/api/v1/projects/film")).json(),
            "tasks": hello["state"]["tasks"],
        }


@pytest.mark.parametrize("bookmark", ["abcd1234-3", "{epoch}-99999"])
async def test_a_bookmark_that_cannot_be_honoured_is_said_with_the_state(service: Service, bookmark: str) -> None:
    async with service.socket() as socket:
        done = await socket.ending(await socket.start())
    epoch = done["position"].partition("-")[0]
    async with service.socket(after=bookmark.format(epoch=epoch)) as late:
        hello = await late.wait(lambda m: m["type"] == "connected")
        assert hello["recovered"] is False
        assert hello["state"]["position"] == done["position"]


@pytest.mark.parametrize(
    ("project", "after"), [("..%2Fetc", None), ("film", "nonsense"), ("-film", None), ("a" * 129, None)]
)
async def test_what_can_never_be_served_is_refused_with_a_code_that_says_so(
    service: Service, project: str, after: str | None
) -> None:
    async with service.socket(project, after) as socket:
        said = await socket.wait(lambda m: m["type"] == "error")
        assert said["error_code"] in ("INVALID_PROJECT_ID", "VALIDATION_ERROR")
        assert await socket.closed() == 4400


async def test_server_sent_events_tell_the_same_and_resume(service: Service) -> None:
    async with service.socket() as socket:
        await socket.ending(await socket.start())
        told = await service.events()
        assert told == socket.from_log
    async with service.http() as http:
        lines: list[str] = []
        resumed = {"Last-Event-ID": told[-2]["position"]}
        stream = http.stream("GET", "/api/v1/projects/film/events", headers=resumed)
        async with awaited("the event that was missed"), stream as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            async for line in answer.aiter_lines():
                lines.append(line)
                if len(lines) == 6:
                    break
    assert lines[3] == f"id: {told[-1]['position']}"
    assert json.loads(lines[4].removeprefix("data: ")) == told[-1]


async def refusal(service: Service, origin: str, path: str = "/ws/film") -> int:
    try:
        async with service.socket(origin=origin):
            return 101
    except InvalidStatus as refused:
        body = json.loads(refused.response.body or b"{}")
        assert body["error"]["code"] == "FORBIDDEN_ORIGIN"
        return refused.response.status_code


async def test_a_foreign_page_opens_no_socket_and_changes_nothing(service: Service) -> None:
    port = service.url.rpartition(":")[2]
    assert await refusal(service, "http://evil.example") == 403
    assert await refusal(service, "null") == 403
    assert await refusal(service, f"http://localhost:{int(port) + 1}") == 403
    assert await refusal(service, "http://localhost:3000") == 101
    assert await refusal(service, service.url) == 101
    body = {"task_type": "text_to_image", "params": TINY}
    async with service.http() as http:
        for origin, status in (("http://evil.example", 403), ("null", 403), ("http://localhost:3000", 202)):
            answer = await http.post("/api/v1/projects/film/tasks", json=body, headers={"Origin": origin})
            assert answer.status_code == status
            assert ("access-control-allow-origin" in answer.headers) == (status == 202)
        # a foreign name that resolves to this machine reads nothing
        answer = await http.get("/api/v1/info", headers={"Host": f"evil.example:{port}"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (421, "WRONG_HOST")


async def test_cors_is_open_for_the_frontend_only(service: Service) -> None:
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,idempotency-key"}
    async with service.http() as http:
        ours = await http.options("/api/v1/projects/film/tasks", headers={"Origin": "http://localhost:3000", **asks})
        foreign = await http.options("/api/v1/projects/film/tasks", headers={"Origin": "http://evil.example", **asks})
    assert (ours.status_code, ours.headers["access-control-allow-origin"]) == (200, "http://localhost:3000")
    assert foreign.status_code == 400
    assert "access-control-allow-origin" not in foreign.headers


async def stalled_socket(service: Service) -> sockets.socket:
    """A client that opens a conversation, never reads, and makes the service talk."""
    host, port = service.url.removeprefix("http://").split(":")
    client = sockets.socket()
    client.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    client.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(client, (host, int(port)))
    await loop.sock_sendall(
        client,
        b"GET /ws/film?after=0 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    )
    return client


async def open_sockets(http: httpx.AsyncClient) -> int:
    text = (await http.get("/metrics")).text
    return int(float(next(line for line in text.splitlines() if line.startswith("auteur_websockets_open")).split()[1]))


@pytest.mark.parametrize("service", [{"ws_messages_per_second": 1000}], indirect=True)  # however fast this machine is
async def test_clients_that_never_read_are_dropped_and_delay_nobody(service: Service) -> None:
    big = {"note": "x" * 4000}
    async with service.socket() as reading, service.http() as http:
        # enough history that a client which does not read fills its buffers: the kernel's and ours
        for seed in range(50):
            await reading.ending(await reading.start({**TINY, "seed": seed}, metadata=big))
        idle = await open_sockets(http)
        stalled = [await stalled_socket(service) for _ in range(20)]
        async with awaited("twenty sockets to be open"):
            while await open_sockets(http) < idle + 20:
                await asyncio.sleep(0.05)
        extra: list[Message] = []
        async with awaited("the stalled sockets to be dropped"):
            while await open_sockets(http) > idle:
                extra.append(
                    await reading.ending(await reading.start({**TINY, "seed": 1000 + len(extra)}, metadata=big))
                )
        for client in stalled:
            client.close()
    assert len(extra) > 3
    assert isinstance(reading, Listener)


async def test_a_flood_of_empty_frames_is_cut_off_and_stops_nobody(service: Service) -> None:
    client = await stalled_socket(service)
    loop = asyncio.get_running_loop()
    await asyncio.sleep(0.1)
    text_to_be_continued, nothing_more = b"\x01\x80\0\0\0\0", b"\x00\x80\0\0\0\0"

    async def flood() -> None:
        await loop.sock_sendall(client, text_to_be_continued)
        async with awaited("the flood to be cut off"):
            while True:
                await loop.sock_sendall(client, nothing_more * 5000)

    with pytest.raises((ConnectionResetError, BrokenPipeError)):
        await flood()
    client.close()
    async with service.socket() as socket:
        assert (await socket.answer(await socket.say("ping")))["type"] == "pong"
