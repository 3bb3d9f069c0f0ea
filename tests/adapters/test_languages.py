"""Shots in German, French, Spanish, Italian, Portuguese, Japanese and Chinese, and what each says."""

import json
from pathlib import Path
from typing import Any

import pytest

from auteur.adapters.engines.previs.reading.languages.detect import language_of
from auteur.adapters.engines.previs.reading.languages.items import MARK, items
from auteur.adapters.engines.previs.reading.languages.reader import read_in
from auteur.adapters.engines.previs.reading.sentences import read_shot
from auteur.adapters.engines.previs.reading.shot import (
    ANGLES,
    CAMERA_HEIGHTS,
    KINDS,
    LIGHTS,
    MOVES,
    POSES,
    RELATIONS,
    SEASONS,
    SIZES,
    TIMES_OF_DAY,
    WEATHERS,
    Shot,
)
from auteur.adapters.engines.previs.reading.vocabulary.forms import expand
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import languages, load

SENTENCES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "fixtures" / "languages.jsonl").read_text("utf-8").splitlines()
]
OTHERS = ("de", "fr", "es", "it", "pt", "ja", "zh")


def brief(value: Any) -> Any:
    """Without what is empty, and a count of one."""
    if isinstance(value, dict):
        kept = {name: brief(one) for name, one in value.items() if one not in (None, [])}
        return {name: one for name, one in kept.items() if not (name == "count" and one == 1)}
    return [brief(one) for one in value] if isinstance(value, list) else value


def facts(shot: Shot) -> dict[str, Any]:
    data = shot.as_data()
    told = {name: brief(value) for name, value in data.items() if value not in (None, [], False)}
    if data["place"]:
        told["place"] = data["place"]["name"]
    unsaid = ("read_by", "language", "reads", "not_understood", "focus", "style", "off_screen")
    return {name: value for name, value in told.items() if name not in unsaid}


def ids(sentence: dict[str, Any]) -> str:
    return f"{sentence['lang']}-{sentence['prompt'][:24]}"


@pytest.mark.parametrize("sentence", SENTENCES, ids=ids)
def test_a_sentence_is_found_to_be_of_its_language_and_read(sentence: dict[str, Any]) -> None:
    assert language_of(sentence["prompt"]) == sentence["lang"]
    shot = read_in(sentence["prompt"], sentence["lang"])
    assert facts(shot) == sentence["expect"]
    assert list(shot.not_understood) == sentence["not_understood"]


@pytest.mark.parametrize("sentence", SENTENCES, ids=ids)
def test_every_word_of_meaning_ends_in_a_span_or_is_told(sentence: dict[str, Any]) -> None:
    prompt, language = sentence["prompt"], sentence["lang"]
    shot = read_in(prompt, language)
    for span in shot.reads:
        assert prompt[span.start : span.end] == span.text, "in code points of the prompt"
    silent = {
        "function", "camera", "conjunction", "of", "with", "to", "from", "through", "relation", "number", "particle",
        "light_word", "pronoun", "contrast", "localiser", MARK,
    }  # fmt: skip
    for item in items(prompt, load(language)):
        read = any(span.start < item.end and item.start < span.end for span in shot.reads)
        small = any(entry.role in silent for entry in item.senses)
        assert read or small or item.text in shot.not_understood, item.text


@pytest.mark.parametrize("language", OTHERS)
def test_every_value_of_a_vocabulary_is_one_that_a_shot_can_have(language: str) -> None:
    known = {
        "size": SIZES, "kind": KINDS, "angle": ANGLES, "camera_height": CAMERA_HEIGHTS, "time_of_day": TIMES_OF_DAY,
        "weather": WEATHERS, "season": SEASONS, "light": LIGHTS, "pose": POSES, "relation": (*RELATIONS, "at"),
        "move": (*MOVES, "crane", "tilt", "zoom", "tilt_weak"), "side": ("left", "right", "center"),
        "depth": ("foreground", "background"),
        "facing": ("camera", "away", "profile", "left", "right", "each_other"),
        "look_toward": ("left", "right", "up", "down", "camera", "away"),
    }  # fmt: skip
    for key, entries in load(language).phrases.items():
        for entry in entries:
            assert entry.value in known.get(entry.role, (entry.value,)), (key, entry)


def test_every_language_names_every_size_angle_and_time() -> None:
    assert set(OTHERS) < set(languages())
    for language in OTHERS:
        said: dict[str, set[str]] = {}
        for entries in load(language).phrases.values():
            for entry in entries:
                said.setdefault(entry.role, set()).add(entry.value)
        assert set(SIZES) <= said["size"], language
        assert set(ANGLES) <= said["angle"], language
        assert set(TIMES_OF_DAY) <= said["time_of_day"], language
        assert set(WEATHERS) <= said["weather"], language
        assert len(said["place"]) > 60, language
        assert len(said["person"]) > 60, language
        assert len(said["thing"]) > 140, language


@pytest.mark.parametrize(
    ("prompt", "language", "size"),
    [
        ("Primer plano de Ana", "es", "close_up"),
        ("Primo piano di Anna", "it", "close_up"),
        ("Plan moyen d'un homme", "fr", "full"),
        ("Plan américain d'une femme", "fr", "medium_wide"),
        ("Amerikanisch, ein Mann", "de", "medium_wide"),
        ("Totale, ein Mann", "de", "wide"),
        ("Halbtotale, ein Mann", "de", "full"),
        ("Halbnah, ein Mann", "de", "medium"),
        ("Nah, ein Mann", "de", "medium_close_up"),
        ("Groß: ein Mann", "de", "close_up"),
        ("近景,男人", "zh", "medium_close_up"),
        ("特写,男人", "zh", "close_up"),
        ("バストショット、男の顔", "ja", "medium_close_up"),
    ],
)
def test_false_friends_are_known(prompt: str, language: str, size: str) -> None:
    assert language_of(prompt) == language
    assert read_in(prompt, language).size == size


@pytest.mark.parametrize(
    "prompt",
    [
        "CU Maria, tears, golden hour",
        "OTS Jean onto Marie, INT. CAFÉ - NIGHT",
        "Travelling shot alongside a cyclist",
        "Señor Gómez in a bar, 35mm",
        "a man, a dog, fog",
        "",
        "50mm",
    ],
)
def test_english_stays_english(prompt: str) -> None:
    assert language_of(prompt) == "en"


def test_an_accent_left_out_and_a_typing_error_are_forgiven_and_told() -> None:
    shot = read_in("Contre-plongee d'un pompeir sous la pluie, ete", "fr")
    assert (shot.angle, shot.people[0].who, shot.season, shot.weather) == ("low", "fireman", "summer", ("rain",))
    assert [(span.text, span.read_as) for span in shot.reads if span.read_as] == [("pompeir", "pompier")]


def test_traditional_characters_are_read_as_the_simplified_ones() -> None:
    shot = read_in("特寫,媽媽坐在窗邊,鏡頭緩慢推近,燭光", "zh")
    assert (shot.size, shot.people[0].who, shot.people[0].pose, shot.light) == (
        "close_up",
        "mother",
        "sit",
        ("candle",),
    )
    assert (shot.moves[0].kind, shot.moves[0].speed) == ("push_in", "slow")


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize(
    "prompt",
    ["", " ", "—", "...", "\U0001f3ac\U0001f3ac", "ß", "、、、", "的的的", "de de de", "a" * 1000, "INT.", "-" * 300],
)
def test_nothing_that_is_written_is_too_much(prompt: str, language: str) -> None:
    assert isinstance(read_in(prompt, language), Shot)


@pytest.mark.parametrize(
    ("prompt", "names", "people"),
    [
        ("Der Wirt sitzt am Tisch, die Hoffnung lacht", ["Wirt"], ["Wirt"]),
        ("Hannas Hand auf dem Tisch, GAST steht links", ["Hanna", "Gast"], ["Hanna", "Gast"]),
        ("Plan américain de Lumière, adossée au mur", ["Lumière"], ["Lumière"]),
        ("Primer plano de Sombra, mira a Nube", ["Sombra", "NUBE, 30"], ["Sombra", "Nube"]),
        ("Primo piano di Luce seduta al tavolo", ["Luce"], ["Luce"]),
        ("Plano médio de Sol sentada num banco", ["Sol"], ["Sol"]),
        ("桜が窓のそばに立っている、夜", ["桜"], ["桜"]),
        ("中景,云朵坐在桌子旁边,夜", ["云朵"], ["云朵"]),
    ],
)
def test_the_names_of_a_cast_are_people_s_whatever_else_their_words_mean(
    prompt: str, names: list[str], people: list[str]
) -> None:
    assert [person.who for person in read_shot(prompt, names=names).people] == people
    assert [person.who for person in read_shot(prompt).people] != people, "without the cast they say something else"


@pytest.mark.parametrize(
    ("prompt", "who"),
    [
        ("Gros plan sur les mains de Marie", ["Marie"]),
        ("Marie est assise près de la fenêtre", ["Marie"]),
        ("Pierre est assis à gauche", ["Pierre"]),
        ("Plan moyen de Pierre et Marie dans la cuisine", ["Pierre", "Marie"]),
        ("Une pierre sur la table", []),
        ("La mariée pleure devant la pierre", ["bride"]),
        ("Nina está sentada en la cocina", ["Nina"]),
        ("Una niña está sentada en la cocina", ["girl"]),
        ("Ella mira a la cámara", ["she"]),
        ("Primo piano di Stella alla finestra", ["Stella"]),
    ],
)
def test_a_given_name_that_is_a_word_as_well_is_a_name_where_it_is_written_as_one(prompt: str, who: list[str]) -> None:
    assert [person.who for person in read_shot(prompt).people] == who


@pytest.mark.parametrize("language", languages())
def test_every_choice_of_endings_in_a_vocabulary_is_closed_and_says_a_word(language: str) -> None:
    keys = load(language).phrases
    assert [key for key in keys if any(set("{}|") & set(word) for word in key)] == []
    stubs = ("thing", "person", "place")
    assert [
        key for key, said in keys.items() if len("".join(key)) == 1 and key[0].isascii() and said[0].role in stubs
    ] == []


@pytest.mark.parametrize(
    ("language", "typed", "meant"),
    [
        ("en", "clowdy", "cloudy"), ("en", "masc", "mask"), ("en", "akordion", "accordion"), ("de", "fogel", "vogel"),
        ("de", "schtrasse", "strasse"), ("fr", "fenaitre", "fenêtre"), ("es", "bentana", "ventana"),
        ("it", "regazza", "ragazza"), ("pt", "prassa", "praça"),
    ],
)  # fmt: skip
def test_a_word_spelled_by_ear_is_the_one_that_sounds_like_it(language: str, typed: str, meant: str) -> None:
    assert load(language).correct(typed) in (meant, meant.replace("ss", "ß"))


@pytest.mark.parametrize(
    ("language", "word"), [("en", "hoarse"), ("en", "mourning"), ("de", "beeren"), ("fr", "ailes"), ("pt", "quarta")]
)
def test_a_common_word_that_sounds_like_one_of_the_vocabulary_stays(language: str, word: str) -> None:
    assert load(language).correct(word) is None


@pytest.mark.parametrize("prompt", [
    "Ein Mann wartet draußen.", "Totale vor einer Bäckerei bei Nacht", "Un homme attend dehors",
    "Plan large devant une boulangerie, la nuit", "Una mujer espera afuera",
    "Plano general frente a una panadería de noche", "Plano general fuera del hospital de noche",
    "Campo lungo davanti a una panetteria, notte", "Un uomo aspetta fuori",
    "Plano geral em frente a uma padaria à noite", "Uma mulher espera lá fora",
    "パン工房の前で待つ男", "男が外で待っている", "夜晚面包房外面,一个男人在等", "一个男人在户外跑步",
])  # fmt: skip
def test_before_a_building_and_outside_is_outdoors(prompt: str) -> None:
    shot = read_shot(prompt)
    assert (shot.int_ext, shot.not_understood) == ("EXT", ())


@pytest.mark.parametrize(("prompt", "has"), [
    ("Eine Frau am Fenster, draußen Regen", None), ("Une femme à la fenêtre, la pluie dehors", None),
    ("Un uomo legge in cucina, fuori nevica", None), ("INT. KÜCHE - TAG. Ada geht nach draußen.", "INT"),
])  # fmt: skip
def test_what_is_outside_a_window_or_a_heading_leaves_the_shot_where_it_is(prompt: str, has: str | None) -> None:
    assert read_shot(prompt).int_ext == has


def test_a_brace_of_the_notation_that_is_not_closed_is_an_error_and_not_a_word_that_nobody_knows() -> None:
    for broken in ("serr{a", "e}", "sala d'attes{a|e"):
        with pytest.raises(ValueError, match="brace"):
            list(expand(broken, "italian"))
    assert list(expand("serr{a|e}", "italian")) == ["serra", "serre"]


@pytest.mark.parametrize(("prompt", "seen"), [
    ("Un orso nel bosco", "bear"), ("Un faro sulla scogliera", "lighthouse"), ("Um leão na praia", "lion"),
    ("Um espantalho num campo", "scarecrow"), ("森の中の熊", "bear"), ("雪の中の雪だるま", "snowman"),
    ("沙发上有一条蛇", "snake"), ("医院门口,一辆救护车", "ambulance"),
])  # fmt: skip
def test_animals_and_tools_are_known_in_each_language(prompt: str, seen: str) -> None:
    shot = read_shot(prompt)
    assert seen in {prop.what for prop in shot.props} | {shot.place.name if shot.place else None}
    assert shot.not_understood == ()
