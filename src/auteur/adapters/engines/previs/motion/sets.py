"""From parameters to a shot and its stage, for what moves."""

from collections.abc import Mapping
from typing import Any

from auteur.adapters.engines.previs.reading.asked import asked_shot
from auteur.adapters.engines.previs.reading.shot import Shot
from auteur.adapters.engines.previs.staging.blocking import stage
from auteur.adapters.engines.previs.staging.stage import Stage


def staged(params: Mapping[str, Any], reading: Mapping[str, Any] | None = None) -> tuple[Shot, Stage]:
    """Reads and blocks what effective parameters ask for. ``reading``: a shot that was read already, as data."""
    shot = asked_shot(params, reading)
    return shot, stage(shot, params["width_px"] / params["height_px"], params["seed"])
