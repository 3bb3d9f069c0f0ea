"""``auteur upload``, ``cancel`` and ``mark``."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from auteur.entrypoints.cli.shared import (
    CHANGING,
    AsJson,
    Project,
    TokenFile,
    Url,
    app,
    complain,
    find_service,
    open_studio,
    run,
    settings_to_ask,
    tell,
    tell_json,
)

if TYPE_CHECKING:
    from auteur.entrypoints.settings import Settings
    from auteur.entrypoints.studios import Studio

Tasks = Annotated[list[str], typer.Argument(help="Ids of tasks.", metavar="TASK…")]


@app.command(rich_help_panel=CHANGING, epilog="auteur upload still.png -p film")
def upload(
    pictures: Annotated[list[Path], typer.Argument(help="Stills or sounds of any kind, or scripts.", metavar="FILE…")],
    project: Project = "default",
    as_json: AsJson = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Bring pictures, sounds or scripts into a project, and print the paths that tasks and films take."""

    async def bring(studio: "Studio", name: str) -> tuple[str, Any]:
        picture = Path(name)
        with await asyncio.to_thread(picture.open, "rb"):  # one that cannot be read is told before anything is sent
            pass
        path = await studio.bring(project, picture)
        return path, {"file": name, "path": path}

    sys.exit(run(each(settings_to_ask(), [str(one) for one in pictures], bring, as_json, url, token_file)))


@app.command(rich_help_panel=CHANGING)
def cancel(
    tasks: Tasks, project: Project = "default", as_json: AsJson = False, url: Url = None, token_file: TokenFile = None
) -> None:
    """Ask tasks to stop. One that has ended stays as it is."""

    async def stop(studio: "Studio", task_id: str) -> tuple[str, Any]:
        task = await studio.cancel(project, task_id)
        return f"{task_id} {'is cancelled' if task.status == 'cancelled' else _said_of(task.status)}", task

    sys.exit(run(each(settings_to_ask(), tasks, stop, as_json, url, token_file)))


@app.command(rich_help_panel=CHANGING, epilog="auteur mark TASK --circle -p film")
def mark(
    tasks: Tasks,
    favourite: Annotated[bool | None, typer.Option("--favourite/--no-favourite", help="A favourite, or not.")] = None,
    circle: Annotated[
        bool | None, typer.Option("--circle/--no-circle", help="The chosen take of its shot; no other is then.")
    ] = None,
    project: Project = "default",
    as_json: AsJson = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Mark tasks as favourites, or circle a take of its shot."""
    marks = {"favourite": favourite, "circled": circle}
    given = {name: value for name, value in marks.items() if value is not None}
    if not given:
        raise typer.BadParameter("say --favourite, --circle, or one of them with no- before it", param_hint="mark")

    async def put(studio: "Studio", task_id: str) -> tuple[str, Any]:
        task = await studio.mark(project, task_id, given)
        held = [name for name, holds in (("a favourite", task.favourite), ("circled", task.circled)) if holds]
        return f"{task_id} is {' and '.join(held) or 'not marked'}", task

    sys.exit(run(each(settings_to_ask(), tasks, put, as_json, url, token_file)))


async def each(
    settings: "Settings",
    names: list[str],
    do: "Callable[[Studio, str], Coroutine[Any, Any, tuple[str, Any]]]",
    as_json: bool,
    url: str | None,
    token_file: str | None,
) -> int:
    """Does it for each, whatever becomes of the others; the exit code is that of the first that was not done."""
    from auteur.entrypoints.studios import CommandError

    code, done = 0, []
    async with open_studio(settings, await find_service(settings, url, token_file)) as studio:
        for name in dict.fromkeys(names):
            try:
                said, data = await do(studio, name)
            except CommandError as error:
                code = code or error.exit_code
                complain(str(error))
                continue
            done.append(data)
            if not as_json:
                tell(said)
    if as_json:
        tell_json(done)
    return code


def _said_of(status: str) -> str:
    return {"running": "is asked to stop", "succeeded": "is made already", "failed": "has failed already"}.get(
        status, f"is {status}"
    )
