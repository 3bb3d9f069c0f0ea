"""What goes wrong in a pipeline, in words for who asked and who keeps it running. Runs in the child, beside torch."""

import gc
import json
import math
import re
from pathlib import Path
from typing import Any

import psutil
import torch

from auteur.adapters.engines.child import EngineBrokenError
from auteur.domain.errors import HandlerError

_PATH = re.compile(r"(?:[A-Za-z]:)?(?:[/\\][\w.~-]+){2,}")
_ALLOCATOR = "DefaultCPUAllocator"
_SPARE = 0.8
"""What of the memory that is free is counted on: it is broken into pieces."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the device, or the machine, had no memory left to give."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or (
        isinstance(error, RuntimeError) and _ALLOCATOR in str(error)
    )


def free_memory(device: str) -> None:
    """Has torch hand back what it keeps for later."""
    gc.collect()
    if torch.device(device).type == "cuda":
        torch.cuda.empty_cache()


def memory_of(device: str) -> tuple[int, int]:
    """Bytes that are free, and that there are, on the device; of the machine where it computes on the processor."""
    if torch.device(device).type == "cuda":
        free, total = torch.cuda.mem_get_info(torch.device(device))
        return free, total
    machine = psutil.virtual_memory()
    return machine.available, machine.total


def check_device(device: str) -> None:
    """Raises `HandlerError` where the device that a model is set to run on is not there."""
    wanted = torch.device(device)
    kinds = {"cuda": torch.cuda, "xpu": torch.xpu, "mps": torch.mps}
    if wanted.type in kinds and (wanted.index or 0) >= kinds[wanted.type].device_count():
        raise HandlerError("The device that this model is set to run on is not there.", reason="no_device")


def loading_failed(name: str, error: Exception, *, directory: Path, downloads: bool) -> HandlerError:
    """Why a model could not be loaded. The libraries' own words name paths: they are for operators, as the cause."""
    if is_out_of_memory(error):
        return EngineBrokenError(f"There is not enough memory to load {name}.", reason="out_of_memory")
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
    peak_bytes: int,
    size: tuple[int, int] | None,
    multiple_of: int,
) -> HandlerError:
    """What was lacking, and what would fit.

    ``peak_bytes``: what was in use at most, the model included, where that is known. ``size``: what was asked for, in
    pixels. The work's memory grows with the pixels: as many as the free part of the device has room for will fit.
    """
    free, total = memory_of(device)
    asked = _asked_bytes(str(error))
    working = max(peak_bytes - model_bytes, 0) + asked
    details: dict[str, Any] = {
        "reason": "out_of_memory",
        "device": device,
        "total_bytes": total,
        "free_bytes": free,
        "model_bytes": model_bytes,
        "asked_bytes": asked,
    }
    where = f"{_gigabytes(total)} of {device}" if device != "cpu" else f"the machine's {_gigabytes(total)}"
    words = f"Out of memory: the model takes {_gigabytes(model_bytes)} of {where}"
    if asked:
        words += f", and {_gigabytes(asked)} more were asked for where {_gigabytes(free)} are free"
    if size is not None and working:
        scale = math.sqrt(min(free * _SPARE / working, _SPARE))
        width, height = (multiple_of * int(side * scale / multiple_of) for side in size)
        if min(width, height) >= 8 * multiple_of:
            details["would_fit"] = {"width_px": width, "height_px": height}
            return EngineBrokenError(f"{words}. {width} x {height} pixels should fit.", **details)
    return EngineBrokenError(f"{words}. A smaller size, fewer frames, or dtype float16 takes less.", **details)


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
