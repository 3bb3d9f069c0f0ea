"""How large a thing is before it is built, and what people do with it; and its building, by its name."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging.materials import WOOD, Props
from auteur.adapters.engines.previs.staging.props import BUILD, ON_A_TABLE
from auteur.adapters.engines.previs.staging.stage import PropMark


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of thing. ``size_m``: width, height, depth; ``seat_m``, ``bed_m``, ``top_m``: how high one sits and lies
    on it, and how high stands what stands on it, None where one does not; ``hung_m``: how high above the floor it
    hangs; ``known``: it is drawn as what it is."""

    size_m: Vector
    seat_m: float | None = None
    bed_m: float | None = None
    top_m: float | None = None
    hung_m: float | None = None
    known: bool = True

    @property
    def is_small(self) -> bool:
        """Whether it stands on something rather than on the floor."""
        return max(self.size_m) < 0.75 and self.hung_m is None and self.seat_m is None

    @property
    def is_large(self) -> bool:
        """Whether it is a vehicle or a building: more than a room holds in its middle."""
        return max(self.size_m) > 2.6


_KINDS: Mapping[str, Kind] = {
    "lighthouse": Kind(size_m=(11.0, 22.0, 10.0)), "car": Kind(size_m=(4.5, 1.5, 1.9)),
    "boat": Kind(size_m=(6.8, 6.0, 2.3)), "house": Kind(size_m=(9.0, 6.5, 7.0)), "tower": Kind(size_m=(6.0, 17.5, 6.0)),
    "tent": Kind(size_m=(3.5, 2.0, 3.5)), "campfire": Kind(size_m=(1.4, 1.1, 1.4)),
    "table": Kind(size_m=(1.7, 0.77, 0.95), top_m=0.77), "desk": Kind(size_m=(1.7, 0.77, 0.95), top_m=0.77),
    "counter": Kind(size_m=(1.7, 0.77, 0.95), top_m=0.77),
    "chair": Kind(size_m=(0.5, 1.05, 0.5), seat_m=0.46), "stool": Kind(size_m=(0.5, 0.45, 0.5), seat_m=0.45),
    "bench": Kind(size_m=(1.8, 0.95, 0.6), seat_m=0.46), "sofa": Kind(size_m=(1.9, 0.85, 0.9), seat_m=0.44, bed_m=0.44),
    "armchair": Kind(size_m=(0.9, 1.0, 0.9), seat_m=0.44), "bed": Kind(size_m=(1.7, 1.1, 2.1), seat_m=0.6, bed_m=0.64),
    "lamp": Kind(size_m=(0.5, 1.8, 0.5)), "candle": Kind(size_m=(0.08, 0.3, 0.08)),
    "cup": Kind(size_m=(0.17, 0.1, 0.17)),
    "book": Kind(size_m=(0.28, 0.05, 0.36)), "phone": Kind(size_m=(0.36, 0.26, 0.26)),
    "door": Kind(size_m=(1.1, 2.2, 0.2)), "rock": Kind(size_m=(2.2, 1.0, 2.2)), "tree": Kind(size_m=(3.0, 8.0, 3.0)),
    "horse": Kind(size_m=(2.6, 2.1, 0.6), seat_m=1.45), "dog": Kind(size_m=(1.1, 0.85, 0.3)),
}  # fmt: skip
_UNKNOWN = Kind(size_m=(0.4, 0.4, 0.4), known=False)


def kind_of(what: str) -> Kind:
    """What is known of a thing by its name; a plain block for what is not known."""
    return _KINDS.get(what, _UNKNOWN)


def build(heap: Props, what: str, at: Vector, heading: float, *, dark: bool, traits: tuple[str, ...] = ()) -> PropMark:
    """Builds it there. ``at``: the middle of its foot; ``dark``: its lamps are lit."""
    kind = kind_of(what)
    if what in BUILD:
        BUILD[what](heap, at[0], at[2], dark)
    elif what in ON_A_TABLE:
        ON_A_TABLE[what](heap, at[0], at[2], dark)
    else:
        with heap.thing(what):
            heap.box(at, kind.size_m, WOOD, turn=heading)
    return PropMark(name=what, at=at, heading_rad=heading, size_m=kind.size_m)


def corners(mark: PropMark) -> list[Vector]:
    """The eight corners of the box around a thing."""
    c, s = math.cos(mark.heading_rad), math.sin(mark.heading_rad)
    width, height, depth = mark.size_m
    return [
        (mark.at[0] + a * c + b * s, mark.at[1] + y, mark.at[2] + b * c - a * s)
        for a in (-width / 2, width / 2)
        for y in (0.0, height)
        for b in (-depth / 2, depth / 2)
    ]
