"""Every shot that a script becomes is staged with the cast and set that it is made with, and held to the rules."""

from fractions import Fraction

import pytest

from auteur.adapters.engines.previs.reading.sentences import read_shot
from auteur.adapters.engines.previs.shooting import staged
from auteur.adapters.scripts.fountain import read_fountain
from auteur.domain.film import FilmShot
from auteur.domain.film_library import resource_name
from auteur.domain.film_shots import shots_of
from tests.film.rules import broken

SCRIPT = """
EXT. GARDEN - EVENING

A long table. HOPE waits at it.

THE HOST, 30
You are early.

HOPE
We are the last.

THE HOST, 30
That is what I meant.

HOPE
I hope you did.

INT. VAN - NIGHT

DRIVER 2
No.

DRIVER 1
Yes.

DRIVER 2
No.

INT. LOBBY - DAY

INTERCOM
Seventy-one.

GUARD #2
That is you.

INTERCOM
Seventy-two.
"""
ASPECT = 16 / 9


def _params(shot: FilmShot) -> dict[str, object]:
    """What the task of such a shot is made of, as the film asks for it."""
    cast = [{"name": resource_name(name), "called": name} for name in shot.cast]
    on = {"name": shot.set_name, "place": (shot.set_name or "").replace("-", " ")}
    return {"prompt": shot.prompt, "seed": 7, "width_px": 1600, "height_px": 900, "cast": cast, "set": on}


SHOTS = shots_of(read_fountain(SCRIPT), Fraction(24))


@pytest.mark.parametrize("film_shot", SHOTS, ids=lambda shot: shot.name)
def test_a_shot_of_a_script_obeys_the_rules_whatever_its_people_are_called(film_shot: FilmShot) -> None:
    shot, made = staged(_params(film_shot))
    assert broken(shot, made, ASPECT) == []


def test_each_over_the_shoulder_is_of_another_and_sees_the_other_s_face() -> None:
    past = [staged(_params(shot))[0].over_shoulder for shot in SHOTS if shot.prompt.startswith("OTS")]
    pairs = [(over.of, over.on) for over in past if over is not None]
    assert ("The Host", "Hope") in pairs
    assert ("Hope", "The Host") in pairs
    assert all(of and on and of != on for of, on in pairs)


def test_a_word_is_a_name_where_it_is_known_as_one_and_has_its_capital() -> None:
    names = ("THE HOST, 30", "DRIVER 2", "GUARD #2", "HOPE", "THE BOY")
    said = {
        "Medium two-shot of The Host and Driver 2": ["The Host", "Driver 2"],
        "The Host walks to Guard #2": ["The Host", "Guard # 2"],
        "MS of the boy": ["boy"],
        "MS of a woman in the hope of rain": ["woman"],
    }
    assert {words: [person.who for person in read_shot(words, names=names).people] for words in said} == said


def test_a_two_shot_of_one_has_the_other_of_the_cast_in_the_frame() -> None:
    cast = [{"name": "ada", "called": "Ada"}, {"name": "ben", "called": "Ben"}]
    params = {"prompt": "Medium two-shot of Ada", "seed": 3, "width_px": 1600, "height_px": 900, "cast": cast}
    shot, made = staged(params)
    assert sorted(mark.name for mark in made.people) == ["Ada", "Ben"]
    assert {"Ada", "Ben"} >= {person.who for person in shot.people}
    assert not made.unmet
