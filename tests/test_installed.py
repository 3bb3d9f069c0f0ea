"""What an installation brings, and what of it is asked for."""

import importlib.metadata
import re
import tomllib
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent
ASKED_FOR_BY_OTHERS = {
    "otio-fcp-adapter": "OpenTimelineIO finds it by its name, fcp_xml",
    "python-multipart": "Starlette parses forms with it",
}
MOST_MB = 325
"""Of the packages, compiled; pip, which makes them all, has 16 more. The service's environment stays below 350 MB."""


def required() -> list[str]:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    return [re.split(r"[\[><=;]", line)[0].strip() for line in project["dependencies"]]


def test_what_is_installed_is_imported() -> None:
    source = "\n".join(path.read_text() for path in (REPOSITORY / "src").rglob("*.py"))
    imported = set(re.findall(r"^\s*(?:import|from)\s+(\w+)", source, re.M))
    imported |= set(re.findall(r"\"(manimgx_fonts)\"", source))  # a folder of fonts
    names = importlib.metadata.packages_distributions()
    by_package: dict[str, set[str]] = {}
    for module, packages in names.items():
        for package in packages:
            by_package.setdefault(package.lower().replace("_", "-"), set()).add(module)
    idle = [name for name in required() if not by_package[name.lower()] & imported]
    assert sorted(idle) == sorted(ASKED_FOR_BY_OTHERS)


def test_the_default_installation_stays_small() -> None:
    locked = re.findall(r"^([\w.-]+)==", (REPOSITORY / "requirements.lock").read_text(), re.M)
    sizes: dict[str, int] = {}
    for name in dict.fromkeys(locked):
        try:
            files = importlib.metadata.distribution(name).files or ()
        except importlib.metadata.PackageNotFoundError:
            continue  # for another system or another Python
        found = [Path(str(file.locate())) for file in files]
        sizes[name] = sum(path.stat().st_size for path in found if path.is_file())
    assert len(sizes) > 40
    assert sum(sizes.values()) < MOST_MB * 1e6, sorted(sizes.items(), key=lambda one: -one[1])[:10]
