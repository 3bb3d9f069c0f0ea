"""Which words became what: told on the words, so that a person can correct them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auteur.adapters.engines.previs.reading.asked import asked_shot
from auteur.adapters.engines.previs.reading.choices import VOCABULARY
from auteur.adapters.engines.previs.reading.meanings import as_data, meanings, unread
from auteur.adapters.engines.previs.reading.sentences import read_shot
from auteur.adapters.engines.previs.storyboard import FrameParameters


def told(prompt: str, **params: object) -> dict[str, tuple[str, str, bool]]:
    shot = asked_shot({"prompt": prompt, **params})
    return {f"{prompt[one.start : one.end]}/{one.subject}": (one.subject, one.name, one.used) for one in meanings(shot)}


def test_words_are_told_with_what_they_became_and_the_rest_as_unread() -> None:
    prompt = "Extreme close-up, low angle, 35mm f/2.8: two tired men at a lighthouse at dusk, in fog, vorpish"
    found = told(prompt)
    assert found["Extreme close-up/size"] == ("size", "extreme_close_up", True)
    assert found["low angle/angle"] == ("angle", "low", True)
    assert found["35mm/lens_mm"] == ("lens_mm", "35", True)
    assert found["f/2.8/stop"] == ("stop", "2.8", True)
    assert found["two tired men/people"][0] == "people"
    assert found["lighthouse/place"] == ("place", "lighthouse", True)
    assert found["at dusk/time_of_day"] == ("time_of_day", "dusk", True)
    assert found["fog/weather"] == ("weather", "fog", True)
    assert "close-up/size" not in found, "it is a part of a larger find"
    assert [prompt[start:end] for start, end in unread(prompt, read_shot(prompt))] == ["vorpish"]


def test_words_that_a_parameter_or_earlier_words_overrule_are_told_as_not_used() -> None:
    assert told("a forest at night", time_of_day="noon")["at night/time_of_day"][2] is False
    both = told("medium shot, wide shot")
    assert (both["medium shot/size"][2], both["wide shot/size"][2]) == (True, False)
    assert told("a field, 35mm", lens_mm=90)["35mm/lens_mm"][2] is False


def test_what_is_given_overrides_size_angle_time_weather_and_place() -> None:
    params = {"prompt": "WS, INT. KITCHEN - NIGHT, rain", "time_of_day": "dawn", "weather": "snow", "place": "desert"}
    shot = asked_shot(params)
    assert (shot.time_of_day, shot.weather, shot.place and shot.place.name) == ("dawn", ("snow",), "desert")
    assert shot.int_ext is None, "the desert is no room because a kitchen was one"
    assert FrameParameters.read(params).given() == params
    rolled = asked_shot({"prompt": "a man", "shot": "cowboy", "angle": "dutch", "lens_mm": 40})
    assert (rolled.size, rolled.dutch, rolled.angle, rolled.lens_mm) == ("medium_wide", True, None, 40.0)
    assert asked_shot({"prompt": "CU, a man", "shot": "insert"}).kind == ("insert",)


def test_what_a_negative_prompt_names_is_not_there() -> None:
    shot = asked_shot({"prompt": "a car and a tree on a street, two men", "negative_prompt": "cars, people"})
    assert [prop.what for prop in shot.props] == ["tree"]
    assert shot.people == ()
    assert set(shot.without) == {"car", "people"}


@pytest.mark.parametrize(
    ("subject", "name"), [(subject, name) for subject, names in VOCABULARY.items() for name in names]
)
def test_the_words_of_the_vocabulary_say_what_they_stand_for(subject: str, name: str) -> None:
    data = read_shot(f"{VOCABULARY[subject][name]}, xyzzy", "en").as_data()
    has = data[subject]
    if subject == "moves":
        assert [move["kind"] for move in has] == [name]
    elif isinstance(has, list):
        assert name in has
    else:
        assert str(has).removesuffix(".0") == name
    assert data["not_understood"] == ["xyzzy"]


def test_the_vocabulary_is_on_the_prompt_in_the_schema() -> None:
    offered = FrameParameters.model_json_schema()["properties"]["prompt"]["x-vocabulary"]
    assert {"name": "golden_hour", "words": "golden hour"} in offered["time_of_day"]
    assert [one["name"] for one in offered["size"]] == list(VOCABULARY["size"])


@given(
    st.text(max_size=200)
    | st.lists(
        st.sampled_from(
            ["wide", "two", "men", "at", "a lighthouse", "35mm", "f/2", "\U0001f30a", "é", "INT.", "-", "her's"]
        )
    ).map(" ".join)
)
def test_positions_lie_in_the_prompt_in_order_and_unread_words_touch_no_meaning(prompt: str) -> None:
    data = as_data(prompt, read_shot(prompt, "en"))
    starts = [one["start"] for one in data["words"]]
    assert starts == sorted(starts)
    assert all(0 <= one["start"] < one["end"] <= len(prompt) for one in data["words"])
    taken = {at for one in data["words"] for at in range(one["start"], one["end"])}
    assert all(not taken & set(range(start, end)) for start, end in data["unread"])
