"""The forms of a set: balls, boxes and cone frusta, where rays meet them, and what they are made of."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]  # float32 throughout; numpy's stubs cannot follow that
Vector = tuple[float, float, float]
Crossing = tuple[Array, Callable[[Array], list[Array]]]
"""Ray parameters of the nearest crossing, `FAR` for none; and the local normals where a mask asks for them."""

FAR = np.float32(1e9)
PIECE = 1 << 14
"""How many rays or points are computed at a time: arrays of that length stay in the processor's own cache from one
operation to the next, longer ones are fetched anew by each."""


def pieces(rows: int, width: int = 1) -> Iterator[slice]:
    """All of the rows, of ``width`` each, in pieces of about `PIECE`."""
    step = max(1, PIECE // width)
    for top in range(0, rows, step):
        yield slice(top, min(top + step, rows))


@dataclass(frozen=True, slots=True)
class Material:
    """A surface. ``color`` and ``glow`` are linear RGB; ``pattern`` names one of `PATTERNS`; ``scale`` in metres."""

    color: Vector
    glow: Vector = (0.0, 0.0, 0.0)
    pattern: str = "plain"
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Form:
    """A unit ball, a box of side 2 or an upright cone frustum (height 0 to 1, foot radius 1, head radius ``taper``),
    placed in the world by ``matrix`` (3x3) and ``at``. ``thing``: which thing of its set it is a piece of."""

    shape: str
    matrix: NDArray[np.float64]
    at: NDArray[np.float64]
    material: Material
    taper: float = 1.0
    shadow: bool = True
    thing: int = 0

    @property
    def corners(self) -> NDArray[np.float64]:
        """Eight points of a box around it, shape (8, 3)."""
        wide = max(1.0, self.taper) if self.shape == "cone" else 1.0
        low, high = (0.0, 1.0) if self.shape == "cone" else (-1.0, 1.0)
        box = [[x, y, z] for x in (-wide, wide) for y in (low, high) for z in (-wide, wide)]
        return self.at + np.array(box) @ self.matrix.T


def to_local(form: Form, inverse: NDArray[np.float64], o: Any, d: Any) -> tuple[list[Any], list[Any]]:
    """The rays in the form's own space, at the precision of ``d``."""
    precision = d[0].dtype.type
    m = inverse.astype(precision)
    q = [o[i] - precision(form.at[i]) for i in range(3)]
    return [_along(row, q) for row in m], [_along(row, d) for row in m]


def _along(row: Array, v: Any) -> Any:
    """The dot product, without what is nothing: most boxes stand square to the world."""
    used = [i for i in range(3) if row[i]] or [0]
    total = row[used[0]] * v[used[0]]
    for i in used[1:]:
        total = total + row[i] * v[i]
    return total


def _ball(form: Form, o: list[Any], d: list[Any]) -> Crossing:
    a = d[0] * d[0] + d[1] * d[1] + d[2] * d[2]
    b = o[0] * d[0] + o[1] * d[1] + o[2] * d[2]
    c = o[0] * o[0] + o[1] * o[1] + o[2] * o[2] - 1
    disc = b * b - a * c
    t = (-b - np.sqrt(np.maximum(disc, 0))) / a
    t = np.where((disc > 0) & (t > 1e-3), t, FAR)
    return t, lambda near: [_at(o[i], near) + _at(d[i], near) * t[near] for i in range(3)]


def _box(form: Form, o: list[Any], d: list[Any]) -> Crossing:
    firsts = []
    enter = leave = None
    for i in range(3):
        small = np.abs(d[i]) < 1e-9
        safe = np.where(small, np.float32(1e-9), d[i]) if np.any(small) else d[i]
        t0 = (-1 - o[i]) / safe
        t1 = (1 - o[i]) / safe
        first = np.minimum(t0, t1)
        last = np.maximum(t0, t1, out=t0 if np.ndim(t0) else None)
        firsts.append(first)
        enter = first if enter is None else np.maximum(enter, first)
        leave = last if leave is None else np.minimum(leave, last)
    assert enter is not None
    t = np.where((enter < leave) & (enter > 1e-3), enter, FAR)

    def normal_of(near: Array) -> list[Array]:
        entered = enter[near]
        by_x = _at(firsts[0], near) == entered
        by_y = (_at(firsts[1], near) == entered) & ~by_x
        sides = (by_x, by_y, ~(by_x | by_y))
        return [np.where(side, -np.sign(_at(d[i], near)), np.float32(0)) for i, side in enumerate(sides)]

    return t, normal_of


def _cone(form: Form, o: list[Any], d: list[Any]) -> Crossing:
    k = np.float32(form.taper - 1)
    r, s = 1 + k * o[1], k * d[1]
    a = d[0] * d[0] + d[2] * d[2] - s * s
    a = np.where(np.abs(a) < 1e-9, np.float32(1e-9), a)
    b = o[0] * d[0] + o[2] * d[2] - r * s
    c = o[0] * o[0] + o[2] * o[2] - r * r
    disc = b * b - a * c
    t = np.full(np.shape(disc), FAR, disc.dtype)
    cap = np.zeros(np.shape(disc), np.int8)
    some = (disc > 0) | (a < 0)  # only these cross the endless cone, or run inside it
    if some.any():
        t[some], cap[some] = _cone_ends(
            form, [_at(v, some) for v in o], [_at(v, some) for v in d], *(_at(v, some) for v in (a, b, disc, r, s))
        )

    def normal_of(near: Array) -> list[Array]:
        along = [_at(o[i], near) + _at(d[i], near) * t[near] for i in range(3)]
        side = cap[near]
        flat = side != 0
        return [
            np.where(flat, np.float32(0), along[0]),
            np.where(flat, side.astype(np.float32), -k * (1 + k * along[1])),
            np.where(flat, np.float32(0), along[2]),
        ]

    return t, normal_of


def _cone_ends(
    form: Form, o: list[Any], d: list[Any], a: Any, b: Any, disc: Any, r: Any, s: Any
) -> tuple[Array, Array]:
    """Where rays that cross the endless cone enter the piece of it that there is, and by which cap (-1, 1) or 0."""
    t = np.full(np.shape(disc), FAR, disc.dtype)
    root = np.sqrt(np.maximum(disc, 0))
    for candidate in ((-b - root) / a, (-b + root) / a):
        y = o[1] + d[1] * candidate
        good = (disc > 0) & (candidate > 1e-3) & (y >= 0) & (y <= 1) & (r + s * candidate > 0)
        t = np.where(good & (candidate < t), candidate, t)
    cap = np.zeros(np.shape(t), np.int8)
    safe = np.where(np.abs(d[1]) < 1e-9, np.float32(1e-9), d[1])
    for level, radius, side in ((0.0, 1.0, -1), (1.0, form.taper, 1)):
        if radius <= 0:
            continue
        at = (np.float32(level) - o[1]) / safe
        x, z = o[0] + d[0] * at, o[2] + d[2] * at
        good = (at > 1e-3) & (at < t) & (x * x + z * z <= radius * radius)
        t = np.where(good, at, t)
        cap = np.where(good, np.int8(side), cap)
    return t, cap


def _at(value: Any, where: Array) -> Any:
    """The value where it is asked for; what is the same everywhere stays a number."""
    return value[where] if np.ndim(value) else value


INTERSECT: dict[str, Callable[..., Crossing]] = {"ball": _ball, "box": _box, "cone": _cone}
