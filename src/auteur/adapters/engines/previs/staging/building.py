"""How large a thing is before it is built, and what people do with it; and its building, by its name."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging.materials import Props
from auteur.adapters.engines.previs.staging.props import PIECES, Look, canonical, is_known, measure, place_prop
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
        least = 0.75 if self.known else 0.35  # who knows what it is: it stands on the floor
        return max(self.size_m) < least and self.hung_m is None and self.seat_m is None

    @property
    def is_large(self) -> bool:
        """Whether it is a vehicle or a building: more than a room holds in its middle."""
        return max(self.size_m) > 2.6


def named(what: str, traits: Sequence[str] = ()) -> str:
    """By which name a thing is built: with what is said of it, where the two words are the name of a thing."""
    return next((whole for trait in traits if is_known(whole := f"{trait} {what}")), what)


def kind_of(what: str, traits: Sequence[str] = ()) -> Kind:
    """What is known of a thing by its name; a plain block for what is not known."""
    name = canonical(named(what, traits))
    if name is None:
        return Kind(size_m=measure(what), known=False)
    piece = PIECES[name]
    return Kind(
        size_m=piece.size_m, seat_m=piece.seat_m, bed_m=piece.bed_m, top_m=piece.top_m, hung_m=piece.hung_m or None
    )


def build(heap: Props, what: str, at: Vector, heading: float, *, dark: bool, traits: tuple[str, ...] = ()) -> PropMark:
    """Builds it there. ``at``: the middle of its foot; ``dark``: its lamps are lit."""
    hung = kind_of(what, traits).hung_m or 0.0
    return place_prop(
        heap, named(what, traits), (at[0], at[1] - hung, at[2]), heading, look=Look(dark=dark, traits=traits)
    )


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
