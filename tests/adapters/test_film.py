from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from auteur.adapters.engines.film import Film

COLOURS = [(200, 40, 90), (20, 160, 70), (10, 30, 200), (255, 255, 255), (0, 0, 0)]


def shot(path: Path, fps: int | Fraction = 24) -> Path:
    with Film(path, (64, 48), fps, facts={"engine": "test"}, title="A test") as film:
        for colour in COLOURS:
            film.add(Image.new("RGB", (64, 48), colour))
    return path


def test_a_film_says_which_colours_its_numbers_stand_for(tmp_path: Path) -> None:
    with av.open(str(shot(tmp_path / "shot.mp4"))) as container:
        codec = container.streams.video[0].codec_context
        assert (codec.color_primaries, codec.color_trc, codec.colorspace, codec.color_range) == (1, 1, 1, 1)


def test_the_numbers_are_those_of_the_colours_that_it_says(tmp_path: Path) -> None:
    with av.open(str(shot(tmp_path / "shot.mp4"))) as container:
        for frame, (red, green, blue) in zip(container.decode(video=0), COLOURS, strict=True):
            luma = np.frombuffer(frame.planes[0], np.uint8)[0]
            expected = 16 + 219 * (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255
            assert abs(float(luma) - expected) <= 2


@pytest.mark.parametrize("fps", [1, 24, 60, Fraction(24000, 1001)])
def test_a_film_has_every_frame_at_its_rate(fps: int | Fraction, tmp_path: Path) -> None:
    with av.open(str(shot(tmp_path / "shot.mp4", fps))) as container:
        stream = container.streams.video[0]
        assert (stream.frames, stream.average_rate) == (len(COLOURS), Fraction(fps))
        assert container.metadata["title"] == "A test"


def test_the_same_pictures_are_the_same_file(tmp_path: Path) -> None:
    assert len({shot(tmp_path / f"{number}.mp4").read_bytes() for number in range(5)}) == 1
