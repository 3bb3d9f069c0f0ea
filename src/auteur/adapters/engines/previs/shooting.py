"""From the parameters of a task to a shot and its stage: what is read, what overrides it, and where everybody stands."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from auteur.adapters.engines.previs.reading.sentences import read_shot
from auteur.adapters.engines.previs.reading.shot import CAMERA_HEIGHTS, KINDS, PlaceRead, Shot
from auteur.adapters.engines.previs.staging.blocking import stage
from auteur.adapters.engines.previs.staging.sensors import DEFAULT_SENSOR
from auteur.adapters.engines.previs.staging.stage import Stage

_OLD_SIZES: Mapping[str, tuple[str, str | None]] = {
    "cowboy": ("medium_wide", None), "two_shot": ("medium", "two_shot"), "insert": ("", "insert"),
    "over_the_shoulder": ("", "over_the_shoulder"),
}  # fmt: skip
"""Names that the parameter ``shot`` takes beside the sizes, and what they are."""
_OLD_TIMES = {"golden": "golden_hour"}


def staged(params: Mapping[str, Any]) -> tuple[Shot, Stage]:
    """Reads and stages what effective parameters of a previs task ask for. ``understood`` tells the shot as it is read
    and overridden, `Stage.assumed` and `Stage.unmet` the rest."""
    shot = overridden(read_shot(params["prompt"]), params)
    made = stage(
        shot, params["width_px"] / params["height_px"], params["seed"], sensor=params.get("sensor") or DEFAULT_SENSOR
    )  # fmt: skip
    return shot, made


def overridden(shot: Shot, params: Mapping[str, Any]) -> Shot:
    """The shot with what the parameters say before the words."""
    changed: dict[str, Any] = {}
    if size := params.get("shot"):
        name, kind = _OLD_SIZES.get(size, (size, None))
        if name in KINDS:
            name, kind = "", name
        changed["size"] = name or None
        others = tuple(other for other in shot.kind if other not in ("insert", "over_the_shoulder"))
        changed["kind"] = (*others, kind) if kind and kind not in others else others if kind is None else others
    if angle := params.get("angle"):
        changed |= {"dutch": True} if angle == "dutch" else {"angle": angle}
    for name in ("lens_mm", "stop"):
        if params.get(name) is not None:
            changed[name] = params[name]
    if height := params.get("camera_height"):
        changed["camera_height"] = height if height in CAMERA_HEIGHTS else float(height)
    if time := params.get("time_of_day"):
        changed["time_of_day"] = _OLD_TIMES.get(time, time)
    if weather := params.get("weather"):
        changed["weather"] = (weather,)
    if place := params.get("place"):
        changed["place"] = PlaceRead(name=place, within=shot.place.within if shot.place else None)
    unwanted = [word.strip(" .;").lower() for word in (params.get("negative_prompt") or "").split(",")]
    changed["without"] = (*shot.without, *(word for word in unwanted if word and word not in shot.without))
    return replace(shot, **changed)
