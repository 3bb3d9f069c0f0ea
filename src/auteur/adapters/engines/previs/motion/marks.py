"""Where on the set that is which the words name: a person's eyes, the middle of a thing."""

import re
from collections.abc import Iterator

import numpy as np

from auteur.adapters.engines.previs.motion.rig import Point
from auteur.adapters.engines.previs.staging.stage import PersonMark, Stage

_ARTICLES = re.compile(r"^(?:the|a|an|his|her|their|its)\s+", re.IGNORECASE)


def find(stage: Stage, words: str | None) -> Point | None:
    """The point of what is named, None where nothing of that name stands on the set."""
    if not words:
        return None
    name = _plain(words)
    for known, point in _named(stage):
        if known == name or known.split(" ")[0] == name or known in name.split(" "):
            return point
    return None


def person(stage: Stage, words: str | None) -> PersonMark | None:
    """The person of that name, None where there is none. Without a name the first who stands there."""
    if not words:
        return stage.people[0] if stage.people else None
    name = _plain(words)
    for mark in stage.people:
        known = _plain(mark.name)
        if known == name or known.split(" ")[0] == name or known in name:
            return mark
    return None


def names_person(stage: Stage, words: str | None) -> bool:
    """Whether a person of that name stands on the set."""
    return bool(words) and person(stage, words) is not None


def eyes(mark: PersonMark) -> Point:
    """Where a person's eyes are: between them if they are known, else below the crown."""
    both = [mark.joints[name] for name in ("left_eye", "right_eye") if name in mark.joints]
    if both:
        return np.asarray(np.mean(np.array(both, float), axis=0))
    return np.array([mark.at[0], mark.at[1] + 0.93 * mark.height_m, mark.at[2]])


def face(stage: Stage) -> Point | None:
    """The eyes of the person in focus; None where nobody is."""
    camera = stage.camera
    ahead = np.array(camera.target, float) - np.array(camera.at, float)
    ahead /= np.linalg.norm(ahead)
    depths = [
        (abs(float((eyes(mark) - np.array(camera.at)) @ ahead) / camera.focus_m - 1), mark) for mark in stage.people
    ]
    off, mark = min(depths, key=lambda one: one[0], default=(1.0, None))
    return eyes(mark) if mark is not None and off < 0.25 else None


def _named(stage: Stage) -> Iterator[tuple[str, Point]]:
    for mark in stage.people:
        yield _plain(mark.name), eyes(mark)
    for prop in stage.props:
        yield _plain(prop.name), np.array([prop.at[0], prop.at[1] + prop.size_m[1] / 2, prop.at[2]])
    for index, thing in enumerate(stage.world.things):
        forms = [form.at for form in stage.world.forms if form.thing == index]
        if forms:
            yield _plain(thing.kind), np.mean(forms, axis=0)


def _plain(words: str) -> str:
    return _ARTICLES.sub("", words.strip()).casefold()
