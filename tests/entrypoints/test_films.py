"""A script becomes a film over HTTP and from the command line; its sets and casts are what its takes are made with."""

import base64
import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from auteur.adapters.engines.previs.reading.shot import Person, Shot
from auteur.adapters.engines.previs.resources import CastParameter
from auteur.adapters.engines.previs.shooting import _members
from auteur.adapters.engines.previs.staging.layout import looks_for
from auteur.adapters.queue.local import LocalTaskQueue
from auteur.entrypoints.app import create_app
from auteur.entrypoints.container import build, lifetime
from auteur.entrypoints.settings import load_settings
from tests.entrypoints.test_cli import auteur
from tests.waiting import LONG_S

PROJECT = "/api/v1/projects/film"
SCRIPT = """Title: Two Rooms

INT. KITCHEN - NIGHT #1#

Low angle. A kettle on the stove.

JO (40) waits.

JO
Who is there?

EXT. YARD - NIGHT #2#

Snow.

> DISSOLVE TO:

INT. KITCHEN - DAWN #3#

CLOSE ON the kettle.
"""
NAMES = ["1-1", "1-2", "1-3", "2-1", "3-1"]


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A service that accepts and, for the while, runs nothing."""
    made = build(load_settings(workspace_root=tmp_path, backend="memory", shutdown_drain=0.0))
    async with lifetime(made):
        queue = made.queue()
        assert isinstance(queue, LocalTaskQueue)
        queue._max_concurrent = 0
        transport = httpx.ASGITransport(create_app(made, opened=True))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000", timeout=LONG_S) as client:
            yield client


async def make(http: httpx.AsyncClient, script: str = SCRIPT, key: str | None = None, **asked: Any) -> dict[str, Any]:
    headers = {"Idempotency-Key": key} if key else {}
    body = {"name": "Two Rooms", "file": "two.fountain", "script": script, **asked}
    answer = await http.post(f"{PROJECT}/films", json=body, headers=headers)
    assert answer.status_code == 202, answer.text
    return dict(answer.json())


async def tasks(http: httpx.AsyncClient) -> dict[str, list[dict[str, Any]]]:
    """By shot, its takes."""
    found: dict[str, list[dict[str, Any]]] = {}
    for task in (await http.get(f"{PROJECT}/tasks?limit=200")).json()["tasks"]:
        found.setdefault(task["shot"], []).append(task)
    return found


async def test_a_dry_run_tells_what_was_read_and_makes_nothing(http: httpx.AsyncClient) -> None:
    told = await make(http, dry_run=True)
    assert [shot["name"] for shot in told["shots"]] == told["make"] == told["added"] == NAMES
    assert (told["title"], told["version"], told["tasks"], told["sets"]) == ("Two Rooms", None, {}, [])
    first, *_, last = told["shots"]
    assert (first["line"], first["page"], first["set_name"]) == (5, 1, "kitchen")
    assert (last["dissolve_frames"], last["heading"]) == (24, "INT. KITCHEN - DAWN")
    assert await tasks(http) == {}
    assert (await http.get(f"{PROJECT}/films/two-rooms")).status_code == 404


async def test_who_is_called_she_in_a_script_is_drawn_as_a_woman(http: httpx.AsyncClient) -> None:
    script = "INT. KITCHEN - DAY\n\nMARIT (40) waits. She reads.\n\nMARIT\nWho is there?\n"
    await make(http, script=script, quality="draft")
    (take, *_) = (task for of in (await tasks(http)).values() for task in of if task["params"].get("cast"))
    (marit,) = take["params"]["cast"]
    assert marit["build"] == "woman"
    (member,) = _members(Shot(people=(Person(who="Marit"),)), [CastParameter.model_validate(marit)])
    assert looks_for("Marit", Person(who="Marit"), {"Marit": member}, 0).sex == "woman"
    assert looks_for("Marit", Person(who="Marit"), {}, 0).sex == "man", "by the ending of the name"


async def test_a_script_becomes_one_batch_whose_takes_gather_by_shot(http: httpx.AsyncClient) -> None:
    made = await make(http, quality="draft", params={"aspect": "16:9"})
    found = await tasks(http)
    assert sorted(found) == sorted(NAMES)
    assert {name: takes[0]["task_id"] for name, takes in found.items()} == made["tasks"]
    assert made["sets"] == ["kitchen", "yard"]
    assert made["cast"] == ["jo"]
    takes = {name: of[0] for name, of in found.items()}
    assert takes["1-2"]["metadata"] == {"film": "two-rooms", "script_line": 7}
    assert takes["1-2"]["params"]["cast"] == takes["1-3"]["params"]["cast"]
    jo = takes["1-2"]["params"]["cast"][0]
    assert (jo["called"], len(jo["costume"])) == ("JO", 2)
    assert {take["quality"] for take in takes.values()} == {"draft"}
    seeds = {name: take["params"]["seed"] for name, take in takes.items()}
    assert seeds["1-1"] == seeds["1-2"] == seeds["3-1"] != seeds["2-1"]
    film = (await http.get(f"{PROJECT}/films/two-rooms")).json()
    assert [shot["task_id"] for shot in film["shots"]] == [made["tasks"][name] for name in NAMES]


async def test_a_changed_script_makes_only_what_looks_otherwise(http: httpx.AsyncClient) -> None:
    first = await make(http, quality="draft")
    again = await make(http)
    assert (again["make"], again["kept"], again["version"]) == ([], NAMES, 1)
    changed = SCRIPT.replace("JO (40) waits.", "JO (40) sleeps.\n\nRain on the window.").replace("\nSnow.\n", "")
    told = await make(http, changed)
    assert (told["changed"], told["added"], told["removed"]) == (["1-2", "2-1"], ["1-2A"], [])
    assert told["make"] == ["1-2", "1-2A", "2-1"]
    takes = await tasks(http)
    assert [len(takes[name]) for name in (*NAMES, "1-2A")] == [1, 2, 1, 2, 1, 1]
    film = (await http.get(f"{PROJECT}/films/two-rooms")).json()
    ids = {shot["name"]: shot["task_id"] for shot in film["shots"]}
    assert ids["1-1"] == first["tasks"]["1-1"]
    assert ids["1-2"] == told["tasks"]["1-2"] != first["tasks"]["1-2"]
    assert film["quality"] == "draft"


async def test_a_scene_can_be_made_alone_and_the_rest_stays(http: httpx.AsyncClient) -> None:
    await make(http)
    told = await make(http, SCRIPT.replace("Snow.", "Hail.").replace("A kettle", "A pan"), scenes=["2"])
    assert told["make"] == ["2-1"]
    assert [shot["name"] for shot in told["shots"]] == NAMES
    assert "kettle" in told["shots"][0]["prompt"]


async def test_the_same_key_is_the_same_takes_also_where_the_film_was_not_kept(http: httpx.AsyncClient) -> None:
    first = await make(http, key="one")
    assert (await http.delete(f"{PROJECT}/films/two-rooms")).status_code == 204
    again = await make(http, key="one")
    assert again["tasks"] == first["tasks"]
    assert len((await tasks(http))["1-1"]) == 1


async def test_another_quality_makes_all_again_and_so_does_who_asks_for_it(http: httpx.AsyncClient) -> None:
    await make(http, quality="draft")
    assert (await make(http, quality="standard"))["make"] == NAMES
    assert (await make(http, remake=True))["make"] == NAMES


async def test_lengths_that_were_set_by_hand_outlive_a_change_of_the_script(http: httpx.AsyncClient) -> None:
    await make(http)
    answer = await http.get(f"{PROJECT}/films/two-rooms")
    film = {k: v for k, v in answer.json().items() if k not in ("name", "version", "etag", "updated_at")}
    film["shots"][0] |= {"frames": 17, "by_hand": True}
    kept = await http.put(f"{PROJECT}/films/two-rooms", json=film, headers={"If-Match": answer.headers["etag"]})
    assert (kept.status_code, kept.json()["version"]) == (200, 2)
    told = await make(http, SCRIPT.replace("A kettle", "A black kettle"))
    assert (told["shots"][0]["frames"], told["make"]) == (17, ["1-1"])


async def test_a_shot_whose_take_was_cancelled_or_deleted_is_made_again_and_no_other(http: httpx.AsyncClient) -> None:
    first = await make(http, key="one")
    lost = {name: f"{PROJECT}/tasks/{first['tasks'][name]}" for name in ("1-2", "3-1")}
    for url in lost.values():
        assert (await http.post(f"{url}/cancel")).status_code in (200, 202)
    assert (await http.delete(lost["3-1"])).status_code == 204
    assert (await make(http, key="one"))["make"] == [], "who repeats a request is not answered otherwise"
    assert (await make(http, dry_run=True))["make"] == ["1-2", "3-1"]
    assert (await make(http, scenes=["3"], key="two"))["make"] == ["3-1"]
    again = await make(http, key="three")
    assert (again["kept"], again["make"]) == (NAMES, ["1-2"])
    assert (await make(http))["make"] == []


@pytest.mark.parametrize("ending", ["fountain", "txt", "table.txt", "fdx", "csv"])
async def test_a_script_is_brought_as_a_file_and_named(http: httpx.AsyncClient, ending: str) -> None:
    script = {
        "fountain": SCRIPT.encode(),
        "txt": SCRIPT.encode(),
        "table.txt": "Shot\tSize\tDescription\n1\tCU\tA dog.\n2\tWS\tA field.\n".encode("utf-16"),
        "fdx": b"<FinalDraft><Content><Paragraph Type='Scene Heading'><Text>INT. HALL - DAY</Text></Paragraph>"
        b"<Paragraph Type='Action'><Text>A dog.</Text></Paragraph></Content></FinalDraft>",
        "csv": "Szene;Nr;Größe;Beschreibung\n12;A;Nah;Müller, still\n".encode("cp1252"),
    }[ending]
    brought = await http.post(f"{PROJECT}/uploads", files={"file": (f"pilot.{ending}", script)})
    assert brought.status_code == 201, brought.text
    assert (brought.json()["width_px"], brought.json()["size_bytes"]) == (0, len(script))
    fetched = await http.get(brought.json()["url"])
    assert (fetched.content, fetched.headers["x-content-type-options"]) == (script, "nosniff")
    held = base64.b64encode(script).decode()
    told = await make(http, script=None, script_base64=held, file=f"pilot.{ending}", dry_run=True)
    for reference in (brought.json()["url"], brought.json()["path"], brought.json()["path"].removeprefix("film/")):
        assert await make(http, script=None, script_file=reference, file="", dry_run=True) == told
    made = await make(http, script=None, script_file=brought.json()["url"], file=f"pilot.{ending}")
    assert sorted(made["tasks"]) == sorted(shot["name"] for shot in told["shots"])


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.fountain", b""),
        ("a.fountain", b"INT. A - DAY\n\0"),
        ("a.fountain", b"%PDF-1.7"),
        ("a.fountain", b"INT. A - DAY\n\n" + b"A dog. " * 700_000),
        ("a.fdx", b"<!DOCTYPE x [<!ENTITY y 'z'>]><FinalDraft>&y;</FinalDraft>"),
        ("a.fdx", b"<a>" * 100_000),
        ("a.csv", b"\0" * 100),
        ("a.txt", b"Buy milk. Call the INT. desk.\n\nA dog."),
        ("a.html", b"<script>alert(1)</script>"),
    ],
    ids=["nothing", "nul", "pdf", "too-large", "entities", "deep", "no-table", "no-scene", "page"],
)
async def test_what_is_no_script_is_not_kept_as_one(http: httpx.AsyncClient, name: str, data: bytes) -> None:
    answer = await http.post(f"{PROJECT}/uploads", files={"file": (name, data)})
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_script_file_is_one_of_the_project_and_a_script(http: httpx.AsyncClient) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (8, 8)).save(picture, "PNG")
    brought = (await http.post(f"{PROJECT}/uploads", files={"file": ("a.png", picture.getvalue())})).json()
    for reference, code, field in (
        ("uploads/none.txt", "VALIDATION_ERROR", "script_file"),
        ("/api/v1/projects/other/artifacts/uploads/a.txt", "VALIDATION_ERROR", "script_file"),
        ("../../etc/passwd", "VALIDATION_ERROR", "script_file"),
        ("file:///etc/passwd", "VALIDATION_ERROR", "script_file"),
        (brought["url"], "UNREADABLE_SCRIPT", None),
    ):
        answer = await http.post(f"{PROJECT}/films", json={"name": "pilot", "script_file": reference})
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (422, code), reference
        assert field is None or [problem["field"] for problem in error["details"]["problems"]] == [field]
    both = await http.post(f"{PROJECT}/films", json={"name": "pilot", "script": "x", "script_file": "uploads/a.txt"})
    assert both.status_code == 422


async def test_a_set_is_what_a_take_was_made_with_and_its_own_seed_goes_last(http: httpx.AsyncClient) -> None:
    kept = await http.put(f"{PROJECT}/sets/The Hall", json={"place": "great hall", "light": ["candle"], "seed": 7})
    assert (kept.json()["name"], kept.json()["etag"]) == ("the-hall", kept.headers["etag"])
    asked = {"task_type": "text_to_image", "quality": "draft", "params": {"prompt": "CU. A dog.", "set": "The Hall"}}
    params = (await http.post(f"{PROJECT}/tasks", json=asked)).json()["params"]
    assert params["set"]["light"] == ["candle"]
    assert params["seed"] == 7
    asked["params"] |= {"seed": 8}
    assert (await http.post(f"{PROJECT}/tasks", json=asked)).json()["params"]["seed"] == 8
    asked["params"] |= {"set": "nowhere", "cast": ["nobody"]}
    refused = await http.post(f"{PROJECT}/tasks", json=asked)
    problems = refused.json()["error"]["details"]["problems"]
    assert (refused.status_code, [p["field"] for p in problems]) == (422, ["set", "cast.0"])


async def test_a_version_that_is_not_there_any_more_is_told(http: httpx.AsyncClient) -> None:
    url = f"{PROJECT}/cast/clara"
    first = await http.put(url, json={"height_m": 1.7}, headers={"If-None-Match": "*"})
    assert (await http.put(url, json={}, headers={"If-None-Match": "*"})).status_code == 412
    second = await http.put(url, json={"height_m": 1.6}, headers={"If-Match": first.headers["etag"]})
    stale = {"If-Match": first.headers["etag"]}
    assert (await http.put(url, json={}, headers=stale)).json()["error"]["details"]["version"] == 2
    assert (await http.delete(url, headers=stale)).status_code == 412
    assert (await http.get(url, headers={"If-None-Match": second.headers["etag"]})).status_code == 304
    assert (await http.put(url, json={}, headers={"If-Match": "W/nonsense"})).status_code == 422
    assert (await http.delete(url, headers={"If-Match": "*"})).status_code == 204
    assert (await http.put(url, json={}, headers={"If-Match": "*"})).status_code == 412
    listed = (await http.get(f"{PROJECT}/cast")).json()
    assert listed == {"cast": [], "next": None}


async def test_pages_of_sets_go_by_name(http: httpx.AsyncClient) -> None:
    for name in ("c", "a", "b"):
        await http.put(f"{PROJECT}/sets/{name}", json={})
    page = (await http.get(f"{PROJECT}/sets?limit=2")).json()
    rest = (await http.get(f"{PROJECT}/sets?limit=2&cursor={page['next']}")).json()
    assert [[one["name"] for one in part["sets"]] for part in (page, rest)] == [["a", "b"], ["c"]]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"script": "\0"}, 422, "UNREADABLE_SCRIPT"),
        ({"script": ""}, 422, "UNREADABLE_SCRIPT"),
        ({"script_base64": "!"}, 422, "VALIDATION_ERROR"),
        ({"script_base64": base64.b64encode(b"%PDF-").decode()}, 422, "UNREADABLE_SCRIPT"),
        ({"script": "x", "script_base64": "eA=="}, 422, "VALIDATION_ERROR"),
        ({"script": "x", "rate": "12"}, 422, "VALIDATION_ERROR"),
        ({"script": "x", "scenes": ["99"]}, 422, "VALIDATION_ERROR"),
        ({"script": "x", "name": "///"}, 422, "VALIDATION_ERROR"),
        ({"script": "x", "quality": "best"}, 422, "INVALID_BATCH"),
        ({"script": "INT. A - DAY\n\n" + "A dog.\n\n" * 501}, 422, "VALIDATION_ERROR"),
    ],
)
async def test_what_cannot_be_made_is_refused_and_nothing_is_kept(
    http: httpx.AsyncClient, asked: dict[str, Any], status: int, code: str
) -> None:
    answer = await http.post(f"{PROJECT}/films", json={"name": "pilot", **asked})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert await tasks(http) == {}
    assert (await http.get(f"{PROJECT}/films")).json() == {"films": [], "next": None}


async def test_a_shot_list_of_any_encoding_is_taken_as_bytes(http: httpx.AsyncClient) -> None:
    table = "Szene;Nr;Größe;Beschreibung;Dauer\n12;A;Nah;Müller, still;2,5 s\n".encode("cp1252")
    held = {"script": None, "script_base64": base64.b64encode(table).decode(), "file": "list.csv"}
    (shot,) = (await make(http, rate="25", **held))["shots"]
    assert (shot["name"], shot["action"], shot["frames"]) == ("12A", "Müller, still", 63)


async def test_the_command_line_shows_what_it_read_and_keeps_sets(tmp_path: Path) -> None:
    (tmp_path / "two.fountain").write_text(SCRIPT)
    code, out, err = await auteur(tmp_path, "film", "two.fountain", "-p", "film", "--dry-run", "--json")
    assert code == 0, err
    assert json.loads(out)["make"] == NAMES
    code, out, err = await auteur(tmp_path, "sets", "put", "The Hall", "place=hall", 'light=["candle"]', "-p", "film")
    assert (code, out) == (0, "the-hall version 1\n"), err
    code, out, err = await auteur(tmp_path, "sets", "show", "the hall", "-p", "film")
    assert json.loads(out)["light"] == ["candle"], err
    code, out, err = await auteur(tmp_path, "cast", "put", "clara", "height_m=9", "costume=[7]", "-p", "film")
    assert (code, out) == (3, ""), err
    assert "height_m: " in err, "each field that is wrong is named"
    assert "costume.0: " in err
