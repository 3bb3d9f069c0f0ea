"""``auteur sets``, ``auteur cast`` and ``auteur films``: what a project keeps beside its takes."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from auteur.entrypoints.cli.making import read_param
from auteur.entrypoints.cli.shared import (
    MAKING,
    AsJson,
    Project,
    TokenFile,
    Url,
    app,
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
    from auteur.entrypoints.studios import Studio


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
