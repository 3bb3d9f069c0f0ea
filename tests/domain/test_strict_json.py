"""JSON that says everything once."""

import json
import tracemalloc

import hypothesis.strategies as st
import pytest
from hypothesis import given

from auteur.domain.strict_json import DuplicateNameError, loads, refuse_duplicates

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
)


@given(VALUES)
def test_what_says_everything_once_is_read_as_it_is(value: object) -> None:
    assert loads(json.dumps(value)) == value


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"a": 1, "a": 1}', ("a",)),
        ('{"a": 1, "\\u0061": 2}', ("a",)),
        ('{"p": {"x": [{}, {"b": 1, "c": 2, "b": 3}]}}', ("p", "x", 1, "b")),
        ('{"a": {"b": 1, "b": 2}, "a": {}}', ("a",)),
        ('[{"a": {"b": 1, "b": 2}, "c": 1, "c": 1}]', (0, "c")),
    ],
)
def test_a_name_that_is_given_twice_is_told_by_where_it_is(text: str, path: tuple[object, ...]) -> None:
    for refuse in (loads, refuse_duplicates):
        with pytest.raises(DuplicateNameError) as refused:
            refuse(text)
        assert refused.value.path == path


@pytest.mark.parametrize("text", ["", "{", "NaN", "[Infinity]", "[" * 100_000, "9" * 5000, "{} {}", b"\xff\xfe\xfd"])
def test_what_is_no_json_is_a_value_error(text: str | bytes) -> None:
    with pytest.raises(ValueError):
        loads(text)
    refuse_duplicates(text)


def test_the_words_for_a_long_name_are_short() -> None:
    with pytest.raises(DuplicateNameError) as refused:
        loads(f'{{"{"x" * 5000}": 1, "{"x" * 5000}": 2}}')
    assert len(str(refused.value)) < 200


def test_telling_where_a_name_is_costs_no_more_memory_beside_a_long_list_that_lies_deep() -> None:
    def peak_bytes(depth: int) -> int:
        twice = '{"a": ' * 190 + '{"b": 1, "b": 2}' + "}" * 190
        beside = "[" * depth + ",".join("0" * 20_000) + "]" * depth
        tracemalloc.start()
        try:
            with pytest.raises(DuplicateNameError):
                loads(f'{{"x": {twice}, "y": {beside}}}')
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak_bytes(180) < 2 * peak_bytes(1)
