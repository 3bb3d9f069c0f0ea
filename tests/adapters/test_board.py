"""Pages of a board as two other programs read them: drawn as its faces draw, searched and copied as it was typed."""

from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageFont
from pypdf import PdfReader

from auteur.adapters.engines.captions import Typesetter
from auteur.adapters.engines.editorial.sheets import Sheets
from auteur.adapters.fonts import fonts
from tests.takes import a_camera, a_still, hand_over

BOARD: dict[str, Any] = {
    "per_page": 6, "paper": "a4", "arrows": True, "plans": False, "continuity": True, "camera_report": False,
}  # fmt: skip
LINES = {
    "Latin": "Das Büro, öffnen: fi, ffl, Żółć.",
    "Greek": "Η Σοφία σωπαίνει.",
    "Cyrillic": "Ты мог бы позвонить.",
    "Hebrew": "יכולת להתקשר אליי.",
    "Arabic": "تضع ماريا الكأس على الطاولة",
    "Devanagari": "मारिया प्रतीक्षा करती है।",
    "Bengali": "তুমি ফোন করতে পারতে।",
    "Tamil": "நீ அழைத்திருக்கலாம்.",
    "Thai": "มาเรียวางแก้วลงบนโต๊ะ",
    "Georgian": "შეგეძლო დაგერეკა.",
    "Japanese": "電話してくれればよかったのに。",
    "Chinese": "你本来可以打电话的。",
    "Korean": "전화할 수 있었잖아요.",
}
PX_A_MM = 6.0


def drawn(path: Path, page: int = 0) -> Image.Image:
    document = pypdfium2.PdfDocument(path)
    picture: Image.Image = document[page].render(scale=PX_A_MM * 25.4 / 72).to_pil()
    document.close()
    return picture


def words(path: Path) -> str:
    document = pypdfium2.PdfDocument(path)
    pages = [page.get_textpage().get_text_range() for page in document]
    document.close()
    return "\n".join(pages)


@pytest.mark.parametrize("script", LINES)
def test_a_line_of_any_script_is_drawn_as_its_face_draws_it_and_read_as_it_was_typed(
    tmp_path: Path, script: str
) -> None:
    text = LINES[script]
    sheets = Sheets("a4", "A line")
    sheets.page()
    sheets.text(20, 20, 250, text, size=30, align="left")
    sheets.write(tmp_path / "line.pdf")
    assert words(tmp_path / "line.pdf").strip() == text
    size = 30 * 0.3528 * PX_A_MM
    base = (20 + 30 * 0.3528 * (0.64 + 0.3)) * PX_A_MM
    seen = 255 - np.asarray(drawn(tmp_path / "line.pdf").convert("L"), np.float32)
    wanted = Image.new("L", (seen.shape[1], seen.shape[0]))
    draw, left = ImageDraw.Draw(wanted), 20 * PX_A_MM
    for run in Typesetter(fonts()).runs(text):  # shaped and drawn by Pillow, by FreeType
        font = ImageFont.truetype(str(run.face.path), size, index=run.face.index)
        axes = font.get_variation_axes()
        font.set_variation_by_axes([400.0 if b"eight" in (one["name"] or b"") else one["default"] or 0 for one in axes])  # type: ignore[operator]
        direction = "rtl" if run.right_to_left else "ltr"
        draw.text((left, base), run.text, font=font, fill=255, anchor="ls", direction=direction)
        left += font.getlength(run.text, direction=direction)
    meant = np.asarray(wanted, np.float32)
    alike = float((seen * meant).sum() / np.sqrt((seen**2).sum() * (meant**2).sum()))
    assert alike > 0.93, f"{script}: {alike:.3f}"


def test_a_letter_that_is_drawn_of_parts_is_found_by_two_readers(tmp_path: Path) -> None:
    """The body of some Arabic letters is one glyph, and its dots another."""
    shots = [{"name": "1", "frames": 24, "action": "كان يمكنك أن تتصل بي قبل الليل", "heading": "داخلي. مطبخ - ليل"}]
    out, _ = hand_over("film_board", tmp_path, shots, [a_still(tmp_path, "a", (90, 90, 90))], **BOARD)
    for told in (words(out / "board.pdf"), PdfReader(out / "board.pdf").pages[0].extract_text()):
        assert "يمكنك أن تتصل بي قبل الليل" in told
        assert "مطبخ" in told


def test_what_is_long_leaves_room_for_what_else_is_to_be_known(tmp_path: Path) -> None:
    still = a_still(tmp_path, "a", (90, 90, 90), a_camera())
    shots = [
        {
            "name": name, "frames": 24, "scene": "1", "action": "She waits. " * 200, "notes": ["Match the glass."],
            "speeches": [{"character": "TOM", "text": "I know. " * 200}],
        }
        for name in ("1-1", "1-2")
    ]  # fmt: skip
    for per_page in (1, 2, 4, 6, 9):
        asked = {**BOARD, "per_page": per_page, "plans": per_page == 2}
        out, result = hand_over("film_board", tmp_path, shots, [still] * 2, **asked)
        assert [one["kind"] for one in result["understood"]["continuity"]] == ["thirty_degrees"]
        told = words(out / "board.pdf")
        assert told.count("She waits.") > 2, per_page
        assert told.count("TOM: I know.") == 2, per_page
        assert told.count("Match the glass.") == 2, per_page
        assert told.count("! thirty degrees") == 1, per_page
        assert told.count("…") >= 4, per_page


@pytest.mark.parametrize("size", [(54, 96), (96, 96), (96, 54), (120, 50)], ids=["9:16", "1:1", "16:9", "2.4:1"])
@pytest.mark.parametrize("per_page", [1, 2, 3, 4, 6, 9])
def test_pictures_of_any_shape_are_whole_apart_and_inside_of_the_page(
    tmp_path: Path, size: tuple[int, int], per_page: int
) -> None:
    Image.new("RGB", size, (200, 30, 30)).save(tmp_path / "red.png")
    take = {"path": str(tmp_path / "red.png"), "reference": "a/1/red.png"}
    shots = [{"name": f"s{n}", "frames": 24, "action": "A long deed of words. " * 40} for n in range(per_page)]
    out, _ = hand_over("film_board", tmp_path, shots, [take] * per_page, **{**BOARD, "per_page": per_page})
    [page] = pypdfium2.PdfDocument(out / "board.pdf")
    wide, tall = page.get_size()
    boxes = [found.get_bounds() for found in page.get_objects() if found.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]
    texts = [found.get_bounds() for found in page.get_objects() if found.type == pypdfium2.raw.FPDF_PAGEOBJ_TEXT]
    assert len(boxes) == per_page
    for left, low, right, high in boxes:
        assert (right - left) / (high - low) == pytest.approx(size[0] / size[1], rel=0.01)
    for index, one in enumerate([*boxes, *texts]):
        assert 20 < one[0] <= one[2] < wide - 20, one
        assert 20 < one[1] <= one[3] < tall - 15, one
        for other in boxes[index + 1 :] if index < len(boxes) else boxes:
            apart = one[2] < other[0] or other[2] < one[0] or one[3] < other[1] or other[3] < one[1]
            assert apart, (one, other)
    assert max(high - low for _, low, _, high in boxes) > (60 if size[0] > size[1] else 100)


def test_characters_of_a_japanese_film_are_japanese_also_in_a_line_without_kana(tmp_path: Path) -> None:
    spoken = [[{"character": "真理", "text": "電話してよ。"}], [{"character": "真理", "text": "전화해요."}], []]
    boards = []
    for speeches in spoken:
        shots = [{"name": "1", "frames": 24, "action": "直海"}, {"name": "2", "frames": 24, "speeches": speeches}]
        out, _ = hand_over("film_board", tmp_path, shots, [{"path": None}] * 2, **BOARD)
        assert "直海" in words(out / "board.pdf")
        boards.append(np.asarray(drawn(out / "board.pdf").crop((50, 425, 400, 480)), np.int16))
    assert all(abs(one - boards[2]).max() > 60 for one in boards[:2])
