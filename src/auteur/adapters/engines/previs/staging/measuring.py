"""Measures on the staged shot how much of a thing its frame shows: by rays, with what stands before it.

Each thing is looked at from where the camera is, through a lens that it fills, so that a cup in a wide is measured as
well as a house; what of it then lies in the frame is counted.
"""

import functools
import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.rendering.forms import FAR, INTERSECT, Array, Form, to_local
from auteur.adapters.engines.previs.rendering.tracing import View, camera_axes
from auteur.adapters.engines.previs.rendering.world import Camera

_SIDE_PX = 56
"""Of the square that a thing is looked at in."""
_NEAR = 2.0
_WIDEST = 0.3
"""Focal length over width of the widest lens that it is looked at through."""
_WHOLE_PX = 6000
"""Of the frame as a whole."""
_GROUND = -2


@dataclass(frozen=True, slots=True)
class Shown:
    """How much of something is seen. ``frame``: the share of the frame that it takes; ``part``: the share of it that is
    seen, of what a frame without edges and with nothing before it would show; ``inside``: the share of it that is
    within the frame's edges, hidden or not; ``behind``: the things that hide it, the one that hides most first."""

    frame: float
    part: float
    inside: float
    behind: tuple[int, ...] = ()


class Measure:
    """Measures in one staged shot. ``forms``: what is left of the set; ``aspect``: width over height of the frame."""

    def __init__(self, forms: Sequence[Form], camera: Camera, aspect: float) -> None:
        self.camera = camera
        self.aspect = aspect
        self._forms = forms
        self._owner = np.array([form.thing for form in forms], int)
        self._inverse: list[Array] = [np.linalg.inv(form.matrix) for form in forms]
        self._corners = [form.corners for form in forms]

    def of(self, things: Collection[int]) -> Shown:
        """What is seen of the things together."""
        own = [index for index, form in enumerate(self._forms) if form.thing in things]
        if not own:
            return Shown(0.0, 0.0, 0.0)
        looked = self._towards(own)
        if looked is None:
            return self._around_us(things, own)
        view = View(looked, _SIDE_PX, _SIDE_PX)
        _, _, d = view.rays(0, _SIDE_PX, (0.5, 0.5), (0.0, 0.0), np.float64)
        alone, _ = self._met(view, d, own, ground=False)
        body = alone >= 0
        if not body.any():
            return Shown(0.0, 0.0, 0.0)
        met, _ = self._met(view, d, range(len(self._forms)), ground=True)
        owners = np.where(met >= 0, self._owner[np.maximum(met, 0)], -1)
        visible = body & np.isin(owners, list(things))
        inside, weight = self._in_the_frame(d)
        pixel = (1 / (looked.focal * _SIDE_PX)) ** 2 * self.camera.focal**2 * self.aspect
        hidden = Counter(owners[body & ~visible & inside].tolist())
        behind = tuple(thing for thing, count in hidden.most_common(3) if thing >= 0 and count > 0.1 * body.sum())
        count = float(body.sum())
        frame = float((weight * (visible & inside)).sum() * pixel)
        if looked.focal < _NEAR:  # so near that its edge in the frame is thinner than what is looked at
            frame = max(frame, self._seen_of(things))
        return Shown(
            frame=frame, part=float((visible & inside).sum()) / count,
            inside=float((body & inside).sum()) / count, behind=behind,
        )  # fmt: skip

    def _around_us(self, things: Collection[int], own: Sequence[int]) -> Shown:
        """Of what the camera stands beside or in: as much of it as the frame shows."""
        view, d, met, _ = self._whole
        body = self._met(view, d, own, ground=False)[0] >= 0
        owners = np.where(met >= 0, self._owner[np.maximum(met, 0)], -1)
        visible = body & np.isin(owners, list(things))
        hidden = Counter(owners[body & ~visible].tolist())
        behind = tuple(thing for thing, count in hidden.most_common(3) if thing >= 0 and count > 0.1 * body.sum())
        share = float(visible.mean())
        return Shown(frame=share, part=share, inside=float(body.mean()), behind=behind)

    def water(self, sea_z: float | None) -> float:
        """The share of the frame that is water, as far as the shore is a line."""
        if sea_z is None:
            return 0.0
        _, d, met, depth = self._whole
        wet = (met == _GROUND) & (self.camera.at[2] + d[2] * depth < sea_z)
        return float(wet.mean())

    @functools.cached_property
    def _whole(self) -> tuple[View, list[Array], NDArray[np.int64], Array]:
        """The frame as it is, coarse: its view, its rays, what each meets first, and how far along."""
        wide = max(round(math.sqrt(_WHOLE_PX * self.aspect)), 1)
        view = View(self.camera, wide, max(round(wide / self.aspect), 1))
        _, _, d = view.rays(0, view.height_px, (0.5, 0.5), (0.0, 0.0), np.float64)
        return view, d, *self._met(view, d, range(len(self._forms)), ground=True)

    def _seen_of(self, things: Collection[int]) -> float:
        """The share of the frame that the things take, coarse: of the edge of what is near, all that counts."""
        _, _, met, _ = self._whole
        owners = np.where(met >= 0, self._owner[np.maximum(met, 0)], -1)
        return float(np.isin(owners, list(things)).mean())

    def _towards(self, own: Sequence[int]) -> Camera | None:
        """The camera turned to something that it then sees as large as can be; None where it is beside it."""
        points = np.concatenate([self._corners[index] for index in own])
        at = np.array(self.camera.at)
        middle = (points.min(axis=0) + points.max(axis=0)) / 2
        if np.linalg.norm(middle - at) < 0.05:
            middle = np.array(self.camera.target)
        x, y, z = middle.tolist()
        turned = Camera(at=self.camera.at, target=(x, y, z), focal=1.0)
        right, up, ahead = camera_axes(turned)
        away = points - at
        deep = away @ ahead
        if deep.min() < 0.05:
            return None
        reach = max(float(np.abs(away @ right / deep).max()), float(np.abs(away @ up / deep).max()), 1e-4)
        if reach > 0.48 / _WIDEST:
            return None
        return Camera(at=turned.at, target=turned.target, focal=0.48 / reach)

    def _met(
        self, view: View, d: list[Array], which: Sequence[int] | range, *, ground: bool
    ) -> tuple[NDArray[np.int64], Array]:
        """What each ray meets first: the form's index, `_GROUND`, or -1 for nothing; and how far along the ray."""
        at = np.array(self.camera.at)
        depth = np.full(d[0].shape, FAR, float)
        met = np.full(d[0].shape, -1)
        if ground:
            with np.errstate(divide="ignore"):
                t = -at[1] / np.minimum(d[1], -1e-9)
            down = (d[1] < -1e-6) & (t > 0) & (t < FAR)
            depth[down], met[down] = t[down], _GROUND
        o = tuple(at)
        for index in which:
            tile = view.tile(self._corners[index], at, 0, view.height_px, (0.0, 0.0))
            if tile is None:
                continue
            form = self._forms[index]
            t, _ = INTERSECT[form.shape](form, *to_local(form, self._inverse[index], o, [c[tile] for c in d]))
            near = t < depth[tile]
            depth[tile][near] = t[near]
            met[tile][near] = index
        return met, depth

    def _in_the_frame(self, d: list[Array]) -> tuple[NDArray[np.bool_], Array]:
        """Which of the rays lie in the frame, and how much of its plane each of them stands for, 1 on its axis."""
        right, up, ahead = camera_axes(self.camera)
        along = sum(c * axis for c, axis in zip(d, ahead, strict=True))
        safe = np.maximum(along, 1e-6)
        u = self.camera.focal * sum(c * axis for c, axis in zip(d, right, strict=True)) / safe
        v = self.camera.focal * self.aspect * sum(c * axis for c, axis in zip(d, up, strict=True)) / safe
        inside = (along > 1e-6) & (np.abs(u) < 0.5) & (np.abs(v) < 0.5)
        return inside, np.where(inside, 1 / safe**3, 0.0)
