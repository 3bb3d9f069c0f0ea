"""``auteur film``."""

import asyncio
import base64
import json
import sys
from collections.abc import Mapping
from contextlib import aclosing
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from auteur.entrypoints.cli.batching import let_go, tell_ending
from auteur.entrypoints.cli.making import CancelOnInterrupt, read_param
from auteur.entrypoints.cli.shared import (
    MAKING,
    Project,
    TokenFile,
    Url,
    app,
    err,
    find_service,
    open_studio,
    quiet_settings,
    remark,
    run,
    tell,
    tell_json,
    tell_table,
)

if TYPE_CHECKING:
    from auteur.entrypoints.output import Target
    from auteur.entrypoints.settings import Settings
    from auteur.entrypoints.studios import FilmStarted, Studio

_LONGEST_LISTED = 90


@app.command(rich_help_panel=MAKING, epilog="auteur film pilot.fountain -p film -q draft --dry-run")
def film(
    script: Annotated[
        str, typer.Argument(help="Fountain (.fountain, .txt), Final Draft (.fdx) or a shot list (.csv); - for stdin.")
    ],
    name: Annotated[str | None, typer.Option("--name", "-n", help="Of the film; else the file's.")] = None,
    quality: Annotated[
        str | None, typer.Option("--quality", "-q", help="draft, standard, high or ultra; else as before.")
    ] = None,
    rate: Annotated[str, typer.Option(help="Frames a second: 23.976, 24, 25, 29.97 or 30.")] = "24",
    aspect: Annotated[str, typer.Option(help="Shape of the frames.")] = "16:9",
    scene: Annotated[list[str] | None, typer.Option(help="Only this scene, by number; again for more.")] = None,
    param: Annotated[list[str] | None, typer.Option("--param", help="Of every shot, as name=value.")] = None,
    remake: Annotated[bool, typer.Option("--remake", help="Every shot, not only those that look otherwise.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what was read of the script.")] = False,
    out: Annotated[
        str | None,
        typer.Option("--out", "-o", help="A directory for board PDF, lists, animatic, OTIO, EDL and USD cameras."),
    ] = None,
    project: Project = "default",
    cancel_on_interrupt: CancelOnInterrupt = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="For programs: what was read as a line, then a line a task, as it ends.")
    ] = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Make the board of a script, or bring it up to the script, and print the frames as they are made.

    Scenes become shots, and all shots one batch. Run again after the script changed, only those shots are made that
    look otherwise; they keep their names. With --out the film is handed over, too: docs/handover.md.
    """
    path = Path(script)
    data = sys.stdin.buffer.read() if script == "-" else path.read_bytes()
    wanted = {
        "name": name or ("film" if script == "-" else path.stem),
        "file": "" if script == "-" else path.name,
        "script_base64": base64.b64encode(data).decode(),
        "rate": rate,
        "quality": quality,
        "params": {"aspect": aspect, **dict(read_param(text) for text in param or [])},
        "scenes": scene or None,
        "remake": remake,
        "dry_run": dry_run,
    }
    request = {key: value for key, value in wanted.items() if value is not None}
    settings = quiet_settings()
    settings = settings.model_copy(update={"engine_priority": settings.engine_priority or "normal"})
    target = _directory(out) if out is not None and not dry_run else None
    sys.exit(run(_film(settings, project, request, target, cancel_on_interrupt, as_json, url, token_file)))


def _directory(out: str) -> "Target":
    """Where the film is handed over to, made if it is not there. Raises `CannotWriteError`, `OSError`."""
    from auteur.entrypoints.output import Target

    Path(out).mkdir(parents=True, exist_ok=True)
    return Target(f"{out.rstrip('/')}/")


async def _film(
    settings: "Settings",
    project: str,
    request: Mapping[str, Any],
    target: "Target | None",
    cancel_on_interrupt: bool,
    as_json: bool,
    url: str | None,
    token_file: str | None,
) -> int:
    async with open_studio(settings, await find_service(settings, url, token_file)) as studio:
        failed = await _follow(studio, project, request, cancel_on_interrupt, as_json)
        if target is not None:
            failed |= await _hand_over(studio, project, request["name"], target, cancel_on_interrupt, as_json)
        return failed


async def _hand_over(
    studio: "Studio", project: str, name: str, target: "Target", cancel_on_interrupt: bool, as_json: bool
) -> int:
    """Has the film be handed over, and its files be put into the directory."""
    from auteur.client import Complete, is_ending
    from auteur.entrypoints.studios import BatchStarted

    left: dict[str, str] = {}
    failed = 0
    try:
        async with aclosing(studio.hand_over(project, name, {})) as heard:
            async for event in heard:
                if isinstance(event, BatchStarted):
                    left = {task_id: kind for kind, task_id in event.names.items()}
                elif isinstance(event, Complete):
                    kind = left.pop(event.task_id or "")
                    for artifact in event.result.artifacts:
                        path = await studio.fetch(artifact, target)
                        if as_json:
                            told = {"name": kind, "task_id": event.task_id, "status": "succeeded", "path": str(path)}
                            tell_json(json.dumps(told, ensure_ascii=False))
                        else:
                            tell(f"{kind} {path}")
                elif is_ending(event):
                    failed += await tell_ending(studio, project, left.pop(event.task_id or ""), event, as_json)
    except asyncio.CancelledError:
        await let_go(studio, project, left, cancel_on_interrupt)
        raise
    return 1 if failed else 0


async def _follow(
    studio: "Studio", project: str, request: Mapping[str, Any], cancel_on_interrupt: bool, as_json: bool
) -> int:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from auteur.client import Progress as Progressed
    from auteur.client import is_ending
    from auteur.entrypoints.studios import FilmStarted

    left: dict[str, str] = {}
    """Which shot each task is of that has not ended, by id."""
    failed = 0
    columns = TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn()
    try:
        with Progress(*columns, console=err(), transient=True, disable=not err().is_terminal) as bar:
            line = bar.add_task("reading", total=None)
            async with aclosing(studio.film(project, request)) as heard:
                async for event in heard:
                    if isinstance(event, FilmStarted):
                        left = {task_id: shot for shot, task_id in event.names.items()}
                        _tell_film(event, as_json=as_json, dry_run=bool(request.get("dry_run")))
                        bar.update(line, description="waiting", total=len(left))
                    elif is_ending(event):
                        shot = left.pop(event.task_id or "")
                        failed += await tell_ending(studio, project, shot, event, as_json)
                        bar.advance(line)
                    elif isinstance(event, Progressed):
                        said = event.message or event.stage or "working"
                        bar.update(line, description=f"{left[event.task_id]}: {said}")
    except asyncio.CancelledError:
        await let_go(studio, project, left, cancel_on_interrupt)
        raise
    return 1 if failed else 0


def _tell_film(started: "FilmStarted", *, as_json: bool, dry_run: bool) -> None:
    """The shots as a table, and what becomes of them."""
    made = started.made
    if as_json:
        tell_json(json.dumps(made, ensure_ascii=False))
        return
    for warning in made["warnings"]:
        remark(warning)
    if dry_run or err().is_terminal or made["make"]:
        tell_table(_table(made))
    length = _clock(sum(shot["frames"] for shot in made["shots"]), made["rate"])
    counts = ", ".join(f"{len(made[what])} {what}" for what in ("added", "changed", "kept", "removed") if made[what])
    remark(f"{made['name']}: {len(made['shots'])} shots, {length} at {made['rate']}; {counts}")
    if made["removed"]:
        remark(f"removed: {', '.join(made['removed'])}")
    if dry_run:
        remark(f"{len(made['make'])} would be made")


def _table(made: Mapping[str, Any]) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("shot", "line", "page", "length", "", "in words", "says"):
        table.add_column(column)
    states = {name: mark for what, mark in (("added", "+"), ("changed", "~")) for name in made[what]}
    heading = None
    for shot in made["shots"]:
        if shot["heading"] != heading:
            heading = shot["heading"]
            table.add_row(
                Text(shot["scene"] or "", style="bold"), "", "", "", "", Text(heading or "", style="bold"), ""
            )
        words = shot["prompt"].removesuffix(".").removesuffix((heading or "").rstrip(".")).strip()
        speakers = ", ".join(dict.fromkeys(speech["character"] for speech in shot["speeches"] if speech["character"]))
        table.add_row(
            Text(shot["name"]), str(shot["line"] or ""), str(shot["page"] or ""),
            _clock(shot["frames"], made["rate"]), states.get(shot["name"], ""), Text(_cut(words)), Text(speakers),
        )  # fmt: skip
    return table


def _cut(words: str) -> str:
    return words if len(words) <= _LONGEST_LISTED else f"{words[: _LONGEST_LISTED - 1]}…"


def _clock(frames: int, rate: str) -> str:
    """As minutes and seconds."""
    from auteur.domain.film import RATES

    seconds = Fraction(frames) / RATES[rate]
    return f"{int(seconds // 60)}:{float(seconds % 60):04.1f}"
