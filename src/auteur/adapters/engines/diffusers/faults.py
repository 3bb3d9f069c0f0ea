"""What goes wrong in a pipeline, in words for who asked and who keeps it running. Runs in the child, beside torch."""

import json
import math
import re
from pathlib import Path
from typing import Any

import torch

from auteur.adapters.engines.child import EngineBrokenError
from auteur.adapters.engines.diffusers.memory import is_out_of_memory, let_go, memory_of
from auteur.domain.errors import HandlerError

_PATH = re.compile(r"(?:[A-Za-z]:)?(?:[/\\][\w.~-]+){2,}")
_SPARE = 0.8
"""What of the memory that is free is counted on: it is broken into pieces."""


def check_device(device: str) -> None:
    """Raises `HandlerError` where the device that a model is set to run on is not there."""
    wanted = torch.device(device)
    kinds = {"cuda": torch.cuda, "xpu": torch.xpu, "mps": torch.mps}
    if wanted.type in kinds and (wanted.index or 0) >= kinds[wanted.type].device_count():
        raise HandlerError("The device that this model is set to run on is not there.", reason="no_device")


def loading_failed(
    name: str, error: Exception, *, directory: Path, downloads: bool, device: str = "cpu", model_bytes: int = 0
) -> HandlerError:
    """Why a model could not be loaded. The libraries' own words name paths: they are for operators, as the cause.

    ``model_bytes``: what it was expected to take on ``device``, 0 where that is not known.
    """
    if is_out_of_memory(error):
        let_go(error, device)
        free, total = memory_of(device)
        words = f"There is not enough memory to load {name}"
        if model_bytes:
            words += f": it takes {_gigabytes(model_bytes)}, and {_gigabytes(free)} of {_whose(device, total)} are free"
        told: dict[str, Any] = {"device": device, "total_bytes": total, "free_bytes": free, "model_bytes": model_bytes}
        return EngineBrokenError(f"{words}.", reason="out_of_memory", **told)
    if isinstance(error, torch.AcceleratorError):
        return device_failed()
    if type(error).__name__ == "LocalEntryNotFoundError":
        hint = "it could not be fetched" if downloads else "fetching is off"
        return HandlerError(f"{name} is not whole on this machine, and {hint}.", reason="model_missing")
    if missing := _missing_package(error):
        return HandlerError(f"{name} needs {missing}, which is not installed.", reason="lacking")
    words = str(error)
    said = f"a file of it{_component(words, directory)} is missing or damaged"
    if "trust_remote_code" in words or "custom" in words:
        said = "it brings code of its own, which is not run"
    return HandlerError(f"{name} cannot be loaded: {said}.", reason="model_broken")


def device_failed() -> HandlerError:
    """The accelerator gave up; nothing that this process holds on it can be trusted."""
    return EngineBrokenError("The device failed while it computed.", retryable=True, reason="device_failed")


def call_failed(pipeline: str, error: Exception) -> HandlerError:
    """A pipeline's complaint. `ValueError` and `TypeError` are about what it was given, and say so in their words."""
    if isinstance(error, torch.AcceleratorError):
        return device_failed()
    if missing := _missing_package(error):
        return HandlerError(f"{pipeline} needs {missing}, which is not installed.", reason="lacking")
    if isinstance(error, ValueError | TypeError):
        words = _PATH.sub("…", " ".join(str(error).split()))[:300]
        return HandlerError(f"{pipeline} refuses what it was given: {words}", reason="refused")
    return HandlerError(
        f"{pipeline} failed while it computed; the operator's log has the details.", reason="pipeline_failed"
    )


def not_enough_memory(
    error: BaseException,
    device: str,
    *,
    model_bytes: int,
    pixel_bytes: float,
    size: tuple[int, int] | None,
    multiple_of: int,
) -> HandlerError:
    """What was lacking, and what would fit.

    ``pixel_bytes``: what work like this was seen to take for each pixel of ``size``, 0 where it was not. It grows with
    the pixels; what a call had taken when it failed says nothing of what it had yet to take.
    """
    free, total = memory_of(device)
    asked = _asked_bytes(str(error))
    details: dict[str, Any] = {
        "reason": "out_of_memory",
        "device": device,
        "total_bytes": total,
        "free_bytes": free,
        "model_bytes": model_bytes,
        "asked_bytes": asked,
    }
    words = f"Out of memory: the model takes {_gigabytes(model_bytes)} of {_whose(device, total)}"
    if asked:
        words += f", and {_gigabytes(asked)} more were asked for where {_gigabytes(free)} are free"
    if size is not None and pixel_bytes:
        let_go(error, device)  # until here the work itself was in the way of what is free
        room, _ = memory_of(device)
        scale = math.sqrt(min(room * _SPARE / (pixel_bytes * size[0] * size[1]), _SPARE))
        width, height = (multiple_of * int(side * scale / multiple_of) for side in size)
        if min(width, height) >= 8 * multiple_of:
            details["would_fit"] = {"width_px": width, "height_px": height}
            return EngineBrokenError(f"{words}. {width} x {height} pixels should fit.", **details)
    return EngineBrokenError(f"{words}. A smaller size, fewer frames, or dtype float16 takes less.", **details)


def _whose(device: str, total_bytes: int) -> str:
    return f"the machine's {_gigabytes(total_bytes)}" if device == "cpu" else f"{_gigabytes(total_bytes)} of {device}"


def _asked_bytes(words: str) -> int:
    """From the allocators' complaints: "Tried to allocate 2.50 GiB", "you tried to allocate 70368744177664 bytes"."""
    after = words.lower().partition("tried to allocate ")[2].split()
    units = {"bytes": 1, "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}
    try:
        return int(float(after[0]) * units[after[1].strip(".,")])
    except (IndexError, KeyError, ValueError):
        return 0


def _gigabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e9:.1f} GB" if size_bytes >= 1e8 else f"{size_bytes / 1e6:.1f} MB"


def _missing_package(error: Exception) -> str:
    """What is not installed, or nothing; libraries leave an optional package as a name that is not there."""
    if isinstance(error, ImportError | NameError):
        return f"the package {error.name}" if error.name else "a package"
    return ""


def _component(words: str, directory: Path) -> str:
    """The part of a model that a loader complains of, as far as its words tell, or that is not there."""
    try:
        index = json.loads((directory / "model_index.json").read_text())
    except (OSError, ValueError):
        return ""
    parts = [name for name, made_of in index.items() if isinstance(made_of, list) and None not in made_of]
    absent = [part for part in parts if not (directory / part).is_dir()]
    named = [part for part in sorted(parts, key=len, reverse=True) if f"/{part}" in words]
    return f" ({(absent or named)[0]})" if absent or named else ""
