"""A worker's sign of life: who is there, who hangs, and who only left a file."""

import asyncio
import os
import signal
import stat
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from auteur.entrypoints import heartbeat
from auteur.entrypoints.heartbeat import STALE_S, Heartbeat, beats
from auteur.entrypoints.probe import NotAliveError, look_for_worker
from tests.e2e.studio import Worker
from tests.entrypoints.test_probe import health
from tests.servers import RedisServer

BEATER = """
import sys
from auteur.entrypoints.heartbeat import Heartbeat
heartbeat = Heartbeat()
for line in sys.stdin:
    heartbeat.beat()
    print(heartbeat._path, flush=True)
heartbeat.close()
"""


@pytest.fixture(autouse=True)
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return tmp_path / f"auteur-{os.geteuid()}"


class Beater:
    """Another process that beats when told to."""

    async def start(self) -> "Beater":
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", BEATER, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        self.pid = self.process.pid
        await self.beat()
        return self

    async def beat(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(b"beat\n")
        self.path = Path((await self.process.stdout.readline()).decode().strip())

    async def stop(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        await self.process.wait()

    async def kill(self) -> None:
        self.process.kill()
        await self.process.wait()


@pytest.fixture
async def beater() -> AsyncIterator[Beater]:
    made = await Beater().start()
    yield made
    if made.process.returncode is None:
        await made.kill()


def pids() -> set[int]:
    return {pid for pid, _ in beats()}


async def test_a_worker_is_there_from_its_first_beat_until_it_stops(beater: Beater, own: Path, tmp_path: Path) -> None:
    assert pids() == {beater.pid}
    assert await health(tmp_path, "--worker") == (0, "")
    assert await health(tmp_path, "--worker", "--pid", beater.pid) == (0, "")
    await beater.stop()
    assert list(own.iterdir()) == []
    assert await health(tmp_path, "--worker") == (1, "auteur: not alive: no worker of this user runs here\n")


async def test_what_a_killed_worker_left_is_nobody_and_is_removed(beater: Beater, tmp_path: Path) -> None:
    await beater.kill()
    assert beater.path.exists()
    assert (await health(tmp_path, "--worker"))[0] == 1
    assert not beater.path.exists()


def test_a_process_id_that_was_given_anew_deceives_nobody(own: Path) -> None:
    own.mkdir(mode=0o700)
    left = own / f"worker-{os.getpid()}-0123abcd"
    left.write_text(f"{time.monotonic():020.3f}\n")
    assert beats() == []
    assert not left.exists()


async def test_one_that_hangs_is_told_by_its_process_though_others_are_well(
    beater: Beater, monkeypatch: pytest.MonkeyPatch
) -> None:
    hung = Heartbeat()
    with monkeypatch.context() as before:
        now = time.monotonic()
        before.setattr(heartbeat.time, "monotonic", lambda: now - STALE_S - 1)
        hung.beat()
    with pytest.raises(NotAliveError, match=rf"process {os.getpid()} for 11 s \(1 of 2 workers\)"):
        look_for_worker(None)
    look_for_worker(beater.pid)
    with pytest.raises(NotAliveError, match="process 1 is no worker"):
        look_for_worker(1)
    hung.beat()
    look_for_worker(None)
    hung.close()
    hung.close()
    assert pids() == {beater.pid}


@pytest.mark.parametrize("off_by_s", [-86_400, 86_400])
async def test_a_wall_clock_that_steps_changes_nothing(
    beater: Beater, off_by_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.utime(beater.path, (time.time() + off_by_s, time.time() + off_by_s))
    monkeypatch.setattr(time, "time", lambda: 0.0)
    look_for_worker(None)


async def test_only_its_user_can_look_or_write(beater: Beater, own: Path) -> None:
    assert stat.S_IMODE(own.stat().st_mode) == 0o700
    assert stat.S_IMODE(beater.path.stat().st_mode) == 0o600
    assert beater.path.parent == own


async def test_a_directory_that_was_swept_is_made_again_at_the_next_beat(beater: Beater, own: Path) -> None:
    beater.path.unlink()
    own.rmdir()
    assert beats() == []
    await beater.beat()
    assert pids() == {beater.pid}


def test_a_link_in_the_place_of_the_directory_is_not_followed(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    own.symlink_to(elsewhere)
    beating = Heartbeat()
    beating.beat()
    assert list(elsewhere.iterdir()) == []
    assert pids() == {os.getpid()}, "it found another place"
    beating.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory away")
def test_what_somebody_else_prepared_is_neither_used_nor_believed(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own.mkdir(mode=0o700)
    theirs = Heartbeat()
    theirs.beat()
    os.chown(own, 12_345, 12_345)
    assert beats() == []
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    ours = Heartbeat()
    ours.beat()
    assert len(list(runtime.glob("auteur-*/worker-*"))) == 1
    assert pids() == {os.getpid()}
    ours.close()
    theirs.close()


def test_only_files_are_looked_at(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with monkeypatch.context() as there:
        there.setenv("TMPDIR", str(elsewhere))
        beating = Heartbeat()
        beating.beat()
    (alive,) = elsewhere.glob("auteur-*/worker-*")
    own.mkdir(mode=0o700)
    (own / "worker-1-0").symlink_to(alive)
    os.mkfifo(own / "worker-2-0")
    (own / "worker-3-0").mkdir()
    (own / "worker-x").write_text("")
    assert beats() == []
    assert alive.exists()
    beating.close()


@pytest.mark.skipif(heartbeat.fcntl is None, reason="there are no locks on files here")
def test_a_probe_that_comes_before_the_lock_costs_no_beat(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock, came = heartbeat.fcntl.flock, []

    def lock_late(descriptor: int, how: int) -> None:
        if how == heartbeat.fcntl.LOCK_EX and not came:
            came.append(list(own.iterdir()))
            assert beats() == []
            assert list(own.iterdir()) == [], "taken for a dead one's"
        lock(descriptor, how)

    monkeypatch.setattr(heartbeat.fcntl, "flock", lock_late)
    beating = Heartbeat()
    beating.beat()
    assert len(came[0]) == 1
    assert pids() == {os.getpid()}
    beating.close()


def test_where_nothing_can_be_written_the_cause_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "directories", lambda: ["/proc/auteur-0"])
    with pytest.raises(OSError, match="/proc/auteur-0"):
        Heartbeat().beat()


async def test_a_real_worker_is_found_and_missed(tmp_path: Path, redis_server: RedisServer) -> None:
    worker = Worker(tmp_path, redis_url=redis_server.url, redis_state_prefix="heartbeat:")
    await worker.start()
    try:
        assert worker.process is not None
        assert await health(tmp_path, "--worker", "--pid", worker.process.pid) == (0, "")
        assert await worker.stop() == 0
        assert (await health(tmp_path, "--worker"))[0] == 1
        await worker.start()
        assert await health(tmp_path, "--worker") == (0, "")
        worker.process.send_signal(signal.SIGKILL)
        await worker.kill()
        assert (await health(tmp_path, "--worker"))[0] == 1
    finally:
        await worker.kill()
