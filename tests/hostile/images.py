"""Pictures that are none, are too much, or are made to keep a decoder busy, as uploads that are well formed."""

import io
import struct
import zlib
from collections.abc import Callable

from PIL import Image

from tests.hostile.entry import CLOSED, FILM, accepted, http, post, refused
from tests.hostile.ground import picture

NO_PICTURE = refused(415, 422, 413)
_PNG = b"\x89PNG\r\n\x1a\n"


def upload(data: bytes, name: str = "a.png", kind: str = "image/png") -> bytes:
    """A picture as a form of one file."""
    body = (
        f'--frontier\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'
    ).encode() + data + b"\r\n--frontier--\r\n"  # fmt: skip
    return post(f"{FILM}/uploads", body, kind="multipart/form-data; boundary=frontier")


def chunk(name: bytes, data: bytes, *, length: int | None = None, crc: int | None = None) -> bytes:
    """A chunk of a PNG."""
    right = zlib.crc32(name + data)
    return struct.pack(">I", len(data) if length is None else length) + name + data + struct.pack(
        ">I", right if crc is None else crc
    )  # fmt: skip


def _head(width: int, height: int, depth: int = 8, colour: int = 2, rest: bytes = b"\0\0\0") -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBB", width, height, depth, colour) + rest)


def _png(*chunks: bytes) -> bytes:
    return _PNG + b"".join(chunks) + chunk(b"IEND", b"")


def _rows(width: int, height: int) -> bytes:
    return chunk(b"IDAT", zlib.compress(b"\0" * (1 + 3 * width) * height))


def _cut(data: bytes, share: float) -> bytes:
    return data[: int(len(data) * share)]


def _spoilt(data: bytes) -> bytes:
    """Every hundredth byte is another."""
    spoilt = bytearray(data)
    for at in range(64, len(spoilt), 100):
        spoilt[at] ^= 0xFF
    return bytes(spoilt)


def _many_frames() -> bytes:
    held = io.BytesIO()
    frames = [Image.new("L", (8, 8), n % 256) for n in range(2000)]
    frames[0].save(held, "GIF", save_all=True, append_images=frames[1:])
    return held.getvalue()


def _many_scans() -> bytes:
    plain = picture("JPEG", (512, 512), progressive=True)
    at = plain.index(b"\xff\xda")
    scan = plain[at : plain.index(b"\xff", at + 2 + 12)]
    return plain[:at] + scan * 5000 + plain[at:]


def _ico() -> bytes:
    return picture("ICO", (32, 32))


def _eps() -> bytes:
    return (
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n"
        b"(/etc/passwd) (r) file 1000 string readstring pop print\nshowpage\n%%EOF\n"
    )


def _bmp(width: int, height: int) -> bytes:
    sizes = (54, 0, 0, 54, 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHIIiiHHIIiiII", *sizes)


_TIFF_LOOP = b"II*\0\x08\0\0\0" + struct.pack("<H", 1) + struct.pack("<HHII", 256, 3, 1, 8) + struct.pack("<I", 8)
_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><image href="file:///etc/passwd"/></svg>'

NONE: dict[str, bytes | Callable[[], bytes]] = {
    "nothing": b"",
    "one byte": b"\x89",
    "words": b"no picture",
    "zeroes": b"\0" * 10_000,
    "noise": bytes(n * 7919 % 251 for n in range(50_000)),
    "a program": b"\x7fELF" + b"\0" * 1000,
    "a page": b"<!doctype html><script>alert(1)</script>",
    "a drawing in SVG": _SVG,
    "a drawing in PostScript": _eps(),
    "a document in PDF": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF",
    "a metafile of Windows": b"\xd7\xcd\xc6\x9a" + b"\0" * 200,
    "an icon": _ico,
    "a picture of Photoshop": b"8BPS\0\x01" + b"\0" * 100,
    "a picture of FITS": b"SIMPLE  =                    T" + b" " * 3000,
    "a picture of IM": b"Image type: L image\r\nFile size (no of images): 99999999\r\n\x1a" + b"\0" * 600,
    "a film": b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + b"\0" * 1000,
    "an archive": b"PK\x03\x04" + b"\0" * 500,
    "a bomb of gzip": zlib.compress(b"\0" * 1_000_000),
    "a PNG of a signature": _PNG,
    "a PNG without a head": _png(_rows(1, 1)),
    "a PNG of no pixels": _png(_head(0, 0)),
    "a PNG of no height": _png(_head(100, 0)),
    "a PNG of 2 to the 31 by the same": _png(_head(2**31 - 1, 2**31 - 1), _rows(1, 1)),
    "a PNG of 2 to the 32": _png(_head(2**32 - 1, 1), _rows(1, 1)),
    "a PNG of 65 million pixels": _png(_head(65_001, 1000), _rows(1, 1)),
    "a PNG of a depth of 99": _png(_head(10, 10, 99), _rows(10, 10)),
    "a PNG of a colour of 99": _png(_head(10, 10, 8, 99), _rows(10, 10)),
    "a PNG without pixels": _png(_head(10, 10)),
    "a PNG whose pixels are noise": _png(_head(100, 100), chunk(b"IDAT", b"\x5a" * 5000)),
    "a PNG whose head is wrong by its sum": _png(chunk(b"IHDR", struct.pack(">IIBB", 10, 10, 8, 2) + b"\0\0\0", crc=0)),
    "a PNG whose chunk is longer than the file": _png(_head(10, 10), chunk(b"IDAT", b"x", length=2**31 - 1)),
    "a PNG cut short": lambda: _cut(picture("PNG", (400, 300)), 0.5),
    "a JPEG of a head": b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    "a JPEG of marks only": b"\xff\xd8" + b"\xff\xe1\0\x02" * 5000 + b"\xff\xd9",
    "a JPEG of 65 500 by 65 500": b"\xff\xd8\xff\xc0\0\x11\x08\xff\xdc\xff\xdc\x03\x01\x22\0\x02\x11\x01\x03\x11\x01"
    b"\xff\xda\0\x0c\x03\x01\0\x02\x11\x03\x11\0\x3f\0\xff\xd9",
    "a JPEG of no pixels": b"\xff\xd8\xff\xc0\0\x11\x08\0\0\0\0\x03\x01\x22\0\x02\x11\x01\x03\x11\x01\xff\xd9",
    "a JPEG of 5 000 scans": _many_scans,
    "a GIF of a head": b"GIF89a",
    "a GIF of 65 535 by 65 535": b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x02\x02\x44\x01\0;",
    "a GIF of no pixels": b"GIF89a\0\0\0\0\0\0\0;",
    "a WebP of a head": b"RIFF\xff\xff\xff\x7fWEBPVP8 ",
    "a WebP of 16 383 by 16 383": b"RIFF\x1e\0\0\0WEBPVP8L\x11\0\0\0\x2f\xff\xff\xff\x0f\x07"
    b"\x10\x11\x11\x88\x88\xfe\x07\0\0",
    "a WebP cut short": lambda: _cut(picture("WEBP", (400, 300)), 0.5),
    "a TIFF of a head": b"II*\0\x08\0\0\0",
    "a TIFF that leads back to itself": _TIFF_LOOP,
    "a TIFF whose directory is beyond its end": b"II*\0\xff\xff\xff\x7f",
    "a TIFF of 65 535 entries": b"II*\0\x08\0\0\0\xff\xff" + b"\0\1\3\0\1\0\0\0\xff\xff\0\0" * 100,
    "a TIFF cut short": lambda: _cut(picture("TIFF", (400, 300)), 0.5),
    "a BMP of a negative width": _bmp(-10, 10),
    "a BMP of 2 to the 31": _bmp(2**31 - 1, 2**31 - 1),
    "an AVIF of a head": b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf",
    "an AVIF cut short": lambda: _cut(picture("AVIF", (400, 300)), 0.5),
    "an AVIF that is spoilt": lambda: _spoilt(picture("AVIF", (400, 300))),
    "a HEIC of a head": b"\0\0\0\x18ftypheic\0\0\0\0heicmif1",
    "a JPEG 2000 of a head": b"\0\0\0\x0cjP  \r\n\x87\n",
    "a JPEG 2000 cut short": lambda: _cut(picture("JPEG2000", (400, 300)), 0.3),
}  # fmt: skip
EITHER: dict[str, bytes | Callable[[], bytes]] = {
    "a PNG of a compression of 9": _png(_head(10, 10, rest=b"\x09\0\0"), _rows(10, 10)),
    "a PNG with half its pixels": _png(_head(1000, 1000), _rows(1000, 100)),
    "a PNG without a palette": _png(_head(10, 10, 8, 3), chunk(b"IDAT", zlib.compress(b"\0" * 110))),
    "a JPEG cut short": lambda: _cut(picture("JPEG", (400, 300)), 0.5),
    "a JPEG that is spoilt": lambda: _spoilt(picture("JPEG", (400, 300))),
    "a PNG that is spoilt": lambda: _spoilt(picture("PNG", (400, 300))),
    "a GIF cut short": lambda: _cut(picture("GIF", (400, 300)), 0.5),
    "a WebP that is spoilt": lambda: _spoilt(picture("WEBP", (400, 300))),
    "a TIFF that is spoilt": lambda: _spoilt(picture("TIFF", (400, 300))),
    "a JPEG 2000 that is spoilt": lambda: _spoilt(picture("JPEG2000", (400, 300))),
    "a GIF of 2 000 frames": _many_frames,
    "a PNG with a text that unpacks to 100 MB": lambda: _png(_head(10, 10), chunk(
        b"zTXt", b"c\0\0" + zlib.compress(b"\0" * 100_000_000)), _rows(10, 10)),
    "a PNG with a profile that unpacks to 100 MB": lambda: _png(_head(10, 10), chunk(
        b"iCCP", b"p\0\0" + zlib.compress(b"\0" * 100_000_000)), _rows(10, 10)),
    "a PNG with a profile of noise": _png(_head(10, 10), chunk(b"iCCP", b"p\0\0" + zlib.compress(b"\x5a" * 500)),
                                          _rows(10, 10)),
    "a PNG with EXIF of noise": _png(_head(10, 10), chunk(b"eXIf", b"\x5a" * 500), _rows(10, 10)),
    "a PNG with 10 000 chunks": _png(_head(10, 10), *[chunk(b"tEXt", b"a\0b")] * 10_000, _rows(10, 10)),
    "a PNG with a program behind it": picture() + b"\x7fELF" + b"\0" * 5000,
    "a PNG with a page behind it": picture() + b"<script>alert(1)</script>",
    "a PNG of 60 million pixels": lambda: _png(_head(60_000, 1000), _rows(60_000, 1000)),
    "a PNG of one line of a million": lambda: _png(_head(1_000_000, 1), _rows(1_000_000, 1)),
    "a PNG that wants frames without end": _png(_head(10, 10), chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0)),
                                                _rows(10, 10)),
    "a JPEG turned in a way that there is not": lambda: picture("JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\x01\0"
                                                                b"\x12\x01\x03\0\x01\0\0\0\x63\0\0\0\0\0\0\0"),
}  # fmt: skip
_BIG = ("60 million", "5 000 scans", "2 000 frames", "100 MB")
NAMES = {
    "a path": "../../../etc/cron.d/evil.png",
    "an absolute path": "/etc/passwd",
    "a path of Windows": "C:\\\\Windows\\\\evil.png",
    "nothing": "",
    "dots": "..",
    "a hidden file": ".htaccess",
    "a program": "evil.php",
    "two endings": "evil.png.exe",
    "an ending with a NUL": "a.png%00.php",
    "4 000 letters": "a" * 4000 + ".png",
    "letters that turn the line": "gnp.\u202eexe",
    "quotes": 'a\\"b.png',
}


def _lazily(data: bytes | Callable[[], bytes]) -> bytes | Callable[[], bytes]:
    if isinstance(data, bytes):
        return upload(data)
    made: list[bytes] = []

    def render() -> bytes:
        if not made:
            made.append(upload(data()))
        return made[0]

    return render


def _is_big(name: str) -> bool:
    return any(part in name for part in _BIG)


ENTRIES = [
    *(http(f"a picture that is {name}", _lazily(data), to=NO_PICTURE, heavy=_is_big(name))
      for name, data in NONE.items()),
    *(http(f"a picture that is {name}", _lazily(data), to=accepted(201) | NO_PICTURE, heavy=_is_big(name))
      for name, data in EITHER.items()),
    *(http(f"a picture whose name is {name}", upload(picture(), value), to=accepted(201) | refused(400, 422))
      for name, value in NAMES.items()),
    http("a picture said to be a page", upload(picture(), kind="text/html"), to=accepted(201) | NO_PICTURE),
    http("a picture into a deleted project", upload(picture()).replace(FILM.encode(), b"/api/v1/projects/gone"),
         to=refused(410)),
    http("a picture whose sender is gone", upload(picture())[:-40], 0.0, to=CLOSED | refused(400, 408), slow=True),
]  # fmt: skip
