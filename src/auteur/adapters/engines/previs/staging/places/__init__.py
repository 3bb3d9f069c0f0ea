"""Places: sets that are recognised in a wide, each built from a stream of chance of its own, whatever the camera
does."""

import random
from collections.abc import Callable
from dataclasses import replace

from auteur.adapters.engines.previs.staging.materials import Props
from auteur.adapters.engines.previs.staging.places import country, fronts, homes, public, streets, transport
from auteur.adapters.engines.previs.staging.places.names import (
    AROUND,
    FRONTS,
    LIT_FROM,
    LOOKED_AT,
    ROOMS,
    SEATED,
    SOME_ROOM,
    is_set,
    outdoors,
    resolve,
)
from auteur.adapters.engines.previs.staging.places.site import ENTRIES, Flat, Opening, Place, Post, Site

__all__ = [
    "AROUND", "ENTRIES", "FRONTS", "LIT_FROM", "LOOKED_AT", "PLACES", "ROOMS", "SEATED", "SOME_ROOM", "Flat",
    "Opening", "Place", "Post", "build_place", "country", "fronts", "homes", "is_set", "outdoors", "public",
    "resolve", "streets", "transport",
]  # fmt: skip


def build_place(
    heap: Props,
    name: str | None,
    *,
    within: str | None = None,
    int_ext: str | None = None,
    seed: int = 0,
    dark: bool = False,
    season: str | None = None,
    traits: tuple[str, ...] = (),
    front: bool = True,
) -> Place:
    """Builds the place of that name on the heap. ``name``: as read, or None; ``within``: what contains it; ``seed``: of
    the set, not of the shot; ``dark``: its lamps are lit; ``front``: with the wall on the first camera's side, which
    is struck like the others (`Place.struck`). The heap's own chance is not touched."""
    found, said = resolve(name, within, int_ext, traits)
    entry = ENTRIES[found]
    outer = heap.rng
    heap.rng = random.Random(f"{seed}/place/{found}")
    try:
        site = Site(heap, dark=dark, season=season, front=front, traits=traits)
        entry.build(site)
    finally:
        heap.rng = outer
    return replace(site.done(found, entry.interior), said=said)


def _as_before(name: str) -> Callable[[Props, bool], Place]:
    """Chance comes from the heap, and a room has three walls."""

    def build(heap: Props, dark: bool) -> Place:
        site = Site(heap, dark=dark, front=False)
        ENTRIES[name].build(site)
        return site.done(name, ENTRIES[name].interior)

    return build


PLACES: dict[str, Callable[[Props, bool], Place]] = {name: _as_before(name) for name in ENTRIES}
