"""What hands hold: which gesture goes with it, and how it lies in the hand."""

from collections.abc import Mapping

import numpy as np

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging.materials import Props
from auteur.adapters.engines.previs.staging.people.body import framed, vector
from auteur.adapters.engines.previs.staging.people.poses import ARMS, Arms
from auteur.adapters.engines.previs.staging.people.skeleton import Matrix, Rig
from auteur.adapters.engines.previs.staging.pieces import PIECES, Look, put
from auteur.adapters.engines.previs.staging.props import canonical, sized

_GESTURES: dict[str, tuple[str, ...]] = {
    "hang": (
        "suitcase",
        "bag",
        "bucket",
        "basket",
        "shoe",
        "backpack",
        "leash",
        "axe",
        "hammer",
        "cane",
        "teddy bear",
        "rope",
        "skateboard",
        "helmet",
        "surfboard",
        "trumpet",
        "sack",
        "birdcage",
    ),
    "umbrella": ("umbrella", "torch", "lantern", "candle", "flag", "flashlight", "table lamp", "stick"),
    "read": ("book", "newspaper", "letter", "map", "photograph", "painting"),
    "carry": (
        "box",
        "gift",
        "ball",
        "bowl",
        "laptop",
        "child",
        "crate",
        "vase",
        "pot",
        "clock",
        "chessboard",
        "typewriter",
        "radio",
        "camera",
        "cat",
        "dog",
        "rabbit",
        "chicken",
        "computer",
        "plate",
        "log",
        "rug",
        "rock",
    ),
    "sword": ("sword",),
    "aim": ("gun",),
    "rifle_low": ("rifle",),
    "mouth": ("cigarette",),
    "strum": ("guitar",),
    "bow": ("violin",),
    "work": ("broom", "spade", "bread"),
    "ear": ("telephone",),
}
_GESTURE_OF = {kind: gesture for gesture, kinds in _GESTURES.items() for kind in kinds}
_BETWEEN = frozenset({"read", "carry"})
"""Held by two hands, in the middle between them."""


def arms_for(holding: tuple[str, ...], action: str | None) -> Arms | None:
    """What the arms do with what they hold; None where the hands are empty."""
    if not holding:
        return None
    first = canonical(holding[0])
    gesture = _GESTURE_OF.get(first or "", "present")
    said = (action or "").lower()
    if first in ("gun", "rifle") and any(word in said for word in ("aim", "shoot", "fire", "point")):
        gesture = "aim" if first == "gun" else "rifle"
    if first in ("cup", "glass", "wine glass", "bottle") and any(word in said for word in ("drink", "sip")):
        gesture = "mouth"
    if first == "phone":
        gesture = "ear" if any(word in said for word in ("phone", "call", "talk", "speak", "listen")) else "present"
    if first in ("sword", "axe", "stick", "hammer", "knife") and any(
        word in said for word in ("strike", "attack", "swing", "hit")
    ):
        gesture = "strike"
    if any(word in said for word in ("hold up", "raise", "lift", "show", "wave")):
        gesture = "hold_up"
    return ARMS[gesture]


def hold(s: Props, rig: Rig, holding: tuple[str, ...], held_as: Mapping[str, tuple[str, ...]], *, dark: bool) -> None:
    """Puts what is held into the hands: the first in the right one, or both; the second in the left."""
    for index, what in enumerate(holding[:2]):
        kind = canonical(what)
        piece = PIECES.get(kind or "block", PIECES["block"])
        look = Look(dark=dark, traits=(*held_as.get(what, ()), what), size_m=None if kind else _small(what))
        grip = piece.grip or (0.0, piece.size_m[1] / 2, 0.0)
        gesture = _GESTURE_OF.get(kind or "", "present")
        scale = min(1.0, 0.62 / max(piece.size_m)) if piece.grip is None and kind else 1.0
        if index == 0 and (gesture in _BETWEEN or kind in ("guitar", "violin")):
            at, turn = _between(rig, gesture, kind)
        elif kind == "rifle" and index == 0:
            left, right = rig.points["left_hand"], rig.points["right_hand"]
            at, turn = right, _aimed(left - right)
        else:
            own = ("right", "left")[index]
            at, turn = rig.points[f"{own}_hand"], _in_hand(rig, own, piece.along, gesture)
        with s.placed(vector(at), turn=turn, scale=scale):
            put(s, piece.name, (-grip[0], -grip[1], -grip[2]), look=look, called=what)


def _small(what: str) -> Vector:
    wide, high, deep = sized(what, ("small",))
    return wide * 0.6, high * 0.6, deep * 0.6


def _aimed(ahead: Matrix) -> Matrix:
    """A turn whose z runs ahead, and whose y is up as far as that allows."""
    z = ahead / np.linalg.norm(ahead)
    turn = framed(z, np.array([0.0, 1.0, 0.0]))  # x: up, y: ahead
    up, ahead_ = turn[:, 0], turn[:, 1]
    return np.stack([np.cross(up, ahead_), up, ahead_], axis=1)


def _upright(ahead: Matrix) -> Matrix:
    """Upright, its +z ahead as far as that is level."""
    flat = np.array([ahead[0], 0.0, ahead[2]])
    return _aimed(flat if np.linalg.norm(flat) > 1e-3 else np.array([0.0, 0.0, 1.0]))


def _in_hand(rig: Rig, own: str, along: bool, gesture: str) -> Matrix:
    ahead = rig.torso @ np.array([0.0, 0.0, 1.0])
    forearm = rig.points[f"{own}_wrist"] - rig.points[f"{own}_elbow"]
    if gesture == "sword":  # the blade rises from the fist
        return _aimed(ahead * 0.55 + np.array([0.0, 1.0, 0.0]))
    if along:
        hangs = forearm[1] < -0.2 and gesture == "hang"
        return _aimed(ahead - np.array([0.0, 0.5, 0.0]) if hangs else forearm)
    return _upright(ahead)


def _between(rig: Rig, gesture: str, kind: str | None) -> tuple[Matrix, Matrix]:
    left, right = rig.points["left_hand"], rig.points["right_hand"]
    middle = (left + right) / 2
    ahead = rig.torso @ np.array([0.0, 0.0, 1.0])
    if kind in ("guitar", "violin"):  # its neck runs to the left hand, its face away from the body
        neck = left - right
        turn = _aimed(neck)
        face = turn @ np.array([0.0, 1.0, 0.0])
        if float(face @ ahead) < 0.5:
            z = neck / np.linalg.norm(neck)
            y = ahead - z * float(ahead @ z)
            y = y / np.linalg.norm(y)
            turn = np.stack([np.cross(y, z), y, z], axis=1)
        return right + neck * 0.75, turn
    upright = _upright(ahead)
    if gesture == "read":  # its face to the reader's
        c, s = np.cos(-1.0), np.sin(-1.0)
        return middle + upright @ np.array([0.0, 0.02, 0.0]), upright @ np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    return middle + upright @ np.array([0.0, 0.03, 0.04]), upright
