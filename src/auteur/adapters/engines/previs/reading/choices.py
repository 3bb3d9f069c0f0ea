"""What a parameter may say of a shot in place of its words, and the words that say each: names alone.

A service tells of them and checks them; none of it needs the reader.
"""

from collections.abc import Mapping
from typing import Any

from auteur.adapters.engines.previs.reading.shot import (
    ANGLES,
    KINDS,
    LIGHTS,
    MOVES,
    SEASONS,
    SIZES,
    TIMES_OF_DAY,
    WEATHERS,
)

FORMER_SIZES = {"cowboy": "medium_wide"}
"""By the name of an earlier release, the size that it is now."""
FORMER_TIMES = {"golden": "golden_hour"}
ROLLED = "dutch"
"""An angle that is none of the camera's axis: it rolls."""

SHOT_NAMES = (*SIZES, *(kind for kind in KINDS if kind not in ("group", "pov", "reaction")), *FORMER_SIZES)
"""What the parameter ``shot`` may say: a size, a kind of shot, or a name of earlier releases."""
ANGLE_NAMES = (*ANGLES, ROLLED)
TIME_NAMES = (*TIMES_OF_DAY, *FORMER_TIMES)
WEATHER_NAMES = WEATHERS
PLACE_NAMES = (
    "kitchen",
    "corridor",
    "room",
    "coast",
    "desert",
    "village",
    "forest",
    "mountain",
    "city",
    "field",
    "alley",
    "attic",
    "ballroom",
    "bar",
    "bathroom",
    "beach",
    "bedroom",
    "boat",
    "bridge",
    "bus",
    "cafe",
    "car",
    "cellar",
    "cemetery",
    "church",
    "courtroom",
    "court",
    "diner",
    "factory",
    "garage",
    "garden",
    "harbour",
    "hospital",
    "hotel",
    "lake",
    "library",
    "living room",
    "market",
    "meadow",
    "museum",
    "office",
    "park",
    "parking lot",
    "pier",
    "platform",
    "restaurant",
    "river",
    "road",
    "roof",
    "rooftop",
    "school",
    "shop",
    "square",
    "stage",
    "stairwell",
    "station",
    "street",
    "theatre",
    "train",
    "tunnel",
    "van",
    "warehouse",
)
"""What the parameter ``place`` may say; words may say more."""

_SAID: Mapping[str, Mapping[str, str]] = {
    "size": {"close_up": "close-up", "extreme_close_up": "extreme close-up", "medium_close_up": "medium close-up",
             "medium": "medium shot", "medium_wide": "medium wide shot", "full": "full shot", "wide": "wide shot",
             "extreme_wide": "extreme wide shot"},
    "kind": {"single": "clean single", "two_shot": "two-shot", "three_shot": "three-shot", "group": "group shot",
             "over_the_shoulder": "over-the-shoulder", "pov": "POV", "insert": "insert shot",
             "establishing": "establishing shot", "master": "master shot", "reaction": "reaction shot",
             "aerial": "aerial shot"},
    "angle": {"eye": "eye level", "low": "low angle", "high": "high angle", "worms_eye": "worm's eye"},
    "weather": {"clear": "clear sky"},
    "light": {"rim": "rim light", "side": "side light", "top": "top light", "hard": "hard light", "soft": "soft light",
              "low_key": "low-key", "high_key": "high-key", "natural": "natural light", "practical": "practical lights",
              "candle": "candlelight", "fire": "firelight", "torch": "torchlight", "lamp": "lamplight",
              "window": "window light", "moon": "moonlight", "screen": "screen glow", "shafts": "shafts of light",
              "flicker": "flickering light"},
    "moves": {"static": "static camera", "truck": "lateral dolly", "tracking": "tracking shot"},
}  # fmt: skip
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "size": tuple(reversed(SIZES)), "kind": KINDS, "angle": ANGLES, "moves": MOVES, "time_of_day": TIMES_OF_DAY,
    "weather": WEATHERS, "season": SEASONS, "light": LIGHTS,
}  # fmt: skip

VOCABULARY: Mapping[str, Mapping[str, str]] = {
    **{
        field: {name: _SAID.get(field, {}).get(name, name.replace("_", " ")) for name in names}
        for field, names in _FIELDS.items()
    },
    "lens_mm": {str(mm): f"{mm} mm" for mm in (18, 24, 28, 35, 50, 75, 85, 100, 135)},
    "stop": {stop: f"f/{stop}" for stop in ("1.4", "2", "2.8", "4", "5.6", "8", "11", "16")},
}
"""By field, what a shot may have there, each with words that say it. Of size, angle, time, season, lens and stop the
first words count; the others add up."""

OFFERED: dict[str, Any] = {
    field: [{"name": name, "words": words} for name, words in names.items()] for field, names in VOCABULARY.items()
}
"""The same as lists, which keep their order in a JSON Schema."""
