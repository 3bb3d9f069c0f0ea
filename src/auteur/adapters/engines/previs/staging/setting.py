"""Chooses the set for a place, and lights it: what the forms of a shot stand in."""

import random
from collections.abc import Sequence

from auteur.adapters.engines.previs.reading.reader import Shot as OldShot
from auteur.adapters.engines.previs.reading.shot import Shot
from auteur.adapters.engines.previs.rendering.forms import Form, Material
from auteur.adapters.engines.previs.rendering.world import Camera, Set
from auteur.adapters.engines.previs.staging.materials import Props
from auteur.adapters.engines.previs.staging.oldblocking import _sky, _weather
from auteur.adapters.engines.previs.staging.places import PLACES, Place

_NEAR = {
    "kitchen": "kitchen", "bar": "kitchen", "cafe": "kitchen", "corridor": "corridor", "tunnel": "corridor",
    "street": "city", "alley": "city", "market": "city", "road": "desert", "harbour": "coast", "beach": "coast",
    "lake": "coast", "pier": "coast", "dune": "desert", "bridge": "mountain", "park": "field", "cemetery": "field",
    "square": "village", "rooftop": "city",
}  # fmt: skip


def build_place(heap: Props, shot: Shot, dark: bool) -> Place:
    """Builds the place that the shot names, or one like it."""
    name = shot.place.name if shot.place else ""
    known = name if name in PLACES else _NEAR.get(name, "room" if shot.int_ext == "INT" else "field")
    return PLACES[known](heap, dark)


def light_set(
    shot: Shot,
    whole: Shot,
    place: Place,
    heap: Props,
    forms: Sequence[Form],
    camera: Camera,
    dark: bool,
    rng: random.Random,
) -> Set:
    """The lit set."""
    said = whole.time_of_day or "day"
    time_of_day = {"golden_hour": "golden", "evening": "dusk", "blue_hour": "dusk"}.get(said, said)
    weather = next((w for w in whole.weather if w in ("overcast", "fog", "rain", "storm", "snow")), "clear")
    interior = whole.int_ext == "INT" or (
        whole.int_ext is None and (whole.place.name if whole.place else "") in ("kitchen", "room", "corridor")
    )
    old = OldShot(
        size="wide", angle="eye", lens_mm=50, f_stop=4, time_of_day=time_of_day,
        weather=weather, interior=interior, place="field", people=0, pose=None, props=(), move=None, said=(),
    )  # fmt: skip
    sky, exposure = _sky(old, place, camera, rng)
    sky, haze, haze_color, exposure, fall = _weather(old, sky, exposure)
    ground = place.ground
    if fall == "snow" and ground is not None and not interior:
        ground = Material((0.72, 0.75, 0.8), pattern="earth", scale=20)
    return Set(
        forms=tuple(forms), lights=tuple(heap.lights[:8]), sky=sky, ground=ground,
        haze=0.0 if interior else haze, haze_color=haze_color, sea_z=place.sea_z, stage_m=6.0 if interior else 20.0,
        exposure=exposure * (1.15 if interior else 1), bounce=0.3 if interior else 0.14,
        fall=None if interior else fall, things=tuple(heap.things), figures=tuple(heap.figures),
    )  # fmt: skip
