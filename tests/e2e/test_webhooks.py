"""Webhooks of real services to a receiver that fails: every ending arrives, signed, whoever is killed."""

import asyncio
import contextlib
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.studio import LONG, TINY, Service
from tests.https_server import AUTHORITY
from tests.receiver import Behaviour, Receiver
from tests.servers import RedisServer
from tests.waiting import awaited

FILM = "/api/v1/projects/film"
QUICK = {"webhook_first_retry": 0.05, "webhook_longest_retry": 0.4, "webhook_timeout": 1}


def heeding(receiver: Receiver, **settings: object) -> dict[str, object]:
    """Settings that let a service send to the receiver, and soon again."""
    return {**QUICK, "webhook_hosts": f"localhost:{receiver.port}", "webhook_http": True, **settings}


async def subscribed(service: Service, receiver: Receiver, **asked: Any) -> dict[str, Any]:
    async with service.http() as http:
        answer = await http.post(f"{FILM}/webhooks", json={"url": receiver.url, **asked})
    assert answer.status_code == 201, answer.text
    receiver.secrets.append(answer.json()["secret"])
    return dict(answer.json())


async def asked_for(http: httpx.AsyncClient, number: int, **changes: Any) -> str:
    body = {"task_type": "text_to_image", "quality": "draft", "params": {**TINY, "seed": number}, **changes}
    answer = await http.post(f"{FILM}/tasks", json=body, headers={"Idempotency-Key": f"shot-{number}"})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["task_id"])


async def ended(http: httpx.AsyncClient, tasks: list[str]) -> dict[str, str]:
    async with awaited("the tasks to end"):
        while True:
            found = {task: (await http.get(f"{FILM}/tasks/{task}")).json()["status"] for task in tasks}
            if set(found.values()) <= {"succeeded", "failed", "cancelled"}:
                return found
            await asyncio.sleep(0.05)


def all_taken(receiver: Receiver, tasks: list[str]) -> bool:
    return {attempt.message["data"]["task_id"] for attempt in receiver.taken} >= set(tasks)


def check(receiver: Receiver, statuses: dict[str, str]) -> None:
    """Every ending is there, signed, of one message each, and says what the task says."""
    assert all(attempt.is_signed for attempt in receiver.attempts)
    by_task: dict[str, set[tuple[str, bytes]]] = {}
    for attempt in receiver.attempts:
        by_task.setdefault(attempt.message["data"]["task_id"], set()).add((attempt.id, attempt.body))
    assert {task: len(said) for task, said in by_task.items()} == dict.fromkeys(statuses, 1), "one message a task"
    for attempt in receiver.taken:
        assert attempt.message["type"] == f"task.{statuses[attempt.message['data']['task_id']]}"
        assert attempt.message["timestamp"] == attempt.message["data"]["timestamp"]


async def test_every_ending_arrives_at_a_receiver_that_is_down_fails_is_slow_and_breaks_off(tmp_path: Path) -> None:
    worse: list[Behaviour] = ["500", "silent", "break", "redirect"]
    receiver = Receiver(lambda message, before: worse[before] if before < len(worse) else "take")
    await receiver.up()
    service = await Service(tmp_path, **heeding(receiver)).start()
    try:
        await subscribed(service, receiver)
        await receiver.down()
        async with service.http() as http, service.socket() as listener:
            tasks = [await asked_for(http, number) for number in range(4)]
            tasks.append(await asked_for(http, 9, params=LONG))
            await http.post(f"{FILM}/tasks/{tasks[-1]}/cancel")
            statuses = await ended(http, tasks)
            assert Counter(statuses.values()) == {"succeeded": 4, "cancelled": 1}
            told = {task: await listener.ending(task) for task in tasks}
            async with awaited("attempts at a receiver that is down"):
                while (await metric(http, 'auteur_webhook_attempts_total{outcome="failed"}')) < 3:
                    await asyncio.sleep(0.05)
            assert await metric(http, "auteur_webhooks_waiting") == 5
            await receiver.up()
            await receiver.until("every ending", lambda: all_taken(receiver, tasks))
            check(receiver, statuses)
            for attempt in receiver.taken:
                assert attempt.message["data"] == told[attempt.message["data"]["task_id"]], "as sockets hear it"
            assert {attempt.path for attempt in receiver.attempts} == {"/hook"}, "a redirect is not followed"
            async with awaited("the backlog to be empty"):
                while await metric(http, "auteur_webhooks_waiting"):
                    await asyncio.sleep(0.05)
            assert await metric(http, 'auteur_webhook_attempts_total{outcome="delivered"}') == 5
        assert receiver.secrets[0] not in service.log
        assert receiver.url not in service.log
    finally:
        await service.kill()
        await receiver.down()
    assert '"level": "error"' not in service.log, service.log[-4000:]


async def metric(http: httpx.AsyncClient, name: str) -> float:
    text = (await http.get("/metrics")).text
    return next(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name))


@contextlib.asynccontextmanager
async def on_some_ground(kind: str, directory: Path) -> AsyncIterator[dict[str, object]]:
    """Settings of a service whose log outlives it."""
    if kind == "embedded":
        yield {}
        return
    server = RedisServer(directory / "redis").start()
    try:
        yield {"redis_url": server.url}
    finally:
        server.stop()


@pytest.mark.parametrize("kind", ["embedded", "redis"])
async def test_what_a_service_owes_that_was_killed_is_delivered_by_the_next(tmp_path: Path, kind: str) -> None:
    receiver = Receiver()
    await receiver.up()
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    async with on_some_ground(kind, tmp_path) as ground:
        service = await Service(workspace, **heeding(receiver, **ground)).start()
        try:
            await subscribed(service, receiver)
            await receiver.down()
            async with service.http() as http:
                tasks = [await asked_for(http, number) for number in range(6)]
                statuses = await ended(http, tasks)
            await service.kill()
            await receiver.up()
            service = await service.again()
            await receiver.until("every ending", lambda: all_taken(receiver, tasks))
            check(receiver, statuses)
        finally:
            await service.kill()
            await receiver.down()


async def test_two_replicas_deliver_together_and_what_one_held_that_was_killed_the_other_takes_over(
    tmp_path: Path,
) -> None:
    receiver = Receiver()
    await receiver.up()
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    server = RedisServer(tmp_path / "redis").start()
    settings = heeding(receiver, redis_url=server.url, webhook_timeout=3)
    replicas = [await Service(workspace, **settings).start() for _ in range(2)]
    try:
        await subscribed(replicas[0], receiver)
        async with replicas[1].http() as http:
            first = [await asked_for(http, number) for number in range(12)]
            statuses = await ended(http, first)
            await receiver.until("the first endings", lambda: all_taken(receiver, first))
            check(receiver, statuses)
            assert max(Counter(attempt.id for attempt in receiver.attempts).values()) == 1, "each by one of them"
            receiver.plan = lambda message, before: "take" if before else "silent"
            more = [await asked_for(http, 100 + number) for number in range(4)]
            statuses |= await ended(http, more)
            await receiver.until("attempts", lambda: sum(a.behaviour == "silent" for a in receiver.attempts) >= 2)
            await replicas[0].kill()
            await receiver.until("every ending", lambda: all_taken(receiver, more))
        check(receiver, statuses)
        for name in {attempt.id for attempt in receiver.attempts}:
            tries = sorted((a.began, a.ended) for a in receiver.attempts if a.id == name)
            assert all(one[1] <= other[0] for one, other in itertools.pairwise(tries)), "one at a time"
    finally:
        for replica in replicas:
            await replica.kill()
        server.stop()
        await receiver.down()


async def test_a_task_brings_its_own_webhook_through_every_door(tmp_path: Path) -> None:
    receiver = Receiver()
    async with receiver.listening():
        service = await Service(tmp_path, **heeding(receiver)).start()
        try:
            secret = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
            receiver.secrets.append(secret)
            own = {"webhook": {"url": receiver.url, "secret": secret}}
            async with service.http() as http, service.socket() as listener:
                tasks = [await asked_for(http, 1, **own), await listener.start(**own)]
                request = {"task_type": "text_to_image", "quality": "draft", "params": TINY}
                batch = await http.post(f"{FILM}/batches", json={"requests": [{**request, **own}, request]})
                assert batch.status_code == 202, batch.text
                told, quiet = [task["task_id"] for task in batch.json()["tasks"]]
                tasks.append(told)
                message_id = await listener.say("start_batch", requests=[{**request, **own}])
                answer = await listener.wait(
                    lambda message: message["type"] == "batch_started" and message["reply_to"] == message_id
                )
                tasks += answer["task_ids"]
                statuses = await ended(http, [*tasks, quiet])
                await receiver.until("their endings", lambda: all_taken(receiver, tasks))
                assert (await http.get(f"{FILM}/webhooks")).json() == {"webhooks": []}
                said = await http.get(f"{FILM}/tasks/{tasks[0]}")
                log = str(await service.events())
                assert secret not in said.text + service.log + log
                assert receiver.url not in said.text + service.log + log
                again = await http.post(
                    f"{FILM}/tasks",
                    json={**request, "params": {**TINY, "seed": 1}},
                    headers={"Idempotency-Key": "shot-1"},
                )
                assert again.json()["error"]["code"] == "IDEMPOTENCY_CONFLICT", "without the webhook it is another"
            del statuses[quiet]
            check(receiver, statuses)
        finally:
            await service.kill()


async def test_a_receiver_that_is_gone_is_asked_no_more_and_its_dead_letters_can_be_replayed(tmp_path: Path) -> None:
    receiver = Receiver(lambda message, before: "410")
    async with receiver.listening():
        service = await Service(tmp_path, **heeding(receiver)).start()
        try:
            hook = await subscribed(service, receiver)
            async with service.http() as http:
                tasks = [await asked_for(http, 1)]
                statuses = await ended(http, tasks)
                async with awaited("a dead letter"):
                    while not (dead := (await http.get(f"{FILM}/dead-letters")).json()["dead_letters"]):
                        await asyncio.sleep(0.05)
                assert dead[0]["task_id"] == tasks[0]
                assert dead[0]["reason"] == "answers 410"
                shown = (await http.get(f"{FILM}/webhooks/{hook['webhook_id']}")).json()
                assert (shown["enabled"], shown["disabled"]) == (False, "gone")
                receiver.plan = lambda message, before: "take"
                statuses |= await ended(http, [await asked_for(http, 2)])
                changed = await http.patch(f"{FILM}/webhooks/{hook['webhook_id']}", json={"enabled": True})
                assert changed.json()["enabled"] is True
                replayed = await http.post(f"{FILM}/dead-letters/{dead[0]['delivery_id']}/replay")
                assert replayed.json() == {"replayed": 1}
                await receiver.until("the letter", lambda: all_taken(receiver, tasks))
                assert {attempt.message["data"]["task_id"] for attempt in receiver.attempts} == set(tasks)
                assert len({attempt.id for attempt in receiver.attempts}) == 1, "under the id that it had"
                assert (await http.post(f"{FILM}/dead-letters/replay")).json() == {"replayed": 0}
                assert (await http.get(f"{FILM}/dead-letters")).json() == {"dead_letters": [], "next": None}
        finally:
            await service.kill()


async def test_over_tls_and_with_both_secrets_while_one_is_exchanged(tmp_path: Path) -> None:
    receiver = Receiver(tls=True)
    async with receiver.listening():
        settings = {**QUICK, "webhook_hosts": f"localhost:{receiver.port}", "webhook_ca_file": AUTHORITY}
        service = await Service(tmp_path, **settings).start()
        try:
            hook = await subscribed(service, receiver)
            async with service.http() as http:
                first = [await asked_for(http, 1)]
                await receiver.until("the ending", lambda: all_taken(receiver, first))
                drawn = await http.post(f"{FILM}/webhooks/{hook['webhook_id']}/secret")
                new = drawn.json()["secret"]
                assert new != hook["secret"]
                second = [await asked_for(http, 2)]
                await receiver.until("the next ending", lambda: all_taken(receiver, second))
                signatures = receiver.taken[-1].headers["webhook-signature"].split(" ")
                assert len(signatures) == 2
                for secrets in ([hook["secret"]], [new]):
                    receiver.secrets = secrets
                    third = [await asked_for(http, 3 + len(secrets[0]) + (secrets[0] == new))]
                    await receiver.until("one more", lambda third=third: all_taken(receiver, third))  # type: ignore[misc]
                    assert receiver.taken[-1].is_signed
                lines = [line for line in service.log_lines if line.get("audit")]
                assert [line["event"] for line in lines if line["event"].startswith("webhook")] == [
                    "webhook created", "webhook secret rotated"
                ]  # fmt: skip
        finally:
            await service.kill()
        assert hook["secret"] not in service.log
        assert new not in service.log
