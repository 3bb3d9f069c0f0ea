"""Jobs on a card of CUDA beside the engine's own: a program that takes its memory, and who counts what is kept."""

import time
from collections.abc import Mapping
from typing import Any

import torch

from auteur.adapters.engines.child import Report

_LEAST = 2 << 20


def hold(arguments: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """Takes all of the card but ``leave_bytes``, and keeps it until it is stopped."""
    held = [torch.empty(1, device="cuda")]
    size = torch.cuda.mem_get_info()[0] - max(arguments["leave_bytes"], 64 << 20)
    if size > 0:
        held.append(torch.empty(size, dtype=torch.uint8, device="cuda"))
    try:
        while not arguments["leave_bytes"]:
            held.append(torch.empty(_LEAST, dtype=torch.uint8, device="cuda"))
    except torch.OutOfMemoryError:
        pass  # all of it
    while True:
        report({"progress": 0.0})
        time.sleep(0.05)


def kept(arguments: Mapping[str, Any], report: Report) -> dict[str, Any]:
    """What torch has of the card in this process, and what of that is in use."""
    return {"reserved": torch.cuda.memory_reserved(), "allocated": torch.cuda.memory_allocated()}
