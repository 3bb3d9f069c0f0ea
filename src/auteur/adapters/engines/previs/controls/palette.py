"""Colours of what a set is made of: those of ADE20K, which segmentation ControlNets were trained on.

Source: the 150 classes of the Scene Parsing Benchmark, Zhou et al., ADE20K, CVPR 2017, in the usual palette.
"""

import itertools
from collections.abc import Iterator, Sequence

from auteur.adapters.engines.previs.staging.props import canonical

Colour = tuple[int, int, int]

_CLASSES: dict[str, Colour] = {
    "wall": (120, 120, 120), "building": (180, 120, 120), "sky": (6, 230, 230), "floor": (80, 50, 50),
    "tree": (4, 200, 3), "ceiling": (120, 120, 80), "road": (140, 140, 140), "bed": (204, 5, 255),
    "windowpane": (230, 230, 230), "cabinet": (224, 5, 255), "sidewalk": (235, 255, 7), "person": (150, 5, 61),
    "earth": (120, 120, 70), "door": (8, 255, 51), "table": (255, 6, 82), "mountain": (143, 255, 140),
    "plant": (204, 255, 4), "chair": (204, 70, 3), "car": (0, 102, 200), "painting": (255, 6, 51),
    "house": (255, 9, 224), "sea": (9, 7, 230), "rug": (255, 9, 92), "fence": (255, 184, 6), "rock": (255, 41, 10),
    "lamp": (224, 255, 8), "railing": (255, 61, 6), "box": (0, 255, 20), "counter": (235, 12, 255),
    "sand": (160, 150, 20), "fireplace": (250, 10, 15), "refrigerator": (20, 255, 0), "bookcase": (0, 255, 245),
    "book": (255, 163, 0), "hill": (255, 102, 0), "bench": (194, 255, 0), "computer": (0, 255, 173),
    "boat": (173, 255, 0), "light": (255, 173, 0), "tower": (255, 184, 184), "streetlight": (0, 71, 255),
    "stool": (0, 214, 255), "tent": (112, 224, 255), "pot": (245, 0, 255), "animal": (255, 0, 122),
    "glass": (25, 194, 194), "curtain": (255, 51, 7), "sofa": (11, 102, 255), "shelf": (255, 7, 71),
    "mirror": (220, 220, 220), "armchair": (8, 255, 214), "seat": (7, 255, 224), "desk": (10, 255, 71),
    "wardrobe": (7, 255, 255), "bathtub": (102, 8, 255), "column": (255, 8, 41), "signboard": (255, 5, 153),
    "chest of drawers": (6, 51, 255), "sink": (0, 163, 255), "grandstand": (31, 255, 0), "path": (255, 31, 0),
    "stairs": (255, 224, 0), "bridge": (255, 82, 0), "case": (0, 0, 255), "base": (255, 122, 8),
}  # fmt: skip

_OF: dict[str, str] = {
    "building": "skyline, barn, church, castle, windmill, tunnel, shop, pit head",
    "house": "cabin, hut, stair house",
    "mountain": "mountains, mesa",
    "hill": "hills, bank, snowdrift, heap",
    "windowpane": "window, opening",
    "sidewalk": "pavement, platform, quay, pier, jetty, lines, crossing",
    "rock": "cliff, gravestone, grave, breakwater, rock face, stalactite, crater",
    "sand": "dune, sandpit, sandbags",
    "plant": (
        "cactus, bush, hay bale, wheat, hedge, potted plant, bread, apple, orange, flower, flower bed, bouquet, "
        "stump, log, scarecrow"
    ),
    "tree": "pine, poplar, birch, palm",
    "tower": "church tower, lighthouse, water tower, mast, flag, pole, aerial, windmill tower",
    "railing": (
        "skirting, rail, bars, guardrail, fire escape, wire, bunting, rope bridge, coat rack, rack, gate, ladder"
    ),
    "cabinet": (
        "cupboard, console, goods, stove, vending machine, machine, cash register, pump, dumpster, mailbox, "
        "phone box, bin, bucket, coffin, punch bag"
    ),
    "painting": "picture, photograph, banner, poster, mounted head, blackboard, panel, tools",
    "streetlight": "street lamp, lamp post, traffic light, floodlight",
    "light": "candle, bulb, torch, lantern, flashlight, hanging lamp, chandelier, table lamp, neon sign",
    "fireplace": "campfire, fire",
    "glass": "cup, wine glass, bottle, plate, bowl, vase, flask",
    "computer": (
        "phone, laptop, tv, telephone, radio, typewriter, camera, departures board, clock, wall clock, microphone, drip"
    ),
    "animal": (
        "horse, dog, wolf, fox, cat, cow, sheep, goat, pig, deer, bear, elephant, lion, bird, chicken, fish, rabbit, "
        "rat, snake, teddy bear"
    ),
    "car": (
        "taxi, police car, van, police van, ambulance, truck, bus, bicycle, motorcycle, train, mine cart, cart, "
        "pram, wheelchair, helicopter, plane, spaceship"
    ),
    "boat": "sailboat, trawler, ship",
    "bench": "pew, altar",
    "bed": "hospital bed, bunk, stretcher",
    "chair": "office chair, school desk, throne, swing, cooler",
    "stool": "low stool, tyre",
    "table": "round table, low table, night table, market stall, piano, grand piano, chessboard, lectern, ring",
    "desk": "judge's bench",
    "sink": "basin, toilet",
    "signboard": "sign, traffic cone, goal",
    "fence": "low wall, post, parapet, jury box",
    "book": "newspaper, letter, map, ticket",
    "stairs": "steps, slide",
    "grandstand": "tribune, stage",
    "column": "rib, statue, fountain, well, arch, cross, pipe, vent, trophy",
    "case": "suitcase, bag, backpack, basket",
    "rug": "cloth, mat",
    "road": "track, runway",
    "sea": "ice",
    "ceiling": "roof",
    "floor": "deck",
    "base": "cabin wall",
}
_KINDS: dict[str, str] = {kind: name for name, kinds in _OF.items() for kind in kinds.split(", ")}
"""What a kind of thing comes nearest to. Boxes are what hands carry, and what nobody knows."""

_STEP = 18


def class_of(kind: str) -> str:
    """The class of ADE20K that a kind of thing comes nearest to."""
    for called in (kind, canonical(kind) or ""):
        name = _KINDS.get(called, called)
        if name in _CLASSES:
            return name
    return "box"


def colours(classes: Sequence[str]) -> list[Colour]:
    """A colour for each, all different: its class's, and for the second of a class one that is a small step off.

    The step is what tells two people apart by their colour alone, and small enough that a model sees people.
    """
    taken = set(_CLASSES.values())
    near = {name: _near(_CLASSES[name]) for name in set(classes)}
    given: list[Colour] = []
    for index, name in enumerate(classes):
        first = name not in classes[:index]
        colour = _CLASSES[name] if first else next(colour for colour in near[name] if colour not in taken)
        taken.add(colour)
        given.append(colour)
    return given


def _near(middle: Colour) -> Iterator[Colour]:
    """All colours in steps around the middle, the nearest first."""
    for reach in range(1, 256 // _STEP):
        steps = range(-reach, reach + 1)
        for r, g, b in itertools.product(steps, steps, steps):
            colour = middle[0] + r * _STEP, middle[1] + g * _STEP, middle[2] + b * _STEP
            if max(abs(r), abs(g), abs(b)) == reach and all(0 <= part <= 255 for part in colour):
                yield colour
