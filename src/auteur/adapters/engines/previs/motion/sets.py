"""From parameters to a shot and its stage, for what moves."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from auteur.adapters.engines.previs.reading import shot as seam
from auteur.adapters.engines.previs.reading.reader import read
from auteur.adapters.engines.previs.staging.blocking import SENSOR_WIDTH_MM, block
from auteur.adapters.engines.previs.staging.stage import Lens, PersonMark, Sensor, Stage

_SIZES = {"cowboy": "medium_wide", "two_shot": "medium", "over_the_shoulder": "medium_close_up", "insert": "close_up"}


def staged(params: Mapping[str, Any]) -> tuple[seam.Shot, Stage]:
    """Reads and blocks what effective parameters ask for."""
    overrides = {name: params.get(name) for name in ("angle", "lens_mm", "time_of_day", "weather", "place")}
    old = read(params["prompt"], size=params.get("shot"), **overrides)
    aspect = params["width_px"] / params["height_px"]
    world, camera = block(old, aspect, params["seed"])
    people = []
    for number, figure in enumerate(world.figures, 1):
        feet = (np.array(figure.joints["left_ankle"]) + np.array(figure.joints["right_ankle"])) / 2
        across = np.array(figure.joints["left_shoulder"]) - np.array(figure.joints["right_shoulder"])
        facing = float(np.arctan2(-across[2], across[0]))
        people.append(
            PersonMark(
                name=f"person {number}",
                at=(float(feet[0]), 0.0, float(feet[2])),
                facing_rad=facing,
                look_rad=facing,
                height_m=1.76,
                pose=old.pose or "stand",
                joints=figure.joints,
            )
        )
    lens = Lens(
        sensor=Sensor(name="Super 35", width_mm=SENSOR_WIDTH_MM, height_mm=18.66),
        focal_mm=camera.focal * SENSOR_WIDTH_MM,
        stop=old.f_stop,
        frame_width_mm=SENSOR_WIDTH_MM,
        frame_height_mm=SENSOR_WIDTH_MM / aspect,
        focus_m=camera.focus_m,
    )
    shot = seam.Shot(size=_SIZES.get(old.size, old.size), lens_mm=old.lens_mm)
    return shot, Stage(world=world, camera=camera, lens=lens, people=tuple(people), assumed={})
