"""A workspace into one file, while its service runs.

A snapshot of the databases first, then the files, because a file is there before a record names it. What is deleted
meanwhile has its event before its file goes: so where a file is missing, a newer snapshot no longer names it, and that
one is taken. It ends as soon as a snapshot names nothing that the tape has not.
"""

import errno
import hashlib
import json
import os
import sqlite3
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Protocol

from auteur.adapters.backup.databases import copy_database, databases_in
from auteur.adapters.backup.ledger import Entry, Ledger
from auteur.adapters.backup.tape import Member, TapeWriter, is_plain
from auteur.domain.ports import DRAFT_SUFFIX

FORMAT = 1
FILES, PRIVATE = "files", "private"
MANIFEST, SEAL = "manifest.jsonl", "seal.json"
_CHUNK_BYTES = 1 << 20
_LOOKS = 100
_TOLD = 20


class Named(Protocol):
    """A file that a record names. ``path``: in the workspace."""

    @property
    def path(self) -> str: ...
    @property
    def size_bytes(self) -> int: ...
    @property
    def sha256(self) -> str: ...


class CannotBackUpError(Exception):
    """No backup was made; says why in one line."""


@dataclass
class BackedUp:
    """What was written. ``missing``: files that records name, and that are not there or not as they were; the first of
    ``missing_count``. ``left_out``: files whose names no backup can hold, or that changed while they were read."""

    files: int = 0
    size_bytes: int = 0
    looks: int = 0
    missing: list[str] = field(default_factory=list)
    missing_count: int = 0
    left_out: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """``private``: the service's own directory in the workspace. ``log``: the database there that ``named`` reads, None
    where the log is kept elsewhere. ``with_files``: false where results lie elsewhere, and not in the workspace."""

    workspace: Path
    private: Path
    log: Path | None
    named: Callable[[Path], Iterable[Named]]
    with_files: bool = True
    version: str = ""


def back_up(source: Source, target: Path, on_file: Callable[[int], None] = lambda size_bytes: None) -> BackedUp:
    """Writes the workspace to ``target``, which is there whole or not at all. ``on_file``: told of the bytes of each.

    Raises `CannotBackUpError`, `OSError`.
    """
    if target.exists():
        raise CannotBackUpError(f"{target} is there already")
    if target.absolute().resolve().is_relative_to(source.workspace.resolve()):
        raise CannotBackUpError("a backup in the workspace itself would be lost with it; name another place")
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
        part = Path(folder, "part")
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            recording = _Recording(source, Path(folder), out, on_file)
            try:
                report = recording.run()
            finally:
                recording.close()
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(part, target)  # unlike a renaming it takes no other file's place
        except FileExistsError:
            raise CannotBackUpError(f"{target} is there already") from None
        except OSError:
            part.rename(target)  # a file system without hard links
    return report


class _Recording:
    def __init__(self, source: Source, folder: Path, out: IO[bytes], on_file: Callable[[int], None]) -> None:
        self._source = source
        self._folder = folder
        self._tape = TapeWriter(out)
        self._ledger = Ledger(folder / "ledger")
        self._on_file = on_file
        self._report = BackedUp()

    def close(self) -> None:
        self._ledger.close()

    def run(self) -> BackedUp:
        copies = self._snapshot()
        if self._source.with_files:
            for path, name in _files_in(self._source.workspace, FILES):
                self._add(path, name)
            copies = self._until_whole(copies)
        for name, copy in copies.items():
            self._add(copy, name)
        self._close_tape()
        return self._report

    def _snapshot(self) -> dict[str, Path]:
        """Copies of all databases, by their names on the tape."""
        copies = {}
        for number, path in enumerate(databases_in(self._source.private)):
            copy = self._folder / f"{number}.db"
            try:
                copy_database(path, copy)
            except sqlite3.Error as error:
                raise CannotBackUpError(f"{path} cannot be read: {error}") from error
            copies[f"{PRIVATE}/{path.relative_to(self._source.private).as_posix()}"] = copy
        return copies

    def _until_whole(self, copies: dict[str, Path]) -> dict[str, Path]:
        """The newest snapshot, when all is on the tape that it names and that there is."""
        if self._source.log is None:
            return copies
        name = f"{PRIVATE}/{self._source.log.relative_to(self._source.private).as_posix()}"
        lost: set[str] = set()
        for look in range(1, _LOOKS):
            if name not in copies:
                return copies
            self._report.looks = look
            before, lost = lost, set(self._look(copies[name], look))
            if lost <= before:  # a newer snapshot still names them: nobody deleted them
                self._report.missing = sorted(lost)[:_TOLD]
                self._report.missing_count = len(lost)
                for gone in list(self._ledger.unnamed(look)):
                    if gone.startswith(f"{FILES}/") and not self._path_of(gone).exists():
                        self._ledger.drop(gone)  # deleted meanwhile
                return copies
            copies = self._snapshot()
        raise CannotBackUpError("files are deleted faster than they can be read; try again when less is deleted")

    def _look(self, log: Path, look: int) -> Iterator[str]:
        """The files that the log names and that cannot be had as it says."""
        for named in self._source.named(log):
            name = f"{FILES}/{named.path}"
            entry = self._ledger.find(name)
            if entry is None and (path := self._within(name)) is not None:
                entry = self._add(path, name)
            if entry is not None:
                self._ledger.mark(name, look)
            if entry is None or (entry.size_bytes, entry.sha256) != (named.size_bytes, named.sha256):
                yield named.path

    def _path_of(self, name: str) -> Path:
        return self._source.workspace / name.removeprefix(f"{FILES}/")

    def _within(self, name: str) -> Path | None:
        """Where what a record names really lies in its project; None where a link leads out of it, or in a circle."""
        path = self._path_of(name)
        project = self._source.workspace / path.relative_to(self._source.workspace).parts[0]
        found = Path(os.path.realpath(path))  # unlike Path.resolve it raises nothing
        return found if found.is_relative_to(os.path.realpath(project)) else None

    def _add(self, path: Path, name: str) -> Entry | None:
        """The file on the tape; None if it is not there, or changes while it is read."""
        if not is_plain(name):
            self._leave_out(name)
            return None
        file = _opened(path)
        if file is None:
            return None
        with file:
            before = os.fstat(file.fileno())
            member = Member(name, before.st_size, before.st_mtime)
            digest, left = hashlib.sha256(), before.st_size
            self._tape.begin(member)
            while left:
                chunk = file.read(min(left, _CHUNK_BYTES)) or bytes(min(left, _CHUNK_BYTES))
                digest.update(chunk)
                self._tape.write(chunk)
                left -= len(chunk)
            self._tape.pad(member.size_bytes)
            after = os.fstat(file.fileno())
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            self._leave_out(name)
            return None
        entry = Entry(name, member.size_bytes, digest.hexdigest())
        self._ledger.add(entry)
        self._on_file(member.size_bytes)
        return entry

    def _leave_out(self, name: str) -> None:
        if len(self._report.left_out) < _TOLD:
            self._report.left_out.append(name.partition("/")[2])

    def _close_tape(self) -> None:
        """The manifest, and the digest that seals it: what ends without has been cut off."""
        self._report.files, self._report.size_bytes = self._ledger.totals()
        manifest = self._folder / MANIFEST
        about = {
            "format": FORMAT,
            "auteur": self._source.version,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "files": self._report.files,
            "size_bytes": self._report.size_bytes,
            "missing": self._report.missing,
        }
        with manifest.open("wb") as lines:
            lines.write(json.dumps(about).encode() + b"\n")
            for entry in self._ledger:
                lines.write(entry.line())
        sealed = self._add(manifest, MANIFEST)
        assert sealed is not None
        seal = self._folder / SEAL
        seal.write_text(json.dumps({"manifest_sha256": sealed.sha256}))
        self._add(seal, SEAL)
        self._tape.close()


def _opened(path: Path) -> IO[bytes] | None:
    """The file, if it is one, and not what may lie elsewhere, or never ends: where a record says that it is, somebody
    may have put a link, or a pipe, since."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENXIO):  # a link, as FreeBSD says it, and a socket
            return None
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return None
    return os.fdopen(descriptor, "rb")


def _files_in(workspace: Path, name: str) -> Iterator[tuple[Path, str]]:
    """Finished files, with their names on the tape: not what is hidden, which the service keeps for itself or can make
    again, nor what lies behind links, but for a whole project on another disk."""
    folders = [(workspace, name, True)]
    while folders:
        folder, name, is_root = folders.pop()
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as found:
            for one in found:
                if one.name.startswith(".") or one.name.endswith(DRAFT_SUFFIX):
                    continue
                if one.is_dir(follow_symlinks=is_root):
                    folders.append((Path(one.path), f"{name}/{one.name}", False))
                elif one.is_file(follow_symlinks=False):
                    yield Path(one.path), f"{name}/{one.name}"
