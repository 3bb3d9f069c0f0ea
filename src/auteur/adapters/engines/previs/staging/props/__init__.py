"""The prop room: every piece that a set knows how to build, by name, and names for what is called otherwise."""

from collections.abc import Callable

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging.materials import Props
from auteur.adapters.engines.previs.staging.pieces import PIECES, Look, put
from auteur.adapters.engines.previs.staging.props import (
    animals,
    buildings,
    furniture,
    hand,
    outdoors,
    sundries,
    vehicles,
)
from auteur.adapters.engines.previs.staging.props.names import BODILESS, canonical, is_known, is_nothing, kin, sized
from auteur.adapters.engines.previs.staging.stage import PropMark

__all__ = [
    "BODILESS",
    "BUILD",
    "LARGE",
    "ON_A_TABLE",
    "PIECES",
    "Look",
    "animals",
    "buildings",
    "canonical",
    "furniture",
    "hand",
    "is_known",
    "is_nothing",
    "kin",
    "measure",
    "outdoors",
    "place_prop",
    "put",
    "sized",
    "sundries",
    "vehicles",
]


def place_prop(
    heap: Props, what: str, at: Vector = (0.0, 0.0, 0.0), heading: float = 0.0, *, look: Look | None = None
) -> PropMark:
    """Builds what a noun names, as the nearest piece that is known, or as a plain block of a sensible size with a
    card on it. The mark and the thing are called what they were called: ``what``."""
    look = look or Look()
    kind = canonical(what)
    if kind is None:
        size = look.size_m or sized(what, look.traits)
        return put(heap, "block", at, heading, look=Look(dark=look.dark, traits=look.traits, size_m=size), called=what)
    return put(heap, kind, at, heading, look=look, called=what, scale=_scale(look))


def measure(what: str, look: Look | None = None) -> Vector:
    """Width, height and depth in metres of what `place_prop` would build."""
    look = look or Look()
    kind = canonical(what)
    if kind is None:
        return look.size_m or sized(what, look.traits)
    x, y, z = PIECES[kind].size_m
    scale = _scale(look)
    return x * scale, y * scale, z * scale


def _scale(look: Look) -> float:
    if look.has("tiny"):
        return 0.6
    if look.has("small", "little"):
        return 0.8
    if look.has("giant", "huge", "enormous"):
        return 1.8
    return 1.25 if look.has("big", "large") else 1.0


# --- what blocking asked for before a piece had a heading and a look --------------------------------------------------

_ALONG_X = frozenset({"car", "boat", "dog", "horse"})
"""They stood along x."""


def _as_before(kind: str, called: str, y: float = 0.0) -> Callable[[Props, float, float, bool], float]:
    def build(heap: Props, x: float, z: float, dark: bool) -> float:
        heading = 1.5708 if called in _ALONG_X else 0.0
        mark = put(heap, kind, (x, y, z), heading, look=Look(dark=dark), called=called)
        return y + mark.size_m[1]

    return build


BUILD: dict[str, Callable[[Props, float, float, bool], float]] = {
    name: _as_before({"boat": "sailboat"}.get(name, name), name)
    for name in (
        "lighthouse",
        "car",
        "boat",
        "house",
        "tower",
        "tent",
        "campfire",
        "table",
        "chair",
        "bench",
        "bed",
        "lamp",
        "door",
        "rock",
        "tree",
        "horse",
        "dog",
    )
}
ON_A_TABLE: dict[str, Callable[[Props, float, float, bool], float]] = {
    name: _as_before({"phone": "laptop"}.get(name, name), name, 0.77) for name in ("cup", "book", "phone", "candle")
}
LARGE = frozenset({"lighthouse", "house", "tower", "tree"})
street_lamp = _as_before("lamp post", "street lamp")
