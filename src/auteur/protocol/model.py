"""What all messages, bodies and views are, and how records of the domain become JSON."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter

T = TypeVar("T")

ALWAYS_TOLD = ConfigDict(json_schema_serialization_defaults_required=True)
"""Of what is told: a field that has a value of its own is told with it, and who reads may count on it."""


class Model(BaseModel):
    """Built when it is first used: a service starts without those that nobody has asked for yet."""

    model_config = ConfigDict(defer_build=True)


class Adapter(Generic[T]):
    """pydantic's `TypeAdapter` of a class that knows nothing of pydantic, made when it is first used."""

    validate_python: Callable[..., T]
    validate_json: Callable[..., T]
    dump_python: Callable[..., Any]
    dump_json: Callable[..., bytes]

    def __init__(self, of: type[T]) -> None:
        self._of = of

    def __getattr__(self, name: str) -> Any:
        """Asked once for what is not there yet."""
        if name not in Adapter.__annotations__:
            raise AttributeError(name)
        made = TypeAdapter(self._of)
        for each in Adapter.__annotations__:
            setattr(self, each, getattr(made, each))
        return getattr(self, name)
