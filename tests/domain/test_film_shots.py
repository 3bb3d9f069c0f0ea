"""Scenes are cut into shots by rules that are told, the same ones for the same script."""

from fractions import Fraction
from pathlib import Path

import pytest

from auteur.adapters.engines.editorial.parameters import ShotParameters
from auteur.adapters.scripts.fountain import read_fountain
from auteur.adapters.scripts.reading import read_script
from auteur.domain.film import RATES, FilmShot, Speech
from auteur.domain.film_export import plain
from auteur.domain.film_making import Film
from auteur.domain.film_shots import LONGEST_PROMPT, sexes_of, shots_of
from auteur.domain.film_timing import frames_for, words_in
from auteur.protocol.film import FilmBody

RATE = RATES["24"]
SCRIPTS = Path(__file__).parents[1] / "fixtures" / "scripts"


def shots(text: str, **options: object) -> list[FilmShot]:
    return list(shots_of(read_fountain(text), RATE, **options))  # type: ignore[arg-type]


def prompts(text: str) -> list[str]:
    return [shot.prompt for shot in shots(text)]


def test_a_scene_begins_with_its_place() -> None:
    (inside,) = prompts("INT. KITCHEN - NIGHT\n\nA kettle. Nobody.\n")
    (outside,) = prompts("EXT. FIELD - DAY\n\nSnow.\n")
    (empty,) = prompts("INT. HALL - DAY\n")
    assert inside == "Wide master shot. A kettle. Nobody. INT. KITCHEN - NIGHT."
    assert outside == "Wide establishing shot. Snow. EXT. FIELD - DAY."
    assert empty == "Wide master shot. INT. HALL - DAY."


@pytest.mark.parametrize(
    "words",
    [
        "CLOSE ON the ring.", "ANGLE ON the door", "POV - the street below.", "INSERT - THE LETTER",
        "OTS Jo onto Mo, 50mm.", "ECU - the red lamp, going green.", "Low angle. One window.", "H/A. One van.",
        "Wide, 24mm. A table.",
        "Overhead, 35mm, static. Flour.", "Handheld, 16mm grain. The same van.", "Steadicam - we follow.",
        "Over Jo's shoulder: the sea.", "TRACKING - the dog.", "Medium two-shot of Jo and Mo.", "WS. Mist.",
    ],
)  # fmt: skip
def test_what_the_writer_says_of_the_camera_is_done_as_it_stands(words: str) -> None:
    first, *rest = prompts(f"EXT. FIELD - DAY\n\n{words}\n\nSnow.\n")
    assert first == f"{words.rstrip('.')}. EXT. FIELD - DAY."
    assert len(rest) == 1
    (_, second) = prompts(f"EXT. FIELD - DAY\n\nSnow.\n\n[[{words}]]\n")
    assert second == first


@pytest.mark.parametrize(
    "words",
    ["Low clouds hang.", "High windows.", "On the table a knife.", "Wide eyes look.", "Pan in hand, he waits.",
     "Medium rare, he says.", "Highly unlikely.", "Ms. Abara enters.", "Shots ring out.", "Angleton waits."],
)  # fmt: skip
def test_a_sentence_that_only_begins_like_a_shot_is_action(words: str) -> None:
    assert prompts(f"EXT. FIELD - DAY\n\n{words}\n")[0].startswith("Wide establishing shot. ")


def test_action_is_framed_by_who_is_in_it() -> None:
    found = prompts(
        "INT. HUT - DAY\n\nRain.\n\nJO (40) sits.\n\nJo and MO (30) eat.\n\nShe laughs.\n\nThey wait.\n\n"
        "The fire dies.\n\nJO\nSo.\n\nMO\nSo.\n\nBO\nSo.\n\nJo, Mo and Bo leave.\n"
    )
    assert found[1:6] == [
        "Medium shot of Jo. JO (40) sits. INT. HUT - DAY.",
        "Medium wide two-shot of Jo and Mo. Jo and MO (30) eat. INT. HUT - DAY.",
        "Medium shot of Jo. She laughs. INT. HUT - DAY.",
        "Medium wide two-shot of Jo and Mo. They wait. INT. HUT - DAY.",
        "Wide shot. The fire dies. INT. HUT - DAY.",
    ]
    assert found[-1] == "Wide group shot of Jo, Mo and Bo. Jo, Mo and Bo leave. INT. HUT - DAY."


def test_a_thing_in_capitals_has_an_insert_and_a_noise_has_none() -> None:
    found = prompts(
        "INT. HUT - DAY\n\nRain.\n\nJO (40) takes the SILVER WHISTLE.\n\nA KNIFE on the table.\n\nA BANG.\n\n"
        "THE WINDSCREEN\n\ncracks.\n\nALL OF IT GONE.\n"
    )
    assert [prompt.removesuffix(" INT. HUT - DAY.") for prompt in found[1:]] == [
        "Medium shot of Jo. JO (40) takes the SILVER WHISTLE.",
        "Insert of the silver whistle.",
        "Insert of the knife. A KNIFE on the table.",
        "Wide shot. A BANG.",
        "Insert of the windscreen. The windscreen cracks.",
        "Wide shot. ALL OF IT GONE.",
    ]


TALK = "\n\n".join(f"{'JO' if turn % 2 == 0 else 'MO'}\nThat is line number {turn}." for turn in range(8))


def test_two_who_talk_are_covered_from_wide_to_close_and_stay_on_their_sides() -> None:
    talk = shots(f"INT. HUT - DAY\n\nRain.\n\n{TALK}\n")[1:]
    assert [shot.prompt.split(". ")[0] for shot in talk[:3]] == [
        "Medium two-shot of Jo and Mo, facing each other",
        "OTS Jo onto Mo, medium shot, Mo frame right, looking left",
        "OTS Mo onto Jo, medium shot, Jo frame left, looking right",
    ]
    assert all(shot.prompt.startswith(("Medium close-up of", "Close-up of")) for shot in talk[5:])
    for shot in talk[1:]:
        wanted = "frame left, looking right" if shot.speeches[0].character == "JO" else "frame right, looking left"
        assert wanted in shot.prompt
    assert [shot.speeches[0].text for shot in talk] == [f"That is line number {turn}." for turn in range(8)]


def test_who_is_heard_and_not_seen_is_covered_by_who_hears() -> None:
    found = shots(
        "INT. HUT - DAY\n\nRain.\n\nMO (O.S.)\nWho is there?\n\nJO\nMe.\n\nMO (V.O.)\nI knew.\n\nRADIO\nNews.\n"
    )
    assert [(shot.prompt.split(".")[0], [s.character for s in shot.speeches]) for shot in found] == [
        ("Wide master shot", ["MO"]),
        ("Medium close-up of Jo", ["JO"]),
        ("Close-up of Jo, listening", ["MO", "RADIO"]),
    ]
    assert all("MO" not in shot.cast for shot in found)


def test_speeches_side_by_side_are_a_two_shot_and_a_word_stays_in_it() -> None:
    found = shots(
        "INT. HUT - DAY\n\nRain.\n\nJO\nYou did it again.\n\nMO\nYes.\n\nJO\nWhy on earth?\n\nMO ^\nBecause of you!\n"
    )
    assert [[s.character for s in shot.speeches] for shot in found[1:]] == [["JO", "MO"], ["JO", "MO"]]
    assert found[2].prompt.startswith("Medium wide two-shot of Jo and Mo, both speaking.")


def test_nothing_that_is_said_or_done_is_lost() -> None:
    for path in sorted(SCRIPTS.glob("*.fountain")):
        script = read_script(path.read_bytes(), path.name, RATE)
        made = shots_of(script, RATE)
        said = " ".join(" ".join([shot.action, *(s.text for s in shot.speeches), *shot.notes]) for shot in made)
        there = {word.casefold().strip(".,:!?…") for word in said.replace("\n", " ").split()}
        for scene in script.scenes:
            for element in scene.elements:
                if element.kind in ("action", "dialogue", "lyrics", "note", "parenthetical", "centered"):
                    lost = {word.casefold().strip(".,:!?…") for word in element.text.split()} - there
                    assert not lost, (path.name, element)


def test_the_same_script_gives_the_same_shots_each_with_a_name_of_its_own() -> None:
    for path in sorted(SCRIPTS.glob("*.fountain")):
        script = read_script(path.read_bytes(), path.name, RATE)
        made = shots_of(script, RATE)
        assert made == shots_of(script, RATE)
        assert len({shot.name for shot in made}) == len(made)
        assert all(shot.frames > 0 and shot.line and shot.page for shot in made)
        assert [shot.line for shot in made] == sorted(shot.line or 0 for shot in made)


def test_a_time_of_the_story_is_the_time_of_day_before_it() -> None:
    found = prompts(
        "INT. A - NIGHT\n\nx\n\nEXT. B - CONTINUOUS\n\ny\n\nEXT. C - LATER\n\nz\n\nINT. D\n\nINT. E - SAME\n"
    )
    assert [prompt.split(". ")[-1] for prompt in found] == ["A - NIGHT.", "B - NIGHT.", "C - NIGHT.", "D.", "E - SAME."]


def test_a_dissolve_is_a_second_into_the_shot_after_it() -> None:
    found = shots("INT. A - DAY\n\nx\n\n> DISSOLVE TO:\n\nINT. B - DAY\n\ny\n\nCUT TO:\n\nINT. C - DAY\n\nz\n")
    assert [shot.dissolve_frames for shot in found] == [0, 24, 0]


def test_scenes_without_or_with_the_same_number_have_labels_of_their_own() -> None:
    text = "INT. A - DAY #2#\n\nINT. B - DAY\n\nINT. C - DAY #2#\n\nINT. D - DAY\n"
    assert [shot.scene for shot in shots(text)] == ["2", "2x", "2.2", "4"]
    assert [shot.name for shot in shots(text, scenes=["4", "2x"])] == ["2x-1", "4-1"]


def test_a_text_without_a_heading_is_one_scene() -> None:
    assert [shot.name for shot in shots("A dog runs.\n\nIt stops.\n")] == ["1-1", "1-2"]


def test_a_long_paragraph_is_cut_between_sentences_and_a_long_sentence_fits_the_prompt() -> None:
    sentence = "He walks on and on and nobody in the whole wide valley sees him at all. "
    found = shots("EXT. A - DAY\n\n" + sentence * 6 + "\n\n" + "word " * 900 + "\n")
    assert len(found) == 4
    assert all(shot.action.endswith("at all.") for shot in found[:3])
    assert found[-1].action == ("word " * 900).strip()
    assert len(found[-1].prompt) <= LONGEST_PROMPT


def test_a_shot_lasts_as_long_as_what_is_said_in_it() -> None:
    ten = Speech(character="JO", text="one two three four five six seven eight nine ten")
    assert frames_for("", (ten,), Fraction(24)) == round(24 * (4 + 0.5))
    assert frames_for("", (ten, ten), Fraction(24)) == (24 * 9)
    assert frames_for("He goes.", (), Fraction(25)) == 50
    assert frames_for("word " * 1000, (), Fraction(24)) == 60 * 24
    assert frames_for("", (ten,), Fraction(30000, 1001)) == 135
    assert words_in("行こう。 one") == 3


def test_who_is_she_or_he_in_a_script_is_told_and_of_nobody_else_is_a_sex_made_up() -> None:
    script = read_fountain(
        "INT. TOWER - NIGHT\n\nMARIT climbs. She carries a lantern.\n\nKOFI waits. He looks at his watch.\n\n"
        "ROBIN sits.\n\nVEGA looks up. She sees that he is late.\n\nMarit meets Robin. He smiles.\n\n"
        "MARIT\nLate.\n\nROBIN\nI know.\n\nKOFI\nYes.\n\nVEGA\nNo.\n"
    )
    assert sexes_of(script) == {"MARIT": "woman", "KOFI": "man"}


@pytest.mark.parametrize(
    "text",
    [
        "INT. " + "VERY LONG PLACE " * 80 + "- DAY\n\nRain.\n",
        "INT. A - DAY\n\nRain.\n\n" + "\n\n".join(f"[[Note {number}.]]" for number in range(260)),
        "INT. A - DAY\n\nJO\n" + "word " * 9000,
        "INT. A - DAY\n\nRain.\n\n" + "\n\n".join(f"{('RADIO', 'TV')[n % 2]}\nHello {n}." for n in range(500)),
        "INT. A - DAY\n\n" + "JO " * 90 + "\nHello.\n",
        "INT. A - DAY\n\nJO (" + "ON THE PHONE " * 20 + ")\nHello.\n",
        "INT. A - DAY\n\n" + "word" * 9000 + ".\n",
        "INT. A - DAY #" + "9" * 150 + "#\n\nRain.\n",
    ],
    ids=["heading", "notes", "monologue", "voices", "cue", "extension", "action", "number"],
)
def test_however_much_there_is_of_something_a_film_and_its_hand_over_hold_it(text: str) -> None:
    made = shots(text)
    FilmBody.model_validate_json(Film(shots=tuple(made)).as_json())
    for shot in made:
        ShotParameters.model_validate(plain(shot))
    told = " ".join(" ".join((*(speech.text for speech in shot.speeches), *shot.notes)) for shot in made)
    assert "Note 0." not in text or all(f"Note {number}." in told for number in range(260))
    assert "Hello 1." not in text or all(f"Hello {number}." in told for number in range(500))
    assert "word " not in text or told.split().count("word") == 9000
