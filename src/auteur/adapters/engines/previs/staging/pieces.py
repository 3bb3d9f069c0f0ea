"""What a piece of a set is, whoever builds it: its true size, what it is good for, and how it is put somewhere.

A piece is built about its own foot and looks towards +z: a chair's seat opens there, a car's bonnet points there.
Units: metres, radians.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging.materials import COLOURS, Props
from auteur.adapters.engines.previs.staging.stage import PropMark


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a piece is wanted. ``dark``: its lamps are lit; ``traits``: what was said of it; ``season``: of what grows;
    ``size_m``: of a piece that has no size of its own."""

    dark: bool = False
    traits: tuple[str, ...] = ()
    season: str | None = None
    size_m: Vector | None = None

    def color(self, otherwise: Vector) -> Vector:
        """The colour that was said, or the piece's own."""
        return next((COLOURS[word] for trait in self.traits for word in trait.split() if word in COLOURS), otherwise)

    def has(self, *words: str) -> bool:
        """Whether one of the words was said of it."""
        return any(word in trait.split() for trait in self.traits for word in words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A kind of thing. ``size_m``: width, height, depth. ``seat_m``: how high one sits on it; ``bed_m``: how high one
    lies on it; ``lean_m``: how high one leans on or against it; ``top_m``: how high what stands on it stands; ``grip``:
    where a hand takes it, None for what no hand takes; ``hands``: how many it takes; ``along``: for what is carried
    along the forearm rather than upright; ``seats``: how many sit on it, evenly over its width; ``hung_m``: how high
    over the floor it hangs."""

    name: str
    build: Callable[[Props, Look], None]
    size_m: Vector
    seat_m: float | None = None
    bed_m: float | None = None
    lean_m: float | None = None
    top_m: float | None = None
    grip: Vector | None = None
    hands: int = 1
    along: bool = False
    seats: int = 0
    ride: bool = False
    large: bool = False
    hung_m: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceMark:
    """A piece that stands in a place, for people to use: see `Piece`."""

    piece: Piece
    mark: PropMark

    def seat(self, index: int = 0) -> tuple[Vector, float]:
        """Where the person ``index`` sits: the point on the floor under the hips, and the heading."""
        count = max(self.piece.seats, 1)
        aside = (index % count - (count - 1) / 2) * self.mark.size_m[0] * 0.82 / count
        return _from(self.mark, (aside, 0.0, 0.04 * self.mark.size_m[2])), self.mark.heading_rad


def _from(mark: PropMark, point: Vector) -> Vector:
    c, s = float(np.cos(mark.heading_rad)), float(np.sin(mark.heading_rad))
    x, y, z = point
    return mark.at[0] + x * c + z * s, mark.at[1] + y, mark.at[2] + z * c - x * s


PIECES: dict[str, Piece] = {}
"""All that can be built, by name."""

_P = Callable[[Props, Look], None]


def piece(
    size_m: Vector,
    *,
    name: str | None = None,
    seat_m: float | None = None,
    bed_m: float | None = None,
    lean_m: float | None = None,
    top_m: float | None = None,
    grip: Vector | None = None,
    hands: int = 1,
    along: bool = False,
    seats: int = 0,
    ride: bool = False,
    large: bool = False,
    hung_m: float = 0.0,
) -> Callable[[_P], _P]:
    """Enters a builder among the `PIECES`, under its own name if no other is given."""

    def entered(build: _P) -> _P:
        called = name or build.__name__.replace("_", " ")
        assert called not in PIECES, called
        PIECES[called] = Piece(
            name=called, build=build, size_m=size_m, seat_m=seat_m, bed_m=bed_m, lean_m=lean_m, top_m=top_m, grip=grip,
            hands=hands, along=along, seats=seats or (1 if seat_m else 0), ride=ride, large=large,
            hung_m=hung_m,
        )  # fmt: skip
        return build

    return entered


def put(
    heap: Props,
    kind: str,
    at: Vector = (0.0, 0.0, 0.0),
    heading: float = 0.0,
    *,
    look: Look | None = None,
    scale: float = 1.0,
    turn: NDArray[np.float64] | None = None,
    called: str | None = None,
) -> PropMark:
    """Builds one of the `PIECES` there; answers its mark in the set. ``turn``: any turn in place of the heading, for
    what is held; ``called``: the kind that it is told as, if not its own. Raises KeyError for what is no piece."""
    entry = PIECES[kind]
    look = look or Look()
    size = _sized(entry.size_m, look.size_m)
    with heap.placed(at, heading, scale=scale, turn=turn):
        where, turned = heap.whole((0.0, entry.hung_m, 0.0)), heap.heading
        with heap.thing(called or entry.name):
            entry.build(heap, look)
    return PropMark(
        name=called or entry.name,
        at=where,
        heading_rad=turned,
        size_m=(size[0] * scale, size[1] * scale, size[2] * scale),
    )


def _sized(own: Vector, wanted: Vector | None) -> Vector:
    """The size that is wanted; where only a height is, its own in proportion."""
    if wanted is None or all(wanted):
        return wanted or own
    share = wanted[1] / own[1]
    return own[0] * share, own[1] * share, own[2] * share


@dataclass(slots=True)
class Extent:
    """How far what was built reaches, along the axes of the set."""

    low: NDArray[np.float64] = field(default_factory=lambda: np.full(3, np.inf))
    high: NDArray[np.float64] = field(default_factory=lambda: np.full(3, -np.inf))

    @classmethod
    def of(cls, heap: Props, since: int = 0) -> "Extent":
        """Of the forms that were added since there were so many. Exact for each form, not for the box around it."""
        extent = cls()
        for form in heap.forms[since:]:
            if form.shape == "box":
                reach = np.abs(form.matrix).sum(axis=1)
                low, high = form.at - reach, form.at + reach
            elif form.shape == "ball":
                reach = np.sqrt((form.matrix**2).sum(axis=1))
                low, high = form.at - reach, form.at + reach
            else:
                round_ = np.sqrt(form.matrix[:, 0] ** 2 + form.matrix[:, 2] ** 2)
                head = form.at + form.matrix[:, 1]
                low = np.minimum(form.at - round_, head - round_ * form.taper)
                high = np.maximum(form.at + round_, head + round_ * form.taper)
            extent.low, extent.high = np.minimum(extent.low, low), np.maximum(extent.high, high)
        return extent

    @property
    def size_m(self) -> Vector:
        """Width, height and depth."""
        x, y, z = self.high - self.low
        return float(x), float(y), float(z)


def spread(count: int, step_m: float) -> Sequence[float]:
    """Places in a row about 0."""
    return [(k - (count - 1) / 2) * step_m for k in range(count)]
