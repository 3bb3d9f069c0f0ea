"""How a body holds itself, as targets that its limbs reach for: one data entry a pose, one a gesture of the arms.

Of a body 1.76 m tall that looks towards +z; its own right is -x. Pairs are (right, left).

Long because it is a list: one pose after another.
"""

from dataclasses import dataclass, replace

from auteur.adapters.engines.previs.rendering.forms import Vector

Pair = tuple[Vector, Vector]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arms:
    """``hands``: wrists, from the middle between the shoulders, in the torso's own axes; ``poles``: where elbows point;
    ``grip``: relaxed, fist, flat, point; ``thumbs``: where thumbs point, None to go by the forearm."""

    hands: Pair
    poles: Pair = ((-0.5, -0.4, -1.0), (0.5, -0.4, -1.0))
    grip: tuple[str, str] = ("relaxed", "relaxed")
    thumbs: tuple[Vector | None, Vector | None] = (None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """``hips``: their middle over the floor; ``lean``, ``roll``, ``twist``: of the torso, forward, to its left,
    shoulders to its left; ``feet``: ankles; ``toes``: headings of the feet; ``heels``: how far they are lifted;
    ``knees``: where they point; ``head``: turn, nod and tilt against the torso; ``laid``: on its ``back``, ``front`` or
    ``side``; ``seated``: as high as its seat, on it or, ``astride``, with feet that hang."""

    hips: Vector = (0.0, 0.925, 0.0)
    lean: float = 0.0
    roll: float = 0.0
    twist: float = 0.0
    feet: Pair = ((-0.11, 0.08, 0.0), (0.11, 0.08, 0.0))
    toes: tuple[float, float] = (-0.18, 0.18)
    heels: tuple[float, float] = (0.0, 0.0)
    knees: Pair = ((-0.15, 0.0, 1.0), (0.15, 0.0, 1.0))
    arms: Arms
    head: Vector = (0.0, 0.0, 0.0)
    laid: str | None = None
    seated: bool = False
    astride: bool = False


def _pair(x: float, y: float, z: float) -> Pair:
    """The same on both sides."""
    return (-x, y, z), (x, y, z)


_OUT, _DOWN = _pair(0.8, -0.4, -0.5), _pair(0.4, -1.0, -0.2)
HANG = Arms(hands=_pair(0.25, -0.53, 0.05))
LAP = Arms(hands=_pair(0.13, -0.38, 0.31), poles=_pair(0.7, -0.5, -0.6), grip=("flat", "flat"))
_SWING = Arms(hands=((-0.25, -0.48, 0.2), (0.25, -0.47, -0.18)), grip=("fist", "fist"))
_PUMP = Arms(hands=((-0.18, -0.2, 0.3), (0.26, -0.3, -0.22)), poles=_pair(0.5, -0.5, -1.0), grip=("fist", "fist"))
_UP: Pair = (1.0, 0.0, 0.0), (-1.0, 0.0, 0.0)

ARMS: dict[str, Arms] = {
    "hang": HANG,
    "lap": LAP,
    "wave": replace(
        HANG,
        hands=((-0.42, 0.3, 0.14), HANG.hands[1]),
        poles=((-1.0, -0.5, -0.2), HANG.poles[1]),
        grip=("flat", "relaxed"),
        thumbs=((1.0, 0.0, 0.2), None),
    ),
    "raise": Arms(hands=_pair(0.32, 0.44, 0.1), poles=_OUT, grip=("flat", "flat"), thumbs=_UP),
    "hands_up": Arms(hands=_pair(0.36, 0.2, 0.16), poles=_OUT, grip=("flat", "flat"), thumbs=_UP),
    "point": replace(
        HANG,
        hands=((-0.14, 0.06, 0.53), HANG.hands[1]),
        poles=((-0.6, -1, 0), HANG.poles[1]),
        grip=("point", "relaxed"),
    ),
    "reach": replace(
        HANG, hands=((-0.12, 0.06, 0.52), HANG.hands[1]), poles=((-0.6, -1, 0), HANG.poles[1]), grip=("flat", "relaxed")
    ),
    "reach_both": Arms(hands=_pair(0.16, -0.04, 0.5), poles=_DOWN, grip=("flat", "flat")),
    "hold_up": replace(
        HANG,
        hands=((-0.2, 0.42, 0.28), HANG.hands[1]),
        poles=((-0.9, -0.3, 0.1), HANG.poles[1]),
        grip=("fist", "relaxed"),
    ),
    "carry": Arms(
        hands=_pair(0.17, -0.3, 0.33),
        poles=_pair(0.8, -0.6, -0.4),
        grip=("flat", "flat"),
        thumbs=((0, 1, 0), (0, 1, 0)),
    ),
    "cradle": Arms(
        hands=((0.12, -0.28, 0.3), (-0.12, -0.26, 0.26)), poles=_pair(0.9, -0.7, 0.1), grip=("flat", "flat")
    ),
    "embrace": Arms(
        hands=((0.04, -0.06, 0.4), (-0.04, -0.2, 0.38)), poles=_pair(1.0, -0.4, 0.1), grip=("flat", "flat")
    ),
    "cross": Arms(hands=((0.13, -0.2, 0.2), (-0.13, -0.24, 0.23)), poles=_pair(0.9, -0.8, 0.1), grip=("fist", "flat")),
    "hips": Arms(hands=_pair(0.2, -0.4, 0.04), poles=_pair(1.0, 0.0, -0.4), grip=("fist", "fist")),
    "pray": Arms(
        hands=_pair(0.025, -0.1, 0.28),
        poles=_pair(0.9, -0.7, 0.0),
        grip=("flat", "flat"),
        thumbs=((0, 0.3, -1), (0, 0.3, -1)),
    ),
    "face": Arms(hands=_pair(0.08, 0.12, 0.18), poles=_pair(0.7, -0.8, 0.2), grip=("flat", "flat")),
    "chin": replace(
        LAP,
        hands=((-0.04, 0.02, 0.19), (0.02, -0.22, 0.2)),
        poles=((-0.4, -1, 0.2), (0.9, -0.6, 0)),
        grip=("fist", "flat"),
    ),
    "mouth": replace(
        HANG,
        hands=((-0.07, 0.07, 0.24), HANG.hands[1]),
        poles=((-0.7, -0.8, 0.1), HANG.poles[1]),
        grip=("fist", "relaxed"),
    ),
    "ear": replace(
        HANG,
        hands=((-0.14, 0.16, 0.1), HANG.hands[1]),
        poles=((-0.8, -0.8, 0.3), HANG.poles[1]),
        grip=("fist", "relaxed"),
        thumbs=((0.3, 0.4, 1.0), None),
    ),
    "salute": replace(
        HANG, hands=((-0.19, 0.2, 0.15), HANG.hands[1]), poles=((-1.0, 0.1, 0.1), HANG.poles[1]), grip=("flat", "flat")
    ),
    "present": replace(
        HANG,
        hands=((-0.15, -0.2, 0.33), HANG.hands[1]),
        poles=((-0.6, -0.9, -0.3), HANG.poles[1]),
        grip=("fist", "relaxed"),
    ),
    "read": Arms(hands=_pair(0.14, -0.19, 0.3), poles=_pair(0.8, -0.8, -0.1), grip=("fist", "fist")),
    "work": Arms(
        hands=((-0.13, -0.34, 0.36), (0.16, -0.36, 0.34)), poles=_pair(0.8, -0.5, -0.5), grip=("fist", "fist")
    ),
    "type": Arms(hands=_pair(0.1, -0.34, 0.38), poles=_pair(0.7, -0.6, -0.5), grip=("flat", "flat"), thumbs=_UP),
    "wheel": Arms(hands=_pair(0.17, -0.18, 0.42), poles=_DOWN, grip=("fist", "fist")),
    "push": Arms(
        hands=_pair(0.16, -0.12, 0.47), poles=_DOWN, grip=("flat", "flat"), thumbs=((0.3, 1, 0), (-0.3, 1, 0))
    ),
    "aim": Arms(hands=((-0.03, 0.02, 0.5), (0.02, 0.0, 0.47)), poles=_DOWN, grip=("fist", "fist")),
    "rifle": Arms(
        hands=((-0.1, 0.03, 0.2), (0.05, 0.02, 0.47)),
        poles=((-0.9, -0.6, -0.1), (0.5, -1.0, 0.0)),
        grip=("fist", "fist"),
    ),
    "rifle_low": Arms(
        hands=((-0.2, -0.33, 0.14), (0.14, -0.2, 0.32)), poles=_pair(0.8, -0.4, -0.6), grip=("fist", "fist")
    ),
    "sword": Arms(hands=((-0.05, -0.14, 0.36), (0.0, -0.2, 0.33)), poles=_pair(0.8, -0.7, -0.2), grip=("fist", "fist")),
    "guard": Arms(hands=((-0.1, -0.02, 0.26), (0.1, 0.02, 0.36)), poles=_pair(0.5, -1.0, 0.0), grip=("fist", "fist")),
    "punch": Arms(
        hands=((-0.06, 0.04, 0.53), (0.12, -0.02, 0.24)), poles=_pair(0.6, -1.0, -0.1), grip=("fist", "fist")
    ),
    "strike": Arms(
        hands=((-0.3, 0.38, -0.05), (0.12, -0.1, 0.32)),
        poles=((-0.9, 0.0, -0.4), (0.6, -1.0, 0.0)),
        grip=("fist", "fist"),
    ),
    "umbrella": replace(
        HANG,
        hands=((-0.16, -0.14, 0.25), HANG.hands[1]),
        poles=((-0.7, -0.9, -0.1), HANG.poles[1]),
        grip=("fist", "relaxed"),
    ),
    "lift": replace(
        HANG,
        hands=((-0.24, -0.02, 0.38), HANG.hands[1]),
        poles=((-0.7, -0.9, 0), HANG.poles[1]),
        grip=("fist", "relaxed"),
    ),
    "strum": Arms(
        hands=((-0.12, -0.34, 0.22), (0.36, -0.14, 0.26)), poles=_pair(0.9, -0.7, -0.2), grip=("flat", "fist")
    ),
    "bow": Arms(hands=((-0.1, -0.06, 0.34), (0.3, 0.06, 0.34)), poles=_pair(0.6, -1.0, 0.1), grip=("fist", "fist")),
    "handrail": replace(HANG, hands=((-0.3, -0.3, 0.28), HANG.hands[1]), grip=("flat", "relaxed")),
    "shrug": Arms(hands=_pair(0.36, -0.2, 0.26), poles=_pair(0.5, -1.0, -0.5), grip=("flat", "flat")),
    "argue": replace(
        HANG, hands=((-0.2, -0.04, 0.42), (0.28, -0.26, 0.28)), poles=_pair(0.6, -1.0, -0.2), grip=("point", "flat")
    ),
    "clap": Arms(hands=_pair(0.05, -0.12, 0.34), poles=_pair(0.8, -0.8, -0.1), grip=("flat", "flat")),
    "head_on_arms": Arms(
        hands=((0.1, -0.1, 0.36), (-0.1, -0.12, 0.34)), poles=_pair(1.0, -0.1, 0.3), grip=("flat", "flat")
    ),
}

POSES: dict[str, Pose] = {
    "stand": Pose(arms=HANG),
    "sit": Pose(hips=(0, 0.54, 0.0), lean=-0.04, feet=_pair(0.13, 0.08, 0.44), arms=LAP, seated=True),
    "lie": Pose(
        arms=replace(HANG, hands=_pair(0.3, -0.5, 0.0)), laid="back", feet=_pair(0.11, 0.08, 0.0), heels=(0.5, 0.5)
    ),
    "prone": Pose(
        arms=replace(HANG, hands=_pair(0.22, 0.26, 0.16), poles=_OUT, grip=("fist", "fist")),
        laid="front",
        heels=(1.2, 1.2),
        head=(0, -0.9, 0),
    ),
    "sleep": Pose(
        hips=(0, 0.925, 0),
        lean=0.2,
        feet=((-0.06, 0.3, -0.1), (0.06, 0.26, -0.16)),
        heels=(0.6, 0.6),
        laid="side",
        arms=Arms(hands=((-0.02, 0.06, 0.24), (0.06, 0.0, 0.3)), poles=_DOWN, grip=("flat", "flat")),
        head=(0, 0.15, 0),
    ),
    "kneel": Pose(
        hips=(0, 0.52, -0.02),
        lean=0.05,
        feet=_pair(0.1, 0.1, -0.43),
        heels=(1.3, 1.3),
        knees=_pair(0.1, -0.6, 1.0),
        arms=replace(LAP, hands=_pair(0.12, -0.42, 0.24)),
    ),
    "crouch": Pose(
        hips=(0, 0.42, -0.12),
        lean=0.55,
        feet=((-0.16, 0.08, 0.02), (0.16, 0.12, -0.12)),
        heels=(0.2, 0.7),
        knees=_pair(0.35, 0.2, 1.0),
        arms=Arms(hands=_pair(0.2, -0.3, 0.4), poles=_OUT),
        head=(0, -0.4, 0),
    ),
    "lean": Pose(
        hips=(0, 0.9, 0.1),
        lean=-0.2,
        roll=0.0,
        feet=((-0.1, 0.08, 0.34), (0.13, 0.09, 0.24)),
        arms=replace(HANG, hands=((0.12, -0.22, 0.2), (-0.1, -0.25, 0.22)), poles=_pair(0.9, -0.8, 0.1)),
        head=(0, 0.12, 0),
    ),
    "lean_on": Pose(
        hips=(0, 0.9, -0.22),
        lean=0.5,
        feet=((-0.12, 0.08, -0.26), (0.12, 0.08, -0.36)),
        arms=Arms(hands=_pair(0.16, -0.3, 0.36), poles=_OUT, grip=("flat", "flat")),
        head=(0, -0.4, 0),
    ),
    "walk": Pose(
        hips=(0, 0.9, 0),
        lean=0.06,
        twist=0.08,
        feet=((-0.09, 0.1, -0.3), (0.09, 0.08, 0.3)),
        heels=(0.55, -0.2),
        arms=_SWING,
    ),
    "run": Pose(
        hips=(0, 0.9, 0),
        lean=0.24,
        twist=0.2,
        feet=((-0.1, 0.42, -0.48), (0.09, 0.1, 0.32)),
        heels=(1.2, 0.1),
        arms=_PUMP,
        head=(0, -0.2, 0),
    ),
    "jump": Pose(
        hips=(0, 1.45, 0),
        lean=0.12,
        feet=((-0.16, 0.78, -0.22), (0.16, 0.98, 0.2)),
        heels=(0.8, 0.5),
        arms=Arms(hands=_pair(0.42, 0.34, 0.05), poles=_OUT, grip=("flat", "flat")),
    ),
    "dance": Pose(
        hips=(0.06, 0.9, 0),
        roll=-0.14,
        twist=0.3,
        feet=((-0.28, 0.12, 0.12), (0.1, 0.08, -0.04)),
        heels=(0.6, 0),
        arms=Arms(hands=((-0.48, 0.18, 0.1), (0.32, 0.42, 0.02)), poles=_OUT, grip=("flat", "flat")),
        head=(0.2, -0.1, 0.15),
    ),
    "ride": Pose(
        hips=(0, 1.02, -0.02),
        lean=0.08,
        feet=_pair(0.34, 0.42, 0.12),
        heels=(-0.1, -0.1),
        knees=_pair(0.6, 0, 1.0),
        arms=Arms(hands=_pair(0.1, -0.34, 0.36), poles=_DOWN, grip=("fist", "fist")),
        seated=True,
        astride=True,
    ),
    "cycle": Pose(
        hips=(0, 1.02, -0.22),
        lean=0.62,
        feet=((-0.1, 0.24, -0.05), (0.1, 0.46, 0.06)),
        knees=_pair(0.1, 0.3, 1.0),
        arms=Arms(hands=_pair(0.22, -0.2, 0.46), poles=_DOWN, grip=("fist", "fist")),
        head=(0, -0.5, 0),
        seated=True,
        astride=True,
    ),
    "drive": Pose(
        hips=(0, 0.54, 0.0),
        lean=-0.18,
        feet=_pair(0.13, 0.1, 0.6),
        heels=(-0.4, -0.4),
        arms=ARMS["wheel"],
        head=(0, 0.1, 0),
        seated=True,
    ),
    "reach": Pose(lean=0.12, arms=ARMS["reach"], feet=((-0.1, 0.08, -0.12), (0.12, 0.08, 0.14))),
    "embrace": Pose(lean=0.1, arms=ARMS["embrace"], head=(0.35, 0.1, 0.1)),
    "fight": Pose(
        hips=(0, 0.84, 0),
        lean=0.16,
        twist=-0.4,
        feet=((-0.18, 0.09, -0.3), (0.16, 0.08, 0.28)),
        heels=(0.4, 0),
        arms=ARMS["guard"],
        head=(0.3, 0.05, 0),
    ),
    "punch": Pose(
        hips=(0, 0.84, 0.06),
        lean=0.25,
        twist=0.5,
        feet=((-0.16, 0.1, -0.36), (0.16, 0.08, 0.3)),
        heels=(0.6, 0),
        arms=ARMS["punch"],
        head=(-0.4, 0, 0),
    ),
    "climb": Pose(
        hips=(0, 1.05, 0),
        lean=0.12,
        feet=((-0.13, 0.5, 0.2), (0.14, 0.16, 0.06)),
        heels=(0.4, 0.5),
        knees=_pair(0.5, 0.2, 1.0),
        arms=Arms(hands=((-0.2, 0.42, 0.28), (0.2, 0.14, 0.34)), poles=_OUT, grip=("fist", "fist")),
        head=(0, -0.5, 0),
    ),
    "fall": Pose(
        hips=(0, 0.75, 0),
        lean=-0.85,
        feet=((-0.2, 0.3, 0.62), (0.2, 0.08, 0.45)),
        heels=(-0.6, 0.0),
        arms=Arms(hands=((-0.5, 0.1, -0.12), (0.46, 0.22, 0.1)), poles=_OUT, grip=("flat", "flat")),
        head=(0, 0.5, 0.2),
    ),
    "swim": Pose(
        hips=(0, 0.925, 0),
        laid="front",
        heels=(1.3, 1.3),
        feet=((-0.12, 0.08, -0.1), (0.12, 0.1, 0.06)),
        arms=Arms(hands=((-0.2, 0.52, 0.04), (0.32, -0.38, 0.1)), poles=_OUT, grip=("flat", "flat")),
        head=(0.3, -0.6, 0),
    ),
    "crawl": Pose(
        hips=(0, 0.54, -0.3),
        lean=1.42,
        feet=((-0.13, 0.09, -0.72), (0.13, 0.09, -0.6)),
        heels=(1.4, 1.4),
        knees=_pair(0.1, -1.0, 0.4),
        arms=Arms(hands=((-0.18, 0.12, 0.5), (0.18, -0.06, 0.5)), poles=_pair(0.5, -1.0, 0.0), grip=("flat", "flat")),
        head=(0, -0.95, 0),
    ),
    "bow": Pose(hips=(0, 0.92, -0.1), lean=0.9, arms=replace(HANG, hands=_pair(0.2, -0.48, 0.22)), head=(0, 0.3, 0)),
    "slump": Pose(
        hips=(0, 0.54, 0.0),
        lean=0.72,
        feet=_pair(0.13, 0.08, 0.36),
        arms=ARMS["head_on_arms"],
        head=(0.5, 0.5, 0.2),
        seated=True,
    ),
    "cower": Pose(
        hips=(0, 0.3, -0.1),
        lean=0.5,
        feet=_pair(0.12, 0.08, 0.22),
        knees=_pair(0.2, 0.6, 0.8),
        arms=ARMS["cross"],
        head=(0, 0.45, 0),
    ),
    "sit_ground": Pose(
        hips=(0, 0.13, -0.1),
        lean=0.12,
        feet=_pair(0.15, 0.08, 0.42),
        knees=_pair(0.15, 1.0, 0.4),
        arms=replace(LAP, hands=_pair(0.1, -0.22, 0.4)),
    ),
}
for _name, _stance in {
    "point": "stand",
    "wave": "stand",
    "hold_up": "stand",
    "carry": "stand",
    "raise": "stand",
    "aim": "fight",
    "salute": "stand",
    "pray": "kneel",
}.items():
    POSES[_name] = replace(POSES[_stance], arms=ARMS[_name])

OTHERWISE: dict[str, str] = {
    "seated": "sit",
    "squat": "crouch",
    "lying": "lie",
    "asleep": "sleep",
    "hug": "embrace",
    "kiss": "embrace",
    "stroll": "walk",
    "march": "walk",
    "sprint": "run",
    "flee": "run",
    "leap": "jump",
    "drown": "swim",
    "float": "swim",
    "hide": "crouch",
    "curl": "cower",
    "cheer": "raise",
    "surrender": "raise",
    "stumble": "fall",
    "trip": "fall",
    "faint": "fall",
    "dive": "swim",
    "ascend": "climb",
    "skate": "run",
    "cycle": "cycle",
    "box": "fight",
    "duel": "fight",
    "wrestle": "fight",
    "stoop": "bow",
    "bend": "bow",
    "slump": "slump",
    "stretch": "raise",
    "perch": "sit",
    "collapse": "fall",
}
GESTURES: dict[str, str] = {
    "wave": "wave",
    "point": "point",
    "reach": "reach",
    "cheer": "raise",
    "pray": "pray",
    "smoke": "mouth",
    "drink": "mouth",
    "eat": "mouth",
    "cry": "face",
    "weep": "face",
    "sob": "face",
    "think": "chin",
    "phone": "ear",
    "call": "ear",
    "talk on phone": "ear",
    "salute": "salute",
    "read": "read",
    "write": "work",
    "type": "type",
    "cook": "work",
    "cut": "work",
    "slice": "work",
    "wash": "work",
    "rinse": "work",
    "drive": "wheel",
    "push": "push",
    "aim": "aim",
    "shoot": "aim",
    "carry": "carry",
    "embrace": "embrace",
    "hug": "embrace",
    "shrug": "shrug",
    "argue": "argue",
    "shout": "argue",
    "clap": "clap",
    "applaud": "clap",
    "play": "work",
    "strum": "strum",
    "surrender": "hands_up",
    "cross arms": "cross",
    "listen": "chin",
    "hold up": "hold_up",
    "lift": "hold_up",
    "sew": "work",
    "knit": "work",
    "paint": "reach",
    "sell": "present",
    "give": "reach",
    "offer": "reach",
    "knock": "reach",
    "open": "reach",
    "close": "reach",
    "hold": "present",
    "wait": "hang",
    "stare": "hang",
    "sing": "shrug",
    "repair": "work",
    "dig": "work",
    "sweep": "work",
    "count": "read",
    "pull": "push",
    "polish": "work",
    "toast": "lift",
    "turn": "work",
    "whisper": "mouth",
    "pour": "present",
}
"""What the arms do in an action."""
TOUCHES: dict[str, str] = {
    "cheek": "chin", "chin": "chin", "jaw": "chin", "temple": "chin", "mouth": "mouth", "lip": "mouth", "face": "face",
    "eye": "face", "head": "face", "brow": "face", "forehead": "face", "ear": "ear", "hip": "hips", "waist": "hips",
}  # fmt: skip
"""What the arms do where a hand is on that part."""


def pose_of(name: str | None) -> Pose | None:
    """The pose of that name, or of one that means it; None if none does."""
    key = (name or "stand").lower().replace(" ", "_")
    return POSES.get(key) or POSES.get(OTHERWISE.get(key, ""))


def touching(traits: tuple[str, ...]) -> Arms | None:
    """What the arms do by what is said of a hand: *hand on cheek*; None where nothing is."""
    parts = (trait.removeprefix("hand on ") for trait in traits if trait.startswith("hand on "))
    return next((ARMS[TOUCHES[part]] for part in parts if part in TOUCHES), None)


def arms_of(action: str | None) -> Arms | None:
    """What the arms do when somebody does that; None for what arms have no part in."""
    if not action:
        return None
    said = action.lower().strip()
    words = [said, *said.split()]
    for word in words:
        for form in (
            word,
            word.removesuffix("s"),
            word.removesuffix("ing"),
            word.removesuffix("ing") + "e",
            word.removesuffix("es"),
        ):
            if form in GESTURES:
                return ARMS[GESTURES[form]]
    return None
