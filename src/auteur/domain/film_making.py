"""A film of a project: its script's shots, each with a take, kept as one document while the script changes."""

import json
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from auteur.domain.commands import StartBatch, StartGeneration
from auteur.domain.dispatcher import Submission, TaskDispatcher, id_in_batch
from auteur.domain.errors import (
    DeletedError,
    DocumentChangedError,
    DocumentNotFoundError,
    InvalidRequestError,
    TaskNotFoundError,
)
from auteur.domain.film import RATES, FilmShot, Script, Speech
from auteur.domain.film_blocking import blockings, companies
from auteur.domain.film_library import Document, parse_resource_name, resource_name
from auteur.domain.film_update import FilmUpdate, updated
from auteur.domain.ports import StateStore
from auteur.domain.resources import MAX_CAST, ResourceKeeper
from auteur.domain.strict_json import loads
from auteur.domain.task import TaskStatus, parse_project_id

MAX_SHOTS = 500
"""How many are made at a time."""
_SEEDS = uuid.UUID("a1f6c0d2-8c41-4d0f-9a55-3e0f4be0b7c3")
_REMOVED_KEPT = 2000
_COLOURS = ("red", "navy", "green", "mustard", "white", "grey", "orange", "brown", "blue", "olive", "purple")
_DARK = ("black", "navy", "brown", "grey")
_HAIR = ("black", "brown", "blond", "red")


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """What the document of a film holds. ``shots``: in the order of the cut, each with the id of its take; ``rate``: a
    name of `RATES`; ``quality``, ``task_type``, ``params``: as its takes were asked for; ``source``: the script's file;
    ``removed``: names of shots that are no more, none of which is used again."""

    title: str | None = None
    source: str = ""
    rate: str = "24"
    quality: str | None = None
    task_type: str = "text_to_image"
    params: Mapping[str, Any] = field(default_factory=dict)
    shots: tuple[FilmShot, ...] = ()
    removed: tuple[str, ...] = ()

    def as_json(self) -> str:
        """The body of its document."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def of(cls, body: str) -> "Film":
        """The film in a document."""
        data = loads(body)
        data["shots"] = tuple(_shot(shot) for shot in data["shots"])
        data["removed"] = tuple(data["removed"])
        return cls(**data)


def _shot(data: dict[str, Any]) -> FilmShot:
    speeches = tuple(Speech(**speech) for speech in data.pop("speeches"))
    return FilmShot(**{**data, "notes": tuple(data["notes"]), "cast": tuple(data["cast"])}, speeches=speeches)


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeFilm:
    """Make a film of a script, or bring it up to the script as it is now.

    ``message_id``: the idempotency key. ``quality`` None: as before, else the default. ``scenes``: only these, by
    label; the others stay as they are. ``remake``: every shot, not only those that look otherwise. ``dry_run``: only
    say what would be done. ``params``: for every shot.
    """

    project_id: str
    name: str
    script: Script
    message_id: str
    source: str = ""
    rate: str = "24"
    quality: str | None = None
    task_type: str = "text_to_image"
    engine: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    scenes: Sequence[str] | None = None
    remake: bool = False
    dry_run: bool = False
    request_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmMade:
    """``document``: None after a dry run; ``update``: what became of the shots; ``made``: names of those that get a new
    take, in the order of ``submissions``; ``sets`` and ``cast``: names of those that are new in the project."""

    name: str
    film: Film
    update: FilmUpdate
    made: tuple[str, ...]
    sets: tuple[str, ...] = ()
    cast: tuple[str, ...] = ()
    submissions: Sequence[Submission] = ()
    document: Document | None = None
    warnings: tuple[str, ...] = ()


class FilmMaker:
    """Reads nothing itself: it is given a script, and asks for its shots at the dispatcher's door."""

    def __init__(self, dispatcher: TaskDispatcher, keeper: ResourceKeeper, store: StateStore) -> None:
        self._dispatcher = dispatcher
        self._keeper = keeper
        self._store = store

    async def make(self, command: MakeFilm) -> FilmMade:
        """Accepts the takes that are missing, all or none, and keeps the film.

        A take is missing where a shot is new or looks otherwise, and where its take failed, was cancelled or deleted.
        The same message id with the same script is the same takes. A new set is made for each place, with a seed that
        follows from project and place, and a member of the cast for each who is seen, whose colours follow from the
        name; what is there already stays as it is. Raises `InvalidRequestError` for a rate that is none, no shots, or
        more than `MAX_SHOTS` to make, `DocumentChangedError` where somebody else has put the film meanwhile, and what
        `TaskDispatcher.submit_batch` and `ResourceKeeper.put` raise.
        """
        parse_project_id(command.project_id)
        name = parse_resource_name(command.name)
        known = await self._known(command.project_id, name)
        before = Film.of(known.body) if known is not None else Film()
        film, update = _updated(command, before)
        remakes = command.remake or (known is not None and film.quality != before.quality)
        lost = set() if remakes else await self._lost(command, film, update)
        wanted = _wanted(film, update, lost, remakes=remakes)
        if not film.shots:
            raise _wrong("script", "no shot was found in it")
        if len(wanted) > MAX_SHOTS:
            raise _wrong("scenes", f"{len(wanted)} shots are to be made; {MAX_SHOTS} at a time: name some scenes")
        made = FilmMade(
            name=name, film=film, update=update, made=tuple(shot.name for shot in wanted),
            warnings=command.script.warnings,
        )  # fmt: skip
        if command.dry_run:
            return made
        offers = offered(film.shots)
        from auteur.domain.film_shots import sexes_of

        sets, cast = await self._found(command.project_id, wanted, film.shots, sexes_of(command.script))
        submissions: Sequence[Submission] = ()
        if wanted:
            submissions = await self._dispatcher.submit_batch(_batch(command, name, film, wanted, offers))
        takes = {shot.name: done.task.task_id for shot, done in zip(wanted, submissions, strict=True)}
        film = replace(
            film,
            shots=tuple(replace(shot, task_id=takes.get(shot.name, shot.task_id)) for shot in film.shots),
        )
        body = film.as_json()
        if known is not None and known.body == body:
            document = known
        else:
            expected = known.version if known is not None else 0
            document = await self._keeper.put(command.project_id, "film", name, body, expected=expected)
        return replace(made, film=film, submissions=submissions, document=document, sets=sets, cast=cast)

    async def _known(self, project_id: str, name: str) -> Document | None:
        with suppress(DocumentNotFoundError):
            return await self._keeper.read(project_id, "film", name)
        return None

    async def _lost(self, command: MakeFilm, film: Film, update: FilmUpdate) -> set[str]:
        """Names of shots that stay as they are, but whose take failed, was cancelled or deleted. What this very command
        asked for when it came before is none of them: who repeats it is answered as before."""
        kept = set(update.kept)
        asked = {id_in_batch(command.project_id, command.message_id, place) for place in range(MAX_SHOTS)}
        lost = set()
        for shot in film.shots:
            if shot.name in kept and shot.task_id is not None and shot.task_id not in asked:
                try:
                    status = (await self._store.task(command.project_id, shot.task_id)).task.status
                except (TaskNotFoundError, DeletedError):
                    status = None
                if status in (None, TaskStatus.FAILED, TaskStatus.CANCELLED):
                    lost.add(shot.name)
        return lost

    async def _found(
        self,
        project_id: str,
        shots: Sequence[FilmShot],
        all_shots: Sequence[FilmShot],
        sexes: Mapping[str, str],
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Sees to it that what the shots name, and who else is in their scenes, is there; says which sets and which of
        the cast were not. ``sexes``: as the script has them, by name."""
        scenes = {shot.scene for shot in shots}
        places = dict.fromkeys(shot.set_name for shot in shots if shot.set_name)
        sets = [
            name
            for name in places
            if await self._add(project_id, "set", name, {"place": _said(name), "seed": _seed(project_id, name)})
        ]
        there = (shot for shot in all_shots if shot.scene in scenes)
        people = {resource_name(each): each for shot in (*shots, *there) for each in shot.cast}
        told = {resource_name(each): {"build": sex} for each, sex in sexes.items()}
        cast = [
            name
            for name, called in people.items()
            if name
            and await self._add(
                project_id, "cast", name, {"called": called, **told.get(name, {}), **_looks(project_id, name)}
            )
        ]
        return tuple(sets), tuple(cast)

    async def _add(self, project_id: str, kind: Any, name: str, body: Mapping[str, Any]) -> bool:
        try:
            await self._keeper.put(project_id, kind, name, json.dumps(body, ensure_ascii=False), expected=0)
        except DocumentChangedError:
            return False
        return True


def _updated(command: MakeFilm, before: Film) -> tuple[Film, FilmUpdate]:
    """The film as it shall be, its shots with the takes that they have."""
    if command.rate not in RATES:
        raise _wrong("rate", f"must be one of {', '.join(RATES)}")
    from auteur.domain.film_shots import shots_of  # how a script is cut into shots, which no start needs

    script = command.script
    shots = shots_of(script, RATES[command.rate], command.scenes)
    elsewhere = (
        [] if command.scenes is None else [shot for shot in before.shots if shot.scene not in command.scenes]
    )  # fmt: skip
    compared = [shot for shot in before.shots if shot not in elsewhere]
    used = (*before.removed, *(shot.name for shot in elsewhere))
    update = updated(compared, shots, used, named=bool(script.shots))
    takes = {shot.name: shot.task_id for shot in before.shots}
    now = [replace(shot, task_id=takes.get(shot.name)) for shot in update.shots]
    if elsewhere:
        now = _in_order(before.shots, now, elsewhere)
    quality = command.quality or before.quality
    film = Film(
        title=script.title or before.title, source=command.source or before.source, rate=command.rate, quality=quality,
        task_type=command.task_type, params=command.params or before.params, shots=tuple(now),
        removed=tuple(dict.fromkeys((*before.removed, *update.removed)))[-_REMOVED_KEPT:],
    )  # fmt: skip
    return film, update


def _in_order(before: Sequence[FilmShot], now: Sequence[FilmShot], elsewhere: Sequence[FilmShot]) -> list[FilmShot]:
    """Scenes that were brought up to date where they stood before, new ones at the end, the others as they were."""
    by_scene: dict[str | None, list[FilmShot]] = {}
    for shot in now:
        by_scene.setdefault(shot.scene, []).append(shot)
    others = {shot.name for shot in elsewhere}
    shots: list[FilmShot] = []
    for shot in before:
        shots += [shot] if shot.name in others else by_scene.pop(shot.scene, [])
    return shots + [shot for left in by_scene.values() for shot in left]


def _wanted(film: Film, update: FilmUpdate, lost: set[str], *, remakes: bool) -> list[FilmShot]:
    """Those that need a take."""
    touched = {shot.name for shot in update.shots}
    new = {*update.added, *update.changed, *lost}
    return [
        shot for shot in film.shots
        if shot.name in touched and (remakes or shot.name in new or shot.task_id is None)
    ]  # fmt: skip


def offered(shots: Sequence[FilmShot]) -> dict[str, dict[str, Any]]:
    """By shot, what its take is given beside the prompt, where an engine takes it: the set, who is there, and where in
    the scene everybody stands."""
    found: dict[str, dict[str, Any]] = {}
    for shot, blocking, company in zip(shots, blockings(shots), companies(shots), strict=True):
        found[shot.name] = {}
        if shot.set_name:
            found[shot.name]["set"] = shot.set_name
        if cast := [each for each in map(resource_name, company) if each][:MAX_CAST]:
            found[shot.name]["cast"] = cast
            found[shot.name]["blocking"] = blocking
    return found


def _batch(
    command: MakeFilm, name: str, film: Film, shots: Sequence[FilmShot], offers: Mapping[str, Mapping[str, Any]]
) -> StartBatch:
    requests = [
        StartGeneration(
            project_id=command.project_id,
            task_type=film.task_type,
            params={**film.params, "prompt": shot.prompt},
            message_id=command.message_id,
            quality=film.quality,
            shot=shot.name,
            engine=command.engine,
            metadata={"film": name, **({"script_line": shot.line} if shot.line else {})},
            request_id=command.request_id,
            offered=offers[shot.name],
        )
        for shot in shots
    ]
    return StartBatch(
        project_id=command.project_id, message_id=command.message_id, requests=requests, names=[None] * len(requests)
    )  # fmt: skip


def _looks(project_id: str, name: str) -> dict[str, Any]:
    """The colours of somebody of whom nobody has said them: the same in every set, and told, so that they can be
    changed. Height and age are left to the name and to what the script says of it."""
    drawn = _seed(project_id, name)
    upper, drawn = _COLOURS[drawn % len(_COLOURS)], drawn // len(_COLOURS)
    lower, drawn = _DARK[drawn % len(_DARK)], drawn // len(_DARK)
    return {"costume": [upper, lower], "hair": _HAIR[drawn % len(_HAIR)]}


def _said(name: str) -> str:
    return name.replace("-", " ")


def _seed(project_id: str, place: str) -> int:
    """The same for the same place of a project."""
    return uuid.uuid5(_SEEDS, f"{project_id}/{place}").int % (1 << 31)


def _wrong(what: str, problem: str) -> InvalidRequestError:
    return InvalidRequestError(f"The film cannot be made: {problem}.", problems=[{"field": what, "message": problem}])
