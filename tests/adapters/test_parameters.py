"""What is wrong with a parameter is told once, at its place, in the caller's words and not in those of the code."""

from typing import Any

import pytest

from auteur.adapters.engines.inputs import FileInput
from auteur.adapters.engines.parameters import Parameters
from auteur.domain.errors import InvalidParamsError

NO_FILE = "Input should be a path or url, or the output of another task"


class Collage(Parameters):
    images: list[FileInput]
    overlay: FileInput | None = None


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({"images": [5]}, {"images.0": NO_FILE}),
        ({"images": ["a.png", ""]}, {"images.1": "String should have at least 1 character"}),
        ({"images": ["a.png"], "overlay": "x" * 1025}, {"overlay": "String should have at most 1024 characters"}),
        ({"images": [], "overlay": ["a.png"]}, {"overlay": NO_FILE}),
        ({"images": [{"from_task": "t", "x": 1}]}, {"images.0.x": "Extra inputs are not permitted"}),
        ({"images": [{}]}, {"images.0.from_task": "Field required"}),
        ({"images": [], "overlay": {"from_task": 3}}, {"overlay.from_task": "Input should be a valid string"}),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_told_once_and_at_its_place(
    given: dict[str, Any], problems: dict[str, str]
) -> None:
    with pytest.raises(InvalidParamsError) as refused:
        Collage.read(given)
    found = refused.value.details["problems"]
    assert {problem["field"]: problem["message"] for problem in found} == problems
    assert len(found) == len(problems)


def test_a_file_is_a_text_or_an_output_in_the_schema() -> None:
    choices = Collage.model_json_schema()["properties"]["images"]["items"]["anyOf"]
    assert [choice.get("type", choice.get("$ref")) for choice in choices] == ["string", "#/$defs/TaskOutput"]
