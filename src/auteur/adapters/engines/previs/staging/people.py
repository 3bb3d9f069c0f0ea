"""The extras: mannequins in poses that read as what they do."""

import math

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging.materials import CLOTH, Props

_NECK = math.radians(70)
_SKIN = ((0.55, 0.36, 0.26), (0.36, 0.22, 0.15), (0.62, 0.45, 0.34), (0.2, 0.12, 0.08))


def person(
    set_: Props,
    at: Vector,
    facing: float,
    pose: str,
    height: float = 1.76,
    *,
    look: Vector | None = None,
    seat_m: float | None = None,
    traits: tuple[str, ...] = (),
    wearing: tuple[str, ...] = (),
    holding: tuple[str, ...] = (),
) -> dict[str, Vector]:
    """A person, built on the spot; answers where its joints are in the set.

    ``at``: the point on the floor under the hips, whatever the pose; ``facing``: heading of the body, 0 towards +z,
    growing towards +x; ``height``: upright. ``look``: the point in the set that the eyes are on, None for straight
    ahead; a head turns no further than a neck allows. ``seat_m``: how high above the floor one sits, lies or leans;
    None for the pose's own. The joints: those of `controls.pose.KEYPOINTS`, and ``crown``, ``chin``, ``left_hand``,
    ``right_hand`` (the middle of the fist), ``left_foot``, ``right_foot`` (the toes).
    """
    with set_.thing("person"):
        joints = _mannequin(set_, at, facing, pose, height, look, seat_m)
        set_.pose(joints)
    return joints


def _neck_turn(eyes: Vector, facing: float, look: Vector | None) -> float:
    """How far the head turns from the body's heading to look there, in radians; at most 70 degrees."""
    if look is None:
        return 0.0
    turn = math.atan2(look[0] - eyes[0], look[2] - eyes[2]) - facing
    turn = math.atan2(math.sin(turn), math.cos(turn))
    return max(-_NECK, min(_NECK, turn))


def _mannequin(
    set_: Props, at: Vector, facing: float, pose: str, height: float, look: Vector | None, seat_m: float | None
) -> dict[str, Vector]:
    """Builds it; answers where its joints are."""
    rng = set_.rng
    skin, shirt, legs = rng.choice(_SKIN), rng.choice(CLOTH), rng.choice(CLOTH)
    hair = rng.choice(((0.03, 0.02, 0.02), (0.12, 0.07, 0.03), (0.3, 0.2, 0.08), (0.35, 0.33, 0.32)))
    s = height / 1.76
    c, sn = math.cos(facing), math.sin(facing)

    def to(x: float, y: float, z: float) -> Vector:
        return (at[0] + s * (x * c + z * sn), at[1] + s * y, at[2] + s * (z * c - x * sn))

    drop = {"sit": 0.46, "ride": 0.1, "lie": 0.72, "sleep": 0.72, "kneel": 0.42, "crouch": 0.5}.get(pose, 0.0)
    if seat_m is not None and pose in ("sit", "ride", "lie", "sleep"):
        drop = 0.94 - (seat_m + 0.06) / s
    stride = {"walk": 0.28, "run": 0.48}.get(pose, rng.uniform(0.0, 0.06))
    lean = {"run": 0.16, "walk": 0.05}.get(pose, 0.0)
    hip, chest, neck = 0.94 - drop, 1.36 - drop, 1.5 - drop
    turn = _neck_turn(to(0, neck + 0.185, lean), facing, look)
    ct, st = math.cos(turn), math.sin(turn)

    def of_head(x: float, y: float, z: float) -> Vector:
        """A point of the head, which turns about the neck; ``z`` from the middle of the head."""
        return to(x * ct + z * st, neck + y, lean + 0.03 + z * ct - x * st)

    joints = {"neck": to(0, chest + 0.06, lean), "nose": of_head(0, 0.155, 0.1)}
    joints |= {"crown": of_head(0, 0.305, -0.02), "chin": of_head(0, 0.055, 0.07)}
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
        joints |= {f"{own}_hand": hand, f"{own}_foot": (foot[0] + 0.12 * s * sn, foot[1], foot[2] + 0.12 * s * c)}
    set_.ball(to(0, hip + 0.02, 0), (0.165 * s, 0.13 * s, 0.12 * s), legs, turn=facing)
    set_.limb(to(0, hip, 0), to(0, chest + 0.08, lean), 0.145 * s, shirt, taper=1.22)
    set_.ball(to(0, chest + 0.08, lean), (0.19 * s, 0.1 * s, 0.125 * s), shirt, turn=facing)
    set_.limb(to(0, neck - 0.05, lean), to(0, neck + 0.07, lean + 0.01), 0.058 * s, skin)
    set_.ball(of_head(0, 0.17, 0), (0.083 * s, 0.12 * s, 0.1 * s), skin, turn=facing + turn)
    set_.ball(of_head(0, 0.2, -0.024), (0.09 * s, 0.105 * s, 0.103 * s), hair, turn=facing + turn)
    set_.ball(of_head(0, 0.155, 0.1), (0.014 * s, 0.026 * s, 0.022 * s), skin, turn=facing + turn)
    for side, own in ((-1, "right"), (1, "left")):
        eye = of_head(0.032 * side, 0.185, 0.085)
        set_.ball(eye, (0.013 * s, 0.009 * s, 0.012 * s), (0.02, 0.02, 0.02))
        joints |= {f"{own}_eye": eye, f"{own}_ear": of_head(0.084 * side, 0.17, -0.01)}
    if rng.random() < 0.28:
        set_.limb(of_head(0, 0.24, -0.01), of_head(0, 0.26, -0.01), 0.17 * s, hair)
        set_.limb(of_head(0, 0.25, -0.01), of_head(0, 0.36, -0.01), 0.1 * s, hair, taper=0.85)
    return joints
