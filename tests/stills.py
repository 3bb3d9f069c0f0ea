"""Stills of every kind that people have, made here: the left half one colour, the right half another."""

import io
import struct
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageCms

Colour = tuple[int, int, int]

SIZE = (64, 40)
WARM, COOL = (200, 60, 40), (30, 60, 190)
WHITE, BLACK = (255, 255, 255), (0, 0, 0)


@dataclass(frozen=True)
class Still:
    """A file, and what a person sees of it: the colour of its left and right half. ``within``: of 255."""

    name: str
    data: bytes
    suffix: str
    media_type: str
    left: Colour = WARM
    right: Colour = COOL
    size: tuple[int, int] = SIZE
    within: int = 2


def halves(mode: str, left: Any, right: Any, size: tuple[int, int] = SIZE) -> Image.Image:
    """A picture of two colours."""
    picture = Image.new(mode, size, left)
    picture.paste(right, (size[0] // 2, 0, *size))
    return picture


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """The picture as a file."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def png_chunk(name: bytes, data: bytes) -> bytes:
    """With its length and checksum."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(
    size: tuple[int, int], depth: int, colour_type: int, rows: bytes, before: bytes = b"", behind: bytes = b""
) -> bytes:
    """A PNG written by hand: Pillow writes neither sixteen bits of colour nor chunks behind the pixels."""
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", *size, depth, colour_type, 0, 0, 0))
    pixels = png_chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + head + before + pixels + behind + png_chunk(b"IEND", b"")


def rows16(*halves_: tuple[int, ...]) -> bytes:
    """Rows of two colours in sixteen bits."""
    row = b"\0" + b"".join(struct.pack(f">{len(colour)}H", *colour) * (SIZE[0] // 2) for colour in halves_)
    return row * SIZE[1]


def _profile(space: bytes, tags: dict[bytes, bytes], connection: bytes = b"XYZ ", kind: bytes = b"mntr") -> bytes:
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table += struct.pack(">4sII", name, start + len(body), len(data))
        body += data + b"\0" * (-len(data) % 4)
    head = struct.pack(">I4sI4s4s4s", start + len(body), b"\0" * 4, 0x02400000, kind, space, connection)
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28 + _fixed(0.9642, 1.0, 0.8249)
    return head.ljust(128, b"\0") + table + body


def _fixed(*values: float) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def _xyz(*values: float) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(*values)


def _gamma(value: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(value * 256))


P3_TO_XYZ = np.array([[0.51512, 0.29198, 0.15710], [0.24120, 0.69225, 0.06657], [-0.00105, 0.04189, 0.78407]])
SRGB_TO_XYZ = np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]])
_GAMMA = 563 / 256  # as a profile writes 2.2


def wide_gamut_profile() -> bytes:
    """The primaries of Display P3 with a plain gamma."""
    tags = {b"wtpt": _xyz(0.9642, 1.0, 0.8249)}
    for index, letter in enumerate(b"rgb"):
        tags[bytes([letter]) + b"XYZ"] = _xyz(*P3_TO_XYZ[:, index])
        tags[bytes([letter]) + b"TRC"] = _gamma(2.2)
    return _profile(b"RGB ", tags)


def seen_of_wide_gamut(colour: Colour) -> Colour:
    """What a colour of that profile is in sRGB, by the book."""
    linear = np.linalg.inv(SRGB_TO_XYZ) @ P3_TO_XYZ @ (np.array(colour) / 255) ** _GAMMA
    linear = linear.clip(0, 1)
    red, green, blue = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055) * 255
    return round(red), round(green), round(blue)


def grey_profile(gamma: float) -> bytes:
    """Greyscale of another gamma than sRGB's."""
    return _profile(b"GRAY", {b"wtpt": _xyz(0.9642, 1.0, 0.8249), b"kTRC": _gamma(gamma)})


INKS: dict[str, Colour] = {
    "cyan": (0, 140, 190),
    "magenta": (190, 30, 110),
    "yellow": (240, 220, 30),
    "black": (30,) * 3,
}
"""What the inks of `ink_profile` look like: no press is as pure as arithmetic has it."""


def ink_profile() -> bytes:
    """A press: a table from four inks, none or all of each, to what is seen."""
    table = b""
    for index in range(16):
        seen = np.ones(3)
        for bit, ink in enumerate(INKS.values()):
            if index & (8 >> bit):
                seen *= np.array(ink) / 255
        one = Image.new("RGB", (1, 1), tuple(round(value * 255) for value in seen))
        lab = ImageCms.profileToProfile(
            one, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
        )
        assert lab is not None
        level, a, b = lab.tobytes()
        table += bytes([level, (a + 128) & 255, (b + 128) & 255])
    straight = bytes(range(256))
    lut = (
        b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + _fixed(1, 0, 0, 0, 1, 0, 0, 0, 1) + straight * 4 + table + straight * 3
    )
    return _profile(b"CMYK", {b"wtpt": _xyz(0.9642, 1.0, 0.8249), b"A2B0": lut}, b"Lab ", b"prtr")


def turned(kind: str, orientation: int) -> bytes:
    """A file that says how the camera was held; upright it is `SIZE`, WARM at the left and COOL at the right."""
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    picture = halves("RGB", WARM, COOL)
    if orientation in back:
        picture = picture.transpose(back[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(picture, kind, exif=exif, **({"quality": 95} if kind in ("JPEG", "WEBP", "AVIF") else {}))


def turned_behind() -> bytes:
    """A PNG whose orientation stands behind its pixels, as ExifTool wrote it for years."""
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = halves("RGB", WARM, COOL).transpose(Image.Transpose.ROTATE_90)
    rows = b"".join(b"\0" + row.tobytes() for row in np.asarray(stored))
    return png(stored.size, 8, 2, rows, behind=png_chunk(b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0")))


def _frames(kind: str, **options: Any) -> bytes:
    others = [Image.new("RGB", SIZE, (0, 255, 0)), Image.new("RGB", SIZE, (255, 255, 0))]
    return saved(halves("RGB", WARM, COOL), kind, save_all=True, append_images=others, **options)


def _deep(left: int, right: int, order: str) -> Image.Image:
    values = np.full((SIZE[1], SIZE[0]), left, "<u2")
    values[:, SIZE[0] // 2 :] = right
    return Image.frombytes("I;16", SIZE, values.tobytes()) if order == "I;16" else Image.fromarray(values.astype(order))


def _with_key(mode: str, left: Any, right: Any, key: Any) -> bytes:
    return saved(halves(mode, left, right), "PNG", transparency=key)


def _grey(value: float) -> Colour:
    return (round(value),) * 3


def every_still() -> list[Still]:
    """One of each kind."""
    rgb = halves("RGB", WARM, COOL)
    palette = rgb.quantize(4)
    inks = halves("CMYK", (255, 0, 0, 0), (0, 0, 255, 60))
    hidden = halves("RGBA", (*WARM, 255), (255, 0, 255, 0))  # nothing there, and magenta beneath
    half = tuple(round(value * 128 / 255 + 255 * 127 / 255) for value in COOL)
    keyed = tuple(v * 256 + 7 for v in COOL)  # not the same in its two bytes
    key16 = png_chunk(b"tRNS", struct.pack(">HHH", *keyed))
    deep = rows16(tuple(v * 257 for v in WARM), tuple(v * 257 for v in COOL))
    p3 = wide_gamut_profile()
    wide = {"left": seen_of_wide_gamut(WARM), "right": seen_of_wide_gamut(COOL)}
    assert wide["left"] != WARM
    grey22_as_10 = [_grey(255 * (1.055 * (v / 255) ** (1 / 2.4) - 0.055)) for v in (60, 200)]

    def still(name: str, data: bytes, kind: str, **more: Any) -> Still:
        suffix, media_type = {
            "jpeg": (".jpg", "image/jpeg"),
            "png": (".png", "image/png"),
            "webp": (".webp", "image/webp"),
            "gif": (".gif", "image/gif"),
            "tiff": (".tif", "image/tiff"),
            "bmp": (".bmp", "image/bmp"),
            "avif": (".avif", "image/avif"),
            "jp2": (".jp2", "image/jp2"),
        }[kind]
        return Still(name, data, suffix, media_type, **more)

    return [
        still("jpeg", saved(rgb, "JPEG", quality=95), "jpeg", within=4),
        still("progressive-jpeg", saved(rgb, "JPEG", quality=95, progressive=True), "jpeg", within=4),
        still("grey-jpeg", saved(halves("L", 60, 200), "JPEG"), "jpeg", left=_grey(60), right=_grey(200)),
        still("several-pictures-jpeg", _frames("MPO", quality=95), "jpeg", within=4),
        still("png", saved(rgb, "PNG"), "png"),
        still("deep-grey-png", saved(_deep(52000, 10000, "I;16"), "PNG"), "png", left=_grey(202), right=_grey(39)),
        still("deep-colour-png", png(SIZE, 16, 2, deep), "png"),
        still(
            "deep-colour-png-with-key",
            png(SIZE, 16, 2, rows16(tuple(v * 257 for v in WARM), keyed), key16),
            "png",
            right=WHITE,
        ),
        still(
            "deep-grey-png-with-key",
            png(SIZE, 16, 0, rows16((52000,), (10000,)), png_chunk(b"tRNS", struct.pack(">H", 10000))),
            "png",
            left=_grey(202),
            right=WHITE,
        ),
        still(
            "deep-grey-png-with-alpha",
            png(SIZE, 16, 4, rows16((52000, 65535), (52000, 0))),
            "png",
            left=_grey(202),
            right=WHITE,
        ),
        still("bilevel-png", saved(halves("1", 1, 0), "PNG"), "png", left=WHITE, right=BLACK),
        still("palette-png", saved(palette, "PNG"), "png"),
        still(
            "palette-png-with-transparency",
            saved(palette, "PNG", transparency=palette.getpixel((SIZE[0] - 1, 0))),
            "png",
            right=WHITE,
        ),
        still("grey-png-with-key", _with_key("L", 60, 200, 200), "png", left=_grey(60), right=WHITE),
        still("colour-png-with-key", _with_key("RGB", WARM, COOL, COOL), "png", right=WHITE),
        still(
            "grey-png-with-alpha",
            saved(halves("LA", (60, 255), (200, 0)), "PNG"),
            "png",
            left=_grey(60),
            right=WHITE,
        ),
        still("png-with-hidden-colour", saved(hidden, "PNG"), "png", right=WHITE),
        still("png-half-there", saved(halves("RGBA", (*WARM, 255), (*COOL, 128)), "PNG"), "png", right=half),
        still("webp", saved(rgb, "WEBP", lossless=True), "webp"),
        still("webp-with-hidden-colour", saved(hidden, "WEBP", lossless=True, exact=True), "webp", right=WHITE),
        still("animated-gif", _frames("GIF"), "gif"),
        still("animated-png", _frames("PNG"), "png"),
        still("animated-webp", _frames("WEBP", lossless=True), "webp"),
        still("tiff", saved(rgb, "TIFF"), "tiff"),
        still("deep-grey-tiff", saved(_deep(52000, 10000, "I;16"), "TIFF"), "tiff", left=_grey(202), right=_grey(39)),
        still(
            "deep-grey-mac-tiff", saved(_deep(52000, 10000, ">u2"), "TIFF"), "tiff", left=_grey(202), right=_grey(39)
        ),
        still("wide-grey-tiff", saved(halves("I", 52000, 10000), "TIFF"), "tiff", left=_grey(202), right=_grey(39)),
        still("float-tiff", saved(halves("F", 0.5, 1.0), "TIFF"), "tiff", left=_grey(128), right=WHITE),
        still("ink-tiff", saved(inks, "TIFF"), "tiff", left=(0, 255, 255), right=(195, 195, 0)),
        still("bilevel-tiff", saved(halves("1", 1, 0), "TIFF"), "tiff", left=WHITE, right=BLACK),
        still("tiff-with-hidden-colour", saved(hidden, "TIFF"), "tiff", right=WHITE),
        still("bmp", saved(rgb, "BMP"), "bmp"),
        still("avif", saved(rgb, "AVIF", quality=95), "avif", within=6),
        still("avif-with-hidden-colour", saved(hidden, "AVIF", quality=100), "avif", right=WHITE, within=6),
        still("jpeg-2000", saved(rgb, "JPEG2000"), "jp2"),
        still("ink-jpeg", saved(inks, "JPEG", quality=95), "jpeg", left=(0, 255, 255), right=(195, 195, 0), within=5),
        still(
            "ink-jpeg-with-profile",
            saved(halves("CMYK", (255, 0, 0, 0), (0, 255, 0, 0)), "JPEG", quality=95, icc_profile=ink_profile()),
            "jpeg",
            left=INKS["cyan"],
            right=INKS["magenta"],
            within=6,
        ),
        still("wide-gamut-jpeg", saved(rgb, "JPEG", quality=95, icc_profile=p3), "jpeg", within=5, **wide),
        still("wide-gamut-png", saved(rgb, "PNG", icc_profile=p3), "png", **wide),
        still("wide-gamut-palette-png", saved(palette, "PNG", icc_profile=p3), "png", **wide),
        still(
            "wide-gamut-png-with-hidden-colour",
            saved(hidden, "PNG", icc_profile=p3),
            "png",
            left=wide["left"],
            right=WHITE,
        ),
        still(
            "grey-png-with-linear-profile",
            saved(halves("L", 60, 200), "PNG", icc_profile=grey_profile(1.0)),
            "png",
            left=grey22_as_10[0],
            right=grey22_as_10[1],
            within=3,
        ),
        still("png-with-damaged-profile", saved(rgb, "PNG", icc_profile=p3[:200]), "png"),
        still("png-with-a-profile-of-inks", saved(rgb, "PNG", icc_profile=ink_profile()), "png"),
    ]
