"""What a still says of itself in its head: kind, size and number of pictures, before any decoder is given a byte.

Pillow finds out the same when it opens a file, but two things come too late there: a WebP's canvas is held in memory
before anybody can ask how large it is, and frames are counted by walking to the last one.
"""

import io
import struct
from collections.abc import Sequence
from typing import BinaryIO

from auteur.domain.errors import UnreadableImageError

MAX_PIXELS = 64_000_000
"""More than any frame needs. Decoding so many holds 500 MB, a WebP 1 GB: its decoder keeps several copies."""

MAX_FILE_BYTES = 640 << 20
"""So many pixels of the deepest kind, not compressed."""

MAX_PICTURES = 10_000
"""In one file, as the frames of what moves. Only the first is ever seen here; but engines are given the file whole."""

_MAX_SCANS = 200
"""Of a JPEG. A camera writes one, a progressive file about ten, several pictures in one file some more; each costs a
pass over all pixels and may take a hundred bytes, so that a small file could keep a decoder busy for days."""
_MAX_PIXEL_PASSES = 3_000_000_000
_FEW_SCANS = 16

_HEAD_BYTES = 32
_TIFF_SIZES = (1, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 2, 8, 8, 8, 8)
"""Bytes of one value, by its type."""
_TAGS_MAY_OVERLAP_BYTES = 1 << 20


def formats_of(head: bytes) -> Sequence[str]:
    """The kinds that a file with these first bytes can be, as Pillow calls them; none where it is no picture."""
    if head[:3] == b"\xff\xd8\xff":
        return ("JPEG", "MPO")
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return ("PNG",)
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return ("GIF",)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return ("WEBP",)
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return ("TIFF",)
    if head[:2] == b"BM":
        return ("BMP",)
    if head[4:8] == b"ftyp":
        return ("AVIF", "HEIF")
    if head[:4] == b"\xff\x4f\xff\x51" or head[:12] == b"\0\0\0\x0cjP  \r\n\x87\n":
        return ("JPEG2000",)
    return ()


def check_head(file: BinaryIO) -> Sequence[str]:
    """The kinds that the file can be, after what its head says was found to be within bounds.

    Leaves the file at its beginning. Raises `UnreadableImageError`, and `struct.error` or `IndexError` where the head
    breaks off.
    """
    file.seek(0, io.SEEK_END)
    size_bytes = file.tell()
    if size_bytes > MAX_FILE_BYTES:
        raise UnreadableImageError("The file is larger than any that is read.", max_bytes=MAX_FILE_BYTES)
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    formats = formats_of(head)
    if formats == ("WEBP",):
        check_pixels(*_webp_size(head))
    elif formats == ("GIF",):
        _check_gif(file, head)
    elif formats == ("TIFF",):
        _check_tiff(file, head, size_bytes)
    file.seek(0)
    return formats


def check_pixels(width_px: int, height_px: int) -> None:
    """Raises `UnreadableImageError` where a picture of that size is none, or has too many pixels."""
    if width_px * height_px > MAX_PIXELS:
        raise UnreadableImageError(f"The picture has more than {MAX_PIXELS} pixels.", max_pixels=MAX_PIXELS)
    if width_px < 1 or height_px < 1:
        raise UnreadableImageError("The picture has no pixel.")


def check_pictures(number: int) -> None:
    """Raises `UnreadableImageError` where a file holds too many pictures."""
    if number > MAX_PICTURES:
        raise UnreadableImageError(f"The file has more than {MAX_PICTURES} pictures.", max_pictures=MAX_PICTURES)


def check_scans(file: BinaryIO, pixels: int) -> None:
    """Of a JPEG. Within its data 0xFF is always followed by 0x00: a start of scan is found as a word."""
    at = file.tell()
    file.seek(0)
    scans, last = 0, b""
    while chunk := file.read(1 << 20):
        scans += (last + chunk).count(b"\xff\xda")
        last = chunk[-1:]
    file.seek(at)
    most = min(_MAX_SCANS, max(_FEW_SCANS, _MAX_PIXEL_PASSES // max(pixels, 1)))
    if scans > most:
        raise UnreadableImageError(f"The picture is written in more than {most} scans.")


def _webp_size(head: bytes) -> tuple[int, int]:
    kind = head[12:16]
    if kind == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack("<HH", head[26:30])
    return width & 0x3FFF, height & 0x3FFF


def _check_gif(file: BinaryIO, head: bytes) -> None:
    """Walks from block to block; the pixels stay compressed."""
    check_pixels(*struct.unpack("<HH", head[6:10]))
    flags, pictures = head[10], 0
    file.seek(13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0))
    while (kind := file.read(1)) in (b"!", b","):
        if kind == b",":
            pictures += 1
            check_pictures(pictures)
            picture = file.read(9)
            check_pixels(*struct.unpack("<HH", picture[4:8]))
            file.seek((3 << (picture[8] & 7) + 1) if picture[8] & 0x80 else 0, io.SEEK_CUR)
        file.read(1)  # what kind of extension it is, or how wide the codes are
        while size := file.read(1):
            if size == b"\0":
                break
            file.seek(size[0], io.SEEK_CUR)


def _check_tiff(file: BinaryIO, head: bytes, size_bytes: int) -> None:
    """Walks from directory to directory. Tags of the first may not be more than the file: Pillow reads each one."""
    order = "<" if head[:2] == b"II" else ">"
    is_big = head[2:4] in (b"+\0", b"\0+")
    entry, offset, at_first = ("QQ", "Q", 8) if is_big else ("LL", "L", 4)
    count = struct.Struct(order + ("Q" if is_big else "H"))
    tag = struct.Struct(order + "HH" + entry[0])
    tag_bytes = 20 if is_big else 12
    pointer = struct.Struct(order + offset)
    (at,) = pointer.unpack_from(head, at_first)
    pictures = 0
    while at:
        pictures += 1
        check_pictures(pictures)
        file.seek(at)
        (tags,) = count.unpack(file.read(count.size))
        if pictures == 1:
            told = file.read(min(tags, 1 << 16) * tag_bytes)
            values = (tag.unpack_from(told, start) for start in range(0, len(told) - tag_bytes + 1, tag_bytes))
            named = sum(_TIFF_SIZES[kind] * many for _, kind, many in values if kind < len(_TIFF_SIZES))
            if named > size_bytes + _TAGS_MAY_OVERLAP_BYTES:
                raise UnreadableImageError("The file is a damaged picture, or only a part of one.")
        file.seek(at + count.size + tags * tag_bytes)
        following = file.read(pointer.size)
        if len(following) < pointer.size:  # many writers leave the last one out
            return
        (at,) = pointer.unpack(following)
