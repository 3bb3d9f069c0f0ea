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
    """Builds the place that the shot names, or one like it, with three walls where it is a room: `Place.close` builds
    the fourth."""
    heap.without = unwanted(shot.without)
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


def _built(heap: Props, shot: Shot, dark: bool, seed: int) -> Place:
    named = shot.place
    return places.build_place(
        heap,
        named.name if named else None,
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
) -> Set:
    """The lit set. ``about``: where the subject is; ``front``: where it looks."""
    made = light(whole, place, camera, rng, lights=heap.lights, about=about, front=front)
    return Set(
        forms=tuple(forms), lights=made.lights, sky=made.sky, ground=made.ground, haze=made.haze,
        haze_color=made.haze_color, sea_z=place.sea_z, stage_m=8.0 if place.interior else 20.0, exposure=made.exposure,
        bounce=made.bounce, fall=made.fall, things=tuple(heap.things), figures=tuple(heap.figures),
    )  # fmt: skip
