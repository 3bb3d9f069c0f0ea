"""How a batch is followed from its submission to the last ending, wherever the service is."""

import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any

from auteur.domain.task import parse_project_id
from auteur.entrypoints.container import Container
from auteur.protocol.incoming import BatchRequest
from auteur.protocol.translate import to_message
from auteur.protocol.views import TaskView

Message = Mapping[str, Any]


async def follow_batch(
    messages: AsyncGenerator[Message, None],
    submit: Callable[[], Awaitable[Message]],
    read: Callable[[str], Awaitable[Message]],
) -> AsyncGenerator[Message, None]:
    """Tells ``batch_started`` and then what is said of its tasks, until each has its ending.

    ``messages``: all of the project, ``connected`` first, and again with the state where some were lost. ``submit``:
    asks for the batch once these are heard; answers with its tasks and names. ``read``: one task, whose ending may have
    been lost.
    """
    left: set[str] = set()
    started = False
    async with aclosing(messages) as heard:
        async for message in heard:
            if message["type"] == "connected" and not started:
                answer, started = await submit(), True
                ids = [task["task_id"] for task in answer["tasks"]]
                left = set(ids)
                yield {"type": "batch_started", "task_ids": ids, "names": answer["names"]}
            elif message["type"] == "connected" and "state" in message:
                for task_id in sorted(left):
                    ending = _ending_of(await read(task_id))
                    if ending is not None:
                        left.discard(task_id)
                        yield ending
            elif message.get("task_id") in left:
                yield message
                if message["type"] in ("complete", "error"):
                    left.discard(message["task_id"])
            if started and not left:
                return


def batch_here(container: Container, project_id: str, asked: Mapping[str, Any]) -> AsyncGenerator[Message, None]:
    """The same in this process. ``asked``: as `BatchRequest`. Raises what `TaskDispatcher.submit_batch` raises."""

    async def messages() -> AsyncGenerator[Message, None]:
        parse_project_id(project_id)
        position = (await container.store().counts(project_id)).position
        yield {"type": "connected"}
        async with aclosing(container.bus().subscribe(project_id, position)) as events:
            async for recorded in events:
                message = to_message(recorded)
                if message is not None:
                    yield message.model_dump(mode="json", exclude_none=True)

    async def submit() -> Message:
        request_id = f"cli_{uuid.uuid4().hex[:12]}"
        command = BatchRequest.model_validate(asked).batch(project_id, str(uuid.uuid4()), request_id)
        tasks = [known.task for known in await container.dispatcher().submit_batch(command)]
        names = {name: task.task_id for name, task in zip(command.names, tasks, strict=True) if name is not None}
        return {"tasks": [{"task_id": task.task_id} for task in tasks], "names": names}

    async def read(task_id: str) -> Message:
        return TaskView.of((await container.store().task(project_id, task_id)).task).model_dump(mode="json")

    return follow_batch(messages(), submit, read)


def _ending_of(task: Message) -> Message | None:
    """The message that would have told of the task's ending."""
    if task["status"] == "succeeded":
        return {"type": "complete", "task_id": task["task_id"], "result": task["result"]}
    if task["error"] is None:
        return None
    error = task["error"]
    return {
        "type": "error", "task_id": task["task_id"], "error_code": error["code"], "message": error["message"],
        "details": error["details"],
    }  # fmt: skip
