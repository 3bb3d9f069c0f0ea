"""``auteur generate`` and ``auteur promote``."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from auteur.entrypoints.cli.shared import (
    Project,
    Server,
    app,
    complain,
    err,
    find_service,
    quiet_settings,
    remark,
    tell,
)
from auteur.entrypoints.client import Message, ServiceError, Studio, open_studio
from auteur.entrypoints.output import Target
from auteur.entrypoints.settings import Settings


@app.command()
def generate(
    prompt: Annotated[str, typer.Argument(help="The shot in words.")] = "",
    quality: Annotated[str | None, typer.Option("--quality", "-q", help="draft, standard, high or ultra.")] = None,
    task_type: Annotated[
        str | None,
        typer.Option(
            "--type",
            "-t",
            help="What is to be made, as line_drawing; else text_to_image, or image_to_video with --image.",
        ),
    ] = None,
    image: Annotated[
        str | None, typer.Option("--image", "-i", help="Its source_image: a file, or a result's path.")
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option("--param", help='Any other parameter, as name=value; a list as JSON, as control=["depth"].'),
    ] = None,
    shot: Annotated[str | None, typer.Option(help="The shot that it is a take of, as 12A.")] = None,
    engine: Annotated[
        str | None, typer.Option("--engine", "-e", help="The engine that shall make it; else the first that is up.")
    ] = None,
    project: Project = "default",
    output: Annotated[str | None, typer.Option("--output", "-o", help="A file or directory for the result.")] = None,
    server: Server = None,
) -> None:
    """Make a frame from a sentence, or with --image a shot from a frame, and print the file's path."""
    settings = _settings()
    params = dict(_read_param(text) for text in param or [])
    if prompt:
        params["prompt"] = prompt
    kind = task_type or ("image_to_video" if image else "text_to_image")
    request = {"task_type": kind, "params": params, "quality": quality, "shot": shot, "engine": engine, "metadata": {}}
    sys.exit(asyncio.run(_generate(settings, project, request, image, output, server)))


@app.command()
def promote(
    task: Annotated[str, typer.Argument(help="The id of the take.")],
    quality: Annotated[
        str | None, typer.Option("--quality", "-q", help="The quality; the next higher one if nothing else differs.")
    ] = None,
    engine: Annotated[str | None, typer.Option("--engine", "-e", help="Another engine.")] = None,
    task_type: Annotated[str | None, typer.Option("--type", "-t", help="Another task type.")] = None,
    param: Annotated[
        list[str] | None, typer.Option("--param", help="What shall differ, as name=value; name=null leaves it out.")
    ] = None,
    shot: Annotated[str | None, typer.Option(help="Another shot than the take's.")] = None,
    project: Project = "default",
    output: Annotated[str | None, typer.Option("--output", "-o", help="A file or directory for the result.")] = None,
    server: Server = None,
) -> None:
    """Make a take again, of the same seed, at another quality or by another engine, and print the file's path."""
    params = dict(_read_param(text) for text in param or [])
    request = {"quality": quality, "engine": engine, "task_type": task_type, "params": params, "shot": shot}
    sys.exit(asyncio.run(_promote(_settings(), project, task, request, output, server)))


async def _promote(
    settings: Settings, project: str, task: str, request: dict[str, Any], output: str | None, server: str | None
) -> int:
    target = None if output is None else await asyncio.to_thread(Target, output)
    async with open_studio(settings, await find_service(settings, server)) as studio:
        asked = {name: value for name, value in request.items() if value is not None}
        return await _made(studio, project, studio.promote(project, task, asked), target)


def _settings() -> Settings:
    """Those of a command for which somebody waits."""
    settings = quiet_settings()
    return settings.model_copy(update={"engine_priority": settings.engine_priority or "normal"})


async def _generate(
    settings: Settings,
    project: str,
    request: dict[str, Any],
    image: str | None,
    output: str | None,
    server: str | None,
) -> int:
    target = None if output is None else await asyncio.to_thread(Target, output)
    running = await find_service(settings, server)
    async with open_studio(settings, running) as studio:
        if image is not None:
            request["params"]["source_image"] = await _take_in(studio, settings, project, image)
        request = {name: value for name, value in request.items() if value is not None}
        return await _made(studio, project, studio.generate(project, request), target)


async def _made(studio: Studio, project: str, messages: AsyncGenerator[Message, None], target: Target | None) -> int:
    """Follows a task to its end and says what came of it; the exit code."""
    ending = await _follow(studio, project, messages)
    if ending["type"] == "error":
        complain(f"{ending['message']} ({ending['error_code']})")
        return 1
    first, *others = ending["result"]["artifacts"]
    path = await studio.fetch(first, target)
    if target is not None and target.is_directory:
        for control in (other for other in others if other["kind"] == "control"):
            await studio.fetch(control, target)
    remark(
        f"{first['media_type']}, {first.get('width_px')} x {first.get('height_px')}, "
        f"{first['size_bytes'] / 1000:.0f} kB, {ending['duration']:.1f} s, seed {ending['result']['seed']}"
    )
    if (routing := ending["result"].get("routing")) and routing["reason"] in ("next", "fallback"):
        remark(f"made by {ending['result']['engine']}. {routing['message']}")
    tell(str(path))
    return 0


async def _follow(studio: Studio, project: str, messages: AsyncGenerator[Message, None]) -> Message:
    task_id: str | None = None
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
    )
    try:
        with Progress(*columns, console=err, disable=not err.is_terminal) as bar:
            line = bar.add_task("asking", total=1.0)
            async with aclosing(messages) as heard:
                async for message in heard:
                    task_id = message["task_id"]
                    if message["type"] == "task_started":
                        bar.update(line, description=f"waiting, place {message['queue_position']}")
                        if message.get("notice"):
                            remark(message["notice"])
                    elif message["type"] == "progress":
                        said = message.get("message") or message.get("stage") or "working"
                        bar.update(line, description=said, completed=message["progress"])
                    else:
                        done = message["type"] == "complete"
                        bar.update(line, description="done" if done else "failed", completed=1.0 if done else None)
                        return message
        raise ServiceError("The conversation ended before the task did.")
    except asyncio.CancelledError:
        if task_id is not None:
            await asyncio.shield(studio.cancel(project, task_id))
            err.print("auteur: cancelled", style="yellow")
        raise


async def _take_in(studio: Studio, settings: Settings, project: str, image: str) -> str:
    """A file of this machine is brought into the project, unless it lies in it already."""
    path, home = Path(image).absolute(), settings.workspace / project
    if path.is_relative_to(home):
        return path.relative_to(home).as_posix()
    return await studio.bring(project, path) if await asyncio.to_thread(path.is_file) else image


def _read_param(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is not name=value", param_hint="--param")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
