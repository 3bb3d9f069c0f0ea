"""The command line: ``auteur serve``, ``worker``, ``generate``, ``watch``, ``doctor``."""

import asyncio
import json
import platform
import shutil
import sys
import tempfile
from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from auteur import __version__
from auteur.adapters.engines.process import EngineProcesses
from auteur.domain.errors import AuteurError
from auteur.entrypoints import probe
from auteur.entrypoints.client import Message, RemoteStudio, ServiceError, Studio, open_studio
from auteur.entrypoints.container import WorkspaceInUseError, build, running_service
from auteur.entrypoints.logs import configure_logs
from auteur.entrypoints.output import CannotWriteError, Target
from auteur.entrypoints.server import CannotListenError, fastest_loop, listen, serve, url_of, work
from auteur.entrypoints.settings import PREFIX, Settings, WrongSettingError, load_settings, unknown_variables

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="From a sentence to a frame to a moving shot.",
    pretty_exceptions_enable=False,
)  # fmt: skip
out = Console()
err = Console(stderr=True)

Project = Annotated[str, typer.Option("--project", "-p", help="The project it belongs to.")]
Server = Annotated[str | None, typer.Option(help="A running service; else this workspace's own, else none is needed.")]


def main() -> None:
    """Runs the command line. Exit codes: 0 done, 1 it could not be made, 2 wrong settings or usage, 130 stopped."""
    try:
        app()
    except WrongSettingError as error:
        err.print(f"auteur: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)
    except (CannotListenError, CannotWriteError, WorkspaceInUseError, ServiceError) as error:
        err.print(f"auteur: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
    except (AuteurError, OSError) as error:
        said = error.message if isinstance(error, AuteurError) else _told_of(error)
        err.print(f"auteur: {said}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _told_of(error: OSError) -> str:
    said = error.strerror or type(error).__name__
    return f"{error.filename}: {said}" if error.filename is not None else said


def _warn_of_unknown_variables() -> None:
    for said in unknown_variables():
        err.print(f"auteur: {said}", style="yellow", markup=False, highlight=False, soft_wrap=True)


@app.command("serve")
def serve_command(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    workspace: Annotated[Path | None, typer.Option(help="Where results and the database live.")] = None,
) -> None:
    """Serve the page, the WebSocket and the HTTP API; run the tasks here."""
    given = {"host": host, "port": port, "workspace_root": workspace}
    settings = load_settings(**{name: value for name, value in given.items() if value is not None})
    configure_logs(settings)
    _warn_of_unknown_variables()
    listener = listen(settings)

    def greet() -> None:
        url = url_of(settings, listener)
        err.print(f"auteur {__version__} listens on {url}", highlight=False, soft_wrap=True, markup=False)
        err.print(f"workspace {settings.workspace}; stop with Ctrl-C", highlight=False, soft_wrap=True, markup=False)
        if settings.engines_give_way:
            err.print(
                f"engines give way to all other programs; {PREFIX}ENGINE_PRIORITY=normal gives them their share",
                highlight=False, soft_wrap=True, markup=False,
            )  # fmt: skip

    with asyncio.Runner(loop_factory=fastest_loop()) as runner:
        runner.run(serve(build(settings), listener, greet))


@app.command()
def worker(
    lanes: Annotated[str | None, typer.Option(help="Lanes to take tasks of, by comma; all.")] = None,
    concurrency: Annotated[int | None, typer.Option(help="Tasks to run at a time.", min=1)] = None,
    task_types: Annotated[str | None, typer.Option(help="Task types to take, by comma; all this machine can.")] = None,
    workspace: Annotated[Path | None, typer.Option(help="Where results live, shared with the service.")] = None,
) -> None:
    """Run tasks for a service on other machines: needs BACKEND_REDIS_URL and the workspace they share."""
    given = {
        "worker_lanes": lanes,
        "max_concurrent_tasks": concurrency,
        "worker_task_types": task_types,
        "workspace_root": workspace,
    }
    settings = load_settings(**{name: value for name, value in given.items() if value is not None}, run_tasks=True)
    configure_logs(settings)
    _warn_of_unknown_variables()
    container = build(settings)
    if not container.deployment().is_shared:
        raise WrongSettingError(f"{PREFIX}REDIS_URL must name the Redis that the service uses")
    about = container.worker()

    def greet() -> None:
        err.print(f"auteur {__version__} works as {about.name}", highlight=False, soft_wrap=True, markup=False)
        err.print(
            f"{about.slots} at a time: {', '.join(about.task_types)}; lanes {', '.join(about.lanes)}; stop with Ctrl-C",
            highlight=False, soft_wrap=True, markup=False,
        )  # fmt: skip

    with asyncio.Runner(loop_factory=fastest_loop()) as runner:
        runner.run(work(container, greet))


@app.command()
def generate(
    prompt: Annotated[str, typer.Argument(help="The shot in words.")] = "",
    quality: Annotated[str | None, typer.Option("--quality", "-q", help="draft, standard, high or ultra.")] = None,
    task_type: Annotated[str | None, typer.Option("--type", "-t", help="text_to_image, or image_to_video.")] = None,
    image: Annotated[
        str | None, typer.Option("--image", "-i", help="A picture to move: a file, or a result's path.")
    ] = None,
    param: Annotated[list[str] | None, typer.Option("--param", help="Any other parameter, as name=value.")] = None,
    project: Project = "default",
    output: Annotated[str | None, typer.Option("--output", "-o", help="A file or directory for the result.")] = None,
    server: Server = None,
) -> None:
    """Make a frame from a sentence, or with --image a shot from a frame, and print the file's path."""
    settings = load_settings()
    _warn_of_unknown_variables()
    quiet = settings.model_copy(
        update={
            "log_level": "ERROR", "log_format": "console", "debug": False,
            "engine_priority": settings.engine_priority or "normal",  # somebody waits for just this
        }
    )  # fmt: skip
    configure_logs(quiet)
    params = dict(_read_param(text) for text in param or [])
    if prompt:
        params["prompt"] = prompt
    kind = task_type or ("image_to_video" if image else "text_to_image")
    request = {"task_type": kind, "params": params, "quality": quality, "metadata": {}}
    sys.exit(asyncio.run(_generate(quiet, project, request, image, output, server)))


@app.command()
def watch(project: Annotated[str, typer.Argument(help="The project.")] = "default", server: Server = None) -> None:
    """Tell what happens in a project, until Ctrl-C."""
    settings = load_settings()
    asyncio.run(_watch(settings, project, server))


@app.command()
def doctor() -> None:
    """Say what is configured, what is reachable, and what is missing."""
    settings = load_settings()
    configure_logs(settings.model_copy(update={"log_level": "CRITICAL"}))
    sys.exit(asyncio.run(_doctor(settings)))


@app.command(add_help_option=False, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def health(context: typer.Context) -> None:
    """Exit with 0 if the service on this machine, or its worker, is alive; for orchestrators."""
    sys.exit(probe.main(context.args))  # `auteur health` comes here only from within; see auteur/__main__.py


# --- generate ------------------------------------------------------------------------------------------------------


async def _generate(
    settings: Settings,
    project: str,
    request: dict[str, Any],
    image: str | None,
    output: str | None,
    server: str | None,
) -> int:
    target = None if output is None else await asyncio.to_thread(Target, output)
    running = await _find_service(settings, server)
    async with open_studio(settings, running) as studio:
        if image is not None:
            request["params"]["source_image"] = await _take_in(studio, settings, project, image)
        if running is not None and request["quality"] is None:
            del request["quality"]
        ending = await _follow(studio, project, request)
        if ending["type"] == "error":
            err.print(f"auteur: {ending['message']} ({ending['error_code']})", style="red", markup=False)
            return 1
        first, *_ = ending["result"]["artifacts"]
        path = await studio.fetch(first, target)
        err.print(
            f"{first['media_type']}, {first.get('width_px')} x {first.get('height_px')}, "
            f"{first['size_bytes'] / 1000:.0f} kB, {ending['duration']:.1f} s, seed {ending['result']['seed']}",
            style="dim", markup=False, highlight=False,
        )  # fmt: skip
        out.print(str(path), soft_wrap=True, markup=False, highlight=False)
    return 0


async def _follow(studio: Studio, project: str, request: dict[str, Any]) -> Message:
    task_id: str | None = None
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
    )
    try:
        with Progress(*columns, console=err, transient=not err.is_terminal) as bar:
            line = bar.add_task("asking", total=1.0)
            async with aclosing(studio.generate(project, request)) as heard:
                async for message in heard:
                    task_id = message["task_id"]
                    if message["type"] == "task_started":
                        bar.update(line, description=f"waiting, place {message['queue_position']}")
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


# --- watch ---------------------------------------------------------------------------------------------------------


async def _watch(settings: Settings, project: str, server: str | None) -> None:
    running = await _find_service(settings, server)
    if running is None:
        raise ServiceError(
            "No service runs on this workspace; start one with `auteur serve`, or name one with --server."
        )
    err.print(f"watching {project} at {running.url}; stop with Ctrl-C", style="dim", markup=False, highlight=False)
    async with aclosing(running.messages(project)) as heard:
        async for message in heard:
            _tell(message)


def _tell(message: Message) -> None:
    at = datetime.fromisoformat(message["timestamp"]).astimezone().strftime("%H:%M:%S")
    task = str(message.get("task_id", ""))[:8]
    match message["type"]:
        case "connected":
            tasks = message.get("state", {}).get("tasks", [])
            open_tasks = [task for task in tasks if task["status"] in ("queued", "running")]
            text = f"connected: {len(open_tasks)} of {len(tasks)} tasks are open"
        case "task_started":
            text = f"{task} queued   {message['task_type']} {message['quality']}, place {message['queue_position']}"
        case "progress":
            text = f"{task} {message['progress']:>6.1%}  {message.get('message') or message.get('stage') or ''}"
        case "complete":
            text = f"{task} complete {message['result']['artifacts'][0]['path']} in {message['duration']:.1f} s"
        case "error":
            text = f"{task} error    {message['error_code']}: {message['message']}"
        case _:
            return
    out.print(f"{at} {text}", markup=False, highlight=False, soft_wrap=True)


# --- doctor --------------------------------------------------------------------------------------------------------


async def _doctor(settings: Settings) -> int:
    checks = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    broken = 0

    def row(good: bool | None, subject: str, found: str) -> None:
        nonlocal broken
        broken += good is False
        mark = {True: "[green]ok[/]", False: "[red]broken[/]", None: "[yellow]note[/]"}[good]
        checks.add_row(mark, subject, found)

    row(True, "auteur", f"{__version__}, Python {platform.python_version()}, {platform.machine()}")
    container = build(settings)
    for finding in await container.deployment().examine():
        row(finding.good, finding.subject, finding.found)
    service = running_service(settings)
    remote = await _find_service(settings, None)
    row(True if remote else None, "service", f"runs at {remote.url}" if remote else "none runs on this workspace")
    if service and not remote:
        row(None, "service", f"one that said it was at {service} does not answer")
    try:
        settings.private_directory.mkdir(parents=True, exist_ok=True)
        await container.artifacts().check()
        free_gb = shutil.disk_usage(settings.workspace).free / 1e9
        row(free_gb > 1, "workspace", f"{settings.workspace}, writable, {free_gb:.0f} GB free")
    except (AuteurError, OSError):
        row(False, "workspace", f"{settings.workspace} cannot be written; set {PREFIX}WORKSPACE_ROOT")
    row(*await _try_engines())
    for problem in container.engines().problems:
        row(False, "engines", str(problem))
    changed = settings.model_fields_set
    row(True, "settings", "all at their defaults" if not changed else "set: " + ", ".join(sorted(changed)))
    for said in unknown_variables():
        row(None, "settings", said)
    out.print(checks)
    return 1 if broken else 0


async def _try_engines() -> tuple[bool, str, str]:
    """Makes the smallest frame and shot there are, for real."""
    frame = {
        "prompt": "wide shot of a field",
        "seed": 1,
        "width_px": 64,
        "height_px": 64,
        "steps": 1,
        "style": "previs",
    }
    shot = {"duration_s": 0.5, "fps": 12, "move": "push_in", "ease": "linear", **frame}
    with tempfile.TemporaryDirectory() as directory:
        try:
            async with asyncio.timeout(60), EngineProcesses(max_idle=1) as processes:
                place = {"directory": directory, "draft": "frame.png"}
                await processes.run(
                    "auteur.adapters.engines.previs.frame:render_frame", {"params": frame, **place}, lambda said: None
                )
                place = {"directory": directory, "draft": "shot.mp4", "poster": "poster.jpg"}
                source = str(Path(directory, "frame.png"))
                await processes.run(
                    "auteur.adapters.engines.previs.motion.move:render_move",
                    {"params": shot, "source": source, **place},
                    lambda said: None,
                )
        except Exception as error:
            return False, "engines", f"previs does not work here: {str(error).strip().splitlines()[-1]}"
    return True, "engines", "previs: text_to_image and image_to_video work"


async def _find_service(settings: Settings, server: str | None) -> RemoteStudio | None:
    """The named service, which must answer; else this workspace's own if it runs."""
    url = server or running_service(settings)
    if url is None:
        return None
    studio = RemoteStudio(url, settings.workspace)
    if await studio.answers():
        return studio
    if server is not None:
        raise ServiceError(f"No service answers at {server}.")
    return None


if __name__ == "__main__":
    main()
