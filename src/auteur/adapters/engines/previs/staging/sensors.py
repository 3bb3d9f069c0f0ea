"""Cameras that exist: what a sensor exposes, what the frame's shape leaves of it, and what is sharp through a lens.

Sizes of formats, width by height in millimetres, as cinematographers' manuals list them: Super 35 as the 4-perforation
camera aperture (24.89 x 18.66), Super 16 (12.52 x 7.41), 65 mm with 5 and with 15 perforations (52.63 x 23.01 and
70.41 x 52.63), full frame as the stills format (36 x 24), Micro Four Thirds (17.3 x 13). Depth of field: by the
formulas of a thin lens, with a circle of confusion of 1/1500 of the frame's diagonal.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from auteur.adapters.engines.previs.staging.stage import Lens, Sensor

SENSORS: Mapping[str, Sensor] = {
    sensor.name: sensor
    for sensor in (
        Sensor(name="super_35", width_mm=24.89, height_mm=18.66),
        Sensor(name="full_frame", width_mm=36.0, height_mm=24.0),
        Sensor(name="super_16", width_mm=12.52, height_mm=7.41),
        Sensor(name="65mm", width_mm=52.63, height_mm=23.01),
        Sensor(name="65mm_15_perf", width_mm=70.41, height_mm=52.63),
        Sensor(name="micro_four_thirds", width_mm=17.3, height_mm=13.0),
    )
}
"""By name. Focal lengths are always the lens's own, never an equivalent."""
DEFAULT_SENSOR = "super_35"
_CONFUSION = 1 / 1500
ENDLESS_M = 10_000.0
"""From here on a limit of sharpness is told as endless."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharpness:
    """From where to where the picture counts as sharp, in metres from the lens; ``far_m`` None: without end."""

    near_m: float
    far_m: float | None
    hyperfocal_m: float


def frame_mm(sensor: Sensor, aspect: float) -> tuple[float, float]:
    """The largest frame of that shape (width over height) on the sensor: width and height in millimetres."""
    if aspect >= sensor.width_mm / sensor.height_mm:
        return sensor.width_mm, sensor.width_mm / aspect
    return sensor.height_mm * aspect, sensor.height_mm


def mounted(sensor: Sensor, aspect: float, focal_mm: float, stop: float, focus_m: float) -> Lens:
    """The lens on the sensor, with the frame that its shape leaves."""
    width, height = frame_mm(sensor, aspect)
    return Lens(
        sensor=sensor, focal_mm=focal_mm, stop=stop, frame_width_mm=width, frame_height_mm=height, focus_m=focus_m
    )


def sharpness(lens: Lens) -> Sharpness:
    """What is sharp when the lens is focused at `Lens.focus_m`."""
    focal = lens.focal_mm / 1000
    confusion = math.hypot(lens.frame_width_mm, lens.frame_height_mm) / 1000 * _CONFUSION
    hyperfocal = focal * focal / (lens.stop * confusion) + focal
    focus = max(lens.focus_m, focal * 1.05)
    near = hyperfocal * focus / (hyperfocal + focus - 2 * focal) if hyperfocal > focal else focus
    beyond = hyperfocal - focus
    far = (hyperfocal - 2 * focal) * focus / beyond + 0.0 if beyond > 0 else None
    far = None if far is None or far > ENDLESS_M else max(far, focus)
    return Sharpness(near_m=min(near, focus), far_m=far, hyperfocal_m=hyperfocal)
