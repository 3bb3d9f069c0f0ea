"""Decoding in children: whatever a file does to the one that reads it, whoever asked hears of it; the next works."""

import asyncio
import gc
import io
import os
import queue
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from auteur.adapters.decoding import pictures
from auteur.adapters.decoding.child import UndecodableError
from auteur.adapters.decoding.pool import DecodingPool
from auteur.adapters.decoding.worker import DAMAGED, TOO_LONG, TOO_MUCH, Limits
from auteur.domain.errors import UnavailableError, UnreadableImageError
from tests.stills import COOL, WARM, halves, saved
from tests.waiting import LONG_S

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the system does not keep this limit")


def pool(at_most: int = 1, idle_s: float = 60.0, **changed: Any) -> DecodingPool:
    limits: dict[str, Any] = {
        "file_bytes": 1 << 30,
        "memory_bytes": 1 << 30,
        "cpu_s": 60.0,
        "wall_s": 60.0,
        "retires_at_bytes": 1 << 29,
    }
    return DecodingPool(
        "test", "tests.adapters.decoding_jobs", Limits(**limits | changed), at_most=at_most, idle_s=idle_s
    )


async def pid_of(asked: DecodingPool) -> int:
    about, data = await asked.ask("echo", io.BytesIO(b"abc"))
    assert (about["size"], data) == (3, b"abc")
    return int(about["pid"])


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def gone(pid: int) -> None:
    async with asyncio.timeout(LONG_S):
        while is_there(pid):
            await asyncio.sleep(0.01)


async def test_one_child_reads_one_file_after_the_other_as_bytes_or_by_path(tmp_path: Path) -> None:
    asked = pool()
    first = await pid_of(asked)
    path = tmp_path / "a file\udcff of an odd name"
    path.write_bytes(b"\0\1" * 3_000_000)
    about, data = await asked.ask("echo", path)
    assert (about["pid"], data) == (first, path.read_bytes())
    assert await pid_of(asked) == first
    assert first != os.getpid()


@pytest.mark.parametrize(
    ("job", "changed", "reason"),
    [
        ("crash", {}, DAMAGED),
        pytest.param("take_memory", {}, TOO_MUCH, marks=LINUX),
        pytest.param("take_memory_in_c", {}, DAMAGED, marks=LINUX),
        pytest.param("spin", {"cpu_s": 0.2}, TOO_LONG, marks=LINUX),
        ("spin", {"wall_s": 0.5}, TOO_LONG),
        ("hang", {"wall_s": 0.5}, TOO_LONG),
        ("kill_always", {}, TOO_MUCH),
        ("bug", {}, DAMAGED),
    ],
)
async def test_a_file_that_ends_its_child_is_refused_and_the_next_is_read(
    job: str, changed: dict[str, Any], reason: str
) -> None:
    asked = pool(**changed)
    with pytest.raises(UndecodableError) as refused:
        await asked.ask(job, io.BytesIO(b"hostile"))
    assert refused.value.message == reason
    assert await pid_of(asked)


async def test_what_a_job_refuses_is_said_with_its_details_and_its_child_goes_on() -> None:
    asked = pool()
    first = await pid_of(asked)
    with pytest.raises(UndecodableError) as refused:
        await asked.ask("refuse", io.BytesIO(b""))
    assert (refused.value.message, refused.value.details) == ("It is no good.", {"reason": "planted"})
    assert await pid_of(asked) == first


async def test_a_child_that_somebody_else_killed_is_not_the_file_s_fault(tmp_path: Path) -> None:
    asked = pool()
    idle = await pid_of(asked)
    os.kill(idle, 9)
    assert await pid_of(asked) != idle

    mark = tmp_path / "killed once"
    pending = asyncio.create_task(asked.ask("kill_once", io.BytesIO(b""), {"mark": str(mark)}))
    with pytest.raises(UndecodableError):  # also the second time: then it is
        await pending
    mark.touch()
    assert (await asked.ask("kill_once", io.BytesIO(b""), {"mark": str(mark)}))[0]["pid"]


@LINUX
async def test_a_child_that_died_while_it_had_nothing_to_do_leaves_nothing_open() -> None:
    asked = pool()
    idle = await pid_of(asked)
    os.kill(idle, 9)
    await asyncio.to_thread(os.waitid, os.P_PID, idle, os.WEXITED | os.WNOWAIT)  # it is dead, and nobody has noticed
    assert await pid_of(asked) != idle
    gc.collect()  # an open pipe that nobody holds is a warning, which is an error


async def test_a_file_that_is_not_there_is_said_as_such_and_not_called_damaged(tmp_path: Path) -> None:
    asked = pool()
    with pytest.raises(FileNotFoundError):
        await asked.ask("echo", tmp_path / "nothing")
    with pytest.raises(OSError, match="directory"):
        await asked.ask("echo", tmp_path)


async def test_a_file_larger_than_any_is_refused_before_it_is_sent() -> None:
    with pytest.raises(UndecodableError) as refused:
        await pool(file_bytes=100).ask("echo", io.BytesIO(bytes(101)))
    assert refused.value.details == {"max_bytes": 100}


async def test_what_a_decoder_prints_does_not_reach_the_conversation() -> None:
    assert (await pool().ask("babble", io.BytesIO(b"")))[1] == b"as it should be"


@LINUX
async def test_a_child_that_held_much_memory_is_not_kept() -> None:
    asked = pool(retires_at_bytes=150 << 20)
    first = await pid_of(asked)
    about, _ = await asked.ask("swell", io.BytesIO(b""))
    assert about["pid"] == first
    await gone(first)
    assert await pid_of(asked) != first


@LINUX
async def test_a_child_has_nothing_to_steal_and_writes_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKEND_S3_SECRET_KEY", "hunter2")
    about, _ = await pool().ask("surroundings", io.BytesIO(b""))
    assert about == {"environment": "", "wrote": False}


async def test_there_is_no_child_before_the_first_file_and_none_when_long_nothing_came() -> None:
    asked = pool(idle_s=0.1)
    assert asked._threads == 0
    child = await pid_of(asked)
    await gone(child)
    assert await pid_of(asked) != child


@pytest.mark.parametrize("at_most", [1, 2])
async def test_there_are_never_more_children_than_there_may_be(at_most: int) -> None:
    asked = pool(at_most)
    pids = await asyncio.gather(*(pid_of(asked) for _ in range(20)))
    assert len(set(pids)) <= at_most


async def test_others_are_read_while_one_hangs() -> None:
    asked = pool(2)
    hanging = asyncio.create_task(asked.ask("hang", io.BytesIO(b"")))
    async with asyncio.timeout(LONG_S):
        for _ in range(3):
            await pid_of(asked)
    assert not hanging.done()
    hanging.cancel()


async def test_a_quick_question_goes_before_the_others() -> None:
    asked = pool()
    order: list[str] = []

    async def ask(name: str, quick: bool) -> None:
        await asked.ask("echo", io.BytesIO(bytes(1 << 20)), quick=quick)
        order.append(name)

    hanging = asyncio.create_task(asked.ask("swell", io.BytesIO(b"")))
    while asked._threads == 0 or asked._waiting.qsize():
        await asyncio.sleep(0)
    await asyncio.gather(*(ask(f"slow {n}", False) for n in range(3)), ask("quick", True))
    await hanging
    assert order[0] == "quick"


def test_a_thread_that_somebody_forestalled_holds_nobody_up() -> None:
    class Forestalled(queue.PriorityQueue[Any]):
        """What is there at one look, another thread has taken at the next."""

        def empty(self) -> bool:
            return False

    asked = pool(idle_s=0.01)
    asked._waiting = Forestalled()
    asked._threads = 1
    thread = threading.Thread(target=asked._serve, daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
    assert asked._lock.acquire(timeout=1)


async def test_where_no_thread_can_be_started_it_is_said_and_the_next_file_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def cannot(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    asked = pool()
    asking = asked.ask("echo", io.BytesIO(b"abc"))
    await asyncio.to_thread(bool)  # the loop's own threads are there already
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", cannot)
        with pytest.raises(UnavailableError):
            await asking
    await pid_of(asked)


async def test_who_leaves_while_waiting_costs_no_decoding() -> None:
    asked = pool()
    first = await pid_of(asked)
    leaving = [asyncio.create_task(asked.ask("crash", io.BytesIO(b""))) for _ in range(5)]
    for task in leaving:
        task.cancel()
    await asyncio.wait(leaving)
    assert await pid_of(asked) == first


@pytest.mark.parametrize("closed", [False, True])
async def test_a_source_that_fails_while_it_is_sent_ends_that_job_alone(closed: bool) -> None:
    class Failing(io.BytesIO):
        def read(self, *size: int | None) -> bytes:
            raise ValueError("I/O operation on closed file.") if closed else OSError(5, "Input/output error")

    asked = pool()
    await pid_of(asked)
    with pytest.raises((UndecodableError, OSError)), capture_logs():
        await asked.ask("echo", Failing(bytes(1 << 20)))
    assert await pid_of(asked)


async def test_a_decoder_that_was_made_to_say_anything_names_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    class Lying:
        async def ask(self, *asked: object, **how: object) -> tuple[dict[str, Any], bytes]:
            about = {"media_type": "text/html", "suffix": "/../../../x.html", "width_px": 1, "height_px": 1}
            return about, b""

    monkeypatch.setattr(pictures, "_pool", Lying())
    with pytest.raises(UnreadableImageError):
        await pictures.verify(io.BytesIO(b""))


def test_two_event_loops_one_after_the_other_share_the_child() -> None:
    asked = pool()
    assert asyncio.run(pid_of(asked)) == asyncio.run(pid_of(asked))


@pytest.mark.parametrize("of", [lambda data: io.BytesIO(data), None], ids=["bytes", "path"])
async def test_a_picture_is_the_same_in_a_child(of: Callable[[bytes], Any] | None, tmp_path: Path) -> None:
    from auteur.adapters import images

    data = saved(halves("RGBA", (*WARM, 255), (*COOL, 0)), "PNG")
    path = tmp_path / "still.png"
    path.write_bytes(data)
    source = of(data) if of else path
    assert await pictures.verify(source) == await pictures.identify(source) == images.verify(path)
    assert await pictures.as_png(path, keeps_alpha=True) == b""
    made = await pictures.as_png(path)
    assert images.decode(io.BytesIO(made)).tobytes() == images.decode(path).tobytes()
