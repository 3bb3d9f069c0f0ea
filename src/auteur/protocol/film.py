"""Sets, casts and films as HTTP takes and shows them, and the request that makes a film of a script.

Long because each of the three is there as it is put, shown, and listed.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from auteur.domain.film import RATES, FilmShot, Script
from auteur.domain.film_library import MAX_NAME_LENGTH, Document, DocumentKind
from auteur.domain.film_making import Film, FilmMade, MakeFilm
from auteur.domain.task import MAX_SHOT_LENGTH
from auteur.domain.text import line_problem, prose_problem
from auteur.protocol.model import Model

_STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


def _a_line(text: str) -> str:
    if problem := line_problem(text):
        raise ValueError(problem)
    return text


def _prose(text: str) -> str:
    if problem := prose_problem(text):
        raise ValueError(problem)
    return text


Line = Annotated[str, Field(max_length=200), AfterValidator(_a_line)]
Prose = Annotated[str, Field(max_length=2000), AfterValidator(_prose)]
Colour = Annotated[str, Field(max_length=40, examples=["#8c2f1b", "oxblood"]), AfterValidator(_a_line)]
RateName = Literal["23.976", "24", "25", "29.97", "30"]
assert set(RateName.__args__) == set(RATES)  # type: ignore[attr-defined]


class SetBody(Model):
    """A place that shots share, so that another angle of it is the same room. What is left out, each shot says."""

    model_config = _STRICT

    place: Line = Field("", description="In the words of a heading.", examples=["kitchen in a farmhouse"])
    layout: Prose = Field(
        "", description="What stands where, in the words of a shot.", examples=["A table under the window, two chairs."]
    )
    time: Line = Field("", description="Time of day.", examples=["night"])
    weather: Line = ""
    light: list[Line] = Field(default_factory=list, max_length=8, examples=[["window", "candle"]])
    seed: int | None = Field(
        None, ge=0, le=2**32 - 1, description="Of all that is built of it; a shot's own goes first."
    )
    notes: Prose = ""


class CastBody(Model):
    """Somebody who is in shots: the same height, build and colours in each."""

    model_config = _STRICT

    called: Line = Field("", description="As prompts say the name; else as it is kept.", examples=["Mr. Abara"])
    build: Literal["slight", "average", "sturdy", "heavy"] | None = None
    height_m: float | None = Field(None, ge=0.4, le=2.6, strict=False)
    costume: list[Colour] = Field(default_factory=list, max_length=6, description="Colours, the upper body first.")
    hair: Colour | None = None
    references: list[Line] = Field(default_factory=list, max_length=8, description="Paths or urls of pictures here.")
    notes: Prose = ""


class SpeechBody(Model):
    """What somebody says in a shot."""

    model_config = _STRICT

    character: str = Field(max_length=200)
    text: str = Field(max_length=20_000)
    extension: str | None = Field(None, max_length=200)


class ShotBody(Model):
    """A shot of a film. Whoever sets ``frames`` sets ``by_hand``, too: then a changed script leaves them."""

    model_config = _STRICT

    name: str = Field(min_length=1, max_length=MAX_SHOT_LENGTH)
    prompt: str = Field(max_length=4000)
    scene: str | None = Field(None, max_length=200)
    heading: str | None = Field(None, max_length=600)
    line: int | None = Field(None, ge=1)
    page: int | None = Field(None, ge=1)
    action: str = Field("", max_length=100_000)
    speeches: list[SpeechBody] = Field(default_factory=list, max_length=200)
    notes: list[str] = Field(default_factory=list, max_length=200)
    cast: list[str] = Field(default_factory=list, max_length=100)
    set_name: str | None = Field(None, max_length=MAX_NAME_LENGTH)
    frames: int = Field(0, ge=0, le=1_000_000)
    dissolve_frames: int = Field(0, ge=0, le=10_000)
    by_hand: bool = False
    task_id: str | None = Field(None, max_length=64, description="Its take.")


class FilmBody(Model):
    """A film: its shots in the order of the cut."""

    model_config = _STRICT

    title: str | None = Field(None, max_length=500)
    source: str = Field("", max_length=300, description="The script's file.")
    rate: RateName = Field("24", description="Frames a second.")
    quality: str | None = Field(None, max_length=64)
    task_type: str = Field("text_to_image", max_length=128)
    params: dict[str, Any] = Field(default_factory=dict)
    shots: list[ShotBody] = Field(default_factory=list, max_length=5000)
    removed: list[str] = Field(default_factory=list, max_length=2000)

    @field_validator("shots")
    @classmethod
    def _names_are_distinct(cls, shots: list[ShotBody]) -> list[ShotBody]:
        names = {shot.name for shot in shots}
        if len(names) < len(shots):
            raise ValueError("two shots have the same name")
        return shots


class FilmRequest(Model):
    """A script to make a film of: Fountain, Final Draft's FDX, or a shot list as CSV or TSV."""

    model_config = _STRICT

    name: str = Field(
        min_length=1,
        max_length=200,
        description="Of the film: the same again brings it up to date.",
        examples=["pilot"],
    )
    file: str = Field("", max_length=300, description="The file's name: its ending says what it is; else its content.")
    script: str | None = Field(None, description="Its text.")
    script_base64: str | None = Field(None, description="Or its bytes, in whatever encoding they are.")
    script_file: str | None = Field(
        None, min_length=1, max_length=1024, description="Or the path or url of an upload or result of the project."
    )
    rate: RateName = Field("24", description="Frames a second.")
    quality: str | None = Field(None, max_length=64, examples=["draft"], description="As before, else the default.")
    task_type: str = Field("text_to_image", min_length=1, max_length=128)
    engine: str | None = Field(None, min_length=1, max_length=64)
    params: dict[str, Any] = Field(default_factory=dict, description="For every shot, as aspect.")
    scenes: list[str] | None = Field(None, min_length=1, max_length=5000, description="Only these, by number.")
    remake: bool = Field(False, description="Every shot, not only those that look otherwise.")
    dry_run: bool = Field(False, description="Only say what was read, and what would be made.")

    @model_validator(mode="after")
    def _has_one_script(self) -> Self:
        if sum(held is not None for held in (self.script, self.script_base64, self.script_file)) != 1:
            raise ValueError("needs script, script_base64 or script_file, one of them")
        return self

    def command(self, project_id: str, script: Script, message_id: str, request_id: str | None) -> MakeFilm:
        """The command that this asks for. ``script``: what was read of the file."""
        return MakeFilm(
            project_id=project_id, name=self.name, script=script, message_id=message_id, source=self.file,
            rate=self.rate, quality=self.quality, task_type=self.task_type, engine=self.engine, params=self.params,
            scenes=self.scenes, remake=self.remake, dry_run=self.dry_run, request_id=request_id,
        )  # fmt: skip

    def data(self) -> bytes:
        """The file that the request itself holds. Raises `ValueError` where it is no base64."""
        if self.script is not None:
            return self.script.encode("utf-8", "surrogatepass")
        try:
            return base64.b64decode(self.script_base64 or "", validate=True)
        except binascii.Error:
            raise ValueError("script_base64 is no base64") from None


# --- shown --------------------------------------------------------------------------------------------------------


class _Kept(Model):
    name: str
    version: int
    etag: str = Field(description="For If-Match.")
    updated_at: datetime


class SetView(SetBody, _Kept):
    """A set as it is kept."""

    @classmethod
    def of(cls, document: Document) -> Self:
        return cls(**SetBody.model_validate_json(document.body).model_dump(), **_kept(document))


class CastView(CastBody, _Kept):
    """A cast member as it is kept."""

    @classmethod
    def of(cls, document: Document) -> Self:
        return cls(**CastBody.model_validate_json(document.body).model_dump(), **_kept(document))


class FilmView(FilmBody, _Kept):
    """A film as it is kept."""

    @classmethod
    def of(cls, document: Document) -> Self:
        return cls(**FilmBody.model_validate_json(document.body).model_dump(), **_kept(document))


class FilmHeadView(_Kept):
    """A film in a list."""

    title: str | None
    source: str
    rate: str
    shots: int
    frames: int

    @classmethod
    def of(cls, document: Document) -> Self:
        film = Film.of(document.body)
        return cls(
            **_kept(document), title=film.title, source=film.source, rate=film.rate, shots=len(film.shots),
            frames=sum(shot.frames for shot in film.shots),
        )  # fmt: skip


class SetListView(Model):
    """A page of sets by name. ``next``: for ``cursor``, null at the end."""

    sets: list[SetView]
    next: str | None


class CastListView(Model):
    """A page of cast members by name."""

    cast: list[CastView]
    next: str | None


class FilmListView(Model):
    """A page of films by name."""

    films: list[FilmHeadView]
    next: str | None


class FilmMadeView(Model):
    """What was read of the script, and what becomes of its shots. ``tasks``: by shot, the takes that are made now;
    after a dry run none. ``make``: which shots get one. ``sets`` and ``cast``: those that are new in the project."""

    name: str
    title: str | None
    rate: str
    version: int | None = Field(description="Of the film; null after a dry run.")
    shots: list[ShotBody]
    make: list[str]
    kept: list[str]
    changed: list[str]
    added: list[str]
    removed: list[str]
    tasks: dict[str, str]
    sets: list[str]
    cast: list[str]
    warnings: list[str]

    @classmethod
    def of(cls, made: FilmMade) -> Self:
        update = made.update
        return cls(
            name=made.name, title=made.film.title, rate=made.film.rate,
            version=made.document.version if made.document is not None else None,
            shots=shot_views(made.film.shots), make=list(made.made), kept=list(update.kept),
            changed=list(update.changed), added=list(update.added), removed=list(update.removed),
            tasks={shot: done.task.task_id for shot, done in zip(made.made, made.submissions, strict=False)},
            sets=list(made.sets), cast=list(made.cast), warnings=list(made.warnings),
        )  # fmt: skip


class _Kind(NamedTuple):
    kind: DocumentKind
    body: type[BaseModel]
    view: Any
    head: Any


KINDS: Mapping[str, _Kind] = {
    "sets": _Kind("set", SetBody, SetView, SetView),
    "cast": _Kind("cast", CastBody, CastView, CastView),
    "films": _Kind("film", FilmBody, FilmView, FilmHeadView),
}
"""By the word in their paths: what is put, what is shown, and what is shown in a list."""


def shot_views(shots: Sequence[FilmShot]) -> list[ShotBody]:
    """Shots as they are shown."""
    return [
        ShotBody(
            name=shot.name, prompt=shot.prompt, scene=shot.scene, heading=shot.heading, line=shot.line, page=shot.page,
            action=shot.action,
            speeches=[
                SpeechBody(character=each.character, text=each.text, extension=each.extension)
                for each in shot.speeches
            ],
            notes=list(shot.notes), cast=list(shot.cast), set_name=shot.set_name, frames=shot.frames,
            dissolve_frames=shot.dissolve_frames, by_hand=shot.by_hand, task_id=shot.task_id,
        )
        for shot in shots
    ]  # fmt: skip


def _kept(document: Document) -> dict[str, Any]:
    return {
        "name": document.name, "version": document.version, "etag": f'"{document.tag}"',
        "updated_at": document.updated_at,
    }  # fmt: skip
