"""Blocks a shot: turns what was understood into a set of simple forms, a camera and a sky."""

import math
import random

import numpy as np

from auteur.adapters.engines.previs.reading.reader import Shot
from auteur.adapters.engines.previs.rendering.forms import Material, Vector
from auteur.adapters.engines.previs.rendering.world import Camera, Set, Sky
from auteur.adapters.engines.previs.staging.materials import WOOD, Props, mix, scaled
from auteur.adapters.engines.previs.staging.people import person
from auteur.adapters.engines.previs.staging.places import PLACES, Place
from auteur.adapters.engines.previs.staging.props import BUILD, LARGE, ON_A_TABLE, street_lamp

SENSOR_WIDTH_MM = 24.89
"""Super 35, 4-perf."""

# --- light ------------------------------------------------------------------------------------------------------------

# time of day: zenith, horizon, sun colour, sun height in degrees, exposure, stars
_TIMES: dict[str, tuple[Vector, Vector, Vector, float, float, float]] = {
    "dawn": ((0.16, 0.24, 0.45), (0.95, 0.55, 0.42), (2.2, 1.15, 0.65), 6, 0.8, 0.0),
    "morning": ((0.2, 0.38, 0.75), (0.75, 0.78, 0.8), (3.0, 2.5, 1.9), 27, 0.62, 0.0),
    "day": ((0.17, 0.36, 0.8), (0.68, 0.78, 0.9), (3.3, 3.0, 2.6), 48, 0.5, 0.0),
    "noon": ((0.14, 0.34, 0.82), (0.7, 0.8, 0.92), (3.8, 3.6, 3.2), 74, 0.4, 0.0),
    "afternoon": ((0.2, 0.36, 0.7), (0.8, 0.74, 0.66), (3.2, 2.6, 1.8), 30, 0.6, 0.0),
    "golden": ((0.2, 0.26, 0.46), (1.15, 0.56, 0.22), (3.4, 1.5, 0.5), 7, 0.72, 0.0),
    "dusk": ((0.03, 0.055, 0.17), (0.5, 0.2, 0.14), (0.6, 0.22, 0.12), 1.5, 0.85, 0.0),
    "night": ((0.006, 0.011, 0.03), (0.022, 0.034, 0.065), (0.13, 0.17, 0.26), 38, 2.3, 1.0),
}
_DARK = frozenset({"dusk", "night", "dawn"})


def _weather(shot: Shot, sky: Sky, exposure: float) -> tuple[Sky, float, Vector, float, str | None]:
    """Sky, haze per metre, its colour, exposure, what falls."""
    grey = sum(sky.horizon) / 3
    veil = mix(sky.horizon, (grey, grey, grey * 1.05), 0.6)
    dull: dict[str, tuple[float, float, float, float, str | None]] = {
        # how grey, how much sun is left, haze, clouds, what falls
        "clear": (0.0, 1.0, 0.0012, 0.35, None),
        "overcast": (0.75, 0.18, 0.004, 0.0, None),
        "fog": (0.85, 0.15, 0.045, 0.0, None),
        "rain": (0.8, 0.14, 0.014, 0.0, "rain"),
        "storm": (0.85, 0.1, 0.01, 1.0, "rain"),
        "snow": (0.75, 0.25, 0.016, 0.0, "snow"),
    }
    grade, sun, haze, clouds, fall = dull[shot.weather]
    dim = 0.55 if shot.weather == "storm" else 0.85 if grade else 1.0
    changed = Sky(
        zenith=scaled(mix(sky.zenith, veil, grade), dim),
        horizon=scaled(mix(sky.horizon, veil, grade), dim),
        sun=sky.sun,
        sun_color=scaled(sky.sun_color, sun),
        sun_size=sky.sun_size if sun > 0.5 else 0.25,
        clouds=clouds,
        stars=sky.stars * (sun > 0.5),
        disc=1.0 if sun > 0.5 else 0.0,
        ridges=tuple((h, r, mix(c, veil, min(haze * 14, 0.85))) for h, r, c in sky.ridges),
    )
    return changed, haze, scaled(veil, dim), exposure * (1.1 if grade else 1.0), fall


# share of the subject's height that fills the frame's height; how far up the subject the camera looks
_FRAMING = {
    "extreme_close_up": (0.15, 0.925), "close_up": (0.3, 0.9), "medium_close_up": (0.46, 0.84), "medium": (0.66, 0.76),
    "cowboy": (0.86, 0.66), "two_shot": (0.72, 0.76), "over_the_shoulder": (0.5, 0.86), "full": (1.28, 0.52),
    "wide": (3.1, 0.62), "extreme_wide": (7.5, 0.8), "insert": (0.9, 0.5),
}  # fmt: skip


def block(shot: Shot, aspect: float, seed: int) -> tuple[Set, Camera]:
    """Builds the set and places the camera as a real one would be. ``aspect``: width over height.

    Deterministic: the same shot, aspect and seed give the same set.
    """
    rng = random.Random(seed)
    heap = Props(rng)
    dark = shot.time_of_day in _DARK or shot.weather == "storm"
    place = PLACES[shot.place](heap, dark)
    subject, height, facing_at = _cast(heap, shot, dark)
    camera, distance = _place_camera(shot, subject, height, facing_at, aspect, rng)
    sky, exposure = _sky(shot, place, camera, rng)
    sky, haze, haze_color, exposure, fall = _weather(shot, sky, exposure)
    ground = place.ground
    if fall == "snow" and ground is not None and not shot.interior:
        ground = Material((0.72, 0.75, 0.8), pattern="earth", scale=20)
    if shot.interior:
        haze = 0.0 if shot.weather != "fog" else 0.05
        fall = None
        exposure *= 1.15
    stage = {"room": 5.0, "kitchen": 5.0, "corridor": 8.0}.get(shot.place, min(max(distance * 0.8, 12.0), 60.0))
    world = Set(
        forms=tuple(heap.forms),
        lights=tuple(heap.lights[:8]),
        sky=sky,
        ground=ground,
        haze=haze,
        haze_color=haze_color,
        sea_z=place.sea_z,
        stage_m=stage,
        exposure=exposure,
        bounce=0.3 if shot.interior else 0.14,
        fall=fall,
        things=tuple(heap.things),
        figures=tuple(heap.figures),
    )
    return world, camera


def _cast(s: Props, shot: Shot, dark: bool) -> tuple[Vector, float, Vector]:
    """Puts props and people on their marks; answers the subject's foot, its height, and where it looks."""
    rng = s.rng
    spots = [(0.0, 0.0), (2.6, -1.2), (-2.8, -1.6), (4.2, -3.2), (-4.4, -3.0), (1.4, -4.0)]
    if shot.interior:
        spots = [(0.0, -0.4), (1.7, -1.3), (-1.7, -1.5), (1.9, 0.3), (-1.9, 0.2), (0.4, -1.9)]
    small = [prop for prop in shot.props if prop in ON_A_TABLE]
    props = [prop for prop in shot.props if prop in BUILD]
    if small and "table" not in props:
        props.append("table")
    if shot.place == "kitchen" and "table" not in props:
        props.append("table")
    main = next((prop for prop in props if prop in LARGE), props[0] if props else None)
    subject: Vector = (0.0, 0.0, 0.0)
    height = 1.76
    if main in LARGE and not shot.interior:
        back = 0.0 if not shot.people else -14.0 if main != "tree" else -5.0
        side = rng.uniform(-2, 2) if not shot.people else rng.choice((-1, 1)) * 6.0
        tall = BUILD[main](s, side, back, dark)
        if not shot.people:
            subject, height = (side, 0.0, back), tall
        props.remove(main)
    free = list(spots)
    if shot.people:
        free = free[1:]
    for index, prop in enumerate(props[:5]):
        x, z = free[index % len(free)]
        if prop == "boat" and shot.place == "coast":
            z -= 17
        if prop == "car" and shot.place == "city":
            z -= 3
        if prop == "lamp" and not shot.interior:
            tall = street_lamp(s, x, z, True)
        else:
            tall = BUILD[prop](s, x, z, dark or shot.interior)
        if prop == "table":
            for k, thing in enumerate(small):
                ON_A_TABLE[thing](s, x - 0.35 + 0.3 * k, z + 0.18, dark)
        if not shot.people and index == 0 and height == 1.76:
            subject, height = (x, 0.0, z), max(tall, 0.4)
            if shot.size == "insert" and small:
                subject, height = (x - 0.35, 0.72, z + 0.18), 0.26
    if not shot.people and not props and main is None:
        height = 3.2 if not shot.interior else 2.0
    looks = _people(s, shot)
    return subject, height, looks


def _people(s: Props, shot: Shot) -> Vector:
    rng = s.rng
    turn = rng.uniform(-0.5, 0.5)
    pose = shot.pose or rng.choice(("stand", "stand", "walk"))
    sitting = pose in ("sit", "lie")
    if shot.size == "over_the_shoulder":
        person(s, (0.0, 0.0, 0.0), rng.uniform(-0.15, 0.15), pose)
        person(s, (0.62, 0.0, 1.0), math.pi + 0.5, pose)
        return (0.0, 0.0, 1.0)
    for index in range(shot.people):
        if shot.people == 1:
            at, facing = (0.0, 0.0, 0.0), turn
        elif shot.people == 2:
            side = -1 if index == 0 else 1
            at, facing = (0.42 * side, 0.0, rng.uniform(-0.1, 0.1)), -side * rng.uniform(0.45, 0.9)
        else:
            row = index % 4
            at = ((row - 1.5) * 0.85 + rng.uniform(-0.2, 0.2), 0.0, -0.95 * (index // 4) + rng.uniform(-0.25, 0.25))
            facing = rng.uniform(-0.4, 0.4)
        if sitting:
            with s.thing("stool"):
                s.box((at[0], 0, at[2] - 0.05), (0.5, 0.42, 0.46), WOOD, turn=facing)
        person(s, at, facing, pose, rng.uniform(1.62, 1.86))
    return (math.sin(turn), 0.0, math.cos(turn))


def _place_camera(
    shot: Shot, subject: Vector, height: float, looks: Vector, aspect: float, rng: random.Random
) -> tuple[Camera, float]:
    share, up = _FRAMING[shot.size]
    if shot.people and shot.size in ("wide", "extreme_wide") and not shot.interior and shot.props:
        share *= 1.35  # leave room for what stands around them
    if not shot.people and height > 3:
        share = {"wide": 1.5, "extreme_wide": 3.0}.get(shot.size, share)
        up = 0.5
    if shot.interior:
        share = min(share, 1.9)
    frame_m = height * share
    focal = shot.lens_mm / SENSOR_WIDTH_MM
    width_m = frame_m * aspect
    distance = max(width_m * focal, 0.35)
    if shot.interior:
        distance = min(distance, 7.5 if shot.place != "corridor" else 9.0)
    seated = 0.3 if shot.pose in ("sit", "lie") and shot.people else 0.0
    look = height * up - seated * (height / 1.76)
    around = {"over_the_shoulder": 0.12}.get(shot.size, rng.uniform(-0.42, 0.42) * (0.5 if shot.interior else 1.0))
    lift, look_up = {
        "low": (-0.24, 0.1), "high": (0.55, -0.05), "overhead": (1.42, 0.0), "dutch": (0.02, 0.0),
    }.get(shot.angle, (0.02 if height < 4 else -0.015, 0.0))  # fmt: skip
    target = np.array([subject[0], subject[1] + look + look_up * frame_m, subject[2]])
    thirds = rng.choice((-1, 1)) * (0.13 if shot.people == 1 or height > 3 else 0.04) * width_m
    if shot.size in ("wide", "extreme_wide"):
        target[0] += thirds
        target[1] += 0.06 * frame_m
    away = np.array([math.sin(around) * math.cos(lift), math.sin(lift), math.cos(around) * math.cos(lift)])
    at = target + away * distance
    if shot.angle == "eye":
        at[1] = max(min(at[1], 1.7 if height < 4 else 2.4), 0.5 if height < 1.0 else 1.0)
        if shot.people and shot.size not in ("wide", "extreme_wide", "full"):
            at[1] = target[1] + 0.02
    at[1] = max(at[1], 0.16)
    aperture = shot.lens_mm / 1000 / shot.f_stop
    camera = Camera(
        at=(float(at[0]), float(at[1]), float(at[2])),
        target=(float(target[0]), float(target[1]), float(target[2])),
        focal=focal,
        roll=rng.choice((-1, 1)) * 0.21 if shot.angle == "dutch" else 0.0,
        aperture_m=aperture,
        focus_m=distance,
    )
    return camera, distance


def _sky(shot: Shot, place: Place, camera: Camera, rng: random.Random) -> tuple[Sky, float]:
    zenith, horizon, sun_color, high, exposure, stars = _TIMES[shot.time_of_day]
    ahead = math.atan2(camera.target[0] - camera.at[0], -(camera.target[2] - camera.at[2]))
    low = high < 12
    # a low sun is in the picture or just out of it; a high one lights from the side
    azimuth = ahead + rng.choice((-1, 1)) * (rng.uniform(0.12, 0.3) if low else rng.uniform(0.9, 2.1))
    rise = math.radians(high)
    sun: Vector = (
        math.sin(azimuth) * math.cos(rise),
        math.sin(rise),
        -math.cos(azimuth) * math.cos(rise),
    )
    if shot.interior:  # the key comes over the camera's shoulder, as from a lamp on the grid
        key = rng.choice((-1, 1)) * rng.uniform(0.7, 1.1)
        sun = (math.sin(key) * 0.7, 0.75, math.cos(key) * 0.7)
        dim = {"night": 0.4, "dusk": 0.5, "dawn": 0.6}.get(shot.time_of_day, 1.0)
        tint: Vector = (0.16, 0.2, 0.3) if dim < 0.6 else (1.6, 1.45, 1.2)
        soft: Vector = (0.05, 0.055, 0.07) if dim < 0.6 else (0.42, 0.42, 0.44)
        return Sky(
            zenith=soft, horizon=soft, sun=sun, sun_color=tint, sun_size=0.12, disc=0.0
        ), 0.85 if dim < 0.6 else 0.72
    ridges = []
    for index, (tall, rough) in enumerate(place.ridges):
        share = 0.55 - 0.25 * index
        ridges.append((tall, rough, mix(scaled(zenith, 0.35), horizon, share)))
    return (
        Sky(
            zenith=zenith,
            horizon=horizon,
            sun=sun,
            sun_color=sun_color,
            sun_size=0.015,
            stars=stars,
            disc=0.35 if shot.time_of_day == "night" else 1.0,
            ridges=tuple(ridges),
        ),
        exposure,
    )
