"""What a workflow needs and a server lacks: node classes, and models or other values that it lists."""

from collections.abc import Collection, Mapping
from typing import Any

from auteur.adapters.engines.comfyui.words import title_of

_UPLOADS = ("image_upload", "video_upload", "audio_upload", "animated_image_upload")


def lacking(
    workflow: Mapping[str, Mapping[str, Any]],
    object_info: Mapping[str, Any],
    filled_later: Collection[tuple[str, str]] = (),
) -> list[str]:
    """One line for everything that the server lacks. ``filled_later``: inputs that are given an uploaded file."""
    problems = []
    for node, what in workflow.items():
        title, of_class = title_of(workflow, node), str(what.get("class_type"))
        known = object_info.get(of_class)
        if not isinstance(known, dict):
            problems.append(f'node class {of_class} is not installed (node "{title}")')
            continue
        for wanted, spec in _inputs(known).items():
            value = (what.get("inputs") or {}).get(wanted)
            choices = _choices(spec)
            if choices is None or (node, wanted) in filled_later or isinstance(value, list | None):
                continue
            if value not in choices:
                problems.append(f'{wanted} "{value}" is not there (node "{title}", {of_class})')
    return problems


def _inputs(known: Mapping[str, Any]) -> dict[str, Any]:
    inputs = known.get("input") or {}
    return {**(inputs.get("required") or {}), **(inputs.get("optional") or {})}


def _choices(spec: Any) -> list[Any] | None:
    """The values that an input may have, where the server lists them; files that people bring are no such values."""
    if not isinstance(spec, list) or not spec:
        return None
    about = spec[1] if len(spec) > 1 and isinstance(spec[1], dict) else {}
    if any(about.get(upload) for upload in _UPLOADS) or "remote" in about:
        return None
    choices = spec[0] if isinstance(spec[0], list) else about.get("options") if spec[0] == "COMBO" else None
    return choices if isinstance(choices, list) else None
