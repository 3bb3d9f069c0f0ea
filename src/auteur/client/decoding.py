"""From JSON to frozen dataclasses, by their fields' types; and back to what was told, for events."""

import functools
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from auteur.client.errors import NotAuteurError

T = TypeVar("T")
_Read = Callable[[Any], Any]


def decode(kind: type[T], data: Any) -> T:
    """``data`` as ``kind``. Unknown fields are passed over; null, or nothing, is the field's default. Raises
    `NotAuteurError` where a field that must be there is not, or is of another kind."""
    if not isinstance(data, Mapping):
        raise NotAuteurError(f"What was told is no {kind.__name__}.")
    given = {}
    for name, read, is_needed in _readers(kind):  # type: ignore[arg-type]  # a class is hashable
        value = data.get(name)
        if value is not None:
            try:
                given[name] = read(value)
            except (TypeError, ValueError):
                raise NotAuteurError(f"What was told is no {kind.__name__}: {name} is {value!r:.80}.") from None
        elif is_needed:
            raise NotAuteurError(f"What was told is no {kind.__name__}: it has no {name}.")
    return kind(**given)


@functools.cache
def _readers(kind: type) -> tuple[tuple[str, _Read, bool], ...]:
    """By field: its name, how its value is read, and whether it must be there."""
    hints = get_type_hints(kind)
    return tuple(
        (one.name, _reader(hints[one.name]), one.default is MISSING and one.default_factory is MISSING)
        for one in fields(kind)
        if one.init
    )


def _reader(hint: Any) -> _Read:
    origin, inside = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        (hint,) = (part for part in inside if part is not type(None))
        return _reader(hint)
    if origin is tuple:
        read = _reader(inside[0])
        return lambda value: tuple(map(read, _checked(list, value)))
    if isinstance(hint, type) and is_dataclass(hint):
        return functools.partial(decode, hint)
    if hint is datetime:
        return datetime.fromisoformat
    if hint is float:
        return lambda value: float(_checked((int, float), value))
    if hint in (str, int, bool):
        return functools.partial(_checked, hint)
    return functools.partial(_checked, Mapping) if origin is not None else lambda value: value


def _checked(kind: Any, value: Any) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError
    return value
