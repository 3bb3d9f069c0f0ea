"""Who asks, against the real service: sockets, streams, tickets, the command line, and what a start refuses."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from auteur.entrypoints.container import token_office
from auteur.entrypoints.settings import load_settings
from tests.e2e.studio import PATIENT, TINY, Service, environment
from tests.e2e.test_watching import open_sockets
from tests.servers import RedisServer
from tests.waiting import LONG_S, awaited
from tests.warm import command_line

OPERATOR = "operator-" + "o" * 40
START = {"type": "start_generation", "task_type": "text_to_image", "quality": "draft", "params": TINY}


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Service]:
    service = await Service(tmp_path, module=("tests.e2e.hasty",), token=OPERATOR).start()
    try:
        yield service
    finally:
        await service.stop()


async def auteur(workspace: Path, *words: str, **settings: object) -> tuple[int, str, str]:
    """The command line: exit code, what it said, and what it said beside."""
    process = await command_line(
        "auteur", *words,
        env=environment(workspace, **settings), cwd=workspace, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def token_for(service: Service, projects: str, may: str) -> tuple[str, str]:
    """A new token and its id, as the command makes it, without a process for it."""
    async with token_office(load_settings(workspace_root=service.workspace)) as office:
        secret, token = await office.create("Ada", projects.split(","), may.split(","), None)
    return secret, token.token_id


def shown(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def open_socket(address: str, **options: Any) -> connect:
    return connect(address, **PATIENT, **options)


def socket_of(service: Service, project: str = "film-a") -> str:
    return f"{service.url.replace('http', 'ws')}/ws/{project}"


async def until(socket: Any, kind: str) -> dict[str, Any]:
    async for text in socket:
        message: dict[str, Any] = json.loads(text)
        if message["type"] == kind:
            return message
    raise AssertionError("the socket ended")


async def close_code(socket: ClientConnection) -> int | None:
    with contextlib.suppress(ConnectionClosed):
        async for _ in socket:
            pass
    return socket.close_code


async def test_a_socket_opens_for_who_is_known_and_does_what_they_may(guarded: Service) -> None:
    reading, _ = await token_for(guarded, "film-*", "read")
    making, _ = await token_for(guarded, "film-*", "read,submit")
    for headers, status in (({}, 401), (shown("wrong"), 401)):
        with pytest.raises(InvalidStatus) as refused:
            await open_socket(socket_of(guarded), additional_headers=headers)
        assert refused.value.response.status_code == status
        body = json.loads(refused.value.response.body or b"")
        assert set(body) == {"error", "request_id", "timestamp"}
    with pytest.raises(InvalidStatus) as hidden:
        await open_socket(socket_of(guarded, "secret"), additional_headers=shown(reading))
    assert hidden.value.response.status_code == 404
    async with open_socket(socket_of(guarded), additional_headers=shown(reading)) as socket:
        for message in (
            START,
            {"type": "start_batch", "requests": [{"task_type": "text_to_image", "params": TINY}]},
            {"type": "cancel", "task_id": "t"},
            {"type": "mark", "task_id": "t", "favourite": True},
            {"type": "promote", "task_id": "t"},
            {"type": "delete_task", "task_id": "t"},
            {"type": "delete_project", "confirm": "film-a"},
        ):
            await socket.send(json.dumps(message))
            answer = await until(socket, "error")
            if message["type"] != "delete_project" or answer["error_code"] != "INVALID_MESSAGE":
                assert answer["error_code"] == "FORBIDDEN", (message, answer)
        await socket.send(json.dumps({"type": "ping"}))
        assert await until(socket, "pong")
        async with open_socket(socket_of(guarded), additional_headers=shown(making)) as other:
            await other.send(json.dumps(START))
            assert await until(other, "complete")
        assert await until(socket, "complete"), "who may read hears what others make"


async def test_a_socket_counts_as_a_conversation_for_as_long_as_it_is_open(tmp_path: Path) -> None:
    service = await Service(tmp_path, token=OPERATOR, principal_sockets=1).start()
    try:
        secret, _ = await token_for(service, "film-*", "read")
        for _ in range(2):
            async with open_socket(socket_of(service), additional_headers=shown(secret)) as socket:
                assert await until(socket, "connected")
                with pytest.raises(InvalidStatus) as second:
                    await open_socket(socket_of(service), additional_headers=shown(secret))
                assert second.value.response.status_code == 429
            async with awaited("the socket's place to be free"), service.http(headers=shown(OPERATOR)) as http:
                while await open_sockets(http):
                    await asyncio.sleep(0.02)
    finally:
        await service.stop()
    ended = [line for line in service.log_lines if line["event"] == "socket ended" and line["status"] == 101]
    assert [line["path"] for line in ended] == ["/ws/film-a"] * 2
    assert all(line["request_id"] and line["duration_ms"] > 0 for line in ended)


async def test_a_ticket_opens_one_socket_once(guarded: Service) -> None:
    secret, _ = await token_for(guarded, "film-*", "read")
    async with httpx.AsyncClient(base_url=guarded.url, headers=shown(secret)) as http:
        ticket = (await http.post("/api/v1/tickets")).json()
    async with open_socket(socket_of(guarded), subprotocols=ticket["protocols"]) as socket:
        assert socket.subprotocol == "auteur.v1"
        assert await until(socket, "connected")
    with pytest.raises(InvalidStatus) as again:
        await open_socket(socket_of(guarded), subprotocols=ticket["protocols"])
    assert again.value.response.status_code == 401
    with pytest.raises(InvalidStatus) as query:
        await open_socket(f"{socket_of(guarded)}?ticket={ticket['ticket']}&token={secret}")
    assert query.value.response.status_code == 401


async def test_a_ticket_that_is_taken_twice_is_found(tmp_path: Path) -> None:
    careless = await Service(tmp_path, module=("tests.e2e.careless", "ticket"), token=OPERATOR).start()
    try:
        with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
            await test_a_ticket_opens_one_socket_once(careless)
    finally:
        await careless.stop()


async def test_a_revoked_token_closes_its_sockets_and_streams(guarded: Service) -> None:
    secret, token_id = await token_for(guarded, "film-*", "read")
    other, _ = await token_for(guarded, "film-*", "read")
    async with (
        httpx.AsyncClient(base_url=guarded.url, headers=shown(secret), timeout=LONG_S) as http,
        open_socket(socket_of(guarded), additional_headers=shown(secret)) as socket,
        open_socket(socket_of(guarded), additional_headers=shown(other)) as stays,
        http.stream("GET", "/api/v1/projects/film-a/events") as stream,
    ):
        assert await until(socket, "connected")
        session = await http.post("/api/v1/session")
        cookie = session.headers["set-cookie"].partition(";")[0]
        async with open_socket(socket_of(guarded), additional_headers={"Cookie": cookie}) as browser:
            assert (await auteur(guarded.workspace, "token", "revoke", token_id))[0] == 0
            assert await close_code(socket) == 4401
            assert await close_code(browser) == 4401
        async for _ in stream.aiter_bytes():
            pass  # it ends
        assert (await http.get("/api/v1/projects")).status_code == 401
        await stays.send(json.dumps({"type": "ping"}))
        assert await until(stays, "pong")


async def test_signing_out_closes_the_sockets_of_the_session(guarded: Service) -> None:
    async with httpx.AsyncClient(base_url=guarded.url) as http:
        cookie = (await http.post("/api/v1/session", headers=shown(OPERATOR))).headers["set-cookie"].partition(";")[0]
        async with open_socket(socket_of(guarded), additional_headers={"Cookie": cookie}) as socket:
            await http.delete("/api/v1/session", headers={"Cookie": cookie})
            assert await close_code(socket) == 4401


async def test_what_is_changed_says_who_did_it_and_no_secret_is_in_the_log(guarded: Service) -> None:
    secret, token_id = await token_for(guarded, "film-*", "read,submit,cancel,manage")
    async with httpx.AsyncClient(base_url=guarded.url, headers=shown(secret)) as http:
        body = {"task_type": "text_to_image", "params": TINY, "quality": "draft"}
        location = (await http.post("/api/v1/projects/film-a/tasks", json=body)).headers["location"]
        await http.post(f"{location}/cancel")
        async with asyncio.timeout(LONG_S):
            while not (await http.get(location)).json()["ended_at"]:
                await asyncio.sleep(0.05)
        await http.patch(location, json={"favourite": True})
        await http.delete(location)
        await http.get("/api/v1/projects", headers=shown(secret + "x"))
        ticket = (await http.post("/api/v1/tickets")).json()["ticket"]
        async with open_socket(socket_of(guarded), subprotocols=["auteur.v1", f"auteur.ticket.{ticket}"]) as socket:
            assert await until(socket, "connected")
    await guarded.stop()
    lines = [json.loads(line) for line in guarded.log.splitlines() if line.startswith("{")]
    told = {line["event"]: line for line in lines if line.get("audit")}
    for event in ("task accepted", "cancel asked for", "task marked", "task deleted"):
        assert told[event]["principal"] == f"token:{token_id}"
        assert told[event]["principal_name"] == "Ada"
        assert told[event]["client"] == "127.0.0.1"
        assert told[event]["request_id"]
    assert told["refused"]["reason"] == "UNAUTHENTICATED"
    for kept in (secret, secret.split("_", 2)[2], ticket, OPERATOR):
        assert kept not in guarded.log


@pytest.mark.parametrize(
    "settings",
    [
        {"host": "0.0.0.0"},
        {"host": "::"},
        {"require_token": True},
        {"is_docker": True, "host": "0.0.0.0", "require_token": True},
    ],
)
async def test_a_service_that_nobody_could_sign_in_to_does_not_start(
    tmp_path: Path, settings: dict[str, object]
) -> None:
    code, _, err = await auteur(tmp_path, "serve", "--port", "0", **settings)
    assert code == 2
    assert "there is no token" in err
    assert len([line for line in err.splitlines() if line.startswith("auteur:")]) == 1
    assert "Traceback" not in err


async def test_in_a_container_it_starts_open_and_says_so_until_there_is_a_token(tmp_path: Path) -> None:
    service = await Service(tmp_path, host="0.0.0.0", is_docker=True).start()
    try:
        assert len([line for line in service.log.splitlines() if "access: anonymous" in line]) == 1
        async with httpx.AsyncClient(base_url=service.url) as http:
            assert (await http.get("/health")).json()["access"] == "anonymous"
            assert (await http.get("/api/v1/info")).json()["access"] == "anonymous"
            assert 'auteur_access{access="anonymous"} 1.0' in (await http.get("/metrics")).text
            async with open_socket(socket_of(service)) as socket:
                assert await until(socket, "connected")
            await token_for(service, "*", "read")
            async with asyncio.timeout(LONG_S):
                while (await http.get("/api/v1/projects")).status_code != 401:
                    await asyncio.sleep(0.1)
            assert (await http.get("/health")).json()["access"] == "token"
    finally:
        await service.stop()


async def test_on_loopback_nobody_is_asked_and_a_wrong_token_is_refused_all_the_same(service: Service) -> None:
    secret, token_id = await token_for(service, "film-*", "read")
    async with httpx.AsyncClient(base_url=service.url) as http:
        assert (await http.get("/api/v1/projects")).status_code == 200
        assert (await http.get("/api/v1/projects", headers=shown("wrong"))).status_code == 401
        assert (await http.get("/api/v1/projects/other", headers=shown(secret))).status_code == 404
        told = (await http.get("/api/v1/session", headers=shown(secret))).json()
        assert told["access"] == "anonymous"
        assert told["principal"]["id"] == f"token:{token_id}"


async def test_the_command_line_of_this_machine_needs_no_token(guarded: Service) -> None:
    code, out, err = await auteur(guarded.workspace, "generate", "a field", "--quality", "draft")
    assert code == 0, err
    assert Path(out.strip()).suffix == ".png"
    mode = (guarded.workspace / ".auteur" / "service.json").stat().st_mode
    assert mode & 0o077 == 0
    code, _, err = await auteur(guarded.workspace, "generate", "a field", "--server", guarded.url)
    assert code == 3
    assert "UNAUTHENTICATED" in err
    code, out, err = await auteur(
        guarded.workspace, "generate", "a field", "--quality", "draft", "--server", guarded.url, token=OPERATOR
    )
    assert code == 0, err


async def test_tokens_are_listed_without_their_secrets(guarded: Service) -> None:
    secret, token_id = await token_for(guarded, "film-*,other", "read,cancel")
    await auteur(guarded.workspace, "token", "revoke", token_id)
    code, out, _ = await auteur(guarded.workspace, "token", "list", "--json")
    (told,) = json.loads(out)
    assert code == 0
    assert (told["id"], told["state"], told["may"]) == (token_id, "revoked", ["read", "cancel"])
    assert secret.split("_", 2)[2] not in out
    code, out, _ = await auteur(guarded.workspace, "token", "list")
    assert token_id in out
    code, _, err = await auteur(guarded.workspace, "token", "revoke", token_id)
    assert (code, len(err.splitlines())) == (1, 1)


async def test_on_two_replicas_a_token_a_session_and_a_ticket_count_alike(tmp_path: Path) -> None:
    server = RedisServer(tmp_path / "redis").start()
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    shared = {"redis_url": server.url, "require_token": True, "token": OPERATOR}
    replicas = [await Service(workspace, module=("tests.e2e.hasty",), **shared).start() for _ in range(2)]
    try:
        made = ("--name", "Ada", "--projects", "film-*", "--may", "read", "--json")
        code, out, err = await auteur(workspace, "token", "create", *made, redis_url=server.url)
        assert code == 0, err
        secret, token_id = json.loads(out)["token"], json.loads(out)["id"]
        async with (
            httpx.AsyncClient(base_url=replicas[0].url) as here,
            httpx.AsyncClient(base_url=replicas[1].url) as there,
        ):
            for http in (here, there):
                assert (await http.get("/api/v1/projects/film-a", headers=shown(secret))).status_code == 200
            ticket = (await here.post("/api/v1/tickets", headers=shown(secret))).json()["protocols"]
            signed_in = await here.post("/api/v1/session", headers=shown(secret))
            cookie = {"Cookie": signed_in.headers["set-cookie"].partition(";")[0]}
            assert (await there.get("/api/v1/projects/film-a", headers=cookie)).status_code == 200
            async with open_socket(socket_of(replicas[1]), subprotocols=ticket) as socket:
                assert await until(socket, "connected")
                with pytest.raises(InvalidStatus):
                    await open_socket(socket_of(replicas[0]), subprotocols=ticket)
                code, _, err = await auteur(workspace, "token", "revoke", token_id, redis_url=server.url)
                assert code == 0, err
                assert await close_code(socket) == 4401
            for http in (here, there):
                async with asyncio.timeout(LONG_S):
                    while (await http.get("/api/v1/projects/film-a", headers=shown(secret))).status_code != 401:
                        await asyncio.sleep(0.1)
                assert (await http.get("/api/v1/projects/film-a", headers=cookie)).status_code == 401
                assert (await http.get("/api/v1/projects/film-a", headers=shown(OPERATOR))).status_code == 200
            server.kill()
            away = await here.get("/api/v1/projects/film-a", headers=shown("aut_0123456789ab_" + "x" * 43))
            assert (away.status_code, "retry-after" in away.headers) == (503, True)
            assert (await here.get("/health/live", headers=shown("anything"))).status_code == 200
    finally:
        for replica in replicas:
            await replica.kill()
        server.stop()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--name", "", "--projects", "*", "--may", "read"], "name"),
        (["--name", "Ada\n", "--projects", "*", "--may", "read"], "name"),
        (["--name", "Ada", "--projects", "../x", "--may", "read"], "Projects"),
        (["--name", "Ada", "--projects", "", "--may", "read"], "Projects"),
        (["--name", "Ada", "--projects", "*", "--may", "everything"], "read, submit, cancel, manage"),
        (["--name", "Ada", "--projects", "*", "--may", ""], "read, submit, cancel, manage"),
        (["--name", "Ada", "--projects", "*", "--may", "read", "--expires", "tomorrow"], "90d"),
    ],
)
async def test_a_token_that_cannot_be_is_refused(tmp_path: Path, words: list[str], said: str) -> None:
    code, out, err = await auteur(tmp_path, "token", "create", *words)
    assert code in (1, 2)
    assert said in err
    assert out == ""
    assert "Traceback" not in err
