"""Marks, deletion, retention, lists and takes over HTTP, in process: embedded on a file, and on a real Redis."""

import asyncio
import itertools
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from auteur.domain.events import TaskDeleted
from auteur.entrypoints.app import create_app
from auteur.entrypoints.container import Container, build, lifetime
from auteur.entrypoints.settings import load_settings
from tests.entrypoints.test_http import BODY, TINY, assert_shape, ended
from tests.keeping import make_in, wait_in
from tests.servers import RedisServer
from tests.waiting import LONG_S, awaited

FILM = "/api/v1/projects/film"
TASKS = f"{FILM}/tasks"


@pytest.fixture(params=["sqlite", "redis"])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    if request.param == "sqlite":
        return {"backend": "sqlite"}
    server: RedisServer = request.getfixturevalue("redis_server")
    return {"redis_url": server.url, "redis_state_prefix": f"{tmp_path.name}:"}


shared = pytest.mark.asyncio(loop_scope="module")
"""Of tests that ask a service which stands for all of them, and is by none made another."""


@pytest_asyncio.fixture(params=["sqlite", "redis"], scope="module", loop_scope="module")
async def standing_container(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Container]:
    home = tmp_path_factory.mktemp("standing")
    given: dict[str, Any] = {"backend": "sqlite"}
    if request.param == "redis":
        server: RedisServer = request.getfixturevalue("redis_server")
        given = {"redis_url": server.url, "redis_state_prefix": f"{home.name}-{uuid.uuid4()}:"}
    made = build(load_settings(workspace_root=home, shutdown_drain=0.0, principal_requests_per_second=10_000, **given))
    async with lifetime(made, resume=False):
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing(standing_container: Container) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(standing_container, opened=True))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        yield client


@pytest.fixture
async def container(tmp_path: Path, backend: dict[str, Any]) -> AsyncIterator[Container]:
    made = build(load_settings(workspace_root=tmp_path, shutdown_drain=0.0, **backend))
    async with lifetime(made, resume=False):  # what the tests leave waiting is not taken up
        yield made


@pytest.fixture
async def http(container: Container) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(container, opened=True))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        yield client


async def make(container: Container, project: str = "film", **request: Any) -> str:
    return (await make_in(container.bus(), container.artifacts(), project, **request)).task_id


async def wait(container: Container, project: str = "film", **request: Any) -> str:
    return (await wait_in(container.bus(), project, **request)).task_id


async def listed(http: httpx.AsyncClient, query: str = "", path: str = TASKS) -> list[str]:
    answer = await http.get(f"{path}?{query}")
    assert answer.status_code == 200, answer.text
    return [task["task_id"] for task in answer.json()["tasks"]]


# --- marks ---------------------------------------------------------------------------------------------------------


async def test_marks_are_set_and_taken_back_and_of_a_shot_one_take_is_circled(
    http: httpx.AsyncClient, container: Container
) -> None:
    takes = [await make(container, shot="12A") for _ in range(3)]
    for body, expected in (
        ({"favourite": True}, (True, False)),
        ({"circled": True}, (True, True)),
        ({"favourite": False}, (False, True)),
        ({"favourite": True, "circled": False}, (True, False)),
    ):
        answer = await http.patch(f"{TASKS}/{takes[0]}", json=body)
        assert answer.status_code == 200, answer.text
        assert (answer.json()["favourite"], answer.json()["circled"]) == expected
        assert (await http.get(f"{TASKS}/{takes[0]}")).json() == answer.json()
    for take in takes:
        assert (await http.patch(f"{TASKS}/{take}", json={"circled": True})).json()["circled"]
    assert [(await http.get(f"{TASKS}/{take}")).json()["circled"] for take in takes] == [False, False, True]
    shot = (await http.get(f"{FILM}/shots")).json()["shots"][0]
    assert (shot["circled_task_id"], shot["circled_take"], shot["takes"]) == (takes[2], 3, 3)


@shared
@pytest.mark.parametrize(
    "body", [{}, {"favourite": None}, {"favourite": 1}, {"favourite": "yes"}, {"x": 1}, [], [None]]
)
async def test_marks_that_say_nothing_are_refused_by_name(
    standing: httpx.AsyncClient, standing_container: Container, body: object
) -> None:
    task = await make(standing_container)
    assert_shape(await standing.patch(f"{TASKS}/{task}", json=body), 422, "VALIDATION_ERROR")


async def test_what_cannot_be_marked_or_deleted_is_one_error_in_the_one_shape(
    http: httpx.AsyncClient, container: Container
) -> None:
    plain, waiting, gone = await make(container), await wait(container, shot="12A"), await make(container)
    assert (await http.delete(f"{TASKS}/{gone}")).status_code == 204
    mark, circle = {"favourite": True}, {"circled": True}
    for method, task, body, status, code in (
        ("PATCH", plain, circle, 422, "VALIDATION_ERROR"),
        ("PATCH", waiting, circle, 422, "VALIDATION_ERROR"),
        ("PATCH", "nobody", mark, 404, "TASK_NOT_FOUND"),
        ("PATCH", gone, mark, 410, "TASK_DELETED"),
        ("GET", gone, None, 410, "TASK_DELETED"),
        ("POST", f"{gone}/cancel", None, 410, "TASK_DELETED"),
        ("DELETE", waiting, None, 409, "TASK_OPEN"),
        ("DELETE", "nobody", None, 404, "TASK_NOT_FOUND"),
    ):
        assert_shape(await http.request(method, f"{TASKS}/{task}", json=body), status, code)
    assert (await http.patch(f"{TASKS}/{waiting}", json=mark)).json()["favourite"], "a waiting one may be liked"
    assert_shape(await http.delete(FILM), 409, "PROJECT_BUSY")
    assert_shape(await http.delete("/api/v1/projects/nobody"), 404, "RESOURCE_NOT_FOUND")


# --- deletion ------------------------------------------------------------------------------------------------------


async def test_a_deleted_task_is_gone_record_and_files_and_its_key_is_not_used_again(
    http: httpx.AsyncClient, container: Container, tmp_path: Path
) -> None:
    answer = await http.post(TASKS, json=BODY, headers={"Idempotency-Key": "take-1"})
    task = await ended(http, answer.headers["location"]) if answer.status_code == 202 else {}
    assert task["status"] == "succeeded", answer.text
    (artifact,) = task["result"]["artifacts"]
    kept = await make(container)
    assert (await http.get(f"{artifact['url']}?width=64")).status_code == 200
    for _ in range(2):
        answer = await http.delete(f"{TASKS}/{task['task_id']}")
        assert (answer.status_code, answer.content) == (204, b""), "harmless to repeat"
    assert not (tmp_path / "film" / task["task_id"]).exists()
    for query in ("", "?width=64"):
        assert_shape(await http.get(f"{artifact['url']}{query}"), 404, "ARTIFACT_NOT_FOUND")
    assert await listed(http) == [kept]
    counts = (await http.get(FILM)).json()["counts"]
    assert counts["succeeded"] == 1
    for body in (BODY, {**BODY, "quality": "high"}):
        refused = await http.post(TASKS, json=body, headers={"Idempotency-Key": "take-1"})
        error = assert_shape(refused, 409, "IDEMPOTENCY_CONFLICT")["error"]
        assert "deleted" in error["message"]
    events = [recorded.event for recorded in await container.bus().history("film", None, 100)]
    assert [event.reason for event in events if isinstance(event, TaskDeleted)] == ["asked"]


async def test_of_a_deleted_project_nothing_is_left_and_every_route_says_so(
    http: httpx.AsyncClient, container: Container, tmp_path: Path
) -> None:
    task = await make(container, shot="12A")
    url = (await http.get(f"{TASKS}/{task}")).json()["result"]["artifacts"][0]["url"]
    other = await make(container, "other")
    for _ in range(2):
        assert (await http.delete(FILM)).status_code == 204
    assert not (tmp_path / "film").exists()
    for method, path, body in (
        ("GET", FILM, None),
        ("GET", TASKS, None),
        ("GET", f"{TASKS}?cursor=ended", None),
        ("GET", f"{TASKS}?cursor=open.1", None),
        ("GET", f"{TASKS}?q=field", None),
        ("GET", f"{FILM}/shots", None),
        ("GET", f"{FILM}/events", None),
        ("GET", f"{FILM}/events?after=0", None),
        ("GET", f"{TASKS}/{task}", None),
        ("GET", f"{TASKS}/nobody", None),
        ("POST", TASKS, BODY),
        ("POST", f"{TASKS}/{task}/cancel", None),
        ("PATCH", f"{TASKS}/{task}", {"favourite": True}),
        ("DELETE", f"{TASKS}/{task}", None),
    ):
        async with asyncio.timeout(LONG_S):
            answer = await http.request(method, path, json=body)
        assert_shape(answer, 410, "PROJECT_DELETED")
    assert_shape(await http.get(url), 404, "ARTIFACT_NOT_FOUND")
    picture = {"file": ("a.png", (tmp_path / "other" / other / "1" / "frame.png").read_bytes())}
    assert_shape(await http.post(f"{FILM}/uploads", files=picture), 410, "PROJECT_DELETED")
    assert not (tmp_path / "film").exists(), "nothing is laid into a project that is gone"
    assert [known["project_id"] for known in (await http.get("/api/v1/projects")).json()["projects"]] == ["other"]


# --- takes ---------------------------------------------------------------------------------------------------------


async def test_a_hundred_that_ask_at_once_for_a_take_of_a_shot_get_one_to_a_hundred(http: httpx.AsyncClient) -> None:
    async def ask(seed: int) -> httpx.Response:
        body, key = {**BODY, "params": {**TINY, "seed": seed}, "shot": " 12A "}, {"Idempotency-Key": f"take-{seed}"}
        async with awaited("the task to be accepted"):
            while (answer := await http.post(TASKS, json=body, headers=key)).status_code == 503:
                await asyncio.sleep(0.1)  # on a busy machine Redis may not answer in time; the same request again
        return answer

    answers = await asyncio.gather(*(ask(seed) for seed in range(100)))
    assert {answer.status_code for answer in answers} == {202}, [a.text for a in answers if a.status_code != 202][:1]
    assert {answer.json()["shot"] for answer in answers} == {"12A"}
    assert sorted(answer.json()["take"] for answer in answers) == list(range(1, 101))
    shot = (await http.get(f"{FILM}/shots")).json()["shots"]
    assert [(known["shot"], known["takes"], known["last_take"]) for known in shot] == [("12A", 100, 100)]


async def test_a_number_is_not_given_again_when_its_take_was_deleted(
    http: httpx.AsyncClient, container: Container
) -> None:
    takes = [await make(container, shot="7") for _ in range(3)]
    await http.patch(f"{TASKS}/{takes[2]}", json={"circled": True})
    await http.delete(f"{TASKS}/{takes[2]}")
    again = await wait_in(container.bus(), shot="7")
    assert again.take == 4
    (shot,) = (await http.get(f"{FILM}/shots")).json()["shots"]
    assert (shot["takes"], shot["last_take"], shot["circled_task_id"]) == (3, 4, None)


@shared
@pytest.mark.parametrize("shot", ["", " ", "x" * 65, "a\nb", "\u0000", 12])
async def test_a_shot_has_a_name_that_can_be_printed(standing: httpx.AsyncClient, shot: object) -> None:
    answer = await standing.post(TASKS, json={**BODY, "shot": shot})
    assert_shape(answer, 422, "VALIDATION_ERROR")
    assert [problem["field"] for problem in answer.json()["error"]["details"]["problems"]] == ["shot"]


async def test_shots_are_paged_by_name_with_their_poster(http: httpx.AsyncClient, container: Container) -> None:
    names = ["1", "12A", "12B", "Ä 3", "дубль", "🎬", "100%", 'a"b', "a'b", "a*b", "a b"]
    for name in names:
        await make(container, shot=name)
    made = await make(container, shot="12A")
    await wait(container, shot="12A")
    first, *_ = await listed(http, "shot=12B")
    await http.patch(f"{TASKS}/{first}", json={"circled": True})
    seen: list[dict[str, Any]] = []
    cursor = ""
    for _ in range(len(names)):
        page = (await http.get(f"{FILM}/shots", params={"limit": 2, **({"cursor": cursor} if cursor else {})})).json()
        seen += page["shots"]
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(shot["shot"] for shot in seen) == sorted(names)
    by_name = {shot["shot"]: shot for shot in seen}
    assert (by_name["12A"]["takes"], by_name["12A"]["circled_take"]) == (3, None)
    assert made in by_name["12A"]["poster"]["path"], "the newest that was made"
    assert (by_name["12B"]["circled_task_id"], by_name["12B"]["circled_take"]) == (first, 1)
    assert (await http.get(by_name["12B"]["poster"]["url"])).status_code == 200
    for name in names:
        answer = await http.get(TASKS, params={"shot": name})
        assert {task["shot"] for task in answer.json()["tasks"]} == {name}


# --- lists ---------------------------------------------------------------------------------------------------------


async def test_lists_are_filtered_by_everything_at_once(http: httpx.AsyncClient, container: Container) -> None:
    made = {
        (shot, quality, kind): await make(
            container, shot=shot, quality=quality, task_type=kind, metadata={"note": f"{shot} Straße"}
        )
        for shot, quality, kind in itertools.product(("1", "2"), ("draft", "high"), ("text_to_image", "image_to_video"))
    }
    waiting = await wait(container, shot="1")
    liked = made["1", "draft", "text_to_image"]
    await http.patch(f"{TASKS}/{liked}", json={"favourite": True})
    newest_first = [*made.values(), waiting][::-1]
    for query, expected in (
        ("", newest_first),
        ("status=queued", [waiting]),
        ("status=queued&status=succeeded", newest_first),
        ("status=failed&status=cancelled", []),
        ("status=failed&status=queued", [waiting]),
        ("favourite=true", [liked]),
        ("favourite=false&shot=1&quality=draft&status=succeeded", [made["1", "draft", "image_to_video"]]),
        ("quality=high&task_type=image_to_video&shot=2", [made["2", "high", "image_to_video"]]),
        ("quality=nobody", []),
        ("q=STRASSE&shot=2&quality=draft&task_type=text_to_image", [made["2", "draft", "text_to_image"]]),
        ("q=stra+fie&favourite=true", [liked]),
        ("q=nobody", []),
    ):
        assert await listed(http, query) == expected, query


WORDS = [
    '"', "*", "NEAR", "NEAR(a b)", "a NEAR/2 b", "AND", "OR NOT", "prompt:field", "field*", '"field', "field OR x",
    "-x", "(", ")", "^field", "{a b}", "a:b", "'", "''", ";--", "\\", "%", "_", "🎬", "Ä", "ﬁeld", "e\u0301", "场",
    "的 场景", "مرحبا", "\u200b", "\u202e", "\ud7ff", " ", "", "a" * 200, " ".join("abcdefghijklmnopqrstuvw"),
    "@shot:{x}", "field|x", "~field~", "$x", "%field%", "=>[KNN 10 @x $y]", "\x00", "\x1f", "field\x00",
]  # fmt: skip


@shared
@pytest.mark.parametrize("words", WORDS)
async def test_whatever_is_searched_for_there_is_an_answer(
    standing: httpx.AsyncClient, standing_container: Container, words: str
) -> None:
    project = f"film-{uuid.uuid4()}"
    await make(standing_container, project, params={"prompt": f"a field {words[:100]}"}, shot="12A")
    answer = await standing.get(f"/api/v1/projects/{project}/tasks", params={"q": words})
    assert answer.status_code in (200, 422), answer.text
    if answer.status_code == 422:
        assert_shape(answer, 422, "VALIDATION_ERROR")
    elif any(c.isalnum() for c in words) and len(words) <= 100 and "NEAR" not in words:
        assert len(answer.json()["tasks"]) <= 1


@shared
@pytest.mark.parametrize(
    ("prompt", "words", "found"),
    [
        ("Leuchtturm in der Dämmerung", "dammerung", True),
        ("Leuchtturm in der Dämmerung", "DÄMMER leucht", True),
        ("Leuchtturm in der Dämmerung", "turm", False),
        ("夜の灯台", "灯台", True),
        ("маяк на закате", "МАЯК", True),
        ("a lighthouse", "lighthouse boat", False),
        ("café 12A", "cafe 12a", True),
    ],
)
async def test_words_are_found_as_people_type_them(
    standing: httpx.AsyncClient, standing_container: Container, prompt: str, words: str, found: bool
) -> None:
    project = f"film-{uuid.uuid4()}"
    task = await make(standing_container, project, params={"prompt": prompt})
    answer = (await standing.get(f"/api/v1/projects/{project}/tasks", params={"q": words})).json()
    assert [known["task_id"] for known in answer["tasks"]] == ([task] if found else [])


@shared
@pytest.mark.parametrize(
    "cursor",
    ["x", "before", "before.", "before.x", "before.-1", "before.1.1", "open", "ended.", "ended.1e3", "before.٣", " ",
     "before.1\n", "before.1234567890123456", "'", "x" * 65, "open.1 OR 1=1", "\x00"],
)  # fmt: skip
async def test_a_cursor_that_the_service_never_sent_is_refused(standing: httpx.AsyncClient, cursor: str) -> None:
    assert_shape(await standing.get(TASKS, params={"cursor": cursor}), 422, "VALIDATION_ERROR")


@shared
@pytest.mark.parametrize("cursor", ["x", "/", "\x00", "2026-01-01T00:00:00Z", "a/b", "🎬", "x" * 257, "(1/film"])
async def test_a_cursor_of_the_projects_that_the_service_never_sent_is_no_fault_of_its_own(
    standing: httpx.AsyncClient, standing_container: Container, cursor: str
) -> None:
    await make(standing_container)
    answer = await standing.get("/api/v1/projects", params={"cursor": cursor})
    assert answer.status_code in (200, 422), answer.text
    assert_shape(answer, 422, "VALIDATION_ERROR") if answer.status_code == 422 else None


async def test_a_cursor_far_beyond_every_task_ends_the_list(http: httpx.AsyncClient, container: Container) -> None:
    await make(container)
    far = "9" * 15
    assert len(await listed(http, f"cursor=before.{far}")) == 1
    assert await listed(http, "cursor=before.1") == []
    assert await listed(http, f"cursor=open.{far}") == []


# --- a project, and all of them ------------------------------------------------------------------------------------


async def test_projects_are_listed_with_counts_the_last_active_first_and_paged(
    http: httpx.AsyncClient, container: Container
) -> None:
    names = [f"film-{n}" for n in range(7)]
    for name in names:
        await make(container, name)
    await wait(container, "film-0")
    seen: list[dict[str, Any]] = []
    params: dict[str, Any] = {"limit": 3}
    while True:
        page = (await http.get("/api/v1/projects", params=params)).json()
        seen += page["projects"]
        if page["next"] is None:
            break
        params["cursor"] = page["next"]
    assert [known["project_id"] for known in seen] == ["film-0", *names[:0:-1]]
    assert (seen[0]["counts"]["queued"], seen[0]["counts"]["succeeded"]) == (1, 1)
    assert seen[0]["counts"]["size_bytes"] > 0
    assert (await http.get(seen[-1]["poster"]["url"])).status_code == 200


async def test_the_chain_that_begins_with_a_state_meets_each_task_once(
    http: httpx.AsyncClient, container: Container
) -> None:
    bus = container.bus()
    ended_ones = [(await make_in(bus, None)).task_id for _ in range(130)]
    open_ones = [await wait(container) for _ in range(230)]
    state = (await http.get(FILM)).json()
    assert state["counts"]["queued"] == 230
    assert state["counts"]["succeeded"] == 130
    seen = [task["task_id"] for task in state["tasks"]]
    assert seen == open_ones[: len(seen)], "the open ones come first, in the order of acceptance"
    cursor = state["next"]
    while cursor is not None:
        page = (await http.get(TASKS, params={"cursor": cursor, "limit": 50})).json()
        seen += [task["task_id"] for task in page["tasks"]]
        cursor = page["next"]
    assert seen == open_ones + ended_ones[::-1]


async def test_a_small_project_is_told_whole_and_says_so(http: httpx.AsyncClient, container: Container) -> None:
    task = await make(container)
    state = (await http.get(FILM)).json()
    assert ([known["task_id"] for known in state["tasks"]], state["next"]) == ([task], None)
    empty = (await http.get("/api/v1/projects/empty")).json()
    assert (empty["tasks"], empty["next"], empty["position"]) == ([], None, "0")
