"""What video models take that fill a shot in from its first and last frame: lengths, rates and sizes.

Compared in November 2026 with the makers' own repositories as they were on the days named here, README and code; models
change without notice, so that a warning is a hint to look.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoModel:
    """``step`` and ``most_frames``: it makes ``step * n + 1`` frames, at most so many (``exact``: those alone);
    ``rate``: frames a second it was taught at, ``rates``: from and to, where it takes others, too; ``sizes``: width and
    height in pixels that it was taught at, any way round where ``turns``; ``multiple``: what both sides are a multiple
    of; ``pictures``: whether it begins with a picture, or takes words alone; ``source``: where that is said."""

    step: int
    most_frames: int
    rate: int
    sizes: tuple[tuple[int, int], ...]
    multiple: int
    source: str
    rates: tuple[int, int] | None = None
    exact: tuple[int, ...] = ()
    turns: bool = True
    pictures: bool = True


MODELS: Mapping[str, VideoModel] = {
    "wan-2.1": VideoModel(
        step=4, most_frames=81, rate=16, sizes=((832, 480), (1280, 720)), multiple=16,
        source="Wan-Video/Wan2.1 of 2026-03: SUPPORTED_SIZES of i2v-14B, flf2v-14B and vace-14B, sample_fps 16,"
        " frame_num 4n+1, 81 unless told otherwise",
    ),
    "wan-2.1-1.3b": VideoModel(
        step=4, most_frames=81, rate=16, sizes=((832, 480),), multiple=16,
        source="Wan-Video/Wan2.1 of 2026-03: SUPPORTED_SIZES of vace-1.3B, else as the larger",
    ),
    "wan-2.2-14b": VideoModel(
        step=4, most_frames=81, rate=16, sizes=((832, 480), (1280, 720)), multiple=16,
        source="Wan-Video/Wan2.2 of 2026-03: SUPPORTED_SIZES of i2v-A14B, shared_config: sample_fps 16, frame_num 81,"
        " generate.py: 4n+1",
    ),
    "wan-2.2-5b": VideoModel(
        step=4, most_frames=121, rate=24, sizes=((1280, 704),), multiple=32,
        source="Wan-Video/Wan2.2 of 2026-03: SUPPORTED_SIZES of ti2v-5B, wan_ti2v_5B: sample_fps 24, frame_num 121",
    ),
    "cogvideox": VideoModel(
        step=8, most_frames=49, rate=8, sizes=((720, 480),), multiple=16, turns=False,
        source="zai-org/CogVideo of 2025-11, README: 720 x 480, 8n+1 with n up to 6; cli_demo: 8 frames a second",
    ),
    "cogvideox-1.5": VideoModel(
        step=16, most_frames=161, rate=16, multiple=16,
        sizes=((1360, 768), *((width, 768) for width in range(1344, 767, -16))),
        source="zai-org/CogVideo of 2025-11, README: the image to video model's shorter side is 768, its longer one 768"
        " to 1360 by 16; 16n+1 with n up to 10; cli_demo: 16 frames a second",
    ),
    "ltx-video": VideoModel(
        step=8, most_frames=257, rate=30, rates=(12, 60), sizes=((1216, 704), (768, 512)), multiple=32,
        source="Lightricks/LTX-Video of 2025-10, README: 8n+1 frames, best up to 257, sides divisible by 32, best under"
        " 720 x 1280; 1216 x 704 at 30 is the default, other sizes and rates are taken",
    ),
    "hunyuan-video": VideoModel(
        step=4, most_frames=129, rate=24, multiple=16,
        sizes=((1280, 720), (1104, 832), (960, 960), (960, 544), (832, 624), (720, 720)),
        source="Tencent-Hunyuan/HunyuanVideo and HunyuanVideo-I2V of 2025-05: README: sizes, 129 frames; inference.py:"
        " 4n+1; sample_video.py and sample_image2video.py: 24 frames a second",
    ),
    "mochi-1": VideoModel(
        step=6, most_frames=163, rate=30, sizes=((848, 480),), multiple=16, turns=False, pictures=False,
        source="genmoai/mochi of 2025-11: cli.py: 848 x 480, 163 frames; encode_videos.py: 6n+1; save_video: 30 frames"
        " a second; nothing of it takes a picture",
    ),
    "svd": VideoModel(
        step=1, most_frames=14, exact=(14,), rate=6, rates=(5, 30), sizes=((1024, 576),), multiple=64, turns=False,
        source="Stability-AI/generative-models of 2025-05, README and simple_video_sample.py: 14 frames, 576 x 1024,"
        " fps_id 5 to 30, sides divisible by 64",
    ),
    "svd-xt": VideoModel(
        step=1, most_frames=25, exact=(25,), rate=6, rates=(5, 30), sizes=((1024, 576),), multiple=64, turns=False,
        source="Stability-AI/generative-models of 2025-05, README and simple_video_sample.py: 25 frames, else as svd",
    ),
}  # fmt: skip
MODEL_NAMES = tuple(MODELS)
_ASPECT_TOLERANCE = 0.02
_RATE_TOLERANCE = Fraction(2, 1000)
"""24000/1001 is 24 to a model: a frame in forty seconds."""


def warnings_for(name: str, frames: int, rate: Fraction, width_px: int, height_px: int) -> list[str]:
    """Where a shot is not what the model takes, a sentence each; nothing where all is well."""
    model = MODELS[name]
    found = []
    taken = model.exact or tuple(range(model.step + 1, model.most_frames + 1, model.step))
    if frames not in taken:
        nearest = min(taken, key=lambda length: (abs(length - frames), length))
        rule = " or ".join(map(str, model.exact)) if model.exact else f"{model.step}n+1, at most {model.most_frames}"
        found.append(f"{name} makes {rule} frames, the shot has {frames}; the nearest is {nearest}.")
    low, high = model.rates or (model.rate, model.rate)
    is_taken = low * (1 - _RATE_TOLERANCE) <= rate <= high * (1 + _RATE_TOLERANCE)
    if model.rates is not None and not is_taken:
        told = "{} to {}".format(*model.rates)
        found.append(f"{name} takes {told} frames a second, the cut has {float(rate):.6g}.")
    elif not is_taken:
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
    if not model.pictures:
        found.append(f"{name} takes words alone: the pack's pictures are for looking at.")
    return found
