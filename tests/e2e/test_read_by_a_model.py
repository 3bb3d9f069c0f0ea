"""A frame whose words a language model reads, through a real service and a real server that speaks its protocol."""

from pathlib import Path

import pytest

from tests.e2e.studio import Message, Service
from tests.language_model import SpeakingServer, speaking
from tests.waiting import LONG_S, awaited

SMALL = {"width_px": 96, "height_px": 64, "steps": 1, "seed": 7}
PROMPT = "CU Maria, wistful"
SAID = {
    "size": "wide",
    "people": [{"who": "Maria"}],
    "said": [{"words": "CU", "field": "size"}, {"words": "Maria", "field": "people"}],
}
KEY = "the-key-of-the-model"


async def made(tmp_path: Path, server: SpeakingServer, **settings: object) -> tuple[Message, str]:
    """The ending of a frame of a service that asks this server, and the service's log."""
    (tmp_path / "key").write_text(KEY)
    service = Service(
        tmp_path,
        reader_url=server.url,
        reader_model="tiny",
        reader_key_file=tmp_path / "key",
        log_level="DEBUG",
        **settings,
    )
    await service.start()
    try:
        async with service.socket() as socket:
            return await socket.ending(await socket.start({"prompt": PROMPT, **SMALL})), service.log
    finally:
        await service.kill()


async def test_a_frame_says_that_a_model_read_it(tmp_path: Path) -> None:
    async with speaking(SAID) as server:
        ending, log = await made(tmp_path, server)
    understood = ending["result"]["understood"]
    assert understood["read_by"] == "tiny"
    assert (understood["size"], [one["who"] for one in understood["people"]]) == ("wide", ["Maria"])
    assert understood["not_understood"] == ["wistful"]
    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in log


@pytest.mark.parametrize("behaviour", ["silent", "breaks off", "answer"])
async def test_the_rules_read_where_the_model_does_not(tmp_path: Path, behaviour: str) -> None:
    async with speaking("no reading", behaviour) as server:
        ending, log = await made(tmp_path, server, reader_timeout=5 if behaviour == "silent" else LONG_S)
    understood = ending["result"]["understood"]
    assert understood["read_by"] == "rules"
    assert understood["size"] == "close_up"
    assert understood["reader_failed"].startswith("tiny: ")
    assert len(server.asked) == 1 or behaviour == "silent", "a busy machine may not have come to ask within its time"
    assert "so the rules do" in log
    assert KEY not in log


async def test_a_task_is_cancelled_while_the_model_reads(tmp_path: Path) -> None:
    async with speaking(SAID, "silent") as server:
        service = await Service(tmp_path, reader_url=server.url, reader_model="tiny", reader_timeout=600).start()
        try:
            async with service.socket() as socket:
                task_id = await socket.start({"prompt": PROMPT, **SMALL})
                async with awaited("the model to be asked"):
                    await server.came.wait()
                await socket.say("cancel", task_id=task_id)
                assert (await socket.ending(task_id))["error_code"] == "TASK_CANCELLED"
                async with awaited("the request to be given up"):
                    await server.gone.wait()
        finally:
            await service.kill()
