"""Says of a frame what it should have and has not, a sentence each."""

from collections.abc import Mapping, Sequence

from auteur.adapters.engines.previs.rendering.world import Camera
from auteur.adapters.engines.previs.staging import bodies
from auteur.adapters.engines.previs.staging.building import corners
from auteur.adapters.engines.previs.staging.framing import Company
from auteur.adapters.engines.previs.staging.optics import seen
from auteur.adapters.engines.previs.staging.stage import PersonMark
from auteur.adapters.engines.previs.staging.subjects import mean


def outside(camera: Camera, company: Company, aspect: float) -> list[str]:
    """The things that the words name and the frame has not."""
    out = []
    for name in company.wanted:
        mark = company.props[name]
        x, y, z = mean(corners(mark))
        heights = [y + share * mark.size_m[1] for share in (0.0, -0.3, 0.3)]
        spots = seen([(x, height, z) for height in heights], camera, aspect)
        if not any(depth > 0 and -0.02 < u < 1.02 and -0.05 < v < 1.05 for u, v, depth in spots):
            out.append(name)
    return out


def of_people(
    camera: Camera, company: Company, aspect: float, marks: Sequence[PersonMark], sides: Mapping[str, str | None]
) -> list[str]:
    """Who is not in the frame, is hidden, or is on the other side of it than was asked. ``sides``: by name."""
    told = []
    heads = seen([bodies.head(mark) for mark in marks], camera, aspect)
    ways = company.sightlines.between(camera.at, [bodies.head(mark) for mark in marks])
    for mark, (u, v, depth), blockers in zip(marks, heads, ways, strict=True):
        if depth <= 0 or not (0 < u < 1 and 0 < v < 1):
            told.append(f"{mark.name} is not in the frame.")
        before = (blockers & company.solid) - {company.things[mark.name]}
        if before:
            told.append(f"{mark.name} is partly hidden by {' and '.join(company.sightlines.kinds(before))}.")
        side = sides.get(mark.name)
        if (side == "left" and u > 0.5) or (side == "right" and u < 0.5):
            told.append(f"{mark.name} is not on the {side} of the frame.")
    return told
