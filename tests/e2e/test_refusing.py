"""What cannot be used is answered, and the socket stays open."""

import asyncio
import json
import uuid

import pytest

from tests.e2e.studio import LONG, TINY, Service, endings, gone
from tests.faults.bystander import timed
from tests.waiting import awaited

START = {"type": "start_generation", "task_type": "text_to_image", "params": TINY, "quality": "draft"}


def message(**changes: object) -> str:
    return json.dumps({"id": str(uuid.uuid4()), **START, **changes})


UNUSABLE = {
    "not json": ("{", "INVALID_MESSAGE"),
    "nothing": ("", "INVALID_MESSAGE"),
    "a list": ("[]", "INVALID_MESSAGE"),
    "NaN": ('{"type": NaN}', "INVALID_MESSAGE"),
    "a number too large": ('{"type": "ping", "id": 1e400}', "INVALID_MESSAGE"),
    "a lone surrogate": ('{"type": "\\ud800"}', "INVALID_MESSAGE"),
    "too deep": ("[" * 100 + "]" * 100, "INVALID_MESSAGE"),
    "far too deep": ("[" * 30_000 + "]" * 30_000, "INVALID_MESSAGE"),
    "binary": (b"\x00\x01", "INVALID_MESSAGE"),
    "too large": (message(params={"prompt": "x" * 70_000}), "MESSAGE_TOO_LARGE"),
    "no type": ("{}", "INVALID_MESSAGE"),
    "an unknown type": (message(type="stop_generation"), "INVALID_MESSAGE"),
    "an unknown field": (message(qualty="draft"), "INVALID_MESSAGE"),
    "an id that is none": (message(id="seven"), "INVALID_MESSAGE"),
    "another project": (message(project_id="other"), "INVALID_MESSAGE"),
    "metadata too large": (message(metadata={"a": "x" * 5000}), "INVALID_MESSAGE"),
    "metadata not flat": (message(metadata={"a": {"b": 1}}), "INVALID_MESSAGE"),
    "an unknown task type": (message(task_type="text_to_smell"), "UNKNOWN_TASK_TYPE"),
    "an unknown quality": (message(quality="lo"), "UNKNOWN_QUALITY"),
    "no prompt": (message(params={}), "INVALID_PARAMS"),
    "a parameter out of bounds": (message(params={**TINY, "width_px": 1_000_000}), "INVALID_PARAMS"),
    "a parameter of another type": (message(params={**TINY, "steps": "3"}), "INVALID_PARAMS"),
    "an unknown parameter": (message(params={**TINY, "stpes": 3}), "INVALID_PARAMS"),
    "a picture that is not there": (
        message(task_type="image_to_video", params={"source_image": "../../etc/passwd"}),
        "INVALID_PARAMS",
    ),
    "a cancel of nobody": (json.dumps({"type": "cancel", "task_id": "nobody"}), "TASK_NOT_FOUND"),
}


async def test_every_unusable_message_is_answered_and_the_socket_stays_open(service: Service) -> None:
    async with service.socket() as socket:
        for name, (frame, code) in UNUSABLE.items():
            before = len(socket.heard)
            await socket.connection.send(frame)
            said = await socket.wait(lambda m, before=before: socket.heard.index(m) >= before and m["type"] == "error")
            assert said["error_code"] == code, (name, said)
            assert "task_id" not in said
            assert "Traceback" not in said["message"]
            await asyncio.sleep(0.06)  # within the rate
        quality = next(m for m in socket.heard if m.get("error_code") == "UNKNOWN_QUALITY")
        assert quality["details"]["known"] == ["draft", "standard", "high", "ultra"]
        assert quality["reply_to"] == json.loads(UNUSABLE["an unknown quality"][0])["id"]
        pong = await socket.answer(await socket.say("ping"))
        assert pong["type"] == "pong"
        # nothing of it was queued
        async with service.http() as http:
            assert (await http.get("/api/v1/projects/film/tasks")).json() == {"tasks": [], "next": None}


async def test_the_project_may_be_named_in_the_message(service: Service) -> None:
    async with service.socket() as socket:
        await socket.ending(await socket.start(project_id="film"))


async def test_a_repeat_of_a_message_is_answered_with_the_recorded_start(service: Service) -> None:
    async with service.socket() as socket, service.socket() as other:
        text = message()
        for _ in range(5):
            await socket.connection.send(text)
        await socket.wait(lambda m: [h["type"] for h in socket.heard].count("task_started") == 5)
        started = [m for m in socket.heard if m["type"] == "task_started"]
        assert all(m == started[0] for m in started)
        await other.ending(started[0]["task_id"])
        assert list(endings(other.from_log).values()) == [["complete"]]
        await socket.connection.send(json.dumps({**json.loads(text), "quality": "high"}))
        said = await socket.wait(lambda m: m["type"] == "error")
        assert said["error_code"] == "IDEMPOTENCY_CONFLICT"


async def test_who_talks_too_fast_is_told_so(service: Service) -> None:
    async with service.socket() as socket:
        async with awaited("so many within a second"):
            while not any(message.get("error_code") == "RATE_LIMITED" for message in socket.heard):
                asked = [await socket.say("ping") for _ in range(60)]
                await socket.answer(asked[-1])
        limited = await socket.wait(lambda m: m.get("error_code") == "RATE_LIMITED")
        assert limited["details"]["retry_after_s"] == 1
        assert limited["reply_to"], "who is refused can tell which message it was"
        await asyncio.sleep(1.1)
        assert (await socket.answer(await socket.say("ping")))["type"] == "pong"


async def test_a_waiting_and_a_running_task_are_cancelled(service: Service) -> None:
    async with service.socket() as socket:
        running = [await socket.start({**LONG, "seed": i}) for i in range(3)]
        for task in running:
            await socket.wait(lambda m, task=task: m.get("task_id") == task and m["type"] == "progress")
        waiting = await socket.start()
        async with timed() as cancel:
            await socket.say("cancel", task_id=waiting)
            assert (await socket.ending(waiting))["error_code"] == "TASK_CANCELLED"
        assert cancel.is_within(2), cancel.took_s
        for task in running:
            async with timed() as cancel:
                await socket.say("cancel", task_id=task)
                assert (await socket.ending(task))["error_code"] == "TASK_CANCELLED"
            assert cancel.is_within(13), cancel.took_s
            await gone(service.workspace / "film" / task)
        again = await socket.answer(await socket.say("cancel", task_id=waiting))
        assert again["error_code"] == "TASK_ENDED"
        assert list(endings(socket.from_log).values()) == [["TASK_CANCELLED"]] * 4


@pytest.mark.parametrize("service", [{"task_timeouts": '{"*": {"draft": 1.0}}'}], indirect=True)
async def test_a_task_that_runs_too_long_ends_in_a_timeout(service: Service) -> None:
    async with service.socket() as socket:
        task = await socket.start(LONG)
        end = await socket.ending(task)
        assert (end["error_code"], end["details"]) == ("TASK_TIMEOUT", {"timeout_s": 1.0})
        await gone(service.workspace / "film" / task)


@pytest.mark.parametrize("service", [{"max_queued_per_project": 2, "max_concurrent_tasks": 1}], indirect=True)
async def test_a_full_queue_is_refused_with_when_to_come_back(service: Service) -> None:
    async with service.socket() as socket, service.http() as http:
        tasks = [await socket.start({**LONG, "seed": 0})]
        await socket.wait(lambda m: m["type"] == "progress")
        tasks += [await socket.start({**LONG, "seed": i}) for i in (1, 2)]
        said = await socket.answer(await socket.say(type_="start_generation", **json.loads(json.dumps(
            {k: v for k, v in START.items() if k != "type"}))))  # fmt: skip
        assert said["error_code"] == "QUEUE_FULL"
        answer = await http.post(
            "/api/v1/projects/film/tasks", json={"task_type": "text_to_image", "params": TINY, "quality": "draft"}
        )
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0
        listed = (await http.get("/api/v1/projects/film/tasks?status=queued")).json()["tasks"]
        assert [task["queue_position"] for task in listed] == [2, 1]
