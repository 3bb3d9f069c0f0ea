"""Copies on this machine of files that are kept elsewhere, up to a size; what was not used longest goes first.

Any number of processes share a cache without a lock: a copy appears whole, by one renaming, and goes by one.
"""

import hashlib
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from auteur.adapters.files.disk import remove_tree
from auteur.domain.ports import DRAFT_SUFFIX

_IN_USE_S = 600.0
"""A copy that was asked for since then may be about to be read, and stays whatever the size."""
_ABANDONED_S = 3600.0
_LOOK_AGAIN = 0.05
"""What share of the size comes in before the whole is looked at again."""


@dataclass(slots=True)
class _Kept:
    place: Path
    size_bytes: int
    used_at: float


class FileCache:
    """Below ``root``, each copy in a folder of its own, beside which others may lay what they made of it.

    ``limit_bytes``: how much is kept, beside what is in use.
    """

    def __init__(self, root: Path, limit_bytes: int) -> None:
        self._root = root
        self._limit_bytes = limit_bytes
        self._came_bytes: int | None = None  # since the whole was looked at, None: never

    def find(self, key: str, version: str, size_bytes: int) -> Path | None:
        """The copy of this version, if there is one; it counts as used now. Raises `OSError`."""
        copy = self._place(key, version)
        with suppress(FileNotFoundError):
            os.utime(copy.parent)  # first: who removes looks at it again
            if copy.stat().st_size == size_bytes:
                return copy
        return None

    def draft(self) -> Path:
        """Where a copy is written until it is whole: a path at which nothing is. Raises `OSError`."""
        self._root.mkdir(parents=True, exist_ok=True)
        return self._root / f"{uuid.uuid4().hex}{DRAFT_SUFFIX}"

    def keep(self, key: str, version: str, draft: Path) -> Path:
        """Takes the whole copy in, lets others go for it, and returns where it is now. Raises `OSError`."""
        copy = self._place(key, version)
        size_bytes = draft.stat().st_size
        while True:
            copy.parent.mkdir(parents=True, exist_ok=True)
            try:
                draft.rename(copy)
                break
            except FileNotFoundError:  # somebody cleared the folder away in between
                if not draft.exists():
                    raise
        os.utime(copy.parent)
        if self._came_bytes is None or self._came_bytes + size_bytes > self._limit_bytes * _LOOK_AGAIN:
            self._came_bytes = 0
            self._shrink()
        else:
            self._came_bytes += size_bytes
        return copy

    def _place(self, key: str, version: str) -> Path:
        name = hashlib.sha256(f"{key}\0{version}".encode()).hexdigest()[:32]
        return self._root / name[:2] / name / Path(key).name

    def _shrink(self) -> None:
        now = time.time()
        for draft in self._root.glob(f"*{DRAFT_SUFFIX}"):
            with suppress(OSError):
                if draft.stat().st_mtime < now - _ABANDONED_S:
                    draft.unlink()
        kept = sorted(self._all(), key=lambda one: one.used_at)
        over = sum(one.size_bytes for one in kept) - self._limit_bytes
        for one in kept:
            if over <= 0:
                return
            if _remove(one.place, now):
                over -= one.size_bytes

    def _all(self) -> Iterator[_Kept]:
        for place in self._root.glob("??/*"):
            with suppress(OSError):  # it went meanwhile
                sizes = [file.stat().st_size for file in place.iterdir()]
                yield _Kept(place, sum(sizes), place.stat().st_mtime)


def _remove(place: Path, now: float) -> bool:
    """Removes the folder unless somebody has asked for it since the look; whether it did."""
    aside = place.with_name(f"{uuid.uuid4().hex}{DRAFT_SUFFIX}")
    with suppress(OSError):
        if place.stat().st_mtime > now - _IN_USE_S:
            return False
        place.rename(aside)
        if aside.stat().st_mtime > now - _IN_USE_S:
            aside.rename(place)
            return False
        remove_tree(aside)
        return True
    return False
