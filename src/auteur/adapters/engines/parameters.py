"""What the engines' parameter models share: strictness, and the words in which a problem is told."""

import secrets
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from auteur.domain.errors import InvalidParamsError

MAX_SEED = 2**32 - 1


class Parameters(BaseModel):
    """Base of all parameter models: unknown names, NaN and silent conversions are refused.

    A model is built when it is first used: a service offers more than it is asked for.
    """

    model_config = ConfigDict(
        extra="forbid", strict=True, allow_inf_nan=False, populate_by_name=True, defer_build=True
    )  # fmt: skip

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> Self:
        """The parameters, validated. Raises `InvalidParamsError` that never repeats the caller's values."""
        try:
            return cls.model_validate(dict(params))
        except ValidationError as error:
            raise InvalidParamsError(
                [
                    {"field": ".".join(map(str, problem["loc"])) or "params", "message": problem["msg"]}
                    for problem in error.errors(include_url=False, include_context=False, include_input=False)
                ]
            ) from None

    def given(self) -> dict[str, Any]:
        """What was set, under canonical names."""
        return self.model_dump(exclude_unset=True)


class SchemaOf(Mapping[str, Any]):
    """The JSON Schema of a model, made when it is first looked into."""

    def __init__(self, model: type[BaseModel]) -> None:
        self._model = model

    @cached_property
    def _made(self) -> dict[str, Any]:
        return self._model.model_json_schema()

    def __getitem__(self, key: str) -> Any:
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


def draw_seed() -> int:
    """A seed that nobody chose."""
    return secrets.randbelow(MAX_SEED + 1)
