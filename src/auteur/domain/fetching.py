"""Inputs that a request names by url: set aside while the engine checks the rest, then brought into the project.

No engine ever sees such a url: it is given the path of the upload that was made of it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import unquote, urlsplit

from auteur.domain.errors import InvalidParamsError
from auteur.domain.ports import InputFetcher
from auteur.domain.task import TaskInput

ARTIFACT_URL = re.compile(r"(?:/.+?)??/api/v1/projects/([^/]+)/artifacts/(.+)")
"""The path of a url that this service gave: project, and path in it."""

MAX_PARAMS_BYTES = 48 * 1024
"""What parameters take at most as JSON, without what was brought in: every event of a start carries them."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_FETCHED = ("data", "https")


@dataclass(frozen=True, slots=True)
class SetAside:
    """``params``: with a path that is none yet in the place of each url. ``urls``: by that path."""

    params: Mapping[str, Any]
    urls: Mapping[str, str] = field(default_factory=dict)


def set_aside(inputs: Sequence[TaskInput], params: Mapping[str, Any]) -> SetAside:
    """The parameters as an engine may check them. ``inputs``: those of the task type. Raises `InvalidParamsError`."""
    urls: dict[str, str] = {}

    def held(value: Any, name: str) -> Any:
        if not _is_url(value, name):
            return value
        path = f"uploads/{sha256(value.encode('utf-8', 'surrogatepass')).hexdigest()}"
        urls[path] = value
        return path

    changed = dict(params)
    for known in inputs:
        value = params.get(known.name)
        if isinstance(value, list):
            changed[known.name] = [held(one, f"{known.name}.{place}") for place, one in enumerate(value)]
        elif value is not None:
            changed[known.name] = held(value, known.name)
    if len(json.dumps(changed, ensure_ascii=False).encode("utf-8", "surrogatepass")) > MAX_PARAMS_BYTES:
        raise InvalidParamsError([{"field": "params", "message": f"are larger than {MAX_PARAMS_BYTES} bytes"}])
    return SetAside(changed, urls)


async def bring_in(
    fetcher: InputFetcher, project_id: str, inputs: Sequence[TaskInput], params: Mapping[str, Any], aside: SetAside
) -> Mapping[str, Any]:
    """The parameters with the path of an upload in the place of each url. ``params``: as the engine has checked them,
    under their canonical names.

    Raises `InvalidParamsError` that names the input, `UnavailableError` where the workspace cannot be written.
    """
    brought: dict[tuple[str, str], str] = {}

    async def path(text: Any, name: str, kind: str) -> Any:
        if not isinstance(text, str):
            return text
        url = aside.urls.get(text, text)  # one that was given under another name was not set aside
        if not _is_url(url, name):
            return text
        if (text, kind) not in brought:
            brought[text, kind] = await fetcher.fetch(project_id, name, url, kind)
        return brought[text, kind]

    changed = dict(params)
    for known in inputs:
        value = params.get(known.name)
        if isinstance(value, list):
            places = [f"{known.name}.{place}" for place in range(len(value))]
            changed[known.name] = [await path(one, at, known.kind) for one, at in zip(value, places, strict=True)]
        elif value is not None:
            changed[known.name] = await path(value, known.name, known.kind)
    return changed


def _is_url(value: Any, name: str) -> bool:
    """Whether it names something outside of the service. Raises `InvalidParamsError` for what nobody fetches."""
    if not isinstance(value, str) or not (match := _SCHEME.match(value)):
        return False
    scheme = match[1].lower()
    if scheme != "data" and _is_artifact(value):
        return False
    if scheme in _FETCHED:
        return True
    if "://" in value:
        raise InvalidParamsError(
            [{"field": name, "message": "must be a path or url of this project, or an https: or data: url"}]
        )
    return False


def _is_artifact(url: str) -> bool:
    """Whether the url is one that this service gave, on whatever host it was reached."""
    path = path_of(url)
    return path is not None and ARTIFACT_URL.fullmatch(path) is not None


def path_of(url: str) -> str | None:
    """The path of a url or of what may be one, its escapes read; None where it is no url that can be read."""
    try:
        return unquote(urlsplit(url).path)
    except ValueError:  # a bracket without its other, a port that is none
        return None
