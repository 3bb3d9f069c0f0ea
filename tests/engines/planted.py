"""Faults of a pipeline, planted in the child that runs it: the seed says which. All else is the real job."""

from collections.abc import Mapping
from typing import Any

import diffusers
import torch

from auteur.adapters.engines.child import Report
from auteur.adapters.engines.diffusers.generate import generate as real
from tests.engines.planted_seeds import ALWAYS_OUT_OF_MEMORY, DEVICE_LOST, NO_NUMBER, ONCE_OUT_OF_MEMORY, TOO_LARGE

_forward = diffusers.UNet2DConditionModel.forward
_CUDA_WORDS = "CUDA out of memory. Tried to allocate 2.50 GiB. GPU 0 has a total capacity of 7.79 GiB"


def generate(arguments: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """As the real one, with a denoiser that fails as the seed says."""
    seed, calls = arguments["params"]["seed"], 0

    def forward(self: Any, *given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if seed == ALWAYS_OUT_OF_MEMORY or (seed == ONCE_OUT_OF_MEMORY and calls == 2):
            raise torch.OutOfMemoryError(_CUDA_WORDS)
        if seed == TOO_LARGE:
            torch.empty(1 << 46, dtype=torch.uint8)  # the real allocator's own refusal
        if seed == DEVICE_LOST:
            raise torch.AcceleratorError("CUDA error: an illegal memory access was encountered")
        made = _forward(self, *given, **named)
        return (made[0] * float("nan"), *made[1:]) if seed == NO_NUMBER else made

    diffusers.UNet2DConditionModel.forward = forward
    try:
        return real(arguments, report)
    finally:
        diffusers.UNet2DConditionModel.forward = _forward
