"""Chooses the set for a place, and lights it: what the forms of a shot stand in."""

import random
from collections.abc import Sequence

from auteur.adapters.engines.previs.reading.shot import Shot
from auteur.adapters.engines.previs.rendering.forms import Form, Vector
from auteur.adapters.engines.previs.rendering.world import Camera, Set
from auteur.adapters.engines.previs.staging import places
from auteur.adapters.engines.previs.staging.light import light
from auteur.adapters.engines.previs.staging.materials import Props
from auteur.adapters.engines.previs.staging.places import Place
from auteur.adapters.engines.previs.staging.props import canonical


def build_place(heap: Props, shot: Shot, dark: bool, seed: int = 0) -> Place:
    """Builds the place that the shot names, or one like it, or what is around a thing that it is about, with three
    walls where it is a room: `Place.close` builds the fourth."""
    heap.without = unwanted(shot.without)
    if surroundings(shot):  # the thing itself is brought, and once
        heap.without |= {canonical(prop.what) or prop.what for prop in shot.props}
    try:
        return _built(heap, shot, dark, seed)
    finally:
        heap.without = frozenset()


def unwanted(without: Sequence[str]) -> frozenset[str]:
    """The kinds that the words rule out: themselves, in the singular, and what they are built as."""
    kinds = set()
    for word in (word.lower() for word in without):
        kinds |= {word, word.removesuffix("s"), canonical(word) or word}
    return frozenset(kinds)


def surroundings(shot: Shot) -> str | None:
    """Where the first of its large things belongs, of a shot that names no place and is not indoors."""
    if shot.place is not None or shot.int_ext == "INT":
        return None
    kinds = (canonical(prop.what) or prop.what for prop in shot.props)
    return next((places.AROUND[kind] for kind in kinds if kind in places.AROUND), None)


def _built(heap: Props, shot: Shot, dark: bool, seed: int) -> Place:
    named = shot.place
    return places.build_place(
        heap,
        named.name if named else surroundings(shot),
        within=named.within if named else None,
        int_ext=shot.int_ext,
        seed=seed,
        dark=dark,
        season=shot.season,
        traits=named.words if named else (),
        front=False,
    )


def light_set(
    shot: Shot,
    whole: Shot,
    place: Place,
    heap: Props,
    forms: Sequence[Form],
    camera: Camera,
    dark: bool,
    rng: random.Random,
    about: Vector = (0.0, 1.2, 0.0),
    front: float = 0.0,
) -> tuple[Set, tuple[str, ...]]:
    """The lit set, and what was asked of its light and is not in it. ``about``: where the subject is; ``front``: where
    it looks."""
    made = light(whole, place, camera, rng, lights=heap.lights, about=about, front=front)
    lit = Set(
        forms=tuple(forms), lights=made.lights, sky=made.sky, ground=made.ground, haze=made.haze,
        haze_color=made.haze_color, sea_z=place.sea_z, stage_m=8.0 if place.interior else 20.0, exposure=made.exposure,
        bounce=made.bounce, fall=made.fall, things=tuple(heap.things), figures=tuple(heap.figures),
    )  # fmt: skip
    return lit, made.unmet
