"""``auteur batch``."""

import asyncio
import sys
from contextlib import aclosing
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from auteur.domain.errors import InvalidMessageError
from auteur.entrypoints.cli.shared import Project, Server, app, complain, err, find_service, quiet_settings, tell
from auteur.entrypoints.client import Message, ServiceError, Studio, open_studio
from auteur.entrypoints.settings import Settings
from auteur.protocol.incoming import BatchRequest
from auteur.protocol.json import problems_of, read_json


@app.command()
def batch(
    file: Annotated[str, typer.Argument(help='A JSON list of requests, or {"requests": [...]}; - for stdin.')],
    project: Project = "default",
    server: Server = None,
) -> None:
    """Ask for several tasks at once, all or none, and print the files as they are made.

    A request may have a `name`; inputs of others then take its output as {"from_task": "#name"}.
    """
    settings = quiet_settings()
    settings = settings.model_copy(update={"engine_priority": settings.engine_priority or "normal"})
    sys.exit(asyncio.run(_batch(settings, project, _read(file), server)))


async def _batch(settings: Settings, project: str, asked: dict[str, Any], server: str | None) -> int:
    running = await find_service(settings, server)
    async with open_studio(settings, running) as studio:
        return await _follow(studio, project, asked)


async def _follow(studio: Studio, project: str, asked: dict[str, Any]) -> int:
    left: dict[str, str] = {}
    """What to call each task that has not ended, by id."""
    failed = 0
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    try:
        with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
            line = bar.add_task("asking", total=len(asked["requests"]))
            async with aclosing(studio.batch(project, asked)) as heard:
                async for message in heard:
                    if message["type"] == "batch_started":
                        by_id = {task_id: name for name, task_id in message["names"].items()}
                        left = {task_id: by_id.get(task_id, task_id) for task_id in message["task_ids"]}
                        bar.update(line, description="waiting")
                    elif message["type"] in ("complete", "error"):
                        name = left.pop(message["task_id"])
                        failed += await _tell(studio, name, message)
                        bar.advance(line)
                    elif message["type"] == "progress":
                        said = message.get("message") or message.get("stage") or "working"
                        bar.update(line, description=f"{left[message['task_id']]}: {said}")
    except asyncio.CancelledError:
        for task_id in left:
            await asyncio.shield(studio.cancel(project, task_id))
        if left:
            err.print(f"auteur: {len(left)} tasks cancelled", style="yellow")
        raise
    return 1 if failed else 0


async def _tell(studio: Studio, name: str, ending: Message) -> bool:
    """Says what became of a task; whether it failed."""
    if ending["type"] == "error":
        complain(f"{name}: {ending['message']} ({ending['error_code']})")
        return True
    tell(f"{name} {await studio.fetch(ending['result']['artifacts'][0], None)}")
    return False


def _read(file: str) -> dict[str, Any]:
    """The body of the batch. Raises `ServiceError` where the file holds none; a service would say the same."""
    text = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    where = "the standard input" if file == "-" else file
    try:
        data = read_json(text)
    except InvalidMessageError as error:
        found = [f"{problem['field']} {problem['message']}" for problem in error.details.get("problems", [])]
        raise ServiceError(
            f"{where}: {found[0]}" if found else f"{where} {error.message.removeprefix('This ')}"
        ) from None
    asked = {"requests": data} if isinstance(data, list) else data
    try:
        BatchRequest.model_validate(asked)
    except ValidationError as error:
        problems = problems_of(error, root="the file")
        said = "; ".join(f"{problem['field']}: {problem['message']}" for problem in problems[:5])
        raise ServiceError(f"{where} is no batch: {said}") from None
    return dict(asked)
