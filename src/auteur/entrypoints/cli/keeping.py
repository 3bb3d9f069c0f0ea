"""``auteur delete``, ``delete-project``, ``gc`` and ``import``: what stays of what was made."""

import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from auteur.entrypoints.cli.shared import (
    KEEPING,
    Project,
    TokenFile,
    Url,
    app,
    complain,
    find_service,
    open_studio,
    quiet_settings,
    remark,
    run,
    tell,
)

if TYPE_CHECKING:
    from auteur.domain.archive import OrphanReason, ProjectArchive
    from auteur.domain.ports import Described
    from auteur.entrypoints.settings import Settings

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

_WORDS: "dict[OrphanReason, str]" = {
    "attempt_lost": "its attempt did not win",
    "task_deleted": "its task was deleted",
    "task_unknown": "no record of its task",
    "project_deleted": "its project was deleted",
    "unfinished": "never finished",
    "picture_gone": "a thumbnail without its picture",
    "upload_unused": "no task uses it",
}


@app.command(rich_help_panel=KEEPING)
def delete(
    tasks: Annotated[list[str], typer.Argument(help="Ids of tasks that have ended.", metavar="TASK…")],
    project: Project = "default",
    yes: Yes = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Remove tasks for good, record and files. Their ids are not used again."""
    settings = quiet_settings()
    _confirm(f"Remove {_count(len(tasks), 'task')} of {project} with their files, for good?", yes)
    sys.exit(run(_delete(settings, project, tasks, url, token_file)))


@app.command("delete-project", rich_help_panel=KEEPING)
def delete_project(
    project: Annotated[str, typer.Argument(help="The project; its tasks have ended.")],
    yes: Yes = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Remove a whole project for good: records, files and history. Its id is not used again."""
    settings = quiet_settings()
    _confirm(f"Remove the project {project} with all its tasks and files, for good?", yes)
    run(_delete_project(settings, project, url, token_file))


@app.command("gc", rich_help_panel=KEEPING)
def collect(remove: Annotated[bool, typer.Option("--remove", help="Remove what is listed.")] = False) -> None:
    """List the files that no record names; with --remove, remove them."""
    run(_collect(quiet_settings(), remove))


@app.command("import", rich_help_panel=KEEPING)
def import_takes() -> None:
    """Make known again what lies in the workspace and has no record, from the take.json beside each result."""
    run(_import(quiet_settings()))


# --- delete --------------------------------------------------------------------------------------------------------


def _confirm(question: str, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        complain("nobody can be asked here; say --yes")
        sys.exit(2)
    if not typer.confirm(question, err=True):
        complain("nothing was removed")
        sys.exit(1)


async def _delete(settings: "Settings", project: str, tasks: list[str], url: str | None, token_file: str | None) -> int:
    from auteur.entrypoints.studios import CommandError

    code = 0
    async with open_studio(settings, await find_service(settings, url, token_file)) as studio:
        for task in dict.fromkeys(tasks):
            try:
                await studio.delete_task(project, task)
                tell(f"deleted {task}")
            except CommandError as error:
                code = code or error.exit_code
                complain(str(error))
    return code


async def _delete_project(settings: "Settings", project: str, url: str | None, token_file: str | None) -> None:
    async with open_studio(settings, await find_service(settings, url, token_file)) as studio:
        await studio.delete_project(project)
    tell(f"deleted {project}")


# --- gc ------------------------------------------------------------------------------------------------------------


async def _collect(settings: "Settings", remove: bool) -> None:
    from auteur.domain.archive import KEPT

    found, size_bytes = 0, 0
    kept: Counter[str] = Counter()
    async with _archive(settings, "gc") as archive:
        async for orphan in archive.orphans():
            files = orphan.files
            if orphan.reason in KEPT:
                kept[orphan.reason] += 1
            elif not remove or await archive.remove_orphan(orphan):
                found, size_bytes = found + 1, size_bytes + files.size_bytes
                tell(f"{_size(files.size_bytes):>9}  {files.path}  ({_WORDS[orphan.reason]})")
    if remove:
        remark(f"removed: {_count(found, 'item')}, {_size(size_bytes)}")
    elif found:
        remark(f"{_count(found, 'item')}, {_size(size_bytes)}; `auteur gc --remove` removes them")
    else:
        remark("nothing is left over")
    if kept["not_imported"]:
        remark(f"{_count(kept['not_imported'], 'result')} without a record: `auteur import` makes them known again")
    if kept["task_forgotten"]:
        remark(f"{_count(kept['task_forgotten'], 'result')} of which a release before kept no record: left alone")
    if kept["project_unknown"]:
        remark(f"{_count(kept['project_unknown'], 'result')} of projects that this log does not know: left alone")


# --- import --------------------------------------------------------------------------------------------------------


async def _import(settings: "Settings") -> None:
    def say(described: "Described") -> None:
        complain(f"{described.path}: {described.problem}")

    async with _archive(settings, "import") as archive:
        report = await archive.import_tasks(say)
    tell(
        f"imported {report.imported}, already known {report.known}, deleted {report.deleted}, "
        f"unreadable or incomplete {report.unusable}"
    )


# --- all -----------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _archive(settings: "Settings", command: str) -> "AsyncIterator[ProjectArchive]":
    """The archive of the workspace, its log opened here. Raises `CommandError` where another process has it."""
    from auteur.entrypoints.container import WorkspaceInUseError, build, lifetime
    from auteur.entrypoints.studios import CommandError

    container = build(settings, own_tasks_only=True)
    try:
        async with lifetime(container):
            yield container.archive()
    except WorkspaceInUseError as error:
        raise CommandError(f"{error} Stop it first: `auteur {command}` needs the workspace for itself.") from None


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _size(size_bytes: float) -> str:
    for unit in ("B", "kB", "MB"):
        if size_bytes < 1000:
            return f"{size_bytes:.0f} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:.1f} GB"
