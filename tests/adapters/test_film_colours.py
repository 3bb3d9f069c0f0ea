"""What a film's numbers stand for survives the way from picture to picture, whoever honours its tags."""

import io
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from PIL import Image, ImageCms

from auteur.adapters.engines.film import Film
from auteur.adapters.engines.stills import save_jpeg, save_png, save_preview

PATCHES = {
    "red": (200, 30, 30),
    "green": (40, 180, 50),
    "blue": (30, 50, 200),
    "grey": (119, 119, 119),
    "skin": (198, 150, 130),
    "dark skin": (94, 60, 44),
    "white": (255, 255, 255),
    "black": (0, 0, 0),
}


def chart() -> Image.Image:
    picture = Image.new("RGB", (64 * len(PATCHES), 64))
    for index, colour in enumerate(PATCHES.values()):
        picture.paste(colour, (64 * index, 0, 64 * index + 64, 64))
    return picture


def patches_of(picture: Any) -> np.ndarray:
    seen = np.asarray(picture)[:, :, :3].astype(float)
    return np.array([seen[24:40, 64 * i + 24 : 64 * i + 40].mean(axis=(0, 1)) for i in range(len(PATCHES))])


def as_tagged(path: Path) -> list[np.ndarray]:
    """As a player decodes that honours the tags of the stream, with the matrix written out: swscale is not asked."""
    seen = []
    with av.open(str(path)) as container:
        codec = container.streams.video[0].codec_context
        assert (codec.color_primaries, codec.color_trc) == (1, 1)
        red, blue = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 6: (0.299, 0.114)}[codec.colorspace]
        low, luma, chroma = {1: (16, 219, 224), 2: (0, 255, 255)}[codec.color_range]
        for frame in container.decode(video=0):
            y, u, v = (
                np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width].astype(float)
                for plane in frame.planes
            )
            y = (y - low) / luma
            u, v = (np.kron((part - 128) / chroma, np.ones((2, 2))) for part in (u, v))
            r, b = y + 2 * (1 - red) * v, y + 2 * (1 - blue) * u
            g = (y - red * r - blue * b) / (1 - red - blue)
            seen.append(np.clip(np.stack([r, g, b], axis=2) * 255, 0, 255))
    return seen


def filmed(path: Path, film: type[Film] = Film) -> np.ndarray:
    with film(path, chart().size, 24, facts={}, title="A chart") as made:
        for _ in range(3):
            made.add(chart())
    return patches_of(as_tagged(path)[-1])


def worst(seen: np.ndarray) -> float:
    return float(np.abs(seen - np.array(list(PATCHES.values()))).max())


def test_patches_survive_within_three_code_values_when_decoded_as_tagged(tmp_path: Path) -> None:
    assert worst(filmed(tmp_path / "chart.mp4")) <= 3


def test_a_player_that_uses_swscale_sees_the_same_patches(tmp_path: Path) -> None:
    filmed(tmp_path / "chart.mp4")
    with av.open(str(tmp_path / "chart.mp4")) as container:
        frame = next(container.decode(video=0))
        seen = VideoReformatter().reformat(
            frame,
            format="rgb24",
            src_colorspace=Colorspace(frame.colorspace),
            src_color_range=ColorRange(frame.color_range),
            dst_color_range=ColorRange.JPEG,
        )
        assert worst(patches_of(seen.to_ndarray())) <= 3


@pytest.mark.parametrize(
    "wrong",
    [{"dst_colorspace": Colorspace.ITU601}, {"dst_color_range": ColorRange.JPEG}],
    ids=["the matrix of standard definition", "full range"],
)
def test_a_film_that_was_converted_otherwise_than_it_is_tagged_is_noticed(
    wrong: dict[str, Any], tmp_path: Path
) -> None:
    class Wrong(Film):
        converted: ClassVar[Mapping[str, Any]] = {**Film.converted, **wrong}

    assert worst(filmed(tmp_path / "wrong.mp4", Wrong)) > 6


def test_the_container_says_the_colours_too_and_its_index_comes_first(tmp_path: Path) -> None:
    filmed(tmp_path / "chart.mp4")
    content = (tmp_path / "chart.mp4").read_bytes()
    at = content.index(b"colr")
    assert content[at + 4 : at + 8] == b"nclx"
    assert [int.from_bytes(content[at + k : at + k + 2], "big") for k in (8, 10, 12)] == [1, 1, 1]
    assert content[at + 14] & 0x80 == 0, "limited range"
    assert content.index(b"moov") < content.index(b"mdat")


def test_stills_say_that_they_are_srgb(tmp_path: Path) -> None:
    save_png(chart(), tmp_path / "chart.png", facts={}, description="A chart")
    save_jpeg(chart(), tmp_path / "chart.jpg")
    preview = save_preview(chart(), tmp_path, "preview.jpg")
    with Image.open(tmp_path / "chart.png") as png:
        assert (png.info["srgb"], png.info["gamma"], png.info["chromaticity"][2]) == (0, 0.45455, 0.64)
        assert worst(patches_of(png)) == 0
    for name in ("chart.jpg", preview):
        with Image.open(tmp_path / name) as jpeg:
            profile = ImageCms.ImageCmsProfile(io.BytesIO(jpeg.info["icc_profile"]))
            assert "sRGB" in ImageCms.getProfileDescription(profile)


@pytest.mark.parametrize(
    "fps", [12, 24, 25, 30, 60, Fraction(24000, 1001), Fraction(30000, 1001), Fraction(60000, 1001)], ids=str
)
def test_every_frame_of_every_rate_has_its_exact_time(fps: int | Fraction, tmp_path: Path) -> None:
    frames = 101
    with Film(tmp_path / "shot.mp4", (32, 32), fps, facts={}, title="A shot") as film:
        for _ in range(frames):
            film.add(Image.new("RGB", (32, 32), "teal"))
    with av.open(str(tmp_path / "shot.mp4")) as container:
        stream: Any = container.streams.video[0]
        times = [frame.pts * frame.time_base for frame in container.decode(video=0)]
        assert times == [index / Fraction(fps) for index in range(frames)]
        assert stream.duration * stream.time_base == frames / Fraction(fps)
        assert abs(container.duration - 1e6 * frames / fps) <= 1
        assert (stream.average_rate, stream.frames) == (fps, frames)
