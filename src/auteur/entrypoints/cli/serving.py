"""``auteur serve`` and ``auteur worker``."""

import gc
from pathlib import Path
from typing import Annotated

import typer

from auteur import __version__
from auteur.entrypoints.cli.shared import SERVING, announce, app, warn_of_unknown_variables


@app.command("serve", rich_help_panel=SERVING)
def serve_command(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    workspace: Annotated[Path | None, typer.Option(help="Where results and the database live.")] = None,
) -> None:
    """Serve the page, the WebSocket and the HTTP API; run the tasks here."""
    gc.disable()  # what a start makes stays; `serve` switches it on
    from auteur.entrypoints.assistants import require_sdk
    from auteur.entrypoints.container import build
    from auteur.entrypoints.logs import configure_logs, log_what_nobody_catches
    from auteur.entrypoints.server import listen, run, serve, url_of
    from auteur.entrypoints.settings import PREFIX, load_settings

    given = {"host": host, "port": port, "workspace_root": workspace}
    settings = load_settings(**{name: value for name, value in given.items() if value is not None})
    configure_logs(settings)
    log_what_nobody_catches()
    warn_of_unknown_variables()
    container = build(settings)
    container.verifier()  # a package that it lacks is missed before anything is begun
    if settings.mcp:
        require_sdk(f"{PREFIX}MCP")
    listener = listen(settings)

    def greet() -> None:
        url = url_of(settings, listener)
        announce(f"auteur {__version__} listens on {url}")
        announce(f"workspace {settings.workspace}; stop with Ctrl-C")
        if settings.engines_give_way:
            announce(f"engines let other programs go first; {PREFIX}ENGINE_PRIORITY=normal gives them their share")

    run(serve(container, listener, greet))


@app.command(rich_help_panel=SERVING)
def worker(
    lanes: Annotated[str | None, typer.Option(help="Lanes to take tasks of, by comma; all.")] = None,
    concurrency: Annotated[int | None, typer.Option(help="Tasks to run at a time.", min=1)] = None,
    task_types: Annotated[str | None, typer.Option(help="Task types to take, by comma; all this machine can.")] = None,
    workspace: Annotated[Path | None, typer.Option(help="Where results live, shared with the service.")] = None,
) -> None:
    """Run tasks for a service on other machines: needs BACKEND_REDIS_URL and the workspace they share."""
    gc.disable()  # what a start makes stays; `work` switches it on
    from auteur.entrypoints.container import build
    from auteur.entrypoints.logs import configure_logs, log_what_nobody_catches
    from auteur.entrypoints.server import run, work
    from auteur.entrypoints.settings import PREFIX, WrongSettingError, load_settings

    given = {
        "worker_lanes": lanes,
        "max_concurrent_tasks": concurrency,
        "worker_task_types": task_types,
        "workspace_root": workspace,
    }
    settings = load_settings(**{name: value for name, value in given.items() if value is not None}, run_tasks=True)
    configure_logs(settings)
    log_what_nobody_catches()
    warn_of_unknown_variables()
    container = build(settings)
    if not container.deployment().is_shared:
        raise WrongSettingError(f"{PREFIX}REDIS_URL must name the Redis that the service uses")
    about = container.worker()

    def greet() -> None:
        announce(f"auteur {__version__} works as {about.name}")
        what = f"{', '.join(about.task_types)}; lanes {', '.join(about.lanes)}"
        announce(f"{about.slots} at a time: {what}; stop with Ctrl-C")

    run(work(container, greet))
