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
WARM: Vector = (5.0, 2.7, 1.1)


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
    """

    def __init__(self, rng: random.Random) -> None:
        self.forms: list[Form] = []
        self.lights: list[PointLight] = []
        self.things: list[Thing] = []
        self.figures: list[Figure] = []
        self.rng = rng
        self._kinds: Counter[str] = Counter()
        self._within: list[int] = []

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
        self._kinds[kind] += 1
        self._within.append(len(self.things))
        self.things.append(Thing(kind, f"{kind} {self._kinds[kind]}"))
        try:
            yield
        finally:
            self._within.pop()

    def pose(self, joints: Mapping[str, Vector]) -> None:
        """Says where the joints are of the person that is the thing now being made."""
        self.figures.append(Figure(self._within[-1], joints))

    def ball(self, at: Vector, size: Vector, color: Vector, *, turn: float = 0.0, glow: Vector = (0, 0, 0)) -> None:
        self.add("ball", _turned(turn) @ np.diag(size), at, Material(color, glow))

    def box(
        self,
        at: Vector,
        size: Vector,
        color: Vector,
        *,
        turn: float = 0.0,
        glow: Vector = (0, 0, 0),
        pattern: str = "plain",
        scale: float = 1.0,
        shadow: bool = True,
    ) -> None:
        """``at``: the middle of its foot. ``size``: whole width, height and depth."""
        half = np.diag([size[0] / 2, size[1] / 2, size[2] / 2])
        middle = (at[0], at[1] + size[1] / 2, at[2])
        self.add("box", _turned(turn) @ half, middle, Material(color, glow, pattern, scale), shadow=shadow)

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
    ) -> None:
        """A cone frustum from one point to another."""
        a, b = np.array(foot, float), np.array(head, float)
        axis = b - a
        side = np.cross(axis, [1.0, 0.0, 0.0] if abs(axis[0]) < 0.9 * np.linalg.norm(axis) else [0.0, 0.0, 1.0])
        side *= radius / np.linalg.norm(side)
        other = np.cross(side, axis)
        other *= radius / np.linalg.norm(other)
        matrix = np.stack([side, axis, other], axis=1)
        self.add("cone", matrix, foot, Material(color, glow, pattern, scale), taper=taper)

    def light(self, at: Vector, power: Vector) -> None:
        self.lights.append(PointLight(at, power))

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
        placed = np.asarray(matrix, float), np.array(at, float)
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
