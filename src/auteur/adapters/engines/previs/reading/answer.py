"""What a language model answers of a sentence -> a `Shot`: the schema that binds it, and our own look at what came.

A model may say more than the prompt does. So each value has to name the words that say it, and counts only where they
stand in the prompt; the spans are found here, and a word that no value names is told as not understood.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from auteur.adapters.engines.previs.reading.shot import (
    ANGLES,
    CAMERA_HEIGHTS,
    KINDS,
    MOVES,
    RELATIONS,
    SEASONS,
    SIZES,
    TIMES_OF_DAY,
    WEATHERS,
    CameraMove,
    Focus,
    OverShoulder,
    Person,
    PlaceRead,
    Prop,
    Shot,
    Span,
    Where,
)

_LONGEST, _MOST = 120, 40
_FENCED = re.compile(r"\s*```(?:json)?\s*(.*?)\s*```\s*", re.S)
FIELDS = (
    "size", "kind", "over_shoulder", "pov_of", "angle", "dutch", "camera_height", "lens_mm", "stop", "focus", "moves",
    "aspect", "int_ext", "place", "time_of_day", "weather", "season", "light", "people", "props", "without",
    "off_screen", "style",
)  # fmt: skip
"""What a model may read; who read it, its spans and what was not understood are not the model's to say."""

Text = Annotated[str, Field(min_length=1, max_length=_LONGEST)]
Texts = Annotated[list[Text], Field(max_length=_MOST)]
Count = Annotated[int, Field(ge=1, le=10_000)]
Side = Literal["left", "center", "right"]
Depth = Literal["foreground", "background"]


class AnswerError(Exception):
    """The answer is no reading of the prompt. The text says why, and repeats nothing of it."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _OverShoulder(_Strict):
    of: Text | None = None
    on: Text | None = None


class _Focus(_Strict):
    depth: Literal["shallow", "deep"] | None = None
    on: Text | None = None


class _Move(_Strict):
    kind: Literal[MOVES]  # type: ignore[valid-type]
    speed: Literal["slow", "medium", "fast"] | None = None
    direction: Text | None = None
    origin: Text | None = Field(None, alias="from")
    target: Text | None = Field(None, alias="to")
    follows: Text | None = None


class _Place(_Strict):
    name: Text
    within: Text | None = Field(None, alias="in")


class _Where(_Strict):
    relation: Literal[RELATIONS]  # type: ignore[valid-type]
    to: Text | None = None


class _Person(_Strict):
    who: Text
    count: Count = 1
    side: Side | None = None
    depth: Depth | None = None
    pose: Text | None = None
    action: Text | None = None
    facing: Literal["camera", "away", "profile", "left", "right", "each_other"] | None = None
    look: Literal["left", "right", "up", "down", "camera", "away"] | None = None
    looking_at: Text | None = None
    direction: Text | None = None
    holding: Texts = []
    wearing: Texts = []
    where: _Where | None = None
    traits: Texts = []


class _Prop(_Strict):
    what: Text
    count: Count = 1
    relation: Literal[RELATIONS] | None = None  # type: ignore[valid-type]
    to: Text | None = None
    side: Side | None = None
    depth: Depth | None = None
    direction: Text | None = None
    traits: Texts = []


class _Said(_Strict):
    """Words of the prompt, letter by letter, and the field that they went into."""

    words: Annotated[str, Field(min_length=1, max_length=1000)]
    field: Literal[FIELDS]  # type: ignore[valid-type]


class _Answer(_Strict):
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] = "en"
    size: Literal[SIZES] | None = None  # type: ignore[valid-type]
    kind: Annotated[list[Literal[KINDS]], Field(max_length=_MOST)] = []  # type: ignore[valid-type]
    over_shoulder: _OverShoulder | None = None
    pov_of: Text | None = None
    angle: Literal[ANGLES] | None = None  # type: ignore[valid-type]
    dutch: bool = False
    camera_height: (
        Literal[CAMERA_HEIGHTS] | Annotated[float, Field(gt=0, le=1000)] | None  # type: ignore[valid-type]
    ) = None
    lens_mm: Annotated[float, Field(ge=1, le=3000)] | None = None
    stop: Annotated[float, Field(ge=0.5, le=128)] | None = None
    focus: _Focus | None = None
    moves: Annotated[list[_Move], Field(max_length=_MOST)] = []
    aspect: Text | None = None
    int_ext: Literal["INT", "EXT", "INT/EXT"] | None = None
    place: _Place | None = None
    time_of_day: Literal[TIMES_OF_DAY] | None = None  # type: ignore[valid-type]
    weather: Annotated[list[Literal[WEATHERS]], Field(max_length=_MOST)] = []  # type: ignore[valid-type]
    season: Literal[SEASONS] | None = None  # type: ignore[valid-type]
    light: Texts = []
    people: Annotated[list[_Person], Field(max_length=_MOST)] = []
    props: Annotated[list[_Prop], Field(max_length=_MOST)] = []
    without: Texts = []
    off_screen: Texts = []
    style: Texts = []
    said: Annotated[list[_Said], Field(max_length=200)] = []


def schema() -> dict[str, Any]:
    """The JSON Schema of an answer, as servers that bind a model's words by it take it: every property required and no
    other allowed."""
    found: dict[str, Any] = _required(_Answer.model_json_schema())
    return found


def read_answer(text: str, prompt: str, model: str, not_understood: Callable[[Sequence[Span]], list[str]]) -> Shot:
    """The reading of ``prompt`` that ``text``, JSON by `schema`, holds.

    ``model``: what `Shot.read_by` shall say. ``not_understood``: given the spans that were read, the words of meaning
    that no field took. A field whose words stand nowhere in the prompt stays empty. Raises `AnswerError`.
    """
    if fenced := _FENCED.fullmatch(text):
        text = fenced[1]
    try:
        said = json.loads(text)
        answer = _Answer.model_validate(said)
    except (ValueError, RecursionError) as error:
        raise AnswerError(_problem(error)) from None
    spans = _spans(prompt, answer.said)
    told = {span.field for span in spans}
    given = {name: value for name, value in _values(answer, prompt, spans).items() if name in told}
    shot = Shot(read_by=model, language=answer.language, reads=tuple(spans), **given)
    if not given:
        raise AnswerError("it names no words of the prompt")
    return Shot(
        **{name: getattr(shot, name) for name in Shot.__slots__} | {"not_understood": tuple(not_understood(spans))}
    )


def _problem(error: Exception) -> str:
    """What is wrong, by the place in the answer: never by its words."""
    if not isinstance(error, ValidationError):
        return "it is no JSON"
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"] if isinstance(part, int) or str(part) in _KNOWN)
    return f"it does not keep to the schema{' at ' + where if where else ''}"


def _values(answer: _Answer, prompt: str, spans: Sequence[Span]) -> dict[str, Any]:
    """By the names of `Shot`."""
    place = answer.place and PlaceRead(
        name=answer.place.name,
        within=answer.place.within,
        words=tuple(span.text for span in spans if span.field == "place"),
    )
    return {
        "size": answer.size,
        "kind": tuple(answer.kind),
        "over_shoulder": answer.over_shoulder and OverShoulder(**answer.over_shoulder.model_dump()),
        "pov_of": answer.pov_of,
        "angle": answer.angle,
        "dutch": answer.dutch,
        "camera_height": answer.camera_height,
        "lens_mm": answer.lens_mm,
        "stop": answer.stop,
        "focus": answer.focus and Focus(**answer.focus.model_dump()),
        "moves": tuple(CameraMove(**move.model_dump()) for move in answer.moves),
        "aspect": answer.aspect,
        "int_ext": answer.int_ext,
        "place": place,
        "time_of_day": answer.time_of_day,
        "weather": tuple(answer.weather),
        "season": answer.season,
        "light": tuple(answer.light),
        "people": tuple(_person(one) for one in answer.people),
        "props": tuple(Prop(**one.model_dump() | {"traits": tuple(one.traits)}) for one in answer.props),
        "without": tuple(answer.without),
        "off_screen": tuple(answer.off_screen),
        "style": tuple(answer.style),
    }


def _person(one: _Person) -> Person:
    data = one.model_dump()
    lists = {name: tuple(data[name]) for name in ("holding", "wearing", "traits")}
    return Person(**data | lists | {"where": one.where and Where(**one.where.model_dump())})


def _spans(prompt: str, said: Sequence[_Said]) -> list[Span]:
    """Where the words stand: each time they are named, where they are found next; never twice the same place for one
    field, and within no longer word."""
    found: dict[tuple[int, int, str], Span] = {}
    for one in said:
        words = one.words.split()
        if not words:
            continue
        pattern = r"\s+".join(map(re.escape, words))
        for match in re.finditer(pattern, prompt, re.I):
            start, end = match.span()
            key = (start, end, one.field)
            if key not in found and _is_whole(prompt, start, end):
                found[key] = Span(start=start, end=end, text=match[0], field=one.field)
                break
    return sorted(found.values(), key=lambda span: (span.start, span.end, span.field))


def _is_whole(prompt: str, start: int, end: int) -> bool:
    """Whether a word begins and ends there; scripts without blanks have no such places."""
    return not (_joined(prompt, start) or _joined(prompt, end))


def _joined(prompt: str, at: int) -> bool:
    return 0 < at < len(prompt) and all(_SPACED.fullmatch(one) for one in (prompt[at - 1], prompt[at]))


_SPACED = re.compile(r"[^\W_\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_KNOWN = frozenset(
    name for model in (_Answer, _Person, _Prop, _Move, _Place, _Where, _OverShoulder, _Focus, _Said)
    for field_name, field in model.model_fields.items()
    for name in (field.alias or field_name,)
)  # fmt: skip


def _required(schema: Any) -> Any:
    """The same with every property required, and without defaults."""
    if isinstance(schema, list):
        return [_required(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: _required(value) for name, value in schema.items() if name not in ("default", "title", "description")}
    if "properties" in schema:
        made["properties"] = {name: _required(value) for name, value in schema["properties"].items()}
        made["required"] = list(schema["properties"])
    return made
