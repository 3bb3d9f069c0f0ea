"""What a model on this disk is, and what its pipeline takes: read from files, without importing torch.

Importing diffusers takes ten seconds and most of a gigabyte, which the service has no use for: a pipeline's parameters
stand in its source, and the source is installed.
"""

import ast
import importlib.util
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_NEEDED = ("diffusers", "torch", "transformers", "accelerate", "safetensors")
_CLASS = re.compile(r"^class (\w+)\(", re.MULTILINE)
_HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")
_TRANSFORMER_MULTIPLE, _LTX_MULTIPLE, _LEAST_MULTIPLE = 16, 32, 8
"""Of pixels: a transformer cuts the latents into patches of two, LTX packs them tighter."""


@dataclass(frozen=True, slots=True)
class Signature:
    """``takes``: the parameters of a pipeline's call, with their defaults where they have a plain one, else None."""

    pipeline: str
    takes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """``pipeline``: the class that the model names; ``multiple_of``: what its sides must be a multiple of."""

    pipeline: str
    multiple_of: int


def lacking() -> str | None:
    """What is to be installed, as a sentence; None where nothing is."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    return f"install auteur[diffusers]: there is no module {missing[0]}" if missing else None


def read_model(reference: str) -> ModelFiles | None:
    """The model in a directory, or of that name in the hub's cache; None where it is not on this machine.

    Raises `ValueError` where a directory holds no model, or the text is neither a directory nor such a name.
    """
    index = _index(reference)
    if index is None:
        return None
    try:
        said = json.loads(index.read_text())
        pipeline = said["_class_name"]
    except FileNotFoundError:
        raise ValueError("holds no model of diffusers: there is no model_index.json") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise ValueError("holds a model_index.json that cannot be read") from None
    if not isinstance(pipeline, str):
        raise ValueError("has a pipeline of its own code, which is not run")
    return ModelFiles(pipeline, _multiple_of(index.parent, pipeline, "transformer" in said))


def _index(reference: str) -> Path | None:
    path = Path(reference).expanduser()
    if path.is_dir():
        return path / "model_index.json"
    if not _HUB_NAME.fullmatch(reference):
        raise ValueError("is no directory here, and no name on the hub as owner/name")
    from huggingface_hub import try_to_load_from_cache  # comes with the extra

    found = try_to_load_from_cache(reference, "model_index.json")
    return Path(found) if isinstance(found, str) else None


def _multiple_of(directory: Path, pipeline: str, transformer: bool) -> int:
    if pipeline.startswith("LTX"):
        return _LTX_MULTIPLE
    if transformer:
        return _TRANSFORMER_MULTIPLE
    try:
        blocks = len(json.loads((directory / "vae" / "config.json").read_text())["block_out_channels"])
    except (OSError, ValueError, KeyError, TypeError):
        return _LEAST_MULTIPLE
    return max(1 << (blocks - 1), _LEAST_MULTIPLE)


def signature(pipeline: str) -> Signature | None:
    """What the call of this class takes; None where no installed pipeline has the name."""
    path = _pipelines().get(pipeline)
    if path is None:
        return None
    classes = {node.name: node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef)}
    return Signature(pipeline, _takes(pipeline, classes))


def _takes(pipeline: str, classes: Mapping[str, ast.ClassDef]) -> dict[str, Any]:
    for node in classes[pipeline].body:
        if isinstance(node, ast.FunctionDef) and node.name == "__call__":
            named = [*node.args.args[1:], *node.args.kwonlyargs]
            defaults = [None] * (len(node.args.args[1:]) - len(node.args.defaults))
            values = [*defaults, *node.args.defaults, *node.args.kw_defaults]
            return {argument.arg: _constant(value) for argument, value in zip(named, values, strict=True)}
    for base in classes[pipeline].bases:
        if isinstance(base, ast.Name) and base.id in classes:
            return _takes(base.id, classes)
        inherited = signature(base.id) if isinstance(base, ast.Name) else None
        if inherited is not None:
            return dict(inherited.takes)
    return {}


def _constant(node: ast.expr | None) -> Any:
    return node.value if isinstance(node, ast.Constant) else None


def _pipelines() -> Mapping[str, Path]:
    """The installed pipelines' classes, and the files in which they are."""
    spec = importlib.util.find_spec("diffusers")
    if spec is None or not spec.submodule_search_locations:
        return {}
    return _classes(Path(spec.submodule_search_locations[0]) / "pipelines")


@cache
def _classes(folder: Path) -> Mapping[str, Path]:
    files = sorted(folder.rglob("pipeline_*.py"))
    return {name: path for path in files for name in _CLASS.findall(path.read_text())}


def for_task(task_type: str, own: str, *, controlled: bool) -> str:
    """The class that makes a task type of a model whose own class is ``own``: diffusers names them by a rule."""
    stem = own.removesuffix("Pipeline").removesuffix("Img2Img").removesuffix("ControlNet")
    control = "ControlNet" if controlled else ""
    wanted = {"text_to_image": f"{stem}{control}Pipeline", "image_to_image": f"{stem}{control}Img2ImgPipeline"}
    named = wanted.get(task_type, own)
    return named if named in _pipelines() else own
