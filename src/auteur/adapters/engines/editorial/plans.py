"""The floor plans of shots, by what their takes say."""

from auteur.adapters.engines.editorial.cut import CutShot
from auteur.adapters.engines.plan import Plan, draw_plan


def plan_of(shot: CutShot, width: int, height: int) -> Plan | None:
    """The plan of a shot, None where its take does not say where its camera was."""
    take = shot.take
    samples = take.camera.samples if take.camera is not None and len(take.camera.samples) > 1 else ()
    path = [list(sample.position_m) for sample in samples]
    return draw_plan(take.understood, width=width, height=height, title=shot.name, path_m=path)
