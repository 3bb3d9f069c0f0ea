"""``auteur watch``."""

import asyncio
from contextlib import aclosing
from datetime import datetime
from typing import Annotated

import typer

from auteur.entrypoints.cli.shared import Server, app, find_service, remark, tell
from auteur.entrypoints.client import Message, ServiceError
from auteur.entrypoints.settings import Settings, load_settings


@app.command()
def watch(project: Annotated[str, typer.Argument(help="The project.")] = "default", server: Server = None) -> None:
    """Tell what happens in a project, until Ctrl-C."""
    settings = load_settings()
    asyncio.run(_watch(settings, project, server))


async def _watch(settings: Settings, project: str, server: str | None) -> None:
    running = await find_service(settings, server)
    if running is None:
        raise ServiceError(
            "No service runs on this workspace; start one with `auteur serve`, or name one with --server."
        )
    remark(f"watching {project} at {running.url}; stop with Ctrl-C")
    async with aclosing(running.messages(project)) as heard:
        async for message in heard:
            _tell(message)


def _tell(message: Message) -> None:
    at = datetime.fromisoformat(message["timestamp"]).astimezone().strftime("%H:%M:%S")
    task = str(message.get("task_id", ""))[:8]
    match message["type"]:
        case "connected":
            if "state" not in message:
                return  # nothing was missed
            counts = message["state"]["counts"]
            by_status = [
                counts.get(name, 0) for name in ("blocked", "queued", "running", "succeeded", "failed", "cancelled")
            ]
            text = f"connected: {sum(by_status[:3])} of {sum(by_status)} tasks are open"
        case "task_started":
            waits = len(message.get("waits_for", ()))
            place = f"waits for tasks: {waits}" if waits else f"place {message['queue_position']}"
            text = f"{task} {'blocked' if waits else 'queued '}  {message['task_type']} {message['quality']}, {place}"
            if "shot" in message:
                text += f", {_take_of(message)}"
        case "progress":
            text = f"{task} {message['progress']:>6.1%}  {message.get('message') or message.get('stage') or ''}"
        case "complete":
            text = f"{task} complete {message['result']['artifacts'][0]['path']} in {message['duration']:.1f} s"
        case "error":
            text = f"{task} error    {message['error_code']}: {message['message']}"
        case "task_marked":
            marks = [
                ("a favourite", message.get("favourite")),
                (f"circled {_take_of(message)}", message.get("circled")),
            ]
            said = [name if marked else f"no longer {name}" for name, marked in marks if marked is not None]
            text = f"{task} marked   {', '.join(said)}"
        case "task_deleted":
            text = f"{task} deleted  {message['reason']}"
        case "task_imported":
            text = f"{task} imported {message['task']['task_type']}"
        case "project_deleted":
            text = "the project was deleted"
        case _:
            return
    tell(f"{at} {text}")


def _take_of(message: Message) -> str:
    return f"{message.get('shot')} take {message.get('take')}"
