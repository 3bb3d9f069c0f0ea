"""A script that changed keeps the names of its shots, by their words: what stays needs no new take."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auteur.adapters.scripts.fountain import read_fountain
from auteur.domain.film import RATES, FilmShot, Speech
from auteur.domain.film_shots import shots_of
from auteur.domain.film_update import FilmUpdate, updated

A = (
    "INT. BAKERY - NIGHT\n\nFlour on the table, four loaves.\n\nPIOTR (40) hangs up the phone.\n\n"
    "Snow at the window.\n\n"
)
B = "EXT. YARD - NIGHT\n\nOne van, the engine on.\n\nA dog looks at the van.\n\n"
C = "INT. VAN - DAWN\n\nTwo cups on the board.\n\n"


def shots(text: str) -> tuple[FilmShot, ...]:
    return shots_of(read_fountain(text), RATES["24"])


def compared(before: str, now: str, used: tuple[str, ...] = ()) -> FilmUpdate:
    return updated(shots(before), shots(now), used)


def names(update: FilmUpdate) -> list[str]:
    return [shot.name for shot in update.shots]


def test_the_same_script_changes_nothing() -> None:
    update = compared(A + B, A + B)
    assert update.kept == ("1-1", "1-2", "1-3", "2-1", "2-2")
    assert update.changed == update.added == update.removed == ()
    assert update.shots == shots(A + B)


def test_a_sentence_that_changed_changes_its_shot_alone() -> None:
    update = compared(A + B, A.replace("four loaves", "five loaves") + B)
    assert update.changed == ("1-1",)
    assert (update.added, update.removed) == ((), ())


def test_what_is_inserted_is_named_after_what_it_follows() -> None:
    update = compared(A, A.replace("Snow", "The oven goes out.\n\nHe lights a match.\n\nSnow") + "He sleeps.\n\n")
    assert names(update) == ["1-1", "1-2", "1-2A", "1-2B", "1-3", "1-4"]
    assert update.added == ("1-2A", "1-2B", "1-4")
    assert update.kept == ("1-1", "1-2", "1-3")


def test_a_scene_that_is_inserted_moves_no_name_of_another() -> None:
    update = compared(A + B, A + C + B)
    assert [(shot.scene, shot.name) for shot in update.shots] == [
        ("1", "1-1"), ("1", "1-2"), ("1", "1-3"), ("1A", "1A-1"), ("2", "2-1"), ("2", "2-2"),
    ]  # fmt: skip
    assert update.added == ("1A-1",)


def test_scenes_in_another_order_are_the_same_scenes() -> None:
    update = compared(A + B + C, B + A + C)
    assert names(update) == ["2-1", "2-2", "1-1", "1-2", "1-3", "3-1"]
    assert (update.changed, update.added, update.removed) == ((), (), ())


def test_what_is_taken_out_is_said_and_its_name_is_not_used_again() -> None:
    gone = compared(A + B, A.replace("Snow at the window.\n\n", "") + B)
    assert gone.removed == ("1-3",)
    assert gone.kept == ("1-1", "1-2", "2-1", "2-2")
    again = updated(
        gone.shots, shots(A.replace("Snow at", "A wholly different thing at the end, by") + B), gone.removed
    )
    assert [name for name in names(again) if name not in names(gone)] == ["1-4"]


def test_a_new_heading_changes_all_shots_of_its_scene_and_no_name() -> None:
    update = compared(A + B, A.replace("NIGHT", "DAWN") + B)
    assert update.changed == ("1-1", "1-2", "1-3")
    assert (update.added, update.removed) == ((), ())


def test_a_speech_that_changed_needs_no_new_picture_but_its_length() -> None:
    before = A + "PIOTR\nNobody there.\n"
    update = compared(before, before.replace("there", "there, not in the yard and not in the street, not tonight"))
    assert update.changed == update.added == update.removed == ()
    assert update.shots[-1].speeches == (
        Speech(character="PIOTR", text="Nobody there, not in the yard and not in the street, not tonight."),
    )
    assert update.shots[-1].frames > shots(before)[-1].frames


def test_a_length_that_was_set_by_hand_stays() -> None:
    before = [replace(shot, frames=17, dissolve_frames=5, by_hand=True) for shot in shots(A)]
    update = updated(before, shots(A.replace("four", "five")))
    assert [(shot.frames, shot.dissolve_frames, shot.by_hand) for shot in update.shots] == [(17, 5, True)] * 3


def test_a_shot_list_is_known_by_its_own_names() -> None:
    before = [FilmShot(name="12A", prompt="CU. A dog."), FilmShot(name="12B", prompt="WS. A cat.")]
    now = [
        FilmShot(name="12B", prompt="WS. A cat."),
        FilmShot(name="12A", prompt="CU. A cat."),
        FilmShot(name="13", prompt="x"),
    ]
    update = updated(before, now, named=True)
    assert (update.kept, update.changed, update.added, update.removed) == (("12B",), ("12A",), ("13",), ())


@pytest.mark.parametrize("count", [40, 400])
def test_many_shots_alike_are_told_apart_by_their_order(count: int) -> None:
    text = "INT. HALL - DAY\n\n" + "A door opens.\n\n" * count
    update = compared(text, text + "A door opens.\n\n")
    assert update.kept == tuple(f"1-{number}" for number in range(1, count + 1))
    assert update.added == (f"1-{count + 1}",)


_PARAGRAPHS = st.lists(
    st.sampled_from(
        [
            "Rain.",
            "A dog runs.",
            "A dog runs fast.",
            "JO (4) sits.",
            "INT. A - DAY",
            "EXT. B - DAY",
            "JO\nHi.",
        ]
    ),
    max_size=14,
)


@given(_PARAGRAPHS, _PARAGRAPHS, _PARAGRAPHS)
def test_whatever_changes_no_name_is_used_twice_and_every_shot_is_accounted_for(
    first: list[str], second: list[str], third: list[str]
) -> None:
    used: tuple[str, ...] = ()
    before: tuple[FilmShot, ...] = ()
    for paragraphs in (first, second, third):
        now = shots("\n\n".join(paragraphs))
        update = updated(before, now, used)
        found = names(update)
        assert len(set(found)) == len(found)
        assert sorted([*update.kept, *update.changed, *update.added]) == sorted(found)
        assert {shot.name for shot in before} == {*update.kept, *update.changed, *update.removed}
        assert not set(found) & set(used)
        assert [shot.prompt for shot in update.shots] == [shot.prompt for shot in now]
        used, before = (*used, *update.removed), update.shots
        assert updated(before, now, used).kept == tuple(found)
