"""A store of objects that breaks, refuses, or lies; and what its use costs."""

import asyncio
import hashlib
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from auteur.adapters.files import bucket as bucket_module
from auteur.adapters.files.bucket import Bucket
from auteur.adapters.files.objects import Digests, digests_of
from auteur.adapters.files.s3 import S3ArtifactStore
from auteur.domain.errors import ArtifactNotFoundError, StoreUnavailableError
from auteur.domain.ports import DRAFT_SUFFIX
from auteur.domain.task import Artifact, Task
from tests.contracts.test_artifact_store import T1, done, make, picture, write
from tests.object_store import ObjectStore, fresh_prefix, keys_in, on_bucket
from tests.store_line import StoreLine
from tests.waiting import LONG_S

LARGE = random.Random(5).randbytes(40_000_000)


@pytest.fixture
def store(object_store: ObjectStore, line: StoreLine, prefix: str, tmp_path: Path) -> S3ArtifactStore:
    """A machine whose requests go over the line."""
    return on_bucket(object_store, prefix, tmp_path / "machine", endpoint=line.endpoint)


async def whole(store: S3ArtifactStore, path: str) -> bytes:
    found = await store.find("film", path)
    async with aclosing(await found.open(0, found.size_bytes)) as chunks:
        return b"".join([chunk async for chunk in chunks])


# --- breaks --------------------------------------------------------------------------------------------------------


async def test_an_upload_that_breaks_off_goes_on_where_it_was(store: S3ArtifactStore, line: StoreLine) -> None:
    line.break_up = [9_000_000, 8_000_000, 12_000_000]
    (artifact,) = await make(store, a_mp4=LARGE)
    assert line.breaks == 3
    assert artifact.sha256 == hashlib.sha256(LARGE).hexdigest()
    assert await whole(store, f"{T1}/1/a.mp4") == LARGE
    assert line.up < len(LARGE) + 3 * 3 * bucket_module.PART_BYTES, "of what was under way each time, not of all"


async def test_a_reading_that_breaks_off_goes_on_where_it_was(
    store: S3ArtifactStore, line: StoreLine, object_store: ObjectStore, prefix: str, tmp_path: Path
) -> None:
    await make(on_bucket(object_store, prefix, tmp_path / "another"), a_mp4=LARGE)
    for read in (lambda: whole(store, f"{T1}/1/a.mp4"), lambda: fetched(store)):
        line.down, line.break_down = 0, [11_000_000, 5_000_000, 7_000_000]
        assert await read() == LARGE
        assert line.break_down == []
        assert line.down < len(LARGE) + 10_000_000


async def fetched(store: S3ArtifactStore) -> bytes:
    return (await store.locate("film", f"{T1}/1/a.mp4")).read_bytes()


async def test_what_was_sent_before_the_store_went_away_is_not_sent_again(
    object_store: ObjectStore, line: StoreLine, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = on_bucket(object_store, prefix, tmp_path / "machine", endpoint=line.endpoint)
    monkeypatch.setattr(store._bucket, "_patient", store._bucket._once)  # its minute is not worth the wait here
    directory = await store.begin("film", T1, 1)
    drafts = write(directory, a_mp4=LARGE, b_mp4=LARGE)
    line.break_up = [0, 60_000_000]
    with pytest.raises(StoreUnavailableError) as away:
        await store.commit("film", T1, 1, drafts)
    assert away.value.cause is not None
    assert await keys_in(object_store, prefix) == [f"film/{T1}/1/a.mp4"]
    line.break_up, line.up = [], 0
    artifacts = await store.commit("film", T1, 1, drafts)
    assert {artifact.sha256 for artifact in artifacts} == {hashlib.sha256(LARGE).hexdigest()}
    assert [artifact.size_bytes for artifact in artifacts] == [len(LARGE)] * 2
    assert line.up < len(LARGE) + 1_000_000
    assert not directory.exists()


async def test_a_half_download_is_never_seen(
    object_store: ObjectStore, store: S3ArtifactStore, line: StoreLine, prefix: str, tmp_path: Path
) -> None:
    await make(on_bucket(object_store, prefix, tmp_path / "another"), a_mp4=LARGE)
    fetching = asyncio.create_task(store.locate("film", f"{T1}/1/a.mp4"))
    while line.down < 10_000_000:
        await asyncio.sleep(0.001)
    seen = [path for path in (tmp_path / "machine" / "cache").rglob("*") if path.is_file()]
    assert all(path.name.endswith(DRAFT_SUFFIX) for path in seen)
    again = on_bucket(object_store, prefix, tmp_path / "machine")
    assert (await again.locate("film", f"{T1}/1/a.mp4")).read_bytes() == LARGE
    assert (await fetching).read_bytes() == LARGE


# --- lies ----------------------------------------------------------------------------------------------------------


def once_in_a_body() -> Callable[[bytes], bytes]:
    """Turns one bit, far inside what is sent."""
    left = [True]

    def change(data: bytes) -> bytes:
        if left and len(data) > 30_000 and b"HTTP/1.1" not in data:
            left.clear()
            return data[:-1] + bytes([data[-1] ^ 1])
        return data

    return change


async def test_a_byte_that_changes_on_its_way_there_is_found(
    store: S3ArtifactStore, line: StoreLine, object_store: ObjectStore, prefix: str
) -> None:
    directory = await store.begin("film", T1, 1)
    drafts = write(directory, a_mp4=LARGE[:3_000_000])
    line.change_up = once_in_a_body()
    with pytest.raises(StoreUnavailableError):
        await store.commit("film", T1, 1, drafts)
    (artifact,) = await store.commit("film", T1, 1, drafts)
    assert artifact.sha256 == hashlib.sha256(LARGE[:3_000_000]).hexdigest()
    assert await whole(store, f"{T1}/1/a.mp4") == LARGE[:3_000_000]


async def test_a_byte_that_changes_on_its_way_here_is_found_and_not_kept(
    store: S3ArtifactStore, line: StoreLine, tmp_path: Path
) -> None:
    await make(store, a_mp4=LARGE[:3_000_000])
    line.change_down = once_in_a_body()
    with pytest.raises(StoreUnavailableError) as damaged:
        await store.locate("film", f"{T1}/1/a.mp4")
    assert damaged.value.cause is not None
    assert damaged.value.cause.code == "damaged"
    assert [path for path in (tmp_path / "machine" / "cache").rglob("*") if path.is_file()] == []
    assert await fetched(store) == LARGE[:3_000_000]


async def test_a_store_whose_tags_are_no_digests_is_read_back_once(
    store: S3ArtifactStore, line: StoreLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def otherwise(path: Path) -> Digests:
        return replace(digests_of(path), etag="0" * 32)

    monkeypatch.setattr(bucket_module, "digests_of", otherwise)
    await make(store)
    assert line.asked["GET"] == 1
    await make(store, attempt=2)
    assert line.asked["GET"] == 1


async def test_a_store_that_holds_another_file_than_was_sent_is_found_out(
    store: S3ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of_another(path: Path) -> Digests:
        return replace(digests_of(path), etag="0" * 32, sha256="0" * 64)

    directory = await store.begin("film", T1, 1)
    drafts = write(directory, a_png=b"picture")
    with monkeypatch.context() as lying:
        lying.setattr(bucket_module, "digests_of", of_another)
        with pytest.raises(StoreUnavailableError) as damaged:
            await store.commit("film", T1, 1, drafts)
    assert damaged.value.cause is not None
    assert damaged.value.cause.code == "damaged"
    await store.commit("film", T1, 1, drafts)
    assert await whole(store, f"{T1}/1/a.png") == b"picture"


async def test_an_object_that_is_another_one_now_is_not_joined_to_what_was_read(
    store: S3ArtifactStore, object_store: ObjectStore, prefix: str
) -> None:
    await make(store, a_png=b"one")
    found = await store.find("film", f"{T1}/1/a.png")
    await asyncio.to_thread(object_store.client().put, f"{prefix}/film/{T1}/1/a.png", b"two")
    with pytest.raises(FileNotFoundError):
        await found.open(0, 3)


# --- refusals ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"secret_key": "a-wrong-secret"}, "wrong_secret"),
        ({"access_key": "nobody"}, "wrong_key"),
        ({"bucket": "nothing-of-this-name"}, "no_bucket"),
        ({"endpoint": "http://127.0.0.1:1"}, "unreachable"),
    ],
)
async def test_why_a_store_refuses_is_said_in_words_that_hold_no_secret(
    object_store: ObjectStore, tmp_path: Path, changes: dict[str, str], code: str
) -> None:
    store = on_bucket(object_store, fresh_prefix(), tmp_path, **changes)
    directory = await store.begin("film", T1, 1)
    (directory / "p.jpg").write_bytes(b"preview")
    for ask in (
        store.check,
        lambda: store.show("film", T1, 1, "p.jpg"),
        lambda: store.describe(done_here()),
        lambda: store.remove("film"),
        lambda: anext(aiter(store.stored())),
        lambda: anext(aiter(store.described())),
    ):
        with pytest.raises(StoreUnavailableError) as refused:
            await ask()
        assert refused.value.cause is not None
        assert refused.value.cause.code == code
        said = f"{refused.value.message} {refused.value.cause.words} {refused.value.details}"
        assert not any(secret in said for secret in (*changes.values(), object_store.secret_key, "127.0.0.1"))
    assert (await store.begin("film", T1, 2)).is_dir(), "work begins without the store"


def done_here() -> Task:
    """The record of a task, whether its files are there or not."""
    path = f"film/{T1}/1/a.png"
    made = Artifact(name="a.png", kind="image", path=path, media_type="image/png", size_bytes=1, sha256="0")
    return done((made,), datetime.now(UTC))


async def test_a_store_that_is_killed_frozen_and_started_again_is_told_each_time(tmp_path: Path) -> None:
    server = ObjectStore(tmp_path / "objects").start()
    try:
        store = on_bucket(server, "p", tmp_path / "machine")
        await make(store)
        server.kill()
        began = time.monotonic()
        for ask in (
            store.check,
            lambda: store.find("film", f"{T1}/1/a.png"),
            lambda: store.receive("film", one(), ".png"),
        ):
            with pytest.raises(StoreUnavailableError) as away:
                await ask()
            assert away.value.cause is not None
            assert away.value.cause.code == "unreachable"
        assert time.monotonic() - began < 10
        directory = await store.begin("film", T1, 2)
        committing = asyncio.create_task(store.commit("film", T1, 2, write(directory, a_png=b"again")))
        await asyncio.to_thread(server.start)
        await committing
        assert await whole(store, f"{T1}/1/a.png") == b"picture"
        assert await whole(store, f"{T1}/2/a.png") == b"again"
        server.freeze()
        with pytest.raises(StoreUnavailableError) as frozen:
            await store.check()
        assert frozen.value.cause is not None
        assert frozen.value.cause.code == "no_answer"
        server.thaw()
        await store.check()
    finally:
        server.stop()


async def one() -> AsyncIterator[bytes]:
    yield b"one"


# --- links and costs -----------------------------------------------------------------------------------------------


async def test_a_link_opens_one_file_to_whoever_has_it_and_for_a_short_while(
    object_store: ObjectStore, prefix: str, tmp_path: Path
) -> None:
    store = S3ArtifactStore(Bucket(object_store.address(prefix)), tmp_path, cache_bytes=1, link_s=2)
    await make(store, a_png=b"picture", b_png=b"another")
    link = await store.link("film", f"{T1}/1/a.png")
    assert link is not None
    assert object_store.secret_key not in link
    async with httpx.AsyncClient() as http:
        answer = await http.get(link)
        assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, b"picture", "image/png")
        assert (await http.get(link, headers={"Range": "bytes=1-2"})).content == b"ic"
        assert (await http.get(link.replace("/a.png", "/b.png"))).status_code == 403
        assert (await http.put(link, content=b"mine")).status_code == 403
        async with asyncio.timeout(LONG_S):
            while (answer := await http.get(link)).status_code == 200:
                await asyncio.sleep(0.1)
        assert answer.status_code in (400, 403)
    with pytest.raises(ArtifactNotFoundError):
        await store.link("film", "../secret.png")


async def test_a_link_names_the_store_as_others_reach_it(object_store: ObjectStore, tmp_path: Path) -> None:
    address = replace(object_store.address("p"), public_endpoint="https://files.studio.example")
    store = S3ArtifactStore(Bucket(address), tmp_path, cache_bytes=1, link_s=60)
    assert (await store.link("film", f"{T1}/1/a.png") or "").startswith("https://files.studio.example/films/p/film/")


async def test_what_each_step_asks_of_the_store(
    store: S3ArtifactStore, line: StoreLine, object_store: ObjectStore, prefix: str
) -> None:
    """The table in docs/storage.md."""
    costs: dict[str, dict[str, int]] = {}

    async def count(step: str, work: Coroutine[Any, Any, object]) -> None:
        line.asked = Counter()
        await work
        costs[step] = dict(sorted(line.asked.items()))

    directory = await store.begin("film", T1, 1)
    (directory / "preview.jpg").write_bytes(b"preview")
    drafts = write(directory, a_png=picture(300))
    await count("a preview", store.show("film", T1, 1, "preview.jpg"))
    await count("a result", store.commit("film", T1, 1, drafts))
    await count("its description", store.describe(done_here()))
    await count("a reading", whole(store, f"{T1}/1/a.png"))
    await count("an input, first", store.locate("film", f"{T1}/1/a.png"))
    await count("an input, again", store.locate("film", f"{T1}/1/a.png"))
    await count("a thumbnail", store.thumbnail("film", f"{T1}/1/a.png", 64))
    await count("a link", store.find("film", f"{T1}/1/a.png"))
    await count("an upload", store.receive("film", one(), ".png"))
    await count("a look at health", store.check())
    await count("a removal", store.remove("film", T1))
    await count("a large result", make(store, a_mp4=LARGE))
    assert costs == {
        "a preview": {"PUT": 1},
        "a result": {"PUT": 1},
        "its description": {"PUT": 1},
        "a reading": {"GET": 1, "HEAD": 1},
        "an input, first": {"GET": 1, "HEAD": 1},
        "an input, again": {"HEAD": 1},
        "a thumbnail": {"HEAD": 1},
        "a link": {"HEAD": 1},
        "an upload": {"PUT": 1},
        "a look at health": {"PUT": 1},
        "a removal": {"LIST": 1, "POST": 1},
        "a large result": {"POST": 2, "PUT": 5},
    }
