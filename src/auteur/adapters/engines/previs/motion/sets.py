"""From parameters to a shot and its stage, for what moves."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from auteur.adapters.engines.previs.reading.sentences import read_shot
from auteur.adapters.engines.previs.reading.shot import PlaceRead, Shot
from auteur.adapters.engines.previs.staging.blocking import stage
from auteur.adapters.engines.previs.staging.stage import Stage

_OLD_NAMES = {"cowboy": "medium_wide", "golden": "golden_hour"}
_KINDS = frozenset({"two_shot", "over_the_shoulder", "insert"})


def staged(params: Mapping[str, Any]) -> tuple[Shot, Stage]:
    """Reads and blocks what effective parameters ask for."""
    shot = _overridden(read_shot(params["prompt"]), params)
    return shot, stage(shot, params["width_px"] / params["height_px"], params["seed"])


def _overridden(shot: Shot, params: Mapping[str, Any]) -> Shot:
    """The shot with what parameters say instead of the prompt."""
    given = {name: params[name] for name in ("lens_mm", "angle") if params.get(name) is not None}
    if given.get("angle") == "dutch":
        given = {**given, "angle": None, "dutch": True}
    size = params.get("shot")
    if size in _KINDS:
        given["kind"] = tuple(dict.fromkeys((*shot.kind, size)))
    elif size is not None:
        given["size"] = _OLD_NAMES.get(size, size)
    if params.get("time_of_day") is not None:
        given["time_of_day"] = _OLD_NAMES.get(params["time_of_day"], params["time_of_day"])
    if params.get("weather") is not None:
        given["weather"] = (params["weather"],)
    if params.get("place") is not None:
        given["place"] = PlaceRead(name=params["place"])
    return replace(shot, **given)
