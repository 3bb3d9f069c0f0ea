"""Holds a staged shot to its sentence by the segmentation pass: what is named is in the picture, or is said not to be.

Written apart from what stages and tells: it looks at pixels, and at the sentences of ``unmet``.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from auteur.adapters.engines.previs.controls.primary import trace
from auteur.adapters.engines.previs.controls.segmentation import Segments, segment
from auteur.adapters.engines.previs.reading.shot import Shot
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import load
from auteur.adapters.engines.previs.rendering.patterns import fractal_noise
from auteur.adapters.engines.previs.rendering.shading import Shader
from auteur.adapters.engines.previs.rendering.tracing import View
from auteur.adapters.engines.previs.shooting import staged
from auteur.adapters.engines.previs.staging.props import BODILESS, canonical, is_known, kin
from auteur.adapters.engines.previs.staging.stage import Stage
from tests.film.rules import Looked
from tests.film.saying import Saying

PIXELS = 36_000
"""Of the picture that is looked at: 253 by 142 in 16:9."""
FEW = 3
"""Fewer pixels than this are nothing that anybody sees."""
CLEAR = 0.01
"""The share of the frame from which a thing is there for everybody, whatever is said of it."""
ABSENT = ("lies outside the frame", "is hidden", "not in the frame", "too small to be seen", "no room for")
WATER = frozenset({"sea", "pond", "stream"})


@dataclass
class Pictured:
    """A sentence, the shot that was read, how it was staged, and what each pixel shows."""

    saying: Saying
    shot: Shot
    stage: Stage
    segments: Segments

    @functools.cached_property
    def counts(self) -> dict[str, int]:
        """Pixels by the name of a thing."""
        pixels = np.bincount(self.segments.index.ravel(), minlength=len(self.segments.things))
        found: dict[str, int] = {}
        for index, thing in enumerate(self.segments.things):
            for name in {thing.name, thing.kind}:
                found[name] = found.get(name, 0) + int(pixels[index])
        return found

    @property
    def total(self) -> int:
        return int(self.segments.index.size)

    def names(self, noun: str) -> set[str]:
        """By which names the reading has it: itself, its last word, what the vocabulary makes of it."""
        words = noun.split()
        entries = load("en").phrases.get(tuple(noun.lower().replace("-", " ").split()), ())
        return {noun, words[-1], *(entry.value for entry in entries)} & self.read | {noun}

    @functools.cached_property
    def read(self) -> set[str]:
        """The nouns of the reading."""
        held = {what for person in self.shot.people for what in person.holding}
        return {prop.what for prop in self.shot.props} | {person.who for person in self.shot.people} | held

    def pixels(self, noun: str) -> int:
        """Of all things that go by the noun, or by what it is built as."""
        kinds = {kind for name in self.names(noun) for kind in (name, canonical(name) or name)}
        return max(
            (
                sum(
                    count
                    for name, count in self.counts.items()
                    if name == kind or re.fullmatch(rf"{re.escape(kind)} \d+", name)
                )
                for kind in kinds
            ),
            default=0,
        )

    def told(self, noun: str) -> list[str]:
        """What is said of it."""
        names = "|".join(re.escape(name) for name in self.names(noun))
        word = re.compile(rf"(?<!\w)({names})(?!\w)", re.IGNORECASE)
        return [sentence for sentence in self.stage.unmet if word.search(sentence)]

    def is_understood(self, noun: str) -> bool:
        """Whether the reading has it as a thing or a person: what it tells as not understood, and what it takes for
        the place or a move of the camera, is not the stage's."""
        return bool(self.names(noun) & self.read)


def pictured(saying: Saying) -> Pictured:
    """Reads and stages the sentence, and looks at it."""
    shot, made = staged(parameters(saying))
    return Pictured(saying, shot, made, looked_at(made, saying.aspect))


def parameters(saying: Saying, seed: int = 7) -> dict[str, Any]:
    high = round((PIXELS / saying.aspect) ** 0.5)
    return {"prompt": saying.words, "seed": seed, "width_px": round(high * saying.aspect), "height_px": high}


def looked_at(made: Stage, aspect: float) -> Segments:
    """The segmentation pass of it."""
    high = round((PIXELS / aspect) ** 0.5)
    wide = round(high * aspect)
    seen = trace(made.world, made.camera, wide, high)
    return segment(made.world, seen, View(made.camera, wide, high), Shader(made.world, *_noise()))


@functools.cache
def _noise() -> tuple[NDArray[Any], NDArray[Any]]:
    return fractal_noise(7), fractal_noise(8, slope=0.0)


# --- what may be wrong ------------------------------------------------------------------------------------------------


def what_is_named_is_seen_or_told(seen: Pictured) -> Iterator[str]:
    for noun in seen.saying.things + seen.saying.people:
        if _is_bodiless(noun) or not seen.is_understood(noun):
            continue
        if seen.pixels(noun) < FEW and not seen.told(noun):
            yield f"silent: no {noun}"


def what_is_told_is_true(seen: Pictured) -> Iterator[str]:
    for noun in seen.saying.things + seen.saying.people:
        for sentence in seen.told(noun):
            told = any(words in sentence for words in ABSENT) and f"head of {noun}" not in sentence
            if told and sentence.startswith((f"The {noun} ", f"{noun} ")) and seen.pixels(noun) > CLEAR * seen.total:
                yield f"false: {sentence} {seen.pixels(noun) / seen.total:.3f} of the frame"


def big_things_are_not_cut_off(seen: Pictured) -> Iterator[str]:
    size = seen.shot.size or str(seen.stage.assumed.get("size", ""))
    if size not in ("full", "wide", "extreme_wide"):
        return
    view = Looked(seen.shot, seen.stage, seen.saying.aspect)
    for mark in seen.stage.props:
        if mark.name not in seen.saying.things or seen.told(mark.name):
            continue
        x, y, z = mark.at
        c, s = np.cos(mark.heading_rad), np.sin(mark.heading_rad)
        spots = [
            view.at((x + a * w * c + b * d * s, y + k * mark.size_m[1], z + b * d * c - a * w * s))
            for w, d in [(mark.size_m[0], mark.size_m[2])]
            for a in (-0.4, 0.0, 0.4)
            for b in (-0.4, 0.0, 0.4)
            for k in (0.1, 0.5, 0.9)
        ]
        share = np.mean([0 < u < 1 and 0 < v < 1 and depth > 0 for u, v, depth in spots])
        if share < 0.15 and seen.pixels(mark.name) < 0.03 * seen.total:
            yield f"cut: {share:.2f} of the {mark.name}"


def what_has_no_form_is_told(seen: Pictured) -> Iterator[str]:
    for noun in seen.saying.things:
        for name in seen.names(noun):
            if not any(thing.name == name for thing in seen.segments.things) or _is_bodiless(name):
                continue
            traits = [trait for prop in seen.shot.props if prop.what == name for trait in prop.traits]
            known = [canonical(said) for said in (name, *(f"{trait} {name}" for trait in traits))]
            if not any(known) and not any("plain block" in told for told in seen.told(name)):
                yield f"silent: {name} is a plain block"
            whole = next((said for said in (f"{trait} {name}" for trait in traits) if is_known(said)), name)
            if kin(whole) and not any("Drawn as" in told for told in seen.told(name)):
                yield f"silent: {name} is a {kin(name)}"


def water_is_water(seen: Pictured) -> Iterator[str]:
    if not seen.saying.water or not any(word in seen.saying.words for word in (*WATER_WORDS,)):
        return
    wet = sum(seen.counts.get(name, 0) for name in WATER)
    if wet < 0.001 * seen.total and not any("water" in sentence for sentence in seen.stage.unmet):
        yield "silent: no water"
    if wet > 0.03 * seen.total and any("No water" in sentence for sentence in seen.stage.unmet):
        yield "false: there is water"


WATER_WORDS = ("sea", "lake", "river", "ocean", "harbour", "waves", "surf", "foam", "tide", "spray")


def nobody_stands_on_water(seen: Pictured) -> Iterator[str]:
    shore = seen.stage.world.sea_z
    if not seen.saying.ashore or shore is None:
        return
    for mark in seen.stage.people:
        if mark.at[2] < shore and mark.pose != "swim":
            yield f"afloat: {mark.name} stands {shore - mark.at[2]:.1f} m out"


RULES = (
    what_is_named_is_seen_or_told, what_is_told_is_true, big_things_are_not_cut_off, what_has_no_form_is_told,
    water_is_water, nobody_stands_on_water,
)  # fmt: skip


def faults(seen: Pictured) -> list[str]:
    """All in which the picture is not what the sentence and ``unmet`` say."""
    return [told for rule in RULES for told in rule(seen)]


def tally(found: Mapping[int, Pictured]) -> dict[str, float]:
    """Of how many of the named things and people the picture shows something, and of how many it is told that it does
    not; shares of all."""
    shown = named = told = 0
    for seen in found.values():
        for noun in seen.saying.things + seen.saying.people:
            if _is_bodiless(noun) or not seen.is_understood(noun):
                continue
            named += 1
            visible = seen.pixels(noun) >= FEW
            shown += visible
            told += not visible and bool(seen.told(noun))
    return {"named": named, "shown": shown / max(named, 1), "told": told / max(named, 1)}


def _is_bodiless(noun: str) -> bool:
    return noun.lower().replace("-", " ") in BODILESS or noun in BODILESS
