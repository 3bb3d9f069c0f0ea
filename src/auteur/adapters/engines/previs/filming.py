"""What the two task types that make films share: their parameters, and the files that they leave."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from auteur.adapters.engines.inputs import FileInput, find_file, is_deferred, locate
from auteur.adapters.engines.parameters import Parameters
from auteur.domain.film import MAX_RATE, MIN_RATE, frame_rate, frames_in, rate_number
from auteur.domain.ports import ArtifactStore, Draft
from auteur.domain.task import TaskInput

SOUND = TaskInput("audio", kind="audio")


def known_rate(value: Any) -> int | float:
    """The number of an exact rate, however it was given; what is none is told with those there are."""
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError("is no frame rate")
        return rate_number(frame_rate(value))
    except ValueError as error:
        said = f"{error}; known are 23.976, 29.97, 47.952, 59.94 and whole numbers from {MIN_RATE} to {MAX_RATE}"
        raise PydanticCustomError("frame_rate", said) from None


Rate = Annotated[
    int | float,
    BeforeValidator(known_rate),
    WithJsonSchema({"type": "number", "minimum": MIN_RATE, "maximum": MAX_RATE}),
]
"""Frames a second: 24, 23.976 (which is exactly 24000/1001) …, as a number or as text."""


class FilmParameters(Parameters):
    """What every film takes."""

    duration_s: float = Field(4.0, ge=0.5, le=60, description="Seconds.")
    fps: Rate = Field(24, description="Frames per second: a whole number, or 23.976, 29.97, 47.952, 59.94, exactly.")
    ease: Literal["linear", "in", "out", "in_out"] = Field("in_out", description="How the move begins and ends.")
    caption: str | None = Field(None, max_length=200, description="Set in the lower third, in any script.")
    audio: FileInput | None = Field(
        None, description="A sound for the film, from its beginning, cut or filled with silence to its length."
    )


async def with_sound(artifacts: ArtifactStore, project_id: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters with the path of the sound in the project. Raises `InvalidParamsError` if it is not there."""
    if params.get("audio") is None or is_deferred(params["audio"]):
        return dict(params)
    return {**params, "audio": await find_file(artifacts, project_id, SOUND, params["audio"])}


async def sound_of(artifacts: ArtifactStore, project_id: str, params: Mapping[str, Any]) -> str | None:
    """Where the sound lies, for a task that runs; None for a silent film. Raises `HandlerError`."""
    if params.get("audio") is None:
        return None
    return str(await locate(artifacts, project_id, params["audio"], "audio file"))


def length(params: Mapping[str, Any]) -> tuple[int, Fraction]:
    """How many frames the film has, and its rate."""
    rate = frame_rate(params["fps"])
    return frames_in(params["duration_s"], rate), rate


def film_drafts(params: Mapping[str, Any]) -> tuple[Draft, Draft]:
    """The film and its poster, as their job leaves them."""
    size = {"width_px": params["width_px"], "height_px": params["height_px"]}
    frames, rate = length(params)
    film = Draft(
        name="shot.mp4",
        kind="video",
        media_type="video/mp4",
        duration_s=round(float(frames / rate), 6),
        fps=float(params["fps"]),
        **size,
    )
    return film, Draft(name="poster.jpg", kind="image", media_type="image/jpeg", **size)
