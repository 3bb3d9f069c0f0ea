"""The parameters that a template declares, as a model: bounds, defaults, JSON Schema, and refusals by field."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    create_model,
    model_validator,
)

from auteur.adapters.engines.inputs import FileInput
from auteur.adapters.engines.parameters import MAX_SEED, Parameters

FILES = ("image", "video", "audio")
Kind = Literal["string", "integer", "number", "boolean", "seed", "image", "video", "audio"]
_ALIASES = {"width_px": "width", "height_px": "height"}
_MOST_TEXT = 10_000
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class Declared(BaseModel):
    """One parameter of a template.

    ``sets``: the inputs of nodes that it fills in, each ``node.input``, the node by its title or id. ``format``: the
    text that is filled in, with ``{value}`` in it. ``default``: else the workflow's own value is. ``control``: the
    control pass that a picture is.
    """

    model_config = ConfigDict(extra="forbid")

    type: Kind
    sets: Annotated[list[str], Field(min_length=1)]
    description: str = ""
    required: bool | None = None
    default: Any = None
    min: float | None = None
    max: float | None = None
    multiple_of: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    choices: list[str | int | float] | None = None
    format: str | None = None
    control: str | None = None

    @model_validator(mode="after")
    def _fits(self) -> "Declared":
        lacking = {
            "min": self.type in ("integer", "number"),
            "max": self.type in ("integer", "number"),
            "multiple_of": self.type in ("integer", "number"),
            "min_length": self.type == "string",
            "max_length": self.type == "string",
            "choices": self.type in ("string", "integer", "number"),
            "control": self.type == "image",
            "default": self.type not in ("seed", *FILES),
        }
        for name, fits in lacking.items():
            if getattr(self, name) is not None and not fits:
                raise ValueError(f"{name} means nothing for the type {self.type}")
        if self.format is not None and "{value}" not in self.format:
            raise ValueError("format must have {value} in it")
        return self

    @property
    def is_file(self) -> bool:
        """Whether it names a file of the project."""
        return self.type in FILES

    def annotation(self) -> Any:
        """The type of its values."""
        if self.choices is not None:
            return Literal[tuple(self.choices)]
        match self.type:
            case "string":
                most = _MOST_TEXT if self.max_length is None else self.max_length
                return Annotated[str, Field(min_length=self.min_length, max_length=most)]
            case "integer":
                at_least, at_most, step = (
                    None if n is None else int(n) for n in (self.min, self.max, self.multiple_of)
                )
                return Annotated[int, Field(ge=at_least, le=at_most, multiple_of=step)]
            case "number":
                return Annotated[float, Field(ge=self.min, le=self.max, multiple_of=self.multiple_of)]
            case "boolean":
                return bool
            case "seed":
                return Annotated[int, Field(ge=0, le=MAX_SEED)]
        return FileInput


def problem_with(declared: Declared, value: Any) -> str:
    """Why the parameter cannot have this value; empty if it can."""
    try:
        TypeAdapter(declared.annotation(), config=ConfigDict(strict=True, allow_inf_nan=False)).validate_python(value)
    except ValidationError as error:
        return error.errors(include_url=False, include_context=False, include_input=False)[0]["msg"]
    return ""


def model_of(name: str, declared: Mapping[str, Declared], defaults: Mapping[str, Any]) -> type[Parameters]:
    """The model of a template's parameters. ``defaults``: what the template or its workflow says."""
    fields: dict[str, Any] = {}
    for parameter, of in declared.items():
        alias = AliasChoices(parameter, _ALIASES[parameter]) if parameter in _ALIASES else None
        about: dict[str, Any] = {"description": of.description or None, "validation_alias": alias}
        if of.type == "seed":
            about["description"] = of.description or "Drawn and recorded when absent."
            fields[parameter] = (of.annotation() | None, Field(None, **about))
        elif parameter in defaults:
            fields[parameter] = (of.annotation(), Field(defaults[parameter], **about))
        elif of.required is False:
            fields[parameter] = (of.annotation() | None, Field(None, **about))
        else:
            fields[parameter] = (of.annotation(), Field(**about))
    made: type[Parameters] = create_model(name, __base__=Parameters, **fields)
    return made
