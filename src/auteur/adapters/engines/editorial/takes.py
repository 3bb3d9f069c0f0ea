"""What a take says of itself: its picture, and in the file what was read, where the camera stood, who was there.

A still carries that in its text chunk, a film in its comment and in the ``camera.json`` beside it. A file that says
nothing, or nonsense, is a picture without a camera: takes come from elsewhere, too.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from PIL import Image

from auteur.adapters import films
from auteur.adapters.images import decode, opened
from auteur.domain.errors import HandlerError, UnreadableImageError

FILMS = frozenset({".mp4", ".mov", ".webm", ".mkv", ".avi"})
SUPER_35_WIDTH_MM = 24.89
"""What a picture is taken to have used that says its field of view and not its sensor."""
_MOST_TOLD_BYTES = 32 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSample:
    """The camera at one frame: metres, millimetres; ``rotation``: quaternion x, y, z, w, looking along -z."""

    position_m: tuple[float, float, float]
    rotation: tuple[float, float, float, float]
    focal_mm: float
    focus_m: float

    @property
    def axes(self) -> tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]:
        """Right, up and back, of unit length: the columns of the camera's rotation."""
        x, y, z, w = self.rotation
        return (
            (1 - 2 * (y * y + z * z), 2 * (x * y + z * w), 2 * (x * z - y * w)),
            (2 * (x * y - z * w), 1 - 2 * (x * x + z * z), 2 * (y * z + x * w)),
            (2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotCamera:
    """A take's camera: its lens and sensor, and a sample a frame, one alone where it stands still. ``is_assumed``: the
    sensor is, as the picture says its field of view alone."""

    samples: tuple[CameraSample, ...]
    stop: float
    sensor: str
    frame_width_mm: float
    frame_height_mm: float
    is_assumed: bool = False

    def at(self, frame: int) -> CameraSample:
        """The sample of a frame; before the first and after the last the camera stands."""
        return self.samples[min(max(frame, 0), len(self.samples) - 1)]

    @property
    def focal_words(self) -> str:
        """``50 mm``, or from and to where it changes."""
        first, last = self.samples[0].focal_mm, self.samples[-1].focal_mm
        return f"{first:.4g} mm" if abs(first - last) < 0.05 else f"{first:.4g}-{last:.4g} mm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """``path``: of the file, None where no take is made yet; ``reference``: its path in the project; ``frames`` and
    ``rate``: of a film, 1 and None of a still; ``understood``: what the engine read and staged; ``controls``: files of
    control passes that lie beside it, by name."""

    path: Path | None
    reference: str | None = None
    width_px: int = 0
    height_px: int = 0
    frames: int = 1
    rate: Fraction | None = None
    understood: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, Any] = field(default_factory=dict)
    camera: ShotCamera | None = None
    controls: Mapping[str, Path] = field(default_factory=dict)

    @property
    def is_film(self) -> bool:
        """Whether it moves by itself."""
        return self.rate is not None

    def picture(self, near: tuple[int, int] | None = None) -> Image.Image | None:
        """The still or the film's first frame, RGB; None where there is no take. Raises `HandlerError`."""
        if self.path is None:
            return None
        if self.is_film:
            return next(iter_frames(self.path), None)
        try:
            return decode(self.path, near=near)
        except UnreadableImageError as error:
            raise HandlerError(f"The take {self.reference} cannot be used: {error.message}") from error


def read_take(given: Mapping[str, Any]) -> Take:
    """``given``: ``path``, ``reference``, ``track`` (of the ``camera.json`` beside it) and ``controls``; paths absolute
    or None. Raises `HandlerError` for a file that is neither picture nor film."""
    if given["path"] is None:
        return Take(path=None)
    path, reference = Path(given["path"]), given["reference"]
    try:
        size, frames, rate, facts = (_film if path.suffix.lower() in FILMS else _still)(path)
    except UnreadableImageError as error:
        raise HandlerError(f"The take {reference} cannot be used: {error.message}") from error
    understood = _mapping(facts.get("understood"))
    camera = _camera(understood, size)
    if given.get("track"):
        camera = _track(Path(given["track"])) or camera
    controls = {name: Path(found) for name, found in given.get("controls", {}).items()}
    return Take(
        path=path, reference=reference, width_px=size[0], height_px=size[1], frames=frames, rate=rate,
        understood=understood, params=_mapping(facts.get("params")), camera=camera, controls=controls,
    )  # fmt: skip


_Told = tuple[tuple[int, int], int, Fraction | None, Mapping[str, Any]]
"""Size in pixels, frames, frames a second, and what the file says that it was made of."""


def _still(path: Path) -> _Told:
    with opened(path) as picture:
        return picture.size, 1, None, _told(picture.info.get("auteur"))


def _film(path: Path) -> _Told:
    try:
        with open(path, "rb") as file:
            found = films.facts(file)
    except films.UnreadableFilmError as error:
        raise UnreadableImageError("The file is no film that can be read.") from error
    return (found.width_px, found.height_px), found.frames, found.rate, _told(found.comment)


def iter_frames(path: Path) -> Iterator[Image.Image]:
    """Each frame of a film as a Pillow picture, RGB, decoded as it is tagged. Raises `HandlerError`."""
    from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

    by_number = {1: Colorspace.ITU709, 4: Colorspace.FCC, 5: Colorspace.ITU601, 6: Colorspace.ITU601}
    by_number |= {7: Colorspace.SMPTE240M, 9: Colorspace.BT2020}  # H.273 has one number more than swscale
    reformatter = VideoReformatter()
    try:
        with open(path, "rb") as file:
            for frame in films.pictures(file):
                untagged = Colorspace.ITU709 if frame.height >= 720 else Colorspace.ITU601
                seen = reformatter.reformat(
                    frame,
                    format="rgb24",
                    src_colorspace=by_number.get(int(frame.colorspace), untagged),
                    src_color_range=ColorRange.JPEG if frame.color_range == ColorRange.JPEG else ColorRange.MPEG,
                    dst_color_range=ColorRange.JPEG,
                )
                yield Image.fromarray(seen.to_ndarray())
    except films.UnreadableFilmError as error:
        raise HandlerError("The film of a take is damaged.") from error


def _told(text: Any) -> Mapping[str, Any]:
    if not isinstance(text, str) or len(text) > _MOST_TOLD_BYTES:
        return {}
    try:
        return _mapping(json.loads(text))
    except (ValueError, RecursionError):
        return {}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _numbers(value: Any, count: int) -> tuple[float, ...] | None:
    if not isinstance(value, Sequence) or len(value) != count:
        return None
    numbers = tuple(float(one) for one in value if isinstance(one, (int, float)) and math.isfinite(one))
    return numbers if len(numbers) == count else None


def _number(value: Any) -> float | None:
    found = _numbers([value], 1)
    return found[0] if found and found[0] > 0 else None


def _camera(understood: Mapping[str, Any], size: tuple[int, int]) -> ShotCamera | None:
    """The camera of a still, of what it is said to have understood."""
    told = _mapping(understood.get("camera"))
    position, rotation = _numbers(told.get("position_m"), 3), _numbers(told.get("rotation"), 4)
    focal_px, width_px = _number(told.get("focal_px")), _number(told.get("width_px"))
    if position is None or rotation is None or focal_px is None or width_px is None:
        return None
    lens = _mapping(_mapping(understood.get("stage")).get("lens"))
    width_mm = _number(lens.get("frame_width_mm"))
    height_mm = _number(lens.get("frame_height_mm"))
    assumed = width_mm is None or height_mm is None
    width_mm = width_mm or SUPER_35_WIDTH_MM
    sample = CameraSample(
        position_m=position, rotation=rotation, focal_mm=focal_px / width_px * width_mm,  # type: ignore[arg-type]
        focus_m=_number(lens.get("focus_m")) or 10.0,
    )  # fmt: skip
    return ShotCamera(
        samples=(sample,), stop=_number(lens.get("stop")) or 0.0, sensor=str(lens.get("sensor") or "super_35"),
        frame_width_mm=width_mm, frame_height_mm=height_mm or width_mm * size[1] / size[0], is_assumed=assumed,
    )  # fmt: skip


def _track(path: Path) -> ShotCamera | None:
    """The camera of a film, frame by frame."""
    try:
        told = _told(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return None
    lens = _mapping(told.get("lens"))
    width_mm, height_mm = _number(lens.get("frame_width_mm")), _number(lens.get("frame_height_mm"))
    listed = told.get("samples")
    if width_mm is None or height_mm is None or not isinstance(listed, list) or not listed:
        return None
    samples = []
    for one in map(_mapping, listed):
        position, rotation = _numbers(one.get("position_m"), 3), _numbers(one.get("rotation"), 4)
        focal_mm = _number(one.get("focal_mm"))
        if position is None or rotation is None or focal_mm is None:
            return None
        focus_m = _number(one.get("focus_m")) or 10.0
        samples.append(CameraSample(position_m=position, rotation=rotation, focal_mm=focal_mm, focus_m=focus_m))  # type: ignore[arg-type]
    return ShotCamera(
        samples=tuple(samples), stop=_number(lens.get("stop")) or 0.0, sensor=str(lens.get("sensor") or "super_35"),
        frame_width_mm=width_mm, frame_height_mm=height_mm,
    )  # fmt: skip
