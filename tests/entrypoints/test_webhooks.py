"""Webhooks over HTTP: made, shown, changed, removed, and what is refused."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from auteur.domain.events import ProjectDeleted, TaskCancelled
from auteur.domain.signing import SigningSecret
from auteur.domain.webhooks import Verdict
from auteur.entrypoints.app import create_app
from auteur.entrypoints.container import Container, build, lifetime
from auteur.entrypoints.settings import load_settings
from tests.entrypoints.test_http import BODY, TASKS, assert_shape
from tests.fakes import START, of, queued

FILM = "/api/v1/projects/film"
HOOK = {"url": "https://receiver.example/hook?key=s3cr3t"}


@pytest.fixture
async def container(tmp_path: Path) -> AsyncIterator[Container]:
    made = build(
        load_settings(workspace_root=tmp_path, shutdown_drain=0.0, max_webhooks=3, webhook_deliver=False)
    )  # fmt: skip
    async with lifetime(made):
        yield made


@pytest.fixture
async def http(container: Container) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(container, opened=True))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        yield client


async def made(http: httpx.AsyncClient, **asked: Any) -> dict[str, Any]:
    answer = await http.post(f"{FILM}/webhooks", json={**HOOK, **asked})
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"{FILM}/webhooks/{answer.json()['webhook_id']}"
    assert answer.headers["cache-control"] == "no-store"
    return dict(answer.json())


async def test_a_secret_is_shown_when_it_is_drawn_and_never_again(http: httpx.AsyncClient) -> None:
    hook = await made(http, description="the editor", types=["task.failed", "task.succeeded"])
    secret = hook.pop("secret")
    SigningSecret.parse(secret)
    assert hook["types"] == ["task.succeeded", "task.failed"]
    where = f"{FILM}/webhooks/{hook['webhook_id']}"
    assert (await http.get(where)).json() == hook
    assert (await http.get(f"{FILM}/webhooks")).json() == {"webhooks": [hook]}
    changed = (await http.patch(where, json={"enabled": False, "types": ["task.cancelled"]})).json()
    assert changed == {**hook, "enabled": False, "disabled": "asked", "types": ["task.cancelled"]}
    drawn = (await http.post(f"{where}/secret")).json()
    assert drawn["secret"] != secret
    assert {**drawn, "secret": ""} == {**changed, "secret": ""}
    assert (await http.delete(where)).status_code == 204
    assert_shape(await http.get(where), 404, "WEBHOOK_NOT_FOUND")
    for again in (http.delete(where), http.patch(where, json={"enabled": True}), http.post(f"{where}/secret")):
        assert_shape(await again, 404, "WEBHOOK_NOT_FOUND")


async def test_a_project_has_three_and_no_more(http: httpx.AsyncClient) -> None:
    for _ in range(3):
        await made(http)
    assert_shape(await http.post(f"{FILM}/webhooks", json=HOOK), 409, "TOO_MANY_WEBHOOKS")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": ""}, "url"),
        ({"url": 7}, "url"),
        ({"url": "http://receiver.example/s3cr3t"}, "url"),
        ({"url": "https://s3cr3t@receiver.example/"}, "url"),
        ({"url": "https://receiver.example:8443/s3cr3t"}, "url"),
        ({"url": "https://[::1/s3cr3t"}, "url"),
        ({**HOOK, "types": []}, "types"),
        ({**HOOK, "types": ["task.started"]}, "types.0"),
        ({**HOOK, "description": "a\nb"}, "description"),
        ({**HOOK, "secret": "whsec_s3cr3t"}, "secret"),
    ],
)
async def test_what_cannot_be_a_webhook_is_refused_by_field_and_not_repeated(
    http: httpx.AsyncClient, body: dict[str, Any], field: str
) -> None:
    answer = await http.post(f"{FILM}/webhooks", json=body)
    said = assert_shape(answer, 422, "VALIDATION_ERROR")
    assert [problem["field"] for problem in said["error"]["details"]["problems"]] == [field]
    assert "s3cr3t" not in answer.text


@pytest.mark.parametrize(
    ("webhook", "field"),
    [
        ({"url": "https://receiver.example/"}, "webhook.secret"),
        ({"url": "https://receiver.example/", "secret": "s3cr3t"}, "webhook.secret"),
        ({"url": "http://receiver.example/s3cr3t", "secret": SigningSecret.drawn().text}, "webhook.url"),
        ({"url": "https://s3cr3t@receiver.example/", "secret": SigningSecret.drawn().text}, "webhook.url"),
        ({**HOOK, "secret": SigningSecret.drawn().text, "types": []}, "webhook.types"),
    ],
)
async def test_a_task_brings_no_webhook_that_cannot_be_one(
    http: httpx.AsyncClient, webhook: dict[str, Any], field: str
) -> None:
    answer = await http.post(TASKS, json={**BODY, "webhook": webhook})
    said = assert_shape(answer, 422, "VALIDATION_ERROR")
    assert [problem["field"] for problem in said["error"]["details"]["problems"]] == [field]
    assert "s3cr3t" not in answer.text
    assert (await http.get(TASKS)).json()["tasks"] == []
    batch = await http.post(f"{FILM}/batches", json={"requests": [{**BODY, "webhook": webhook}]})
    assert batch.status_code == 422
    assert "s3cr3t" not in batch.text
    assert f"{field}" in batch.text


async def test_where_webhooks_are_off_nobody_makes_any(tmp_path: Path) -> None:
    off = build(load_settings(workspace_root=tmp_path, backend="memory", webhooks="off"))
    async with lifetime(off):
        transport = httpx.ASGITransport(create_app(off, opened=True))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as http:
            assert_shape(await http.post(f"{FILM}/webhooks", json=HOOK), 422, "VALIDATION_ERROR")
            own = {**HOOK, "secret": SigningSecret.drawn().text}
            assert_shape(await http.post(TASKS, json={**BODY, "webhook": own}), 422, "VALIDATION_ERROR")


async def test_dead_letters_are_listed_page_by_page_and_replayed(container: Container, http: httpx.AsyncClient) -> None:
    hook = await made(http)
    bus, outbox = container.bus(), container.webhook_outbox()
    for number in range(5):
        await bus.publish(queued(f"t-{number}"))
        await bus.publish(TaskCancelled(**of(f"t-{number}"), attempt=0))
    for claim in await outbox.claim(START, lease_s=9, limit=9, per_endpoint=9, rest_after=9):
        assert await outbox.settle(claim, Verdict(taken=False, at=START, reason="answers 500"))
    first = (await http.get(f"{FILM}/dead-letters?limit=3")).json()
    rest = (await http.get(f"{FILM}/dead-letters", params={"limit": 3, "cursor": first["next"]})).json()
    letters = first["dead_letters"] + rest["dead_letters"]
    assert [letter["task_id"] for letter in letters] == [f"t-{number}" for number in (4, 3, 2, 1, 0)]
    assert rest["next"] is None
    assert {(one["webhook_id"], one["type"], one["reason"], one["attempts"]) for one in letters} == {
        (hook["webhook_id"], "task.cancelled", "answers 500", 1)
    }
    one = f"{FILM}/dead-letters/{letters[0]['delivery_id']}/replay"
    assert (await http.post(one)).json() == {"replayed": 1}
    assert_shape(await http.post(one), 404, "DEAD_LETTER_NOT_FOUND")
    assert (await http.post(f"{FILM}/dead-letters/replay")).json() == {"replayed": 4}
    assert_shape(await http.get(f"{FILM}/dead-letters?cursor=x"), 422, "VALIDATION_ERROR")
    metrics = (await http.get("/metrics")).text
    assert "\nauteur_webhooks_waiting 5.0\n" in metrics


async def test_of_a_deleted_project_nothing_is_said(container: Container, http: httpx.AsyncClient) -> None:
    hook = await made(http)
    await container.bus().publish(queued("t-1"))
    await container.bus().publish(TaskCancelled(**of("t-1"), attempt=0))
    await container.bus().publish(ProjectDeleted(project_id="film", at=START))
    for about in ("webhooks", f"webhooks/{hook['webhook_id']}", "dead-letters"):
        assert_shape(await http.get(f"{FILM}/{about}"), 410, "PROJECT_DELETED")
    assert_shape(await http.post(f"{FILM}/webhooks", json=HOOK), 410, "PROJECT_DELETED")


async def test_the_log_s_file_is_its_owner_s_alone_from_the_first_start_on(tmp_path: Path) -> None:
    folder = tmp_path / ".auteur"
    folder.mkdir()
    (folder / "auteur.db").touch(0o644)
    (folder / "auteur.db").chmod(0o644)
    settings = load_settings(workspace_root=tmp_path)
    for _ in range(2):
        async with lifetime(build(settings)):
            files = [file for file in folder.iterdir() if file.name.startswith("auteur.db")]
            assert len(files) == 3
            assert {file.stat().st_mode & 0o077 for file in files} == {0}


def test_the_document_says_what_a_webhook_is(tmp_path: Path) -> None:
    document = create_app(build(load_settings(workspace_root=tmp_path, backend="memory"))).openapi()
    assert document["components"]["schemas"]["SecretWebhookView"]["properties"]["secret"]["type"] == "string"
    assert "201" in document["paths"]["/api/v1/projects/{project_id}/webhooks"]["post"]["responses"]
    assert "#/$defs/" not in json.dumps(document)
