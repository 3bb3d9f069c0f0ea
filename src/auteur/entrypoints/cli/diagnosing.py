"""``auteur doctor`` and ``auteur health``."""

import asyncio
import json
import platform
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auteur import __version__
from auteur.entrypoints.cli.shared import SERVING, app, find_service, out, run, tell

if TYPE_CHECKING:
    from auteur.entrypoints.engine_report import EngineRow
    from auteur.entrypoints.settings import Settings


@app.command(rich_help_panel=SERVING)
def doctor() -> None:
    """Say what is configured, what is reachable, and what is missing."""
    sys.exit(run(_doctor(_silent_settings())))


@app.command(rich_help_panel=SERVING)
def engines(
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON array.")] = False,
) -> None:
    """List the engines that are installed, which are up, and why one is not; exit with 1 if one should be."""
    from auteur.entrypoints.container import build
    from auteur.entrypoints.engine_report import engine_report

    rows = run(engine_report(build(_silent_settings())))
    if as_json:
        tell(json.dumps([asdict(row) for row in rows], indent=2))
    else:
        _show_engines(rows)
    sys.exit(1 if any(row.is_fault for row in rows) else 0)


def _silent_settings() -> "Settings":
    from auteur.entrypoints.logs import configure_logs
    from auteur.entrypoints.settings import load_settings

    settings = load_settings()
    configure_logs(settings.model_copy(update={"log_level": "CRITICAL"}))
    return settings


def _show_engines(rows: "Sequence[EngineRow]") -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for column in ("engine", "entry point", "package", "makes", "state"):
        table.add_column(column, overflow="fold")
    colours = {"up": "green", "down": "red", "left out": "red"}
    for row in rows:
        makes = ", ".join(f"{task_type} ({place}.)" for task_type, place in row.places.items())
        state = Text(row.state, style=colours.get(row.state, "yellow"))
        table.add_row(
            Text(row.engine or ""), Text(row.name), Text(f"{row.package} {row.version}".strip()), makes, state
        )
    out().print(table)
    for row in rows:
        if row.reason:  # on a line of its own, whole, to be copied
            tell(f"{row.name}: {row.reason}")


@app.command(
    rich_help_panel=SERVING,
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def health(context: typer.Context) -> None:
    """Exit with 0 if the service on this machine, or its worker, is alive; for orchestrators."""
    from auteur.entrypoints import probe

    sys.exit(probe.main(context.args))  # `auteur health` comes here only from within; see auteur/__main__.py


async def _doctor(settings: "Settings") -> int:
    from rich.table import Table
    from rich.text import Text

    from auteur.adapters.engines.installed import engine_names
    from auteur.entrypoints.access import examine_access
    from auteur.entrypoints.container import build, running_service
    from auteur.entrypoints.engine_report import engine_report
    from auteur.entrypoints.settings import unknown_variables
    from auteur.entrypoints.storage import examine_files

    checks = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    broken = 0

    def row(good: bool | None, subject: str, found: str) -> None:
        nonlocal broken
        broken += good is False
        mark = {True: "[green]ok[/]", False: "[red]broken[/]", None: "[yellow]note[/]"}[good]
        checks.add_row(mark, subject, Text(found))  # what is found may hold brackets, as auteur[comfyui]

    row(True, "auteur", f"{__version__}, Python {platform.python_version()}, {platform.machine()}")
    container = build(settings)
    for finding in await container.deployment().examine():
        row(finding.good, finding.subject, finding.found)
    service = running_service(settings)
    remote = await find_service(settings, None)
    if remote is not None:
        await remote.close()
    row(True if remote else None, "service", f"runs at {remote.url}" if remote else "none runs on this workspace")
    if service and not remote:
        row(None, "service", f"one that said it was at {service} does not answer")
    for finding in (*await examine_access(settings), *await examine_files(settings, container.artifacts())):
        row(finding.good, finding.subject, finding.found)
    row(*await _try_engines())
    for engine in await engine_report(container):
        if engine.is_fault:
            row(False, "engines", f"{engine.name} of {engine.package} is {engine.state}: {engine.reason}")
        elif engine.state == "off":
            row(True, "engines", f"{engine.name} is off: {engine.reason}")
        elif engine.state == "up" and (engine.reason or engine.engine != "previs"):  # previs was tried above
            row(
                None if engine.reason else True,
                "engines",
                f"{engine.name} is up{engine.reason and ', but '}{engine.reason}",
            )
    changed = settings.model_fields_set
    row(True, "settings", "all at their defaults" if not changed else "set: " + ", ".join(sorted(changed)))
    for said in unknown_variables(engine_names()):
        row(None, "settings", said)
    out().print(checks)
    return 1 if broken else 0


async def _try_engines() -> tuple[bool, str, str]:
    """Makes the smallest frame and shot there are, for real."""
    from auteur.adapters.engines.process import EngineProcesses

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
                place = {"directory": directory, "draft": "frame.png", "suffix": ""}
                await processes.run(
                    "auteur.adapters.engines.previs.frame:render_frame", {"params": frame, **place}, lambda said: None
                )
                place = {"directory": directory, "draft": "shot.mp4", "poster": "poster.jpg"}
                source = str(Path(directory, "frame.png"))
                await processes.run(
                    "auteur.adapters.engines.previs.motion.over_still:render_move",
                    {"params": shot, "source": source, **place},
                    lambda said: None,
                )
        except Exception as error:
            return False, "engines", f"previs does not work here: {str(error).strip().splitlines()[-1]}"
    return True, "engines", "previs: text_to_image and image_to_video work"
