"""How a move begins and ends: the share of the way that is done by the share of the time that is over."""

from collections.abc import Callable

EASES: dict[str, Callable[[float], float]] = {
    "linear": lambda t: t,
    "in": lambda t: t * t,
    "out": lambda t: 1 - (1 - t) ** 2,
    "in_out": lambda t: t * t * (3 - 2 * t),
}
EASE_NAMES = tuple(EASES)


def steep(share: float) -> float:
    """Nothing at 0 and 1 moves, nor does its speed: what a whip pan is made with. 6t^5 - 15t^4 + 10t^3."""
    return share * share * share * (share * (share * 6 - 15) + 10)
