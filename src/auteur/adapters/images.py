"""Any still that people have -> pixels: upright 8-bit sRGB, the same for uploads, thumbnails and engines.

Pillow opens a file and tells what it found there; what a person sees needs more: sixteen bits scaled instead of
clipped, colour brought from its profile to sRGB, transparency laid on a background, the camera turned upright, the
first frame of what moves. And Pillow raises what it likes. Here it is `UnreadableImageError`, and nothing else.

Over 300 lines in one file, because it is one act: the kinds, the bounds and the colours are used by nothing else.
"""

import io
import math
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
    features,
)
from PIL.Image import Transpose

from auteur.domain.errors import UnreadableImageError

with suppress(ImportError):  # the extra `auteur[heif]`
    import pi_heif

    pi_heif.register_heif_opener()

# what Pillow mends it warns of on stderr, where programs read the log; and of size we judge ourselves
warnings.filterwarnings("ignore", module=r"PIL\.")

MAX_PIXELS = 64_000_000
"""More than any frame needs. Decoding so many holds 500 MB, a WebP 1 GB: its decoder keeps several copies."""

WHITE = (255, 255, 255)
"""What transparency is laid on where nobody chooses: paper, because what is transparent is mostly drawn in ink."""

_STRIP_PIXELS = 1 << 20

_MAX_SCANS = 200
"""Of a JPEG. A camera writes one, a progressive file about ten, several pictures in one file some more; each costs a
pass over all pixels and may take a hundred bytes, so that a small file could keep a decoder busy for days."""


@dataclass(frozen=True, slots=True)
class _Kind:
    suffix: str
    media_type: str
    opens: bool


_KINDS = {
    JpegImagePlugin.JpegImageFile.format: _Kind(".jpg", "image/jpeg", bool(features.check("jpg"))),
    # several pictures in one file, the first of which is for readers that know of one: to them it is a JPEG
    MpoImagePlugin.MpoImageFile.format: _Kind(".jpg", "image/jpeg", bool(features.check("jpg"))),
    PngImagePlugin.PngImageFile.format: _Kind(".png", "image/png", bool(features.check("zlib"))),
    WebPImagePlugin.WebPImageFile.format: _Kind(".webp", "image/webp", bool(features.check("webp"))),
    GifImagePlugin.GifImageFile.format: _Kind(".gif", "image/gif", True),
    TiffImagePlugin.TiffImageFile.format: _Kind(".tif", "image/tiff", bool(features.check("libtiff"))),
    BmpImagePlugin.BmpImageFile.format: _Kind(".bmp", "image/bmp", True),
    AvifImagePlugin.AvifImageFile.format: _Kind(".avif", "image/avif", bool(features.check("avif"))),
    Jpeg2KImagePlugin.Jpeg2KImageFile.format: _Kind(".jp2", "image/jp2", bool(features.check("jpg_2000"))),
    "HEIF": _Kind(".heic", "image/heic", "HEIF" in Image.OPEN),
}
_FORMATS = [name for name, kind in _KINDS.items() if kind.opens and name in Image.OPEN]

MEDIA_TYPES = {kind.suffix: kind.media_type for kind in _KINDS.values() if kind.opens}
"""By suffix: every kind that the Pillow of this installation opens."""

_HEIF_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
_ORIENTATION = 0x0112
_TURNS = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
_ON_ITS_SIDE = frozenset({5, 6, 7, 8})
_GREY = frozenset({"1", "L", "LA", "La", "I;16", "I;16L", "I;16B", "I;16N", "I", "F"})
_SIXTEEN_TO_EIGHT = [(value * 255 + 32767) // 65535 for value in range(65536)]


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """What a still is. Width and height as it is seen: upright."""

    media_type: str
    suffix: str
    width_px: int
    height_px: int


def identify(source: Path | BinaryIO) -> ImageInfo:
    """Kind and upright size by the file's head; the pixels are not decoded.

    Raises `UnreadableImageError`, and `OSError` where a path cannot be opened.
    """
    with _opened(source) as picture:
        return _info(picture, _orientation(picture))


def verify(source: Path | BinaryIO) -> ImageInfo:
    """As `identify`, and sure that the whole first picture can be decoded: takes as long as decoding does.

    Raises `UnreadableImageError`, and `OSError` where a path cannot be opened.
    """
    with _opened(source) as picture:
        info = _info(picture, _orientation(picture))
        picture.draft(None, (1, 1))  # a JPEG is read to its end all the same, into an eighth of the memory
        picture.load()
        return info


def decode(
    source: Path | BinaryIO, *, background: tuple[int, int, int] = WHITE, near: tuple[int, int] | None = None
) -> Image.Image:
    """The still as a person sees it: mode RGB, 8-bit sRGB, upright, transparency laid on the background.

    Of what moves, the first frame. ``near``: an upright size in pixels that is enough; the picture may then come
    smaller than it is, not smaller than that, and much sooner. Raises `UnreadableImageError`, and `OSError` where a
    path cannot be opened.
    """
    with _opened(source) as picture:
        orientation = _orientation(picture)
        if near is not None:
            near = near[::-1] if orientation in _ON_ITS_SIDE else near
            picture.draft(None, near)
        picture.load()
        seen = _developed(picture, background, near or picture.size)
        return seen.transpose(_TURNS[orientation]) if orientation in _TURNS else seen


@contextmanager
def _opened(source: Path | BinaryIO) -> Iterator[Image.Image]:
    """The picture, its size within bounds. Whatever goes wrong inside is raised as `UnreadableImageError`."""
    if isinstance(source, Path):
        with open(source, "rb") as file, _opened(file) as picture:
            yield picture
        return
    try:
        source.seek(0)
        with Image.open(source, formats=_FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise Image.DecompressionBombError
            if picture.format in ("JPEG", "MPO"):
                _check_scans(source)
            yield picture
    except UnreadableImageError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UnreadableImageError(f"The picture has more than {MAX_PIXELS} pixels.", max_pixels=MAX_PIXELS) from None
    except UnidentifiedImageError:
        raise UnreadableImageError(_why_unknown(source)) from None
    except MemoryError:
        raise UnreadableImageError("The picture takes more memory than there is.") from None
    except Exception as error:  # Pillow's decoders raise what the file makes them
        raise UnreadableImageError("The file is a damaged picture, or only a part of one.") from error


def _check_scans(file: BinaryIO) -> None:
    """Within the picture's data 0xFF is always followed by 0x00: its start of scan is found as a word."""
    at = file.tell()
    file.seek(0)
    scans, last = 0, b""
    while chunk := file.read(1 << 20):
        scans += (last + chunk).count(b"\xff\xda")
        last = chunk[-1:]
    file.seek(at)
    if scans > _MAX_SCANS:
        raise UnreadableImageError(f"The picture is written in more than {_MAX_SCANS} scans.")


def _why_unknown(file: BinaryIO) -> str:
    with suppress(OSError, ValueError):
        file.seek(0)
        head = file.read(12)
        if not head:
            return "The file is empty."
        if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS and "HEIF" not in _FORMATS:
            return "HEIC is read only where auteur is installed with its extra: pip install 'auteur[heif]'."
    return "The file is no picture that can be read."


def _info(picture: Image.Image, orientation: int) -> ImageInfo:
    width, height = picture.size[::-1] if orientation in _ON_ITS_SIDE else picture.size
    kind = _KINDS[picture.format or ""]
    return ImageInfo(kind.media_type, kind.suffix, width, height)


def _orientation(picture: Image.Image) -> int:
    """How the camera was held, 1 to 8 as in EXIF; 1, upright, also where what is said of it is damaged.

    Asked before the pixels are loaded, so that `identify` and `decode` never differ.
    """
    if picture.format == "TIFF":
        return 1  # turned by Pillow itself, its size already now
    try:
        # not the PNG plugin's own: that decodes the whole picture, for what may stand behind it
        exif = Image.Image.getexif(picture)
        if isinstance(picture, PngImagePlugin.PngImageFile) and _ORIENTATION not in exif:
            exif.load(_exif_behind(picture))
        value = exif.get(_ORIENTATION, 1)
    except Exception:
        return 1
    return value if value in _TURNS else 1


def _exif_behind(picture: PngImagePlugin.PngImageFile) -> bytes:
    """The EXIF of a PNG, wherever it stands; empty if there is none."""
    file = picture.fp
    assert file is not None
    at = file.tell()
    try:
        file.seek(8)
        while len(head := file.read(8)) == 8:
            size, name = struct.unpack(">I4s", head)
            if name == b"eXIf":
                return b"Exif\0\0" + file.read(size)
            file.seek(size + 4, io.SEEK_CUR)
        return b""
    finally:
        file.seek(at)


def _developed(picture: Image.Image, background: tuple[int, int, int], near: tuple[int, int]) -> Image.Image:
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
