"""JSON that says everything once: what most parsers do with a name that is given twice is to forget the first."""

import json
from collections import Counter, deque
from collections.abc import Iterator
from typing import Any


class DuplicateNameError(ValueError):
    """A name is given twice in one object. ``path``: from the outermost object, places in lists as numbers."""

    def __init__(self, path: tuple[str | int, ...]) -> None:
        super().__init__(f"{'.'.join(map(str, path))[:128]}: is given more than once")
        self.path = path


class _Twice(dict[str, Any]):
    """An object with a name that was given twice."""

    def __init__(self, members: list[tuple[str, Any]]) -> None:
        super().__init__(members)
        counted = Counter(name for name, _ in members)
        self.name = next(name for name in counted if counted[name] > 1)


def loads(text: str | bytes) -> Any:
    """What the text says. Raises `DuplicateNameError`, and `ValueError` for what is no JSON, NaN and infinities
    included, and for what is nested too deep."""
    met = False

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal met
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        met = True
        return _Twice(pairs)

    try:
        said = json.loads(text, object_pairs_hook=members, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("is nested too deep") from None
    if met:
        raise DuplicateNameError(_path_of_first(said))
    return said


def refuse_duplicates(text: str | bytes) -> None:
    """Raises `DuplicateNameError`; what is no JSON is left to who parses it."""
    try:
        loads(text)
    except ValueError as error:
        if isinstance(error, DuplicateNameError):
            raise


def _path_of_first(said: Any) -> tuple[str | int, ...]:
    for place, value in nodes(said):
        if isinstance(value, _Twice):
            return (*path_to(place), value.name)
    raise AssertionError("an object that has a name twice was met, or lies in one")  # pragma: no cover


Place = tuple["Place", str | int] | None
"""Where a value is: the place of what it lies in, and its name or number there; None for the outermost. So the places
of a long list at some depth cost no more than those of one that lies outside."""


def nodes(said: Any) -> Iterator[tuple[Place, Any]]:
    """Every value with its place, the outer ones first."""
    unseen: deque[tuple[Place, Any]] = deque([(None, said)])
    while unseen:
        place, value = unseen.popleft()
        yield place, value
        if isinstance(value, dict | list):
            inside = value.items() if isinstance(value, dict) else enumerate(value)
            unseen.extend(((place, name), inner) for name, inner in inside)


def path_to(place: Place) -> tuple[str | int, ...]:
    """From the outermost value to that place."""
    path: list[str | int] = []
    while place is not None:
        place, name = place
        path.append(name)
    return tuple(reversed(path))


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number of JSON")
