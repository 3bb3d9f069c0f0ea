"""From parameters to a shot and its stage, for what moves."""

from collections.abc import Mapping
from typing import Any

from auteur.adapters.engines.previs.reading.asked import asked_shot
from auteur.adapters.engines.previs.reading.shot import Shot
from auteur.adapters.engines.previs.staging.blocking import stage
from auteur.adapters.engines.previs.staging.stage import Stage


def staged(params: Mapping[str, Any]) -> tuple[Shot, Stage]:
    """Reads and blocks what effective parameters ask for."""
    shot = asked_shot(params)
    return shot, stage(shot, params["width_px"] / params["height_px"], params["seed"])
