"""The animatic: all shots joined as one film, exact to the frame. Runs in an engine process."""

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageOps
from PIL.Image import Resampling

from auteur.adapters.engines.captions import Typesetter
from auteur.adapters.engines.editorial import ENGINE
from auteur.adapters.engines.editorial.cut import Cut, CutShot, source_frame
from auteur.adapters.engines.editorial.takes import iter_frames
from auteur.adapters.engines.editorial.timecode import frames_of, timecode
from auteur.adapters.engines.film import Film
from auteur.adapters.engines.stills import save_preview
from auteur.adapters.fonts import fonts

_PREVIEW_EVERY_S = 5
_SLUG = (46, 46, 48)


def join(
    cut: Cut, arguments: Mapping[str, Any], report: Callable[[Mapping[str, Any]], None]
) -> tuple[list[dict[str, Any]], dict[str, Any], dict[str, Any]]:
    """Writes ``animatic.mp4`` and its poster. Answers the files, metrics, and what was understood."""
    params, directory, suffix = arguments["params"], Path(arguments["directory"]), arguments["suffix"]
    size = params["width_px"], params["height_px"]
    started = time.process_time()
    joiner = _Joiner(cut, size, burn_in=params["burn_in"], start=params["start"])
    path = directory / f"animatic.mp4{suffix}"
    track = Path(arguments["track"]) if arguments.get("track") else None
    facts = {"engine": ENGINE, "task_type": "film_animatic", "params": params}
    poster: Image.Image | None = None
    every = max(1, round(_PREVIEW_EVERY_S * cut.rate))
    with Film(path, size, cut.rate, facts=facts, title=cut.title, sound=track, frames=cut.frames) as film:
        for frame, picture in enumerate(joiner.frames()):
            film.add(picture)
            poster = poster or picture
            if frame % 12 == 0 or frame + 1 == cut.frames:
                said: dict[str, Any] = {"progress": 0.97 * (frame + 1) / cut.frames, "stage": "joining"}
                said["message"] = f"Frame {frame + 1} of {cut.frames}"
                if frame and frame % every == 0:
                    said["preview"] = save_preview(picture, directory, f"preview-{frame:05}.jpg")
                report(said)
    assert poster is not None
    poster.save(directory / f"poster.jpg{suffix}", "JPEG", quality=90)
    about = {"width_px": size[0], "height_px": size[1]}
    files = [
        {
            "name": "animatic.mp4", "kind": "video", "media_type": "video/mp4", "fps": float(cut.rate),
            "duration_s": round(float(cut.frames / cut.rate), 6), **about,
        },
        {"name": "poster.jpg", "kind": "image", "media_type": "image/jpeg", **about},
    ]  # fmt: skip
    shots = [
        {"name": shot.name, "at": shot.at, "frames": shot.frames, "dissolve_frames": shot.dissolve}
        for shot in cut.shots
    ]
    metrics = {"frames": cut.frames, "cpu_s": round(time.process_time() - started, 3)}
    understood = {"rate": f"{cut.rate.numerator}/{cut.rate.denominator}", "frames": cut.frames, "shots": shots}
    return files, metrics, understood


class _Joiner:
    """The film's frames one after another; no more of it in memory than the shots that are seen."""

    def __init__(self, cut: Cut, size: tuple[int, int], *, burn_in: bool, start: str) -> None:
        self._cut = cut
        self._size = size
        self._burn_in = burn_in
        self._setter = Typesetter(fonts())
        self._start, self._drop = frames_of(start, cut.rate), ";" in start

    def frames(self) -> Iterator[Image.Image]:
        """Each of them, RGB, of the film's size."""
        before: _Player | None = None
        for shot in self._cut.shots:
            player = _Player(shot, self._size, self._cut)
            for frame in range(shot.at, shot.end):
                picture = player.at(frame)
                done = frame - shot.at
                if before is not None and done < shot.dissolve:
                    picture = _mixed(before.at(frame), picture, (done + 1) / (shot.dissolve + 1))
                yield self._burnt(picture, shot, frame)
            before = player

    def _burnt(self, picture: NDArray[np.uint8], shot: CutShot, frame: int) -> Image.Image:
        image = Image.fromarray(picture)
        if not self._burn_in:
            return image
        height = self._size[1]
        code = timecode(self._start + frame, self._cut.rate, drop=self._drop)
        size_px, edge = max(10, height // 26), max(4, height // 60)
        draw = ImageDraw.Draw(image)
        self._label(draw, shot.name, edge, "left", size_px, edge)
        self._label(draw, code, self._size[0] - edge, "right", size_px, edge)
        return image

    def _label(self, draw: ImageDraw.ImageDraw, text: str, x: float, align: str, size_px: int, edge: int) -> None:
        """A line on a dark plate at the upper edge, in any script."""
        text = self._setter.readable(text)
        wide, pad = self._setter.width(text, size_px), size_px / 4
        left = x if align == "left" else x - wide
        draw.rectangle((left - pad, edge - pad, left + wide + pad, edge + size_px * 1.15 + pad), fill=(12, 12, 12))
        self._setter.draw(draw, (x, edge + size_px * 0.95), text, size_px, fill=(240, 240, 240), align=align)


class _Player:
    """The pictures of one shot, asked for in order; whatever lies behind its end stays on its last frame."""

    def __init__(self, shot: CutShot, size: tuple[int, int], cut: Cut) -> None:
        self._shot = shot
        self._size = size
        self._cut = cut
        self._films = iter_frames(shot.take.path) if shot.take.is_film and shot.take.path else None
        self._read = -1
        self._picture: NDArray[np.uint8] | None = None

    def at(self, frame: int) -> NDArray[np.uint8]:
        if self._films is None:
            if self._picture is None:
                self._picture = np.asarray(self._fitted(self._shot.take.picture(self._size)))
            return self._picture
        wanted = source_frame(self._shot, frame, self._cut.rate)
        latest: Image.Image | None = None
        while self._read < wanted:
            found = next(self._films, None)
            if found is None:
                self._read = wanted  # shorter than its head says: the last one stays
                break
            latest, self._read = found, self._read + 1
        if latest is not None or self._picture is None:
            self._picture = np.asarray(self._fitted(latest))
        return self._picture

    def _fitted(self, picture: Image.Image | None) -> Image.Image:
        """The whole picture in the frame, black beside it; a card where there is none yet."""
        if picture is not None:
            if picture.size == self._size:
                return picture
            return ImageOps.pad(picture, self._size, Resampling.LANCZOS, color=(0, 0, 0))
        card = Image.new("RGB", self._size, _SLUG)
        size_px = max(12, self._size[1] // 9)
        middle = self._size[0] / 2, self._size[1] / 2
        setter = Typesetter(fonts())
        name = setter.readable(self._shot.name)
        setter.draw(ImageDraw.Draw(card), middle, name, size_px, fill=(200, 200, 200), align="middle")
        return card


def _mixed(before: NDArray[np.uint8], after: NDArray[np.uint8], share: float) -> NDArray[np.uint8]:
    """A dissolve of code values, as editing programs make it by default."""
    weight = round(share * 256)
    mixed = before.astype(np.uint16) * (256 - weight) + after.astype(np.uint16) * weight
    return ((mixed + 128) >> 8).astype(np.uint8)
