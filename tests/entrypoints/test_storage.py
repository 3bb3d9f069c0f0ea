"""A service whose files lie in a bucket, as its callers and its keeper see it."""

import hashlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from auteur.client import Artifact
from auteur.client.decoding import decode
from auteur.domain.errors import StoreUnavailableError
from auteur.entrypoints.app import create_app
from auteur.entrypoints.cli import app as command_line
from auteur.entrypoints.container import Container, build, lifetime
from auteur.entrypoints.local_studio import EmbeddedStudio
from auteur.entrypoints.settings import WrongSettingError, load_settings
from auteur.entrypoints.storage import artifact_store
from tests.entrypoints.test_artifacts import STILLS, UPLOADS, brought
from tests.entrypoints.test_http import assert_shape, ended
from tests.object_store import ObjectStore, fresh_prefix, keys_in
from tests.places import files_in
from tests.store_line import StoreLine

FRAME = {"prompt": "a field", "width": 64, "height": 64, "steps": 1, "seed": 1}
TASKS = "/api/v1/projects/film/tasks"


@pytest.fixture
async def container(
    tmp_path: Path, object_store: ObjectStore, line: StoreLine, prefix: str, request: pytest.FixtureRequest
) -> AsyncIterator[Container]:
    given: dict[str, Any] = {**object_store.settings(prefix), **getattr(request, "param", {})}
    if given.get("s3_links") != "signed":
        given["s3_endpoint"] = line.endpoint
    made = build(load_settings(workspace_root=tmp_path, backend="memory", shutdown_drain=0.0, **given))
    async with lifetime(made):
        yield made


@pytest.fixture
async def http(container: Container) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(container, opened=True), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        yield client


async def frame(http: httpx.AsyncClient) -> dict[str, Any]:
    asked = await http.post(TASKS, json={"task_type": "text_to_image", "params": FRAME})
    artifact: dict[str, Any] = (await ended(http, asked.headers["Location"]))["result"]["artifacts"][0]
    return artifact


async def test_a_shot_over_an_upload_is_made_and_nothing_of_it_stays_on_this_machine(
    http: httpx.AsyncClient, container: Container, object_store: ObjectStore, prefix: str
) -> None:
    source = (await brought(http, STILLS["png"].data))["path"]
    params = {"source_image": source, "move": "hold", "duration_s": 0.5, "fps": 12, "width": 128, "seed": 1}
    asked = await http.post(TASKS, json={"task_type": "image_to_video", "params": params})
    task = await ended(http, asked.headers["Location"])
    assert task["status"] == "succeeded", task
    for artifact in task["result"]["artifacts"]:
        whole = await http.get(artifact["url"])
        assert hashlib.sha256(whole.content).hexdigest() == artifact["sha256"]
    assert (await http.get(task["result"]["artifacts"][0]["url"], params={"width": 64})).status_code == 200
    workspace = container.settings().workspace
    mine = [name for name in files_in(workspace) if not name.startswith(".auteur/cache/")]
    assert [name for name in mine if not name.endswith(".lock")] == []
    assert f"film/{task['task_id']}/1/take.json" in await keys_in(object_store, prefix)


async def test_a_shot_over_a_frame_that_is_still_to_be_made_finds_it_in_the_bucket(http: httpx.AsyncClient) -> None:
    board = await http.post(TASKS, json={"task_type": "text_to_image", "params": FRAME})
    params = {"source_image": {"from_task": board.json()["task_id"]}, "move": "hold", "duration_s": 0.5, "fps": 12}
    asked = await http.post(TASKS, json={"task_type": "image_to_video", "params": {**params, "width": 64, "seed": 1}})
    assert asked.status_code == 202, asked.text
    task = await ended(http, asked.headers["Location"])
    assert task["status"] == "succeeded", task
    shot = task["result"]["artifacts"][0]
    assert hashlib.sha256((await http.get(shot["url"])).content).hexdigest() == shot["sha256"]


async def test_deleting_a_task_and_a_project_removes_what_lies_in_the_bucket(
    http: httpx.AsyncClient, object_store: ObjectStore, prefix: str
) -> None:
    one, other = await frame(http), await frame(http)
    assert (await http.delete(f"{TASKS}/{one['path'].split('/')[1]}")).status_code in (200, 204)
    assert {key.split("/")[1] for key in await keys_in(object_store, prefix)} == {other["path"].split("/")[1]}
    assert (await http.get(one["url"])).status_code == 404
    assert (await http.delete("/api/v1/projects/film")).status_code in (200, 204)
    assert await keys_in(object_store, prefix) == []


async def test_a_store_that_is_away_is_said_at_every_door_and_nothing_is_lost(
    http: httpx.AsyncClient, line: StoreLine, object_store: ObjectStore, prefix: str
) -> None:
    made = await frame(http)
    source = (await brought(http, STILLS["png"].data))["path"]
    before = await keys_in(object_store, prefix)
    line.go_away()
    for answer in (
        await http.get(made["url"]),
        await http.head(made["url"]),
        await http.get(made["url"], params={"width": 64}),
        await http.post(UPLOADS, files={"file": ("a.png", STILLS["png"].data)}),
        await http.post(TASKS, json={"task_type": "image_to_video", "params": {"source_image": source}}),
    ):
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["retry-after"]) > 0
        assert answer.request.method == "HEAD" or answer.json()["error"]["code"] == "WORKSPACE_UNAVAILABLE"
        assert object_store.secret_key not in answer.text
    ready = await http.get("/health/ready")
    assert (ready.status_code, [part["part"] for part in ready.json()["failing"]]) == (503, ["workspace"])
    waiting = await http.post(TASKS, json={"task_type": "text_to_image", "params": FRAME})
    assert waiting.status_code == 202, "a frame needs no file to begin"
    assert await keys_in(object_store, prefix) == before
    line.is_away = False
    assert (await ended(http, waiting.headers["Location"]))["attempt"] == 1
    assert (await http.get(made["url"])).status_code == 200
    assert (await http.get("/health/ready")).status_code == 200


async def test_a_reading_that_cannot_go_on_fails_and_is_not_taken_for_the_whole(
    line: StoreLine, container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield bytes(1 << 20)

    path = await container.artifacts().receive("film", chunks(), ".png")
    monkeypatch.setattr("auteur.adapters.files.bucket._BREAKS", 1)
    found = await container.artifacts().find("film", path)
    read = 0

    async def all_of_it() -> None:
        nonlocal read
        async for chunk in await found.open(0, found.size_bytes):
            read += len(chunk)
            if read > 3_000_000:
                line.go_away()

    with pytest.raises(StoreUnavailableError):
        await all_of_it()
    assert 3_000_000 < read < found.size_bytes


# --- signed links --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("container", [{"s3_links": "signed", "s3_link_seconds": 60}], indirect=True)
async def test_where_links_are_set_a_file_comes_from_the_store_itself(
    http: httpx.AsyncClient, object_store: ObjectStore
) -> None:
    made = await frame(http)
    sent_on = await http.get(made["url"])
    assert (sent_on.status_code, sent_on.content) == (307, b"")
    assert sent_on.headers["cache-control"] == "no-store"
    assert sent_on.headers["location"].startswith(object_store.endpoint)
    async with httpx.AsyncClient() as anybody:
        whole = await anybody.get(sent_on.headers["location"])
    assert hashlib.sha256(whole.content).hexdigest() == made["sha256"]
    assert (await http.get(made["url"], headers={"If-None-Match": f'"{made["sha256"]}"'})).status_code == 304
    head = await http.head(made["url"])
    assert head.status_code == 307
    async with httpx.AsyncClient() as anybody:
        told = await anybody.head(head.headers["location"])
    assert (told.status_code, told.headers["content-length"]) == (200, str(made["size_bytes"]))
    assert (await http.get(made["url"], params={"width": 64})).headers["content-type"] == "image/webp"
    policy = (await http.get("/")).headers["content-security-policy"]
    assert policy.count(object_store.endpoint) == 2, "the built-in page may show what it is sent on to"
    missing = made["url"].replace("frame.png", "none.png")
    assert_shape(await http.get(missing), 404, "ARTIFACT_NOT_FOUND")


async def test_the_command_line_brings_a_result_out_of_the_bucket(
    http: httpx.AsyncClient, container: Container, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await frame(http)
    monkeypatch.chdir(tmp_path)
    place = await EmbeddedStudio(container).fetch(decode(Artifact, made), None)
    assert hashlib.sha256(Path(place).read_bytes()).hexdigest() == made["sha256"]


# --- settings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"s3_url": "http://bucket"}, "BACKEND_S3_URL"),
        ({"s3_url": "s3://"}, "BACKEND_S3_URL"),
        ({"s3_url": "s3://key:secret@bucket"}, "BACKEND_S3_URL"),
        ({"s3_url": "s3://bucket/../other"}, "BACKEND_S3_URL"),
        ({"s3_url": "s3://bucket?x=1"}, "BACKEND_S3_URL"),
        ({"s3_endpoint": "127.0.0.1:9000"}, "BACKEND_S3_ENDPOINT"),
        ({"s3_endpoint": "http://me:secret@127.0.0.1"}, "BACKEND_S3_ENDPOINT"),
        ({"s3_access_key": "secret-a"}, "BACKEND_S3_SECRET_KEY"),
        ({"s3_secret_key": "secret-b"}, "BACKEND_S3_ACCESS_KEY"),
        ({"s3_links": "public"}, "BACKEND_S3_LINKS"),
        ({"s3_link_seconds": 0}, "BACKEND_S3_LINK_SECONDS"),
        ({"s3_cache_bytes": -1}, "BACKEND_S3_CACHE_BYTES"),
    ],
)
def test_a_wrong_setting_stops_with_a_line_that_names_it_and_not_its_value(given: dict[str, Any], named: str) -> None:
    with pytest.raises(WrongSettingError) as wrong:
        load_settings(**given)
    assert named in str(wrong.value)
    assert "secret-" not in str(wrong.value)
    assert ":secret@" not in str(wrong.value)
    assert "\n" not in str(wrong.value)


def test_a_bucket_is_written_with_or_without_a_prefix() -> None:
    for written, read in (("s3://b", "s3://b"), ("s3://b/", "s3://b"), ("s3://b/a/c/", "s3://b/a/c"), ("", None)):
        assert load_settings(s3_url=written).s3_url == read


def test_a_package_that_is_missing_is_named_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(("obstore", "auteur.adapters.files."))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "obstore", None)
    monkeypatch.setitem(sys.modules, "obstore.exceptions", None)
    with pytest.raises(WrongSettingError, match=r"BACKEND_S3_URL needs a package more: pip install 'auteur\[s3\]'"):
        artifact_store(load_settings(s3_url="s3://films", workspace_root=tmp_path))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "in s3://films/"),
        ({"s3_secret_key": "another-secret"}, "the secret key does not fit the access key (wrong_secret)"),
        ({"s3_endpoint": "http://127.0.0.1:1"}, "not reachable (unreachable)"),
        ({"s3_url": "s3://nothing-of-this-name"}, "there is no such bucket (no_bucket)"),
    ],
)
def test_doctor_says_whether_the_bucket_can_be_used_and_never_a_key(
    object_store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], told: str
) -> None:
    given = {**object_store.settings(fresh_prefix()), "workspace_root": tmp_path, "backend": "memory", **changes}
    for name, value in given.items():
        monkeypatch.setenv(f"BACKEND_{name.upper()}", str(value))
    monkeypatch.setenv("COLUMNS", "250")
    result = CliRunner().invoke(command_line, ["doctor"])
    assert told in " ".join(result.output.split()), result.output
    assert result.exit_code == (1 if changes else 0)
    assert not any(secret in result.output for secret in (object_store.secret_key, "another-secret"))
