import pytest

from auteur.entrypoints.addresses import Hosts, in_url, is_loopback, read_origin, read_root_path, split_host
from auteur.entrypoints.settings import WrongSettingError, load_settings


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.chdir(str(tmp_path))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Films.Example", ("films.example", None)),
        ("films.example.:8000", ("films.example", 8000)),
        ("bücher.example", ("xn--bcher-kva.example", None)),
        ("127.0.0.1:80", ("127.0.0.1", 80)),
        ("::1", ("[::1]", None)),
        ("[0:0:0:0:0:0:0:1]:8000", ("[::1]", 8000)),
        ("[FE80::1%eth0]", ("[fe80::1]", None)),
    ],
)
def test_a_host_has_one_spelling(text: str, found: tuple[str, int | None]) -> None:
    assert split_host(text) == found


@pytest.mark.parametrize(
    "text",
    ["", "a b", "a/b", "http://a", "a:", "a:port", "a:0", "a:65536", "a:99999999999", "a:٣", "[::1", "[::1]8000",
     "[127.0.0.1]", "::g", "..", "a..b", "-", "a@b", "*", "a*", "x" * 300, "\0"],
)  # fmt: skip
def test_what_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        split_host(text)
    assert not Hosts.read(["a"]).know(text)


@pytest.mark.parametrize(
    ("allowed", "known", "unknown"),
    [
        ("*", ["a.example", "[::1]:1", "anything", ""], []),
        ("films.example", ["films.example", "FILMS.example:8000", "films.example."], ["a.films.example"]),
        ("films.example:8443", ["films.example:8443"], ["films.example", "films.example:8000"]),
        ("films.example:443", ["films.example", "films.example:443"], ["films.example:8443"]),
        ("*.example.org", ["a.example.org", "b.a.example.org:1"], ["example.org", "aexample.org", "example.org.evil"]),
        ("*.example.org:81", ["a.example.org:81"], ["a.example.org", "a.example.org:82"]),
        ("2001:db8::1", ["[2001:db8::1]", "[2001:DB8:0::1]:8000"], ["[2001:db8::2]"]),
        ("[2001:db8::1]:81", ["[2001:db8::1]:81"], ["[2001:db8::1]"]),
        ("a, b", ["a", "b:1"], ["a,b", "c"]),
    ],
)  # fmt: skip
def test_allowed_hosts_are_read_as_people_write_them(allowed: str, known: list[str], unknown: list[str]) -> None:
    hosts = load_settings(allowed_hosts=allowed).hosts()
    assert [host for host in known if not hosts.know(host)] == []
    assert [host for host in unknown if hosts.know(host)] == []
    if allowed != "*":
        assert hosts.know("localhost:8000"), "loopback may always"
        assert not hosts.know("evil.example")


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("HTTPS://Films.Example:443/x", "https://films.example"),
        ("http://localhost:3000/", "http://localhost:3000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_an_origin_is_spelled_as_browsers_send_it(text: str, origin: str) -> None:
    assert read_origin(text) == origin


@pytest.mark.parametrize(
    ("text", "path"), [("", ""), ("/", ""), ("/studio", "/studio"), ("/studio/", "/studio"), ("/a/b-c_d~", "/a/b-c_d~")]
)  # fmt: skip
def test_a_root_path_has_one_spelling(text: str, path: str) -> None:
    assert read_root_path(text) == path


SECRET = "hunter2"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("root_path", f"{SECRET}"),
        ("root_path", f"/{SECRET}//x"),
        ("root_path", f"/{SECRET}/../x"),
        ("root_path", f"/{SECRET} x"),
        ("root_path", f"/{SECRET}?x"),
        ("root_path", f"/%2F{SECRET}"),
        ("root_path", f'/{SECRET}"><script>'),
        ("root_path", f"https://{SECRET}/x"),
        ("root_path", "/api"),
        ("root_path", f"/ws/{SECRET}"),
        ("root_path", "/health"),
        ("public_url", SECRET),
        ("public_url", f"ftp://{SECRET}"),
        ("public_url", f"https://user:{SECRET}@films.example"),
        ("public_url", f"https://films.example/?{SECRET}"),
        ("public_url", f"https://films.example:{SECRET}"),
        ("public_url", f"https://films.example/api/{SECRET}"),
        ("frontend_url", "*"),
        ("frontend_url", f"http://a,{SECRET}"),
        ("allowed_hosts", f"http://{SECRET}"),
        ("allowed_hosts", f"a,{SECRET}:x"),
        ("allowed_hosts", f"{SECRET}.*"),
        ("allowed_hosts", "[::1"),
        ("allowed_hosts", ","),
    ],
)
def test_a_wrong_address_is_one_line_with_its_name_and_without_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"BACKEND_{name.upper()}", value)
    with pytest.raises(WrongSettingError) as wrong:
        load_settings()
    said = str(wrong.value)
    assert f"BACKEND_{name.upper()}" in said
    assert "\n" not in said
    assert SECRET not in said


def test_the_path_of_the_public_url_is_the_root_path() -> None:
    assert load_settings(public_url="https://films.example/studio/").service_path == "/studio"
    assert load_settings(public_url="https://films.example", root_path="/studio").service_path == "/studio"
    assert load_settings(public_url="", root_path="", allowed_hosts="").service_path == ""
    with pytest.raises(WrongSettingError, match="BACKEND_ROOT_PATH must be the path of BACKEND_PUBLIC_URL"):
        load_settings(public_url="https://films.example/a", root_path="/b")


def test_the_public_url_is_a_known_host_and_origin() -> None:
    settings = load_settings(public_url="https://films.example:8443/studio")
    assert settings.hosts().know("films.example:8443")
    assert not settings.answers_for_any_host
    assert "https://films.example:8443" in settings.origins(8000)


def test_loopback_is_told_from_the_network() -> None:
    loopback, network = ["127.0.0.1", "127.0.0.2", "localhost", "::1", "[::1]"], ["0.0.0.0", "::", "10.0.0.1", "films"]
    assert all(is_loopback(host) for host in loopback)
    assert not any(is_loopback(host) for host in network)
    assert load_settings(host="127.0.0.2").hosts().know("127.0.0.2:8000")
    assert load_settings(host="[::1]").host == "::1"
    assert in_url("fe80::1%eth0") == "[fe80::1%25eth0]"
