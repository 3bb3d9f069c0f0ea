"""Files made to hurt whoever opens them, by code: bombs, lies, loops, halves, chimeras; stills first, then films.

Each is small to send. What matters of most is not whether a picture can be made of it, but that asking does no harm.
"""

import io
import struct
import wave
import zlib
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
from PIL import Image, PngImagePlugin

from tests.stills import COOL, SIZE, WARM, halves, png, png_chunk, saved


@dataclass(frozen=True)
class Hostile:
    """``taken``: whether it is a picture all the same; None where either answer is right."""

    name: str
    data: bytes
    taken: bool | None = False


def hostile_pictures() -> list[Hostile]:
    """All of them; made anew each time."""
    return [*_no_pictures(), *_pngs(), *_jpegs(), *_gifs(), *_webps(), *_tiffs(), *_bmps(), *_boxes(), *_chimeras()]


def _no_pictures() -> list[Hostile]:
    ps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%id > /tmp/owned) (w) file\nshowpage\n"
    dos_eps = struct.pack("<4sIIIIII", b"\xc5\xd0\xd3\xc6", 30, len(ps), 0, 0, 0, 0) + b"\0\0" + ps
    svg = b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'>"
    lol = b"<?xml version='1.0'?><!DOCTYPE l [<!ENTITY a 'lol'>" + b"".join(
        b"<!ENTITY %c '%s'>" % (98 + level, b"&%c;" % (97 + level) * 10) for level in range(9)
    )
    wmf = struct.pack("<IHhhhhHIH", 0x9AC6CDD7, 0, 0, 0, 100, 100, 96, 0, 0) + b"\1\0\x09\0\0\3" + bytes(40)
    emf = struct.pack("<II", 1, 108) + bytes(32) + b" EMF" + bytes(64)
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)  # as FPX and MIC begin
    xpm = b'/* XPM */\nstatic char *x[] = {\n"2 1 2 1",\n"a c #000000",\n"b c #ffffff",\n"ab"};\n'
    few = halves("RGB", WARM, COOL)
    return [
        Hostile("nothing", b""),
        Hostile("one-byte", b"\xff"),
        Hostile("zeros", bytes(4096)),
        Hostile("text", b"INT. LIGHTHOUSE - DUSK\n" * 100),
        Hostile("postscript-that-runs-a-program", ps),
        Hostile("postscript-in-a-dos-coat", dos_eps),
        Hostile("pdf", b"%PDF-1.7\n1 0 obj<</Type/Catalog/OpenAction<</S/Launch/F(calc.exe)>>>>endobj\n"),
        Hostile("svg-that-fetches", svg + b"<image href='http://127.0.0.1:1/x'/></svg>"),
        Hostile(
            "svg-that-reads-a-file", b"<!DOCTYPE s [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" + svg + b"&x;</svg>"
        ),
        Hostile("svg-of-a-billion-laughs", lol + b"]>" + svg + b"&j;</svg>"),
        Hostile("wmf", wmf),
        Hostile("emf", emf),
        Hostile("ole-as-fpx-and-mic", ole),
        Hostile("xpm", xpm),
        Hostile("xbm", b"#define x_width 99999999\n#define x_height 99999999\nstatic char x_bits[] = {\n0x00 };\n"),
        Hostile("ppm-of-endless-sides", b"P6 99999999999 99999999999 255\n"),
        Hostile("pfm", b"PF\n2 2\n-1.0\n" + bytes(48)),
        Hostile("fits", b"SIMPLE  =                    T".ljust(80) + b"END".ljust(2800)),
        Hostile("hdf5-stub", b"\x89HDF\r\n\x1a\n" + bytes(64)),
        Hostile("grib-stub", b"GRIB\0\0\0\1" + bytes(64)),
        Hostile("sun-raster", struct.pack(">8I", 0x59A66A95, 2**31 - 1, 2**31 - 1, 24, 0, 2, 0, 0)),
        Hostile("psd", b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 30000, 30000, 8, 3) + bytes(12)),
        Hostile("dds", b"DDS " + struct.pack("<7I", 124, 0x1007, 2**31 - 1, 2**31 - 1, 0, 0, 0) + bytes(92)),
        Hostile("icns", b"icns\xff\xff\xff\xff" + b"ic10\xff\xff\xff\xff"),
        *[
            Hostile(f"a-{kind.lower()}-that-nobody-asked-for", saved(few, kind))
            for kind in ("ICO", "TGA", "PCX", "SGI")
        ],
        Hostile("an-archive", b"PK\3\4" + bytes(60)),
        Hostile("an-html-page", b"<!doctype html><script>alert(1)</script>"),
        Hostile("a-playlist", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"),
        Hostile("a-concat-script", b"ffconcat version 1.0\nfile '/etc/passwd'\n"),
    ]


def _pngs() -> list[Hostile]:
    whole = saved(halves("RGB", WARM, COOL), "PNG")
    bomb = png((20_000, 20_000), 1, 0, b"\0" * (2501 * 20_000))
    text = zlib.compress(b"A" * (16 << 20))
    info = PngImagePlugin.PngInfo()
    info.add_text("a", "b" * 900_000, zip=True)
    one = png_chunk(b"tEXt", b"k\0" + b"v" * 10)
    row = b"\0" + b"\x80" * 192
    heads = {
        "no-width": (0, 40, 8, 2),
        "no-height": (64, 0, 8, 2),
        "sides-of-2-to-the-31": (2**31 - 1, 2**31 - 1, 8, 2),
        "one-wide-and-2-to-the-31-high": (1, 2**31 - 1, 8, 2),
        "sides-beyond-the-standard": (2**32 - 1, 2**32 - 1, 8, 2),
        "a-depth-that-is-none": (64, 40, 7, 2),
        "a-colour-that-is-none": (64, 40, 8, 5),
    }

    def head(width: int, height: int, depth: int, colour: int, pixels: bytes = row * 40) -> bytes:
        ihdr = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
        return whole[:8] + ihdr + png_chunk(b"IDAT", zlib.compress(pixels)) + png_chunk(b"IEND", b"")

    actl = png_chunk(b"acTL", struct.pack(">II", 100_000, 0))
    endless = png_chunk(b"acTL", struct.pack(">II", 2**32 - 1, 0))
    return [
        *[Hostile(f"png-{name}", head(*said)) for name, said in heads.items()],
        Hostile("png-bomb", bomb),
        Hostile("png-just-too-large", head(8001, 8000, 1, 0, b"\0" * (1002 * 8000))),
        Hostile("png-bomb-of-text", png(SIZE, 8, 2, row * 40, png_chunk(b"zTXt", b"a\0\0" + text)), None),
        Hostile(
            "png-bomb-of-translated-text", png(SIZE, 8, 2, row * 40, png_chunk(b"iTXt", b"a\0\1\0\0\0" + text)), None
        ),
        Hostile("png-bomb-of-a-profile", png(SIZE, 8, 2, row * 40, png_chunk(b"iCCP", b"p\0\0" + text)), None),
        Hostile("png-of-much-text", saved(halves("RGB", WARM, COOL), "PNG", pnginfo=info), None),
        Hostile("png-of-200-000-chunks", png(SIZE, 8, 2, row * 40, one * 200_000), None),
        Hostile("png-that-goes-on-too-long", png(SIZE, 8, 2, row * 40 + b"\0" * (64 << 20)), None),
        Hostile("png-of-100-000-frames", png(SIZE, 8, 2, row * 40, actl)),
        Hostile("png-of-endless-frames", png(SIZE, 8, 2, row * 40, endless), None),
        Hostile("png-without-pixels", whole[:33] + png_chunk(b"IEND", b"")),
        Hostile("png-of-two-heads", whole[:33] + whole[8:33] + whole[33:], None),
        Hostile("png-with-a-chunk-longer-than-the-file", whole[:33] + b"\x7f\xff\xff\xffIDAT" + whole[41:], None),
        Hostile("png-with-a-wrong-checksum", whole[:29] + b"\0\0\0\0" + whole[33:]),
        Hostile("png-whose-filter-is-none", png(SIZE, 8, 2, (b"\x09" + row[1:]) * 40)),
        Hostile("png-of-palette-without-palette", head(64, 40, 8, 3, (b"\0" + b"\xff" * 64) * 40), None),
        Hostile("png-with-a-name-not-of-letters", whole[:33] + png_chunk(b"\0\1\2\3", b"") + whole[33:], None),
        Hostile("png-whose-exif-loops", whole[:-12] + png_chunk(b"eXIf", _looping_exif()) + whole[-12:], None),
    ]


def _looping_exif() -> bytes:
    """Its sub-directory is itself."""
    return (
        b"MM\0*\0\0\0\x08" + struct.pack(">HHHIIHHII", 2, 0x8769, 4, 1, 8, 0x0112, 3, 1, 6 << 16) + struct.pack(">I", 8)
    )


def _jpegs() -> list[Hostile]:
    whole = saved(halves("RGB", WARM, COOL), "JPEG")
    progressive = saved(halves("RGB", WARM, COOL, (640, 400)), "JPEG", progressive=True)
    at = whole.index(b"\xff\xc0") + 5

    def sized(width: int, height: int) -> bytes:
        return whole[:at] + struct.pack(">HH", height, width) + whole[at + 4 :]

    scan = b"\xff\xda\0\x08\x01\x01\0\x01\x01\0\x00"
    icc = b"".join(
        b"\xff\xe2\xff\xffICC_PROFILE\0" + bytes([number, 255]) + b"\0" * (65533 - 14) for number in range(1, 64)
    )
    mpf = (
        b"MPF\0II*\0\x08\0\0\0\x03\0"
        + b"".join(
            struct.pack("<HHII", tag, kind, count, value)
            for tag, kind, count, value in (
                (0xB000, 7, 4, 0x30303130),
                (0xB001, 4, 1, 2**32 - 1),
                (0xB002, 7, 2**31, 50),
            )
        )
        + bytes(4)
    )
    exif = saved(halves("RGB", WARM, COOL), "JPEG", exif=b"Exif\0\0" + _looping_exif())
    return [
        Hostile("jpeg-of-65-535-squared", sized(65535, 65535)),
        Hostile("jpeg-no-width", sized(0, 40)),
        Hostile("jpeg-no-height", sized(64, 0)),
        Hostile("jpeg-much-larger-than-its-data", sized(7000, 7000), None),
        Hostile("jpeg-half", whole[: len(whole) // 2]),
        Hostile("jpeg-only-its-first-bytes", whole[:20]),
        Hostile("jpeg-of-300-scans", progressive[:-2] + scan * 300 + b"\xff\xd9"),
        Hostile("jpeg-of-64-megabytes-of-profile", whole[:2] + icc + whole[2:], None),
        Hostile(
            "jpeg-of-pictures-without-end",
            whole[:2] + b"\xff\xe2" + struct.pack(">H", len(mpf) + 2) + mpf + whole[2:],
            None,
        ),
        Hostile("jpeg-whose-exif-loops", exif, None),
        Hostile("jpeg-of-markers-only", b"\xff\xd8" + b"\xff\xfe\0\x02" * 100_000),
        Hostile("jpeg-of-fill-bytes-only", b"\xff\xd8" + b"\xff" * (4 << 20)),
        Hostile("jpeg-without-tables", b"\xff\xd8" + whole[whole.index(b"\xff\xc0") :]),
        Hostile("jpeg-arithmetic-lossless", whole.replace(b"\xff\xc0", b"\xff\xcb"), None),
        Hostile("jpeg-of-twelve-bits", whole[: at - 1] + b"\x0c" + whole[at:], None),
    ]


def _gif(
    frames: int, size: tuple[int, int] = (4, 4), frame: tuple[int, int] | None = None, pixels: bytes = b""
) -> bytes:
    frame = frame or size
    one = b"," + struct.pack("<HHHH", 0, 0, *frame) + b"\0\x02" + (pixels or b"\x02\x84\x51") + b"\0"
    return b"GIF89a" + struct.pack("<HH", *size) + b"\x80\0\0" + bytes(3) + b"\xff" * 3 + one * frames + b";"


def _gifs() -> list[Hostile]:
    frames = [Image.new("L", (8, 8), value) for value in range(8)]
    moving = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    return [
        Hostile("gif-of-100-000-frames", _gif(100_000)),
        Hostile("gif-of-65-535-squared", _gif(1, (65535, 65535))),
        Hostile("gif-whose-frame-is-larger", _gif(1, (4, 4), (65535, 65535))),
        Hostile("gif-whose-second-frame-is-larger", _gif(1)[:-1] + _gif(1, (9, 9), (60000, 60000))[19:]),
        Hostile("gif-no-size", _gif(1, (0, 0)), None),
        Hostile("gif-without-a-frame", _gif(0)),
        Hostile("gif-of-extensions-only", b"GIF89a" + struct.pack("<HH", 4, 4) + bytes(3) + b"!\xfe\0" * 300_000, None),
        Hostile(
            "gif-of-comments-without-end",
            b"GIF89a" + struct.pack("<HH", 4, 4) + bytes(3) + b"!\xfe" + b"\xff" * (4 << 20),
        ),
        Hostile("gif-of-wide-codes", _gif(1, pixels=b"\x0c" * 13), None),
        Hostile("gif-cut", moving[: len(moving) // 3], None),
    ]


def _webp(chunks: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _webps() -> list[Hostile]:
    lossy = saved(halves("RGB", WARM, COOL), "WEBP")
    lossless = saved(halves("RGB", WARM, COOL), "WEBP", lossless=True)
    huge = b"\2\0\0\0" + (16383 - 1).to_bytes(3, "little") * 2
    wider = b"\2\0\0\0" + b"\xff" * 6
    frame = saved(Image.new("RGB", (1, 1)), "WEBP", lossless=True)[12:]
    anmf = _chunk(b"ANMF", bytes(6) + bytes(6) + b"\1\0\0\0" + frame)
    many = _webp(_chunk(b"VP8X", b"\2\0\0\0" + bytes(6)) + _chunk(b"ANIM", bytes(6)) + anmf * 20_000)
    return [
        Hostile("webp-of-a-huge-canvas", _webp(_chunk(b"VP8X", huge) + _chunk(b"ANIM", bytes(6)) + anmf)),
        Hostile("webp-of-a-wider-canvas", _webp(_chunk(b"VP8X", wider) + lossy[12:])),
        Hostile("webp-of-20-000-frames", many),
        Hostile("webp-lossless-of-16-384-squared", lossless[:21] + b"\xff\xff\xff\x0f" + lossless[25:]),
        Hostile("webp-half", lossy[: len(lossy) // 2]),
        Hostile("webp-that-lies-of-its-length", lossy[:4] + b"\xff\xff\xff\xff" + lossy[8:], None),
        Hostile("webp-without-a-chunk", _webp(b"")),
        Hostile(
            "webp-bomb-of-a-profile",
            _webp(_chunk(b"VP8X", b"\x20\0\0\0" + bytes(6)) + _chunk(b"ICCP", bytes(9 << 20)) + frame),
            None,
        ),
    ]


def _tiff(*entries: tuple[int, int, int, int], after: bytes = b"", following: int = 0) -> bytes:
    told = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + told + struct.pack("<I", following) + after


def _tiffs() -> list[Hostile]:
    whole = saved(halves("RGB", WARM, COOL), "TIFF")
    zipped = saved(halves("RGB", WARM, COOL), "TIFF", compression="tiff_adobe_deflate")
    size = ((256, 4, 1, 64), (257, 4, 1, 40), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1))
    strip = (*size, (273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, 40), (279, 4, 1, 2560))
    big = ((256, 4, 1, 2**31 - 1), (257, 4, 1, 2**31 - 1), *strip[2:])
    tags = sorted({number: (number, 7, 60_000_000, 8) for number in range(40_000, 60_000)}.values())
    deep = (
        *size[:3],
        (259, 3, 1, 8),
        size[4],
        (273, 4, 1, 200),
        (277, 3, 1, 1),
        (278, 4, 1, 2**31 - 1),
        (279, 4, 1, 99),
    )
    return [
        Hostile("tiff-of-2-to-the-31-squared", _tiff(*big)),
        Hostile("tiff-no-size", _tiff((256, 4, 1, 0), (257, 4, 1, 0), *strip[2:]), None),
        Hostile("tiff-of-20-000-huge-tags", _tiff(*tags, after=bytes(4096))),
        Hostile("tiff-of-one-tag-of-4-gigabytes", _tiff(*strip, (34675, 7, 2**32 - 1, 8), after=bytes(2600))),
        Hostile("tiff-whose-directories-loop", _tiff(*strip, after=bytes(2600), following=8)),
        Hostile("tiff-whose-next-directory-is-nowhere", _tiff(*strip, after=bytes(2600), following=2**32 - 2), None),
        Hostile("tiff-of-100-000-directories", _chain_of_directories(100_000)),
        Hostile(
            "tiff-of-a-strip-without-end",
            _tiff(*deep, after=bytes(99) + zlib.compress(bytes(64 << 20)), following=0),
            None,
        ),
        Hostile("tiff-of-strips-counted-to-4-billion", _tiff(*size, (273, 4, 2**32 - 1, 8), (279, 4, 2**32 - 1, 8))),
        Hostile("tiff-of-negative-values", _tiff((256, 9, 1, 2**32 - 5), (257, 9, 1, 2**32 - 5), *strip[2:])),
        Hostile("tiff-sides-as-fractions-by-zero", _tiff((256, 5, 1, 8), (257, 5, 1, 8), *strip[2:])),
        Hostile("tiff-sides-as-text", _tiff((256, 2, 4, 0x41414141), (257, 2, 4, 0x41414141), *strip[2:])),
        Hostile(
            "tiff-of-65-535-samples", _tiff(*size, (273, 4, 1, 8), (277, 3, 1, 65535), (278, 4, 1, 40), (279, 4, 1, 9))
        ),
        Hostile(
            "tiff-tiles-of-2-to-the-31",
            _tiff(*size, (322, 4, 1, 2**31 - 16), (323, 4, 1, 2**31 - 16), (324, 4, 1, 8), (325, 4, 1, 9)),
        ),
        Hostile("tiff-half", whole[: len(whole) // 2]),
        Hostile("tiff-half-compressed", zipped[: len(zipped) // 2]),
        Hostile("tiff-directory-behind-the-end", b"II*\0\xff\xff\xff\x7f"),
        Hostile("tiff-big-with-endless-tags", b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0" + b"\xff" * 64),
        Hostile("tiff-of-a-raw-camera", b"IIRO\x08\0\0\0" + bytes(64)),
    ]


def _chain_of_directories(number: int) -> bytes:
    """Each empty, and followed by the next."""
    return b"II*\0\x08\0\0\0" + b"".join(struct.pack("<HI", 0, 8 + 6 * (index + 1)) for index in range(number))


def _bmps() -> list[Hostile]:
    def bmp(
        width: int, height: int, bits: int = 24, compression: int = 0, colours: int = 0, pixels: bytes = bytes(64)
    ) -> bytes:
        info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, 0, 0, 0, colours, 0)
        return b"BM" + struct.pack("<IHHI", 54 + len(pixels), 0, 0, 54) + info + pixels

    return [
        Hostile("bmp-of-2-to-the-31-squared", bmp(2**31 - 1, 2**31 - 1)),
        Hostile("bmp-of-negative-sides", bmp(-(2**31), -(2**31))),
        Hostile("bmp-no-size", bmp(0, 0)),
        Hostile("bmp-larger-than-its-data", bmp(8000, 7900)),
        Hostile("bmp-of-run-lengths-without-end", bmp(4000, 4000, 8, 1, 256, bytes(1024) + b"\xff\1" * 99), None),
        Hostile("bmp-of-4-billion-colours", bmp(4, 4, 8, 0, 2**32 - 1)),
        Hostile("bmp-of-a-depth-that-is-none", bmp(4, 4, 77)),
        Hostile("bmp-with-a-head-of-4-gigabytes", b"BM" + struct.pack("<IHHII", 99, 0, 0, 54, 2**32 - 1) + bytes(40)),
    ]


def _box(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I4s", len(data) + 8, name) + data


def _boxes() -> list[Hostile]:
    """Of boxes are made AVIF, HEIF and JPEG 2000."""
    avif = saved(halves("RGB", WARM, COOL), "AVIF")
    jp2 = saved(halves("RGB", WARM, COOL), "JPEG2000")
    at = avif.index(b"ispe") + 8
    huge = avif[:at] + struct.pack(">II", 2**31 - 1, 2**31 - 1) + avif[at + 8 :]
    larger = avif[:at] + struct.pack(">II", 12_000, 12_000) + avif[at + 8 :]
    siz = jp2.index(b"\xff\x51") + 6
    ihdr = jp2.index(b"ihdr") + 4

    def grown(sides: int) -> bytes:
        pair = struct.pack(">II", sides, sides)
        told = jp2[:ihdr] + pair + jp2[ihdr + 8 :]
        return told[:siz] + pair + told[siz + 8 :]

    nested = b"\0" * 8
    for _ in range(2000):
        nested = _box(b"meta", b"\0\0\0\0" + nested)
    return [
        Hostile("avif-of-2-to-the-31-squared", huge),
        Hostile("avif-larger-than-its-data", larger),
        Hostile("avif-half", avif[: len(avif) // 2]),
        Hostile("avif-head-only", avif[:32]),
        Hostile("avif-of-boxes-in-boxes", _box(b"ftyp", b"avif\0\0\0\0avifmif1") + nested),
        Hostile("heif-head-only", _box(b"ftyp", b"heic\0\0\0\0heicmif1")),
        Hostile("heif-of-boxes-in-boxes", _box(b"ftyp", b"heic\0\0\0\0heicmif1") + nested),
        Hostile("heif-of-a-box-of-4-gigabytes", _box(b"ftyp", b"heic\0\0\0\0heicmif1") + b"\xff\xff\xff\xffmeta"),
        Hostile("jp2-of-2-to-the-31-squared", grown(2**31 - 1)),
        Hostile("jp2-larger-than-its-data", grown(7000), None),
        Hostile("jp2-half", jp2[: len(jp2) // 2]),
        Hostile("jp2-of-one-pixel-tiles", jp2[: siz + 16] + struct.pack(">II", 1, 1) + jp2[siz + 24 :], None),
        Hostile("jp2-of-16-384-components", jp2[: siz + 32] + struct.pack(">H", 16384) + jp2[siz + 34 :]),
        Hostile("jp2-of-boxes-of-no-length", jp2[:12] + b"\0\0\0\0jp2h" + bytes(64)),
    ]


def _chimeras() -> list[Hostile]:
    """What is two things at once. The first bytes decide, and what follows is never run, nor handed out as that."""
    whole = saved(halves("RGB", WARM, COOL), "PNG")
    gif = saved(halves("RGB", WARM, COOL), "GIF")
    page = b"<script>alert(document.domain)</script>"
    return [
        Hostile("png-that-is-a-page-too", whole + page, True),
        Hostile("png-that-is-an-archive-too", whole + b"PK\3\4" + bytes(60) + b"PK\5\6" + bytes(18), True),
        Hostile("gif-that-is-a-script-too", gif[:6] + b"/*" + gif[8:] + b"*/=1;alert(1)", None),
        Hostile("jpeg-that-is-postscript-too", saved(halves("RGB", WARM, COOL), "JPEG") + b"%!PS\nquit\n", True),
        Hostile("postscript-before-a-png", b"%!PS-Adobe\n" + whole),
        Hostile("a-page-before-a-png", page + whole),
        Hostile("png-by-its-first-bytes-a-tiff-behind", whole[:8] + saved(halves("RGB", WARM, COOL), "TIFF")),
        Hostile("riff-of-a-film-as-webp", b"RIFF\xff\0\0\0WEBPAVI LIST" + bytes(64)),
    ]


# --- films ---------------------------------------------------------------------------------------------------------


def film(size: tuple[int, int] = (64, 48), frames: int = 5, kind: str = "mp4") -> bytes:
    """A film that is in order."""
    into = io.BytesIO()
    codec = "libvpx" if kind == "webm" else "libx264"
    with av.open(into, "w", format=kind) as container:
        stream = container.add_stream(codec, rate=Fraction(12))
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(frames):
            pixels = np.full((size[1], size[0], 3), number * 40 % 256, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))
    return into.getvalue()


def sound(seconds: float = 0.2) -> bytes:
    """A sound that is in order."""
    into = io.BytesIO()
    with wave.open(into, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(int(8000 * seconds) * 2))
    return into.getvalue()


def hostile_films() -> list[Hostile]:
    """Named as videos; no one of them is to be opened by a demuxer that opens other files."""
    mp4, webm = film(), film(kind="webm")
    visual = mp4.index(b"avc1") + 28
    track = mp4.index(b"tkhd")
    return [
        Hostile("film-nothing", b""),
        Hostile("film-text", b"EXT. SEA - NIGHT\n" * 50),
        Hostile("film-playlist", b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"),
        Hostile("film-concat-script", b"ffconcat version 1.0\nfile /etc/passwd\n"),
        Hostile("film-of-pictures-by-pattern", b"/tmp/%03d.png"),
        Hostile("film-dash-manifest", b"<?xml version='1.0'?><MPD><BaseURL>http://127.0.0.1:1/</BaseURL></MPD>"),
        Hostile("film-sdp", b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 1 RTP/AVP 96\n"),
        Hostile("film-half", mp4[: len(mp4) // 2]),
        Hostile("film-head-only", mp4[:40]),
        Hostile("film-of-65-535-squared", mp4[: visual + 4] + b"\xff\xff\xff\xff" + mp4[visual + 8 :], None),
        Hostile("film-of-a-box-of-4-gigabytes", _box(b"ftyp", b"isom\0\0\0\0") + b"\xff\xff\xff\xffmoov"),
        Hostile("film-of-boxes-in-boxes", _box(b"ftyp", b"isom\0\0\0\0") + _nested(b"moov", 5000)),
        Hostile("film-of-no-track", mp4[:track] + b"free" + mp4[track + 4 :], None),
        Hostile("film-that-refers-elsewhere", mp4.replace(b"url ", b"alis"), None),
        Hostile("webm-half", webm[: len(webm) // 2], None),
        Hostile("webm-of-endless-elements", b"\x1a\x45\xdf\xa3\x01\xff\xff\xff\xff\xff\xff\xff" + b"\xec" * 100_000),
        Hostile("avi-of-indices", b"RIFF\xff\xff\xff\xffAVI LIST\xff\xff\xff\xffhdrl" + bytes(300)),
        Hostile("transport-stream-of-nothing", (b"G\x1f\xff\x10" + bytes(184)) * 400),
        Hostile("a-sound-and-no-film", sound()),
        Hostile("a-still-and-no-film", saved(halves("RGB", WARM, COOL), "PNG")),
    ]


def _nested(name: bytes, levels: int) -> bytes:
    data = bytes(8)
    for _ in range(levels):
        data = _box(name, data)
    return data
