"""``auteur webhooks``: who is told of a project's endings, and what could not be delivered to them."""

import sys
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from auteur.entrypoints.cli.changing import each
from auteur.entrypoints.cli.looking import ago
from auteur.entrypoints.cli.shared import (
    SERVING,
    AsJson,
    Project,
    TokenFile,
    Url,
    app,
    find_service,
    open_studio,
    remark,
    run,
    settings_to_ask,
    tell,
    tell_json,
    tell_table,
)

if TYPE_CHECKING:
    from auteur.entrypoints.settings import Settings
    from auteur.entrypoints.studios import Studio, WebhookDesk

T = TypeVar("T")
Shown = Mapping[str, Any]

webhooks = typer.Typer(
    no_args_is_help=True, help="Say who is told of a project's endings; look at dead letters and replay them.",
    pretty_exceptions_enable=False, add_completion=False,
)  # fmt: skip
app.add_typer(webhooks, name="webhooks", rich_help_panel=SERVING)

_ENDINGS = ("succeeded", "failed", "cancelled")
"""As messages have them behind ``task.``; not imported, for help loads nothing of the service."""

Id = Annotated[str, typer.Argument(help="Its id, as `auteur webhooks list` shows it.", metavar="ID")]
Description = Annotated[str | None, typer.Option(help="One line, for people.")]


def _types(text: str | None) -> list[str] | None:
    if text is None:
        return None
    words = [word.strip().removeprefix("task.") for word in text.split(",")]
    for word in words:
        if word not in _ENDINGS:
            raise typer.BadParameter(f"{word!r} is none of {', '.join(_ENDINGS)}", param_hint="--types")
    return [f"task.{word}" for word in words]


def _receiver(text: str) -> str:
    return sys.stdin.readline().strip() if text == "-" else text


def _given(**content: Any) -> dict[str, Any]:
    return {name: value for name, value in content.items() if value is not None}


@webhooks.command("list")
def list_webhooks(
    project: Project = "default", as_json: AsJson = False, url: Url = None, token_file: TokenFile = None
) -> None:
    """List a project's webhooks, the oldest first, without their secrets."""
    found = run(_asked(settings_to_ask(), lambda desk: desk.all(project), url, token_file))
    if as_json:
        tell_json(found)
    elif found:
        _show_webhooks(found)
    else:
        remark(f"nobody is told of endings in {project}; `auteur webhooks add` says whom to tell")


@webhooks.command("add", epilog="auteur webhooks add https://studio.example/hook --types failed -p film > secret.txt")
def add(
    receiver: Annotated[
        str, typer.Argument(help="Where messages are sent, https:; - for a line of stdin.", metavar="URL")
    ],
    types: Annotated[str | None, typer.Option(help="Some of succeeded, failed, cancelled, by comma; else all.")] = None,
    description: Description = None,
    project: Project = "default",
    as_json: AsJson = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Have a receiver be told of every ending, and print the secret that signs. It is shown once.

    Where no service runs, the next one tells of what ended meanwhile.
    """
    body = {"url": _receiver(receiver), **_given(types=_types(types), description=description)}
    made = run(_asked(settings_to_ask(), lambda desk: desk.add(project, body), url, token_file))
    _tell_secret(made, f"{made['webhook_id']} is told of endings in {project}: {_endings(made)}.", as_json)


@webhooks.command("change", epilog="auteur webhooks change ID --disable -p film")
def change(
    webhook_id: Id,
    enable: Annotated[
        bool | None,
        typer.Option("--enable/--disable", help="Tell it again, or no more; what waits becomes dead letters then."),
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", help="Another receiver; - for a line of stdin.", metavar="URL")
    ] = None,
    types: Annotated[str | None, typer.Option(help="Some of succeeded, failed, cancelled, by comma.")] = None,
    description: Description = None,
    project: Project = "default",
    as_json: AsJson = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Change a webhook, enable or disable it. What is left out stays, the secret too."""
    receiver = None if to is None else _receiver(to)
    body = _given(enabled=enable, url=receiver, types=_types(types), description=description)
    if not body:
        raise typer.BadParameter("say --enable, --disable, --to, --types or --description", param_hint="change")
    changed = run(_asked(settings_to_ask(), lambda desk: desk.change(project, webhook_id, body), url, token_file))
    if as_json:
        tell_json(changed)
    else:
        tell(f"{webhook_id} is {_state(changed)} ({_endings(changed)})")


@webhooks.command("rotate", epilog="auteur webhooks rotate ID -p film > secret.txt")
def rotate(
    webhook_id: Id, project: Project = "default", as_json: AsJson = False, url: Url = None, token_file: TokenFile = None
) -> None:
    """Draw a new secret for a webhook, and print it. It is shown once."""
    drawn = run(_asked(settings_to_ask(), lambda desk: desk.rotate(project, webhook_id), url, token_file))
    _tell_secret(drawn, "For a while messages carry a signature by the secret before, too.", as_json)


@webhooks.command("remove")
def remove(webhook_id: Id, project: Project = "default", url: Url = None, token_file: TokenFile = None) -> None:
    """Remove a webhook for good, with what waits for it and its dead letters."""
    run(_asked(settings_to_ask(), lambda desk: desk.remove(project, webhook_id), url, token_file))
    remark(f"{webhook_id} is removed")


@webhooks.command("dead", epilog="auteur webhooks dead -p film --json | jq -r '.[].reason'")
def dead(
    project: Project = "default",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many at most.")] = 50,
    as_json: AsJson = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """List dead letters, newest first: messages that were given up, and why."""

    async def ask(desk: "WebhookDesk") -> list[Shown]:
        found: list[Shown] = []
        async with aclosing(desk.dead_letters(project)) as letters:
            async for letter in letters:
                found.append(letter)
                if len(found) == limit:
                    break
        return found

    found = run(_asked(settings_to_ask(), ask, url, token_file))
    if as_json:
        tell_json(found)
    elif found:
        _show_letters(found)
    else:
        remark(f"no dead letters in {project}")


@webhooks.command("replay", epilog="auteur webhooks replay --all -p film")
def replay(
    letters: Annotated[
        list[str] | None, typer.Argument(help="Ids, as `auteur webhooks dead` shows them.", metavar="ID…")
    ] = None,
    all_of_them: Annotated[bool, typer.Option("--all", help="All dead letters of the project.")] = False,
    project: Project = "default",
    as_json: AsJson = False,
    url: Url = None,
    token_file: TokenFile = None,
) -> None:
    """Send dead letters again, under the ids that they had, for as long as if they had just happened.

    Where no service runs, the next one sends them.
    """
    if all_of_them == bool(letters):
        raise typer.BadParameter("say ids, or --all", param_hint="replay")
    if letters:
        sys.exit(run(each(settings_to_ask(), letters, _again(project), as_json, url, token_file)))
    replayed = run(_asked(settings_to_ask(), lambda desk: desk.replay(project, None), url, token_file))
    if as_json:
        tell_json({"replayed": replayed})
    else:
        tell(f"{replayed} {'waits' if replayed == 1 else 'wait'} again")


def _again(project: str) -> "Callable[[Studio, str], Coroutine[Any, Any, tuple[str, Any]]]":
    async def again(studio: "Studio", letter: str) -> tuple[str, Any]:
        replayed = await studio.webhooks.replay(project, letter)
        return f"{letter} waits again", {"delivery_id": letter, "replayed": replayed}

    return again


async def _asked(
    settings: "Settings", ask: "Callable[[WebhookDesk], Awaitable[T]]", url: str | None, token_file: str | None
) -> T:
    async with open_studio(settings, await find_service(settings, url, token_file)) as studio:
        return await ask(studio.webhooks)


# --- what is shown -------------------------------------------------------------------------------------------------


def _tell_secret(webhook: Shown, remarked: str, as_json: bool) -> None:
    """The secret is a line of its own, or in the document; what is beside it goes elsewhere."""
    if as_json:
        tell_json(webhook)
        return
    remark(remarked)
    remark("This is the only time its secret is shown:")
    tell(webhook["secret"])


def _endings(webhook: Shown) -> str:
    return ", ".join(kind.removeprefix("task.") for kind in webhook["types"])


def _state(webhook: Shown) -> str:
    if webhook["enabled"]:
        return "enabled"
    return "gone" if webhook["disabled"] == "gone" else "disabled"


def _show_webhooks(found: Sequence[Shown]) -> None:
    from rich.table import Column, Table
    from rich.text import Text

    from auteur.domain.text import shown

    table = Table(
        Column("id", no_wrap=True), Column("state", no_wrap=True), "told of", Column("receiver", overflow="fold"),
        "description", box=None, padding=(0, 2, 0, 0), header_style="dim",
    )  # fmt: skip
    for webhook in found:
        table.add_row(
            webhook["webhook_id"], Text(_state(webhook), style="" if webhook["enabled"] else "yellow"),
            _endings(webhook), Text(shown(webhook["url"])), Text(shown(webhook["description"])),
        )  # fmt: skip
    tell_table(table)


def _show_letters(found: Sequence[Shown]) -> None:
    from rich.table import Column, Table
    from rich.text import Text

    table = Table(
        Column("id", overflow="fold"), Column("webhook", overflow="fold"), Column("task", overflow="fold"), "told",
        Column("attempts", justify="right"), Column("given up", no_wrap=True), "reason",
        box=None, padding=(0, 2, 0, 0), header_style="dim",
    )  # fmt: skip
    for letter in found:
        died = datetime.fromisoformat(letter["died_at"])
        table.add_row(
            letter["delivery_id"], letter["webhook_id"], Text(letter["task_id"]), letter["type"].removeprefix("task."),
            str(letter["attempts"]), ago(died), Text(letter["reason"]),
        )  # fmt: skip
    tell_table(table)
