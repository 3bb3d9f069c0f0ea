"""Shots by chance, as a reader could return them: what the geometry of a frame is tried on."""

import random

from auteur.adapters.engines.previs.reading.shot import OverShoulder, Person, PlaceRead, Prop, Shot, Where

ASPECTS = (9 / 16, 1.0, 4 / 3, 16 / 9, 1.85, 2.39)
NAMES = ("Ada", "Ben", "Clara", "Dana", "Elias", "woman", "man", "boy", "girl", "nurse")
PLACES = (
    ("kitchen", "INT"),
    ("room", "INT"),
    ("corridor", "INT"),
    ("street", "EXT"),
    ("field", "EXT"),
    ("desert", "EXT"),
)
SIZES = ("extreme_close_up", "close_up", "medium_close_up", "medium", "medium_wide", "full", "wide", "extreme_wide")
PROPS = ("table", "chair", "bench", "lamp", "car", "tree", "cup", "book", "phone")
SMALL = ("cup", "book", "phone")
KINDS = ("none", "none", "none", "single", "two_shot", "group", "over_the_shoulder", "insert", "pov", "establishing")


def draw(seed: int) -> tuple[Shot, float]:
    """A shot and the shape of its frame."""
    rng = random.Random(seed)
    kind = rng.choice(KINDS)
    names = rng.sample(NAMES, 6)
    count = {"none": rng.choice((0, 1, 1, 1, 2, 2, 3)), "single": 1, "two_shot": 2, "group": rng.randint(3, 6),
             "over_the_shoulder": 2, "insert": rng.choice((0, 1, 2)), "pov": 1, "establishing": 0}[kind]  # fmt: skip
    people = [_person(rng, name, kind, count) for name in names[:count]]
    things = _things(rng, kind)
    if kind == "group" and rng.random() < 0.5:
        people = [Person(who="miner", count=count)]
    lens = rng.choice((None, None, 18, 24, 28, 35, 50, 85, 135))
    size = rng.choice((None, *SIZES)) if kind in ("none", "single") else None
    if kind == "two_shot":
        size = rng.choice((None, "medium", "medium_wide", "full", "wide"))
    if kind == "over_the_shoulder":
        size = rng.choice((None, None, "medium_close_up", "medium"))
        lens = rng.choice((None, 50, 65, 85))
    if kind == "insert":
        lens = rng.choice((None, 50, 85, 100))
    angle = (
        rng.choice((None, None, None, "eye", "low", "high", "overhead", "worms_eye"))
        if kind in ("none", "single")
        else None
    )
    place, side = rng.choice(PLACES)
    plain = kind in ("none", "single")
    return Shot(
        size=size, kind=() if kind == "none" else (kind,), angle=angle, dutch=rng.random() < 0.08, lens_mm=lens,
        camera_height=rng.choice((None,) * 7 + ("knee", "hip", 1.2)) if plain and angle is None else None,
        over_shoulder=OverShoulder(of=names[0], on=names[1]) if kind == "over_the_shoulder" else None,
        pov_of="Leo" if kind == "pov" else None, people=tuple(people), props=tuple(things),
        place=PlaceRead(name=place), int_ext=side, time_of_day=rng.choice((None, "night", "day", "golden_hour")),
        without=rng.choice(((), (), ("car",))),
    ), rng.choice(ASPECTS)  # fmt: skip


def _person(rng: random.Random, name: str, kind: str, count: int) -> Person:
    pose = (
        rng.choice((None, None, None, "stand", "walk", "sit", "kneel", "lie")) if kind in ("none", "single") else None
    )
    side = rng.choice((None, None, "left", "right")) if count == 1 and kind in ("none", "single") else None
    facing = rng.choice((None, None, None, "camera", "profile")) if count == 1 and pose != "lie" else None
    look = rng.choice(("left", "right")) if facing == "profile" else None
    return Person(who=name, pose=pose, side=side, facing=facing, look=look)


def _things(rng: random.Random, kind: str) -> list[Prop]:
    if kind == "insert":
        what = rng.choice(SMALL)
        return [Prop(what=what, relation="on", to="table"), Prop(what="table")]
    if rng.random() < 0.55:
        return []
    things = [Prop(what=what) for what in rng.sample(PROPS, rng.choice((1, 1, 2)))]
    if any(prop.what == "table" for prop in things) and rng.random() < 0.6:
        things.append(Prop(what="candle", relation="on", to="table"))
    return things


def with_relation(seed: int) -> Shot:
    """A shot whose people are told from a thing."""
    rng = random.Random(seed)
    relation = rng.choice(("beside", "behind", "in_front_of", "left_of", "right_of"))
    place, side = rng.choice(PLACES)
    thing = rng.choice(("table", "bench", "lamp", "car", "tree", "rock"))
    return Shot(
        people=(Person(who=rng.choice(NAMES), where=Where(relation=relation, to=thing)),),
        props=(Prop(what=thing),), place=PlaceRead(name=place), int_ext=side,
    )  # fmt: skip
