"""How long previs says that a frame takes."""

import pytest

from auteur.adapters.engines.previs.settings import PrevisSettings
from auteur.adapters.engines.previs.storyboard import StoryboardHandler


def estimate(renderer: str, *, has_gl: bool, monkeypatch: pytest.MonkeyPatch, **params: int) -> float:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object() if has_gl and name == "moderngl" else None)
    handler = StoryboardHandler(None, PrevisSettings(renderer=renderer))  # type: ignore[arg-type]
    said = handler.estimate_s("text_to_image", {"width_px": 1024, "height_px": 1024, "steps": 32, **params})
    assert said is not None
    return said


def test_a_frame_takes_less_where_gl_draws_it(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = estimate("auto", has_gl=False, monkeypatch=monkeypatch)
    assert estimate("numpy", has_gl=True, monkeypatch=monkeypatch) == slow
    quick = estimate("auto", has_gl=True, monkeypatch=monkeypatch)
    assert 4 < slow / quick < 7, "a pass by GL takes a sixth"
    assert quick < estimate("gl", has_gl=True, monkeypatch=monkeypatch, steps=64) < slow
