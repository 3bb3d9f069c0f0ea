"""What sets are built with: colours, and a heap of forms that grows."""

import functools
import math
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Concatenate, ParamSpec

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.rendering.forms import Form, Material, Vector
from auteur.adapters.engines.previs.rendering.world import Figure, PointLight, Thing

CLOTH = (
    (0.32, 0.06, 0.05),
    (0.05, 0.11, 0.25),
    (0.35, 0.31, 0.22),
    (0.06, 0.15, 0.1),
    (0.05, 0.05, 0.06),
    (0.5, 0.34, 0.1),
)
WOOD = (0.22, 0.12, 0.06)
STONE = (0.28, 0.27, 0.25)
WHITE = (0.75, 0.73, 0.69)
STEEL = (0.32, 0.33, 0.35)
BLACK = (0.02, 0.02, 0.022)
BRASS = (0.5, 0.35, 0.1)
GLASS = (0.1, 0.13, 0.15)
LEAF = (0.07, 0.14, 0.04)
PAPER = (0.72, 0.68, 0.58)
BRICK = (0.3, 0.12, 0.08)
CONCRETE = (0.3, 0.3, 0.29)
WARM: Vector = (5.0, 2.7, 1.1)

COLOURS: Mapping[str, Vector] = {
    "red": (0.42, 0.02, 0.02), "crimson": (0.36, 0.01, 0.04), "scarlet": (0.5, 0.03, 0.01), "orange": (0.6, 0.2, 0.02),
    "yellow": (0.65, 0.48, 0.04), "gold": (0.55, 0.38, 0.08), "golden": (0.55, 0.38, 0.08), "green": (0.04, 0.22, 0.06),
    "teal": (0.02, 0.2, 0.2), "turquoise": (0.05, 0.35, 0.33), "cyan": (0.05, 0.4, 0.45), "blue": (0.03, 0.09, 0.36),
    "navy": (0.01, 0.02, 0.09), "purple": (0.16, 0.03, 0.25), "violet": (0.2, 0.05, 0.35), "magenta": (0.45, 0.03, 0.3),
    "pink": (0.6, 0.22, 0.28), "brown": (0.16, 0.08, 0.04), "tan": (0.4, 0.28, 0.17), "beige": (0.52, 0.45, 0.34),
    "cream": (0.68, 0.62, 0.48), "white": (0.78, 0.77, 0.74), "grey": (0.2, 0.2, 0.2), "gray": (0.2, 0.2, 0.2),
    "silver": (0.5, 0.51, 0.53), "black": (0.02, 0.02, 0.022), "dark": (0.04, 0.04, 0.045), "pale": (0.6, 0.56, 0.5),
    "wooden": (0.22, 0.12, 0.06), "brass": (0.5, 0.35, 0.1), "rusty": (0.22, 0.09, 0.04), "zinc": (0.38, 0.4, 0.42),
}  # fmt: skip
"""Words for a thing's colour, as it is in linear light."""


def mix(a: Vector, b: Vector, share: float) -> Vector:
    """From a to b by the share, 0 to 1."""
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share)


def scaled(a: Vector, by: float) -> Vector:
    """Longer, or brighter, by a factor."""
    return (a[0] * by, a[1] * by, a[2] * by)


_P = ParamSpec("_P")


class Props:
    """A growing heap of forms with the means to add to it. Angles in radians, everything else in metres.

    What is added inside ``with heap.thing("table"):`` is one table; a thing within a thing is a thing of its own.
    What is added inside ``with heap.placed((2, 0, 0), 1.2):`` is told from there, and turned.
    """

    def __init__(self, rng: random.Random) -> None:
        self.forms: list[Form] = []
        self.lights: list[PointLight] = []
        self.things: list[Thing] = []
        self.figures: list[Figure] = []
        self.rng = rng
        self._kinds: Counter[str] = Counter()
        self._within: list[int] = []
        self.without: frozenset[str] = frozenset()
        """Kinds of things of which nothing is built."""
        self._mute = False
        self._turn: NDArray[np.float64] = np.eye(3)
        self._from: NDArray[np.float64] = np.zeros(3)

    @contextmanager
    def placed(
        self, at: Vector, heading: float = 0.0, *, scale: float = 1.0, turn: NDArray[np.float64] | None = None
    ) -> Iterator[None]:
        """Has what is added meanwhile stand at ``at``, turned by ``heading`` (+z goes towards +x), or by any ``turn``,
        and be ``scale`` times as large. Placings nest."""
        outer = self._turn, self._from
        self._from = self._from + self._turn @ np.array(at, float)
        self._turn = self._turn @ ((_turned(heading) if turn is None else turn) * scale)
        try:
            yield
        finally:
            self._turn, self._from = outer

    def whole(self, point: Vector) -> Vector:
        """Where a point that is told from the placing of the moment lies in the set."""
        x, y, z = self._turn @ np.array(point, float) + self._from
        return float(x), float(y), float(z)

    @property
    def heading(self) -> float:
        """Where +z of the placing of the moment looks, as heading in the set."""
        return math.atan2(self._turn[0, 2], self._turn[2, 2])

    @property
    def length(self) -> tuple[int, int, int, int]:
        """How much there is by now: what `rewind` takes."""
        return len(self.forms), len(self.things), len(self.figures), len(self.lights)

    def rewind(self, length: tuple[int, int, int, int]) -> None:
        """Takes away again what came since."""
        forms, things, figures, lights = length
        del self.forms[forms:], self.things[things:], self.figures[figures:], self.lights[lights:]

    @contextmanager
    def thing(self, kind: str) -> Iterator[None]:
        """Has the forms that are added meanwhile belong together."""
        if kind in self.without:
            heard, self._mute = self._mute, True
            try:
                yield
            finally:
                self._mute = heard
            return
        self._kinds[kind] += 1
        self._within.append(len(self.things))
        self.things.append(Thing(kind, f"{kind} {self._kinds[kind]}"))
        try:
            yield
        finally:
            self._within.pop()

    def pose(self, joints: Mapping[str, Vector]) -> None:
        """Says where the joints are, in the set, of the person that is the thing now being made."""
        self.figures.append(Figure(self._within[-1], joints))

    def ball(
        self,
        at: Vector,
        size: Vector | float,
        color: Vector,
        *,
        turn: float = 0.0,
        tilt: float = 0.0,
        glow: Vector = (0, 0, 0),
        shadow: bool = True,
    ) -> None:
        """``size``: half axes, or the radius. ``tilt``: about its own x, +y goes towards +z; ``turn`` after that."""
        half = (size, size, size) if isinstance(size, (int, float)) else size
        self.add("ball", _turned(turn) @ _tilted(tilt) @ np.diag(half), at, Material(color, glow), shadow=shadow)

    def box(
        self,
        at: Vector,
        size: Vector,
        color: Vector,
        *,
        turn: float = 0.0,
        tilt: float = 0.0,
        roll: float = 0.0,
        glow: Vector = (0, 0, 0),
        pattern: str = "plain",
        scale: float = 1.0,
        shadow: bool = True,
    ) -> None:
        """``at``: the middle of its foot. ``size``: whole width, height and depth. ``tilt`` about its own x, +y goes
        towards +z; ``roll`` about its own z, +x goes towards +y; both about its middle, ``turn`` after them."""
        half = np.diag([size[0] / 2, size[1] / 2, size[2] / 2])
        middle = (at[0], at[1] + size[1] / 2, at[2])
        matrix = _turned(turn) @ _tilted(tilt) @ _rolled(roll) @ half
        self.add("box", matrix, middle, Material(color, glow, pattern, scale), shadow=shadow)

    def limb(
        self,
        foot: Vector,
        head: Vector,
        radius: float,
        color: Vector,
        *,
        taper: float = 1.0,
        pattern: str = "plain",
        scale: float = 1.0,
        glow: Vector = (0, 0, 0),
        flat: float = 1.0,
        shadow: bool = True,
    ) -> None:
        """A cone frustum from one point to another. ``flat``: its depth along z (where it does not run along z) as a
        share of its width."""
        a, b = np.array(foot, float), np.array(head, float)
        axis = b - a
        side = np.cross(axis, [1.0, 0.0, 0.0] if abs(axis[0]) < 0.9 * np.linalg.norm(axis) else [0.0, 0.0, 1.0])
        side *= radius * flat / np.linalg.norm(side)
        other = np.cross(side, axis)
        other *= radius / np.linalg.norm(other)
        matrix = np.stack([side, axis, other], axis=1)
        self.add("cone", matrix, foot, Material(color, glow, pattern, scale), taper=taper, shadow=shadow)

    def light(self, at: Vector, power: Vector) -> None:
        """A practical. ``power``: linear RGB at one metre."""
        if self._mute:
            return
        self.lights.append(PointLight(self.whole(at), power))

    def add(
        self,
        shape: str,
        matrix: NDArray[np.float64],
        at: Vector,
        material: Material,
        *,
        taper: float = 1.0,
        shadow: bool = True,
    ) -> None:
        """Any form, placed by ``matrix`` and ``at``; see `Form`. It is a piece of the thing that is being made."""
        if self._mute:
            return
        placed = self._turn @ np.asarray(matrix, float), self._turn @ np.array(at, float) + self._from
        self.forms.append(Form(shape, *placed, material, taper, shadow, self._within[-1]))


def thing(build: Callable[Concatenate[Props, _P], float]) -> Callable[Concatenate[Props, _P], float]:
    """Has all that the builder adds be one thing, of the kind that its name says."""

    @functools.wraps(build)
    def named(heap: Props, /, *args: _P.args, **kwargs: _P.kwargs) -> float:
        with heap.thing(build.__name__.replace("_", " ")):
            return build(heap, *args, **kwargs)

    return named


def _turned(angle: float) -> NDArray[np.float64]:
    """A turn about the vertical: +z goes towards +x."""
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])


def _tilted(angle: float) -> NDArray[np.float64]:
    """A turn about x: +y goes towards +z."""
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])


def _rolled(angle: float) -> NDArray[np.float64]:
    """A turn about z: +x goes towards +y."""
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
