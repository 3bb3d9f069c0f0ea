"""``auteur health``: whether the service, or a worker, on this machine is alive; for orchestrators.

It is run every few seconds beside whatever else the machine does, so it imports nothing of the service and only the
standard library: a hundredth of a second of processor time, most of it Python's own start (`benchmarks/probe.py`).
It therefore reads the two settings that it needs by itself, by the rules of `settings.py`; a test holds the two equal.
"""

import argparse
import os
import re
import socket
import sys
import time
from collections.abc import Mapping, Sequence

_TIMEOUT_S = 5.0
_ANSWER_LIMIT_BYTES = 1 << 16
_EVERYWHERE = {"": ("127.0.0.1",), "0.0.0.0": ("127.0.0.1",), "::": ("::1", "127.0.0.1")}


class NotAliveError(Exception):
    """Nobody there is alive; the text is one line that says what was found instead."""


class WrongSettingError(Exception):
    """A setting that cannot be used; the text is one line that names it and never its value."""


def main(words: Sequence[str] | None = None) -> int:
    """Runs the probe with these arguments, else the process's own. Exit codes: 0 alive, 1 not, 2 wrong settings."""
    parser = argparse.ArgumentParser(
        prog="auteur health", allow_abbrev=False,
        description="Exit with 0 if the service on this machine, or its worker, is alive; for orchestrators.",
    )  # fmt: skip
    parser.add_argument("--worker", action="store_true", help="ask for this user's workers: one at least, none hung")
    parser.add_argument("--pid", type=int, help="with --worker: ask for the one of this process id")
    parser.add_argument("--host", help="where the service listens, if not at BACKEND_HOST")
    parser.add_argument("--port", help="where the service listens, if not at BACKEND_PORT")
    parser.add_argument("--timeout", type=float, default=_TIMEOUT_S, help="seconds to wait for an answer (%(default)s)")
    given = parser.parse_args(words)
    try:
        if given.worker:
            look_for_worker(given.pid)
        else:
            settings = read_settings(".env", os.environ)
            host = settings.get("host", "127.0.0.1") if given.host is None else given.host
            if given.port is not None:
                port = read_port(given.port, "--port")
            else:
                port = read_port(settings.get("port", "8000"), "BACKEND_PORT")
            look_for_service(host, port, settings.get("root_path", ""), given.timeout)
    except NotAliveError as error:
        sys.stderr.write(f"auteur: not alive: {error}\n")
        return 1
    except WrongSettingError as error:
        sys.stderr.write(f"auteur: {error}\n")
        return 2
    return 0


# --- the service ---------------------------------------------------------------------------------------------------


def look_for_service(host: str, port: int, root_path: str, timeout_s: float) -> None:
    """Asks the service that listens at ``host`` for `/health/live`. Raises `NotAliveError`."""
    bare = host.removeprefix("[").removesuffix("]")
    ends_at = time.monotonic() + timeout_s
    *first, last = _EVERYWHERE.get(bare, (bare,))
    for address in first:
        try:
            return _ask(address, port, root_path, ends_at)
        except NotAliveError:  # a machine without IPv6 listens to the rest of "everywhere"
            continue
    return _ask(last, port, root_path, ends_at)


def _ask(address: str, port: int, root_path: str, ends_at: float) -> None:
    shown = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    try:
        status, body = _get(address, port, "/health/live", ends_at)
        prefix = root_path.strip("/")
        if status == "404" and prefix:  # behind a proxy that leaves the prefix on
            status, body = _get(address, port, f"/{prefix}/health/live", ends_at)
    except TimeoutError:
        raise NotAliveError(f"no answer in time at {shown}") from None
    except OSError as error:
        raise NotAliveError(f"nobody answers at {shown} ({(error.strerror or 'not possible').lower()})") from None
    except ValueError:  # a name that no machine can have
        raise NotAliveError(f"BACKEND_HOST is no address: {address!a}") from None
    if status != "200":
        raise NotAliveError(f"what listens at {shown} answers with {status or 'no HTTP'}")
    if b'"alive"' not in body:
        raise NotAliveError(f"what listens at {shown} is no auteur")


def _get(address: str, port: int, path: str, ends_at: float) -> tuple[str, bytes]:
    """Status and body, without `http.client`, whose import costs twice what everything else here does."""
    with socket.create_connection((address, port), _left(ends_at)) as connection:
        # the name that is allowed whatever the settings allow besides
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while len(answer) < _ANSWER_LIMIT_BYTES:
            connection.settimeout(_left(ends_at))
            chunk = connection.recv(_ANSWER_LIMIT_BYTES)
            if not chunk:
                break
            answer += chunk
    head, _, body = answer.partition(b"\r\n\r\n")
    found = re.match(rb"HTTP/1\.[01] (\d{3})\b", head)
    return (found[1].decode() if found else ""), body


def _left(ends_at: float) -> float:
    left_s = ends_at - time.monotonic()
    if left_s <= 0:
        raise TimeoutError
    return left_s


# --- workers -------------------------------------------------------------------------------------------------------


def look_for_worker(pid: int | None) -> None:
    """Asks for the workers of this user on this machine: at least one must be there, and the event loop of every one
    must turn. With a ``pid``, for the one alone. Raises `NotAliveError`."""
    from auteur.entrypoints.heartbeat import STALE_S, beats  # not needed for the service

    found = [beat for beat in beats() if pid in (None, beat[0])]
    if not found:
        raise NotAliveError(
            "no worker of this user runs here" if pid is None else f"process {pid} is no worker of this user"
        )
    hung = [f"{process} for {age_s:.0f} s" for process, age_s in found if age_s >= STALE_S]
    if hung:
        raise NotAliveError(f"no sign of life from process {', '.join(hung)} ({len(hung)} of {len(found)} workers)")


# --- settings ------------------------------------------------------------------------------------------------------


def read_settings(file: str, environment: Mapping[str, str]) -> dict[str, str]:
    """The settings by lower-case name without prefix, the environment's before the file's. Raises `WrongSettingError`
    where the file cannot be read."""
    found: dict[str, str] = {}
    for source in (_read_file(file, environment), environment):
        lower = {name.lower(): value for name, value in source.items()}
        found.update(
            {n.removeprefix("backend_"): v for n, v in lower.items() if n.startswith("backend_") and v is not None}
        )
    return found


def read_port(text: str, name: str) -> int:
    """The port. Raises `WrongSettingError` that names where it came from."""
    found = re.fullmatch(r"([+-]?\d+(?:_\d+)*)(?:\.0+)?", text.strip(), re.ASCII)
    port = int(found[1]) if found else -1
    if port not in range(65_536):
        raise WrongSettingError(f"{name}: must be a whole number from 0 to 65535")
    if port == 0:
        raise WrongSettingError(f"{name}: 0 takes a free port; name the one that was taken with --port")
    return port


def _read_file(file: str, environment: Mapping[str, str]) -> Mapping[str, str | None]:
    if not os.path.isfile(file):
        return {}
    from auteur.entrypoints.envfile import read_assignments  # seldom needed

    try:
        with open(file, "rb") as content:
            if b"\0" in content.read():  # no text, as UTF-16 is none
                raise WrongSettingError(f"{file}: must be UTF-8")
        return read_assignments(file, environment)
    except UnicodeDecodeError:
        raise WrongSettingError(f"{file}: must be UTF-8") from None
    except OSError as error:
        raise WrongSettingError(f"{file}: {(error.strerror or 'cannot be read').lower()}") from None


if __name__ == "__main__":
    sys.exit(main())
