"""What a sentence names is in its picture, or is said not to be; the rules for that find what is broken on purpose.

``FILM_SENTENCES`` says how many sentences by chance (60); `make film-shown` tries 2 000.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from auteur.adapters.engines.previs.staging.props import BODILESS, PIECES, canonical, kin
from auteur.adapters.engines.previs.staging.stage import Stage
from tests.film.saying import Saying, nouns, said
from tests.film.shown import FEW, Pictured, faults, looked_at, pictured, tally
from tests.film.things import listed

SENTENCES = int(os.environ.get("FILM_SENTENCES", "60"))


@pytest.mark.timeout(600 + SENTENCES)
def test_what_sentences_by_chance_name_is_in_the_picture_or_is_said_not_to_be() -> None:
    found = {seed: pictured(said(seed)) for seed in range(SENTENCES)}
    wrong = {
        seed: (seen.saying.words, told, seen.stage.unmet) for seed, seen in found.items() if (told := faults(seen))
    }
    assert len(wrong) <= SENTENCES * 0.002, wrong
    rates = tally(found)
    sys.stdout.write(
        f"{len(wrong)} of {SENTENCES} sentences with a fault; of {rates['named']} things and people that they name "
        f"{rates['shown']:.1%} are seen and {rates['told']:.1%} are said not to be\n"
    )
    assert rates["shown"] > 0.85, "most of what is named is to be seen, not told"


LIGHTHOUSE = Saying(
    "wide shot of a lighthouse at dusk, waves, a man in a red coat on the left", ("lighthouse",), ("man",), water=True
)


def test_a_wide_shot_has_the_lighthouse_from_foot_to_lantern_and_the_man_and_the_sea() -> None:
    seen = pictured(LIGHTHOUSE)
    assert faults(seen) == []
    assert seen.stage.unmet == ()
    assert seen.counts["lighthouse"] > 0.01 * seen.total
    assert seen.counts["man"] > 0.005 * seen.total
    assert seen.counts["sea"] > 0.05 * seen.total
    assert not any(thing.kind in ("wave", "crate", "block") for thing in seen.stage.world.things)


@pytest.mark.parametrize(
    "words",
    [
        "wide shot of a woman by the sea", "a man at the lake", "Tom near the river, full shot",
        "a sailor beside the ocean", "EXT. SEA - DAY. Anna waits.",
    ],
)  # fmt: skip
def test_who_is_by_the_water_stands_on_the_shore_and_the_water_is_seen(words: str) -> None:
    seen = pictured(Saying(words, water=True, ashore=True))
    assert faults(seen) == []
    assert seen.stage.unmet == ()
    assert seen.counts["sea"] > 0.03 * seen.total


PLANTED: dict[str, tuple[Saying, Callable[[Stage], Stage], str]] = {
    "the camera looks elsewhere": (LIGHTHOUSE, lambda made: replace(
        made, camera=replace(made.camera, target=(made.camera.at[0] - 9, 1.0, made.camera.at[2] + 1))),
        "silent: no lighthouse"),
    "what is seen is said to be out": (LIGHTHOUSE, lambda made: replace(
        made, unmet=("The lighthouse lies outside the frame.",)), "false: The lighthouse"),
    "who is seen is said to be hidden": (
        Saying("full shot of a man in a field", (), ("man",)),
        lambda made: replace(made, unmet=("man is hidden by tree 2.",)), "false: man"),
    "a thing is not built": (LIGHTHOUSE, lambda made: _without(made, "lighthouse"), "silent: no lighthouse"),
    "a person is not built": (LIGHTHOUSE, lambda made: _without(made, "man"), "silent: no man"),
    "there is no sea": (LIGHTHOUSE, lambda made: replace(
        made, world=replace(made.world, sea_z=None)), "silent: no water"),
    "the plan has it where the picture has not": (
        Saying("wide shot of a dog in a field, a man", ("dog",), ("man",)),
        lambda made: replace(made, props=tuple(replace(mark, at=(400.0, 0.0, -60.0)) for mark in made.props)), "cut: "),
    "a block is not owned up to": (
        Saying("full shot of a stethoscope on a table", ("stethoscope", "table")),
        lambda made: replace(made, unmet=()), "silent: stethoscope is a plain block"),
    "a stand-in is not owned up to": (
        Saying("wide shot of a zebra in a field", ("zebra",)),
        lambda made: replace(made, unmet=()), "silent: zebra is a horse"),
    "somebody stands on the water": (
        Saying("a man by the sea", (), ("man",), water=True, ashore=True),
        lambda made: replace(made, people=(replace(made.people[0], at=(0.0, 0.0, -20.0)),)), "afloat: man"),
}  # fmt: skip


@pytest.mark.parametrize("planted", PLANTED)
def test_a_fault_that_is_planted_is_found(planted: str) -> None:
    saying, breaks, found = PLANTED[planted]
    seen = pictured(saying)
    assert faults(seen) == []
    made = breaks(seen.stage)
    broken = Pictured(saying, seen.shot, made, looked_at(made, saying.aspect))
    assert any(told.startswith(found) for told in faults(broken)), faults(broken)


def _without(made: Stage, name: str) -> Stage:
    own = {index for index, thing in enumerate(made.world.things) if thing.name == name}
    return replace(made, world=replace(made.world, forms=tuple(f for f in made.world.forms if f.thing not in own)))


@pytest.mark.parametrize("place", ["a cafe", "a field"])
@pytest.mark.parametrize("weather", ["rain", "snow", "thunderstorm"])
def test_what_falls_from_the_sky_is_drawn_or_said_not_to_be(place: str, weather: str) -> None:
    seen = pictured(Saying(f"a woman in {place}, {weather}", ()))
    drawn = seen.stage.world.fall is not None
    assert drawn != any("outside is not drawn" in told for told in seen.stage.unmet)
    assert drawn == (place == "a field")


SEVERAL = {
    "Two men at a table, one reads, the other smokes": 2,
    "A man and another man shake hands": 2,
    "Three soldiers by a fire, one sleeps": 3,
    "Two detectives argue beside a parked police car at night, one points at the house": 2,
    "A woman hands a letter to another woman": 2,
    "Four children on a wall, two of them wave": 4,
    "Wide. A guard at the left of the door, a guard at its right": 2,
}


@pytest.mark.parametrize("words", SEVERAL)
def test_each_of_several_who_go_by_one_noun_is_in_the_picture_or_is_said_not_to_be(words: str) -> None:
    seen = pictured(Saying(words, ()))
    assert len(seen.stage.people) == SEVERAL[words]
    for name in [mark.name for mark in seen.stage.people]:
        assert seen.counts.get(name, 0) >= FEW or any(name in told for told in seen.stage.unmet), name


def test_no_noun_of_the_vocabulary_is_a_crate_that_is_none() -> None:
    crates = {noun for noun in nouns() if canonical(noun) == "crate"}
    assert crates <= {"crate", "wooden box", "boxes", "chest box", "beehive", "pallet"}, crates
    assert all(kin(noun) for noun in crates & {"beehive", "pallet"}), "said"


def test_most_nouns_of_the_vocabulary_have_a_form_and_the_list_says_what_each_becomes() -> None:
    blocks = [noun for noun in nouns() if canonical(noun) is None and noun.lower().replace("-", " ") not in BODILESS]
    assert len(blocks) < 0.07 * len(nouns()), blocks
    assert {canonical(noun) for noun in nouns()} - {None} <= PIECES.keys()
    page = (Path(__file__).parents[2] / "docs" / "things.md").read_text("utf-8")
    assert page == listed(), "python -m tests.film.things docs"
