"""Films of a set and over a still, as their engine makes them."""

import json
import math
import struct
import wave
from collections.abc import AsyncIterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from auteur.adapters.engines.previs.motion.take import Filmed, planned
from auteur.adapters.engines.previs.plugin import animatic
from auteur.adapters.engines.previs.rendering.renderers import open_renderer
from auteur.domain.errors import HandlerError, InvalidParamsError
from auteur.domain.film import RATES, frame_rate, frames_in, rate_number
from auteur.testing.engines import EngineCase, engine_tools, made, prepared, take_in

SMALL: Mapping[str, Any] = {"width_px": 96, "height_px": 64, "steps": 1, "duration_s": 0.5, "seed": 4}


@pytest.fixture
async def films(tmp_path: Path) -> AsyncIterator[EngineCase]:
    async with engine_tools(tmp_path) as tools:
        yield EngineCase(animatic(tools), tools, "text_to_video", {}, {}, [])


@pytest.fixture
async def stills(tmp_path: Path, films: EngineCase) -> EngineCase:
    Image.radial_gradient("L").convert("RGB").save(tmp_path / "still.png")
    source = {"source_image": await take_in(films.tools, tmp_path / "still.png")}
    return EngineCase(films.handler, films.tools, "image_to_video", source, {}, [])


def tone(path: Path, seconds: float, hertz: float = 440.0, rate: int = 44100) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        values = (int(12000 * math.sin(2 * math.pi * hertz * n / rate)) for n in range(int(seconds * rate)))
        file.writeframes(b"".join(struct.pack("<h", value) for value in values))
    return path


def files_of(tmp_path: Path) -> dict[str, Path]:
    return {path.name.removesuffix(".part"): path for path in tmp_path.rglob("t-1/1/*") if path.is_file()}


def found(tmp_path: Path, name: str) -> Path:
    return next(path for path in tmp_path.rglob(f"{name}*") if path.is_file())


@pytest.mark.parametrize(
    ("said", "exact"), [*RATES.items(), (23.976, RATES["23.976"]), (29.97, RATES["29.97"]), (48, 48)]
)
def test_a_rate_is_exact_however_it_is_said(said: Any, exact: Any) -> None:
    assert frame_rate(said) == exact
    assert frame_rate(rate_number(frame_rate(said))) == exact
    assert frame_rate("30000/1001") == Fraction(30000, 1001)


@pytest.mark.parametrize(
    "said", [11, 61, 24.5, "fast", "1/0", float("nan"), float("inf"), -24, "24000/1002", "1e99999999", "1e-99999999"]
)
def test_what_is_no_rate_is_refused(said: Any) -> None:
    with pytest.raises(ValueError, match=r"^is "):
        frame_rate(said)


def test_frames_are_counted_without_floats() -> None:
    assert frames_in(60.0, RATES["23.976"]) == 1439
    assert frames_in(2.002, RATES["29.97"]) == 60
    assert frames_in(0.001, Fraction(12)) == 1


async def test_a_film_at_23_976_with_a_caption_and_its_cameras_file(films: EngineCase, tmp_path: Path) -> None:
    asked = {
        **SMALL,
        "prompt": "a man in a field, push in",
        "fps": "23.976",
        "caption": "台所 – شارع",
        "duration_s": 0.51,
    }
    params = await prepared(films, asked)
    assert params["fps"] == 23.976
    result, context = await made(films, params)
    film, poster, camera = result.drafts
    assert (film.name, film.duration_s, film.fps) == ("shot.mp4", round(12 * 1001 / 24000, 6), 23.976)
    assert (poster.media_type, camera.name) == ("image/jpeg", "camera.json")
    with av.open(str(found(context.directory, "shot.mp4"))) as container:
        stream: Any = container.streams.video[0]
        assert (stream.frames, stream.average_rate) == (12, Fraction(24000, 1001))
        assert container.streams.audio == ()
    track = json.loads(found(context.directory, "camera.json").read_text())
    assert (track["rate"], len(track["samples"])) == ("24000/1001", 12)
    assert track["moves"][0]["kind"] == result.understood["moves"][0]["kind"] == "push_in"
    assert any(preview for _, preview in context.reports)


def params_of(prompt: str, **more: Any) -> dict[str, Any]:
    return {**SMALL, "prompt": prompt, "fps": 24, "ease": "in_out", "style": "previs", **more}


@pytest.mark.parametrize("move", ["orbit+handheld", "tracking", "whip_pan", "static"])
def test_a_frame_made_alone_is_the_frame_of_the_film(move: str) -> None:
    params = params_of("full shot, a man walking in a field, day", move=move)
    take, _ = planned(params)
    size = (params["width_px"], params["height_px"], params["steps"], params["seed"])
    with Filmed(take, *size, choice="numpy") as filmed:
        film = [np.asarray(filmed.picture(frame)) for frame in range(8)]
    for frame in (7, 3):
        again, _ = planned(params)
        with Filmed(again, *size, choice="numpy") as alone:
            assert (np.asarray(alone.picture(frame)) == film[frame]).all()
    assert (film[0] == film[7]).all() == (move == "static" and not take.bodies)


def test_a_whip_pan_is_blurred_along_its_way_and_a_drift_is_not() -> None:
    def sharpness(move: str) -> tuple[float, int]:
        """Of the picture along the pan, against the same camera held still; and how many moments it blends."""
        take, _ = planned(params_of("wide shot of a forest, day", move=move))
        camera = take.path.at(5)
        with Filmed(take, 192, 96, 2, 4, choice="numpy") as filmed:
            passes = filmed.passes_of(5)
            blurred = np.asarray(filmed.picture(5).convert("L")).astype(float)
        with open_renderer(take.world(5), camera, 192, 96, passes, 4, choice="numpy", ink=False) as held:
            for _ in range(passes):
                held.add_pass()
            sharp = np.asarray(Image.fromarray(held.picture()).convert("L")).astype(float)
        return float((np.diff(blurred, axis=1) ** 2).mean() / (np.diff(sharp, axis=1) ** 2).mean()), passes

    (whip, many), (slow, few) = sharpness("whip_pan"), sharpness("drift")
    assert many > 3 * few
    assert whip < 0.5
    assert slow > 0.8


async def test_an_unknown_move_is_an_error_that_lists_the_known(films: EngineCase, stills: EngineCase) -> None:
    with pytest.raises(InvalidParamsError) as refused:
        films.handler.check("text_to_video", {"prompt": "a field", "move": "corkscrew"})
    (problem,) = refused.value.details["problems"]
    assert problem["field"] == "move"
    assert "known are static, push_in, pull_out" in problem["message"]
    assert "rack_focus" in problem["message"]
    with pytest.raises(InvalidParamsError) as refused:
        films.handler.check("image_to_video", {**stills.params, "move": "corkscrew"})
    assert "'push_in'" in refused.value.details["problems"][0]["message"]


@pytest.mark.parametrize("named", ["dolly zoom", "orbit", "crane up", "tracking shot", "rack focus", "truck left"])
async def test_a_move_that_a_still_cannot_have_is_refused_by_name(stills: EngineCase, named: str) -> None:
    with pytest.raises(InvalidParamsError) as refused:
        await prepared(stills, {**stills.params, "prompt": f"{named} on the door"})
    (problem,) = refused.value.details["problems"]
    assert problem["field"] == "prompt"
    assert f"names {named.replace(' ', '_').removesuffix('_shot')}" in problem["message"]
    assert "known are hold, push_in" in problem["message"]


@pytest.mark.parametrize(
    ("prompt", "move"),
    [("zoom in", "push_in"), ("static camera", "hold"), ("a door", "push_in"), ("slow pan", "pan_right")],
)
async def test_a_move_that_is_another_over_a_still_is_made_as_that(stills: EngineCase, prompt: str, move: str) -> None:
    assert (await prepared(stills, {**stills.params, "prompt": prompt}))["move"] == move


@pytest.mark.parametrize("seconds", [0.2, 3.0])
async def test_a_sound_is_cut_or_filled_to_the_film(stills: EngineCase, tmp_path: Path, seconds: float) -> None:
    sound = await take_in(stills.tools, tone(tmp_path / "tone.wav", seconds))
    asked = {**stills.params, **SMALL, "audio": sound, "fps": 25, "duration_s": 1.0}
    _, context = await made(stills, await prepared(stills, asked))
    with av.open(str(found(context.directory, "shot.mp4"))) as container:
        voice: Any = container.streams.audio[0]
        assert voice.duration * voice.time_base == 1
        assert container.duration == 1_000_000
        heard = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    loud = np.abs(heard).reshape(-1, 64).max(axis=1) > 0.1
    share = loud.nonzero()[0].max() * 64 / 48_000
    assert share == pytest.approx(min(seconds, 1.0), abs=0.06)
    crossings = np.count_nonzero(np.diff(np.sign(heard[4800:9000]))) / 2 / (4200 / 48_000)
    assert crossings == pytest.approx(440, rel=0.05)


async def test_a_file_without_sound_is_told_in_words(stills: EngineCase, tmp_path: Path) -> None:
    picture = await take_in(stills.tools, tmp_path / "still.png")
    params = await prepared(stills, {**stills.params, **SMALL, "audio": picture})
    with pytest.raises(HandlerError, match="no sound that can be read"):
        await made(stills, params)


async def test_what_a_caption_lacks_is_said_in_the_result(stills: EngineCase) -> None:
    params = await prepared(stills, {**stills.params, **SMALL, "caption": "\U00012000 rises"})
    result, _ = await made(stills, params)
    assert result.understood["notes"] == ["There is no font here for \U00012000 (U+12000)."]
