"""A scratch track under a film: as long as the film to the sample, silence behind it where it is shorter."""

import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from auteur.domain.errors import HandlerError

_RATE_HZ = 48_000
_LAYOUT = "stereo"
_CONTAINER = {"movflags": "+faststart+use_metadata_tags", "fflags": "+bitexact"}
_BLOCK = 1024
"""Samples in a frame of AAC."""


def lay_under(film: Path, track: Path, target: Path, length_s: Fraction) -> None:
    """Writes ``target``: the film's packets as they are, and so much of the track as AAC. Raises `HandlerError`."""
    import av

    samples = math.ceil(length_s * _RATE_HZ)
    with av.open(str(film)) as pictures, av.open(str(target), "w", format="mp4", options=_CONTAINER) as out:
        for name, value in pictures.metadata.items():
            if name in ("title", "comment"):
                out.metadata[name] = value
        source = pictures.streams.video[0]
        video: Any = out.add_stream_from_template(source)
        audio: Any = out.add_stream("aac", rate=_RATE_HZ, layout=_LAYOUT)
        audio.bit_rate = 192_000
        for packet in pictures.demux(source):
            if packet.dts is not None:
                packet.stream = video
                out.mux(packet)
        for number, block in enumerate(_blocks(track, samples)):
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=_LAYOUT)
            frame.sample_rate, frame.pts = _RATE_HZ, number * _BLOCK
            for packet in audio.encode(frame):
                out.mux(packet)
        for packet in audio.encode(None):
            out.mux(packet)


def _blocks(track: Path, samples: int) -> Any:
    """Blocks of the track, shape (2, n) of float32, until so many samples were given."""
    left, held = samples, np.zeros((2, 0), np.float32)
    for piece in _decoded(track):
        held = np.concatenate([held, piece], axis=1)
        while held.shape[1] >= _BLOCK and left > 0:
            size = min(_BLOCK, left)
            yield np.ascontiguousarray(held[:, :size])
            held, left = held[:, _BLOCK:], left - size
        if left <= 0:
            return
    while left > 0:
        size = min(_BLOCK, left)
        block = np.zeros((2, size), np.float32)
        taken = min(size, held.shape[1])
        block[:, :taken] = held[:, :taken]
        held, left = held[:, taken:], left - size
        yield block


def _decoded(track: Path) -> Any:
    import av

    try:
        with av.open(str(track)) as container:
            if not container.streams.audio:
                raise HandlerError("The scratch track has no sound.")
            resampler = av.AudioResampler(format="fltp", layout=_LAYOUT, rate=_RATE_HZ)
            for frame in container.decode(audio=0):
                for piece in resampler.resample(frame):
                    yield piece.to_ndarray()
            for piece in resampler.resample(None):
                yield piece.to_ndarray()
    except av.FFmpegError as error:
        raise HandlerError("The scratch track cannot be read as sound.") from error
