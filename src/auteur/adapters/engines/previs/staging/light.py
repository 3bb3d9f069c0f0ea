"""Light: the sky of an hour, what the weather makes of it, the key where a source or a style has it, and practicals.

A shot says light as a gaffer does: by source (window, lamp, candle, neon, headlights, fire, torch, moon, screen), by
direction (backlit, rim, side, top), by quality (hard, soft) and by level (low key, high key, silhouette).
Terms: Blain Brown, Motion Picture and Video Lighting, 1992.

Long because hour, weather, sources and styles all turn the same key, sky and exposure.

Units: linear RGB; angles in radians. The key is the sky's sun, indoors too: a lamp of the grid.
"""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from auteur.adapters.engines.previs.reading.shot import Shot
from auteur.adapters.engines.previs.rendering.forms import Material, Vector
from auteur.adapters.engines.previs.rendering.world import Camera, PointLight, Sky
from auteur.adapters.engines.previs.staging.materials import COLOURS, mix, scaled
from auteur.adapters.engines.previs.staging.places.names import FRONTS
from auteur.adapters.engines.previs.staging.places.site import Place

MAX_LIGHTS = 8
"""Practicals that light: each costs every surface of every pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """``high``: the sun's height in degrees."""

    zenith: Vector
    horizon: Vector
    sun: Vector
    high: float
    exposure: float
    stars: float = 0.0
    disc: float = 1.0


def _hour(zenith: Vector, horizon: Vector, sun: Vector, high: float, exposure: float, stars: float = 0.0) -> Hour:
    return Hour(
        zenith=zenith, horizon=horizon, sun=sun, high=high, exposure=exposure, stars=stars, disc=1 - 0.65 * stars
    )


HOURS: Mapping[str, Hour] = {
    "dawn": _hour((0.16, 0.24, 0.45), (0.95, 0.55, 0.42), (2.2, 1.15, 0.65), 6, 0.8),
    "morning": _hour((0.2, 0.38, 0.75), (0.75, 0.78, 0.8), (3.0, 2.5, 1.9), 27, 0.62),
    "day": _hour((0.17, 0.36, 0.8), (0.68, 0.78, 0.9), (3.3, 3.0, 2.6), 48, 0.5),
    "noon": _hour((0.14, 0.34, 0.82), (0.7, 0.8, 0.92), (3.8, 3.6, 3.2), 74, 0.4),
    "afternoon": _hour((0.2, 0.36, 0.7), (0.8, 0.74, 0.66), (3.2, 2.6, 1.8), 30, 0.6),
    "golden_hour": _hour((0.2, 0.26, 0.46), (1.15, 0.56, 0.22), (3.4, 1.5, 0.5), 7, 0.72),
    "dusk": _hour((0.03, 0.055, 0.17), (0.5, 0.2, 0.14), (0.6, 0.22, 0.12), 1.5, 0.95),
    "evening": _hour((0.06, 0.09, 0.22), (0.62, 0.33, 0.22), (0.95, 0.42, 0.2), 4, 0.9),
    "blue_hour": _hour((0.025, 0.06, 0.2), (0.1, 0.17, 0.36), (0.1, 0.15, 0.3), 5, 1.35, 0.25),
    "night": _hour((0.006, 0.011, 0.03), (0.022, 0.034, 0.065), (0.13, 0.17, 0.26), 38, 2.3, 1.0),
}
"""The ten times of day."""
DARK = frozenset({"dusk", "night", "dawn", "evening", "blue_hour"})
"""When lamps are lit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Air:
    """``grey``: how much of the sky's colour is gone; ``sun``: how much of the sun is left; ``haze``: extinction per
    metre; ``tint``: what the haze is dyed with; ``dim``: how much darker."""

    grey: float = 0.0
    sun: float = 1.0
    haze: float = 0.0012
    clouds: float = 0.35
    fall: str | None = None
    tint: Vector | None = None
    dim: float = 1.0


AIRS: Mapping[str, Air] = {
    "clear": Air(),
    "overcast": Air(grey=0.75, sun=0.18, haze=0.004, clouds=0.0, dim=0.85),
    "fog": Air(grey=0.85, sun=0.15, haze=0.045, clouds=0.0, dim=0.85),
    "rain": Air(grey=0.8, sun=0.14, haze=0.014, clouds=0.0, fall="rain", dim=0.8),
    "storm": Air(grey=0.85, sun=0.1, haze=0.012, clouds=1.0, fall="rain", dim=0.5),
    "snow": Air(grey=0.75, sun=0.25, haze=0.016, clouds=0.0, fall="snow", dim=0.9),
    "haze": Air(grey=0.3, sun=0.7, haze=0.014, clouds=0.0),
    "wind": Air(grey=0.12, sun=0.9, haze=0.002, clouds=0.75),
    "dust": Air(grey=0.35, sun=0.6, haze=0.024, clouds=0.0, tint=(0.85, 0.55, 0.28), dim=0.95),
}
"""The nine weathers."""
_VEIL = 0.45
"""How much of it there is at most between the lens and the subject: two thirds of its light come through."""
_ORDER = ("storm", "snow", "rain", "fog", "dust", "haze", "overcast", "wind", "clear")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lighting:
    """What lights a set: see `Set`. ``assumed``: what the words left open; ``unmet``: what was asked and is
    not drawn."""

    sky: Sky
    lights: tuple[PointLight, ...]
    haze: float
    haze_color: Vector
    exposure: float
    bounce: float
    fall: str | None
    ground: Material | None
    assumed: Mapping[str, object]
    unmet: tuple[str, ...] = ()


_NIGHTLY = frozenset({"moon", "candle", "torch", "headlights", "neon"})
"""Light that says night where no hour is said."""


def is_dark(shot: Shot) -> bool:
    """Whether lamps are lit: by the hour, the storm, or because low light was asked for."""
    low = _NIGHTLY & set(shot.light)
    return shot.time_of_day in DARK or "storm" in shot.weather or bool(low and shot.time_of_day is None)


def light(
    shot: Shot,
    place: Place,
    camera: Camera,
    rng: random.Random,
    *,
    lights: Sequence[PointLight] = (),
    about: Vector = (0.0, 1.2, 0.0),
    front: float = 0.0,
    shaded: Callable[[Vector], bool] = lambda to: False,
) -> Lighting:
    """Lights the shot.

    ``lights``: the practicals that place and props have; ``about``: where the subject is; ``front``: the heading in
    which it looks, for light that comes to its face; ``shaded``: whether something of the set stands in that direction
    from it, so that a sun there would not reach it. The styles go by the camera: backlit is against the lens.
    Deterministic for the same ``rng``.
    """
    said = set(shot.light)
    when = shot.time_of_day or ("night" if _NIGHTLY & said else "day")
    assumed: dict[str, object] = {}
    if shot.time_of_day is None:
        assumed["time_of_day"] = when
    hour = HOURS[when]
    ahead = math.atan2(camera.target[0] - camera.at[0], -(camera.target[2] - camera.at[2]))
    sky, exposure, bounce = (
        _indoors(when, place, ahead, rng, said) if place.interior else _outdoors(hour, place, ahead, rng, shaded)
    )
    haze, haze_color, fall, ground = 0.0, (0.5, 0.5, 0.5), None, place.ground
    weather = next((name for name in _ORDER if name in shot.weather), "clear")
    air = AIRS[weather]
    if place.interior:
        haze_color = scaled(sky.horizon, 1.4)
        smoky = any(prop.what.lower() in ("smoke", "steam", "mist", "dust") for prop in shot.props)
        haze = {"fog": 0.05, "haze": 0.03, "dust": 0.03}.get(weather, 0.03 if smoky else 0.0)
    else:
        sky, haze_color = _weathered(sky, air)
        haze, fall = air.haze, air.fall
        exposure *= 1.1 if air.grey > 0.5 else 1.0
        ground = _seasoned(ground, shot, fall)
    far = math.dist(camera.at, about)
    haze = min(haze, max(_VEIL / max(far, 1e-6), 0.0012))  # air hides what is behind the subject before it hides that
    sky, exposure, bounce, colour = _styled(sky, exposure, bounce, said, ahead, place.interior, rng)
    practicals = _sources(said, colour, about, front, camera, place, lights)
    if said & {"candle", "fire", "torch", "lamp", "neon", "screen", "headlights", "practical"} and (
        when in DARK or place.interior or "low_key" in said
    ):
        sky, bounce = _dimmed(sky, 0.35 if "high_key" not in said else 0.8), bounce * 0.8
        exposure *= 0.8 if said & {"fire", "torch", "headlights"} and not place.interior else 1.25
    exposure = _metered(exposure, sky, about, practicals)
    if "shafts" in said:
        haze = max(haze, 0.02)
    unmet = [f"{what} is not drawn in a single frame." for what in ("flicker",) if what in said]
    unmet += ["A lens flare is not drawn."] if "lens_flare" in said else []
    if place.interior and air.fall:
        unmet.append(f"The {air.fall} outside is not drawn.")  # nothing lies behind a room's windows
    if not shot.weather:
        assumed["weather"] = ["clear"]
    return Lighting(
        sky=sky, lights=tuple(practicals), haze=haze, haze_color=haze_color, exposure=exposure, bounce=bounce,
        fall=fall,
        ground=ground, assumed=assumed, unmet=tuple(unmet),
    )  # fmt: skip


_BRIGHTEST = 1.9
"""What may fall on whom the light is for, times the exposure: a fair skin is then just below white."""


def _metered(exposure: float, sky: Sky, about: Vector, practicals: Sequence[PointLight]) -> float:
    """The exposure, or so much less that the subject is not burnt out by lamps that stand near it."""
    lamps = sum(  # what one holds lights the hand, not the face
        _strength(lamp.power) * 0.75 / (max(math.dist(lamp.at, about), 0.6) ** 2 + 0.17) for lamp in practicals
    )
    fallen = lamps + _strength(sky.horizon) + 0.5 * _strength(sky.sun_color)
    if lamps <= 0:
        return exposure
    return min(exposure, max(_BRIGHTEST / max(fallen, 1e-6), 0.45 * exposure))


def _strength(colour: Vector) -> float:
    """How bright a colour is: by its luminance, and by its strongest channel, which is what burns out."""
    return 0.5 * (0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]) + 0.5 * max(colour)


def _toward(azimuth: float, rise: float) -> Vector:
    """A direction: 0 is -z, growing towards +x; ``rise`` over the horizon."""
    return math.sin(azimuth) * math.cos(rise), math.sin(rise), -math.cos(azimuth) * math.cos(rise)


def _outdoors(
    hour: Hour, place: Place, ahead: float, rng: random.Random, shaded: Callable[[Vector], bool]
) -> tuple[Sky, float, float]:
    low = hour.high < 12
    # a low sun is in the picture or just out of it; a high one lights from the side, or from where it reaches whom it
    # is for: a street's houses stand in its way on the one or the other
    side, turn = rng.choice((-1, 1)), rng.uniform(0.12, 0.3) if low else rng.uniform(0.9, 2.1)
    if place.name in FRONTS and not hour.stars:
        low, turn = False, rng.uniform(1.9, 2.3)  # from behind the camera: what is seen of the building is its front
    turns = (turn,) if low or hour.stars else (turn, -turn, 2.6, -2.6, 3.1, 0.6, -0.6)
    rise = math.radians(hour.high)
    free = (side * turn for turn in turns if not shaded(_toward(ahead + side * turn, rise)))
    azimuth = ahead + next(free, side * turn)
    ridges = tuple(
        (tall, rough, mix(scaled(hour.zenith, 0.35), hour.horizon, 0.55 - 0.25 * index))
        for index, (tall, rough) in enumerate(place.ridges)
    )
    sky = Sky(
        zenith=hour.zenith, horizon=hour.horizon, sun=_toward(azimuth, math.radians(hour.high)), sun_color=hour.sun,
        sun_size=0.015, stars=hour.stars, disc=hour.disc, ridges=ridges,
    )  # fmt: skip
    return sky, hour.exposure, 0.14


_INSIDE: Mapping[str, tuple[Vector, Vector, float]] = {
    # the sky's share, the key, the exposure
    "day": ((0.42, 0.42, 0.44), (1.6, 1.45, 1.2), 0.83),
    "morning": ((0.42, 0.42, 0.43), (1.8, 1.5, 1.1), 0.83),
    "noon": ((0.48, 0.48, 0.49), (1.7, 1.6, 1.45), 0.78),
    "afternoon": ((0.4, 0.38, 0.36), (1.8, 1.4, 0.95), 0.83),
    "golden_hour": ((0.3, 0.24, 0.2), (2.2, 1.15, 0.45), 0.85),
    "dawn": ((0.16, 0.15, 0.19), (0.75, 0.48, 0.36), 0.95),
    "dusk": ((0.1, 0.09, 0.12), (0.5, 0.28, 0.2), 1.0),
    "evening": ((0.14, 0.115, 0.1), (0.62, 0.42, 0.26), 1.0),
    "blue_hour": ((0.06, 0.075, 0.13), (0.16, 0.24, 0.42), 1.05),
    "night": ((0.05, 0.055, 0.07), (0.16, 0.2, 0.3), 1.0),
}


def _indoors(when: str, place: Place, ahead: float, rng: random.Random, said: set[str]) -> tuple[Sky, float, float]:
    """The key comes over the camera's shoulder, as from a lamp on the grid; from a window, if one was asked for."""
    soft, key, exposure = _INSIDE[when]
    azimuth = ahead + math.pi + rng.choice((-1, 1)) * rng.uniform(0.55, 0.95)
    rise, size = math.radians(48), 0.12
    if "window" in said:
        azimuth, rise, size = _from_window(place, ahead), math.radians(24), 0.2
        soft, key = scaled(soft, 0.4), scaled(key, 1.5)
    if "moon" in said:
        key, soft, size = (0.24, 0.34, 0.56), (0.03, 0.04, 0.065), 0.03
        exposure *= 1.3
    return (
        Sky(zenith=soft, horizon=soft, sun=_toward(azimuth, rise), sun_color=key, sun_size=size, disc=0.0),
        exposure,
        0.3,
    )


def _from_window(place: Place, ahead: float) -> float:
    """The azimuth that the nearest window to the camera's side has; the camera's left where the room has none."""
    best = min(
        place.windows,
        key=lambda w: abs(math.remainder(math.atan2(w.at[0], -w.at[2]) - ahead, math.tau) ** 2 - (math.pi / 2) ** 2),
        default=None,
    )
    return math.atan2(best.at[0], -best.at[2]) if best else ahead - math.pi / 2


def _weathered(sky: Sky, air: Air) -> tuple[Sky, Vector]:
    """The sky in that air, and the colour of what is far."""
    grey = sum(sky.horizon) / 3
    veil = mix(sky.horizon, (grey, grey, grey * 1.05), 0.6)
    if air.tint:
        veil = mix(veil, scaled(air.tint, grey * 1.6), 0.7)
    keeps = air.sun > 0.5
    changed = replace(
        sky,
        zenith=scaled(mix(sky.zenith, veil, air.grey), air.dim),
        horizon=scaled(mix(sky.horizon, veil, max(air.grey, 0.8 if air.tint else 0.0)), air.dim),
        sun_color=scaled(sky.sun_color, air.sun),
        sun_size=sky.sun_size if keeps else 0.25,
        clouds=air.clouds,
        stars=sky.stars * keeps,
        disc=sky.disc * keeps,
        ridges=tuple((h, r, mix(c, veil, min(air.haze * 14, 0.85))) for h, r, c in sky.ridges),
    )
    return changed, scaled(veil, air.dim)


def _seasoned(ground: Material | None, shot: Shot, fall: str | None) -> Material | None:
    """Snow lies in winter and where it falls; leaves in autumn."""
    if ground is None or ground.pattern in ("planks",):
        return ground
    if fall == "snow" or shot.season == "winter":
        if ground.pattern == "road" and fall != "snow":
            return ground
        return Material((0.7, 0.73, 0.78), pattern="earth", scale=20)
    if shot.season == "autumn" and ground.pattern == "earth":
        return replace(ground, color=mix(ground.color, (0.3, 0.14, 0.03), 0.35))
    return ground


def _styled(
    sky: Sky, exposure: float, bounce: float, said: set[str], ahead: float, interior: bool, rng: random.Random
) -> tuple[Sky, float, float, Vector | None]:
    """The key where a style has it, and how much there is beside it; the colour that was said, if one was."""
    named = sorted(word for word in said if word in COLOURS)
    colour = COLOURS[named[0]] if named else None
    side = rng.choice((-1, 1))
    strength = max(sky.sun_color) or 1.0
    if "silhouette" in said:
        # the ground behind is bright, who stands before it gets nothing
        bright = scaled(sky.horizon, 1.5 if interior else 1.15)
        sky = replace(sky, sun=_toward(ahead + side * 0.05, math.radians(5)), horizon=bright, sun_size=0.02)
        if interior:
            sky = _dimmed(sky, 0.08)
        return sky, exposure * (0.5 if not interior else 0.9), 0.0, colour
    if "backlit" in said or "lens_flare" in said:
        rise = math.radians(12 if not interior else 32)
        sky = replace(sky, sun=_toward(ahead + side * 0.22, rise), sun_color=scaled(sky.sun_color, 1.35))
        bounce *= 0.7
    elif "rim" in said:
        sky = replace(sky, sun=_toward(ahead + side * 0.55, math.radians(38)), sun_color=scaled(sky.sun_color, 1.7))
        sky, bounce = _filled(sky, 0.45), bounce * 0.5
    elif "side" in said:
        sky = replace(sky, sun=_toward(ahead + side * math.pi / 2, math.radians(18)))
        sky, bounce = _filled(sky, 0.6), bounce * 0.6
    elif "top" in said:
        sky = replace(sky, sun=_toward(ahead, math.radians(84)), sun_color=scaled(sky.sun_color, 1.3))
        sky, bounce = _filled(sky, 0.5), bounce * 0.6
    if "hard" in said:
        sky, bounce = replace(_filled(sky, 0.6), sun_size=0.004, sun_color=scaled(sky.sun_color, 1.2)), bounce * 0.7
    if "soft" in said:
        sky, bounce = replace(_filled(sky, 1.4), sun_size=0.5, sun_color=scaled(sky.sun_color, 0.7)), bounce * 1.3
    if "low_key" in said:
        sky = replace(_filled(sky, 0.16), sun=_toward(ahead + side * 1.9, math.radians(34)))
        exposure, bounce = exposure * 0.75, bounce * 0.25
    if "high_key" in said:
        sky = replace(_filled(sky, 1.9), sun_size=0.35, sun_color=scaled(sky.sun_color, 0.8))
        exposure, bounce = exposure * 1.12, bounce * 1.8
    if "fluorescent" in said:
        green: Vector = (0.85, 1.05, 0.9)
        sky = replace(
            sky, sun=_toward(ahead, math.radians(80)), sun_size=0.4,
            sun_color=(strength * 0.8 * green[0], strength * 0.8 * green[1], strength * 0.8 * green[2]),
            zenith=_times(sky.zenith, green), horizon=_times(sky.horizon, green),
        )  # fmt: skip
    if "shafts" in said:
        sky = replace(sky, sun_color=scaled(sky.sun_color, 1.5), sun_size=0.006)
    if "moon" in said and not interior:
        sky = replace(sky, sun_color=(0.22, 0.3, 0.46), disc=1.0)
    if colour and not said & {"neon"}:
        dyed = scaled(colour, strength / max(colour))
        sky = replace(sky, sun_color=mix(sky.sun_color, dyed, 0.7))
    return sky, exposure, bounce, colour


def _times(a: Vector, b: Vector) -> Vector:
    return a[0] * b[0], a[1] * b[1], a[2] * b[2]


def _filled(sky: Sky, by: float) -> Sky:
    """More or less of what comes from everywhere. What is seen of the sky changes with it."""
    return replace(sky, zenith=scaled(sky.zenith, by), horizon=scaled(sky.horizon, by))


def _dimmed(sky: Sky, by: float) -> Sky:
    return replace(_filled(sky, by), sun_color=scaled(sky.sun_color, by))


_SOURCES: Mapping[str, tuple[Vector, float, float, float]] = {
    # power at one metre, how far ahead of the face, how far aside, how high against the middle of the subject
    "candle": ((2.4, 1.3, 0.48), 0.55, 0.35, -0.15),
    "fire": ((9.0, 3.9, 1.1), 1.2, 0.5, -0.8),
    "torch": ((6.0, 2.8, 0.9), 0.7, 0.7, 0.5),
    "lamp": ((4.4, 2.8, 1.3), 0.7, 0.9, 0.35),
    "screen": ((0.5, 0.85, 1.25), 0.6, 0.05, -0.1),
    "practical": ((3.4, 2.2, 1.1), -0.6, 1.3, 0.5),
}


def _sources(
    said: set[str],
    colour: Vector | None,
    about: Vector,
    front: float,
    camera: Camera,
    place: Place,
    lights: Sequence[PointLight],
) -> list[PointLight]:
    """The practicals: those asked for, then those of the set that are nearest to the subject."""
    made: list[PointLight] = []
    c, s = math.cos(front), math.sin(front)

    def at(ahead: float, aside: float, up: float) -> Vector:
        return about[0] + aside * c + ahead * s, max(about[1] + up, 0.25), about[2] + ahead * c - aside * s

    if "silhouette" in said and place.interior:  # what is behind is lit, and nothing else
        away = math.atan2(about[0] - camera.at[0], about[2] - camera.at[2])
        spots = [(math.sin(away + turn) * 2.8, math.cos(away + turn) * 2.8) for turn in (-0.5, 0.5)]
        return [PointLight((about[0] + x, about[1] + 0.5, about[2] + z), (7.0, 6.4, 5.4)) for x, z in spots]
    near = [lamp for lamp in lights if math.dist(lamp.at, about) < 2.5]
    for source, (power, ahead, aside, up) in _SOURCES.items():
        if source in said and not near:
            tint = scaled(colour, max(power) / max(colour)) if colour and source != "candle" else power
            made.append(PointLight(at(ahead, aside, up), tint))
    if "neon" in said:
        pair = [scaled(colour, 7 / max(colour))] * 2 if colour else [(6.5, 0.7, 4.2), (0.6, 4.4, 6.0)]
        to = math.atan2(camera.at[0] - about[0], camera.at[2] - about[2])
        for side, power in zip((-1, 1), pair, strict=True):  # one on each side of who is seen, a little behind
            x, z = side * 1.5 * math.cos(to) - 0.5 * math.sin(to), -side * 1.5 * math.sin(to) - 0.5 * math.cos(to)
            made.append(PointLight((about[0] + x, about[1] + 0.9, about[2] + z), power))
    if "headlights" in said:
        made += [PointLight(at(3.6, aside, -0.5), (22.0, 20.0, 15.0)) for aside in (-0.7, 0.7)]
    rest = sorted(lights, key=lambda lamp: math.dist(lamp.at, about) / (max(lamp.power) ** 0.5 + 1e-6))
    return [*made, *rest][:MAX_LIGHTS]
