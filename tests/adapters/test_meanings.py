"""Which words became what: told on the words, so that a person can correct them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auteur.adapters.engines.previs.reading.meanings import VOCABULARY, as_data, meanings, unread
from auteur.adapters.engines.previs.reading.reader import PROPS, read
from auteur.adapters.engines.previs.storyboard import FrameParameters

ONE_OF_SEVERAL = ("props", "people", "lens_mm", "f_stop")


def told(prompt: str, **overrides: str) -> dict[str, tuple[str, str, bool]]:
    shot = read(prompt, **overrides)  # type: ignore[arg-type]
    return {
        f"{prompt[one.start : one.end]}/{one.subject}": (one.subject, one.name, one.used)
        for one in meanings(prompt, shot)
    }


def test_words_are_told_with_what_they_became_and_the_rest_as_unread() -> None:
    prompt = "Extreme close-up, low angle, 35mm f/2.8: two tired men at a lighthouse at dusk, in fog, melancholic"
    shot = read(prompt)
    found = told(prompt)
    assert found["Extreme close-up/size"] == ("size", "extreme_close_up", True)
    assert found["low angle/angle"] == ("angle", "low", True)
    assert found["35mm/lens_mm"] == ("lens_mm", "35", True)
    assert found["f/2.8/f_stop"] == ("f_stop", "2.8", True)
    assert found["two/people"] == found["men/people"] == ("people", "2", True)
    assert found["lighthouse/place"] == ("place", "coast", True)
    assert found["lighthouse/props"] == ("props", "lighthouse", True)
    assert found["dusk/time_of_day"] == ("time_of_day", "dusk", True)
    assert found["fog/weather"] == ("weather", "fog", True)
    assert "close-up/size" not in found, "it is a part of a larger find"
    words = [prompt[start:end] for start, end in unread(prompt, meanings(prompt, shot))]
    assert words == ["tired", "melancholic"]


def test_words_that_a_parameter_or_stronger_words_overrule_are_told_as_not_used() -> None:
    assert told("a forest at night", time_of_day="noon")["night/time_of_day"][2] is False
    both = told("a street in a forest")
    assert (both["street/place"][2], both["forest/place"][2]) == (False, True)
    assert told("a field, 35mm", lens_mm=90)["35mm/lens_mm"][2] is False  # type: ignore[arg-type]


def test_what_is_given_overrides_time_weather_and_place() -> None:
    shot = read("INT. kitchen, night, rain", time_of_day="dawn", weather="snow", place="desert")
    assert (shot.time_of_day, shot.weather, shot.place, shot.interior) == ("dawn", "snow", "desert", False)
    params = {"prompt": "x", "time_of_day": "dawn", "weather": "snow", "place": "desert"}
    assert FrameParameters.read(params).given() == params


@pytest.mark.parametrize(
    ("subject", "name"), [(subject, name) for subject, names in VOCABULARY.items() for name in names]
)
def test_the_words_of_the_vocabulary_say_what_they_stand_for(subject: str, name: str) -> None:
    words = VOCABULARY[subject][name]
    shot = read(f"{words}, xyzzy")
    has = getattr(shot, subject)
    if subject == "props":
        assert name in has
    elif subject in ONE_OF_SEVERAL:
        assert float(has) == float(name)
    else:
        assert has == name


def test_the_vocabulary_is_on_the_prompt_in_the_schema() -> None:
    offered = FrameParameters.model_json_schema()["properties"]["prompt"]["x-vocabulary"]
    assert {"name": "golden", "words": "golden hour"} in offered["time_of_day"]
    assert [one["name"] for one in offered["props"]] == [name for name, _ in PROPS], "in the order that decides"


@given(
    st.text(max_size=200)
    | st.lists(st.sampled_from(["wide", "two", "men", "at", "a lighthouse", "35mm", "f/2", "\U0001f30a", "é"])).map(
        " ".join
    )
)
def test_positions_lie_in_the_prompt_in_order_and_unread_words_touch_no_meaning(prompt: str) -> None:
    data = as_data(prompt, read(prompt))
    starts = [one["start"] for one in data["words"]]
    assert starts == sorted(starts)
    assert all(0 <= one["start"] < one["end"] <= len(prompt) for one in data["words"])
    taken = {at for one in data["words"] for at in range(one["start"], one["end"])}
    assert all(not taken & set(range(start, end)) for start, end in data["unread"])
