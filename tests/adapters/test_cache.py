"""Copies on this machine, and directories to work in: what stays, what goes, and what others may meanwhile do."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from auteur.adapters.files.cache import FileCache
from auteur.adapters.files.scratch import Scratch
from tests.places import files_in
from tests.waiting import LONG_S

HOME = Path(__file__).parents[2]


def keep(cache: FileCache, key: str, data: bytes, version: str = "1") -> Path:
    draft = cache.draft()
    draft.write_bytes(data)
    return cache.keep(key, version, draft)


def age(copy: Path, seconds: float) -> None:
    """As if nobody had asked for it since then."""
    then = time.time() - seconds
    os.utime(copy.parent, (then, then))


def test_a_copy_is_found_by_its_key_version_and_size(tmp_path: Path) -> None:
    cache = FileCache(tmp_path, 1000)
    copy = keep(cache, "film/t/1/a.png", b"picture")
    assert (copy.name, copy.read_bytes()) == ("a.png", b"picture")
    assert cache.find("film/t/1/a.png", "1", 7) == copy
    assert FileCache(tmp_path, 1000).find("film/t/1/a.png", "1", 7) == copy
    for key, version, size in (("film/t/1/b.png", "1", 7), ("film/t/1/a.png", "2", 7), ("film/t/1/a.png", "1", 8)):
        assert cache.find(key, version, size) is None


def test_what_was_not_used_longest_goes_first(tmp_path: Path) -> None:
    cache = FileCache(tmp_path, 1000)
    copies = [keep(cache, f"film/t/1/{number}.png", bytes(300)) for number in range(3)]
    for copy, seconds in zip(copies, (5000, 9000, 7000), strict=True):
        age(copy, seconds)
    newest = keep(cache, "film/t/1/new.png", bytes(300))
    assert [copy.exists() for copy in (*copies, newest)] == [True, False, True, True]


def test_what_was_asked_for_lately_stays_whatever_the_size(tmp_path: Path) -> None:
    cache = FileCache(tmp_path, 100)
    first = keep(cache, "film/t/1/a.png", bytes(90))
    age(first, 5000)
    assert cache.find("film/t/1/a.png", "1", 90) == first
    second = keep(cache, "film/t/1/b.png", bytes(90))
    assert first.exists()
    assert second.exists()


def test_what_was_made_of_a_copy_counts_and_goes_with_it(tmp_path: Path) -> None:
    cache = FileCache(tmp_path, 100)
    copy = keep(cache, "film/t/1/a.png", bytes(10))
    copy.with_name(".a.png.64.webp").write_bytes(bytes(95))
    age(copy, 5000)
    keep(cache, "film/t/1/b.png", bytes(10))
    assert not copy.parent.exists()


def test_a_download_that_was_given_up_goes_and_one_under_way_stays(tmp_path: Path) -> None:
    cache = FileCache(tmp_path, 100)
    old, new = cache.draft(), cache.draft()
    for draft in (old, new):
        draft.write_bytes(b"half")
    os.utime(old, (1, 1))
    keep(cache, "film/t/1/a.png", b"whole")
    assert (old.exists(), new.exists()) == (False, True)


SHARING = """
import random, sys
from pathlib import Path
from auteur.adapters.files.cache import FileCache
import auteur.adapters.files.cache as module

module._IN_USE_S = 0.3
cache, chance = FileCache(Path(sys.argv[1]), 20_000), random.Random(int(sys.argv[2]))
for turn in range(400):
    number = chance.randrange(40)
    data = bytes([number]) * (1000 + number)
    copy = cache.find(f"film/{number}.png", "1", len(data))
    if copy is None:
        draft = cache.draft()
        draft.write_bytes(data)
        copy = cache.keep(f"film/{number}.png", "1", draft)
    assert copy.read_bytes() == data, number
"""


async def test_many_processes_share_a_cache_and_each_finds_what_it_was_given(tmp_path: Path) -> None:
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", SHARING, str(tmp_path), str(number), env={**os.environ, "PYTHONPATH": str(HOME)}
        )
        for number in range(4)
    ]
    assert [await process.wait() for process in processes] == [0] * 4
    assert not [name for name in files_in(tmp_path) if name.endswith(".partial")]


# --- scratch -------------------------------------------------------------------------------------------------------

HOLDING = """
import sys
from pathlib import Path
from auteur.adapters.files.scratch import Scratch

scratch = Scratch(Path(sys.argv[1]))
print(scratch.begin("film", "t-1", "1"), flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("is_killed", [False, True], ids=["lives", "was killed"])
def test_what_a_process_left_goes_when_it_was_killed_and_not_while_it_lives(tmp_path: Path, is_killed: bool) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(HOME)},
    )
    try:
        assert process.stdout is not None
        theirs = Path(process.stdout.readline().decode().strip())
        (theirs / "a.png.partial").write_bytes(b"half")
        if is_killed:
            process.send_signal(signal.SIGKILL)
            process.wait(LONG_S)
        mine = Scratch(tmp_path).begin("film", "t-1", "1")
        assert theirs.exists() is not is_killed
        assert mine.is_dir()
    finally:
        process.kill()
        process.communicate()


def test_a_directory_that_ends_takes_the_empty_ones_above_it(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    first, second = scratch.begin("film", "t-1", "1"), scratch.begin("film", "t-1", "2")
    (first / "a.png").write_bytes(b"picture")
    scratch.end("film", "t-1", "1")
    assert (first.exists(), second.exists()) == (False, True)
    for _ in range(2):
        scratch.end("film", "t-1", "2")
    assert list(scratch.home().iterdir()) == []
