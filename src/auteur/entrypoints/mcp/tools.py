"""The tools: what each is for, what it takes and answers, and how it asks the service."""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from auteur.entrypoints.mcp import answers, arguments, pictures
from auteur.entrypoints.mcp.answers import TaskTold
from auteur.entrypoints.mcp.calls import Call, Told
from auteur.entrypoints.mcp.catalogue import plain
from auteur.entrypoints.mcp.room import RefusedError, project_path, task_path
from auteur.entrypoints.mcp.watching import watch

Run = Callable[[Call, Any], Awaitable[Told]]


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool. ``reads``: changes nothing; ``destroys``: what it does cannot be taken back; ``repeats``: twice is as
    once. ``needs_folder``: is there only where a folder of pictures was opened."""

    name: str
    title: str
    description: str
    takes: type[BaseModel]
    gives: type[answers.Answer]
    run: Run = field(repr=False)
    reads: bool = False
    destroys: bool = False
    repeats: bool = False
    needs_folder: bool = False


async def _describe(call: Call, asked: arguments.Describe) -> Told:
    catalogue = await call.catalogue()
    info = await call.room.ask("GET", "/info")
    session = await call.room.ask("GET", "/session")
    made = [_task_type(one, asked.task_type) for one in catalogue.task_types]
    if asked.task_type is not None and all(one.name != asked.task_type for one in made):
        raise RefusedError(
            "UNKNOWN_TASK_TYPE", "No handler serves this task type.", {"known": [one.name for one in made]}
        )
    principal = session.get("principal")
    you = None if principal is None else {"name": principal["name"], "grants": principal["grants"]}
    return Told(
        answers.ServiceTold(
            name=info["name"],
            version=info["version"],
            access=info["access"],
            you=you,
            qualities=info["qualities"],
            default_quality=info["default_quality"],
            task_types=[one for one in made if asked.task_type in (None, one.name)],
            limits=info["limits"],
        )
    )


def _task_type(made: Mapping[str, Any], in_full: str | None) -> answers.TaskTypeTold:
    ways = made["engines"]
    return answers.TaskTypeTold(
        name=made["name"],
        summary=made["summary"],
        engines=[answers.EngineTold(engine=way["engine"], up=way["up"], reason=way["reason"] or None) for way in ways],
        inputs=[taken["name"] for taken in made["inputs"]] or None,
        controls=made["controls"] or None,
        params_schemas={way["engine"]: plain(way["params_schema"]) for way in ways}
        if made["name"] == in_full
        else None,
    )


async def _list_projects(call: Call, asked: arguments.ListProjects) -> Told:
    page = await call.room.ask("GET", "/projects", query=_given(asked))
    projects = [
        answers.ProjectTold(
            project_id=one["project_id"],
            tasks={name: n for name, n in one["counts"].items() if n and name != "size_bytes"},
            active_at=one["active_at"],
        )
        for one in page["projects"]
    ]
    return Told(answers.ProjectsTold(projects=projects, next=page["next"]))


async def _submit(call: Call, asked: arguments.Submit) -> Told:
    body = _given(asked, without={"project_id", "idempotency_key"})
    return await _accepted(call, f"{project_path(asked.project_id)}/tasks", body, asked.idempotency_key)


async def _promote(call: Call, asked: arguments.Promote) -> Told:
    body = _given(asked, without={"project_id", "task_id", "idempotency_key"})
    where = f"{task_path(asked.project_id, asked.task_id)}/promote"
    return await _accepted(call, where, body, asked.idempotency_key)


async def _accepted(call: Call, where: str, body: Mapping[str, Any], given: str | None) -> Told:
    key = given or str(uuid.uuid4())
    try:
        view = await call.room.ask("POST", where, body=body, key=key)
    except RefusedError as error:
        if error.temporary:  # it may have been accepted all the same
            error.details["idempotency_key"] = key
        raise
    then = "watch_task tells how it goes and waits for its end; show_task shows what it made."
    return Told(answers.Submitted(task=TaskTold.of(view), idempotency_key=key, next_step=then))


async def _watch(call: Call, asked: arguments.Watch) -> Told:
    view = await watch(call.room, asked.project_id, asked.task_id, asked.wait_s, call.tell)
    task = TaskTold.of(view)
    if not task.ended:
        then = "Still running: call watch_task again." if task.status == "running" else "Still waiting: ask again."
    elif task.status == "succeeded":
        then = "show_task shows it."
    else:
        then = "It made nothing; `error` says why."
    return Told(answers.Watched(task=task, ended=task.ended, next_step=then))


async def _list_tasks(call: Call, asked: arguments.ListTasks) -> Told:
    query = _given(asked, without={"project_id", "words", "favourite"})
    if asked.words is not None:
        query["q"] = asked.words
    if asked.favourite is not None:
        query["favourite"] = "true" if asked.favourite else "false"
    page = await call.room.ask("GET", f"{project_path(asked.project_id)}/tasks", query=query)
    tasks = [TaskTold.of(view, briefly=True) for view in page["tasks"]]
    return Told(answers.TasksTold(tasks=tasks, next=page["next"], partial=page.get("partial") or None))


async def _cancel(call: Call, asked: arguments.Cancel) -> Told:
    view = await call.room.ask("POST", f"{task_path(asked.project_id, asked.task_id)}/cancel")
    task = TaskTold.of(view)
    then = "It had ended before." if task.ended and task.status != "cancelled" else "It stops; watch_task tells when."
    if task.status == "cancelled":
        then = "It is cancelled."
    return Told(answers.Cancelled(task=task, next_step=then))


def _given(asked: BaseModel, without: set[str] | None = None) -> dict[str, Any]:
    """What was said; what was left out is left to the service."""
    said = asked.model_dump(exclude=without or set())
    return {name: value for name, value in said.items() if name == "params" or value not in (None, {})}


TOOLS: tuple[Tool, ...] = (
    Tool(
        "describe_service", "What can be made",
        "What the service can make: task types, engines and whether they are up, qualities, limits, and as whom you "
        "ask. With task_type, the parameters of that type in full.",
        arguments.Describe, answers.ServiceTold, _describe, reads=True,
    ),
    Tool(
        "list_projects", "Projects",
        "The projects that you may see, the one active last first.",
        arguments.ListProjects, answers.ProjectsTold, _list_projects, reads=True,
    ),
    Tool(
        "submit_task", "Make a picture or a film",
        "Ask for one picture or film. Answers at once with the task, which waits its turn; watch_task waits for its "
        "end. An input, as source_image, is the path of a result or upload in the project, an https: or data: url, or "
        '{"from_task": id} for what another task makes.',
        arguments.Submit, answers.Submitted, _submit,
    ),
    Tool(
        "watch_task", "Wait for a task",
        "Wait until a task ends, for a bounded time, with progress while it runs. Stopping to wait stops no task.",
        arguments.Watch, answers.Watched, _watch, reads=True,
    ),
    Tool(
        "list_tasks", "Tasks of a project",
        "A project's tasks, newest first, by status, type, quality, shot, favourites or words.",
        arguments.ListTasks, answers.TasksTold, _list_tasks, reads=True,
    ),
    Tool(
        "show_task", "Look at a take",
        "A task in full, with the picture that it made, a film's first frame, or the preview of one that runs; what "
        "was understood of its words; why it failed.",
        arguments.Show, answers.Shown, pictures.show, reads=True,
    ),
    Tool(
        "promote_task", "Make a take again, better",
        "Make a take that succeeded again, of the same seed and words: at the next higher quality if nothing else is "
        "said, or at another, by another engine, with other parameters. Answers with the new task.",
        arguments.Promote, answers.Submitted, _promote,
    ),
    Tool(
        "cancel_task", "Stop a task",
        "Ask a task that waits or runs to stop; what it has made so far is lost. One that has ended stays as it is.",
        arguments.Cancel, answers.Cancelled, _cancel, destroys=True, repeats=True,
    ),
    Tool(
        "upload_picture", "Bring a picture",
        "Bring a picture from the folder that the user opened for it into a project, for tasks to take as an input.",
        arguments.Upload, answers.UploadTold, pictures.upload, repeats=True, needs_folder=True,
    ),
)  # fmt: skip
BY_NAME: Mapping[str, Tool] = {tool.name: tool for tool in TOOLS}
