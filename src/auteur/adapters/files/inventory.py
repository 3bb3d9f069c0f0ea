"""What lies in a workspace: the descriptions that takes left beside their files, and all else that was put there.

Only what has a name that the workspace itself gives is told of. Links are not followed; a file that somebody laid
beside the others is nobody's, and stays.
"""

import hashlib
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter

from auteur.domain.errors import InvalidProjectIdError, InvalidRequestError
from auteur.domain.ports import DRAFT_SUFFIX, Described, StoredFiles, StoredKind
from auteur.domain.task import Task, TaskStatus, parse_project_id, parse_shot

UPLOADS = "uploads"
DESCRIPTION = "take.json"

TASK = TypeAdapter(Task)
_LARGEST_DESCRIPTION_BYTES = 4 << 20
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ATTEMPT = re.compile(r"[1-9]\d{0,8}")
_UPLOAD = re.compile(rf"{_ID.pattern}\.[a-z0-9]{{1,5}}")
_THUMBNAIL = re.compile(r"\.(?P<picture>.+)\.\d+\.webp")


# --- descriptions --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Found:
    """A description that could be read, without its content: there may be a hundred thousand."""

    path: Path
    project_id: str
    shot: str | None
    take: int
    order: tuple[datetime, int, int]


def find_descriptions(root: Path) -> Iterator[Described]:
    """Every description, in the order in which the tasks were accepted: as they are to be made known again.

    The takes of a shot come in the order of their numbers whatever the clocks said then, and of two attempts of one
    task the later one comes first.
    """
    found: list[_Found] = []
    for path in sorted(root.glob(f"*/*/*/{DESCRIPTION}")):
        described = _read(root, path)
        task = described.task
        if task is None:
            yield described
        else:
            order = (task.queued_at, task.queued_seq, -task.attempt)
            found.append(_Found(path, task.project_id, task.request.shot, task.take or 0, order))
    for known in _in_order(found):
        described = _read(root, known.path)
        yield described if described.task is None else _with_files(root, known.path, described.task)


def _in_order(found: list[_Found]) -> Iterator[_Found]:
    by_shot: dict[tuple[str, str], list[_Found]] = {}
    for known in found:
        if known.shot is not None:
            by_shot.setdefault((known.project_id, known.shot), []).append(known)
    takes = {shot: iter(sorted(some, key=lambda known: (known.take, known.order))) for shot, some in by_shot.items()}
    for known in sorted(found, key=lambda known: (known.project_id, known.order)):
        yield known if known.shot is None else next(takes[known.project_id, known.shot])


def _read(root: Path, path: Path) -> Described:
    """The record, if it is of the place where it lies."""

    def useless(problem: str) -> Described:
        return Described(path=path.relative_to(root).as_posix(), problem=problem)

    try:
        if path.stat().st_size > _LARGEST_DESCRIPTION_BYTES:
            return useless("it is too large to be one")
        task = TASK.validate_json(path.read_bytes())
    except OSError as error:
        return useless(f"it cannot be read: {(error.strerror or type(error).__name__).lower()}")
    except ValueError:
        return useless("it cannot be understood")
    try:
        parse_project_id(task.project_id)
        shot_is_named = task.request.shot in (None, parse_shot(task.request.shot or "-"))
    except (InvalidProjectIdError, InvalidRequestError):
        return useless("it cannot be understood")
    if path.parent != root / task.project_id / task.task_id / str(task.attempt):
        return useless("it belongs to another place")
    made = task.status is TaskStatus.SUCCEEDED and task.result is not None
    times = (task.queued_at, task.started_at, task.ended_at)
    if not made or not shot_is_named or any(at is None or at.tzinfo is None for at in times):
        return useless("it does not tell of a result")
    return Described(path=path.relative_to(root).as_posix(), task=task)


def _with_files(root: Path, path: Path, task: Task) -> Described:
    """What was read, if the files are there as they were."""
    where = path.relative_to(root).as_posix()
    for artifact in task.result.artifacts if task.result else ():
        found = path.parent / artifact.name
        if "/" in artifact.name or found.relative_to(root).as_posix() != artifact.path:
            return Described(path=where, problem="it names a file of another place")
        try:
            with open(found, "rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except (OSError, ValueError):
            return Described(path=where, problem=f"{artifact.name} is not there")
        if digest != artifact.sha256:
            return Described(path=where, problem=f"{artifact.name} is not as it was")
    return Described(path=where, task=task)


# --- everything ----------------------------------------------------------------------------------------------------


def projects_in(root: Path) -> list[Path]:
    """The folders of projects."""
    return sorted(folder for folder in _folders(root) if _is_project(folder.name))


def _is_project(name: str) -> bool:
    with suppress(InvalidProjectIdError):
        return bool(parse_project_id(name))
    return False


def files_of(project: Path) -> Iterator[StoredFiles]:
    """What was put into a project, an attempt before what lies in it."""
    for folder in sorted(_folders(project)):
        if folder.name == UPLOADS:
            yield from _uploads(folder)
        elif _ID.fullmatch(folder.name):
            for attempt in sorted(_folders(folder)):
                if _ATTEMPT.fullmatch(attempt.name):
                    yield _told(attempt, "attempt")
                    yield from _remains(attempt)


def _uploads(folder: Path) -> Iterator[StoredFiles]:
    for path in sorted(_files(folder)):
        if _UPLOAD.fullmatch(path.name):
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
        with suppress(FileNotFoundError):
            shutil.rmtree(found)
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
    with suppress(FileNotFoundError):
        return [path for path in place.iterdir() if path.is_dir() and not path.is_symlink()]
    return []


def _files(place: Path) -> list[Path]:
    with suppress(FileNotFoundError):
        return [path for path in place.iterdir() if path.is_file() and not path.is_symlink()]
    return []
