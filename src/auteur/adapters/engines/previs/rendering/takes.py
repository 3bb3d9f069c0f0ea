"""What stands still from one take of a set to the next: only what moved is drawn anew where light has been cast."""

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.rendering.world import Camera, Set

_KEPT_BYTES = 256 << 20


class Takes:
    """Follows one set through several takes. ``anchor``: the middle of what casts shadows; the first camera's target
    where None.

    ``moving``: the indices of the forms that were not the same object in all takes; ``keeps``: whether it pays to keep
    shadow maps of what stands still, because there is more than one take of the same passes.
    """

    def __init__(self, world: Set, camera: Camera, anchor: Vector | None, kept_bytes: int) -> None:
        self.anchor = camera.target if anchor is None else anchor
        self.moving: frozenset[int] = frozenset()
        self.keeps = False
        self._fits = kept_bytes <= _KEPT_BYTES
        self._world = world

    def again(self) -> None:
        """There is another take of the same passes."""
        self.keeps = self._fits

    def follow(self, world: Set) -> bool:
        """The set as it is from now on; whether shadow maps that were kept are of no use any more."""
        before, self._world = self._world, world
        if world is before:
            return False
        lit_alike = (world.sky.sun, world.sky.sun_size, world.stage_m) == (
            before.sky.sun,
            before.sky.sun_size,
            before.stage_m,
        )
        if len(world.forms) != len(before.forms) or not lit_alike:
            self.moving = frozenset()
            return True
        pairs = enumerate(zip(world.forms, before.forms, strict=True))
        moved = {index for index, (form, was) in pairs if form is not was}
        if moved <= self.moving:
            return False
        self.moving |= moved
        return True
