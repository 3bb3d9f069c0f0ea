"""A head: skull, brow, nose, jaw, ears, a mouth, hair, and eyes that look where they are told.

The head's own axes: its middle is the origin, +z ahead, +x its own left. Of a body 1.76 m tall, in metres.
"""

import math

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging.materials import BLACK, Props, mix, scaled
from auteur.adapters.engines.previs.staging.people.looks import Looks

CROWN: Vector = (0.0, 0.128, -0.01)
CHIN: Vector = (0.0, -0.118, 0.072)
NOSE: Vector = (0.0, -0.022, 0.112)
EYES: tuple[Vector, Vector] = ((-0.032, 0.012, 0.082), (0.032, 0.012, 0.082))
EARS: tuple[Vector, Vector] = ((-0.083, -0.005, -0.005), (0.083, -0.005, -0.005))
EYE_TURN, EYE_LIFT = math.radians(38), math.radians(24)


def head(s: Props, looks: Looks, gaze: tuple[float, float], mouth: str, closed: bool, *, near: bool) -> None:
    """``gaze``: turn to its left and lift of the eyes against the head, radians; ``mouth``: shut, open, smile, sad."""
    skin = looks.skin
    woman, child, old = looks.sex == "woman", looks.age == "child", looks.age == "elderly"
    s.ball((0, 0.03, -0.012), (0.078, 0.096, 0.095), skin)  # the skull
    if not near:
        s.ball((0, -0.05, 0.03), (0.058, 0.07, 0.06), skin)
        s.ball(NOSE, (0.014, 0.02, 0.02), skin)
        for x, y, z in EYES:
            s.ball((x, y, z + 0.006), (0.012, 0.008, 0.008), BLACK)
        hair(s, looks, near=False)
        return
    jaw = 0.053 if woman or child else 0.061
    s.ball((0, -0.03, 0.026), (0.07, 0.078, 0.068), skin)  # cheeks
    s.ball((0, -0.078, 0.036), (jaw, 0.045, 0.05), skin)  # the jaw
    s.ball((0, -0.1, 0.066), (0.024 if woman else 0.029, 0.019, 0.021), skin)  # the chin
    s.ball((0, 0.034, 0.07), (0.056, 0.013 if woman else 0.016, 0.019), skin)  # the brow
    s.limb((0, 0.018, 0.085), (0, -0.026, 0.112), 0.009, skin, taper=1.55)  # the nose
    s.ball((0, -0.029, 0.105), (0.0175, 0.0115, 0.0155), scaled(skin, 0.95))
    for index, (x, y, z) in enumerate(EYES):
        side = -1 if index == 0 else 1
        with s.placed((x, y, z)):
            s.ball((0, 0, -0.004), (0.02, 0.0135, 0.009), scaled(skin, 0.62))  # the socket's shade
            if closed:
                s.ball((0, 0, 0.001), (0.0155, 0.0105, 0.01), scaled(skin, 0.9))
                s.box((0, -0.006, 0.008), (0.027, 0.0022, 0.004), BLACK)
            else:
                s.ball((0, 0, 0), (0.0155, 0.0102, 0.0105), (0.82, 0.8, 0.77))
                turn, lift = gaze
                at = (0.0135 * math.sin(turn), 0.0085 * math.sin(lift), 0.0064 + 0.0035 * math.cos(turn))
                s.ball(at, (0.0068, 0.0072, 0.0042), (0.02, 0.014, 0.01))
                s.box((0, 0.0078, 0.0035), (0.033, 0.0042, 0.013), scaled(skin, 0.7), roll=-0.12 * side)  # the lid
            brow = mix(looks.hair, BLACK, 0.25)
            sad = {"sad": 0.34, "angry": -0.34}.get(mouth, -0.08)
            s.box((0.002 * side, 0.0185, 0.004), (0.036, 0.0055 if woman else 0.0075, 0.008), brow, roll=-sad * side)
    lips = mix(skin, (0.36, 0.05, 0.05), 0.55 if woman else 0.3)
    if mouth in ("open", "shout"):
        s.ball((0, -0.064, 0.083), (0.019, 0.0135 if mouth == "open" else 0.02, 0.012), (0.05, 0.01, 0.01))
        s.ball((0, -0.052, 0.086), (0.021, 0.0045, 0.009), lips)
    else:
        s.ball((0, -0.0605, 0.086), (0.0225, 0.0048, 0.0095), lips)
        s.ball((0, -0.0685, 0.0845), (0.018, 0.0055, 0.009), lips)
        bend = {"smile": 0.007, "sad": -0.007, "angry": -0.004}.get(mouth, 0.0)
        if bend:
            for x in (-0.021, 0.021):
                s.ball((x, -0.063 + bend, 0.079), (0.0075, 0.0038, 0.006), lips)
    for x, y, z in EARS:
        s.ball((x * 0.98, y, z), (0.011, 0.03, 0.019), scaled(skin, 0.88), turn=-0.35 if x < 0 else 0.35)
    if old:
        for x in (-0.03, 0.03):
            s.ball((x, -0.043, 0.08), (0.0035, 0.018, 0.006), scaled(skin, 0.62), tilt=0.2)
    if looks.beard:
        s.ball((0, -0.092, 0.046), (0.058, 0.043, 0.05), looks.hair)
        s.ball((0, -0.0475, 0.087), (0.025, 0.007, 0.011), looks.hair)
        s.ball((0, -0.0645, 0.094), (0.02, 0.0048, 0.006), lips)
    hair(s, looks, near=True)


def hair(s: Props, looks: Looks, *, near: bool) -> None:
    """By its style; a bald head has a rim of it."""
    color, style = looks.hair, looks.hair_style
    if style == "bald":
        if near:
            s.ball((0, 0.0, -0.045), (0.0815, 0.05, 0.066), color)
        return
    if style == "curly":
        s.ball((0, 0.062, -0.028), (0.098, 0.09, 0.1), color)
        if near:
            for x, y, z in (
                (-0.07, 0.06, 0.02),
                (0.07, 0.06, 0.02),
                (0, 0.105, 0.03),
                (-0.075, -0.01, -0.05),
                (0.075, -0.01, -0.05),
            ):
                s.ball((x, y, z), 0.042, color)
        return
    s.ball((0, 0.047, -0.026), (0.0865, 0.088, 0.0935), color)  # over the top and behind
    if near:
        s.ball((0, 0.088, 0.035), (0.064, 0.034, 0.05), color)  # the fringe
    if style == "parted" and near:
        s.ball((0.03, 0.098, 0.036), (0.05, 0.028, 0.048), color)
    if style in ("long", "bob"):
        low = -0.2 if style == "long" else -0.085
        for x in (-0.074, 0.074):
            s.limb((x, 0.05, -0.012), (x * 1.12, low, -0.022), 0.033, color, taper=0.85)
        s.ball((0, (0.05 + low) / 2, -0.062), (0.084, (0.09 - low) / 2, 0.047), color)
    elif style == "ponytail":
        s.ball((0, 0.06, -0.118), 0.03, color)
        s.limb((0, 0.065, -0.12), (0, -0.16, -0.15), 0.034, color, taper=0.45)
    elif style == "bun":
        s.ball((0, 0.1, -0.098), 0.046, color)
