"""The sets, casts and films of a project: kept with their versions, and found by name where a task asks for them."""

from collections.abc import Mapping, Sequence
from typing import Any

from auteur.domain.errors import DocumentNotFoundError, InvalidParamsError, InvalidRequestError
from auteur.domain.film_library import Document, DocumentKind, parse_resource_name
from auteur.domain.ports import Clock, ProjectLibrary
from auteur.domain.strict_json import loads
from auteur.domain.task import TaskType, parse_project_id

MOST: Mapping[DocumentKind, int] = {"set": 1000, "cast": 1000, "film": 100}
"""Of a kind in a project."""
MAX_BYTES: Mapping[DocumentKind, int] = {"set": 4 << 10, "cast": 4 << 10, "film": 2 << 20}
"""Of a document: those that parameters carry are small, for every event of a task's start has them."""
MAX_CAST = 8
"""How many of the cast one shot may name."""


class ResourceKeeper:
    """The one door to them. Raises everywhere what `parse_project_id` and `ProjectLibrary` do."""

    def __init__(self, library: ProjectLibrary, clock: Clock) -> None:
        self._library = library
        self._clock = clock

    async def put(
        self, project_id: str, kind: DocumentKind, name: str, body: str, *, expected: int | None = None
    ) -> Document:
        """Keeps it. ``body``: checked by the door that it came through. Raises `InvalidRequestError` for a name that is
        none, or a body that is too large."""
        size_bytes, most = len(body.encode()), MAX_BYTES[kind]
        if size_bytes > most:
            problem = f"has {size_bytes} bytes; {most} is the most"
            raise InvalidRequestError(
                f"The document {problem}.", problems=[{"field": "body", "message": problem}]
            )  # fmt: skip
        return await self._library.put(
            parse_project_id(project_id), kind, parse_resource_name(name), body, self._clock(),
            expected=expected, at_most=MOST[kind],
        )  # fmt: skip

    async def read(self, project_id: str, kind: DocumentKind, name: str) -> Document:
        return await self._library.document(parse_project_id(project_id), kind, parse_resource_name(name))

    async def page(
        self, project_id: str, kind: DocumentKind, *, after: str | None, limit: int
    ) -> tuple[Sequence[Document], str | None]:
        """Some, by name; and after which name the next page comes, None at the end."""
        found = await self._library.documents(parse_project_id(project_id), kind, after=after, limit=limit + 1)
        return found[:limit], found[limit - 1].name if len(found) > limit else None

    async def remove(
        self, project_id: str, kind: DocumentKind, name: str, *, expected: int | None = None
    ) -> None:  # fmt: skip
        await self._library.remove(parse_project_id(project_id), kind, parse_resource_name(name), expected=expected)


Known = dict[tuple[DocumentKind, str], Mapping[str, Any]]
"""What was found already, for the requests of one batch."""


async def with_resources(
    library: ProjectLibrary, project_id: str, task_type: TaskType, params: Mapping[str, Any], known: Known
) -> Mapping[str, Any]:
    """The parameters with sets and cast members in the place of their names, as they are now: a take records what it
    was made with. What is no name is left to the engine. Raises `InvalidParamsError` for a name that nobody has."""
    changed = dict(params)
    problems: list[dict[str, Any]] = []

    async def found(kind: DocumentKind, field: str, named: Any) -> Any:
        if not isinstance(named, str):
            return named
        try:
            name = parse_resource_name(named)
            if (kind, name) not in known:
                document = await library.document(project_id, kind, name)
                known[kind, name] = {"name": name, **loads(document.body)}
        except (DocumentNotFoundError, InvalidRequestError):
            what = "set" if kind == "set" else "cast member"
            problems.append({"field": field, "message": f"{named[:64]!r} is no {what} of this project"})
            return named
        return known[kind, name]

    for field, kind in task_type.resources.items():
        value = params.get(field)
        if isinstance(value, list | tuple):
            if len(value) > MAX_CAST:
                problems.append({"field": field, "message": f"names more than {MAX_CAST}"})
                continue
            changed[field] = [await found(kind, f"{field}.{place}", named) for place, named in enumerate(value)]
        elif field in params:
            changed[field] = await found(kind, field, value)
    if problems:
        raise InvalidParamsError(problems)
    return changed
