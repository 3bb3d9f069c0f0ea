"""From the pixels of a picture, of whatever depth, kind of colour and opacity, to 8-bit sRGB as a person sees it; and
what a file that we write says of its colours."""

import functools
import io
import math
import struct
from contextlib import suppress

from PIL import Image, ImageCms, PngImagePlugin

_STRIP_PIXELS = 1 << 20
_GREY = frozenset({"1", "L", "LA", "La", "I;16", "I;16L", "I;16B", "I;16N", "I", "F"})
_SIXTEEN_TO_EIGHT = [(value * 255 + 32767) // 65535 for value in range(65536)]

_PERCEPTUAL = b"\x00"
_GAMMA = 45455
_CHROMATICITIES = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
"""White, red, green and blue of sRGB (IEC 61966-2-1), in the hundred thousandths of a PNG."""
_DATED, _DATE = slice(24, 36), struct.pack(">6H", 2000, 1, 1, 0, 0, 0)
_IDENTIFIED = slice(84, 100)


@functools.cache
def srgb_profile() -> bytes:
    """An ICC profile of sRGB, for files that say their colours by one. The same bytes whenever it is made."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[_DATED] = _DATE
    profile[_IDENTIFIED] = bytes(16)  # a digest that would be of the other date; all zeros says that there is none
    return bytes(profile)


def srgb_chunks() -> PngImagePlugin.PngInfo:
    """Chunks of a PNG that say sRGB to those who know sRGB, and nearly so to those who know gamma and chromaticities
    (PNG, ISO/IEC 15948, 11.3.3). Text may be added to them."""
    chunks = PngImagePlugin.PngInfo()
    chunks.add(b"gAMA", struct.pack(">I", _GAMMA))
    chunks.add(b"cHRM", struct.pack(">8I", *_CHROMATICITIES))
    chunks.add(b"sRGB", _PERCEPTUAL)
    return chunks


def developed(picture: Image.Image, background: tuple[int, int, int], near: tuple[int, int]) -> Image.Image:
    """The loaded picture as it is seen, not yet turned, reduced while it stays as large as ``near``.

    Strip by strip: every step on the way makes a copy, and copies of the whole took five times the picture's memory.
    """
    width, height = picture.size
    factor = max(min(width // near[0], height // near[1]), 1)
    see = _Eye(picture, background)
    seen = Image.new("RGB", (-(-width // factor), -(-height // factor)))
    rows = max(_STRIP_PIXELS // width // factor, 1) * factor
    for top in range(0, height, rows):
        strip = see(picture.crop((0, top, width, min(top + rows, height))))
        seen.paste(strip.reduce(factor) if factor > 1 else strip, (0, top // factor))
    return seen


class _Eye:
    """Turns strips of one picture into RGB of sRGB; what holds for the whole picture is found out once."""

    def __init__(self, picture: Image.Image, background: tuple[int, int, int]) -> None:
        self._background = background
        self._grey = picture.mode in _GREY
        self._white = _white(picture) if picture.mode in ("I", "F") else None
        self._key = picture.info.get("transparency")
        self._profile: bytes | None = picture.info.get("icc_profile")
        self._transforms: dict[str, ImageCms.ImageCmsTransform | None] = {}

    def __call__(self, strip: Image.Image) -> Image.Image:
        colour, alpha = self._colour_and_alpha(strip)
        if colour.mode not in self._transforms:
            self._transforms[colour.mode] = _transform(colour.mode, self._profile, grey=self._grey)
        transform = self._transforms[colour.mode]
        if transform is None:
            seen = colour.convert("RGB")
        else:
            applied = ImageCms.applyTransform(colour.convert(transform.input_mode), transform)
            assert applied is not None
            seen = applied
        if alpha is None:
            return seen
        # by the mask, not by arithmetic: where alpha is 0, nothing of the colour beneath is left
        return Image.composite(seen, Image.new("RGB", seen.size, self._background), alpha)

    def _colour_and_alpha(self, strip: Image.Image) -> tuple[Image.Image, Image.Image | None]:
        """Its colour in 8 bits, mode L, RGB, CMYK or LAB, and how opaque it is: None for all of it."""
        if strip.mode.startswith("I;16"):
            deep = strip.convert("I")
            return deep.point(_SIXTEEN_TO_EIGHT, "L"), self._mask(deep)
        if self._white is not None:
            share = 255 / self._white
            return strip.point(lambda value: value * share + 0.5).convert("L"), None
        if strip.has_transparency_data:
            if isinstance(self._key, tuple) and max(self._key) > 255:  # of sixteen bits, where the pixels came in eight
                strip.info["transparency"] = tuple(value >> 8 for value in self._key)
            both = strip.convert("RGBA")
            return both.convert("RGB"), both.getchannel("A")
        if strip.mode in ("L", "RGB", "CMYK", "LAB"):
            return strip, None
        return strip.convert("L" if strip.mode == "1" else "RGB"), None

    def _mask(self, deep: Image.Image) -> Image.Image | None:
        """Where one value stands for nothing."""
        if not isinstance(self._key, int):
            return None
        return deep.point([0 if value == self._key else 255 for value in range(65536)], "L")


def _white(picture: Image.Image) -> float:
    """Wider numbers do not say their range: it is the smallest usual one that holds the brightest pixel."""
    brightest = picture.getextrema()[1]
    assert isinstance(brightest, int | float)
    usual = (1.0, 255.0, 65535.0) if picture.mode == "F" else (255.0, 65535.0, 2.0**31 - 1)
    white = next((limit for limit in usual if brightest <= limit), float(brightest))
    return white if math.isfinite(white) else 1.0


def _transform(mode: str, profile: bytes | None, *, grey: bool) -> ImageCms.ImageCmsTransform | None:
    """From the picture's colour to sRGB, None where it is that already, as far as anybody knows.

    A damaged profile, or one of another kind of colour, is left aside, as viewers do.
    """
    if mode == "LAB":
        return _to_srgb(ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")), mode)
    if profile:
        with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            space = own.profile.xcolor_space.strip()
            if space == "RGB" and mode in ("L", "RGB"):
                return _to_srgb(own, "RGB")
            if space == "GRAY" and grey:
                return _to_srgb(own, "L")
            if space == "CMYK" and mode == "CMYK":
                return _to_srgb(own, mode)
    return None


def _to_srgb(profile: ImageCms.ImageCmsProfile, mode: str) -> ImageCms.ImageCmsTransform:
    return ImageCms.buildTransform(
        profile,
        ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")),
        mode,
        "RGB",
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
