"""A stage and a camera's way as plain data: equal to what was staged, and where the camera says that it is seen."""

import json
import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from auteur.adapters.engines.previs.controls.camera import describe, project
from auteur.adapters.engines.previs.controls.staged import camera_track, describe_stage
from auteur.adapters.engines.previs.rendering.world import Camera, Set, Sky
from auteur.adapters.engines.previs.staging.stage import Lens, PersonMark, PropMark, Sensor, Stage

LENS = Lens(
    sensor=Sensor(name="super_35", width_mm=24.89, height_mm=18.66),
    focal_mm=50.0, stop=4.0, frame_width_mm=24.89, frame_height_mm=14.0, focus_m=3.0,
)  # fmt: skip
CAMERA = Camera(at=(0.4, 1.6, 3.0), target=(0.0, 1.5, 0.0), focal=50 / 24.89, roll=0.1, focus_m=3.0)
SKY = Sky(zenith=(0, 0, 1), horizon=(1, 1, 1), sun=(0, 1, 0), sun_color=(1, 1, 1))


def stage() -> Stage:
    maria = PersonMark(
        name="Maria", at=(0.1, 0.0, 0.2), facing_rad=math.pi, look_rad=-3 * math.pi, height_m=1.7, pose="stand",
        joints={"left_eye": (0.13, 1.6, 0.2), "right_eye": (0.07, 1.6, 0.2)},
    )  # fmt: skip
    behind = replace(maria, name="Tom", at=(0.0, 0.0, 6.0), facing_rad=math.radians(350), joints={})
    table = PropMark(name="table", at=(1.0, 0.0, -1.0), heading_rad=0.5, size_m=(1.2, 0.75, 0.8))
    return Stage(
        world=Set(forms=(), lights=(), sky=SKY, ground=None), camera=CAMERA, lens=LENS, people=(maria, behind),
        props=(table,), walls=((-2.0, -2.0, 2.0, -2.0),), assumed={},
    )  # fmt: skip


def test_a_stage_is_told_as_json_that_says_who_stands_where_and_is_seen_where() -> None:
    told = describe_stage(stage(), 640, 360)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    maria, tom = told["people"]
    assert (maria["name"], maria["facing_deg"], maria["look_deg"]) == ("Maria", 180.0, 180.0)
    assert maria["eyes_m"] == [0.1, 1.6, 0.2]
    x, y, _ = project(np.array([[0.1, 1.6, 0.2]]), CAMERA, 640, 360)[0]
    assert maria["frame"] == pytest.approx([x / 640, y / 360], abs=1e-5)
    assert maria["in_frame"]
    assert tom["facing_deg"] == -10.0
    assert tom["frame"] is None
    assert not tom["in_frame"]
    assert told["walls_m"] == [[-2.0, -2.0, 2.0, -2.0]]
    assert told["lens"]["sensor_width_mm"] == 24.89


def test_a_camera_s_way_has_a_sample_a_frame_that_says_what_the_camera_says() -> None:
    cameras = [replace(CAMERA, at=(0.4, 1.6, 3.0 - 0.1 * n), focal=CAMERA.focal * (1 + n / 10)) for n in range(5)]
    track = camera_track(cameras, LENS, Fraction(24000, 1001), 640, 360)
    assert (track["rate"], track["frames"]) == ("24000/1001", 5)
    for camera, sample in zip(cameras, track["samples"], strict=True):
        told = describe(camera, 640, 360)
        assert sample["position_m"] == told["position_m"]
        assert sample["rotation"] == told["rotation"]
        assert sample["focal_mm"] == pytest.approx(camera.focal * 24.89)
