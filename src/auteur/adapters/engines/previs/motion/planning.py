"""What a move is planned from: the shot, its stage, the rig as it is framed, and how much a size is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from auteur.adapters.engines.previs.motion.rig import Point, Rig
from auteur.adapters.engines.previs.reading.shot import SIZES, CameraMove, Shot
from auteur.adapters.engines.previs.staging.stage import Stage

_SHARES = (0.15, 0.3, 0.46, 0.66, 0.86, 1.28, 3.1, 7.5)
"""By size, how much of a standing person's height the frame is high."""
CLOSEST_M = 0.4
"""How near a camera goes to its subject."""
SHORTEST_MM, LONGEST_MM = 8.0, 400.0
BY_SPEED = {"slow": 0.6, "medium": 1.0, "fast": 1.6}


@dataclass(frozen=True, slots=True)
class Moment:
    """``share``: of the time, 0 to 1; ``done``: of the way, after easing; ``seconds``: since the shot began; ``reach``:
    the share of its way on the floor that the camera can go before something stands in it."""

    share: float
    done: float
    seconds: float
    reach: float = 1.0


Motion = Callable[[Rig, Moment], None]


@dataclass(slots=True)
class Plan:
    """What a move is planned from. ``base``: the rig as the shot is framed; ``follow``: where the followed person is at
    so many seconds, from where they were at first; ``degrees``: how far a turn goes where the words say it."""

    shot: Shot
    stage: Stage
    base: Rig
    seconds: float
    rate_hz: float
    seed: int
    follow: Callable[[float], Point] | None = None
    degrees: float | None = None
    told: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def width_m(self) -> float:
        """How wide the frame is where the subject is."""
        return self.base.subject_m / self.base.focal

    @property
    def height_m(self) -> float:
        """How high the frame is there."""
        lens = self.stage.lens
        return self.width_m * lens.frame_height_mm / lens.frame_width_mm

    @property
    def frame_mm(self) -> float:
        """The frame's width on the sensor."""
        return self.stage.lens.frame_width_mm

    def scale_to(self, move: CameraMove, steps: int) -> float:
        """By what the frame's height changes, from the shot's size to ``steps`` sizes on (below 0: tighter), or to the
        size that the words name as the end."""
        size = self.shot.size or "medium"
        here = SIZES.index(size) if size in SIZES else 3
        named = (move.target or "").casefold().replace("-", "_").replace(" ", "_")
        there = SIZES.index(named) if named in SIZES else here + steps * (2 if move.speed == "fast" else 1)
        self.told["to_size"] = SIZES[min(max(there, 0), len(SIZES) - 1)]
        beyond = 0.7 ** max(-there, 0) * 1.5 ** max(there - len(SIZES) + 1, 0)
        ratio = _SHARES[min(max(there, 0), len(SIZES) - 1)] / _SHARES[here] * beyond
        return min(max(ratio, 0.4), 2.5)


def hand_of(move: CameraMove, positive: set[str], negative: set[str], otherwise: int = 1) -> int:
    """1 or -1 by the direction that the words give."""
    said = set((move.direction or "").casefold().replace("-", "").split())
    return 1 if said & positive else -1 if said & negative else otherwise
