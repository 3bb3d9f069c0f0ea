"""The process's one OpenGL context, and the programs compiled in it."""

import functools
import os
import sys
import threading
from collections.abc import Mapping
from ctypes.util import find_library
from importlib import resources
from typing import Any

import moderngl

_VERSION = 330
_SHADERS = resources.files(__package__) / "shaders"


class Device:
    """A context without a window, and what was compiled in it; it lives as long as its process.

    ``card``: what draws, in the driver's words.
    """

    def __init__(self) -> None:
        self.context: Any = _open()
        self.card = str(self.context.info["GL_RENDERER"])
        self._programs: dict[tuple[Any, ...], Any] = {}
        self._buffers: dict[str, Any] = {}

    def program(self, vertex: tuple[str, ...], fragment: tuple[str, ...], defines: Mapping[str, Any] = {}) -> Any:
        """The program of these sources, each one after the other; ``defines``: what the preprocessor knows."""
        key = (vertex, fragment, tuple(sorted(defines.items())))
        if key not in self._programs:
            head = f"#version {_VERSION}\n" + "".join(f"#define {name} {value}\n" for name, value in defines.items())
            self._programs[key] = self.context.program(
                vertex_shader=head + "".join(map(_source, vertex)),
                fragment_shader=head + "".join(map(_source, fragment)),
            )
        return self._programs[key]

    def buffer(self, name: str, data: bytes) -> Any:
        """A buffer that never changes, made once."""
        if name not in self._buffers:
            self._buffers[name] = self.context.buffer(data)
        return self._buffers[name]


_devices: dict[tuple[int, int], Device] = {}


def device() -> Device:
    """The device of this process, and of this thread: a context belongs to one. Raises what the driver does where there
    is none."""
    key = os.getpid(), threading.get_ident()
    if key not in _devices:
        _devices[key] = Device()
    return _devices[key]


def _open() -> Any:
    if sys.platform != "linux":
        return moderngl.create_standalone_context(require=_VERSION)
    # without a display, on a card or Mesa's rasteriser; found by the names that are there without a compiler's packages
    names: dict[str, Any] = {"libegl": find_library("EGL"), "libgl": find_library("GL") or find_library("OpenGL")}
    create: Any = moderngl.create_standalone_context
    return create(require=_VERSION, backend="egl", **{name: found for name, found in names.items() if found})


@functools.cache
def _source(name: str) -> str:
    return (_SHADERS / name).read_text(encoding="utf-8")
