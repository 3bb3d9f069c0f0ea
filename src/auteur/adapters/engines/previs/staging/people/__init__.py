"""People: bodies with faces and hands, in poses that read as what they do, dressed and with what they hold."""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from auteur.adapters.engines.previs.rendering.forms import Vector
from auteur.adapters.engines.previs.staging.materials import Props
from auteur.adapters.engines.previs.staging.people import head as face
from auteur.adapters.engines.previs.staging.people.body import limbs, trunk, vector
from auteur.adapters.engines.previs.staging.people.held import arms_for, hold
from auteur.adapters.engines.previs.staging.people.looks import Looks, looks_of
from auteur.adapters.engines.previs.staging.people.poses import POSES, Pose, arms_of, pose_of, touching
from auteur.adapters.engines.previs.staging.people.skeleton import NECK_TURN, SIDES, STANDARD_M, Matrix, Rig, laid, rig
from auteur.adapters.engines.previs.staging.people.worn import HIDES_HAIR, WORN, dressed, wears

__all__ = ["POSES", "Looks", "looks_of", "person", "pose_of", "wears"]

_MOUTHS = {
    "shout": "shout",
    "scream": "shout",
    "argue": "shout",
    "yell": "shout",
    "sing": "open",
    "talk": "open",
    "speak": "open",
    "say": "open",
    "laugh": "smile",
    "smile": "smile",
    "grin": "smile",
    "cry": "sad",
    "weep": "sad",
    "sob": "sad",
    "mourn": "sad",
    "sad": "sad",
    "happy": "smile",
    "angry": "angry",
    "furious": "angry",
    "frown": "angry",
    "glare": "angry",
    "whisper": "open",
    "cheer": "open",
}


def person(
    set_: Props,
    at: Vector,
    facing: float,
    pose: str,
    height: float | None = 1.76,
    *,
    look: Vector | None = None,
    seat_m: float | None = None,
    traits: tuple[str, ...] = (),
    wearing: tuple[str, ...] = (),
    holding: tuple[str, ...] = (),
    held_as: Mapping[str, tuple[str, ...]] | None = None,
    looks: Looks | None = None,
    who: str | None = None,
    action: str | None = None,
    hands: dict[str, Vector] | None = None,
    near: bool = True,
    dark: bool = False,
) -> dict[str, Vector]:
    """A person, built on the spot; answers where its joints are in the set.

    ``at``: the point on the floor under the hips, whatever the pose; ``facing``: heading of the body, 0 towards +z,
    growing towards +x; of one who lies, where the feet point. ``height``: upright, None for that of the looks.
    ``look``: the point in the set that the eyes are on, None for straight ahead; the head turns no further than a
    neck allows, the eyes a little further. ``seat_m``: how high above the floor one sits or lies; None for the
    pose's own. ``looks``: or those that go with ``who``, a name or a noun, and the ``traits``. ``action``: what the
    arms and the mouth do; ``held_as``: what is said of what is held, by its name; ``hands``: points in the set that
    the ``left`` or ``right`` hand reaches for, as far as an arm goes. ``near``: with fingers and a whole face, some
    75 forms; else some 35. The joints: those of `controls.pose.KEYPOINTS`, and ``crown``, ``chin``, ``left_hand``,
    ``right_hand``, ``left_foot``, ``right_foot``.
    """
    if looks is None:
        looks = looks_of(who or f"extra {set_.rng.random()}", traits, 0)
    height = looks.height_m if height is None else height
    stance = pose_of(pose) or POSES["stand"]
    looks, clothes = dressed(looks, (*looks.wearing, *wearing))
    with set_.thing("person"):
        bones, turn, shift, scale, grown = _pose(
            set_, looks, stance, facing, height, at, look, seat_m, action, pose, holding, hands, traits
        )
        with set_.placed((at[0], at[1], at[2]), facing):
            lying = _bed(stance, seat_m)
            with set_.placed((shift[0] * scale, shift[1] * scale + lying, shift[2] * scale), turn=turn, scale=scale):
                trunk(set_, bones, looks, near=near)
                limbs(set_, bones, looks, near=near)
                said = {word for text in (action or "", *traits) for word in _words(text)}
                mouth = next((_MOUTHS[word] for word in said if word in _MOUTHS), "shut")
                closed = pose in ("sleep", "asleep") or bool(
                    said & {"asleep", "sleep", "dead", "unconscious", "pray", "blind"}
                )
                hat = {name for name, _ in clothes} & HIDES_HAIR
                shown = replace(looks, hair_style="bald", hair=looks.skin) if hat else looks
                with set_.placed(vector(bones.points["head"]), turn=bones.head, scale=grown):
                    face.head(set_, shown, _gaze(set_, look, closed), mouth, closed, near=near)
                    joints = _face(set_)
                for name, color in clothes:
                    WORN[name](set_, bones, looks, color)
                joints |= _joints(set_, bones)
                if holding:
                    hold(set_, bones, holding, held_as or {}, dark=dark)
        set_.pose(joints)
    return joints


def _bed(stance: Pose, seat_m: float | None) -> float:
    return seat_m or 0.0 if stance.laid else 0.0


def _pose(
    set_: Props,
    looks: Looks,
    stance: Pose,
    facing: float,
    height: float,
    at: Vector,
    look: Vector | None,
    seat_m: float | None,
    action: str | None,
    pose: str,
    holding: tuple[str, ...],
    hands: dict[str, Vector] | None,
    traits: tuple[str, ...],
) -> tuple[Rig, Matrix, Vector, float, float]:
    """The bones; how the whole of them lies; its shift and its scale; and how large the head is against the body."""
    scale = height / STANDARD_M
    child = looks.age == "child"
    grown = 1.32 if child else 1.0
    if child:
        scale = height / (STANDARD_M + 0.07)
    wide = 0.165 if looks.sex == "woman" else 0.188
    arms = touching(traits) or arms_of(action)
    gesture_of_pose = stance.arms is not POSES["stand"].arms and not stance.seated and pose not in ("kneel", "lean")
    if holding and not gesture_of_pose:
        arms = arms_for(holding, action)
    if arms is None or (gesture_of_pose and pose not in ("walk", "run", "stand")):
        arms = stance.arms
    if pose in ("walk", "run") and holding:
        arms = arms_for(holding, action) or arms
    if looks.age == "elderly" and stance.laid is None:
        stance = replace(stance, lean=stance.lean + 0.1, head=(stance.head[0], stance.head[1] - 0.08, stance.head[2]))
    turn, shift = laid(stance.laid)
    seat = None if seat_m is None else seat_m / scale
    known = {
        own: turn.T @ (_local(set_, at, facing, point) / scale - np.array(shift))
        for own, point in (hands or {}).items()
    }
    sizes = {
        "seat_m": seat,
        "shoulders_m": wide * (0.7 + 0.3 * looks.girth) * (0.86 if child else 1.0),
        "hips_m": 0.09 * looks.girth,
    }
    bones = rig(stance, arms, head=(0.0, 0.0, 0.0), hands_at=known, **sizes)  # type: ignore[arg-type]
    if look is not None:
        aim = turn.T @ (
            _local(set_, at, facing, look) / scale
            - np.array(shift)
            - np.array((0.0, _bed(stance, seat_m) / scale, 0.0))
        )
        nod = _nod(bones, aim, stance)
        bones = rig(stance, arms, head=nod, hands_at=known, **sizes)  # type: ignore[arg-type]
    return bones, turn, shift, scale, grown


def _local(set_: Props, at: Vector, facing: float, point: Vector) -> Matrix:
    """The point as the body has it, that stands at its place and looks ahead."""
    c, s = math.cos(facing), math.sin(facing)
    x, y, z = (point[i] - at[i] for i in range(3))
    return np.array([x * c - z * s, y, x * s + z * c])


def _nod(bones: Rig, aim: Matrix, stance: Pose) -> Vector:
    """By how much the head turns and nods, beyond the pose's own, to have the point before it; the eyes do the rest."""
    way = bones.torso.T @ (aim - bones.points["head"])
    turn = math.atan2(way[0], way[2])
    lift = math.atan2(way[1], math.hypot(way[0], way[2]))
    turn = max(-NECK_TURN, min(NECK_TURN, turn))
    nod = max(-0.75, min(0.75, -0.8 * lift))
    return turn - stance.head[0], nod - stance.head[1], -stance.head[2] * 0.5


def _gaze(set_: Props, look: Vector | None, closed: bool) -> tuple[float, float]:
    """How far the eyes turn and lift against the head, which is what is placed at the moment."""
    if look is None or closed:
        return 0.0, 0.0
    middle, ahead = np.array(set_.whole((0.0, 0.012, 0.082))), np.array(set_.whole((0.0, 0.012, 1.082)))
    left, up = np.array(set_.whole((1.0, 0.012, 0.082))), np.array(set_.whole((0.0, 1.012, 0.082)))
    way = np.array(look) - middle
    x, y, z = (float(way @ (axis - middle)) for axis in (left, up, ahead))
    turn, lift = math.atan2(x, max(z, 1e-6)), math.atan2(y, math.hypot(x, max(z, 1e-6)))
    return (
        max(-face.EYE_TURN, min(face.EYE_TURN, turn)),
        max(-face.EYE_LIFT, min(face.EYE_LIFT, lift)),
    )


def _face(set_: Props) -> dict[str, Vector]:
    joints = {"crown": set_.whole(face.CROWN), "chin": set_.whole(face.CHIN), "nose": set_.whole(face.NOSE)}
    for index, _, own in SIDES:
        joints |= {f"{own}_eye": set_.whole(face.EYES[index]), f"{own}_ear": set_.whole(face.EARS[index])}
    return joints


def _joints(set_: Props, bones: Rig) -> dict[str, Vector]:
    joints = {"neck": set_.whole(vector(bones.points["neck"]))}
    for index, _, own in SIDES:
        for part in ("shoulder", "elbow", "wrist", "hand", "hip", "knee", "ankle"):
            joints[f"{own}_{part}"] = set_.whole(vector(bones.points[f"{own}_{part}"]))
        ankle = bones.points[f"{own}_ankle"]
        lift = bones.heels[index]
        ahead = np.array([math.sin(bones.toes[index]), 0.0, math.cos(bones.toes[index])])
        toes = (
            ankle + ahead * 0.17 * math.cos(lift) + np.array([0.0, -0.04 * math.cos(lift) - 0.15 * math.sin(lift), 0.0])
        )
        joints[f"{own}_foot"] = set_.whole(vector(toes))
    return joints


def _words(text: str) -> set[str]:
    """Words of it, and what they come from."""
    words = set()
    for word in text.lower().replace("-", " ").split():
        words |= {
            word,
            word.removesuffix("s"),
            word.removesuffix("ing"),
            word.removesuffix("ing") + "e",
            word.removesuffix("ed"),
        }
    return words
