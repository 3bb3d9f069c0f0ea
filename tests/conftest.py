import functools
import gc
import signal
import sys
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, settings

from tests.long_forms import COLLECTED, is_left_out
from tests.object_store import ObjectStore, fresh_prefix, shared_store
from tests.servers import RedisServer
from tests.store_line import StoreLine
from tests.waiting import LONG_S

# what is read and collected stays to the end: to look through it for garbage costs a third of the time it takes
gc.disable()

# a shell's background job ignores an interrupt, and its children inherit that: those that are tested must not
signal.signal(signal.SIGINT, signal.default_int_handler)

# how soon something is answered is the machine's mood, too: by default this client gives up after 5 s
for part in ("connect", "read", "write", "pool"):
    setattr(httpx._config.DEFAULT_TIMEOUT_CONFIG, part, LONG_S)

# what takes long to draw or to try is the machine's mood, and no fault of a case
settings.register_profile("patient", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


_LONG = (
    "tests/machine/", "tests/openapi/", "test_following", "e2e/test_backup", "e2e/test_form_and_viewer",
    "e2e/test_page", "entrypoints/test_cli", "test_command_line", "e2e/test_assistants", "e2e/test_keeping",
    "e2e/test_signing_in", "e2e/test_routing", "e2e/test_surviving", "e2e/test_watching", "e2e/test_workers",
    "tests/hostile/", "test_hostile", "tests/clients/", "tests/documents/test_", "test_contour",
    "test_the_contract_itself", "entrypoints/test_http", "test_artifacts", "test_upgrade", "tests/e2e/",
)  # fmt: skip
"""What takes longest, by its processor time and its waits, the longest first."""


@functools.cache
def _place(file: str) -> int:
    return next((place for place, part in enumerate(_LONG) if part in file), len(_LONG))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """From here on garbage is looked for among what tests make."""
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Files that take longest begin first, so that nobody waits at the end for one that has just begun. What is a
    variant of others waits for `make long`, unless it is asked for by its name."""
    config.stash[COLLECTED] = [item.nodeid for item in items]
    if not any("::" in word for word in config.args):
        left_out = [item for item in items if is_left_out(item.nodeid)]
        if left_out:
            config.hook.pytest_deselected(items=left_out)
            items[:] = [item for item in items if not is_left_out(item.nodeid)]
    items.sort(key=lambda item: _place(item.nodeid.partition("::")[0]))


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One real server for all tests that do it no harm; each takes a prefix of its own."""
    server = RedisServer(tmp_path_factory.mktemp("redis")).start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """One real store of objects for all tests that do it no harm; each takes a prefix of its own."""
    server = shared_store(tmp_path_factory.mktemp("objects"))
    yield server
    server.stop()


@pytest.fixture
async def line(object_store: ObjectStore) -> AsyncIterator[StoreLine]:
    """A line to the store of objects, of this test's own."""
    async with StoreLine(object_store.port) as made:
        yield made


@pytest.fixture
def prefix() -> str:
    """Below which this test's objects lie."""
    return fresh_prefix()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of packages that are importable during one test."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    known = set(sys.modules)
    yield folder
    for name in set(sys.modules) - known:
        if name.startswith("studio_"):
            del sys.modules[name]
