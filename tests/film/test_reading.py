"""Sixty shots in words, and what a careful reader is sure of; and what holds of any reading."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auteur.adapters.engines.previs.reading.sentences import read_shot
from auteur.adapters.engines.previs.reading.shot import Shot, Where
from auteur.adapters.engines.previs.reading.tokens import tokens
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import load
from tests.film.common_words import corrected, counts
from tests.film.facts import MORE, SENTENCES, faults
from tests.film.gallery import written

EXEMPT = (
    "function",
    "be",
    "article",
    "pronoun",
    "owner",
    "we",
    "conjunction",
    "relation",
    "path",
    "with",
    "of",
    "to",
    "from",
)


@pytest.mark.parametrize("sentence", SENTENCES, ids=[one["id"] for one in SENTENCES])
def test_a_shot_in_words_is_read_whole(sentence: dict) -> None:
    assert faults(sentence, read_shot(sentence["prompt"]).as_data()) == []


@pytest.mark.parametrize("sentence", MORE, ids=[one["id"] for one in MORE])
def test_another_shot_in_words_is_read_whole_unless_it_is_known_not_to_be(sentence: dict) -> None:
    shot = read_shot(sentence["prompt"])
    wrong = faults(sentence, shot.as_data())
    assert bool(wrong) == ("known" in sentence), wrong
    assert shot.language == sentence["lang"]
    if sentence["lang"] == "en":
        assert lost(sentence["prompt"], shot) == []


_PARTS = re.compile(r"(?<=[.;!?])(?<!INT\.)(?<!EXT\.)(?<!Mr\.)(?<!Dr\.)(?<![a-z]\.[a-z]\.) ")
_ORDERED = [
    one["prompt"]
    for one in (*SENTENCES, *MORE[::3])
    if one["lang"] == "en" and "\n" not in one["prompt"] and _PARTS.search(one["prompt"])
]


def of_the_frame(shot: Shot) -> dict[str, object]:
    """What a shot says of the camera and of the hour, in whatever order it was told."""
    data = shot.as_data()
    single = ("size", "angle", "lens_mm", "stop", "aspect", "time_of_day", "season", "int_ext", "dutch")
    return {
        **{name: data[name] for name in single},
        **{name: set(data[name]) for name in ("kind", "weather", "light", "without")},
        "moves": {move["kind"] for move in data["moves"]},
    }


@pytest.mark.parametrize("prompt", _ORDERED, ids=lambda prompt: prompt[:32])
def test_sentences_in_another_order_say_the_same_of_frame_and_light(prompt: str) -> None:
    parts = [part if part[-1] in ".;!?" else f"{part}." for part in _PARTS.split(prompt)]
    assert of_the_frame(read_shot(" ".join(reversed(parts)))) == of_the_frame(read_shot(prompt))


@pytest.mark.parametrize("sentence", [s for s in SENTENCES if s["lang"] == "en"], ids=lambda s: s["id"])
def test_dashes_quotes_and_blanks_of_another_kind_change_nothing(sentence: dict) -> None:
    typed = sentence["prompt"].replace(" - ", " \u2013 ").replace("'", "\u2019").replace(" ", "  ")
    one, other = read_shot(sentence["prompt"]), read_shot(typed)
    assert (one.people, one.props, one.moves) == (other.people, other.props, other.moves)
    assert of_the_frame(one) == of_the_frame(other)


def lost(prompt: str, shot: Shot) -> list[str]:
    """Words that neither a span nor ``not_understood`` names, though they are no function words."""
    taken = {at for span in shot.reads for at in range(span.start, span.end)}
    told = " ".join(shot.not_understood).casefold()
    vocabulary = load("en")
    words = []
    for token in tokens(prompt):
        if token.kind in ("mark", "line") or token.start in taken or token.text.casefold() in told:
            continue
        entries = vocabulary.phrases.get((token.norm,), [])
        if not any(entry.role in EXEMPT for entry in entries):
            words.append(token.text)
    return words


@pytest.mark.parametrize("sentence", [s for s in SENTENCES if s["lang"] == "en"], ids=lambda s: s["id"])
def test_every_word_of_meaning_is_a_field_s_or_told_as_not_understood(sentence: dict) -> None:
    shot = read_shot(sentence["prompt"], "en")
    assert lost(sentence["prompt"], shot) == []
    taken = " ".join(span.text for span in shot.reads).casefold().split()
    assert not {word.casefold() for word in shot.not_understood} & set(taken) - {"12", "of"}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Wide shto of a hotle lobby", "Wide shot of a hotel lobby"),
        ("med clsoe up of a fisehrman", "med close up of a fisherman"),
        ("hanheld, soldeirs in a trnech", "handheld, soldiers in a trench"),
        ("a womn at the windwo, mornign", "a woman at the window, morning"),
    ],
)
def test_typing_errors_change_nothing_but_the_spelling_that_is_told(typed: str, meant: str) -> None:
    one, other = read_shot(typed, "en"), read_shot(meant, "en")
    assert one.people == other.people
    assert one.size == other.size
    assert one.moves == other.moves
    assert (one.place and one.place.name) == (other.place and other.place.name)
    assert one.time_of_day == other.time_of_day
    assert any(span.read_as for span in one.reads), "the correction is told"


@pytest.mark.parametrize(
    "prompt",
    [
        "a pan of soup on the stove",
        "a man with a dessert",
        "a poem of rust",
        "One wheel squeals.",
        "The lamp goes out, a registrar conveys the verdict, a braided beard, the scuttling of crabs",
    ],
)
def test_a_real_word_is_never_corrected_into_another(prompt: str) -> None:
    assert not any(span.read_as for span in read_shot(prompt, "en").reads)


@pytest.mark.parametrize(
    ("prompt", "absent", "present"),
    [
        ("a street, no cars or people", {"car", "people"}, set()),
        ("a room without chairs, a table", {"chair"}, {"table"}),
        ("an empty market at night", {"people"}, set()),
        ("No one speaks. Two men at a table.", set(), {"table"}),
        ("don't show the gun, a hand on a door", {"gun"}, {"door"}),
    ],
)
def test_negation_ends_where_it_ends(prompt: str, absent: set[str], present: set[str]) -> None:
    shot = read_shot(prompt, "en")
    assert set(shot.without) == absent
    things = {prop.what for prop in shot.props} | {person.who for person in shot.people}
    assert present <= things
    assert not absent & things


@pytest.mark.parametrize(
    ("prompt", "heads"),
    [
        ("Mara sits. She looks up. Her dog sleeps.", 1),
        ("A man and a woman argue. He points at her. They leave.", 2),
        ("Two women at a table, one reading, the other asleep.", 2),
        ("Siblings on a bench, sister left, brother right", 2),
        ("A detective enters. The man lights a cigarette.", 1),
        ("Three nuns and a priest", 4),
    ],
)
def test_people_are_counted_once(prompt: str, heads: int) -> None:
    assert read_shot(prompt, "en").head_count == heads


@pytest.mark.parametrize(("prompt", "side"), [
    ("She waits outside", "EXT"), ("Wide shot outside a bakery at night", "EXT"),
    ("In front of the bakery, a van", "EXT"),
    ("He steps outside into the rain", "EXT"), ("A crowd in front of the courthouse", "EXT"), ("A dog outdoors", "EXT"),
    ("The facade of a hotel at night", "EXT"), ("Outside of the shop two men argue", "EXT"),
    ("A man sits inside.", "INT"),
    ("A woman at the window, rain outside", None), ("A man reads in a kitchen, snow outside", None),
    ("A man sits in front of the bar", None), ("A house at night, a light burns inside.", None),
    ("A man looks outside", None), ("INT. KITCHEN - DAY. Ada goes outside.", "INT"),
    ("A car in the rain, a man asleep inside", None),
])  # fmt: skip
def test_indoors_or_outdoors_is_read_without_a_heading_where_it_is_said_of_the_shot(
    prompt: str, side: str | None
) -> None:
    assert read_shot(prompt).int_ext == side


def test_who_is_inside_is_inside_the_car_that_was_named() -> None:
    shot = read_shot("A car in the rain, a man asleep inside")
    assert shot.people[0].where == Where(relation="in", to="car")
    assert shot.place is not None
    assert shot.place.name == "car"


def test_an_english_prompt_loads_no_other_language() -> None:
    asked = """
from auteur.adapters.engines.previs.reading.sentences import read_shot
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import load
read_shot("OTS Tom onto Maria, 50mm, INT. KITCHEN - NIGHT, slow push in, wistful")
print(load.cache_info().currsize)
read_shot("Totale, ein leerer Bahnsteig im Winter")
print(load.cache_info().currsize)
"""
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout.split()
    assert said[0] == "1"
    assert int(said[1]) > 1, "another language is loaded when it may be meant"


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_and_spans_say_where(prompt: str) -> None:
    shot = read_shot(prompt, "en")
    for span in shot.reads:
        assert prompt[span.start : span.end] == span.text
    assert [span.start for span in shot.reads] == sorted(span.start for span in shot.reads)


_WORDS = sorted({word for s in SENTENCES if s["lang"] == "en" for word in re.findall(r"\S+", s["prompt"])})


@settings(deadline=None)
@given(st.lists(st.sampled_from(_WORDS), max_size=40).map(" ".join))
def test_no_order_of_the_field_s_words_is_too_much_for_it_and_none_is_lost(prompt: str) -> None:
    assert lost(prompt, read_shot(prompt, "en")) == []


def test_the_gallery_in_the_documents_is_what_is_read_and_staged_with_a_small_picture_of_each() -> None:
    docs = Path(__file__).parents[2] / "docs"
    page = (docs / "gallery.md").read_text("utf-8")
    assert written(page) == page, "python -m tests.film.gallery docs"
    pictures = {path.stem: path.stat().st_size for path in (docs / "film" / "gallery").glob("*.webp")}
    assert pictures.keys() == {sentence["id"] for sentence in SENTENCES}
    assert sum(pictures.values()) < 1_500_000


def test_a_count_of_words_says_which_common_ones_must_not_be_corrected(tmp_path: Path) -> None:
    counted = tmp_path / "counts.txt"
    counted.write_text("conveys 900\nthe 90000\nwindow 800\nabode 7\n", "utf-8")
    assert corrected(counts(counted), "en", 300) == {"conveys"}
    assert corrected(counts(counted), "en", 5) == {"conveys", "abode"}
