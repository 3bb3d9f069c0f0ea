"""The extras: mannequins in poses that read as what they do."""

import math

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging.materials import CLOTH, Props

_SKIN = ((0.55, 0.36, 0.26), (0.36, 0.22, 0.15), (0.62, 0.45, 0.34), (0.2, 0.12, 0.08))


def person(set_: Props, at: Vector, facing: float, pose: str, height: float = 1.76) -> None:
    """A mannequin. ``facing``: 0 looks towards +z."""
    with set_.thing("person"):
        set_.pose(_mannequin(set_, at, facing, pose, height))


def _mannequin(set_: Props, at: Vector, facing: float, pose: str, height: float) -> dict[str, Vector]:
    """Builds it; answers where its joints are."""
    rng = set_.rng
    skin, shirt, legs = rng.choice(_SKIN), rng.choice(CLOTH), rng.choice(CLOTH)
    hair = rng.choice(((0.03, 0.02, 0.02), (0.12, 0.07, 0.03), (0.3, 0.2, 0.08), (0.35, 0.33, 0.32)))
    s = height / 1.76
    c, sn = math.cos(facing), math.sin(facing)

    def to(x: float, y: float, z: float) -> Vector:
        return (at[0] + s * (x * c + z * sn), at[1] + s * y, at[2] + s * (z * c - x * sn))

    drop = {"sit": 0.46, "lie": 0.72}.get(pose, 0.0)
    stride = {"walk": 0.28, "run": 0.48}.get(pose, rng.uniform(0.0, 0.06))
    lean = {"run": 0.16, "walk": 0.05}.get(pose, 0.0)
    hip, chest, neck = 0.94 - drop, 1.36 - drop, 1.5 - drop
    joints = {"neck": to(0, chest + 0.06, lean), "nose": to(0, neck + 0.155, lean + 0.13)}
    for side, own in ((-1, "right"), (1, "left")):
        step = stride * side
        top = to(0.1 * side, hip, 0)
        if pose in ("sit", "lie"):
            knee, ankle = to(0.13 * side, hip + 0.02, 0.44), to(0.13 * side, 0.06 if pose == "sit" else 0.12, 0.5)
        else:
            knee, ankle = to(0.11 * side, 0.5, step * 0.6 + 0.05), to(0.11 * side, 0.09, step - 0.04 * abs(step))
        set_.limb(top, knee, 0.095 * s, legs, taper=0.72)
        set_.ball(knee, (0.072 * s,) * 3, legs)
        set_.limb(knee, ankle, 0.068 * s, legs, taper=0.66)
        foot = (ankle[0] + 0.07 * s * sn, max(ankle[1] - 0.04 * s, 0.045), ankle[2] + 0.07 * s * c)
        set_.ball(foot, (0.055 * s, 0.05 * s, 0.14 * s), (0.05, 0.04, 0.035), turn=facing)
        shoulder = to(0.2 * side, chest + 0.06, lean)
        if pose == "raise" and (side == 1 or rng.random() < 0.6):
            elbow, hand = to(0.36 * side, chest + 0.26, lean + 0.06), to(0.32 * side, chest + 0.54, lean + 0.12)
        elif pose in ("sit", "run"):
            swing = -step if pose == "run" else 0.0
            elbow, hand = to(0.27 * side, chest - 0.22, lean + swing * 0.5), to(0.2 * side, chest - 0.3, lean + 0.26)
        else:
            out = rng.uniform(0.24, 0.3)
            elbow = to(out * side, chest - 0.23, lean - step * 0.4)
            hand = to((out + 0.01) * side, chest - 0.49, lean - step * 0.7 + 0.07)
        set_.ball(shoulder, (0.082 * s,) * 3, shirt)
        set_.limb(shoulder, elbow, 0.062 * s, shirt, taper=0.8)
        set_.ball(elbow, (0.05 * s,) * 3, shirt)
        set_.limb(elbow, hand, 0.047 * s, shirt, taper=0.72)
        set_.ball(hand, (0.048 * s,) * 3, skin)
        joints |= {f"{own}_hip": top, f"{own}_knee": knee, f"{own}_ankle": ankle}
        joints |= {f"{own}_shoulder": shoulder, f"{own}_elbow": elbow, f"{own}_wrist": hand}
    set_.ball(to(0, hip + 0.02, 0), (0.165 * s, 0.13 * s, 0.12 * s), legs, turn=facing)
    set_.limb(to(0, hip, 0), to(0, chest + 0.08, lean), 0.145 * s, shirt, taper=1.22)
    set_.ball(to(0, chest + 0.08, lean), (0.19 * s, 0.1 * s, 0.125 * s), shirt, turn=facing)
    set_.limb(to(0, neck - 0.05, lean), to(0, neck + 0.07, lean + 0.01), 0.058 * s, skin)
    head = to(0, neck + 0.17, lean + 0.03)
    set_.ball(head, (0.083 * s, 0.12 * s, 0.1 * s), skin, turn=facing)
    set_.ball(to(0, neck + 0.2, lean + 0.006), (0.09 * s, 0.105 * s, 0.103 * s), hair, turn=facing)
    set_.ball(to(0, neck + 0.155, lean + 0.13), (0.014 * s, 0.026 * s, 0.022 * s), skin, turn=facing)
    for side, own in ((-1, "right"), (1, "left")):
        eye = to(0.032 * side, neck + 0.185, lean + 0.115)
        set_.ball(eye, (0.013 * s, 0.009 * s, 0.012 * s), (0.02, 0.02, 0.02))
        joints |= {f"{own}_eye": eye, f"{own}_ear": to(0.084 * side, neck + 0.17, lean + 0.02)}
    if rng.random() < 0.28:
        set_.limb(to(0, neck + 0.24, lean + 0.02), to(0, neck + 0.26, lean + 0.02), 0.17 * s, hair)
        set_.limb(to(0, neck + 0.25, lean + 0.02), to(0, neck + 0.36, lean + 0.02), 0.1 * s, hair, taper=0.85)
    return joints
