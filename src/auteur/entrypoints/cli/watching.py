"""``auteur watch``."""

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from auteur.entrypoints.cli.shared import (
    LOOKING,
    TokenFile,
    Url,
    app,
    find_service,
    remark,
    run,
    tell,
    tell_json,
)

if TYPE_CHECKING:
    from auteur.client import Event
    from auteur.entrypoints.remote_studio import RemoteStudio
    from auteur.entrypoints.settings import Settings


@app.command(rich_help_panel=LOOKING, epilog="auteur watch film --json | jq -r 'select(.type == \"complete\").task_id'")
def watch(
    project: Annotated[str, typer.Argument(help="The project.")] = "default",
    task: Annotated[
        str | None, typer.Option("--task", help="Only this task, up to its ending; exit with 1 if it fails.")
    ] = None,
    after: Annotated[
        str | None, typer.Option(help="Go on after this position, as a message told it; 0 for the oldest that is kept.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: each message as it is, a line each.")] = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Tell what happens in a project, until Ctrl-C or its end: each event once and in order, over any loss of the
    connection."""
    from auteur.entrypoints.settings import load_settings

    settings = load_settings()
    sys.exit(run(_watch(settings, project, task, after, as_json, url, token_file)))


async def _watch(
    settings: "Settings",
    project: str,
    task: str | None,
    after: str | None,
    as_json: bool,
    url: str | None,
    token_file: str | None,
) -> int:
    from auteur.entrypoints.studios import NotReachableError

    running = await find_service(settings, url, token_file)
    if running is None:
        raise NotReachableError(
            "No service runs on this workspace; start one with `auteur serve`, or name one with --url."
        )
    try:
        remark(f"watching {project} at {running.url}; stop with Ctrl-C")
        return await (_one(running, project, task, as_json) if task else _all(running, project, after, as_json))
    finally:
        await running.close()


async def _all(running: "RemoteStudio", project: str, after: str | None, as_json: bool) -> int:
    from auteur.entrypoints.remote_studio import told

    was_away = False

    def on_connection(is_connected: bool, why: str) -> None:
        nonlocal was_away
        if not is_connected and not was_away:
            remark(f"the connection is away ({why}); what is told follows when it is back")
        elif is_connected and was_away:
            remark("the connection is back")
        was_away = not is_connected

    with told():
        async with running.open(project, after, on_connection=on_connection) as events:
            async for event in events:
                _tell(event, as_json)
    return 0


async def _one(running: "RemoteStudio", project: str, task: str, as_json: bool) -> int:
    async for event in running.watch(project, task):
        _tell(event, as_json)
    return 1 if event.type == "error" else 0


def _tell(event: "Event", as_json: bool) -> None:
    if as_json:
        tell_json(json.dumps(event.data or _as_message(event), ensure_ascii=False))
        return
    said = _said(event.type, event.data or _as_message(event))
    if said:
        at = event.timestamp.astimezone().strftime("%H:%M:%S")
        tell(f"{at} {said}")


def _as_message(event: "Event") -> dict[str, Any]:
    """The ending of a task that had ended before, as the message that told of it."""
    from auteur.entrypoints.cli.shared import as_data

    kept = as_data(event)
    return {name: value for name, value in kept.items() if value is not None and name not in ("data", "position")}


def _said(kind: str, message: Any) -> str:
    task = str(message.get("task_id", ""))[:8]
    match kind:
        case "connected":
            if "state" not in message:
                return ""  # nothing was missed
            counts = message["state"]["counts"]
            by_status = [
                counts.get(name, 0) for name in ("blocked", "queued", "running", "succeeded", "failed", "cancelled")
            ]
            return f"connected: {sum(by_status[:3])} of {sum(by_status)} tasks are open"
        case "task_started":
            waits = len(message.get("waits_for", ()))
            place = f"waits for tasks: {waits}" if waits else f"place {message['queue_position']}"
            text = f"{task} {'blocked' if waits else 'queued '}  {message['task_type']} {message['quality']}, {place}"
            return text + (f", {_take_of(message)}" if "shot" in message else "")
        case "progress":
            return f"{task} {message['progress']:>6.1%}  {message.get('message') or message.get('stage') or ''}"
        case "complete":
            return f"{task} complete {message['result']['artifacts'][0]['path']} in {message['duration']:.1f} s"
        case "error":
            return f"{task} error    {message['error_code']}: {message['message']}"
        case "task_marked":
            marks = [
                ("a favourite", message.get("favourite")),
                (f"circled {_take_of(message)}", message.get("circled")),
            ]
            said = [name if marked else f"no longer {name}" for name, marked in marks if marked is not None]
            return f"{task} marked   {', '.join(said)}"
        case "task_promoted":
            return f"{task} promoted to {message['promoted_to'][:8]}"
        case "task_deleted":
            return f"{task} deleted  {message['reason']}"
        case "task_imported":
            return f"{task} imported {message['task']['task_type']}"
        case "project_deleted":
            return "the project was deleted"
    return ""


def _take_of(message: Any) -> str:
    return f"{message.get('shot')} take {message.get('take')}"
