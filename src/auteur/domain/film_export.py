"""What is handed over of a film: its board, its cut and the rest, each asked for as a task; and its continuity."""

import hashlib
import json
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from auteur.domain.commands import StartBatch, StartGeneration
from auteur.domain.continuity import Finding, check, staged_shot
from auteur.domain.dispatcher import Submission, TaskDispatcher
from auteur.domain.errors import DeletedError, InvalidRequestError, NotFoundError
from auteur.domain.film import FilmShot
from auteur.domain.film_making import MAX_SHOTS, Film
from auteur.domain.ports import ArtifactStore, StateStore
from auteur.domain.resources import ResourceKeeper
from auteur.domain.task import Task, TaskStatus, parse_project_id

EXPORTS = (
    "film_board", "film_contact_sheet", "film_shot_list", "film_animatic", "film_cut", "film_cameras",
    "film_keyframes", "film_plans", "film_continuity",
)  # fmt: skip
"""Task types of the hand-over."""
USUAL = ("film_board", "film_contact_sheet", "film_shot_list", "film_animatic", "film_cut", "film_cameras")
_CARRIED_BYTES = 24 * 1024
"""Shots that are longer as JSON are kept as a file of the project: every event of a task's start carries its
parameters."""
_KEPT = (
    "name", "prompt", "scene", "heading", "line", "page", "action", "notes", "cast", "set_name", "frames",
    "dissolve_frames",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFilm:
    """``message_id``: the idempotency key; ``make``: task types of `EXPORTS`; ``params``: by task type, what differs
    from its defaults; ``scenes``: only these, by label."""

    project_id: str
    name: str
    message_id: str
    make: Sequence[str] = USUAL
    params: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    scenes: Sequence[str] | None = None
    quality: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Continuity:
    """``findings``: between shots of one scene; ``not_checked``: shots that have no take yet, belong to no scene, or
    whose take does not say where its camera was."""

    findings: Sequence[Finding]
    not_checked: Sequence[str]


class FilmExporter:
    """Asks for what is made of a film's takes, and checks them against each other."""

    def __init__(
        self, dispatcher: TaskDispatcher, keeper: ResourceKeeper, store: StateStore, artifacts: ArtifactStore
    ) -> None:
        self._dispatcher = dispatcher
        self._keeper = keeper
        self._store = store
        self._artifacts = artifacts

    async def export(self, command: ExportFilm) -> Sequence[Submission]:
        """Accepts the tasks, all or none, in the order of ``make``; each waits for the takes that are still being made.

        A shot whose take failed, was cancelled or deleted is handed over without one. Each task has ``film`` and
        ``film_version`` in its metadata: where the film's version is another, the files are not of the film as it is
        now. Raises `DocumentNotFoundError`,
        `InvalidRequestError` for what is no task type of `EXPORTS`, and what `TaskDispatcher.submit_batch` raises.
        """
        parse_project_id(command.project_id)
        wrong = [f"{name!r} is none of {', '.join(EXPORTS)}" for name in command.make if name not in EXPORTS]
        wrong += [f"{name!r} is not among what is made" for name in command.params if name not in command.make]
        if not command.make or len(set(command.make)) < len(command.make):
            wrong.append("names what is made, each once")
        if wrong:
            raise InvalidRequestError(
                "The request cannot be used.", problems=[{"field": "make", "message": problem} for problem in wrong]
            )
        film, version = await self._film(command.project_id, command.name, command.scenes)
        takes = await self._takes(command.project_id, film.shots)
        shared = {
            "title": (film.title or command.name)[:200],
            "rate": film.rate,
            "takes": [{"from_task": take.task_id} if take is not None and _usable(take) else None for take in takes],
            **await self._listed(command.project_id, film.shots),
        }
        requests = [
            StartGeneration(
                project_id=command.project_id,
                task_type=task_type,
                params={**shared, **command.params.get(task_type, {})},
                message_id=command.message_id,
                quality=command.quality,
                metadata={"film": command.name, "film_version": version},
                request_id=command.request_id,
            )
            for task_type in command.make
        ]
        batch = StartBatch(
            project_id=command.project_id, message_id=command.message_id, requests=requests,
            names=[None] * len(requests),
        )  # fmt: skip
        return await self._dispatcher.submit_batch(batch)

    async def continuity(self, project_id: str, name: str) -> Continuity:
        """What geometry finds between the shots of each scene, by the takes that there are. Raises
        `DocumentNotFoundError`."""
        film, _ = await self._film(project_id, name)
        staged, missing = [], []
        for shot, take in zip(film.shots, await self._takes(project_id, film.shots), strict=True):
            understood = take.result.understood if take is not None and take.result is not None else {}
            found = staged_shot(shot.name, shot.scene or shot.heading or shot.set_name, understood)
            if found is None:
                missing.append(shot.name)
            else:
                staged.append(found)
        return Continuity(findings=check(staged), not_checked=missing)

    async def _film(
        self, project_id: str, name: str, scenes: Sequence[str] | None = None
    ) -> tuple[Film, int]:  # fmt: skip
        """The film, of some scenes, and the version of its document."""
        document = await self._keeper.read(project_id, "film", name)
        film = Film.of(document.body)
        if scenes is not None:
            film = replace(film, shots=tuple(shot for shot in film.shots if shot.scene in scenes))
        if not film.shots or len(film.shots) > MAX_SHOTS:
            problem = f"has {len(film.shots)} shots; 1 to {MAX_SHOTS} are handed over at a time"
            raise InvalidRequestError(f"The film {problem}.", problems=[{"field": "scenes", "message": problem}])
        return film, document.version

    async def _takes(self, project_id: str, shots: Sequence[FilmShot]) -> list[Task | None]:
        takes: list[Task | None] = []
        for shot in shots:
            take = None
            if shot.task_id is not None:
                try:
                    take = (await self._store.task(project_id, shot.task_id)).task
                except (NotFoundError, DeletedError):
                    take = None
            takes.append(take)
        return takes

    async def _listed(self, project_id: str, shots: Sequence[FilmShot]) -> Mapping[str, Any]:
        """The shots as parameters; a film's worth of them as a file."""
        listed = [plain(shot) for shot in shots]
        data = json.dumps(listed, ensure_ascii=False, separators=(",", ":")).encode()
        if len(data) <= _CARRIED_BYTES:
            return {"shots": listed}

        async def whole() -> AsyncIterator[bytes]:
            yield data

        return {"shots_file": await self._artifacts.receive(project_id, whole(), ".json", name=_name_of(data))}


def plain(shot: FilmShot) -> dict[str, Any]:
    """A shot as the parameters of what is made of it, without what is empty."""
    told: dict[str, Any] = {}
    for name in _KEPT:
        value = getattr(shot, name)
        if value:
            told[name] = list(value) if isinstance(value, tuple) else value
    if shot.speeches:
        told["speeches"] = [
            {"character": speech.character, "text": speech.text}
            | ({"extension": speech.extension} if speech.extension else {})
            for speech in shot.speeches
        ]
    return told


def _usable(take: Task) -> bool:
    """Whether it has a picture, or may still get one."""
    if take.status in (TaskStatus.FAILED, TaskStatus.CANCELLED):
        return False
    return take.result is None or any(one.kind in ("image", "video") for one in take.result.artifacts)


def _name_of(data: bytes) -> str:
    """A name that follows from the content: the same list is kept once."""
    return str(uuid.UUID(bytes=hashlib.sha256(data).digest()[:16]))
