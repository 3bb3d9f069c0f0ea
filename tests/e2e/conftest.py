from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.studio import Service


@pytest.fixture
async def service(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Service]:
    """A running service; `@pytest.mark.parametrize("service", [{...}], indirect=True)` gives it settings."""
    running = await Service(tmp_path, **getattr(request, "param", {})).start()
    yield running
    await running.kill()
    assert "Traceback" not in running.log, running.log[-4000:]
    assert '"level": "error"' not in running.log, running.log[-4000:]
