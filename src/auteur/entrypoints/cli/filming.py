"""``auteur film``, and ``auteur sets``, ``auteur cast`` and ``auteur films``."""

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
    AsJson,
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
    from auteur.entrypoints.settings import Settings
    from auteur.entrypoints.studios import FilmStarted, Studio

_LONGEST_LISTED = 90


@app.command(rich_help_panel=MAKING, epilog="auteur film pilot.fountain -p film -q draft --dry-run")
def film(
    script: Annotated[str, typer.Argument(help="Fountain, Final Draft (.fdx) or a shot list (.csv); - for stdin.")],
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
    look otherwise; they keep their names.
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
    sys.exit(run(_film(settings, project, request, cancel_on_interrupt, as_json, url, token_file)))


async def _film(
    settings: "Settings",
    project: str,
    request: Mapping[str, Any],
    cancel_on_interrupt: bool,
    as_json: bool,
    url: str | None,
    token_file: str | None,
) -> int:
    async with open_studio(settings, await find_service(settings, url, token_file)) as studio:
        return await _follow(studio, project, request, cancel_on_interrupt, as_json)


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


# --- sets, casts, films -------------------------------------------------------------------------------------------


def _kind(kind: str, one: str, columns: Mapping[str, str]) -> None:
    """Adds the commands for one kind of document. ``columns``: titles in a list, by field."""
    group = typer.Typer(
        no_args_is_help=True, help=f"List, show, put and delete {kind}.", pretty_exceptions_enable=False,
        add_completion=False,
    )  # fmt: skip
    app.add_typer(group, name=kind, rich_help_panel=MAKING)

    @group.command("list", help=f"Show the project's {kind} by name.")
    def list_all(
        project: Project = "default", as_json: AsJson = False, url: Url = None, token_file: TokenFile = None
    ) -> None:
        async def ask(studio: "Studio") -> list[Mapping[str, Any]]:
            return [document async for document in studio.documents(project, kind)]

        found = run(_asked(ask, url, token_file))
        if as_json:
            tell_json(found)
        elif not found:
            remark(f"There are no {kind} in {project}.")
        else:
            tell_table(_listed(found, columns))

    @group.command("show", help=f"Show one {one} as JSON.")
    def show(name: str, project: Project = "default", url: Url = None, token_file: TokenFile = None) -> None:
        tell_json(dict(run(_asked(lambda studio: studio.document(project, kind, name), url, token_file))))

    @group.command("put", help=f"Keep a {one}: name=value, with a list as JSON, or a JSON file by --file.")
    def put(
        name: str,
        value: Annotated[list[str] | None, typer.Argument(help="As place=kitchen.")] = None,
        file: Annotated[str | None, typer.Option("--file", "-f", help="A JSON file; - for stdin.")] = None,
        project: Project = "default",
        url: Url = None,
        token_file: TokenFile = None,
    ) -> None:
        body = {**(_json_in(file) if file else {}), **dict(read_param(text) for text in value or [])}

        async def ask(studio: "Studio") -> Mapping[str, Any]:
            return await studio.put_document(project, kind, name, body)

        kept = run(_asked(ask, url, token_file))
        tell(f"{kept['name']} version {kept['version']}")

    @group.command("delete", help=f"Delete a {one}; takes keep what they were made with.")
    def delete(name: str, project: Project = "default", url: Url = None, token_file: TokenFile = None) -> None:
        run(_asked(lambda studio: studio.delete_document(project, kind, name), url, token_file))
        remark(f"{name} is deleted")


async def _asked(ask: Any, url: str | None, token_file: str | None) -> Any:
    settings = quiet_settings()
    async with open_studio(settings, await find_service(settings, url, token_file)) as studio:
        return await ask(studio)


def _listed(found: list[Mapping[str, Any]], columns: Mapping[str, str]) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in columns.values():
        table.add_column(title)
    for document in found:
        cells = [document[field] for field in columns]
        table.add_row(*(Text(", ".join(c) if isinstance(c, list) else "" if c is None else str(c)) for c in cells))
    return table


def _json_in(file: str) -> dict[str, Any]:
    from auteur.domain.strict_json import loads
    from auteur.entrypoints.studios import CommandError

    text = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    try:
        said = loads(text)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise CommandError(f"{'the standard input' if file == '-' else file} is no JSON object")
    kept = {"name", "version", "etag", "updated_at"}  # as `show` tells it, and as nobody may set it
    return {name: value for name, value in said.items() if name not in kept}


_kind("sets", "set", {"name": "name", "place": "place", "time": "time", "light": "light", "seed": "seed"})
_kind("cast", "cast member", {"name": "name", "called": "called", "build": "build", "height_m": "metres"})
_kind("films", "film", {"name": "name", "title": "title", "rate": "rate", "shots": "shots", "source": "script"})
