"""``auteur generate`` and ``auteur promote``."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from auteur.entrypoints.cli.shared import (
    MAKING,
    AsJson,
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
    from auteur.client import Event, Task
    from auteur.entrypoints.output import Target
    from auteur.entrypoints.settings import Settings
    from auteur.entrypoints.studios import Studio

Output = Annotated[str | None, typer.Option("--output", "-o", help="A file or directory for the result.")]
NoWait = Annotated[bool, typer.Option("--no-wait", help="Only ask, and print the task's id; needs a running service.")]
CancelOnInterrupt = Annotated[
    bool, typer.Option("--cancel-on-interrupt", help="Ctrl-C cancels the task; else it goes on in the service.")
]


@app.command(rich_help_panel=MAKING, epilog='auteur generate "slow push in" -i frame.png -q draft -o shot.mp4')
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
    output: Output = None,
    no_wait: NoWait = False,
    cancel_on_interrupt: CancelOnInterrupt = False,
    as_json: AsJson = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Make a frame from a sentence, or with --image a shot from a frame, and print the file's path."""
    params = dict(read_param(text) for text in param or [])
    if prompt:
        params["prompt"] = prompt
    kind = task_type or ("image_to_video" if image else "text_to_image")
    wanted = {"task_type": kind, "params": params, "quality": quality, "shot": shot, "engine": engine}
    request = {name: value for name, value in wanted.items() if value is not None}
    settings = _settings()

    async def ask(studio: "Studio") -> "Task":
        if image is not None:
            params["source_image"] = await _take_in(studio, settings, project, image)
        return await studio.submit(project, request)

    sys.exit(run(_make(settings, project, ask, output, no_wait, cancel_on_interrupt, as_json, url, token_file)))


@app.command(rich_help_panel=MAKING, epilog="auteur promote TASK --quality high")
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
    output: Output = None,
    no_wait: NoWait = False,
    cancel_on_interrupt: CancelOnInterrupt = False,
    as_json: AsJson = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Make a take again, of the same seed, at another quality or by another engine, and print the file's path."""
    params = dict(read_param(text) for text in param or [])
    wanted = {"quality": quality, "engine": engine, "task_type": task_type, "params": params, "shot": shot}
    request = {name: value for name, value in wanted.items() if value is not None}

    async def ask(studio: "Studio") -> "Task":
        return await studio.promote(project, task, request)

    sys.exit(run(_make(_settings(), project, ask, output, no_wait, cancel_on_interrupt, as_json, url, token_file)))


def _settings() -> "Settings":
    """Those of a command for which somebody waits."""
    settings = quiet_settings()
    return settings.model_copy(update={"engine_priority": settings.engine_priority or "normal"})


async def _make(
    settings: "Settings",
    project: str,
    ask: Any,
    output: str | None,
    no_wait: bool,
    cancel_on_interrupt: bool,
    as_json: bool,
    url: str | None,
    token_file: str | None,
) -> int:
    """Asks for a task, follows it to its end and says what came of it; the exit code."""
    from auteur.entrypoints.output import Target
    from auteur.entrypoints.studios import CommandError

    target = None if output is None else await asyncio.to_thread(Target, output)
    running = await find_service(settings, url, token_file)
    if no_wait and running is None:
        raise CommandError("No service runs here that would go on with it; start one with `auteur serve`.")
    async with open_studio(settings, running) as studio:
        task: Task = await ask(studio)
        if no_wait:
            tell_json(task) if as_json else tell(task.task_id)
            return 0
        if task.notice:
            remark(task.notice)
        ending = await _followed(studio, project, task, cancel_on_interrupt)
        if as_json:
            tell_json(await studio.task(project, task.task_id))
        if ending.type == "error":
            complain(f"{ending.data['message']} ({ending.data['error_code']})")
            return 1
        path = await _fetched(studio, ending, target)
        if not as_json:
            tell(str(path))
            _tell_unread(ending)
    return 0


def _tell_unread(ending: "Event") -> None:
    """The last line: the words of the sentence of which nothing came, if there are any."""
    result = getattr(ending, "result", None)
    words = result.understood.get("not_understood") if result is not None else None
    if isinstance(words, list) and words:
        remark(f"not understood: {', '.join(str(word) for word in words)}")


async def _fetched(studio: "Studio", ending: "Event", target: "Target | None") -> Path:
    """Puts the files where they were asked for, and says what was made; the path of the first."""
    from auteur.client import Complete

    assert isinstance(ending, Complete)
    first, *others = ending.result.artifacts
    path = await studio.fetch(first, target)
    if target is not None and target.is_directory:
        for control in (other for other in others if other.kind == "control"):
            await studio.fetch(control, target)
    remark(
        f"{first.media_type}, {first.width_px} x {first.height_px}, "
        f"{first.size_bytes / 1000:.0f} kB, {ending.duration:.1f} s, seed {ending.result.seed}"
    )
    routing = ending.result.routing
    if routing is not None and routing.reason in ("next", "fallback"):
        remark(f"made by {ending.result.engine}. {routing.message}")
    return path


async def _followed(studio: "Studio", project: str, task: "Task", cancel_on_interrupt: bool) -> "Event":
    """The task's ending, its progress shown meanwhile."""
    from auteur.client import is_ending
    from auteur.entrypoints.studios import CommandError

    try:
        async with aclosing(_shown(studio, project, task)) as heard:
            async for event in heard:
                if is_ending(event):
                    return event
        raise CommandError("The conversation ended before the task did.")
    except asyncio.CancelledError:
        if studio.goes_on and not cancel_on_interrupt:
            remark(
                f"{task.task_id} goes on; `auteur watch {project} --task {task.task_id}` follows it, "
                f"`auteur cancel {task.task_id} -p {project}` stops it"
            )
        else:
            remark(f"cancelling {task.task_id}; Ctrl-C again ends at once")
            await asyncio.shield(studio.cancel(project, task.task_id))
            err().print("auteur: cancelled", style="yellow")
        raise


async def _shown(studio: "Studio", project: str, task: "Task") -> AsyncGenerator["Event", None]:
    """What happens to the task, on a terminal as a bar."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from auteur.client import Progress as Progressed

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err(), disable=not err().is_terminal) as bar:
        line = bar.add_task("waiting" + (f", place {task.queue_position}" if task.queue_position else ""), total=1.0)
        async with aclosing(studio.watch(project, task.task_id)) as heard:
            async for event in heard:
                if isinstance(event, Progressed):
                    said = event.message or event.stage or "working"
                    bar.update(line, description=said, completed=event.progress)
                elif event.type in ("complete", "error"):
                    done = event.type == "complete"
                    bar.update(line, description="done" if done else "failed", completed=1.0 if done else None)
                yield event


async def _take_in(studio: "Studio", settings: "Settings", project: str, image: str) -> str:
    """A file of this machine is brought into the project, unless it lies in it already."""
    path, home = Path(image).absolute(), settings.workspace / project
    if path.is_relative_to(home):
        return path.relative_to(home).as_posix()
    return await studio.bring(project, path) if await asyncio.to_thread(path.is_file) else image


def read_param(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is not name=value", param_hint="--param")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
