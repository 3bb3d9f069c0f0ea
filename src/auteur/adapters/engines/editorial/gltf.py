"""A shot's camera as animated glTF 2.0, binary (`.glb`): place and turn by frame, and the zoom where there is one.

The core of glTF animates nodes only; a changing field of view is told by KHR_animation_pointer, which programs that do
not know it leave out, and as ``extras`` of the camera for those that read these.
"""

import json
import math
import struct
from array import array
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from auteur.adapters.engines.editorial.takes import ShotCamera

_FLOAT = 5126
_POINTER = "KHR_animation_pointer"
_ZNEAR_M, _ZFAR_M = 0.02, 8000.0


def write(name: str, camera: ShotCamera, frames: int, rate: Fraction) -> bytes:
    """The file's bytes. ``frames``: how long the camera is on; a frame's time is its number over the rate."""
    samples = [camera.at(frame) for frame in range(frames)]
    yfovs = [2 * math.atan(camera.frame_height_mm / 2 / sample.focal_mm) for sample in samples]
    first = samples[0]
    extras: dict[str, Any] = {
        "sensor": camera.sensor, "frame_width_mm": camera.frame_width_mm, "frame_height_mm": camera.frame_height_mm,
        "focal_mm": first.focal_mm, "stop": camera.stop or None, "focus_m": first.focus_m,
        "rate": f"{rate.numerator}/{rate.denominator}", "frames": frames, "yfov_samples": yfovs,
    }  # fmt: skip
    lens = {
        "yfov": yfovs[0], "aspectRatio": camera.frame_width_mm / camera.frame_height_mm, "znear": _ZNEAR_M,
        "zfar": _ZFAR_M,
    }  # fmt: skip
    node = {"name": name, "camera": 0, "translation": list(first.position_m), "rotation": list(first.rotation)}
    content: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": "auteur editorial"},
        "scene": 0,
        "scenes": [{"name": name, "nodes": [0]}],
        "nodes": [node],
        "cameras": [{"name": name, "type": "perspective", "perspective": lens, "extras": extras}],
    }
    buffer = _Buffer()
    moves = [(s.position_m, s.rotation) for s in samples]
    zooms = len(set(yfovs)) > 1
    if len(set(moves)) > 1 or zooms:
        times = buffer.add([(float(frame / rate),) for frame in range(frames)], "SCALAR", bounds=True)
        animation: dict[str, Any] = {"name": name, "samplers": [], "channels": []}
        if len(set(moves)) > 1:
            _channel(
                animation,
                times,
                buffer.add([s.position_m for s in samples], "VEC3"),
                {"node": 0, "path": "translation"},
            )
            turned = _nearest([s.rotation for s in samples])
            _channel(animation, times, buffer.add(turned, "VEC4"), {"node": 0, "path": "rotation"})
        if zooms:
            target = {"path": "pointer", "extensions": {_POINTER: {"pointer": "/cameras/0/perspective/yfov"}}}
            _channel(animation, times, buffer.add([(yfov,) for yfov in yfovs], "SCALAR"), target)
            content["extensionsUsed"] = [_POINTER]
        content |= {
            "animations": [animation],
            "accessors": buffer.accessors,
            "bufferViews": buffer.views,
            "buffers": [{"byteLength": len(buffer.data)}],
        }
    return _packed(content, bytes(buffer.data))


class _Buffer:
    """Little-endian floats, one accessor a list of values."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.views: list[dict[str, Any]] = []
        self.accessors: list[dict[str, Any]] = []

    def add(self, values: Sequence[Sequence[float]], kind: str, *, bounds: bool = False) -> int:
        flat = array("f", [number for value in values for number in value])
        packed = struct.pack(f"<{len(flat)}f", *flat)
        self.views.append({"buffer": 0, "byteOffset": len(self.data), "byteLength": len(packed)})
        self.data += packed
        accessor: dict[str, Any] = {"bufferView": len(self.views) - 1, "componentType": _FLOAT}
        accessor |= {"count": len(values), "type": kind}
        if bounds:
            accessor |= {"min": [min(flat)], "max": [max(flat)]}
        self.accessors.append(accessor)
        return len(self.accessors) - 1


def _channel(animation: dict[str, Any], times: int, values: int, target: dict[str, Any]) -> None:
    animation["channels"].append({"sampler": len(animation["samplers"]), "target": target})
    animation["samplers"].append({"input": times, "output": values, "interpolation": "LINEAR"})


def _nearest(turns: Sequence[tuple[float, float, float, float]]) -> list[tuple[float, ...]]:
    """The same turns, each with the sign that is nearer to the one before: a program goes the short way between two."""
    found: list[tuple[float, ...]] = []
    for turn in turns:
        flip = bool(found) and sum(a * b for a, b in zip(found[-1], turn, strict=True)) < 0
        found.append(tuple(-value for value in turn) if flip else turn)
    return found


def _packed(content: dict[str, Any], binary: bytes) -> bytes:
    told = json.dumps(content, separators=(",", ":"), allow_nan=False).encode()
    told += b" " * (-len(told) % 4)
    chunks = struct.pack("<I4s", len(told), b"JSON") + told
    if binary:
        chunks += struct.pack("<I4s", len(binary), b"BIN\0") + binary
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks
