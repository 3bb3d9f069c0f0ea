"""Lua scripts as they are loaded into a server: their text, and what the server must know beforehand."""

from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True)
class Script:
    """A Lua script made of files in ``package``. ``flags``: what the server must know of it beforehand."""

    package: str
    name: str
    flags: str
    parts: tuple[str, ...]

    def __post_init__(self) -> None:
        SCRIPTS[self.name] = self

    @property
    def reads(self) -> bool:
        """Whether it only reads."""
        return self.flags == "no-writes"

    def text(self, run: str) -> str:
        """The script for one run of a server: a restarted one does not know it, and so nobody misses the restart."""
        source = resources.files(self.package)
        parts = [(source / f"{part}.lua").read_text(encoding="utf-8") for part in self.parts]
        flags = f" flags={self.flags}" if self.flags else ""
        return "\n".join([f"#!lua{flags}", f"local RUN = '{run}'", *parts])


SCRIPTS: dict[str, Script] = {}
"""Every script there is: those who speak to the server write them beside their own code."""

PROBE = Script(__package__, "probe", "", ("probe",))
RIGHTS = Script(__package__, "rights", "allow-oom", ("probe",))
"""The same on a full server, where endings must still pass."""
