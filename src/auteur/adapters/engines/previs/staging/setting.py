"""Chooses the set for a place, and lights it: what the forms of a shot stand in."""

import math
import random
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from auteur.adapters.engines.previs.reading.shot import PlaceRead, Prop, Shot
from auteur.adapters.engines.previs.rendering.forms import Form, Vector
from auteur.adapters.engines.previs.rendering.world import Camera, Set
from auteur.adapters.engines.previs.staging import places, waters
from auteur.adapters.engines.previs.staging.floor import reach
from auteur.adapters.engines.previs.staging.light import light
from auteur.adapters.engines.previs.staging.materials import Props
from auteur.adapters.engines.previs.staging.places import Place
from auteur.adapters.engines.previs.staging.props import buildings, canonical, put
from auteur.adapters.engines.previs.staging.sightlines import Sightlines


def build_place(heap: Props, shot: Shot, dark: bool, seed: int = 0) -> Place:
    """Builds the place that the shot names, or one like it, or what is around a thing that it is about, with three
    walls where it is a room: `Place.close` builds the fourth."""
    heap.without = unwanted(shot.without)
    if surroundings(shot) or (
        shot.place and shot.props and shot.props[0].what == shot.place.name
    ):  # the thing itself is brought, and once
        heap.without |= {canonical(prop.what) or prop.what for prop in shot.props}
    try:
        place = _built(heap, shot, dark, seed)
        if shot.place and any(word in " ".join(shot.place.words).lower() for word in _BURNING):
            _set_fire(heap)
        return place
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
    return next((places.AROUND[kind] for kind in _kinds(shot) if kind in places.AROUND), None) or waters.shore(shot)


_RAISED = frozenset({"balcony", "roof", "rooftop", "terrace", "bridge", "footbridge"})
"""What is above a courtyard, a street or a river that is the place, and not the ground there."""


def landmark(shot: Shot) -> Shot:
    """The shot with ground for a place and buildings for things: a lighthouse is a place on a coast, and what is seen
    there; a church in a desert, or beside a pine, is seen from outside; who is on a beach is on no thing."""
    shot = _grounded(shot)
    place = shot.place
    kind = canonical(place.name) if place is not None else None
    if place is None or kind is None or shot.int_ext == "INT" or not hasattr(buildings, kind.replace(" ", "_")):
        return shot
    if any(canonical(prop.what) == kind for prop in shot.props):
        return shot
    built = places.resolve(place.name, place.within, shot.int_ext, place.words)[0]
    found = places.ENTRIES[built]
    if built in places.FRONTS:
        return shot  # the building is there
    if not found.interior and not shot.people:
        return replace(shot, props=(Prop(what=place.name), *shot.props))
    around = place.within if place.within and _is_ground(place.within) else None
    beside = next((places.AROUND[other] for other in _kinds(shot) if other in places.AROUND), None)
    if found.interior and shot.int_ext is None and (around or beside):
        outside = PlaceRead(name=around or beside or "field")
        return replace(shot, place=outside, props=(Prop(what=place.name), *shot.props))
    return shot


def _grounded(shot: Shot) -> Shot:
    """What is told from a place that is ground is there, and the place is the shot's where it has none, or only a
    building."""
    named = [*(prop.what for prop in shot.props), *(prop.to for prop in shot.props)]
    named += [person.where.to for person in shot.people if person.where]
    raised = _RAISED if shot.place is not None else ()
    named = [name for name in named if name not in raised]
    grounds = dict.fromkeys(name for name in named if name and canonical(name) is None and _is_ground(name))
    if not grounds:
        return shot
    first = PlaceRead(name=next(iter(grounds)))
    place = shot.place
    if place is None:
        place = first
    elif place.within is None and hasattr(buildings, (canonical(place.name) or "").replace(" ", "_")):
        place = replace(place, within=first.name)
    props = [
        replace(prop, relation=None, to=None) if prop.to in grounds else prop
        for prop in shot.props
        if prop.what not in grounds
    ]
    people = [
        replace(person, where=None) if person.where and person.where.to in grounds else person for person in shot.people
    ]
    return replace(shot, place=place, props=tuple(props), people=tuple(people))


def _is_ground(name: str) -> bool:
    """Whether the noun is a place under the sky that is built."""
    found = places.outdoors(name)
    return found is not None and name not in waters.SHORES


def room(shot: Shot) -> str | None:
    """Which room a shot that names no place is in: by its furniture, by what is looked at, by what lights it."""
    if shot.place is not None or shot.int_ext == "EXT":
        return None
    signs = [(kind, places.ROOMS) for kind in _kinds(shot)]
    if shot.int_ext is None:
        signs += [(person.looking_at or "", places.LOOKED_AT) for person in shot.people]
    signs += [(kind, places.SOME_ROOM) for kind in _kinds(shot)] + [(light, places.LIT_FROM) for light in shot.light]
    return next((among[sign] for sign, among in signs if sign in among), None)


def _kinds(shot: Shot) -> list[str]:
    return [canonical(prop.what) or prop.what for prop in shot.props]


def _built(heap: Props, shot: Shot, dark: bool, seed: int) -> Place:
    named = shot.place
    called = named.name if named else surroundings(shot) or room(shot)
    side = shot.int_ext
    if through_a_windscreen(shot):
        called, named, side = "car interior", None, "INT"
    within = named.within if named else None
    if called and waters.stands_on_water(shot) and places.resolve(called, within, side)[0] == "sea":
        called, named = "coast", None  # on the shore, with the sea before it: nobody stands on water
    return places.build_place(
        heap,
        called,
        within=named.within if named else None,
        int_ext=side,
        seed=seed,
        dark=dark,
        season=shot.season,
        traits=(*(named.words if named else ()), *_scenery(shot)),
        front=False,
    )


def through_a_windscreen(shot: Shot) -> bool:
    """Whether the shot sees with the eyes of who drives."""
    return "pov" in shot.kind and any(prop.what in ("windscreen", "windshield") for prop in shot.props)


_BURNING = ("burning", "on fire", "in flames", "ablaze")


def _scenery(shot: Shot) -> tuple[str, ...]:
    """What is said of the place as if it were a thing in it: the forest that a road goes through."""
    return tuple(
        " ".join((*prop.traits, prop.what))
        for prop in shot.props
        if prop.what in ("forest", "wood", "woods", "trees", "door")
    )


def _set_fire(heap: Props) -> None:
    """Flames before and on the building that is nearest to the action."""
    houses = []
    for index, thing in enumerate(heap.things):
        if hasattr(buildings, (canonical(thing.kind) or "").replace(" ", "_")):
            ends = [reach(form) for form in heap.forms if form.thing == index]
            low, high = np.min([end[0] for end in ends], axis=0), np.max([end[1] for end in ends], axis=0)
            if high[2] < 2 and math.hypot((low[0] + high[0]) / 2, high[2]) < 16:
                houses.append((low, high))
    for low, high in sorted(houses, key=lambda box: -box[1][2])[:1]:
        wide, deep = high[0] - low[0], high[2] - low[2]
        for share, up in ((0.2, 0.0), (0.8, 0.0), (0.35, 0.75), (0.65, 0.7)):
            x, y = float(low[0] + share * wide), float(up * high[1])
            z = float(high[2] + 0.5 if up == 0 else high[2] - 0.4 * deep)
            put(heap, "fire", (x, y, z))
            heap.light((x, y + 1.6, z + 0.9), (7.0, 2.8, 0.7))


_FADED = 1.3
"""How much air there is at most before what is named: a fourth of its light comes through."""
_GRADED = {
    "black and white": "black_and_white", "monochrome": "black_and_white", "noir": "black_and_white",
    "silent film": "black_and_white", "sepia": "sepia", "teal and orange": "teal_and_orange",
}  # fmt: skip


def _grade(style: Sequence[str]) -> str | None:
    """The first of the styles' that has a colour of its own."""
    said = [word.lower().replace("&", "and").replace("-", " ") for word in style]
    return next((grade for word in said for name, grade in _GRADED.items() if name in word), None)


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
    farthest_m: float = 0.0,
) -> tuple[Set, tuple[str, ...]]:
    """The lit set, and what was asked of its light and is not in it. ``about``: where the subject is; ``front``: where
    it looks; ``farthest_m``: how far from the lens the farthest is that the words name: air does not hide it."""
    ways = Sightlines([form for form in forms if heap.things[form.thing].kind != "person"], heap.things)

    def shaded(to: Vector) -> bool:
        far = (about[0] + 60 * to[0], about[1] + 60 * to[1], about[2] + 60 * to[2])
        return bool(ways.between(about, [far])[0])

    made = light(whole, place, camera, rng, lights=heap.lights, about=about, front=front, shaded=shaded)
    lit = Set(
        forms=tuple(forms), lights=made.lights, sky=made.sky, ground=made.ground,
        haze=min(made.haze, _FADED / farthest_m) if farthest_m > 0 else made.haze,
        haze_color=made.haze_color, sea_z=place.sea_z, stage_m=8.0 if place.interior else 20.0, exposure=made.exposure,
        bounce=made.bounce, fall=made.fall, things=tuple(heap.things), figures=tuple(heap.figures),
        grade=_grade(whole.style),
    )  # fmt: skip
    return lit, made.unmet
