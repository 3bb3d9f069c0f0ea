"""What people wear: each is put on a body that was built. What is not known is told by a colour of the trunk alone.

Long because it is a list: one piece of clothing after another.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from auteur.adapters.engines.previs.rendering.forms import Material, Vector
from auteur.adapters.engines.previs.staging.materials import BLACK, BRASS, STEEL, WHITE, Props, scaled
from auteur.adapters.engines.previs.staging.people.body import vector
from auteur.adapters.engines.previs.staging.people.looks import Looks, color_of
from auteur.adapters.engines.previs.staging.people.skeleton import Rig

_STOUT = 1.2
"""The girth from which a body has a belly of its own."""
Worn = Callable[[Props, Rig, Looks, Vector | None], None]


def _on_head(build: Callable[[Props, Vector | None], None]) -> Worn:
    def put_on(s: Props, rig: Rig, looks: Looks, color: Vector | None) -> None:
        with s.placed(vector(rig.points["head"]), turn=rig.head):
            build(s, color)

    return put_on


def _on_chest(build: Callable[[Props, Vector | None, Looks], None]) -> Worn:
    """Told from the hips, along the torso: the shoulders are 0.5 m up."""

    def put_on(s: Props, rig: Rig, looks: Looks, color: Vector | None) -> None:
        with s.placed(vector(rig.points["hips"]), turn=rig.torso):
            build(s, color, looks)

    return put_on


def _hat(s: Props, color: Vector | None) -> None:
    c = color or (0.06, 0.05, 0.045)
    s.limb((0, 0.07, -0.01), (0, 0.082, -0.01), 0.165, c)
    s.limb((0, 0.075, -0.01), (0, 0.185, -0.01), 0.097, c, taper=0.82)
    s.limb((0, 0.082, -0.01), (0, 0.108, -0.01), 0.1, scaled(c, 0.35))


def _cap(s: Props, color: Vector | None) -> None:
    c = color or (0.03, 0.05, 0.12)
    s.limb((0, 0.068, -0.014), (0, 0.1, -0.014), 0.094, c, taper=1.1)
    s.ball((0, 0.1, -0.014), (0.104, 0.045, 0.108), c)
    s.ball((0, 0.07, 0.09), (0.072, 0.009, 0.06), scaled(c, 0.4), tilt=0.25)


def _helmet(s: Props, color: Vector | None) -> None:
    c = color or (0.5, 0.36, 0.04)
    s.ball((0, 0.062, -0.014), (0.108, 0.1, 0.122), c)
    s.limb((0, 0.052, -0.008), (0, 0.064, -0.008), 0.132, c, flat=1.0)


def _straw_hat(s: Props, color: Vector | None) -> None:
    _wide_hat(s, color or (0.5, 0.38, 0.17))


def _wide_hat(s: Props, color: Vector | None) -> None:
    c = color or (0.16, 0.09, 0.05)
    s.limb((0, 0.07, -0.01), (0, 0.082, -0.01), 0.21, c)
    s.ball((0, 0.1, -0.01), (0.098, 0.1, 0.105), c)
    s.limb((0, 0.082, -0.01), (0, 0.1, -0.01), 0.102, scaled(c, 0.4))


def _wizard_hat(s: Props, color: Vector | None) -> None:
    c = color or (0.05, 0.03, 0.12)
    s.limb((0, 0.07, -0.01), (0, 0.08, -0.01), 0.2, c)
    s.limb((0, 0.08, -0.01), (0, 0.38, -0.04), 0.1, c, taper=0.06)


def _chef_hat(s: Props, color: Vector | None) -> None:
    s.limb((0, 0.07, -0.01), (0, 0.18, -0.01), 0.095, WHITE)
    s.ball((0, 0.21, -0.01), (0.125, 0.07, 0.125), WHITE)


def _crown(s: Props, color: Vector | None) -> None:
    s.limb((0, 0.08, -0.014), (0, 0.13, -0.014), 0.093, BRASS, taper=1.08)
    for k in range(7):
        a = k * 0.8976
        s.limb(
            (0.095 * np.sin(a), 0.12, 0.095 * np.cos(a) - 0.014),
            (0.102 * np.sin(a), 0.18, 0.102 * np.cos(a) - 0.014),
            0.022,
            BRASS,
            taper=0.1,
        )


def _glasses(s: Props, color: Vector | None) -> None:
    c = color or BLACK
    for x in (-0.033, 0.033):
        for dx, dy, wide, high in (
            (0, 0.018, 0.05, 0.004),
            (0, -0.018, 0.05, 0.004),
            (-0.024, 0, 0.004, 0.036),
            (0.024, 0, 0.004, 0.036),
        ):
            s.box((x + dx, 0.01 + dy - high / 2, 0.1), (wide, high, 0.005), c)
    s.box((0, 0.014, 0.102), (0.02, 0.004, 0.005), c)
    for x in (-0.078, 0.078):
        s.box((x, 0.012, 0.045), (0.004, 0.005, 0.11), c)


def _sunglasses(s: Props, color: Vector | None) -> None:
    for x in (-0.034, 0.034):
        s.ball((x, 0.01, 0.092), (0.027, 0.02, 0.012), color or BLACK)
    s.box((0, 0.014, 0.098), (0.03, 0.005, 0.006), BLACK)
    for x in (-0.078, 0.078):
        s.box((x, 0.012, 0.045), (0.004, 0.006, 0.11), BLACK)


def _mask(s: Props, color: Vector | None) -> None:
    s.ball((0, -0.055, 0.05), (0.066, 0.05, 0.058), color or (0.3, 0.45, 0.5))


def _balaclava(s: Props, color: Vector | None) -> None:
    c = color or BLACK
    s.ball((0, 0.045, -0.014), (0.088, 0.092, 0.104), c)
    s.ball((0, -0.06, 0.03), (0.075, 0.068, 0.071), c)


def _clown_nose(s: Props, color: Vector | None) -> None:
    s.ball((0, -0.026, 0.12), 0.024, (0.6, 0.03, 0.02))


def _veil(s: Props, color: Vector | None) -> None:
    c = color or (0.72, 0.71, 0.69)
    s.ball((0, 0.055, -0.035), (0.096, 0.092, 0.1), c)
    s.limb((0, 0.06, -0.1), (0, -0.75, -0.24), 0.09, c, taper=2.6, flat=0.35)


def _headscarf(s: Props, color: Vector | None) -> None:
    c = color or (0.06, 0.06, 0.07)
    s.ball((0, 0.04, -0.022), (0.094, 0.1, 0.1), c)
    for x in (-0.072, 0.072):
        s.limb((x, 0.05, 0.0), (x * 0.6, -0.15, 0.02), 0.03, c)
    s.ball((0, -0.13, 0.0), (0.085, 0.05, 0.075), c)


def _hood(s: Props, color: Vector | None) -> None:
    c = color or (0.05, 0.05, 0.06)
    s.ball((0, 0.03, -0.04), (0.108, 0.125, 0.108), c)
    for x in (-0.088, 0.088):
        s.limb((x, 0.06, 0.0), (x * 0.75, -0.15, 0.0), 0.036, c)


def _headphones(s: Props, color: Vector | None) -> None:
    for x in (-0.092, 0.092):
        s.limb((x * 0.9, -0.005, -0.005), (x * 1.15, -0.005, -0.005), 0.036, color or BLACK)
    for k in range(5):
        a, b = -1.2 + 0.48 * k, -1.2 + 0.48 * (k + 1)
        s.limb(
            (0.095 * np.sin(a), 0.135 * np.cos(a) - 0.0, -0.01),
            (0.095 * np.sin(b), 0.135 * np.cos(b), -0.01),
            0.012,
            color or BLACK,
        )


def _space_helmet(s: Props, color: Vector | None) -> None:
    s.ball((0, 0.0, 0.0), (0.168, 0.175, 0.165), color or (0.72, 0.72, 0.72))
    s.ball((0, 0.005, 0.05), (0.128, 0.115, 0.13), (0.28, 0.17, 0.04), glow=(0.05, 0.035, 0.01))
    s.limb((0, -0.19, -0.01), (0, -0.13, -0.01), 0.15, STEEL)


def _knight_helmet(s: Props, color: Vector | None) -> None:
    s.ball((0, 0.02, -0.005), (0.1, 0.13, 0.118), (0.45, 0.46, 0.48))
    s.box((0, 0.0, 0.112), (0.13, 0.014, 0.02), BLACK)
    s.limb((0, 0.14, -0.02), (0, 0.28, -0.1), 0.03, (0.5, 0.04, 0.03), taper=0.4)


def _scarf(s: Props, color: Vector | None, looks: Looks) -> None:
    c = color or (0.42, 0.02, 0.02)
    s.limb((0, 0.49, 0.005), (0, 0.585, 0.02), 0.108, c, taper=0.86)
    s.limb((0.05, 0.52, 0.09), (0.075, 0.2, 0.15), 0.04, c, taper=1.2, flat=0.7)


def _tie(s: Props, color: Vector | None, looks: Looks) -> None:
    s.limb((0, 0.5, 0.085), (0, 0.28, 0.128), 0.018, color or (0.25, 0.02, 0.03), taper=1.6, flat=0.6)


def _shirt_front(s: Props, color: Vector | None, looks: Looks) -> None:
    """A shirt, lapels and a tie in an open jacket."""
    s.limb((0, 0.52, 0.07), (0, 0.26, 0.112), 0.052, WHITE, taper=0.3, flat=0.7)
    _tie(s, color, looks)
    for side in (-1, 1):
        s.limb((0.055 * side, 0.52, 0.055), (0.012 * side, 0.25, 0.122), 0.022, scaled(looks.top, 0.7), taper=0.6)


def _apron(s: Props, color: Vector | None, looks: Looks) -> None:
    c = color or (0.66, 0.65, 0.62)
    s.box((0, 0.2, 0.03), (0.22, 0.24, 0.2), c)
    s.limb((0, 0.2, 0.018), (0, -0.3, 0.05), 0.155 * looks.girth, c, taper=1.15, flat=0.72)
    s.limb((-0.09, 0.4, 0.07), (-0.06, 0.53, 0.0), 0.012, c)
    s.limb((0.09, 0.4, 0.07), (0.06, 0.53, 0.0), 0.012, c)


def _skirt(long_: float, wide: float, waist: float = 0.135, *, parts: bool = False) -> Worn:
    """A cone from the waist down, over legs that hang; on one who sits it lies on the thighs. ``waist``: half its width
    there, in metres; ``parts``: it falls to both sides of the legs of one who sits, as a coat does."""

    def put_on(s: Props, rig: Rig, looks: Looks, color: Vector | None) -> None:
        c = color or looks.top
        hips = rig.points["hips"]
        knees = (rig.points["left_knee"] + rig.points["right_knee"]) / 2
        ankles = (rig.points["left_ankle"] + rig.points["right_ankle"]) / 2
        if knees[1] > hips[1] - 0.25:
            if parts:
                for own in ("left", "right"):
                    hip, knee = rig.points[f"{own}_hip"], rig.points[f"{own}_knee"]
                    end = hip + (knee - hip) * 0.96
                    s.limb(vector(hip), vector(end), 0.108 * looks.girth, c, taper=0.86)
                    s.ball(vector(hip), 0.108 * looks.girth, c)
                middle = hips + (knees - hips) * 0.55
                s.ball(vector(middle), (0.1 * looks.girth, 0.06, 0.2), c, turn=math.atan2(*(knees - hips)[[0, 2]]))
            else:
                lap = vector(hips + np.array([0, 0.03, 0])), vector(knees + np.array([0, 0.0, 0.03]))
                s.limb(*lap, 0.17 * looks.girth, c, taper=0.95)
            if long_ > 0.6:
                s.limb(vector(knees), vector(knees + (ankles - knees) * 0.8), 0.16, c, taper=1.2)
            return
        foot = hips + (ankles - hips) * min(long_ / 0.85, 1.0)
        start = hips + rig.torso @ np.array([0, 0.1, 0])
        axis = foot - start
        broad, deep = waist * looks.girth, min(0.85 * waist, 0.128) * looks.girth
        matrix = np.stack([np.array([broad, 0, 0]), axis, np.array([0, 0, deep])], axis=1)
        s.add("cone", matrix, vector(start), Material(c), taper=wide)

    return put_on


def _sleeves(s: Props, rig: Rig, looks: Looks, c: Vector) -> None:
    """Sleeves of cloth, wider than the arms, set in at the shoulders; cuffs."""
    k = 0.55 + 0.45 * looks.girth
    for own in ("left", "right"):
        shoulder, elbow, wrist = (rig.points[f"{own}_{joint}"] for joint in ("shoulder", "elbow", "wrist"))
        neck = rig.points["chest"] * 0.55 + shoulder * 0.45 + rig.torso @ np.array([0, 0.035, -0.01])
        s.limb(vector(neck), vector(shoulder + rig.torso @ np.array([0, 0.012, 0])), 0.06 * k, c, taper=1.02)
        s.ball(vector(shoulder), 0.068 * k, c)
        s.limb(vector(shoulder), vector(elbow), 0.068 * k, c, taper=0.86)
        s.ball(vector(elbow), 0.0585 * k, c)
        s.limb(vector(elbow), vector(wrist), 0.058 * k, c, taper=0.88)
        cuff = elbow + (wrist - elbow) * 0.84
        s.limb(vector(cuff), vector(wrist), 0.056 * k, scaled(c, 0.72))


def _bodice(s: Props, looks: Looks, c: Vector, low: float) -> None:
    """Cloth around the trunk, from ``low`` over the hips to the shoulders: no belly and no breast shows under it."""
    g = looks.girth
    woman = looks.sex == "woman" and looks.age != "child"
    broad, deep = (0.178 if woman else 0.19) * (0.5 + 0.5 * g), (0.134 if woman else 0.128) * (0.4 + 0.6 * g)
    waist = max((0.138 if woman else 0.16) * g, 0.8 * broad)
    top, back = 0.375 if woman else 0.4, 0.95 * deep * waist / broad
    s.add("cone", np.diag([waist, top - low, back]), (0, low, 0), Material(c), taper=broad / waist)
    if woman:
        s.ball((0, top, 0.012), (0.97 * broad, 0.16, 0.94 * deep), c)
    else:
        s.ball((0, top, 0), (broad, 0.135, 0.95 * deep), c)
    if g >= _STOUT:
        s.ball((0, 0.16, 0.012 * g), (1.03 * 0.154 * g, 0.16, 1.03 * 0.135 * g), c)


def _jacket(*, skirt: float | None = None, closed: bool = False, belt: bool = False) -> Worn:
    """A coat or a jacket: sleeves, a collar, lapels over a shirt or, ``closed``, pockets; buttons, a belt. ``skirt``:
    how long it hangs over the legs, None for one that ends at the hips."""

    def put_on(s: Props, rig: Rig, looks: Looks, color: Vector | None) -> None:
        c, g = color or looks.top, looks.girth
        dark, seam = scaled(c, 0.62), scaled(c, 0.35)
        if skirt is not None:
            _skirt(skirt, 1.75, 0.178, parts=True)(s, rig, looks, c)
        _sleeves(s, rig, looks, c)
        front = (0.141 if looks.sex == "woman" and looks.age != "child" else 0.126) * (0.4 + 0.6 * g)
        with s.placed(vector(rig.points["hips"]), turn=rig.torso):
            _bodice(s, looks, c, -0.08)
            s.limb((0, 0.5, -0.022), (0, 0.578, -0.012), 0.1, dark, taper=0.82)
            if closed:
                for side in (-1, 1):
                    s.box((0.085 * side, 0.31, front - 0.012), (0.085, 0.08, 0.022), scaled(c, 0.82))
                    s.box((0.085 * side, 0.375, front - 0.009), (0.09, 0.022, 0.024), dark)
            else:
                s.limb((0, 0.29, front + 0.002), (0, 0.54, 0.072), 0.01, WHITE, taper=5.5, flat=0.45)
                for side in (-1, 1):
                    s.box(
                        (0.034 * side, 0.25, front - 0.011),
                        (0.052, 0.27, 0.018),
                        scaled(c, 0.76),
                        roll=-0.2 * side,
                        tilt=-0.14,
                    )
            low, lean = 0.85 * front, math.atan2(0.15 * front, 0.48)
            s.box((0.006, -0.08, low), (0.005, 0.34 if not closed else 0.56, 0.014), seam, tilt=lean)
            for y in (0.0, 0.17, 0.23, *((0.3, 0.37) if closed else ())):
                s.ball(
                    (0.03, y, low + (y + 0.08) * math.tan(lean) + 0.004),
                    (0.011, 0.011, 0.007),
                    BRASS if closed else seam,
                )
            if belt:
                s.limb((0, 0.07, 0), (0, 0.115, 0), 0.185 * g, seam, flat=0.76)
                s.box((0, 0.066, front + 0.008), (0.055, 0.052, 0.014), BRASS)

    return put_on


def _gown(long_: float, wide: float, usual: Vector | None = None) -> Worn:
    def put_on(s: Props, rig: Rig, looks: Looks, color: Vector | None) -> None:
        c = color or usual or looks.top
        _skirt(long_, wide, 0.142)(s, rig, looks, c)
        with s.placed(vector(rig.points["hips"]), turn=rig.torso):
            _bodice(s, looks, c, 0.06)

    return put_on


def _dress(s: Props, rig: Rig, looks: Looks, color: Vector | None) -> None:
    c = color or looks.top
    _skirt(0.5, 2.1, 0.142)(s, rig, looks, c)
    with s.placed(vector(rig.points["hips"]), turn=rig.torso):
        _bodice(s, looks, c, 0.06)
        s.ball((0, 0.5, 0.038), (0.072, 0.056, 0.056), looks.skin)  # the neckline
        s.limb((0, 0.085, 0), (0, 0.118, 0), 0.15 * looks.girth, scaled(c, 0.5), flat=0.86)


def _cape(s: Props, color: Vector | None, looks: Looks) -> None:
    s.limb((0, 0.5, -0.06), (0, -0.6, -0.2), 0.13, color or (0.35, 0.02, 0.03), taper=2.4, flat=0.45)


def _backpack(s: Props, color: Vector | None, looks: Looks) -> None:
    c = color or (0.05, 0.13, 0.09)
    s.ball((0, 0.3, -0.19), (0.16, 0.22, 0.11), c)
    for x in (-0.1, 0.1):
        s.limb((x, 0.5, -0.06), (x, 0.3, 0.112), 0.018, scaled(c, 0.6))


def _armour(s: Props, color: Vector | None, looks: Looks) -> None:
    steel = (0.42, 0.43, 0.45)
    s.ball((0, 0.36, 0.005), (0.19, 0.17, 0.135), steel)
    for x in (-0.2, 0.2):
        s.ball((x, 0.5, -0.01), (0.09, 0.08, 0.09), steel)


def _life(s: Props, color: Vector | None, looks: Looks) -> None:
    s.box((0, 0.2, 0.0), (0.34 * looks.girth, 0.3, 0.27 * looks.girth), color or (0.6, 0.17, 0.02))


def _kimono(s: Props, rig: Rig, looks: Looks, color: Vector | None) -> None:
    _skirt(0.8, 1.7)(s, rig, looks, scaled(color or looks.top, 0.6))
    with s.placed(vector(rig.points["hips"]), turn=rig.torso):
        s.limb((0, 0.06, 0), (0, 0.17, 0), 0.158 * looks.girth, BLACK, flat=0.85)
        for side in (-1, 1):
            s.limb((0.07 * side, 0.52, 0.05), (-0.03 * side, 0.2, 0.12), 0.03, scaled(looks.top, 1.6), taper=0.6)


WORN: dict[str, Worn] = {
    "hat": _on_head(_hat),
    "cap": _on_head(_cap),
    "helmet": _on_head(_helmet),
    "straw hat": _on_head(_straw_hat),
    "cowboy hat": _on_head(_wide_hat),
    "wizard hat": _on_head(_wizard_hat),
    "chef hat": _on_head(_chef_hat),
    "crown": _on_head(_crown),
    "glasses": _on_head(_glasses),
    "sunglasses": _on_head(_sunglasses),
    "mask": _on_head(_mask),
    "balaclava": _on_head(_balaclava),
    "clown nose": _on_head(_clown_nose),
    "veil": _on_head(_veil),
    "headscarf": _on_head(_headscarf),
    "hood": _on_head(_hood),
    "headphones": _on_head(_headphones),
    "space helmet": _on_head(_space_helmet),
    "knight helmet": _on_head(_knight_helmet),
    "scarf": _on_chest(_scarf),
    "tie": _on_chest(_tie),
    "shirt front": _on_chest(_shirt_front),
    "apron": _on_chest(_apron),
    "cape": _on_chest(_cape),
    "backpack": _on_chest(_backpack),
    "armour plate": _on_chest(_armour),
    "vest": _on_chest(_life),
    "coat": _jacket(skirt=0.6, belt=True),
    "jacket": _jacket(),
    "tunic jacket": _jacket(closed=True, belt=True),
    "robe": _gown(0.84, 1.9),
    "dress": _dress,
    "wedding dress": _gown(0.88, 3.6, (0.74, 0.73, 0.71)),
    "skirt": _skirt(0.5, 2.1),
    "kimono": _kimono,
}
_OTHERWISE: dict[str, str] = {
    name: kind
    for kind, names in {
        "hat": "fedora, trilby, bowler, top hat, bowler hat",
        "cap": "baseball cap, beret, flat cap, beanie, woolly hat, wool hat, sailor hat",
        "helmet": "hard hat, bike helmet, motorcycle helmet",
        "cowboy hat": "stetson, sombrero, wide hat, brimmed hat, sun hat",
        "straw hat": "sunhat",
        "glasses": "spectacles, eyeglasses, reading glasses",
        "sunglasses": "shades, dark glasses, goggles",
        "mask": "face mask, surgical mask, gas mask, bandana",
        "balaclava": "ski mask",
        "headscarf": "hijab, shawl, headdress, turban",
        "hood": "hoodie, hooded sweatshirt, hooded cloak",
        "scarf": "shawl scarf, collar, necklace, garland, muffler",
        "tie": "bow tie, necktie",
        "coat": (
            "overcoat, trench coat, raincoat, winter coat, fur coat, parka, long coat, white coat, lab coat, bathrobe, "
            "dressing gown"
        ),
        "jacket": "blazer, leather jacket, anorak, cardigan, sports jacket, denim jacket, suit jacket",
        "robe": "gown, cassock, habit, toga, tunic, nightgown, cloak robe",
        "cape": "cloak, mantle, poncho",
        "crown": "tiara, diadem, wreath crown",
        "dress": "summer dress, evening dress, frock, red dress, sundress",
        "backpack": "rucksack, oxygen tank",
        "vest": "life jacket, life vest, hi-vis vest, waistcoat, bulletproof vest, corset",
        "wedding dress": "bridal gown, ball gown, wedding gown",
        "headphones": "headset, earphones",
        "armour plate": "armor, breastplate, chainmail",
    }.items()
    for name in names.split(", ")
}

_WHOLE: dict[str, tuple[dict[str, Vector], tuple[str, ...]]] = {
    "suit": ({"top": (0.03, 0.033, 0.045), "legs": (0.03, 0.033, 0.045)}, ("shirt front",)),
    "tuxedo": ({"top": BLACK, "legs": BLACK}, ("shirt front",)),
    "uniform": ({"top": (0.1, 0.12, 0.06), "legs": (0.09, 0.1, 0.05)}, ("tunic jacket",)),
    "police uniform": ({"top": (0.02, 0.03, 0.08), "legs": (0.015, 0.02, 0.05)}, ("tunic jacket",)),
    "nurse uniform": ({"top": (0.25, 0.42, 0.46), "legs": (0.25, 0.42, 0.46)}, ()),
    "scrubs": ({"top": (0.1, 0.32, 0.3), "legs": (0.1, 0.32, 0.3)}, ()),
    "white coat": ({"top": (0.7, 0.7, 0.68)}, ("coat",)),
    "fire suit": ({"top": (0.42, 0.3, 0.05), "legs": (0.36, 0.26, 0.05)}, ()),
    "overalls": ({"top": (0.05, 0.09, 0.19), "legs": (0.05, 0.09, 0.19)}, ()),
    "space suit": (
        {"top": (0.7, 0.7, 0.69), "legs": (0.68, 0.68, 0.67), "shoes": (0.5, 0.5, 0.5)},
        ("space helmet", "backpack"),
    ),
    "armour": (
        {"top": (0.34, 0.35, 0.37), "legs": (0.3, 0.31, 0.33), "shoes": (0.25, 0.26, 0.28)},
        ("armour plate", "knight helmet"),
    ),
    "striped shirt": ({"top": (0.55, 0.56, 0.6)}, ()),
    "robe": ({"top": (0.025, 0.023, 0.025), "legs": (0.025, 0.023, 0.025)}, ("robe",)),
    "wedding dress": ({"top": (0.74, 0.73, 0.71), "legs": (0.7, 0.69, 0.67)}, ("wedding dress",)),
    "kimono": ({}, ("kimono",)),
}
"""Clothes that colour the body, and what goes with them."""
_TOPS = frozenset(
    [
        "shirt",
        "t-shirt",
        "tshirt",
        "sweater",
        "jumper",
        "pullover",
        "blouse",
        "jersey",
        "top",
        "uniform",
        "suit",
        "vest",
        "overalls",
        "pyjamas",
        "pajamas",
        "costume",
    ]
)
_LEGS = frozenset(["trousers", "pants", "jeans", "shorts", "leggings", "stockings", "skirt"])
_SHOES = frozenset(["shoes", "boots", "sneakers", "heels", "sandals", "slippers"])


def named(what: str) -> str | None:
    """The piece of clothing that the words name; None for what is not known."""
    words = [w for w in what.lower().replace("-", " ").split() if color_of(w) is None]
    for start in range(len(words)):
        name = " ".join(words[start:])
        for form in (name, name.removesuffix("s"), name.removesuffix("es")):
            if form in _WHOLE or form in WORN:
                return form
            if form in _OTHERWISE:
                return _OTHERWISE[form]
    return None


def wears(what: str) -> bool:
    """Whether it can be put on somebody so that one sees it, as a form or as a colour."""
    words = set(what.lower().replace("-", " ").split())
    return named(what) is not None or bool(words & (_TOPS | _LEGS | _SHOES))


def dressed(looks: Looks, wearing: tuple[str, ...]) -> tuple[Looks, list[tuple[str, Vector | None]]]:
    """The looks in the colours of what is worn, and what is to be put on the body with its colour."""
    put_on: list[tuple[str, Vector | None]] = []
    for what in wearing:
        name, color = named(what), color_of(what)
        words = set(what.lower().replace("-", " ").split())
        if name in _WHOLE:
            colours, more = _WHOLE[name]
            changed: dict[str, Any] = {
                part: color if color and part != "shoes" else own for part, own in colours.items()
            }
            looks = replace(looks, **changed)
            put_on += [
                (
                    piece,
                    color
                    if piece not in ("shirt front", "space helmet", "backpack", "knight helmet", "armour plate")
                    else None,
                )
                for piece in more
            ]
            continue
        if name is None:
            part = "top" if words & _TOPS else "legs" if words & _LEGS else "shoes" if words & _SHOES else None
            if part and color:
                again: dict[str, Any] = {part: color}
                looks = replace(looks, **again)
            continue
        if (
            name in ("coat", "jacket", "dress", "cape", "robe", "kimono", "wedding dress", "skirt")
            and color
            and name not in ("cape", "skirt")
        ):
            looks = replace(looks, top=color)
        if name in ("dress", "skirt", "wedding dress", "robe"):
            looks = replace(looks, legs=looks.skin if name in ("dress", "skirt") else looks.top)
        put_on.append((name, color))
    return looks, put_on


HIDES_HAIR = frozenset({"helmet", "hood", "headscarf", "balaclava", "space helmet", "knight helmet", "veil"})
