import pytest

from auteur.domain.errors import UnknownQualityError
from auteur.domain.quality import QualityMapper, QualityPreset
from tests.fakes import PRESETS


def test_the_callers_own_values_win_and_it_is_recorded_what_came_from_where() -> None:
    mapper = QualityMapper(PRESETS, "draft", {"image": {"steps", "width_px", "height_px"}})
    resolved = mapper.resolve("image", "ultra", {"steps": 3, "prompt": "x"})
    assert resolved.parameters == {"steps": 3, "prompt": "x", "width_px": 256, "height_px": 256}
    assert resolved.origins == {"steps": "caller", "prompt": "caller", "width_px": "preset", "height_px": "preset"}
    assert (resolved.lane, resolved.timeout_s) == ("heavy", 60)


def test_a_type_gets_only_the_preset_parameters_that_it_takes() -> None:
    mapper = QualityMapper(PRESETS, "draft", {"sound": frozenset()})
    assert mapper.resolve("sound", None, {}).parameters == {}


def test_no_quality_means_the_default() -> None:
    assert QualityMapper(PRESETS, "ultra", {}).resolve("x", None, {}).quality == "ultra"


def test_an_unknown_quality_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownQualityError) as refused:
        QualityMapper(PRESETS, "draft", {}).resolve("x", "hi", {})
    assert refused.value.details == {"quality": "hi", "known": ["draft", "ultra"]}


def test_a_type_may_have_presets_of_its_own() -> None:
    own = QualityPreset(steps=1, width_px=99, height_px=99, lane="fast", timeout_s=5)
    mapper = QualityMapper(PRESETS, "draft", {"video": {"steps"}}, {"video": {"draft": own}})
    assert mapper.resolve("video", "draft", {}).lane == "fast"
    assert mapper.resolve("image", "draft", {}).lane == "interactive"
    assert mapper.resolve("video", "ultra", {}).lane == "heavy"
