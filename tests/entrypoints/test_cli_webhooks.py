"""`auteur webhooks`, at a service and with none: what is told, where the secret goes, and that it signs."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from auteur.client import AsyncAuteur
from auteur.domain.events import TaskCancelled
from auteur.domain.signing import SigningSecret
from auteur.domain.webhooks import Verdict
from auteur.entrypoints.app import create_app
from auteur.entrypoints.container import Container, build, lifetime
from auteur.entrypoints.local_studio import EmbeddedStudio
from auteur.entrypoints.remote_studio import RemoteWebhooks
from auteur.entrypoints.settings import load_settings
from auteur.entrypoints.studios import RefusedError, WebhookDesk
from tests.e2e.studio import TINY, Service, environment
from tests.entrypoints.test_cli import auteur
from tests.fakes import START, of, queued
from tests.receiver import Receiver
from tests.waiting import awaited

HOOK = "https://receiver.example/hook"


async def test_a_receiver_that_was_gone_is_enabled_again_and_gets_what_it_missed(tmp_path: Path) -> None:
    receiver = Receiver(lambda message, before: "take" if before else "410")
    await receiver.up()
    service = await Service(tmp_path, webhook_hosts=f"localhost:{receiver.port}", webhook_http=True).start()
    try:
        code, out, err = await auteur(tmp_path, "webhooks", "add", receiver.url, "--types", "succeeded", "-p", "film")
        assert code == 0, err
        secret = out.removesuffix("\n")
        SigningSecret.parse(secret)
        assert secret not in err
        receiver.secrets.append(secret)
        webhook = re.findall(r"wh_[0-9a-f]{32}", err)[0]
        async with service.socket() as socket:
            task = (await socket.ending(await socket.start(TINY)))["task_id"]
        await receiver.until("the first attempt", lambda: any(attempt.ended for attempt in receiver.attempts))
        async with awaited("the dead letter"), AsyncAuteur(service.url) as client:
            while not (letters := [letter async for letter in client.dead_letters("film")]):
                await asyncio.sleep(0.05)
        code, out, err = await auteur(tmp_path, "webhooks", "dead", "-p", "film", "--json")
        assert (code, json.loads(out)) == (0, letters), err
        assert [(letter["task_id"], letter["webhook_id"]) for letter in letters] == [(task, webhook)]
        code, out, _ = await auteur(tmp_path, "webhooks", "list", "-p", "film")
        assert re.search(rf"^{webhook} +gone +succeeded +{receiver.url} *$", out, re.M), out
        assert secret not in out
        assert (await auteur(tmp_path, "webhooks", "change", webhook, "--enable", "-p", "film"))[:2] == (
            0, f"{webhook} is enabled (succeeded)\n",
        )  # fmt: skip
        letter = letters[0]["delivery_id"]
        code, out, err = await auteur(tmp_path, "webhooks", "replay", letter, "msg_none", "-p", "film")
        assert (code, out, "DEAD_LETTER_NOT_FOUND" in err) == (3, f"{letter} waits again\n", True), err
        await receiver.until("the message", lambda: len(receiver.taken) == 1)
        assert (receiver.taken[0].id, receiver.taken[0].is_signed) == (letter, True)
    finally:
        await service.kill()
        await receiver.down()


async def test_with_no_service_webhooks_are_made_changed_and_removed(tmp_path: Path) -> None:
    adding = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "auteur.entrypoints.cli", "webhooks", "add", "-", "--description", "the editor", "--json",
        env=environment(tmp_path), cwd=tmp_path, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await adding.communicate(f"{HOOK}\n".encode())
    made = json.loads(out)
    secret, webhook = made.pop("secret"), made["webhook_id"]
    assert (made["url"], made["description"], made["enabled"]) == (HOOK, "the editor", True)
    code, drawn, err = await auteur(tmp_path, "webhooks", "rotate", webhook)
    assert code == 0, err
    SigningSecret.parse(drawn.removesuffix("\n"))
    assert drawn.strip() not in (secret, err)
    words = ("webhooks", "change", webhook, "--disable", "--to", f"{HOOK}/2", "--types", "task.failed, cancelled")
    code, out, err = await auteur(tmp_path, *words, "--json")
    assert (code, json.loads(out)) == (
        0,
        {**made, "enabled": False, "disabled": "asked", "url": f"{HOOK}/2", "types": ["task.failed", "task.cancelled"]},
    ), err  # fmt: skip
    assert (await auteur(tmp_path, "webhooks", "remove", webhook)) == (0, "", f"{webhook} is removed\n")
    code, out, err = await auteur(tmp_path, "webhooks", "list")
    assert (code, out) == (0, ""), "nothing but results goes there"
    assert "nobody is told of endings in default" in err


# --- both ways to the office ---------------------------------------------------------------------------------------


@pytest.fixture
async def container(tmp_path: Path) -> AsyncIterator[Container]:
    made = build(load_settings(workspace_root=tmp_path, shutdown_drain=0.0, webhook_deliver=False))
    async with lifetime(made):
        yield made


@pytest.fixture(params=["embedded", "remote"])
async def desk(container: Container, request: pytest.FixtureRequest) -> AsyncIterator[WebhookDesk]:
    if request.param == "embedded":
        yield EmbeddedStudio(container).webhooks
        return
    transport = httpx.ASGITransport(create_app(container, opened=True))
    async with AsyncAuteur("http://localhost:8000", transport=transport) as client:
        yield RemoteWebhooks(client)


async def test_a_webhook_is_the_same_here_as_at_a_service(desk: WebhookDesk) -> None:
    made = dict(await desk.add("film", {"url": HOOK, "types": ["task.failed"]}))
    secret, webhook = made.pop("secret"), made["webhook_id"]
    assert list(await desk.all("film")) == [made]
    assert await desk.change("film", webhook, {"description": "the editor"}) == {**made, "description": "the editor"}
    assert (await desk.rotate("film", webhook))["secret"] != secret
    await desk.remove("film", webhook)
    assert list(await desk.all("film")) == []
    for asked in (desk.rotate("film", webhook), desk.change("film", webhook, {"enabled": True})):
        with pytest.raises(RefusedError, match="WEBHOOK_NOT_FOUND"):
            await asked
    with pytest.raises(RefusedError, match=r"types\.0"):
        await desk.add("film", {"url": HOOK, "types": ["task.lost"]})


async def test_all_pages_of_dead_letters_are_told_and_replayed(container: Container, desk: WebhookDesk) -> None:
    await desk.add("film", {"url": HOOK})
    bus, outbox = container.bus(), container.webhook_outbox()
    for number in range(53):
        await bus.publish(queued(f"t-{number}"))
        await bus.publish(TaskCancelled(**of(f"t-{number}"), attempt=0))
    for claim in await outbox.claim(START, lease_s=9, limit=99, per_endpoint=99, rest_after=99):
        assert await outbox.settle(claim, Verdict(taken=False, at=START, reason="answers 500"))
    letters = [letter async for letter in desk.dead_letters("film")]
    assert [letter["task_id"] for letter in letters] == [f"t-{number}" for number in reversed(range(53))]
    assert await desk.replay("film", letters[0]["delivery_id"]) == 1
    with pytest.raises(RefusedError, match="DEAD_LETTER_NOT_FOUND"):
        await desk.replay("film", letters[0]["delivery_id"])
    assert await desk.replay("film", None) == 52
    assert [letter async for letter in desk.dead_letters("film")] == []
