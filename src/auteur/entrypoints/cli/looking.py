"""``auteur list``, ``show`` and ``projects``."""

from contextlib import aclosing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from auteur.entrypoints.cli.shared import (
    LOOKING,
    AsJson,
    Project,
    TokenFile,
    Url,
    app,
    find_service,
    open_studio,
    out,
    remark,
    run,
    settings_to_ask,
    tell_json,
    tell_table,
)

if TYPE_CHECKING:
    from rich.text import Text

    from auteur.client import ProjectSummary, Task
    from auteur.entrypoints.settings import Settings

_COLOURS = {"succeeded": "green", "failed": "red", "cancelled": "yellow", "running": "cyan"}
_WIDE = 110
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="How many at most.")]


@app.command("list", rich_help_panel=LOOKING, epilog="auteur list -p film --status failed --json | jq '.[].error'")
def list_tasks(
    project: Project = "default",
    status: Annotated[
        list[str] | None,
        typer.Option(
            "--status",
            "-s",
            help="blocked, queued, running, succeeded, failed or cancelled; may be given several times.",
        ),
    ] = None,
    task_type: Annotated[str | None, typer.Option("--type", "-t", help="Of this task type.")] = None,
    quality: Annotated[str | None, typer.Option("--quality", "-q", help="Of this quality.")] = None,
    shot: Annotated[str | None, typer.Option(help="Takes of this shot.")] = None,
    favourite: Annotated[bool | None, typer.Option("--favourite/--no-favourite", help="Favourites, or others.")] = None,
    search: Annotated[str | None, typer.Option("--search", help="Words of prompt, shot and metadata.")] = None,
    limit: Limit = 20,
    as_json: AsJson = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """List tasks, newest first."""
    known = {"blocked", "queued", "running", "succeeded", "failed", "cancelled"}
    for one in status or ():
        if one not in known:
            raise typer.BadParameter(f"{one!r} is none of {', '.join(sorted(known))}", param_hint="--status")
    filters = {"status": status, "task_type": task_type, "quality": quality, "favourite": favourite, "shot": shot}
    found = run(_list(settings_to_ask(), project, {**filters, "q": search, "limit": limit}, url, token_file))
    if as_json:
        tell_json(found)
    elif found:
        _show_tasks(found)
    else:
        remark(
            f"no tasks in {project}"
            + (" that are so" if any(v is not None for v in (*filters.values(), search)) else "")
        )


@app.command(rich_help_panel=LOOKING, epilog="auteur show TASK -p film --json | jq .result.artifacts")
def show(
    task: Annotated[str, typer.Argument(help="The id of the task.")],
    project: Project = "default",
    as_json: AsJson = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Show one task: what was asked for, where it stands, what it made."""
    found = run(_show(settings_to_ask(), project, task, url, token_file))
    if as_json:
        tell_json(found)
    else:
        _show_task(found)


@app.command(rich_help_panel=LOOKING)
def projects(limit: Limit = 50, as_json: AsJson = False, url: Url = None, token_file: TokenFile = None) -> None:
    """List projects, the one active last first."""
    found = run(_projects(settings_to_ask(), limit, url, token_file))
    if as_json:
        tell_json(found)
    elif found:
        _show_projects(found)
    else:
        remark("no projects yet; `auteur generate` begins one")


async def _list(
    settings: "Settings", project: str, filters: dict[str, Any], url: str | None, token_file: str | None
) -> "list[Task]":
    async with (
        open_studio(settings, await find_service(settings, url, token_file)) as studio,
        aclosing(studio.tasks(project, **filters)) as tasks,
    ):
        return [task async for task in tasks]


async def _show(settings: "Settings", project: str, task: str, url: str | None, token_file: str | None) -> "Task":
    async with open_studio(settings, await find_service(settings, url, token_file)) as studio:
        return await studio.task(project, task)


async def _projects(
    settings: "Settings", limit: int, url: str | None, token_file: str | None
) -> "list[ProjectSummary]":
    async with (
        open_studio(settings, await find_service(settings, url, token_file)) as studio,
        aclosing(studio.projects(limit)) as projects,
    ):
        return [project async for project in projects]


# --- tables --------------------------------------------------------------------------------------------------------


def _show_tasks(tasks: "list[Task]") -> None:
    from rich.table import Column, Table
    from rich.text import Text

    is_wide = not out().is_terminal or out().width >= _WIDE
    columns = [Column("task", no_wrap=True), Column("status", no_wrap=True), Column("shot", no_wrap=True)]
    if is_wide:
        columns += [Column("type", no_wrap=True), Column("quality", no_wrap=True), Column("queued", no_wrap=True)]
    table = Table(
        *columns, Column("what", no_wrap=True, overflow="ellipsis"), box=None, padding=(0, 2, 0, 0), header_style="dim"
    )
    for task in tasks:
        more = [Text(task.task_type), Text(task.quality), Text(ago(task.queued_at))] if is_wide else []
        table.add_row(Text(task.task_id), _status(task), _take(task), *more, Text(_words(task)))
    tell_table(table)


def _status(task: "Task") -> "Text":
    from rich.text import Text

    said = f"{task.status} {task.progress:.0%}" if task.status == "running" else task.status
    if task.status == "queued" and task.queue_position:
        said += f" #{task.queue_position}"
    return Text(said, style=_COLOURS.get(task.status, ""))


def _take(task: "Task") -> "Text":
    from rich.text import Text

    marks = ("◎" if task.circled else "") + ("★" if task.favourite else "")
    return Text(f"{task.shot}/{task.take} {marks}".strip() if task.shot else marks)


def _words(task: "Task") -> str:
    """What it is, in a line: why it failed, or what was asked for."""
    if task.status == "failed" and task.error is not None:
        return _line(f"{task.error.code}: {task.error.message}")
    prompt = task.params.get("prompt")
    return _line(prompt if isinstance(prompt, str) and prompt else task.task_type)


def _line(text: str) -> str:
    from auteur.domain.text import shown

    return shown(" ".join(text.split()))


def _show_task(task: "Task") -> None:
    from rich.table import Column, Table
    from rich.text import Text

    table = Table(
        Column(style="dim", no_wrap=True), Column(overflow="fold"), box=None, padding=(0, 2, 0, 0), show_header=False
    )

    def row(name: str, value: Any) -> None:
        if value not in (None, "", (), {}):
            table.add_row(name, value if isinstance(value, Text) else Text(_line(str(value))))

    row("task", task.task_id)
    row("project", task.project_id)
    row("status", _status(task))
    row("asked for", f"{task.task_type}, {task.quality}" + (f", by {task.engine}" if task.engine else ""))
    row("take", _take(task))
    for name, value in task.params.items():
        row(f"  {name}", value)
    row("waits for", ", ".join(task.waits_for))
    row("made of", task.promoted_from)
    row("promoted to", ", ".join(task.promoted_to))
    row("notice", task.notice)
    row("says", task.message)
    row("queued", f"{task.queued_at.astimezone():%Y-%m-%d %H:%M:%S}, {ago(task.queued_at)}")
    if task.ended_at is not None and task.started_at is not None:
        row(
            "took",
            f"{(task.ended_at - task.started_at).total_seconds():.1f} s"
            + (f", attempt {task.attempt}" if task.attempt > 1 else ""),
        )
    if task.error is not None:
        row("error", Text(_line(f"{task.error.code}: {task.error.message}"), style="red"))
    if task.result is not None:
        row("seed", task.result.seed if "seed" not in task.params else None)
        row("made by", task.result.engine)
        for made in task.result.artifacts:
            size = f", {made.width_px} x {made.height_px}" if made.width_px else ""
            row(made.kind, f"{made.path}  ({made.media_type}{size}, {made.size_bytes / 1000:.0f} kB)")
    tell_table(table)


def _show_projects(projects: "list[ProjectSummary]") -> None:
    from rich.table import Column, Table
    from rich.text import Text

    table = Table(
        Column("project", no_wrap=True), Column("open", justify="right"), Column("made", justify="right"),
        Column("failed", justify="right"), Column("size", justify="right", no_wrap=True),
        Column("active", no_wrap=True),
        box=None, padding=(0, 2, 0, 0), header_style="dim",
    )  # fmt: skip
    for project in projects:
        counts = project.counts
        table.add_row(
            Text(project.project_id), str(counts.open), str(counts.succeeded), str(counts.failed),
            f"{counts.size_bytes / 1e6:.1f} MB", ago(project.active_at),
        )  # fmt: skip
    tell_table(table)


def ago(at: datetime) -> str:
    """How long ago, in one word and a unit."""
    seconds = max((datetime.now(UTC) - at).total_seconds(), 0)
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit} ago"
    return f"{seconds:.0f} s ago"
