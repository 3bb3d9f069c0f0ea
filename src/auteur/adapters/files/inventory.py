"""What lies in a workspace: the descriptions that takes left beside their files, and all else that was put there.

Only what has a name that the workspace itself gives is told of. Links are not followed; a file that somebody laid
beside the others is nobody's, and stays.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from auteur.adapters.files import descriptions
from auteur.adapters.files.descriptions import Known
from auteur.adapters.files.disk import open_regular, remove_tree
from auteur.adapters.files.names import ATTEMPT, DESCRIPTION, ID, UPLOAD, UPLOADS, is_project
from auteur.domain.ports import DRAFT_SUFFIX, Described, StoredFiles, StoredKind
from auteur.domain.task import Task

_THUMBNAIL = re.compile(r"\.(?P<picture>.+)\.\d+\.webp")


# --- descriptions --------------------------------------------------------------------------------------------------


def find_descriptions(root: Path) -> Iterator[Described]:
    """Every description, as they are to be made known again: see `descriptions.in_order`."""
    found: list[Known] = []
    for path in _descriptions(root):
        described = _read(root, path)
        if described.task is None:
            yield described
        else:
            found.append(Known.of(described.path, described.task))
    for known in descriptions.in_order(found):
        path = root / known.path
        described = _read(root, path)
        yield described if described.task is None else _with_files(path, described.path, described.task)


def _descriptions(root: Path) -> Iterator[Path]:
    for project in projects_in(root):
        for task in sorted(_folders(project)):
            for attempt in sorted(_folders(task)):
                if os.path.lexists(attempt / DESCRIPTION):
                    yield attempt / DESCRIPTION


def _read(root: Path, path: Path) -> Described:
    where = os.fsencode(path.relative_to(root)).decode("utf-8", "backslashreplace")
    try:
        with open_regular(path) as file:
            body = file.read(descriptions.LARGEST_BYTES + 1)
        if len(body) > descriptions.LARGEST_BYTES:
            return descriptions.too_large(where)
        return descriptions.read(where, body)
    except OSError as error:
        return Described(path=where, problem=f"it cannot be read: {(error.strerror or type(error).__name__).lower()}")


def _with_files(path: Path, where: str, task: Task) -> Described:
    """What was read, if the files are there as they were."""
    for artifact in task.result.artifacts if task.result else ():
        try:
            with open_regular(path.parent / artifact.name) as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except (OSError, ValueError):
            return Described(path=where, problem=f"{artifact.name} is not there")
        if digest != artifact.sha256:
            return Described(path=where, problem=f"{artifact.name} is not as it was")
    return Described(path=where, task=task)


# --- everything ----------------------------------------------------------------------------------------------------


def projects_in(root: Path) -> list[Path]:
    """The folders of projects."""
    return sorted(folder for folder in _folders(root) if is_project(folder.name))


def files_of(project: Path) -> Iterator[StoredFiles]:
    """What was put into a project, an attempt before what lies in it."""
    for folder in sorted(_folders(project)):
        if folder.name == UPLOADS:
            yield from _uploads(folder)
        elif ID.fullmatch(folder.name):
            for attempt in sorted(_folders(folder)):
                if ATTEMPT.fullmatch(attempt.name):
                    yield _told(attempt, "attempt")
                    yield from _remains(attempt)


def _uploads(folder: Path) -> Iterator[StoredFiles]:
    for path in sorted(_files(folder)):
        if UPLOAD.fullmatch(path.name):
            yield _told(path, "upload")
    yield from _remains(folder)


def _remains(folder: Path) -> Iterator[StoredFiles]:
    """Drafts, and thumbnails without their picture."""
    for path in sorted(_files(folder)):
        thumbnail = _THUMBNAIL.fullmatch(path.name)
        if path.name.endswith(DRAFT_SUFFIX):
            yield _told(path, "draft")
        elif thumbnail and not path.with_name(thumbnail["picture"]).exists():
            yield _told(path, "thumbnail")


def _told(path: Path, kind: StoredKind) -> StoredFiles:
    attempt = path if kind == "attempt" else path.parent
    project = attempt.parent if attempt.name == UPLOADS else attempt.parent.parent
    of_task = attempt.name != UPLOADS
    sizes, newest = 0, 0.0
    for file in [path] if kind != "attempt" else [path, *path.rglob("*")]:
        with suppress(FileNotFoundError):  # it went meanwhile
            status = file.lstat()
            sizes += 0 if file.is_dir() else status.st_size
            newest = max(newest, status.st_mtime)
    return StoredFiles(
        kind=kind,
        project_id=project.name,
        task_id=attempt.parent.name if of_task else None,
        attempt=int(attempt.name) if of_task else None,
        path=path.relative_to(project.parent).as_posix(),
        size_bytes=sizes,
        changed_at=datetime.fromtimestamp(newest, UTC),
        is_described=kind == "attempt" and (path / DESCRIPTION).is_file(),
    )


def erase(root: Path, path: str) -> None:
    """Removes a file with its thumbnails, or a folder with all that is in it, and the folders that are empty then."""
    found = root / path
    if found.is_dir() and not found.is_symlink():
        remove_tree(found)
    else:
        for thumbnail in found.parent.glob(f".{found.name}.*.webp"):
            thumbnail.unlink(missing_ok=True)
        found.unlink(missing_ok=True)
    for folder in found.parents:
        if folder == root:
            return
        try:
            folder.rmdir()
        except OSError:  # it holds something: then it stays
            return


def _folders(place: Path) -> list[Path]:
    with suppress(FileNotFoundError, PermissionError):  # what nobody may look into is nobody's
        return [path for path in place.iterdir() if path.is_dir() and not path.is_symlink()]
    return []


def _files(place: Path) -> list[Path]:
    with suppress(FileNotFoundError, PermissionError):
        return [path for path in place.iterdir() if path.is_file() and not path.is_symlink()]
    return []
