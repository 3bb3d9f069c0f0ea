"""The memory of the device that a child computes on: what there is, what is lacking, and how it is handed back."""

import gc
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil
import torch

from auteur.adapters.engines.child import EngineBrokenError

IDLE_S = 2.0
"""How long torch keeps what a task took for the next one."""
_NO_MEMORY = ("DefaultCPUAllocator", "CUDA error: out of memory", "ALLOC_FAILED", "ALLOCATION_FAILED")
"""Who has none left and says so without torch's own error: the processor's allocator, the driver, its libraries."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the device, or the machine, had no memory left to give."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or (
        isinstance(error, RuntimeError) and any(words in str(error) for words in _NO_MEMORY)
    )


def free_memory(device: str) -> None:
    """Has torch hand back what it keeps for later."""
    gc.collect()
    hand_back(device)


def hand_back(device: str) -> None:
    """The same without looking for what only a cycle keeps."""
    if is_cuda(device):
        torch.cuda.empty_cache()


def let_go(error: BaseException, device: str) -> None:
    """Frees what a call that failed, or was stopped, had in its hands; its error stays, with the lines it came from."""
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is not None and one not in seen:
            seen.append(one)
            traceback.clear_frames(one.__traceback__)
            waiting += [one.__cause__, one.__context__]
    with suppress(RuntimeError):  # a device that failed answers nothing any more
        hand_back(device)


@contextmanager
def handed_back(device: str) -> Iterator[None]:
    """What the work within took of the device, beside the models, is for others to have when it ends: at once where it
    failed or was stopped, else when nothing has followed for a moment, since taking it again takes time."""
    _later.cancel()
    try:
        yield
    except BaseException as error:
        let_go(error, device)
        raise
    _later.begin(device)


class _Later:
    """Hands back what is kept of a device unless it is asked not to meanwhile."""

    def __init__(self) -> None:
        self._timer: threading.Timer | None = None

    def begin(self, device: str) -> None:
        if is_cuda(device):
            self._timer = threading.Timer(IDLE_S, hand_back, (device,))
            self._timer.daemon = True
            self._timer.start()

    def cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


_later = _Later()


def memory_of(device: str) -> tuple[int, int]:
    """Bytes that are free, and that there are, on the device; of the machine where it computes on the processor.

    Raises `HandlerError` where the device has not even the room to answer in.
    """
    if not is_cuda(device):
        machine = psutil.virtual_memory()
        return machine.available, machine.total
    try:
        free, total = torch.cuda.mem_get_info(torch.device(device))
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        words = f"There is no memory left on {device}: other programs have all of it."
        raise EngineBrokenError(words, reason="out_of_memory", device=device) from error
    return free, total


class Working:
    """What a call takes of the device beside the models. Known of CUDA alone."""

    def __init__(self, device: str) -> None:
        self._device = device
        self._before = 0

    def begin(self) -> None:
        """From now on it counts."""
        if is_cuda(self._device):
            torch.cuda.reset_peak_memory_stats(self._device)
            self._before = torch.cuda.memory_allocated(self._device)

    def told(self) -> dict[str, int]:
        """For metrics: ``peak_bytes``, in use at most, all models included; ``working_bytes``, of these the call's."""
        if not is_cuda(self._device):
            return {}
        peak = torch.cuda.max_memory_allocated(self._device)
        return {"peak_bytes": peak, "working_bytes": max(peak - self._before, 0)}


def is_cuda(device: str) -> bool:
    """Whether the device is one of CUDA, or of ROCm, which torch calls the same."""
    return str(torch.device(device).type) == "cuda"
