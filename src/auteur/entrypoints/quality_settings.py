"""The settings that say what a quality means for each task type, and how long an attempt may run."""

from typing import Self

from pydantic import BaseModel, Field, model_validator

from auteur.domain.quality import ANY_TYPE, QualityPreset
from auteur.entrypoints.values import (
    PREFIX,
    LaneWeights,
    QualityOverrides,
    QualityPresets,
    TaskTimeouts,
    read_preset,
)


class QualitySettings(BaseModel, defer_build=True):
    """The part of the settings that says what a quality means."""

    quality_presets: QualityPresets = Field(
        {
            "draft": {"steps": 10, "resolution": "512x512"},
            "standard": {"steps": 20, "resolution": "1024x1024"},
            "high": {"steps": 30, "resolution": "1536x1536"},
            "ultra": {"steps": 50, "resolution": "2048x2048"},
        },
        description="JSON: by quality name steps, resolution and optionally lane.",
    )
    quality_overrides: QualityOverrides = Field(
        {}, description="JSON: presets that differ for one task type: {task type: {quality: preset}}."
    )
    default_quality: str = Field("standard", description="The quality of requests that name none.")
    lane_weights: LaneWeights = Field(
        {"interactive": 4, "standard": 2, "heavy": 1}, description="JSON: share of starts by lane while all wait."
    )

    task_timeout: float = Field(300, gt=0, le=86_400, description="How long one attempt may run.")
    task_timeouts: TaskTimeouts = Field(
        {ANY_TYPE: {"high": 900, "ultra": 1800}},
        description="JSON: {task type or *: {quality: seconds}}, where it differs.",
    )

    @model_validator(mode="after")
    def _default_quality_is_known(self) -> Self:
        if self.default_quality not in self.quality_presets:
            raise ValueError(f"{PREFIX}DEFAULT_QUALITY must be one of {PREFIX}QUALITY_PRESETS")
        return self

    def presets(self) -> dict[str, QualityPreset]:
        """The general presets by quality."""
        return {
            name: read_preset(name, preset, self._timeout_s(ANY_TYPE, name))
            for name, preset in self.quality_presets.items()
        }

    def preset_overrides(self, task_types: list[str]) -> dict[str, dict[str, QualityPreset]]:
        """The presets that differ, by task type and quality."""
        return {
            task_type: {
                name: read_preset(
                    name,
                    self.quality_overrides.get(task_type, {}).get(name, preset),
                    self._timeout_s(task_type, name),
                )
                for name, preset in self.quality_presets.items()
            }
            for task_type in task_types
        }

    def _timeout_s(self, task_type: str, quality: str) -> float:
        general = self.task_timeouts.get(ANY_TYPE, {}).get(quality, self.task_timeout)
        return self.task_timeouts.get(task_type, {}).get(quality, general)
