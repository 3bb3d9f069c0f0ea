"""What the engines' parameter models share: strictness, and the words in which a problem is told."""

import secrets
from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from auteur.domain.errors import InvalidParamsError

MAX_SEED = 2**32 - 1


class Parameters(BaseModel):
    """Base of all parameter models: unknown names, NaN and silent conversions are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, populate_by_name=True)

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


def draw_seed() -> int:
    """A seed that nobody chose."""
    return secrets.randbelow(MAX_SEED + 1)
