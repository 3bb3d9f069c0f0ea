"""A model's OpenAPI document -> the parameters of a task type, and back to what the model takes.

Cog drops what it does not know, and later releases than 0.16 refuse null: so everything is validated here, under the
names that auteur's engines share, and what is absent is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, cast

from pydantic import AliasChoices, ConfigDict, Field, create_model

from auteur.adapters.engines.cog.settings import InputSetting, Kind, ModelSetting
from auteur.adapters.engines.inputs import FileInput
from auteur.adapters.engines.parameters import MAX_SEED, Parameters, draw_seed
from auteur.domain.task import TaskInput

CANONICAL = {
    "width": "width_px",
    "height": "height_px",
    "num_inference_steps": "steps",
    "num_steps": "steps",
    "inference_steps": "steps",
    "num_images": "num_outputs",
    "num_frames_per_second": "fps",
    "frames_per_second": "fps",
}
"""By what models call it: the name that auteur's engines share."""

_PRESET = ("steps", "width_px", "height_px")
_KINDS: Mapping[str, Kind] = {
    "video": "video", "movie": "video", "audio": "audio", "sound": "audio", "voice": "audio", "music": "audio",
    "song": "audio", "speech": "audio",
}  # fmt: skip
_BOUNDS = {"minimum": "ge", "maximum": "le", "exclusiveMinimum": "gt", "exclusiveMaximum": "lt"}
_LENGTHS = {"minLength": "min_length", "maxLength": "max_length"}


class SchemaError(Exception):
    """A document in which the inputs of a model cannot be found; the text says why."""


class _ModelParameters(Parameters):
    model_config = ConfigDict(populate_by_name=False, regex_engine="python-re")


@dataclass(frozen=True, slots=True)
class _Input:
    """``ours``, ``theirs``: its name here and at the model; ``property``: its schema, references resolved."""

    ours: str
    theirs: str
    property: Mapping[str, Any]
    kind: Kind | None
    many: bool
    control: str | None


class ModelSchema:
    """What one model takes and gives. ``document``: its OpenAPI document; ``output``: the schema of what it gives."""

    def __init__(self, document: Mapping[str, Any], setting: ModelSetting) -> None:
        """Raises `SchemaError`."""
        self.document = document
        schemas = _section(document, "components", "schemas")
        described = _section(schemas, "Input")
        properties = _section(described, "properties")
        self._required = frozenset(map(str, described.get("required") or ())) & set(properties)
        self._inputs = _inputs(properties, schemas, setting.renamed)
        self.output: Mapping[str, Any] = _resolved(schemas.get("Output") or {}, schemas)
        self.parameters = self._parameters()
        self.params_schema = self.parameters.model_json_schema()
        known = {found.ours for found in self._inputs}
        for quality, preset in setting.presets.items():
            if unknown := sorted(set(preset) - known):
                raise SchemaError(f"presets.{quality}: it has no parameter {unknown[0]!r}")
        self.preset_parameters = frozenset(_PRESET) & known
        self.has_seed = "seed" in known
        self.files = tuple(
            TaskInput(found.ours, found.kind, found.control, found.many) for found in self._inputs if found.kind
        )

    @property
    def can_be_peeked(self) -> bool:
        """Whether a request without inputs is refused, so that it can ask after a prediction and begin none."""
        return bool(self._required)

    def effective(self, params: Mapping[str, Any], origins: Mapping[str, str]) -> dict[str, Any]:
        """The parameters with defaults and a seed, those of a preset fitted to what the model takes.

        Raises `InvalidParamsError`.
        """
        fitted = dict(params)
        for found in self._inputs:
            if origins.get(found.ours) == "preset" and found.ours in _PRESET and found.ours in fitted:
                fitted[found.ours] = _fitted(fitted[found.ours], found.property)
        for name in _PRESET:
            if origins.get(name) == "preset" and name not in self.preset_parameters:
                fitted.pop(name, None)  # asked for before the model could be asked what it takes
        whole = self.parameters.read(fitted).model_dump(by_alias=True, exclude_none=True)
        if self.has_seed and "seed" not in whole:
            whole["seed"] = self._drawn()
        return whole

    def for_model(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Effective parameters under the model's names."""
        return {found.theirs: params[found.ours] for found in self._inputs if params.get(found.ours) is not None}

    def our_name(self, theirs: str) -> str:
        """What a parameter of the model is called here."""
        return next((found.ours for found in self._inputs if found.theirs == theirs), theirs)

    def _drawn(self) -> int:
        about = next(found.property for found in self._inputs if found.ours == "seed")
        least, most = int(max(about.get("minimum", 0), 0)), int(min(about.get("maximum", MAX_SEED), MAX_SEED))
        return least + draw_seed() % (most - least + 1) if most >= least else least

    def _parameters(self) -> type[Parameters]:
        fields: dict[str, Any] = {}
        for number, found in enumerate(self._inputs):
            about = found.property
            names = [found.ours, *({found.theirs} - {other.ours for other in self._inputs})]
            is_required = found.theirs in self._required and found.ours != "seed"
            default = None if found.kind or found.ours == "seed" else about.get("default")
            # names of a model may be words that pydantic keeps for itself: they are aliases only
            fields[f"field_{number}"] = (
                _type(about, found) if is_required else _type(about, found) | None,
                Field(
                    ... if is_required else default,
                    validation_alias=AliasChoices(*names),
                    serialization_alias=found.ours,
                    description=str(about["description"])[:500] if about.get("description") else None,
                    title=str(about.get("title") or found.ours)[:100],
                ),
            )
        made = create_model("CogParameters", __base__=_ModelParameters, **fields)
        return cast(type[Parameters], made)


def _section(document: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    found: Any = document
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
        if not isinstance(found, Mapping):
            raise SchemaError(f"its OpenAPI document has no {name}")
    return cast(Mapping[str, Any], found)


def _resolved(about: Any, schemas: Mapping[str, Any], depth: int = 8) -> dict[str, Any]:
    """A schema with its references and single choices put in; null is told by ``nullable``."""
    if not isinstance(about, Mapping) or depth == 0:
        return {}
    whole = dict(about)
    parts: list[Any] = []
    if isinstance(reference := whole.pop("$ref", None), str):
        parts.append(schemas.get(reference.rpartition("/")[2]))
    parts += whole.pop("allOf", None) or []
    for choice in ("anyOf", "oneOf"):
        kept = [part for part in whole.pop(choice, None) or [] if part != {"type": "null"}]
        parts += kept if len(kept) == 1 else []
    for part in parts:
        whole = {**_resolved(part, schemas, depth - 1), **whole}
    if isinstance(whole.get("items"), Mapping):
        whole["items"] = _resolved(whole["items"], schemas, depth - 1)
    if isinstance(whole.get("properties"), Mapping):
        whole["properties"] = {name: _resolved(part, schemas, depth - 1) for name, part in whole["properties"].items()}
    return whole


def _inputs(
    properties: Mapping[str, Any], schemas: Mapping[str, Any], renamed: Mapping[str, InputSetting]
) -> tuple[_Input, ...]:
    if unknown := sorted(set(renamed) - set(properties)):
        raise SchemaError(f"it has no input {unknown[0]!r}")
    resolved = {name: _resolved(about, schemas) for name, about in properties.items()}
    ordered = sorted(resolved, key=lambda name: resolved[name].get("x-order", len(resolved)))
    taken = {setting.name for setting in renamed.values()}
    found = []
    for theirs in ordered:
        about, setting = resolved[theirs], renamed.get(theirs)
        ours = setting.name if setting else CANONICAL.get(theirs, theirs)
        if setting is None and (ours in taken or (ours != theirs and ours in properties)):
            ours = theirs
        taken.add(ours)
        many = about.get("type") == "array"
        is_file = (about.get("items") or {} if many else about).get("format") == "uri"
        kind = ((setting and setting.kind) or _kind(theirs)) if is_file else None
        found.append(_Input(ours, theirs, about, kind, many, setting.control if setting else None))
    if len({one.ours for one in found}) < len(found):
        raise SchemaError("two of its inputs have the same name here")
    return tuple(found)


def _kind(name: str) -> Kind:
    return next((kind for word, kind in _KINDS.items() if word in name.lower()), "image")


def _type(about: Mapping[str, Any], found: _Input) -> Any:
    if found.kind:
        return list[FileInput] if found.many else FileInput
    if isinstance(choices := about.get("enum"), list) and choices:
        return Literal[tuple(choices)]
    match about.get("type"):
        case "string":
            rules = {ours: about[theirs] for theirs, ours in _LENGTHS.items() if theirs in about}
            return Annotated[str, Field(**rules, pattern=about.get("pattern"))]
        case "integer":
            return Annotated[int, Field(**_bounds(about, int))]
        case "number":
            return Annotated[float, Field(**_bounds(about, float))]
        case "boolean":
            return bool
        case "array":
            return list[_type(about.get("items") or {}, found)]  # type: ignore[misc]
        case "object":
            return dict[str, Any]
    return Any


def _bounds(about: Mapping[str, Any], number: type[int] | type[float]) -> dict[str, Any]:
    bounds = {ours: number(about[theirs]) for theirs, ours in _BOUNDS.items() if _is_number(about.get(theirs))}
    return bounds | ({"multiple_of": number(about["multipleOf"])} if about.get("multipleOf") else {})


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _fitted(value: Any, about: Mapping[str, Any]) -> Any:
    """A preset's number within what the model takes: a studio's presets are not written for one model."""
    if not _is_number(value):
        return value
    if isinstance(choices := about.get("enum"), list) and any(map(_is_number, choices)):
        return min(filter(_is_number, choices), key=lambda choice: abs(choice - value))
    if step := about.get("multipleOf"):
        value = round(value / step) * step
    if _is_number(most := about.get("maximum")):
        value = min(value, most)
    if _is_number(least := about.get("minimum")):
        value = max(value, least)
    return int(value) if about.get("type") == "integer" else value
