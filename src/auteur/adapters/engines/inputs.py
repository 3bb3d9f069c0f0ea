"""Files that a task is given: a parameter names an artifact or an upload of its project, or what another task makes.

An engine declares such a parameter as `FileInput` in its model and as `TaskInput` in its task type. What another task
makes is not there yet when the task is accepted: `prepare` leaves a `TaskOutput` as it is, and is called again with the
path of the file, and the same origins, before the task runs. A `data:` or `https:` url has become the path of an upload
before the engine sees it.
"""

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import InitErrorDetails, PydanticCustomError

from auteur.adapters.decoding import pictures
from auteur.adapters.engines.parameters import Parameters
from auteur.adapters.stills import ImageInfo
from auteur.domain.errors import ArtifactNotFoundError, HandlerError, InvalidParamsError, UnreadableImageError
from auteur.domain.fetching import ARTIFACT_URL, path_of
from auteur.domain.ports import ArtifactStore
from auteur.domain.task import TaskInput
from auteur.domain.text import line_problem


class TaskOutput(Parameters):
    """What another task of the project makes; this one waits for it. Without ``artifact`` its first file."""

    from_task: str = Field(min_length=1, max_length=64, description="Id of the task.")
    artifact: str | None = Field(None, min_length=1, max_length=255, description="Name of its file; the first.")


NOT_THERE = "there is no such artifact or upload in this project"


def _told_as_one(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    """What is wrong with the one way in which it was given; pydantic tells it of both, under names of its own."""
    try:
        return read(value)
    except ValidationError as error:
        if not isinstance(value, str | dict):
            raise PydanticCustomError(
                "file_input", "Input should be a path or url, or the output of another task"
            ) from None
        problems = [
            InitErrorDetails(
                type=problem["type"], loc=problem["loc"][1:], input=problem["input"], ctx=problem.get("ctx", {})
            )
            for problem in error.errors(include_url=False)
            if (problem["loc"][0] == TaskOutput.__name__) == isinstance(value, dict)
        ]
        raise ValidationError.from_exception_data("FileInput", problems) from None


FileInput = Annotated[Annotated[str, Field(min_length=1, max_length=1024)] | TaskOutput, WrapValidator(_told_as_one)]
"""The type of a parameter that names a file."""


def is_deferred(value: Any) -> bool:
    """Whether a parameter names what another task is still to make."""
    return isinstance(value, dict | TaskOutput)


def in_project(reference: str, project_id: str, name: str) -> str:
    """The path in the project that an artifact's url, its path in the workspace or in the project stands for.

    ``name``: of the parameter. Raises `InvalidParamsError`.
    """
    if problem := line_problem(reference):
        raise InvalidParamsError([{"field": name, "message": problem}])
    path = path_of(reference) if "://" in reference or reference.startswith("/") else reference
    if path is None:
        raise InvalidParamsError([{"field": name, "message": "is no url and no path"}])
    if match := ARTIFACT_URL.fullmatch(path):
        if match[1] != project_id:
            raise InvalidParamsError([{"field": name, "message": "belongs to another project"}])
        return match[2]
    inside = path.removeprefix(f"{project_id}/")
    return inside if "/" in inside else path  # in a project called `uploads`, `uploads/x.png` is in the project already


async def find_picture(artifacts: ArtifactStore, project_id: str, name: str, reference: str) -> tuple[str, ImageInfo]:
    """The picture's path in the project, and what it is. ``name``: of the parameter.

    Raises `InvalidParamsError` if it is not there or is no picture.
    """
    path = in_project(reference, project_id, name)
    try:
        return path, await pictures.identify(await artifacts.locate(project_id, path))
    except (ArtifactNotFoundError, FileNotFoundError):
        problem = NOT_THERE
    except UnreadableImageError as error:
        problem = f"cannot be used: {error.message}"
    except OSError:
        problem = "cannot be read now"
    raise InvalidParamsError([{"field": name, "message": problem}])


async def find_file(artifacts: ArtifactStore, project_id: str, wanted: TaskInput, reference: Any) -> Any:
    """The file's path in the project; what another task is still to make stays as it is.

    Raises `InvalidParamsError` if it is not there, or is no picture where one is wanted.
    """
    if is_deferred(reference):
        return reference
    if wanted.kind == "image":
        return (await find_picture(artifacts, project_id, wanted.name, reference))[0]
    path = in_project(reference, project_id, wanted.name)
    try:
        await artifacts.locate(project_id, path)
    except ArtifactNotFoundError:
        raise InvalidParamsError([{"field": wanted.name, "message": NOT_THERE}]) from None
    return path


async def locate(artifacts: ArtifactStore, project_id: str, path: str, what: str = "source image") -> Path:
    """Where the file lies, for a task that runs. Raises `HandlerError`."""
    try:
        return await artifacts.locate(project_id, path)
    except ArtifactNotFoundError as error:
        raise HandlerError(f"The {what} is no longer in the project.") from error
