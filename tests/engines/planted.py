"""Faults of a pipeline, planted in the child that runs it: the seed says which. All else is the real job."""

from collections.abc import Mapping
from typing import Any

import diffusers
import psutil
import torch

from auteur.adapters.engines.child import Report
from auteur.adapters.engines.diffusers.generate import generate as real
from auteur.adapters.engines.diffusers.work import _store
from tests.engines.planted_seeds import (
    ALWAYS_OUT_OF_MEMORY,
    DEVICE_LOST,
    DRIVER_OUT_OF_MEMORY,
    LOADS_NEVER,
    LOADS_ONLY_ALONE,
    NO_NUMBER,
    ONCE_OUT_OF_MEMORY,
    SHARE_OF_MACHINE,
    TAKES_MUCH,
    TOO_LARGE,
)

_forward = diffusers.UNet2DConditionModel.forward
_load = diffusers.DiffusionPipeline.from_pretrained
_CUDA_WORDS = "CUDA out of memory. Tried to allocate 2.50 GiB. GPU 0 has a total capacity of 7.79 GiB"


def generate(arguments: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """As the real one, with a denoiser or a loader that fails as the seed says."""
    seed, calls = arguments["params"]["seed"], 0

    def forward(self: Any, *given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if seed == ALWAYS_OUT_OF_MEMORY or (seed == ONCE_OUT_OF_MEMORY and calls == 2):
            raise torch.OutOfMemoryError(_CUDA_WORDS)
        if seed == DRIVER_OUT_OF_MEMORY:
            raise torch.AcceleratorError("CUDA error: out of memory\nCUDA kernel errors might be reported later")
        if seed == TOO_LARGE:
            torch.empty(1 << 46, dtype=torch.uint8)  # the real allocator's own refusal
        if seed == DEVICE_LOST:
            raise torch.AcceleratorError("CUDA error: an illegal memory access was encountered")
        made = _forward(self, *given, **named)
        return (made[0] * float("nan"), *made[1:]) if seed == NO_NUMBER else made

    def load(*given: Any, **named: Any) -> Any:
        if seed == LOADS_NEVER or (seed == LOADS_ONLY_ALONE and _store.loaded()):
            raise torch.OutOfMemoryError(_CUDA_WORDS)
        return _load(*given, **named)

    diffusers.UNet2DConditionModel.forward = forward
    diffusers.DiffusionPipeline.from_pretrained = load
    try:
        done = real(arguments, report)
    finally:
        diffusers.UNet2DConditionModel.forward = _forward
        diffusers.DiffusionPipeline.from_pretrained = _load
    if seed == TAKES_MUCH:  # as only an accelerator tells
        pixels = arguments["params"]["width_px"] * arguments["params"]["height_px"]
        done["metrics"]["working_bytes"] = int(psutil.virtual_memory().total * SHARE_OF_MACHINE * pixels)
    return done
