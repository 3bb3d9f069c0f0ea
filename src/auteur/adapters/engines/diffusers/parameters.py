"""The parameters of a task type, as far as its pipeline takes them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field, create_model

from auteur.adapters.engines.inputs import FileInput
from auteur.adapters.engines.parameters import MAX_SEED, Parameters

MAX_SIDE_PX, MAX_FRAMES = 4096, 1000
ASPECTS = {"1:1": 1.0, "4:3": 4 / 3, "16:9": 16 / 9, "1.85:1": 1.85, "2.39:1": 2.39, "9:16": 9 / 16}
_OPTIONAL_PROMPT = frozenset({"image_to_video", "upscale"})

Definition = tuple[Any, Any]


@dataclass(frozen=True, slots=True)
class Option:
    """A number that some pipelines take. ``argument``: what the pipeline calls it."""

    kind: type
    argument: str
    least: float
    most: float
    words: str


OPTIONS: Mapping[str, Option] = {
    "guidance_scale": Option(float, "guidance_scale", 0, 50, "How closely the prompt is followed."),
    "true_cfg_scale": Option(float, "true_cfg_scale", 0, 50, "How far the negative prompt pushes away."),
    "noise_level": Option(int, "noise_level", 0, 350, "Noise laid on the source: more of it invents more."),
    "motion_bucket_id": Option(int, "motion_bucket_id", 1, 255, "How much moves."),
    "noise_aug_strength": Option(float, "noise_aug_strength", 0, 1, "Noise laid on the first frame."),
}


def parameters_model(
    task_type: str, takes: Mapping[str, Any], *, multiple_of: int, controls: Iterable[str], frames: int, fps: int
) -> type[Parameters]:
    """The model of what the task type takes. ``takes``: the pipeline's arguments with their defaults; ``controls``: the
    passes for which there is a ControlNet; ``frames``, ``fps``: the defaults of a film."""
    fields: dict[str, Definition] = {}
    if "prompt" in takes:
        fields["prompt"] = _prompt(task_type)
    if "negative_prompt" in takes:
        fields["negative_prompt"] = _text("What is not wanted.")
    if task_type != "text_to_image":
        fields["source_image"] = (
            FileInput,
            Field(description="An artifact's or upload's url or path in this project, or another task's output."),
        )
    fields["seed"] = (int | None, Field(None, ge=0, le=MAX_SEED, description="Drawn and recorded when absent."))
    if "num_inference_steps" in takes:
        fields["steps"] = (int | None, Field(None, ge=1, le=200, description="Steps of the scheduler."))
    if task_type != "upscale":
        fields |= _sides(multiple_of, aspect=task_type == "text_to_image")
    if "strength" in takes:
        fields["strength"] = (
            float,
            Field(
                takes["strength"] or 0.8,
                gt=0,
                le=1,
                description="How far the result may leave the source.",
            ),
        )
    if task_type == "image_to_video":
        fields |= _film(frames, fps)
    fields |= {name: _option(option) for name, option in OPTIONS.items() if option.argument in takes}
    for control in sorted(controls):
        fields[f"control_{control}"] = (FileInput | None, Field(None, description=f"The {control} pass to follow."))
    if controls:
        fields["control_scale"] = (
            float,
            Field(1.0, ge=0, le=2, description="How closely control passes are followed."),
        )
    if "ip_adapter_image" in takes:
        fields["ip_adapter_image"] = (FileInput | None, Field(None, description="A picture to take after."))
        fields["ip_adapter_scale"] = (
            float,
            Field(0.6, ge=0, le=1, description="How much to take after it."),
        )
    name = "".join(part.title() for part in task_type.split("_")) + "Parameters"
    # pydantic's overloads do not know of fields that are counted out at run time
    return create_model(name, __base__=Parameters, __doc__=f"What `{task_type}` takes.", **fields)  # type: ignore[call-overload,no-any-return]


def _prompt(task_type: str) -> Definition:
    if task_type in _OPTIONAL_PROMPT:
        return _text("What is to be seen, in words.")
    return (str, Field(min_length=1, max_length=2000, description="What is to be seen, in words."))


def _text(words: str) -> Definition:
    return (str | None, Field(None, max_length=2000, description=words))


def _sides(multiple_of: int, *, aspect: bool) -> dict[str, Definition]:
    side = Annotated[int, Field(ge=multiple_of, le=MAX_SIDE_PX, multiple_of=multiple_of)]
    words = f"Pixels, a multiple of {multiple_of}."
    fields: dict[str, Definition] = {
        "width_px": (
            side | None,
            Field(None, validation_alias=AliasChoices("width_px", "width"), description=words),
        ),
        "height_px": (
            side | None,
            Field(None, validation_alias=AliasChoices("height_px", "height"), description=words),
        ),
    }
    if aspect:
        shapes = Literal["1:1", "4:3", "16:9", "1.85:1", "2.39:1", "9:16"]
        fields["aspect"] = (shapes | None, Field(None, description="Shape, with the preset's number of pixels."))
    return fields


def _film(frames: int, fps: int) -> dict[str, Definition]:
    return {
        "duration_s": (
            float | None,
            Field(None, gt=0, le=60, description="Seconds; the model's own length when absent."),
        ),
        "fps": (int, Field(fps, ge=1, le=60, description="Frames per second.")),
        "frames": (
            int | None,
            Field(
                None,
                ge=1,
                le=MAX_FRAMES,
                validation_alias=AliasChoices("frames", "num_frames"),
                description=f"Instead of a duration; {frames} when neither is given. The model may make some more.",
            ),
        ),
    }


def _option(option: Option) -> Definition:
    return (
        option.kind | None,
        Field(None, ge=option.least, le=option.most, strict=option.kind is int, description=option.words),
    )
