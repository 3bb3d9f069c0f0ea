import io
import random
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from auteur.adapters import colour
from auteur.adapters.images import MAX_PIXELS, decode, identify, verify
from auteur.domain.errors import UnreadableImageError
from tests.stills import COOL, SIZE, WARM, Still, every_still, halves, png, png_chunk, saved, turned, turned_behind

STILLS = {still.name: still for still in every_still()}
HEIC = Path(__file__).parents[1] / "fixtures" / "stills" / "two-colours.heic"


def assert_seen(picture: Image.Image, still: Still) -> None:
    assert (picture.mode, picture.size) == ("RGB", still.size)
    for x, expected in ((still.size[0] // 4, still.left), (still.size[0] * 3 // 4, still.right)):
        for y in (1, still.size[1] - 2):
            seen = picture.getpixel((x, y))
            assert isinstance(seen, tuple)
            assert max(abs(a - b) for a, b in zip(seen, expected, strict=True)) <= still.within, (seen, expected)


@pytest.mark.parametrize("name", STILLS)
def test_every_still_becomes_what_a_person_sees(name: str, tmp_path: Path) -> None:
    still = STILLS[name]
    path = tmp_path / "named.wrong"
    path.write_bytes(still.data)
    assert_seen(decode(path), still)
    assert_seen(decode(io.BytesIO(still.data)), still)
    assert path.read_bytes() == still.data


@pytest.mark.parametrize("name", STILLS)
def test_a_large_still_is_developed_strip_by_strip_and_shows_no_seam(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    still = STILLS[name]
    whole = decode(io.BytesIO(still.data))
    reduced = decode(io.BytesIO(still.data), near=(30, 10))
    monkeypatch.setattr(colour, "_STRIP_PIXELS", 7 * SIZE[0])
    assert decode(io.BytesIO(still.data)).tobytes() == whole.tobytes()
    assert decode(io.BytesIO(still.data), near=(30, 10)).tobytes() == reduced.tobytes()
    assert reduced.size == (32, 20)


@pytest.mark.parametrize("name", STILLS)
def test_kind_and_size_are_known_without_decoding(name: str) -> None:
    still = STILLS[name]
    for ask in (identify, verify):
        info = ask(io.BytesIO(still.data))
        assert (info.suffix, info.media_type) == (still.suffix, still.media_type)
        assert (info.width_px, info.height_px) == still.size


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF"])
def test_a_still_stands_as_the_camera_was_held(kind: str, orientation: int) -> None:
    data = turned(kind, orientation)
    assert_seen(decode(io.BytesIO(data)), Still("", data, "", "", within=6))
    for ask in (identify, verify):
        info = ask(io.BytesIO(data))
        assert (info.width_px, info.height_px) == SIZE


def test_the_orientation_may_stand_behind_the_pixels() -> None:
    data = turned_behind()
    assert_seen(decode(io.BytesIO(data)), Still("", data, "", ""))
    assert (identify(io.BytesIO(data)).width_px, identify(io.BytesIO(data)).height_px) == SIZE


def test_a_damaged_orientation_is_none() -> None:
    for exif in (
        b"Exif\0\0",
        b"Exif\0\0MM\0*\0\0\xff\xff",
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x02\0\xff\xff\xff\xff",
    ):
        data = saved(halves("RGB", WARM, COOL), "PNG", exif=exif)
        assert_seen(decode(io.BytesIO(data)), Still("", data, "", ""))


@pytest.mark.parametrize("background", [(0, 0, 0), (10, 200, 30)])
@pytest.mark.parametrize("name", ["png-with-hidden-colour", "palette-png-with-transparency", "grey-png-with-key"])
def test_what_is_transparent_lies_on_the_background_that_was_chosen(
    name: str, background: tuple[int, int, int]
) -> None:
    picture = decode(io.BytesIO(STILLS[name].data), background=background)
    assert picture.getpixel((SIZE[0] - 2, 2)) == background


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_smaller_one_is_enough_where_it_is_said(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(halves("RGB", WARM, COOL, (1600, 1200)), "JPEG", exif=exif)
    upright = (1600, 1200) if orientation == 1 else (1200, 1600)
    assert decode(io.BytesIO(data)).size == upright
    half = (upright[0] // 2, upright[1] // 2)
    assert decode(io.BytesIO(data), near=half).size == half

    tall = decode(io.BytesIO(data), near=upright).size
    assert tall == upright, "never smaller than what is wanted"


@pytest.mark.parametrize("name", STILLS)
def test_a_part_of_a_picture_is_none(name: str) -> None:
    data = STILLS[name].data
    for share in (0.15, 0.4, 0.6):
        part = io.BytesIO(data[: int(len(data) * share)])
        for ask in (decode, verify):
            try:
                ask(part)
            except UnreadableImageError:
                continue
            # an animated picture's, or several pictures', first one may be whole already
            assert name.startswith(("animated", "several")), share


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "AVIF", "JPEG2000", "GIF"])
def test_a_photograph_of_which_the_last_tenth_is_missing_is_refused(kind: str) -> None:
    data = saved(Image.effect_noise((600, 400), 90).convert("RGB"), kind)
    for ask in (verify, decode):
        with pytest.raises(UnreadableImageError):
            ask(io.BytesIO(data[: len(data) * 9 // 10]))


def sof(data: bytes, width: int, height: int) -> bytes:
    """A JPEG with another size in its head."""
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


LIES = {
    "nothing": b"",
    "text": b"INT. LIGHTHOUSE - DUSK\n" * 200,
    "a drawing": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "a page description that would be executed": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "a name and nothing more": b"\x89PNG\r\n\x1a\n" + b"x" * 50,
    "rows that are missing": png((64, 4000), 8, 2, b"\0" * 100),
    "rows that cannot be": png((64, 40), 8, 2, b"\x09" * (193 * 40)),
    "no size": png((0, 40), 8, 2, b""),
    "sides beyond sense": png((2**31 - 1, 2**31 - 1), 8, 2, b"\0" * 100),
    "a bomb": png((20_000, 20_000), 1, 0, b"\0" * (2501 * 20_000)),
    "a larger bomb": png((9_000, 9_000), 8, 2, b"\0" * 1000),
    "a jpeg bomb": sof(saved(halves("RGB", WARM, COOL), "JPEG"), 60_000, 60_000),
    "more text than there may be": png(SIZE, 8, 2, b"", png_chunk(b"zTXt", b"a\0\0" + b"x" * 100)),
    "a jpeg of many passes": (
        saved(halves("RGB", WARM, COOL), "JPEG", progressive=True)[:-2]
        + b"\xff\xda\0\x08\x01\x01\0\x01\x01\0\x00" * 300
        + b"\xff\xd9"
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_is_no_picture_is_one_error(lie: str) -> None:
    for ask in (decode, verify):
        with pytest.raises(UnreadableImageError) as refused:
            ask(io.BytesIO(LIES[lie]))
        assert refused.value.message.endswith(".")
    if "bomb" in lie:
        assert refused.value.details == {"max_pixels": MAX_PIXELS}


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow warns of what it mends
def test_no_damage_raises_anything_else() -> None:
    chance = random.Random(10)
    refused = 0
    for still in STILLS.values():
        for _ in range(25):
            damaged = bytearray(still.data)
            for _ in range(chance.choice((1, 3, 30))):
                # the heads are short and the pixels long: half of the damage is to the heads
                end = min(len(damaged), 160) if chance.random() < 0.5 else len(damaged)
                damaged[chance.randrange(end)] = chance.randrange(256)
            sizes = set()
            for ask in (identify, verify, decode):
                try:
                    answer = ask(io.BytesIO(damaged))
                except UnreadableImageError:
                    refused += 1
                else:
                    is_picture = isinstance(answer, Image.Image)
                    sizes.add(answer.size if is_picture else (answer.width_px, answer.height_px))
            assert len(sizes) <= 1, "what is said of a picture is what it becomes"
    assert refused > 300


@pytest.mark.parametrize("kind", ["EPS", "TGA", "PPM", "ICO", "PCX"])
def test_kinds_that_nobody_brings_are_not_even_tried(kind: str) -> None:
    # each decoder is a door; that of PostScript runs programs
    with pytest.raises(UnreadableImageError) as refused:
        verify(io.BytesIO(saved(halves("RGB", WARM, COOL), kind)))
    assert refused.value.message == "The file is no picture that can be read."


def test_light_without_end_is_white() -> None:
    picture = Image.new("F", SIZE, float("inf"))
    picture.paste(0.5, (32, 0, *SIZE))
    data = saved(picture, "TIFF")
    assert_seen(decode(io.BytesIO(data)), Still("", data, "", "", (255, 255, 255), (128, 128, 128)))


def test_a_path_that_cannot_be_opened_is_not_called_damaged(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        identify(tmp_path / "nothing.png")


def test_heic_is_read_where_the_extra_is_installed() -> None:
    pytest.importorskip("pi_heif")
    data = HEIC.read_bytes()
    info = verify(io.BytesIO(data))
    assert (info.suffix, info.media_type) == (".heic", "image/heic")
    picture = decode(io.BytesIO(data))
    assert_seen(picture, Still("", data, "", "", (200, 40, 30), (20, 40, 200), (64, 32), within=4))


def test_without_the_extra_one_line_says_what_is_missing() -> None:
    script = (
        "import sys; sys.modules['pi_heif'] = None\n"
        "from pathlib import Path; from auteur.adapters.images import identify, READ\n"
        "assert '.heic' not in READ\n"
        f"identify(Path({str(HEIC)!r}))\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stderr.strip().endswith("pip install 'auteur[heif]'.")
