"""Secrets that are in files, and that no secret is ever shown, wherever it came from."""

import asyncio
import json
import logging
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr

from auteur.adapters.engines.tools import EngineSettingError, EngineSettings
from auteur.adapters.secret_files import secrets_among
from auteur.entrypoints.reference import settings_page
from auteur.entrypoints.settings import Settings, WrongSettingError, load_settings, unknown_variables
from tests.e2e.studio import Service, environment
from tests.warm import command_line

PLANTED = "planted-" + "p" * 40
SECRETS = ["token", "reader_key", "redis_url", "s3_access_key", "s3_secret_key"]


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def holding(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_every_secret_is_known_to_be_one() -> None:
    """A setting whose name sounds like a secret is one, so that it is shown nowhere and may be in a file."""
    assert secrets_among(Settings.model_fields) == [name for name in Settings.model_fields if name in SECRETS]
    sounding = {
        name
        for name in Settings.model_fields
        if any(word in name for word in ("secret", "password", "access_key")) or name.endswith("token")
    }
    assert sounding <= {*SECRETS, "require_token", "webhook_secret_overlap"}  # whether, and for how long


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
def test_a_secret_is_the_line_in_its_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ending: bytes) -> None:
    url = "redis://:pass word@127.0.0.1:1/0".replace(" ", "%20")
    secrets = dict(zip(SECRETS, (PLANTED, "sk-a key", url, "key", " of spaces "), strict=True))
    for name, secret in secrets.items():
        monkeypatch.setenv(f"BACKEND_{name.upper()}_FILE", str(holding(tmp_path / name, secret.encode() + ending)))
    settings = load_settings()
    assert {name: getattr(settings, name).get_secret_value() for name in SECRETS} == secrets
    assert unknown_variables() == []


def test_a_file_may_be_named_in_the_env_file_and_by_a_link(tmp_path: Path) -> None:
    """As Kubernetes does it: a link to a link that is exchanged at once."""
    (tmp_path / "..data").mkdir()
    holding(tmp_path / "..data" / "token", PLANTED.encode())
    (tmp_path / "token").symlink_to(Path("..data", "token"))
    (tmp_path / ".env").write_text("BACKEND_TOKEN_FILE=token\n")
    token = load_settings().token
    assert token is not None
    assert token.get_secret_value() == PLANTED
    assert unknown_variables() == []


def test_no_file_is_named_by_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKEND_TOKEN_FILE", "")
    monkeypatch.setenv("BACKEND_TOKEN", PLANTED)
    assert load_settings().token is not None
    assert load_settings(token=None).token is None


def no_file(path: Path) -> None:
    """Nothing is there."""


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_loop(path: Path) -> None:
    path.symlink_to(path)


def of(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


BAD = {
    "no file": (no_file, "cannot be read"),
    "a directory": (Path.mkdir, "must name a regular file"),
    "a pipe that nobody writes": (a_pipe, "must name a regular file"),
    "a loop of links": (a_loop, "cannot be read"),
    "empty": (of(b""), "is empty"),
    "a newline": (of(b"\n"), "is empty"),
    "spaces": (of(b"   \n"), "is empty"),
    "NUL": (of(PLANTED.encode() + b"\x00"), "without NUL"),
    "two lines": (of(PLANTED.encode() + b"\n" + PLANTED.encode()), "one line"),
    "two newlines": (of(PLANTED.encode() + b"\n\n"), "one line"),
    "too large": (of(PLANTED.encode() * 4000), "more than 65536 bytes"),
    "not text": (of(PLANTED.encode() + b"\xff\xfe"), "not UTF-8"),
    "too short to be a token": (of(b"planted-short"), "at random"),
}


@pytest.mark.parametrize(("make", "why"), [pytest.param(*bad, id=name) for name, bad in BAD.items()])
def test_a_file_that_gives_no_secret_is_named_by_its_variable_and_nothing_of_it_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, make: Callable[[Path], object], why: str
) -> None:
    make(tmp_path / "planted-name")
    monkeypatch.setenv("BACKEND_TOKEN_FILE", str(tmp_path / "planted-name"))
    with pytest.raises(WrongSettingError) as told:
        load_settings()
    assert str(told.value).startswith("BACKEND_TOKEN_FILE: ")
    assert why in str(told.value)
    assert "\n" not in str(told.value)
    assert "planted" not in "".join(traceback.format_exception(told.value)).replace(str(tmp_path), "")


@pytest.mark.parametrize("path", ["/dev/zero", "/proc/self/mem", "/dev/tty", "a\x00b", "x" * 5000])
def test_what_is_no_file_at_all_is_refused_too(tmp_path: Path, path: str) -> None:
    (tmp_path / ".env").write_text(f"BACKEND_TOKEN_FILE='{path}'\n")
    with pytest.raises(WrongSettingError) as told:
        load_settings()
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 300


def test_a_secret_that_is_set_twice_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BACKEND_TOKEN", PLANTED)
    (tmp_path / ".env").write_text(f"BACKEND_TOKEN_FILE={holding(tmp_path / 'token', PLANTED.encode())}\n")
    with pytest.raises(WrongSettingError, match=r"^BACKEND_TOKEN_FILE: the secret itself is set too"):
        load_settings()


async def test_a_file_that_gives_no_secret_stops_the_start_with_one_line_and_2(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "auteur", "serve", "--port", "0", env=environment(tmp_path, token_file="planted"),
        cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    assert process.returncode == 2
    assert said == b"auteur: BACKEND_TOKEN_FILE: the file cannot be read: no such file or directory\n"


class EngineOwn(BaseModel):
    url: str = ""
    token: SecretStr | None = None


def test_an_engine_s_secret_may_be_in_a_file_and_nothing_else_of_it(tmp_path: Path) -> None:
    file = holding(tmp_path / "token", PLANTED.encode() + b"\n")
    settings = EngineSettings("comfyui", {"comfyui_token_file": str(file), "comfyui_url": "x"})
    token = settings.read(EngineOwn).token
    assert token is not None
    assert token.get_secret_value() == PLANTED
    assert "comfyui_token_file" in settings.known
    assert "comfyui_url_file" not in settings.known
    for given in ({"token_file": str(file), "token": "x"}, {"token_file": str(tmp_path)}):
        with pytest.raises(EngineSettingError) as told:
            EngineSettings("comfyui", {f"comfyui_{name}": value for name, value in given.items()}).read(EngineOwn)
        assert told.value.name == "COMFYUI_TOKEN_FILE"
        assert PLANTED not in str(told.value)


def test_the_reference_names_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    page = settings_page()
    for name in SECRETS:
        assert f"`BACKEND_{name.upper()}`, `BACKEND_{name.upper()}_FILE`" in page
    assert "BACKEND_HOST_FILE" not in page
    monkeypatch.setenv("BACKEND_HOST_FILE", "/x")
    monkeypatch.setenv("BACKEND_TOKN_FILE", "/x")
    said = "\n".join(unknown_variables())
    assert "BACKEND_HOST_FILE is no setting" in said
    assert "did you mean BACKEND_TOKEN_FILE?" in said


# --- nothing is shown ----------------------------------------------------------------------------------------------


def planted_settings(tmp_path: Path, *, in_files: bool) -> dict[str, object]:
    """One of each secret, all of them recognisable; nothing answers where they lead."""
    values = {
        "token": PLANTED,
        "s3_access_key": "planted-access",
        "s3_secret_key": "planted-secret",
        "comfyui_token": "planted-comfy",
        "comfyui_header": "X-Key: planted-header",
    }
    places = {"s3_url": "s3://films", "s3_endpoint": "http://127.0.0.1:9", "comfyui_servers": "http://127.0.0.1:9"}
    if not in_files:
        return {**values, **places}
    files = {f"{name}_file": holding(tmp_path / name, value.encode()) for name, value in values.items()}
    return {**files, **places}


@pytest.mark.timeout(300)  # eight processes, each of which imports the service
@pytest.mark.parametrize("in_files", [False, True], ids=["in the environment", "in files"])
async def test_no_command_shows_a_secret(tmp_path: Path, in_files: bool) -> None:
    settings = planted_settings(tmp_path, in_files=in_files) | {"debug": "true"}
    away = {"redis_url": "redis://planted-user:planted-password@127.0.0.1:9/0"}
    for more, *words in (({}, "doctor"), (away, "doctor"), (away, "token", "list"), (away, "tasks", "film")):
        process = await command_line(
            "auteur", *words, env=environment(tmp_path, **settings, **more), cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await process.communicate()
        assert said, words
        assert b"planted" not in said, (words, said.decode())


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="this system has no /proc")
async def test_a_service_tells_no_secret_to_whoever_asks_or_reads_its_log(tmp_path: Path) -> None:
    values = planted_settings(tmp_path, in_files=True)
    kept = {name: value for name, value in values.items() if not name.startswith("s3_")}
    service = Service(tmp_path, **kept, debug="true")
    service.begins_cold = True  # what is forked has the environment of who forked it, to who looks from outside
    await service.start()
    try:
        async with service.http() as http:
            for headers in ({}, {"Authorization": f"Bearer {PLANTED}"}, {"Authorization": f"Bearer {PLANTED[:-1]}q"}):
                for path in ("/api/v1/info", "/health", "/metrics", "/api/v1/session", "/api/openapi.json", "/no"):
                    answer = await http.get(path, headers=headers)
                    assert "planted" not in answer.text, path
        assert service.process is not None
        for told in ("cmdline", "environ", "comm"):
            assert b"planted" not in Path("/proc", str(service.process.pid), told).read_bytes()
    finally:
        await service.stop()
    assert service.log
    assert "planted" not in service.log


def test_settings_show_no_secret_however_they_are_written_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BACKEND_TOKEN_FILE", str(holding(tmp_path / "t", PLANTED.encode())))
    settings = load_settings(redis_url="redis://:planted@127.0.0.1", s3_access_key="planted", s3_secret_key="planted")
    for text in (repr(settings), str(settings), settings.model_dump_json(), repr(settings.model_dump())):
        assert "planted" not in text
    assert "planted" not in json.dumps(settings.model_dump(mode="json"))
    record = logging.LogRecord("x", logging.INFO, "x", 1, "%s", (settings,), None)
    assert "planted" not in record.getMessage()
