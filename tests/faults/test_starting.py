"""Every wrong setting, given to the real processes of each deployment: one line, exit code 2 (P18)."""

import asyncio
from pathlib import Path

import pytest

from tests.entrypoints import test_settings
from tests.entrypoints.test_cli import auteur
from tests.faults.matrix import keep, long

SECRET = test_settings.SECRET
WRONG: list[tuple[str, str]] = (
    test_settings.test_a_wrong_setting_is_one_line_with_its_name_and_without_its_value.pytestmark[0].args[1]
)
AT_A_TIME = 4


@long
@pytest.mark.parametrize(("on", "command"), [("embedded", "serve"), ("fleet", "worker")])
@pytest.mark.timeout(900)
async def test_every_wrong_setting_stops_the_start_in_one_line(tmp_path: Path, on: str, command: str) -> None:
    where = {"redis_url": "redis://127.0.0.1:1/0"} if on == "fleet" else {"port": "0"}
    room = asyncio.Semaphore(AT_A_TIME)

    async def found(name: str, value: str) -> list[str]:
        async with room:
            code, out, err = await auteur(tmp_path, command, **{**where, name.lower(): value})
        said = []
        if code != 2:
            said.append(f"P18 {name}: exit code {code}")
        if err.count("\n") != 1 or out or f"BACKEND_{name}" not in err:
            said.append(f"P18 {name}: {err!r}")
        if SECRET in err or (value in err and len(value) > 2):
            said.append(f"P18 {name}: its value is shown")
        return said

    tried = [(name, value) for name, value in WRONG if not (name == "PORT" and on == "fleet")]
    said = [line for lines in await asyncio.gather(*(found(*one) for one in tried)) for line in lines]
    keep("wrong settings", on, ["P18"], broken=said, figures={"P18": {"settings tried": len(tried)}})
    assert said == []
