"""Colours of what a set is made of: those of ADE20K, which segmentation ControlNets were trained on.

Source: the 150 classes of the Scene Parsing Benchmark, Zhou et al., ADE20K, CVPR 2017, in the usual palette.
"""

import itertools
from collections.abc import Iterator, Sequence

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
    "glass": (25, 194, 194),
}  # fmt: skip

_KINDS: dict[str, str] = {
    "skyline": "building", "mountains": "mountain", "hills": "hill", "window": "windowpane", "pavement": "sidewalk",
    "cliff": "rock", "dune": "sand", "mesa": "mountain", "cactus": "plant", "bush": "plant", "hay bale": "plant",
    "church tower": "tower", "lighthouse": "tower", "skirting": "railing", "cupboard": "cabinet", "picture": "painting",
    "street lamp": "streetlight", "candle": "light", "campfire": "fireplace", "cup": "glass", "phone": "computer",
    "horse": "animal", "dog": "animal",
}  # fmt: skip

_STEP = 18


def class_of(kind: str) -> str:
    """The class of ADE20K that a kind of thing comes nearest to."""
    name = _KINDS.get(kind, kind)
    return name if name in _CLASSES else "box"


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
