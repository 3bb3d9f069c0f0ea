"""Pictures in and files out, through the real app."""

import asyncio
import hashlib
import io
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import av
import httpx
import pytest
import pytest_asyncio
from PIL import Image

from auteur.adapters.images import READ
from auteur.adapters.stills import MEDIA_TYPES
from auteur.entrypoints.app import create_app
from auteur.entrypoints.container import Container, build, lifetime
from auteur.entrypoints.settings import load_settings
from tests.entrypoints.test_http import assert_shape, ended
from tests.object_store import fresh_prefix
from tests.stills import COOL, SIZE, WARM, Still, every_still, halves, png, saved, turned, turned_behind

UPLOADS = "/api/v1/projects/film/uploads"
STILLS = {still.name: still for still in every_still()}
STILLS["turned-jpeg"] = Still("turned-jpeg", turned("JPEG", 8), ".jpg", "image/jpeg", within=6)
STILLS["turned-tiff"] = Still("turned-tiff", turned("TIFF", 6), ".tif", "image/tiff")
STILLS["turned-png-behind"] = Still("turned-png-behind", turned_behind(), ".png", "image/png")


EVERYWHERE = pytest.mark.parametrize("container", ["workspace", "bucket"], indirect=True)
"""Whether files lie in the workspace or in a bucket makes no difference to a caller."""


@pytest.fixture
async def container(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Container]:
    given: dict[str, Any] = {}
    if getattr(request, "param", "workspace") == "bucket":
        given = request.getfixturevalue("object_store").settings(fresh_prefix())
    settings = load_settings(
        workspace_root=tmp_path, backend="memory", max_upload_bytes=20 << 20, shutdown_drain=0.0, **given
    )
    made = build(settings)
    async with lifetime(made):
        yield made


shared = pytest.mark.asyncio(loop_scope="module")
"""Of tests that bring something into a service which stands for all of them."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    home = tmp_path_factory.mktemp("standing")
    given = {"principal_requests_per_second": 10_000, "max_upload_bytes": 20 << 20, "shutdown_drain": 0.0}
    made = build(load_settings(workspace_root=home, backend="memory", **given))
    async with lifetime(made):
        transport = httpx.ASGITransport(create_app(made, opened=True))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
            yield client


@pytest.fixture
async def http(container: Container) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(container, opened=True))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        yield client


async def brought(http: httpx.AsyncClient, data: bytes, name: str = "still.png") -> dict[str, Any]:
    answer = await http.post(UPLOADS, files={"file": (name, data)})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


@EVERYWHERE
@pytest.mark.parametrize(
    ("suffix", "media_type"),
    [(".webm", "video/webm"), (".mov", "video/quicktime"), (".m4a", "audio/mp4"), (".xyz", "application/octet-stream")],
)
async def test_what_was_brought_in_is_handed_out_as_what_it_is(
    container: Container, http: httpx.AsyncClient, suffix: str, media_type: str
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"whatever it holds"

    path = await container.artifacts().receive("film", chunks(), suffix)
    found = await http.get(f"/api/v1/projects/film/artifacts/{path}")
    assert (found.status_code, found.headers["content-type"]) == (200, media_type)


@shared
@pytest.mark.parametrize("name", STILLS)
async def test_every_still_is_taken_in_as_it_was_sent(standing: httpx.AsyncClient, name: str) -> None:
    still = STILLS[name]
    said = await brought(standing, still.data, "a.name.that.lies.exe")
    assert (said["width_px"], said["height_px"]) == still.size
    assert said["media_type"] == still.media_type
    assert said["path"].endswith(still.suffix)
    assert said["sha256"] == hashlib.sha256(still.data).hexdigest()
    found = await standing.get(said["url"])
    assert found.content == still.data
    assert found.headers["content-type"] == still.media_type
    small = await standing.get(said["url"], params={"width": 64})
    with Image.open(io.BytesIO(small.content)) as picture:
        assert (picture.format, picture.size) == ("WEBP", still.size)
        assert_halves(picture.convert("RGB"), still)


def assert_halves(picture: Image.Image, still: Still) -> None:
    for share, expected in ((0.2, still.left), (0.8, still.right)):
        seen = picture.getpixel((int(picture.width * share), picture.height // 2))
        assert isinstance(seen, tuple)
        assert max(abs(a - b) for a, b in zip(seen, expected, strict=True)) <= 14, (seen, expected)


@shared
@pytest.mark.parametrize(
    "name",
    [
        "several-pictures-jpeg", "deep-grey-png", "deep-colour-png", "bilevel-png", "palette-png-with-transparency",
        "png-with-hidden-colour", "animated-png", "animated-gif", "ink-jpeg-with-profile", "wide-gamut-jpeg", "avif",
        "float-tiff", "turned-jpeg", "turned-tiff", "turned-png-behind",
    ],
)  # fmt: skip
async def test_a_shot_over_a_still_shows_what_the_still_shows(standing: httpx.AsyncClient, name: str) -> None:
    still = STILLS[name]
    source = (await brought(standing, still.data))["path"]
    params = {"source_image": source, "move": "hold", "duration_s": 0.5, "fps": 12, "width": 128, "seed": 1}
    asked = await standing.post("/api/v1/projects/film/tasks", json={"task_type": "image_to_video", "params": params})
    task = await ended(standing, asked.headers["Location"])
    assert task["status"] == "succeeded", task
    made = {artifact["name"]: artifact for artifact in task["result"]["artifacts"]}
    assert made["shot.mp4"]["height_px"] == 128 * still.size[1] // still.size[0]
    with Image.open(io.BytesIO((await standing.get(made["poster.jpg"]["url"])).content)) as poster:
        assert_halves(poster.convert("RGB"), still)
    small = await standing.get(made["shot.mp4"]["url"], params={"width": 100})
    with Image.open(io.BytesIO(small.content)) as picture:
        assert (picture.format, picture.size) == ("WEBP", (128, 80))
        assert_halves(picture.convert("RGB"), still)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"INT. LIGHTHOUSE - DUSK",
        saved(Image.effect_noise((400, 300), 90), "JPEG")[:-2000],
        STILLS["png"].data[:-30],
        STILLS["webp"].data[:-20],
        png((64, 4000), 8, 2, b"\0" * 100),
        png((20_000, 20_000), 1, 0, b"\0" * (2501 * 20_000)),
    ],
    ids=["nothing", "text", "half-jpeg", "half-png", "half-webp", "lying-head", "bomb"],
)
async def test_what_cannot_be_read_is_one_error_and_leaves_nothing(
    http: httpx.AsyncClient, container: Container, data: bytes
) -> None:
    answer = await http.post(UPLOADS, files={"file": ("still.png", data)})
    details = assert_shape(answer, 415, "UNSUPPORTED_MEDIA_TYPE")["error"]["details"]
    assert details["supported"] == sorted(MEDIA_TYPES[suffix] for suffix in READ)
    assert {"image/jpeg", "image/png", "image/webp", "image/tiff", "image/avif"} <= set(details["supported"])
    assert not (container.settings().workspace / "film" / "uploads").exists()


async def test_a_file_that_became_unreadable_is_said_by_field(http: httpx.AsyncClient, container: Container) -> None:
    said = await brought(http, STILLS["png"].data)
    (container.settings().workspace / said["path"]).write_bytes(b"no picture")
    body = {"task_type": "image_to_video", "params": {"source_image": said["path"]}}
    refused = assert_shape(await http.post("/api/v1/projects/film/tasks", json=body), 422, "INVALID_PARAMS")
    assert refused["error"]["details"]["problems"][0]["field"] == "source_image"


# --- what HTTP says of a file --------------------------------------------------------------------------------------


@pytest.fixture
async def frame(http: httpx.AsyncClient) -> dict[str, Any]:
    """A result: its artifact."""
    params = {"prompt": "a field", "width": 64, "height": 64, "steps": 1, "seed": 1}
    asked = await http.post("/api/v1/projects/film/tasks", json={"task_type": "text_to_image", "params": params})
    artifact: dict[str, Any] = (await ended(http, asked.headers["Location"]))["result"]["artifacts"][0]
    return artifact


@EVERYWHERE
async def test_a_result_is_tagged_with_its_digest_and_not_sent_twice(
    http: httpx.AsyncClient, frame: dict[str, Any]
) -> None:
    whole = await http.get(frame["url"])
    assert whole.headers["etag"] == f'"{frame["sha256"]}"'
    tag, date = whole.headers["etag"], whole.headers["last-modified"]
    for headers in (
        {"If-None-Match": tag},
        {"If-None-Match": f"W/{tag}"},
        {"If-None-Match": f'"other", {tag}'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": date},
        {"If-None-Match": tag, "If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"If-None-Match": tag, "Range": "bytes=0-9"},
    ):
        for method in ("GET", "HEAD"):
            answer = await http.request(method, frame["url"], headers=headers)
            assert (answer.status_code, answer.content) == (304, b""), headers
            assert answer.headers["etag"] == tag
            assert answer.headers["cache-control"] == whole.headers["cache-control"]
            assert "content-length" not in answer.headers or answer.headers["content-length"] == "0"
    for headers in (
        {"If-None-Match": '"other"'},
        {"If-None-Match": "nonsense"},
        {"If-Modified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"If-Modified-Since": "yesterday"},
        {"If-None-Match": '"other"', "If-Modified-Since": date},
    ):
        assert (await http.get(frame["url"], headers=headers)).content == whole.content, headers


@EVERYWHERE
async def test_a_part_is_sent_only_of_the_file_that_the_caller_has(
    http: httpx.AsyncClient, frame: dict[str, Any]
) -> None:
    whole = await http.get(frame["url"])
    tag, date, size = whole.headers["etag"], whole.headers["last-modified"], len(whole.content)
    for headers in ({}, {"If-Range": tag}, {"If-Range": date}):
        part = await http.get(frame["url"], headers={"Range": "bytes=10-19", **headers})
        assert (part.status_code, part.content) == (206, whole.content[10:20])
        assert part.headers["content-range"] == f"bytes 10-19/{size}"
        assert part.headers["etag"] == tag
    for stale in ('"other"', f"W/{tag}", "Thu, 01 Jan 1970 00:00:00 GMT"):
        answer = await http.get(frame["url"], headers={"Range": "bytes=10-19", "If-Range": stale})
        assert (answer.status_code, answer.content) == (200, whole.content), stale
    answer = await http.get(frame["url"], headers={"Range": f"bytes={size}-", "If-Range": '"other"'})
    assert answer.status_code == 200


@EVERYWHERE
async def test_a_part_that_is_not_there_is_said_in_the_one_shape(
    http: httpx.AsyncClient, frame: dict[str, Any]
) -> None:
    size = frame["size_bytes"]
    for asked in (f"bytes={size}-", "bytes=-0", f"bytes={size}-{size}, -0", "bytes=999999999999999999-"):
        answer = await http.get(frame["url"], headers={"Range": asked})
        assert_shape(answer, 416, "RANGE_NOT_SATISFIABLE")
        assert answer.headers["content-range"] == f"bytes */{size}", asked


@EVERYWHERE
async def test_a_range_that_is_none_is_as_if_it_were_not_there(http: httpx.AsyncClient, frame: dict[str, Any]) -> None:
    nines = "bytes=" + "9" * 30 + "-"
    for asked in ("bytes=9-5", "bytes=0-3,x-y", "bytes=x-y", "lines=1-2", "bytes=", "bytes=-", nines):
        answer = await http.get(frame["url"], headers={"Range": asked})
        assert (answer.status_code, len(answer.content)) == (200, frame["size_bytes"]), asked


@EVERYWHERE
async def test_several_parts_come_as_one_answer(http: httpx.AsyncClient, frame: dict[str, Any]) -> None:
    answer = await http.get(frame["url"], headers={"Range": f"bytes=0-3, 8-11, {frame['size_bytes']}-"})
    assert answer.status_code == 206
    assert answer.headers["content-type"].startswith("multipart/byteranges")
    assert answer.content.count(b"Content-Range") == 2
    assert int(answer.headers["content-length"]) == len(answer.content)
    whole = (await http.get(frame["url"])).content
    boundary = answer.headers["content-type"].partition("boundary=")[2].encode()
    parts = [part.partition(b"\r\n\r\n")[2] for part in answer.content.split(b"--" + boundary)[1:-1]]
    assert parts == [whole[0:4] + b"\r\n", whole[8:12] + b"\r\n"]
    joined = await http.get(frame["url"], headers={"Range": "bytes=8-11, 4-9, 0-3"})
    assert (joined.status_code, joined.content) == (206, whole[0:12])
    head = await http.head(frame["url"], headers={"Range": "bytes=0-3"})
    assert (head.content, head.headers["content-length"]) == (b"", "4")


@EVERYWHERE
async def test_an_upload_is_tagged_too_and_another_one_differently(http: httpx.AsyncClient) -> None:
    first, second = [(await brought(http, STILLS[name].data))["url"] for name in ("png", "webp")]
    tags = [(await http.head(url)).headers["etag"] for url in (first, second)]
    assert len(set(tags)) == 2
    assert not any(tag.startswith("W/") for tag in tags)
    assert (await http.get(first, headers={"If-None-Match": tags[0]})).status_code == 304
    assert (await http.get(first, headers={"If-None-Match": tags[1]})).status_code == 200


@EVERYWHERE
async def test_a_thumbnail_is_tagged_and_not_sent_twice(http: httpx.AsyncClient, frame: dict[str, Any]) -> None:
    small = await http.get(frame["url"], params={"width": 64})
    assert small.headers["content-type"] == "image/webp"
    assert small.headers["etag"] != f'"{frame["sha256"]}"'
    head = await http.head(frame["url"], params={"width": 64})
    assert (head.content, head.headers["content-length"]) == (b"", str(len(small.content)))
    again = await http.get(frame["url"], params={"width": 50}, headers={"If-None-Match": small.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_width_that_is_none_is_refused(http: httpx.AsyncClient, frame: dict[str, Any]) -> None:
    for width in ("0", "-5", "wide", "99999999", "1.5", ""):
        assert_shape(await http.get(frame["url"], params={"width": width}), 422, "VALIDATION_ERROR")


async def test_what_is_no_picture_has_no_thumbnail(http: httpx.AsyncClient, container: Container) -> None:
    home = container.settings().workspace / "film" / "uploads"
    home.mkdir(parents=True)
    (home / "notes.txt").write_text("words")
    (home / "shot.mp4").write_bytes(b"moving")
    for name in ("notes.txt", "shot.mp4"):
        answer = await http.get(f"/api/v1/projects/film/artifacts/uploads/{name}", params={"width": 64})
        assert_shape(answer, 422, "UNREADABLE_IMAGE")
    nothing = await http.get("/api/v1/projects/film/artifacts/uploads/none.png", params={"width": 64})
    assert_shape(nothing, 404, "ARTIFACT_NOT_FOUND")


async def test_a_large_still_holds_nobody_up(http: httpx.AsyncClient) -> None:
    photograph = saved(halves("RGB", WARM, COOL, (8000, 6000)), "PNG", compress_level=1)
    worst, done = 0.0, asyncio.Event()

    async def listen() -> None:
        nonlocal worst
        clock = asyncio.get_running_loop().time
        while not done.is_set():
            before = clock()
            await asyncio.sleep(0.005)
            worst = max(worst, clock() - before)

    listener = asyncio.create_task(listen())
    said = await brought(http, photograph)
    answer = await http.get(said["url"], params={"width": 512})
    done.set()
    await listener
    assert (said["width_px"], said["height_px"], answer.status_code) == (8000, 6000, 200)
    assert SIZE[0] < Image.open(io.BytesIO(answer.content)).width == 512
    assert worst < 0.25


async def test_a_sound_is_brought_and_a_film_has_it(http: httpx.AsyncClient) -> None:
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(range(256)) * 40)
    upload = await brought(http, sound.getvalue(), "voice.bin")
    assert (upload["media_type"], upload["width_px"], upload["path"][-4:]) == ("audio/wav", 0, ".wav")
    assert (await http.get(upload["url"])).content == sound.getvalue()
    params = {
        "prompt": "a field",
        "move": "static",
        "duration_s": 0.5,
        "fps": 25,
        "width": 64,
        "height": 64,
        "steps": 1,
    }
    asked = {"task_type": "text_to_video", "params": {**params, "audio": upload["url"]}, "quality": "draft"}
    accepted = await http.post("/api/v1/projects/film/tasks", json=asked)
    done = await ended(http, accepted.headers["location"])
    assert done["status"] == "succeeded", done
    film = next(made for made in done["result"]["artifacts"] if made["kind"] == "video")
    with av.open(io.BytesIO((await http.get(film["url"])).content)) as container:
        (voice,) = container.streams.audio
        assert float(voice.duration * voice.time_base) == pytest.approx(12 / 25)
    refused = await http.post(UPLOADS, files={"file": ("voice.wav", b"RIFF\0\0\0\0WAVEfmt nothing")})
    assert refused.status_code == 415
