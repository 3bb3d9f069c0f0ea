"""Everything that an installed service stands on has a licence that a studio can live with."""

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement

ALLOWED = {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0"}
ALLOWED |= {"OFL-1.1", "PSF-2.0", "Zlib"}
"""By SPDX. None asks that what stands on it be given away; MPL-2.0 asks it for its own files alone, OFL-1.1 for a font
alone and for nothing that is set in it."""

AS_WRITTEN_OTHERWISE = {
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License": "ISC",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
LOOKED_AT = {
    "auteur": "itself",
    "pi-heif": "BSD-3-Clause over libheif and libde265, LGPL-3.0, linked dynamically; the extra heif only",
    "taskiq-dependencies": "says nothing in its metadata; MIT in the file that it brings",
}
"""What the metadata does not tell, or tells of more than was to be allowed."""

EXTRAS = ("cjk", "cog", "comfyui", "gl", "heif", "mcp", "oidc", "s3")
"""All but diffusers, whose torch is not installed to be looked at."""
_APPROVED = "License :: OSI Approved"
_CLASSIFIER = f"{_APPROVED} :: "


def name_of(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text).lower()


def all_below(name: str, extras: tuple[str, ...], seen: set[tuple[str, tuple[str, ...]]]) -> Iterator[Distribution]:
    """What is installed and needed, as far down as it goes."""
    if (name, extras) in seen:
        return
    seen.add((name, extras))
    try:
        found = distribution(name)
    except PackageNotFoundError:  # of an extra that is not installed here
        return
    yield found
    for line in found.requires or ():
        needed = Requirement(line)
        if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield from all_below(name_of(needed.name), tuple(sorted(needed.extras)), seen)


def licences_of(found: Distribution) -> set[str]:
    """By SPDX, of an expression each part; as they are written where that is no SPDX."""
    told = found.metadata.get("License-Expression")
    if told:
        return set(re.split(r"\s+(?:AND|OR)\s+", told.replace("(", "").replace(")", "")))
    classifiers = {
        line.removeprefix(_CLASSIFIER)
        for line in found.metadata.get_all("Classifier") or ()
        if line.startswith("License ::") and line != _APPROVED  # which names none
    }
    named = classifiers or {(found.metadata.get("License") or "").strip().partition("\n")[0]}
    return {AS_WRITTEN_OTHERWISE.get(name, name) for name in named}


def test_every_licence_is_one_that_is_allowed() -> None:
    found = {name_of(part.name): licences_of(part) for part in all_below("auteur", EXTRAS, set())}
    assert len(found) > 40
    assert {"pyjwt", "cryptography", "av", "redis", "mcp", "sse-starlette"} <= found.keys()
    strange = {name: sorted(licences - ALLOWED) for name, licences in found.items() if licences - ALLOWED}
    assert {name: said for name, said in strange.items() if name not in LOOKED_AT} == {}
    assert LOOKED_AT.keys() <= strange.keys(), "what was looked at and needs it no more"


def test_a_licence_that_is_not_allowed_would_be_seen() -> None:
    """Told by a package that is there, in each way that metadata has."""
    for lines in (
        "License-Expression: MIT AND (GPL-3.0-only OR AGPL-3.0-only)",
        "Classifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)",
        "License: GPL",
        "Summary: no licence at all",
    ):
        assert licences_of(Said(lines)) - ALLOWED, lines


class Said(Distribution):
    """A package of which only the metadata is there."""

    def __init__(self, lines: str) -> None:
        self._lines = lines

    def read_text(self, filename: str) -> str | None:
        return f"Metadata-Version: 2.4\nName: x\n{self._lines}\n" if filename == "METADATA" else None

    def locate_file(self, path: object) -> object:  # type: ignore[override]
        raise FileNotFoundError(path)
