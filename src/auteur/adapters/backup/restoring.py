"""A workspace out of one file: unpacked beside where it belongs, looked at whole, and only then put there."""

import hashlib
import json
import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from auteur.adapters.backup.databases import check_database, databases_in
from auteur.adapters.backup.ledger import Entry, Ledger
from auteur.adapters.backup.recording import FILES, FORMAT, MANIFEST, PRIVATE, SEAL
from auteur.adapters.backup.tape import Member, TapeReader, UnusableBackupError

_STAGING = "restoring"
_LONGEST_LINE_BYTES = 64 << 10
_NOT_OURS = frozenset({"lost+found"})


class CannotRestoreError(Exception):
    """Nothing was restored, because of the place where it should be; says why in one line."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What is there again. ``made_at`` and ``version``: of the backup; ``missing``: what was missing already then."""

    files: int
    size_bytes: int
    made_at: str
    version: str
    missing: list[str]


def check_is_empty(workspace: Path, private: Path) -> None:
    """Raises `CannotRestoreError` where something lies in the workspace already, `OSError` where it cannot be read."""
    if (private / _STAGING).exists():
        raise CannotRestoreError(f"{workspace} holds what a restore left that was cut short; empty it first")
    there = {entry.name for entry in os.scandir(workspace)} if workspace.exists() else set()
    if private.exists() and not {entry.name for entry in os.scandir(private)} - {"lock"}:
        there.discard(private.name)
    if there - _NOT_OURS:
        raise CannotRestoreError(f"{workspace} is not empty; a backup is restored into an empty workspace only")


def restore(
    backup: Path,
    workspace: Path,
    private: Path,
    begin_anew: Callable[[Path], None],
    on_file: Callable[[int], None] = lambda size_bytes: None,
) -> Restored:
    """Unpacks the backup into the workspace, whose ``private`` directory is there and holds nothing of worth.

    All of it, with its digests, or nothing: what cannot be used leaves the workspace as it was. ``begin_anew``: makes
    the log of a copy; given each database. Raises `UnusableBackupError`, `CannotRestoreError`, `OSError`.
    """
    staging = private / _STAGING
    if not stat.S_ISREG(backup.stat().st_mode):  # to open a pipe is to wait for somebody
        raise UnusableBackupError("it is no file")
    with backup.open("rb") as source:
        about = os.fstat(source.fileno())
        if shutil.disk_usage(private).free < about.st_size:
            raise CannotRestoreError(f"there is no room for {about.st_size / 1e9:.1f} GB in {workspace}")
        staging.mkdir()
        try:
            restored = _unpack(source, about.st_size, staging, on_file)
            for database in databases_in(staging / PRIVATE):
                _make_ready(database, begin_anew)
            _own_like(workspace, staging)
            os.sync()
            _put_in_place(staging, workspace, private)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise
    return restored


def _unpack(source: IO[bytes], size_bytes: int, staging: Path, on_file: Callable[[int], None]) -> Restored:
    ledger = Ledger(staging / "ledger")
    (staging / FILES).mkdir()
    (staging / PRIVATE).mkdir()
    try:
        tape = TapeReader(source, size_bytes)
        kept: dict[str, Entry] = {}
        last = ""
        for member in tape:
            if last == SEAL:
                raise UnusableBackupError("something follows its end")
            last = member.name
            entry = _write(tape, member, staging)
            if last in (MANIFEST, SEAL):
                kept[last] = entry
            else:
                ledger.add(entry)
            on_file(member.size_bytes)
        if last != SEAL or MANIFEST not in kept:
            raise UnusableBackupError("it is no backup of auteur's, or it is cut off")
        return _check(staging, ledger, kept[MANIFEST])
    finally:
        ledger.close()


def _write(tape: TapeReader, member: Member, staging: Path) -> Entry:
    room, _, inside = member.name.partition("/")
    hidden = any(part.startswith(".") for part in member.name.split("/"))
    known = member.name in (MANIFEST, SEAL) or bool(
        (inside and room == FILES) or (room == PRIVATE and inside.endswith(".db"))
    )
    if hidden or not known:
        raise UnusableBackupError(f"it holds something that does not belong in a backup: {member.name[:200]!a}")
    path, digest = staging / member.name, hashlib.sha256()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            for chunk in tape.content(member):
                digest.update(chunk)
                file.write(chunk)
    except (FileExistsError, IsADirectoryError, NotADirectoryError):
        raise UnusableBackupError("a file of it lies within another") from None
    with suppress(OSError, OverflowError):
        os.utime(path, (member.modified_at, member.modified_at))
    return Entry(member.name, member.size_bytes, digest.hexdigest())


def _check(staging: Path, ledger: Ledger, manifest: Entry) -> Restored:
    """Holds what was unpacked to the manifest, and the manifest to its seal."""
    if _read_json((staging / SEAL).read_bytes()[:_LONGEST_LINE_BYTES]).get("manifest_sha256") != manifest.sha256:
        raise UnusableBackupError("its list of files is not as it was written")
    with (staging / MANIFEST).open("rb") as lines:
        about = _read_json(lines.readline(_LONGEST_LINE_BYTES))
        if about.get("format") != FORMAT:
            raise UnusableBackupError(f"it is of format {about.get('format')!r}, and this auteur reads {FORMAT}")
        files, size_bytes = 0, 0
        while line := lines.readline(_LONGEST_LINE_BYTES):
            listed = _read_json(line)
            name = str(listed.get("name"))
            found = ledger.find(name)
            if found is None:
                raise UnusableBackupError(f"a file is missing in it: {name[:200]!a}")
            if (found.size_bytes, found.sha256) != (listed.get("size_bytes"), listed.get("sha256")):
                raise UnusableBackupError(f"a file in it is not as it was: {name[:200]!a}")
            ledger.mark(name, 1)
            files, size_bytes = files + 1, size_bytes + found.size_bytes
    if files != about.get("files"):
        raise UnusableBackupError("its list of files is not whole")
    for name in ledger.unnamed(1):  # read before its task was deleted, or while it changed
        _remove(staging / name, staging)
    missing = about.get("missing")
    return Restored(
        files,
        size_bytes,
        made_at=str(about.get("made_at")),
        version=str(about.get("auteur")),
        missing=[str(name) for name in missing] if isinstance(missing, list) else [],
    )


def _remove(path: Path, staging: Path) -> None:
    """The file, and the folders that were there for it alone: no record names the folder of a deleted task."""
    path.unlink()
    for folder in path.parents:
        if folder.parent == staging or any(folder.iterdir()):
            return
        folder.rmdir()


def _read_json(text: bytes) -> dict[str, Any]:
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise UnusableBackupError("its list of files cannot be read")
    return read


def _make_ready(database: Path, begin_anew: Callable[[Path], None]) -> None:
    try:
        with closing(sqlite3.connect(database)) as connection:
            check_database(connection)
        begin_anew(database)
    except sqlite3.Error as error:
        raise UnusableBackupError(f"{database.name} in it is no database that can be used: {error}") from error


def _own_like(workspace: Path, staging: Path) -> None:
    """Who restores as root does it for whom the workspace belongs to."""
    owner = workspace.stat()
    if os.name == "nt" or os.geteuid() != 0 or (owner.st_uid, owner.st_gid) == (0, 0):
        return
    for folder, _, names in os.walk(staging.parent):
        for path in (folder, *(os.path.join(folder, name) for name in names)):
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _put_in_place(staging: Path, workspace: Path, private: Path) -> None:
    """The log last: without it nothing knows of what lies there."""
    for entry in sorted((staging / FILES).iterdir()):
        entry.rename(workspace / entry.name)
    for entry in sorted((staging / PRIVATE).iterdir()):
        entry.rename(private / entry.name)
    shutil.rmtree(staging)
    for folder in (private, workspace):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
