"""``auteur batch``."""

import asyncio
import sys
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from auteur.entrypoints.cli.making import CancelOnInterrupt
from auteur.entrypoints.cli.shared import (
    MAKING,
    Project,
    TokenFile,
    Url,
    app,
    complain,
    err,
    find_service,
    open_studio,
    quiet_settings,
    remark,
    run,
    tell,
    tell_json,
)

if TYPE_CHECKING:
    from auteur.client import Event
    from auteur.entrypoints.settings import Settings
    from auteur.entrypoints.studios import Studio

Requests = list[dict[str, Any]]


@app.command(rich_help_panel=MAKING, epilog="auteur batch board.json -p film --json | jq .status")
def batch(
    file: Annotated[str, typer.Argument(help='A JSON list of requests, or {"requests": [...]}; - for stdin.')],
    project: Project = "default",
    cancel_on_interrupt: CancelOnInterrupt = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: a line a task, as it ends.")] = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Ask for several tasks at once, all or none, and print the files as they are made.

    A request may have a `name`; inputs of others then take its output as {"from_task": "#name"}.
    """
    settings = quiet_settings()
    settings = settings.model_copy(update={"engine_priority": settings.engine_priority or "normal"})
    requests = _read(file)
    sys.exit(run(_batch(settings, project, requests, cancel_on_interrupt, as_json, url, token_file)))


async def _batch(
    settings: "Settings",
    project: str,
    requests: Requests,
    cancel_on_interrupt: bool,
    as_json: bool,
    url: str | None,
    token_file: str | None,
) -> int:
    async with open_studio(settings, await find_service(settings, url, token_file)) as studio:
        return await _follow(studio, project, requests, cancel_on_interrupt, as_json)


async def _follow(studio: "Studio", project: str, requests: Requests, cancel_on_interrupt: bool, as_json: bool) -> int:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from auteur.client import Progress as Progressed
    from auteur.client import is_ending
    from auteur.entrypoints.studios import BatchStarted

    left: dict[str, str] = {}
    """What to call each task that has not ended, by id."""
    failed = 0
    columns = TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn()
    try:
        with Progress(*columns, console=err(), transient=True, disable=not err().is_terminal) as bar:
            line = bar.add_task("asking", total=len(requests))
            async with aclosing(studio.batch(project, requests)) as heard:
                async for event in heard:
                    if isinstance(event, BatchStarted):
                        by_id = {task_id: name for name, task_id in event.names.items()}
                        left = {task_id: by_id.get(task_id, task_id) for task_id in event.task_ids}
                        bar.update(line, description="waiting")
                    elif is_ending(event):
                        name = left.pop(event.task_id or "")
                        failed += await tell_ending(studio, project, name, event, as_json)
                        bar.advance(line)
                    elif isinstance(event, Progressed):
                        said = event.message or event.stage or "working"
                        bar.update(line, description=f"{left[event.task_id]}: {said}")
    except asyncio.CancelledError:
        await let_go(studio, project, left, cancel_on_interrupt)
        raise
    return 1 if failed else 0


async def let_go(studio: "Studio", project: str, left: dict[str, str], cancel_on_interrupt: bool) -> None:
    """Says what becomes of the tasks that have not ended."""
    if left and studio.goes_on and not cancel_on_interrupt:
        remark(f"{len(left)} tasks go on; `auteur list -p {project} --status queued --status running` shows them")
    elif left:
        remark(f"cancelling {len(left)} tasks; Ctrl-C again ends at once")
        for task_id in left:
            await asyncio.shield(studio.cancel(project, task_id))
        err().print(f"auteur: {len(left)} tasks cancelled", style="yellow")


async def tell_ending(studio: "Studio", project: str, name: str, ending: "Event", as_json: bool) -> bool:
    """Says what became of a task; whether it failed."""
    import json

    from auteur.client import Complete

    path = await studio.fetch(ending.result.artifacts[0], None) if isinstance(ending, Complete) else None
    if as_json:
        error = None if path else {"code": ending.data["error_code"], "message": ending.data["message"]}
        status = "succeeded" if path else "failed"
        told = {"name": name, "task_id": ending.task_id, "status": status, "path": path and str(path), "error": error}
        tell_json(json.dumps(told, ensure_ascii=False))
    elif path is None:
        complain(f"{name}: {ending.data['message']} ({ending.data['error_code']})")
    else:
        tell(f"{name} {path}")
    return path is None


def _read(file: str) -> Requests:
    """The requests of the batch. Raises `CommandError` where the file holds none; a service would say the same."""
    from pydantic import ValidationError

    from auteur.domain.errors import InvalidMessageError
    from auteur.entrypoints.studios import CommandError
    from auteur.protocol.incoming import BatchRequest
    from auteur.protocol.json import problems_of, read_json

    text = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    where = "the standard input" if file == "-" else file
    try:
        data = read_json(text)
    except InvalidMessageError as error:
        found = [f"{problem['field']} {problem['message']}" for problem in error.details.get("problems", [])]
        raise CommandError(
            f"{where}: {found[0]}" if found else f"{where} {error.message.removeprefix('This ')}"
        ) from None
    asked = {"requests": data} if isinstance(data, list) else data
    try:
        BatchRequest.model_validate(asked)
    except ValidationError as error:
        problems = problems_of(error, root="the file")
        said = "; ".join(f"{problem['field']}: {problem['message']}" for problem in problems[:5])
        raise CommandError(f"{where} is no batch: {said}") from None
    return list(asked["requests"])
