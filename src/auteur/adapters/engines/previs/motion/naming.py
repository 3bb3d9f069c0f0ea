"""Which moves a sentence names, and how far it says that they turn."""

import re

from auteur.adapters.engines.previs.reading.shot import CameraMove

MOVE_NAMES = (
    "static", "push_in", "pull_out", "truck_left", "truck_right", "truck", "crane_up", "crane_down", "pedestal_up",
    "pedestal_down", "pan_left", "pan_right", "pan", "tilt_up", "tilt_down", "whip_pan", "orbit", "zoom_in", "zoom_out",
    "dolly_zoom", "handheld", "steadicam", "drift", "tracking", "rack_focus",
)  # fmt: skip
"""Every move that a camera can make on a set."""
_NAMED: tuple[tuple[str, str], ...] = (
    ("dolly_zoom", r"dolly[ -]?zooms?|vertigo(?: effect| shot)?|zolly|trombone shot"),
    ("whip_pan", r"(?:whip|swish)(?:es|ing)?(?:[ -]?pan(?:s|ning)?)?"),
    ("rack_focus", r"rack(?:s|ing)?(?: the)? focus|focus (?:pull|rack)s?|pull(?:s|ing)? focus|racks? from"),
    ("zoom_in", r"(?:slow |fast |crash )?zoom(?:s|ing)?[ -]?in|crash zoom"),
    ("zoom_out", r"zoom(?:s|ing)?[ -]?out"),
    ("push_in", r"(?:push(?:es|ing)?|doll(?:y|ies|ying)|creep(?:s|ing)?|mov(?:e|es|ing)|track(?:s|ing)?)[ -]?in\b"),
    ("pull_out", r"(?:pull(?:s|ing)?|doll(?:y|ies|ying))[ -]?(?:out|back)|pull-out"),
    ("pan_left", r"pan(?:s|ning)?(?: to the)? left"),
    ("pan_right", r"pan(?:s|ning)?(?: to the)? right"),
    ("tilt_up", r"tilt(?:s|ing)? up"),
    ("tilt_down", r"tilt(?:s|ing)? down"),
    ("crane_up", r"(?:crane|boom|jib)(?:s|ing)?[ -]?up"),
    ("crane_down", r"(?:crane|boom|jib)(?:s|ing)?[ -]?down"),
    ("pedestal_up", r"ped(?:estal)?s?[ -]?up"),
    ("pedestal_down", r"ped(?:estal)?s?[ -]?down"),
    ("truck_left", r"(?:truck|crab|slid|track)(?:s|e|es|ing)?(?: to the)? left"),
    ("truck_right", r"(?:truck|crab|slid|track)(?:s|e|es|ing)?(?: to the)? right"),
    ("truck", r"trucks?|trucking shot|crabs?"),
    ("orbit", r"orbit(?:s|ing)?|arc(?:s|ing)? (?:shot|around|round)|circl(?:es|ing) (?:around|round)"),
    ("tracking", r"tracking(?: shot)?|follow(?:s|ing)|follow shot"),
    ("steadicam", r"steadi(?:cam)?|gimbal"),
    ("handheld", r"hand[ -]?held|h/h"),
    ("drift", r"drift(?:s|ing)?|float(?:s|ing)?"),
    ("pan", r"pan(?:s|ning)?"),
    ("static", r"static(?: camera| shot)?|locked[ -]off|on sticks|tripod|hold(?:s)?"),
)
_DEGREES = re.compile(
    r"(\d{2,3})\s*(?:°|deg(?:ree)?s?)?[\s-]*(?:orbit|arc|pan|whip|swish|tilt|turn)|(\d{2,3})\s*(?:°|deg)"
)
_SPEED = re.compile(r"\b(slow(?:ly)?|gentl[ey]|creeping|fast|quick(?:ly)?|rapid(?:ly)?|crash)\b", re.IGNORECASE)


def moves_in(prompt: str) -> tuple[CameraMove, ...]:
    """The moves in the order in which they are named; longer names go before shorter ones within them."""
    text = prompt.casefold()
    found: list[tuple[int, CameraMove]] = []
    for kind, pattern in _NAMED:
        for match in re.finditer(rf"(?<![\w-])(?:{pattern})(?![\w-])", text):
            said = _SPEED.search(text[max(0, match.start() - 14) : match.end() + 10])
            speed = None if said is None else "slow" if said[1][0] in "sg" or said[1] == "creeping" else "fast"
            found.append((match.start(), CameraMove(kind=kind, speed=speed)))
            text = text[: match.start()] + "·" * (match.end() - match.start()) + text[match.end() :]
    return tuple(move for _, move in sorted(found, key=lambda one: one[0]))


def degrees_in(prompt: str) -> float | None:
    """By how many degrees the sentence says that the camera turns, as in ``180 orbit``; None where it does not."""
    text = prompt.casefold()
    for words, degrees in (("full circle", 360.0), ("half circle", 180.0), ("half-circle", 180.0)):
        if words in text:
            return degrees
    match = _DEGREES.search(text)
    degrees = float(match[1] or match[2]) if match else 0.0
    return degrees if 5 <= degrees <= 720 else None
