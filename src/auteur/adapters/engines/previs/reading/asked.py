"""From a task's parameters to the shot that is staged: the prompt's words, and what overrides them.

A parameter wins over words. What a negative prompt names is in ``without``, and no longer among people and things.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from auteur.adapters.engines.previs.reading.choices import FORMER_SIZES, FORMER_TIMES, ROLLED
from auteur.adapters.engines.previs.reading.sentences import read_shot
from auteur.adapters.engines.previs.reading.shot import SIZES, OverShoulder, PlaceRead, Shot, shot_of


def asked_shot(params: Mapping[str, Any], reading: Mapping[str, Any] | None = None) -> Shot:
    """The shot of effective parameters. ``prompt``; ``shot``, ``angle``, ``lens_mm``, ``time_of_day``, ``weather`` and
    ``place`` override it, ``negative_prompt`` takes away; the names of the ``cast`` are read as people's.
    ``reading``: what a language model read in the prompt, as ``shot``; the rules read where it holds none."""
    cast = [member.get("called") or member["name"].replace("-", " ") for member in params.get("cast") or ()]
    shot = shot_of(reading["shot"]) if reading and "shot" in reading else read_shot(params["prompt"], names=cast)
    shot = _sized(shot, params.get("shot"))
    angle = params.get("angle")
    if angle is not None:
        shot = replace(shot, angle=None if angle == ROLLED else angle, dutch=angle == ROLLED)
    if (lens := params.get("lens_mm")) is not None:
        shot = replace(shot, lens_mm=float(lens))
    if (time := params.get("time_of_day")) is not None:
        shot = replace(shot, time_of_day=FORMER_TIMES.get(time, time))
    if (weather := params.get("weather")) is not None:
        shot = replace(shot, weather=(weather,))
    if (place := params.get("place")) is not None:
        inside = shot.int_ext if shot.place is None or shot.place.name == place else None
        shot = replace(shot, place=PlaceRead(name=place, words=(place,)), int_ext=inside)
    return _without(shot, params.get("negative_prompt") or "")


def _sized(shot: Shot, name: str | None) -> Shot:
    """A size replaces the size; a kind replaces the kinds, and the size stays."""
    if name is None:
        return shot
    name = FORMER_SIZES.get(name, name)
    if name in SIZES:
        return replace(shot, size=name)
    shoulder = shot.over_shoulder or (OverShoulder() if name == "over_the_shoulder" else None)
    return replace(shot, kind=(name,), over_shoulder=shoulder if name == "over_the_shoulder" else None)


def _without(shot: Shot, unwanted: str) -> Shot:
    if not unwanted.strip():
        return shot
    told = read_shot(unwanted)
    names = [*(one.what for one in told.props), *(one.who for one in told.people), *told.without]
    if not names:
        return shot
    everyone = {"people", "person", "human"} & set(names)
    return replace(
        shot,
        without=tuple(dict.fromkeys([*shot.without, *("people" if name in everyone else name for name in names)])),
        props=tuple(one for one in shot.props if one.what not in names),
        people=() if everyone else tuple(one for one in shot.people if one.who not in names),
    )
