"""What previs takes of a project's sets and casts: as the dispatcher gives them, in the place of their names."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

_NAME = {"type": "string", "minLength": 1, "maxLength": 200}
_KEPT = ConfigDict(extra="ignore", allow_inf_nan=False, defer_build=True)


class SetParameter(BaseModel):
    """A set. What is empty or None is left to the words of the shot."""

    model_config = _KEPT

    name: str = Field(max_length=200)
    place: str = Field("", max_length=200)
    layout: str = Field("", max_length=2000)
    time: str = Field("", max_length=200)
    weather: str = Field("", max_length=200)
    light: list[str] = Field(default_factory=list, max_length=8)
    seed: int | None = Field(None, ge=0, le=2**32 - 1)

    @property
    def words(self) -> str:
        """It as the words of a shot, for what the shot itself does not say."""
        said = (self.place, self.time, self.weather, ", ".join(self.light), self.layout)
        return ". ".join(each.strip(" .") for each in said if each.strip(" ."))


class CastParameter(BaseModel):
    """A cast member. ``called``: as a prompt says the name."""

    model_config = _KEPT

    name: str = Field(max_length=200)
    called: str = Field("", max_length=200)
    build: str | None = Field(None, max_length=40)
    height_m: float | None = Field(None, ge=0.4, le=2.6)
    costume: list[str] = Field(default_factory=list, max_length=6)
    hair: str | None = Field(None, max_length=40)


def _named(what: str, kept: type[BaseModel]) -> Any:
    schema = {"anyOf": [_NAME, {"type": "object", "title": kept.__name__}]}
    return WithJsonSchema({**schema, "description": f"{what}, by name; or as it was, of a take that is made again."})


NamedSet = Annotated[SetParameter, _named("A set of the project", SetParameter)]
NamedCast = Annotated[CastParameter, _named("A cast member of the project", CastParameter)]
