"""The names of the moves, and how far a sentence says that a camera turns."""

import re

MOVE_NAMES = (
    "static", "push_in", "pull_out", "truck_left", "truck_right", "truck", "crane_up", "crane_down", "pedestal_up",
    "pedestal_down", "pan_left", "pan_right", "pan", "tilt_up", "tilt_down", "whip_pan", "orbit", "zoom_in", "zoom_out",
    "dolly_zoom", "handheld", "steadicam", "drift", "tracking", "rack_focus",
)  # fmt: skip
"""Every move that a camera can make on a set."""
_DEGREES = re.compile(
    r"(\d{2,3})\s*(?:°|deg(?:ree)?s?)?[\s-]*(?:orbit|arc|pan|whip|swish|tilt|turn)|(\d{2,3})\s*(?:°|deg)"
)
_TURN_WORDS = frozenset({"degree", "degrees", "deg", "°", "circle", "full", "half", "half-circle"})


def degrees_in(prompt: str) -> float | None:
    """By how many degrees the sentence says that the camera turns, as in ``180 orbit``; None where it does not."""
    text = prompt.casefold()
    for words, degrees in (("full circle", 360.0), ("half circle", 180.0), ("half-circle", 180.0)):
        if words in text:
            return degrees
    match = _DEGREES.search(text)
    degrees = float(match[1] or match[2]) if match else 0.0
    return degrees if 5 <= degrees <= 720 else None


def is_turn_word(word: str) -> bool:
    """Whether the word is a part of how far the camera turns."""
    plain = word.casefold()
    return plain in _TURN_WORDS or plain.rstrip("°").isdigit()
