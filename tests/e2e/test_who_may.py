"""Bind, token, scope, Host, Origin and method, combined, against real services, judged by one short rule.

Here every credential with every method, every host with every origin, and some of all others; ``make hostile`` has
each of the 9 408 combinations.
"""

import asyncio
import itertools
import json
import os
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from auteur.entrypoints.container import token_office
from auteur.entrypoints.settings import load_settings
from tests.e2e.studio import AS_IT_IS, TINY, Service

FRONTEND = "http://films.example:3000"
BODY = json.dumps({"task_type": "text_to_image", "quality": "draft", "params": TINY}).encode()

HELLO = json.dumps(
    {
        "jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "who", "version": "1"}},
    }
).encode()  # fmt: skip

BINDS: Mapping[str, Mapping[str, object]] = {
    "loopback": {},
    "loopback, token asked for": {"require_token": True},
    "network": {"host": "0.0.0.0"},
    "network, hosts named": {"host": "0.0.0.0", "allowed_hosts": "studio.example"},
    "network, open aloud": {"host": "0.0.0.0", "allow_anonymous": True},
    "behind a prefix": {"require_token": True, "root_path": "/studio"},
    "container": {"host": "0.0.0.0", "is_docker": True},
}
CREDENTIALS = {  # by name: projects and permissions, None where there is no such token
    "nothing": None,
    "wrong": None,
    "revoked": ("*", "read,submit,cancel,manage"),
    "expired": ("*", "read,submit,cancel,manage"),
    "all of film": ("film*", "read,submit,cancel,manage"),
    "reads film": ("film", "read"),
    "submits to film": ("film", "submit"),
    "all of other": ("other-*", "read,submit,cancel,manage"),
}
HOSTS = ["own", "studio.example", "evil.example"]
ORIGINS = [
    None,
    "own",
    FRONTEND,
    "http://films.example:3001",
    "https://films.example:3000",
    "http://evil.example",
    "null",
]
METHODS = {
    "read": ("GET", "/api/v1/projects/film", "read", {200}),
    "submit": ("POST", "/api/v1/projects/film/tasks", "submit", {202}),
    "set": ("PUT", "/api/v1/projects/film/sets/kitchen", "submit", {200}),
    "webhooks": ("GET", "/api/v1/projects/film/webhooks", "manage", {200}),
    "delete": ("DELETE", "/api/v1/projects/film/tasks/unknown", "manage", {404}),
    "socket": ("GET", "/ws/film", "read", {101}),
    "legacy socket": ("GET", "/legacy/ws/film", "read", {101}),
    "assistants": ("POST", "/mcp", "", {200}),  # of no project: what is asked for there is judged by the other routes
}


@dataclass(frozen=True)
class Asked:
    bind: str
    credential: str
    host: str
    origin: str | None
    method: str


def verdict(asked: Asked) -> tuple[set[int], str | None]:
    """The specification: for this host? for this page? who is it, and may they?"""
    _, _, permission, fine = METHODS[asked.method]
    answers_for_any = asked.bind in ("network", "network, open aloud", "container")
    known_host = asked.host == "own" or (asked.bind == "network, hosts named" and asked.host == "studio.example")
    if not (known_host or answers_for_any):
        return {421}, "WRONG_HOST"
    own_page = asked.origin == "own" and known_host
    if (
        asked.method not in ("read", "webhooks")
        and asked.origin is not None
        and not (own_page or asked.origin == FRONTEND)
    ):
        return {403}, "FORBIDDEN_ORIGIN"
    if asked.credential == "nothing":
        is_open = asked.bind in ("loopback", "network, open aloud")  # in the container there are tokens by now
        return (fine, None) if is_open else ({401}, "UNAUTHENTICATED")
    if asked.credential in ("wrong", "revoked", "expired"):
        return {401}, "UNAUTHENTICATED"
    granted = CREDENTIALS[asked.credential]
    assert granted is not None
    if not permission:
        return fine, None
    if granted[0].startswith("other"):
        return {404}, "PROJECT_NOT_FOUND"
    if permission not in granted[1].split(","):
        return {403}, "FORBIDDEN"
    return fine, None


def combinations(bind: str) -> Iterator[Asked]:
    for credential, host, origin, method in itertools.product(CREDENTIALS, HOSTS, ORIGINS, METHODS):
        yield Asked(bind, credential, host, origin, method)


def chosen(bind: str) -> Sequence[Asked]:
    """What is asked of this bind."""
    every = list(combinations(bind))
    if os.environ.get("WHO_MAY") == "all":
        return every
    plain = [asked for asked in every if asked.host == "own" and asked.origin is None]
    known = [asked for asked in every if asked.credential == "all of film"]
    few = {*plain, *known}
    others = [asked for asked in every if asked not in few]
    return [*few, *random.Random(bind).sample(others, 60)]


@pytest.mark.parametrize("bind", BINDS)
async def test_who_may_what_is_as_the_rule_says(tmp_path: Path, bind: str) -> None:
    assert await differing(tmp_path, chosen(bind), bind) == []


@pytest.mark.parametrize(
    ("planted", "method", "wanted"),
    [
        ("scope", "delete", ("{403} FORBIDDEN", "{404} PROJECT_NOT_FOUND")),
        ("socket", "socket", ("{403} FORBIDDEN", "{404} PROJECT_NOT_FOUND")),
        ("legacy socket", "legacy socket", ("{403} FORBIDDEN", "{404} PROJECT_NOT_FOUND")),
        ("origin", "submit", ("{403} FORBIDDEN_ORIGIN",)),
        ("origin", "legacy socket", ("{403} FORBIDDEN_ORIGIN",)),
    ],
)
async def test_what_is_left_out_is_found(tmp_path: Path, planted: str, method: str, wanted: tuple[str, ...]) -> None:
    bind = "loopback, token asked for"
    few = [asked for asked in combinations(bind) if asked.method == method and asked.host == "own"]
    found = await differing(tmp_path, few, bind, module=("tests.e2e.careless", planted))
    assert all(said.endswith(wanted) for said in found), "and nothing else"
    assert all(any(said.endswith(kind) for said in found) for kind in wanted)


async def differing(
    workspace: Path, combined: Iterable[Asked], bind: str, module: Sequence[str] = AS_IT_IS
) -> list[str]:
    """Where a service answers otherwise than the rule says."""
    secrets = {"nothing": None, "wrong": "aut_0123456789ab_" + "x" * 43}
    async with token_office(load_settings(workspace_root=workspace)) as office:
        for name, granted in CREDENTIALS.items():
            if granted is None:
                continue
            life = timedelta(microseconds=1) if name == "expired" else None
            secret, token = await office.create(name, granted[0].split(","), granted[1].split(","), life)
            secrets[name] = secret
            if name == "revoked":
                await office.revoke(token.token_id)
    service = await Service(
        workspace, module=module, frontend_url=FRONTEND, principal_requests_per_second=10_000,
        max_queued_per_project=100_000, max_queued=100_000, mcp=True, **BINDS[bind],
    ).start()  # fmt: skip
    at_once = asyncio.Semaphore(4)
    port = int(service.url.rpartition(":")[2])

    async def judge(asked: Asked) -> str | None:
        async with at_once:
            status, code = await ask(port, asked, secrets[asked.credential])
        statuses, wanted = verdict(asked)
        fine = status in statuses and (wanted is None or code == wanted)
        return None if fine else f"{asked}: {status} {code}, not {statuses} {wanted}"

    try:
        judged = await asyncio.gather(*map(judge, combined))
    finally:
        await service.kill()
    assert len(judged) > 50
    return [said for said in judged if said]


async def ask(port: int, asked: Asked, secret: str | None) -> tuple[int, str | None]:
    """Status, and the code of the one error shape."""
    method, path, _, _ = METHODS[asked.method]
    path = str(BINDS[asked.bind].get("root_path", "")) + path
    own = f"localhost:{port}"
    host = own if asked.host == "own" else asked.host
    headers = {"Host": host}
    if secret is not None:
        headers["Authorization"] = f"Bearer {secret}"
    if asked.origin is not None:
        headers["Origin"] = f"http://{host}" if asked.origin == "own" else asked.origin
    body = b""
    if asked.method.endswith("socket"):
        headers |= {
            "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }  # fmt: skip
    else:
        headers["Connection"] = "close"
    if asked.method in ("submit", "assistants", "set"):
        body = {"submit": BODY, "assistants": HELLO, "set": b"{}"}[asked.method]
        headers |= {"Content-Type": "application/json", "Content-Length": str(len(body)), "Idempotency-Key": "once"}
    if asked.method == "assistants":
        headers["Accept"] = "application/json, text/event-stream"
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write("\r\n".join(lines).encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status = int(head.split()[1])
        if status == 101 or "content-length" not in head.lower():
            return status, None  # a socket is open, or an assistant's answer streams
        length = next(
            int(line.split(":")[1]) for line in head.lower().split("\r\n") if line.startswith("content-length")
        )
        content: dict[str, Any] = json.loads(await reader.readexactly(length))
        return status, content["error"]["code"] if "error" in content and status >= 400 else None
    finally:
        writer.close()
