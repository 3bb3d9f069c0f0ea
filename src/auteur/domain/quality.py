"""From a quality's name to parameters, lane and time limit."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from auteur.domain.errors import UnknownQualityError
from auteur.domain.task import TaskType

ANY_TYPE = "*"
"""What is set for it holds for each task type that nothing else is set for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityPreset:
    """What one quality means for one task type.

    ``steps``: rendering passes. ``width_px`` x ``height_px``: the frame, or the pixel budget where the aspect differs.
    ``lane``: where its tasks queue. ``timeout_s``: how long one attempt may run.
    """

    steps: int
    width_px: int
    height_px: int
    lane: str
    timeout_s: float

    def parameters(self) -> dict[str, Any]:
        """The part of the preset that a handler can be given."""
        return {"steps": self.steps, "width_px": self.width_px, "height_px": self.height_px}


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedQuality:
    """The answer of `QualityMapper.resolve`: parameters with where each came from, lane and limit."""

    quality: str
    parameters: Mapping[str, Any]
    origins: Mapping[str, str]
    lane: str
    timeout_s: float


class QualityMapper:
    """Knows the presets, per task type where one differs.

    ``presets``: by quality name, in rising order. ``overrides``: whole presets that replace the general one, by task
    type and quality. ``set_for``: by task type, the qualities whose preset somebody has set for this type; they go
    before what its engine says of itself.
    """

    def __init__(
        self,
        presets: Mapping[str, QualityPreset],
        default: str,
        overrides: Mapping[str, Mapping[str, QualityPreset]] | None = None,
        set_for: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        self._presets = presets
        self._overrides = overrides or {}
        self._set_for = set_for or {}
        self.default = default

    @property
    def qualities(self) -> tuple[str, ...]:
        """Every known quality, in rising order."""
        return tuple(self._presets)

    def preset(self, task_type: str, quality: str) -> QualityPreset:
        """The preset in force for the type. Raises `UnknownQualityError`."""
        if quality not in self._presets:
            raise UnknownQualityError(quality, self.qualities)
        return self._overrides.get(task_type, {}).get(quality, self._presets[quality])

    def resolve(self, made: TaskType, quality: str | None, params: Mapping[str, Any]) -> ResolvedQuality:
        """Joins the preset with what the caller asked for; the caller's own values win.

        ``made``: as the engine that was chosen declares it. ``params`` is taken as already checked by its handler.
        ``origins`` says ``caller`` or ``preset`` for each. Raises `UnknownQualityError`.
        """
        name = self.default if quality is None else quality
        preset = self.preset(made.name, name)
        general = {k: v for k, v in preset.parameters().items() if k in made.preset_parameters}
        own = made.presets.get(name, {})
        chosen = {**own, **general} if name in self._set_for.get(made.name, ()) else {**general, **own}
        from_preset = {k: v for k, v in chosen.items() if k not in params}
        return ResolvedQuality(
            quality=name,
            parameters={**from_preset, **params},
            origins={**dict.fromkeys(from_preset, "preset"), **dict.fromkeys(params, "caller")},
            lane=preset.lane,
            timeout_s=preset.timeout_s,
        )
