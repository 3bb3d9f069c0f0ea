"""A body's forms on its joints: trunk, limbs, hands with a thumb, feet."""

import numpy as np

from auteur.adapters.engines.previs.rendering.forms import Material, Vector
from auteur.adapters.engines.previs.staging.materials import Props, scaled
from auteur.adapters.engines.previs.staging.people.looks import Looks
from auteur.adapters.engines.previs.staging.people.skeleton import SIDES, Matrix, Rig


def vector(point: Matrix) -> Vector:
    return float(point[0]), float(point[1]), float(point[2])


def framed(along: Matrix, towards: Matrix) -> Matrix:
    """A turn whose y runs along, and whose x is as near ``towards`` as that allows."""
    y = along / np.linalg.norm(along)
    x = towards - y * float(towards @ y)
    size = float(np.linalg.norm(x))
    if size < 1e-6:
        x = np.cross(y, [0.31, 0.2, 0.93])
        size = float(np.linalg.norm(x))
    x = x / size
    return np.stack([x, y, np.cross(x, y)], axis=1)


def trunk(s: Props, rig: Rig, looks: Looks, *, near: bool) -> None:
    """Pelvis, belly and breast, neck."""
    p, g = rig.points, looks.girth
    woman = looks.sex == "woman" and looks.age != "child"
    broad = 0.165 if woman else 0.185
    with s.placed(vector(p["hips"]), turn=rig.torso):
        wide = (0.165 if woman else 0.155) * g
        s.ball((0, 0.0, -0.01), (wide, 0.13, 0.115 * g), looks.legs)
        waist = (0.118 if woman else 0.14) * g
        s.add("cone", np.diag([waist * 1.12, 0.3, 0.098 * g]), (0, 0.03, 0), Material(looks.top), taper=1.02)
        s.ball(
            (0, 0.16, 0.012 * g),
            (waist * (1.02 if g < 1.2 else 1.1), 0.15, 0.1 * g * (1 if g < 1.2 else 1.35)),
            looks.top,
        )
        s.ball((0, 0.38, -0.002), (broad * (0.5 + 0.5 * g), 0.155, 0.118 * (0.4 + 0.6 * g)), looks.top)
        if near:
            if woman:
                for x in (-0.062, 0.062):
                    s.ball((x, 0.35, 0.062), (0.06, 0.058, 0.062), looks.top)
            s.box((0, 0.015, 0.0), (wide * 1.86, 0.035, 0.2 * g), scaled(looks.legs, 0.5))
        # from the shoulders to the neck
        across = abs(float((rig.torso.T @ (p["left_shoulder"] - p["chest"]))[0]))
        s.ball((0, 0.485, -0.012), (across + 0.025, 0.062, 0.082 * (0.5 + 0.5 * g)), looks.top)
        s.limb((0, 0.46, -0.015), (0, 0.555, 0.0), 0.125, looks.top, taper=0.48, flat=0.66)
    s.limb(
        vector(p["chest"] + rig.torso @ np.array([0, 0.0, -0.008])),
        vector(p["pivot"] + rig.head @ np.array([0, 0.03, 0.0])),
        0.056 if woman else 0.064,
        looks.skin,
    )


def arm(s: Props, rig: Rig, looks: Looks, index: int, own: str, *, near: bool) -> None:
    """From shoulder to fingers."""
    p = rig.points
    thick = (0.88 if looks.sex == "woman" else 1.0) * (0.6 + 0.4 * looks.girth)
    shoulder, elbow, wrist = p[f"{own}_shoulder"], p[f"{own}_elbow"], p[f"{own}_wrist"]
    s.ball(vector(shoulder), 0.065 * thick, looks.top)
    s.limb(vector(shoulder), vector(elbow), 0.057 * thick, looks.top, taper=0.78)
    s.ball(vector(elbow), 0.045 * thick, looks.top)
    s.limb(vector(elbow), vector(wrist), 0.043 * thick, looks.top, taper=0.72)
    hand(s, rig, looks, index, own, near=near)


def hand_turn(rig: Rig, index: int, own: str) -> Matrix:
    """How a hand is turned: y along the fingers, x where the thumb is."""
    along = rig.points[f"{own}_wrist"] - rig.points[f"{own}_elbow"]
    wanted = rig.thumbs[index]
    towards = rig.torso @ np.array(wanted if wanted is not None else (0.0, 0.75, 0.65), float)
    return framed(along, towards)


def hand(s: Props, rig: Rig, looks: Looks, index: int, own: str, *, near: bool) -> None:
    """Palm, fingers and thumb; far off, a ball."""
    k = 0.9 if looks.sex == "woman" else 1.0
    with s.placed(vector(rig.points[f"{own}_wrist"]), turn=hand_turn(rig, index, own), scale=k):
        skin, grip = looks.skin, rig.grip[index]
        if not near:
            s.ball((0, 0.075, 0), (0.036, 0.08, 0.024), skin)
            return
        s.ball((0, 0.0, 0), (0.029, 0.034, 0.024), skin)
        if grip == "fist":
            s.ball((0, 0.06, 0.0), (0.042, 0.044, 0.034), skin)
            s.limb((0.026, 0.04, 0.012), (0.014, 0.082, 0.034), 0.0125, skin, taper=0.8)
            return
        s.ball((0, 0.05, 0), (0.042, 0.052, 0.02), skin)
        if grip == "point":
            s.limb((0.024, 0.085, 0), (0.028, 0.175, 0), 0.0105, skin, taper=0.75)
            s.ball((-0.01, 0.09, 0.012), (0.028, 0.026, 0.024), skin)
            s.limb((0.034, 0.035, 0.008), (0.03, 0.08, 0.024), 0.0125, skin, taper=0.8)
            return
        curl = 0.0 if grip == "flat" else 0.03
        for x, long in ((-0.029, 0.068), (-0.01, 0.084), (0.01, 0.088), (0.029, 0.078)):
            s.limb((x, 0.088, 0), (x * 1.12, 0.092 + long * (1 - curl * 4), curl), 0.0102, skin, taper=0.72)
        s.limb((0.036, 0.025, 0.004), (0.068, 0.09, 0.016), 0.0135, skin, taper=0.7)


def leg(s: Props, rig: Rig, looks: Looks, index: int, own: str, *, near: bool) -> None:
    """From hip to toes."""
    p, g = rig.points, 0.6 + 0.4 * looks.girth
    hip, knee, ankle = p[f"{own}_hip"], p[f"{own}_knee"], p[f"{own}_ankle"]
    s.limb(vector(hip), vector(knee), 0.087 * g, looks.legs, taper=0.66)
    s.ball(vector(knee), 0.059 * g, looks.legs)
    s.limb(vector(knee), vector(ankle), 0.057 * g, looks.legs, taper=0.62)
    if near:
        calf = knee + (ankle - knee) * 0.3
        s.ball(vector(calf), (0.056 * g, 0.07, 0.06 * g), looks.legs)
    with s.placed(vector(ankle), rig.toes[index] + _heading(knee, hip)):
        lift = rig.heels[index]
        c, sn = float(np.cos(lift)), float(np.sin(lift))
        foot = np.array([[1, 0, 0], [0, c, -sn], [0, sn, c]])
        with s.placed((0.0, 0.0, 0.0), turn=foot):
            s.ball((0, -0.035, 0.055), (0.045, 0.043, 0.125), looks.shoes)
            if near:
                s.ball((0, -0.03, -0.02), (0.04, 0.045, 0.055), looks.shoes)


def _heading(knee: Matrix, hip: Matrix) -> float:
    """Feet point where knees point, as far as these point anywhere."""
    way = knee - hip
    return float(np.arctan2(way[0], way[2])) * 0.5 if way[2] > 0.15 else 0.0


def limbs(s: Props, rig: Rig, looks: Looks, *, near: bool) -> None:
    """All four."""
    for index, _, own in SIDES:
        leg(s, rig, looks, index, own, near=near)
        arm(s, rig, looks, index, own, near=near)
