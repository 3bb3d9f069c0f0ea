"""Builds the people and the things where the layout has them, and tells where each of them, and each joint, then is."""

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from auteur.adapters.engines.previs.reading.shot import Person
from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.rendering.world import Thing
from auteur.adapters.engines.previs.staging import bodies, building
from auteur.adapters.engines.previs.staging.floor import between, heading_to
from auteur.adapters.engines.previs.staging.layout import SETTLED, Layout, Standing, looks_for, stream
from auteur.adapters.engines.previs.staging.materials import Props
from auteur.adapters.engines.previs.staging.people import person
from auteur.adapters.engines.previs.staging.props import canonical
from auteur.adapters.engines.previs.staging.stage import CastMember, PersonMark, PropMark

_OPEN = 0.42
"""How far two who talk stay turned towards the front of the set, in radians: actors cheat."""
_EASY = math.radians(50)
"""How far a head turns before the body goes with it."""
_ON_A_SEAT = math.radians(30)
"""How far one who sits turns on the seat."""
_EYES_M = 0.93
"""How high the eyes of a standing body are, as a share of its height."""
FROM_CAMERA = frozenset({"camera", "away", "left", "right", "profile"})
"""Ways to face and to look that are told from the camera's side of the set."""


def build_props(
    heap: Props, layout: Layout, seed: int, *, dark: bool
) -> tuple[dict[str, PropMark], dict[str, frozenset[int]]]:
    """Builds what the layout brings; answers the marks of that and of what the place had already, and the things of
    the set that each of them is, by name."""
    marks: dict[str, PropMark] = {}
    parts: dict[str, frozenset[int]] = {}
    own = {
        name: frozenset(index for index, thing in enumerate(heap.things) if thing.kind in kinds)
        for name, kinds in layout.kinds.items()
    }
    for name, mark in layout.props.items():
        if name in layout.built:
            marks[name] = mark
            parts[name] = own.get(name, frozenset())
            continue
        entry = layout.entries[name]
        heap.rng = stream(seed, "prop", name)
        first = len(heap.things)
        marks[name] = replace(
            building.build(heap, entry.what, mark.at, mark.heading_rad, dark=dark, traits=entry.traits), name=name
        )
        if len(heap.things) > first:
            heap.things[first] = Thing(heap.things[first].kind, name)
        parts[name] = frozenset(range(first, len(heap.things)))
    return marks, parts


def build_people(
    heap: Props,
    layout: Layout,
    props: Mapping[str, PropMark],
    said: Mapping[str, Person],
    unseen: str | None,
    seed: int,
    cast: Mapping[str, CastMember],
    lens: Vector | None,
    dark: bool,
) -> tuple[dict[str, PersonMark], dict[str, int]]:
    """Builds the people; answers their marks, and which thing of the set each is, by name.

    ``said``: what the shot at hand says of each, before what the layout knows; ``unseen``: through whose eyes the
    shot looks: marked, not built; ``lens``: where the camera is, once that is known, for those who look there.
    """
    marks: dict[str, PersonMark] = {}
    things: dict[str, int] = {}
    for name, standing in sorted(layout.people.items(), key=lambda pair: pair[1].carried_by is not None):
        entry = said.get(name, standing.entry)
        carried = {known for known, other in layout.people.items() if other.carried_by == name}
        if standing.carried_by is not None:
            standing = _in_arms(standing, marks[standing.carried_by])
        facing = _facing(standing, entry, layout, lens, seed)
        look = _look(standing, entry, facing, layout, props, lens)
        facing = _eased(facing, look, standing, entry)
        looks = looks_for(name, standing.entry, cast, seed)
        before = heap.length
        heap.rng = stream(seed, "body", name)
        index = len(heap.things)
        wearing = (*_costume(name, standing.entry, cast), *map(partial(_as_said, entry.traits), entry.wearing))
        settled = standing.pose in SETTLED or standing.carried_by is not None
        pose = standing.pose if settled else entry.pose or standing.pose
        holding = tuple(what for what in entry.holding if what not in carried)
        held_as = {what: (*layout.held_as.get(what, ()), _as_said(entry.traits, what)) for what in holding}
        action = entry.action or ("sleep" if entry.pose == "sleep" else None)
        joints = person(
            heap, standing.at, facing, pose, standing.height_m, look=look, dark=dark,
            seat_m=standing.seat_m, traits=entry.traits, wearing=wearing, holding=holding, looks=looks,
            held_as=held_as, who=standing.entry.who, action="carry" if carried else action,
        )  # fmt: skip
        mark = PersonMark(
            name=name, at=standing.at, facing_rad=facing, look_rad=facing, height_m=standing.height_m,
            pose=pose, joints=joints,
        )  # fmt: skip
        ears = between(joints["left_ear"], joints["right_ear"])
        nose = joints["nose"]
        level = math.hypot(nose[0] - ears[0], nose[2] - ears[2]) > 0.02
        marks[name] = replace(mark, look_rad=heading_to(ears, nose) if level else facing)
        if name == unseen:
            heap.rewind(before)
            continue
        heap.things[index] = Thing("person", name)
        things[name] = index
    return marks, things


def _in_arms(standing: Standing, by: PersonMark) -> Standing:
    """Where somebody lies who is carried: across the arms, the head on the right one."""
    hands = between(by.joints["left_hand"], by.joints["right_hand"])
    ahead = bodies.towards(by.facing_rad)
    near = max(math.hypot(hands[0] - by.at[0], hands[2] - by.at[2]) - 0.08, 0.22)
    at = (by.at[0] + ahead[0] * near, hands[1] + 0.02, by.at[2] + ahead[2] * near)
    return replace(standing, at=at, facing_rad=by.facing_rad + math.pi / 2)


def _as_said(traits: tuple[str, ...], what: str) -> str:
    """What is worn, with its colour, which the reading has among the traits: a red coat."""
    return next((trait for trait in traits if trait.endswith(f" {what}")), what)


def _costume(name: str, entry: Person, cast: Mapping[str, CastMember]) -> tuple[str, ...]:
    member = cast.get(name) or cast.get(entry.who)
    return member.colours if member else ()


def _eye(standing: Standing) -> Vector:
    """About where the eyes are, before the body is built."""
    sunk = 0.0
    if standing.seat_m is not None:
        sunk = 0.53 * standing.height_m - standing.seat_m - 0.06
    elif standing.pose in ("kneel", "crouch", "crawl"):
        sunk = 0.27 * standing.height_m
    return (standing.at[0], standing.at[1] + _EYES_M * standing.height_m - sunk, standing.at[2])


def _facing(standing: Standing, entry: Person, layout: Layout, lens: Vector | None, seed: int) -> float:
    """The heading of the body in this shot. What is told from the camera is told from the front of the set."""
    facing = standing.facing_rad
    if standing.pose in ("lie", "sleep", "ride") or standing.pose in SETTLED or standing.carried_by is not None:
        return facing
    partner = layout.people.get(standing.partner or "")
    to_partner = heading_to(standing.at, partner.at) if partner else None
    front = heading_to(standing.at, (lens[0], 0.0, lens[2])) if lens else 0.0
    aside = stream(seed, "facing", standing.name).uniform(-0.12, 0.12)
    said = entry.facing
    if said == "away" and is_at_a_door(entry):
        return facing + math.pi + aside  # out of the room, wherever its door is
    if said == "camera":
        return front + aside
    if said == "away":
        return math.pi + aside
    if said in ("left", "right"):
        return math.copysign(math.pi / 2, 1 if said == "right" else -1)
    if said == "profile":
        if entry.look in ("left", "right"):
            return math.copysign(math.pi / 2, 1 if entry.look == "right" else -1)
        to_right = math.sin(to_partner) > 0 if to_partner is not None else aside > 0
        return math.pi / 2 if to_right else -math.pi / 2
    if to_partner is not None:
        if standing.seat_m is not None:  # a seat stands as it stands
            off = math.atan2(math.sin(to_partner - facing), math.cos(to_partner - facing))
            return facing + max(-_ON_A_SEAT, min(_ON_A_SEAT, off))
        if said == "each_other" or standing.pose in ("embrace", "fight", "dance"):
            return to_partner
        # turned a little to the front, which is where cameras are
        return to_partner - _OPEN * (1 if math.sin(to_partner) > 0 else -1) * (abs(math.sin(to_partner)) > 0.3)
    if entry.look in ("left", "right") and standing.seat_m is None:
        return facing + (0.5 if entry.look == "right" else -0.5)
    target = layout.find(entry.looking_at)
    if target is not None and standing.seat_m is None:
        wanted = heading_to(standing.at, target.at) - facing
        return facing + 0.65 * math.atan2(math.sin(wanted), math.cos(wanted))
    return facing


def is_at_a_door(entry: Person) -> bool:
    """Whether somebody is in a door, or before it."""
    where = entry.where
    return where is not None and where.relation in ("in", "in_front_of") and canonical(where.to or "") == "door"


def _eased(facing: float, look: Vector | None, standing: Standing, entry: Person) -> float:
    """The body turned as far as the neck needs to look there, if it is free to turn."""
    if look is None or entry.facing or standing.seat_m is not None or standing.pose in ("lie", "sleep"):
        return facing
    off = heading_to(standing.at, look) - facing
    off = math.atan2(math.sin(off), math.cos(off))
    return facing if abs(off) < _EASY else facing + off - math.copysign(_EASY, off)


def _look(
    standing: Standing, entry: Person, facing: float, layout: Layout, props: Mapping[str, PropMark], lens: Vector | None
) -> Vector | None:
    """The point that the eyes are on; None for straight ahead."""
    if standing.pose in SETTLED:
        return None
    eye = _eye(standing)
    ahead = bodies.towards(facing)
    target = layout.find(entry.looking_at)
    if isinstance(target, Standing) and target.name != standing.name:
        return _eye(target)
    if isinstance(target, PropMark):
        mark = props.get(target.name, target)
        return (mark.at[0], mark.at[1] + min(mark.size_m[1] * 0.6, 2.5), mark.at[2])
    if entry.looking_at in ("camera", "lens", "us") or entry.look == "camera":
        return lens or (0.0, 1.6, 6.0)
    aside: Mapping[str, Vector] = {
        "left": (-4.0, 0.0, 1.6), "right": (4.0, 0.0, 1.6), "away": (0.0, 0.0, -5.0),
    }  # fmt: skip
    if entry.look and entry.look in aside:
        dx, dy, dz = aside[entry.look]
        return (eye[0] + dx, eye[1] + dy, eye[2] + dz)
    if entry.look in ("up", "down"):
        rise = 1.6 if entry.look == "up" else -1.5
        return (eye[0] + 2 * ahead[0], eye[1] + rise, eye[2] + 2 * ahead[2])
    partner = layout.people.get(standing.partner or "")
    return _eye(partner) if partner is not None and entry.facing not in FROM_CAMERA else None
