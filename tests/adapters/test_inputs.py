"""Inputs by url, against a real TLS server that does what servers do to those who fetch from them."""

import asyncio
import base64
import gzip
import io
import ssl
import wave
from collections.abc import AsyncIterator, Sequence
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import quote

import av
import numpy as np
import pytest
from PIL import Image

from auteur.adapters.addresses import ListedHosts, is_public
from auteur.adapters.files.workspace import WorkspaceArtifactStore
from auteur.adapters.inputs.fetcher import UrlInputFetcher
from auteur.adapters.inputs.https import Address, FetchLimits, HttpsSource
from auteur.adapters.inputs.problems import UNREACHABLE
from auteur.domain.errors import InvalidParamsError
from tests.https_server import AUTHORITY, HttpsServer, body, drip, endless, redirect, silence

NAME = "pictures.studio.test"
PRIVATE = "secret.studio.test"
MAX_BYTES = 100_000


def picture(colour: str = "red", kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (32, 18), colour).save(file, kind)
    return file.getvalue()


def sound() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(bytes(1600))
    return file.getvalue()


def film() -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        for _ in range(3):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")))
        out.mux(stream.encode(None))
    return file.getvalue()


@pytest.fixture
async def server() -> AsyncIterator[HttpsServer]:
    async with HttpsServer().serving() as server:
        server.answers["/a.png"] = body(picture())
        yield server


class House:
    """A fetcher for which names mean loopback; ``asked``: the names that were resolved."""

    def __init__(self, root: Path, listed: Sequence[tuple[str, int]], **limits: float) -> None:
        self.root = root
        self.asked: list[str] = []
        source = HttpsSource(
            FetchLimits(max_bytes=MAX_BYTES, **{"total_s": 20.0, **limits}),  # type: ignore[arg-type]
            lambda: ssl.create_default_context(cafile=AUTHORITY),
            listed=ListedHosts(listed),
            resolve=self.resolve,
        )
        self.fetcher = UrlInputFetcher(WorkspaceArtifactStore(root), source, max_bytes=MAX_BYTES)

    async def resolve(self, host: str, port: int) -> Sequence[Address]:
        self.asked.append(host)
        if host.endswith("unknown.test"):
            raise OSError
        return [ip_address("127.0.0.1")]

    async def problem(self, url: str, kind: str = "image") -> str:
        with pytest.raises(InvalidParamsError) as refused:
            await self.fetcher.fetch("film", "source_image", url, kind)
        (problem,) = refused.value.details["problems"]
        assert problem["field"] == "source_image"
        assert not (self.root / "film").exists(), "nothing is left of what could not be used"
        return str(problem["message"])


@pytest.fixture
def house(tmp_path: Path, server: HttpsServer) -> House:
    return House(tmp_path, [(NAME, server.port)])


# --- what works ----------------------------------------------------------------------------------------------------


async def test_a_listed_host_is_asked_by_name_and_its_picture_becomes_an_upload(
    house: House, server: HttpsServer, tmp_path: Path
) -> None:
    path = await house.fetcher.fetch("film", "source_image", f"https://{NAME}:{server.port}/a.png", "image")
    assert path.startswith("uploads/")
    assert path.endswith(".png")
    assert (tmp_path / "film" / path).read_bytes() == picture()
    (head,) = server.heard
    assert f"host: {NAME}:{server.port}\r\n" in head.lower()
    for told in ("cookie", "authorization", "referer", "x-forwarded"):
        assert told not in head.lower()
    assert "accept-encoding: identity" in head.lower()
    assert house.asked == [NAME], "resolved once, and the connection made to that"


async def test_the_same_bytes_get_the_same_name_and_lie_there_once(
    house: House, server: HttpsServer, tmp_path: Path
) -> None:
    url = f"https://{NAME}:{server.port}/a.png"
    data = f"data:image/png;base64,{base64.b64encode(picture()).decode()}"
    paths = [await house.fetcher.fetch("film", "source_image", one, "image") for one in (url, url, data)]
    assert len(set(paths)) == 1
    assert len(list((tmp_path / "film" / "uploads").iterdir())) == 1
    other = await house.fetcher.fetch("film", "source_image", f"data:image/png,{quote(picture('blue'))}", "image")
    assert other not in paths


async def test_a_url_that_many_want_at_once_is_fetched_once(house: House, server: HttpsServer) -> None:
    url = f"https://{NAME}:{server.port}/a.png"
    wants = [asyncio.create_task(house.fetcher.fetch("film", f"image_{n}", url, "image")) for n in range(50)]
    await asyncio.sleep(0)
    wants.pop(0).cancel()  # who asked first goes; the others wait for the same
    assert len(set(await asyncio.gather(*wants))) == 1
    assert len(server.heard) == 1
    server.answers["/b.png"] = body(b"")
    url = f"https://{NAME}:{server.port}/b.png"
    names = ("left", "right")
    wants = [asyncio.create_task(house.fetcher.fetch("film", name, url, "image")) for name in names]
    errors = await asyncio.gather(*wants, return_exceptions=True)
    assert [error.details["problems"][0]["field"] for error in errors] == list(names)  # type: ignore[union-attr]
    assert len(server.heard) == 2


async def test_redirects_within_what_is_allowed_are_followed(house: House, server: HttpsServer) -> None:
    server.answers["/1"] = redirect("/2", "301 Moved")
    server.answers["/2"] = redirect(f"https://{NAME}:{server.port}/a.png#part", "307 Temporary Redirect")
    path = await house.fetcher.fetch("film", "source_image", f"https://{NAME}:{server.port}/1", "image")
    assert path.endswith(".png")
    assert house.asked == [NAME] * 3, "the host is looked at again at every hop"


async def test_a_host_may_be_written_in_any_script(tmp_path: Path, server: HttpsServer) -> None:
    house = House(tmp_path, [("xn--bcher-kva.studio.test", server.port)])
    url = f"https://Bücher.studio.test:{server.port}/a.png"
    assert await house.fetcher.fetch("film", "source_image", url, "image")


@pytest.mark.parametrize(("kind", "data", "suffix"), [("video", film(), ".mp4"), ("audio", sound(), ".wav")])
async def test_films_and_sounds_are_known_by_what_they_hold(
    house: House, tmp_path: Path, kind: str, data: bytes, suffix: str
) -> None:
    url = f"data:{kind}/whatever;base64,{base64.b64encode(data).decode()}"
    path = await house.fetcher.fetch("film", "source_image", url, kind)
    assert path.endswith(suffix)
    assert (tmp_path / "film" / path).read_bytes() == data


# --- where nobody is asked -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::ffff:127.0.0.1]", "[::1]", "[::7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "2130706433",
     "017700000001", "0x7f000001", "127.1", "127。0。0。1", "localhost", "localhost.", "LOCALHOST", "169.254.169.254",
     "[fd00:ec2::254]", "[fe80::1]", "10.0.0.1", "100.100.100.200", "192.168.1.1", "[::]", "0.0.0.0", "224.0.0.1"],
)  # fmt: skip
async def test_no_spelling_of_a_private_address_is_asked(tmp_path: Path, server: HttpsServer, host: str) -> None:
    """With the system's own resolver, which reads numbers as inet_aton does."""
    source = HttpsSource(
        FetchLimits(max_bytes=MAX_BYTES), lambda: ssl.create_default_context(cafile=AUTHORITY), listed=ListedHosts()
    )
    house = House(tmp_path, [])
    house.fetcher = UrlInputFetcher(WorkspaceArtifactStore(tmp_path), source, max_bytes=MAX_BYTES)
    assert await house.problem(f"https://{host}/a.png") == UNREACHABLE


async def test_a_name_that_means_a_private_address_is_told_like_one_that_is_unknown(house: House) -> None:
    assert await house.problem(f"https://{PRIVATE}/a.png") == UNREACHABLE
    assert await house.problem("https://unknown.test/a.png") == UNREACHABLE
    assert house.asked == [PRIVATE, "unknown.test"]


async def test_a_listed_host_that_is_closed_is_told_like_one_that_is_refused(
    tmp_path: Path, server: HttpsServer
) -> None:
    house = House(tmp_path, [(NAME, 9)])
    assert await house.problem(f"https://{NAME}:9/a.png") == UNREACHABLE


async def test_one_private_address_among_public_ones_is_enough_to_refuse(house: House) -> None:
    async def both(host: str, port: int) -> Sequence[Address]:
        return [ip_address("93.184.215.14"), ip_address("127.0.0.1")]

    source = HttpsSource(
        FetchLimits(max_bytes=MAX_BYTES), ssl.create_default_context, listed=ListedHosts(), resolve=both
    )
    house.fetcher = UrlInputFetcher(WorkspaceArtifactStore(house.root), source, max_bytes=MAX_BYTES)
    assert await house.problem("https://rebinding.test/a.png") == UNREACHABLE


@pytest.mark.parametrize(
    ("to", "message"),
    [
        (f"https://{PRIVATE}/latest/meta-data", UNREACHABLE),
        ("https://169.254.169.254/latest/meta-data", UNREACHABLE),
        ("https://[::ffff:127.0.0.1]/", UNREACHABLE),
        ("//127.0.0.1/", UNREACHABLE),
        (f"http://{NAME}/a.png", "is redirected to a url that is not https:"),
        ("file:///etc/passwd", "is redirected to a url that is not https:"),
        ("gopher://127.0.0.1/", "is redirected to a url that is not https:"),
        (f"https://me:secret@{NAME}/", "must not carry a user or password"),
        ("https://127.0.0.1:8443/", "cannot be fetched: a url may name no other port than 443"),
        ("https://exa mple/", "is no url that can be read"),
        ("https://[::1", "is no url that can be read"),
    ],
)
async def test_a_redirect_leads_nowhere_that_a_url_may_not(
    house: House, server: HttpsServer, to: str, message: str
) -> None:
    server.answers["/1"] = redirect("/2")
    server.answers["/2"] = redirect(to)
    assert await house.problem(f"https://{NAME}:{server.port}/1") == message
    assert len(server.heard) == 2


async def test_a_redirect_without_end_is_left(house: House, server: HttpsServer) -> None:
    server.answers["/round"] = redirect("/round")
    assert await house.problem(f"https://{NAME}:{server.port}/round") == "is redirected more than 5 times"
    assert len(server.heard) == 6


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://me:secret@pictures.studio.test/", "must not carry a user or password"),
        ("https://1.1.1.1\\@127.0.0.1/", "must not carry a user or password"),
        ("https:///a.png", "is no url that can be read"),
        ("https:a.png", "is no url that can be read"),
        ("https://%6cocalhost/", "is no url that can be read"),
        ("https://ex\nample/", "is no url that can be read"),
        ("https://a..b/", "is no url that can be read"),
        ("https://ⓛocalhost/", "is no url that can be read"),
        (f"https://{'a' * 9000}/", "is longer than 8192 characters"),
        ("https://pictures.studio.test:22/", "cannot be fetched: a url may name no other port than 443"),
        ("https://pictures.studio.test:0/", "cannot be fetched: a url may name no other port than 443"),
    ],
)
async def test_a_url_that_cannot_be_asked_is_named_and_not_resolved(house: House, url: str, message: str) -> None:
    assert await house.problem(url) == message
    assert house.asked == []


async def test_the_environment_names_no_proxy(
    house: House, server: HttpsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert await house.fetcher.fetch("film", "source_image", f"https://{NAME}:{server.port}/a.png", "image")


async def test_the_certificate_must_be_of_the_name_that_was_asked(tmp_path: Path, server: HttpsServer) -> None:
    house = House(tmp_path, [("other.studio.test", server.port)])
    said = await house.problem(f"https://other.studio.test:{server.port}/a.png")
    assert said == "cannot be fetched: its host's certificate is not valid"
    assert server.heard == []


async def test_where_urls_are_off_none_is_looked_at(tmp_path: Path) -> None:
    house = House(tmp_path, [])
    house.fetcher = UrlInputFetcher(WorkspaceArtifactStore(tmp_path), None, max_bytes=MAX_BYTES)
    for url in (f"https://{NAME}/a.png", "data:image/png,x"):
        assert await house.problem(url) == "must be an artifact or upload of this project: urls are not fetched here"


async def test_where_only_listed_hosts_are_asked_a_public_one_is_not(tmp_path: Path, server: HttpsServer) -> None:
    async def public(host: str, port: int) -> Sequence[Address]:
        raise AssertionError("asked")

    source = HttpsSource(
        FetchLimits(max_bytes=MAX_BYTES), ssl.create_default_context, listed=ListedHosts(), only_listed=True,
        resolve=public,
    )  # fmt: skip
    house = House(tmp_path, [])
    house.fetcher = UrlInputFetcher(WorkspaceArtifactStore(tmp_path), source, max_bytes=MAX_BYTES)
    assert await house.problem("https://example.com/a.png") == UNREACHABLE


# --- what comes back -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (body(b"<html>", status="404 Not Found"), "cannot be fetched: its server answers 404"),
        (body(b"", status="204 No Content"), "cannot be fetched: its server answers 204"),
        (body(b"part", status="206 Partial Content"), "cannot be fetched: its server answers 206"),
        (body(b"<html>nothing here</html>"), "cannot be used: The file is no picture that can be read."),
        (body(b"<html>", "Content-Type: image/png"), "cannot be used: The file is no picture that can be read."),
        (body(b""), "cannot be used: The file is empty."),
        (body(picture()[:60]), "cannot be used: The file is a damaged picture, or only a part of one."),
        (body(b"x", "Content-Length: 999999999999"), f"has more than {MAX_BYTES} bytes"),
        (body(b"x" * (MAX_BYTES + 1)), f"has more than {MAX_BYTES} bytes"),
        (endless(b"x" * 8192), f"has more than {MAX_BYTES} bytes"),
        (body(gzip.compress(bytes(10_000_000)), "Content-Encoding: gzip"),
         "cannot be fetched: its server packs what it sends, though asked not to"),
        (body(picture(), "Content-Length: 5000"), "cannot be fetched: its server breaks off"),
        (body(picture(), "Content-Length: nonsense"), "cannot be fetched: its server breaks off"),
        (body(b"", "X: " + "y" * 300_000), "cannot be fetched: its server breaks off"),
    ],
)  # fmt: skip
async def test_what_is_no_picture_within_bounds_is_refused_with_the_reason(
    house: House, server: HttpsServer, answer: object, message: str
) -> None:
    server.answers["/"] = answer  # type: ignore[assignment]
    assert await house.problem(f"https://{NAME}:{server.port}/") == message


async def test_a_drip_ends_at_the_deadline_for_all_of_it(tmp_path: Path, server: HttpsServer) -> None:
    server.answers["/"] = drip(0.01)
    house = House(tmp_path, [(NAME, server.port)], total_s=0.5, read_s=5.0)
    assert await house.problem(f"https://{NAME}:{server.port}/") == "cannot be fetched within 0.5 s"


async def test_a_silent_server_is_left(tmp_path: Path, server: HttpsServer) -> None:
    server.answers["/"] = silence
    house = House(tmp_path, [(NAME, server.port)], read_s=0.2)
    assert await house.problem(f"https://{NAME}:{server.port}/") == "cannot be fetched: its server is silent for 0.2 s"


@pytest.mark.parametrize("kind", ["video", "audio"])
@pytest.mark.parametrize(
    "data",
    [b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", b"ffconcat version 1.0\nfile /etc/passwd\n", picture(), b"", b"ID3",
     b"\x00\x00\x00\x20ftypisom" + bytes(100), b"\x1a\x45\xdf\xa3" + bytes(100)],
)  # fmt: skip
async def test_a_playlist_or_damage_is_no_film_and_no_sound(house: House, kind: str, data: bytes) -> None:
    url = f"data:{kind}/mp4;base64,{base64.b64encode(data).decode()}"
    assert await house.problem(url, kind) == f"cannot be used: the file is no {kind} that can be read"


async def test_a_film_without_sound_is_no_sound(house: House) -> None:
    url = f"data:audio/mp4;base64,{base64.b64encode(film()).decode()}"
    assert await house.problem(url, "audio") == "cannot be used: the file is no audio that can be read"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("data:", "is no data: url that can be read"),
        ("data:image/png;base64", "is no data: url that can be read"),
        ("data:,hello", "is a data: url whose media type is not image/…"),
        ("data:text/html,x", "is a data: url whose media type is not image/…"),
        ("data:video/mp4,x", "is a data: url whose media type is not image/…"),
        ("data:image/png;base64,%%%", "is a data: url whose base64 cannot be read"),
        ("data:image/png;base64,ab*d", "is a data: url whose base64 cannot be read"),
        ("data:image/png;base64,", "cannot be used: The file is empty."),
        ("data:image/svg+xml,<svg/>", "cannot be used: The file is no picture that can be read."),
        ("data:image/png," + "a" * (MAX_BYTES + 1), f"has more than {MAX_BYTES} bytes"),
    ],
)
async def test_a_data_url_that_cannot_be_used_says_why(house: House, url: str, message: str) -> None:
    assert await house.problem(url) == message


@pytest.mark.parametrize(
    ("text", "public"),
    [("8.8.8.8", True), ("2606:4700::1111", True), ("2001:4860:4860::8888", True), ("168.63.129.16", False),
     ("192.88.99.1", False), ("198.18.0.1", False), ("255.255.255.255", False), ("2001::1", False),
     ("2001:db8::1", False), ("ff02::1", False), ("64:ff9b:1::1", False), ("::ffff:8.8.8.8", False)],
)  # fmt: skip
def test_only_unicast_of_the_internet_is_public(text: str, public: bool) -> None:
    assert is_public(ip_address(text)) is public
