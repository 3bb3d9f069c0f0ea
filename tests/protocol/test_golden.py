"""The golden messages: files in tests/golden that the server and its clients are both held to.

A client's tests read the same files: what is under ``outgoing`` and ``views`` and ``errors`` it has to understand, and
what is under ``incoming`` it has to be able to say. ``python -m tests.protocol.test_golden`` writes them anew.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import pytest

from auteur.entrypoints.http.artifacts import UploadView
from auteur.entrypoints.http.failures import FAILURES
from auteur.entrypoints.http.session import SessionView, TicketView
from auteur.entrypoints.http.shown import error_view
from auteur.protocol import service, views
from auteur.protocol.examples import PROJECT, incoming, outgoing
from auteur.protocol.examples import views as shown_views
from auteur.protocol.incoming import IncomingMessage, parse
from auteur.protocol.json import read_json
from auteur.protocol.outgoing import AnyServerMessage, render
from auteur.protocol.projects import ProjectListView, ProjectView, ShotListView

_OF_HTTP: tuple[Any, ...] = (SessionView, TicketView, UploadView)
GOLDEN = Path(__file__).parents[1] / "golden"


def _rendered() -> Mapping[str, Any]:
    """By file, what the server says and hears."""
    found: dict[str, Any] = {f"incoming/{name}": said for name, said in incoming().items()}
    found |= {f"outgoing/{name}": json.loads(render(message)) for name, message in outgoing().items()}
    for name, view in shown_views().items():
        found[f"views/{name}"] = view.model_dump(mode="json", exclude_unset=name.startswith("InfoView"))
    for model in _OF_HTTP:
        for number, data in enumerate(model.model_config["json_schema_extra"]["examples"]):
            found[f"views/{model.__name__}{f'.{number}' if number else ''}"] = data
    for code, failure in FAILURES.items():
        found[f"errors/{code}"] = {"status": failure[0], "body": error_view(failure).model_dump(mode="json")}
    return found


def _read(kind: str) -> Mapping[str, Any]:
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted((GOLDEN / kind).glob("*.json"))}


def test_what_is_rendered_is_as_the_files_have_it() -> None:
    rendered = _rendered()
    files = {
        f"{kind.name}/{name}": data for kind in sorted(GOLDEN.iterdir()) for name, data in _read(kind.name).items()
    }
    assert sorted(files) == sorted(rendered)
    assert {name: data for name, data in files.items() if data != rendered[name]} == {}


@pytest.mark.parametrize("name", _read("incoming"))
def test_what_a_client_says_is_understood(name: str) -> None:
    text = (GOLDEN / "incoming" / f"{name}.json").read_text("utf-8")
    said = parse(read_json(text), PROJECT)
    assert said.type == name.partition(".")[0]
    assert json.loads(said.model_dump_json(exclude_unset=True)) == json.loads(text)


def test_there_is_one_of_every_message() -> None:
    for kind, messages in (("incoming", IncomingMessage), ("outgoing", AnyServerMessage)):
        known = {get_args(model.model_fields["type"].annotation)[0] for model in get_args(messages)}
        assert {name.partition(".")[0] for name in _read(kind)} == known


@pytest.mark.parametrize("name", _read("views"))
def test_a_view_is_read_as_it_was_written(name: str) -> None:
    kinds = {**vars(views), **vars(service)} | {
        kind.__name__: kind for kind in (ProjectView, ProjectListView, ShotListView, *_OF_HTTP)
    }
    data = _read("views")[name]
    view = kinds[name.partition(".")[0]].model_validate(data)
    assert view.model_dump(mode="json", exclude_unset=name.startswith("InfoView")) == data


@pytest.mark.parametrize("code", _read("errors"))
def test_an_error_has_the_one_shape_and_its_code(code: str) -> None:
    said = _read("errors")[code]
    assert views.ErrorView.model_validate(said["body"]).error.code == code
    assert 400 <= said["status"] < 600


def _write() -> None:
    for name, data in _rendered().items():
        path = GOLDEN / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    for path in GOLDEN.glob("*/*.json"):
        if path.relative_to(GOLDEN).with_suffix("").as_posix() not in _rendered():
            path.unlink()


if __name__ == "__main__":
    _write()
