"""Which engines are installed: by name, and nothing of them is loaded."""

from importlib.metadata import EntryPoint, entry_points

GROUP = "auteur.engines"
OWN_PACKAGE = "auteur"


def installed() -> list[EntryPoint]:
    """The entry points of all installed packages: the built-in ones first, then by name and package, so that every
    process of a fleet finds the same."""
    return sorted(
        entry_points(group=GROUP),
        key=lambda point: (package_of(point) != OWN_PACKAGE, point.name, package_of(point)),
    )


def engine_names() -> list[str]:
    """Of the engines that are installed, whether they can be used or not."""
    return [point.name for point in installed()]


def package_of(point: EntryPoint) -> str:
    """The name of the package that offers it."""
    return point.dist.name if point.dist is not None else "an unknown package"
