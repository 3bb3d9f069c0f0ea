"""The settings that choose engines: in which order, and what becomes of tasks whose engine is down."""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings

from auteur.entrypoints.values import EngineOrder


class EngineRoutingSettings(BaseSettings):
    """The part of the settings that says who makes a task."""

    engine_order: EngineOrder = Field(
        {},
        description="JSON: {task type or *: [engine, …]}, the preferred one first; those not named come after them, "
        "and previs last.",
    )
    previs_renderer: Literal["auto", "gl", "numpy"] = Field(
        "auto",
        description="What draws the sets of previs. auto: GL where the extra gl is installed and a context can be "
        "made, else numpy, which is always there.",
    )
    engine_fallback: Literal["fallback", "wait"] = Field(
        "fallback",
        description="What becomes of a task whose engine is down: the next engine of the order takes it, or it waits. "
        "One that asked for its engine always waits.",
    )
    engine_wait: float = Field(
        3600, gt=0, le=31_536_000, description="How long a task waits for an engine that is down before it fails."
    )
    engine_check_interval: float = Field(
        5, ge=0.1, le=3600, description="Seconds between two questions to an engine whether it is up."
    )
