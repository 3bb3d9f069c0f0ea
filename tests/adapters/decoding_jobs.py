"""Jobs that do to their child what a hostile file might, for the tests of the pool."""

import ctypes
import os
import signal
import time
from pathlib import Path
from typing import Any

from auteur.adapters.decoding.child import Source, UndecodableError

Made = tuple[dict[str, Any], bytes]


def echo(source: Source) -> Made:
    data = source.read_bytes() if isinstance(source, Path) else source.read()
    return {"pid": os.getpid(), "size": len(data)}, data


def refuse(source: Source) -> Made:
    raise UndecodableError("It is no good.", reason="planted")


def crash(source: Source) -> Made:
    ctypes.string_at(1)
    raise AssertionError("unreachable")


def take_memory(source: Source) -> Made:
    held = bytearray(8 << 30)
    return {"size": len(held)}, b""


def take_memory_in_c(source: Source) -> Made:
    """As a decoder does that trusts a head: it asks until it gets nothing, and then goes on at that address."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    while block := libc.malloc(ctypes.c_size_t(64 << 20)):
        ctypes.memset(block, 1, 4096)
    ctypes.memset(block, 1, 1)
    return {}, b""


def spin(source: Source) -> Made:
    while True:
        pass


def hang(source: Source) -> Made:
    time.sleep(3600)
    return {}, b""


def kill_once(source: Source, mark: str) -> Made:
    """Killed by somebody else the first time, as by the kernel for want of memory."""
    if not Path(mark).exists():
        os.kill(os.getpid(), signal.SIGKILL)
    return {"pid": os.getpid()}, b""


def kill_always(source: Source) -> Made:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}, b""


def babble(source: Source) -> Made:
    os.write(1, b"\0\0\0\2{}" * 1000)
    return {"pid": os.getpid()}, b"as it should be"


def swell(source: Source) -> Made:
    """Holds much for a moment."""
    held = b"\1" * (200 << 20)
    return {"pid": os.getpid(), "held": len(held)}, b""


def surroundings(source: Source) -> Made:
    """What a decoder that was taken over could find."""
    try:
        Path("/tmp/auteur-decoding-must-not-write").write_text("x")
        wrote = True
    except OSError:
        wrote = False
    environment = Path("/proc/self/environ").read_bytes() if Path("/proc/self/environ").exists() else b""
    return {"environment": environment.decode("latin-1"), "wrote": wrote}, b""


def bug(source: Source) -> Made:
    raise RecursionError("a job of ours that is wrong")
