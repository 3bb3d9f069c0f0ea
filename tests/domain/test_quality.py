from collections.abc import Mapping
from typing import Any

import pytest

from auteur.domain.errors import UnknownQualityError
from auteur.domain.quality import QualityMapper, QualityPreset
from auteur.domain.task import TaskType
from tests.fakes import PRESETS


def made(name: str, *parameters: str, presets: Mapping[str, Mapping[str, Any]] | None = None) -> TaskType:
    return TaskType(
        name=name,
        engine="script",
        summary="Does as it is told.",
        params_schema={},
        preset_parameters=frozenset(parameters),
        presets=presets or {},
    )


def test_the_callers_own_values_win_and_it_is_recorded_what_came_from_where() -> None:
    image = made("image", "steps", "width_px", "height_px")
    resolved = QualityMapper(PRESETS, "draft").resolve(image, "ultra", {"steps": 3, "prompt": "x"})
    assert resolved.parameters == {"steps": 3, "prompt": "x", "width_px": 256, "height_px": 256}
    assert resolved.origins == {"steps": "caller", "prompt": "caller", "width_px": "preset", "height_px": "preset"}
    assert (resolved.lane, resolved.timeout_s) == ("heavy", 60)


def test_a_type_gets_only_the_preset_parameters_that_it_takes() -> None:
    assert QualityMapper(PRESETS, "draft").resolve(made("sound"), None, {}).parameters == {}


def test_no_quality_means_the_default() -> None:
    assert QualityMapper(PRESETS, "ultra").resolve(made("x"), None, {}).quality == "ultra"


def test_an_unknown_quality_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownQualityError) as refused:
        QualityMapper(PRESETS, "draft").resolve(made("x"), "hi", {})
    assert refused.value.details == {"quality": "hi", "known": ["draft", "ultra"]}


def test_a_type_may_have_presets_of_its_own() -> None:
    own = QualityPreset(steps=1, width_px=99, height_px=99, lane="fast", timeout_s=5)
    mapper = QualityMapper(PRESETS, "draft", {"video": {"draft": own}})
    assert mapper.resolve(made("video", "steps"), "draft", {}).lane == "fast"
    assert mapper.resolve(made("image"), "draft", {}).lane == "interactive"
    assert mapper.resolve(made("video", "steps"), "ultra", {}).lane == "heavy"


def test_an_engines_own_presets_go_before_the_general_ones_and_after_what_was_set_for_the_type() -> None:
    image = made("image", "steps", presets={"ultra": {"steps": 4, "guidance": 1.5}})
    general = PRESETS["ultra"].steps
    assert QualityMapper(PRESETS, "draft").resolve(image, "ultra", {}).parameters == {"steps": 4, "guidance": 1.5}
    same = {"image": PRESETS}  # as every type has its presets, for its time limits
    assert QualityMapper(PRESETS, "draft", same).resolve(image, "ultra", {}).parameters["steps"] == 4
    set_for = QualityMapper(PRESETS, "draft", same, {"image": {"ultra"}})
    assert set_for.resolve(image, "ultra", {}).parameters == {"steps": general, "guidance": 1.5}
