"""From a task's parameters to a stage: the shot in words and what overrides it, on the project's set, with its cast."""

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from auteur.adapters.engines.previs.reading.asked import asked_shot
from auteur.adapters.engines.previs.reading.lexing import plain_name
from auteur.adapters.engines.previs.reading.sentences import read_shot
from auteur.adapters.engines.previs.reading.shot import CAMERA_HEIGHTS, Person, Shot
from auteur.adapters.engines.previs.reading.vocabulary.vocabulary import load
from auteur.adapters.engines.previs.staging.blocking import merged, stage
from auteur.adapters.engines.previs.staging.sensors import DEFAULT_SENSOR
from auteur.adapters.engines.previs.staging.stage import CastMember, Stage

if TYPE_CHECKING:
    from auteur.adapters.engines.previs.resources import CastParameter, SetParameter

_STAYS = frozenset({"stand", "sit", "lie", "sleep", "kneel", "crouch", "lean", "ride"})
"""Poses that last: who walks in one shot of a scene does not do so in all."""
_SINCE = "Since then:"
_AGE = re.compile(r",\s*\d+\w*$")
_HEADS: Mapping[str, int] = {"two_shot": 2, "over_the_shoulder": 2, "three_shot": 3, "group": 4}
"""How many people the frame of such a shot has."""


def staged(params: Mapping[str, Any], reading: Mapping[str, Any] | None = None) -> tuple[Shot, Stage]:
    """Reads and stages what effective parameters of a previs task ask for: the shot, and how it is set up.

    With a ``set`` place, light and layout are the set's, drawn from its own seed; all of the ``cast`` that is named is
    on it, where they stand whatever the camera sees of them, with a ``blocking`` where that has them. ``reading``: see
    `asked_shot`.
    """
    shot = _with_the_camera(asked_shot(params, reading), params)
    on, cast = _of_the_project(params)
    told, shot = shot, _peopled(shot, cast)
    scene = None
    blocked: list[Shot] = []
    if on is not None or cast:
        background = read_shot(on.words) if on is not None and on.words else Shot()
        shot = _on_the_set(shot, background)
        absent = [member for member in cast if not any(_means(person.who, member) for person in shot.people)]
        if cast and params.get("blocking") is not None:
            blocked = _blocked(params["blocking"], shot, cast, background)
            scene = merged([shot, *reversed(blocked), background])
        else:
            people = tuple(Person(who=member.called or member.name) for member in absent)
            scene = merged([shot, replace(background, people=(*background.people, *people))])
    made = stage(
        shot, params["width_px"] / params["height_px"], params["seed"], scene=scene, blocked=blocked,
        set_seed=_seed_of(on), cast=_members(scene or shot, cast), sensor=params.get("sensor") or DEFAULT_SENSOR,
    )  # fmt: skip
    if told.people != shot.people:
        assumed = {person.who for person in shot.people}
        names = [mark.name for mark in made.people if {mark.name, mark.name.rpartition(" ")[0]} & assumed]
        made = replace(made, assumed={**made.assumed, "people": names})
        shot = replace(shot, people=told.people)
    return shot, made


def _of_the_project(params: Mapping[str, Any]) -> "tuple[SetParameter | None, list[CastParameter]]":
    """The set and the cast that the parameters hold."""
    if not params.get("set") and not params.get("cast"):
        return None, []
    # here, so that a child that needs no models of them does not load what models are made of
    from auteur.adapters.engines.previs.resources import CastParameter, SetParameter

    on = SetParameter.model_validate(params["set"]) if params.get("set") else None
    return on, [CastParameter.model_validate(member) for member in params.get("cast") or ()]


def _with_the_camera(shot: Shot, params: Mapping[str, Any]) -> Shot:
    """Stop and height of the camera as the parameters say, before the words."""
    if (stop := params.get("stop")) is not None:
        shot = replace(shot, stop=float(stop))
    if (height := params.get("camera_height")) is not None:
        shot = replace(shot, camera_height=height if height in CAMERA_HEIGHTS else float(height))
    return shot


def _peopled(shot: Shot, cast: "Sequence[CastParameter]") -> Shot:
    """The shot with as many people as its kind has, where its words name nobody: those of the cast before others. A two
    shot of one has somebody else of the cast as its second."""
    wanted = max((_HEADS.get(kind, 0) for kind in shot.kind), default=0) - shot.head_count
    alone = "two_shot" in shot.kind and shot.head_count == 1
    if wanted <= 0 or "people" in shot.without or any(_is_animal(prop.what) for prop in shot.props):
        return shot
    if shot.people and not alone:
        return shot
    absent = [member for member in cast if not any(_means(person.who, member) for person in shot.people)]
    known = [Person(who=member.called or member.name) for member in absent][:wanted]
    others = [Person(who="person", count=wanted - len(known))] if len(known) < wanted and not shot.people else []
    return replace(shot, people=(*shot.people, *known, *others))


def _means(who: str, member: "CastParameter") -> bool:
    """Whether a shot means this person by that word: the whole name, or one word of it; an article before a name and
    an age behind it are no part of it."""
    known, said = plain_name((member.called or member.name).replace("-", " ")), plain_name(who)
    return bool(said) and (said == known or said in known.split())


def _blocked(words: str, shot: Shot, cast: "Sequence[CastParameter]", background: Shot) -> list[Shot]:
    """Who of the cast has which place in the scene, in the order in which the words name them, and what else the words
    and the set's layout say of that; and who has gone elsewhere since."""
    words, _, since = words.partition(_SINCE)
    names = [member.called or member.name.replace("-", " ") for member in cast]
    told = merged([read_shot(words, names=names), background])
    found = [re.search(rf"(?<!\w){re.escape(_AGE.sub('', name))}(?!\w)", words, re.IGNORECASE) for name in names]
    order = sorted(range(len(cast)), key=lambda index: len(words) if (met := found[index]) is None else met.start())
    people, known = [], set()
    for index in order:
        member, written = cast[index], found[index]
        said = next((person for person in told.people if _means(person.who, member)), None)
        known.add(None if said is None else said.who)
        called = next((person.who for person in shot.people if _means(person.who, member)), None)
        called = called or (said.who if said is not None else written[0] if written is not None else names[index])
        stays = said is not None and said.pose in _STAYS
        said = Person(who=called) if said is None else said
        people.append(
            Person(
                who=called, side=said.side, depth=said.depth, pose=said.pose if stays else None, where=said.where,
                holding=said.holding, wearing=said.wearing, traits=said.traits,
            )
        )  # fmt: skip
    others = (person for person in told.people if person.who not in known)
    scene = Shot(people=(*people, *others), props=told.props, place=shot.place, int_ext=shot.int_ext)
    gone = read_shot(since, names=names) if since.strip() else Shot()
    moved = []
    for index in order:
        said = next((person for person in gone.people if _means(person.who, cast[index])), None)
        who = people[order.index(index)].who
        if said is not None and said.where is not None:
            moved.append(Person(who=who, where=said.where))
        elif said is not None and said.action == "leave":
            moved.append(Person(who=who, action="leave"))
    later = Shot(people=tuple(moved), props=gone.props, place=shot.place, int_ext=shot.int_ext)
    return [scene, later] if moved else [scene]


def _is_animal(what: str) -> bool:
    return any(entry.role == "animal" for entry in load("en").phrases.get(tuple(what.split()), ()))


def _on_the_set(shot: Shot, background: Shot) -> Shot:
    """The place is the set's; whether it is seen from within or outside, hour, weather, season and light are, where the
    shot itself says nothing of them."""
    return replace(
        shot,
        place=background.place or shot.place,
        int_ext=shot.int_ext or background.int_ext,
        time_of_day=shot.time_of_day or background.time_of_day,
        weather=shot.weather or background.weather,
        season=shot.season or background.season,
        light=shot.light or background.light,
    )


def _seed_of(on: "SetParameter | None") -> int | None:
    """The set's own, or one that goes with its name."""
    if on is None:
        return None
    return zlib.crc32(on.name.encode()) if on.seed is None else on.seed


def _members(shot: Shot, cast: "Sequence[CastParameter]") -> list[CastMember]:
    """The cast under the names that the shot calls them by."""
    members: list[CastMember] = []
    for member in cast:
        called = [person.who for person in shot.people if _means(person.who, member)]
        build = " ".join(word for word in (member.build, f"{member.hair} hair" if member.hair else None) if word)
        full = member.called or member.name.replace("-", " ").title()
        known: dict[str, Any] = {"height_m": member.height_m, "build": build or None, "colours": tuple(member.costume)}
        members += [CastMember(name=name, full_name=full, **known) for name in called or [member.called or member.name]]
    return members
