"""What video models take that fill a shot in from its first and last frame: lengths, rates and sizes.

Of November 2026, from what their makers had published until the dates named here; models change without notice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoModel:
    """``step`` and ``most_frames``: it makes ``step * n + 1`` frames, at most so many (``exact``: those alone);
    ``rate``: frames a second it was taught at, ``rates``: from and to, where it takes others, too; ``sizes``: width and
    height in pixels that it was taught at, any way round where ``turns``; ``multiple``: what both sides are a multiple
    of; ``source``: where that is said."""

    step: int
    most_frames: int
    rate: int
    sizes: tuple[tuple[int, int], ...]
    multiple: int
    source: str
    rates: tuple[int, int] | None = None
    exact: tuple[int, ...] = ()
    turns: bool = True


MODELS: Mapping[str, VideoModel] = {
    "wan-2.1": VideoModel(
        step=4, most_frames=81, rate=16, sizes=((832, 480), (1280, 720)), multiple=16,
        source="Wan-Video/Wan2.1, README and wan/configs: sample_fps 16, frame_num 81 as 4n+1",
    ),
    "wan-2.2-14b": VideoModel(
        step=4, most_frames=81, rate=16, sizes=((832, 480), (1280, 720)), multiple=16,
        source="Wan-Video/Wan2.2, README and wan/configs: sample_fps 16, frame_num 81 as 4n+1",
    ),
    "wan-2.2-5b": VideoModel(
        step=4, most_frames=121, rate=24, sizes=((1280, 704),), multiple=32,
        source="Wan-Video/Wan2.2, wan/configs/wan_ti2v_5B: sample_fps 24, frame_num 121",
    ),
    "cogvideox": VideoModel(
        step=8, most_frames=49, rate=8, sizes=((720, 480),), multiple=16, turns=False,
        source="zai-org/CogVideo, README of 2025-03: CogVideoX-5B-I2V, 6 s at 8 fps, 720 x 480, frames 8n+1",
    ),
    "cogvideox-1.5": VideoModel(
        step=16, most_frames=161, rate=16, sizes=((1360, 768),), multiple=16,
        source="zai-org/CogVideo, README of 2025-03: CogVideoX1.5-5B-I2V, 5 or 10 s, 16 fps, frames 16n+1, n up to 10",
    ),
    "ltx-video": VideoModel(
        step=8, most_frames=257, rate=30, rates=(24, 30), sizes=((1216, 704), (768, 512)), multiple=32,
        source="Lightricks/LTX-Video, README of 2025-04 (0.9.6): frames 8n+1, 257 or less, sides divisible by 32,"
        " best under 720 x 1280; 1216 x 704 at 30 is the default, other rates are taken",
    ),
    "hunyuan-video": VideoModel(
        step=4, most_frames=129, rate=24, multiple=16,
        sizes=((1280, 720), (1104, 832), (960, 960), (960, 544), (832, 624), (720, 720)),
        source="Tencent/HunyuanVideo, README of 2024-12: these sizes, 129 frames; 4n+1 and 24 fps not stated there",
    ),
    "svd": VideoModel(
        step=1, most_frames=14, exact=(14,), rate=6, rates=(5, 30), sizes=((1024, 576),), multiple=64, turns=False,
        source="Stability-AI/generative-models: README of 2023-11, simple_video_sample.py; 14 frames, 576 x 1024",
    ),
    "svd-xt": VideoModel(
        step=1, most_frames=25, exact=(25,), rate=6, rates=(5, 30), sizes=((1024, 576),), multiple=64, turns=False,
        source="Stability-AI/generative-models: README of 2023-11, simple_video_sample.py; 25 frames, 576 x 1024",
    ),
}  # fmt: skip
MODEL_NAMES = tuple(MODELS)
_ASPECT_TOLERANCE = 0.02


def warnings_for(name: str, frames: int, rate: Fraction, width_px: int, height_px: int) -> list[str]:
    """Where a shot is not what the model takes, a sentence each; nothing where all is well."""
    model = MODELS[name]
    found = []
    taken = model.exact or tuple(range(model.step + 1, model.most_frames + 1, model.step))
    if frames not in taken:
        nearest = min(taken, key=lambda length: (abs(length - frames), length))
        rule = " or ".join(map(str, model.exact)) if model.exact else f"{model.step}n+1, at most {model.most_frames}"
        found.append(f"{name} makes {rule} frames, the shot has {frames}; the nearest is {nearest}.")
    if model.rates is not None and not model.rates[0] <= rate <= model.rates[1]:
        told = "{} to {}".format(*model.rates)
        found.append(f"{name} takes {told} frames a second, the cut has {float(rate):.6g}.")
    elif model.rates is None and rate != model.rate:
        found.append(f"{name} was taught at {model.rate} frames a second, the cut has {float(rate):.6g}.")
    sizes = model.sizes + tuple((h, w) for w, h in model.sizes if model.turns)
    aspect = width_px / height_px
    nearest_size = min(sizes, key=lambda size: (abs(size[0] / size[1] / aspect - 1), abs(size[0] - width_px)))
    if abs(nearest_size[0] / nearest_size[1] / aspect - 1) > _ASPECT_TOLERANCE:
        told = f"{nearest_size[0]} x {nearest_size[1]}"
        found.append(f"{name} has no size of the shape {width_px} x {height_px}; the nearest is {told}.")
    elif (width_px, height_px) not in sizes and (width_px % model.multiple or height_px % model.multiple):
        found.append(
            f"{name} takes sides that are multiples of {model.multiple}, the picture has {width_px} x {height_px}."
        )
    return found
