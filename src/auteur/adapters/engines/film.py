"""Pictures -> an H.264 film that every player shows alike, the same bytes for the same pictures."""

import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from PIL import Image

# the index first, so that players start at once; no date and no library's name, so that the same shot is the same file
_CONTAINER = {"movflags": "+faststart+use_metadata_tags", "fflags": "+bitexact"}
# the same bytes every time: x264 165 with AVX-512 gave 2 to 9 different files in 40 runs without cpu-independent
_ENCODER: dict[str, object] = {
    "crf": "17",
    "preset": "faster",
    "threads": "1",
    "bf": "2",
    "x264-params": "cpu-independent=1",
}
_BT709, _LIMITED = 1, 1
"""In H.273: primaries, transfer and matrix of high definition; black is 16, white 235. Untagged, players guess."""


class Film:
    """A film that is being written, yuv420p in BT.709. Use as a context manager; it is whole when that ends.

    ``size``: even numbers of pixels. ``facts``: what it was made of, kept in the container as JSON.
    """

    def __init__(
        self, path: Path, size: tuple[int, int], fps: int | Fraction, *, facts: Mapping[str, Any], title: str
    ) -> None:
        self._container = av.open(str(path), "w", format="mp4", options=_CONTAINER)
        self._container.metadata["comment"] = json.dumps(facts, sort_keys=True)
        self._container.metadata["title"] = title
        self._stream: Any = self._container.add_stream("libx264", rate=Fraction(fps))
        self._stream.width, self._stream.height = size
        self._stream.pix_fmt = "yuv420p"
        self._stream.options = _ENCODER
        codec = self._stream.codec_context
        codec.time_base = 1 / Fraction(fps)
        codec.color_primaries = codec.color_trc = codec.colorspace = _BT709
        codec.color_range = _LIMITED
        self._reformatter = VideoReformatter()
        self._frames = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._mux(None)
        finally:
            self._container.close()

    def add(self, picture: Image.Image) -> None:
        """The next frame: RGB, of the film's size."""
        frame = self._reformatter.reformat(
            av.VideoFrame.from_ndarray(np.asarray(picture), format="rgb24"),
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
        )
        frame.pts = self._frames
        self._frames += 1
        self._mux(frame)

    def _mux(self, frame: Any) -> None:
        for packet in self._stream.encode(frame):
            self._container.mux(packet)
