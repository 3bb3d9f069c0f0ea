"""From parameters to a shot and its stage, for what moves."""

from collections.abc import Mapping
from typing import Any

from auteur.adapters.engines.previs.reading.reader import read
from auteur.adapters.engines.previs.reading.shot import Person, PlaceRead, Prop, Shot
from auteur.adapters.engines.previs.staging.blocking import stage
from auteur.adapters.engines.previs.staging.stage import Stage

_SIZES = {"cowboy": "medium_wide", "two_shot": "medium", "over_the_shoulder": "medium_close_up", "insert": "close_up"}
_KINDS = ("two_shot", "over_the_shoulder", "insert")
_TIMES = {"golden": "golden_hour"}


def staged(params: Mapping[str, Any]) -> tuple[Shot, Stage]:
    """Reads and blocks what effective parameters ask for."""
    overrides = {name: params.get(name) for name in ("angle", "lens_mm", "time_of_day", "weather", "place")}
    old = read(params["prompt"], size=params.get("shot"), **overrides)
    shot = Shot(
        size=_SIZES.get(old.size, old.size),
        kind=(old.size,) if old.size in _KINDS else (),
        angle=old.angle if old.angle != "dutch" else None,
        dutch=old.angle == "dutch",
        lens_mm=old.lens_mm,
        int_ext="INT" if old.interior else "EXT",
        place=PlaceRead(name=old.place),
        time_of_day=_TIMES.get(old.time_of_day, old.time_of_day),
        weather=(old.weather,),
        people=(Person(who="person", count=old.people, pose=old.pose),) if old.people else (),
        props=tuple(Prop(what=what) for what in old.props),
    )
    return shot, stage(shot, params["width_px"] / params["height_px"], params["seed"])
