"""The frames of a server's socket."""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_PREVIEW, _PREVIEW_WITH_IDS = 1, 4


@dataclass(frozen=True, slots=True)
class Message:
    """What the server says. ``kind``: as ``executing``."""

    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Preview:
    """A picture of what a node is at. ``prompt_id``: None where the frame does not say whose it is."""

    image: bytes
    prompt_id: str | None = None


def read_frame(frame: str | bytes) -> Message | Preview | None:
    """The frame, as far as it is of use; None for any other, whatever it holds."""
    if isinstance(frame, str):
        return _read_text(frame)
    if len(frame) < 8:
        return None
    kind, second = struct.unpack(">II", frame[:8])
    if kind == _PREVIEW:  # then the format, as the picture itself tells it
        return Preview(frame[8:])
    if kind == _PREVIEW_WITH_IDS and 8 + second <= len(frame):
        try:
            about = json.loads(frame[8 : 8 + second])
        except (ValueError, RecursionError):
            return None
        prompt_id = about.get("prompt_id") if isinstance(about, dict) else None
        return Preview(frame[8 + second :], prompt_id if isinstance(prompt_id, str) else None)
    return None


def _read_text(frame: str) -> Message | None:
    try:
        said = json.loads(frame)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not isinstance(said.get("type"), str) or not isinstance(said.get("data"), dict):
        return None
    return Message(said["type"], said["data"])
