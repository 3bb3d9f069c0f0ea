"""`auteur health`, asked as an orchestrator asks it: a process, an exit code, one line."""

import asyncio
import os
import re
import socket
import sys
import tomllib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import example, given
from hypothesis import strategies as st

from auteur.entrypoints import envfile, probe
from auteur.entrypoints.settings import WrongSettingError, load_settings
from tests.e2e.studio import HOME, Service

ALIVE = b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{"status":"alive"}'


async def health(
    directory: Path, *words: object, options: Sequence[str] = (), module: str = "auteur", **variables: object
) -> tuple[int, str]:
    """Exit code, and what was said."""
    clean = {name: value for name, value in os.environ.items() if not name.upper().startswith("BACKEND_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, *options, "-m", module, "health", *map(str, words),
        env={**clean, "PYTHONPATH": str(HOME / "src"), **{name: str(value) for name, value in variables.items()}},
        cwd=directory, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


@asynccontextmanager
async def answering(answers: dict[str, bytes], otherwise: bytes = b"", then_closes: bool = True) -> AsyncIterator[int]:
    """A port at which each path gets its answer."""
    conversations: set[asyncio.StreamWriter] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversations.add(writer)
        head = await reader.readuntil(b"\r\n\r\n")
        writer.write(answers.get(head.split()[1].decode(), otherwise))
        await writer.drain()
        if then_closes:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        for writer in conversations:
            writer.close()
        server.close()


# --- alive ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("listens_at", "settings"),
    [
        ("127.0.0.1", [{}, {"BACKEND_HOST": "localhost"}, {"BACKEND_HOST": "0.0.0.0"}, {"backend_Host": "127.0.0.1"}]),
        ("::1", [{"BACKEND_HOST": "::1"}, {"BACKEND_HOST": "[::1]"}, {"BACKEND_HOST": "::"}]),
        ("0.0.0.0", [{"BACKEND_HOST": "0.0.0.0"}, {"BACKEND_HOST": ""}, {"BACKEND_HOST": "::"}]),
    ],
)
async def test_a_service_is_found_where_its_settings_say(
    tmp_path: Path, listens_at: str, settings: list[dict[str, str]]
) -> None:
    service = await Service(tmp_path, host=listens_at, allowed_hosts="studio.example", allow_anonymous=True).start(
        until="/health/live"
    )
    try:
        port = service.url.rpartition(":")[2]
        for variables in settings:
            assert await health(tmp_path, BACKEND_PORT=port, **variables) == (0, "")
        assert await health(tmp_path, "--host", listens_at, "--port", port) == (0, "")
        assert await health(tmp_path, BACKEND_HOST=listens_at, BACKEND_PORT=port, http_proxy="http://127.0.0.1:9") == (
            0,
            "",
        )
        (tmp_path / ".env").write_text(f"PORT={port}\nexport BACKEND_PORT=${{PORT}}\nBACKEND_HOST='{listens_at}'\n")
        assert await health(tmp_path) == (0, "")
        code, said = await health(tmp_path, BACKEND_PORT=9)
        assert (code, said.count("\n")) == (1, 1), "the environment goes before the file"
    finally:
        await service.kill()
    code, said = await health(tmp_path)
    assert code == 1
    assert re.fullmatch(r"auteur: not alive: nobody answers at \S+ \(connection refused\)\n", said)


async def test_a_prefix_is_asked_for_where_the_service_has_nothing_without_it(tmp_path: Path) -> None:
    missing = b"HTTP/1.1 404 Not Found\r\n\r\n"
    async with answering({"/studio/health/live": ALIVE}, missing) as port:
        assert await health(tmp_path, BACKEND_PORT=port, BACKEND_ROOT_PATH="/studio/") == (0, "")
        code, said = await health(tmp_path, BACKEND_PORT=port)
        assert (code, said) == (1, f"auteur: not alive: what listens at 127.0.0.1:{port} answers with 404\n")


# --- not alive -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "closes", "said"),
    [
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", True, "answers with 503"),
        (b"HTTP/1.1 200 OK\r\n\r\n<h1>It works!</h1>", True, "is no auteur"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", True, "answers with no HTTP"),
        (b"\x00\xff" * 200_000, True, "answers with no HTTP"),
        (b"", True, "answers with no HTTP"),
        (b"", False, "no answer in time at"),
        (b"HTTP/1.1 200 OK\r\n", False, "no answer in time at"),
    ],
)
async def test_whatever_else_listens_there_is_not_alive_in_one_line(
    tmp_path: Path, answer: bytes, closes: bool, said: str
) -> None:
    async with answering({}, answer, then_closes=closes) as port:
        code, heard = await health(tmp_path, "--timeout", "0.5" if not closes else "10", BACKEND_PORT=port)
    assert code == 1
    assert re.fullmatch(rf"auteur: not alive: [^\n]*{said}[^\n]*\n", heard), heard


def test_an_answer_that_never_ends_does_not_hold_the_probe() -> None:
    """Each byte comes well within the limit; all of them never do."""
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.MonkeyPatch.context() as patch:
        now = [0.0]
        patch.setattr(probe.time, "monotonic", lambda: now[0])
        ours, theirs = socket.socketpair()
        theirs.sendall(b"x" * 60)

        class Dripping:
            def __init__(self, wrapped: socket.socket) -> None:
                self._wrapped = wrapped

            def __enter__(self) -> "Dripping":
                return self

            def __exit__(self, *exc: object) -> None:
                self._wrapped.close()

            def sendall(self, data: bytes) -> None:
                self._wrapped.sendall(data)

            def settimeout(self, timeout_s: float) -> None:
                self._wrapped.settimeout(timeout_s)

            def recv(self, size: int) -> bytes:
                now[0] += 0.5
                return self._wrapped.recv(1)

        patch.setattr(probe.socket, "create_connection", lambda address, timeout: Dripping(ours))
        with pytest.raises(probe.NotAliveError, match="no answer in time"):
            probe.look_for_service("127.0.0.1", listener.getsockname()[1], "", timeout_s=5)
        theirs.close()
        assert now[0] == 5


@pytest.mark.parametrize("host", ["no.such.host.invalid", "a..b", "x" * 300, "1.2.3.4.5", "\N{SNOWMAN}", "a b", "::g"])
async def test_a_host_that_is_none_is_not_alive_in_one_line(tmp_path: Path, host: str) -> None:
    code, said = await health(tmp_path, BACKEND_HOST=host)
    assert code == 1
    assert re.fullmatch(r"auteur: not alive: [^\n]+\n", said), said


# --- wrong settings ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", ["auteur", "auteur.entrypoints.cli"])
@pytest.mark.parametrize(
    ("words", "variables", "said"),
    [
        ((), {"BACKEND_PORT": "hunter2"}, "BACKEND_PORT: must be a whole number from 0 to 65535"),
        ((), {"BACKEND_PORT": "70000"}, "BACKEND_PORT: must be a whole number from 0 to 65535"),
        ((), {"BACKEND_PORT": ""}, "BACKEND_PORT: must be a whole number from 0 to 65535"),
        ((), {"BACKEND_PORT": "0"}, "BACKEND_PORT: 0 takes a free port; name the one that was taken with --port"),
        (("--port", "hunter2"), {}, "--port: must be a whole number from 0 to 65535"),
    ],
)
async def test_a_wrong_port_is_a_line_that_names_it_and_not_its_value(
    tmp_path: Path, words: tuple[str, ...], variables: dict[str, str], said: str, module: str
) -> None:
    assert await health(tmp_path, *words, module=module, **variables) == (2, f"auteur: {said}\n")


async def test_a_file_of_settings_in_another_encoding_is_said(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("BACKEND_APP_NAME=Café".encode("latin-1"))
    assert await health(tmp_path) == (2, "auteur: .env: must be UTF-8\n")
    (tmp_path / ".env").unlink()
    (tmp_path / ".env").mkdir()
    assert (await health(tmp_path, BACKEND_PORT=1))[0] == 1, "the service passes over a directory of that name"


# --- as the service reads them -------------------------------------------------------------------------------------

_PIECES = st.sampled_from(
    [
        "BACKEND_PORT", "backend_port", "Backend_Host", "BACKEND_HOST", "PORT", "export ", "'PORT'", "=", " = ", "= ",
        "9000", "8000.0", "8_0", "+7", "0x1F", "\u0663", "::1", "'", '"', "\\", "\\n", "\\'", '\\"', "#", " # said",
        " ", "\t", "\n", "\r\n", "\r", "${PORT}", "${PORT:-81}", "${NONE:-82}", "${", "}", "$", "\ufeff", "\u2028",
        "\x0b", "\x00", "é",
    ]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=14).map("".join))
@example("BACKEND_PORT=1\nbackend_port=2\nBACKEND_PORT=3\n")
@example('A="x\ny" junk\nBACKEND_PORT=1')
@example("BACKEND_PORT= # none\nBACKEND_HOST=#x\n")
@example("PORT=1\nBACKEND_PORT=${PORT}\n")
def test_a_file_of_settings_is_read_as_the_service_reads_it(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(_directory())
        patch.setenv("PORT", "7000")
        for name in [name for name in os.environ if name.upper().startswith("BACKEND_")]:
            patch.delenv(name)
        Path(".env").write_bytes(text.encode())
        assert envfile.read_assignments(".env", os.environ) == dotenv_values(".env", encoding="utf-8")
        try:
            settings = load_settings()
        except WrongSettingError:
            with pytest.raises(probe.WrongSettingError):
                probe.read_port(probe.read_settings(".env", os.environ)["port"], "BACKEND_PORT")
        else:
            found = probe.read_settings(".env", os.environ)
            assert found.get("host", "127.0.0.1") == settings.host
            if settings.port:
                assert probe.read_port(found.get("port", "8000"), "BACKEND_PORT") == settings.port


@given(st.text(st.sampled_from("0123456789+-_. \t\u00a0\u0663eExX"), max_size=7) | st.integers().map(str))
@example("8000.")
@example("8000.00")
@example("1_000")
@example("1__0")
@example("- 1")
@example("-0")
@example("0_0")
def test_a_port_is_read_as_the_service_reads_it(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(_directory())
        Path(".env").unlink(missing_ok=True)
        patch.setenv("BACKEND_PORT", text)
        try:
            port = load_settings().port
        except WrongSettingError:
            port = 0
        try:
            assert probe.read_port(text, "BACKEND_PORT") == port
        except probe.WrongSettingError:
            assert port == 0


_made: list[Path] = []


@pytest.fixture(autouse=True)
def _a_directory(tmp_path: Path) -> None:
    _made[:] = [tmp_path]


def _directory() -> Path:
    """The test's own; hypothesis takes no fixture of a function."""
    return _made[0]


# --- light ---------------------------------------------------------------------------------------------------------


async def test_it_imports_no_other_package_and_nothing_else_of_auteur(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BACKEND_HOST=127.0.0.1\n")
    async with answering({"/health/live": ALIVE}) as port:
        alone = ["-S", "-X", "importtime"]  # no site-packages: what is not the standard library is not there
        code, of_service = await health(tmp_path, options=alone, BACKEND_PORT=port)
        assert code == 0, of_service
    code, of_worker = await health(tmp_path, "--worker", options=alone, TMPDIR=tmp_path)
    assert "no worker of this user runs here" in of_worker
    imported = set(re.findall(r"\| +(auteur\S*)$", of_service + of_worker, re.MULTILINE))
    assert imported == {
        "auteur",
        "auteur.entrypoints",
        "auteur.entrypoints.envfile",
        "auteur.entrypoints.heartbeat",
        "auteur.entrypoints.probe",
    }


async def test_it_takes_less_than_80_ms_of_processor_time(tmp_path: Path) -> None:
    async with answering({"/health/live": ALIVE}) as port:
        took = []
        for _ in range(5):
            before = _cpu_s()
            assert await health(tmp_path, BACKEND_PORT=port) == (0, "")
            took.append(_cpu_s() - before)
    assert min(took) < 0.08, took  # the least: other programs on the machine cost it caches


def _cpu_s() -> float:
    times = os.times()
    return times.children_user + times.children_system


def test_the_installed_command_begins_where_nothing_is_imported_yet() -> None:
    scripts = tomllib.loads((HOME / "pyproject.toml").read_text())["project"]["scripts"]
    assert scripts == {"auteur": "auteur.__main__:main"}


async def test_the_command_line_lists_it(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "auteur", "--help",
        env={**os.environ, "PYTHONPATH": str(HOME / "src")}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await process.communicate()
    assert re.search(r"\bhealth +Exit with 0", said.decode())
    code, of_the_probe = await health(tmp_path, "--help")
    assert code == 0
    assert (code, of_the_probe) == await health(tmp_path, "--help", module="auteur.entrypoints.cli")
