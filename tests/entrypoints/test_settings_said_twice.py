"""Settings that are JSON say everything once: of two values the last would silently count."""

import pytest

from auteur.adapters.engines.cog.settings import CogSettings
from auteur.adapters.engines.diffusers.settings import DiffusersSettings
from auteur.entrypoints.settings import WrongSettingError, load_settings

PRESET = '{"steps": 5, "resolution": "640x360"}'


@pytest.mark.parametrize(
    ("variable", "said", "where"),
    [
        ("quality_presets", f'{{"draft": {PRESET}, "draft": {PRESET}}}', "draft"),
        ("quality_presets", '{"draft": {"steps": 5, "steps": 6, "resolution": "640x360"}}', "draft.steps"),
        ("task_timeouts", '{"high": 900, "high": 901}', "high"),
    ],
)
def test_a_name_that_is_given_twice_stops_the_start_and_is_told(
    monkeypatch: pytest.MonkeyPatch, variable: str, said: str, where: str
) -> None:
    monkeypatch.setenv(f"BACKEND_{variable.upper()}", said)
    with pytest.raises(WrongSettingError) as refused:
        load_settings()
    assert f"BACKEND_{variable.upper()}" in str(refused.value)
    assert f"{where}: is given more than once" in str(refused.value)


def test_models_are_named_once() -> None:
    with pytest.raises(ValueError, match="upscale: is given more than once"):
        CogSettings(models='{"upscale": {"url": "http://a:1"}, "upscale": {"url": "http://b:1"}}')  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"text_to_image\.fps: is given more than once"):
        DiffusersSettings(models='{"text_to_image": {"model": "a", "fps": 1, "fps": 2}}')  # type: ignore[arg-type]
