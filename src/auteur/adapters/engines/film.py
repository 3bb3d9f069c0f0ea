"""Pictures -> an H.264 film that every player shows alike, the same bytes for the same pictures.

The pictures are sRGB; their numbers are kept as those of BT.709 (ITU-R BT.709-6), as is usual in post-production: the
matrix and the range are converted, the curve is not. The film says so in the stream (H.264's VUI) and in the container
(`colr`, nclx), because what is not tagged is guessed, and guessed as BT.601 by half of what plays films.
"""

import json
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from PIL import Image

from auteur.adapters import films
from auteur.domain.errors import HandlerError

# the index first, so that players start at once; no date and no library's name, so that the same shot is the same file
_CONTAINER = {"movflags": "+faststart+use_metadata_tags+write_colr", "fflags": "+bitexact"}
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
_FINEST = 10_000
SOUND_HZ, _SOUND_BITS = 48_000, 192_000


class Film:
    """A film that is being written, yuv420p in BT.709. Use as a context manager; it is whole when that ends.

    ``size``: even numbers of pixels. ``facts``: what it was made of, kept in the container as JSON. Each frame's time
    is exact: frame k begins at k / ``fps``. ``sound``: a file whose sound the film gets, from its beginning, cut or
    filled with silence to ``frames``, which must be told then. Raises `HandlerError` where it has no sound.
    """

    converted: ClassVar[Mapping[str, Any]] = {
        "dst_colorspace": Colorspace.ITU709,
        "src_color_range": ColorRange.JPEG,
        "dst_color_range": ColorRange.MPEG,
    }
    """How swscale is told to: left to itself it takes the matrix of BT.601."""

    def __init__(
        self,
        path: Path,
        size: tuple[int, int],
        fps: int | Fraction,
        *,
        facts: Mapping[str, Any],
        title: str,
        sound: Path | None = None,
        frames: int | None = None,
    ) -> None:
        rate = Fraction(fps)
        # a clock in which every frame's time is whole, for the track and for the film as a whole
        clock = rate.numerator * max(1, -(-_FINEST // rate.numerator))
        timing = {"video_track_timescale": str(clock), "movie_timescale": str(clock)}
        self._container = av.open(str(path), "w", format="mp4", options=_CONTAINER | timing)
        self._container.metadata["comment"] = json.dumps(facts, sort_keys=True)
        self._container.metadata["title"] = title
        self._stream: Any = self._container.add_stream("libx264", rate=rate)
        self._stream.width, self._stream.height = size
        self._stream.pix_fmt = "yuv420p"
        self._stream.options = _ENCODER
        codec = self._stream.codec_context
        codec.time_base = 1 / rate
        codec.color_primaries = codec.color_trc = codec.colorspace = _BT709
        codec.color_range = _LIMITED
        self._reformatter = VideoReformatter()
        self._frames = 0
        self._rate = rate
        self._sound: Iterator[Any] | None = None
        if sound is not None:
            assert frames is not None
            self._voice: Any = self._container.add_stream("aac", rate=SOUND_HZ, layout="stereo")
            self._voice.bit_rate = _SOUND_BITS
            self._voice.codec_context.flags |= av.codec.context.Flags.bitexact
            self._sound = _blocks(sound, round(Fraction(frames) / rate * SOUND_HZ))
            self._heard = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                if self._sound is not None:
                    self._hear(None)
                    self._mux(self._voice, None)
                self._mux(self._stream, None)
        finally:
            self._container.close()

    def add(self, picture: Image.Image) -> None:
        """The next frame: RGB, of the film's size."""
        frame = self._reformatter.reformat(
            av.VideoFrame.from_ndarray(np.asarray(picture), format="rgb24"),
            format="yuv420p",
            **self.converted,
        )
        frame.pts = self._frames
        frame.time_base = 1 / self._rate
        self._frames += 1
        self._mux(self._stream, frame)
        if self._sound is not None:
            self._hear(round(self._frames / self._rate * SOUND_HZ))

    def _hear(self, until: int | None) -> None:
        """Writes the sound up to so many samples, or to its end, so that pictures and sound lie side by side."""
        assert self._sound is not None
        while until is None or self._heard < until:
            block = next(self._sound, None)
            if block is None:
                return
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
            frame.sample_rate = SOUND_HZ
            frame.pts = self._heard
            frame.time_base = Fraction(1, SOUND_HZ)
            self._heard += block.shape[1]
            self._mux(self._voice, frame)

    def _mux(self, stream: Any, frame: Any) -> None:
        for packet in stream.encode(frame):
            self._container.mux(packet)


def _blocks(path: Path, samples: int, size: int = 1024) -> Iterator[Any]:
    """The file's sound, stereo at `SOUND_HZ`, in blocks of float32 of shape (2, size): so many samples in all."""
    left = samples
    held = np.zeros((2, 0), np.float32)
    for part in _resampled(path):
        held = np.concatenate([held, part], axis=1)
        while held.shape[1] >= size and left > 0:
            yield np.ascontiguousarray(held[:, : min(size, left)])
            held, left = held[:, size:], left - size
        if left <= 0:
            return
    while left > 0:
        block = np.zeros((2, min(size, left)), np.float32)
        block[:, : held.shape[1]] = held[:, : block.shape[1]]
        held, left = held[:, block.shape[1] :], left - size
        yield block


def _resampled(path: Path) -> Iterator[Any]:
    """The sound of a file as float32 arrays of shape (2, n). What cannot be read is a `HandlerError`."""
    resampler = AudioResampler(format="fltp", layout="stereo", rate=SOUND_HZ)
    try:
        with open(path, "rb") as file:
            for frame in films.sound(file):
                frame.pts = None
                for made in resampler.resample(frame):
                    yield made.to_ndarray()
            for made in resampler.resample(None):
                yield made.to_ndarray()
    except films.UnreadableFilmError:
        raise HandlerError("The audio file has no sound that can be read.") from None
    except OSError as error:
        raise HandlerError("The audio file cannot be read now.", retryable=True) from error
