"""``auteur backup`` and ``auteur restore``: a workspace in one file, and out of it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from auteur import __version__
from auteur.entrypoints.cli.shared import KEEPING, app, complain, err, quiet_settings, remark, tell

if TYPE_CHECKING:
    from auteur.entrypoints.settings import Settings


@app.command(rich_help_panel=KEEPING)
def backup(
    target: Annotated[Path, typer.Argument(help="The file to write, or a directory for one named by the time.")],
) -> None:
    """Write the workspace to one file: results, uploads and databases, while the service runs."""
    from auteur.adapters.backup.recording import CannotBackUpError, Source, back_up
    from auteur.adapters.log.sqlite.snapshot import named_files
    from auteur.entrypoints.embedded import log_file
    from auteur.entrypoints.settings import PREFIX

    settings = quiet_settings()
    if not settings.workspace.is_dir():
        complain(f"there is no workspace at {settings.workspace}; set {PREFIX}WORKSPACE_ROOT")
        sys.exit(1)
    if target.is_dir():
        target = target / f"auteur-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.tar"
    source = Source(
        workspace=settings.workspace,
        private=settings.private_directory,
        log=log_file(settings),
        named=named_files,
        with_files=settings.s3_url is None,
        version=__version__,
    )
    try:
        with _progress("read") as on_file:
            made = back_up(source, target, on_file)
    except CannotBackUpError as error:
        complain(str(error))
        sys.exit(1)
    for name in made.left_out:
        complain(f"{name} is not in the backup: it changed while it was read, or no backup can hold its name")
    for name in made.missing:
        complain(f"{name} is named by a record, and is not there as it was made")
    _say_what_is_elsewhere(settings)
    tell(f"{target}: {_files(made.files)}, {made.size_bytes / 1e6:.1f} MB")
    if made.missing_count:
        complain(f"the backup lacks {_files(made.missing_count)} that records name; it holds all else")
    if made.missing_count or made.left_out:
        sys.exit(1)


@app.command(rich_help_panel=KEEPING)
def restore(
    source: Annotated[Path, typer.Argument(help="A file that `auteur backup` wrote.", metavar="FILE")],
    workspace: Annotated[Path | None, typer.Option(help="Where to; else the workspace of the settings.")] = None,
) -> None:
    """Put a backup into an empty workspace, with all digests checked. Bookmarks of before are not honoured there."""
    from auteur.adapters.backup.restoring import CannotRestoreError, check_is_empty
    from auteur.adapters.backup.restoring import restore as restore_backup
    from auteur.adapters.backup.tape import UnusableBackupError
    from auteur.adapters.log.sqlite.snapshot import begin_anew
    from auteur.entrypoints.embedded import workspace_to_itself

    settings = quiet_settings()
    if workspace is not None:
        settings = settings.model_copy(update={"workspace_root": workspace})
    root, private = settings.workspace, settings.private_directory
    try:
        check_is_empty(root, private)
        with workspace_to_itself(settings), _progress("written") as on_file:
            done = restore_backup(source, root, private, begin_anew, on_file)
    except CannotRestoreError as error:
        complain(str(error))
        sys.exit(1)
    except UnusableBackupError as error:
        complain(f"{source} cannot be used: {error}; nothing was restored")
        sys.exit(1)
    for name in done.missing:
        complain(f"{name} was missing already when the backup was made")
    remark(f"made at {done.made_at} by auteur {done.version}")
    tell(f"{root}: {_files(done.files)}, {done.size_bytes / 1e6:.1f} MB")


def _say_what_is_elsewhere(settings: "Settings") -> None:
    from auteur.entrypoints.embedded import log_file

    if log_file(settings) is None:
        remark("the log is not in the workspace; copy it first, as docs/operations.md says")
    if settings.s3_url is not None:
        remark("results lie in the bucket; copy or version it by its own means")


@contextmanager
def _progress(verb: str) -> Iterator[Callable[[int], None]]:
    """On a terminal, a line that counts files; elsewhere nothing."""
    from rich.progress import Progress, SpinnerColumn, TextColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=err(), disable=not err().is_terminal, transient=True) as bar:
        line, files, size_bytes = bar.add_task(f"{verb} nothing yet"), 0, 0

        def on_file(more_bytes: int) -> None:
            nonlocal files, size_bytes
            files, size_bytes = files + 1, size_bytes + more_bytes
            bar.update(line, description=f"{verb} {_files(files)}, {size_bytes / 1e6:.0f} MB")

        yield on_file


def _files(number: int) -> str:
    return f"{number} file{'' if number == 1 else 's'}"
