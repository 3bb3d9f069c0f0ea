"""Captions in every script: drawn, shaped, in their order, never cut, without the boxes of a font that lacks them."""

import unicodedata
from pathlib import Path

import numpy as np
import pytest
import uharfbuzz
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from auteur.adapters.bidi import is_right_to_left, levels, order
from auteur.adapters.engines.captions import Typesetter, caption, font
from auteur.adapters.fonts import Face, Fonts, clusters, fonts

SCRIPTS = {
    "Latin": "Ångström sagt: Żółć, “garçon”!",
    "Greek": "Η πόρτα ανοίγει αργά",
    "Cyrillic": "Дверь открывается медленно",
    "Hebrew": "הדלת נפתחת לאט",
    "Arabic": "الباب يُفتح ببطء",
    "Devanagari": "दरवाज़ा धीरे खुलता है, क्षत्रिय",
    "Thai": "ประตูเปิดช้าๆ น้ำ",
    "Chinese": "门慢慢打开",
    "Japanese": "扉がゆっくり開く",
    "Korean": "문이 천천히 열린다",
}


def ink(text: str, size: tuple[int, int] = (480, 270)) -> np.ndarray:
    return np.asarray(caption(text, *size).layer.getchannel("A"))


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_is_drawn_with_glyphs_of_its_own(script: str) -> None:
    text = SCRIPTS[script]
    made = caption(text, 480, 270)
    assert made.missing == ()
    assert made.note is None
    assert np.asarray(made.layer.getchannel("A")).sum() > 20_000
    for run in Typesetter(fonts()).runs(text):
        shaped = uharfbuzz.Buffer()
        shaped.add_str(run.text)
        shaped.guess_segment_properties()
        face = uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(run.face.path)), run.face.index)
        uharfbuzz.shape(uharfbuzz.Font(face), shaped)
        assert all(glyph.codepoint for glyph in shaped.glyph_infos), f"{run.text} has a box in {run.face.name}"


def test_the_scripts_differ() -> None:
    pictures = [ink(text) for text in SCRIPTS.values()]
    for index, one in enumerate(pictures):
        for other in pictures[:index]:
            assert np.abs(one.astype(int) - other).mean() > 0.3


def test_arabic_letters_join_and_run_to_the_left() -> None:
    setter = Typesetter(fonts())
    apart = sum(setter.width(letter, 40) for letter in "بيت")
    assert setter.width("بيت", 40) < 0.9 * apart
    drawn = []
    for text in ("ب" + "ا" * 8, "ا" * 8 + "ب"):
        layer = Image.new("L", (300, 80))
        setter.draw(ImageDraw.Draw(layer), (10, 50), text, 40, fill=(255,))
        drawn.append(np.asarray(layer))
    below = [np.flatnonzero(picture[52:].sum(axis=0)) for picture in drawn]  # the dot of ba is under the line
    assert below[0].min() > below[1].max(), "the letter that is written first stands rightmost"


def test_devanagari_forms_and_thai_marks_stand_over_their_letters() -> None:
    setter = Typesetter(fonts())
    assert setter.width("क्ष", 40) < setter.width("क", 40) + setter.width("ष", 40)
    assert setter.width("ที่", 40) == pytest.approx(setter.width("ท", 40), abs=1.5)
    assert list(clusters("क्षत्रिय")) == ["क्ष", "त्रि", "य"]
    assert list(clusters("น้ำ")) == ["น้ำ"]


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("abc אבג 12", ["abc ", "12", "אבג "]),
        ("אבג (12) Tom", ["Tom", ") ", "12", "אבג ("]),
        ("مشهد 4: بيت", [": بيت", "4", "مشهد "]),
        ("a 50% b", ["a 50% b"]),
    ],
)
def test_parts_of_both_directions_stand_as_unicode_has_them(text: str, seen: list[str]) -> None:
    depth = levels(text, right_to_left=is_right_to_left(text))
    parts: list[list[int]] = []
    for index, level in enumerate(depth):
        if parts and depth[parts[-1][0]] == level:
            parts[-1].append(index)
        else:
            parts.append([index])
    shown = [parts[place] for place in order([depth[part[0]] for part in parts])]
    assert sorted(text[i] for part in shown for i in part) == sorted(text)
    assert ["".join(text[i] for i in part) for part in shown] == seen


@pytest.mark.parametrize("size", [(64, 64), (240, 426)], ids=str)
@pytest.mark.parametrize("script", [*SCRIPTS, "one word"])
def test_a_long_caption_fits_and_loses_nothing(script: str, size: tuple[int, int]) -> None:
    text = "Donaudampfschifffahrtsgesellschaft" * 5 if script == "one word" else (SCRIPTS[script] + " ") * 9
    text = text[:200].strip()
    made = caption(text, *size)
    assert "".join("".join(made.lines).split()) == "".join(text.split())
    alpha = np.asarray(made.layer.getchannel("A"))
    assert not alpha[:, [0, -1]].any(), "cut at a side"
    assert not alpha[[0, -1]].any(), "cut above or below"
    for line in made.lines:
        assert not unicodedata.category(line[0]).startswith("M"), "a mark is parted from its letter"
        assert line[0] not in "、。，：,.!ๆำ"


def test_a_short_caption_has_the_usual_size_and_one_line() -> None:
    made = caption("The door opens.", 1920, 1080)
    assert (made.lines, made.size_px) == (("The door opens.",), 1080 / 22)


def test_what_no_font_covers_is_said_and_no_box_is_drawn(tmp_path: Path) -> None:
    few = Fonts([face.path for face in fonts().bundled if face.name == "NotoSans"], [tmp_path])
    made = caption("Tom 台所 opens", 480, 270, from_=few)
    assert made.missing == ("台", "所")
    assert made.note == "There is no font here for 台 (U+53F0), 所 (U+6240): install auteur[cjk]."
    assert made.lines == ("Tom … opens",)


def test_a_font_of_the_system_is_found_where_none_is_bundled(tmp_path: Path) -> None:
    hebrew = next(face.path for face in fonts().bundled if face.name == "NotoSansHebrew")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "hebrew.TTF").write_bytes(hebrew.read_bytes())
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    few = Fonts([face.path for face in fonts().bundled if face.name == "NotoSans"], [tmp_path])
    pieces = few.pieces("abc אבג")
    assert [piece.face and (piece.face.name, piece.face.system) for piece in pieces] == [
        ("NotoSans", False),
        ("hebrew", True),
    ]


def test_han_is_drawn_as_its_country_draws_it() -> None:
    faces = {text: fonts().pieces(text)[0].face for text in ("直说", "直です", "直하")}
    indices = {face.index for face in faces.values() if face is not None}
    assert len(indices) == 3
    shapes = [font(Face(face.path, face.index), 64).getmask("直").getbbox() for face in faces.values() if face]
    assert len(shapes) == 3


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab אבג بي 12()%,台 ก็-\n"), max_size=60))
def test_no_text_whatever_loses_a_letter(text: str) -> None:
    setter = Typesetter(fonts())
    lines = setter.wrap(text, 90, 20)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        assert sum(len(run.text) for run in setter.runs(line)) == len(line)
        assert len(list(clusters(line.strip()))) <= 1 or setter.width(line, 20) <= 90
