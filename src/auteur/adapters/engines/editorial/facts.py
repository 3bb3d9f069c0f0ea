"""What boards, lists and cuts say of a shot alike: its camera, its size and moves in the field's words, its media."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from auteur.adapters.engines.editorial.cut import Cut, CutShot
from auteur.adapters.engines.editorial.takes import ShotCamera

SIZES = {
    "extreme_close_up": "ECU", "close_up": "CU", "medium_close_up": "MCU", "medium": "MS", "medium_wide": "MWS",
    "full": "FS", "wide": "WS", "extreme_wide": "EWS",
}  # fmt: skip
_REEL_LENGTH = 8


def camera_facts(camera: ShotCamera) -> dict[str, Any]:
    """A camera as an editor's or an effects department's program keeps it. Metres and millimetres."""
    first, last = camera.samples[0], camera.samples[-1]

    def told(sample: Any) -> dict[str, Any]:
        return {
            "position_m": list(sample.position_m), "rotation": list(sample.rotation), "focal_mm": sample.focal_mm,
            "focus_m": sample.focus_m,
        }  # fmt: skip

    facts: dict[str, Any] = {
        "focal_mm": first.focal_mm, "stop": camera.stop or None, "sensor": camera.sensor,
        "frame_width_mm": camera.frame_width_mm, "frame_height_mm": camera.frame_height_mm, "first": told(first),
    }  # fmt: skip
    if len(camera.samples) > 1:
        facts["last"] = told(last)
        facts["samples"] = len(camera.samples)
    if camera.is_assumed:
        facts["sensor_is_assumed"] = True
    return facts


def lens_words(camera: ShotCamera | None) -> str:
    """``50 mm T4``; empty where no camera is known."""
    if camera is None:
        return ""
    return camera.focal_words + (f" T{camera.stop:.3g}" if camera.stop else "")


def size_words(understood: Mapping[str, Any]) -> str:
    """Size and kind as a shot list abbreviates them: ``MCU OTS``."""
    kinds = understood.get("kind") or ()
    short = {"over_the_shoulder": "OTS", "two_shot": "2S", "three_shot": "3S", "pov": "POV", "insert": "INSERT"}
    size = understood.get("size") or understood.get("shot") or ""
    listed = kinds if isinstance(kinds, Sequence) and not isinstance(kinds, str) else ()
    told = [SIZES.get(str(size), str(size).replace("_", " ").upper())]
    told += [short.get(str(kind), str(kind).replace("_", " ")) for kind in listed]
    return " ".join(part for part in dict.fromkeys(told) if part)


def angle_words(understood: Mapping[str, Any]) -> str:
    """``low``, ``eye``, ``high, Dutch``; empty where none was said."""
    angle = str(understood.get("angle") or "").replace("_", " ")
    dutch = "Dutch" if understood.get("dutch") is True else ""
    return ", ".join(part for part in (angle, dutch) if part)


def moves_of(understood: Mapping[str, Any]) -> list[str]:
    """The kinds of the camera's moves, in the order said; what does not move is none."""
    listed = understood.get("moves")
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        listed = [{"kind": understood.get("move")}]
    kinds = [str(move.get("kind")) for move in listed if isinstance(move, Mapping) and move.get("kind")]
    return [kind for kind in kinds if kind not in ("static", "hold", "None")]


def move_words(understood: Mapping[str, Any]) -> str:
    """``push in, handheld``."""
    return ", ".join(kind.replace("_", " ") for kind in moves_of(understood))


def action_words(shot: Mapping[str, Any]) -> str:
    """What is done in it; where nothing is but said, how it is framed, without the heading that stands beside it."""
    if shot.get("action"):
        return str(shot["action"])
    framed = str(shot.get("prompt") or "")
    start = str(shot.get("heading") or "")[:4]
    at = framed.rfind(f". {start}") if start else -1
    return framed if at < 0 else framed[: at + 1]


def dialogue_words(shot: Mapping[str, Any]) -> str:
    """Who says what, a line a speech."""
    lines = []
    for speech in shot.get("speeches", ()):
        extension = f" ({speech['extension']})" if speech.get("extension") else ""
        lines.append(f"{speech['character']}{extension}: {speech['text']}")
    return "\n".join(lines)


def media_url(base: str, reference: str) -> str:
    """Where a program finds a file of the project: ``base`` and its path in the project."""
    return f"{base.rstrip('/')}/{reference}" if base else reference


def clip_name(shot: CutShot) -> str:
    """The shot's file as a list names it: its path in the project, or that it is missing."""
    return shot.take.reference or f"{shot.name} (missing)"


class Reel:
    """Names of reels as CMX 3600 has them: up to eight of A-Z and 0-9, each shot its own."""

    def __init__(self, cut: Cut) -> None:
        self._names: dict[int, str] = {}
        taken = {"AX", "BL"}
        for shot in cut.shots:
            plain = re.sub(r"[^A-Z0-9]", "", shot.name.upper())[:_REEL_LENGTH]
            name, number = plain or f"S{shot.index + 1:04}", 1
            while name in taken:
                number += 1
                mark = f"X{number}"
                name = f"{plain[: _REEL_LENGTH - len(mark)]}{mark}"
            taken.add(name)
            self._names[shot.index] = name

    def of(self, shot: CutShot) -> str:
        """The reel of a shot of this cut."""
        return self._names[shot.index]
