"""JSON as it is taken in."""

import json

import hypothesis.strategies as st
import pytest
from hypothesis import given

from auteur.domain.errors import InvalidMessageError
from auteur.protocol.json import field_of, read_json

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(1 - 2**63, 2**63 - 1)
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False)
)
VALUES = st.recursive(SCALARS, lambda x: st.lists(x, max_size=4) | st.dictionaries(st.text(), x, max_size=4))


def refusal(text: str | bytes) -> InvalidMessageError:
    with pytest.raises(InvalidMessageError) as refused:
        read_json(text)
    return refused.value


@given(VALUES, st.booleans())
def test_what_is_said_once_is_read_as_it_is(value: object, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only)
    assert read_json(text) == value
    assert read_json(text.encode()) == value


@given(VALUES, VALUES, st.text(), st.booleans())
def test_a_name_that_is_given_twice_is_refused_by_name(one: object, other: object, name: str, escaped: bool) -> None:
    first = json.dumps(name)
    second = "".join(f"\\u{ord(c):04x}" for c in name) if escaped and name.isascii() else first[1:-1]
    text = f'{{"params": [{{{first}: {json.dumps(one)}, "{second}": {json.dumps(other)}}}]}}'
    (problem,) = refusal(text).details["problems"]
    assert problem == {"field": field_of(("params", 0, name)), "message": "is given more than once"}


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('{"params": {"steps": 1e400}}', "params.steps"),
        ('{"params": {"steps": -1e999}}', "params.steps"),
        ('{"params": [1, 9223372036854775808]}', "params.1"),
        (f'{{"metadata": {{"take": {"9" * 4000}}}}}', "metadata.take"),
        ("-9223372036854775809", "body"),
    ],
)
def test_a_number_that_is_too_large_is_refused_by_name(text: str, field: str) -> None:
    error = refusal(text)
    assert error.details["problems"][0]["field"] == field
    assert len(error.message) < 100


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "{",
        "{}{}",
        "{} x",
        "[1,]",
        "{'a': 1}",
        "NaN",
        "[Infinity]",
        "-Infinity",
        "nul",
        '"\\ud800"',
        '"\\udc00x"',
        '"\ud800"',
        '"\x00"',
        '"\n"',
        "9" * 5000,
        "[" * 300,
        "[" * 100_000,
        b"\xff",
        b"\x80abc",
        '{"a": 1}'.encode("utf-16"),
        '{"a": 1}'.encode("utf-32"),
        b'{"\xc3\x28": 1}',
        '{"a": 1, "a": 2,',
        '{"a": 1, "a": 2} x',
        "\u00a0{}",
        "0x10",
        "01",
        "+1",
    ],
    ids=lambda text: ascii(text[:20]),
)
def test_what_is_no_json_is_told_in_few_words(text: str | bytes) -> None:
    error = refusal(text)
    assert error.message.startswith(("This is not JSON", "A name is given", "The JSON is nested"))
    assert len(error.message) < 200


def test_a_byte_order_mark_is_told_as_what_it_is() -> None:
    for text in ("\ufeff{}", b"\xef\xbb\xbf{}"):
        assert "byte order mark" in refusal(text).message


def test_no_refusal_repeats_what_it_refuses() -> None:
    name = "secret" * 10_000
    for text in (
        f'{{"{name}": 1, "{name}": 2, }}',
        f'{{"{name}": 1, "{name}": 2}}',
        f'{{"{name}": 1e400}}',
        f'"{name}',
    ):
        error = refusal(text)
        assert "secret" not in error.message
        assert all(len(problem["field"]) <= 128 for problem in error.details.get("problems", []))
