from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from auteur.client import AsyncAuteur, Backoff
from tests.client.cutting import Cutter
from tests.e2e.studio import Service

QUICK = Backoff(first_s=0.02, most_s=0.5)


@pytest.fixture
async def service(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Service]:
    """A running service; `@pytest.mark.parametrize("service", [{...}], indirect=True)` gives it settings."""
    running = await Service(tmp_path, **getattr(request, "param", {})).start()
    yield running
    await running.kill()
    assert "Traceback" not in running.log, running.log[-4000:]


@pytest.fixture
async def studio(service: Service) -> AsyncIterator[AsyncAuteur]:
    """A client of it."""
    async with AsyncAuteur(service.url, backoff=QUICK) as client:
        yield client


@pytest.fixture
async def cutter(service: Service) -> AsyncIterator[Cutter]:
    """A line before it that is cut when told to."""
    async with Cutter(int(service.url.rpartition(":")[2])) as line:
        yield line


@pytest.fixture
async def far(cutter: Cutter) -> AsyncIterator[AsyncAuteur]:
    """A client behind that line."""
    async with AsyncAuteur(cutter.url, backoff=QUICK, patience_s=30) as client:
        yield client
