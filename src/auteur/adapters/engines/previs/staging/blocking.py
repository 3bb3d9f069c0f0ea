"""Blocks a shot: who and what stands where, on which set, and the camera that sees them as the words ask.

Four things are drawn from chances of their own, so that none changes another: the place, those on it, their bodies, and
the camera. The same set and seed seen from two angles is the same room with the same people where they stood.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from auteur.adapters.engines.previs.reading.shot import Person, Shot
from auteur.adapters.engines.previs.rendering.forms import Form, Vector
from auteur.adapters.engines.previs.rendering.world import Camera
from auteur.adapters.engines.previs.staging import bodies, waters
from auteur.adapters.engines.previs.staging.directing import Directed, Director
from auteur.adapters.engines.previs.staging.extras import lay_out
from auteur.adapters.engines.previs.staging.floor import Floor, reach
from auteur.adapters.engines.previs.staging.framing import Company
from auteur.adapters.engines.previs.staging.implied import implied
from auteur.adapters.engines.previs.staging.layout import Layout, is_unwanted, merged, roll_call, stream
from auteur.adapters.engines.previs.staging.light import is_dark
from auteur.adapters.engines.previs.staging.marking import build_people, build_props
from auteur.adapters.engines.previs.staging.materials import Props
from auteur.adapters.engines.previs.staging.measuring import Measure
from auteur.adapters.engines.previs.staging.optics import seen
from auteur.adapters.engines.previs.staging.places import FRONTS, SEATED, Place
from auteur.adapters.engines.previs.staging.props import buildings
from auteur.adapters.engines.previs.staging.riding import boarded_together
from auteur.adapters.engines.previs.staging.scenes import fitted, meet, settle
from auteur.adapters.engines.previs.staging.sensors import DEFAULT_SENSOR, SENSORS, mounted
from auteur.adapters.engines.previs.staging.setting import build_place, landmark, light_set, through_a_windscreen
from auteur.adapters.engines.previs.staging.sightlines import Sightlines
from auteur.adapters.engines.previs.staging.stage import CastMember, PersonMark, PropMark, Stage
from auteur.adapters.engines.previs.staging.telling import Staged

__all__ = ["merged", "stage"]

_DRIVER_M = 1.16
"""How high the eyes are of who sits in a car."""


def stage(
    shot: Shot,
    aspect: float,
    seed: int,
    *,
    scene: Shot | None = None,
    blocked: Sequence[Shot] = (),
    set_seed: int | None = None,
    cast: Sequence[CastMember] = (),
    sensor: str = DEFAULT_SENSOR,
) -> Stage:
    """Sets up one shot.

    ``aspect``: width over height of the frame. ``scene``: all that is said of the place, its people and its things in
    the shots that share it, as `merged` makes it; the shot's own if there is none. ``blocked``: those of its people who
    have a place that holds for all its shots, in the order in which they took it, and what is said of that; then those
    who have gone elsewhere since, and nobody else: whoever the shot itself moves is elsewhere again. ``set_seed``: of
    the place and of who stands where; ``seed`` if there is none, which is the camera's. ``cast``: what is known of
    people by name. ``sensor``: one of `SENSORS`; KeyError for another. Deterministic.
    """
    shot, scene = boarded_together(landmark(implied(shot, alone=scene is None)), scene)
    whole = merged([shot, *([scene] if scene else [])]) if scene is None else _whole(scene, shot)
    base = seed if set_seed is None else set_seed
    by_name = {member.name: member for member in cast}
    dark = is_dark(whole)
    heap = Props(stream(base, "place"))
    place = build_place(heap, whole, dark, base)
    gone = {index for index, thing in enumerate(heap.things) if is_unwanted(thing.kind, whole.without)}
    floor = Floor([form for form in heap.forms if form.thing not in gone], place.sea_z)
    fixtures = fixtures_of(heap, place)
    if not blocked:
        layout = lay_out(whole, base, floor, fixtures, by_name, place)
    else:

        def bare() -> Floor:
            return Floor([form for form in heap.forms if form.thing not in gone], place.sea_z)

        row, settled = settle(blocked, base, bare, fixtures, by_name, place)
        whole = fitted(settled, shot, whole, row)
        layout = lay_out(whole, base, floor, fixtures, by_name, place, row, settled)
    props, parts = build_props(heap, layout, base, dark=dark)
    said = _said(shot, layout)
    if scene is not None:
        meet(shot, said, layout)
    owner = _owner(shot, layout)
    before, first_body = heap.length, len(heap.things)
    people, things = build_people(heap, layout, props, said, owner, base, by_name, None, dark)

    def directed() -> Directed:
        company = Company(
            people={name: mark for name, mark in people.items() if name in things},
            props=props,
            things=things,
            sightlines=Sightlines([form for form in heap.forms if form.thing not in gone], heap.things),
            subjects=[],
            seat=(place.spots[0][0][0], _DRIVER_M, place.spots[0][0][2]) if through_a_windscreen(shot) else None,
            indoors=place.interior,
            water=place.sea_z is not None and bool(waters.asked(shot)),
            fixed=frozenset(_spoken_of(heap, layout)),
            keeps_the_line=scene is not None,
            wanted=[name for name, entry in layout.entries.items() if any(p.what == entry.what for p in shot.props)],
        )
        chance = stream(seed, "camera")
        stays = scene is not None and owner is not None
        own = people.get(owner) if owner else None
        return Director(shot, company, said, chance, SENSORS[sensor], aspect, own, stays).direct()

    made = directed()
    if any(_minds_the_camera(entry) for entry in said.values()):
        heap.rewind(before)
        people, things = build_people(heap, layout, props, said, owner, base, by_name, made.camera.at, dark)
        made = directed()
        heap.rewind(before)  # to look into the lens where it now is
        people, things = build_people(heap, layout, props, said, owner, base, by_name, made.camera.at, dark)
    camera = _lifted(made.camera, heap)
    place.close(camera.at)
    bodily = set(range(first_body, len(heap.things)))
    kept, struck = _strike(heap, camera, people, things, props, layout, place, gone, aspect, bodily)
    lens = mounted(SENSORS[sensor], aspect, made.focal_mm, made.stop, made.focus_m)
    camera = replace(camera, aperture_m=made.focal_mm / 1000 / made.stop, focus_m=made.focus_m)
    assumed = {**layout.assumed, **made.assumed, **_assumed(shot, place, sensor)}
    if struck:
        assumed["wild"] = struck
    ways = Sightlines(kept, heap.things)
    held: dict[str, frozenset[int]] = {}
    for index in bodily:
        held[heap.things[index].kind] = held.get(heap.things[index].kind, frozenset()) | {index}
    told = Staged(
        shot=shot, layout=layout, people=people, bodies_of=things, said=frozenset(said), parts=parts, held=held,
        names=[thing.name for thing in heap.things],
        kinds=[thing.kind for thing in heap.things],
        measure=Measure(kept, camera, aspect), ways=ways,
        sea_z=place.sea_z,
    )  # fmt: skip
    world, unlit = light_set(
        shot,
        whole,
        place,
        heap,
        kept,
        camera,
        dark,
        stream(base, "light"),
        *_lit(people, things, camera),
        max((math.dist(mark.at, camera.at) for mark in props.values()), default=0.0),
    )
    return Stage(
        world=world,
        camera=camera,
        lens=lens,
        people=tuple(mark for name, mark in people.items() if name in things),
        props=tuple(props.values()),
        walls=place.walls,
        assumed=assumed,
        unmet=tuple(
            dict.fromkeys([*layout.unmet, *made.unmet, *told.told(), *unlit, *([place.said] if place.said else [])])
        ),
    )


def _whole(scene: Shot, shot: Shot) -> Shot:
    """The scene with what only this shot adds; its place, people and things come first."""
    whole = merged([scene, shot])
    times, weather = shot.time_of_day or scene.time_of_day, shot.weather or scene.weather
    return replace(whole, time_of_day=times, weather=weather, without=shot.without)


def _said(shot: Shot, layout: Layout) -> dict[str, Person]:
    """What the shot says of each of the people that the layout has, by their names there."""
    said: dict[str, Person] = {}
    for name, person in roll_call(merged([shot]).people):
        for called in layout.people:
            if (called == name or called.rsplit(" ", 1)[0] == name) and called not in said:
                said[called] = person
                break
    return said


def _owner(shot: Shot, layout: Layout) -> str | None:
    """Through whose eyes the shot looks: nobody sees them."""
    if "pov" not in shot.kind or not shot.pov_of:
        return None
    wanted = shot.pov_of.lower()
    return next((name for name in layout.people if name.lower() == wanted), None)


def _minds_the_camera(entry: Person) -> bool:
    return entry.facing == "camera" or entry.look == "camera" or entry.looking_at in ("camera", "lens", "us")


def _assumed(shot: Shot, place: Place, sensor: str) -> dict[str, Any]:
    told: dict[str, Any] = {"sensor": sensor}
    if shot.time_of_day is None:
        told["time_of_day"] = "day"
    if not shot.weather:
        told["weather"] = ["clear"]
    if shot.place is None:
        told["place"] = place.name
    return told


# --- the set around them ----------------------------------------------------------------------------------------------


def fixtures_of(heap: Props, place: Place) -> dict[str, PropMark]:
    """What a place has that a person could be told to be at, by kind, the first of each: its pieces, doors and windows,
    and what else was built in it, by the box around that."""
    found: dict[str, PropMark] = {}
    for piece in place.pieces:
        found.setdefault(piece.mark.name, piece.mark)
    for opening in (*place.doors, *place.windows):
        x, _, z = opening.at
        mark = PropMark(
            name=opening.kind, at=(x, opening.sill_m, z), heading_rad=opening.heading_rad,
            size_m=(opening.size_m[0], opening.size_m[1], 0.2),
        )  # fmt: skip
        found.setdefault(opening.kind, mark)
    for index, thing in enumerate(heap.things):
        if thing.kind in found or thing.kind in ("wall", "ceiling", "skirting", "rug", "pavement", "floor"):
            continue
        forms = [form for form in heap.forms if form.thing == index]
        if not forms:
            continue
        ends = [reach(form) for form in forms]
        low, high = (min(e[0][i] for e in ends) for i in range(3)), (max(e[1][i] for e in ends) for i in range(3))
        (x0, y0, z0), (x1, y1, z1) = low, high
        at = (float(x0 + x1) / 2, max(float(y0), 0.0), float(z0 + z1) / 2)
        far = hasattr(buildings, thing.kind) and at[2] < 0  # a building is seen from afar
        if far or (abs(at[0]) < 12 and -12 < at[2] < 8):
            size = (float(x1 - x0), float(y1 - y0), float(z1 - z0))
            found[thing.kind] = PropMark(name=thing.kind, at=at, heading_rad=0.0, size_m=size)
    return found


def _lit(people: Mapping[str, PersonMark], things: Mapping[str, int], camera: Camera) -> tuple[Vector, float]:
    """Whom light by a source is for, at the height of the breast, and where they look: the nearest to what the camera
    looks at; what it looks at, if nobody is there."""
    seen = [mark for name, mark in people.items() if name in things]
    if not seen:
        at, target = camera.at, camera.target
        return target, math.atan2(at[0] - target[0], at[2] - target[2])
    main = min(seen, key=lambda mark: math.dist(bodies.head(mark), camera.target))
    head = bodies.head(main)
    return (head[0], head[1] - 0.25, head[2]), main.look_rad


def _lifted(camera: Camera, heap: Props) -> Camera:
    """A lens at the ground stands on what lies there, not in it."""
    level = Sightlines(heap.forms, heap.things).floor_under(camera.at)
    up = level + 0.09 - camera.at[1]
    if level <= 0 or up <= 0:
        return camera
    return replace(
        camera,
        at=(camera.at[0], camera.at[1] + up, camera.at[2]),
        target=(camera.target[0], camera.target[1] + up, camera.target[2]),
    )


def _spoken_of(heap: Props, layout: Layout) -> set[int]:
    """The things of the set that the words name: those that were brought, and the place's own that are used."""
    own = {name.lower() for name in layout.built}
    return {index for index, thing in enumerate(heap.things) if thing.name in layout.entries or thing.kind in own}


def _strike(
    heap: Props,
    camera: Camera,
    people: Mapping[str, PersonMark],
    things: Mapping[str, int],
    props: Mapping[str, PropMark],
    layout: Layout,
    place: Place,
    gone: set[int],
    aspect: float,
    bodily: set[int],
) -> tuple[list[Form], list[str]]:
    """The forms without what is in the camera's way: walls are wild, a tree is moved. Nobody, and nothing that the
    words name, is moved, nor what people hold (``bodily``), nor the car that one sits in; what was is told by name."""
    sightlines = Sightlines([form for form in heap.forms if form.thing not in gone], heap.things)
    stays = set(things.values()) | _spoken_of(heap, layout) | (bodily - sightlines.around(camera.at, 0.2))
    if place.name in SEATED:
        stays |= {index for index, thing in enumerate(heap.things) if thing.kind == "car"}
    ends = [bodies.head(mark) for name, mark in people.items() if name in things]
    ends += [bodies.hips(mark) for name, mark in people.items() if name in things]
    for mark in props.values():
        middle = (mark.at[0], mark.at[1] + mark.size_m[1] / 2, mark.at[2])
        u, v, depth = seen([middle], camera, aspect)[0]
        ends += [middle] if depth > 0 and 0 < u < 1 and 0 < v < 1 else []
    ends = ends or ([] if place.name in FRONTS else [camera.target])  # the building itself is looked at
    struck = sightlines.around(camera.at, 0.35)
    for found in sightlines.between(camera.at, ends):
        struck |= found
    struck -= stays
    flats = place.struck(camera.at)
    out = struck | gone
    kept = [form for index, form in enumerate(heap.forms) if form.thing not in out and index not in flats]
    return kept, sightlines.kinds(struck | {heap.forms[index].thing for index in flats})
