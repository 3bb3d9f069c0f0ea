"""What names and prose may hold."""

import sys
import unicodedata

import hypothesis.strategies as st
import pytest
from hypothesis import given

from auteur.domain.commands import StartGeneration
from auteur.domain.errors import InvalidParamsError, InvalidRequestError
from auteur.domain.task import parse_shot
from auteur.domain.text import line_problem, problems_in, prose_problem, shown

UNSEEN = ["\0", "\x07", "\x1b", "\x7f", "\x85", "\x9b", "\ud800", "\ufdd0", "\uffff", "\U0001ffff", "\U0010fffe"]
WORDS = [
    "a harbour",
    "Łódź, noc",
    "港の夕暮れ",
    "غروب في الميناء",
    "👩‍🚀 on a pier",
    "e\u0301",
    "a\u00a0b",
    "\u200f12A",
]


@pytest.mark.parametrize("unseen", UNSEEN, ids=ascii)
def test_what_nobody_sees_is_in_no_text(unseen: str) -> None:
    for text in (unseen, f"a{unseen}b", f"a\n{unseen}"):
        said = f"must not hold the character U+{ord(unseen):04X}"
        assert prose_problem(text) == said
        assert line_problem(text.replace("\n", "")) == said


@pytest.mark.parametrize("words", WORDS, ids=ascii)
def test_words_of_any_language_are_names_and_prose(words: str) -> None:
    assert (line_problem(words), prose_problem(words)) == (None, None)


def test_prose_has_lines_and_a_name_has_one() -> None:
    assert prose_problem("first\n\tsecond\r\nthird\u2028fourth") is None
    for broken in ("12A\n", "\n12A", "a\tb", "a\u2028b", "a\u202eb", "a\u2066b"):
        assert line_problem(broken) is not None


def test_every_control_character_of_unicode_is_refused() -> None:
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code)) in ("Cc", "Cs") and chr(code) not in "\t\n\r":
            assert prose_problem(chr(code)), f"U+{code:04X}"


def test_what_is_wrong_is_named_at_any_depth_and_not_repeated() -> None:
    said = [
        ({"prompt": "a\0secret"}, "prompt"),
        ({"x": [{"y": "a"}, {"y": "\x9f"}]}, "x.1.y"),
        ({"camera": {"a\nb": 1}}, "camera"),
        ({"a\nb": 1}, "params"),
    ]
    for values, field in said:
        (problem,) = problems_in(values)
        assert problem["field"] == field
        assert "secret" not in problem["message"]
    assert [problem["field"] for problem in problems_in({"scene": "\0"}, "metadata")] == ["metadata.scene"]


def test_however_much_is_wrong_twenty_problems_are_told() -> None:
    for values in ({str(n): "\0" for n in range(5000)}, {"list": ["\0"] * 5000}, {"x" * 5000: "\0"}):
        problems = problems_in(values)
        assert len(problems) <= 20
        assert all(len(problem["field"]) <= 128 for problem in problems)


@given(
    st.dictionaries(
        st.text(),
        st.recursive(st.text() | st.integers() | st.none(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)),
    )
)
def test_the_quick_look_and_the_thorough_one_agree(values: dict[str, object]) -> None:
    def texts(value: object) -> list[tuple[bool, str]]:
        if isinstance(value, str):
            return [(False, value)]
        if isinstance(value, dict):
            return [(True, name) for name in value] + [text for inner in value.values() for text in texts(inner)]
        return [text for inner in value for text in texts(inner)] if isinstance(value, list) else []

    wrong = [text for is_name, text in texts(values) if (line_problem if is_name else prose_problem)(text)]
    assert bool(problems_in(values)) == bool(wrong)


def test_whoever_asks_is_told_the_field() -> None:
    def asked(**said: object) -> StartGeneration:
        given = {"project_id": "film", "task_type": "text_to_image", "params": {}, "message_id": "m", **said}
        return StartGeneration(**given)  # type: ignore[arg-type]

    with pytest.raises(InvalidParamsError) as refused:
        asked(params={"prompt": "a\0b"}).check_texts()
    assert refused.value.details["problems"][0]["field"] == "prompt"
    for said, field in (
        ({"metadata": {"scene": "\x1b[2J"}}, "metadata.scene"),
        ({"metadata": {"a\u202eb": 1}}, "metadata"),
        ({"shot": "12A\n"}, "shot"),
        ({"message_id": "m\n"}, "message_id"),
    ):
        with pytest.raises(InvalidRequestError) as told:
            asked(**said).check_texts()
        assert told.value.details["problems"][0]["field"] == field
    asked(params={"prompt": "a\nb", "source_image": "data:,\0" + "x" * 5000}, metadata={"note": "a\tb"}).check_texts()


def test_a_line_break_is_not_part_of_a_shots_name_and_no_space_around_it() -> None:
    assert parse_shot("  12A ") == "12A"
    for name in ("12A\n", "\n12A", "12A\t", "12A\r\n"):
        with pytest.raises(InvalidRequestError):
            parse_shot(name)


def test_a_terminal_is_shown_what_nobody_sees_as_an_escape() -> None:
    assert shown("a\x1b[2Jb") == "a\\u001b[2Jb"
    assert shown("gpj.\u202eexe\u2066") == "gpj.\\u202eexe\\u2066"
    assert shown("two lines\nand a Köln") == "two lines\nand a Köln"
