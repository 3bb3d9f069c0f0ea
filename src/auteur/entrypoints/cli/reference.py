"""The page of the command line, from what the commands say of themselves."""

from collections.abc import Iterator
from typing import Any

import typer

from auteur.entrypoints.cli import COMMANDS
from auteur.entrypoints.cli.shared import app

_HEAD = """<!-- Written by `make docs` from the code; change it there. -->

# The command line

`auteur COMMAND --help` says the same. What is asked of a service goes through [the client](clients.md).

**Which service.** `--url` (or `--server`), else `BACKEND_SERVICE_URL`, else the one that runs on this workspace.
Where none runs, a command opens the workspace itself, does what was asked for, and ends; only `watch` and `--no-wait`
need a service. **What is shown to it.** The token in `--token-file`, else `BACKEND_TOKEN` (or `BACKEND_TOKEN_FILE`);
the service on this workspace knows its own user without one. A token is sent in a header, never in an address.

**Results** go to the standard output and nothing else does: tables for people, cut to the terminal's width and whole
in a pipe; with `--json` one JSON document, or a line each (`watch`, `batch`). Everything else goes to the standard
error, what is wrong as one line. Colours are for terminals; `NO_COLOR` leaves them out.

**Ctrl-C** is answered at once. `generate`, `promote` and `batch` leave the tasks to the service and say how to go on;
`--cancel-on-interrupt` cancels them, as does Ctrl-C where no service runs. A second Ctrl-C ends the process, whatever
it still waits for.

| exit code | |
|---|---|
| 0 | done |
| 1 | a task failed, or it cannot be done on this machine: a file, the workspace, what a file holds |
| 2 | wrong use, or a wrong setting |
| 3 | the service refused; the code in brackets is that of [the protocol](protocol.md#error-codes) |
| 4 | no service answers |
| 130 | stopped with Ctrl-C |
| 141 | nobody reads what is said any more |

**Completion** of commands and options: `auteur --install-completion`, and a new shell (bash, zsh, fish, PowerShell);
`auteur --show-completion` prints it.
"""


def commands_page() -> str:
    """Every command with its arguments and options, in the order and under the headings of the help."""
    lines = [_HEAD]
    assert COMMANDS  # they are there once their modules were read
    root: Any = typer.main.get_command(app)
    heading = None
    for name, command in root.commands.items():
        if command.rich_help_panel != heading:
            heading = command.rich_help_panel
            lines += [f"## {heading}", ""]
        lines += _command(f"auteur {name}", command)
    return "\n".join(lines)


def _command(name: str, command: Any) -> Iterator[str]:
    inside = getattr(command, "commands", None)
    if inside is not None:
        for word, one in inside.items():
            yield from _command(f"{name} {word}", one)
        return
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    shown = " ".join(_argument(one) for one in arguments)
    yield from (f"### `{name}{' ' + shown if shown else ''}`", "", " ".join((command.help or "").split()), "")
    rows = [f"| `{_argument(one)}` | {_told(one)} |" for one in arguments]
    rows += [f"| `{_option(one)}` | {_told(one)} |" for one in command.params if one not in arguments]
    if rows:
        yield from ("| | |", "|---|---|", *rows, "")
    if command.epilog:
        yield from ("```sh", command.epilog, "```", "")


def _argument(one: Any) -> str:
    word = (one.metavar or one.name.upper()).strip("[]")
    return word if one.required else f"[{word}]"


def _option(one: Any) -> str:
    names = [*one.opts, *one.secondary_opts]
    takes = "" if one.is_flag else f" {one.metavar or one.name.upper()}"
    return ", ".join(names) + takes


def _told(one: Any) -> str:
    is_shown = isinstance(one.default, str | int) and not isinstance(one.default, bool) and one.default != ""
    said = (one.help or "").replace("|", "\\|")
    return f"{said} Default: `{one.default}`." if is_shown else said
