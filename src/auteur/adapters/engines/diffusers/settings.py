"""What an operator sets: `BACKEND_DIFFUSERS_…`."""

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from auteur.domain import strict_json

TaskTypeName = Literal["text_to_image", "image_to_image", "image_to_video", "upscale"]
Pass = Literal["depth", "normals", "lineart", "segmentation", "pose"]
ClassName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$")]
Reference = Annotated[str, Field(min_length=1, max_length=1024)]


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class IpAdapterSettings(_Settings):
    """Weights that let a picture speak beside the prompt. ``path``: a directory or a hub name."""

    path: Reference
    subfolder: str = ""
    weight_name: str | None = None


class PresetSettings(_Settings):
    """What a quality means for this model, where it is not what it means in general."""

    steps: int | None = Field(None, ge=1, le=200)
    width_px: int | None = Field(None, ge=8, le=4096)
    height_px: int | None = Field(None, ge=8, le=4096)
    guidance_scale: float | None = Field(None, ge=0, le=50)
    strength: float | None = Field(None, gt=0, le=1)


class ModelSettings(_Settings):
    """One model. ``model``: a directory, or a name on the hub.

    ``pipeline``: the class to use where the model's own is not meant. ``controlnet``: by control pass. ``variant``: of
    the weights' files, as fp16. ``multiple_of``: what sides must be a multiple of, in pixels; ``max_pixels``: how many
    a preset may ask for, ``max_source_px``: the longest side of a picture to be enlarged. ``presets``: by quality.
    ``frames``, ``fps``: of a film that does not say.
    """

    model: Reference
    pipeline: ClassName | None = None
    controlnet: dict[Pass, Reference] = {}
    ip_adapter: IpAdapterSettings | None = None
    device: Annotated[str, Field(pattern=r"^(cpu|mps|(cuda|xpu)(:\d{1,2})?)$")] | None = None
    dtype: Literal["float32", "float16", "bfloat16"] | None = None
    variant: ClassName | None = None
    scheduler: ClassName | None = None
    multiple_of: int | None = Field(None, ge=2, le=256, multiple_of=2)
    max_pixels: int | None = Field(None, ge=4096, le=4096**2)
    max_source_px: int = Field(1024, ge=64, le=4096)
    presets: dict[str, PresetSettings] = {}
    frames: int | None = Field(None, ge=1, le=1000)
    fps: int = Field(16, ge=1, le=60)

    @model_validator(mode="before")
    @classmethod
    def _by_name_alone(cls, value: Any) -> Any:
        return {"model": value} if isinstance(value, str) else value


_MODELS = TypeAdapter(dict[TaskTypeName, ModelSettings], config=ConfigDict(defer_build=True))


def _read_models(value: Any) -> Any:
    """JSON, with a complaint that says where in it."""
    if not isinstance(value, str):
        return value
    strict_json.refuse_duplicates(value)
    try:
        return _MODELS.validate_json(value)
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in problem["loc"] if part != "[key]")
        raise ValueError(f"{where}: {problem['msg']}" if where else problem["msg"]) from None


class DiffusersSettings(BaseModel):
    """``models``: by task type. ``memory``: what loaded models may take on a device, in bytes. ``threads``: of the
    processor, for each device's process."""

    models: Annotated[dict[TaskTypeName, ModelSettings], BeforeValidator(_read_models)] = {}
    memory: ByteSize | None = Field(None, gt=0)
    threads: int | None = Field(None, ge=1, le=1024)
    downloads: bool = False
