"""Valid files, damaged at random in every way that a line or a disk knows: a picture, or our error, and nothing else.

Seeded, so that a failure is repeated by its number. ``AUTEUR_FUZZ=2000`` for the long run (`make fuzz`).
"""

import io
import os
import random
from contextlib import suppress
from pathlib import Path

import pytest

from auteur.adapters.decoding import moving, pictures
from auteur.adapters.films import FilmInfo
from auteur.adapters.images import READ
from auteur.adapters.stills import ImageInfo
from auteur.domain.errors import UnreadableImageError
from tests.hostile_pictures import film, hostile_films, hostile_pictures, sound
from tests.stills import every_still

HEIC = Path(__file__).parents[1] / "fixtures" / "stills" / "two-colours.heic"
ROUNDS = int(os.environ.get("AUTEUR_FUZZ", "200"))
SEED = int(os.environ.get("AUTEUR_FUZZ_SEED", "12"))


def damaged(data: bytes, chance: random.Random) -> bytes:
    """One to four things happen to it; the first bytes, where the heads are, are hit as often as all the rest."""
    mutable = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        end = max(min(len(mutable), 200) if chance.random() < 0.5 else len(mutable), 1)
        at = chance.randrange(end)
        size = chance.choice((1, 2, 4, 8, 64, 1024))
        match chance.choice(("flip", "set", "cut", "drop", "repeat", "grow", "number")):
            case "flip":
                mutable[at : at + 1] = bytes([byte ^ (1 << chance.randrange(8)) for byte in mutable[at : at + 1]])
            case "set":
                mutable[at : at + size] = chance.choice((b"\0", b"\xff", b"\x7f", b"\x80")) * size
            case "cut":
                del mutable[max(at, 8) :]
            case "drop":
                del mutable[at : at + size]
            case "repeat":
                mutable[at:at] = bytes(mutable[at : at + size]) * chance.choice((1, 2, 50))
            case "grow":
                mutable[at:at] = chance.randbytes(size)
            case "number":
                number = chance.choice((0, 1, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1))
                mutable[at : at + 4] = number.to_bytes(4, chance.choice(("little", "big")))
    return bytes(mutable)


def share(number: int, of: int) -> range:
    """The rounds of one of so many tests."""
    return range(number * ROUNDS // of, (number + 1) * ROUNDS // of)


def originals() -> dict[str, list[bytes]]:
    """Files that are in order, by kind."""
    kinds: dict[str, list[bytes]] = {}
    for still in every_still():
        kinds.setdefault(still.suffix, []).append(still.data)
    if ".heic" in READ:
        kinds[".heic"] = [HEIC.read_bytes()]
    return kinds


KINDS = originals()


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_a_damaged_picture_is_a_picture_or_our_error(kind: str, tmp_path: Path) -> None:
    for number in share(sorted(KINDS).index(kind), len(KINDS)):
        chance = random.Random(f"{SEED}/{kind}/{number}")
        data = damaged(chance.choice(KINDS[kind]), chance)
        path = tmp_path / "damaged"
        path.write_bytes(data)
        told = []
        for ask in (pictures.identify(path), pictures.verify(io.BytesIO(data))):
            try:
                told.append(await ask)
            except UnreadableImageError:
                continue
        assert all(isinstance(one, ImageInfo) for one in told)
        assert len(set(told)) <= 1, number
        with suppress(UnreadableImageError):
            assert (await pictures.thumbnail(path, 64, tallest=4))[8:12] == b"WEBP"


FILMS = {"mp4": film(), "mov": film(kind="mov"), "webm": film(kind="webm"), "wav": sound()}


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", FILMS)
async def test_a_damaged_film_is_a_film_or_our_error(kind: str, tmp_path: Path) -> None:
    for number in share(list(FILMS).index(kind), 2 * len(FILMS)):
        data = damaged(FILMS[kind], random.Random(f"{SEED}/{kind}/{number}"))
        path = tmp_path / "damaged"
        path.write_bytes(data)
        asked = "audio" if kind == "wav" else "video"
        for ask in (moving.begin(io.BytesIO(data)), moving.whole(path, asked)):
            with suppress(moving.UnusableFilmError):
                assert isinstance(await ask, FilmInfo)


async def test_the_films_that_are_damaged_are_in_order_before() -> None:
    for kind, data in FILMS.items():
        assert (await moving.begin(io.BytesIO(data))).kind == ("audio" if kind == "wav" else "video")


@pytest.mark.timeout(600)
async def test_every_hostile_film_is_a_film_or_our_error(tmp_path: Path) -> None:
    for hostile in hostile_films():
        path = tmp_path / "hostile"
        path.write_bytes(hostile.data)
        for ask in (moving.begin(io.BytesIO(hostile.data), "video"), moving.whole(path, "video"), moving.poster(path)):
            taken = True
            try:
                await ask
            except moving.UnusableFilmError:
                taken = False
            assert hostile.taken in (taken, None), hostile.name


def test_the_corpus_is_large_and_every_file_of_it_has_a_name_of_its_own() -> None:
    names = [hostile.name for hostile in (*hostile_pictures(), *hostile_films())]
    assert len(set(names)) == len(names) >= 120
