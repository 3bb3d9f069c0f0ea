"""What the hand-over's task types take: the shots of a film in their order, and of each the take that stands for it."""

from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from auteur.adapters.engines.editorial.models import MODEL_NAMES
from auteur.adapters.engines.inputs import FileInput
from auteur.adapters.engines.parameters import Parameters

MAX_SHOTS = 500
Rate = Literal["23.976", "24", "25", "29.97", "30"]


class SpeechParameters(Parameters):
    """What a person says in a shot."""

    character: str = Field(max_length=200)
    text: str = Field(max_length=5000)
    extension: str | None = Field(None, max_length=50, description="V.O., O.S. …")


class ShotParameters(Parameters):
    """A shot of the film, as a script or a shot list asks for it."""

    name: str = Field(min_length=1, max_length=64, description="As 12-3; each once.")
    prompt: str = Field("", max_length=5000)
    scene: str | None = Field(None, max_length=64)
    heading: str | None = Field(None, max_length=500)
    line: int | None = Field(None, ge=1, description="Of the script.")
    page: int | None = Field(None, ge=1, description="Of the script.")
    action: str = Field("", max_length=20_000)
    speeches: list[SpeechParameters] = Field(default_factory=list, max_length=100)
    notes: list[str] = Field(default_factory=list, max_length=50)
    cast: list[str] = Field(default_factory=list, max_length=100)
    set_name: str | None = Field(None, max_length=128)
    frames: int = Field(0, ge=0, le=100_000, description="Length in the cut; 0: the clip's own, else by what is said.")
    dissolve_frames: int = Field(0, ge=0, le=1000, description="How long it is dissolved into from the one before.")

    @field_validator("name")
    @classmethod
    def _in_one_line(cls, name: str) -> str:
        if not name.isprintable() or name.strip() != name:
            raise ValueError("is one line of printable characters without space around it")
        return name


class FilmParameters(Parameters):
    """What every task type of the hand-over takes. ``takes`` and ``shots`` go together by their places."""

    title: str = Field("Untitled", min_length=1, max_length=200, description="Of the film.")
    rate: Rate = Field("24", description="Frames a second of the cut; 23.976 and 29.97 are 24000/1001 and 30000/1001.")
    shots: list[ShotParameters] | None = Field(
        None, min_length=1, max_length=MAX_SHOTS, description="In the order of the cut."
    )
    shots_file: FileInput | None = Field(
        None, description="The same as a JSON file of the project, where they are too long to be carried along."
    )
    takes: list[FileInput | None] | None = Field(
        None,
        max_length=MAX_SHOTS,
        description="For each shot its take: a picture or film of the project, another task's output, or null.",
    )

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if (self.shots is None) == (self.shots_file is None):
            raise ValueError("shots are given, or shots_file is")
        if self.shots is not None:
            names = [shot.name for shot in self.shots]
            if len(set(names)) < len(names):
                raise ValueError("two shots have the same name")
            if self.takes is not None and len(self.takes) != len(names):
                raise ValueError(f"{len(names)} shots and {len(self.takes)} takes: there is one for each, or null")
        return self


class BoardParameters(FilmParameters):
    """`film_board`."""

    per_page: int = Field(6, ge=1, le=9, description="Shots on a page.")
    paper: Literal["a4", "letter"] = Field("a4", description="Landscape.")
    arrows: bool = Field(True, description="Draw the moves over the pictures.")
    plans: bool = Field(False, description="The floor plan beside each picture.")
    continuity: bool = Field(True, description="What geometry finds between the shots of a scene, as notes.")
    camera_report: bool = Field(False, description="The camera report on the last pages.")


class ContactSheetParameters(FilmParameters):
    """`film_contact_sheet`."""

    columns: int = Field(4, ge=1, le=12)
    width_px: int = Field(1920, ge=320, le=8192)


class ShotListParameters(FilmParameters):
    """`film_shot_list`."""


class AnimaticParameters(FilmParameters):
    """`film_animatic`."""

    width_px: int | None = Field(None, ge=64, le=4096, multiple_of=2, description="Even pixels.")
    height_px: int | None = Field(
        None, ge=64, le=4096, multiple_of=2, description="Even pixels; the first take's shape."
    )
    burn_in: bool = Field(True, description="The shot's name and the film's time code in the picture.")
    track: FileInput | None = Field(None, description="A scratch track: sound that lies under the whole; else silent.")
    start: str = Field("01:00:00:00", pattern=r"^[0-9]{2}:[0-5][0-9]:[0-5][0-9][:;][0-9]{2}$")


class CutParameters(FilmParameters):
    """`film_cut`."""

    formats: list[Literal["otio", "edl", "fcpxml", "xmeml"]] = Field(
        ["otio", "edl", "fcpxml"], min_length=1, json_schema_extra={"uniqueItems": True}
    )
    track: FileInput | None = Field(None, description="The scratch track, to be named in the cut.")
    start: str = Field(
        "01:00:00:00",
        pattern=r"^[0-9]{2}:[0-5][0-9]:[0-5][0-9][:;][0-9]{2}$",
        description="Time code of the first frame; with a semicolon drop frame, at 29.97 alone.",
    )
    media_base: str = Field(
        "", max_length=1000, description="What stands before the path in the project where a file is named."
    )


class CameraParameters(FilmParameters):
    """`film_cameras`."""

    formats: list[Literal["usda", "glb"]] = Field(
        ["usda", "glb"], min_length=1, json_schema_extra={"uniqueItems": True}
    )


class KeyframeParameters(FilmParameters):
    """`film_keyframes`."""

    model: str | None = Field(
        None,
        description="The video model that is to fill the shots in.",
        json_schema_extra={"enum": [*MODEL_NAMES, None]},
    )

    @field_validator("model")
    @classmethod
    def _known(cls, model: str | None) -> str | None:
        if model is not None and model not in MODEL_NAMES:
            raise ValueError(f"is one of {', '.join(MODEL_NAMES)}")
        return model


class PlanParameters(FilmParameters):
    """`film_plans`."""

    formats: list[Literal["svg", "png"]] = Field(["svg", "png"], min_length=1, json_schema_extra={"uniqueItems": True})


class ContinuityParameters(FilmParameters):
    """`film_continuity`."""


def without_empties(params: dict[str, Any]) -> dict[str, Any]:
    """The parameters without what is a shot's default: every event of the task's start carries them."""
    if params.get("shots") is None:
        return params
    shots = [
        {name: value for name, value in shot.items() if value not in (None, "", [], 0)} for shot in params["shots"]
    ]
    return {**params, "shots": shots}
