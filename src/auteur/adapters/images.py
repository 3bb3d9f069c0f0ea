"""Any still that people have -> pixels: upright 8-bit sRGB, the same for uploads, thumbnails and engines.

For processes that may be lost: a service asks `decoding`, which has this done in a child.

Pillow opens a file and tells what it found there; what a person sees needs more: sixteen bits scaled instead of
clipped, colour brought from its profile to sRGB, transparency laid on a background, the camera turned upright, the
first frame of what moves. And Pillow raises what it likes. Here it is `UnreadableImageError`, and nothing else.
"""

import io
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

from auteur.adapters.colour import developed
from auteur.adapters.heads import MAX_PIXELS, check_head, check_pictures, check_pixels, check_scans
from auteur.adapters.stills import MEDIA_TYPES, ImageInfo
from auteur.domain.errors import UnreadableImageError

with suppress(ImportError):  # the extra `auteur[heif]`
    import pi_heif

    pi_heif.register_heif_opener()

warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)  # of size we judge ourselves

WHITE = (255, 255, 255)
"""What transparency is laid on where nobody chooses: paper, because what is transparent is mostly drawn in ink."""


@dataclass(frozen=True, slots=True)
class _Kind:
    suffix: str
    opens: bool


_KINDS = {
    JpegImagePlugin.JpegImageFile.format: _Kind(".jpg", bool(features.check("jpg"))),
    # several pictures in one file, the first of which is for readers that know of one: to them it is a JPEG
    MpoImagePlugin.MpoImageFile.format: _Kind(".jpg", bool(features.check("jpg"))),
    PngImagePlugin.PngImageFile.format: _Kind(".png", bool(features.check("zlib"))),
    WebPImagePlugin.WebPImageFile.format: _Kind(".webp", bool(features.check("webp"))),
    GifImagePlugin.GifImageFile.format: _Kind(".gif", True),
    TiffImagePlugin.TiffImageFile.format: _Kind(".tif", bool(features.check("libtiff"))),
    BmpImagePlugin.BmpImageFile.format: _Kind(".bmp", True),
    AvifImagePlugin.AvifImageFile.format: _Kind(".avif", bool(features.check("avif"))),
    Jpeg2KImagePlugin.Jpeg2KImageFile.format: _Kind(".jp2", bool(features.check("jpg_2000"))),
    "HEIF": _Kind(".heic", "HEIF" in Image.OPEN),
}
_FORMATS = [name for name, kind in _KINDS.items() if kind.opens and name in Image.OPEN]

READ = tuple(dict.fromkeys(kind.suffix for kind in _KINDS.values() if kind.opens))
"""The suffixes of every kind that the Pillow of this installation opens."""

_COUNTED_IN_THE_HEAD = frozenset({"GIF", "TIFF"})
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


def identify(source: Path | BinaryIO) -> ImageInfo:
    """Kind and upright size by the file's head; the pixels are not decoded.

    Raises `UnreadableImageError`, and `OSError` where a path cannot be opened.
    """
    with opened(source) as picture:
        return _info(picture, _orientation(picture))


def verify(source: Path | BinaryIO) -> ImageInfo:
    """As `identify`, and sure that the whole first picture can be decoded: takes as long as decoding does.

    Raises `UnreadableImageError`, and `OSError` where a path cannot be opened.
    """
    with opened(source) as picture:
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
    with opened(source) as picture:
        orientation = _orientation(picture)
        if near is not None:
            near = near[::-1] if orientation in _ON_ITS_SIDE else near
            picture.draft(None, near)
        picture.load()
        seen = developed(picture, background, near or picture.size)
        return seen.transpose(_TURNS[orientation]) if orientation in _TURNS else seen


@contextmanager
def opened(source: Path | BinaryIO) -> Iterator[Image.Image]:
    """The picture, its size within bounds. Whatever goes wrong inside is raised as `UnreadableImageError`."""
    if isinstance(source, Path):
        with open(source, "rb") as file, opened(file) as picture:
            yield picture
        return
    try:
        formats = [name for name in check_head(source) if name in _FORMATS]
        if not formats:
            raise UnidentifiedImageError
        with Image.open(source, formats=formats) as picture:
            check_pixels(*picture.size)
            if picture.format in ("JPEG", "MPO"):
                check_scans(source, picture.width * picture.height)
            if picture.format not in _COUNTED_IN_THE_HEAD:
                check_pictures(getattr(picture, "n_frames", 1))
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
    return ImageInfo(MEDIA_TYPES[kind.suffix], kind.suffix, width, height)


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
