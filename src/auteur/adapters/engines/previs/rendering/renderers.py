"""The renderers there are behind one interface: numpy, which is always there and the reference, and GL.

with open_renderer(world, camera, width_px, height_px, passes, seed, choice="auto", ink=False) as renderer:
    for frame in range(frames):
        renderer.retake(camera_at(frame), world_at(frame))  # the world only where something moved
        for _ in range(passes):
            renderer.add_pass()
        film.add(Image.fromarray(renderer.picture()))
"""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.rendering.render import Renderer
from auteur.adapters.engines.previs.rendering.world import Camera, Set

if TYPE_CHECKING:  # what settings are made of would be loaded by each child
    from auteur.adapters.engines.previs.settings import RendererChoice

log = logging.getLogger(__name__)


class PassRenderer(Protocol):
    """Draws a set by accumulated passes; the picture is their mean. Use as a context manager, in one thread.

    Deterministic: the same values and calls give the same bytes with the same renderer on the same machine.
    ``name``: ``gl`` or ``numpy``; ``done``: passes in the picture so far.
    """

    name: str
    world: Set
    camera: Camera
    width_px: int
    height_px: int
    passes: int
    done: int

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: Any) -> None: ...

    def add_pass(self, beat: Callable[[float], None] = ...) -> None:
        """Adds one pass to the picture. ``beat`` is called with the share of the pass that is done."""

    def picture(self, seconds: float = 0.0) -> NDArray[np.uint8]:
        """The mean of the passes so far as display RGB, shape (height, width, 3). ``seconds``: since what falls from
        the sky began to; the passes stay, and another moment can be asked for."""

    def board(self) -> NDArray[np.uint8]:
        """The same set as ink on paper, shape (height, width, 3); only where it was opened with ``ink``."""

    def retake(self, camera: Camera, world: Set | None = None) -> None:
        """Begins the next picture of as many passes, of the same set through another camera, or of the set as it is
        now. Forms that are the same objects at the same places in ``world.forms`` count as standing still: what was
        computed of them is kept."""

    def follow(self, camera: Camera, world: Set | None = None) -> None:
        """What the passes see from now on; those made so far stay in the picture, as under an open shutter."""

    def close(self) -> None:
        """Frees what it holds; it cannot be used afterwards."""


def open_renderer(
    world: Set,
    camera: Camera,
    width_px: int,
    height_px: int,
    passes: int,
    seed: int,
    *,
    choice: "RendererChoice" = "auto",
    ink: bool = True,
    anchor: Vector | None = None,
) -> PassRenderer:
    """The renderer that was chosen, or the one there is.

    ``choice``: ``auto`` takes GL where it can be had. ``ink``: whether `board` will be asked for. ``anchor``: the
    middle of what casts shadows (`Set.stage_m` around it) in all takes; ``camera``'s target where None. A shot that
    moves further than ``stage_m`` gives the middle of its way, and a set with a larger stage.
    """
    how: dict[str, Any] = {"ink": ink, "anchor": anchor}
    values = world, camera, width_px, height_px, passes, seed
    if choice != "numpy" and not _tried.failed:
        try:
            return _open_gl(*values, **how)
        except ModuleNotFoundError as error:
            if error.name != "moderngl":
                raise
            _tried.fail("install auteur[gl]: there is no module moderngl" if choice == "gl" else None)
        except Exception as error:  # drivers fail in ways of their own, and a picture is owed all the same
            _tried.fail(f"{type(error).__name__}: {' '.join(str(error).split())[:300]}", for_good=not _is_of_set(error))
    return Renderer(*values, **how)


def _open_gl(*values: Any, **how: Any) -> PassRenderer:
    from auteur.adapters.engines.previs.rendering.gl.device import device
    from auteur.adapters.engines.previs.rendering.gl.renderer import GlRenderer

    return GlRenderer(device(), *values, **how)


def _is_of_set(error: Exception) -> bool:
    """Whether only this set cannot be drawn."""
    from auteur.adapters.engines.previs.rendering.gl.packing import UndrawableError

    return isinstance(error, UndrawableError)


class _Tried:
    """Whether GL failed in this process: then it is not tried again. Each reason is told once."""

    def __init__(self) -> None:
        self.failed = False
        self._told: set[str] = set()

    def fail(self, reason: str | None, *, for_good: bool = True) -> None:
        self.failed = self.failed or for_good
        if reason is not None and reason not in self._told:
            self._told.add(reason)
            log.warning("GL cannot be used here, so numpy draws: %s", reason)


_tried = _Tried()
